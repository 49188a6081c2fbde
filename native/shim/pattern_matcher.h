// Splits texts by regular expressions as std::regex_iterator does, but does not recurse: the backtracking stack is on the
// heap, and a run of equal characters takes one entry.
#pragma once

#include "pattern_program.h"

#include <cstddef>
#include <vector>

namespace lem {

// The text is cut into pieces of the given lengths. Returns the lengths of the matches and of the text between them, piece
// by piece. Throws std::length_error if that takes too much memory or time.
template <typename Char>
std::vector<size_t> split_by_pattern(
        const pattern_program & program, const Char * text, const std::vector<size_t> & lengths);

}  // namespace lem
