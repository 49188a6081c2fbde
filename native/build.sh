#!/usr/bin/env bash
# Builds the pinned llama.cpp and LEM's shim, if not built yet, and prints the folder of the libraries.
#
#   native/build.sh [--backends LIST] [--distributable] [--platform NAME] [--tools LIST] [--jobs N] [--if-built]
#
# Without --platform the compilers of this machine build for this machine; --distributable adds variants for other processors. With
# --platform, Zig builds for any machine of that platform (see zig.sh), the CPU backend only. With --if-built nothing is built, and the
# script fails if something is missing.
#
# The result is in the cache folder ($XDG_CACHE_HOME/lem, by default ~/.cache/lem, on macOS ~/Library/Caches/lem), keyed
# by all inputs, so a second call does nothing. Only the folder is printed to stdout; messages go to stderr.
# Works with bash 3.2 of macOS.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

backends=cpu
distributable=OFF
tools=
target=
build=yes
jobs=${LEM_JOBS:-$(processors)}
while [ $# -gt 0 ]; do
    case $1 in
        --backends) backends=$2; shift 2 ;;
        --distributable) distributable=ON; shift ;;
        --platform) target=$2; distributable=ON; shift 2 ;;
        --tools) tools=$2; shift 2 ;;
        --jobs) jobs=$2; shift 2 ;;
        --if-built) build=no; shift ;;
        *) fail "build.sh does not know the option $1." ;;
    esac
done

# Always the CPU; Metal by default on macOS; each backend once, in a fixed order.
normal_backends() {
    local wanted=",$1," result=cpu name
    case $(platform)$target in macos-*) [ -n "$target" ] || wanted="$wanted,metal," ;; esac
    for name in cuda metal vulkan; do
        case $wanted in *,$name,*) result=$result,$name ;; esac
    done
    for name in $(echo "$1" | tr , ' '); do
        case $name in
            cpu | cuda | metal | vulkan) ;;
            *) fail "the backend $name is unknown; choose from cpu, cuda, metal and vulkan." ;;
        esac
    done
    [ -z "$target" ] || [ "$result" = cpu ] || fail "with --platform only the backend cpu can be built, and $result was asked for."
    echo "$result"
}

nvcc_path() {
    command -v nvcc || { [ -x /usr/local/cuda/bin/nvcc ] && echo /usr/local/cuda/bin/nvcc; }
}

# The GPUs of this machine if it has any; else a portable form that the driver compiles at the first start.
default_cuda_architectures() {
    if command -v nvidia-smi > /dev/null 2>&1 && nvidia-smi -L 2> /dev/null | grep -q GPU; then
        echo native
    else
        echo 80-virtual
    fi
}

check_backend_tools() {
    case ",$1," in *,cuda,*)
        nvcc_path > /dev/null || fail "the backend cuda needs nvcc, which was not found; install the CUDA toolkit, or let pip fetch it:" \
            'PATH=$(native/cuda.sh):$PATH make native BACKENDS=cuda' ;;
    esac
    case ",$1," in *,metal,*)
        [ "$(uname -s)" = Darwin ] || fail "the backend metal can only be built on macOS." ;;
    esac
    case ",$1," in *,vulkan,*)
        need glslc "the Vulkan SDK (Debian: glslc libvulkan-dev)" ;;
    esac
}

backends=$(normal_backends "$backends")
cc=${CC:-cc}
cxx=${CXX:-c++}
if [ -n "$target" ]; then
    zig=$("$here/zig.sh" "$target")
    zig_name=${zig##*/}
    cc=$zig/cc
    cxx=$zig/c++
    unset CFLAGS CXXFLAGS LDFLAGS
fi
need cmake "CMake 3.18 or later"
need "$cc" "a C compiler (Debian: gcc, macOS: xcode-select --install)"
need "$cxx" "a C++ compiler (Debian: g++, macOS: xcode-select --install)"
check_backend_tools "$backends"

# The compute capabilities to compile device code for; set a list such as "80;90" for other GPUs.
cuda_architectures=
case ",$backends," in *,cuda,*) cuda_architectures=${CMAKE_CUDA_ARCHITECTURES:-$(default_cuda_architectures)} ;; esac

