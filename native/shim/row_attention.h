// Attention of several queries, each with the bits that ggml gives it in a call of its own.
#pragma once

#include "ggml-cpu-impl.h"

#ifdef __cplusplus
extern "C" {
#endif

// Computes a flash attention node. All threads call it with equal arguments, and it waits for all of them before it begins.
// Returns false, in all of them, if it cannot compute this one.
bool lem_row_attention(const struct ggml_compute_params * params, struct ggml_tensor * dst);

// The KV cells that a call with one query alone would have: llama.cpp takes as many as are used, in steps of 256.
int64_t lem_cells_of(const struct ggml_tensor * attention, int64_t query, int64_t stream);

// Whether ggml splits that many cells among the threads if there is one query; it does not if there are more.
bool lem_splits_cells(const struct ggml_tensor * attention, int64_t cells);

#ifdef __cplusplus
}
#endif
