package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tutela/internal/pratica"
)

// What the key store knows of keys that were ended. Both only grow.
const (
	tabellaEliminati = `create table if not exists eliminati (slot integer primary key, ente text not null, scarto integer not null, il text not null) strict`

	tabellaConclusi = `create table if not exists conclusi (ente text not null, scarto integer not null, il text not null,
primary key (ente, scarto)) strict, without rowid`
)

// Elimina ends the keys of slots: no page of the key store's files holds them any
// more. Done again, it does what was left to do.
func (c *Chiavi) Elimina(ctx context.Context, ente string, il time.Time, quali ...pratica.Eliminata) error {
	if len(quali) == 0 {
		return nil
	}
	t, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("end a key: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	for _, x := range quali {
		if _, err := t.ExecContext(ctx, `update slot set chiave = null where id = $1`, x.Slot); err != nil {
			return fmt.Errorf("end a key: %w", err)
		}
		if _, err := t.ExecContext(ctx, `insert into eliminati (slot, ente, scarto, il) values ($1,$2,$3,$4) on conflict do nothing`, x.Slot, ente, x.Scarto, scriviIstante(il)); err != nil {
			return fmt.Errorf("end a key: %w", err)
		}
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("end a key: %w", err)
	}
	c.nuove.Store(true)
	return c.tronca(ctx)
}

// Ended are the keys of an ente that were ended.
func (c *Chiavi) Ended(ctx context.Context, ente string) ([]pratica.Eliminata, error) {
	return eliminate(ctx, c.db, `select slot, scarto from eliminati where ente = $1`, ente)
}

// Concludi says when the last key of a list had ended; what was said stays.
func (c *Chiavi) Concludi(ctx context.Context, ente string, scarto int, il time.Time) error {
	if err := c.nuova(ctx, `insert into conclusi (ente, scarto, il) values ($1,$2,$3) on conflict do nothing`, ente, scarto, scriviIstante(il)); err != nil {
		return fmt.Errorf("end a list: %w", err)
	}
	return nil
}

// Concluse says when the last key of each list had ended.
func (c *Chiavi) Concluse(ctx context.Context, ente string) (map[int]time.Time, error) {
	t, err := c.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read lists that ended: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	out := map[int]time.Time{}
	err = scorri(ctx, t, `select scarto, il from conclusi where ente = $1`, []any{ente}, func(r *sql.Rows) error {
		var n int
		var il string
		err := r.Scan(&n, &il)
		out[n] = leggiIstante(il)
		return err
	})
	return out, err
}

// Vive is how many days a key that was ended may live in a copy, and the instant of
// the oldest copy of ours; detto is false where nobody said how long.
func (c *Chiavi) Vive(context.Context) (giorni int, prima time.Time, detto bool, err error) {
	k, cc, err := c.Copie()
	if k == nil {
		return 0, prima, false, err
	}
	if len(cc) > 0 {
		prima = cc[len(cc)-1].Del
	}
	return k.Vive(), prima, true, err
}

// fine is a key that was ended, as the key store says it.
type fine struct {
	slot   int64
	ente   string
	scarto int
	il     string
}

// LearnEnded takes from the newest copy that can be read what it knows of keys that
// were ended and is not known here: where both stores were put back neither knows it.
// What is in no slot here was never given.
func (c *Chiavi) LearnEnded(ctx context.Context) error {
	_, cc, err := c.Copie()
	if err != nil {
		return err
	}
	qui, err := finiDi(ctx, c.db)
	if err != nil {
		return err
	}
	for _, x := range cc {
		la, err := x.finite(ctx)
		if err != nil {
			slog.WarnContext(ctx, "a copy of the keys cannot be read", "file", x.File, "err", err)
			continue
		}
		for slot := range qui {
			delete(la, slot)
		}
		if len(la) == 0 {
			return nil
		}
		return c.scrive(ctx, "end keys again", func(t *sql.Tx) error {
			for _, f := range la {
				if _, err := t.ExecContext(ctx, `insert into eliminati (slot, ente, scarto, il) select id, $2, $3, $4 from slot where id = $1`, f.slot, f.ente, f.scarto, f.il); err != nil {
					return err
				}
				if _, err := t.ExecContext(ctx, `update slot set chiave = null where id = $1`, f.slot); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return nil
}

// finite are the keys that a copy says were ended.
func (x Copia) finite(ctx context.Context) (map[int64]fine, error) {
	db, err := sql.Open("sqlite", fileURI(x.File)+"?mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	out, err := finiDi(ctx, db)
	return out, errors.Join(err, db.Close())
}

func finiDi(ctx context.Context, db *sql.DB) (map[int64]fine, error) {
	rows, err := db.QueryContext(ctx, `select slot, ente, scarto, il from eliminati`)
	if err != nil {
		return nil, fmt.Errorf("read keys that ended: %w", err)
	}
	defer rows.Close()
	out := map[int64]fine{}
	for rows.Next() {
		var f fine
		if err := rows.Scan(&f.slot, &f.ente, &f.scarto, &f.il); err != nil {
			return nil, fmt.Errorf("read keys that ended: %w", err)
		}
		out[f.slot] = f
	}
	return out, rows.Err()
}
