// Sets of characters: code units of a text, by number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lem {

class char_set {
public:
    char_set() = default;
    char_set(uint32_t first, uint32_t last);

    static char_set everything();

    void     add(const char_set & other);
    char_set complement() const;
    char_set intersection(const char_set & other) const;

    bool empty() const { return ranges.empty(); }
    bool operator==(const char_set & other) const { return ranges == other.ranges; }

    // First and last of each, sorted, with gaps between them.
    std::vector<std::pair<uint32_t, uint32_t>> ranges;
};

// A set in the form in which a character is looked up fast.
class char_table {
public:
    explicit char_table(const char_set & set);

    bool has(unsigned char c) const { return has_low(c); }
    bool has(uint32_t c) const { return c < 256 ? has_low(c) : has_high(c); }

private:
    bool has_low(uint32_t c) const { return low[c >> 6] >> (c & 63) & 1; }
    bool has_high(uint32_t c) const;

    uint64_t                                   low[4] = {};
    std::vector<std::pair<uint32_t, uint32_t>> high;
};

}  // namespace lem
