// For another person with the delega; without a name; the pages to read and print.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'citizen, for others';

export default async function (t) {
  const dir = mkdtempSync(path.join(tmpdir(), 'tutela-file-'));
  const delega = path.join(dir, 'delega.pdf');
  writeFileSync(delega, '%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n');
  try {
    for (const schermo of Object.keys(schermi)) {
      await perAltri(t, schermo, delega);
      await senzaNome(t, schermo);
      await fogli(t, schermo);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Walks to step 5. */
async function finoA5(s, tipo) {
  await s.vai('/segnala/1');
  await s.compila({ tipo });
  await s.invia();
  await s.compila({ luogo: 'Sala d’attesa vicino al bar', 'non-ricordo': true });
  await s.invia();
  if (s.dove === '/segnala/2/luogo') {
    await s.compila({ posto: 'nessuno' });
    await s.invia();
  }
  await s.compila({ testo: 'Le sedie sono rotte da mesi.', 'chiede-testo': 'Sedie nuove.' });
  await s.invia();
  await s.premi('button[value=continua]');
  uguale(s.dove, '/segnala/5', 'step 5');
}

async function perAltri(t, schermo, delega) {
  const s = await t.apri({ schermo, js: false });
  await t.passo(`for one's mother, with the delega (${schermo})`, async () => {
    await finoA5(s, 'aiuto');
    await s.compila({ per: 'altra' });
    await s.invia();
    await s.controlla('citizen-altra');
    uguale(await s.invia(), 422, 'status of an empty page');
    await s.controlla('citizen-altra-errore');
    await s.compila({ 'nome-altro': 'Anna', 'cognome-altro': 'Prova', 'nascita-giorno': '1', 'nascita-mese': '4', 'nascita-anno': '1940',
      titolo: 'delegato', delega: [delega], nome: 'Lucia', cognome: 'Prova', ricapito: 'telefono', lingua: 'English', aiuto: 'Lettere grandi' });
    uguale(await s.invia(), 422, 'a telephone is missing');
    vero((await s.testo('main')).includes('delega.pdf'), 'the file is lost with the error');
    await s.compila({ telefono: '333 1234567' });
    await s.invia();
    uguale(s.dove, '/segnala/6', 'after step 5');
    const testo = await s.testo('main');
    for (const x of ['Anna Prova', 'delega.pdf', '333 1234567', 'English', 'Non ricordo']) vero(testo.includes(x), `no ${x}`);
    await s.controlla('citizen-altra-6');
    await s.vai('/segnala/modulo');
    await s.controlla('citizen-altra-modulo');
    await s.vai('/segnala/6');
    await s.premi('main form[action="/segnala/6"] button');
    uguale(s.dove, '/ricevuta', 'after the last step');
    await s.controlla('citizen-altra-ricevuta');
    await s.premi('form[action="/segnala/altra"] button');
    uguale(s.dove, '/segnala/1', 'another one');
  });
}

async function senzaNome(t, schermo) {
  const s = await t.apri({ schermo });
  await t.passo(`without a name (${schermo})`, async () => {
    await finoA5(s, 'reclamo');
    await s.compila({ per: 'anonimo' });
    await s.invia();
    vero((await s.testo('main')).includes('vale come rilievo'), 'not told that it counts as a rilievo');
    await s.controlla('citizen-anonima-6');
    await s.premi('main form[action="/segnala/6"] button');
    vero((await s.testo('main')).includes('Non sappiamo chi sei'), 'the receipt promises too much');
    await s.controlla('citizen-anonima-ricevuta');
  });
}

async function fogli(t, schermo) {
  const s = await t.apri({ schermo });
  await t.passo(`pages to read and to print (${schermo})`, async () => {
    for (const p of ['/modulo', '/modulo/delega', '/privacy', '/accessibilita', '/registro', '/ricevuta/verifica']) {
      uguale(await s.vai(p), 200, p);
      await s.controlla(`citizen${p.replaceAll('/', '-')}`);
    }
    uguale(await s.vai('/segnala/3'), 404, 'a step without a draft');
    await s.controlla('citizen-perduta');
    uguale(await s.vai('/segui/stato'), 200, 'sent back');
    uguale(s.dove, '/segui', 'a report not opened yet');
    await s.controlla('citizen-scaduta');
  });
}
