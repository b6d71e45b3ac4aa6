// The copy for a structure, passage by passage with the keyboard only; and words
// chosen with the pointer.
import { uguale, vero } from '../lib.mjs';

export const titolo = 'desk, what a structure will not read';

const testo = `Sono Ada Bertolini e scrivo per mia zia Irma Galli, ricoverata il 3 ottobre.
Ha aspettato nove ore accanto alla signora Zanetti, la sua vicina di casa. Il dott. Bianchi è stato gentile.
Abito in via dei Tigli 8, il mio numero è 0376 555 0198. Ieri la Galimberti ha visto tutto, con il Nando.`;

export default async function (t) {
  const s = await t.apri({ schermo: 'stretto', js: false });
  let pratica;
  const invio = () => Promise.all([s.pagina.waitForNavigation({ waitUntil: 'load' }), s.tasto('Enter')]);
  const copia = (x) => x.pagina.$eval('#copia-0', (e) => e.value);

  await t.passo('a case of which a structure is to be asked', async () => {
    await t.entra(s, 'urp');
    await s.vai('/nuova');
    await s.compila({ canale: 'telefono', testo, oggetto: 'Nove ore', tipo: 'reclamo', nome: 'Ada', cognome: 'Bertolini', telefono: '0376 555 0198',
      unita: 'Pronto Soccorso', presidio: 'Ospedale Santa Chiara – Montelago', riletto: true });
    if (await s.premi('button[value=registra]') !== 201) await s.premi('button[value=registra]'); // somebody of the same name
    await s.premiParole('Apri la pratica');
    pratica = s.dove;
    for (const [atto, campi] of [['presa_in_carico', {}], ['valutazione', { natura: 'sanitaria', danni: 'esclusi' }], ['informativa', {}]]) {
      await s.vai(`${pratica}/atto/${atto}`);
      await s.compila(campi);
      await s.premi('main button[value=salva]');
    }
  });

  await t.passo('decided with the keyboard', async () => {
    await s.vai(`${pratica}/atto/richiesta_chiarimenti`);
    vero(!/Bertolini|Galli|Zanetti|Tigli|0376|Galimberti/.test(await copia(s)), `the copy begins as ${await copia(s)}`);
    await s.controlla('desk-oscura');
    await s.tabFino('button[value=sicure-0]');
    await invio();
    const qui = new URL(s.pagina.url()).hash;
    vero(/^#m-0-/.test(qui) && await s.vede(`[role=group]${qui} [name=scelta]`), 'not led to the first that is left');
    await s.tasto('Tab');
    vero(await s.pagina.evaluate((id) => document.activeElement.closest(id) !== null, qui), 'Tab does not begin where one was led');
    await s.tasto('Space');
    while (await s.vede('[name=scelta]:not(:checked)')) {
      await s.tabFino('[name=scelta]:not(:checked)');
      const chi = await s.pagina.evaluate(() => document.activeElement.closest('[role=group]').querySelector('mark').textContent);
      if (chi !== 'Galimberti') { await s.tasto('Space'); continue; }
      await s.tasto('Tab');
      await s.tasto('Enter'); // the reasons
      await s.tasto('Tab');
      await s.tasto('ArrowDown', 2);
      break;
    }
    await s.tabFino('main .masc button[value=controlla]');
    await invio();
    vero((await copia(s)).includes('Ieri la Galimberti ha visto'), 'what was left is hidden');
    vero((await s.testo('.masc')).includes('Resta: È un reparto o un luogo.'), 'the reason chosen with the keyboard is another');
    await s.controlla('desk-oscura-decisa');
  });

  await t.passo('words chosen with the pointer', async () => {
    const k = await t.apri({});
    await t.entra(k, 'urp');
    await k.vai(`${pratica}/atto/richiesta_chiarimenti`);
    await k.pagina.evaluate(() => {
      const p = [...document.querySelectorAll('.orig p')].at(-1), n = [...p.childNodes].at(-1);
      getSelection().setBaseAndExtent(n, n.textContent.indexOf('Nando'), n, n.textContent.indexOf('Nando') + 5);
    });
    await k.premi('[data-oscura]');
    vero((await copia(k)).includes('con il [omissis].'), 'what was selected is not hidden');
    await k.controlla('desk-oscura-scelta');
    const [id] = await k.pagina.$$eval('.masc [name=scelta]', (e) => e.map((x) => x.value));
    await k.pagina.click(`#${id}-ok`);
    k.pagina.once('dialog', (d) => d.accept());
    await k.vai(pratica);
  });

  await t.passo('sent, and its reasons read', async () => {
    await s.compila({ quesito: 'Quanto si è aspettato?' });
    await s.premi('main button[value=salva]');
    uguale(s.dove, pratica, 'after the request');
    await s.vai(`${pratica}/istruttoria`);
    vero((await s.testo('main')).includes('«Galimberti»: È un reparto o un luogo.'), 'the reason is not shown');
    await s.controlla('desk-oscura-motivi');
  });
}
