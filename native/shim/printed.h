// llama-grammar.cpp prints error messages to standard error. This header is included before it and captures them, because a
// library reports errors in its messages.
#pragma once

#include <cstdio>

// llama.cpp declares what it exports for Microsoft's compiler only. MinGW exports every symbol, unless one of them is declared so.
#if !defined(_WIN32) || defined(__MINGW32__)
#    define LEM_PRINTED_API __attribute__((visibility("default")))
#elif defined(LLAMA_BUILD)
#    define LEM_PRINTED_API __declspec(dllexport)
#else
#    define LEM_PRINTED_API __declspec(dllimport)
#endif

extern "C" LEM_PRINTED_API int lem_printed(FILE * unused, const char * format, ...);

#define fprintf lem_printed
