// Makes the citizen's pages quicker. Every page works without it.
(() => {
  const tutti = (css) => document.querySelectorAll(css);

  document.getElementById('errori')?.focus();

  for (const b of tutti('[data-stampa]')) {
    b.hidden = false;
    b.addEventListener('click', () => window.print());
  }

  for (const b of tutti('[data-copia]')) {
    if (!navigator.clipboard) continue;
    b.hidden = false;
    b.addEventListener('click', async () => {
      await navigator.clipboard.writeText(b.dataset.copia);
      b.textContent = 'Copiato';
    });
  }

  // The password of a stamp comes behind the # of a QR: no server was sent it, and the
  // address keeps it no longer.
  const timbro = document.querySelector('[data-frammento]');
  if (timbro && /^#[2-9A-Z]{16}$/.test(location.hash)) {
    timbro.value = location.hash.slice(1);
    history.replaceState(null, '', location.pathname);
    if (!timbro.form.elements.file) timbro.form.requestSubmit();
  }

  // A file to be compared stays here where the browser can make its digest: that leaves.
  const confronta = document.querySelector('form[data-confronta]');
  if (confronta && window.crypto?.subtle) {
    confronta.addEventListener('submit', async (e) => {
      const { file, impronta } = confronta.elements, [f] = file.files;
      if (!f || f.size > +file.dataset.max) return;
      e.preventDefault();
      const h = new Uint8Array(await crypto.subtle.digest('SHA-256', await f.arrayBuffer()));
      impronta.value = [...h].map((x) => x.toString(16).padStart(2, '0')).join('');
      file.disabled = true;
      confronta.submit();
    });
  }

  // The counter speaks only near the limit, and only when the hand rests.
  for (const t of tutti('textarea[data-limite]')) {
    const max = +t.dataset.limite, p = document.createElement('p');
    let attesa;
    p.className = 'hint';
    p.setAttribute('role', 'status');
    t.after(p);
    const conta = () => {
      const resto = max - [...t.value].length;
      p.textContent = resto > max / 10 ? '' : resto >= 0 ? `Restano ${resto} caratteri.` : `Ci sono ${-resto} caratteri di troppo.`;
    };
    t.addEventListener('input', () => { clearTimeout(attesa); attesa = setTimeout(conta, 500); });
    conta();
  }

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
})();
