#include "grammar_check.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

// llama.cpp expands a grammar into rules of characters and rule references, looks for left recursion by walking every
// way in which a rule can begin, and then keeps one stack for each possible continuation. All of this is unbounded:
// `{5,2}` never ends, a literal of 100 kB repeated 2000 times takes gigabytes, and thirty rules that begin with the
// next one twice take 2^30 steps. So the same expansion is done here first, with limits.

namespace lem {

static const size_t   MAX_BYTES    = 1024 * 1024;
static const int      MAX_NESTING  = 256;
static const size_t   MAX_ELEMENTS = 2 * 1000 * 1000;
static const uint64_t MAX_REPEATS  = 2000; // llama.cpp's own limit
static const uint64_t MAX_STEPS    = 20 * 1000 * 1000;
static const uint64_t MAX_CHOICES  = 20000;
static const uint64_t MAX_DEPTH    = 20000;

namespace {

// A character, or the index of a rule.
using element = int32_t;
const element CHARACTER = -1;

using sequence = std::vector<element>;

struct rule {
    std::string           name;
    bool                  defined = false;
    std::vector<sequence> alternatives;
};

class expansion {
    const char *                             text;
    const char *                             pos;
    size_t                                   n_elements = 0;
    std::unordered_map<std::string, element> ids;

public:
    std::vector<rule> rules;

    explicit expansion(const char * gbnf) : text(gbnf), pos(gbnf) {}

    void run() {
        skip_space(true);
        while (*pos) {
            parse_rule();
        }
        for (const rule & each : rules) {
            if (!each.defined) {
                throw std::invalid_argument("the rule " + each.name + " is used and not defined");
            }
        }
    }

    bool has_rule(const std::string & name) const {
        return ids.count(name) != 0;
    }

private:
    [[noreturn]] void fail(const std::string & message) const {
        const auto line = 1 + std::count(text, pos, '\n');
        throw std::invalid_argument("line " + std::to_string(line) + ": " + message);
    }

    void count(size_t n) {
        n_elements += n;
        if (n_elements > MAX_ELEMENTS) {
            fail("the grammar grows past " + std::to_string(MAX_ELEMENTS) + " characters and references here");
        }
    }

    static bool is_word(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }

    static bool is_digit(char c) {
        return c >= '0' && c <= '9';
    }

    void skip_space(bool newlines) {
        while (*pos == ' ' || *pos == '\t' || *pos == '#' || (newlines && (*pos == '\r' || *pos == '\n'))) {
            if (*pos == '#') {
                while (*pos && *pos != '\r' && *pos != '\n') {
                    pos++;
                }
            } else {
                pos++;
            }
        }
    }

    std::string parse_name() {
        const char * begin = pos;
        while (is_word(*pos)) {
            pos++;
        }
        if (pos == begin) {
            fail("a rule name is expected");
        }
        return std::string(begin, pos);
    }

    element id_of(const std::string & name) {
        const auto found = ids.emplace(name, (element) rules.size());
        if (found.second) {
            count(1);
            rules.push_back({});
            rules.back().name = name;
        }
        return found.first->second;
    }

    element new_rule(const std::string & base) {
        count(1);
        rules.push_back({});
        rules.back().name = base;
        return (element) rules.size() - 1;
    }

    void define(element id, std::vector<sequence> alternatives) {
        rules[id].alternatives = std::move(alternatives);
        rules[id].defined      = true;
    }

    void parse_rule() {
        const std::string name = parse_name();
        const element     id   = id_of(name);
        skip_space(false);
        if (!(pos[0] == ':' && pos[1] == ':' && pos[2] == '=')) {
            fail("::= is expected after the rule name " + name);
        }
        pos += 3;
        skip_space(true);
        define(id, parse_alternatives(name, 0));
        if (*pos && *pos != '\r' && *pos != '\n') {
            fail(std::string("the rule ") + name + " cannot continue with '" + *pos + "'");
        }
        skip_space(true);
    }

    std::vector<sequence> parse_alternatives(const std::string & name, int nesting) {
        std::vector<sequence> alternatives { parse_sequence(name, nesting) };
        while (*pos == '|') {
            pos++;
            skip_space(true);
            count(1);
            alternatives.push_back(parse_sequence(name, nesting));
        }
        return alternatives;
    }

