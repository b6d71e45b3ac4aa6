package pratica

import (
	"fmt"
	"slices"
	"time"

	"tutela/internal/day"
	"tutela/internal/regolamento"
)

// nascita is a new case. What follows from its first act is worked out before
// the writer's turn, on the clock's day, and again only if that day has passed.
type nascita struct {
	amb        *Ambiente
	testa      Testa
	scheda     [32]byte // SHA-256 of the sealed summary
	mittente   []byte
	atto       Atto
	dichiarata day.Date // the day the paper arrived; zero: today

	il       time.Time // for which the rest was worked out
	aOre     bool      // a term counts from the very instant
	righe    Righe
	ricevuta Ricevuta
}

func (n *nascita) calcola(il time.Time) error {
	n.il = il
	n.atto.Il, n.atto.Giorno = il, day.In(il)
	if !n.dichiarata.IsZero() && n.dichiarata < n.atto.Giorno {
		n.atto.Giorno = n.dichiarata
	}
	n.testa.Giorno, n.testa.RicevutaIl, n.testa.Seq = n.atto.Giorno, il, 1
	reg, cal := n.amb.Regolamento, n.amb.Calendario
	st, err := reg.Apply(cal, regolamento.Stato{}, perFold(n.atto))
	if err != nil {
		return fmt.Errorf("fold opening act: %w", err)
	}
	n.aOre = slices.ContainsFunc(st.Termini, func(t regolamento.Termine) bool { return t.Ore > 0 })
	n.righe = proietta(n.amb, reg, cal, n.testa, st, n.atto)
	n.righe.Nuova = true
	n.ricevuta = ricevuta(n.amb, reg, cal, n.righe.Testa, st)
	return nil
}

// registra takes the number and the instant, and gives what is to be stored.
func (n *nascita) registra(tx Tx) (Registrato, Righe, error) {
	if day.In(n.il) != day.In(tx.Now()) || n.aOre {
		if err := n.calcola(tx.Now()); err != nil {
			return Registrato{}, Righe{}, err
		}
	}
	h, atto := &n.righe.Testa, n.atto
	h.N, h.RicevutaIl = tx.NuovaPratica(), tx.Now()
	h.Anno, h.Numero = tx.Numero()
	atto.N, atto.Il = h.N, h.RicevutaIl
	atto.Apertura = &Apertura{h.Registro, h.Anno, h.Numero, h.Codice, h.Slot, h.Regolamento, h.Calendario,
		h.Canale, h.Presidio, h.Struttura, h.Macro, h.URP, h.Ricezione, n.scheda[:], n.mittente}
	n.ricevuta.Anno, n.ricevuta.Numero, n.ricevuta.Ricevuta = h.Anno, h.Numero, h.RicevutaIl
	reg, err := sigilla(atto)
	return reg, n.righe, err
}
