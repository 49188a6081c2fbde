// The C interface of LEM's shim: versions of llama.cpp calls that cannot throw,
// and what the Java side checks at load time.
//
// Convention: every call that can fail takes (char * error, size_t error_size) last.
// On failure a NUL-terminated UTF-8 message is written there (cut at the size) and the
// call returns NULL or a negative lem_status. On success error[0] is 0.
#ifndef LEM_SHIM_H
#define LEM_SHIM_H

#include "llama.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#    ifdef LEM_SHIM_BUILD
#        define LEM_API __declspec(dllexport)
#    else
#        define LEM_API __declspec(dllimport)
#    endif
#else
#    define LEM_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Raised whenever this header changes in a way that Java has to know.
#define LEM_SHIM_ABI 7

// Codes lie below any value that the wrapped calls return on their own.
enum lem_status {
    LEM_STATUS_OK            = 0,
    LEM_STATUS_EXCEPTION     = -2000000001, // a C++ exception, its text in error
    LEM_STATUS_BAD_ARGUMENT  = -2000000002, // refused before llama.cpp was called
    LEM_STATUS_NO_CANDIDATES = -2000000003, // sampling: no token is left with a finite logit
};

LEM_API int32_t      lem_shim_abi(void);
// What the libraries were built from: the pinned release, git tree id and backends ("cpu", "cpu,cuda").
LEM_API const char * lem_build_version(void);
LEM_API const char * lem_build_tree(void);
LEM_API const char * lem_build_backends(void);
// sizeof of a struct by its C name ("llama_context_params"), or -1 for a name unknown to the shim.
LEM_API int64_t      lem_struct_size(const char * name);

LEM_API struct llama_model * lem_model_load(
        const char * path, struct llama_model_params params, char * error, size_t error_size);
LEM_API struct llama_context * lem_context_init(
        struct llama_model * model, struct llama_context_params params, char * error, size_t error_size);
LEM_API struct llama_adapter_lora * lem_adapter_load(
        struct llama_model * model, const char * path, char * error, size_t error_size);

// Number of tokens written, or minus the number needed when n_tokens_max is too small (as llama_tokenize), or a lem_status.
LEM_API int32_t lem_tokenize(
        const struct llama_vocab * vocab, const char * text, int32_t text_len,
        llama_token * tokens, int32_t n_tokens_max, bool add_special, bool parse_special,
        char * error, size_t error_size);
// Number of bytes written, or minus the number needed, or a lem_status. The text is not NUL-terminated.
LEM_API int32_t lem_token_to_piece(
        const struct llama_vocab * vocab, llama_token token,
        char * buf, int32_t length, int32_t lstrip, bool special, char * error, size_t error_size);
LEM_API int32_t lem_detokenize(
        const struct llama_vocab * vocab, const llama_token * tokens, int32_t n_tokens,
        char * text, int32_t text_len_max, bool remove_special, bool unparse_special,
        char * error, size_t error_size);

// llama_decode's own codes (0 ok, 1 no KV slot, 2 aborted, negative: error), or a lem_status.
LEM_API int32_t lem_decode(struct llama_context * ctx, struct llama_batch batch, char * error, size_t error_size);

// Makes the CPU compute several tokens in one call, of one sequence or of several, with the digits that each token gets in a call of
// its own. For contexts in which each sequence has cells of its own. 1 if the CPU computes everything in this context, 0 if a
// device takes part, which changes nothing, or a lem_status.
LEM_API int32_t lem_single_rows(struct llama_context * ctx, bool single, char * error, size_t error_size);

// Whether the CPU has products of several rows with the digits of one: 1 or 0. They read weights as they are in the file, so models
// are then loaded without llama.cpp's other arrangements of weights, which it multiplies with other digits.
LEM_API int32_t lem_has_row_products(void);

// The abort callback of a context: true once the int at flag is not 0. Any thread may set it; no Java runs here.
LEM_API bool lem_abort_if_set(void * flag);

// What a model and its context take, one row per kind of memory.
struct lem_memory_row {
    char     device[64]; // name of the device, such as CPU or CUDA0
    bool     host;       // the processor's memory
    bool     mappable;   // weights in it are pages of the mapped file where the file is mapped
    uint64_t model;      // bytes of weights
    uint64_t context;    // bytes of the KV cache
    uint64_t compute;    // bytes of intermediate results
};
// Number of rows written, or a lem_status.
LEM_API int32_t lem_memory_usage(
        const struct llama_context * ctx, struct lem_memory_row * rows, int32_t n_rows_max,
        char * error, size_t error_size);
// As lem_memory_usage, for a model and context that are not created: sizes are computed, nothing is allocated.
LEM_API int32_t lem_memory_estimate(
        const char * path, struct llama_model_params model_params, struct llama_context_params context_params,
        struct lem_memory_row * rows, int32_t n_rows_max, char * error, size_t error_size);

// GBNF grammar sampler; NULL with a message if the text is not a grammar. Length and nesting of the text are limited.
LEM_API struct llama_sampler * lem_grammar_init(
        const struct llama_vocab * vocab, const char * gbnf, const char * root, char * error, size_t error_size);
