// Stand-in for the generator only, see ../bindings.h.
#pragma once
typedef struct lem_opaque_file FILE;
