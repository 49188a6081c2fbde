// Test-only program: compares how this build splits texts with how the unchanged unicode.cpp of llama.cpp does, which uses
// std::regex. It is never packaged.
//
//   split-oracle equal FILE N SEED     the patterns in FILE, a llama-vocab.cpp, on N random texts each
//   split-oracle patterns N SEED       N random patterns on random texts
//   split-oracle runs FILE N           this build alone, with every list of patterns: N equal characters, and random strings
//                                      of a few characters repeated N / 4 times
//   split-oracle speed FILE TEXT       both on one text, in turns
//
// Each prints one JSON object a line; the last has the totals. Exit code 1 if there was a difference.

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <map>
#include <random>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace theirs {
#include "unicode-data.cpp"
#include "unicode.cpp"
}

// This build's, in a file of its own.
std::vector<std::string> unicode_regex_split(
        const std::string & text, const std::vector<std::string> & regex_exprs, bool byte_encode);
#include "pre_tokenizer.h"

using words    = std::vector<std::string>;
using patterns = std::vector<std::string>;
using numbers  = std::mt19937_64;

static std::string quoted(const std::string & text) {
    std::string out = "\"";
    for (const unsigned char c : text) {
        char escape[8];
        if (c == '"' || c == '\\' || c < 0x20) {
            std::snprintf(escape, sizeof(escape), "\\u%04x", c);
            out += escape;
        } else {
            out += (char) c;
        }
    }
    return out + "\"";
}

static std::string read_file(const std::string & path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path);
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

static double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// --- the patterns in a llama-vocab.cpp

// One or more literals of C++ in a line, without what a comment holds.
static patterns literals(const std::string & line) {
    static const std::map<char, char> escapes = { { 'n', '\n' }, { 'r', '\r' }, { 't', '\t' } };
    patterns found;
    for (size_t i = 0; i < line.size(); i++) {
        if (line.compare(i, 2, "//") == 0) {
            break;
        }
        if (line[i] != '"') {
            continue;
        }
        std::string literal;
        for (i++; line.at(i) != '"'; i++) {
            if (line[i] == '\\') {
                i++;
                literal += escapes.count(line.at(i)) != 0 ? escapes.at(line[i]) : line[i];
            } else {
                literal += line[i];
            }
        }
        found.push_back(literal);
    }
    return found;
}

// Each list once, with the first case that has it.
static std::vector<std::pair<std::string, patterns>> pattern_lists(const std::string & path) {
    std::vector<std::pair<std::string, patterns>> lists;
    std::istringstream source(read_file(path));
    std::string        line, name;
    patterns           list;
    bool               inside = false, labelled = false;
    while (std::getline(source, line)) {
        const size_t label = line.find("case LLAMA_VOCAB_PRE_TYPE_");
        if (label != std::string::npos && line.find_first_not_of(' ') == label && !inside) {
            name     = labelled ? name : line.substr(label + 26, line.find(':') - label - 26);
            labelled = true;
        } else if (line.find("default:") != std::string::npos) {
            name = "DEFAULT";
        } else if (line.find("regex_exprs = {") != std::string::npos) {
            inside   = true;
            labelled = false;
        } else if (inside && line.find("};") != std::string::npos) {
            inside = false;
            const bool known = std::any_of(lists.begin(), lists.end(), [&](const auto & l) { return l.second == list; });
            if (!known) {
                lists.emplace_back(name, list);
            }
            list.clear();
        } else if (inside) {
            const patterns more = literals(line);
            list.insert(list.end(), more.begin(), more.end());
        }
    }
    return lists;
}

// --- texts

static const std::vector<std::string> PIECES = {
    "a", "b", "s", "t", "re", "ve", "ll", "d", "Z", "A", "LL", "\u00e9", "\u00c9", "\u00df", "\u6c34", "\u4e00", "\u3042",
    "\uac00", "\u0e01", "0", "7", "12", "345", "\u0663", "\u00b2", " ", "  ", "    ", "\n", "\n\n", "\r", "\r\n", "\t", "\u00a0", "\u3000",
    "\u2028", "\u0085", "'", "'s", "'RE", "=", "-", "_", "/", ".", ",", "!", "?", "(", ")", "[", "]", "{", "}", "|", "\\",
    "^", "`", "~", "$", "+", "<", ">", "#", "\"", "&", "\u2019", "\u2026", "\u3002", "\uff01", "\u060c", "\u20ac", "\u2211",
    "\u0301", "\u093f", "\U0001f600", "\U00020000", "\u200d", "IMGIMG", "IMGIMGABZ", "<sentinel:12>", "<sentinel:",
    "\u2581", "\ufffd", "\u0378",
};

