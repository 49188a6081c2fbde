// Gives the linker the names that the real libcublas exports, under its soname. It is never installed: at run time the
// dynamic linker wants the real one, and where that is missing the CUDA backend is not loaded, which LEM reports.
// The linker looks at names only, so no function here takes what its declaration says.
void cublasCreate_v2(void) {}
void cublasDestroy_v2(void) {}
void cublasSetStream_v2(void) {}
void cublasSetMathMode(void) {}
void cublasSetWorkspace_v2(void) {}
void cublasGetStatusString(void) {}
void cublasSgemm_v2(void) {}
void cublasSgemmBatched(void) {}
void cublasSgemmStridedBatched(void) {}
void cublasStrsmBatched(void) {}
void cublasGemmEx(void) {}
void cublasGemmBatchedEx(void) {}
void cublasGemmStridedBatchedEx(void) {}
