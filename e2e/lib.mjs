// The browser of the journeys, and what every page must pass: no accessibility
// violation, valid HTML, nothing wider than the screen, nothing that the policy
// refused, nothing asked elsewhere, no error in the console.
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { HtmlValidate } from 'html-validate';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const livelli = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const html = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: { // of form only: what a reader or a browser never meets
    'no-trailing-whitespace': 'off',
    'doctype-style': 'off',
    'attr-quotes': 'off',
    'void-style': 'off',
    'long-title': 'off',
    'prefer-native-element': 'off', // role=region on a scrolling box, role=status
    'no-implicit-button-type': 'off',
    'no-implicit-input-type': 'off',
  },
});

const valide = new Set(); // the forms of documents that html-validate has found nothing wrong with
const accessibili = new Set(); // what axe has found nothing wrong with

/** Screens every page is looked at on, in CSS pixels; TUTELA_SCHERMI names the only one, where the other shows nothing new. */
const tutti = { largo: [1366, 900], stretto: [375, 812] };
const solo = process.env.TUTELA_SCHERMI;
export const schermi = solo ? { [solo]: tutti[solo] } : tutti;

/** What html-validate judges of a document, whatever words, addresses and values it holds: those that are empty, or hold a &, count. */
const forma = (testo) => testo.replace(/(href|value|action|content|datetime|title|alt|aria-label)="[^"&]+"/g, '$1')
  .replace(/>[^<&]*[^<&\s][^<&]*</g, '>x<');

/** Throws with what was expected and what was found. */
export function vero(condizione, frase) {
  if (!condizione) throw new Error(frase);
}

/** Throws when the two are not the same value. */
export function uguale(avuto, atteso, cosa) {
  vero(Object.is(avuto, atteso), `${cosa}: expected ${JSON.stringify(atteso)}, got ${JSON.stringify(avuto)}`);
}

/** A Chromium with a new profile that talks to nobody but us. chiudi() ends it. */
export async function avvia() {
  const profilo = mkdtempSync(path.join(tmpdir(), 'tutela-browser-'));
  const b = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    userDataDir: profilo,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--lang=it-IT'],
  });
  return {
    apri: (come) => apri(b, come),
    chiudi: async () => { await b.close(); rmSync(profilo, { recursive: true, force: true }); },
  };
}

/**
 * A tab in a browser context of its own, so that nobody is signed in.
 * come.base is the server's address; schermo is a name of schermi; js says if
 * scripts run.
 */
async function apri(b, { base, schermo = 'largo', js = true }) {
  const contesto = await b.createBrowserContext();
  const p = await contesto.newPage();
  const [width, height] = tutti[schermo];
  const mobile = schermo === 'stretto';
  await p.setViewport({ width, height, isMobile: mobile, hasTouch: mobile });
  await p.setJavaScriptEnabled(js);
  await p.setExtraHTTPHeaders({ 'Accept-Language': 'it-IT' });
  p.setDefaultTimeout(15_000);
  const s = new Scheda(p, base, schermo, js);
  s.chiudi = () => contesto.close();
  return s;
}

/** One tab: goes, fills in, presses, and checks what it sees. */
export class Scheda {
  constructor(pagina, base, schermo, js) {
    Object.assign(this, { pagina, base, schermo, js, guasti: [], stato: 0, tipo: '', sorgente: '' });
    const origine = new URL(base).origin;
    pagina.on('request', (r) => {
      // data: is what the browser draws its own buttons with; the policy refuses ours.
      if (!r.url().startsWith('data:') && new URL(r.url()).origin !== origine) this.guasti.push(`asked elsewhere: ${r.url().slice(0, 80)}`);
    });
    pagina.on('response', (r) => this.#risposta(r));
    pagina.on('pageerror', (e) => this.guasti.push(`script error: ${e.message}`));
    pagina.on('console', (m) => {
      // A refused page also shows in the console as a resource that failed: its
      // status is the journey's business. What a page loads is checked above.
      if (!['error', 'warn'].includes(m.type()) || /^Failed to load resource/.test(m.text())) return;
      this.guasti.push(`console: ${m.text().slice(0, 240)}`);
    });
  }

  #risposta(r) {
    const q = r.request();
    if (q.isNavigationRequest() && q.frame() === this.pagina.mainFrame()) {
      this.stato = r.status();
      this.tipo = r.headers()['content-type'] ?? '';
      this.risposta = r;
    } else if (r.status() >= 400) {
      this.guasti.push(`${r.status()} for ${new URL(r.url()).pathname}`);
    }
  }

  /** Opens a path and says the status. */
  async vai(percorso) {
    await this.pagina.goto(new URL(percorso, this.base).href, { waitUntil: 'load' });
    return this.stato;
  }

  /** The path where we are, without the question. */
  get dove() { return new URL(this.pagina.url()).pathname; }

  /** Another tab of the same browser, in front of this one. */
  async accanto() {
    const p = await this.pagina.browserContext().newPage();
    await p.setViewport(this.pagina.viewport());
    await p.setJavaScriptEnabled(this.js);
    return new Scheda(p, this.base, this.schermo, this.js);
  }

