// Compiled with AVX2, FMA and F16C. Twelve of sixteen registers hold sums.
#define LEM_PRODUCT_KERNEL product_avx2
#define LEM_PRODUCT_NAME   "avx2"
#define LEM_VECTOR         8
#define LEM_TILE_ROWS      6
#define LEM_PANEL_VECTORS  2
#include "product_kernel.inc"
