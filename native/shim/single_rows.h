// Included before ggml's ggml-cpu.c. Several tokens of a sequence in one call get other last digits than one token after the
// other, in two places. If a graph is computed by the reference implementation (ggml_backend_cpu_set_use_ref), which LEM uses
// for this only, both compute each token as in a call of its own.
#pragma once

#include "ggml-cpu-impl.h"
#include "ops.h"

#ifdef GGML_USE_LLAMAFILE
#    include "llamafile/sgemm.h"

// Products: ggml multiplies one row with vec_dot and more rows in tiles, which add in another order.
static inline bool lem_sgemm(
        const struct ggml_compute_params * params, int64_t m, int64_t n, int64_t k, const void * a, int64_t lda,
        const void * b, int64_t ldb, void * c, int64_t ldc, int a_type, int b_type, int c_type) {
    return !params->use_ref && llamafile_sgemm(params, m, n, k, a, lda, b, ldb, c, ldc, a_type, b_type, c_type);
}

#    define llamafile_sgemm lem_sgemm
#endif

static inline struct ggml_tensor lem_row(const struct ggml_tensor * tensor, int dimension, int64_t row) {
    struct ggml_tensor one = *tensor;
    one.ne[dimension]      = 1;
    one.data               = (char *) tensor->data + row * tensor->nb[dimension];
    return one;
}

// Attention: ggml splits a long cache among the threads if there is one query, and not if there are more.
static void lem_flash_attn_ext(const struct ggml_compute_params * params, struct ggml_tensor * dst) {
    const int64_t queries = dst->src[0]->ne[1];
    if (!params->use_ref || dst->src[0]->ne[3] != 1) {
        ggml_compute_forward_flash_attn_ext(params, dst);
        return;
    }
    struct ggml_compute_params plain = *params;
    plain.use_ref = false;
    for (int64_t row = 0; row < queries; row++) {
        if (row > 0) {
            ggml_barrier(params->threadpool);
        }
        struct ggml_tensor query = lem_row(dst->src[0], 1, row);
        struct ggml_tensor out   = lem_row(dst, 2, row);
        out.src[0] = &query;
        struct ggml_tensor mask;
        if (dst->src[3] != NULL) {
            mask       = lem_row(dst->src[3], 1, row);
            out.src[3] = &mask;
        }
        ggml_compute_forward_flash_attn_ext(&plain, &out);
    }
}

#define ggml_compute_forward_flash_attn_ext lem_flash_attn_ext
