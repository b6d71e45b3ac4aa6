// A reclamo for oneself, on a wide and on a narrow screen, with scripts and
// without: every page is checked, also with its errors.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'citizen, reclamo';

export default async function (t) {
  const dir = mkdtempSync(path.join(tmpdir(), 'tutela-file-'));
  const pdf = path.join(dir, 'referto.pdf'), exe = path.join(dir, 'foto.jpg');
  writeFileSync(pdf, '%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n');
  writeFileSync(exe, 'MZ\u0090\u0000programma'.padEnd(400, '\0'));
  try {
    for (const schermo of Object.keys(schermi)) {
      for (const js of [true, false]) await cammina(t, schermo, js, pdf, exe);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function cammina(t, schermo, js, pdf, exe) {
  const s = await t.apri({ schermo, js });
  const con = `${schermo}${js ? '' : ', no scripts'}`;
  const foto = (n) => s.controlla(`citizen-${n}${js ? '' : '-nojs'}`);
  let codice, chiave;

  await t.passo(`steps 1 to 3, with their errors (${con})`, async () => {
    await s.vai('/');
    await s.premi('main a[href="/segnala/1"]');
    vero(!(await s.vede('main input:checked')), 'something is chosen already');
    await foto('1');
    uguale(await s.invia(), 422, 'status of an empty step');
    vero((await s.pagina.title()).startsWith('Errore: '), 'no "Errore:" in the title');
    if (js) uguale(await s.pagina.evaluate(() => document.activeElement.id), 'errori', 'focus on the summary');
    await foto('1-errore');
    await s.compila({ tipo: 'reclamo' });
    await s.invia();
    uguale(s.dove, '/segnala/2', 'after step 1');
    await foto('2');
    uguale(await s.invia(), 422, 'status of an empty step');
    await foto('2-errore');
    await s.compila({ luogo: 'santa chiara', 'quando-giorno': '3', 'quando-mese': '1', 'quando-anno': '2026' });
    await s.invia();
    uguale(s.dove, '/segnala/2/luogo', 'words that may mean many places');
    await foto('2-luogo');
    await s.compila({ posto: await s.pagina.$eval('[name=posto]', (e) => e.value) });
    await s.invia();
    uguale(s.dove, '/segnala/2/ritardo', 'a fact of long ago');
    await foto('2-ritardo');
    await s.compila({ ritardo: 'Ero in ospedale.' });
    await s.invia();
    uguale(s.dove, '/segnala/3', 'after step 2');
    await foto('3');
    uguale(await s.invia(), 422, 'status of an empty step');
    await foto('3-errore');
    await s.compila({ testo: 'Ho aspettato sei ore al pronto soccorso. Nessuno mi ha detto perché. <b>Grazie</b> & scusate 🙏' });
    await s.invia();
    uguale(s.dove, '/segnala/4', 'after step 3');
  });

  await t.passo(`documents are taken or refused one by one (${con})`, async () => {
    await foto('4');
    await s.compila({ file: [pdf, exe] });
    uguale(await s.premi('button[value=aggiungi]'), 422, 'status with a file refused');
    const testo = await s.testo('main');
    vero(testo.includes('referto.pdf') && testo.includes('non sono stati aggiunti'), 'the files are not told apart');
    await foto('4-errore');
    await s.premi('button[value=continua]');
    uguale(s.dove, '/segnala/5', 'after step 4');
  });

  await t.passo(`who writes, and the last look (${con})`, async () => {
    await foto('5');
    await s.compila({ per: 'me' });
    await s.invia();
    await foto('5-dati');
    uguale(await s.invia(), 422, 'status of an empty page');
    await foto('5-dati-errore');
    await s.compila({ nome: 'Lucia', cognome: 'Prova', ricapito: 'email', email: 'lucia@example.org' });
    await s.invia();
    uguale(s.dove, '/segnala/6', 'after step 5');
    await foto('6');
    await s.premi('a[href="/segnala/3?controlla"]');
    vero((await s.pagina.$eval('#testo', (e) => e.value)).includes('<b>Grazie</b>'), 'the text changed on its way');
    await s.invia();
    uguale(s.dove, '/segnala/6', 'a change comes back to the last page');
  });

  await t.passo(`what another tab changed is read before it is sent (${con})`, async () => {
    const altra = await s.accanto();
    await altra.vai('/segnala/3?controlla');
    await altra.compila({ testo: 'Ho aspettato sei ore: ora lo dico meglio.' });
    await altra.invia();
    await s.pagina.bringToFront();
    uguale(await s.premi('main form[action="/segnala/6"] button'), 409, 'what was not shown is sent');
    vero((await s.testo('main')).includes('lo dico meglio'), 'the change is not shown');
    await foto('6-cambiata');
  });

  await t.passo(`sent once, however often it is sent (${con})`, async () => {
    await s.premi('main form[action="/segnala/6"] button');
    uguale(s.dove, '/ricevuta', 'after the last step');
    await foto('ricevuta');
    [codice, chiave] = await s.pagina.$$eval('p.code', (e) => e.map((x) => x.textContent));
    vero(/^[A-Z2-9]{4}(-[A-Z2-9]{4}){2}$/.test(codice) && /^[A-Z2-9]{4}(-[A-Z2-9]{4}){3}$/.test(chiave), 'codes are not in groups of four');
    vero(await s.pagina.$eval('img.qr', (e) => e.naturalWidth > 0), 'the QR is not drawn');
    await s.vai('/segnala/6');
    vero((await s.testo('main')).includes('Hai già inviato'), 'the way back says nothing');
    await foto('inviata');
  });

  await t.passo(`followed by code and contact, then by code and key (${con})`, async () => {
    await s.vai('/segui');
    await foto('segui');
    await s.compila({ codice, contatto: 'lucia@example.org' });
    await s.invia();
    uguale(s.dove, '/segui/stato', 'code and contact');
    vero(!(await s.testo('main')).includes('sei ore'), 'the contact alone opens what was written');
    await foto('stato-contatto');
    await s.premi('form[action="/segui/esci"] button');
    await s.compila({ codice, chiave: 'AAAA-BBBB-CCCC-DDDD' });
    uguale(await s.invia(), 422, 'a wrong key');
    await foto('segui-errore');
    await s.compila({ codice: codice.toLowerCase(), chiave: chiave.replaceAll('-', ' ') });
    await s.invia();
    uguale(s.dove, '/segui/stato', 'code and key');
    vero(!s.pagina.url().includes(chiave.slice(0, 4)), 'the key is in the address');
    await foto('stato');
    await s.premi('a[href="/segui/atto/messaggio"]');
    await foto('messaggio');
    await s.compila({ testo: 'Ricordo anche il nome del medico.', file: [pdf] });
    await s.invia();
    vero((await s.testo('main')).includes('Ricordo anche'), 'the message is not there');
    await foto('stato-messaggio');
    await s.vai('/segui/atto/messaggio');
    await s.compila({ testo: 'Parole scritte con calma.', file: [pdf] });
    const altra = await s.accanto();
    await altra.vai('/segui/stato');
    await altra.premi('form[action="/segui/esci"] button');
    await s.pagina.bringToFront();
    uguale(await s.invia(), 401, 'sent by who went out');
    await foto('segui-attende');
    await s.compila({ codice, chiave });
    uguale(await s.invia(), 200, 'codice and key of the same report');
    uguale(await s.pagina.$eval('#testo', (e) => e.value), 'Parole scritte con calma.', 'words that waited');
    vero((await s.testo('main')).includes('referto.pdf'), 'the file that waited is lost');
    await foto('segui-ripreso');
    await s.invia();
    vero((await s.testo('main')).includes('Parole scritte con calma.'), 'the message is not there');
    await s.vai('/segui/modulo');
    await foto('modulo-compilato');
    await s.vai('/segui/atto/ritiro');
    uguale(await s.invia(), 422, 'withdrawn without a reason');
    await foto('ritiro-errore');
    await s.compila({ motivo: 'Ho parlato con il medico.' });
    await s.invia();
    vero((await s.testo('.stati [aria-current]')) === 'Chiusa', 'not closed');
    await s.vai('/ricevuta');
    await s.premi('form[action="/ricevuta/fine"] button');
    await foto('finito');
    uguale(await s.vai('/ricevuta'), 404, 'the receipt after cleaning up');
    await foto('noricevuta');
  });
}
