#!/bin/sh
# A SessionEnd hook for Claude Code: leaves a notice for kairosd that this project's memory may have changed.
#
# It writes one small file and starts nothing that takes time. If kairosd does not run, it finds the notice at
# its next start. A hook must never get in the way of a session, so whatever is missing here ends it quietly.

umask 077
state=${KAIROS_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/kairos}
[ -d "$state" ] || exit 0 # Kairos was never used here

# Of the JSON on stdin only the path of the transcript matters; the memory is next to it.
input=$(cat)
case $input in *'"transcript_path"'*) ;; *) exit 0 ;; esac
path=${input#*'"transcript_path"'}
path=${path#*:}
path=${path#*'"'}
path=${path%%'"'*}
case $path in
*\\*) exit 0 ;; # an escape; kairosd sees the change by itself, only later
'~/'*) path=$HOME/${path#'~/'} ;;
esac
memory=${path%/*}/memory
[ -d "$memory" ] || exit 0

[ -d "$state/touched" ] || mkdir "$state/touched" || exit 0
printf '%s\n' "$memory" >"$state/touched/${path##*/}"
exit 0
