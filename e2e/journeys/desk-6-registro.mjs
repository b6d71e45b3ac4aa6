// The register as the office that keeps it reads, looks through and prints it.
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'desk, the register';

export default async function (t) {
  for (const schermo of Object.keys(schermi)) {
    const s = await t.apri({ schermo });
    await t.passo(`the register (${schermo})`, async () => {
      await t.entra(s, 'urp-aziendale');
      uguale(await s.vai('/registrazioni?anno='), 200, 'the register');
      await s.controlla(`registro-${schermo}`);
      const numero = await s.testo('.dt tbody .code');
      await s.compila({ numero: numero.replace(/^.*\/0*/, ''), anno: numero.slice(0, 4) });
      await s.premiParole('Filtra');
      uguale(await s.testo('.dt tbody .code'), numero, 'the number looked for');
      await s.vai('/registrazioni?anno=26');
      vero((await s.testo('main')).includes('quattro cifre'), 'a year that is none');
      await s.controlla(`registro-errore-${schermo}`);
      await s.vai('/registrazioni?anno=2001');
      await s.controlla(`registro-vuoto-${schermo}`);
      await s.vai('/registrazioni?anno=&tipo=elogio');
      const daAnnullare = await s.testo('.dt tbody tr:not(:has(strong)) .code');
      const caso = await s.pagina.$eval('.dt tbody tr:not(:has(strong)) .code', (a) => a.getAttribute('href'));
      uguale(await s.vai(`${caso}/atto/annullamento`), 200, 'the form');
      await s.compila({ numero: '999', causa: 'prova', motivo: 'Era una prova dello sportello.' });
      await s.controlla(`annulla-${schermo}`);
      await s.premiParole('Annulla il numero');
      vero((await s.testo('main')).includes('Non è il numero di questa pratica'), 'another number is taken');
      await s.controlla(`annulla-errore-${schermo}`);
      await s.compila({ numero: daAnnullare });
      await s.premiParole('Annulla il numero');
      vero((await s.testo('main')).includes('Numero annullato'), 'the case does not say so');
      await s.controlla(`annullata-${schermo}`);
      await s.vai(`/registrazioni?anno=&numero=${daAnnullare.replace(/^.*\/0*/, '')}`);
      vero((await s.testo('.dt')).includes('Era una prova: Era una prova dello sportello.'), 'the register does not say why');
      await s.controlla(`registro-annullata-${schermo}`);
      uguale(await s.vai('/registrazioni/stampa?anno='), 200, 'the print');
      await s.controlla(`registro-stampa-${schermo}`);
    });
    await t.passo(`the register of the archive (${schermo})`, async () => {
      await s.vai('/archivio');
      await s.premiParole('Registro dell’archivio');
      uguale(s.dove, '/archivio/registro', 'the register of the archive');
      const caso = await s.pagina.$eval('.dt tbody .code', (a) => a.getAttribute('href'));
      uguale(await s.vai(`${caso}/atto/collocazione`), 200, 'the form');
      await s.compila({ luogo: 'URP aziendale, schedario 2, ripiano 3' });
      await s.controlla(`colloca-${schermo}`);
      await s.premi('form[action$="/atto/collocazione"] button.btn-primary');
      uguale(await s.vai('/archivio/registro'), 200, 'again');
      vero((await s.testo('.dt tbody tr')).includes('schedario 2, ripiano 3'), 'the place is not there');
      await s.controlla(`archivio-registro-${schermo}`);
      uguale(await s.vai('/archivio/registro?anno=1'), 422, 'a year that is none');
      await s.controlla(`archivio-registro-errore-${schermo}`);
      uguale(await s.vai('/archivio/registro/stampa'), 200, 'the print');
      await s.controlla(`archivio-stampa-${schermo}`);
      await s.vai('/archivio/registro?anno=2001');
      await s.controlla(`archivio-registro-vuoto-${schermo}`);
    });
    await t.passo(`the registers of days (${schermo})`, async () => {
      uguale(await s.vai('/registrazioni/giornalieri'), 200, 'the list');
      vero(await s.vede('.dt tbody tr'), 'no register of a day was made');
      await s.controlla(`giornalieri-${schermo}`);
      const biscotti = (await s.pagina.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
      const uno = await s.pagina.$eval('.dt tbody a', (a) => a.href);
      const r = await fetch(uno, { headers: { Cookie: biscotti } });
      vero((await r.text()).startsWith('<?xml') && /attachment/.test(r.headers.get('content-disposition')), 'the register of a day is not a file');
      await s.compila({ dal: '2001-01-01', al: '2001-02-01' });
      await s.premiParole('Esporta');
      vero((await s.testo('main')).includes('non c\'è nessun registro giornaliero'), 'days without a register');
      await s.controlla(`giornalieri-errore-${schermo}`);
    });
  }
}
