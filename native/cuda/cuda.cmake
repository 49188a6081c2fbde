# What the CUDA backend needs in addition to nvcc, with stand-ins for what is not installed.
find_package(CUDAToolkit REQUIRED)

find_path(LEM_CUBLAS_HEADER cublas_v2.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
if (NOT LEM_CUBLAS_HEADER OR NOT TARGET CUDA::cublas)
    message(STATUS "cuBLAS is not installed: compiling against a stand-in; running needs libcublas.so")
    add_library(lem-cublas-stub SHARED cuda/cublas_stub.c)
    set_target_properties(lem-cublas-stub PROPERTIES
        OUTPUT_NAME cublas VERSION ${CUDAToolkit_VERSION_MAJOR} SOVERSION ${CUDAToolkit_VERSION_MAJOR}
        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/stubs")
    target_include_directories(lem-cublas-stub INTERFACE "${CMAKE_SOURCE_DIR}/cuda")
    add_library(CUDA::cublas ALIAS lem-cublas-stub)
endif()

# The driver installs the driver library; most toolkits, but not all, contain a stub of it to link with.
if (NOT TARGET CUDA::cuda_driver)
    message(STATUS "No stub of the CUDA driver library: building without virtual memory management")
    lem_option(GGML_CUDA_NO_VMM ON)
endif()

# A local build finds the toolkit's libraries in the folder that it was linked with.
if (NOT LEM_DISTRIBUTABLE)
    list(APPEND CMAKE_INSTALL_RPATH "${CUDAToolkit_LIBRARY_DIR}")
endif()
