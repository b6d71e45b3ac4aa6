// Package store is the only SQL of the program: SQLite embedded by default,
// PostgreSQL when one machine is not enough, from one text with $n parameters.
//
// Reads go through a pool and never wait for writes. Every change goes through
// one batcher a node: many requests share a transaction, so that one commit pays
// for all of them, and nobody is answered before it is on disk.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"tutela/internal/fault"
	"tutela/internal/pratica"
)

// Config says where the data are and what time it is.
type Config struct {
	Dir      string           // folder of the embedded database; ignored when URL is set
	URL      string           // postgres://…; empty: SQLite in Dir
	Now      func() time.Time // the office's clock
	Existing bool             // fault.NotFound where there are no data yet, and none are made
}

// Store holds the pools and the batcher. It is safe for many goroutines.
type Store struct {
	db     *pronte // readers
	fila   *fila
	conti  conti
	indice indice
	// daUnire is how many times the index's pieces should be joined yet.
	daUnire atomic.Int64
	now     func() time.Time
	chiud   func() error
}

var _ pratica.Archivio = (*Store)(nil)

// Open opens, or makes, the database and brings its schema to the newest version.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.URL != "" {
		return openPostgres(ctx, c)
	}
	return openSQLite(ctx, c)
}

// unopened tells the operator which file it is; a fault speaks for itself.
func unopened(err error, path string) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "Non riesco ad aprire "+path+". Controlla permessi, spazio su disco e che il file sia intero.")
}

// errNoData is where Existing finds none.
var errNoData = fault.New(fault.NotFound, "Qui non ci sono dati di questo programma.")

func openSQLite(ctx context.Context, c Config) (*Store, error) {
	path := filepath.Join(c.Dir, "tutela.db")
	if _, err := os.Stat(path); c.Existing && errors.Is(err, fs.ErrNotExist) {
		return nil, errNoData
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Non posso creare la cartella dei dati. Controlla permessi e spazio su disco.")
	}
	const comuni = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)&_pragma=foreign_keys(OFF)"
	dsn := fileURI(path) + "?_txlock=immediate&" + comuni + "&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(2000)"
	if err := soloNostro(path); err != nil {
		return nil, unopened(fmt.Errorf("protect database: %w", err), path)
	}
	if err := migraSQLite(ctx, dsn); err != nil {
		return nil, unopened(err, path)
	}
	// Readers share the pages that the system keeps of the file, by reading and not
	// by mapping them: each connection's map would count as memory of its own.
	lettori := min(8, 2*runtime.GOMAXPROCS(0))
	legge, err := sql.Open("sqlite", fileURI(path)+"?"+comuni+"&_pragma=query_only(ON)&_pragma=cache_size(-4096)")
	if err != nil {
		return nil, fmt.Errorf("open sqlite readers: %w", err)
	}
	legge.SetMaxOpenConns(lettori)
	legge.SetMaxIdleConns(lettori)
	m, err := apriSQLiteMotore(dsn)
	if err != nil {
		return nil, errors.Join(err, legge.Close())
	}
	s := &Store{db: &pronte{db: legge, di: map[string]*sql.Stmt{}}, now: c.Now}
	s.indice = indiceFTS{s.db}
	s.daUnire.Store(32) // what was owed when the program stopped
	s.fila = nuovaFila(m, c.Now)
	s.chiud = func() error { return errors.Join(m.chiudi(), legge.Close()) }
	return s, nil
}

// fileURI is a path as SQLite reads it in an address.
func fileURI(path string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

// soloNostro makes a database's file, or what is there of it, readable to us alone before
// SQLite opens it: it makes the journals with the mode that the file has then. A file
// that is there is not opened: to close it would end the locks that SQLite has on it.
func soloNostro(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, x := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(x, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func migraSQLite(ctx context.Context, dsn string) error {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("open sqlite: %w", err)
	}
	db.SetMaxOpenConns(1)
	return errors.Join(migra(ctx, db, "sqlite"), db.Close())
}

func openPostgres(ctx context.Context, c Config) (*Store, error) {
	cfg, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "L'indirizzo del database non è giusto. Controlla come è scritto.")
	}
	// Compiling a plan takes ten times as long as running one of ours.
	db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `set jit = off`)
		return err
	}))
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fault.Wrap(err, fault.Unavailable, "Il database non risponde. Controlla che sia acceso e che l'indirizzo sia giusto."), db.Close())
	}
	if c.Existing {
		var there bool
		if err := db.QueryRowContext(ctx, `select to_regclass('pratiche') is not null`).Scan(&there); err != nil {
			return nil, errors.Join(fmt.Errorf("open postgres: %w", err), db.Close())
		}
		if !there {
			return nil, errors.Join(errNoData, db.Close())
		}
	}
	if err := migra(ctx, db, "postgres"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	conn, err := collegaMotore(ctx, c.URL)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open postgres writer: %w", err), db.Close())
	}
	m := &pgMotore{url: c.URL, conn: conn, testi: map[testoRighe]string{}}
	s := &Store{db: &pronte{db: db}, now: c.Now}
	s.indice = indiceGIN{s.db}
	s.fila = nuovaFila(m, c.Now)
	s.chiud = func() error { return errors.Join(m.chiudi(), db.Close()) }
	return s, nil
}

// Close waits for the group under way, refuses what comes after, and closes.
func (s *Store) Close() error {
	s.fila.chiudi()
	return s.chiud()
}

// Update runs one change in the next group's transaction and returns after its
// commit. fn may run more than once. It fails with fault.Unavailable when the
// queue is full or the disk cannot take it: then nothing was stored.
func (s *Store) Update(ctx context.Context, op pratica.Op, fn func(pratica.Tx) error) error {
	return s.fila.esegui(ctx, &richiesta{op: op, fn: fn})
}

// esegui runs plain statements in the next group, for rows that are no act
// (people, sessions, drafts, preferences).
func (s *Store) esegui(ctx context.Context, frasi ...frase) error {
	return s.fila.esegui(ctx, &richiesta{fn: func(t pratica.Tx) error {
		t.(*tx).frasi = append(t.(*tx).frasi, frasi...)
		return nil
	}})
}

// frase is one statement of the shared text with its values.
type frase struct {
	q    string
	args []any
	riga bool // it adds one row, that nothing else in its group touches
}

func f(q string, args ...any) frase { return frase{q: q, args: args} }

// spazioFinito tells a full disk from other failures, on either database.
func spazioFinito(err error) bool {
	if errors.Is(err, syscall.ENOSPC) {
		return true
	}
	s := err.Error()
	return strings.Contains(s, "SQLITE_FULL") || strings.Contains(s, "database or disk is full") ||
		strings.Contains(s, "disk I/O error") || strings.Contains(s, "SQLSTATE 53100")
}

// Instants are stored as UTC text of fixed width, so that text order is time order.
const istante = "2006-01-02T15:04:05.000Z"

func scriviIstante(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(istante)
}

func leggiIstante(s string) time.Time {
	t, err := time.Parse(istante, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// nullo stores the empty string as NULL, for columns with a partial index.
func nullo(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// sfondo is esegui for jobs, which give way to people.
func (s *Store) sfondo(ctx context.Context, frasi ...frase) error {
	return s.fila.esegui(ctx, &richiesta{op: pratica.Op{Background: true}, fn: func(t pratica.Tx) error {
		t.(*tx).frasi = append(t.(*tx).frasi, frasi...)
		return nil
	}})
}
