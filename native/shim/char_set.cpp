#include "char_set.h"

#include <algorithm>

namespace lem {

static const uint32_t LAST = UINT32_MAX;

char_set::char_set(uint32_t first, uint32_t last) : ranges { { first, last } } {}

char_set char_set::everything() {
    return char_set(0, LAST);
}

void char_set::add(const char_set & other) {
    ranges.insert(ranges.end(), other.ranges.begin(), other.ranges.end());
    std::sort(ranges.begin(), ranges.end());
    std::vector<std::pair<uint32_t, uint32_t>> merged;
    for (const auto & range : ranges) {
        if (!merged.empty() && (merged.back().second == LAST || range.first <= merged.back().second + 1)) {
            merged.back().second = std::max(merged.back().second, range.second);
        } else {
            merged.push_back(range);
        }
    }
    ranges = std::move(merged);
}

char_set char_set::complement() const {
    char_set result;
    uint64_t next = 0;
    for (const auto & range : ranges) {
        if (next < range.first) {
            result.ranges.emplace_back((uint32_t) next, range.first - 1);
        }
        next = (uint64_t) range.second + 1;
    }
    if (next <= LAST) {
        result.ranges.emplace_back((uint32_t) next, LAST);
    }
    return result;
}

char_set char_set::intersection(const char_set & other) const {
    char_set outside = complement();
    outside.add(other.complement());
    return outside.complement();
}

char_table::char_table(const char_set & set) {
    for (const auto & range : set.ranges) {
        for (uint32_t c = range.first; c < 256 && c <= range.second; c++) {
            low[c >> 6] |= (uint64_t) 1 << (c & 63);
        }
        if (range.second >= 256) {
            high.emplace_back(std::max<uint32_t>(range.first, 256), range.second);
        }
    }
}

bool char_table::has_high(uint32_t c) const {
    const auto after = std::upper_bound(
            high.begin(), high.end(), c, [](uint32_t value, const auto & range) { return value < range.first; });
    return after != high.begin() && c <= std::prev(after)->second;
}

}  // namespace lem
