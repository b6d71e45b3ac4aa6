// Walks every journey of journeys/ against a running program and says what
// passed. In the environment:
//   TUTELA_URL       where the program answers
//   TUTELA_ACCOUNTS  the file of the demo's accounts; else TUTELA_DATA/demo-accounts.json
//   TUTELA_DATA      the program's folder (optional)
//   TUTELA_ENGINE    what the walk is called, as "sqlite" (optional)
//   TUTELA_SHOTS     where to keep pictures of every page checked (optional)
// Arguments, if any, choose the journeys whose file name contains one of them, and
// leave out those that contain one written with - before it.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { avvia } from './lib.mjs';

const env = process.env;
const base = env.TUTELA_URL;
if (!base) { console.error('TUTELA_URL is not set'); process.exit(2); }
const nome = env.TUTELA_ENGINE ?? 'journeys';
const elenco = env.TUTELA_ACCOUNTS ?? (env.TUTELA_DATA && path.join(env.TUTELA_DATA, 'demo-accounts.json'));
const conti = elenco ? JSON.parse(readFileSync(elenco, 'utf8')) : [];
const cartella = path.join(path.dirname(fileURLToPath(import.meta.url)), 'journeys');
const scelti = process.argv.slice(2).filter((s) => !s.startsWith('-'));
const esclusi = process.argv.slice(2).filter((s) => s.startsWith('-')).map((s) => s.slice(1));
const viaggi = readdirSync(cartella).filter((f) => f.endsWith('.mjs') && (!scelti.length || scelti.some((s) => f.includes(s))) && !esclusi.some((s) => f.includes(s))).sort();

/** Signs in the first demo account that holds the role. */
async function entra(s, ruolo) {
  const c = conti.find((x) => x.ruoli.some((r) => r === ruolo || r.startsWith(`${ruolo} `)));
  if (!c) throw new Error(`no demo account is ${ruolo}`);
  await s.vai('/entra');
  await s.compila({ utente: c.utente, password: c.password });
  await s.invia();
  return c;
}

let n = 0, rotti = 0;
const browser = await avvia();
for (const f of viaggi) {
  const { titolo, default: cammina } = await import(path.join(cartella, f));
  const aperte = [];
  const t = {
    base, conti, entra, env,
    /** Opens a tab; it is closed when the journey ends. */
    apri: async (come = {}) => { const s = await browser.apri({ base, ...come }); aperte.push(s); return s; },
    /**
     * One checked step. A step that fails ends its journey, since the next ones
     * stand on it; with { sola: true } nothing does, and the journey goes on.
     */
    passo: async (cosa, fa, { sola = false } = {}) => {
      const da = performance.now();
      try {
        await fa();
      } catch (e) {
        console.log(`not ok ${nome} ${++n} - ${titolo}: ${cosa}`);
        if (!sola) throw e;
        rotti++;
        console.log(`# ${String(e.message).replace(/\n/g, '\n# ')}`);
        return;
      }
      console.log(`ok ${nome} ${++n} - ${titolo}: ${cosa} (${Math.round(performance.now() - da)} ms)`);
    },
  };
  try {
    await cammina(t);
  } catch (e) {
    rotti++;
    console.log(`# ${f}: ${String(e.stack ?? e).replace(/\n/g, '\n# ')}`);
    for (const s of aperte) {
      console.log(`# was on ${s.dove}, status ${s.stato}`);
      await s.foto(`rotto-${path.basename(f, '.mjs')}`).catch(() => {});
    }
  }
  for (const s of aperte) await s.chiudi().catch(() => {});
}
await browser.chiudi();
if (viaggi.length === 0) { console.error('no journey'); process.exit(2); }
console.log(rotti ? `${nome}: ${n - rotti} passed, ${rotti} failed` : `${nome}: ${n} passed`);
process.exit(rotti ? 1 : 0);
