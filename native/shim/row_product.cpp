// Products with the bits of ggml's vec_dot for several rows at once. vec_dot reads and unpacks a row of weights again for each
// row of values; here it is unpacked once for eight. Integer sums are exact in any order, and floats are added in vec_dot's order.
//
// Whether they are is not assumed: before the first product of a type both ways are compared on this processor, with and without
// fused multiplication and addition, which is the compiler's choice in ggml. Without equal bits vec_dot computes every row.
#include "row_product.h"

#define GGML_COMMON_DECL_C
#include "ggml-common.h"

#include "ggml-cpu.h"
#include "ggml-quants.h"
#include "row_tasks.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <vector>

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#    define LEM_ROW_KERNELS
#    include <immintrin.h>
#endif

namespace {

struct product {
    int64_t      value_rows;
    int64_t      blocks;
    const char * weights;
    size_t       weight_bytes;
    const char * values;
    size_t       value_bytes;
    float *      out;
    int64_t      out_stride;
};

// Computes the rows of the result that belong to some rows of weights.
using row_kernel = void (*)(const product & of, int64_t from, int64_t to);

void with_vec_dot(const product & of, ggml_type type, int64_t from, int64_t to) {
    const auto    dot    = ggml_get_type_traits_cpu(type)->vec_dot;
    const int     length = (int) (of.blocks * ggml_blck_size(type));
    const int64_t tile   = 16;
    for (int64_t row = 0; row < of.value_rows; row += tile) {
        for (int64_t i = from; i < to; i++) {
            for (int64_t j = row; j < std::min(row + tile, of.value_rows); j++) {
                dot(length, of.out + j * of.out_stride + i, 0, of.weights + i * of.weight_bytes, 0,
                    of.values + j * of.value_bytes, 0, 1);
            }
        }
    }
}

#ifdef LEM_ROW_KERNELS

constexpr int PANEL = 8;     // rows of values that are computed together
constexpr int PIECE = 2048;  // elements of each that are packed at a time
constexpr int CHUNK = 64;    // rows of weights that a thread takes at a time, at most

inline float float_of(ggml_half half) {
    return _cvtsh_ss(half);
}

// The sums of the eight elements of each of eight vectors, added in the order of ggml's hsum_float_8.
inline __m256 sums_of(const __m256 * v) {
    __m256 t[4];
    for (int i = 0; i < 4; i++) {
        t[i] = _mm256_add_ps(_mm256_permute2f128_ps(v[2 * i], v[2 * i + 1], 0x31),
                             _mm256_permute2f128_ps(v[2 * i], v[2 * i + 1], 0x20));
    }
    const __m256 a = _mm256_add_ps(_mm256_shuffle_ps(t[0], t[1], 0x44), _mm256_shuffle_ps(t[0], t[1], 0xEE));
    const __m256 b = _mm256_add_ps(_mm256_shuffle_ps(t[2], t[3], 0x44), _mm256_shuffle_ps(t[2], t[3], 0xEE));
    // Low half: vectors 0, 2, 4, 6; high half: 1, 3, 5, 7.
    const __m256 c = _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x88), _mm256_shuffle_ps(a, b, 0xDD));
    return _mm256_permutevar8x32_ps(c, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

template <bool FUSED> inline __m256 multiply_add(__m256 a, __m256 b, __m256 c) {
    return FUSED ? _mm256_fmadd_ps(a, b, c) : _mm256_add_ps(_mm256_mul_ps(a, b), c);
}

// Calls `with` with the number of rows as a constant, so that the compiler keeps their sums in registers.
template <int MOST, class WITH> inline void with_constant(int rows, WITH with) {
    if constexpr (MOST > 1) {
        if (rows < MOST) {
            return with_constant<MOST - 1>(rows, with);
        }
    }
    with(std::integral_constant<int, MOST>());
}

inline void store(const product & of, int64_t weight_row, int64_t value_row, int rows, __m256 results) {
    alignas(32) float single[PANEL];
    _mm256_store_ps(single, results);
    for (int r = 0; r < rows; r++) {
        of.out[(value_row + r) * of.out_stride + weight_row] = single[r];
    }
}

// ---- Weights in blocks of 32 with one scale

inline __m256i nibbles(const uint8_t * packed) {
    const __m128i both = _mm_loadu_si128((const __m128i *) packed);
    return _mm256_and_si256(_mm256_set1_epi8(15), _mm256_set_m128i(_mm_srli_epi16(both, 4), both));
}

// 0xFF for each bit that is set.
inline __m256i bytes_of_bits(const uint8_t * packed) {
    uint32_t bits;
    memcpy(&bits, packed, sizeof(bits));
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3,
                                            3, 3, 3, 3);
    const __m256i one    = _mm256_set1_epi64x((long long) 0x8040201008040201ULL);
    const __m256i bytes  = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32((int) bits), spread), one);
    return _mm256_cmpeq_epi8(bytes, one);
}

