#include "ggml.h"
#include "lem_shim.h"
#include "product.h"

#include <algorithm>
#include <cstring>

namespace {

// Calls f(from, count) for stretches of a thread's share of a number of values.
template <typename F> void each_stretch(int64_t values, int thread, int threads, F f) {
    constexpr int64_t STRETCH = 4096;
    const int64_t stretches = (values + STRETCH - 1) / STRETCH;
    for (int64_t i = stretches * thread / threads; i < stretches * (thread + 1) / threads; i++) {
        f(i * STRETCH, (int) std::min(STRETCH, values - i * STRETCH));
    }
}

const float * source(const ggml_tensor * out, int index) {
    return (const float *) out->src[index]->data;
}

void gate_back(ggml_tensor * out, int thread, int threads, bool gelu) {
    const lem::product_kernel & kernel = lem::product_current();
    const int64_t               values = ggml_nelements(out->src[0]);
    float *                     to     = (float *) out->data;
    each_stretch(values, thread, threads, [&](int64_t from, int count) {
        kernel.gate_back(source(out, 0) + from, source(out, 1) + from, source(out, 2) + from, to + from,
                         to + values + from, count, gelu);
    });
}

}  // namespace

void lem_gelu_gate(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) work;
    const lem::product_kernel & kernel = lem::product_current();
    each_stretch(ggml_nelements(out), thread, threads, [&](int64_t from, int count) {
        kernel.gate(source(out, 0) + from, source(out, 1) + from, (float *) out->data + from, count, true);
    });
}

void lem_silu_gate_back(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) work;
    gate_back(out, thread, threads, false);
}

void lem_gelu_gate_back(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) work;
    gate_back(out, thread, threads, true);
}

void lem_sum_parts(struct ggml_tensor * out, int thread, int threads, void * work) {
    (void) work;
    const int64_t values = ggml_nelements(out);
    const int64_t parts  = ggml_nelements(out->src[0]) / values;
    each_stretch(values, thread, threads, [&](int64_t from, int count) {
        float * to = (float *) out->data + from;
        std::memcpy(to, source(out, 0) + from, count * sizeof(float));
        for (int64_t part = 1; part < parts; part++) {
            const float * other = source(out, 0) + part * values + from;
            for (int i = 0; i < count; i++) {
                to[i] += other[i];
            }
        }
    });
}
