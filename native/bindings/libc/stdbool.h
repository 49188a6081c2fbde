// Stand-in for the generator only, see ../bindings.h.
#pragma once
#define bool _Bool
#define true 1
#define false 0