// How a type is unpacked into bytes; MIN: unsigned bytes, with a minimum that is multiplied with the sum of the values.
struct of_q4_0 {
    using weights = block_q4_0;
    using values  = block_q8_0;
    static constexpr bool MIN = false;
    static __m256i        bytes(const weights & w) { return _mm256_sub_epi8(nibbles(w.qs), _mm256_set1_epi8(8)); }
};

struct of_q4_1 {
    using weights = block_q4_1;
    using values  = block_q8_1;
    static constexpr bool MIN = true;
    static __m256i        bytes(const weights & w) { return nibbles(w.qs); }
};

struct of_q5_0 {
    using weights = block_q5_0;
    using values  = block_q8_0;
    static constexpr bool MIN = false;
    static __m256i        bytes(const weights & w) {
        return _mm256_or_si256(nibbles(w.qs),
                                      _mm256_andnot_si256(bytes_of_bits(w.qh), _mm256_set1_epi8((char) 0xF0)));
    }
};

struct of_q5_1 {
    using weights = block_q5_1;
    using values  = block_q8_1;
    static constexpr bool MIN = true;
    static __m256i        bytes(const weights & w) {
        return _mm256_or_si256(nibbles(w.qs), _mm256_and_si256(bytes_of_bits(w.qh), _mm256_set1_epi8(16)));
    }
};

struct of_q8_0 {
    using weights = block_q8_0;
    using values  = block_q8_0;
    static constexpr bool MIN = false;
    static __m256i        bytes(const weights & w) { return _mm256_loadu_si256((const __m256i *) w.qs); }
};

struct block_panel {
    static constexpr int BLOCKS = PIECE / 32;
    alignas(32) int8_t bytes[BLOCKS][PANEL][32];
    alignas(32) float scales[BLOCKS][PANEL];
    alignas(32) float sums[BLOCKS][PANEL];
};

inline float sum_of(const block_q8_0 &) {
    return 0;
}

inline float sum_of(const block_q8_1 & block) {
    return float_of(block.s);
}

template <class TYPE> void pack(block_panel & panel, const product & of, int64_t row, int rows, int64_t block, int blocks) {
    for (int r = 0; r < rows; r++) {
        const auto * values = (const typename TYPE::values *) (of.values + (row + r) * of.value_bytes) + block;
        for (int i = 0; i < blocks; i++) {
            memcpy(panel.bytes[i][r], values[i].qs, 32);
            panel.scales[i][r] = float_of(values[i].d);
            panel.sums[i][r]   = sum_of(values[i]);
        }
    }
}