static std::string random_text(numbers & generator) {
    const auto pick = [&](size_t n) { return (size_t) (generator() % n); };
    // Few kinds of pieces give long runs and many repetitions.
    const size_t             n_kinds = pick(2) == 0 ? PIECES.size() : 1 + pick(6);
    std::vector<std::string> kinds;
    for (size_t i = 0; i < n_kinds; i++) {
        kinds.push_back(PIECES[n_kinds == PIECES.size() ? i : pick(PIECES.size())]);
    }
    const size_t n_pieces = 1 + pick(40);
    std::string  text;
    for (size_t i = 0; i < n_pieces; i++) {
        const std::string & piece = kinds[pick(kinds.size())];
        const size_t        times = pick(4) == 0 ? 1 + pick(pick(20) == 0 ? 600 : 12) : 1;
        for (size_t j = 0; j < times; j++) {
            text += piece;
        }
    }
    return text;
}

// --- equal

static int equal(const std::string & path, int n, uint64_t seed) {
    numbers generator(seed);
    int    differences = 0;
    size_t n_words = 0, n_texts = 0;
    const auto lists = pattern_lists(path);
    for (const auto & [name, list] : lists) {
        int differing = 0;
        for (int i = 0; i < n; i++) {
            const std::string text   = random_text(generator);
            const words       theirs = theirs::unicode_regex_split(text, list, false);
            const words       ours   = unicode_regex_split(text, list, false);
            n_texts++;
            n_words += theirs.size();
            if (theirs != ours && differing++ == 0) {
                std::printf("{\"name\":%s,\"text\":%s}\n", quoted(name).c_str(), quoted(text).c_str());
            }
        }
        differences += differing;
        std::printf("{\"name\":%s,\"patterns\":%zu,\"differences\":%d}\n", quoted(name).c_str(), list.size(), differing);
    }
    std::printf("{\"lists\":%zu,\"texts\":%zu,\"words\":%zu,\"differences\":%d}\n", lists.size(), n_texts, n_words, differences);
    return differences == 0 ? 0 : 1;
}

// --- patterns

static std::string random_pattern(numbers & generator, int depth) {
    static const std::vector<std::string> ATOMS = {
        "a", "b", "c", "[ab]", "[^a]", "[a-c]", "\\s", "\\S", "\\d", ".", " ", "[\\s\\d]", "[^\\sa]", "\\w", "\\W", "$",
    };
    static const std::vector<std::string> COUNTS = { "", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "??" };
    const auto pick = [&](const std::vector<std::string> & from) { return from[generator() % from.size()]; };
    const int n_parts = 1 + (int) (generator() % 3);
    std::string pattern;
    for (int i = 0; i < n_parts; i++) {
        const int what = (int) (generator() % (depth > 0 ? 10 : 5));
        if (what < 5) {
            const std::string atom = pick(ATOMS);
            pattern += atom + (atom == "$" ? "" : pick(COUNTS));
        } else if (what < 8) {
            pattern += (what == 5 ? "(?:" : "(") + random_pattern(generator, depth - 1) + ")" + pick(COUNTS);
        } else {
            // After an empty match, libstdc++ searches for one that is not empty and applies this to lookaheads too. No
            // pattern of llama.cpp depends on that, so lookaheads start with a character here.
            const std::string first = generator() % 2 == 0 ? "a" : "\\S";
            pattern += (what == 8 ? "(?=" : "(?!") + first + "(?:" + random_pattern(generator, depth - 1) + "))";
        }
    }
    return generator() % 3 == 0 ? pattern + "|" + random_pattern(generator, depth - 1 > 0 ? depth - 1 : 0) : pattern;
}

static std::string random_letters(numbers & generator) {
    const size_t length = generator() % 24;
    std::string  text;
    for (size_t i = 0; i < length; i++) {
        text += "aaabbc 1\n"[generator() % 9];
    }
    return text;
}

