// What a model and its context take, from llama.cpp's staging interface, which only C++ can call.
#include "lem_shim.h"

#include "error.h"
#include "ggml-backend.h"
#include "llama-ext.h"

#include <cstdio>
#include <map>
#include <memory>
#include <string>

using lem::error_sink;
using lem::fail;
using lem::guarded;

bool lem_abort_if_set(void * flag) {
    // Read each time; the order relative to other memory does not matter.
    return flag != nullptr && *static_cast<const volatile int32_t *>(flag) != 0;
}

static lem_memory_row row_of(ggml_backend_buffer_type_t type, const llama_memory_breakdown_data & bytes) {
    lem_memory_row     row {};
    ggml_backend_dev_t device = ggml_backend_buft_get_device(type);
    std::snprintf(row.device, sizeof(row.device), "%s", device == nullptr ? "CPU" : ggml_backend_dev_name(device));
    row.host     = ggml_backend_buft_is_host(type);
    row.mappable = type == ggml_backend_cpu_buffer_type();
    row.model    = bytes.model;
    row.context  = bytes.context;
    row.compute  = bytes.compute;
    return row;
}

static int32_t write_rows(const llama_context * ctx, lem_memory_row * rows, int32_t n_rows_max, error_sink sink) {
    const llama_memory_breakdown breakdown = llama_get_memory_breakdown(ctx);
    if (rows == nullptr || n_rows_max < (int32_t) breakdown.size()) {
        return fail(sink, LEM_STATUS_BAD_ARGUMENT, std::to_string(breakdown.size()) + " rows do not fit");
    }
    int32_t n_rows = 0;
    for (const auto & [type, bytes] : breakdown) {
        rows[n_rows++] = row_of(type, bytes);
    }
    return n_rows;
}

int32_t lem_memory_usage(
        const llama_context * ctx, lem_memory_row * rows, int32_t n_rows_max, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        if (ctx == nullptr) {
            return fail(sink, LEM_STATUS_BAD_ARGUMENT, "no context was given");
        }
        return write_rows(ctx, rows, n_rows_max, sink);
    });
}

int32_t lem_memory_estimate(
        const char * path, llama_model_params model_params, llama_context_params context_params,
        lem_memory_row * rows, int32_t n_rows_max, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        if (path == nullptr) {
            return fail(sink, LEM_STATUS_BAD_ARGUMENT, "no path was given");
        }
        model_params.no_alloc      = true;
        model_params.load_mode     = LLAMA_LOAD_MODE_NONE;
        model_params.check_tensors = false;

        const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
                llama_model_load_from_file(path, model_params), llama_model_free);
        if (model == nullptr) {
            return fail(sink, LEM_STATUS_EXCEPTION, "llama.cpp refused the model");
        }
        const std::unique_ptr<llama_context, decltype(&llama_free)> ctx(
                llama_init_from_model(model.get(), context_params), llama_free);
        if (ctx == nullptr) {
            return fail(sink, LEM_STATUS_EXCEPTION, "llama.cpp refused the context");
        }
        return write_rows(ctx.get(), rows, n_rows_max, sink);
    });
}