template <class TYPE, bool FUSED, int ROWS>
inline void multiply_blocks(const typename TYPE::weights * weights, const block_panel & panel, int blocks, __m256 * sums,
                            __m256 & minima) {
    __m256 acc[ROWS];
    for (int r = 0; r < ROWS; r++) {
        acc[r] = sums[r];
    }
    __m256        min  = minima;
    const __m256i ones = _mm256_set1_epi16(1);
    for (int i = 0; i < blocks; i++) {
        const __m256i bytes     = TYPE::bytes(weights[i]);
        const __m256i magnitude = TYPE::MIN ? bytes : _mm256_abs_epi8(bytes);
        alignas(32) float scales[PANEL];
        _mm256_store_ps(scales,
                        _mm256_mul_ps(_mm256_set1_ps(float_of(weights[i].d)), _mm256_load_ps(panel.scales[i])));
        if constexpr (TYPE::MIN) {
            min = multiply_add<FUSED>(_mm256_set1_ps(float_of(weights[i].m)), _mm256_load_ps(panel.sums[i]), min);
        }
        for (int r = 0; r < ROWS; r++) {
            __m256i values = _mm256_load_si256((const __m256i *) panel.bytes[i][r]);
            if constexpr (!TYPE::MIN) {
                values = _mm256_sign_epi8(values, bytes);
            }
            const __m256i quads = _mm256_madd_epi16(ones, _mm256_maddubs_epi16(magnitude, values));
            acc[r] = _mm256_fmadd_ps(_mm256_broadcast_ss(scales + r), _mm256_cvtepi32_ps(quads), acc[r]);
        }
    }
    for (int r = 0; r < ROWS; r++) {
        sums[r] = acc[r];
    }
    minima = min;
}

template <class TYPE, bool FUSED> void multiply_32(const product & of, int64_t from, int64_t to) {
    block_panel panel;
    __m256      sums[CHUNK][PANEL];
    __m256      minima[CHUNK];
    for (int64_t row = 0; row < of.value_rows; row += PANEL) {
        const int rows = (int) std::min<int64_t>(PANEL, of.value_rows - row);
        memset(sums, 0, sizeof(sums[0]) * (to - from));
        memset(minima, 0, sizeof(minima[0]) * (to - from));
        for (int64_t block = 0; block < of.blocks; block += block_panel::BLOCKS) {
            const int blocks = (int) std::min<int64_t>(block_panel::BLOCKS, of.blocks - block);
            pack<TYPE>(panel, of, row, rows, block, blocks);
            for (int64_t i = from; i < to; i++) {
                const auto * weights = (const typename TYPE::weights *) (of.weights + i * of.weight_bytes) + block;
                with_constant<PANEL>(rows, [&](auto count) {
                    multiply_blocks<TYPE, FUSED, count>(weights, panel, blocks, sums[i - from], minima[i - from]);
                });
            }
        }
        for (int64_t i = from; i < to; i++) {
            __m256 results = sums_of(sums[i - from]);
            if (TYPE::MIN) {
                results = _mm256_add_ps(results, minima[i - from]);
            }
            store(of, i, row, rows, results);
        }
    }
}

// ---- Weights in blocks of 256 with a scale for each 16 or 32

struct super_panel {
    static constexpr int BLOCKS = PIECE / QK_K;
    alignas(32) int8_t bytes[BLOCKS][QK_K / 32][PANEL][32];
    alignas(32) int16_t sums[BLOCKS][PANEL][QK_K / 16];
    alignas(32) float scales[BLOCKS][PANEL];
};

void pack(super_panel & panel, const product & of, int64_t row, int rows, int64_t block, int blocks) {
    for (int r = 0; r < rows; r++) {
        const auto * values = (const block_q8_K *) (of.values + (row + r) * of.value_bytes) + block;
        for (int i = 0; i < blocks; i++) {
            for (int j = 0; j < QK_K / 32; j++) {
                memcpy(panel.bytes[i][j][r], values[i].qs + 32 * j, 32);
            }
            memcpy(panel.sums[i][r], values[i].bsums, sizeof(panel.sums[i][r]));
            panel.scales[i][r] = values[i].d;
        }
    }
}

// The 32 bytes of a part of a block, and the scales that their products in pairs are multiplied with.
struct super_part {
    __m256i bytes;
    __m256i scales;
};

inline __m256i twice(__m128i half) {
    return _mm256_set_m128i(half, half);
}

// Element number `index` of eight, in every place.
inline __m256i everywhere(__m256i eight, int index) {
    return _mm256_shuffle_epi8(eight, _mm256_set1_epi16((short) (index * 2 | (index * 2 + 1) << 8)));
}

