// Included before llama.cpp's unicode.cpp. That file splits texts with std::regex for patterns that it has no function for.
// libstdc++'s engine recurses once per character, so a run of some thousand characters overflows the stack and ends the
// process. The compiler prefers these two functions to the template of the same name there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

std::vector<size_t> unicode_regex_split_stl(
        const std::string & text, const std::string & regex, const std::vector<size_t> & offsets);
std::vector<size_t> unicode_regex_split_stl(
        const std::wstring & text, const std::wstring & regex, const std::vector<size_t> & offsets);
