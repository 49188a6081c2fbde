#!/usr/bin/env bash
# Prints a folder with the compilers cc and c++ and the tools ar and ranlib for another platform, after fetching Zig's package with pip.
#
#   native/zig.sh PLATFORM       linux-x86_64, linux-aarch64, windows-x86_64 or macos-aarch64
#
# Zig contains clang, a linker, and the headers and symbol lists of every glibc, of mingw-w64 and of macOS. So one machine builds for
# all platforms, and Linux libraries need no newer glibc than GLIBC of the pin file. The compilers are small scripts in the cache.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

[ $# -eq 1 ] || fail "zig.sh needs the name of a platform, as in: native/zig.sh linux-aarch64"
version=$(pinned zig)
glibc=$(pinned glibc)
macos=$(pinned macos)
cpu=generic
case $1 in
    linux-x86_64) target=x86_64-linux-gnu.$glibc ;;
    linux-aarch64) target=aarch64-linux-gnu.$glibc ;;
    windows-x86_64) target=x86_64-windows-gnu ;;
    macos-aarch64) target=aarch64-macos.$macos cpu=apple_m1 ;;
    *) fail "the platform $1 is unknown; choose from linux-x86_64, linux-aarch64, windows-x86_64 and macos-aarch64." ;;
esac

folder=$(cache_folder)/zig/$version

fetch_zig() {
    [ ! -x "$folder/ziglang/zig" ] || return 0
    local hash
    hash=$(pinned "zig-$(platform)")
    [ -n "$hash" ] || fail "building for $1 needs Zig $version, of which the pin file has no checksum for $(platform)."
    command -v python3 > /dev/null 2>&1 && python3 -m pip --version > /dev/null 2>&1 ||
        fail "building for $1 needs Zig, which pip fetches; please install python3 with pip."
    say "Fetching Zig $version with pip into $folder (90 MB)"
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    echo "ziglang==$version --hash=sha256:$hash" > "$folder.new/requirements.txt"
    python3 -m pip install -q --no-deps --no-cache-dir --only-binary=:all: --no-compile --disable-pip-version-check --require-hashes \
        --target "$folder.new" -r "$folder.new/requirements.txt" >&2 ||
        fail "pip could not fetch ziglang $version with the sha-256 $hash; its message is above."
    rm -rf "$folder"
    mv "$folder.new" "$folder"
}

# What CMake says to clang, in Zig's words. Features of an ARM processor are in -mcpu and not in -march, and have other names:
# armv8.2-a+dotprod+fp16 is generic+v8_2a+dotprod+fullfp16. ARMv9.2 without SVE is ARMv8.7, because Zig cannot take SVE from v9_2a.
# On macOS every processor is an M1 or later; generic does not compile arm_neon.h there. Zig switches off what -mavx512f implies, registers
# of 512 bits, and does not know the bundles of macOS, which are loaded like any library. Without -O2 the checks of CMake would compile the
# C++ library once more, with debugging code.
write_compiler() {
    cat > "$1" << END
#!/usr/bin/env bash
export ZIG_GLOBAL_CACHE_DIR="\${LEM_ZIG_CACHE:-$(cache_folder)/zig/compiled}"
export ZIG_LOCAL_CACHE_DIR="\$ZIG_GLOBAL_CACHE_DIR"
arguments=()
for argument in "\$@"; do
    case \$argument in
        -march=armv*)
            march=\${argument#-march=arm}
            level=\${march%%+*}
            features=+\${march#*+}
            [ "\$features" != "+\$march" ] || features=
            case \$level\$features in
                v9.2-a*+nosve*) level=v8.7-a features=\${features/+nosve/} ;;
                *+no*) echo "zig.sh does not know how to say \$argument to Zig." >&2; exit 2 ;;
            esac
            level=\${level//./_}
            features=\${features//+fp16/+fullfp16}
            argument=-mcpu=$cpu+\${level/-a/a}\$features
            ;;
        -mavx512f) arguments+=(-mevex512) ;;
        -bundle) argument=-dynamiclib ;;
    esac
    arguments+=("\$argument")
done
exec "$folder/ziglang/zig" $2 -target $target -O2 -fno-sanitize=undefined "\${arguments[@]}"
END
}

write_tool() {
    printf '#!/bin/sh\nexec "%s/ziglang/zig" %s "$@"\n' "$folder" "$2" > "$1"
}

mkdir -p "$(dirname "$folder")"
with_lock "$folder.lock" fetch_zig "$1"
key=$(sha256 < "$here/zig.sh" | cut -c1-16)
bin=$folder/$1-$glibc-$macos-$key
if [ ! -d "$bin" ]; then
    partial=$bin.$$
    mkdir -p "$partial"
    write_compiler "$partial/cc" cc
    write_compiler "$partial/c++" c++
    write_tool "$partial/ar" ar
    write_tool "$partial/ranlib" ranlib
    write_tool "$partial/rc" rc
    chmod +x "$partial"/*
    # Another process may have been faster.
    mv "$partial" "$bin" 2> /dev/null || rm -rf "$partial"
fi
echo "$bin"
