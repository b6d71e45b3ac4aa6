// With the keyboard only: a report taken in at the counter in under a minute, and
// the next step of a case; the keys of the list.
import { uguale, vero } from '../lib.mjs';

export const titolo = 'desk, keyboard only';

export default async function (t) {
  const s = await t.apri({ js: false });
  const scrivi = (x) => s.pagina.keyboard.type(x);
  const invio = () => Promise.all([s.pagina.waitForNavigation({ waitUntil: 'load' }), s.tasto('Enter')]);
  const vaiSu = async (css, testo) => { await s.tabFino(css); if (testo) await scrivi(testo); };

  await t.passo('sign in', async () => {
    const c = t.conti.find((x) => x.utente === 'fronte.santachiara');
    await s.vai('/entra');
    await vaiSu('#utente', c.utente);
    await vaiSu('#password', c.password);
    await invio();
    uguale(s.dove, '/lavoro', 'after Enter');
  });

  await t.passo('take in a report by telephone', async () => {
    const da = Date.now();
    await vaiSu('a[href="/nuova"]');
    await invio();
    uguale(await s.pagina.evaluate(() => document.activeElement.id), 'testo', 'the focus is not where one writes');
    await scrivi('Il montacarichi fa rumore tutta la notte.');
    await vaiSu('#unita', 'Pronto Soccorso');
    await vaiSu('#nome', 'Ugo');
    await vaiSu('#cognome', 'Tastieri');
    await vaiSu('#telefono', '0376 555 0111');
    await vaiSu('button[value=registra]');
    await invio();
    uguale(s.stato, 201, 'status of the receipt');
    vero(Date.now() - da < 60_000, 'it takes more than a minute');
    await s.tabFino('main a[href^="/pratica/"]');
    await invio();
    await s.tabFino('.do a.btn, .do summary');
  });

  await t.passo('the keys of the list and of a case', async () => {
    const k = await t.apri({});
    await t.entra(k, 'urp-aziendale');
    const qui = () => k.pagina.evaluate(() => document.activeElement.className || document.activeElement.id);
    await k.vai('/lavoro?vista=tutte');
    await k.tasto('j', 2);
    uguale(await qui(), 'subj', 'j');
    await Promise.all([k.pagina.waitForNavigation(), k.tasto('Enter')]);
    vero(k.dove.startsWith('/pratica/'), 'Enter opens');
    await k.tasto('/');
    uguale(await qui(), 'q', '/');
    await k.vai(k.dove);
    await Promise.all([k.pagina.waitForNavigation(), k.tasto('u')]);
    uguale(k.dove, '/lavoro', 'u');
    await Promise.all([k.pagina.waitForNavigation(), k.pagina.keyboard.type('?')]);
    uguale(k.dove, '/aiuto-tasti', '?');
    await k.tasto('g');
    await Promise.all([k.pagina.waitForNavigation(), k.tasto('d')]);
    uguale(k.dove, '/lavoro', 'g d');
  });
}
