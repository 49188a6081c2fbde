// Flash attention in which each query gets the same bits however many others a call has. For a query and a head, the keys that it
// sees are taken in their order, in pieces of 64; what a piece adds is computed in one order whatever else is computed with it. So
// the result depends on the query and on what it sees, not on other queries, cells of others, free cells or threads.
//
// Queries that see the same cells, and the heads that share keys, share the work of unpacking them.
#include "row_attention.h"

#include "ggml-cpu.h"
#include "ggml.h"
#include "row_tasks.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#    define LEM_ATTENTION_KERNEL
#    include <immintrin.h>
#endif

#ifdef LEM_ATTENTION_KERNEL

namespace {

constexpr int PIECE = 64;  // keys of which the scores are computed together
constexpr int ROWS  = 64;  // queries times heads that are computed together, at most
constexpr int LANES = 8;   // floats in a register
constexpr int AHEAD = 32;  // cells that are fetched before they are needed

// What a mask has for a cell that a query does not see.
constexpr uint16_t MINUS_INFINITY = 0xFC00;

// e to the power of numbers that are at most 0, with an error of two units in the last place.
inline __m256 exponential(__m256 x) {
    const __m256 least   = _mm256_set1_ps(-87.0f);
    // In this order NaN stays NaN.
    const __m256 bounded = _mm256_max_ps(least, x);
    const __m256 n = _mm256_round_ps(_mm256_mul_ps(bounded, _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256       r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693145752f), bounded);
    r              = _mm256_fnmadd_ps(n, _mm256_set1_ps(1.42860677e-6f), r);
    // The Taylor series: the remainder is at most 0.347, so the next term is below 2e-9.
    __m256 sum = _mm256_set1_ps(1.0f / 5040);
    sum        = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f / 720));
    sum        = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f / 120));
    sum        = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f / 24));
    sum        = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1.0f / 6));
    sum        = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(0.5f));
    sum        = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1));
    sum        = _mm256_fmadd_ps(sum, r, _mm256_set1_ps(1));
    const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    const __m256  value = _mm256_mul_ps(sum, _mm256_castsi256_ps(power));
    return _mm256_andnot_ps(_mm256_cmp_ps(x, least, _CMP_LT_OQ), value);
}

inline float exponential(float x) {
    return _mm256_cvtss_f32(exponential(_mm256_set1_ps(x)));
}

inline __m256 eight(const ggml_fp16_t * from) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) from));
}

// Adds to WIDTH registers the products of some factors with as many rows. The sum of each element is in the order of the factors.
template <int WIDTH> inline void multiply(const float * factors, int64_t count, const float * with, int64_t stride, float * sums) {
    __m256 acc[WIDTH];
    for (int j = 0; j < WIDTH; j++) {
        acc[j] = _mm256_loadu_ps(sums + LANES * j);
    }
    for (int64_t i = 0; i < count; i++) {
        const __m256 factor = _mm256_broadcast_ss(factors + i);
        for (int j = 0; j < WIDTH; j++) {
            acc[j] = _mm256_fmadd_ps(factor, _mm256_loadu_ps(with + i * stride + LANES * j), acc[j]);
        }
    }
    for (int j = 0; j < WIDTH; j++) {
        _mm256_storeu_ps(sums + LANES * j, acc[j]);
    }
}

// For some rows of factors, and any number of whole registers. Blocks stay in the cache until the last row had them.
inline void multiply(const float * factors, int64_t factor_stride, int64_t count, const float * with, int64_t stride, float * sums,
                     int rows, int64_t columns) {
    constexpr int WIDTH = 8, BLOCK = WIDTH * LANES;
    for (int64_t from = 0; from < count; from += BLOCK) {
        const int64_t terms = std::min<int64_t>(BLOCK, count - from);
        for (int64_t column = 0; column < columns; column += BLOCK) {
            const float * block = with + from * stride + column;
            for (int r = 0; r < rows; r++) {
                const float * some = factors + r * factor_stride + from;
                float *       out  = sums + r * stride + column;
                if (columns - column >= BLOCK) {
                    multiply<WIDTH>(some, terms, block, stride, out);
                    continue;
                }
                for (int64_t j = 0; j < columns - column; j += LANES) {
                    multiply<1>(some, terms, block + j, stride, out + j);
                }
            }
        }
    }
}

