// Splits texts by regular expressions as std::regex_iterator does, without a call a character: the stack of what may still
// be tried lies on the heap and has one entry for a whole run of characters.
#pragma once

#include "pattern_program.h"

#include <cstddef>
#include <vector>

namespace lem {

// The lengths of the matches, and of what lies between them, in each of the pieces of the text that the given lengths say.
// Throws std::length_error where a text would take too much memory or time.
template <typename Char>
std::vector<size_t> split_by_pattern(
        const pattern_program & program, const Char * text, const std::vector<size_t> & lengths);

}  // namespace lem
