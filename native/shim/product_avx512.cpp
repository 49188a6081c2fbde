// Compiled with AVX-512. Twenty-eight of thirty-two registers hold sums.
#define LEM_PRODUCT_KERNEL product_avx512
#define LEM_PRODUCT_NAME   "avx512"
#define LEM_VECTOR         16
#define LEM_TILE_ROWS      14
#define LEM_PANEL_VECTORS  2
#include "product_kernel.inc"
