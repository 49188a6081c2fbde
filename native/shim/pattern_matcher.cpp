#include "pattern_matcher.h"

#include "pattern_memory.h"

#include <stdexcept>
#include <string>

namespace lem {

namespace {

using op = instruction::op;

const size_t   MAX_FRAMES        = 8 * 1000 * 1000;
const uint64_t STEPS_PER_CHAR    = 1000;
const uint64_t STEPS_IN_ANY_CASE = 1000 * 1000;

template <typename Char>
class matcher {
public:
    matcher(const pattern_program & program, const Char * text, size_t size)
        : code(program.code.data()), tables(program.tables.data()), begins(program.begins), text(text), size(size),
          steps_left(STEPS_IN_ANY_CASE + STEPS_PER_CHAR * size), loops(program.loops), failed(program.forks),
          succeeded(program.forks) {}

    void split_piece(size_t first, size_t last, std::vector<size_t> & lengths) {
        set_piece(first, last);
        size_t split = first;
        size_t match = first, match_end = first;
        bool   found = search(first, match, match_end);
        while (found) {
            if (match > split) {
                lengths.push_back(match - split);
            }
            lengths.push_back(match_end - match);
            split = match_end;
            found = search_on(match, match_end);
        }
        if (split < last) {
            lengths.push_back(last - split);
        }
    }

private:
    void set_piece(size_t first, size_t last) {
        piece++;
        end = last;
        // The previous piece ended at this place; there a pattern may match what it does not match here.
        for (size_t i = 0; i < failed.size(); i++) {
            failed[i].remove(first);
            succeeded[i].remove(first);
        }
    }

    bool search(size_t from, size_t & match, size_t & match_end) {
        for (match = from; match <= end; match++) {
            count(1);
            if (can_begin(begins, match) && match_at(match, false, match_end)) {
                return true;
            }
        }
        return false;
    }

    // The next match. After an empty match, a match at the same place that is not empty comes first.
    bool search_on(size_t & match, size_t & match_end) {
        if (match < match_end) {
            return search(match_end, match, match_end);
        }
        return match_end < end &&
               (match_at(match_end, true, match_end) || search(match_end + 1, match, match_end));
    }

    bool match_at(size_t start, bool not_empty, size_t & match_end) {
        frames.clear();
        base     = 0;
        at       = 0;
        pos      = start;
        may_note = !not_empty;
        while (true) {
            const instruction & step = code[at];
            if (step.code == op::done && !(not_empty && pos == start)) {
                match_end = pos;
                return true;
            }
            count(1);
            if (!forward(step) && !back()) {
                return false;
            }
        }
    }

    bool forward(const instruction & step) {
        switch (step.code) {
            case op::one:
                if (pos == end || !has(step.set, pos)) {
                    return false;
                }
                pos++;
                break;
            case op::loop: return enter_loop(step);
            case op::is:
                if ((pos < end && has(step.set, pos)) == step.negative) {
                    return false;
                }
                break;
            case op::end:
                if (pos < end) {
                    return false;
                }
                break;
            case op::fork: return choose(step);
            case op::jump: at = step.first; return true;
            case op::look:
                push({ frame::kind::look, at, pos, base });
                base = frames.size();
                break;
            case op::seen: return leave_look();
            case op::done: return false;
        }
        at++;
        return true;
    }

    bool back() {
        while (!frames.empty()) {
            frame &             last = frames.back();
            const instruction & step = code[last.at];
            if (last.what == frame::kind::loop) {
                if (shorten_loop(step, last)) {
                    return true;
                }
            } else if (last.what == frame::kind::fork) {
                pos = last.pos;
                at  = step.second;
                if (step.memo == 0) {
                    frames.pop_back();
                } else {
                    last.what = frame::kind::tried;
                }
                return true;
            } else if (last.what == frame::kind::tried) {
                if (may_note) {
                    failed[step.memo - 1].add(last.pos, size);
                }
                frames.pop_back();
            } else if (look_failed(step, last)) {
                return true;
            }
        }
        return false;
    }

    // --- loops over one set

    bool enter_loop(const instruction & step) {
        loop_memo &  memo = memo_of(step);
        const size_t low  = pos + step.min;
        size_t       high = run_end(step, memo);
        if (high < low || !find_exit(step, memo, low, high)) {
            return false;
        }
        if (code[at + 1].code != op::done || !may_note) {
            push({ frame::kind::loop, at, high, low });
        }
        pos = high;
        at++;
        return true;
    }

    bool shorten_loop(const instruction & step, frame & last) {
        loop_memo & memo = memo_of(step);
        if (may_note) {
            memo.add_failure(last.pos);
        }
        size_t high = last.pos - 1;
        if (last.pos == last.low || !find_exit(step, memo, last.low, high)) {
            frames.pop_back();
            return false;
        }
        last.pos = pos = high;
        at             = last.at + 1;
        return true;
    }

    loop_memo & memo_of(const instruction & step) {
        loop_memo & memo = loops[step.memo - 1];
        if (memo.piece != piece) {
            memo       = {};
            memo.piece = piece;
        }
        return memo;
    }

