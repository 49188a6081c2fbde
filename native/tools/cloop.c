#include "lem_cloop.h"

#include "llama.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct loop {
    struct llama_model *   model;
    struct llama_context * ctx;
};

static int64_t now(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

void * lem_cloop_open(const char * path, int32_t n_ctx, int32_t n_batch, int32_t n_threads) {
    struct loop * loop = calloc(1, sizeof(struct loop));
    if (loop == NULL) {
        return NULL;
    }
    loop->model = llama_model_load_from_file(path, llama_model_default_params());
    if (loop->model != NULL) {
        struct llama_context_params params = llama_context_default_params();
        params.n_ctx           = (uint32_t) n_ctx;
        params.n_batch         = (uint32_t) n_batch;
        params.n_threads       = n_threads;
        params.n_threads_batch = n_threads;
        loop->ctx = llama_init_from_model(loop->model, params);
    }
    if (loop->ctx == NULL) {
        lem_cloop_close(loop);
        return NULL;
    }
    return loop;
}

void lem_cloop_close(void * opened) {
    struct loop * loop = opened;
    if (loop->ctx != NULL) {
        llama_free(loop->ctx);
    }
    if (loop->model != NULL) {
        llama_model_free(loop->model);
    }
    free(loop);
}

static int32_t argmax(const float * logits, int32_t n) {
    int32_t best = 0;
    for (int32_t i = 1; i < n; i++) {
        if (logits[i] > logits[best]) {
            best = i;
        }
    }
    return best;
}

static double logprob(const float * logits, int32_t n, int32_t token) {
    const double largest = logits[argmax(logits, n)];
    double       sum     = 0;
    for (int32_t i = 0; i < n; i++) {
        sum += exp(logits[i] - largest);
    }
    return logits[token] - largest - log(sum);
}

static int32_t n_vocab(const struct loop * loop) {
    return llama_vocab_n_tokens(llama_model_get_vocab(loop->model));
}

// Clears the KV cache before.
static int32_t decode_prompt(struct loop * loop, const int32_t * prompt, int32_t n_prompt) {
    const int32_t n_batch = (int32_t) llama_n_batch(loop->ctx);
    llama_memory_clear(llama_get_memory(loop->ctx), false);
    for (int32_t done = 0; done < n_prompt; done += n_batch) {
        const int32_t n    = n_prompt - done < n_batch ? n_prompt - done : n_batch;
        const int32_t code = llama_decode(loop->ctx, llama_batch_get_one((llama_token *) prompt + done, n));
        if (code != 0) {
            return code;
        }
    }
    llama_synchronize(loop->ctx);
    return 0;
}

int32_t lem_cloop_logprobs(
        void * opened, const int32_t * prompt, int32_t n_prompt, const int32_t * tokens, int32_t n_tokens, double * out) {
    struct loop * loop = opened;
    int32_t       code = decode_prompt(loop, prompt, n_prompt);
    for (int32_t i = 0; code == 0 && i < n_tokens; i++) {
        out[i] = logprob(llama_get_logits_ith(loop->ctx, -1), n_vocab(loop), tokens[i]);
        code   = llama_decode(loop->ctx, llama_batch_get_one((llama_token *) tokens + i, 1));
    }
    return code;
}

int32_t lem_cloop_run(
        void * opened, const int32_t * prompt, int32_t n_prompt, int32_t n_generate, int32_t * out, int64_t * nanos) {
    struct loop * loop  = opened;
    const int64_t start = now();
    const int32_t ended = decode_prompt(loop, prompt, n_prompt);
    if (ended != 0) {
        return ended;
    }
    const int64_t middle = now();
    for (int32_t i = 0; i < n_generate; i++) {
        out[i] = argmax(llama_get_logits_ith(loop->ctx, -1), n_vocab(loop));
        if (i + 1 == n_generate) {
            break;
        }
        const int32_t code = llama_decode(loop->ctx, llama_batch_get_one(&out[i], 1));
        if (code != 0) {
            return code;
        }
    }
    nanos[0] = middle - start;
    nanos[1] = now() - middle;
    return 0;
}
