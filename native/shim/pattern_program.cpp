#include "pattern_program.h"

#include "pattern_tree.h"

#include <algorithm>
#include <regex>
#include <string>

namespace lem {

namespace {

using kind = pattern_node::kind;
using op   = instruction::op;

const size_t MAX_INSTRUCTIONS = 10000;

class compiler {
public:
    pattern_program compile(const pattern_node & tree) {
        write(tree);
        emit(op::done);
        shorten_jumps();
        find_beginnings();
        return std::move(program);
    }

private:
    void write(const pattern_node & node) {
        switch (node.what) {
            case kind::one: emit(op::one).set = table(node.set); break;
            case kind::sequence:
                for (const auto & part : node.parts) {
                    write(part);
                }
                break;
            case kind::choice: write_choice(node); break;
            case kind::repeat: write_repeat(node); break;
            case kind::look: write_look(node); break;
            case kind::end: emit(op::end); break;
        }
    }

    void write_choice(const pattern_node & node) {
        std::vector<uint32_t> ends;
        for (size_t i = 0; i + 1 < node.parts.size(); i++) {
            const uint32_t fork = here();
            emit(op::fork).first = fork + 1;
            write(node.parts[i]);
            ends.push_back(here());
            emit(op::jump);
            program.code[fork].second = here();
        }
        write(node.parts.back());
        for (const uint32_t end : ends) {
            program.code[end].first = here();
        }
    }

    void write_repeat(const pattern_node & node) {
        const pattern_node & body = node.parts.front();
        if (body.what == kind::one && !node.lazy) {
            instruction & loop = emit(op::loop);
            loop.set           = table(body.set);
            loop.min           = node.min;
            loop.max           = node.max;
            loop.memo          = ++program.loops;
            return;
        }
        for (uint32_t i = 0; i < node.min; i++) {
            write(body);
        }
        if (node.max == UNBOUNDED) {
            write_loop(body, node.lazy);
        } else {
            write_optional(body, node.max - node.min, node.lazy);
        }
    }

    void write_loop(const pattern_node & body, bool lazy) {
        const uint32_t fork = here();
        emit(op::fork).memo = ++program.forks;
        write(body);
        emit(op::jump).first = fork;
        set_targets(fork, lazy);
    }

    void write_optional(const pattern_node & body, uint32_t times, bool lazy) {
        std::vector<uint32_t> forks;
        for (uint32_t i = 0; i < times; i++) {
            forks.push_back(here());
            emit(op::fork);
            write(body);
        }
        for (const uint32_t fork : forks) {
            set_targets(fork, lazy);
        }
    }

    // The body of a fork begins at the next instruction; the code after the body begins here.
    void set_targets(uint32_t fork, bool lazy) {
        program.code[fork].first  = lazy ? here() : fork + 1;
        program.code[fork].second = lazy ? fork + 1 : here();
    }

    void write_look(const pattern_node & node) {
        const pattern_node & body = node.parts.front();
        if (body.what == kind::one) {
            instruction & is = emit(op::is);
            is.set           = table(body.set);
            is.negative      = node.negative;
            return;
        }
        const uint32_t look     = here();
        const bool     outer    = looking;
        emit(op::look).negative = node.negative;
        looking                 = true;
        write(body);
        looking                   = outer;
        program.code[look].second = here();
        emit(op::seen);
        program.code[look].first = here();
    }

    instruction & emit(op code) {
        if (program.code.size() == MAX_INSTRUCTIONS) {
            throw std::regex_error(std::regex_constants::error_space);
        }
        instruction next {};
        next.code    = code;
        next.looking = looking;
        program.code.push_back(next);
        return program.code.back();
    }

    uint32_t here() const { return (uint32_t) program.code.size(); }

    uint32_t table(const char_set & set) {
        const auto known = std::find(sets.begin(), sets.end(), set);
        if (known != sets.end()) {
            return (uint32_t) (known - sets.begin());
        }
        sets.push_back(set);
        program.tables.emplace_back(set);
        return (uint32_t) sets.size() - 1;
    }

    void shorten_jumps() {
        for (auto & step : program.code) {
            step.first  = landing(step.first);
            step.second = landing(step.second);
            if (step.code == op::fork) {
                const op second = program.code[step.second].code;
                step.certain    = second == op::done || second == op::seen;
            }
        }
        for (auto & step : program.code) {
            if (step.code == op::jump && program.code[step.first].code == op::done) {
                step = program.code[step.first];
            }
        }
    }

    uint32_t landing(uint32_t target) const {
        while (program.code[target].code == op::jump) {
            target = program.code[target].first;
        }
        return target;
    }

    // --- beginnings

    struct start {
        char_set set;
        bool     at_end = false;

        bool operator==(const start & other) const { return set == other.set && at_end == other.at_end; }
    };

    // Needs the results of later instructions, and in a loop of earlier ones; so it repeats until nothing changes.
    void find_beginnings() {
        starts.assign(program.code.size(), {});
        bool changed = true;
        while (changed) {
            changed = false;
            for (size_t i = program.code.size(); i-- > 0;) {
                start next = start_of(i);
                changed    = changed || !(next == starts[i]);
                starts[i]  = std::move(next);
            }
        }
        for (size_t i = 0; i < program.code.size(); i++) {
            instruction & step = program.code[i];
            if (step.code == op::fork) {
                step.begins[0] = begins(step.first);
                step.begins[1] = begins(step.second);
            } else if (step.code == op::loop) {
                step.begins[0] = begins((uint32_t) i + 1);
            }
        }
        program.begins = begins(0);
    }

    start start_of(size_t i) const {
        const instruction & step = program.code[i];
        const char_set      set  = step.set < sets.size() ? sets[step.set] : char_set();
        switch (step.code) {
            case op::one: return { set, false };
            case op::loop: return step.min > 0 ? start { set, false } : either({ set, false }, starts[i + 1]);
            case op::is:
                return { starts[i + 1].set.intersection(step.negative ? set.complement() : set),
                         step.negative && starts[i + 1].at_end };
            case op::end: return { {}, starts[i + 1].at_end };
            case op::fork: return either(starts[step.first], starts[step.second]);
            case op::jump:
            case op::look: return starts[step.first];
            default: return { char_set::everything(), true };
        }
    }

    static start either(start one, const start & other) {
        one.set.add(other.set);
        one.at_end = one.at_end || other.at_end;
        return one;
    }

    beginning begins(uint32_t i) { return { table(starts[i].set), starts[i].at_end }; }

    pattern_program       program;
    std::vector<char_set> sets;
    std::vector<start>    starts;
    bool                  looking = false;
};

}  // namespace

pattern_program compile_pattern(const std::vector<uint32_t> & pattern) {
    return compiler().compile(parse_pattern(pattern));
}

}  // namespace lem
