// How people sign in, on a demonstration of its own whose clock is moved by
// starting it again: the first app, the second step, a recovery code, passkeys with
// an authenticator of the browser's, sessions, a proof before a signature, the lock.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'sign-in';

const giorno = '2026-12-01';
const password = 'lago sereno di prova';

/** A demonstration that answers at one address and starts again at any hour of its day. */
class Demo {
  constructor(bin) { this.bin = bin; this.dir = mkdtempSync(path.join(tmpdir(), 'tutela-accesso-')); this.addr = '127.0.0.1:0'; }

  async parte(ora) {
    await this.ferma();
    this.processo = spawn(this.bin, ['demo', '--data', this.dir, '--addr', this.addr, '--today', `${giorno}T${ora}`], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [h, m] = ora.split(':').map(Number);
    // Rome, in winter. Its clock starts a little after this: never ahead of it, a code is of this step or the one before.
    this.scarto = Date.UTC(2026, 11, 1, h - 1, m) - Date.now() - 5000;
    this.base = await new Promise((ok, no) => {
      let detto = '';
      this.processo.stdout.on('data', (d) => { detto += d; const x = /^pronto (\S+)/m.exec(detto); if (x) ok(x[1]); });
      this.processo.once('exit', () => no(new Error('the demonstration ended')));
    });
    this.addr = new URL(this.base).host;
  }

  async ferma() {
    if (!this.processo) return;
    const fine = new Promise((ok) => { this.processo.once('exit', ok); });
    this.processo.kill();
    await fine;
    this.processo = null;
  }

  /** What an app with that seed shows, so many steps from now (RFC 6238). */
  codice(seme, passi = 0) {
    const bit = [...seme.replace(/\s/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
    const chiave = Buffer.from(bit.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const t = Buffer.alloc(8);
    t.writeBigUInt64BE(BigInt(Math.floor((Date.now() + this.scarto) / 30000) + passi));
    const h = createHmac('sha1', chiave).update(t).digest();
    return String((h.readUInt32BE(h[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
  }
}

export default async function (t) {
  if (!t.env.TUTELA_BIN) throw new Error('TUTELA_BIN is not set');
  const demo = new Demo(t.env.TUTELA_BIN);
  try {
    await demo.parte('08:00');
    await cammina(t, demo);
  } finally {
    await demo.ferma();
    rmSync(demo.dir, { recursive: true, force: true });
  }
}

async function cammina(t, demo) {
  const apri = (come = {}) => t.apri({ base: demo.base, ...come });
  const conNome = { base: demo.base.replace('127.0.0.1', 'localhost') }; // no passkey is for a number
  const chi = (ruolo) => t.conti.find((x) => x.ruoli.includes(ruolo)).utente;
  const entra = async (s, utente) => {
    await s.vai('/entra');
    await s.compila({ utente, password });
    await s.premiParole('Accedi');
  };
  const ogniSchermo = async (s, nome) => {
    for (const [schermo, [width, height]] of Object.entries(schermi)) {
      await s.pagina.setViewport({ width, height });
      s.schermo = schermo;
      await s.controlla(nome);
    }
  };

  const capo = await apri({ js: false });
  await t.passo('the demonstration is entered in one step, and says so', async () => {
    await capo.vai('/entra');
    vero((await capo.testo('main')).includes('Qui basta la password: è una dimostrazione con dati inventati.'), 'no word of it');
    await ogniSchermo(capo, 'accesso-entra');
    await entra(capo, chi('amministratore'));
    uguale(capo.dove, '/amministrazione', 'the first page');
  });
  await t.passo('the administrator makes the second factor compulsory', async () => {
    await capo.vai('/amministrazione/accesso');
    await ogniSchermo(capo, 'accesso-regola');
    await capo.compila({ regola: 'subito' });
    await capo.premiParole('Salva la regola');
    await ogniSchermo(capo, 'accesso-app-prima'); // who made the rule is the first to obey it
    uguale(capo.dove, '/profilo/fattori/app', 'led to');
  });

  const s = await apri({ js: false });
  let seme = '', usato = '', recupero = [];
  await t.passo('who has no second factor connects an app, without scripts', async () => {
    await entra(s, chi('urp'));
    uguale(s.dove, '/profilo/fattori/app', 'led to');
    await s.vai('/lavoro');
    uguale(s.dove, '/profilo/fattori/app', 'led to, from the work list');
    seme = await s.testo('#seme');
    await s.compila({ codice: '12' });
    uguale(await s.premiParole('Collega l’app'), 422, 'status');
    uguale(await s.testo('#seme'), seme, 'the seed after a mistake');
    await ogniSchermo(s, 'accesso-app-errore');
    usato = demo.codice(seme);
    await s.compila({ codice: usato, nome: 'Telefono di prova' });
    uguale(await s.premiParole('Collega l’app'), 200, 'status');
    recupero = await s.pagina.$$eval('#codici li', (l) => l.map((x) => x.innerText.trim()));
    uguale(recupero.length, 10, 'recovery codes');
    await ogniSchermo(s, 'accesso-codici');
    await s.premiParole('Li ho messi da parte');
    uguale(s.dove, '/lavoro', 'and then');
  });
  await t.passo('how one signs in, and where', async () => {
    await s.vai('/profilo');
    await ogniSchermo(s, 'accesso-profilo');
    await s.vai('/profilo/fattori');
    await ogniSchermo(s, 'accesso-fattori');
    await s.vai('/profilo/sessioni');
    vero((await s.testo('main')).includes('questo computer'), 'no network');
    await ogniSchermo(s, 'accesso-sessioni');
    await s.premi('main form[action="/esci"] button');
  });
  await t.passo('the second step takes a code once', async () => {
    await entra(s, chi('urp'));
    uguale(s.dove, '/entra/codice', 'the second step');
    await ogniSchermo(s, 'accesso-codice');
    await s.compila({ codice: usato });
    uguale(await s.premiParole('Accedi'), 401, 'the code that connected the app');
    await ogniSchermo(s, 'accesso-codice-errore');
    await s.compila({ codice: demo.codice(seme, 1) });
    await s.premiParole('Accedi');
    uguale(s.dove, '/lavoro', 'signed in');
  });
  await t.passo('a recovery code stands in for the telephone, once, and is told', async () => {
    const u = await apri({ schermo: 'stretto', js: false });
    await entra(u, chi('urp'));
    await u.compila({ codice: recupero[0].toLowerCase() });
    await u.premiParole('Accedi');
    uguale(u.dove, '/novita', 'told first');
    await ogniSchermo(u, 'accesso-novita');
    await u.premiParole('Ho letto');
    uguale(u.dove, '/lavoro', 'signed in');
    await u.vai('/profilo/sessioni');
    vero((await u.testo('main')).includes('con codice di recupero'), 'not in the list');
    await u.premiParole('Chiudi tutte le altre');
    await s.vai('/lavoro');
    uguale(s.dove, '/entra', 'the session that was ended elsewhere');
    await u.premi('.top form[action="/esci"] button');
    await entra(u, chi('urp'));
    await u.compila({ codice: recupero[0] });
    uguale(await u.premiParole('Accedi'), 401, 'the same code again');
  });

  const p = await apri(conNome);
  const cdp = await p.pagina.createCDPSession();
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal',
    hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  await t.passo('a passkey is the first factor', async () => {
    await entra(p, chi('urp-aziendale'));
    await p.premiParole('Aggiungi una passkey');
    await ogniSchermo(p, 'accesso-passkey');
    await p.compila({ nome: 'Computer di prova' });
    await p.premiParole('Crea la passkey');
    uguale(p.stato, 200, 'status');
    uguale((await p.pagina.$$('#codici li')).length, 10, 'recovery codes');
    await p.premiParole('Li ho messi da parte');
    uguale(p.dove, '/lavoro', 'and then');
  });
  await t.passo('it signs in without name and password', async () => {
    await p.premi('.top form[action="/esci"] button');
    await p.vai('/entra?poi=/profilo/sessioni');
    await ogniSchermo(p, 'accesso-entra-passkey');
    await p.premiParole('Accedi con una passkey');
    uguale(p.dove, '/profilo/sessioni', 'signed in');
    vero((await p.testo('main')).includes('con passkey'), 'not in the list');
  });
  await t.passo('it is the second step after the password', async () => {
    await p.premi('.top form[action="/esci"] button');
    await entra(p, chi('urp-aziendale'));
    await ogniSchermo(p, 'accesso-codice-passkey');
    await p.premiParole('Usa la passkey');
    uguale(p.dove, '/lavoro', 'signed in');
  });
  await t.passo('one that does not answer says so', async () => {
    const u = await apri(conNome);
    await u.vai('/entra');
    const altra = await u.pagina.createCDPSession();
    await altra.send('WebAuthn.enable');
    await altra.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: false } });
    await u.pagina.$eval('form[data-passkey]', (f) => { // it would wait for minutes
      const o = JSON.parse(f.dataset.passkey);
      o.publicKey.timeout = 1;
      f.dataset.passkey = JSON.stringify(o);
    });
    await (await u.pagina.$('form[data-passkey] button')).click();
    await u.pagina.waitForSelector('form[data-passkey] .err:not([hidden])');
    await u.controlla('accesso-passkey-muta');
  });

  const firma = await apri({ js: false });
  await t.passo('a director enters and connects an app', async () => {
    await entra(firma, chi('direttore-sanitario'));
    const suo = await firma.testo('#seme');
    await firma.compila({ codice: demo.codice(suo) });
    await firma.premiParole('Collega l’app');
    await firma.vai('/lavoro?vista=firma');
  });
  await demo.parte('08:06');
  await t.passo('after five minutes a signature wants a proof, and is given after it', async () => {
    await firma.vai('/lavoro?vista=firma');
    await firma.premi('main a[href^="/firma/"]');
    const parole = await firma.testo('h1');
    vero(parole.includes('Leggi e firma'), `the page is ${parole}`);
    await firma.premiParole('Approva e firma');
    vero((await firma.testo('main')).includes('Stai per firmare.'), 'no proof is asked');
    await ogniSchermo(firma, 'accesso-conferma');
    await firma.compila({ password: 'non è questa' });
    uguale(await firma.premiParole('Conferma e continua'), 422, 'status');
    await firma.controlla('accesso-conferma-errore');
    await firma.compila({ password });
    await firma.premiParole('Conferma e continua');
    vero(new URL(firma.pagina.url()).searchParams.get('fatto') === 'firma_risposta', `not signed: ${firma.pagina.url()}`);
  });
  await t.passo('the passkey is a proof too', async () => {
    await p.vai('/profilo/fattori');
    await p.premiParole('Crea dieci codici nuovi');
    vero((await p.testo('main')).includes('Stai per cambiare il modo in cui accedi.'), 'no proof is asked');
    await p.controlla('accesso-conferma-passkey');
    await p.premiParole('Usa la passkey');
    uguale((await p.pagina.$$('#codici li')).length, 10, 'recovery codes');
  });

  const sola = await apri(); // a desk that nobody touches: its timer is ours
  await sola.pagina.evaluateOnNewDocument(() => { window.setInterval = (f) => { window.giro = f; }; });
  await entra(sola, chi('direttore-amministrativo'));
  await sola.compila({ codice: demo.codice(await sola.testo('#seme')) });
  await sola.premiParole('Collega l’app');
  await sola.vai('/lavoro?vista=firma');
  await p.vai('/lavoro?vista=tutte');
  await p.premi('tr.row .subj');
  await p.vai(`${p.dove}/atto/nota`);
  await p.compila({ nota: 'Parole scritte prima del blocco.' });
  await demo.parte('08:30');
  await t.passo('a desk left alone locks, and keeps what was written', async () => {
    await p.premi('main form button[value="salva"], main form .btn-primary');
    uguale(p.stato, 401, 'status');
    vero((await p.testo('main')).includes('Quello che hai scritto non è perso'), 'no word of the text');
    await ogniSchermo(p, 'accesso-blocco');
    await p.premiParole('Sblocca con la passkey');
    uguale(await p.pagina.$eval('[name=nota]', (x) => x.value), 'Parole scritte prima del blocco.', 'the text');
    await p.controlla('accesso-dopo-blocco');
  });
  await t.passo('a page that nobody touches hides itself, and comes back', async () => {
    await sola.pagina.evaluate(() => window.giro());
    uguale(sola.dove, '/lavoro', 'at once');
    await Promise.all([sola.pagina.waitForNavigation({ waitUntil: 'load' }), sola.pagina.evaluate(() => {
      const ora = Date.now;
      Date.now = () => ora() + 20 * 60_000;
      window.giro();
    })]);
    uguale(sola.dove, '/blocco', 'after twenty minutes');
    await sola.compila({ password });
    await sola.premiParole('Sblocca');
    uguale(new URL(sola.pagina.url()).search, '?vista=firma', 'back');
  });
  await t.passo('a page left alone is unlocked with the password', async () => {
    await firma.vai('/profilo');
    uguale(firma.dove, '/blocco', 'led to');
    await ogniSchermo(firma, 'accesso-blocco-pagina');
    await firma.compila({ password });
    await firma.premiParole('Sblocca');
    uguale(firma.dove, '/profilo', 'back');
  });
  await demo.parte('20:10');
  await t.passo('after twelve hours one signs in again', async () => {
    await firma.vai('/profilo');
    uguale(firma.dove, '/entra', 'led to');
  });
  await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
}
