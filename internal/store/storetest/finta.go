package storetest

import (
	"context"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/vault"
)

// Finta is a case of which there are only the rows that the rules of access, and the
// lists they stand in, read.
type Finta struct {
	access.Oggetto
	Struttura string
	Attende   []string       // offices that it waits for
	Parola    *vault.Gettone // its one searchable word; nil: none
}

// GiornoFinto is when the rows say that it came, and when it falls due.
var GiornoFinto = day.Of(2026, time.March, 2)

// Metti stores its rows.
func (f Finta) Metti(ctx context.Context, s *store.Store) (vault.ID, error) {
	id := vault.NewID(Inizio)
	if f.Registro == "" {
		f.Registro = access.RegistroURP
	}
	return id, s.Update(ctx, pratica.Op{Ente: f.Ente, Registro: f.Registro}, func(t pratica.Tx) error {
		h := pratica.Testa{N: t.NuovaPratica(), ID: id, Ente: f.Ente, Registro: f.Registro, Codice: vault.NewCodice(), Scheda: []byte{1},
			RicevutaIl: t.Now(), Giorno: GiornoFinto, Slot: 1, Struttura: f.Struttura, Aperta: true, Scadenza: GiornoFinto}
		h.Anno, h.Numero = t.Numero()
		r := pratica.Righe{Testa: h, Nuova: true}
		for _, u := range f.Nucleo {
			r.Vede = append(r.Vede, pratica.RigaVede{Ufficio: u, Come: "n"})
		}
		for _, u := range f.Chiesto {
			r.Vede = append(r.Vede, pratica.RigaVede{Ufficio: u, Come: "r"})
		}
		for _, u := range f.Attende {
			r.Compiti = append(r.Compiti, pratica.RigaCompito{Ufficio: u, Scadenza: GiornoFinto, Cosa: "presa_in_carico", Gruppo: "istruttoria"})
		}
		t.Project(r)
		t.Siedono(h.N, GiornoFinto, f.Posti)
		if f.Parola != nil {
			t.Index(h.N, h.Anno, f.Parola[:])
		}
		return nil
	})
}