    size_t run_end(const instruction & step, loop_memo & memo) {
        if (end - pos > step.max) {
            return end_of_run(step.set, pos + step.max, PATTERN_NOWHERE);
        }
        if (memo.run_begin <= pos && pos < memo.run_end) {
            return memo.run_end;
        }
        size_t last = end_of_run(step.set, end, memo.run_begin);
        if (last == memo.run_begin) {
            last = memo.run_end;
        }
        if (last > pos) {
            memo.run_begin = pos;
            memo.run_end   = last;
        }
        return last;
    }

    size_t end_of_run(uint32_t set, size_t limit, size_t stop) {
        size_t last = pos;
        while (last < limit && last != stop && has(set, last)) {
            last++;
        }
        count(last - pos);
        return last;
    }

    // The last place, from high down to low, where the loop can end and the rest of the pattern is not known to fail.
    bool find_exit(const instruction & step, loop_memo & memo, size_t low, size_t & high) {
        while (true) {
            if (memo.fails_at(high)) {
                if (memo.fail_low <= low) {
                    return false;
                }
                high = memo.fail_low - 1;
            }
            if (can_begin(step.begins[0], high)) {
                return true;
            }
            count(1);
            memo.add_failure(high);
            if (high == low) {
                return false;
            }
            high--;
        }
    }

    // --- forks and looks

    bool choose(const instruction & step) {
        if (step.memo != 0) {
            if (failed[step.memo - 1].has(pos)) {
                return false;
            }
            if (step.looking && succeeded[step.memo - 1].has(pos)) {
                return leave_look();
            }
        }
        const bool first  = can_begin(step.begins[0], pos);
        const bool second = can_begin(step.begins[1], pos);
        if (first && second) {
            if (step.certain && may_note) {
                frames.resize(base);
            }
            push({ frame::kind::fork, at, pos, 0 });
        } else if (step.memo != 0 && (first || second)) {
            push({ frame::kind::tried, at, pos, 0 });
        }
        at = first ? step.first : step.second;
        return first || second;
    }

    // The pattern of the look matches. So it will again at each place from which it did now.
    bool leave_look() {
        for (size_t i = base; i < frames.size(); i++) {
            const uint32_t memo = frames[i].what == frame::kind::loop ? 0 : code[frames[i].at].memo;
            if (memo != 0) {
                succeeded[memo - 1].add(frames[i].pos, size);
            }
        }
        const frame         look = frames[base - 1];
        const instruction & step = code[look.at];
        frames.resize(base - 1);
        base = look.low;
        pos  = look.pos;
        at   = step.first;
        return !step.negative;
    }

    // The pattern of the look does not match.
    bool look_failed(const instruction & step, const frame & last) {
        base = last.low;
        pos  = last.pos;
        at   = step.first;
        frames.pop_back();
        return step.negative;
    }

    // ---

    bool has(uint32_t set, size_t place) const {
        if constexpr (sizeof(Char) == 1) {
            return tables[set].has((unsigned char) text[place]);
        } else {
            return tables[set].has((uint32_t) text[place]);
        }
    }

    bool can_begin(const beginning & begin, size_t place) const {
        return place < end ? has(begin.set, place) : begin.at_end;
    }

    void push(const frame & next) {
        if (frames.size() == MAX_FRAMES) {
            refuse("memory");
        }
        frames.push_back(next);
    }

    void count(size_t steps) {
        if (steps_left < steps) {
            refuse("time");
        }
        steps_left -= steps;
    }

    [[noreturn]] void refuse(const char * what) const {
        throw std::length_error("splitting a text of " + std::to_string(size) + " characters takes too much " + what +
                                " with this model's pre-tokenizer; pass it in shorter parts");
    }

    const instruction * code;
    const char_table *  tables;
    const beginning     begins;
    const Char *        text;
    const size_t        size;
    size_t              end   = 0;
    size_t              piece = 0;
    uint64_t            steps_left;

    uint32_t               at       = 0;
    size_t                 pos      = 0;
    size_t                 base     = 0;  // frames from here on belong to the innermost look
    bool                   may_note = true;
    std::vector<frame>     frames;  // the backtracking stack
    std::vector<loop_memo> loops;
    std::vector<place_set> failed;     // by loop: where the loop and the rest of the pattern fail
    std::vector<place_set> succeeded;  // by loop within a look: where the loop and the rest of the look match
};

}  // namespace

template <typename Char>
std::vector<size_t> split_by_pattern(
        const pattern_program & program, const Char * text, const std::vector<size_t> & lengths) {
    size_t size = 0;
    for (const size_t length : lengths) {
        size += length;
    }
    matcher<Char>       matcher(program, text, size);
    std::vector<size_t> result;
    result.reserve(lengths.size());
    size_t first = 0;
    for (const size_t length : lengths) {
        matcher.split_piece(first, first + length, result);
        first += length;
    }
    return result;
}

template std::vector<size_t> split_by_pattern(const pattern_program &, const char *, const std::vector<size_t> &);
template std::vector<size_t> split_by_pattern(const pattern_program &, const wchar_t *, const std::vector<size_t> &);

}  // namespace lem
