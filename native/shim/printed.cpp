// Part of the llama library, where llama-grammar.cpp is; the shim sets the text that takes what is printed.
#include "printed_capture.h"

#include <cstdarg>

static thread_local std::string * captured;

void lem_capture_printed(std::string * text) {
    captured = text;
}

int lem_printed(FILE * unused, const char * format, ...) {
    (void) unused;
    char    text[2048];
    va_list arguments;
    va_start(arguments, format);
    const int length = std::vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (captured != nullptr) {
        *captured += text;
    }
    return length;
}
