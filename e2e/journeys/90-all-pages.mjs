// Every kind of page that links lead to, for whoever has not signed in and for
// every role: it comes whole without scripts, and with them nothing is wrong with
// it at either width. A hundred cases are one kind of page, looked at a few times.
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'all pages';

const limite = 60; // pages of a role
const simili = 3; // of them, of one kind

/** The kind of page behind an address: neither which case it is of, nor the list one comes from, tells two apart. */
function genere(indirizzo) {
  const u = new URL(indirizzo, 'http://x');
  const parti = u.pathname.split('/').map((p) => (/\d|[A-Z]/.test(p) || p.length > 20 ? '*' : p));
  return `${parti.join('/')}?${[...u.searchParams.keys()].filter((k) => k !== 'coda').sort().join('&')}`;
}

/** The addresses that the page links to, of ours, without their fragments. */
function legami(s) {
  return s.pagina.evaluate(() => [...new Set([...document.links].map((a) => new URL(a.href)).filter((u) => u.origin === location.origin)
    .map((u) => u.pathname + u.search))].filter((h) => !h.startsWith('/statico/')));
}

/**
 * What a browser without scripts is sent, as the person who signed in: the answer
 * must be whole as it comes. Says if it is a page, and not a file.
 */
async function aperta(s, indirizzo) {
  const biscotti = (await s.pagina.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
  const r = await fetch(new URL(indirizzo, s.base), { headers: { Cookie: biscotti } });
  const testo = await r.text();
  uguale(r.status, 200, 'status');
  uguale(r.headers.get('x-content-type-options'), 'nosniff', 'X-Content-Type-Options');
  if (/^attachment/.test(r.headers.get('content-disposition') ?? '') || !(r.headers.get('content-type') ?? '').startsWith('text/html')) return false;
  const parole = testo.replace(/^[^]*<main/, '').replace(/<\/main>[^]*$/, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  vero(/<h1[^]*<\/html>\s*$/.test(testo) && parole.length > 40, `not a whole page: ${parole.slice(0, 80)}`);
  return true;
}

export default async function (t) {
  let pagine = 0;
  for (const ruolo of ['', ...new Set(t.conti.flatMap((c) => c.ruoli.map((r) => r.split(' ')[0])))]) {
    const chi = ruolo || 'anybody';
    const s = await t.apri({});
    if (ruolo) await t.passo(`${chi} signs in`, () => t.entra(s, ruolo));
    const attesa = new Set(ruolo ? ['/lavoro', s.dove] : ['/']);
    const visti = new Set(), volte = new Map();
    const quante = (h) => volte.get(genere(h)) ?? 0;
    while (attesa.size && visti.size < limite) {
      const h = [...attesa].reduce((a, b) => (quante(b) < quante(a) ? b : a));
      attesa.delete(h);
      if (quante(h) >= simili) continue;
      visti.add(h);
      volte.set(genere(h), quante(h) + 1);
      await t.passo(`${chi} opens ${h}`, async () => {
        if (!await aperta(s, h)) return;
        uguale(await s.vai(h), 200, 'status');
        for (const l of await legami(s)) if (!visti.has(l)) attesa.add(l);
        for (const [schermo, [width, height]] of Object.entries(schermi)) {
          await s.pagina.setViewport({ width, height });
          s.schermo = schermo;
          await s.controlla(`tutte-${chi}${genere(h).replace(/\W+/g, '-')}${quante(h)}`);
        }
        pagine++;
      }, { sola: true });
    }
    await s.chiudi();
  }
  vero(pagine >= 100, `only ${pagine} pages seen`);
}
