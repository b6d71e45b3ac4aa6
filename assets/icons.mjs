// Prints a sprite with the icons named in icons.txt, in the kit's own drawing.
import { readFileSync, existsSync } from 'node:fs';
const dir = 'node_modules/bootstrap-italia/src/svg/';
let out = '<svg xmlns="http://www.w3.org/2000/svg">';
for (const n of readFileSync('icons.txt', 'utf8').split('\n').filter(Boolean)) {
  const p = `${dir}it-${n}.svg`;
  if (!existsSync(p)) { console.error(`no icon ${n}`); continue; }
  const svg = readFileSync(p, 'utf8');
  const box = /viewBox="([^"]+)"/.exec(svg)[1];
  const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>[\s\S]*$/, '').replace(/\s+/g, ' ').trim();
  out += `<symbol id="it-${n}" viewBox="${box}">${body}</symbol>`;
}
console.log(out + '</svg>');