// The scales, in the low 8 bytes, and the minima, in the high ones, of Q4_K and Q5_K.
inline __m128i scales_and_minima(const uint8_t * packed) {
    uint32_t in[3];
    memcpy(in, packed, sizeof(in));
    const uint32_t low = 0x0F0F0F0F, six = 0x3F3F3F3F, two = 0x03030303;
    return _mm_setr_epi32((int) (in[0] & six), (int) ((in[2] & low) | (in[0] >> 6 & two) << 4), (int) (in[1] & six),
                          (int) ((in[2] >> 4 & low) | (in[1] >> 6 & two) << 4));
}

struct of_q4_K {
    using weights = block_q4_K;
    static constexpr bool MIN = true, IN_ORDER = false;

    __m256i both, scales;

    explicit of_q4_K(const weights & w) :
        both(_mm256_cvtepu8_epi16(scales_and_minima(w.scales))),
        scales(twice(_mm256_castsi256_si128(both))) {}

    __m128i minima() const { return _mm256_extracti128_si256(both, 1); }

    super_part part(const weights & w, int j) const {
        const __m256i bits = _mm256_loadu_si256((const __m256i *) (w.qs + j / 2 * 32));
        return { _mm256_and_si256(j % 2 ? _mm256_srli_epi16(bits, 4) : bits, _mm256_set1_epi8(15)), everywhere(scales, j) };
    }
};

struct of_q5_K {
    using weights = block_q5_K;
    static constexpr bool MIN = true, IN_ORDER = true;

    __m256i both, scales, high;

    explicit of_q5_K(const weights & w) :
        both(_mm256_cvtepu8_epi16(scales_and_minima(w.scales))),
        scales(twice(_mm256_castsi256_si128(both))),
        high(_mm256_loadu_si256((const __m256i *) w.qh)) {}

    __m128i minima() const { return _mm256_extracti128_si256(both, 1); }

    super_part part(const weights & w, int j) const {
        const __m256i bits  = _mm256_loadu_si256((const __m256i *) (w.qs + j / 2 * 32));
        const __m256i low   = _mm256_and_si256(j % 2 ? _mm256_srli_epi16(bits, 4) : bits, _mm256_set1_epi8(15));
        const __m256i fifth = _mm256_and_si256(_mm256_srl_epi16(high, _mm_cvtsi32_si128(j)), _mm256_set1_epi8(1));
        return { _mm256_or_si256(low, _mm256_slli_epi16(fifth, 4)), everywhere(scales, j) };
    }
};

struct of_q6_K {
    using weights = block_q6_K;
    static constexpr bool MIN = false, IN_ORDER = false;

    __m128i packed;

    explicit of_q6_K(const weights & w) : packed(_mm_loadu_si128((const __m128i *) w.scales)) {}

    // The values are 32 too large: their sums of 16 times the scales, times 32, is subtracted.
    __m256i excess() const { return _mm256_cvtepi8_epi16(packed); }

    super_part part(const weights & w, int j) const {
        const int     quarter = j % 4;
        const __m256i low     = _mm256_loadu_si256((const __m256i *) (w.ql + j / 4 * 64 + quarter % 2 * 32));
        const __m256i high    = _mm256_loadu_si256((const __m256i *) (w.qh + j / 4 * 32));
        const __m256i four = _mm256_and_si256(quarter < 2 ? low : _mm256_srli_epi16(low, 4), _mm256_set1_epi8(15));
        const __m256i two  = _mm256_and_si256(_mm256_srl_epi16(high, _mm_cvtsi32_si128(2 * quarter)), _mm256_set1_epi8(3));
        const __m256i eight   = _mm256_cvtepi8_epi16(_mm_shuffle_epi8(
                packed, _mm_setr_epi8((char) (2 * j), (char) (2 * j), (char) (2 * j), (char) (2 * j), (char) (2 * j),
                                      (char) (2 * j), (char) (2 * j), (char) (2 * j), (char) (2 * j + 1),
                                      (char) (2 * j + 1), (char) (2 * j + 1), (char) (2 * j + 1), (char) (2 * j + 1),
                                      (char) (2 * j + 1), (char) (2 * j + 1), (char) (2 * j + 1))));
        return { _mm256_or_si256(four, _mm256_slli_epi16(two, 4)), eight };
    }
};

