#!/usr/bin/env bash
# Static programs for the machines of the offices, the same bytes from the same
# commit, with their checksums.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -z "$(git status --porcelain)" ] || { echo "commit first: a release is made from a commit"; exit 1; }
v=$(git describe --tags --always)
rm -rf dist
mkdir dist
for arch in amd64 arm64; do
  CGO_ENABLED=0 GOOS=linux GOARCH=$arch go build -trimpath -ldflags '-s -w -buildid=' -o "dist/tutela-$v-linux-$arch" ./cmd/tutela
done
cp LICENSE CHANGELOG.md dist/
(cd dist && sha256sum tutela-* >SHA256SUMS && cat SHA256SUMS)
