package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"tutela/internal/pratica"
	"tutela/internal/vault"
)

const tabellaVersioni = `create table if not exists versioni (ente text not null, compartimento text not null, n integer not null,
tipo text not null, chiave blob, pubblica blob, firma blob, albo blob, primary key (ente, compartimento, n)) strict, without rowid`

const tabellaIndici = `create table if not exists indici (comparto text not null, anno integer not null, n integer not null, chiave blob not null,
primary key (comparto, anno, n)) strict, without rowid`

func contestoIndice(comparto string, anno, n int) string {
	return vault.Context("indice", comparto, strconv.Itoa(anno), strconv.Itoa(n))
}

// IndexKeys are the keys of a compartment's searchable words.
func (c *Chiavi) IndexKeys(comparto string) ([]vault.IndexKey, error) {
	rows, err := c.db.QueryContext(context.Background(), `select anno, n, chiave from indici where comparto = $1 order by anno, n`, comparto)
	if err != nil {
		return nil, fmt.Errorf("read index keys: %w", err)
	}
	defer rows.Close()
	var out []vault.IndexKey
	for rows.Next() {
		var k vault.IndexKey
		var chiusa []byte
		if err := rows.Scan(&k.Anno, &k.N, &chiusa); err != nil {
			return nil, fmt.Errorf("read index keys: %w", err)
		}
		if k.Key, err = c.ring.Open(contestoIndice(comparto, k.Anno, k.N), chiusa); err != nil {
			return nil, fmt.Errorf("open index key: %w", err)
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// NewIndexKey makes number n of a year's keys, unless it is there.
func (c *Chiavi) NewIndexKey(comparto string, anno, n int) error {
	if err := c.nuova(context.Background(), `insert into indici (comparto, anno, n, chiave) values ($1,$2,$3,$4) on conflict do nothing`,
		comparto, anno, n, c.ring.Seal(contestoIndice(comparto, anno, n), vault.NewKey())); err != nil {
		return fmt.Errorf("make index key: %w", err)
	}
	return nil
}

// EndIndexKeys ends the keys of a year older than number n, as Elimina a case's.
func (c *Chiavi) EndIndexKeys(ctx context.Context, comparto string, anno, n int) error {
	if err := c.nuova(ctx, `delete from indici where comparto = $1 and anno = $2 and n < $3`, comparto, anno, n); err != nil {
		return fmt.Errorf("end index keys: %w", err)
	}
	return c.tronca(ctx)
}

// Versioni are the keys of a compartment, oldest first. One that has none yet gets
// its first, held by the server: of two nodes, the quicker one's. A compartment of
// members has none until they found it.
func (c *Chiavi) Versioni(ctx context.Context, ente, nome string) ([]vault.Versione, error) {
	out, err := versioni(ctx, c.db, ente, nome)
	if err != nil || len(out) > 0 || pratica.DeiMembri(nome) {
		return out, err
	}
	v := c.ring.NewVersione(ente, nome, 1)
	if err := c.nuova(ctx, `insert into versioni (ente, compartimento, n, tipo, chiave) values ($1,$2,$3,$4,$5) on conflict do nothing`,
		v.Ente, v.Compartimento, v.N, string(v.Tipo), v.Chiave); err != nil {
		return nil, fmt.Errorf("make a compartment's key: %w", err)
	}
	return versioni(ctx, c.db, ente, nome)
}

// interroga is the key store, or one transaction on it.
type interroga interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
}

func versioni(ctx context.Context, db interroga, ente, nome string) ([]vault.Versione, error) {
	rows, err := db.QueryContext(ctx, `select n, tipo, chiave, pubblica, firma, albo from versioni where ente = $1 and compartimento = $2 order by n`, ente, nome)
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

// Affidate are the open cases of a register with a wrap for a reader, newest first.
func (s *Store) Affidate(ctx context.Context, ente, registro, destinatario string) ([]vault.ID, error) {
	rows, err := s.db.QueryContext(ctx, `select p.id from pratiche p where p.ente = $1 and p.registro = $2 and p.aperta = 1
and exists (select 1 from involucri i where i.pratica = p.n and i.destinatario = $3) order by p.n desc limit 100`, ente, registro, destinatario)
	if err != nil {
		return nil, fmt.Errorf("read the cases of an assistant: %w", err)
	}
	defer rows.Close()
	var out []vault.ID
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read the cases of an assistant: %w", err)
		}
		out = append(out, vault.ID(id))
	}
	return out, rows.Err()
}