struct super_sums {
    __m256 products[PANEL];
    __m128 minima[PANEL];
    float  single[PANEL];
};

template <bool FUSED> inline float multiply_add(float a, float b, float c) {
    if (FUSED) {
        return _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c)));
    }
    return a * b + c;
}

template <class TYPE, bool FUSED>
inline void add_minima(const __m128i minima, float dmin, const super_panel & panel, int i, int r, super_sums & sums) {
    const __m256i sixteens = _mm256_load_si256((const __m256i *) panel.sums[i][r]);
    const __m128i values   = _mm_hadd_epi16(_mm256_castsi256_si128(sixteens), _mm256_extracti128_si256(sixteens, 1));
    const __m128i product  = _mm_madd_epi16(minima, values);
    const float   scale    = -panel.scales[i][r] * dmin;
    if (TYPE::IN_ORDER) {
        const __m128i two = _mm_add_epi32(product, _mm_shuffle_epi32(product, 0x4E));
        const int     one = _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
        sums.single[r]    = multiply_add<FUSED>(scale, (float) one, sums.single[r]);
    } else {
        sums.minima[r] = _mm_fmadd_ps(_mm_set1_ps(scale), _mm_cvtepi32_ps(product), sums.minima[r]);
    }
}

template <class TYPE, bool FUSED, int ROWS>
inline void multiply_super(const typename TYPE::weights * weights, const super_panel & panel, int blocks, super_sums & sums) {
    for (int i = 0; i < blocks; i++) {
        const typename TYPE::weights & w = weights[i];
        const TYPE                     unpacked(w);
        __m256i                        whole[ROWS];
        for (int r = 0; r < ROWS; r++) {
            whole[r] = _mm256_setzero_si256();
        }
#    pragma GCC unroll 8
        for (int j = 0; j < QK_K / 32; j++) {
            const super_part part = unpacked.part(w, j);
            for (int r = 0; r < ROWS; r++) {
                const __m256i values = _mm256_load_si256((const __m256i *) panel.bytes[i][j][r]);
                whole[r] = _mm256_add_epi32(
                        whole[r], _mm256_madd_epi16(part.scales, _mm256_maddubs_epi16(part.bytes, values)));
            }
        }
        const float d = float_of(w.d);
        for (int r = 0; r < ROWS; r++) {
            if constexpr (TYPE::MIN) {
                add_minima<TYPE, FUSED>(unpacked.minima(), float_of(w.dmin), panel, i, r, sums);
            } else {
                const __m256i sixteens = _mm256_load_si256((const __m256i *) panel.sums[i][r]);
                whole[r] = _mm256_sub_epi32(
                        whole[r], _mm256_slli_epi32(_mm256_madd_epi16(sixteens, unpacked.excess()), 5));
            }
            sums.products[r] = _mm256_fmadd_ps(_mm256_set1_ps(panel.scales[i][r] * d), _mm256_cvtepi32_ps(whole[r]),
                                               sums.products[r]);
        }
    }
}

