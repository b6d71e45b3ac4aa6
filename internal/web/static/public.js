(() => {
  const e = document.getElementById('errori');
  if (e) e.focus();
  for (const b of document.querySelectorAll('[data-stampa]')) { b.hidden = false; b.addEventListener('click', () => window.print()); }
  for (const b of document.querySelectorAll('[data-copia]')) {
    if (!navigator.clipboard) continue;
    b.hidden = false;
    b.addEventListener('click', () => navigator.clipboard.writeText(b.dataset.copia).then(() => { b.textContent = 'Copiato'; }));
  }
  for (const t of document.querySelectorAll('textarea[maxlength]')) {
    const max = t.maxLength, p = document.createElement('p');
    p.className = 'hint'; p.setAttribute('role', 'status'); t.after(p);
    t.addEventListener('input', () => { p.textContent = t.value.length > max * 0.9 ? `Restano ${max - t.value.length} caratteri.` : ''; });
  }
  for (const f of document.querySelectorAll('input[type=file][data-max]')) {
    f.addEventListener('change', () => {
      const grande = [...f.files].find((x) => x.size > +f.dataset.max);
      f.setCustomValidity(grande ? `Questo file è troppo grande. Il massimo è ${Math.floor(f.dataset.max / 1048576)} MB.` : '');
      f.reportValidity();
    });
  }
})();
