package grezzo

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"tutela/internal/registro"
)

type pgMotore struct {
	conn *pgx.Conn
	log  *registro.Edge
}

func apriPostgres(ctx context.Context, url string, log *registro.Edge) (*pgMotore, error) {
	c, err := pgx.Connect(ctx, url)
	if err == nil {
		_, err = c.Exec(ctx, qVuota)
	}
	return &pgMotore{c, log}, err
}

func (m *pgMotore) scrivi(gruppo []Righe) error {
	ctx := context.Background()
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(qContatori + " for update")
	b.Queue(qNumero + " for update")
	res := m.conn.SendBatch(ctx, b)
	c, err := m.contatori(res)
	if err := errors.Join(err, res.Close()); err != nil {
		return m.annulla(ctx, err)
	}
	b, c.log = &pgx.Batch{}, m.log
	for _, r := range gruppo {
		for _, f := range frasi(&c, r) {
			b.Queue(f.q, f.args...)
		}
	}
	if c.log != nil {
		b.Queue(qTesta, c.log.N, c.log.Bytes())
	}
	b.Queue(qSegna, c.a, "a")
	b.Queue(qSegna, c.n, "n")
	b.Queue(qSegnaNum, c.numero)
	b.Queue("commit")
	if err := m.conn.SendBatch(ctx, b).Close(); err != nil {
		return m.annulla(ctx, err)
	}
	return nil
}

func (m *pgMotore) contatori(res pgx.BatchResults) (c contatori, err error) {
	if _, err := res.Exec(); err != nil {
		return c, err
	}
	rows, err := res.Query()
	if err != nil {
		return c, err
	}
	for rows.Next() {
		var r string
		var u int64
		if err := rows.Scan(&r, &u); err != nil {
			return c, err
		}
		if r == "a" {
			c.a = u
		} else {
			c.n = u
		}
	}
	if err := rows.Err(); err != nil {
		return c, err
	}
	if err := res.QueryRow().Scan(&c.numero); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return c, err
	}
	return c, nil
}

func (m *pgMotore) annulla(ctx context.Context, err error) error {
	_, e := m.conn.Exec(ctx, "rollback")
	return errors.Join(err, e)
}

func (m *pgMotore) chiudi() error { return m.conn.Close(context.Background()) }

// Crea makes a database on the cluster at base, as a copy of modello unless that
// is empty, in the place of one of that name.
func Crea(ctx context.Context, base, nome, modello string) error {
	c, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, "drop database if exists "+nome+" with (force)"); err != nil {
		return err
	}
	q := "create database " + nome
	if modello != "" {
		q += " template " + modello
	}
	_, err = c.Exec(ctx, q)
	return err
}

// Riordina brings the server's figures of a freshly filled database up to date, as
// it does by itself a minute later.
func Riordina(ctx context.Context, url string) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	_, err = c.Exec(ctx, "vacuum analyze")
	return err
}

// Uno reads one whole number.
func Uno(ctx context.Context, url, q string) (n int64, err error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	return n, c.QueryRow(ctx, q).Scan(&n)
}
