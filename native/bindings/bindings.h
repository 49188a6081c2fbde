// Everything that jextract sees: `make bindings` reads this file with the stand-in headers of native/bindings/libc,
// where size_t and the 64-bit types are `long long`, so that one set of sources serves every platform.
#include "lem_shim.h"
#include "llama.h"
#include "ggml.h"
#include "ggml-alloc.h"
#include "ggml-backend.h"
#include "gguf.h"
