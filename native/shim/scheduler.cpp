// Part of the llama library.
#include "scheduler.h"

#include "llama-context.h"

ggml_backend_sched_t lem_context_scheduler(llama_context * ctx) {
    return ctx->get_sched();
}
