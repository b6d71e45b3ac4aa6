package store

import (
	"context"
	"fmt"

	"tutela/internal/vault"
)

const tabellaVersioni = `create table if not exists versioni (ente text not null, compartimento text not null, n integer not null,
tipo text not null, chiave blob, pubblica blob, firma blob, albo blob, primary key (ente, compartimento, n)) strict, without rowid`

// Versioni are the keys of a compartment, oldest first. One that has none yet gets
// its first, held by the server: of two nodes, the quicker one's.
func (c *Chiavi) Versioni(ctx context.Context, ente, nome string) ([]vault.Versione, error) {
	out, err := c.leggiVersioni(ctx, ente, nome)
	if err != nil || len(out) > 0 {
		return out, err
	}
	v := c.ring.NewVersione(ente, nome, 1)
	if _, err := c.db.ExecContext(ctx, `insert into versioni (ente, compartimento, n, tipo, chiave) values ($1,$2,$3,$4,$5) on conflict do nothing`,
		v.Ente, v.Compartimento, v.N, string(v.Tipo), v.Chiave); err != nil {
		return nil, fmt.Errorf("make a compartment's key: %w", err)
	}
	return c.leggiVersioni(ctx, ente, nome)
}

func (c *Chiavi) leggiVersioni(ctx context.Context, ente, nome string) ([]vault.Versione, error) {
	rows, err := c.db.QueryContext(ctx, `select n, tipo, chiave, pubblica, firma, albo from versioni where ente = $1 and compartimento = $2 order by n`, ente, nome)
	if err != nil {
		return nil, fmt.Errorf("read a compartment's keys: %w", err)
	}
	defer rows.Close()
	var out []vault.Versione
	for rows.Next() {
		v := vault.Versione{Ente: ente, Compartimento: nome}
		if err := rows.Scan(&v.N, &v.Tipo, &v.Chiave, &v.Pubblica, &v.Firma, &v.Albo); err != nil {
			return nil, fmt.Errorf("read a compartment's keys: %w", err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
