// Attention of several queries, each with bits that do not depend on the others.
#pragma once

#include "ggml-cpu-impl.h"

#ifdef __cplusplus
extern "C" {
#endif

// Computes a flash attention node. All threads call it with equal arguments, and it waits for all of them before it begins.
// Returns false, in all of them, if it cannot compute this one.
bool lem_row_attention(const struct ggml_compute_params * params, struct ggml_tensor * dst);

#ifdef __cplusplus
}
#endif
