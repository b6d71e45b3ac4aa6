package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tutela/internal/pratica"
)

// Contrassegno gives the stamp with an id, with the case of the document.
func (s *Store) Contrassegno(ctx context.Context, ente, id string) (pratica.Contrassegno, error) {
	x := pratica.Contrassegno{ID: id}
	var di []byte
	err := s.db.QueryRowContext(ctx, `select p.id, c.pratica, c.seq, c.impronta, c.sale from contrassegni c
join pratiche p on p.n = c.pratica and p.ente = c.ente where c.ente = $1 and c.id = $2`, ente, id).Scan(&di, &x.N, &x.Seq, &x.Impronta, &x.Sale)
	if errors.Is(err, sql.ErrNoRows) {
		return x, errAssente
	}
	if err != nil {
		return x, fmt.Errorf("read stamp: %w", err)
	}
	copy(x.Pratica[:], di)
	return x, nil
}
