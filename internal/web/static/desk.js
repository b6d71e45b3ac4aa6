(() => {
  const e = document.getElementById('errori');
  if (e) e.focus();
  const q = document.getElementById('q'), righe = [...document.querySelectorAll('tr.row')];
  let i = -1, g = false;
  const conta = () => {
    const c = document.querySelector('[data-count]');
    if (c) c.textContent = document.querySelectorAll('.wl tbody input:checked').length;
  };
  document.addEventListener('change', conta); conta();
  for (const b of document.querySelectorAll('[data-stampa]')) { b.hidden = false; b.addEventListener('click', () => window.print()); }
  const vai = (nome) => { const a = document.querySelector(`[data-tasto="${nome}"]`); if (a) a.click(); };
  document.addEventListener('keydown', (k) => {
    if (k.ctrlKey || k.metaKey || k.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(k.target.tagName)) return;
    if (g) { g = false; if (k.key === 'd') location.href = '/lavoro'; if (k.key === 'f') location.href = '/lavoro?vista=firma'; return; }
    if (k.key === 'g') { g = true; return; }
    if (k.key === '/' && q) { k.preventDefault(); q.focus(); }
    if (k.key === '?') location.href = '/aiuto-tasti';
    if ((k.key === 'j' || k.key === 'k') && righe.length) {
      i = Math.max(0, Math.min(righe.length - 1, i + (k.key === 'j' ? 1 : -1)));
      righe[i].querySelector('.subj').focus();
    } else if (k.key === 'x' && i >= 0) {
      const b = righe[i].querySelector('input'); if (b) { b.checked = !b.checked; conta(); }
    } else if ('ueanjk'.includes(k.key)) vai(k.key);
  });
  let sporco = false;
  for (const m of document.querySelectorAll('form[data-avvisa]')) {
    m.addEventListener('input', () => { sporco = true; });
    m.addEventListener('submit', () => { sporco = false; });
  }
  window.addEventListener('beforeunload', (k) => { if (sporco) k.preventDefault(); });
})();