  /** The words of the page, or of the first element that matches. */
  testo(css = 'body') { return this.pagina.$eval(css, (e) => e.innerText.replace(/\s+/g, ' ').trim()); }

  /** Whether something matches. */
  async vede(css) { return (await this.pagina.$(css)) !== null; }

  /** Clicks what matches and waits for the page that follows. */
  async premi(css) {
    const e = await this.pagina.$(css);
    vero(e, `nothing to press at ${css} on ${this.dove}`);
    await Promise.all([this.pagina.waitForNavigation({ waitUntil: 'load' }), e.click()]);
    return this.stato;
  }

  /** Clicks the link or button whose words contain parole, and waits. */
  premiParole(parole) { return this.premi(`::-p-xpath(//*[self::a or self::button][contains(normalize-space(.), "${parole}")])`); }

  /** Sends the only form of the main part with its first button. */
  invia() { return this.premi('main form button:not([name]):not([type=button]), main form button'); }

  /**
   * Fills in fields by name: text is typed in place of what is there, true and
   * false tick and untick, an array is the files, and a value chooses among
   * radios or in a list.
   */
  async compila(campi) {
    for (const [nome, v] of Object.entries(campi)) {
      const e = await this.pagina.$(`main [name="${nome}"]:not([type=hidden])`);
      vero(e, `no field ${nome} on ${this.dove}`);
      const tipo = await e.evaluate((x) => (x.tagName === 'SELECT' ? 'select' : x.type));
      if (tipo === 'select') await e.select(v);
      else if (tipo === 'file') await e.uploadFile(...v);
      else if (tipo === 'radio') await this.#scegli(nome, v);
      else if (tipo === 'checkbox') { if (await e.evaluate((x) => x.checked) !== v) await e.click(); }
      else if (tipo === 'date') await e.evaluate((x, t) => { x.value = t; }, v);
      else await this.#scrivi(e, v);
    }
  }

