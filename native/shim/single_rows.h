// Included before ggml's ggml-cpu.c, where several tokens in one call, of one sequence or of several, get other last digits than
// each in a call of its own, in two places. Attention never does so here. Products do not if a graph is computed by the reference
// implementation (ggml_backend_cpu_set_use_ref), which LEM uses for this only.
#pragma once

#include "ggml-cpu-impl.h"
#include "iqp.h"
#include "ops.h"
#include "row_attention.h"
#include "row_product.h"

#ifdef GGML_USE_LLAMAFILE
#    include "llamafile/sgemm.h"

// Products: ggml multiplies one row with vec_dot and more rows in tiles, which add in another order. Products that have the bits of
// one row also take the place of slower tiles.
static inline bool lem_sgemm(
        const struct ggml_compute_params * params, int64_t m, int64_t n, int64_t k, const void * a, int64_t lda,
        const void * b, int64_t ldb, void * c, int64_t ldc, int a_type, int b_type, int c_type) {
    if (!params->use_ref && (n < 2 || !lem_prefers_row_product(a_type))) {
        return llamafile_sgemm(params, m, n, k, a, lda, b, ldb, c, ldc, a_type, b_type, c_type);
    }
    return n > 1 && c_type == GGML_TYPE_F32
           && lem_row_product(params, m, n, k, a, lda, b, ldb, (float *) c, ldc, a_type, b_type);
}

#    define llamafile_sgemm lem_sgemm
#endif

// Panels of k-quants: another way to multiply many rows.
static inline bool lem_has_panels(const struct ggml_tensor * product) {
    return !lem_prefers_row_product(product->src[0]->type) && ggml_cpu_iqp_supports_mul_mat(product);
}

#define ggml_cpu_iqp_supports_mul_mat lem_has_panels

// Attention: ggml computes a single query, few and many of them in three ways.
static void lem_flash_attn_ext(const struct ggml_compute_params * params, struct ggml_tensor * dst) {
    if (!lem_row_attention(params, dst)) {
        ggml_compute_forward_flash_attn_ext(params, dst);
    }
}

#define ggml_compute_forward_flash_attn_ext lem_flash_attn_ext
