// Matrix products of f32 with a matrix of any ggml type, in both transpositions, as operations of a ggml graph.
#ifndef LEM_PRODUCT_H
#define LEM_PRODUCT_H

#include <cstddef>
#include <cstdint>

namespace lem {

// A matrix of f32 anywhere in memory: element (row, k) is at data[row * row_stride + k * k_stride].
struct product_operand {
    const float * data;
    ptrdiff_t     row_stride;
    ptrdiff_t     k_stride;
};

// What one instruction set offers. Each result is summed over k in the same order whatever its place in the matrix, so
// that it depends on its own row and column alone: not on how many rows there are, nor on the number of threads.
struct product_kernel {
    const char * name;
    int rows;     // rows of a tile
    int columns;  // columns of a panel
    // Adds to (or, if `first`, sets) `rows` x `columns` results from k terms. The panel holds `kernel.columns` floats per
    // term, zeros beyond the matrix.
    void (*tile)(int rows, int columns, int k, product_operand a, const float * panel, float * out, ptrdiff_t out_stride,
                 bool first);
    // Packs a tile's rows of the left operand: k after k, `rows` floats each.
    void (*pack_left)(product_operand a, int rows, int k, float * packed);
    // Packs a panel from source[column * column_stride + k * k_stride].
    void (*pack_rows)(const float * source, ptrdiff_t column_stride, ptrdiff_t k_stride, int columns, int k, float * panel);
    // Packs a panel from terms that are rows in memory: source[k * stride + column].
    void (*pack_terms)(const float * source, ptrdiff_t stride, int columns, int k, float * panel);
    void (*from_f16)(const uint16_t * source, float * out, int64_t count);
    void (*from_bf16)(const uint16_t * source, float * out, int64_t count);
    float (*largest)(const float * values, int count);
    float (*dot)(const float * a, const float * b, int count);
    void (*scale)(float * values, int count, float factor);
    // values = exp(scale * (values - largest)); returns their sum.
    float (*exponentials)(float * values, int count, float scale, float largest);
    // Turns the gradient of probabilities into that of scores: d = scale * p * (d - inner).
    void (*softmax_back)(float * d, const float * p, int count, float inner, float scale);
    // out = activation(gate) * up, where the activation is GELU, computed with tanh, or else SiLU.
    void (*gate)(const float * gate, const float * up, float * out, int count, bool gelu);
    // The gradients of gate and up from that of the result.
    void (*gate_back)(const float * gate, const float * up, const float * d, float * d_gate, float * d_up, int count,
                      bool gelu);
};

extern const product_kernel product_generic;
#ifdef LEM_PRODUCT_X86
extern const product_kernel product_avx2;
extern const product_kernel product_avx512;
#endif

// The fastest one that this processor can run, or the one that a test chose.
const product_kernel & product_current();

}  // namespace lem

#endif
