#include "lem_shim.h"

#include "deep_stack.h"
#include "error.h"
#include "grammar_check.h"
#include "printed_capture.h"
#include "ggml-backend.h"
#include "ggml.h"
#include "gguf.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

using lem::clear;
using lem::error_sink;
using lem::fail;
using lem::guarded;

namespace lem {

void clear(error_sink error) {
    if (error.buffer != nullptr && error.size > 0) {
        error.buffer[0] = 0;
    }
}

int32_t fail(error_sink error, int32_t status, const std::string & message) {
    if (error.buffer == nullptr || error.size == 0) {
        return status;
    }
    size_t length = std::min(message.size(), error.size - 1);
    while (length > 0 && length < message.size() && (message[length] & 0xC0) == 0x80) {
        length--;
    }
    std::memcpy(error.buffer, message.data(), length);
    error.buffer[length] = 0;
    return status;
}

}  // namespace lem

static int32_t refuse(error_sink error, const std::string & message) {
    return fail(error, LEM_STATUS_BAD_ARGUMENT, message);
}

static bool in_vocab(const llama_vocab * vocab, llama_token token) {
    return token >= 0 && token < llama_vocab_n_tokens(vocab);
}

static std::string out_of_vocab(const llama_vocab * vocab, llama_token token) {
    return "token " + std::to_string(token) + " is outside the vocabulary of " +
           std::to_string(llama_vocab_n_tokens(vocab)) + " tokens";
}

// --- what this build is

int32_t lem_shim_abi(void) {
    return LEM_SHIM_ABI;
}

const char * lem_build_version(void) {
    return LEM_RELEASE;
}

const char * lem_build_tree(void) {
    return LEM_TREE;
}

const char * lem_build_backends(void) {
    return LEM_BACKENDS;
}

int64_t lem_struct_size(const char * name) {
#define LEM_SIZE(type) { #type, sizeof(struct type) }
    static const std::pair<const char *, size_t> sizes[] = {
        LEM_SIZE(lem_memory_row),
        LEM_SIZE(lem_product_work),
        LEM_SIZE(lem_attention_work),
        LEM_SIZE(lem_clamped_gate_work),
        LEM_SIZE(llama_batch),
        LEM_SIZE(llama_chat_message),
        LEM_SIZE(llama_context_params),
        LEM_SIZE(llama_logit_bias),
        LEM_SIZE(llama_model_imatrix_data),
        LEM_SIZE(llama_model_kv_override),
        LEM_SIZE(llama_model_params),
        LEM_SIZE(llama_model_quantize_params),
        LEM_SIZE(llama_model_tensor_buft_override),
        LEM_SIZE(llama_model_tensor_override),
        LEM_SIZE(llama_perf_context_data),
        LEM_SIZE(llama_perf_sampler_data),
        LEM_SIZE(llama_sampler),
        LEM_SIZE(llama_sampler_chain_params),
        LEM_SIZE(llama_sampler_data),
        LEM_SIZE(llama_sampler_i),
        LEM_SIZE(llama_sampler_seq_config),
        LEM_SIZE(llama_token_data),
        LEM_SIZE(llama_token_data_array),
        LEM_SIZE(ggml_backend_dev_caps),
        LEM_SIZE(ggml_backend_dev_props),
        LEM_SIZE(ggml_backend_feature),
        LEM_SIZE(ggml_backend_graph_copy),
        LEM_SIZE(ggml_backend_meta_split_state),
        LEM_SIZE(ggml_init_params),
        LEM_SIZE(ggml_tallocr),
        LEM_SIZE(ggml_tensor),
        LEM_SIZE(ggml_threadpool_params),
        LEM_SIZE(ggml_type_traits),
        LEM_SIZE(gguf_init_params),
    };
#undef LEM_SIZE
    for (const auto & entry : sizes) {
        if (name != nullptr && std::strcmp(name, entry.first) == 0) {
            return (int64_t) entry.second;
        }
    }
    return -1;
}

// --- model and context

