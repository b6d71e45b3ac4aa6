// The single keys of the work list, and the switch that turns them off
// (WCAG 2.1.4). The buttons they stand for are walked elsewhere.
import { uguale, vero } from '../lib.mjs';

export const titolo = 'keys';

export default async function (t) {
  const s = await t.apri({});
  const fuoco = (f) => s.pagina.evaluate(f);
  const via = async (...tasti) => {
    const arrivo = s.pagina.waitForNavigation({ waitUntil: 'load' });
    for (const k of tasti) await s.tasto(k);
    await arrivo;
  };
  await t.entra(s, 'urp-aziendale');

  await t.passo('/ goes to the search, and writes nothing in it', async () => {
    await s.vai('/lavoro');
    await s.tasto('/');
    uguale(await fuoco(() => document.activeElement.id), 'q', 'focus');
    uguale(await fuoco(() => document.activeElement.value), '', 'field');
  });
  await t.passo('inside a field a letter is a letter', async () => {
    await s.tasto('j');
    uguale(await fuoco(() => document.activeElement.value), 'j', 'field');
  });
  await t.passo('j and k walk the rows, x chooses one', async () => {
    await s.vai('/lavoro');
    const righe = await s.pagina.$$eval('tr.row .subj', (l) => l.map((a) => a.textContent));
    vero(righe.length >= 2, `only ${righe.length} rows`);
    await s.tasto('j', 2);
    uguale(await fuoco(() => document.activeElement.textContent), righe[1], 'after j j');
    await s.tasto('k');
    uguale(await fuoco(() => document.activeElement.textContent), righe[0], 'after k');
    if (await s.vede('tr.row input[type=checkbox]')) {
      await s.tasto('x');
      uguale(await s.testo('[data-count]'), '1', 'chosen');
    }
  });
  await t.passo('Enter opens the row, u comes back, g d too', async () => {
    await via('Enter');
    vero(s.dove.startsWith('/pratiche/') || s.dove.startsWith('/pratica/'), `Enter opened ${s.dove}`);
    const caso = s.dove;
    await via('u');
    uguale(s.dove, '/lavoro', 'u leads to');
    await s.vai(caso);
    await via('g', 'd');
    uguale(s.dove, '/lavoro', 'g d leads to');
  });
  await t.passo('? opens the sheet, where the keys are turned off and on', async () => {
    await via('?');
    uguale(s.dove, '/aiuto-tasti', '? leads to');
    uguale(await s.pagina.$eval('#q', (e) => e.value), '', 'search field');
    await s.controlla('tasti');
    await s.pagina.click('[data-tasti]');
    await s.tasto('/');
    vero(await fuoco(() => document.activeElement.id !== 'q'), 'a key still works');
    await s.pagina.click('[data-tasti]');
    await s.tasto('/');
    uguale(await fuoco(() => document.activeElement.id), 'q', 'focus once on again');
  });
}
