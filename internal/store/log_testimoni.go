package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tutela/internal/registro"
)

// Newest is the last checkpoint of an ente's log that was kept.
func (s *Store) Newest(ctx context.Context, ente string) (registro.Signed, error) {
	return leggiCheckpoint(s.db.QueryRowContext(ctx,
		`select epoca, il, nota from log_checkpoint where ente = $1 order by epoca desc, n desc limit 1`, ente))
}

// Kept is the checkpoint of a size that was shown.
func (s *Store) Kept(ctx context.Context, ente string, epoch int, size int64) (registro.Signed, error) {
	return leggiCheckpoint(s.db.QueryRowContext(ctx,
		`select epoca, il, nota from log_checkpoint where ente = $1 and epoca = $2 and n = $3`, ente, epoch, size))
}

func leggiCheckpoint(r *sql.Row) (x registro.Signed, err error) {
	var il string
	if err = r.Scan(&x.Epoch, &il, &x.Note); errors.Is(err, sql.ErrNoRows) {
		return registro.Signed{}, nil
	}
	if err == nil {
		x.At = leggiIstante(il)
		x.Checkpoint, err = registro.ReadCheckpoint(x.Note)
	}
	if err != nil {
		return x, fmt.Errorf("read a checkpoint: %w", err)
	}
	return x, nil
}

// SaveCosignature keeps the line of a witness under a checkpoint, the first that comes.
func (s *Store) SaveCosignature(ctx context.Context, ente string, epoch int, size int64, c registro.Cosignature) error {
	return s.esegui(ctx, f(`insert into log_cofirme (ente, testimone, epoca, n, il, riga) values ($1,$2,$3,$4,$5,$6) on conflict do nothing`,
		ente, registro.WitnessID(c.Witness), epoch, size, scriviIstante(c.At), c.Line))
}

// Seen is up to where each witness co-signed an epoch of an ente's log.
func (s *Store) Seen(ctx context.Context, ente string, epoch int) (map[string]registro.Seen, error) {
	out := map[string]registro.Seen{}
	if err := s.righe(ctx, `select testimone, n, il from log_cofirme c where ente = $1 and epoca = $2
and n = (select max(n) from log_cofirme d where d.ente = c.ente and d.testimone = c.testimone and d.epoca = c.epoca)`, []any{ente, epoch}, func(r *sql.Rows) error {
		var chi, il string
		var x registro.Seen
		err := r.Scan(&chi, &x.Size, &il)
		x.At = leggiIstante(il)
		out[chi] = x
		return err
	}); err != nil {
		return nil, fmt.Errorf("read what witnesses saw: %w", err)
	}
	return out, nil
}
