// The whole story through the pages of those who work, from the counter to the
// answer that the citizen reads, on a wide screen with scripts and on a narrow one
// without: every page is checked.
import { fileURLToPath } from 'node:url';
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'desk, the whole story';

const racconto = 'Mia madre ha aspettato nove ore su una barella. Io, Rosalba Trentini, non ho avuto notizie fino a sera.';

export default async function (t) {
  await cammina(t, 'largo', true);
  await cammina(t, 'stretto', false);
}

async function cammina(t, schermo, js) {
  const con = `${schermo}${js ? '' : ', no scripts'}`;
  const persone = {};
  const entra = async (utente) => {
    const c = t.conti.find((x) => x.utente === utente);
    vero(c, `no demo account ${utente}`);
    const s = await t.apri({ schermo, js });
    await s.vai('/entra');
    await s.controlla('desk-entra');
    await s.compila({ utente, password: 'sbagliata del tutto' });
    uguale(await s.invia(), 401, 'status of a wrong password');
    await s.controlla('desk-entra-errore');
    await s.compila({ utente, password: c.password });
    await s.invia();
    uguale(s.dove, utente === 'dpo' ? '/accessi' : '/lavoro', `${utente} signs in`);
    await s.controlla(`desk-lavoro-${utente}`);
    persone[utente] = s;
    return s;
  };
  let pratica, codice, chiave, timbro;
  const atto = async (s, nome, campi, pulsante = 'button[value=salva]') => {
    await s.vai(`${pratica}/atto/${nome}`);
    await s.controlla(`desk-atto-${nome}`);
    await s.compila(campi);
    await s.premi(`main ${pulsante}`);
    uguale(s.dove, pratica, `after ${nome}`);
  };

  await t.passo(`the counter takes it in (${con})`, async () => {
    const s = await entra('urp.montelago');
    await s.vai('/nuova');
    await s.controlla('desk-nuova');
    await s.compila({ email: 'senza chiocciola' });
    await s.pagina.$eval('#testo', (e) => e.removeAttribute('required'));
    uguale(await s.premi('button[value=registra]'), 422, 'status of an empty form');
    await s.controlla('desk-nuova-errore');
    await s.compila({ canale: 'telefono', testo: racconto, oggetto: `Nove ore in barella (${con})`, tipo: 'reclamo', nome: 'Rosalba', cognome: 'Trentini',
      telefono: js ? '0376 555 0187' : '0376 555 0188', email: '', unita: 'Pronto Soccorso', presidio: 'Ospedale Santa Chiara – Montelago', riletto: true });
    await s.premi('button[value=doppioni]');
    await s.controlla('desk-nuova-doppioni');
    uguale(await s.premi('button[value=registra]'), 201, 'status of the receipt');
    await s.controlla('desk-nuova-ricevuta');
    [codice, chiave] = await s.pagina.$$eval('p.code', (e) => e.map((x) => x.textContent));
    vero(/^[A-Z2-9]{4}(-[A-Z2-9]{4}){2}$/.test(codice) && /^[A-Z2-9]{4}(-[A-Z2-9]{4}){3}$/.test(chiave), 'codes are not in groups of four');
    await s.premiParole('Apri la pratica');
    pratica = s.dove;
    await s.controlla('desk-pratica-nuova');
  });

  await t.passo(`taken in charge, judged, the citizen is told (${con})`, async () => {
    const s = persone['urp.montelago'];
    await atto(s, 'presa_in_carico', {});
    await atto(s, 'valutazione', { natura: 'sanitaria', danni: 'esclusi' });
    await s.vai(`${pratica}/atto/valutazione`);
    uguale(await s.premi('main button[value=salva]'), 422, 'an empty form');
    await s.controlla('desk-atto-errore');
    await atto(s, 'informativa', {});
    await s.premi('a[href*="/foglio/"]');
    vero((await s.testo('main')).includes('Gentile Rosalba Trentini'), 'the letter does not greet');
    await s.controlla('desk-foglio-mod04');
  });

  let struttura;
  await t.passo(`the structure is asked with a copy (${con})`, async () => {
    const s = persone['urp.montelago'];
    await s.vai(`${pratica}/atto/richiesta_chiarimenti`);
    await s.controlla('desk-composizione');
    struttura = await s.pagina.$eval('#unita-0', (e) => e.value);
    const copia = () => s.pagina.$eval('#copia-0', (e) => e.value);
    vero((await copia()).includes('Io, Rosalba [cognome], non'), 'the copy does not begin hidden');
    await s.compila({ quesito: 'Quanto si è aspettato, e chi ha informato la famiglia?' });
    uguale(await s.premi('main button[value=salva]'), 422, 'what was found and not decided');
    vero((await s.testo('.err-sum')).includes('1 passaggio ancora da controllare: 1 «Trentini»'), 'not told which is to be decided');
    await s.controlla('desk-composizione-da-decidere');
    await s.premi('button[value=sicure-0]');
    await s.controlla('desk-composizione-decisa');
    await s.compila({ 'altre-0': 'una barella' });
    await s.premi('main section button[value=controlla]');
    vero((await copia()).includes('nove ore su [omissis].'), 'words of one’s own are not hidden');
    await s.pagina.click('[role=group]:has([value=via]) summary');
    await s.pagina.click('[value=via]');
    await s.premi('main section button[value=controlla]');
    vero((await copia()).includes('nove ore su una barella'), 'words of one’s own do not come back');
    await s.compila({ 'copia-0': 'La madre ha aspettato nove ore. Scrive Rosalba Trentini.' });
    uguale(await s.premi('main button[value=salva]'), 422, 'a surname is left');
    vero((await s.testo('.masc')).includes('Nella copia si legge.'), 'the surname is not pointed out');
    await s.controlla('desk-composizione-a-mano');
    await s.pagina.click('[role=group]:has([name=scelta]) summary');
    await s.pagina.click('[role=group] details[open] [value=serve]');
    await s.premi('main section button[value=controlla]');
    vero((await s.testo('.masc')).includes('Resta: Serve alla struttura per rispondere.'), 'the reason is not kept');
    await s.controlla('desk-composizione-lasciata');
    await s.compila({ 'copia-0': 'La madre ha aspettato nove ore su una barella. Scrive la figlia, Rosalba.' });
    await s.premi('main button[value=aggiungi]');
    await s.controlla('desk-composizione-due');
    await s.premi('main button[value=togli-1]');
    await s.premi('main button[value=salva]');
    uguale(s.dove, pratica, 'after the request');
    for (const x of ['istruttoria', 'lettere', 'documenti', 'cronologia', 'stampa']) {
      await s.vai(`${pratica}/${x}`);
      await s.controlla(`desk-pratica-${x}`);
    }
  });

  await t.passo(`the structure reads its copy and answers (${con})`, async () => {
    const s = await entra('resp.pronto-soccorso');
    await s.vai('/lavoro?vista=richieste');
    await s.controlla('desk-richieste');
    await s.vai(pratica);
    const testo = await s.testo('main');
    vero(testo.includes('Scrive la figlia, Rosalba') && !testo.includes('Trentini') && !testo.includes('0376'), `the structure reads more or less than its copy: ${struttura}`);
    await s.controlla('desk-richiesta');
    await atto(s, 'chiarimenti', { testo: 'I tempi di attesa erano lunghi. Nessuno ha informato la famiglia.' });
    await s.controlla('desk-richiesta-risposta');
    const d = await entra('dir.emergenza');
    await atto(d, 'relazione', { testo: 'Relazione.', valutazione: 'Il reclamo è fondato in parte.' });
    await atto(d, 'provvedimento', { azione: 'Una persona informa chi attende, ogni ora.', responsabile: 'Coordinatore', entro: '2027-06-30' });
    for (const f of await d.pagina.$$eval('a[href*="/foglio/"]', (e) => [...new Set(e.map((x) => x.getAttribute('href')))])) {
      await d.vai(f);
      await d.controlla('desk-foglio-modulo');
    }
  });

  await t.passo(`written, sent back, written again, signed (${con})`, async () => {
    const a = await entra('urp.aziendale'), ds = await entra('direttore.sanitario');
    await a.vai(`${pratica}/atto/bozza_risposta?coda=bozze`);
    await a.compila({ testo: 'Gentile Rosalba Trentini,\nci scusiamo.' });
    await a.premi('main button[value=controlla]');
    await a.controlla('desk-bozza-misurata');
    await a.premi('main button[value=prossima]');
    await ds.vai('/lavoro?vista=firma');
    await ds.controlla('desk-alla-firma');
    await ds.vai(pratica.replace('/pratica/', '/firma/'));
    await ds.controlla('desk-firma');
    await ds.compila({ nota: 'Scrivi che cosa cambia.' });
    await ds.premiParole('Rimanda con la nota');
    await a.vai(`${pratica}/atto/bozza_risposta`);
    vero((await a.testo('main')).includes('Scrivi che cosa cambia.'), 'the note does not come back');
    await a.controlla('desk-bozza-tornata');
    await a.compila({ testo: 'Gentile Rosalba Trentini,\nci scusiamo per le nove ore. Da oggi una persona informa chi attende, ogni ora.\nPuoi sempre rivolgerti al giudice (art. 14, comma 5, D.Lgs. 502/1992).' });
    await a.premi('main button[value=salva]');
    uguale(a.dove, pratica, 'after the draft');
    await ds.vai(pratica.replace('/pratica/', '/firma/'));
    await ds.premiParole('Approva e firma');
    vero((await ds.testo('[role=status]')).includes('Risposta firmata'), 'not told that it is signed');
    await atto(a, 'invio_risposta', { mezzo: 'portale' });
    await a.controlla('desk-pratica-conclusa');
    await a.vai(`${pratica}/lettere`);
    await a.premi('::-p-xpath(//a[contains(@href, "/foglio/") and contains(., "Risposta")])');
    vero((await a.testo('main')).includes('Contrassegno elettronico'), 'the letter has no stamp');
    await a.controlla('desk-foglio-risposta');
  });

  await t.passo(`the citizen reads the answer (${con})`, async () => {
    const s = await t.apri({ schermo, js });
    await s.vai('/segui');
    await s.compila({ codice, chiave });
    await s.invia();
    await s.premi('a[href="/segui/risposta"], a[href*="risposta"]');
    vero((await s.testo('main')).includes('informa chi attende, ogni ora'), 'no answer');
    await s.controlla('risposta-timbrata');
    timbro = Object.fromEntries(await s.pagina.$$eval('.timbro dl > div', (l) => l.map((x) => [x.children[0].textContent, x.children[1].textContent])));
  });

  await t.passo(`anybody verifies the answer (${con})`, async () => {
    let s = await t.apri({ schermo, js });
    await s.vai('/verifica');
    await s.controlla('verifica');
    await s.compila({ id: timbro.Identificativo.toLowerCase() });
    await s.invia();
    const qui = `/verifica/${timbro.Identificativo.replaceAll('-', '')}`, segreto = timbro.Password.replaceAll('-', '');
    uguale(s.dove, qui, 'after the id');
    vero(!(await s.testo('main')).includes('informa chi attende'), 'the id alone opens the answer');
    await s.controlla('verifica-autentico');
    await s.compila({ password: 'AAAA-BBBB-CCCC-DDDD' });
    uguale(await s.invia(), 422, 'a wrong password');
    await s.controlla('verifica-errore');
    if (js) { // as the QR opens it
      s = await t.apri({ schermo, js });
      await s.pagina.goto(new URL(`${qui}#${segreto}`, s.base).href).catch(() => {}); // the page goes on by itself
      await s.pagina.waitForSelector('article .letter');
    } else {
      await s.compila({ password: timbro.Password });
      await s.invia();
    }
    vero((await s.testo('main')).includes('informa chi attende, ogni ora'), 'the password does not open the answer');
    vero(!s.pagina.url().includes(segreto), 'the password stays in the address');
    await s.controlla('verifica-aperto');
    await s.compila({ file: [fileURLToPath(import.meta.url)] });
    let spedito = '';
    s.pagina.on('request', (r) => { if (r.method() === 'POST') spedito = r.postData() ?? ''; });
    await s.premiParole('Confronta');
    vero(!js || /name="impronta"\s+[0-9a-f]{64}/.test(spedito) && !spedito.includes('schermi'), 'the file left the browser');
    vero((await s.testo('main')).includes('No: il file non è uguale'), 'another file is taken for it');
    await s.controlla('verifica-diverso');
    uguale(await s.vai('/verifica/AAAABBBBCCCC'), 404, 'no such stamp');
    await s.controlla('verifica-sconosciuto');
  });

  await t.passo(`other offices do not see it (${con})`, async () => {
    for (const utente of ['urp.rivalta', 'resp.radiologia', 'direttore.amministrativo', 'dpo']) {
      const s = await entra(utente);
      uguale(await s.vai(pratica), 404, `${utente} opens it`);
      await s.controlla('desk-non-trovata');
    }
  });

  await t.passo(`who read it is on record (${con})`, async () => {
    const s = persone.dpo;
    await s.vai('/accessi');
    const righe = await s.pagina.$$eval('tbody tr', (l) => l.map((r) => r.textContent));
    vero(righe.some((r) => r.includes('Ha aperto la pratica') && r.includes('tutta')), 'no reading of the whole case');
    vero(!(await s.testo('main')).includes('attesa'), 'the record says what was read');
    uguale(await s.vai('/accessi?numero=boh'), 422, 'a number that is none');
    await s.controlla('desk-accessi-errori');
  });
}
