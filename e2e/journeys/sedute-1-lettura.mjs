// A session of the Commissione: a member reads its cases on a telephone without
// scripts, one whole and one by the copy alone; the URP lets the member go, convenes
// another session for a case of its own, and closes it.
import { uguale, vero } from '../lib.mjs';

export const titolo = 'Commissione';

export default async function cammina(t) {
  const membri = t.conti.filter((x) => x.ruoli.includes('commissione'));
  const entra = async (s, conto) => {
    await s.vai('/entra');
    await s.compila({ utente: conto.utente, password: conto.password });
    await s.invia();
  };
  const telefono = await t.apri({ schermo: 'stretto', js: false });
  const largo = await t.apri();
  const urp = await t.apri();
  let caso;

  await t.passo('a member finds the cases of the session, and nothing else', async () => {
    await entra(telefono, membri[0]);
    uguale(telefono.dove, '/sedute', 'where a member arrives');
    vero((await telefono.testo('main')).includes('Copia senza dati personali'), 'no case is read by the copy');
    await telefono.controlla('sedute');
    const casi = await telefono.pagina.$$eval('main .piano a', (e) => e.map((x) => new URL(x.href).pathname));
    uguale(casi.length, 2, 'cases');
    for (const [i, c] of casi.entries()) {
      uguale(await telefono.vai(c), 200, c);
      vero((await telefono.testo('main')).includes('Puoi leggere fino a'), 'it does not say until when');
      await telefono.controlla(`seduta-${i}`);
      uguale(await telefono.vai(c.replace('/sedute/', '/pratica/')), 404, 'by the desk');
    }
    caso = casi[0];
    await entra(largo, membri[1]);
    await largo.controlla('sedute-largo');
    await largo.vai(caso);
    await largo.controlla('seduta-largo');
    uguale(await largo.vai(`${caso}/stampa`), 200, 'to be printed');
    await largo.controlla('seduta-stampa');
  });

  const conferma = () => urp.premi('main form .acts button.btn-primary');
  await t.passo('the URP lets a member go: the page says that it is over', async () => {
    await t.entra(urp, 'urp-aziendale');
    await urp.vai(caso.replace('/sedute/', '/pratica/') + '/atto/ritiro_membro');
    await urp.controlla('seduta-ritiro');
    await urp.pagina.evaluate((nome) => { [...document.querySelectorAll('main .check')].find((x) => x.innerText.includes(nome)).querySelector('input').click(); }, 'Fontesecca');
    await urp.compila({ motivo: 'Conosce la persona.' });
    await conferma();
    uguale(await telefono.vai(caso), 404, 'for who was let go');
    vero((await telefono.testo('main')).includes('La seduta è finita'), 'it does not say so');
    await telefono.controlla('seduta-finita');
    uguale(await largo.vai(caso), 200, 'for who sits');
  });

  await t.passo('it closes the session, and convenes another with the same days', async () => {
    const pratica = caso.replace('/sedute/', '/pratica/');
    await urp.vai(pratica + '/atto/fine_seduta');
    await conferma();
    uguale(await largo.vai(caso), 404, 'closed');
    await urp.vai(pratica + '/atto/convocazione_seduta');
    await urp.controlla('seduta-convoca');
    await urp.premiParole('Seduta di');
    await urp.compila({ motivo: 'Lo chiede l’associazione.' });
    await conferma();
    await urp.controlla('seduta-errore'); // it does not say what they read
    await urp.compila({ leggono: 'tutto' });
    await conferma();
    uguale(urp.dove, pratica, 'after the act');
    uguale(await largo.vai(caso), 200, 'convened again');
  });

  await t.passo('who sits nowhere is told so', async () => {
    const stretto = await t.apri({ schermo: 'stretto' });
    await entra(stretto, t.conti.find((x) => x.ruoli.includes('dpo')));
    uguale(await stretto.vai('/sedute'), 403, 'for who is not of the Commissione');
    await stretto.controlla('sedute-altri');
  });
}