llama_model * lem_model_load(const char * path, llama_model_params params, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (llama_model *) nullptr, [&]() -> llama_model * {
        if (path == nullptr) {
            refuse(sink, "no path was given");
            return nullptr;
        }
        if (params.load_mode < LLAMA_LOAD_MODE_AUTO || params.load_mode > LLAMA_LOAD_MODE_DIRECT_IO) {
            refuse(sink, "load mode " + std::to_string((int) params.load_mode) + " is unknown");
            return nullptr;
        }
        if (params.split_mode < LLAMA_SPLIT_MODE_NONE || params.split_mode > LLAMA_SPLIT_MODE_TENSOR) {
            refuse(sink, "split mode " + std::to_string((int) params.split_mode) + " is unknown");
            return nullptr;
        }
        if (params.no_alloc) {
            refuse(sink, "a model loaded without memory cannot be used");
            return nullptr;
        }
        return llama_model_load_from_file(path, params);
    });
}

static bool in_range(int value, int low, int high) {
    return value >= low && value <= high;
}

// The first parameter on which llama.cpp would abort, as a sentence; empty if all are valid.
static std::string context_objection(const llama_model * model, const llama_context_params & params) {
    if (model == nullptr) {
        return "no model was given";
    }
    if (llama_model_size(model) == 0) {
        return "the model was loaded without its weights";
    }
    if (params.n_batch == 0 || params.n_ubatch == 0) {
        return "a batch needs room for at least one token";
    }
    if (!in_range(params.type_k, 0, GGML_TYPE_COUNT - 1) || ggml_type_size(params.type_k) == 0 ||
        !in_range(params.type_v, 0, GGML_TYPE_COUNT - 1) || ggml_type_size(params.type_v) == 0) {
        return "the type of the KV cache is unknown";
    }
    if (!in_range(params.ctx_type, LLAMA_CONTEXT_TYPE_DEFAULT, LLAMA_CONTEXT_TYPE_MTP) ||
        !in_range(params.rope_scaling_type, LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED, LLAMA_ROPE_SCALING_TYPE_MAX_VALUE) ||
        !in_range(params.pooling_type, LLAMA_POOLING_TYPE_UNSPECIFIED, LLAMA_POOLING_TYPE_RANK) ||
        !in_range(params.attention_type, LLAMA_ATTENTION_TYPE_UNSPECIFIED, LLAMA_ATTENTION_TYPE_NON_CAUSAL) ||
        !in_range(params.flash_attn_type, LLAMA_FLASH_ATTN_TYPE_AUTO, LLAMA_FLASH_ATTN_TYPE_ENABLED)) {
        return "the context type, rope scaling, pooling, attention or flash attention setting is unknown";
    }
    return "";
}

llama_context * lem_context_init(llama_model * model, llama_context_params params, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (llama_context *) nullptr, [&]() -> llama_context * {
        const std::string objection = context_objection(model, params);
        if (!objection.empty()) {
            refuse(sink, objection);
            return nullptr;
        }
        return llama_init_from_model(model, params);
    });
}

llama_adapter_lora * lem_adapter_load(llama_model * model, const char * path, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (llama_adapter_lora *) nullptr, [&]() -> llama_adapter_lora * {
        if (model == nullptr || path == nullptr) {
            refuse(sink, "no model or no path was given");
            return nullptr;
        }
        return llama_adapter_lora_init(model, path);
    });
}

// --- text and tokens

// The first error in a call on a vocabulary; empty if the call is valid.
static std::string vocab_objection(const llama_vocab * vocab) {
    if (vocab == nullptr) {
        return "no vocabulary was given";
    }
    if (llama_vocab_type(vocab) == LLAMA_VOCAB_TYPE_NONE) {
        return "this model has no tokenizer";
    }
    return "";
}

int32_t lem_tokenize(
        const llama_vocab * vocab, const char * text, int32_t text_len,
        llama_token * tokens, int32_t n_tokens_max, bool add_special, bool parse_special,
        char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        const std::string objection = vocab_objection(vocab);
        if (!objection.empty()) {
            return refuse(sink, objection);
        }
        if (text_len < 0 || (text == nullptr && text_len > 0)) {
            return refuse(sink, "the text or its length is missing");
        }
        if (n_tokens_max < 0 || (tokens == nullptr && n_tokens_max > 0)) {
            return refuse(sink, "the room for tokens is missing");
        }
        return llama_tokenize(
                vocab, text == nullptr ? "" : text, text_len, tokens, n_tokens_max, add_special, parse_special);
    });
}

