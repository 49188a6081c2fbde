# Programs for tests and measurements, built when asked for by name and never packaged.

# llama.cpp's Jinja engine, the oracle for the Java engine.
if (EXISTS "${CMAKE_SOURCE_DIR}/tools/jinja_oracle.cpp")
    set(LEM_COMMON "${LEM_LLAMA_CPP_SRC}/common")
    file(GLOB LEM_JINJA "${LEM_COMMON}/jinja/*.cpp")
    add_executable(jinja-oracle EXCLUDE_FROM_ALL
        tools/jinja_oracle.cpp ${LEM_JINJA} "${LEM_COMMON}/json.cpp" "${LEM_COMMON}/unicode.cpp")
    target_include_directories(jinja-oracle PRIVATE
        "${LEM_COMMON}" "${LEM_LLAMA_CPP_SRC}/vendor" "${LEM_LLAMA_CPP_SRC}/ggml/include")
endif()

# llama.cpp's own splitting of texts, the oracle for ours. unicode.cpp is compiled twice: with our header included first,
# and unchanged as a part of the program.
if (EXISTS "${CMAKE_SOURCE_DIR}/tools/split_oracle.cpp")
    lem_include_first("${CMAKE_SOURCE_DIR}/shim/pre_tokenizer.h" "${LEM_UNICODE}")
    add_executable(split-oracle EXCLUDE_FROM_ALL
        tools/split_oracle.cpp ${LEM_PRE_TOKENIZER} "${LEM_UNICODE}" "${LEM_LLAMA_CPP_SRC}/src/unicode-data.cpp")
    target_include_directories(split-oracle PRIVATE shim "${LEM_LLAMA_CPP_SRC}/src")
endif()

# The C loops that the Java loops are compared with.
add_library(lem-cloop SHARED EXCLUDE_FROM_ALL tools/cloop.c)
target_link_libraries(lem-cloop PRIVATE llama ggml ggml-base $<$<NOT:$<BOOL:${WIN32}>>:m>)

# The same loop as a program, which compares the libraries of a platform that has no Java here.
add_executable(lem-token-loop EXCLUDE_FROM_ALL tools/token_loop.c tools/cloop.c)
target_include_directories(lem-token-loop PRIVATE shim)
target_link_libraries(lem-token-loop PRIVATE lem-shim llama ggml ggml-base $<$<NOT:$<BOOL:${WIN32}>>:m>)

# The RPC backend: in tests it stands in for a device with separate memory. It ends the process when its peer is gone,
# so it is never packaged.
set(LEM_RPC "${LEM_LLAMA_CPP_SRC}/ggml/src/ggml-rpc")
add_library(lem-rpc MODULE EXCLUDE_FROM_ALL "${LEM_RPC}/ggml-rpc.cpp" "${LEM_RPC}/transport.cpp")
target_compile_definitions(lem-rpc PRIVATE GGML_BACKEND_BUILD GGML_BACKEND_SHARED GGML_BACKEND_DL)
target_include_directories(lem-rpc PRIVATE "${LEM_LLAMA_CPP_SRC}/ggml/src" "${LEM_LLAMA_CPP_SRC}/ggml/include")
target_link_libraries(lem-rpc PRIVATE ggml-base)
if (WIN32)
    target_link_libraries(lem-rpc PRIVATE ws2_32)
endif()

# llama.cpp's own programs, and the library that they share.
if (LEM_PROGRAMS)
    foreach (program llama-bench llama-server)
        if (TARGET ${program})
            install(TARGETS ${program} llama-common
                RUNTIME DESTINATION tools COMPONENT ${program} EXCLUDE_FROM_ALL
                LIBRARY DESTINATION tools COMPONENT ${program} EXCLUDE_FROM_ALL)
        endif()
    endforeach()
endif()
