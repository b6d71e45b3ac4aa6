#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (10s).
set -euo pipefail
cd "$(dirname "$0")/.."
git grep -n --untracked -oE '^func Fuzz[A-Za-z]+' -- '*_test.go' | while IFS=: read -r file _ fn; do
  echo "== $(dirname "$file") ${fn#func }"
  go test -run '^$' -fuzz "^${fn#func }\$" -fuzztime "${FUZZTIME:-10s}" "./$(dirname "$file")"
done
