// The number of the body's own protocol, on a demonstration of its own beside the
// reference server: on the receipt, where the report is followed, on the case, on the
// letter, in search, and on the administrator's first page, at both widths.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = "the body's protocol";

/** Starts the program and gives where it answers. */
async function avvia(bin, ...args) {
  const p = spawn(bin, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const base = await new Promise((ok, no) => {
    let detto = '';
    p.stdout.on('data', (d) => { detto += d; const x = /^pronto (\S+)/m.exec(detto); if (x) ok(x[1]); });
    p.once('exit', () => no(new Error(`${args[0]} ended`)));
  });
  return { base, ferma: () => new Promise((ok) => { p.once('exit', ok); p.kill(); }) };
}

export default async function cammina(t) {
  const dir = mkdtempSync(path.join(tmpdir(), 'tutela-protocollo-'));
  const accesi = [];
  const accendi = async (...args) => { const p = await avvia(t.env.TUTELA_BIN, ...args); accesi.push(p); return p; };
  try {
    const ente = await accendi('protocollo', 'prova', '--addr', '127.0.0.1:0', '--file', path.join(dir, 'numeri.json'), '--token', 'prova');
    writeFileSync(path.join(dir, 'protocollo.json'), JSON.stringify({ indirizzo: ente.base, token: 'prova', reti: ['127.0.0.0/8'] }), { mode: 0o600 });
    const demo = await accendi('demo', '--data', dir, '--addr', '127.0.0.1:0');
    const conti = JSON.parse(readFileSync(path.join(dir, 'demo-accounts.json'), 'utf8'));
    for (const schermo of Object.keys(schermi)) await giro(t, demo.base, conti, schermo);
  } finally {
    for (const p of accesi.reverse()) await p.ferma();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function giro(t, base, conti, schermo) {
  const passo = (cosa, fa) => t.passo(`${schermo}: ${cosa}`, fa);
  const s = await t.apri({ base, schermo, js: false });
  const entra = async (ruolo) => {
    const c = conti.find((x) => x.ruoli.includes(ruolo));
    const u = await t.apri({ base, schermo, js: false });
    await u.vai('/entra');
    await u.compila({ utente: c.utente, password: c.password });
    await u.invia();
    return u;
  };
  let numero, codice, chiave;
  // The number comes by itself: the page is asked again for a while.
  const arriva = async (dove) => {
    for (let i = 0; i < 100; i++) {
      uguale(await s.vai(dove), 200, dove);
      const m = /PG n\. (\d{7}\/\d{4})/.exec(await s.testo('main'));
      if (m) return m[1];
      await new Promise((ok) => { setTimeout(ok, 100); });
    }
    throw new Error('no number came');
  };

  await passo('on the receipt and where the report is followed', async () => {
    await s.vai('/segnala/1');
    await s.compila({ tipo: 'reclamo' });
    await s.invia();
    const ieri = new Date(Date.now() - 24 * 3600e3);
    await s.compila({ luogo: 'santa chiara', 'quando-giorno': String(ieri.getDate()), 'quando-mese': String(ieri.getMonth() + 1), 'quando-anno': String(ieri.getFullYear()) });
    await s.invia();
    if (s.dove === '/segnala/2/luogo') {
      await s.compila({ posto: await s.pagina.$eval('[name=posto]', (e) => e.value) });
      await s.invia();
    }
    await s.compila({ testo: 'Ho aspettato sei ore al pronto soccorso.' });
    await s.invia();
    await s.premi('button[value=continua]');
    await s.compila({ per: 'me' });
    await s.invia();
    await s.compila({ nome: 'Lucia', cognome: 'Prova', ricapito: 'email', email: 'lucia@example.org' });
    await s.invia();
    await s.premi('main form[action="/segnala/6"] button');
    uguale(s.dove, '/ricevuta', 'after the last step');
    [codice, chiave] = await s.pagina.$$eval('p.code', (e) => e.map((x) => x.textContent));
    numero = await arriva('/ricevuta');
    await s.controlla('protocollo-ricevuta');
    await s.vai('/segui');
    await s.compila({ codice, chiave });
    await s.invia();
    vero((await s.testo('main')).includes(numero), 'the number is not where the report is followed');
    await s.controlla('protocollo-stato');
  });
  await passo('the case is found by it, and shows it', async () => {
    const u = await entra('urp-aziendale');
    await u.vai('/cerca');
    await u.compila({ q: `protocollo:${numero}` });
    await u.premi('main form[action="/cerca"] button');
    vero(u.dove.startsWith('/pratica/'), `the search leads to ${u.dove}`);
    vero((await u.testo('main')).includes(`PG n. ${numero}`), 'the case does not show it');
    await u.controlla('protocollo-pratica');
    uguale(await u.vai(`/lavoro?vista=tutte&protocollo=${encodeURIComponent(numero)}`), 200, 'status');
    await u.controlla('protocollo-lista');
  });
  await passo('the administrator sees how the exchange goes', async () => {
    const u = await entra('amministratore');
    uguale(await u.vai('/amministrazione'), 200, 'status');
    vero((await u.testo('main')).includes('Ultimo numero arrivato'), 'no card of the protocol');
    await u.controlla('protocollo-adm');
  });
}
