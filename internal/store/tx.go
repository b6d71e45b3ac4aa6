package store

import (
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// tx is one change within its group: reads were made already, writes are
// gathered. Counters are taken from copies, so a change that fails leaves no gap.
type tx struct {
	r      *richiesta
	g      *gruppo
	a, n   int64
	numeri map[chiaveNumero]int64
	log    *testaLog // after the leaves of this change; nil: as the group has it
	frasi  []frase
	err    error  // of a leaf that has no place in the log
	unione string // of the tokens of a row and of one that comes
}

func (t *tx) scrivi(q string, args ...any) { t.frasi = append(t.frasi, f(q, args...)) }

// aggiungi adds a row to a table: q has its columns once, as ($1,$2…).
func (t *tx) aggiungi(q string, args ...any) { t.frasi = append(t.frasi, frase{q, args, true}) }

// Now is the group's instant.
func (t *tx) Now() time.Time { return t.g.now }

// Testa is the head row of the case that the Op named.
func (t *tx) Testa() (pratica.Testa, bool) {
	if t.r.testa == nil {
		return pratica.Testa{}, false
	}
	return *t.r.testa, true
}

// Atti are the acts of the case that the Op named, in order.
func (t *tx) Atti() []pratica.Registrato { return t.r.atti }

// Richiesta is the stored answer of the idempotent request that the Op named.
func (t *tx) Richiesta() ([]byte, bool) { return t.r.risposta, t.r.risposta != nil }

// Numero takes the next number of the Op's register, in the year of Rome in
// which the group's instant falls. A change that fails gives it back.
func (t *tx) Numero() (anno, numero int) {
	k := chiaveNumero{t.r.op.Ente, t.r.op.Registro, t.g.anno()}
	ultimo, preso := t.numeri[k]
	if !preso {
		ultimo = t.g.numeri[k]
	}
	t.numeri[k] = ultimo + 1
	return k.anno, int(ultimo + 1)
}

// NuovaPratica takes the next n.
func (t *tx) NuovaPratica() int64 { t.n++; return t.n }

// Append stores an act with its sealed contents. Nothing updates them later.
func (t *tx) Append(r pratica.Registrato, contenuti []pratica.Contenuto) {
	t.a++
	at := r.Atto
	pos, foglia := t.foglia(r)
	t.aggiungi(`insert into atti (a, pratica, seq, kind, il, giorno, persona, busta, hash, sale, pos, foglia)
values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		t.a, at.N, at.Seq, at.Kind, scriviIstante(at.Il), at.Giorno.String(), at.Persona, r.Busta, r.Hash, r.Sale, pos, foglia)
	for _, c := range contenuti {
		t.aggiungi(`insert into contenuti (k, parte, bytes) values ($1,$2,$3)`, t.a*16+int64(c.N), c.Parte, c.Bytes)
	}
}

// Avvolgi stores the keys of parts of a case, wrapped for their readers.
func (t *tx) Avvolgi(n int64, involucri []vault.Involucro) {
	for _, x := range involucri {
		t.aggiungi(`insert into involucri (pratica, parte, destinatario, versione, chiusa) values ($1,$2,$3,$4,$5)`,
			n, x.Nome, x.Destinatario, x.Versione, x.Chiusa)
	}
}

// Riavvolgi stores the keys of parts of a case for another version of a reader's key,
// in the place of the one before.
func (t *tx) Riavvolgi(n int64, involucri []vault.Involucro) {
	for _, x := range involucri {
		t.scrivi(`insert into involucri (pratica, parte, destinatario, versione, chiusa) values ($1,$2,$3,$4,$5)
on conflict (pratica, parte, destinatario) do update set versione = excluded.versione, chiusa = excluded.chiusa`,
			n, x.Nome, x.Destinatario, x.Versione, x.Chiusa)
	}
}

// Concedi stores the keys of parts of a case given to one more reader; who has one
// already keeps it.
func (t *tx) Concedi(n int64, involucri []vault.Involucro) {
	for _, x := range involucri {
		t.scrivi(`insert into involucri (pratica, parte, destinatario, versione, chiusa) values ($1,$2,$3,$4,$5) on conflict do nothing`,
			n, x.Nome, x.Destinatario, x.Versione, x.Chiusa)
	}
}

// Siedono stores who sits in the session that a case is given to, in the place of who
// did. With nobody the session is over.
func (t *tx) Siedono(n int64, giorno day.Date, posti []access.Posto) {
	t.scrivi(`delete from siede where n = $1`, n)
	for _, x := range posti {
		t.scrivi(`insert into siede (ente, persona, n, giorno, dal, al) values ($1,$2,$3,$4,$5,$6)`,
			t.r.op.Ente, x.Persona, n, giorno.String(), x.Dal.String(), x.Al.String())
	}
}

// Togli deletes the keys of a case's parts that were wrapped for a reader.
func (t *tx) Togli(n int64, destinatario string) {
	t.scrivi(`delete from involucri where pratica = $1 and destinatario = $2`, n, destinatario)
}

// Cartellino stores a new card of a case.
func (t *tx) Cartellino(n int64, c pratica.CartellinoChiuso) {
	t.aggiungi(`insert into cartellini (pratica, seq, versione, chiuso) values ($1,$2,$3,$4)`, n, c.Seq, c.Versione, c.Bytes)
}

// Allega stores the row of a file whose ciphertext is in the blob store already.
func (t *tx) Allega(x pratica.Allegato) {
	t.aggiungi(`insert into allegati (id, pratica, ente, atto, parte, dove, dimensione, scheda, creato)
values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		x.ID[:], x.Pratica[:], x.Ente, t.a, x.Parte, x.Dove, x.Dimensione, x.Scheda, scriviIstante(t.g.now))
}

// Timbra stores the row by which a stamp is found.
func (t *tx) Timbra(x pratica.Contrassegno) {
	t.aggiungi(`insert into contrassegni (id, ente, pratica, seq, impronta, sale) values ($1,$2,$3,$4,$5,$6)`, x.ID, t.r.op.Ente, x.N, x.Seq, x.Impronta, x.Sale)
}

// Project replaces the derived rows of a case.
func (t *tx) Project(r pratica.Righe) {
	h := r.Testa
	comuni := []any{h.N, h.Tipo, h.Fase, h.Stato, bit(h.Aperta), h.Seq, proiezione, h.Struttura, h.Macro, h.URP,
		h.Incaricato, h.Natura, nullo(h.Scadenza.String()), h.Termine, h.ChiDeve, h.Prossimo, bit(h.Sospesa),
		nullo(scriviIstante(h.Scatto)), nullo(h.RispostaIl.String()), nullo(h.ChiusaIl.String()), bit(h.Vincolo), nullo(h.Eliminata.String()), h.Scheda}
	if r.Nuova {
		t.aggiungi(`insert into pratiche (n, tipo, fase, stato, aperta, seq, proiezione, struttura, macro, urp,
incaricato, natura, scadenza, termine, chi_deve, prossimo, sospesa, scatto, risposta_giorno, chiusa_il, vincolo, eliminata, scheda,
id, ente, registro, anno, numero, codice, slot, regolamento, calendario, ricevuta_il, giorno, canale, presidio, ricezione)
values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35,$36,$37)`,
			append(comuni, h.ID[:], h.Ente, h.Registro, h.Anno, h.Numero, h.Codice, h.Slot,
				h.Regolamento, h.Calendario, scriviIstante(h.RicevutaIl), h.Giorno.String(), h.Canale, h.Presidio, h.Ricezione)...)
	} else {
		t.scrivi(`update pratiche set tipo=$2, fase=$3, stato=$4, aperta=$5, seq=$6, proiezione=$7, struttura=$8, macro=$9, urp=$10,
incaricato=$11, natura=$12, scadenza=$13, termine=$14, chi_deve=$15, prossimo=$16, sospesa=$17, scatto=$18, risposta_giorno=$19, chiusa_il=$20, vincolo=$21, eliminata=$22, scheda=$23
where n=$1`, comuni...)
		t.scrivi(`delete from compiti where pratica=$1`, h.N)
	}
	for _, x := range r.Compiti {
		t.aggiungi(`insert into compiti (ente, ufficio, scadenza, pratica, cosa, gruppo) values ($1,$2,$3,$4,$5,$6)`,
			h.Ente, x.Ufficio, x.Scadenza.String(), h.N, x.Cosa, x.Gruppo)
	}
	for _, x := range r.Vede {
		t.aggiungi(`insert into vede (ente, ufficio, n, come) values ($1,$2,$3,$4) on conflict do nothing`, h.Ente, x.Ufficio, h.N, x.Come)
	}
}

// Index leaves searchable tokens of a case in the tail, beside those that are there; a
// job moves them into the database's own index.
func (t *tx) Index(n int64, anno int, gettoni []byte) {
	t.aggiungi(`insert into cerca (n, ente, anno, gettoni) values ($1,$2,$3,$4)
on conflict (n) do update set gettoni = `+t.unione, n, t.r.op.Ente, anno, gettoni)
}

// Ricorda stores the sealed answer of the idempotent request; n is the case whose
// chiave it holds, 0 for none.
func (t *tx) Ricorda(risposta []byte, n int64) {
	t.aggiungi(`insert into richieste (id, ente, pratica, risposta, il) values ($1,$2,$3,$4,$5)`,
		t.r.op.Chiave, t.r.op.Ente, n, risposta, scriviIstante(t.g.now))
}

// Supera leaves of the answers that hold a chiave of a case only that they were given.
func (t *tx) Supera(n int64) {
	t.scrivi(`update richieste set risposta = $1 where ente = $2 and pratica = $3`, pratica.Superata, t.r.op.Ente, n)
}

// Scatti records warnings and lapses; the same one twice is one.
func (t *tx) Scatti(n int64, scatti []pratica.Scatto) {
	for _, x := range scatti {
		esito := "fatto"
		if x.Saltato {
			esito = "saltato"
		}
		t.aggiungi(`insert into scatti (pratica, regola, per, giro, quale, scadenza, il, esito) values ($1,$2,$3,$4,$5,$6,$7,$8) on conflict do nothing`,
			n, x.Regola, x.Per, x.Giro, x.Quale, x.Scadenza.String(), scriviIstante(t.g.now), esito)
	}
}
