// The URP's desk takes in for the UPT and finds nothing of it a moment later; the UPT
// reads it, says how to reach it, makes a copy of a document for a structure, and
// gives the case to an assistant.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { uguale, vero } from '../lib.mjs';

export const titolo = 'UPT desk';

export default async function cammina(t) {
  const urp = await t.apri(), stretto = await t.apri({ schermo: 'stretto' }), upt = await t.apri(), piccolo = await t.apri({ schermo: 'stretto' });
  const capo = t.conti.find((x) => x.ruoli.includes('upt'));
  const cartella = mkdtempSync(path.join(tmpdir(), 'tutela-foglio-'));
  const foglio = path.join(cartella, 'foglio.txt');
  writeFileSync(foglio, 'Sono Ermelinda Sgabuzzini, telefono 0376 555 0199. Il corridoio era buio.\n');

  const sblocca = async (s) => {
    await s.vai('/entra');
    await s.compila({ utente: capo.utente, password: capo.password });
    await s.invia();
    await s.vai('/upt');
    await s.compila({ frase: capo.frase });
    await s.premiParole('Sblocca');
  };

  await t.passo('the desk is told before and after that it reads no more', async () => {
    await t.entra(urp, 'urp');
    await urp.vai('/nuova');
    await urp.controlla('sportello-nuova');
    await urp.premiParole('Per l’Ufficio di Pubblica Tutela');
    uguale(urp.dove, '/nuova/upt', 'the form');
    vero((await urp.testo('main')).includes('Dopo «Registra» non la leggi più'), 'not told before');
    await urp.controlla('sportello-upt');
    await urp.compila({ testo: 'Racconta che nel corridoio di cardiologia hanno spento le plafoniere.', nome: 'Ermelinda', cognome: 'Sgabuzzini', documenti: [foglio] });
    await urp.premiParole('Registra per l’UPT');
    vero((await urp.testo('main')).includes('da qui non la leggi e non la trovi più'), 'not told after');
    await urp.controlla('sportello-ricevuta');
    rmSync(cartella, { recursive: true });
    await urp.vai('/lavoro?vista=tutte');
    vero(!(await urp.testo('body')).includes('Sgabuzzini'), 'it is in the list');
    await t.entra(stretto, 'urp');
    for (const [via, foto] of [['/nuova', 'sportello-nuova'], ['/nuova/upt', 'sportello-upt']]) {
      await stretto.vai(via);
      await stretto.controlla(foto);
    }
    await stretto.compila({ testo: 'Prova dal telefono.', cognome: 'Prova' });
    await stretto.premiParole('Registra per l’UPT');
    await stretto.controlla('sportello-ricevuta');
  });

  await t.passo('the head says how to reach the office, and reads its procedure', async () => {
    await sblocca(upt);
    await upt.vai('/upt/contatto');
    await upt.controlla('upt-contatto');
    await upt.vai('/upt/regolamento');
    await upt.controlla('upt-regolamento');
    await upt.vai('/upt/regolamento/carica');
    await upt.controlla('upt-regolamento-carica');
    await sblocca(piccolo);
    for (const via of ['contatto', 'regolamento']) {
      await piccolo.vai(`/upt/${via}`);
      await piccolo.controlla(`upt-${via}`);
    }
  });

  await t.passo('the UPT reads it, copies a document and gives the case to read', async () => {
    await upt.vai('/upt?vista=tutte');
    await upt.premiParole('Racconta che nel corridoio');
    const caso = upt.dove;
    await upt.premiParole('Prendi in carico');
    await upt.premi('main form .acts button.btn-primary, main form button.btn-primary');
    await upt.vai(`${caso}/documenti`);
    await upt.premi(`main a[href^="${caso}/copia/"]`);
    vero((await upt.testo('main')).includes('Pagina 1 di 1'), 'the page of the copy');
    await upt.controlla('upt-copia');
    await upt.vai(`${caso}/atto/affidamento`);
    await upt.controlla('upt-affidamento');
    await piccolo.vai(`${caso}/atto/affidamento`);
    await piccolo.controlla('upt-affidamento');
    await upt.vai('/affidate');
    await upt.controlla('upt-affidate');
    await piccolo.vai('/affidate');
    await piccolo.controlla('upt-affidate');
  });
}
