// Every page that a menu leads to, for every role, at both widths: whoever
// signs in finds pages that open and that pass the checks.
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'menu';

export default async function (t) {
  const visti = new Set();
  const porta = await t.apri({ schermo: 'stretto' });
  await t.passo('the sign-in page', async () => {
    uguale(await porta.vai('/entra'), 200, 'status');
    await porta.controlla('entra');
  });
  await t.passo('a wrong password is refused, and the name is kept', async () => {
    const c = t.conti[0];
    await porta.compila({ utente: c.utente, password: 'non è questa' });
    vero(await porta.invia() >= 400, `status ${porta.stato}`);
    uguale(await porta.pagina.$eval('[name=utente]', (e) => e.value), c.utente, 'name');
    vero(await porta.vede('#errori'), 'no summary of errors');
    await porta.controlla('entra-errore');
  });
  for (const ruolo of new Set(t.conti.flatMap((c) => c.ruoli.map((r) => r.split(' ')[0])))) {
    const s = await t.apri({});
    await t.passo(`${ruolo} signs in`, async () => {
      await t.entra(s, ruolo);
      vero(s.stato === 200 && s.dove !== '/entra', `status ${s.stato} at ${s.dove}`);
    });
    const nuovi = (await s.pagina.$$eval('#menu a', (l) => l.map((a) => a.getAttribute('href')))).filter((h) => h === '/lavoro' || !visti.has(h));
    for (const h of nuovi) {
      visti.add(h);
      for (const [nome, [width, height]] of Object.entries(schermi)) {
        await t.passo(`${ruolo} opens ${h}, ${nome}`, async () => {
          await s.pagina.setViewport({ width, height });
          s.schermo = nome;
          uguale(await s.vai(h), 200, 'status');
          await s.controlla(`menu${h.replace(/\W+/g, '-')}`);
        }, { sola: true });
      }
    }
    await s.chiudi();
  }
  vero(visti.size >= 5, `only ${visti.size} pages seen`);
}
