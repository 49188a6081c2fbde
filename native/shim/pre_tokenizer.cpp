// Part of the llama library, where unicode.cpp is.
#include "pre_tokenizer.h"

#include "pattern_matcher.h"

#include <memory>
#include <mutex>
#include <type_traits>
#include <unordered_map>

// llama.cpp has a few dozen patterns; programs that make more must not fill the memory.
static const size_t MAX_KEPT = 256;

// The compiled pattern. It is kept for the next text.
template <typename Char>
static std::shared_ptr<const lem::pattern_program> program_of(const std::basic_string<Char> & pattern) {
    using programs = std::unordered_map<std::basic_string<Char>, std::shared_ptr<const lem::pattern_program>>;
    static std::mutex                 lock;
    static programs                   kept;
    const std::lock_guard<std::mutex> guard(lock);
    const auto                        known = kept.find(pattern);
    if (known != kept.end()) {
        return known->second;
    }
    std::vector<uint32_t> characters;
    for (const Char c : pattern) {
        characters.push_back((std::make_unsigned_t<Char>) c);
    }
    const auto program = std::make_shared<const lem::pattern_program>(lem::compile_pattern(characters));
    if (kept.size() == MAX_KEPT) {
        kept.clear();
    }
    kept.emplace(pattern, program);
    return program;
}

template <typename Char>
static std::vector<size_t> split(
        const std::basic_string<Char> & text, const std::basic_string<Char> & regex, const std::vector<size_t> & offsets) {
    return lem::split_by_pattern(*program_of(regex), text.data(), offsets);
}

std::vector<size_t> unicode_regex_split_stl(
        const std::string & text, const std::string & regex, const std::vector<size_t> & offsets) {
    return split(text, regex, offsets);
}

std::vector<size_t> unicode_regex_split_stl(
        const std::wstring & text, const std::wstring & regex, const std::vector<size_t> & offsets) {
    return split(text, regex, offsets);
}