// Applies the sampler to the logits of output row `row` of the last decode and returns the chosen token (>= 0), not yet
// accepted, or a lem_status. grammar may be NULL; it is applied first, so that no chain can hand it an empty choice.
LEM_API int32_t lem_sampler_sample(
        struct llama_sampler * chain, struct llama_sampler * grammar, struct llama_context * ctx, int32_t row,
        char * error, size_t error_size);
// Applies one sampler, such as a grammar, to candidates; rejected ones get a logit of minus infinity. LEM_STATUS_OK or a
// lem_status.
LEM_API int32_t lem_sampler_apply(
        struct llama_sampler * sampler, struct llama_token_data_array * candidates, char * error, size_t error_size);
LEM_API int32_t lem_sampler_accept(struct llama_sampler * sampler, llama_token token, char * error, size_t error_size);

// Operations of training in a graph on the CPU (ggml_custom_op_t). Tensors are f32 and results contiguous, unless it says
// otherwise. A result does not depend on the number of threads. The work is shared out among the threads by the first two
// numbers of the work, zeros at first; one work per operation.
//
// The sum of up to five matrix products: src[0], src[2], ... are matrices, and src[1], src[3], ... have the rows:
//   out[column, row, ...] = sum over products and k of src[1][k, row, ...] * src[0](k, column, ...)
// An odd number of sources has at its end a tensor in the shape of out that is added. Rows and an f32 matrix may have any
// strides. A matrix may have fewer stacks, each for as many of the rows as follow each other. A result does not depend on
// the other rows.
struct lem_product_work {
    int64_t next;
    int64_t done;
    // Bit i: matrix i is [columns, k] instead of [k, columns]. Not f32, it is of any type that ggml can expand, its numbers
    // in order along the first axis.
    int64_t columns;
};
LEM_API void lem_product(struct ggml_tensor * out, int thread, int threads, void * work);
// Softmax attention of each row to the rows from a first one up to itself. Sources: queries [head size, heads, N], keys and
// values [head size, KV heads, N], all contiguous, and the first rows, i32 [N], which never decrease. A last source may be a
// score of each head, f32 [heads], that takes part in the softmax and has no value (a sink).
struct lem_attention_work {
    int64_t next;
    int64_t done;
    float   scale;  // of the scores
    float   cap;    // scores are capped to between -cap and cap after scaling; 0 for no cap
    int64_t parts;  // of the gradients of keys and values, at least 1
};
// out is [head size * heads, N].
LEM_API void lem_attention(struct ggml_tensor * out, int thread, int threads, void * work);
// The gradients; the fifth source is that of lem_attention's result, and the sinks follow it. out has one after the other those of the queries, `parts`
// times those of the keys and `parts` times those of the values, of which the parts are to be added. With sinks there follows what
// each row adds to their gradients, [heads, N]: minus the sink's probability times the sum over the keys of probability times gradient.
LEM_API void lem_attention_back(struct ggml_tensor * out, int thread, int threads, void * work);
// out = the sum of the contiguous tensors of out's size that src[0] has one after the other; no work.
LEM_API void lem_sum_parts(struct ggml_tensor * out, int thread, int threads, void * work);
// out = GELU(src[0]) * src[1], all contiguous; no work.
LEM_API void lem_gelu_gate(struct ggml_tensor * out, int thread, int threads, void * work);
// The gradients of gate (src[0]) and up (src[1]), one after the other, from that (src[2]) of SiLU(gate) * up or GELU(gate) * up,
// all contiguous; no work.
LEM_API void lem_silu_gate_back(struct ggml_tensor * out, int thread, int threads, void * work);
LEM_API void lem_gelu_gate_back(struct ggml_tensor * out, int thread, int threads, void * work);
// The gradients as above, from that of min(gate, limit) * sigmoid(alpha * min(gate, limit)) * (clamp(up, -limit, limit) + 1).
struct lem_clamped_gate_work {
    float alpha;
    float limit;
};
LEM_API void lem_clamped_gate_back(struct ggml_tensor * out, int thread, int threads, void * work);
// Products of the rows of tokens with the matrices of the experts that each token chose. Sources: matrices [k, m, experts] of
// any type that ggml can expand, or [m, k, experts] if the first bit of the work's columns is set; rows [k, 1 or used, N]; the
// chosen experts, i32 [used, N] with any strides, each from 0 to below their number; and maybe a tensor in the shape of out that
// is added. out is [m, used, N], or [m, N] for the sum over the chosen. The work is a lem_product_work.
LEM_API void lem_expert_product(struct ggml_tensor * out, int thread, int threads, void * work);
// out [n, r, experts]: for each expert the sum over the rows that chose it of every product of a number of the one,
// src[0] [n, 1 or used, N], with one of the other, src[1] [r, 1 or used, N]; src[2] are the chosen experts. The work is a
// lem_product_work.
LEM_API void lem_expert_outer_product(struct ggml_tensor * out, int thread, int threads, void * work);
// The instruction set that products use: "avx512", "avx2" or "generic", the best that this processor has.
LEM_API const char * lem_product_instructions(void);
// Makes products use another one, for tests; false if the processor does not have it. No product may run meanwhile.
LEM_API bool lem_product_use(const char * instructions);

#ifdef __cplusplus
}
#endif

#endif
