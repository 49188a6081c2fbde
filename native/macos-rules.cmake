# Read by CMake when Zig builds for macOS: CMake asks the macOS it runs on for its version to know how search paths are said.
set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG "-Wl,-rpath,")
