package store

import (
	"context"
	"fmt"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// FintaPratica stores the rows of a case that only the rules of access read.
func FintaPratica(ctx context.Context, s *Store, o access.Oggetto) (vault.ID, error) {
	id := vault.NewID(s.now())
	if o.Registro == "" {
		o.Registro = access.RegistroURP
	}
	return id, s.Update(ctx, pratica.Op{Ente: o.Ente, Registro: o.Registro}, func(t pratica.Tx) error {
		h := pratica.Testa{N: t.NuovaPratica(), ID: id, Ente: o.Ente, Registro: o.Registro, Codice: vault.NewCodice(), Scheda: []byte{1},
			RicevutaIl: t.Now(), Slot: 1}
		h.Anno, h.Numero = t.Numero()
		r := pratica.Righe{Testa: h, Nuova: true}
		for _, u := range o.Nucleo {
			r.Vede = append(r.Vede, pratica.RigaVede{Ufficio: u, Come: "n"})
		}
		for _, u := range o.Chiesto {
			r.Vede = append(r.Vede, pratica.RigaVede{Ufficio: u, Come: "r"})
		}
		t.Project(r)
		return nil
	})
}

// Riempi lets the embedded database grow by that many pages and no more, as a
// disk that is nearly full would.
func Riempi(_ context.Context, s *Store, pagine int) error {
	m := s.fila.m.(*sqliteMotore)
	var n int
	if err := m.esegui("pragma page_count", nil, func(r scansiona) error { return r.Scan(&n) }); err != nil {
		return err
	}
	return m.esegui(fmt.Sprintf("pragma max_page_count = %d", n+pagine), nil, func(scansiona) error { return nil })
}

// AllungaCoda puts a row at each end of a tail of so many.
func AllungaCoda(ctx context.Context, s *Store, righe int) error {
	return s.sfondo(ctx, f(`insert into cerca (n, ente, anno, gettoni) values ($1, 'coda', 2026, $2)`, int64(1_000_000), make([]byte, 8)),
		f(`insert into cerca (n, ente, anno, gettoni) values ($1, 'coda', 2026, $2)`, int64(1_000_000+righe), make([]byte, 8)))
}

// QuantePratiche counts the cases stored.
func QuantePratiche(ctx context.Context, s *Store) (n int) {
	if err := s.db.QueryRowContext(ctx, `select count(*) from pratiche`).Scan(&n); err != nil {
		return -1
	}
	return n
}

// Sigillate is how many sorts of values a change of the server's key seals again.
var Sigillate = len(sigillate)
