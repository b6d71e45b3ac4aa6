import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'start page';
const inizia = 'main a[href="/segnala/1"], main form[action="/segnala/1"] button';

export default async function (t) {
  for (const schermo of Object.keys(schermi)) {
    for (const js of [true, false]) {
      const s = await t.apri({ schermo, js });
      await t.passo(`${schermo}, scripts ${js ? 'on' : 'off'}`, async () => {
        uguale(await s.vai('/'), 200, 'status');
        vero(await s.vede('a[href^="tel:"]'), 'no telephone number');
        vero(await s.vede(inizia), 'no way to start');
        vero(await s.vede('a[href="/segui"]'), 'no way to follow a report');
        vero(await s.vede('a[href="/entra"]'), 'no way in for the staff');
        await s.controlla('inizio');
      });
    }
  }
  const s = await t.apri({ schermo: 'largo', js: false });
  await t.passo('the keyboard reaches the first step', async () => {
    await s.vai('/');
    await s.tasto('Tab');
    uguale(await s.pagina.evaluate(() => document.activeElement.hash), '#main', 'first Tab');
    await s.tabFino(inizia);
    await Promise.all([s.pagina.waitForNavigation(), s.tasto('Enter')]);
    uguale(s.dove, '/segnala/1', 'Enter leads to');
  });
  await t.passo('a page that is not there says so, with the telephone', async () => {
    uguale(await s.vai('/non-esiste'), 404, 'status');
    vero(await s.vede('a[href^="tel:"]'), 'no telephone number');
    await s.controlla('non-trovata');
  });
}
