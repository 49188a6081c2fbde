// Work that the threads of a graph share.
#pragma once

#include "ggml-cpu-impl.h"

namespace lem {

// Calls `task` once with each number below `count`, on whichever thread is free. All threads call this with equal arguments; it waits
// for all of them before the first task, and not after the last.
template <class TASK> void share_tasks(const ggml_compute_params * params, int64_t count, TASK task) {
    ggml_barrier(params->threadpool);
    if (params->ith == 0) {
        ggml_threadpool_chunk_set(params->threadpool, params->nth);
    }
    ggml_barrier(params->threadpool);
    for (int64_t i = params->ith; i < count; i = ggml_threadpool_chunk_add(params->threadpool, 1)) {
        task(i);
    }
}

}  // namespace lem
