// Products of a matrix with several rows, each with the bits that ggml's product with one row gives.
#pragma once

#include "ggml-cpu-impl.h"

#ifdef __cplusplus
extern "C" {
#endif

// Rows of weights times rows of values: out[j * out_stride + i] = weights row i * values row j. All threads call it with equal
// arguments, and it waits for all of them before it begins. Returns false, in all of them, if it does not know the types; ggml
// computes the product then.
//   weight_rows, value_rows   rows of both matrices
//   blocks                    blocks of a row, of the type's size
//   weight_stride, ...        distance of two rows, in blocks; of two rows of the result, in elements
bool lem_row_product(const struct ggml_compute_params * params, int64_t weight_rows, int64_t value_rows, int64_t blocks,
                     const void * weights, int64_t weight_stride, const void * values, int64_t value_stride, float * out,
                     int64_t out_stride, int weight_type, int value_type);

// Whether it is faster than ggml's tiles for any number of rows of values, too, as in prompts. Measured for each type.
bool lem_prefers_row_product(int weight_type);

#ifdef __cplusplus
}
#endif
