// The keys of the UPT, on a demonstration of its own where nobody has made them yet:
// found, print the sheets, sign out, unlock, admit the second member, who unlocks;
// new sheets, remove, and recover with two sheets of three; then the other ways into
// one's own key: a passkey, a printed code, another key after a theft.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { uguale, vero } from '../lib.mjs';

export const titolo = 'UPT keys';

const password = 'lago sereno di prova';

/** A demonstration whose UPT is to be founded. */
async function avvia(bin) {
  const dir = mkdtempSync(path.join(tmpdir(), 'tutela-upt-'));
  const p = spawn(bin, ['demo', '--data', dir, '--addr', '127.0.0.1:0', '--unfounded'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const base = await new Promise((ok, no) => {
    let detto = '';
    p.stdout.on('data', (d) => { detto += d; const x = /^pronto (\S+)/m.exec(detto); if (x) ok(x[1]); });
    p.once('exit', () => no(new Error('the demonstration ended')));
  });
  const ferma = async () => {
    const fine = new Promise((ok) => { p.once('exit', ok); });
    p.kill();
    await fine;
    rmSync(dir, { recursive: true, force: true });
  };
  return { base, ferma };
}

const custodi = { 'custode-1': 'Notaio Verdi', 'custode-2': 'Eleonora Brambati', 'interno-2': true, 'custode-3': 'Presidente Neri', k: '2' };

export default async function cammina(t) {
  const demo = await avvia(t.env.TUTELA_BIN);
  try {
    await viaggio(t, demo.base);
  } finally {
    await demo.ferma();
  }
}

async function viaggio(t, base) {
  const largo = await t.apri({ base });
  const stretto = await t.apri({ base, schermo: 'stretto', js: false });
  const frasi = {};
  let fogli, prima;

  const entra = async (s, utente) => {
    await s.vai('/entra');
    await s.compila({ utente, password });
    await s.invia();
  };
  const sblocca = async (s, frase) => {
    await s.vai('/chiavi');
    uguale(s.dove, '/chiavi/sblocca', 'what asks for the passphrase');
    await s.compila({ frase });
    await s.premiParole('Sblocca');
    uguale(s.dove, '/chiavi', 'where the unlocked one is');
  };
  const chiave = async (s, utente, nome) => {
    await entra(s, utente);
    await s.vai('/chiavi');
    await s.controlla(`upt-${nome}-inizio`);
    await s.premiParole('Crea la mia chiave');
    await s.controlla(`upt-${nome}-frase`);
    const frase = await s.testo('#la-frase');
    await s.compila({ frase: 'babebi babebi babebi babebi' });
    await s.premiParole('Crea la mia chiave');
    uguale(s.stato, 422, 'another passphrase typed back');
    uguale(await s.testo('#la-frase'), frase, 'the passphrase on the page');
    await s.controlla(`upt-${nome}-frase-errata`);
    await s.compila({ frase });
    await s.premiParole('Crea la mia chiave');
    uguale(s.dove, '/chiavi', 'after the key is made');
    frasi[utente] = frase;
  };
  const leggiFogli = async (s) => Promise.all([1, 2, 3].map((n) => s.testo(`#foglio-${n}`)));

  await t.passo('the head makes a key and founds the office', async () => {
    await largo.vai('/');
    vero(!await largo.vede('#impronta-upt'), 'a key id before the founding');
    await chiave(largo, 'upt.responsabile', 'capo');
    await largo.premiParole('Crea le chiavi dell’ufficio');
    await largo.controlla('upt-fonda');
    await largo.compila({ ...custodi, 'interno-1': true });
    await largo.premiParole('Crea le chiavi e stampa i fogli');
    uguale(largo.stato, 422, 'too many holders of the ente');
    await largo.controlla('upt-fonda-errata');
    await largo.compila({ 'interno-1': false });
    await largo.premiParole('Crea le chiavi e stampa i fogli');
    await largo.controlla('upt-fogli');
    fogli = await leggiFogli(largo);
    prima = await largo.testo('#prima');
    vero(/^(\w{4}-){3}\w{4}$/.test(prima) && fogli.every((f) => /^(\w{4}-){6}\w{4}$/.test(f)), 'codes in groups of four');
    await largo.pagina.emulateMediaType('print');
    await largo.foto('upt-fogli-stampa');
    await largo.pagina.emulateMediaType(null);
    await largo.vai('/');
    uguale(await largo.testo('#impronta-upt'), prima, 'the public page');
  });

  await t.passo('signs out, and signing in is not enough', async () => {
    await largo.vai('/profilo');
    await largo.premiParole('Esci');
    await entra(largo, 'upt.responsabile');
    await largo.vai('/chiavi');
    await largo.controlla('upt-sblocca');
    await largo.compila({ frase: 'una frase' });
    await largo.premiParole('Sblocca');
    uguale(largo.stato, 422, 'no passphrase');
    await largo.controlla('upt-sblocca-errata');
    await sblocca(largo, frasi['upt.responsabile']);
    await largo.controlla('upt-membro');
  });

  await t.passo('the second member is admitted, on a phone without scripts', async () => {
    await chiave(stretto, 'upt.operatore', 'operatore');
    await stretto.controlla('upt-attende');
    await largo.vai('/chiavi');
    const sua = await stretto.testo('#mia-impronta');
    await largo.compila({ persona: (await largo.pagina.$eval('#persona option:nth-child(2)', (o) => o.value)), impronta: prima });
    await largo.premiParole('Ammetti');
    uguale(largo.stato, 422, 'nobody said what they will read');
    await largo.controlla('upt-ammetti-senza-scelta');
    await largo.compila({ posto: 'membro' });
    await largo.premiParole('Ammetti');
    uguale(largo.stato, 409, 'an id that is not the key’s');
    await largo.controlla('upt-ammetti-errata');
    await largo.compila({ impronta: sua.toLowerCase() });
    await largo.premiParole('Ammetti');
    await largo.controlla('upt-ammessa');
    await stretto.vai('/chiavi');
    await stretto.controlla('upt-prima');
    await stretto.compila({ prima: sua });
    await stretto.premiParole('Controlla e continua');
    uguale(stretto.stato, 422, 'another key’s id');
    await stretto.compila({ prima });
    await stretto.premiParole('Controlla e continua');
    await stretto.controlla('upt-secondo-membro');
    await stretto.vai('/profilo');
    await stretto.premiParole('Esci');
    await entra(stretto, 'upt.operatore');
    await sblocca(stretto, frasi['upt.operatore']);
  });

  await t.passo('new sheets, and the second member leaves', async () => {
    await largo.vai('/chiavi/fogli');
    await largo.controlla('upt-nuovi-fogli');
    await largo.compila(custodi);
    await largo.premiParole('Stampa i fogli nuovi');
    fogli = await leggiFogli(largo);
    await largo.vai('/chiavi');
    await largo.premi('a[href^="/chiavi/togli/"]');
    await largo.controlla('upt-togli');
    await largo.premi('main form button');
    uguale(largo.dove, '/chiavi', 'after the removal');
    await stretto.vai('/chiavi');
    vero((await stretto.testo('main')).includes('Fatti ammettere'), 'who left reads on');
  });

  await t.passo('the passphrase is lost: a reset, and two sheets of three', async () => {
    const adm = await t.apri({ base });
    await entra(adm, 'amministratore');
    await adm.vai('/amministrazione/chiavi');
    await adm.controlla('upt-amministratore');
    vero((await adm.testo('main')).includes(prima), 'the administrator sees the key id');
    await adm.vai('/amministrazione/persone?stato=');
    await adm.vai(await adm.pagina.$$eval('main a', (aa) => aa.find((a) => a.textContent.includes('Eleonora Brambati'))?.getAttribute('href') ?? '/nessuno'));
    await adm.premiParole('Azzera la sua chiave');
    await adm.controlla('upt-azzerata');
    await chiave(largo, 'upt.responsabile', 'capo-di-nuovo');
    await largo.premiParole('Recupera con i fogli');
    await largo.controlla('upt-recupera');
    await largo.compila({ 'foglio-1': fogli[0], 'foglio-3': `X${fogli[2].slice(1)}`, ...custodi });
    await largo.premiParole('Recupera e stampa i fogli nuovi');
    uguale(largo.stato, 422, 'a sheet copied wrongly');
    await largo.controlla('upt-recupera-errata');
    await largo.compila({ 'foglio-3': fogli[2] });
    await largo.premiParole('Recupera e stampa i fogli nuovi');
    await largo.controlla('upt-recuperata');
    await largo.vai('/chiavi');
    vero((await largo.testo('main')).includes('Recupero con i fogli'), 'the recovery is on record');
  });

  // No passkey is for a number.
  const p = await t.apri({ base: base.replace('127.0.0.1', 'localhost') });
  const cdp = await p.pagina.createCDPSession();
  await cdp.send('WebAuthn.enable');
  const chiavetta = async (hasPrf) => (await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal',
    hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, hasPrf } })).authenticatorId;
  const passkey = async (nome) => {
    await p.vai('/profilo/fattori/passkey');
    await p.compila({ nome });
    await p.premiParole('Crea la passkey');
  };
  const blocca = async () => {
    await p.vai('/chiavi');
    await p.premiParole('Blocca la mia chiave');
    await p.vai('/chiavi');
    uguale(p.dove, '/chiavi/sblocca', 'a locked key');
  };

  await t.passo('a passkey whose device gives no secret says so, and nothing changes', async () => {
    await entra(p, 'upt.responsabile');
    await sblocca(p, frasi['upt.responsabile']);
    vero(!(await p.testo('main')).includes('Sblocca con una passkey'), 'offered with no passkey');
    const muta = await chiavetta(false);
    await passkey('Chiavetta vecchia');
    await p.vai('/chiavi');
    await p.premiParole('Sblocca con una passkey');
    await p.controlla('upt-passkey');
    await p.premiParole('Usa la passkey');
    uguale(p.stato, 422, 'a device without a secret');
    vero((await p.testo('main')).includes('non può aprire la tua chiave'), 'no word of why');
    await p.controlla('upt-passkey-senza');
    await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: muta });
  });

  await t.passo('one that does opens the key instead of the passphrase', async () => {
    await chiavetta(true);
    await passkey('Computer dell’ufficio');
    await p.vai('/chiavi/passkey');
    await p.premiParole('Usa la passkey');
    uguale(p.dove, '/chiavi', 'after the passkey');
    vero((await p.testo('main')).includes('Passkey «Computer dell’ufficio»'), 'not among the ways in');
    await p.controlla('upt-modi');
    await blocca();
    await p.controlla('upt-sblocca-passkey');
    await p.premiParole('Sblocca con la passkey');
    uguale(p.dove, '/chiavi', 'unlocked');
  });

  await t.passo('a printed code stands in for a forgotten passphrase', async () => {
    await p.premiParole('Stampa un foglio personale');
    const codice = await p.testo('#foglio-mio');
    vero(/^(\w{4}-){6}\w{4}$/.test(codice), 'a code in groups of four');
    await p.controlla('upt-foglio-mio');
    await p.pagina.emulateMediaType('print');
    await p.foto('upt-foglio-mio-stampa');
    await p.pagina.emulateMediaType(null);
    await blocca();
    await p.premiParole('Hai dimenticato la frase?');
    await p.compila({ foglio: `${codice[0] === 'X' ? 'Y' : 'X'}${codice.slice(1)}` });
    await p.premiParole('Controlla e continua');
    uguale(p.stato, 422, 'a code copied wrongly');
    await p.controlla('upt-dimenticata-errata');
    await p.compila({ foglio: codice.toLowerCase() });
    await p.premiParole('Controlla e continua');
    await p.controlla('upt-dimenticata-frase');
    await p.compila({ frase: await p.testo('#la-frase') });
    await p.premiParole('Salva la frase');
    uguale(p.dove, '/chiavi', 'unlocked with the new passphrase');
  });

  await t.passo('after a theft the key changes, and its other ways in are gone', async () => {
    const mia = await p.testo('#mia-impronta');
    await p.premiParole('Cambia la tua chiave');
    await p.controlla('upt-furto');
    await p.compila({ frase: await p.testo('#la-frase') });
    await p.premiParole('Cambia la mia chiave');
    uguale(p.dove, '/chiavi', 'changed');
    vero(await p.testo('#mia-impronta') !== mia, 'the same key');
    vero(!(await p.testo('main')).includes('Passkey «'), 'a passkey still opens it');
    await p.controlla('upt-furto-fatto');
    await p.pagina.setViewport({ width: 375, height: 812 });
    for (const via of ['/chiavi', '/chiavi/passkey', '/chiavi/furto']) {
      await p.vai(via);
      await p.controlla(`upt-stretto${via.replaceAll('/', '-')}`);
    }
    await blocca();
    for (const via of ['/chiavi/sblocca', '/chiavi/dimenticata']) {
      await p.vai(via);
      await p.controlla(`upt-stretto${via.replaceAll('/', '-')}`);
    }
  });
}