static int random_patterns(int n, uint64_t seed) {
    numbers generator(seed);
    int     compared = 0, refused = 0, too_long = 0, differences = 0;
    for (int i = 0; i < n; i++) {
        const std::string  pattern = random_pattern(generator, 3);
        const std::wstring wide(pattern.begin(), pattern.end());
        for (int j = 0; j < 8; j++) {
            const std::string         text = random_letters(generator);
            const size_t              cut  = text.empty() ? 0 : generator() % text.size();
            const std::vector<size_t> pieces = { cut, text.size() - cut };
            std::vector<size_t>       ours;
            try {
                ours = unicode_regex_split_stl(text, pattern, pieces);
            } catch (const std::regex_error &) {
                refused++;
                break;
            } catch (const std::length_error &) {
                too_long++;
                break;
            }
            const auto ours_wide = unicode_regex_split_stl(std::wstring(text.begin(), text.end()), wide, pieces);
            const auto theirs    = theirs::unicode_regex_split_stl<char>(text, pattern, pieces);
            compared++;
            if (theirs != ours || theirs != ours_wide) {
                differences++;
                std::printf("{\"pattern\":%s,\"text\":%s,\"cut\":%zu}\n", quoted(pattern).c_str(), quoted(text).c_str(), cut);
            }
        }
    }
    std::printf("{\"patterns\":%d,\"refused\":%d,\"too_long\":%d,\"compared\":%d,\"differences\":%d}\n", n, refused,
                too_long, compared, differences);
    return differences == 0 ? 0 : 1;
}

// --- runs and speed

static const std::vector<std::string> KINDS = {
    "a", "Z", "\u6c34", "7", " ", "\n", "\t", "=", "-", "'", "\u0301", "\U0001f600",
};

static double timed(const std::string & name, const patterns & list, const std::string & unit, const std::string & text) {
    const auto   start = std::chrono::steady_clock::now();
    const words  split = unicode_regex_split(text, list, false);
    const double took  = seconds_since(start);
    if (took > 1) {
        std::printf("{\"name\":%s,\"unit\":%s,\"bytes\":%zu,\"words\":%zu,\"seconds\":%.3f}\n", quoted(name).c_str(),
                    quoted(unit).c_str(), text.size(), split.size(), took);
    }
    return took;
}

static std::string repeated(const std::string & unit, size_t n) {
    std::string text;
    for (size_t i = 0; i < n; i++) {
        text += unit;
    }
    return text;
}

static int runs(const std::string & path, size_t n) {
    numbers generator(1);
    double  worst = 0;
    for (const auto & [name, list] : pattern_lists(path)) {
        for (const std::string unit : KINDS) {
            // A run at the end of a text may match where a run before a letter does not.
            for (const std::string end : { "", "x", "\u6c34", "=" }) {
                worst = std::max(worst, timed(name, list, unit, repeated(unit, n) + end));
            }
        }
        for (int i = 0; i < 40; i++) {
            std::string unit;
            for (size_t j = 0; j < 2 + (size_t) i % 4; j++) {
                unit += PIECES[generator() % PIECES.size()];
            }
            worst = std::max(worst, timed(name, list, unit, repeated(unit, n / 4)));
        }
    }
    std::printf("{\"characters\":%zu,\"worst\":%.3f}\n", n, worst);
    return 0;
}

static int speed(const std::string & path, const std::string & text_path) {
    const std::string text = read_file(text_path);
    for (const auto & [name, list] : pattern_lists(path)) {
        double ours = 1e9, others = 1e9;
        for (int i = 0; i < 5; i++) {
            auto start = std::chrono::steady_clock::now();
            unicode_regex_split(text, list, true);
            ours  = std::min(ours, seconds_since(start));
            start = std::chrono::steady_clock::now();
            theirs::unicode_regex_split(text, list, true);
            others = std::min(others, seconds_since(start));
        }
        std::printf("{\"name\":%s,\"ours\":%.4f,\"theirs\":%.4f,\"ratio\":%.3f}\n", quoted(name).c_str(), ours, others, ours / others);
    }
    return 0;
}

int main(int argc, char ** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        const std::string mode = arguments.empty() ? "" : arguments[0];
        if (mode == "equal" && arguments.size() == 4) {
            return equal(arguments[1], std::stoi(arguments[2]), std::stoull(arguments[3]));
        }
        if (mode == "patterns" && arguments.size() == 3) {
            return random_patterns(std::stoi(arguments[1]), std::stoull(arguments[2]));
        }
        if (mode == "runs" && arguments.size() == 3) {
            return runs(arguments[1], std::stoull(arguments[2]));
        }
        if (mode == "speed" && arguments.size() == 3) {
            return speed(arguments[1], arguments[2]);
        }
    } catch (const std::exception & e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
    std::fprintf(stderr, "usage: split-oracle equal FILE N SEED | patterns N SEED | runs FILE N | speed FILE TEXT\n");
    return 2;
}