    sequence parse_sequence(const std::string & name, int nesting) {
        sequence elements;
        size_t   last = 0;
        while (*pos) {
            if (*pos == '*' || *pos == '+' || *pos == '?' || *pos == '{') {
                repeat(name, elements, last, nesting);
                continue;
            }
            const size_t begin = elements.size();
            if (!parse_symbol(name, elements, nesting)) {
                break;
            }
            last = begin;
            skip_space(nesting > 0);
        }
        return elements;
    }

    // Appends what one symbol stands for; false at the end of the sequence.
    bool parse_symbol(const std::string & name, sequence & elements, int nesting) {
        if (*pos == '"') {
            parse_until('"', elements);
        } else if (*pos == '[') {
            parse_until(']', elements);
        } else if (*pos == '<' || *pos == '!') {
            parse_until('>', elements);
        } else if (is_word(*pos)) {
            elements.push_back(id_of(parse_name()));
            count(1);
        } else if (*pos == '(') {
            elements.push_back(parse_group(name, nesting));
            count(1);
        } else if (*pos == '.') {
            pos++;
            elements.push_back(CHARACTER);
            count(1);
        } else {
            return false;
        }
        return true;
    }

    element parse_group(const std::string & name, int nesting) {
        if (nesting == MAX_NESTING) {
            fail("groups are nested deeper than " + std::to_string(MAX_NESTING));
        }
        pos++;
        skip_space(true);
        const element id = new_rule(name);
        define(id, parse_alternatives(name, nesting + 1));
        if (*pos != ')') {
            fail("a closing ) is expected");
        }
        pos++;
        return id;
    }

    // Each byte counts as a character: at least as many as llama.cpp makes of them.
    void parse_until(char end, sequence & elements) {
        for (pos++; *pos != end; pos++) {
            if (*pos == '\\' && pos[1]) {
                pos++;
            }
            if (!*pos) {
                fail(std::string("a closing ") + end + " is expected");
            }
            elements.push_back(CHARACTER);
            count(1);
        }
        pos++;
    }

    uint64_t parse_number() {
        if (!is_digit(*pos)) {
            fail("a number of repetitions is expected");
        }
        uint64_t value = 0;
        for (; is_digit(*pos); pos++) {
            value = std::min<uint64_t>(value * 10 + (uint64_t) (*pos - '0'), MAX_REPEATS + 1);
        }
        return value;
    }

    // Parses a repetition and applies it to the elements from last on, as llama.cpp rewrites it: x{2,4} becomes
    // x x r1, where r1 is "x r2 |" and r2 is "x |".
    void repeat(const std::string & name, sequence & elements, size_t last, int nesting) {
        if (last == elements.size()) {
            fail("there is nothing to repeat");
        }
        uint64_t least = 0;
        uint64_t most  = 0;
        bool     open  = false;
        parse_bounds(nesting, least, most, open);
        if (least > MAX_REPEATS) {
            fail("a repetition of more than " + std::to_string(MAX_REPEATS));
        }
        if (most > MAX_REPEATS) {
            open = true;
        }
        if (!open && most < least) {
            fail("a repetition of at least " + std::to_string(least) + " and at most " + std::to_string(most));
        }
        apply_bounds(name, elements, last, least, open ? 1 : most - least, open);
    }

    void parse_bounds(int nesting, uint64_t & least, uint64_t & most, bool & open) {
        const char kind = *pos++;
        skip_space(nesting > 0);
        if (kind != '{') {
            least = kind == '+' ? 1 : 0;
            most  = 1;
            open  = kind != '?';
            return;
        }
        least = most = parse_number();
        skip_space(nesting > 0);
        if (*pos == ',') {
            pos++;
            skip_space(nesting > 0);
            open = !is_digit(*pos);
            most = open ? 0 : parse_number();
            skip_space(nesting > 0);
        }
        if (*pos != '}') {
            fail("a closing } is expected");
        }
        pos++;
        skip_space(nesting > 0);
    }

    void apply_bounds(
            const std::string & name, sequence & elements, size_t last, uint64_t least, uint64_t optional, bool open) {
        const sequence repeated(elements.begin() + (ptrdiff_t) last, elements.end());
        count(repeated.size() * (least + optional));
        elements.resize(last);
        for (uint64_t i = 0; i < least; i++) {
            elements.insert(elements.end(), repeated.begin(), repeated.end());
        }
        element previous = CHARACTER;
        for (uint64_t i = 0; i < optional; i++) {
            const element id = new_rule(name);
            sequence      first(repeated);
            if (open || i > 0) {
                first.push_back(open ? id : previous);
            }
            define(id, { first, {} });
            previous = id;
        }
        if (optional > 0) {
            elements.push_back(previous);
        }
    }
};

// How rules can begin.
class beginnings {
    const std::vector<rule> &         rules;
    std::vector<bool>                 nullable;
    std::vector<std::vector<element>> first_rules; // the rules that a rule can begin with, repeated as often as it does
    std::vector<uint64_t>             own_choices; // the beginnings with a character, and the empty one

public:
    explicit beginnings(const std::vector<rule> & rules) :
        rules(rules), nullable(rules.size()), first_rules(rules.size()), own_choices(rules.size()) {}

