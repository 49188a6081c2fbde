// Stand-in for the generator only, see ../bindings.h.
#pragma once
typedef unsigned long long size_t;
typedef long long ptrdiff_t;
#define NULL ((void *) 0)
