#!/usr/bin/env bash
# Run some targets of the Makefile, all of them even where one fails, and say at the end which did and how long each took.
set -uo pipefail
cd "$(dirname "$0")/.."

story='' failed=()
for part in "$@"; do
    printf '\n=== %s ===\n' "$part"
    begin=$SECONDS
    verdict=ok
    make --no-print-directory "$part" || { verdict=FAILED; failed+=("$part"); }
    story+=$(printf '%-16s%6d s  %s' "$part" $((SECONDS - begin)) "$verdict")$'\n'
done

printf '\n%s%-16s%6d s\n' "$story" all "$SECONDS"
if [ ${#failed[@]} -gt 0 ]; then
    printf 'FAILED: %s\n' "${failed[*]}"
    exit 1
fi
