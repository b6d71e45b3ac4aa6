// Prints a sprite with the icons named in icons.txt, in the kit's own drawing,
// written as short as it can be: the sprite is on every page's budget.
import { readFileSync } from 'node:fs';

const cartella = 'node_modules/bootstrap-italia/src/svg/';

/** The same path in fewer bytes: two decimals, no zero before the point, no space that a sign makes needless. */
function corto(d) {
  return d.replace(/\s+/g, ' ')
    .replace(/\d*\.\d+/g, (n) => String(Math.round(n * 100) / 100))
    .replace(/(^|[^\d.])0\.(?=\d)/g, '$1.')
    .replace(/ ?([a-zA-Z]) ?/g, '$1')
    .replace(/[ ,]+(?=-)/g, '')
    .replace(/ ?, ?/g, ',')
    .trim();
}

let out = '<svg xmlns="http://www.w3.org/2000/svg">';
for (const n of readFileSync('icons.txt', 'utf8').split('\n').filter(Boolean)) {
  const svg = readFileSync(`${cartella}it-${n}.svg`, 'utf8');
  const box = /viewBox="([^"]+)"/.exec(svg)[1];
  const corpo = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>[\s\S]*$/, '')
    .replace(/<\/?g>/g, '').replace(/\s+/g, ' ').replace(/> </g, '><').replace(/ \/>/g, '/>').trim()
    .replace(/ d="([^"]+)"/g, (_, d) => ` d="${corto(d)}"`);
  out += `<symbol id="it-${n}" viewBox="${box}">${corpo}</symbol>`;
}
console.log(`${out}</svg>`);
