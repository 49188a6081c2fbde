// Gives the linker the names that the real libcublas exports, with its soname. It is never installed: at run time the
// dynamic linker needs the real library; if it is missing, the CUDA backend is not loaded, and LEM reports that.
// The linker uses names only, so the parameters here do not match the declarations.
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
