#!/usr/bin/env bash
# stage.sh NAME COMMAND...: runs one stage of the tests, says how long it took,
# and keeps its output in .bin/log/NAME.log.
set -uo pipefail
name=$1
shift
mkdir -p .bin/log
printf '\n== %s\n' "$name"
start=$SECONDS
"$@" 2>&1 | tee ".bin/log/$name.log"
rc=${PIPESTATUS[0]}
printf '== %s: %s, %d s\n' "$name" "$([ "$rc" = 0 ] && echo ok || echo "FAILED ($rc)")" "$((SECONDS - start))" | tee -a .bin/log/times
exit "$rc"
