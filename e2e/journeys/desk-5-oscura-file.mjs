// The copy of a document for a structure: looked at page by page, covered with the
// pointer and with the keyboard, without scripts; proved, sent, and read by who was
// asked.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { uguale, vero } from '../lib.mjs';

export const titolo = 'desk, a document that a structure will not read whole';

/** A letter with a page for each list of lines. */
function lettera(pagine) {
  const pezzi = ['%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n3 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>> endobj\n'];
  const figli = pagine.map((righe, i) => {
    const n = 4 + 2 * i, testo = `BT /F 13 Tf 20 TL 70 740 Td ${righe.map((r) => `(${r}) Tj T*`).join(' ')} ET`;
    pezzi.push(`${n} 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents ${n + 1} 0 R>> endobj\n`,
      `${n + 1} 0 obj <</Length ${testo.length}>> stream\n${testo}\nendstream endobj\n`);
    return `${n} 0 R`;
  });
  return `${pezzi.join('')}2 0 obj <</Type/Pages/Kids[${figli.join(' ')}]/Count ${figli.length}>> endobj\ntrailer <</Root 1 0 R/Info<</Title(Lettera di Ada Bertolini)>>>>\n%%EOF\n`;
}

export default async function (t) {
  const cartella = mkdtempSync(path.join(tmpdir(), 'tutela-file-'));
  const foglio = path.join(cartella, 'Lettera di Ada Bertolini.pdf');
  writeFileSync(foglio, lettera([
    ['Spett.le URP,', 'sono Ada Bertolini, nata a Mantova il 3/4/1961, codice fiscale BRTDAA61D43E897X.', 'Abito in via dei Tigli 8, telefono 0376 555 0198.', 'Ho aspettato nove ore in pronto soccorso con mia zia Irma Galli.', 'Il dott. Bianchi era gentile.'],
    ['Allego la ricevuta del parcheggio.', 'Cordiali saluti,', 'Ada Bertolini']]), 'latin1');
  const s = await t.apri({ js: false });
  s.pagina.setDefaultNavigationTimeout(60_000); // the first PDF of all waits for what opens it
  let pratica, copia;
  try {
    await t.passo('a case with a letter', async () => {
      await t.entra(s, 'urp');
      await s.vai('/nuova');
      await s.compila({ canale: 'lettera', testo: 'Nove ore di attesa: vedi la lettera.', oggetto: 'Nove ore', tipo: 'reclamo', nome: 'Ada', cognome: 'Bertolini', telefono: '0376 555 0198',
        unita: 'Pronto Soccorso', presidio: 'Ospedale Santa Chiara – Montelago', documenti: [foglio], riletto: true });
      if (await s.premi('button[value=registra]') !== 201) await s.premi('button[value=registra]'); // somebody of the same name
      await s.premiParole('Apri la pratica');
      pratica = s.dove;
      for (const [atto, campi] of [['presa_in_carico', {}], ['valutazione', { natura: 'sanitaria', danni: 'esclusi' }], ['informativa', {}]]) {
        await s.vai(`${pratica}/atto/${atto}`);
        await s.compila(campi);
        await s.premi('main button[value=salva]');
      }
    });

    await t.passo('the letter is opened page by page', async () => {
      await s.vai(`${pratica}/atto/richiesta_chiarimenti`);
      copia = await s.pagina.$eval('.docs a', (a) => a.getAttribute('href'));
      uguale(await s.vai(copia), 200, 'the page of the copy');
      const detto = await s.testo('#copia');
      for (const x of ['Bertolini', 'BRTDAA61D43E897X', '0376 555 0198', 'Galli']) vero(detto.includes(x), `not found: ${x}`);
      const [w, h] = await s.pagina.$eval('.figura input', (e) => [e.clientWidth, e.clientHeight]);
      vero(w === 700 && h > 900, `the picture is ${w} by ${h}`);
      await s.controlla('desk-copia-pagina');
      const p = await t.apri({ schermo: 'stretto' });
      p.pagina.setDefaultNavigationTimeout(60_000);
      await t.entra(p, 'urp');
      await p.vai(copia);
      await p.controlla('desk-copia-pagina');
    });

    await t.passo('covered with the pointer, and with the keyboard', async () => {
      const clicca = async (x, y) => {
        const f = await s.pagina.$('.figura input');
        await Promise.all([s.pagina.waitForNavigation({ waitUntil: 'load' }), f.click({ offset: { x, y } })]);
      };
      await clicca(84, 188);
      vero((await s.testo('#copia')).includes('Primo angolo'), 'the first click is lost');
      await clicca(280, 248);
      vero(/12% da sinistra, 19% dall.alto, larga 28%, alta 6%/.test(await s.testo('#copia')), `covered: ${await s.testo('.aree')}`);
      await s.premi('[value=togli-0]');
      await s.tabFino('#da-sinistra');
      for (const v of ['10', '60', '50', '5']) { await s.pagina.keyboard.type(v); await s.tasto('Tab'); }
      await Promise.all([s.pagina.waitForNavigation({ waitUntil: 'load' }), s.tasto('Enter')]);
      vero((await s.testo('.aree')).includes('10% da sinistra, 60% dall'), 'not covered with the keyboard');
      await s.premiParole('Guarda come sarà');
      await s.controlla('desk-copia-come-sara');
      await s.premiParole('Torna a decidere');
    });

    await t.passo('a page that nobody looked at holds the copy back', async () => {
      await s.premi('[value=guardata]');
      vero((await s.testo('#h-fig')).includes('Pagina 2 di 2'), 'not led to the next page');
      vero(!await s.vede('[value=finisci]'), 'the copy could be made');
      await s.premi('[value=guardata]');
      await s.premi('[value=finisci]');
      vero((await s.testo('#copia')).includes('La copia è pronta'), `not ready: ${await s.testo('main')}`);
      await s.controlla('desk-copia-pronta');
    });

    await t.passo('sent with the request', async () => {
      await s.vai(`${pratica}/atto/richiesta_chiarimenti`);
      vero((await s.testo('.docs')).includes('copia pronta, 2 pagine'), 'the request does not know it');
      await s.controlla('desk-copia-richiesta');
      await s.compila({ quesito: 'Quanto si è aspettato?', 'copia-0': 'Nove ore di attesa, dice la lettera.' });
      await s.pagina.click('.docs input[type=checkbox]');
      await s.premi('main button[value=salva]');
      uguale(s.dove, pratica, 'after the request');
      await s.vai(`${pratica}/istruttoria`);
      vero(/copia-\d{4}-\d{7}-1\.pdf/.test(await s.testo('main')), 'what was sent is not shown');
    });

    await t.passo('who was asked reads the copy, and no other file', async () => {
      const r = await t.apri({ js: false });
      await t.entra(r, 'responsabile');
      if (await r.vai(pratica) !== 200) return; // the demo's first one is of another structure
      vero(/copia-\d{4}-\d{7}-1\.pdf/.test(await r.testo('main')) && !(await r.testo('main')).includes('Bertolini'), 'the structure reads something else');
      await r.controlla('desk-copia-struttura');
    });
  } finally {
    rmSync(cartella, { recursive: true, force: true });
  }
}
