#include "grammar_check.h"

#include <stdexcept>

namespace lem {

void check_grammar(const std::string & gbnf, const std::string & root) {
    (void) root;
    if (gbnf.size() > 1024 * 1024) {
        throw std::invalid_argument("the grammar is longer than 1 MiB");
    }
}

}  // namespace lem
