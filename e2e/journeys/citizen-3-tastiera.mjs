// The whole way with the keyboard only, scripts off.
import { uguale, vero } from '../lib.mjs';

export const titolo = 'citizen, keyboard only';

export default async function (t) {
  const s = await t.apri({ js: false });
  const scrivi = (x) => s.pagina.keyboard.type(x);
  const invio = () => Promise.all([s.pagina.waitForNavigation({ waitUntil: 'load' }), s.tasto('Enter')]);
  const vaiSu = async (css, testo) => { await s.tabFino(css); if (testo) await scrivi(testo); };
  const continua = async () => { await s.tabFino('main .actions button.btn-primary'); await invio(); };

  await t.passo('the six steps', async () => {
    await s.vai('/segnala/1');
    await s.tabFino('input[name=tipo]');
    await s.tasto('Space'); // the first one
    await continua();
    uguale(s.dove, '/segnala/2', 'after step 1');
    await vaiSu('#luogo', 'Ambulatorio qwerty');
    await vaiSu('#non-ricordo');
    await s.tasto('Space');
    await continua();
    uguale(s.dove, '/segnala/3', 'after step 2');
    await vaiSu('#testo', 'Scritto senza mouse.');
    await continua();
    await continua();
    uguale(s.dove, '/segnala/5', 'after step 4');
    await s.tabFino('input[name=per]');
    await s.tasto('Space');
    await continua();
    await vaiSu('#nome', 'Ugo');
    await vaiSu('#cognome', 'Prova');
    await s.tabFino('input[name=ricapito]');
    await s.tasto('Space');
    await vaiSu('#email', 'ugo@example.org');
    await continua();
    uguale(s.dove, '/segnala/6', 'after step 5');
    await continua();
    uguale(s.dove, '/ricevuta', 'after the last step');
  });

  await t.passo('follow it and write a message', async () => {
    const [codice, chiave] = await s.pagina.$$eval('p.code', (e) => e.map((x) => x.textContent));
    await s.vai('/segui');
    await vaiSu('#codice', codice);
    await vaiSu('#chiave', chiave);
    await invio();
    uguale(s.dove, '/segui/stato', 'Enter in a field sends the form');
    await s.tabFino('a[href="/segui/atto/messaggio"]');
    await invio();
    await vaiSu('#testo', 'Un messaggio.');
    await continua();
    vero((await s.testo('main')).includes('Un messaggio.'), 'the message is not there');
  });
}
