// Runs a piece of work on a thread with a large stack: the parser of grammars recurses, and the caller's
// stack may be as small as the 1 MiB of a Java thread.
#pragma once

#include <functional>

namespace lem {

// Blocks until the work is done. What it throws is thrown here.
void on_deep_stack(const std::function<void()> & work);

}  // namespace lem
