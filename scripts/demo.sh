#!/usr/bin/env bash
# Dream on a copy of examples/memory, show what changed, and take everything back. Writes to .demo/ only.
set -euo pipefail
cd "$(dirname "$0")/.."

demo=$PWD/.demo
rm -rf "$demo"
mkdir -p "$demo"
export XDG_CONFIG_HOME=$demo/config XDG_STATE_HOME=$demo/state XDG_CACHE_HOME=$demo/cache
memory=$demo/memory
cp -R examples/memory "$memory"

bold='' plain=''
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s— %s%s\n\n' "$bold" "$*" "$plain"; }
run() {
    printf '$ kairos %s\n\n' "${*//$demo/.demo}"
    kairos "$@"
}
# Exit code 3 says that something waits for a person: expected here.
run_waiting() { run "$@" || [ $? -eq 3 ]; }
changes() {
    if command -v git >/dev/null; then
        git --no-pager diff --no-index --stat -- examples/memory .demo/memory || true
    else
        diff --recursive --brief examples/memory .demo/memory || true
    fi
}

say "One dream, unattended"
run_waiting dream "$memory" --yes --now 2026-11-20
say "What changed on disk"
changes
say "What contradicts itself, for you to settle"
run conflicts "$memory"
say "A second dream finds nothing left to do"
run_waiting dream "$memory" --yes --now 2026-11-20
say "Everything back"
run undo "$memory" --all
diff --recursive examples/memory "$memory"
printf '\ndiff -r examples/memory .demo/memory: no difference, every byte is back.\n'