# The base key names CMake's build folder. The other keys do not: CMake itself detects changed files, and a change of
# the shim must not compile llama.cpp again.
base_key=$( {
    cat "$here/LLAMA_CPP_VERSION"
    echo "$backends $distributable $cuda_architectures ${zig_name:-$(platform)} ${CFLAGS:-} ${CXXFLAGS:-} ${LDFLAGS:-}"
    "$cc" --version
    "$cxx" --version
    cmake --version
    [ -z "$cuda_architectures" ] || "$(nvcc_path)" --version
    [ "$distributable" = ON ] || cpu_features
} 2>&1 | sha256 | cut -c1-16)
mac_key=$(case ${target:-$(platform)} in macos-*) pinned macos ;; esac)
shim_key=$( { echo "$base_key$mac_key"; cat "$here/CMakeLists.txt" "$here"/shim/* "$here"/cuda/*; } | sha256 | cut -c1-16)
tools_key=$( { echo "$shim_key"; cat "$here"/tools/* 2> /dev/null || true; } | sha256 | cut -c1-16)

cache=$(cache_folder)/native
name=$(pinned release)-${target:-$(platform)}-$(echo "$backends" | tr , +)
base=$cache/build-$name-$base_key
result=$cache/$name-$shim_key

# Copies changed files only, so that CMake sees new times on these only.
refresh() {
    local from=$1 to=$2 file
    for file in $(cd "$from" && find CMakeLists.txt shim tools cuda -type f); do
        cmp -s "$from/$file" "$to/$file" || { mkdir -p "$(dirname "$to/$file")"; cp "$from/$file" "$to/$file"; }
    done
    for file in $(cd "$to" && find shim tools cuda -type f); do
        [ -f "$from/$file" ] || rm -f "$to/$file"
    done
}

# What CMake must know of another platform. Zig's linker strips; the strip program of this machine knows its own platform only.
cross_options() {
    local system arch=${target##*-}
    case $target in
        linux-*) system=Linux ;;
        macos-*) system=Darwin; arch=arm64 ;;
        windows-*) system=Windows; arch=AMD64 ;;
    esac
    echo "-DCMAKE_SYSTEM_NAME=$system -DCMAKE_SYSTEM_PROCESSOR=$arch"
    echo "-DCMAKE_AR=$zig/ar -DCMAKE_RANLIB=$zig/ranlib -DCMAKE_RC_COMPILER=$zig/rc"
    echo "-DLEM_ZIG=$(dirname "$zig")/ziglang -DCMAKE_SHARED_LINKER_FLAGS=-s -DCMAKE_MODULE_LINKER_FLAGS=-s"
    [ "$system" = Darwin ] || return 0
    # CMake asks for Apple's tool, and never calls it, because the libraries are linked with the path that they are installed with.
    echo "-DCMAKE_OSX_DEPLOYMENT_TARGET=$(pinned macos) -DCMAKE_INSTALL_NAME_TOOL=/bin/false"
    echo "-DCMAKE_USER_MAKE_RULES_OVERRIDE=$here/macos-rules.cmake"
}

# CMake uses a copy of our sources, because several checkouts share the cache and it outlives them.
configure() {
    local with_programs=$1 source
    mkdir -p "$base/source/shim" "$base/source/tools" "$base/source/cuda"
    refresh "$here" "$base/source"
    source=$("$here/fetch.sh")
    set -- -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_COMPILER=$cc" "-DCMAKE_CXX_COMPILER=$cxx" \
        "-DLEM_LLAMA_CPP_SRC=$source" "-DLEM_RELEASE=$(pinned release)" "-DLEM_TREE=$(pinned tree)" \
        "-DLEM_BACKENDS=$backends" "-DLEM_DISTRIBUTABLE=$distributable" "-DLEM_PROGRAMS=$with_programs"
    if [ -n "$cuda_architectures" ]; then
        set -- "$@" "-DCMAKE_CUDA_COMPILER=$(nvcc_path)" "-DCMAKE_CUDA_ARCHITECTURES=$cuda_architectures"
    fi
    if [ -n "$target" ]; then
        # shellcheck disable=SC2046
        set -- "$@" $(cross_options)
    elif [ "$(uname -s)" = Darwin ]; then
        set -- "$@" "-DCMAKE_OSX_DEPLOYMENT_TARGET=$(pinned macos)"
    fi
    run_logged "$base/build.log" cmake -S "$base/source" -B "$base/cmake" "$@"
}

# Apple's processors load signed libraries only, and stripping and new search paths spoil what the linker signed. No name signs here;
# a release is signed with a developer's certificate afterwards.
sign() {
    local file
    [ "$(uname -s)$target" = Darwin ] || return 0
    for file in "$1"/*; do
        run_logged "$base/build.log" codesign --force --sign - "$file"
    done
}

# One line per library, checksum and name: the jar of this platform unpacks these files and checks them for damage. Every file that CMake
# says it installed must be there, whatever else ran in the same folder.
write_index() {
    local file
    while read -r file || [ -n "$file" ]; do
        [ -s "$file" ] || fail "$file was installed and is missing or empty; start again when no other build runs."
    done < "$base/cmake/install_manifest_libraries.txt"
    (cd "$1" && for file in *; do sha256 "$file"; done | sed 's/ [ *]/ /') > "$1.index"
    mv "$1.index" "$1/index"
}

build_libraries() {
    [ ! -f "$result/lib/index" ] || return 0
    say "Building llama.cpp $(pinned release) ($backends) with $jobs job(s); log: $base/build.log"
    configure OFF
    run_logged "$base/build.log" cmake --build "$base/cmake" --target lem-libraries -j "$jobs"
    rm -rf "$result.partial"
    set -- --component libraries --prefix "$result.partial"
    [ -n "$target" ] || set -- "$@" --strip
    run_logged "$base/build.log" cmake --install "$base/cmake" "$@"
    sign "$result.partial/lib"
    write_index "$result.partial/lib"
    rm -rf "$result"
    mv "$result.partial" "$result"
}

# Our programs need the libraries only. llama.cpp's programs need its common library, which is compiled only for them,
# and look for backends in their own folder.
build_tool() {
    local tool=$1 programs=OFF stamp file
    stamp=$result/tools/.$tool-$tools_key
    [ ! -f "$stamp" ] || return 0
    case $tool in llama-*) programs=ON ;; esac
    say "Building $tool with $jobs job(s); log: $base/build.log"
    configure $programs
    run_logged "$base/build.log" cmake --build "$base/cmake" --target "$tool" -j "$jobs"
    mkdir -p "$result/tools"
    for file in "$base"/cmake/bin/*; do
        case ${file##*/} in
            "$tool" | "$tool".exe | lib"$tool".*) cp "$file" "$result/tools/" ;;
            liblem-* | libggml-*) ;;
            lib*) [ $programs = OFF ] || cp -P "$file" "$result/tools/" ;;
        esac
    done
    # Programs of Windows look for every library in their own folder.
    for file in "$result"/lib/libggml-* "$result"/lib/*.dll; do
        [ ! -f "$file" ] || ln -sf "../lib/${file##*/}" "$result/tools/"
    done
    rm -f "$result/tools/.$tool-"*
    touch "$stamp"
}

build_tools() {
    local tool
    for tool in $(echo "$tools" | tr , ' '); do
        build_tool "$tool"
    done
}

all_present() {
    local tool
    [ -f "$result/lib/index" ] || return 1
    for tool in $(echo "$tools" | tr , ' '); do
        [ -f "$result/tools/.$tool-$tools_key" ] || return 1
    done
}

build_all() {
    build_libraries
    build_tools
}

if ! all_present; then
    [ $build = yes ] || fail "$result does not have all that the present sources need for ${target:-$(platform)}; it is not built yet."
    mkdir -p "$base"
    with_lock "$base.lock" build_all
fi
echo "$result/lib"