    void check() {
        find_nullable();
        find_first();
        count_ways();
    }

private:
    // A rule is nullable when one alternative has only nullable rules.
    void find_nullable() {
        struct open_sequence {
            element rule;
            size_t  missing;
        };
        std::vector<open_sequence>       open;
        std::vector<std::vector<size_t>> users(rules.size());
        std::vector<element>             todo;
        for (size_t r = 0; r < rules.size(); r++) {
            for (const sequence & alternative : rules[r].alternatives) {
                if (std::find(alternative.begin(), alternative.end(), CHARACTER) != alternative.end()) {
                    continue;
                }
                for (element e : alternative) {
                    users[e].push_back(open.size());
                }
                open.push_back({ (element) r, alternative.size() });
                if (alternative.empty()) {
                    mark(todo, (element) r);
                }
            }
        }
        while (!todo.empty()) {
            const element found = todo.back();
            todo.pop_back();
            for (size_t user : users[found]) {
                if (--open[user].missing == 0) {
                    mark(todo, open[user].rule);
                }
            }
        }
    }

    void mark(std::vector<element> & todo, element rule) {
        if (!nullable[rule]) {
            nullable[rule] = true;
            todo.push_back(rule);
        }
    }

    void find_first() {
        for (size_t r = 0; r < rules.size(); r++) {
            own_choices[r] = nullable[r] ? 1 : 0;
            for (const sequence & alternative : rules[r].alternatives) {
                for (element e : alternative) {
                    if (e == CHARACTER) {
                        own_choices[r]++;
                        break;
                    }
                    first_rules[r].push_back(e);
                    if (!nullable[e]) {
                        break;
                    }
                }
            }
        }
    }

    // Visits each rule after those that it can begin with, without recursion; meeting a rule on the way to itself is
    // left recursion.
    void count_ways() {
        enum : char { NEW, OPEN, DONE };
        std::vector<char>     state(rules.size(), NEW);
        std::vector<size_t>   next(rules.size(), 0);
        std::vector<uint64_t> steps(rules.size(), 0);
        std::vector<uint64_t> choices(rules.size(), 0);
        std::vector<uint64_t> depth(rules.size(), 1);
        uint64_t              all_steps = 0;
        for (size_t root = 0; root < rules.size(); root++) {
            std::vector<element> path;
            if (state[root] == NEW) {
                path.push_back((element) root);
                state[root] = OPEN;
            }
            while (!path.empty()) {
                const element r = path.back();
                if (next[r] < first_rules[r].size()) {
                    const element child = first_rules[r][next[r]++];
                    if (state[child] == OPEN) {
                        throw std::invalid_argument("the rule " + rules[child].name + " begins with itself");
                    }
                    if (state[child] == NEW) {
                        state[child] = OPEN;
                        path.push_back(child);
                    }
                    continue;
                }
                path.pop_back();
                state[r]   = DONE;
                steps[r]   = 1;
                choices[r] = own_choices[r];
                for (element child : first_rules[r]) {
                    steps[r] += steps[child];
                    choices[r] += choices[child];
                    depth[r] = std::max(depth[r], depth[child] + 1);
                }
                all_steps += steps[r];
                if (choices[r] > MAX_CHOICES || all_steps > MAX_STEPS || depth[r] > MAX_DEPTH) {
                    throw std::invalid_argument(
                            "the rule " + rules[r].name + " can begin in too many ways, more than " +
                            std::to_string(MAX_CHOICES));
                }
            }
        }
    }
};

}  // namespace

void check_grammar(const std::string & gbnf, const std::string & root) {
    if (gbnf.size() > MAX_BYTES) {
        throw std::invalid_argument("the grammar is longer than " + std::to_string(MAX_BYTES) + " bytes");
    }
    expansion grammar(gbnf.c_str());
    grammar.run();
    if (!grammar.has_rule(root)) {
        throw std::invalid_argument("the grammar has no rule named " + root);
    }
    beginnings(grammar.rules).check();
}

}  // namespace lem
