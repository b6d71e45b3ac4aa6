// A case of the UPT: the citizen chooses the office and writes, the UPT unlocks, takes
// it on, reads a file of the URP for it, finds it by a word and answers; the citizen
// reads the answer by the key. The URP sees nothing of it.
import { uguale, vero } from '../lib.mjs';

export const titolo = 'UPT case';

export default async function cammina(t) {
  const capo = t.conti.find((x) => x.ruoli.includes('upt'));
  const cittadino = await t.apri({ schermo: 'stretto', js: false });
  const largo = await t.apri();
  let codice, chiave;

  await t.passo('a citizen chooses the UPT and is told what it means', async () => {
    await cittadino.vai('/');
    await cittadino.premiParole('Scegli a chi scrivere');
    await cittadino.controlla('upt-scelta');
    await cittadino.compila({ ufficio: 'upt' });
    await cittadino.invia();
    await cittadino.controlla('upt-passo1');
    vero((await cittadino.testo('main')).includes('lo leggono solo le persone di quell’ufficio'), 'the page does not say who reads');
    await cittadino.compila({ tipo: 'reclamo' });
    await cittadino.invia();
    await cittadino.compila({ luogo: 'Ospedale Santa Chiara – Montelago', 'quando-giorno': '2', 'quando-mese': '3', 'quando-anno': '2026' });
    await cittadino.invia();
    if (cittadino.dove === '/segnala/2') { await cittadino.compila({ 'quando-giorno': '', 'quando-mese': '', 'quando-anno': '' }); await cittadino.invia(); }
    await cittadino.compila({ testo: 'In reparto hanno perso il mio ombrellone a righe e nessuno risponde.' });
    await cittadino.invia();
    await cittadino.premiParole('Continua');
    await cittadino.compila({ per: 'me' });
    await cittadino.invia();
    await cittadino.controlla('upt-dati');
    await cittadino.compila({ nome: 'Celestino', cognome: 'Ombrellaio', ricapito: 'email', email: 'celestino@esempio.example' });
    await cittadino.invia();
    await cittadino.controlla('upt-controllo');
    await cittadino.premiParole('Invia la segnalazione');
    uguale(cittadino.dove, '/ricevuta', 'the receipt');
    await cittadino.controlla('upt-ricevuta');
    [codice, chiave] = await cittadino.pagina.$$eval('.code-box .code', (e) => e.map((x) => x.textContent));
  });

  const entra = async (s, conto) => {
    await s.vai('/entra');
    await s.compila({ utente: conto.utente, password: conto.password });
    await s.invia();
  };

  await t.passo('the UPT sees nothing before it unlocks', async () => {
    await entra(largo, capo);
    await largo.vai('/upt');
    uguale(largo.dove, '/chiavi/sblocca', 'what a locked session is asked');
    await largo.compila({ frase: capo.frase });
    await largo.premiParole('Sblocca');
    uguale(largo.dove, '/upt', 'where it comes back to');
    vero((await largo.testo('main')).includes('ombrellone'), 'the case is not in the list');
    await largo.controlla('upt-lavoro');
  });

  await t.passo('a word finds it, by opening the cases', async () => {
    await largo.compila({ q: 'ombrellone -parcheggio' });
    await largo.premi('main form[action="/upt/cerca"] button');
    uguale(largo.dove, '/upt/cerca', 'where the search is');
    vero(!largo.pagina.url().includes('ombrellone'), 'the word is in the address');
    vero((await largo.testo('main')).includes('1 segnalazione trovata'), 'not found');
    await largo.controlla('upt-cerca');
    await largo.premi('.wl a.subj');
    await largo.controlla('upt-pratica');
  });

  const atto = async (parole, campi, foto) => {
    await largo.premiParole(parole);
    if (foto) await largo.controlla(foto);
    await largo.compila(campi);
    await largo.premi('main form .acts button.btn-primary, main form button.btn-primary');
  };

  await t.passo('it takes the case on, and reads a file of the URP for it', async () => {
    const caso = largo.dove;
    await atto('Prendi in carico', {});
    uguale(largo.dove, caso, 'after taking on');
    await largo.vai(`${caso}/atto/accesso_fascicolo`);
    const anno = new Date().getFullYear();
    for (const n of [anno, anno - 1]) { // the first of this year, or of the last
      await largo.compila({ fascicolo: `${n}/1`, motivo: 'La persona non è soddisfatta della risposta.' });
      await largo.premi('main form button.btn-primary');
      if (largo.dove === caso) break;
    }
    uguale(largo.dove, caso, 'after the act');
    await largo.controlla('upt-concesse');
    await largo.premiParole('Pratica dell\'URP');
    vero((await largo.testo('main')).includes('Solo lettura'), 'the file of the URP');
    await largo.controlla('upt-concessa');
    await largo.vai(caso);
    await largo.vai(`${caso}/atto/risposta`);
    await largo.controlla('upt-risposta');
    await largo.compila({ testo: 'Gentile Celestino Ombrellaio, abbiamo ritrovato il suo ombrellone.' });
    await largo.premi('main form .acts button.btn-primary, main form button.btn-primary');
    uguale(largo.dove, caso, 'after the answer');
  });

  await t.passo('its other pages pass the checks', async () => {
    for (const [via, foto] of [['/upt?vista=tutte', 'upt-tutte'], ['/upt/nuova', 'upt-nuova'], ['/upt/archivio', 'upt-archivio'], ['/upt/accessi', 'upt-accessi']]) {
      uguale(await largo.vai(via), 200, via);
      await largo.controlla(foto);
    }
    const stretto = await t.apri({ schermo: 'stretto' });
    await entra(stretto, capo);
    await stretto.vai('/upt');
    await stretto.compila({ frase: capo.frase });
    await stretto.premiParole('Sblocca');
    await stretto.controlla('upt-lavoro');
    await stretto.premi('.wl a.subj');
    await stretto.controlla('upt-pratica');
  });

  await t.passo('the citizen reads the answer by the key, and the contact opens nothing', async () => {
    await cittadino.vai('/segui');
    await cittadino.compila({ codice, contatto: 'celestino@esempio.example' });
    await cittadino.invia();
    uguale(cittadino.stato, 422, 'codice and contact');
    await cittadino.compila({ codice, chiave });
    await cittadino.invia();
    uguale(cittadino.dove, '/segui/stato', 'codice and key');
    await cittadino.controlla('upt-stato');
    await cittadino.premiParole('Leggi la risposta');
    vero((await cittadino.testo('main')).includes('ritrovato il suo ombrellone'), 'the answer');
    await cittadino.controlla('upt-risposta-letta');
  });

  await t.passo('the chiave is lost: the UPT gives another, and the old one opens nothing', async () => {
    await largo.vai('/upt?vista=tutte');
    await largo.premi('.wl a.subj');
    await largo.vai(`${largo.dove}/atto/nuova_chiave`);
    await largo.controlla('upt-chiave-atto');
    await largo.compila({ richiedente: 'Di persona, con la carta d’identità.' });
    await largo.premi('main form .acts button.btn-primary');
    uguale(largo.stato, 200, 'status');
    await largo.controlla('upt-chiave-nuova');
    const nuova = await largo.testo('#chiave-nuova');
    vero(/^(\w{4}-){3}\w{4}$/.test(nuova) && nuova !== chiave, 'a new chiave in groups of four');
    await largo.pagina.setViewport({ width: 375, height: 812 });
    await largo.controlla('upt-chiave-nuova');
    await largo.premiParole('Torna alla pratica');
    vero((await largo.testo('main')).includes('Chiave nuova data a chi segnala'), 'not in the history');
    const altro = await t.apri({ js: false });
    await altro.vai('/segui');
    await altro.compila({ codice, chiave });
    await altro.invia();
    uguale(altro.stato, 422, 'the old chiave');
    await altro.compila({ codice, chiave: nuova });
    await altro.invia();
    uguale(altro.dove, '/segui/stato', 'the new chiave');
    vero((await altro.testo('main')).includes('Ti è stata data una chiave nuova'), 'the citizen is not told');
    await altro.premiParole('Leggi la risposta');
    vero((await altro.testo('main')).includes('ritrovato il suo ombrellone'), 'the answer of before');
  });

  await t.passo('the URP finds nothing of it', async () => {
    const urp = await t.apri();
    await t.entra(urp, 'urp-aziendale');
    await urp.vai('/lavoro?vista=tutte');
    const testo = await urp.testo('main');
    vero(!testo.includes('ombrellone') && !testo.includes('UPT'), 'the list of the URP shows it');
    uguale(await urp.vai('/upt'), 403, 'the pages of the UPT');
  });
}
