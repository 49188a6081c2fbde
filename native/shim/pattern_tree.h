// A regular expression as a tree, for pattern_program.cpp to compile.
#pragma once

#include "char_set.h"

#include <cstdint>
#include <vector>

namespace lem {

static const uint32_t UNBOUNDED = UINT32_MAX;

struct pattern_node {
    enum class kind {
        one,       // one character of a set
        sequence,  // all parts in order; with no parts, the empty text
        choice,    // the first part with which the rest of the pattern matches
        repeat,    // the only part, min to max times
        look,      // lookahead: the only part matches (negative: does not match), and is not consumed
        end,       // the end of the text
    };

    kind                      what = kind::sequence;
    char_set                  set;
    std::vector<pattern_node> parts;
    uint32_t                  min      = 0;
    uint32_t                  max      = 0;
    bool                      lazy     = false;
    bool                      negative = false;

    bool matches_empty() const;
};

// Reads the part of ECMAScript that llama.cpp's patterns use: literals, the escapes \d \D \s \S \w \W \f \n \r \t \v and
// of punctuation, sets, groups, lookahead, alternatives, greedy and lazy quantifiers, and $. Groups do not capture. Throws
// std::regex_error for anything else, and for a loop with a body that can match the empty text.
pattern_node parse_pattern(const std::vector<uint32_t> & text);

}  // namespace lem
