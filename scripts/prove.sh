#!/usr/bin/env bash
# Run targets of the Makefile, LANES (default 2) at a time; a failure does not stop the others. Prints the output of
# each when it has ended, and finally which failed and how long each took.
set -uo pipefail
cd "$(dirname "$0")/.."

export PYTEST_DEBUG_TEMPROOT="${TMPDIR:-/tmp}"  # on a disk, as notes are; `make test` works in memory
told=$(mktemp -d)
trap 'rm -rf "$told"' EXIT
trap 'trap "" TERM; kill 0; wait; exit 130' INT TERM  # background jobs of a script do not hear Ctrl-C

prove() {
    local begin=$SECONDS verdict=ok
    make --no-print-directory "$1" >"$told/$1" 2>&1 || verdict=FAILED
    printf '%-16s%6d s  %s\n' "$1" $((SECONDS - begin)) "$verdict" >"$told/$1.end"
    flock "$told" cat <(printf '\n=== %s ===\n' "$1") "$told/$1"
}

printf 'Proving: %s\n' "$*"
for part in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "${LANES:-2}" ]; do wait -n; done
    prove "$part" &
done
wait

printf '\n'
for part in "$@"; do cat "$told/$part.end"; done
printf '%-16s%6d s\n' all "$SECONDS"
! grep -q ' FAILED$' "$told"/*.end
