// Prompt processing and generation in C, for timing the same work done through Java in the same process.
#pragma once

#include <stdint.h>

#if defined(_WIN32)
#    define LEM_CLOOP_API __declspec(dllexport)
#else
#    define LEM_CLOOP_API __attribute__((visibility("default")))
#endif

// A model and one context of it. NULL if one of them could not be created.
LEM_CLOOP_API void * lem_cloop_open(const char * path, int32_t n_ctx, int32_t n_batch, int32_t n_threads);
LEM_CLOOP_API void   lem_cloop_close(void * loop);

// Clears the KV cache, decodes the prompt in batches, then generates n_generate tokens, always the one with the largest
// logit. Writes them to out, and the nanoseconds of both parts to nanos[0] and nanos[1]. Returns 0 or the code of
// llama_decode.
LEM_CLOOP_API int32_t lem_cloop_run(
        void * loop, const int32_t * prompt, int32_t n_prompt, int32_t n_generate, int32_t * out, int64_t * nanos);

// Clears the KV cache, decodes the prompt in batches and then the given tokens one by one. Writes to out the natural logarithm of the
// probability that the model gives each of them. Returns 0 or the code of llama_decode.
LEM_CLOOP_API int32_t lem_cloop_logprobs(
        void * loop, const int32_t * prompt, int32_t n_prompt, const int32_t * tokens, int32_t n_tokens, double * out);
