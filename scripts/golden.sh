#!/usr/bin/env bash
# Writes again the golden files of the packages whose tests know -update.
set -euo pipefail
cd "$(dirname "$0")/.."
dirs=$(git grep -l --untracked 'flag.Bool("update"' -- '*_test.go' | xargs -r -n1 dirname | sort -u)
[ -n "$dirs" ] || { echo "no test has golden files"; exit 0; }
for d in $dirs; do go test "./$d" -update; done
git --no-pager diff --stat
