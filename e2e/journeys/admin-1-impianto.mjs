// The administrator's pages on the demonstration ente, without scripts and at
// both widths: a person with a role, a chart with errors and then a sound one,
// an office, the ente's data, the rules, a token.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { schermi, uguale, vero } from '../lib.mjs';

export const titolo = 'administrator';

export default async function (t) {
  const file = mkdtempSync(path.join(tmpdir(), 'tutela-org-'));
  try {
    for (const schermo of Object.keys(schermi)) await giro(t, schermo, file);
  } finally {
    rmSync(file, { recursive: true, force: true });
  }
}

async function giro(t, schermo, file) {
  const s = await t.apri({ schermo, js: false });
  const conto = await t.entra(s, 'amministratore');
  const passo = (cosa, fa) => t.passo(`${schermo}: ${cosa}`, fa);
  const pagina = async (dove, nome) => { uguale(await s.vai(dove), 200, dove); await s.controlla(`adm-${nome}`); };
  const premi = async (css, stato = 200) => { uguale(await s.premi(css), stato, css); };
  // A step that wants a proof asks for it once in five minutes.
  const conferma = async () => {
    if (!await s.vede('form[action="/conferma"]')) return;
    await s.controlla('adm-conferma');
    await s.compila({ password: conto.password });
    await s.premiParole('Conferma e continua');
  };

  await passo('what is set up', () => pagina('/amministrazione', 'inizio'));
  await passo('people', () => pagina('/amministrazione/persone', 'persone'));
  await passo('people by name', async () => {
    await s.compila({ parole: 'zzzz' });
    await premi('form[role=search][action$=persone] button');
    vero((await s.testo('main')).includes('Nessun risultato'), 'no empty state');
    await s.controlla('adm-persone-nessuna');
  });
  await passo('a person is refused, then added', async () => {
    await pagina('/amministrazione/persone/nuova', 'persona-nuova');
    await s.compila({ nome: `Persona ${schermo}`, utente: `prova.${schermo}`, ruolo: 'urp', unita: 'non esiste' });
    await s.premiParole('Aggiungi la persona');
    await conferma();
    uguale(s.stato, 422, 'status');
    await s.controlla('adm-persona-errore');
    await s.compila({ unita: 'URP-SANTA-CHIARA' });
    await s.premiParole('Aggiungi la persona');
    await conferma();
    uguale(s.stato, 200, 'status');
    vero(/^[a-z2-9]{6}(-[a-z2-9]{6}){2}$/.test(await s.testo('#segreto')), 'no provisional password');
    await s.controlla('adm-persona-password');
  });
  await passo('a role with an end, then no more', async () => {
    uguale(await s.vai('/amministrazione/persone?ruolo=urp'), 200, 'people');
    await s.premiParole(`Persona ${schermo}`);
    await s.compila({ ruolo: 'dpo', unita: '' });
    await s.premiParole('Salva il ruolo');
    await conferma();
    await s.controlla('adm-persona');
    await s.premiParole('Disattiva');
    await conferma();
    vero((await s.testo('main')).includes('non può più entrare'), 'not disabled');
  });
  await passo('the chart', () => pagina('/amministrazione/organigramma', 'organigramma'));
  await passo('a chart with errors, by line', async () => {
    await pagina('/amministrazione/organigramma/importa', 'importa');
    const f = path.join(file, 'rotto.csv');
    writeFileSync(f, 'id,codice,tipo,nome,pardre\nA,,reparto,Uno,\nA,,SC,,\n');
    await s.compila({ unita: [f] });
    uguale(await s.premiParole('Controlla i file'), 422, 'status');
    await s.controlla('adm-importa-errori');
  });
  await passo('a sound chart shows what it would change', async () => {
    const testo = await csv(s, t, 'organigramma.csv');
    const f = path.join(file, 'organigramma.csv');
    const mutato = testo.split('\n').filter((r) => !r.startsWith('FO-RIVALTA,')).join('\n').replace('Direzione Amministrativa', 'Direzione Amministrativa e Risorse');
    writeFileSync(f, mutato);
    const altri = {};
    for (const [campo, nome] of [['relazioni', 'organigramma-relazioni.csv'], ['presidi', 'presidi.csv']]) {
      altri[campo] = path.join(file, nome);
      writeFileSync(altri[campo], await csv(s, t, nome));
    }
    await s.vai('/amministrazione/organigramma/importa');
    await s.compila({ unita: [f], relazioni: [altri.relazioni], presidi: [altri.presidi] });
    uguale(await s.premiParole('Controlla i file'), 200, 'status');
    vero((await s.testo('main')).includes('non c\'è più'), 'no difference');
    await s.controlla('adm-prova-organigramma');
  });
  await passo('offices', async () => {
    await pagina('/amministrazione/uffici', 'uffici');
    await s.premiParole('Modifica');
    await s.controlla('adm-ufficio');
    await s.compila({ altra: 'non esiste' });
    uguale(await s.premiParole('Salva l’ufficio'), 422, 'status');
    await s.controlla('adm-ufficio-errore');
    await s.compila({ altra: '' });
    uguale(await s.premiParole('Salva l’ufficio'), 200, 'status');
  });
  await passo('a unit with keys of its own', async () => {
    await pagina('/amministrazione/chiavi', 'chiavi');
    await s.compila({ unita: 'non esiste' });
    uguale(await s.premiParole('Aggiungi'), 422, 'status');
    await s.controlla('adm-chiavi-errore');
    await s.compila({ unita: '50102' });
    uguale(await s.premiParole('Aggiungi'), 200, 'status');
    vero((await s.testo('main')).includes('(50102)'), 'the unit is not there');
    await s.controlla('adm-chiavi-aggiunta');
    await s.pagina.click('details:has(input[value="50102"]) summary');
    uguale(await s.premi('form:has(input[value="50102"]) button'), 200, 'status');
    vero(!(await s.testo('main')).includes('(50102)'), 'the unit is still there');
  });
  await passo('the ente', async () => {
    await pagina('/amministrazione/ente', 'ente');
    await s.compila({ telefono: 'chiamami' });
    await s.premi('main form button');
    await conferma();
    uguale(s.stato, 422, 'status');
    await s.controlla('adm-ente-errore');
    await s.compila({ telefono: '800 000 000' });
    await s.premi('main form button');
    await conferma();
    vero((await s.testo('main')).includes('I dati dell\'ente sono salvati'), 'not saved');
  });
  await passo('a wrong password where it is asked again', async () => {
    uguale(await s.vai('/conferma?poi=/amministrazione/ente'), 200, 'status');
    await s.compila({ password: 'non è questa' });
    uguale(await s.premiParole('Conferma e continua'), 422, 'status');
    await s.controlla('adm-conferma-errore');
    await s.compila({ password: conto.password });
    await s.premiParole('Conferma e continua');
    uguale(s.dove, '/amministrazione/ente', 'back where one was going');
  });
  await passo('the rules', async () => {
    await pagina('/amministrazione/regolamento', 'regolamento');
    await pagina('/amministrazione/regolamento/carica', 'carica-regolamento');
    const f = path.join(file, 'rotto.yaml');
    writeFileSync(f, 'regolamento: prova\nsorpresa: 1\n');
    await s.compila({ file: [f] });
    uguale(await s.premiParole('Carica e controlla'), 422, 'status');
    await s.controlla('adm-carica-errori');
    await s.compila({ pronto: 'pga01' });
    uguale(await s.premi('main form button'), 200, 'status');
    await s.controlla('adm-prova-regolamento');
    await s.premiParole('Pubblica il regolamento');
    await conferma();
    vero((await s.testo('main')).includes('Il regolamento è pubblicato'), 'not published');
  });
  await passo('a token, seen once, then taken away', async () => {
    await pagina('/amministrazione/token', 'token');
    await s.compila({ nome: `Prova ${schermo}` });
    await s.premiParole('Crea il token');
    await conferma();
    vero((await s.testo('#segreto')).startsWith('tut_'), 'no token');
    await s.controlla('adm-token-nuovo');
    await s.premiParole('Togli');
    vero(!await s.vede('#segreto'), 'the token is still shown');
  });
  await passo('who is no administrator is refused', async () => {
    const u = await t.apri({ schermo, js: false });
    await t.entra(u, 'urp-aziendale');
    uguale(await u.vai('/amministrazione/persone'), 403, 'status');
    await u.controlla('adm-vietato');
  });
}

// csv is a file of the chart in force, asked with the administrator's cookies.
async function csv(s, t, nome) {
  const biscotti = (await s.pagina.cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
  const r = await fetch(new URL(`/amministrazione/organigramma/file/${nome}`, t.base), { headers: { cookie: biscotti } });
  uguale(r.status, 200, nome);
  return r.text();
}
