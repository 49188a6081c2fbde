// Included before llama.cpp's unicode.cpp, which splits texts by std::regex where it has no function of its own for a
// pattern. libstdc++'s engine calls itself once a character, so that a run of some thousand ends the process. These two
// are not templates, and so they are preferred to the template of that name there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

std::vector<size_t> unicode_regex_split_stl(
        const std::string & text, const std::string & regex, const std::vector<size_t> & offsets);
std::vector<size_t> unicode_regex_split_stl(
        const std::wstring & text, const std::wstring & regex, const std::vector<size_t> & offsets);
