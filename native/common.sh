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

# Where the number of a process means the same process: on this machine and, if it is a container, in this container.
process_space() {
    echo "$(uname -n)@$(readlink /proc/self/ns/pid 2> /dev/null | tr -dc 0-9)"
}

# Another user's process cannot be signalled, but is there.
is_running() {
    kill -0 "$1" 2> /dev/null || [ -e "/proc/$1" ]
}

# Runs "$2..." holding the lock folder $1, which contains one file, named after its owner: PROCESS@MACHINE@NAMESPACE. An owner that has
# ended here is replaced by renaming its file, which only one process can do. Of an owner elsewhere nothing can be known.
with_lock() {
    local lock=$1 space self owner process waited=0
    shift
    space=$(process_space)
    self=$$@$space
    until mkdir "$lock" 2> /dev/null && : > "$lock/$self"; do
        owner=$(ls "$lock" 2> /dev/null || true)
        process=${owner%%@*}
        # An earlier process had the number of this one.
        [ "$owner" != "$self" ] || break
        if [ "$owner" = "$process@$space" ] && ! is_running "$process"; then
            mv "$lock/$owner" "$lock/$self" 2> /dev/null && break || continue
        fi
        [ "$waited" -gt 0 ] || say "Waiting for the process ${owner:-unknown} to do the same work; if it has ended, remove $lock."
        waited=$((waited + 1))
        [ "$waited" -lt 7200 ] || fail "$lock has been locked for two hours; remove that folder if no build runs."
        sleep 1
    done
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