int32_t lem_token_to_piece(
        const llama_vocab * vocab, llama_token token, char * buf, int32_t length, int32_t lstrip, bool special,
        char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        const std::string objection = vocab_objection(vocab);
        if (!objection.empty()) {
            return refuse(sink, objection);
        }
        if (!in_vocab(vocab, token)) {
            return refuse(sink, out_of_vocab(vocab, token));
        }
        if (length < 0 || (buf == nullptr && length > 0)) {
            return refuse(sink, "the room for text is missing");
        }
        return llama_token_to_piece(vocab, token, buf, length, lstrip, special);
    });
}

int32_t lem_detokenize(
        const llama_vocab * vocab, const llama_token * tokens, int32_t n_tokens, char * text, int32_t text_len_max,
        bool remove_special, bool unparse_special, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        const std::string objection = vocab_objection(vocab);
        if (!objection.empty()) {
            return refuse(sink, objection);
        }
        if (n_tokens < 0 || (tokens == nullptr && n_tokens > 0)) {
            return refuse(sink, "the tokens are missing");
        }
        if (text_len_max < 0 || (text == nullptr && text_len_max > 0)) {
            return refuse(sink, "the room for text is missing");
        }
        for (int32_t i = 0; i < n_tokens; i++) {
            if (!in_vocab(vocab, tokens[i])) {
                return refuse(sink, out_of_vocab(vocab, tokens[i]));
            }
        }
        return llama_detokenize(vocab, tokens, n_tokens, text, text_len_max, remove_special, unparse_special);
    });
}

// --- decoding

// The first error in a batch; empty if the batch is valid.
static std::string batch_objection(const llama_context * ctx, const llama_batch & batch) {
    if (ctx == nullptr) {
        return "no context was given";
    }
    const int32_t n_batch = (int32_t) llama_n_batch(ctx);
    if (batch.n_tokens <= 0 || batch.n_tokens > n_batch) {
        return "a batch of " + std::to_string(batch.n_tokens) + " tokens, and this context takes 1 to " +
               std::to_string(n_batch);
    }
    if ((batch.token == nullptr) == (batch.embd == nullptr)) {
        return "a batch needs either tokens or embeddings";
    }
    const llama_vocab * vocab = llama_model_get_vocab(llama_get_model(ctx));
    const int32_t n_seq_max = (int32_t) llama_n_seq_max(ctx);
    for (int32_t i = 0; i < batch.n_tokens; i++) {
        if (batch.token != nullptr && !in_vocab(vocab, batch.token[i])) {
            return out_of_vocab(vocab, batch.token[i]);
        }
        if (batch.pos != nullptr && batch.pos[i] < 0) {
            return "position " + std::to_string(batch.pos[i]) + " is negative";
        }
        if (batch.n_seq_id == nullptr) {
            continue;
        }
        if (batch.n_seq_id[i] < 1 || batch.n_seq_id[i] > n_seq_max || batch.seq_id == nullptr ||
            batch.seq_id[i] == nullptr) {
            return "each token belongs to at least one sequence";
        }
        for (int32_t s = 0; s < batch.n_seq_id[i]; s++) {
            if (!in_range(batch.seq_id[i][s], 0, n_seq_max - 1)) {
                return "sequence " + std::to_string(batch.seq_id[i][s]) + " of " + std::to_string(n_seq_max);
            }
        }
    }
    return "";
}

int32_t lem_decode(llama_context * ctx, llama_batch batch, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        const std::string objection = batch_objection(ctx, batch);
        if (!objection.empty()) {
            return refuse(sink, objection);
        }
        return llama_decode(ctx, batch);
    });
}

// --- sampling

static bool is_grammar(const llama_sampler * sampler) {
    const char * name = llama_sampler_name(sampler);
    return name != nullptr && std::strcmp(name, "grammar") == 0;
}

// Whether a grammar can accept the token now. Accepting an invalid token throws (or aborts, for an end-of-generation
// token) and leaves a state that aborts on its next use.
static bool fits(llama_sampler * grammar, llama_token token) {
    llama_token_data       candidate { token, 0.0f, 0.0f };
    llama_token_data_array candidates { &candidate, 1, -1, false };
    llama_sampler_apply(grammar, &candidates);
    return candidate.logit == 0.0f;
}

// The reason in what the grammar's parser prints: "...error parsing grammar: REASON\n\nthe whole grammar".
static std::string reason_in(const std::string & printed) {
    static const std::string before = "error parsing grammar: ";
    const size_t begin = printed.find(before);
    if (begin == std::string::npos) {
        return "";
    }
    const std::string reason = printed.substr(begin + before.size());
    return ": " + reason.substr(0, std::min(reason.find('\n'), (size_t) 120));
}

