// Included before the converter, which prints its warnings: a library has a log for that.
#pragma once

#include <cstdio>

extern "C" int lem_log_warning(FILE * unused, const char * format, ...);

#define fprintf lem_log_warning
