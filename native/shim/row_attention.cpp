// Flash attention with the bits that ggml gives a query in a call of its own. ggml reads a key again for each head that shares it,
// and keeps the sum of values in memory; here a key is converted once for its heads, and the sum stays in registers.
//
// ggml's compiler chooses which sums are fused. So before the first use each choice is compared with what ggml computes. Without an equal
// one ggml computes every query.
#include "row_attention.h"

#include "ggml-cpu.h"
#include "ggml.h"
#include "row_tasks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__) && !defined(__AVX512F__)
#    define LEM_ATTENTION_KERNEL
#    include <immintrin.h>
#endif

// What a mask has for a cell that a query does not see.
static const uint16_t MINUS_INFINITY = 0xFC00;

// The row of a mask that belongs to a query.
static const uint16_t * seen_by(const ggml_tensor * mask, int64_t query, int64_t stream) {
    return (const uint16_t *) ((const char *) mask->data + query * mask->nb[1] + stream % mask->ne[3] * mask->nb[3]);
}

int64_t lem_cells_of(const ggml_tensor * attention, int64_t query, int64_t stream) {
    const ggml_tensor * mask  = attention->src[3];
    const int64_t       cells = attention->src[1]->ne[1];
    if (mask == nullptr || mask->type != GGML_TYPE_F16) {
        return cells;
    }
    const uint16_t * row  = seen_by(mask, query, stream);
    int64_t          used = cells;
    while (used > 0 && row[used - 1] == MINUS_INFINITY) {
        used--;
    }
    return std::min(cells, (int64_t) GGML_PAD(used, 256));
}

bool lem_splits_cells(const ggml_tensor * attention, int64_t cells) {
    const ggml_type type = attention->src[1]->type;
    return cells >= 512 && (type == GGML_TYPE_F32 || type == GGML_TYPE_F16) && type == attention->src[2]->type;
}

#ifdef LEM_ATTENTION_KERNEL

namespace {

constexpr int PIECE     = 128;  // cells that are scored before their values are added
constexpr int AHEAD     = 12;   // cells that are fetched before they are needed: the processor does not foresee such strides
constexpr int MAX_SIZE  = 512;  // of a head
constexpr int MAX_HEADS = 16;   // that share a key
constexpr int MAX_SPLIT = 64;   // threads

// Which sums the compiler fused.
struct style {
    bool fused_sum;    // the sum of weights, when it is scaled
    int  fused_merge;  // of two scaled sums: neither product, the first or the second is fused with the addition
};

inline float scaled_sum(bool fused, float a, float scale, float b) {
    return fused ? std::fma(a, scale, b) : a * scale + b;
}

inline float merged(int fused, float a, float scale_a, float b, float scale_b) {
    switch (fused) {
        case 0: return a * scale_a + b * scale_b;
        case 1: return std::fma(a, scale_a, b * scale_b);
        default: return std::fma(b, scale_b, a * scale_a);
    }
}

// The running result of a head over a part of the cells.
struct partial {
    float max;
    float sum;
    alignas(32) float values[MAX_SIZE];
};

struct attention {
    const ggml_tensor * dst;
    int64_t             key_size, value_size;
    float               scale, softcap;

    explicit attention(const ggml_tensor * dst) :
        dst(dst),
        key_size(dst->src[1]->ne[0]),
        value_size(dst->src[2]->ne[0]) {
        memcpy(&scale, (const float *) dst->op_params, sizeof(float));
        memcpy(&softcap, (const float *) dst->op_params + 2, sizeof(float));
        if (softcap != 0) {
            scale /= softcap;
        }
    }
};

inline __m256 halves(const void * from) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) from));
}

inline void fetch(const char * from, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += 64) {
        _mm_prefetch(from + i, _MM_HINT_T0);
    }
}

inline __m256 rounded(__m256 v) {
    return _mm256_cvtph_ps(_mm256_cvtps_ph(v, 0));
}

// The product of a key with a query, added in the order of ggml's dot product of halves.
inline float dot(const __m256 * key, const float * query, int64_t size) {
    __m256 sums[4] = { _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps() };
    for (int64_t i = 0; i < size / 8; i += 4) {
        for (int j = 0; j < 4; j++) {
            sums[j] = _mm256_fmadd_ps(key[i + j], _mm256_load_ps(query + 8 * (i + j)), sums[j]);
        }
    }
    const __m256 all  = _mm256_add_ps(_mm256_add_ps(sums[0], sums[2]), _mm256_add_ps(sums[1], sums[3]));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
    const __m128 two  = _mm_hadd_ps(four, four);
    return _mm_cvtss_f32(_mm_hadd_ps(two, two));
}