inline float sum_of_four(__m128 four) {
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

template <class TYPE, bool FUSED> void multiply_256(const product & of, int64_t from, int64_t to) {
    super_panel panel;
    super_sums  sums[CHUNK];
    for (int64_t row = 0; row < of.value_rows; row += PANEL) {
        const int rows = (int) std::min<int64_t>(PANEL, of.value_rows - row);
        memset((void *) sums, 0, sizeof(sums[0]) * (to - from));
        for (int64_t block = 0; block < of.blocks; block += super_panel::BLOCKS) {
            const int blocks = (int) std::min<int64_t>(super_panel::BLOCKS, of.blocks - block);
            pack(panel, of, row, rows, block, blocks);
            for (int64_t i = from; i < to; i++) {
                const auto * weights = (const typename TYPE::weights *) (of.weights + i * of.weight_bytes) + block;
                with_constant<PANEL>(rows, [&](auto count) {
                    multiply_super<TYPE, FUSED, count>(weights, panel, blocks, sums[i - from]);
                });
            }
        }
        for (int64_t i = from; i < to; i++) {
            super_sums & s = sums[i - from];
            if (TYPE::MIN && !TYPE::IN_ORDER) {
                for (int r = 0; r < rows; r++) {
                    s.single[r] = sum_of_four(s.minima[r]);
                }
            }
            __m256 results = sums_of(s.products);
            if (TYPE::MIN) {
                results = _mm256_add_ps(results, _mm256_loadu_ps(s.single));
            }
            store(of, i, row, rows, results);
        }
    }
}

// ---- Weights that are floats

constexpr int FLOAT_ROWS    = 4;     // rows of values that are computed together
constexpr int FLOAT_WEIGHTS = 3;     // with as many rows of weights: their sums fill the registers
constexpr int FLOAT_PIECE   = 1024;  // elements of each that are packed at a time
constexpr int FLOAT_STEP    = 32;    // elements that vec_dot adds to its four sums at a time
constexpr int FLOAT_SUMS    = FLOAT_STEP / 8;
constexpr int FLOAT_GAP     = 16;  // between the rows, so that they do not compete for places in the cache

struct of_f32 {
    using element = float;
    static constexpr bool BFLOAT = false;
    static __m256         load(const element * from) { return _mm256_loadu_ps(from); }
};

struct of_f16 {
    using element = ggml_fp16_t;
    static constexpr bool BFLOAT = false;
    static __m256         load(const element * from) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) from)); }
};

struct of_bf16 {
    using element = ggml_bf16_t;
    static constexpr bool BFLOAT = true;
    static __m256         load(const element * from) {
        const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *) from));
        return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
    }
};

struct float_panel {
    alignas(32) float values[FLOAT_ROWS][FLOAT_PIECE + FLOAT_GAP];
};

template <class TYPE> void pack(float_panel & panel, const product & of, int64_t row, int rows, int64_t at, int length) {
    for (int r = 0; r < rows; r++) {
        const auto * values = (const typename TYPE::element *) (of.values + (row + r) * of.value_bytes) + at;
        for (int i = 0; i < length; i += 8) {
            _mm256_store_ps(panel.values[r] + i, TYPE::load(values + i));
        }
    }
}

using float_sums = __m256[FLOAT_ROWS][FLOAT_SUMS];

// vec_dot's four sums do not touch each other, so one after the other is computed, for several rows of both sides.
template <class TYPE, bool FUSED, int WEIGHTS, int ROWS>
inline void multiply_floats(const char * weights, size_t stride, const float_panel & panel, int length, float_sums * sums) {
    for (int j = 0; j < FLOAT_SUMS; j++) {
        const typename TYPE::element * from[WEIGHTS];
        __m256                         acc[WEIGHTS][ROWS];
        for (int w = 0; w < WEIGHTS; w++) {
            from[w] = (const typename TYPE::element *) (weights + w * stride) + 8 * j;
            for (int r = 0; r < ROWS; r++) {
                acc[w][r] = sums[w][r][j];
            }
        }
        for (int i = 0; i < length; i += FLOAT_STEP) {
            __m256 some[WEIGHTS];
            for (int w = 0; w < WEIGHTS; w++) {
                some[w] = TYPE::load(from[w] + i);
            }
            for (int r = 0; r < ROWS; r++) {
                const __m256 value = _mm256_load_ps(panel.values[r] + i + 8 * j);
                for (int w = 0; w < WEIGHTS; w++) {
                    acc[w][r] = multiply_add<FUSED>(some[w], value, acc[w][r]);
                }
            }
        }
        for (int w = 0; w < WEIGHTS; w++) {
            for (int r = 0; r < ROWS; r++) {
                sums[w][r][j] = acc[w][r];
            }
        }
    }
}

