-- One text for both databases. Three marks become each engine's word:
--   BYTES (blob, bytea), INT8 (integer, bigint), NKEY (integer or bigint primary
--   key), and the closing of a table: ROWS (strict) or SLIM (strict, clustered).
-- Ids are 16 bytes made before the transaction; n and a only grow. Instants are
-- UTC text of fixed width, dates YYYY-MM-DD. Acts and contents are never updated.

-- +goose Up
create table enti (
  ente text not null primary key,
  config BYTES not null
) SLIM;

create table pratiche (
  n NKEY,
  id BYTES not null,
  ente text not null,
  registro text not null,
  anno INT8 not null,
  numero INT8 not null,
  codice text not null,
  tipo text not null,
  fase text not null,
  stato text not null,
  aperta INT8 not null check (aperta in (0,1)),
  slot INT8 not null,
  regolamento text not null,
  calendario text not null,
  seq INT8 not null,
  proiezione INT8 not null,
  ricevuta_il text not null,
  giorno text not null,
  canale text not null,
  presidio text not null,
  struttura text not null,
  macro text not null,
  urp text not null,
  ricezione text not null,
  incaricato text not null,
  natura text not null,
  scadenza text,
  termine text not null,
  chi_deve text not null,
  prossimo text not null,
  sospesa INT8 not null check (sospesa in (0,1)),
  scatto text,
  risposta_giorno text,
  chiusa_il text,
  vincolo INT8 not null check (vincolo in (0,1)),
  eliminata text,
  scheda BYTES not null
) ROWS;
create unique index pratiche_id on pratiche (id);
create unique index pratiche_codice on pratiche (codice);
create unique index pratiche_numero on pratiche (ente, numero, anno, registro);
create index pratiche_registro on pratiche (ente, registro, ricevuta_il, n);
create index pratiche_scadenza on pratiche (ente, scadenza, n) where aperta = 1;
create index pratiche_giorno on pratiche (ente, giorno, n);
create index pratiche_struttura on pratiche (ente, struttura, giorno, n);
create index pratiche_chiusa on pratiche (ente, chiusa_il, n) where chiusa_il is not null and eliminata is null;
create index pratiche_slot on pratiche (slot);
create index pratiche_scatto on pratiche (scatto) where scatto is not null;

create table atti (
  a NKEY,
  pratica INT8 not null,
  seq INT8 not null,
  kind text not null,
  il text not null,
  giorno text not null,
  persona text not null,
  busta BYTES not null,
  hash BYTES not null,
  sale BYTES not null,
  pos INT8 not null,
  foglia BYTES not null
) ROWS;
create unique index atti_pratica on atti (pratica, seq);

-- The tamper-evident log of each ente: how many leaves it has and the right edge of
-- their tree. A new epoch begins when an older state was put back.
create table log_testa (
  ente text not null primary key,
  epoca INT8 not null,
  n INT8 not null,
  bordo BYTES not null
) SLIM;

-- The hashes of the tree, of leaves and of whole subtrees, in the order of
-- golang.org/x/mod/sumdb/tlog.
create table log_hash (
  ente text not null,
  idx INT8 not null,
  hash BYTES not null,
  primary key (ente, idx)
) SLIM;

-- What stands in the log and is no act of a case: keys, people who read, rules.
create table log_fatti (
  ente text not null,
  pos INT8 not null,
  kind text not null,
  il text not null,
  testo BYTES not null,
  sale BYTES not null,
  foglia BYTES not null,
  primary key (ente, pos)
) SLIM;

-- The register of each day, as a fixed document: fino is the last act of that day.
create table giornalieri (
  ente text not null,
  giorno text not null,
  registro text not null,
  il text not null,
  numeri INT8 not null,
  annotazioni INT8 not null,
  fino INT8 not null,
  hash BYTES not null,
  testo BYTES not null,
  primary key (ente, giorno, registro)
) SLIM;

-- Signed states of the log, with the lines of the witnesses that co-signed them.
create table log_checkpoint (
  ente text not null,
  epoca INT8 not null,
  n INT8 not null,
  il text not null,
  nota BYTES not null,
  primary key (ente, epoca, n)
) SLIM;
create table log_cofirme (
  ente text not null,
  testimone text not null,
  epoca INT8 not null,
  n INT8 not null,
  il text not null,
  riga text not null,
  primary key (ente, testimone, epoca, n)
) SLIM;

-- k is a*16 + part: the sealed contents of one act stand together.
create table contenuti (
  k NKEY,
  parte text not null,
  bytes BYTES not null
) ROWS;

-- The keys of parts, each wrapped for one reader.
create table involucri (
  pratica INT8 not null,
  parte text not null,
  destinatario text not null,
  versione INT8 not null,
  chiusa BYTES not null,
  primary key (pratica, parte, destinatario)
) SLIM;

-- What the members of the UPT check at the unlock: the newest cases are theirs to open.
create index involucri_upt on involucri (versione, pratica) where destinatario = 'compartimento.upt';