llama_sampler * lem_grammar_init(
        const llama_vocab * vocab, const char * gbnf, const char * root, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (llama_sampler *) nullptr, [&]() -> llama_sampler * {
        const std::string objection = vocab_objection(vocab);
        if (!objection.empty()) {
            refuse(sink, objection);
            return nullptr;
        }
        if (gbnf == nullptr || root == nullptr || gbnf[0] == 0) {
            refuse(sink, "no grammar or no root rule was given");
            return nullptr;
        }
        lem::check_grammar(gbnf, root);
        llama_sampler * sampler = nullptr;
        std::string     printed;
        lem::on_deep_stack([&] {
            lem_capture_printed(&printed);
            sampler = llama_sampler_init_grammar(vocab, gbnf, root);
        });
        if (sampler == nullptr) {
            refuse(sink, "llama.cpp refused the grammar" + reason_in(printed));
        }
        return sampler;
    });
}

// Kept between calls: a vocabulary of 256,000 tokens is 3 MB of candidates. Not inside an exported function: on Windows a variable
// there would be exported, and one of a thread cannot be.
static std::vector<llama_token_data> & candidate_memory() {
    static thread_local std::vector<llama_token_data> candidates;
    return candidates;
}

// Moves the candidates that a grammar allows to the front and returns their number.
static size_t keep_finite(std::vector<llama_token_data> & candidates) {
    size_t kept = 0;
    for (const llama_token_data & candidate : candidates) {
        if (candidate.logit > -std::numeric_limits<float>::infinity()) {
            candidates[kept++] = candidate;
        }
    }
    return kept;
}

int32_t lem_sampler_sample(
        llama_sampler * chain, llama_sampler * grammar, llama_context * ctx, int32_t row,
        char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        if (chain == nullptr || ctx == nullptr) {
            return refuse(sink, "no sampler or no context was given");
        }
        const float * logits = llama_get_logits_ith(ctx, row);
        if (logits == nullptr) {
            return refuse(sink, "the last batch has no logits for row " + std::to_string(row));
        }
        std::vector<llama_token_data> & candidates = candidate_memory();
        const int32_t n_vocab = llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(ctx)));
        candidates.resize(n_vocab);
        for (int32_t token = 0; token < n_vocab; token++) {
            candidates[token] = { token, logits[token], 0.0f };
        }
        llama_token_data_array array { candidates.data(), candidates.size(), -1, false };
        if (grammar != nullptr) {
            llama_sampler_apply(grammar, &array);
        }
        array.size = keep_finite(candidates);
        if (array.size == 0) {
            return fail(sink, LEM_STATUS_NO_CANDIDATES,
                        grammar != nullptr ? "the grammar leaves no token to choose"
                                           : "no token has a finite logit to choose by");
        }
        llama_sampler_apply(chain, &array);
        if (array.selected < 0 || (size_t) array.selected >= array.size) {
            return refuse(sink, "the sampler chain ends without choosing a token");
        }
        return array.data[array.selected].id;
    });
}

int32_t lem_sampler_apply(
        llama_sampler * sampler, llama_token_data_array * candidates, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        if (sampler == nullptr || candidates == nullptr || (candidates->data == nullptr && candidates->size > 0)) {
            return refuse(sink, "no sampler or no candidates were given");
        }
        llama_sampler_apply(sampler, candidates);
        return LEM_STATUS_OK;
    });
}

static int32_t accept_one(llama_sampler * sampler, llama_token token, error_sink sink) {
    if (is_grammar(sampler) && !fits(sampler, token)) {
        return refuse(sink, "the grammar does not allow token " + std::to_string(token) + " here");
    }
    try {
        llama_sampler_accept(sampler, token);
    } catch (...) {
        // The next use of a grammar in this state would abort.
        llama_sampler_reset(sampler);
        throw;
    }
    return LEM_STATUS_OK;
}

int32_t lem_sampler_accept(llama_sampler * sampler, llama_token token, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        if (sampler == nullptr) {
            return refuse(sink, "no sampler was given");
        }
        if (token < 0) {
            return refuse(sink, "token " + std::to_string(token) + " is negative");
        }
        return accept_one(sampler, token, sink);
    });
}
