// Makes the staff's pages quicker. Every page works without it.
(() => {
  const tutti = (css) => document.querySelectorAll(css);

  document.getElementById('errori')?.focus();

  for (const b of tutti('[data-stampa]')) {
    b.hidden = false;
    b.addEventListener('click', () => window.print());
  }

  // A page that is to be covered fits its box, until one wants it larger: a click says
  // how wide it is shown.
  for (const b of tutti('[data-figura]')) {
    const f = document.querySelector('.figura > *'), m = document.querySelector('[name=mostrata]');
    const misura = () => { if (m) m.value = f.clientWidth; };
    const metti = (intera) => {
      f.classList.toggle('intera', intera);
      b.textContent = intera ? 'Ingrandisci' : 'Tutta nel riquadro';
    };
    f.addEventListener('click', misura);
    b.addEventListener('click', () => metti(!f.classList.contains('intera')));
    b.hidden = f.offsetWidth <= f.parentElement.clientWidth;
    metti(!b.hidden);
  }

  // How many rows are chosen. The bar itself shows without scripts.
  const conta = () => {
    for (const c of tutti('[data-count]')) c.textContent = tutti('.wl tbody input:checked').length;
  };
  document.addEventListener('change', conta);
  conta();

  // Whoever dictates, or touches keys by chance, turns the single keys off.
  const spenti = () => localStorage.getItem('tasti') === 'no';
  for (const b of tutti('[data-tasti]')) {
    const scrivi = () => { b.textContent = spenti() ? 'Accendi i tasti rapidi' : 'Spegni i tasti rapidi'; };
    b.hidden = false;
    b.addEventListener('click', () => {
      if (spenti()) localStorage.removeItem('tasti'); else localStorage.setItem('tasti', 'no');
      scrivi();
    });
    scrivi();
  }

  const righe = [...tutti('tr.row')];
  let qui = -1, dopoG = false;
  const riga = (passo) => {
    qui = Math.max(0, Math.min(righe.length - 1, qui + passo));
    righe[qui].querySelector('.subj').focus();
  };
  const tasti = {
    '/': () => document.getElementById('q')?.focus(),
    '?': () => { location.href = '/aiuto-tasti'; },
    j: () => riga(1),
    k: () => riga(-1),
    x: () => {
      const c = righe[qui]?.querySelector('input[type=checkbox]');
      if (c) { c.checked = !c.checked; conta(); }
    },
  };
  const dopo = { d: '/lavoro', f: '/lavoro?vista=firma' };

  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || spenti()) return;
    if (e.key === 'Enter' && e.target.matches('tr [name=scelta]')) { // opens the row, as anywhere on it
      e.preventDefault();
      e.target.closest('tr').querySelector('.subj').click();
      return;
    }
    if (e.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && e.target.type !== 'checkbox') return;
    if (dopoG) {
      dopoG = false;
      if (dopo[e.key]) location.href = dopo[e.key];
      return;
    }
    if (e.key === 'g') { dopoG = true; return; }
    // A page's own link or button for the key comes first; on a case j and k are
    // the next and the one before.
    const suo = /^[a-z]$/.test(e.key) && document.querySelector(`[data-tasto="${e.key}"]`);
    if (suo) { e.preventDefault(); suo.click(); return; }
    if ('jkx'.includes(e.key) && !righe.length) return;
    if (tasti[e.key]) { e.preventDefault(); tasti[e.key](); }
  });

  // A file too big is said at once, not after minutes of upload.
  for (const f of tutti('input[type=file][data-max]')) {
    const max = +f.dataset.max, p = document.createElement('p');
    const mb = (n) => Math.ceil(n / 1048576);
    p.className = 'err';
    p.setAttribute('role', 'alert');
    f.before(p);
    f.addEventListener('change', () => {
      const grandi = [...f.files].filter((x) => x.size > max);
      p.textContent = grandi.map((x) => `«${x.name}» è troppo grande (${mb(x.size)} MB). Il massimo è ${mb(max)} MB.`).join(' ');
    });
  }

  // Words chosen with the pointer are hidden as if they had been typed.
  for (const b of tutti('[data-oscura]')) {
    b.hidden = false;
    b.addEventListener('click', (e) => {
      const t = String(getSelection()).replace(/\s+/g, ' ').trim();
      if (t) document.getElementById(b.dataset.oscura).value = t;
      else e.preventDefault();
    });
  }

  // What was typed is not lost by a hand that leaves the page.
  let sporco = false;
  for (const m of tutti('form[data-avvisa]')) {
    m.addEventListener('input', () => { sporco = true; });
    m.addEventListener('submit', () => { sporco = false; });
  }
  window.addEventListener('beforeunload', (e) => { if (sporco) e.preventDefault(); });

  // A step of sign-in sent twice would find the session gone on in another cookie.
  for (const m of tutti('form[data-una]')) {
    m.addEventListener('submit', (e) => {
      if (m.dataset.una) e.preventDefault();
      m.dataset.una = 'inviato';
    });
  }

  // A desk left alone for as long as the session waits hides what is on it; what
  // is being written stays, and the lock comes when it is sent.
  let ultimo = Date.now();
  for (const e of ['pointerdown', 'keydown', 'scroll']) window.addEventListener(e, () => { ultimo = Date.now(); }, { passive: true });
  if (document.querySelector('.me')) {
    setInterval(() => {
      if (sporco || Date.now() - ultimo < 20 * 60_000) return;
      location.href = `/blocco?poi=${encodeURIComponent(location.pathname + location.search)}`;
    }, 20_000);
  }
})();
