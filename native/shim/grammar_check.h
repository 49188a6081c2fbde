// Refuses grammars that llama.cpp would answer by exhausting the stack, the memory or the day.
#pragma once

#include <string>

namespace lem {

// Throws std::invalid_argument with a sentence that names the line.
void check_grammar(const std::string & gbnf, const std::string & root);

}  // namespace lem
