package store

import (
	"database/sql"

	"tutela/internal/day"
	"tutela/internal/pratica"
)

// proiezione is the version of the derived rows: a change of Project raises it,
// and rows of an older one are made again.
const proiezione = 1

// What a change reads of its case, in the shared text.
const (
	colonneTesta = `p.n, p.id, p.ente, p.registro, p.anno, p.numero, p.codice, p.tipo, p.fase, p.stato,
p.aperta, p.slot, p.regolamento, p.calendario, p.seq, p.ricevuta_il, p.giorno, p.canale, p.presidio, p.struttura, p.macro, p.urp,
p.ricezione, p.incaricato, p.natura, p.scadenza, p.termine, p.chi_deve, p.prossimo, p.sospesa, p.scatto, p.risposta_giorno, p.chiusa_il, p.vincolo, p.eliminata, p.scheda`
	qTesta     = `select ` + colonneTesta + ` from pratiche p where p.id = $1`
	qAtti      = `select t.a, t.busta, t.hash, t.sale, t.pos, t.foglia from atti t join pratiche p on p.n = t.pratica where p.id = $1 order by t.seq`
	qRichiesta = `select risposta from richieste where id = $1`
)

// scansiona is a row of either driver.
type scansiona interface{ Scan(...any) error }

func leggiTesta(r scansiona, altro ...any) (pratica.Testa, error) {
	var (
		h                          pratica.Testa
		id                         []byte
		aperta, sospesa, vincolo   int64
		ricevuta, giorno           string
		scadenza, scatto, risposta sql.NullString
		chiusa, eliminata          sql.NullString
	)
	err := r.Scan(append([]any{&h.N, &id, &h.Ente, &h.Registro, &h.Anno, &h.Numero, &h.Codice, &h.Tipo, &h.Fase, &h.Stato,
		&aperta, &h.Slot, &h.Regolamento, &h.Calendario, &h.Seq, &ricevuta, &giorno, &h.Canale, &h.Presidio, &h.Struttura, &h.Macro, &h.URP,
		&h.Ricezione, &h.Incaricato, &h.Natura, &scadenza, &h.Termine, &h.ChiDeve, &h.Prossimo, &sospesa, &scatto, &risposta,
		&chiusa, &vincolo, &eliminata, &h.Scheda}, altro...)...)
	if err != nil {
		return h, err
	}
	copy(h.ID[:], id)
	h.Aperta, h.Sospesa, h.Vincolo = aperta == 1, sospesa == 1, vincolo == 1
	h.ChiusaIl, h.Eliminata = leggiData(chiusa.String), leggiData(eliminata.String)
	h.RicevutaIl, h.Scatto = leggiIstante(ricevuta), leggiIstante(scatto.String)
	h.Giorno, h.Scadenza, h.RispostaIl = leggiData(giorno), leggiData(scadenza.String), leggiData(risposta.String)
	return h, nil
}

func leggiData(s string) day.Date {
	d, err := day.Parse(s)
	if err != nil {
		return 0
	}
	return d
}

func leggiAtto(r scansiona, altro ...any) (pratica.Registrato, error) {
	var x pratica.Registrato
	if err := r.Scan(append([]any{&x.A, &x.Busta, &x.Hash, &x.Sale, &x.Pos, &x.Foglia}, altro...)...); err != nil {
		return x, err
	}
	at, err := pratica.DecodeBusta(x.Busta)
	x.Atto = at
	return x, err
}

// contatori fills the group's counters and moves its instant past the last one
// stored: number order is time order, also when the clock goes back.
func (g *gruppo) contatori(registro string, ultimo int64, ultimoIl string) {
	switch registro {
	case "a":
		g.a = ultimo
		if t := leggiIstante(ultimoIl); t.After(g.now) {
			g.now = t
		}
	case "n":
		g.n = ultimo
	}
}
