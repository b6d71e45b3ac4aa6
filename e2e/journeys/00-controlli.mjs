// The checks themselves: a page with nothing wrong passes, and each fault, put
// into it alone, is found.
import { createServer } from 'node:http';
import { vero } from '../lib.mjs';

export const titolo = 'checks';

const politica = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'";
const pagina = (testa, corpo) => `<!doctype html>
<html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Prova</title><link rel="icon" href="/icona.svg">${testa}</head>
<body><main><h1>Prova</h1>${corpo}</main></body></html>`;

// Path, what it adds to the head, what to the body, what must be said of it.
const guasti = [
  ['/etichetta', '', '<form><input name="a" type="text"></form>', /axe label/],
  ['/largo', '', '<img src="/icona.svg" alt="" width="2000" height="30">', /wider than the screen/],
  ['/stile', '', '<p style="color:#000">Testo</p>', /inline style/],
  ['/script', '<script>document.title = "x"</script>', '', /Content Security Policy/],
  ['/altrove', '', '<img src="http://127.0.0.1:1/x.png" alt="">', /asked elsewhere/],
  ['/perso', '', '<img src="/manca.svg" alt="">', /404 for/],
  ['/doppio', '', '<p id="x">Uno</p><p id="x">Due</p>', /html no-dup-id/],
  ['/titoli', '', '<h1>Ancora</h1>', /one h1/],
  ['/piccolo', '', '<form><button><img src="/icona.svg" alt="Vai" width="3" height="3"></button></form>', /target \d+/],
];

export default async function (t) {
  const server = createServer((q, r) => {
    if (q.url === '/icona.svg') {
      r.setHeader('Content-Type', 'image/svg+xml');
      return r.end('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>');
    }
    const g = q.url === '/buona' ? ['', '', '<p>Tutto bene.</p>'] : guasti.find((x) => x[0] === q.url);
    r.statusCode = g ? 200 : 404;
    r.setHeader('Content-Type', 'text/html; charset=utf-8');
    r.setHeader('Content-Security-Policy', politica);
    return r.end(g ? pagina(g[1], g[2]) : '');
  });
  await new Promise((ok) => { server.listen(0, '127.0.0.1', ok); });
  const base = `http://127.0.0.1:${server.address().port}`;
  try {
    for (const js of [true, false]) {
      const s = await t.apri({ base, js });
      await t.passo(`a sound page passes, scripts ${js ? 'on' : 'off'}`, async () => {
        await s.vai('/buona');
        await s.controlla('buona');
      });
    }
    const s = await t.apri({ base });
    for (const [percorso, , , detto] of guasti) {
      await t.passo(`finds the fault of ${percorso}`, async () => {
        await s.vai(percorso);
        let frase = '';
        await s.controlla('guasta').catch((e) => { frase = e.message; });
        vero(detto.test(frase), `it said: ${frase || 'nothing'}`);
      });
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
