// Checks a receipt in the browser, from its file or from the QR code of its paper: what
// it proves, or which part of it is false. It asks nobody anything. The same script
// stands in the page that is kept and opened without a network.
// ref: rfc6962, c2sp-checkpoint
(() => {
  const pagina = document.querySelector('[data-controlla]');
  if (!pagina || !window.crypto?.subtle) return;

  const FALSA = 'La voce non è quella che sta nel registro a quel posto: numero, data, posto o prova sono stati toccati, o sono di un altro registro.';
  const VOCE = 'La voce non è scritta come la scrive il registro: numero, data o impronte sono stati toccati.';
  const FIRMA = 'Lo stato del registro non è firmato con la chiave che hai dato: è stato toccato, o la chiave è di un altro.';
  const ALTRO = 'Questa non è una ricevuta di Tutela, o è stata toccata: non si legge.';
  const NIENTE = 'Questo browser non sa controllare le firme. Usane uno più nuovo, oppure il programma «tutela ricevuta verify».';

  const no = (frase) => { throw new Error(frase); };
  const bytes = (testo) => new TextEncoder().encode(testo);
  const unisci = (...pezzi) => Uint8Array.from(pezzi.flatMap((p) => [...p]));
  const da64 = (s) => {
    try {
      return Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    } catch {
      return no(ALTRO);
    }
  };
  const a64 = (b) => btoa(String.fromCharCode(...b));
  const url64 = (b) => a64(b).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const hex = (b) => [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
  const sha = async (...pezzi) => new Uint8Array(await crypto.subtle.digest('SHA-256', unisci(...pezzi)));
  const uguali = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

  // The short form: its values in their order, see internal/registro/compact.go.
  const daBreve = (s) => {
    const b = da64(s);
    let i = 1;
    const prendi = (n) => (i + n > b.length ? no(ALTRO) : b.slice(i, i += n));
    const numero = () => {
      let n = 0, peso = 1;
      for (;;) {
        const [x] = prendi(1);
        n += (x & 127) * peso;
        if (x < 128) return n > Number.MAX_SAFE_INTEGER || (x === 0 && peso > 1) ? no(ALTRO) : n; // one spelling only
        peso *= 128;
      }
    };
    const testo = () => {
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(prendi(numero()));
      } catch {
        return no(ALTRO);
      }
    };
    const forse = () => {
      const [c] = prendi(1);
      return c > 1 ? no(ALTRO) : c ? hex(prendi(32)) : '-';
    };
    if (b[0] !== 1) no(ALTRO);
    const [log, registro, num, pratica, atto] = [testo(), testo(), testo(), testo(), testo()];
    const seq = numero(), quando = new Date(numero());
    if (Number.isNaN(quando.getTime())) no(ALTRO);
    const righe = ['tutela/foglia/v1', `log ${log}`, `registro ${registro || '-'}`, `numero ${num || '-'}`, `pratica ${pratica || '-'}`, `atto ${seq} ${atto}`,
      `istante ${quando.toISOString()}`, `busta ${hex(prendi(32))}`, `contenuto ${forse()}`, `precedente ${forse()}`, `sale ${url64(prendi(16))}`, ''];
    const r = { foglia: righe.join('\n'), indice: numero(), voci: numero(), origine: testo() || log, firme: [], prova: [] };
    const [quante] = prendi(1);
    if (quante > 4) no(ALTRO);
    for (let n = 0; n < quante; n++) r.firme.push(prendi(68));
    while (i < b.length) r.prova.push(prendi(32));
    return r;
  };

  const daFile = (testo) => {
    let x;
    try {
      x = JSON.parse(testo);
    } catch {
      no(ALTRO);
    }
    const noti = ['v', 'foglia', 'indice', 'prova', 'checkpoint', 'cofirme'];
    if (x?.v !== 1 || typeof x.foglia !== 'string' || !Number.isSafeInteger(x.indice) || Object.keys(x).some((k) => !noti.includes(k))) no(ALTRO);
    const [stato, sotto, altro] = String(x.checkpoint ?? '').split('\n\n'), [origine, voci, radice, riga] = stato.split('\n');
    if (!/^(0|[1-9]\d{0,14})$/.test(voci ?? '') || riga !== undefined || altro !== undefined || !/^(?:— \S+ [A-Za-z0-9+/]+=*\n)+$/.test(sotto ?? '')) no(ALTRO);
    const firme = sotto.split('\n').filter((l) => l.startsWith(`— ${origine} `)).map((l) => da64(l.split(' ')[2])).filter((f) => f.length === 68);
    return { foglia: x.foglia, indice: x.indice, voci: Number(voci), origine, firme, prova: (x.prova ?? []).map(da64), radice: da64(radice ?? '') };
  };

  const radiceDi = async (r) => {
    let h = await sha([0], await sha(bytes(r.foglia)));
    if (r.indice < 0 || r.indice >= r.voci) no(FALSA);
    const i = BigInt(r.indice), diversi = i ^ BigInt(r.voci - 1);
    const dentro = diversi === 0n ? 0 : diversi.toString(2).length;
    const oltre = [...(i >> BigInt(dentro)).toString(2)].filter((c) => c === '1').length;
    if (r.prova.length !== dentro + oltre) no(FALSA);
    for (const [n, p] of r.prova.entries()) h = n >= dentro || (i >> BigInt(n)) & 1n ? await sha([1], p, h) : await sha([1], h, p);
    return h;
  };

  const ORIGINE = /^tutela\/registro\/([A-Za-z0-9._:/-]+)\/([1-9]\d*)$/;
  const FOGLIA = /^tutela\/foglia\/v1\nlog ([A-Za-z0-9._:/-]+)\nregistro ([A-Za-z0-9._:/-]+)\nnumero ([A-Za-z0-9._:/-]+)\npratica [A-Za-z0-9._:/-]+\natto (?:0|[1-9]\d*) ([A-Za-z0-9._:/-]+)\nistante (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\nbusta [0-9a-f]{64}\ncontenuto (?:-|[0-9a-f]{64})\nprecedente (?:-|[0-9a-f]{64})\nsale [A-Za-z0-9_-]{22}\n$/;

  const firmata = async (r, radice, chiavi) => {
    const testo = bytes(`${r.origine}\n${r.voci}\n${a64(radice)}\n`), [, ente] = ORIGINE.exec(r.origine) ?? no(FIRMA);
    for (const k of chiavi) {
      const [nome, , ...dati] = k.split('+'), chiave = da64(dati.join('+'));
      if (ORIGINE.exec(nome)?.[1] !== ente || chiave.length !== 33 || chiave[0] !== 1) continue;
      const id = (await sha(bytes(`${r.origine}\n`), chiave)).slice(0, 4);
      for (const f of r.firme.filter((x) => uguali(x.slice(0, 4), id))) {
        let pubblica;
        try {
          pubblica = await crypto.subtle.importKey('raw', chiave.slice(1), 'Ed25519', false, ['verify']);
        } catch {
          no(NIENTE);
        }
        if (await crypto.subtle.verify('Ed25519', pubblica, f.slice(4), testo)) return ente;
      }
    }
    return no(FIRMA);
  };

  const controlla = async (testo, chiavi) => {
    const r = testo.trimStart().startsWith('{') ? daFile(testo) : daBreve(testo.slice(testo.lastIndexOf('#') + 1).trim());
    const [, log, registro, numero, atto, quando] = FOGLIA.exec(r.foglia) ?? no(VOCE);
    const radice = await radiceDi(r);
    const ente = await firmata(r, r.radice ?? radice, chiavi);
    if (r.radice && !uguali(r.radice, radice)) no(FALSA);
    const qui = ORIGINE.exec(log), ora = ORIGINE.exec(r.origine);
    if (qui?.[1] !== ente || Number(qui[2]) > Number(ora[2])) no(FALSA);
    const conta = (n) => n.toLocaleString('it-IT');
    const il = new Date(quando).toLocaleString('it-IT', { timeZone: 'Europe/Rome', dateStyle: 'long', timeStyle: 'medium' });
    return [`L’atto «${atto.replaceAll('_', ' ')}»${numero === '-' ? '' : ` della segnalazione n. ${numero} del registro ${registro.toUpperCase()}`} è stato registrato il ${il}.`,
      `È la voce n. ${conta(r.indice + 1)} del registro di «${ente}», che l’ente ha firmato fino alla n. ${conta(r.voci)} (epoca ${ora[2]}).`];
  };

  const esito = pagina.querySelector('[data-esito]'), campoChiavi = pagina.querySelector('[data-chiavi]');
  const mostra = async (testo) => {
    let vera = true, frasi;
    try {
      frasi = await controlla(testo, campoChiavi.value.split(/\s+/).filter(Boolean));
    } catch (e) {
      vera = false;
      frasi = [e.message];
    }
    const [titolo, ...righe] = esito.querySelectorAll('p:not(.sub)');
    titolo.firstElementChild.textContent = vera ? 'La ricevuta è vera.' : 'Questa ricevuta non prova nulla.';
    righe.forEach((p, i) => { p.textContent = frasi[i] ?? ''; });
    esito.className = vera ? 'msg ok' : 'msg warn';
    esito.hidden = false;
    esito.focus();
  };

  pagina.querySelector('input[type=file]').addEventListener('change', async (e) => {
    const [f] = e.target.files;
    if (f && f.size < 65536) await mostra(await f.text());
  });
  const breve = pagina.querySelector('[data-breve]');
  breve.addEventListener('input', () => { if (breve.value.trim()) mostra(breve.value); });
  const frammento = () => {
    if (location.hash.length < 100) return;
    breve.value = location.href;
    mostra(location.hash);
  };
  addEventListener('hashchange', frammento);
  frammento();
})();
