#!/usr/bin/env bash
# Installs what the tests need and is not there: PostgreSQL, Chromium, Node, the
# linter, what checks XML and its signatures, the browser's libraries. Debian, as root or with sudo, unattended.
set -euo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive
export PATH="$PWD/.bin:$PATH"
mkdir -p .bin
golangci=2.15.0
node=22.23.3 # what e2e/ asks for is newer than Debian's

# Registries fail now and then: once more before giving up.
again() { "$@" || { echo "again: $*"; sleep 5; "$@"; }; }
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n DEBIAN_FRONTEND=noninteractive "$@"; fi; }

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v chromium >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v xmllint >/dev/null || missing+=(libxml2-utils)
command -v xmlsec1 >/dev/null || missing+=(xmlsec1)
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing: ${missing[*]}"
  again root apt-get update -q
  again root apt-get install -qy --no-install-recommends "${missing[@]}"
fi

if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ] && [ ! -x .bin/node ]; then
  arch=$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
  again npm install --prefix .bin/npm --no-audit --no-fund --no-save "node-linux-$arch@$node"
  ln -s "npm/node_modules/node-linux-$arch/bin/node" .bin/node
fi

# The libraries of the stylesheets and of the browser journeys.
for d in assets e2e; do
  [ -f "$d/package-lock.json" ] || continue
  if ! cmp -s "$d/package-lock.json" "$d/node_modules/.installed"; then
    (cd "$d" && again npm ci --ignore-scripts --no-audit --no-fund)
    cp "$d/package-lock.json" "$d/node_modules/.installed"
  fi
done

again go mod download
if ! .bin/golangci-lint version 2>/dev/null | grep -qF "version $golangci "; then
  echo "building golangci-lint $golangci: some minutes the first time"
  again env GOBIN="$PWD/.bin" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$golangci"
fi
