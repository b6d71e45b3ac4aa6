// Drops every declaration whose value holds a data: address: the policy of the
// pages refuses them. They are the kit's select and validation icons, which our
// own markup does not use.
import { readFileSync, writeFileSync } from 'node:fs';

const indirizzo = String.raw`url\((?:"data:[^"]*"|'data:[^']*'|data:[^)"']*)\)`;
const dichiarazione = new RegExp(String.raw`[\w-]+:[^;{}"']*${indirizzo}(?:${indirizzo}|[^;{}"'])*;?`, 'g');

for (const f of process.argv.slice(2)) {
  const prima = readFileSync(f, 'utf8');
  const css = prima.replace(dichiarazione, '');
  if (css.includes('data:')) throw new Error(`${f}: a data: address is left`);
  // Rules are never dropped, only declarations: braces tell if a match ran on.
  const graffe = (s) => s.replace(/"[^"]*"/g, '').split('{').length;
  if (graffe(css) !== graffe(prima)) throw new Error(`${f}: more than declarations was dropped`);
  writeFileSync(f, css);
}