template <class TYPE> float sum_of(const __m256 (&sums)[FLOAT_SUMS]) {
    const __m256 all  = _mm256_add_ps(_mm256_add_ps(sums[0], sums[2]), _mm256_add_ps(sums[1], sums[3]));
    const __m128 four = _mm_add_ps(_mm256_extractf128_ps(all, 1), _mm256_castps256_ps128(all));
    if (TYPE::BFLOAT) {
        return sum_of_four(four);
    }
    const __m128 two = _mm_hadd_ps(four, four);
    return _mm_cvtss_f32(_mm_hadd_ps(two, two));
}

template <class TYPE, bool FUSED> void multiply_float(const product & of, int64_t from, int64_t to) {
    float_panel panel;
    float_sums  sums[CHUNK];
    for (int64_t row = 0; row < of.value_rows; row += FLOAT_ROWS) {
        const int rows = (int) std::min<int64_t>(FLOAT_ROWS, of.value_rows - row);
        memset((void *) sums, 0, sizeof(sums[0]) * (to - from));
        for (int64_t at = 0; at < of.blocks; at += FLOAT_PIECE) {
            const int length = (int) std::min<int64_t>(FLOAT_PIECE, of.blocks - at);
            pack<TYPE>(panel, of, row, rows, at, length);
            for (int64_t i = from; i < to; i += FLOAT_WEIGHTS) {
                const char * weights = of.weights + i * of.weight_bytes + at * sizeof(typename TYPE::element);
                with_constant<FLOAT_WEIGHTS>((int) std::min<int64_t>(FLOAT_WEIGHTS, to - i), [&](auto some) {
                    with_constant<FLOAT_ROWS>(rows, [&](auto count) {
                        multiply_floats<TYPE, FUSED, some, count>(weights, of.weight_bytes, panel, length, sums + (i - from));
                    });
                });
            }
        }
        for (int64_t i = from; i < to; i++) {
            for (int r = 0; r < rows; r++) {
                of.out[(row + r) * of.out_stride + i] = sum_of<TYPE>(sums[i - from][r]);
            }
        }
    }
}

// ---- Which kernel a type has

// Whether a kernel gives vec_dot's bits for rows with elements of several magnitudes and both signs.
bool is_exact(row_kernel kernel, ggml_type type) {
    const int       length     = 2 * PIECE + 512;
    const int       weight_row = CHUNK / 4, value_rows = PANEL + FLOAT_ROWS;
    const ggml_type values     = ggml_get_type_traits_cpu(type)->vec_dot_type;
    const size_t    weight_bytes = ggml_row_size(type, length), value_bytes = ggml_row_size(values, length);
    std::vector<char>  packed_weights(weight_bytes * weight_row), packed_values(value_bytes * value_rows);
    std::vector<float> row(length), expected(weight_row * value_rows), found(weight_row * value_rows);
    uint32_t state = 12345;
    const auto fill = [&]() {
        for (int i = 0; i < length; i++) {
            state  = state * 1664525u + 1013904223u;
            row[i] = ((int32_t) state >> 8) * (1.0f / (1 << 23)) * (float) (1 + (state >> 3) % 7) * (i / 64 % 5 + 0.1f);
        }
        return row.data();
    };
    const auto quantize = ggml_get_type_traits(type)->from_float_ref;
    for (int i = 0; i < weight_row; i++) {
        if (type == GGML_TYPE_F32) {
            memcpy(packed_weights.data() + i * weight_bytes, fill(), weight_bytes);
        } else {
            quantize(fill(), packed_weights.data() + i * weight_bytes, length);
        }
    }
    for (int j = 0; j < value_rows; j++) {
        ggml_get_type_traits_cpu(values)->from_float(fill(), packed_values.data() + j * value_bytes, length);
    }
    product of { value_rows, length / ggml_blck_size(type), packed_weights.data(), weight_bytes, packed_values.data(),
                 value_bytes, expected.data(), weight_row };
    with_vec_dot(of, type, 0, weight_row);
    of.out = found.data();
    kernel(of, 0, weight_row);
    return memcmp(expected.data(), found.data(), found.size() * sizeof(float)) == 0;
}

