package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"tutela/internal/fault"
	"tutela/internal/pratica"
)

const maxCopia = 1 << 20 // bytes, sealed

// Copie gives the copies of a case's attachments, ready or in the making.
func (s *Store) Copie(ctx context.Context, ente string, n int64) ([]pratica.RigaCopia, error) {
	rows, err := s.db.QueryContext(ctx, `select file, versione, dove, sigillo from copie where ente = $1 and pratica = $2 order by file`, ente, n)
	if err != nil {
		return nil, fmt.Errorf("read copies: %w", err)
	}
	defer rows.Close()
	var out []pratica.RigaCopia
	for rows.Next() {
		var r pratica.RigaCopia
		var file []byte
		if err := rows.Scan(&file, &r.Versione, &r.Dove, &r.Sigillo); err != nil {
			return nil, fmt.Errorf("read copies: %w", err)
		}
		copy(r.File[:], file)
		out = append(out, r)
	}
	return out, rows.Err()
}

// SalvaCopia writes a copy as it is now, over the version before it.
func (s *Store) SalvaCopia(ctx context.Context, ente string, n int64, r pratica.RigaCopia) error {
	if len(r.Sigillo) > maxCopia {
		return fault.New(fault.TooLarge, "In questo file ci sono troppi riquadri. Dividilo, oppure togline qualcuno.")
	}
	if err := s.esegui(ctx, f(`insert into copie (ente, pratica, file, versione, dove, sigillo) values ($1,$2,$3,$4,$5,$6)
on conflict (ente, pratica, file) do update set versione = excluded.versione, dove = excluded.dove, sigillo = excluded.sigillo
where copie.versione = excluded.versione - 1`, ente, n, r.File[:], r.Versione, r.Dove, r.Sigillo)); err != nil {
		return err
	}
	tutte, err := s.Copie(ctx, ente, n)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(tutte, func(x pratica.RigaCopia) bool { return x.File == r.File && bytes.Equal(x.Sigillo, r.Sigillo) }) {
		return fault.New(fault.Conflict, "Intanto un'altra persona ha lavorato su questa copia. Ricarica la pagina: vedrai che cosa ha fatto.")
	}
	return nil
}