// Adds values times weights to WIDTH * 8 elements, after scaling them where a score was a new maximum.
template <int WIDTH>
inline void add_values(float * sums, const char * values, size_t stride, const int * cells, int count, const float * weights,
                       const float * scales) {
    __m256 acc[WIDTH];
    for (int j = 0; j < WIDTH; j++) {
        acc[j] = _mm256_load_ps(sums + 8 * j);
    }
    for (int i = 0; i < count; i++) {
        if (scales[i] != 1.0f) {
            const __m256 scale = _mm256_set1_ps(scales[i]);
            for (int j = 0; j < WIDTH; j++) {
                acc[j] = rounded(_mm256_mul_ps(acc[j], scale));
            }
        }
        const char * from   = values + cells[i] * stride;
        const __m256 weight = _mm256_set1_ps(weights[i]);
        for (int j = 0; j < WIDTH; j++) {
            acc[j] = rounded(_mm256_fmadd_ps(halves(from + 16 * j), weight, acc[j]));
        }
    }
    for (int j = 0; j < WIDTH; j++) {
        _mm256_store_ps(sums + 8 * j, acc[j]);
    }
}

// Attends with some heads that share their keys and values, over cells from..to.
struct group {
    const attention & of;
    const style &     how;
    int64_t           query, stream, first, heads;
    alignas(32) float queries[MAX_HEADS][MAX_SIZE];

    group(const attention & of, const style & how, int64_t query, int64_t stream, int64_t first, int64_t heads) :
        of(of),
        how(how),
        query(query),
        stream(stream),
        first(first),
        heads(heads) {
        const ggml_tensor * q = of.dst->src[0];
        for (int64_t h = 0; h < heads; h++) {
            const float * from = (const float *) ((const char *) q->data + query * q->nb[1] + (first + h) * q->nb[2]
                                                  + stream * q->nb[3]);
            for (int64_t i = 0; i < of.key_size; i += 8) {
                _mm256_store_ps(queries[h] + i, rounded(_mm256_loadu_ps(from + i)));
            }
        }
    }

    const char * data(const ggml_tensor * cache) const {
        const int64_t shared = of.dst->src[0]->ne[2] / cache->ne[2], copies = of.dst->src[0]->ne[3] / cache->ne[3];
        return (const char *) cache->data + first / shared * cache->nb[2] + stream / copies * cache->nb[3];
    }

    void run(int64_t from, int64_t to, partial * results) const {
        const ggml_tensor *k = of.dst->src[1], *v = of.dst->src[2], *mask = of.dst->src[3];
        const char *       keys = data(k), *values = data(v);
        const uint16_t *   seen = mask == nullptr ? nullptr : seen_by(mask, query, stream);
        for (int64_t h = 0; h < heads; h++) {
            results[h].max = -INFINITY;
            results[h].sum = 0;
            memset(results[h].values, 0, of.value_size * sizeof(float));
        }
        for (int64_t at = from; at < to; at += PIECE) {
            int   cells[PIECE], count = 0;
            float scores[MAX_HEADS][PIECE];
            for (int64_t cell = at; cell < std::min(at + PIECE, to); cell++) {
                if (seen == nullptr || seen[cell] != MINUS_INFINITY) {
                    cells[count++] = (int) cell;
                }
            }
            for (int i = 0; i < count; i++) {
                fetch(keys + (cells[i] + AHEAD) * k->nb[1], 2 * of.key_size);
                fetch(values + (cells[i] + AHEAD) * v->nb[1], 2 * of.value_size);
                __m256 key[MAX_SIZE / 8];
                for (int64_t j = 0; j < of.key_size / 8; j++) {
                    key[j] = halves(keys + cells[i] * k->nb[1] + 16 * j);
                }
                for (int64_t h = 0; h < heads; h++) {
                    scores[h][i] = dot(key, queries[h], of.key_size);
                }
            }
            for (int64_t h = 0; h < heads; h++) {
                add(scores[h], values, v->nb[1], cells, count, results[h]);
            }
        }
    }

