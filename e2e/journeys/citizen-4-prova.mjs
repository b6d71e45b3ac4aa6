// The receipt that proves itself: by the code on its paper, by its file, on the ente's
// page and on the one that is kept and opened without a network.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'citizen, the proof';

export default async function (t) {
  const dir = mkdtempSync(path.join(tmpdir(), 'tutela-prova-'));
  try {
    for (const schermo of Object.keys(schermi)) await prova(t, schermo, dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function prova(t, schermo, dir) {
  const s = await t.apri({ schermo });
  const file = (nome, testo) => { const f = path.join(dir, nome); writeFileSync(f, testo); return f; };
  const prendi = (via) => s.pagina.evaluate(async (v) => (await fetch(v)).text(), via);
  const dice = async (p, parole) => {
    await p.waitForFunction((w) => document.querySelector('[data-esito]:not([hidden])')?.innerText.includes(w), {}, parole);
    return p.$eval('[data-esito]', (e) => e.innerText);
  };
  let link, numero, json;

  await t.passo(`the code on the receipt proves number and date (${schermo})`, async () => {
    await s.vai('/segnala/1');
    await s.compila({ tipo: 'elogio' });
    await s.invia();
    await s.compila({ luogo: 'Bar', 'non-ricordo': true });
    await s.invia();
    if (s.dove === '/segnala/2/luogo') { await s.compila({ posto: 'nessuno' }); await s.invia(); }
    await s.compila({ testo: 'Grazie a tutte e a tutti.' });
    await s.invia();
    await s.premi('button[value=continua]');
    await s.compila({ per: 'anonimo' });
    await s.invia();
    await s.premi('main form[action="/segnala/6"] button');
    numero = await s.testo('.lead-p strong');
    vero(await s.pagina.$eval('.prova img', (e) => e.naturalWidth > 0), 'the proof is not drawn');
    await s.controlla('prova-ricevuta');
    link = await s.pagina.$eval('.prova a', (e) => e.href);
    vero(link.length < 2000 && !link.includes(numero), 'the address says the number, or is too long for a code');
    json = await prendi('/ricevuta/prova.json');
    await s.vai(link);
    const detto = await dice(s.pagina, 'La ricevuta è vera');
    vero(detto.includes(numero), `no number in: ${detto}`);
    await s.controlla('prova-vera');
    await s.premiParole('Controlla');
    vero((await s.testo('main')).includes('la comprende ancora'), 'the ente does not say what its log has today');
  });

  await t.passo(`what was touched proves nothing, by its code or by its file (${schermo})`, async () => {
    const i = link.indexOf('#') + 200;
    await s.vai('/ricevuta/verifica');
    await s.vai(link.slice(0, i) + (link[i] === 'A' ? 'B' : 'A') + link.slice(i + 1));
    await dice(s.pagina, 'non prova nulla');
    await s.controlla('prova-falsa');
    await s.vai('/ricevuta/verifica');
    const scelta = await s.pagina.$('input[type=file]');
    await scelta.uploadFile(file('vera.json', json));
    await dice(s.pagina, 'La ricevuta è vera');
    await scelta.uploadFile(file('falsa.json', json.replace(/(istante 20\d\d)-(\d\d)/, (_, a, m) => `${a}-${m === '01' ? '02' : '01'}`)));
    await dice(s.pagina, 'La voce non è quella che sta nel registro');
    const voci = /\\n(\d+)\\n/;
    for (const [nome, storto] of [['boh', '{}'], ['zero', json.replace(voci, '\\n0$1\\n')], ['campo', json.replace('{', '{"nuovo":1,')], ['maiuscolo', json.replace('{', '{"Foglia":"x",')],
      ['riga', json.replace(/("checkpoint": "[^"]*)"/, '$1boh\\n"')]]) {
      vero(storto !== json, nome);
      await s.vai('/ricevuta/verifica');
      await (await s.pagina.$('input[type=file]')).uploadFile(file(`${nome}.json`, storto));
      await dice(s.pagina, 'non si legge');
    }
  });

  await t.passo(`the page that is kept does the same without a network (${schermo})`, async () => {
    const qui = file('verifica.html', await prendi('/ricevuta/verifica.html'));
    const p = await s.pagina.browserContext().newPage();
    const guasti = [];
    p.on('pageerror', (e) => guasti.push(e.message));
    p.on('request', (r) => { if (!r.url().startsWith('file:')) guasti.push(r.url().slice(0, 60)); });
    await p.setViewport(s.pagina.viewport());
    await p.setOfflineMode(true);
    await p.goto(pathToFileURL(qui).href);
    await (await p.$('input[type=file]')).uploadFile(file('vera.json', json));
    vero((await dice(p, 'La ricevuta è vera')).includes(numero), 'no number');
    await p.$eval('[data-breve]', (e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }, link);
    vero((await dice(p, 'La ricevuta è vera')).includes(numero), 'no number by its code');
    if (process.env.TUTELA_SHOTS) await p.screenshot({ path: path.join(process.env.TUTELA_SHOTS, `prova-da-sola-${schermo}.png`) });
    // With the key of another ente it proves nothing.
    await p.$eval('[data-chiavi]', (e) => { e.value = e.value.replace(/registro\/[^/]+/g, 'registro/altrove'); });
    await p.$eval('[data-breve]', (e) => e.dispatchEvent(new Event('input')));
    await dice(p, 'non è firmato con la chiave');
    uguale(guasti.join('; '), '', 'it failed, or asked somebody');
    await p.close();
  });
  await s.chiudi();
}
