// A stand-in for NVIDIA's header on machines that have nvcc but not cuBLAS, so that the CUDA backend can be compiled
// there. It declares the functions that ggml calls, with the names, values and argument order of the public interface
// (the same from cuBLAS 11 on). Where the real header is installed, CMake takes that one.
#ifndef LEM_CUBLAS_V2_H
#define LEM_CUBLAS_V2_H

#include <cuda_runtime.h>
#include <stddef.h>

#define CUBLAS_VER_MAJOR (CUDART_VERSION / 1000)
#define CUBLAS_VER_MINOR 0

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cublasContext * cublasHandle_t;

typedef enum {
    CUBLAS_STATUS_SUCCESS          = 0,
    CUBLAS_STATUS_NOT_INITIALIZED  = 1,
    CUBLAS_STATUS_ALLOC_FAILED     = 3,
    CUBLAS_STATUS_INVALID_VALUE    = 7,
    CUBLAS_STATUS_ARCH_MISMATCH    = 8,
    CUBLAS_STATUS_MAPPING_ERROR    = 11,
    CUBLAS_STATUS_EXECUTION_FAILED = 13,
    CUBLAS_STATUS_INTERNAL_ERROR   = 14,
    CUBLAS_STATUS_NOT_SUPPORTED    = 15,
} cublasStatus_t;

typedef enum { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1, CUBLAS_OP_C = 2 } cublasOperation_t;
typedef enum { CUBLAS_FILL_MODE_LOWER = 0, CUBLAS_FILL_MODE_UPPER = 1 } cublasFillMode_t;
typedef enum { CUBLAS_DIAG_NON_UNIT = 0, CUBLAS_DIAG_UNIT = 1 } cublasDiagType_t;
typedef enum { CUBLAS_SIDE_LEFT = 0, CUBLAS_SIDE_RIGHT = 1 } cublasSideMode_t;
typedef enum { CUBLAS_GEMM_DEFAULT = -1, CUBLAS_GEMM_DEFAULT_TENSOR_OP = 99 } cublasGemmAlgo_t;
typedef enum { CUBLAS_COMPUTE_16F = 64, CUBLAS_COMPUTE_32F = 68 } cublasComputeType_t;
typedef enum {
    CUBLAS_DEFAULT_MATH        = 0,
    CUBLAS_TENSOR_OP_MATH      = 1,
    CUBLAS_TF32_TENSOR_OP_MATH = 3,
} cublasMath_t;

#define cublasCreate       cublasCreate_v2
#define cublasDestroy      cublasDestroy_v2
#define cublasSetStream    cublasSetStream_v2
#define cublasSetWorkspace cublasSetWorkspace_v2
#define cublasSgemm        cublasSgemm_v2

cublasStatus_t cublasCreate(cublasHandle_t * handle);
cublasStatus_t cublasDestroy(cublasHandle_t handle);
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream);
cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode);
cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void * workspace, size_t bytes);
const char *   cublasGetStatusString(cublasStatus_t status);

cublasStatus_t cublasSgemm(
        cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
        const float * alpha, const float * a, int lda, const float * b, int ldb,
        const float * beta, float * c, int ldc);
cublasStatus_t cublasSgemmBatched(
        cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
        const float * alpha, const float * const a[], int lda, const float * const b[], int ldb,
        const float * beta, float * const c[], int ldc, int batch);
cublasStatus_t cublasSgemmStridedBatched(
        cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
        const float * alpha, const float * a, int lda, long long stride_a, const float * b, int ldb, long long stride_b,
        const float * beta, float * c, int ldc, long long stride_c, int batch);
cublasStatus_t cublasStrsmBatched(
        cublasHandle_t handle, cublasSideMode_t side, cublasFillMode_t uplo, cublasOperation_t trans,
        cublasDiagType_t diag, int m, int n, const float * alpha, const float * const a[], int lda,
        float * const b[], int ldb, int batch);
cublasStatus_t cublasGemmEx(
        cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
        const void * alpha, const void * a, cudaDataType type_a, int lda, const void * b, cudaDataType type_b, int ldb,
        const void * beta, void * c, cudaDataType type_c, int ldc, cublasComputeType_t compute, cublasGemmAlgo_t algo);
cublasStatus_t cublasGemmBatchedEx(
        cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
        const void * alpha, const void * const a[], cudaDataType type_a, int lda,
        const void * const b[], cudaDataType type_b, int ldb,
        const void * beta, void * const c[], cudaDataType type_c, int ldc, int batch,
        cublasComputeType_t compute, cublasGemmAlgo_t algo);
cublasStatus_t cublasGemmStridedBatchedEx(
        cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
        const void * alpha, const void * a, cudaDataType type_a, int lda, long long stride_a,
        const void * b, cudaDataType type_b, int ldb, long long stride_b,
        const void * beta, void * c, cudaDataType type_c, int ldc, long long stride_c, int batch,
        cublasComputeType_t compute, cublasGemmAlgo_t algo);

#ifdef __cplusplus
}
#endif

#endif
