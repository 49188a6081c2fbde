// Included before ggml's ggml-cpu.c. Several tokens in one call, of one sequence or of several, get other last digits than each
// in a call of its own, in two places. If a graph is computed by the reference implementation (ggml_backend_cpu_set_use_ref),
// which LEM uses for this only, both compute each token as in a call of its own.
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

static inline struct ggml_tensor lem_part(const struct ggml_tensor * tensor, int dimension, int64_t row) {
    struct ggml_tensor one = *tensor;
    one.ne[dimension]      = 1;
    one.data               = (char *) tensor->data + row * tensor->nb[dimension];
    return one;
}

// One query as in a call of its own.
static void lem_one_query(const struct ggml_compute_params * params, struct ggml_tensor * dst, int64_t query, int64_t stream,
                          int64_t cells) {
    struct ggml_compute_params plain = *params;
    plain.use_ref = false;
    struct ggml_tensor out = lem_part(dst, 3, stream), part[5];
    for (int i = 0; i < 4 && dst->src[i] != NULL; i++) {
        part[i]    = lem_part(dst->src[i], 3, stream % dst->src[i]->ne[3]);
        out.src[i] = &part[i];
    }
    out     = lem_part(&out, 2, query);
    part[0] = lem_part(&part[0], 1, query);
    part[1].ne[1] = cells;
    part[2].ne[1] = cells;
    if (dst->src[3] != NULL) {
        part[3]       = lem_part(&part[3], 1, query);
        part[3].ne[0] = cells;
    }
    ggml_compute_forward_flash_attn_ext(&plain, &out);
}

static void lem_flash_attn_ext(const struct ggml_compute_params * params, struct ggml_tensor * dst) {
    const int64_t queries = dst->src[0]->ne[1], streams = dst->src[0]->ne[3];
    bool splits = false;
    if (params->use_ref) {
        if (lem_row_attention(params, dst)) {
            return;
        }
        for (int64_t i = 0; i < queries * streams && !splits; i++) {
            splits = lem_splits_cells(dst, lem_cells_of(dst, i % queries, i / queries));
        }
    }
    if (!splits) {
        ggml_compute_forward_flash_attn_ext(params, dst);
        return;
    }
    for (int64_t i = 0; i < queries * streams; i++) {
        if (i > 0) {
            ggml_barrier(params->threadpool);
        }
        lem_one_query(params, dst, i % queries, i / queries, lem_cells_of(dst, i % queries, i / queries));
    }
}

#define ggml_compute_forward_flash_attn_ext lem_flash_attn_ext
