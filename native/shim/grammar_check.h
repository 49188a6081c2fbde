// Refuses grammars for which llama.cpp would exhaust the stack or the memory, or take extremely long.
#pragma once

#include <string>

namespace lem {

// Throws std::invalid_argument with a sentence that names the line.
void check_grammar(const std::string & gbnf, const std::string & root);

}  // namespace lem
