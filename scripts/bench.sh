#!/usr/bin/env bash
# The benchmarks of the packages, then the figures of the whole program (bench/).
set -euo pipefail
cd "$(dirname "$0")/.."
go test -run '^$' -bench . -benchmem ./internal/...
if compgen -G 'bench/*.go' >/dev/null; then go run ./bench "$@"; fi
