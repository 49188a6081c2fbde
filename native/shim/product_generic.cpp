// For every processor: four floats are what NEON and SSE have.
#define LEM_PRODUCT_KERNEL product_generic
#define LEM_PRODUCT_NAME   "generic"
#define LEM_VECTOR         4
#if defined(__aarch64__)
#    define LEM_TILE_ROWS     6
#    define LEM_PANEL_VECTORS 4
#else
#    define LEM_TILE_ROWS     4
#    define LEM_PANEL_VECTORS 2
#endif
#include "product_kernel.inc"
