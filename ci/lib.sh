# Sourced by the scripts in ci/: paths, and how steps are shown. Sourcing it has no effect on the machine.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${ORDERPLATFORM_CACHE:-$HOME/.cache/orderplatform}
logs=$root/build/logs
# Locks belong to the machine, as images and packages do, not to one cache.
if [ "$(id -u)" -eq 0 ]; then locks=/run/orderplatform; else locks=${XDG_RUNTIME_DIR:-$cache}/orderplatform; fi
# shellcheck disable=SC2034  # for the scripts that source this
image_prefix=localhost/orderplatform

# say TEXT...: one line of progress, on stderr, so that a script's stdout stays its answer.
say() { printf '%s\n' "$*" >&2; }

# die TEXT...: one line that says what is wrong and what to do, then exit 1.
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# step NAME USUALLY COMMAND...: runs a command with its output in a log file. Prints the name, how long it
# usually takes and the log; on a terminal also the time that passed. A failure prints the end of the log,
# names step and log, and returns the command's status. VERBOSE=1 shows the output instead.
step() {
    local name=$1 usually=$2 started=$SECONDS status=0 log ticker=
    shift 2
    mkdir -p "$logs"
    log=$logs/$(tr -cs 'A-Za-z0-9._\n' '-' <<<"$name").log
    say "[$(date +%H:%M:%S)] $name (usually $usually; log ${log#"$root"/})"
    if [ -n "${VERBOSE:-}" ]; then
        { "$@" 2>&1; } > >(tee "$log" >&2) || status=$?
    else
        if [ -t 2 ]; then
            (while sleep 5; do printf '\r           ... %s, %ds' "$name" $((SECONDS - started)) >&2; done) &
            ticker=$!
        fi
        "$@" >"$log" 2>&1 </dev/null || status=$?
        if [ -n "$ticker" ]; then
            kill "$ticker" 2>/dev/null
            wait "$ticker" 2>/dev/null || true
            printf '\r\033[K' >&2
        fi
    fi
    if [ "$status" -ne 0 ]; then
        tail -n 25 "$log" | sed 's/^/    | /' >&2
        say "failed: step \"$name\" (exit $status after $((SECONDS - started)) s); log ${log#"$root"/}"
        return "$status"
    fi
    say "[$(date +%H:%M:%S)] $name: done in $((SECONDS - started)) s"
}

# locked NAME COMMAND...: runs a command while holding a lock that the kernel frees when the holder dies,
# so a kill -9 leaves nothing behind that blocks the next run. Children do not inherit the lock.
locked() {
    local name=$1 fd status=0
    shift
    mkdir -p "$locks"
    exec {fd}>"$locks/$name.lock"
    if ! flock -n "$fd"; then
        say "waiting for another run that holds \"$name\""
        flock "$fd"
    fi
    "$@" {fd}>&- || status=$?
    exec {fd}>&-
    return "$status"
}

# packages SECTION: the Debian packages of one section of ci/packages.txt.
packages() {
    awk -v wanted="[$1]" '/^\[/ {inside = ($1 == wanted); next} inside && !/^#/ && NF {print $1}' "$root/ci/packages.txt"
}

# remove_abandoned_builds: what a killed image build left in podman's storage. Only under the lock `images`, since a
# build that runs looks the same. Docker cleans up by itself.
remove_abandoned_builds() {
    local id image
    [ "$("$root/ci/engine")" = podman ] || return 0
    "$root/ci/engine" ps -a --external --format '{{.ID}} {{.Status}} {{.ImageID}}' | awk '$2 == "Storage" {print $1, $3}' |
        while read -r id image; do
            if [ -n "$("$root/ci/engine" image inspect --format '{{index .Labels "orderplatform.base"}}' "$image" 2>/dev/null)" ]; then
                "$root/ci/engine" rm -f "$id" >/dev/null </dev/null || true
            fi
        done
}

# digest from stdin: twelve hex digits that name a version of something.
digest() { sha256sum | cut -c1-12; }