-- What a case of a compartment of members is counted by, sealed to their key: one
-- row for each act that says something of it. It outlives the content.
create table cartellini (
  pratica INT8 not null,
  seq INT8 not null,
  versione INT8 not null,
  chiuso BYTES not null,
  primary key (pratica, seq)
) SLIM;

create table allegati (
  id BYTES not null primary key,
  pratica BYTES not null,
  ente text not null,
  atto INT8,
  parte text not null,
  dove text not null,
  dimensione INT8 not null,
  scheda BYTES not null,
  creato text not null
) ROWS;
create index allegati_pratica on allegati (pratica);

-- The stamps of the documents that were sent, by the id that is printed on them.
-- impronta is the document's SHA-256, of which the act has the hash with sale: both
-- go with the content of the case.
create table contrassegni (
  id text not null primary key,
  ente text not null,
  pratica INT8 not null,
  seq INT8 not null,
  impronta BYTES not null,
  sale BYTES not null
) SLIM;
create index contrassegni_pratica on contrassegni (pratica);

-- The documents that the ente's own protocol numbers: numero and il, empty while they
-- wait, are those of the act that stored the number. The rest is when to ask again.
create table protocolli (
  ente text not null,
  pratica INT8 not null,
  seq INT8 not null,
  verso text not null check (verso in ('ingresso','uscita')),
  numero text not null,
  il text not null,
  chiesto text not null,
  riprova text not null,
  tentativi INT8 not null,
  provato text not null,
  errore text not null,
  primary key (ente, pratica, seq)
) SLIM;
create index protocolli_numero on protocolli (ente, numero, pratica) where numero <> '';
create index protocolli_il on protocolli (ente, il);
create index protocolli_attesa on protocolli (ente, riprova) where numero = '';

-- Copies of attachments in the making, for who will be asked: what was decided of
-- each page, sealed; and where the copy is, once it was proved clean.
create table copie (
  ente text not null,
  pratica INT8 not null,
  file BYTES not null,
  versione INT8 not null,
  dove text not null,
  sigillo BYTES not null,
  primary key (ente, pratica, file)
) SLIM;

create table scatti (
  pratica INT8 not null,
  regola text not null,
  per text not null,
  giro INT8 not null,
  quale text not null,
  scadenza text not null,
  il text not null,
  esito text not null,
  primary key (pratica, regola, per, giro, quale, scadenza)
) SLIM;

-- What waits for an office: a row per case, its first term.
create table compiti (
  ente text not null,
  ufficio text not null,
  scadenza text not null,
  pratica INT8 not null,
  cosa text not null,
  gruppo text not null,
  primary key (ente, ufficio, scadenza, pratica)
) SLIM;
create index compiti_pratica on compiti (pratica);

-- Which offices may list a case: n = they handle it, r = they were asked.
create table vede (
  ente text not null,
  ufficio text not null,
  n INT8 not null,
  come text not null check (come in ('n','r')),
  primary key (ente, ufficio, n, come)
) SLIM;
create index vede_n on vede (n);

-- Who sits in the session of the Commissione that a case is given to read, by day:
-- nobody reads before dal or after al, whether these rows are still there or not.
create table siede (
  ente text not null,
  persona text not null,
  n INT8 not null,
  giorno text not null,
  dal text not null,
  al text not null,
  primary key (ente, persona, n)
) SLIM;
create index siede_n on siede (n);

create table cerca (
  n NKEY,
  ente text not null,
  anno INT8 not null,
  gettoni BYTES not null
) ROWS;

-- The counters: n and a of the whole database (ente empty), and one row per
-- register and year. ultimo_il keeps number order equal to time order.
create table numeri (
  ente text not null,
  registro text not null,
  anno INT8 not null,
  ultimo INT8 not null,
  ultimo_il text not null,
  primary key (ente, registro, anno)
) SLIM;
insert into numeri (ente, registro, anno, ultimo, ultimo_il) values ('', 'a', 0, 0, ''), ('', 'n', 0, 0, '');

create table organigrammi (
  ente text not null,
  versione INT8 not null,
  dal text not null,
  hash text not null,
  testo BYTES not null,
  primary key (ente, versione)
) SLIM;

create table regolamenti (
  hash text not null primary key,
  nome text not null,
  testo BYTES not null
) SLIM;

create table calendari (
  hash text not null primary key,
  testo BYTES not null
) SLIM;

create table in_vigore (
  ente text not null,
  registro text not null,
  dal text not null,
  regolamento text not null,
  calendario text not null,
  primary key (ente, registro, dal)
) SLIM;

create table persone (
  ente text not null,
  id text not null,
  utente text not null,
  nome text not null,
  attiva INT8 not null check (attiva in (0,1)),
  fattore text not null,
  creata text not null,
  primary key (ente, id)
) SLIM;
create unique index persone_utente on persone (ente, utente);

