package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"

	"tutela/internal/access"
	"tutela/internal/pratica"
)

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

// AllungaCoda puts so many rows at the end of the tail.
func AllungaCoda(ctx context.Context, s *Store, righe int) error {
	var frasi []frase
	for i := range righe {
		frasi = append(frasi, f(`insert into cerca (n, ente, anno, gettoni) values ($1, 'coda', 2026, $2)`, int64(1_000_000+i), make([]byte, 8)))
	}
	return s.sfondo(ctx, frasi...)
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

// RiempiCoda puts n rows of words of their own at the end of the tail.
func RiempiCoda(ctx context.Context, s *Store, ente string, n int) error {
	var frasi []frase
	for i := range n {
		g := make([]byte, 70*8)
		for k := range 70 {
			binary.BigEndian.PutUint64(g[k*8:], uint64(i)*0x9e3779b97f4a7c15+uint64(k))
		}
		frasi = append(frasi, f(`insert into cerca (n, ente, anno, gettoni) values ($1, $2, 2026, $3)`, int64(1_000_000+i), ente, g))
	}
	return s.sfondo(ctx, frasi...)
}

// Pezzi is how many pieces the index of SQLite is in.
func Pezzi(ctx context.Context, s *Store) (n int, err error) {
	err = s.db.QueryRowContext(ctx, `select count(distinct segid) from indice_idx`).Scan(&n)
	return n, err
}

// Manometti runs a statement behind everybody's back.
func Manometti(ctx context.Context, s *Store, q string, args ...any) error {
	return s.esegui(ctx, f(q, args...))
}

// QueryRegistro is how a register is read from a place in it.
func QueryRegistro(chi access.Chi, fl pratica.Filtro, il string) (string, []any) {
	q, a := qRegistro(chi, fl, il, 7)
	return q, a.Valori
}

// QueryIscritti is how the acts of a day are read.
func QueryIscritti() (string, []any) {
	q, a := qIscritti("asst", 1, 9, []string{"correzione", "annullamento"})
	return q, a.Valori
}

// Guarda reads rows behind everybody's back.
func Guarda(ctx context.Context, s *Store, q string, args ...any) (out [][]any, err error) {
	err = s.righe(ctx, q, args, func(r *sql.Rows) error {
		colonne, err := r.Columns()
		if err != nil {
			return err
		}
		riga := make([]any, len(colonne))
		dove := make([]any, len(colonne))
		for i := range riga {
			dove[i] = &riga[i]
		}
		out = append(out, riga)
		return r.Scan(dove...)
	})
	return out, err
}
