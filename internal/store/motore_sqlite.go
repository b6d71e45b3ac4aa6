package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"modernc.org/sqlite" // also the database/sql driver "sqlite"; no cgo
)

// What a group reads on SQLite, where beginning has taken the only write lock
// and a plain reading is enough.
const (
	qContatoriSQLite = `select registro, ultimo, ultimo_il from numeri where ente = '' and anno = 0`
	qNumeroSQLite    = `select ultimo from numeri where ente = $1 and registro = $2 and anno = $3`
	qNumeroNuovo     = `insert into numeri (ente, registro, anno, ultimo, ultimo_il) values ($1,$2,$3,0,'')`
)

// sqliteMotore writes through one connection of the driver itself: database/sql
// in between, and a context that may end, cost as much again as the statements.
type sqliteMotore struct {
	conn driver.Conn
	stmt map[string]driver.Stmt
	in   bool
	args []driver.NamedValue // of the statement under way
}

func apriSQLiteMotore(dsn string) (*sqliteMotore, error) {
	conn, err := (&sqlite.Driver{}).Open(dsn)
	if err != nil {
		return nil, fmt.Errorf("open sqlite writer: %w", err)
	}
	return &sqliteMotore{conn: conn, stmt: map[string]driver.Stmt{}}, nil
}

// esegui runs a statement to its end; riga, unless nil, gets each of its rows.
func (m *sqliteMotore) esegui(q string, args []any, riga func(scansiona) error) error {
	s := m.stmt[q]
	if s == nil {
		var err error
		if s, err = m.conn.Prepare(senzaNomi(q)); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		m.stmt[q] = s
	}
	m.args = m.args[:0]
	for i, v := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(v)
		if err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
		m.args = append(m.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	if riga == nil {
		_, err := s.(driver.StmtExecContext).ExecContext(context.Background(), m.args)
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(context.Background(), m.args)
	if err != nil {
		return err
	}
	return errors.Join(leggiRighe(rows, riga), rows.Close())
}

func leggiRighe(rows driver.Rows, riga func(scansiona) error) error {
	valori := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(valori); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := riga(rigaSQLite(valori)); err != nil {
			return err
		}
	}
}

// rigaSQLite is a row as the driver gives it: integers, texts, bytes, nulls.
type rigaSQLite []driver.Value

func (r rigaSQLite) Scan(dove ...any) error {
	if len(dove) != len(r) {
		return fmt.Errorf("a row of %d values, %d wanted", len(r), len(dove))
	}
	for i, v := range r {
		ok := false
		switch d := dove[i].(type) {
		case *int64:
			*d, ok = v.(int64)
		case *int:
			var n int64
			n, ok = v.(int64)
			*d = int(n)
		case *string:
			*d, ok = v.(string)
		case *[]byte:
			*d, ok = v.([]byte)
		case *sql.NullString:
			d.String, d.Valid = v.(string)
			ok = d.Valid || v == nil
		}
		if !ok {
			return fmt.Errorf("column %d: a %T for a %T", i+1, v, dove[i])
		}
	}
	return nil
}

// senzaNomi writes $1, $2… as plain marks where they come in order, each once:
// the driver asks the name of each at every run.
func senzaNomi(q string) string {
	pezzi := strings.Split(q, "$")
	var b strings.Builder
	b.WriteString(pezzi[0])
	for i, p := range pezzi[1:] {
		resto, ok := strings.CutPrefix(p, fmt.Sprint(i+1))
		if !ok || resto != "" && resto[0] >= '0' && resto[0] <= '9' {
			return q
		}
		b.WriteByte('?')
		b.WriteString(resto)
	}
	return b.String()
}

func (m *sqliteMotore) byte() string { return "blob" }

func (m *sqliteMotore) inizia(_ context.Context, g *gruppo) error {
	if err := m.esegui("begin immediate", nil, nil); err != nil {
		return err
	}
	m.in = true
	if err := m.esegui(qContatoriSQLite, nil, func(r scansiona) error {
		var reg, il string
		var u int64
		if err := r.Scan(&reg, &u, &il); err != nil {
			return err
		}
		g.contatori(reg, u, il)
		return nil
	}); err != nil {
		return err
	}
	for _, k := range g.registri(g.anno()) {
		if err := m.numero(g, k); err != nil {
			return err
		}
	}
	for _, ente := range g.enti() {
		if err := m.esegui(qLog, []any{ente}, g.leggiLog); err != nil {
			return err
		}
	}
	for _, r := range g.richieste {
		if err := m.leggi(r); err != nil {
			return err
		}
	}
	return nil
}

func (m *sqliteMotore) numero(g *gruppo, k chiaveNumero) error {
	trovato := false
	err := m.esegui(qNumeroSQLite, []any{k.ente, k.registro, k.anno}, func(r scansiona) error {
		var u int64
		err := r.Scan(&u)
		g.numeri[k], trovato = u, true
		return err
	})
	if err != nil || trovato {
		return err
	}
	return m.esegui(qNumeroNuovo, []any{k.ente, k.registro, k.anno}, nil)
}

func (m *sqliteMotore) leggi(r *richiesta) error {
	r.testa, r.atti, r.risposta = nil, nil, nil
	if !r.op.Pratica.IsZero() {
		if err := m.esegui(qTesta, []any{r.op.Pratica[:]}, func(x scansiona) error {
			h, err := leggiTesta(x)
			r.testa = &h
			return err
		}); err != nil {
			return err
		}
		if err := m.esegui(qAtti, []any{r.op.Pratica[:]}, func(x scansiona) error {
			at, err := leggiAtto(x)
			r.atti = append(r.atti, at)
			return err
		}); err != nil {
			return err
		}
	}
	if r.op.Chiave == nil {
		return nil
	}
	return m.esegui(qRichiesta, []any{r.op.Chiave}, func(x scansiona) error { return x.Scan(&r.risposta) })
}

func (m *sqliteMotore) scrivi(_ context.Context, frasi []frase) error {
	for _, x := range frasi {
		if err := m.esegui(x.q, x.args, nil); err != nil {
			return err
		}
	}
	if err := m.esegui("commit", nil, nil); err != nil {
		return err
	}
	m.in = false
	return nil
}

func (m *sqliteMotore) annulla(context.Context) error {
	if !m.in {
		return nil
	}
	m.in = false
	err := m.esegui("rollback", nil, nil) // SQLite itself rolls back on some errors
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}

func (m *sqliteMotore) chiudi() error {
	var errs []error
	for _, s := range m.stmt {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, m.conn.Close())...)
}
