// The scheduler of a context. Libraries of Windows export only what is declared so, and llama.cpp's method is not.
#pragma once

#include "ggml-backend.h"
#include "llama.h"
#include "printed.h"

#undef fprintf

extern "C" LEM_PRINTED_API ggml_backend_sched_t lem_context_scheduler(llama_context * ctx);