  // Typed as far as the page can tell a key from a paste: the first character by its key.
  async #scrivi(e, v) {
    await e.evaluate((x) => { x.value = ''; });
    await e.type(v.slice(0, 1));
    if (v.length > 1) await this.pagina.keyboard.sendCharacter(v.slice(1));
  }

  async #scegli(nome, v) {
    const e = await this.pagina.$(`main [name="${nome}"][value="${v}"]`);
    vero(e, `no choice ${v} of ${nome} on ${this.dove}`);
    await e.click();
  }

  /** Presses a key so many times. */
  async tasto(k, volte = 1) { for (let i = 0; i < volte; i++) await this.pagina.keyboard.press(k); }

  /** Moves with Tab until the focus is on what matches; never more than 200 times. */
  async tabFino(css) {
    for (let i = 0; i < 200; i++) {
      await this.tasto('Tab');
      const qui = await this.pagina.evaluate((c) => document.activeElement?.matches(c) ?? false, css);
      if (qui) { await this.#visibile(css); return; }
    }
    throw new Error(`Tab never reaches ${css} on ${this.dove}`);
  }

  /** Fails if what has the focus is hidden or outside the screen (WCAG 2.4.11). */
  async #visibile(css) {
    const ok = await this.pagina.evaluate(() => {
      const e = document.activeElement;
      // A card's radio is drawn under its label, which carries the focus ring.
      const r = e.getBoundingClientRect();
      const x = r.left + r.width / 2, y = r.top + r.height / 2;
      const sopra = document.elementFromPoint(x, y);
      return r.width > 0 && y >= 0 && y <= innerHeight && (!sopra || e.contains(sopra) || sopra.contains(e) || e.labels?.[0]?.contains(sopra));
    });
    vero(ok, `the focus on ${css} cannot be seen on ${this.dove}`);
  }

  /** The saved picture of the whole page, when TUTELA_SHOTS names a folder. */
  async foto(nome) {
    const dir = process.env.TUTELA_SHOTS;
    if (!dir) return;
    mkdirSync(dir, { recursive: true });
    await this.pagina.screenshot({ path: path.join(dir, `${nome}-${this.pagina.viewport().width}.png`), fullPage: true });
  }

  /** Fails with everything that is wrong with the page in front of us. */
  async controlla(nome) {
    await this.foto(nome);
    const g = (await Promise.all([this.#misure(), this.#forma()])).flat(); // one in the browser, one here
    g.push(...this.guasti.splice(0), ...await this.#accesso()); // what the browser tells of the page has come by now
    vero(g.length === 0, `${nome} (${this.dove}, ${this.schermo}):\n  ${g.join('\n  ')}`);
  }

  // What the server sent, before the browser mended it: once, on however many screens it is looked at.
  async #forma() {
    if (!this.tipo.startsWith('text/html') || this.risposta.request().url() !== this.pagina.url().split('#')[0] || this.risposta === this.sana) return [];
    const testo = await this.risposta.text().catch(() => '');
    if (!testo) return [];
    const r = valide.has(forma(testo)) ? { results: [] } : await html.validateString(testo);
    if (r.results.length === 0) valide.add(forma(testo));
    const g = r.results.flatMap((x) => x.messages).filter((m) => m.severity === 2)
      .map((m) => `html ${m.ruleId} at ${m.line}:${m.column}: ${m.message}`);
    if (/<[^>]+\s(style|on[a-z]+)=/i.test(testo)) g.push('an inline style or handler');
    if ((testo.match(/<h1[\s>]/g) ?? []).length !== 1) g.push('not exactly one h1');
    if (g.length === 0) this.sana = this.risposta;
    return g;
  }

  // What only measuring finds: overflow, small targets.
  #misure() {
    return this.pagina.evaluate(() => {
      const d = document.documentElement, g = [];
      if (d.scrollWidth > d.clientWidth) {
        const largo = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > d.clientWidth + 1)
          .slice(0, 3).map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
        g.push(`wider than the screen: ${d.scrollWidth} > ${d.clientWidth} px (${largo.join(', ')})`);
      }
      for (const e of document.querySelectorAll('a,button,input,select,textarea,summary')) {
        const r = e.getBoundingClientRect();
        // Links within a sentence are exempt (WCAG 2.5.8).
        if (r.width === 0 || r.height === 0 || e.closest('.skiplinks') || (e.tagName === 'A' && e.closest('p,dd,small,.hint,td'))) continue;
        if (e.closest('.vh,.visually-hidden-focusable')) continue;
        if (r.width < 24 || r.height < 24) g.push(`target ${Math.round(r.width)}×${Math.round(r.height)} px: ${e.outerHTML.slice(0, 90)}`);
      }
      return g;
    });
  }

  /**
   * What axe judges of the page, whatever the page says, piece by piece: each element
   * with what it stands in, up to the root, its classes and attributes, whether it is
   * empty, and whether what names or describes it is there; each heading after the one
   * before it; how many regions of a kind there are and whether two have one name; each
   * kind of row of each table.
   */
  #aspetto() {
    return this.pagina.evaluate(() => {
      const pezzi = new Set(), vie = new Map(), regioni = new Map();
      const di = (e) => {
        if (!vie.has(e)) vie.set(e, `${e.parentElement ? di(e.parentElement) : innerWidth} ${e.localName}.${e.getAttribute('class')}`);
        return vie.get(e);
      };
      const rimandi = ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'headers', 'list'];
      const risolti = (e) => rimandi.filter((a) => e.hasAttribute(a)).map((a) => e.getAttribute(a).split(/\s+/).every((id) => document.getElementById(id)));
      const valori = ['role', 'type', 'aria-current', 'aria-expanded', 'lang', 'autocomplete'];
      for (const e of document.querySelectorAll('html, body, body *:not(svg *)')) {
        const salto = e.hash && e.pathname === location.pathname ? document.getElementById(e.hash.slice(1)) !== null : '';
        pezzi.add([di(e), e.getAttributeNames(), valori.map((a) => e.getAttribute(a)), e.disabled, e.labels?.length, risolti(e), salto,
          !e.textContent.trim(), e.clientHeight === 0].join());
        if (e.matches('main,nav,header,footer,aside,section,form,[role]')) {
          const genere = `${e.localName} ${e.getAttribute('role')}`;
          const nome = e.getAttribute('aria-label') ?? document.getElementById(e.getAttribute('aria-labelledby'))?.textContent;
          regioni.set(genere, [...regioni.get(genere) ?? [], nome]);
        }
        if (e.localName === 'tr') pezzi.add(`${di(e)}: ${[...e.cells].map((c) => `${c.localName} ${c.scope} ${c.colSpan} ${!c.textContent.trim()}`)}`);
      }
      for (const [genere, nomi] of regioni) pezzi.add(`${innerWidth} ${genere}: ${nomi.length}, ${new Set(nomi).size}`);
      let prima = document.title !== '';
      for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
        pezzi.add(`${innerWidth} ${prima} then ${h.localName}`);
        prima = h.localName;
      }
      return [...pezzi];
    });
  }

  async #accesso() {
    const aspetto = await this.#aspetto();
    if (aspetto.every((x) => accessibili.has(x))) return [];
    // Without scripts axe's own timers never come: they run while it looks. The
    // page's scripts, which were not loaded, stay so.
    if (!this.js) await this.pagina.setJavaScriptEnabled(true);
    if (!await this.pagina.evaluate(() => 'axe' in globalThis)) await this.pagina.evaluate(axe);
    const r = await this.pagina.evaluate(async (l) => {
      const x = await globalThis.axe.run(document, { runOnly: l, resultTypes: ['violations'], selectors: false });
      return x.violations.map((v) => `axe ${v.id}: ${v.help} — ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140)).join(' | ')}`);
    }, livelli);
    if (!this.js) await this.pagina.setJavaScriptEnabled(false);
    this.guasti.length = 0; // what axe itself makes the console say is not the page's
    if (r.length === 0) aspetto.forEach((x) => accessibili.add(x));
    return r;
  }
}
