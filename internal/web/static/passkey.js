// Asks the browser for a passkey and sends its answer with the form. Where there
// are none the forms stay hidden: everything works without.
(() => {
  if (!window.PublicKeyCredential) return;
  const leggi = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const scrivi = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

  const chiedi = (o) => {
    o.challenge = leggi(o.challenge);
    const segreto = o.extensions?.prf?.eval;
    if (segreto) segreto.first = leggi(segreto.first);
    for (const c of [...o.allowCredentials ?? [], ...o.excludeCredentials ?? []]) c.id = leggi(c.id);
    if (!o.user) return navigator.credentials.get({ publicKey: o });
    o.user.id = leggi(o.user.id);
    return navigator.credentials.create({ publicKey: o });
  };

  const risposta = (k) => {
    const r = k.response, out = { clientDataJSON: scrivi(r.clientDataJSON) };
    for (const c of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) if (r[c]) out[c] = scrivi(r[c]);
    if (r.getTransports) out.transports = r.getTransports();
    const x = k.getClientExtensionResults(), segreto = x.prf?.results?.first;
    if (segreto) x.prf = { results: { first: scrivi(segreto) } };
    return JSON.stringify({ id: k.id, rawId: scrivi(k.rawId), type: k.type, response: out,
      authenticatorAttachment: k.authenticatorAttachment ?? undefined, clientExtensionResults: x });
  };

  for (const f of document.querySelectorAll('form[data-passkey]')) {
    f.hidden = false;
    f.addEventListener('submit', async (e) => {
      e.preventDefault();
      const no = f.querySelector('.err[role=alert]');
      no.hidden = true;
      try {
        f.elements.risposta.value = risposta(await chiedi(JSON.parse(f.dataset.passkey).publicKey));
      } catch {
        no.hidden = false;
        return;
      }
      f.submit();
    });
  }
})();