// For one row of factors, with rows that are somewhere in memory.
template <int WIDTH>
inline void multiply(const float * factors, const char * with, const int * which, size_t stride, int terms, float * sums) {
    __m256 acc[WIDTH];
    for (int j = 0; j < WIDTH; j++) {
        acc[j] = _mm256_loadu_ps(sums + LANES * j);
    }
    for (int i = 0; i < terms; i++) {
        const auto * row = (const ggml_fp16_t *) (with + which[i] * stride);
        _mm_prefetch((const char *) row + AHEAD * stride, _MM_HINT_T0);
        _mm_prefetch((const char *) row + AHEAD * stride + 64, _MM_HINT_T0);
        const __m256 factor = _mm256_broadcast_ss(factors + i);
        for (int j = 0; j < WIDTH; j++) {
            acc[j] = _mm256_fmadd_ps(factor, eight(row + LANES * j), acc[j]);
        }
    }
    for (int j = 0; j < WIDTH; j++) {
        _mm256_storeu_ps(sums + LANES * j, acc[j]);
    }
}

// Turns eight registers with eight elements of 16 bits in each half: in each half, element (i, j) goes to (j, i).
inline void turn_halves(__m256i * v) {
    __m256i a[8], b[8];
    for (int i = 0; i < 4; i++) {
        a[2 * i]     = _mm256_unpacklo_epi16(v[i], v[i + 4]);
        a[2 * i + 1] = _mm256_unpackhi_epi16(v[i], v[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        b[2 * i]     = _mm256_unpacklo_epi16(a[i], a[i + 4]);
        b[2 * i + 1] = _mm256_unpackhi_epi16(a[i], a[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        v[2 * i]     = _mm256_unpacklo_epi16(b[i], b[i + 4]);
        v[2 * i + 1] = _mm256_unpackhi_epi16(b[i], b[i + 4]);
    }
}

// Columns `to`, `to` + 1 ... of a matrix from eight rows of halves.
inline void turn(const char * const * rows, int64_t size, float * to, int64_t stride) {
    int64_t j = 0;
    for (; j + 16 <= size; j += 16) {
        __m256i block[LANES];
        for (int i = 0; i < LANES; i++) {
            block[i] = _mm256_loadu_si256((const __m256i *) (rows[i] + 2 * j));
        }
        turn_halves(block);
        for (int i = 0; i < LANES; i++) {
            _mm256_storeu_ps(to + (j + i) * stride, _mm256_cvtph_ps(_mm256_castsi256_si128(block[i])));
            _mm256_storeu_ps(to + (j + LANES + i) * stride, _mm256_cvtph_ps(_mm256_extracti128_si256(block[i], 1)));
        }
    }
    for (; j < size; j++) {
        for (int i = 0; i < LANES; i++) {
            to[j * stride + i] = _cvtsh_ss(((const ggml_fp16_t *) rows[i])[j]);
        }
    }
}

struct attention {
    const ggml_tensor * dst;
    int64_t             key_size, value_size;
    float               scale, softcap, max_bias;

    explicit attention(const ggml_tensor * dst) :
        dst(dst),
        key_size(dst->src[1]->ne[0]),
        value_size(dst->src[2]->ne[0]) {
        const float * given = (const float *) dst->op_params;
        scale               = given[0];
        max_bias            = given[1];
        softcap             = given[2];
        if (softcap != 0) {
            scale /= softcap;
        }
    }

    // The factor of what the mask adds; it differs between heads in ALiBi only.
    float slope(int64_t head) const {
        if (max_bias <= 0) {
            return 1;
        }
        const uint32_t half = 1u << (uint32_t) floor(log2((double) dst->src[0]->ne[2]));
        return head < half ? powf(powf(2, -max_bias / half), (float) (head + 1)) :
                             powf(powf(2, -max_bias / 2 / half), (float) (2 * (head - half) + 1));
    }

    const uint16_t * mask_of(int64_t query, int64_t stream) const {
        const ggml_tensor * mask = dst->src[3];
        return mask == nullptr ? nullptr :
                                 (const uint16_t *) ((const char *) mask->data + query * mask->nb[1]
                                                     + stream % mask->ne[3] * mask->nb[3]);
    }
};

// The memory of a thread: ggml's plan has this much for it.
struct memory {
    float * keys;     // [key_size][PIECE]
    float * values;   // [PIECE][value_size]
    float * queries;  // [ROWS][key_size]
    float * sums;     // [ROWS][value_size]
    float * scores;   // [ROWS][PIECE]

    memory(const attention & of, const ggml_compute_params * params) {
        const uintptr_t base = ((uintptr_t) params->wdata + 63) / 64 * 64;
        keys                 = (float *) base + floats(of) * params->ith;
        values               = keys + PIECE * of.key_size;
        queries              = values + PIECE * of.value_size;
        sums                 = queries + ROWS * of.key_size;
        scores               = sums + ROWS * of.value_size;
    }

    static size_t floats(const attention & of) {
        return (PIECE + ROWS) * (of.key_size + of.value_size) + ROWS * PIECE;
    }

    // Of all threads, aligned.
    static size_t bytes(const attention & of, int threads) { return 64 + sizeof(float) * threads * floats(of); }
};

// Some queries of a stream with some heads that share their keys and values.
struct task {
    const attention & of;
    const memory &    at;
    int64_t           stream, first_query, first_head;
    int               queries, heads;

    const uint16_t * masks[ROWS];
    int64_t          ends[ROWS];     // the cells that a query sees are before this one
    bool             has_bias[ROWS];  // whether its mask adds anything to a score
    float            maxima[ROWS];
    float            totals[ROWS];
    float            slopes[ROWS];
    const char *     keys;
    const char *     values;

    task(const attention & of, const memory & at, int64_t stream, int64_t first_query, int queries, int64_t first_head, int heads) :
        of(of),
        at(at),
        stream(stream),
        first_query(first_query),
        first_head(first_head),
        queries(queries),
        heads(heads),
        keys(cache(of.dst->src[1])),
        values(cache(of.dst->src[2])) {
        const ggml_tensor * q = of.dst->src[0];
        for (int i = 0; i < queries; i++) {
            masks[i] = of.mask_of(first_query + i, stream);
            look_at_mask(i);
            for (int h = 0; h < heads; h++) {
                const int row = i * heads + h;
                memcpy(at.queries + row * of.key_size,
                       (const char *) q->data + (first_query + i) * q->nb[1] + (first_head + h) * q->nb[2] + stream * q->nb[3],
                       of.key_size * sizeof(float));
                maxima[row] = -INFINITY;
                totals[row] = 0;
            }
        }
        for (int h = 0; h < heads; h++) {
            slopes[h] = of.slope(first_head + h);
        }
        memset(at.sums, 0, queries * heads * of.value_size * sizeof(float));
    }

    const char * cache(const ggml_tensor * tensor) const {
        const int64_t shared = of.dst->src[0]->ne[2] / tensor->ne[2], copies = of.dst->src[0]->ne[3] / tensor->ne[3];
        return (const char *) tensor->data + first_head / shared * tensor->nb[2] + stream / copies * tensor->nb[3];
    }

    void look_at_mask(int query) {
        const uint16_t * mask = masks[query];
        int64_t          end  = of.dst->src[1]->ne[1];
        unsigned         bias = 0;
        while (mask != nullptr && end > 0 && mask[end - 1] == MINUS_INFINITY) {
            end--;
        }
        for (int64_t i = 0; mask != nullptr && i < end; i++) {
            bias |= mask[i] == MINUS_INFINITY ? 0u : mask[i] & 0x7FFFu;  // zero has two signs
        }
        ends[query]     = end;
        has_bias[query] = bias != 0;
    }

    void run() {
        int  together[ROWS], apart[ROWS], count = 0, others = 0;
        for (int i = 0; i < queries; i++) {
            if (ends[i] > 0) {
                together[count++] = i;
            }
        }
        int64_t apart_from[ROWS];
        for (int64_t from = 0; count > 0;) {
            int cells[PIECE];
            const int     leader = *std::max_element(together, together + count, [&](int a, int b) { return ends[a] < ends[b]; });
            int64_t       to     = from;
            const int     found  = next_cells(leader, to, cells);
            int stay = 0, with[ROWS], seen[ROWS], taking = 0;
            for (int i = 0; i < count; i++) {
                const int query = together[i];
                if (!sees_the_same(query, leader, from, to)) {
                    apart[others]        = query;
                    apart_from[others++] = from;
                    continue;
                }
                with[taking]   = query;
                seen[taking++] = (int) (std::lower_bound(cells, cells + found, ends[query]) - cells);
                if (ends[query] > to) {
                    together[stay++] = query;
                }
            }
            take(cells, found, with, seen, taking);
            count = stay;
            from  = to;
        }
        for (int i = 0; i < others; i++) {
            for (int64_t from = apart_from[i]; from < ends[apart[i]];) {
                int       cells[PIECE];
                const int found = next_cells(apart[i], from, cells);
                take(cells, found, &apart[i], &found, 1);
            }
        }
        write();
    }

    // The next cells that a query sees; `from` becomes where to look for more.
    int next_cells(int query, int64_t & from, int * cells) const {
        int count = 0;
        for (; from < ends[query] && count < PIECE; from++) {
            if (masks[query] == nullptr || masks[query][from] != MINUS_INFINITY) {
                cells[count++] = (int) from;
            }
        }
        return count;
    }

    // Whether two queries see the same of these cells, as far as the first sees any.
    bool sees_the_same(int query, int leader, int64_t from, int64_t to) const {
        if (query == leader || masks[query] == nullptr) {
            return true;
        }
        const int64_t end = std::min(ends[query], to);
        if (!has_bias[query] && !has_bias[leader]) {
            return end <= from || memcmp(masks[query] + from, masks[leader] + from, (end - from) * sizeof(uint16_t)) == 0;
        }
        for (int64_t i = from; i < end; i++) {
            if ((masks[query][i] == MINUS_INFINITY) != (masks[leader][i] == MINUS_INFINITY)) {
                return false;
            }
        }
        return true;
    }

    // Adds a piece to some queries, of which each sees the first of its cells.
    void take(const int * cells, int count, const int * with, const int * seen, int taking) {
        const ggml_tensor * v      = of.dst->src[2];
        const bool          direct = taking * heads == 1 && v->type == GGML_TYPE_F16;
        unpack_keys(cells, count);
        if (!direct) {
            unpack_values(cells, count);
        }
        for (int i = 0; i < taking; i++) {
            const int row = with[i] * heads, columns = (seen[i] + LANES - 1) / LANES * LANES;
            float *   scores = at.scores + row * PIECE;
            memset(scores, 0, heads * PIECE * sizeof(float));
            multiply(at.queries + row * of.key_size, of.key_size, of.key_size, at.keys, PIECE, scores, heads, columns);
            for (int h = 0; h < heads; h++) {
                weigh(row + h, scores + h * PIECE, cells, seen[i], with[i], slopes[h]);
            }
            if (direct) {
                add_values(row, scores, cells, seen[i]);
            } else {
                multiply(scores, PIECE, seen[i], at.values, of.value_size, at.sums + row * of.value_size, heads, of.value_size);
            }
        }
    }

    // Values that one row alone needs are not worth unpacking.
    void add_values(int row, const float * weights, const int * cells, int seen) const {
        const size_t stride = of.dst->src[2]->nb[1];
        float *      sums   = at.sums + row * of.value_size;
        int64_t      j      = 0;
        for (; j + 8 * LANES <= of.value_size; j += 8 * LANES) {
            multiply<8>(weights, values + 2 * j, cells, stride, seen, sums + j);
        }
        for (; j < of.value_size; j += LANES) {
            multiply<1>(weights, values + 2 * j, cells, stride, seen, sums + j);
        }
    }

    // Scores become weights; what was added before is scaled to the new maximum.
    void weigh(int row, float * scores, const int * cells, int count, int query, float slope) {
        for (int i = 0; i < count; i++) {
            scores[i] *= of.scale;
            if (of.softcap != 0) {
                scores[i] = of.softcap * tanhf(scores[i]);
            }
        }
        if (has_bias[query]) {
            for (int i = 0; i < count; i++) {
                scores[i] += slope * _cvtsh_ss(masks[query][cells[i]]);
            }
        }
        float max = maxima[row];
        for (int i = 0; i < count; i++) {
            max = std::max(max, scores[i]);
        }
        if (max > maxima[row]) {
            const float  factor = exponential(maxima[row] - max);
            const __m256 scale  = _mm256_set1_ps(factor);
            float *      sums   = at.sums + row * of.value_size;
            for (int64_t i = 0; i < of.value_size; i += LANES) {
                _mm256_storeu_ps(sums + i, _mm256_mul_ps(_mm256_loadu_ps(sums + i), scale));
            }
            totals[row] *= factor;
            maxima[row] = max;
        }
        for (int i = count; i % LANES != 0; i++) {
            scores[i] = -INFINITY;
        }
        __m256 total = _mm256_setzero_ps();
        for (int i = 0; i < count; i += LANES) {
            const __m256 weights = exponential(_mm256_sub_ps(_mm256_loadu_ps(scores + i), _mm256_set1_ps(max)));
            _mm256_storeu_ps(scores + i, weights);
            total = _mm256_add_ps(total, weights);
        }
        const __m128 four = _mm_add_ps(_mm256_castps256_ps128(total), _mm256_extractf128_ps(total, 1));
        const __m128 two  = _mm_hadd_ps(four, four);
        totals[row] += _mm_cvtss_f32(_mm_hadd_ps(two, two));
    }

    // Asks for a cell that probably comes next: the processor does not foresee rows that are so far apart. Beyond the last cell this
    // does nothing. One at a time, because requests that wait for memory are few.
    static void fetch_next(const ggml_tensor * cache, const char * cells, int cell, int64_t bytes) {
        const char * from = cells + (cell + AHEAD) * cache->nb[1];
        for (int64_t i = 0; i < bytes; i += 64) {
            _mm_prefetch(from + i, _MM_HINT_T0);
        }
    }

    void unpack_keys(const int * cells, int count) const {
        const ggml_tensor * k         = of.dst->src[1];
        const int64_t       key_bytes = ggml_row_size(k->type, of.key_size);
        for (int from = 0; from < count; from += LANES) {
            const char * rows[LANES];
            for (int i = 0; i < LANES; i++) {
                const int cell = cells[std::min(from + i, count - 1)];
                rows[i]        = keys + cell * k->nb[1];
                fetch_next(k, keys, cell, key_bytes);
            }
            if (k->type == GGML_TYPE_F16) {
                turn(rows, of.key_size, at.keys + from, PIECE);
                continue;
            }
            for (int i = 0; i < LANES; i++) {
                // The values are unpacked later.
                to_floats(k->type, rows[i], at.values, of.key_size);
                for (int64_t j = 0; j < of.key_size; j++) {
                    at.keys[j * PIECE + from + i] = at.values[j];
                }
            }
        }
    }

    void unpack_values(const int * cells, int count) const {
        const ggml_tensor * v           = of.dst->src[2];
        const int64_t       value_bytes = ggml_row_size(v->type, of.value_size);
        for (int i = 0; i < count; i++) {
            fetch_next(v, values, cells[i], value_bytes);
            to_floats(v->type, values + cells[i] * v->nb[1], at.values + i * of.value_size, of.value_size);
        }
    }

    static void to_floats(ggml_type type, const char * from, float * to, int64_t count) {
        if (type == GGML_TYPE_F32) {
            memcpy(to, from, count * sizeof(float));
        } else if (type == GGML_TYPE_F16) {
            for (int64_t i = 0; i < count; i += LANES) {
                _mm256_storeu_ps(to + i, eight((const ggml_fp16_t *) from + i));
            }
        } else {
            ggml_get_type_traits(type)->to_float(from, to, count);
        }
    }

    void write() const {
        const ggml_tensor * dst = of.dst;
        for (int i = 0; i < queries; i++) {
            for (int h = 0; h < heads; h++) {
                const int64_t row = i * heads + h, head = first_head + h;
                float *       out = (float *) ((char *) dst->data
                                         + (stream * dst->ne[2] * dst->ne[1] + head + (first_query + i) * dst->ne[1]) * dst->nb[1]);
                float total = totals[row], scale = 1;
                if (dst->src[4] != nullptr) {
                    // A key without a value, as if it were the last.
                    const float sink = ((const float *) dst->src[4]->data)[head], max = std::max(sink, maxima[row]);
                    scale = maxima[row] == -INFINITY ? 0 : exponential(maxima[row] - max);
                    total = total * scale + exponential(sink - max);
                }
                scale = total == 0 ? 0 : scale / total;
                for (int64_t j = 0; j < of.value_size; j++) {
                    out[j] = at.sums[row * of.value_size + j] * scale;
                }
            }
        }
    }
};

bool has_floats(const ggml_tensor * cache) {
    return cache->type == GGML_TYPE_F32 || ggml_get_type_traits(cache->type)->to_float != nullptr;
}

bool is_known(const ggml_compute_params * params, const attention & of) {
    const ggml_tensor *q = of.dst->src[0], *k = of.dst->src[1], *v = of.dst->src[2], *mask = of.dst->src[3];
    return q->type == GGML_TYPE_F32 && has_floats(k) && has_floats(v) && k->ne[0] % LANES == 0 && v->ne[0] % LANES == 0
           && k->ne[0] <= PIECE * v->ne[0] && k->ne[2] == v->ne[2] && k->ne[3] == v->ne[3] && q->ne[2] / k->ne[2] <= ROWS
           && (mask == nullptr || (mask->type == GGML_TYPE_F16 && mask->ne[2] == 1))
           && (of.dst->src[4] == nullptr || of.dst->src[4]->type == GGML_TYPE_F32)
           && memory::bytes(of, params->nth) <= params->wsize;
}

}  // namespace

bool lem_row_attention(const ggml_compute_params * params, ggml_tensor * dst) {
    const attention of(dst);
    if (!is_known(params, of)) {
        return false;
    }
    const ggml_tensor * q      = dst->src[0];
    const memory        at(of, params);
    const int64_t       shared = q->ne[2] / dst->src[1]->ne[2];
    // Keys are unpacked once for all their heads, unless there are too few of such tasks for the threads.
    int64_t heads = shared;
    while (heads > 1 && q->ne[1] * q->ne[3] * q->ne[2] / heads < params->nth) {
        do {
            heads--;
        } while (shared % heads != 0);
    }
    const int64_t groups = q->ne[2] / heads;
    const int64_t most   = ROWS / heads;
    // As many queries together as leave each thread a few tasks.
    const int64_t wanted  = (4 * params->nth + groups * q->ne[3] - 1) / (groups * q->ne[3]);
    const int64_t queries = std::clamp<int64_t>((q->ne[1] + wanted - 1) / wanted, 1, most);
    const int64_t tiles   = (q->ne[1] + queries - 1) / queries;
    lem::share_tasks(params, tiles * groups * q->ne[3], [&](int64_t i) {
        // The last queries see most, so they come first.
        const int64_t tile = tiles - 1 - i / (groups * q->ne[3]), group = i % groups, stream = i / groups % q->ne[3];
        const int64_t first = tile * queries;
        task(of, at, stream, first, (int) std::min(queries, q->ne[1] - first), group * heads, (int) heads).run();
    });
    return true;
}

#else

bool lem_row_attention(const ggml_compute_params *, ggml_tensor *) {
    return false;
}

#endif
