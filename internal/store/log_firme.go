package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"tutela/internal/registro"
)

var (
	_ registro.Archive = (*Store)(nil)
	_ registro.Keys    = (*Chiavi)(nil)
)

// What was signed last of each ente's log: beside the keys, so that a database put
// back does not take it along.
const tabellaStato = `create table if not exists stato_log (ente text not null primary key, epoca integer not null, n integer not null,
testo blob not null) strict, without rowid`

// LogKeys are the keys that sign an ente's log, the newest last; a first one is made.
func (c *Chiavi) LogKeys(ctx context.Context, ente string) ([]ed25519.PrivateKey, error) {
	if _, err := c.Firma(ctx, ente); err != nil {
		return nil, err
	}
	return c.firme(ctx, ente)
}

// NewLogKey makes the next of them.
func (c *Chiavi) NewLogKey(ctx context.Context, ente string) error {
	kk, err := c.LogKeys(ctx, ente)
	if err != nil {
		return err
	}
	return c.nuovaFirma(ctx, ente, len(kk)+1)
}

// nuovaFirma makes a log key, unless it is there: of two nodes, the quicker one's.
func (c *Chiavi) nuovaFirma(ctx context.Context, ente string, n int) error {
	if err := c.nuova(ctx, `insert into firme (ente, n, chiusa) values ($1, $2, $3) on conflict do nothing`, ente, n, c.ring.NewLogKey(ente, n)); err != nil {
		return fmt.Errorf("make a log key: %w", err)
	}
	return nil
}

// Fixed is what was signed last of an ente's log; a zero State before the first time.
func (c *Chiavi) Fixed(ctx context.Context, ente string) (registro.State, error) {
	return fissato(c.db.QueryRowContext(ctx, `select testo from stato_log where ente = $1`, ente))
}

func fissato(r *sql.Row) (s registro.State, err error) {
	var testo []byte
	if err := r.Scan(&testo); errors.Is(err, sql.ErrNoRows) {
		return s, nil
	} else if err != nil {
		return s, fmt.Errorf("read what was signed: %w", err)
	}
	if err := json.Unmarshal(testo, &s); err != nil {
		return s, fmt.Errorf("read what was signed: %w", err)
	}
	return s, nil
}

// Fix makes a state durable, unless a later one is there: another node's.
func (c *Chiavi) Fix(ctx context.Context, ente string, s registro.State) error {
	testo, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("fix what is signed: %w", err)
	}
	t, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("fix what is signed: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	prima, err := fissato(t.QueryRowContext(ctx, `select testo from stato_log where ente = $1`, ente))
	if err != nil {
		return err
	}
	switch {
	case prima.Epoch == s.Epoch && prima.Size == s.Size && prima.Root != s.Root:
		return registro.ErrFork
	case prima.Epoch > s.Epoch || prima.Epoch == s.Epoch && prima.Size >= s.Size:
		return nil
	}
	if _, err := t.ExecContext(ctx, `insert into stato_log (ente, epoca, n, testo) values ($1,$2,$3,$4)
on conflict (ente) do update set epoca = excluded.epoca, n = excluded.n, testo = excluded.testo`, ente, s.Epoch, s.Size, testo); err != nil {
		return fmt.Errorf("fix what is signed: %w", err)
	}
	if err := t.Commit(); err != nil { // no copy is made for it: an older one makes nothing false
		return fmt.Errorf("fix what is signed: %w", err)
	}
	return nil
}

// Counters are the last numbers of an ente's registers, as "urp/2026".
func (s *Store) Counters(ctx context.Context, ente string) (map[string]int, error) {
	out := map[string]int{}
	if err := s.righe(ctx, `select registro, anno, ultimo from numeri where ente = $1`, []any{ente}, func(r *sql.Rows) error {
		var registro string
		var anno, ultimo int
		err := r.Scan(&registro, &anno, &ultimo)
		out[registro+"/"+strconv.Itoa(anno)] = ultimo
		return err
	}); err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	return out, nil
}

// SaveCheckpoint keeps a signed state of the log; the same one twice is one.
func (s *Store) SaveCheckpoint(ctx context.Context, ente string, x registro.Signed) error {
	return s.esegui(ctx, f(`insert into log_checkpoint (ente, epoca, n, il, nota) values ($1,$2,$3,$4,$5) on conflict do nothing`,
		ente, x.Epoch, x.Size, scriviIstante(x.At), x.Note))
}

// Cosigned are the lines of witnesses under a checkpoint, by their names.
func (s *Store) Cosigned(ctx context.Context, ente string, epoch int, size int64) (out []string, err error) {
	err = s.righe(ctx, `select riga from log_cofirme where ente = $1 and epoca = $2 and n = $3 order by testimone`, []any{ente, epoch, size}, func(r *sql.Rows) error {
		var riga string
		err := r.Scan(&riga)
		out = append(out, riga)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read co-signatures: %w", err)
	}
	return out, nil
}
