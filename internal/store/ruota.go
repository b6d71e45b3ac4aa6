package store

import (
	"context"
	"database/sql"
	"fmt"

	"tutela/internal/vault"
)

// sigillate are the values of the key store that the server's key seals, table by
// table: how some are read after a place, with what names their place, and how one is
// written again. A table of sealed values that is not here keeps an old key alive.
var sigillate = []struct {
	leggi    string // place, three names of the context, value
	scrivi   string // value in the place of $2, if it is still $3
	contesto func(a, b, c string) string
}{
	{`select id, id, '', '', chiave from slot where chiave is not null and id > $1 order by id limit 2000`,
		`update slot set chiave = $1 where id = $2 and chiave = $3`, func(a, _, _ string) string { return vault.Context("slot", a) }},
	{`select row_number() over (order by ente, compartimento, n), ente, compartimento, n, chiave from versioni where chiave is not null and 0 = $1`,
		`update versioni set chiave = $1 where $2 > 0 and chiave = $3`, func(a, b, c string) string { return vault.Context("compartimento", a, b, c) }},
	{`select row_number() over (order by comparto, anno, n), comparto, anno, n, chiave from indici where 0 = $1`,
		`update indici set chiave = $1 where $2 > 0 and chiave = $3`, func(a, b, c string) string { return vault.Context("indice", a, b, c) }},
	{`select row_number() over (order by ente, n), ente, n, '', chiusa from firme where 0 = $1`,
		`update firme set chiusa = $1 where $2 > 0 and chiusa = $3`, func(a, b, _ string) string { return vault.Context("firma", a, b) }},
	{`select row_number() over (order by ente), ente, '', '', chiuso from pepe where 0 = $1`,
		`update pepe set chiuso = $1 where $2 > 0 and chiuso = $3`, func(a, _, _ string) string { return vault.Context("pepe", a) }},
	{`select uno, '', '', '', chiusa from radice where 0 = $1`,
		`update radice set chiusa = $1 where uno = $2 and chiusa = $3`, func(_, _, _ string) string { return vault.Context("radice") }},
}

// sigillata is one of them.
type sigillata struct {
	posto    int64
	contesto string
	chiusa   []byte
}

// Reseal seals under the current version of the server's key what an older one
// sealed. Stopped at any moment, it goes on from there when it is called again.
func (c *Chiavi) Reseal(ctx context.Context) (int, error) {
	n := 0
	err := c.ogniSigillata(ctx, func(t *sql.Tx, scrivi string, x sigillata) error {
		nuova, err := c.ring.Reseal(x.contesto, x.chiusa)
		if err != nil || nuova == nil {
			return nil //nolint:nilerr // what no version opens was broken before: Unopened counts it
		}
		n++
		_, err = t.ExecContext(ctx, scrivi, nuova, x.posto, x.chiusa)
		return err
	})
	if err != nil {
		return n, fmt.Errorf("seal keys again: %w", err)
	}
	return n, c.tronca(ctx)
}

// Unopened counts the values that a ring does not open.
func (c *Chiavi) Unopened(ctx context.Context, ring *vault.KeyRing) (n int, err error) {
	err = c.ogniSigillata(ctx, func(_ *sql.Tx, _ string, x sigillata) error {
		if _, err := ring.Open(x.contesto, x.chiusa); err != nil {
			n++
		}
		return nil
	})
	return n, err
}

// ogniSigillata calls fn for every sealed value, a few thousand to a transaction.
func (c *Chiavi) ogniSigillata(ctx context.Context, fn func(t *sql.Tx, scrivi string, x sigillata) error) error {
	for _, s := range sigillate {
		for posto := int64(0); ; {
			t, err := c.db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			var righe []sigillata
			err = scorri(ctx, t, s.leggi, []any{posto}, func(r *sql.Rows) error {
				var x sigillata
				var a, b, n string
				if err := r.Scan(&x.posto, &a, &b, &n, &x.chiusa); err != nil {
					return err
				}
				x.contesto = s.contesto(a, b, n)
				righe = append(righe, x)
				return nil
			})
			for _, x := range righe {
				if err == nil {
					err = fn(t, s.scrivi, x)
				}
				posto = x.posto
			}
			if err == nil {
				err = t.Commit()
			}
			_ = t.Rollback()
			if err != nil {
				return err
			}
			if len(righe) == 0 {
				break
			}
		}
	}
	return nil
}
