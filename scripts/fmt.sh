#!/usr/bin/env bash
# Fails on Go files that gofmt would change, and names them.
set -euo pipefail
cd "$(dirname "$0")/.."
wrong=$(git ls-files --cached --others --exclude-standard '*.go' | while read -r f; do [ -f "$f" ] && echo "$f"; done | xargs gofmt -l)
if [ -n "$wrong" ]; then
  printf 'not formatted:\n%s\n' "$wrong"
  exit 1
fi
