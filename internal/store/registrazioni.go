package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/pratica"
)

// delRegistro is a register as who coordinates it reads it: n and the numbers go the
// same way as the instants, so one index gives any stretch of it.
func (s *Store) delRegistro(ctx context.Context, chi access.Chi, fl pratica.Filtro) (pratica.Pagina, error) {
	var il string
	c, seguito := leggiCursore(fl.Dopo)
	if seguito {
		err := s.db.QueryRowContext(ctx, `select ricevuta_il from pratiche where ente = $1 and n = $2`, chi.Ente, c.n).Scan(&il)
		if errors.Is(err, sql.ErrNoRows) {
			return pratica.Pagina{}, nil
		}
		if err != nil {
			return pratica.Pagina{}, fmt.Errorf("list a register: %w", err)
		}
	}
	q, a := qRegistro(chi, fl, il, c.n)
	return s.pagina(ctx, chi, fl, q, a)
}

// qRegistro reads a register down from a place in it; il empty: from its end.
func qRegistro(chi access.Chi, fl pratica.Filtro, il string, n int64) (string, *access.Args) {
	a := &access.Args{}
	if il != "" {
		fl.RegistrataAl = 0 // the place is before it: of two bounds the index would be read down from the wrong one
	}
	ente := a.Add(chi.Ente)
	dove := condizioni(chi, fl, a)
	if il != "" {
		dove = append(dove, "(p.ricevuta_il, p.n) < ("+a.Add(il)+","+a.Add(n)+")")
	}
	return `select ` + colonneTesta + ` from pratiche p where p.ente = ` + ente + ` and ` + strings.Join(dove, " and ") +
		` order by p.ricevuta_il desc, p.n desc limit ` + strconv.Itoa(fl.Limite+1), a
}

// Annotati gives, of each case, the act that opened it and those of some kinds, in
// their order.
func (s *Store) Annotati(ctx context.Context, pratiche []int64, kinds []string) (map[int64][]pratica.Registrato, error) {
	out := make(map[int64][]pratica.Registrato, len(pratiche))
	if len(pratiche) == 0 {
		return out, nil
	}
	a := &access.Args{}
	q := `select a, busta, hash, sale, pos, foglia, pratica from atti where pratica in (` + strings.Join(posti(a, pratiche), ",") +
		`) and (seq = 1 or kind in ` + a.In(kinds) + `) order by pratica, seq`
	err := s.righe(ctx, q, a.Valori, func(r *sql.Rows) error {
		var n int64
		x, err := leggiAtto(r, &n)
		out[n] = append(out[n], x)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read annotations: %w", err)
	}
	return out, nil
}
