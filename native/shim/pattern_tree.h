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
        sequence,  // its parts one after another; no parts match the empty text
        choice,    // the first of its parts with which the rest matches
        repeat,    // its only part, min to max times
        look,      // its only part follows (or does not), and is not consumed
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

// Reads what the patterns of llama.cpp are written in, a part of ECMAScript: literals, the escapes \d \D \s \S \w \W
// \f \n \r \t \v and of punctuation, sets, groups, lookahead, alternatives, greedy and lazy quantifiers, and $. There are
// no captures: a group only groups. Throws std::regex_error for anything else, and for a loop over nothing.
pattern_node parse_pattern(const std::vector<uint32_t> & text);

}  // namespace lem
