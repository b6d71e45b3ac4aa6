// The list, its filters, the search, the profile, the keys: on both screens.
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'desk, lists and search';

export default async function (t) {
  for (const schermo of Object.keys(schermi)) {
    const s = await t.apri({ schermo });
    await t.passo(`lists and filters (${schermo})`, async () => {
      await t.entra(s, 'urp-aziendale');
      for (const v of ['', '?vista=da_smistare', '?vista=tutte', '?vista=sospese', '?vista=scadenze', '?scade=oltre', '?vista=tutte&tipo=elogio&stato=chiusa']) {
        uguale(await s.vai(`/lavoro${v}`), 200, v);
        await s.controlla(`desk-lavoro${v.replaceAll(/\W+/g, '-')}`);
      }
      await s.vai('/lavoro?vista=tutte');
      await s.pagina.click('.filtri summary');
      await s.compila({ tipo: 'reclamo' });
      await s.controlla('desk-filtri-aperti');
      await s.premiParole('Filtra');
      vero((await s.testo('.tok')).startsWith('Tipo: Reclamo'), 'no token for the filter');
      await s.pagina.click('.filtri.r summary');
      await s.compila({ nome: `Reclami ${schermo}` });
      await s.premiParole('Salva');
      vero((await s.testo('body')).includes(`Elimina il filtro «Reclami ${schermo}»`), 'the filter is not saved');
      await s.premiParole('Elimina il filtro');
      await s.vai('/lavoro?vista=tutte');
      if (await s.vede('.pag a')) await s.premiParole('Pagina successiva');
      await s.controlla('desk-lavoro-seconda');
    });
    await t.passo(`search (${schermo})`, async () => {
      for (const q of ['pronto soccorso', 'parolachenessunohascritto', 'tipo:niente', 'stato:aperta scade:<30g']) {
        await s.vai('/cerca');
        await s.compila({ q });
        await s.premi('main form[action="/cerca"] button');
        vero(!decodeURIComponent(s.pagina.url()).includes(q.split(' ')[0]) || q.includes(':'), 'the words are in the address');
        await s.controlla(`desk-cerca-${q.replaceAll(/\W+/g, '-')}`);
      }
      await s.vai('/cerca');
      await s.compila({ q: 'attesa o visite -parcheggio' });
      await s.premi('main form[action="/cerca"] button');
      vero(/^(attesa|attese|visita|visite)$/i.test(await s.testo('.row mark')), 'no passage shows why a case was found');
      await s.controlla('desk-cerca-brani');
      await s.vai('/lavoro?vista=tutte');
      const numero = await s.testo('.row .code');
      await s.vai('/cerca');
      await s.compila({ q: numero });
      await s.premi('main form[action="/cerca"] button');
      vero(s.dove.startsWith('/pratica/'), 'a number does not open its case');
      await s.controlla('desk-pratica');
    });
    await t.passo(`several at once (${schermo})`, async () => {
      await s.vai('/lavoro?vista=tutte&stato=aperta');
      const caselle = await s.pagina.$$('.wl input[type=checkbox]');
      const [da, a] = schermo === 'largo' ? [0, 2] : [2, 4];
      for (const c of caselle.slice(da, a)) await c.evaluate((e) => e.click());
      await s.controlla('desk-insieme-scelte');
      uguale(await s.premi('.bulk button[value=assegnazione]'), 200, 'what was done on two cases');
      vero((await s.testo('.msg')).startsWith('Assegnata: 2 segnalazioni.'), 'two cases are not assigned');
      await s.controlla('desk-insieme');
      await s.pagina.reload();
      vero((await s.testo('.msg')).startsWith('Assegnata: 2 segnalazioni.'), 'sent again it says something else');
    });
    await t.passo(`a session that ends while one writes (${schermo})`, async () => {
      await s.vai('/lavoro?vista=tutte&stato=aperta');
      await s.premi('.row .subj');
      await s.vai(`${s.dove}/atto/nota`);
      await s.compila({ nota: 'Parole che non si perdono.' });
      await s.pagina.deleteCookie(...await s.pagina.cookies());
      uguale(await s.premi('main form .btn-primary'), 401, 'without a session');
      await s.controlla('desk-sessione-finita');
      const io = t.conti.find((c) => c.ruoli.includes('urp-aziendale'));
      await s.compila({ utente: io.utente, password: io.password });
      uguale(await s.invia(), 200, 'signed in again');
      uguale(await s.pagina.$eval('#nota', (e) => e.value), 'Parole che non si perdono.', 'what was typed');
      await s.controlla('desk-sessione-ripresa');
    });
    await t.passo(`profile, keys, what is not there (${schermo})`, async () => {
      for (const p of ['/profilo', '/password', '/aiuto-tasti']) {
        uguale(await s.vai(p), 200, p);
        await s.controlla(`desk${p.replaceAll('/', '-')}`);
      }
      uguale(await s.vai('/pratica/nessuna'), 404, 'a case that is not there');
      await s.controlla('desk-404');
      await s.vai('/profilo');
      await s.premi('.top form[action="/esci"] button');
      uguale(s.dove, '/entra', 'after signing out');
      await s.controlla('desk-uscita');
      await s.vai('/lavoro');
      uguale(s.dove, '/entra', 'the list without a session');
    });
  }
}
