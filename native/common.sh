# Shared by build.sh and fetch.sh: messages, the pin, the cache folder, properties of this machine.

say() {
    echo "$*" >&2
}

fail() {
    say "native: $*"
    exit 1
}

need() {
    command -v "$1" > /dev/null 2>&1 || fail "$1 was not found; please install $2."
}

# A value of the pin files.
pinned() {
    sed -n "s/^$1=//p" "$here/LLAMA_CPP_VERSION" "$here/PLATFORMS_VERSION"
}

# The same folder as in Java. Relative names are ignored, as the XDG specification says: they would be another folder in each
# working directory. Without a home folder the cache lies among the temporary files.
cache_folder() {
    case ${XDG_CACHE_HOME:-} in
        /*)
            echo "$XDG_CACHE_HOME/lem"
            return
            ;;
    esac
    case ${HOME:-} in
        /*)
            if [ "$(uname -s)" = Darwin ]; then
                echo "$HOME/Library/Caches/lem"
            else
                echo "$HOME/.cache/lem"
            fi
            ;;
        *) echo "${TMPDIR:-/tmp}/lem-cache-$(id -u)" ;;
    esac
}

# The same names as in Java: linux-x86_64, linux-aarch64, macos-aarch64...
platform() {
    local os arch
    case $(uname -s) in
        Linux) os=linux ;;
        Darwin) os=macos ;;
        *) os=$(uname -s | tr '[:upper:]' '[:lower:]') ;;
    esac
    case $(uname -m) in
        x86_64 | amd64) arch=x86_64 ;;
        arm64 | aarch64) arch=aarch64 ;;
        *) arch=$(uname -m) ;;
    esac
    echo "$os-$arch"
}

processors() {
    getconf _NPROCESSORS_ONLN 2> /dev/null || echo 1
}

# What -march=native depends on. Machines that share a home folder must not share native libraries.
cpu_features() {
    if [ -r /proc/cpuinfo ]; then
        grep -m 1 -E '^(flags|Features)' /proc/cpuinfo || true
        grep -m 1 -E '^(model name|CPU part)' /proc/cpuinfo || true
    else
        sysctl -n machdep.cpu.brand_string machdep.cpu.features 2> /dev/null || true
    fi
}

sha256() {
    if command -v sha256sum > /dev/null 2>&1; then
        sha256sum "$@"
    else
        shasum -a 256 "$@"
    fi
}

# Runs "$2..." holding the lock folder $1. Takes over a lock if its owner process has ended.
with_lock() {
    local lock=$1 owner waited=0
    shift
    until mkdir "$lock" 2> /dev/null; do
        owner=$(cat "$lock/pid" 2> /dev/null || true)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2> /dev/null; then
            rm -rf "$lock"
            continue
        fi
        [ "$waited" -gt 0 ] || say "Waiting for another build of the same libraries (process ${owner:-unknown})."
        waited=$((waited + 1))
        [ "$waited" -lt 7200 ] || fail "$lock has been locked for two hours; remove that folder if no build runs."
        sleep 1
    done
    echo $$ > "$lock/pid"
    trap 'rm -rf "'"$lock"'"' EXIT
    "$@"
    rm -rf "$lock"
    trap - EXIT
}

# Appends the output of a command to a log; shows the end of the log only if the command fails.
run_logged() {
    local log=$1
    shift
    if ! "$@" >> "$log" 2>&1; then
        tail -n 30 "$log" >&2
        fail "this failed: $1 $2 $3; the full log is $log."
    fi
}
