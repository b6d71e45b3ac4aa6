// What a page weighs on the wire, to somebody who comes for the first time and
// to somebody who was already here; and how much it moves while it loads.
import { vero } from '../lib.mjs';

export const titolo = 'weight';

const kb = 1024;
const limiti = {
  pubblica: { html: 15 * kb, freddo: 100 * kb, richieste: 8, caldo: 15 * kb, salto: 0.02 },
  scrivania: { html: 25 * kb, freddo: 130 * kb, richieste: 10, caldo: 25 * kb, salto: 0.02 },
};

/** Loads the path and counts bytes, requests and layout shift. */
async function pesa(s, percorso) {
  const cdp = await s.pagina.createCDPSession();
  await cdp.send('Network.enable');
  const urls = new Map(), out = { html: 0, totale: 0, richieste: 0 };
  cdp.on('Network.requestWillBeSent', (e) => { urls.set(e.requestId, e.request.url); });
  cdp.on('Network.requestServedFromCache', (e) => { urls.delete(e.requestId); });
  cdp.on('Network.loadingFinished', (e) => {
    const u = urls.get(e.requestId);
    if (!u || u.startsWith('data:') || e.encodedDataLength === 0) return;
    out.totale += e.encodedDataLength;
    out.richieste++;
    if (new URL(u).pathname === new URL(percorso, s.base).pathname) out.html = e.encodedDataLength;
  });
  await s.pagina.goto(new URL(percorso, s.base).href, { waitUntil: 'networkidle0' });
  out.salto = await s.pagina.evaluate(() => new Promise((fatto) => {
    let n = 0;
    new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) n += e.value; })
      .observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => fatto(n), 100);
  }));
  await cdp.detach();
  return out;
}

async function misura(s, percorso, l) {
  await s.pagina.setCacheEnabled(false);
  const f = await pesa(s, percorso);
  // A machine with too much to do brings a font late, once; what a page moves by itself it moves each time.
  if (f.salto > l.salto) f.salto = (await pesa(s, percorso)).salto;
  await s.pagina.setCacheEnabled(true);
  await s.vai(percorso);
  const c = await pesa(s, percorso);
  const detto = `${percorso.split('/').slice(0, 3).join('/')}: html ${(f.html / kb).toFixed(1)} KB, cold ${(f.totale / kb).toFixed(1)} KB in ${f.richieste}, warm ${(c.totale / kb).toFixed(1)} KB in ${c.richieste}, shift ${f.salto.toFixed(4)}`;
  console.log(`# ${detto}`);
  vero(f.html > 0 && f.html <= l.html && f.totale <= l.freddo && f.richieste <= l.richieste && c.totale <= l.caldo && f.salto <= l.salto,
    `over the budget ${JSON.stringify(l)}: ${detto}`);
}

export default async function (t) {
  const p = await t.apri({ schermo: 'stretto' });
  for (const percorso of ['/', '/segnala/1', '/segui']) {
    await t.passo(percorso, () => misura(p, percorso, limiti.pubblica), { sola: true });
  }
  const s = await t.apri({});
  await t.entra(s, 'urp-aziendale');
  await s.vai('/lavoro?vista=tutte');
  const caso = await s.pagina.$eval('tr.row .subj', (a) => a.getAttribute('href'));
  for (const [nome, percorso] of [['the work list', '/lavoro?vista=tutte'], ['a case', caso], ['intake at the desk', '/nuova']]) {
    await t.passo(nome, () => misura(s, percorso, limiti.scrivania), { sola: true });
  }
}
