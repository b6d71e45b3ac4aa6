// Drops every declaration whose value holds a data: address.
import { readFileSync, writeFileSync } from 'node:fs';
for (const f of process.argv.slice(2)) {
  const css = readFileSync(f, 'utf8').replace(/[\w-]+:[^;{}]*url\(\s*["']?data:(?:"[^"]*"|'[^']*'|[^)])*\)[^;{}]*;?/g, '');
  if (css.includes('data:')) throw new Error(`${f}: a data: address is left`);
  writeFileSync(f, css);
}
