#!/usr/bin/env bash
# Prints the folder with the CUDA compiler, after fetching NVIDIA's toolkit with pip (550 MB, Linux x86-64), for machines without it:
#
#   PATH=$(native/cuda.sh):$PATH make native BACKENDS=cuda
#
# The packages of cuda/toolkit.txt are checked by their sha-256. Running needs a GPU, its driver and cuBLAS.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ "$(platform)" = linux-x86_64 ] || fail "the CUDA packages are for linux-x86_64, and this is $(platform); install NVIDIA's toolkit."
command -v python3 > /dev/null 2>&1 && python3 -m pip --version > /dev/null 2>&1 ||
    fail "pip fetches the CUDA toolkit; please install python3 with pip."
key=$(sha256 < "$here/cuda/toolkit.txt" | cut -c1-16)
folder=$(cache_folder)/cuda/$key

fetch_toolkit() {
    [ ! -x "$folder/bin/nvcc" ] || return 0
    local partial=$folder.new root library
    say "Fetching the CUDA toolkit with pip into $folder (550 MB)"
    rm -rf "$partial"
    mkdir -p "$partial"
    python3 -m pip install -q --no-deps --no-cache-dir --only-binary=:all: --no-compile --disable-pip-version-check --require-hashes \
        --target "$partial" -r "$here/cuda/toolkit.txt" >&2 ||
        fail "pip could not fetch the packages of cuda/toolkit.txt; its message is above."
    root=$(echo "$partial"/nvidia/cu*)
    [ -x "$root/bin/nvcc" ] || fail "the packages of cuda/toolkit.txt have no bin/nvcc."
    # The packages have libraries with their version in the name only; linkers look for names without it.
    for library in "$root"/lib/*.so.*; do
        ln -sf "${library##*/}" "${library%.so.*}.so"
    done
    ln -sfn lib "$root/lib64"
    mv "$root" "$folder"
    rm -rf "$partial"
}

mkdir -p "$(dirname "$folder")"
with_lock "$folder.lock" fetch_toolkit
echo "$folder/bin"