// Null without an exact one, or without memory for the trial.
row_kernel first_exact(ggml_type type, row_kernel fused, row_kernel separate) noexcept {
    try {
        return is_exact(fused, type) ? fused : is_exact(separate, type) ? separate : nullptr;
    } catch (...) {
        return nullptr;
    }
}

#    define LEM_KERNEL(TYPE, kernel, trait)                                                                       \
        case TYPE: {                                                                                              \
            static const row_kernel chosen = first_exact(TYPE, kernel<trait, true>, kernel<trait, false>);        \
            return chosen;                                                                                        \
        }

// Null for other types.
row_kernel kernel_of(ggml_type type) {
    switch (type) {
        LEM_KERNEL(GGML_TYPE_Q4_0, multiply_32, of_q4_0)
        LEM_KERNEL(GGML_TYPE_Q4_1, multiply_32, of_q4_1)
        LEM_KERNEL(GGML_TYPE_Q5_0, multiply_32, of_q5_0)
        LEM_KERNEL(GGML_TYPE_Q5_1, multiply_32, of_q5_1)
        LEM_KERNEL(GGML_TYPE_Q8_0, multiply_32, of_q8_0)
        LEM_KERNEL(GGML_TYPE_Q4_K, multiply_256, of_q4_K)
        LEM_KERNEL(GGML_TYPE_Q5_K, multiply_256, of_q5_K)
        LEM_KERNEL(GGML_TYPE_Q6_K, multiply_256, of_q6_K)
        LEM_KERNEL(GGML_TYPE_F32, multiply_float, of_f32)
        LEM_KERNEL(GGML_TYPE_F16, multiply_float, of_f16)
        LEM_KERNEL(GGML_TYPE_BF16, multiply_float, of_bf16)
        default: return nullptr;
    }
}

// Measured with AVX2 for all quantized types: ggml's tiles take 1.1 to 1.7 times as long. With AVX-512 only types for which ggml has
// no tiles are known to gain.
bool is_faster_than_tiles(ggml_type type) {
#    ifdef __AVX512F__
    return type == GGML_TYPE_Q4_1 || type == GGML_TYPE_Q5_1;
#    else
    return ggml_is_quantized(type);
#    endif
}

#else

bool is_faster_than_tiles(ggml_type) {
    return false;
}

constexpr int FLOAT_STEP = 1;
constexpr int CHUNK      = 64;

row_kernel kernel_of(ggml_type) {
    return nullptr;
}

#endif

}  // namespace

bool lem_row_product(const ggml_compute_params * params, int64_t weight_rows, int64_t value_rows, int64_t blocks,
                     const void * weights, int64_t weight_stride, const void * values, int64_t value_stride, float * out,
                     int64_t out_stride, int weight_type, int value_type) {
    const ggml_type type = (ggml_type) weight_type;
    if (ggml_get_type_traits_cpu(type)->vec_dot_type != value_type) {
        return false;
    }
    const row_kernel kernel = ggml_blck_size(type) == 1 && blocks % FLOAT_STEP != 0 ? nullptr : kernel_of(type);
    const product    of { value_rows,
                          blocks,
                          (const char *) weights,
                          weight_stride * ggml_type_size(type),
                          (const char *) values,
                          value_stride * ggml_type_size((ggml_type) value_type),
                          out,
                          out_stride };
    // Small enough that the threads end together, large enough that packing the values again for each does not count.
    const int64_t chunk  = std::clamp<int64_t>(weight_rows / (4 * params->nth), 16, CHUNK);
    const int64_t chunks = (weight_rows + chunk - 1) / chunk;
    lem::share_tasks(params, chunks, [&](int64_t i) {
        const int64_t from = i * chunk, to = std::min(from + chunk, weight_rows);
        if (kernel != nullptr) {
            kernel(of, from, to);
        } else {
            with_vec_dot(of, type, from, to);
        }
    });
    return true;
}

bool lem_prefers_row_product(int weight_type) {
    return is_faster_than_tiles((ggml_type) weight_type) && kernel_of((ggml_type) weight_type) != nullptr;
}