    void add(const float * scores, const char * values, size_t stride, const int * cells, int count, partial & result) const {
        float weights[PIECE], scales[PIECE];
        for (int i = 0; i < count; i++) {
            float score = scores[i] * of.scale;
            if (of.softcap != 0) {
                score = of.softcap * tanhf(score);
            }
            if (score > result.max) {
                scales[i]  = expf(result.max - score);
                weights[i] = 1;
                result.max = score;
            } else {
                scales[i]  = 1;
                weights[i] = expf(score - result.max);
            }
            result.sum = scaled_sum(how.fused_sum, result.sum, scales[i], weights[i]);
        }
        for (int64_t j = 0; j < of.value_size;) {
            if (of.value_size - j >= 64) {
                add_values<8>(result.values + j, values + 2 * j, stride, cells, count, weights, scales);
                j += 64;
            } else {
                add_values<4>(result.values + j, values + 2 * j, stride, cells, count, weights, scales);
                j += 32;
            }
        }
    }

    void write(int64_t h, const float * values, float scale) const {
        const ggml_tensor * dst = of.dst;
        float * out = (float *) ((char *) dst->data
                                 + (stream * dst->ne[2] * dst->ne[1] + first + h + query * dst->ne[1]) * dst->nb[1]);
        for (int64_t i = 0; i < of.value_size; i++) {
            out[i] = values[i] * scale;
        }
    }

    void whole(int64_t cells) const {
        partial results[MAX_HEADS];
        run(0, cells, results);
        for (int64_t h = 0; h < heads; h++) {
            write(h, results[h].values, results[h].sum == 0 ? 0.0f : 1.0f / results[h].sum);
        }
    }

    // As ggml does when each of some threads takes a part of the cells.
    void split(int64_t cells, int parts) const {
        partial       merge[MAX_HEADS];
        const int64_t size = (cells + parts - 1) / parts;
        for (int64_t h = 0; h < heads; h++) {
            merge[h].max = -INFINITY;
            merge[h].sum = 0;
            memset(merge[h].values, 0, of.value_size * sizeof(float));
        }
        for (int64_t from = 0; from < cells; from += size) {
            partial results[MAX_HEADS];
            run(from, std::min(from + size, cells), results);
            for (int64_t h = 0; h < heads; h++) {
                if (results[h].sum != 0) {
                    add(merge[h], results[h]);
                }
            }
        }
        for (int64_t h = 0; h < heads; h++) {
            write(h, merge[h].values, merge[h].sum == 0 ? 1.0f : 1.0f / merge[h].sum);
        }
    }

    void add(partial & total, const partial & part) const {
        const float max = fmaxf(total.max, part.max), old = expf(total.max - max), added = expf(part.max - max);
        for (int64_t i = 0; i < of.value_size; i++) {
            total.values[i] = merged(how.fused_merge, total.values[i], old, part.values[i], added);
        }
        total.sum = merged(how.fused_merge, total.sum, old, part.sum, added);
        total.max = max;
    }
};

bool is_known(const ggml_tensor * dst) {
    const ggml_tensor *q = dst->src[0], *k = dst->src[1], *v = dst->src[2], *mask = dst->src[3];
    float              max_bias;
    memcpy(&max_bias, (const float *) dst->op_params + 1, sizeof(float));
    return q->type == GGML_TYPE_F32 && k->type == GGML_TYPE_F16 && v->type == GGML_TYPE_F16 && dst->src[4] == nullptr
           && max_bias == 0 && k->ne[0] % 32 == 0 && v->ne[0] % 32 == 0 && k->ne[0] <= MAX_SIZE && v->ne[0] <= MAX_SIZE
           && k->ne[2] == v->ne[2] && k->ne[3] == v->ne[3] && q->ne[2] / k->ne[2] <= MAX_HEADS
           && (mask == nullptr || (mask->type == GGML_TYPE_F16 && mask->ne[2] == 1));
}

void compute(const attention & of, const style & how, int64_t query, int64_t stream, int64_t first, int64_t heads, int threads) {
    const group   some(of, how, query, stream, first, heads);
    const int64_t cells = lem_cells_of(of.dst, query, stream);
    if (lem_splits_cells(of.dst, cells)) {
        some.split(cells, threads);
    } else {
        some.whole(cells);
    }
}

// ---- Which sums are fused

