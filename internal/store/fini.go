package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tutela/internal/pratica"
)

// What the key store knows of keys that were ended. Both only grow.
const (
	tabellaEliminati = `create table if not exists eliminati (slot integer primary key, ente text not null, scarto integer not null, il text not null, segno blob not null) strict`

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
		f := fine{x.Slot, ente, x.Scarto, scriviIstante(il)}
		if _, err := t.ExecContext(ctx, `insert into eliminati (slot, ente, scarto, il, segno) values ($1,$2,$3,$4,$5) on conflict do nothing`, f.slot, f.ente, f.scarto, f.il, c.segno(f)); err != nil {
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
	if c.Now != nil { // now, and not within the hour: both stores put back would undo it
		if err := c.CopiaSeServe(ctx); err != nil {
			slog.ErrorContext(ctx, "no copy of the keys knows yet of a list that was done", "err", err)
		}
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

// segno marks a key as ended here. A copy lies where others write: who has not the
// server's key ends nothing by writing into one.
func (c *Chiavi) segno(f fine) []byte {
	m := hmac.New(sha256.New, c.ring.Derive("eliminati"))
	_, _ = fmt.Fprintf(m, "%d|%q|%d|%q", f.slot, f.ente, f.scarto, f.il)
	return m.Sum(nil)
}

// EndedElsewhere are the keys that the newest copy that can be read knows to be ended,
// and this key store does not: it, or both stores, were put back; or another
// installation makes its copies in the same folder.
func (c *Chiavi) EndedElsewhere(ctx context.Context) ([]pratica.Eliminata, error) {
	la, err := c.finiteAltrove(ctx)
	var out []pratica.Eliminata
	for _, f := range la {
		out = append(out, pratica.Eliminata{Slot: f.slot, Scarto: f.scarto})
	}
	return out, err
}

// LearnEnded ends here what EndedElsewhere says, once a person declared that an older
// state was put back. What is in no slot here was never given.
func (c *Chiavi) LearnEnded(ctx context.Context) error {
	la, err := c.finiteAltrove(ctx)
	if err != nil || len(la) == 0 {
		return err
	}
	return c.scrive(ctx, "end keys again", func(t *sql.Tx) error {
		for _, f := range la {
			if _, err := t.ExecContext(ctx, `insert into eliminati (slot, ente, scarto, il, segno) select id, $2, $3, $4, $5 from slot where id = $1`, f.slot, f.ente, f.scarto, f.il, c.segno(f)); err != nil {
				return err
			}
			if _, err := t.ExecContext(ctx, `update slot set chiave = null where id = $1`, f.slot); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Chiavi) finiteAltrove(ctx context.Context) (map[int64]fine, error) {
	_, cc, err := c.Copie()
	if err != nil {
		return nil, err
	}
	qui, err := c.finiDi(ctx, c.db)
	if err != nil {
		return nil, err
	}
	for _, x := range cc {
		la, err := c.finite(ctx, x)
		if err != nil {
			slog.WarnContext(ctx, "a copy of the keys cannot be read", "file", x.File, "err", err)
			continue
		}
		for slot := range qui {
			delete(la, slot)
		}
		return la, nil
	}
	return nil, nil
}

// finite are the keys that a copy says were ended.
func (c *Chiavi) finite(ctx context.Context, x Copia) (map[int64]fine, error) {
	db, err := sql.Open("sqlite", fileURI(x.File)+"?mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	out, err := c.finiDi(ctx, db)
	return out, errors.Join(err, db.Close())
}

// finiDi are the keys that a key store marked as ended; what bears another mark was
// written by somebody else.
func (c *Chiavi) finiDi(ctx context.Context, db *sql.DB) (map[int64]fine, error) {
	rows, err := db.QueryContext(ctx, `select slot, ente, scarto, il, segno from eliminati`)
	if err != nil {
		return nil, fmt.Errorf("read keys that ended: %w", err)
	}
	defer rows.Close()
	out := map[int64]fine{}
	for rows.Next() {
		var f fine
		var segno []byte
		if err := rows.Scan(&f.slot, &f.ente, &f.scarto, &f.il, &segno); err != nil {
			return nil, fmt.Errorf("read keys that ended: %w", err)
		}
		if !hmac.Equal(segno, c.segno(f)) {
			slog.ErrorContext(ctx, "a key was marked as ended by somebody else, and is not believed to be", "slot", f.slot)
			continue
		}
		out[f.slot] = f
	}
	return out, rows.Err()
}
