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
      uguale(await s.vai('/registrazioni/stampa?anno='), 200, 'the print');
      await s.controlla(`registro-stampa-${schermo}`);
    });
  }
}
