// Generates tokens with the libraries of a folder, for comparing libraries of different platforms where no Java runs.
//
//   lem-token-loop FOLDER MODEL PROMPT COUNT [TOKEN...]
//
// Prints what the libraries are built from, the backend's variant, the message of an exception that passes from llama.cpp's library
// into the shim's, the tokens with the largest logits, computed by one thread, and the logarithms of the probabilities of the given
// COUNT tokens, or of the generated ones.
#include "lem_cloop.h"
#include "lem_shim.h"

#include "ggml-backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 512, BATCH = 128, PROMPT = 256 };

static void keep_errors(enum ggml_log_level level, const char * text, void * data) {
    (void) data;
    if (level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

static int stop(const char * what, const char * which) {
    fprintf(stderr, "lem-token-loop: %s %s\n", what, which);
    return 1;
}

// The text after the last separator of a line that ggml logs for the backend that it loads.
static void print_variant(enum ggml_log_level level, const char * text, void * data) {
    (void) level;
    (void) data;
    const char * path = strstr(text, "loaded CPU backend from ");
    if (path != NULL) {
        const char * name = path;
        for (const char * c = path; *c != 0; c++) {
            if (*c == '/' || *c == '\\') {
                name = c + 1;
            }
        }
        printf("variant: %s", name);
    }
}

// A grammar that allows digits only throws when it gets another token.
static void print_exception(const struct llama_vocab * vocab, int32_t token, char * error, size_t size) {
    struct llama_sampler * grammar = lem_grammar_init(vocab, "root ::= [0-9]+", "root", error, size);
    if (grammar != NULL) {
        lem_sampler_accept(grammar, token, error, size);
        llama_sampler_free(grammar);
    }
    printf("exception: %s\n", error);
}

static int32_t prompt_tokens(const char * model_path, const char * text, int32_t * tokens, char * error, size_t size) {
    struct llama_model_params params = llama_model_default_params();
    params.vocab_only                = true;
    struct llama_model * vocabulary  = lem_model_load(model_path, params, error, size);
    if (vocabulary == NULL) {
        return -1;
    }
    const struct llama_vocab * vocab = llama_model_get_vocab(vocabulary);
    const int32_t n = lem_tokenize(vocab, text, (int32_t) strlen(text), tokens, PROMPT, true, false, error, size);
    if (n > 0) {
        print_exception(vocab, tokens[n - 1], error, size);
    }
    llama_model_free(vocabulary);
    return n;
}

int main(int argc, char ** argv) {
    if (argc < 5) {
        return stop("needs a folder of libraries, a model, a prompt and a number of tokens;", "there are fewer arguments");
    }
    const int32_t count = (int32_t) strtol(argv[4], NULL, 10);
    if (count < 1 || count > CONTEXT - PROMPT) {
        return stop("cannot generate this number of tokens:", argv[4]);
    }
    if (argc != 5 && argc != 5 + count) {
        return stop("needs as many tokens as it generates:", argv[4]);
    }
    printf("built from: llama.cpp %s, tree %s, %s\n", lem_build_version(), lem_build_tree(), lem_build_backends());
    llama_log_set(print_variant, NULL);
    ggml_backend_load_all_from_path(argv[1]);
    llama_log_set(keep_errors, NULL);
    if (ggml_backend_reg_by_name("CPU") == NULL) {
        return stop("found no CPU backend in", argv[1]);
    }

    static char    error[1024];
    static int32_t prompt[PROMPT];
    const int32_t n = prompt_tokens(argv[2], argv[3], prompt, error, sizeof error);
    if (n < 1) {
        return stop("could not split the prompt:", error);
    }
    void *    loop   = lem_cloop_open(argv[2], CONTEXT, BATCH, 1);
    int32_t * tokens = calloc((size_t) count, sizeof(int32_t));
    double *  values = calloc((size_t) count, sizeof(double));
    int64_t   nanos[2];
    if (loop == NULL || tokens == NULL || values == NULL || lem_cloop_run(loop, prompt, n, count, tokens, nanos) != 0) {
        return stop("could not generate with", argv[2]);
    }
    printf("tokens:");
    for (int32_t i = 0; i < count; i++) {
        printf(" %d", (int) tokens[i]);
    }
    printf("\n");
    for (int32_t i = 0; i < count && argc > 5; i++) {
        tokens[i] = (int32_t) strtol(argv[5 + i], NULL, 10);
    }
    if (lem_cloop_logprobs(loop, prompt, n, tokens, count, values) != 0) {
        return stop("could not evaluate with", argv[2]);
    }
    printf("logprobs:");
    for (int32_t i = 0; i < count; i++) {
        printf(" %.6f", values[i]);
    }
    printf("\n");
    free(values);
    free(tokens);
    lem_cloop_close(loop);
    return 0;
}
