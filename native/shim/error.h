// How every function of the shim reports a failure.
#pragma once

#include "lem_shim.h"

#include <exception>
#include <string>
#include <utility>

namespace lem {

// The caller's message buffer.
struct error_sink {
    char * buffer;
    size_t size;
};

// Writes the message, cut at a whole UTF-8 character, and returns the status for a plain return statement.
int32_t fail(error_sink error, int32_t status, const std::string & message);
void    clear(error_sink error);

// Runs the body; what it throws becomes a message and the given result.
template <typename Result, typename Body>
Result guarded(error_sink error, Result failed, Body && body) {
    clear(error);
    try {
        return std::forward<Body>(body)();
    } catch (const std::bad_alloc &) {
        fail(error, LEM_STATUS_EXCEPTION, "there is not enough memory");
    } catch (const std::exception & e) {
        fail(error, LEM_STATUS_EXCEPTION, e.what());
    } catch (...) {
        fail(error, LEM_STATUS_EXCEPTION, "a C++ exception of an unknown type");
    }
    return failed;
}

}  // namespace lem