create table incarichi (
  ente text not null,
  persona text not null,
  ruolo text not null,
  unita text not null,
  dal text not null,
  al text not null,
  primary key (ente, persona, ruolo, unita, dal)
) SLIM;

-- Second factors and recovery codes, sealed under the server's key. ultimo is the
-- last step of an app that was accepted.
create table fattori (
  ente text not null,
  persona text not null,
  id BYTES not null,
  tipo text not null check (tipo in ('app','passkey','codice')),
  nome text not null,
  segreto BYTES not null,
  ultimo INT8 not null,
  creato text not null,
  usato text not null,
  primary key (ente, persona, id)
) SLIM;

-- What opens a door once: whoever put its own mark on the key first has it.
create table usati (
  chiave BYTES not null primary key,
  segno BYTES not null,
  fino text not null
) SLIM;

-- Who must have a second factor; no row: everybody.
create table regole_accesso (
  ente text not null primary key,
  libero INT8 not null check (libero in (0,1)),
  dal text not null,
  motivo text not null
) SLIM;

-- What was done to a person's access, or to the rule (persona empty). dire: the
-- person has not been told yet. Never updated but for that.
create table notizie (
  ente text not null,
  id BYTES not null,
  persona text not null,
  chi text not null,
  cosa text not null,
  nota text not null,
  il text not null,
  dire INT8 not null check (dire in (0,1)),
  primary key (ente, id)
) SLIM;
create index notizie_persona on notizie (ente, persona, il);

-- What was done to the keys of a compartment of members. impronta: the version as it
-- was left; fatto: the key store has it. Never updated but for that.
create table atti_chiavi (
  ente text not null,
  compartimento text not null,
  n INT8 not null,
  il text not null,
  chi text not null,
  persona text not null,
  cosa text not null,
  versione INT8 not null,
  chiave text not null,
  nota text not null,
  impronta BYTES,
  fatto INT8 not null check (fatto in (0,1)),
  primary key (ente, compartimento, n)
) SLIM;

-- mezza: the password was right, the second factor is awaited. stato: a person's own
-- key while it is unlocked, sealed under the cookie.
create table sessioni (
  id BYTES not null primary key,
  ente text not null,
  persona text not null,
  creata text not null,
  vista text not null,
  conferma text not null,
  mezza INT8 not null check (mezza in (0,1)),
  con text not null,
  rete text not null,
  dispositivo text not null,
  stato BYTES
) SLIM;
create index sessioni_persona on sessioni (ente, persona);

create table token (
  id BYTES not null primary key,
  ente text not null,
  persona text not null,
  nome text not null,
  creato text not null,
  scade text not null
) SLIM;

create table bozze (
  id BYTES not null primary key,
  ente text not null,
  sigillo BYTES not null,
  scade text not null
) ROWS;
create index bozze_scade on bozze (scade);

create table richieste (
  id BYTES not null primary key,
  ente text not null,
  pratica INT8 not null,
  risposta BYTES not null,
  il text not null
) ROWS;
create index richieste_il on richieste (il);

create table tentativi (
  chiave BYTES not null primary key,
  n INT8 not null,
  fino text not null
) SLIM;

-- Lists of files to be eliminated: proposed by one person, approved by another.
create table scarti (
  ente text not null,
  n INT8 not null,
  registro text not null,
  proposto_da text not null,
  proposto_il text not null,
  nulla_osta text not null,
  approvato_da text not null,
  approvato_il text not null,
  stato text not null check (stato in ('proposto','approvato','eseguito','ritirato')),
  primary key (ente, n)
) SLIM;

-- fatta: 0 not begun or under way, 1 its words are out of the index, 2 done.
create table scarti_pratiche (
  ente text not null,
  scarto INT8 not null,
  pratica INT8 not null,
  fatta INT8 not null check (fatta in (0,1,2)),
  primary key (ente, scarto, pratica)
) SLIM;
create index scarti_pratiche_n on scarti_pratiche (pratica);

-- How far the searchable words of a year were written again, under a new key, after
-- the files of a list were eliminated.
create table riscritture (
  ente text not null,
  scarto INT8 not null,
  anno INT8 not null,
  versione INT8 not null,
  fino INT8 not null,
  primary key (ente, scarto, anno)
) SLIM;

-- Who read what: one row for person, case and way in a quarter of an hour.
-- Case 0 stands for a list. Never updated.
create table accessi (
  ente text not null,
  il text not null,
  pratica INT8 not null,
  persona text not null,
  ufficio text not null,
  come text not null,
  parte text not null,
  primary key (ente, il, pratica, persona, come, parte)
) SLIM;
create index accessi_pratica on accessi (pratica, il);
create index accessi_persona on accessi (ente, persona, il);

create table viste (
  ente text not null,
  persona text not null,
  nome text not null,
  filtro text not null,
  primary key (ente, persona, nome)
) SLIM;
