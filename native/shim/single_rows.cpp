// Several tokens in one call, with the digits of one token after the other: see single_rows.h.
#include "lem_shim.h"

#include "error.h"
#include "ggml-backend.h"
#include "scheduler.h"

#include <cstring>

using lem::error_sink;
using lem::fail;
using lem::guarded;

using use_ref_function = void (*)(ggml_backend_t backend, bool use_ref);

// The backend's function; null if it is not the CPU's.
static use_ref_function use_ref_of(ggml_backend_t backend) {
    const ggml_backend_dev_t device = ggml_backend_get_device(backend);
    if (device == nullptr || ggml_backend_dev_type(device) != GGML_BACKEND_DEVICE_TYPE_CPU) {
        return nullptr;
    }
    const ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(device);
    return reinterpret_cast<use_ref_function>(
            ggml_backend_reg_get_proc_address(registry, "ggml_backend_cpu_set_use_ref"));
}

int32_t lem_single_rows(llama_context * ctx, bool single, char * error, size_t error_size) {
    const error_sink sink { error, error_size };
    return guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        if (ctx == nullptr) {
            return fail(sink, LEM_STATUS_BAD_ARGUMENT, "no context was given");
        }
        const ggml_backend_sched_t scheduler = lem_context_scheduler(ctx);
        const int                  count     = ggml_backend_sched_get_n_backends(scheduler);
        for (int i = 0; i < count; i++) {
            if (use_ref_of(ggml_backend_sched_get_backend(scheduler, i)) == nullptr) {
                return 0;
            }
        }
        for (int i = 0; i < count; i++) {
            const ggml_backend_t backend = ggml_backend_sched_get_backend(scheduler, i);
            use_ref_of(backend)(backend, single);
        }
        return 1;
    });
}

static bool has_feature(const ggml_backend_feature * features, const char * name) {
    for (; features->name != nullptr; features++) {
        if (strcmp(features->name, name) == 0) {
            return true;
        }
    }
    return false;
}

int32_t lem_has_row_products() {
    const ggml_backend_dev_t device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    if (device == nullptr) {
        return 0;
    }
    const ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(device);
    const auto               get      = reinterpret_cast<ggml_backend_get_features_t>(
            ggml_backend_reg_get_proc_address(registry, "ggml_backend_get_features"));
    if (get == nullptr) {
        return 0;
    }
    const ggml_backend_feature * features = get(registry);
    return has_feature(features, "AVX2") && has_feature(features, "FMA") && has_feature(features, "F16C") ? 1 : 0;
}
