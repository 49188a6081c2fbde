// What pattern_matcher.cpp remembers: alternatives not tried yet, and results for places in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lem {

static const size_t PATTERN_NOWHERE = SIZE_MAX;

// What to try, or to note, when the current attempt fails.
struct frame {
    enum class kind : uint8_t { fork, tried, loop, look };

    kind     what;
    uint32_t at;   // instruction
    size_t   pos;  // in the text
    size_t   low;  // loop: its first possible end; look: the base before it
};

// Known results of a loop over one set. Whether the rest of a pattern matches at a place does not depend on the text before
// it, so later attempts in the same piece use them too. Without them, each place in a long run would try every end of it.
struct loop_memo {
    size_t piece     = 0;
    size_t run_begin = PATTERN_NOWHERE;  // these characters are of the set, the next is not
    size_t run_end   = 0;
    size_t fail_low  = PATTERN_NOWHERE;  // the rest fails where the loop ends at one of these places
    size_t fail_high = 0;

    bool fails_at(size_t place) const { return fail_low <= place && place <= fail_high; }

    void add_failure(size_t place) {
        if (fail_low != PATTERN_NOWHERE && place + 1 == fail_low) {
            fail_low = place;
        } else if (fail_low != PATTERN_NOWHERE && place == fail_high + 1) {
            fail_high = place;
        } else if (!fails_at(place)) {
            fail_low = fail_high = place;
        }
    }
};

class place_set {
public:
    bool has(size_t place) const { return !words.empty() && (words[place / 64] >> (place % 64) & 1) != 0; }

    void add(size_t place, size_t n_places) {
        if (words.empty()) {
            words.assign(n_places / 64 + 1, 0);
        }
        words[place / 64] |= (uint64_t) 1 << (place % 64);
    }

    void remove(size_t place) {
        if (!words.empty()) {
            words[place / 64] &= ~((uint64_t) 1 << (place % 64));
        }
    }

private:
    std::vector<uint64_t> words;
};

}  // namespace lem
