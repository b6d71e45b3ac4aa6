package grezzo

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"modernc.org/sqlite"

	"tutela/internal/registro"
)

type sqliteMotore struct {
	conn  driver.Conn
	pront map[string]driver.Stmt
	log   *registro.Edge
}

func apriSQLite(file string, log *registro.Edge) (*sqliteMotore, error) {
	conn, err := (&sqlite.Driver{}).Open("file:" + file + "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=temp_store(MEMORY)&_pragma=foreign_keys(OFF)&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(2000)")
	if err != nil {
		return nil, err
	}
	m := &sqliteMotore{conn, map[string]driver.Stmt{}, log}
	return m, m.fai(qVuota)
}

func (m *sqliteMotore) pronta(q string) (driver.Stmt, error) {
	if s := m.pront[q]; s != nil {
		return s, nil
	}
	s, err := m.conn.Prepare(segnaposti(q))
	m.pront[q] = s
	return s, err
}

func (m *sqliteMotore) fai(q string, args ...any) error {
	s, err := m.pronta(q)
	if err != nil {
		return err
	}
	_, err = s.(driver.StmtExecContext).ExecContext(context.Background(), valori(args))
	return err
}

func valori(args []any) []driver.NamedValue {
	v := make([]driver.NamedValue, len(args))
	for i, x := range args {
		v[i] = driver.NamedValue{Ordinal: i + 1, Value: x}
	}
	return v
}

func (m *sqliteMotore) leggi(q string, riga func([]driver.Value)) error {
	s, err := m.pronta(q)
	if err != nil {
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(context.Background(), nil)
	if err != nil {
		return err
	}
	v := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(v); err != nil {
			if errors.Is(err, io.EOF) {
				return rows.Close()
			}
			return errors.Join(err, rows.Close())
		}
		riga(v)
	}
}

func (m *sqliteMotore) scrivi(gruppo []Righe) error {
	if err := m.fai("begin immediate"); err != nil {
		return err
	}
	if err := m.dentro(gruppo); err != nil {
		return errors.Join(err, m.fai("rollback"))
	}
	return m.fai("commit")
}

func (m *sqliteMotore) dentro(gruppo []Righe) error {
	c := contatori{log: m.log}
	if err := m.leggi(qContatori, func(v []driver.Value) {
		if v[0] == "a" {
			c.a = v[1].(int64)
		} else {
			c.n = v[1].(int64)
		}
	}); err != nil {
		return err
	}
	if err := m.leggi(qNumero, func(v []driver.Value) { c.numero = v[0].(int64) }); err != nil {
		return err
	}
	for _, r := range gruppo {
		for _, f := range frasi(&c, r) {
			if err := m.fai(f.q, f.args...); err != nil {
				return err
			}
		}
	}
	if c.log != nil {
		if err := m.fai(qTesta, c.log.N, c.log.Bytes()); err != nil {
			return err
		}
	}
	return errors.Join(m.fai(qSegna, c.a, "a"), m.fai(qSegna, c.n, "n"), m.fai(qSegnaNum, c.numero))
}

func (m *sqliteMotore) chiudi() error {
	var errs []error
	for _, s := range m.pront {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, m.conn.Close())...)
}
