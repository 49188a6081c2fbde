// llama-grammar.cpp prints what it objects to, to standard error. This header is included before it and takes what it
// prints, because a library has messages for that.
#pragma once

#include <cstdio>

#if !defined(_WIN32)
#    define LEM_PRINTED_API __attribute__((visibility("default")))
#elif defined(LLAMA_BUILD)
#    define LEM_PRINTED_API __declspec(dllexport)
#else
#    define LEM_PRINTED_API __declspec(dllimport)
#endif

extern "C" LEM_PRINTED_API int lem_printed(FILE * unused, const char * format, ...);

#define fprintf lem_printed
