// A regular expression as instructions for pattern_matcher.cpp.
#pragma once

#include "char_set.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lem {

// How a match of the rest of the pattern can begin. Comparing the next character avoids most attempts that would fail.
struct beginning {
    uint32_t set;     // index of a table
    bool     at_end;  // whether the rest can match where the text ends
};

struct instruction {
    enum class op : uint8_t {
        one,   // a character of the set
        loop,  // as many characters of the set as there are, min to max, then fewer
        is,    // the next character is of the set, or with negative is not
        end,   // the end of the text
        fork,  // first, or else second
        jump,  // to first
        look,  // the instructions up to second match here, or with negative do not; then first
        seen,  // the end of the instructions of a look
        done,  // the end of the pattern
    };

    op        code;
    bool      negative = false;
    bool      certain  = false;  // fork: second always matches
    bool      looking  = false;  // fork: it is within a look
    uint32_t  set      = 0;
    uint32_t  min      = 0;
    uint32_t  max      = 0;
    uint32_t  first    = 0;
    uint32_t  second   = 0;
    uint32_t  memo     = 0;  // loop, and fork of a loop: its number among those, from 1
    beginning begins[2] = {};  // fork: of first and of second; loop: of the rest
};

struct pattern_program {
    std::vector<instruction> code;
    std::vector<char_table>  tables;
    beginning                begins = {};
    uint32_t                 loops  = 0;  // instructions loop
    uint32_t                 forks  = 0;  // instructions fork that belong to a loop
};

// Throws std::regex_error for a pattern that cannot be read, or that is too large.
pattern_program compile_pattern(const std::vector<uint32_t> & pattern);

}  // namespace lem
