package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// riga is a row as who opens the database by himself sees it.
type riga struct {
	tabella string
	valori  map[string]any
}

func (r riga) byte(colonna string) []byte { return byteDi(r.valori[colonna]) }

func (r riga) testo(colonna string) string {
	switch y := r.valori[colonna].(type) {
	case nil:
		return ""
	case []byte:
		return string(y)
	default:
		return fmt.Sprint(y)
	}
}

func (r riga) numero(colonna string) (int64, bool) {
	n, ok := r.valori[colonna].(int64)
	return n, ok
}

// righePostgres are all the rows of a PostgreSQL database.
func righePostgres(url string) ([]riga, error) {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close(ctx) }()
	rows, err := c.Query(ctx, `select table_name from information_schema.tables where table_schema = current_schema()`)
	if err != nil {
		return nil, err
	}
	tabelle, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var out []riga
	for _, nome := range tabelle {
		rows, err := c.Query(ctx, "select * from "+pgx.Identifier{nome}.Sanitize())
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			v, err := rows.Values()
			if err != nil {
				return nil, err
			}
			r := riga{nome, map[string]any{}}
			for i, c := range rows.FieldDescriptions() {
				r.valori[c.Name] = v[i]
			}
			out = append(out, r)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// righeSQLite are all the rows of a SQLite file, but of its virtual tables.
func righeSQLite(path string) (out []riga, err error) {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `select name from sqlite_schema where type = 'table' and sql not like 'create virtual%'`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var tabelle []string
	for rows.Next() {
		var nome string
		if err := rows.Scan(&nome); err != nil {
			return nil, err
		}
		tabelle = append(tabelle, nome)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, nome := range tabelle {
		di, err := diTabella(ctx, db, nome)
		if err != nil {
			return nil, err
		}
		out = append(out, di...)
	}
	return out, nil
}

func diTabella(ctx context.Context, db *sql.DB, nome string) ([]riga, error) {
	rows, err := db.QueryContext(ctx, `select * from "`+strings.ReplaceAll(nome, `"`, `""`)+`"`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	colonne, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out []riga
	for rows.Next() {
		v, p := make([]any, len(colonne)), make([]any, len(colonne))
		for i := range v {
			p[i] = &v[i]
		}
		if err := rows.Scan(p...); err != nil {
			return nil, err
		}
		r := riga{nome, map[string]any{}}
		for i, c := range colonne {
			r.valori[c] = v[i]
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
