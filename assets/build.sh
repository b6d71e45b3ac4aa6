#!/usr/bin/env bash
# Makes the embedded stylesheets, icons and fonts from their sources. What it
# writes is committed, so that building the program needs no Node.
set -euo pipefail
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
out=../internal/web/static
mkdir -p "$out/fonts"
for b in public desk; do
  npx sass --quiet --style=compressed --no-source-map --load-path=node_modules/bootstrap-italia/src/scss \
    --load-path=node_modules --load-path=scss "scss/$b.scss" "$out/$b.css"
done
# Rules with data: images would break the page's policy: the kit's select and
# validation icons, which our own markup does not use.
node strip-data.mjs "$out/public.css" "$out/desk.css"
for w in regular 600 700; do
  cp "node_modules/bootstrap-italia/dist/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-$w.woff2" "$out/fonts/"
done
cp node_modules/bootstrap-italia/dist/fonts/Titillium_Web/OFL.txt "$out/fonts/"
node icons.mjs > "$out/icons.svg"
cp icon.svg "$out/icon.svg"

# What opens PDFs, run by wazero in the child.
pdfium=node_modules/@embedpdf/pdfium
gzip -9n <"$pdfium/dist/pdfium.wasm" >../internal/flat/pdfium.wasm.gz
cp "$pdfium/LICENSE.pdfium" ../internal/flat/pdfium.LICENSE
