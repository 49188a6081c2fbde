// The destination of the text that printed.h captures.
#pragma once

#include "printed.h"

#undef fprintf

#include <string>

// What is printed on this thread from now on is appended to the text, or dropped if that is null.
LEM_PRINTED_API void lem_capture_printed(std::string * text);
