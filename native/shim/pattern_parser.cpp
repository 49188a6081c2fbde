#include "pattern_tree.h"

#include <algorithm>
#include <regex>
#include <string>

namespace lem {

namespace {

using kind = pattern_node::kind;

const int      MAX_NESTING = 32;
const uint32_t MAX_COUNT   = 1000;

[[noreturn]] void refuse(std::regex_constants::error_type type) {
    throw std::regex_error(type);
}

char_set digits() {
    return char_set('0', '9');
}

char_set spaces() {
    char_set set('\t', '\r');
    set.add(char_set(' ', ' '));
    return set;
}

char_set word_characters() {
    char_set set = digits();
    set.add(char_set('A', 'Z'));
    set.add(char_set('a', 'z'));
    set.add(char_set('_', '_'));
    return set;
}

bool is_ascii_alnum(uint32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

pattern_node one(char_set set) {
    pattern_node node;
    node.what = kind::one;
    node.set  = std::move(set);
    return node;
}

pattern_node composed(kind what, std::vector<pattern_node> parts) {
    if (parts.size() == 1) {
        return std::move(parts.front());
    }
    pattern_node node;
    node.what  = what;
    node.parts = std::move(parts);
    return node;
}

// Alternatives of one character each are one set.
pattern_node choice(std::vector<pattern_node> parts) {
    const bool all_single =
            std::all_of(parts.begin(), parts.end(), [](const pattern_node & part) { return part.what == kind::one; });
    if (!all_single) {
        return composed(kind::choice, std::move(parts));
    }
    char_set set;
    for (const auto & part : parts) {
        set.add(part.set);
    }
    return one(std::move(set));
}

// A lookahead for one character, followed by one character, is one set: the characters that are in both.
void append(std::vector<pattern_node> & parts, pattern_node next) {
    const bool narrows = next.what == kind::one && !parts.empty() && parts.back().what == kind::look &&
                         !parts.back().negative && parts.back().parts.front().what == kind::one;
    if (narrows) {
        const char_set both = parts.back().parts.front().set.intersection(next.set);
        parts.pop_back();
        parts.push_back(one(both));
    } else {
        parts.push_back(std::move(next));
    }
}

class parser {
public:
    explicit parser(const std::vector<uint32_t> & text) : text(text) {}

    pattern_node parse() {
        pattern_node node = alternatives();
        if (at < text.size()) {
            refuse(std::regex_constants::error_paren);
        }
        return node;
    }

private:
    pattern_node alternatives() {
        if (++nesting > MAX_NESTING) {
            refuse(std::regex_constants::error_complexity);
        }
        std::vector<pattern_node> parts;
        do {
            parts.push_back(sequence());
        } while (take('|'));
        nesting--;
        return choice(std::move(parts));
    }

    pattern_node sequence() {
        std::vector<pattern_node> parts;
        while (at < text.size() && text[at] != '|' && text[at] != ')') {
            append(parts, quantified());
        }
        return composed(kind::sequence, std::move(parts));
    }

    pattern_node quantified() {
        pattern_node node = atom();
        uint32_t     min = 0, max = 0;
        if (!quantifier(min, max)) {
            return node;
        }
        const bool lazy = take('?');
        return repeated(std::move(node), min, max, lazy);
    }

    bool quantifier(uint32_t & min, uint32_t & max) {
        if (take('*')) {
            min = 0, max = UNBOUNDED;
        } else if (take('+')) {
            min = 1, max = UNBOUNDED;
        } else if (take('?')) {
            min = 0, max = 1;
        } else if (take('{')) {
            min = max = count();
            if (take(',')) {
                max = at < text.size() && text[at] == '}' ? UNBOUNDED : count();
            }
            if (!take('}') || min > max) {
                refuse(std::regex_constants::error_badbrace);
            }
        } else {
            return false;
        }
        return true;
    }

    static pattern_node repeated(pattern_node body, uint32_t min, uint32_t max, bool lazy) {
        if (body.what == kind::look || body.what == kind::end) {
            refuse(std::regex_constants::error_badrepeat);
        }
        if (body.matches_empty() && max > 1) {
            refuse(std::regex_constants::error_complexity);
        }
        if (min == 1 && max == 1) {
            return body;
        }
        pattern_node node;
        node.what = kind::repeat;
        node.min  = min;
        node.max  = max;
        node.lazy = lazy;
        node.parts.push_back(std::move(body));
        return node;
    }

    uint32_t count() {
        uint32_t   value = 0;
        const auto first = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9' && value <= MAX_COUNT) {
            value = value * 10 + (text[at++] - '0');
        }
        if (at == first || value > MAX_COUNT) {
            refuse(std::regex_constants::error_badbrace);
        }
        return value;
    }

    pattern_node atom() {
        const uint32_t c = text[at++];
        switch (c) {
            case '(': return group();
            case '[': return one(set());
            case '\\': return one(escape());
            case '$': {
                pattern_node node;
                node.what = kind::end;
                return node;
            }
            case '.': {
                char_set ends('\n', '\n');
                ends.add(char_set('\r', '\r'));
                return one(ends.complement());
            }
            case '*': case '+': case '?': case '{': refuse(std::regex_constants::error_badrepeat);
            case '^': case ']': case '}': refuse(std::regex_constants::error_complexity);
            default: return one(char_set(c, c));
        }
    }

    pattern_node group() {
        bool look = false, negative = false;
        if (take('?')) {
            negative = at < text.size() && text[at] == '!';
            look     = negative || (at < text.size() && text[at] == '=');
            if (!look && !(at < text.size() && text[at] == ':')) {
                refuse(std::regex_constants::error_paren);
            }
            at++;
        }
        pattern_node body = alternatives();
        if (!take(')')) {
            refuse(std::regex_constants::error_paren);
        }
        if (!look) {
            return body;
        }
        pattern_node node;
        node.what     = kind::look;
        node.negative = negative;
        node.parts.push_back(std::move(body));
        return node;
    }

    // After the backslash.
    char_set escape() {
        if (at == text.size()) {
            refuse(std::regex_constants::error_escape);
        }
        const uint32_t c = text[at++];
        switch (c) {
            case 'd': return digits();
            case 'D': return digits().complement();
            case 's': return spaces();
            case 'S': return spaces().complement();
            case 'w': return word_characters();
            case 'W': return word_characters().complement();
            case 'f': return char_set('\f', '\f');
            case 'n': return char_set('\n', '\n');
            case 'r': return char_set('\r', '\r');
            case 't': return char_set('\t', '\t');
            case 'v': return char_set('\v', '\v');
            default: break;
        }
        if (c >= 128 || is_ascii_alnum(c)) {
            refuse(std::regex_constants::error_escape);
        }
        return char_set(c, c);
    }

    // After the opening bracket.
    char_set set() {
        const bool negative = take('^');
        char_set   result;
        while (!take(']')) {
            result.add(range());
        }
        return negative ? result.complement() : result;
    }

    char_set range() {
        const char_set first = member();
        const bool     dash  = at + 1 < text.size() && text[at] == '-' && text[at + 1] != ']';
        if (!dash) {
            return first;
        }
        at++;
        const char_set last = member();
        if (!single(first) || !single(last) || first.ranges[0].first > last.ranges[0].first) {
            refuse(std::regex_constants::error_range);
        }
        return char_set(first.ranges[0].first, last.ranges[0].first);
    }

    char_set member() {
        if (at == text.size()) {
            refuse(std::regex_constants::error_brack);
        }
        const uint32_t c = text[at++];
        if (c == '\\') {
            return escape();
        }
        const bool named = c == '[' && at < text.size() && (text[at] == ':' || text[at] == '.' || text[at] == '=');
        if (named) {
            refuse(std::regex_constants::error_ctype);
        }
        return char_set(c, c);
    }

    static bool single(const char_set & set) {
        return set.ranges.size() == 1 && set.ranges[0].first == set.ranges[0].second;
    }

    bool take(char c) {
        const bool there = at < text.size() && text[at] == (uint32_t) c;
        at += there;
        return there;
    }

    const std::vector<uint32_t> & text;
    size_t                        at      = 0;
    int                           nesting = 0;
};

}  // namespace

bool pattern_node::matches_empty() const {
    const auto empty = [](const pattern_node & part) { return part.matches_empty(); };
    switch (what) {
        case kind::one: return false;
        case kind::sequence: return std::all_of(parts.begin(), parts.end(), empty);
        case kind::choice: return std::any_of(parts.begin(), parts.end(), empty);
        case kind::repeat: return min == 0 || parts.front().matches_empty();
        default: return true;
    }
}

pattern_node parse_pattern(const std::vector<uint32_t> & text) {
    return parser(text).parse();
}

}  // namespace lem