constexpr int TRIAL_SIZE = 64, TRIAL_HEADS = 3, TRIAL_THREADS = 2;

struct trial {
    ggml_context * context;
    ggml_tensor *  node;

    explicit trial(int cells) {
        context = ggml_init({ (size_t) 4 << 20, nullptr, false });
        ggml_tensor * q    = ggml_new_tensor_4d(context, GGML_TYPE_F32, TRIAL_SIZE, 1, TRIAL_HEADS, 1);
        ggml_tensor * k    = ggml_new_tensor_4d(context, GGML_TYPE_F16, TRIAL_SIZE, cells, 1, 1);
        ggml_tensor * v    = ggml_new_tensor_4d(context, GGML_TYPE_F16, TRIAL_SIZE, cells, 1, 1);
        ggml_tensor * mask = ggml_new_tensor_4d(context, GGML_TYPE_F16, cells, 1, 1, 1);
        uint32_t      state = 12345;
        const auto next = [&]() {
            state = state * 1664525u + 1013904223u;
            return ((int32_t) state >> 8) * (1.0f / (1 << 22));
        };
        for (int64_t i = 0; i < ggml_nelements(q); i++) {
            ((float *) q->data)[i] = 2 * next();
        }
        for (int64_t i = 0; i < ggml_nelements(k); i++) {
            ((ggml_fp16_t *) k->data)[i] = ggml_fp32_to_fp16(next());
            ((ggml_fp16_t *) v->data)[i] = ggml_fp32_to_fp16(next());
        }
        for (int64_t i = 0; i < cells; i++) {
            ((uint16_t *) mask->data)[i] = i % 37 == 5 || i > cells - 20 ? MINUS_INFINITY : 0;
        }
        node = ggml_flash_attn_ext(context, q, k, v, mask, 0.125f, 0, 0);
    }

    trial(const trial &)             = delete;
    trial & operator=(const trial &) = delete;

    ~trial() { ggml_free(context); }

    std::vector<float> result() const {
        const float * values = (const float *) node->data;
        return { values, values + ggml_nelements(node) };
    }

    std::vector<float> of_ggml() const {
        ggml_cgraph * graph = ggml_new_graph(context);
        ggml_build_forward_expand(graph, node);
        ggml_graph_compute_with_ctx(context, graph, TRIAL_THREADS);
        return result();
    }

    std::vector<float> of(const style & how) const {
        memset(node->data, 0, ggml_nbytes(node));
        compute(attention(node), how, 0, 0, 0, TRIAL_HEADS, TRIAL_THREADS);
        return result();
    }
};

bool same_bits(const std::vector<float> & a, const std::vector<float> & b) {
    return memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

const style * first_exact() {
    static style       found;
    const trial        few(256), many(1024);
    std::vector<float> of_few = few.of_ggml(), of_many = many.of_ggml();
    for (int i = 0; i < 6; i++) {
        found = { i % 2 == 1, i / 2 };
        if (same_bits(few.of(found), of_few) && same_bits(many.of(found), of_many)) {
            return &found;
        }
    }
    return nullptr;
}

// The choice that gives ggml's bits; null without such a choice, or without memory for the trial.
const style * find_style() noexcept {
    try {
        return first_exact();
    } catch (...) {
        return nullptr;
    }
}

}  // namespace

bool lem_row_attention(const ggml_compute_params * params, ggml_tensor * dst) {
    if (!is_known(dst) || params->nth > MAX_SPLIT) {
        return false;
    }
    static const style * how = find_style();
    if (how == nullptr) {
        return false;
    }
    const ggml_tensor * q     = dst->src[0];
    const attention     of(dst);
    const int64_t       rows  = q->ne[1] * q->ne[3];
    const int64_t       shared = q->ne[2] / dst->src[1]->ne[2];
    // A key is read once for all its heads, unless there are too few of such tasks for the threads.
    const int64_t heads = rows * dst->src[1]->ne[2] >= 2 * params->nth ? shared : 1;
    const int64_t each  = q->ne[2] / heads;
    lem::share_tasks(params, rows * each, [&](int64_t i) {
        compute(of, *how, i / each % q->ne[1], i / each / q->ne[1], i % each * heads, heads, params->nth);
    });
    return true;
}

#else

bool lem_row_attention(const ggml_compute_params *, ggml_tensor *) {
    return false;
}

#endif
