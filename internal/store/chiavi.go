package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// Chiavi is the key store: case keys made ahead, apart from the database and its
// backups. Deleting a key here ends its case wherever the sealed bytes went.
type Chiavi struct {
	// Now is the clock of the copies. Set once, after opening; nil: none is made.
	Now func() time.Time

	dir    string
	db     *sql.DB
	chiave *sql.Stmt // of Key
	tante  *sql.Stmt // of Keys
	ring   *vault.KeyRing
	nuove  atomic.Bool // something changed that no copy has yet
}

var (
	_ vault.Slots           = (*Chiavi)(nil)
	_ pratica.Compartimenti = (*Chiavi)(nil)
	_ pratica.CaseKeys      = (*Chiavi)(nil)
	_ vault.IndexKeys       = (*Chiavi)(nil)
)

// scorta is how many slots are kept made ahead of the last one given.
const scorta = 4096

// OpenKeys opens, or makes, chiavi.db in dir. ring seals each key.
func OpenKeys(ctx context.Context, dir string, ring *vault.KeyRing) (*Chiavi, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Non posso creare la cartella delle chiavi. Controlla permessi e spazio su disco.")
	}
	path := filepath.Join(dir, "chiavi.db")
	if err := soloNostro(path); err != nil {
		return nil, noKeys(fmt.Errorf("protect key store: %w", err), path)
	}
	db, err := sql.Open("sqlite", fileURI(path)+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-512)")
	if err != nil {
		return nil, fmt.Errorf("open key store: %w", err)
	}
	db.SetMaxOpenConns(3) // one of them may be making a copy
	for _, q := range []string{
		`create table if not exists slot (id integer primary key, chiave blob) strict`,
		tabellaVersioni, tabellaIndici, tabellaMembri, tabellaSlotMembri, tabellaPepe,
		tabellaEliminati, tabellaConclusi, tabellaConsegne, tabellaRecuperi, tabellaSottoinsiemi, tabellaRicordi, tabellaFirme, tabellaStato,
		`create table if not exists prossimo (uno integer primary key check (uno = 1), slot integer not null) strict`,
		`insert into prossimo (uno, slot) values (1, 1) on conflict do nothing`,
		`create table if not exists radice (uno integer primary key check (uno = 1), chiusa blob not null) strict`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(noKeys(fmt.Errorf("make key store: %w", err), path), db.Close())
		}
	}
	if err := openRoot(ctx, db, ring); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	chiave, err := db.PrepareContext(ctx, `select chiave from slot where id = $1`)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open key store: %w", err), db.Close())
	}
	tante, err := db.PrepareContext(ctx, `select id, chiave from slot where id in (`+strings.Join(segni[:], ",")+`)`)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open key store: %w", err), chiave.Close(), db.Close()) //nolint:sqlclosecheck // only when it fails
	}
	return &Chiavi{dir: dir, db: db, chiave: chiave, tante: tante, ring: ring}, nil
}

// noKeys says that a key store does not open, and what to do if it is broken.
func noKeys(err error, path string) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "Il deposito delle chiavi "+path+" non si apre. Controlla permessi e spazio su disco. "+
		"Se il file è rotto, ferma il programma e rimetti l'ultima copia con: tutela chiavi riprendi.")
}

// openRoot gives the ring the secret it derives others from: of two nodes, the
// quicker one's.
func openRoot(ctx context.Context, db *sql.DB, ring *vault.KeyRing) error {
	if _, err := db.ExecContext(ctx, `insert into radice (uno, chiusa) values (1, $1) on conflict do nothing`, ring.NewRoot()); err != nil {
		return fmt.Errorf("make the root of secrets: %w", err)
	}
	var chiusa []byte
	if err := db.QueryRowContext(ctx, `select chiusa from radice`).Scan(&chiusa); err != nil {
		return fmt.Errorf("read the root of secrets: %w", err)
	}
	if err := ring.OpenRoot(chiusa); err != nil {
		return fault.Wrap(err, fault.Unavailable, "La chiave del server non apre il deposito delle chiavi: server.key e chiavi.db non sono della stessa installazione.")
	}
	return nil
}

// segni are the places of the slots that are read together.
var segni = func() (s [50]string) {
	for i := range s {
		s[i] = "?"
	}
	return s
}()

// Close closes the key store.
func (c *Chiavi) Close() error { return errors.Join(c.chiave.Close(), c.tante.Close(), c.db.Close()) }

// Oltre makes sure that no slot up to the given one is handed out again. Where it was
// given and this store does not know it, the store is an older copy: then none of
// those made ahead is given either, for a draft may have it.
func (c *Chiavi) Oltre(ctx context.Context, slot int64) error {
	_, err := c.db.ExecContext(ctx, `update prossimo set slot = max($1, (select coalesce(max(id), 0) + 1 from slot)) where slot < $1`, slot+1)
	return err
}

// Lease gives n slots, durably marked as given, and keeps the stock full.
func (c *Chiavi) Lease(ctx context.Context, n int) ([]vault.Slot, error) {
	t, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("lease keys: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	var primo, ultimo int64
	if err := t.QueryRowContext(ctx, `select slot, (select coalesce(max(id),0) from slot) from prossimo`).Scan(&primo, &ultimo); err != nil {
		return nil, fmt.Errorf("lease keys: %w", err)
	}
	for id := max(ultimo+1, primo); id < primo+int64(n)+scorta; id++ {
		if _, err := t.ExecContext(ctx, `insert into slot (id, chiave) values ($1, $2)`, id, c.ring.WrapSlot(id, vault.NewKey())); err != nil {
			return nil, fmt.Errorf("make keys: %w", err)
		}
	}
	out := make([]vault.Slot, 0, n)
	rows, err := t.QueryContext(ctx, `select id, chiave from slot where id >= $1 and id < $2 order by id`, primo, primo+int64(n))
	if err != nil {
		return nil, fmt.Errorf("lease keys: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s vault.Slot
		var avvolta []byte
		if err := rows.Scan(&s.ID, &avvolta); err != nil {
			return nil, fmt.Errorf("lease keys: %w", err)
		}
		if s.Key, err = c.ring.UnwrapSlot(s.ID, avvolta); err != nil {
			return nil, fmt.Errorf("lease keys: %w", err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("lease keys: %w", err)
	}
	if _, err := t.ExecContext(ctx, `update prossimo set slot = $1`, primo+int64(n)); err != nil {
		return nil, fmt.Errorf("lease keys: %w", err)
	}
	return out, t.Commit()
}

// Ready is how many slots are made ahead of the next one, and how many of those given
// are not here: of a store that is a copy older than the data.
func (c *Chiavi) Ready(ctx context.Context) (pronte, mancano int64, err error) {
	if err := c.db.QueryRowContext(ctx, `select (select count(*) from slot where id >= p.slot), p.slot - 1 - (select count(*) from slot where id < p.slot) from prossimo p`).
		Scan(&pronte, &mancano); err != nil {
		return 0, 0, fmt.Errorf("count keys: %w", err)
	}
	return pronte, mancano, nil
}

// Prossimo is the next slot to be given.
func (c *Chiavi) Prossimo(ctx context.Context) (n int64, err error) {
	if err := c.db.QueryRowContext(ctx, `select slot from prossimo`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count keys: %w", err)
	}
	return n, nil
}

// Key is the key of a slot; fault.NotFound when it was eliminated.
func (c *Chiavi) Key(ctx context.Context, id int64) ([]byte, error) {
	var avvolta []byte
	err := c.chiave.QueryRowContext(context.WithoutCancel(ctx), id).Scan(&avvolta)
	if errors.Is(err, sql.ErrNoRows) || err == nil && avvolta == nil {
		return nil, fault.New(fault.NotFound, "Il contenuto di questa pratica è stato eliminato.")
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return c.ring.UnwrapSlot(id, avvolta)
}

// Keys are the keys of many slots, read together: those of a page of a list.
func (c *Chiavi) Keys(ctx context.Context, ids []int64) (map[int64][]byte, error) {
	out := make(map[int64][]byte, len(ids))
	for gruppo := range slices.Chunk(ids, len(segni)) {
		args := make([]any, len(segni))
		for i := range args {
			args[i] = gruppo[min(i, len(gruppo)-1)]
		}
		if err := c.leggiTante(ctx, args, out); err != nil {
			return nil, fmt.Errorf("read keys: %w", err)
		}
	}
	return out, nil
}

func (c *Chiavi) leggiTante(ctx context.Context, args []any, out map[int64][]byte) error {
	rows, err := c.tante.QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var avvolta []byte
		if err := rows.Scan(&id, &avvolta); err != nil {
			return err
		}
		if avvolta == nil {
			continue
		}
		if out[id], err = c.ring.UnwrapSlot(id, avvolta); err != nil {
			return err
		}
	}
	return rows.Err()
}

// UltimoSlot is the highest key slot that a case uses.
func (s *Store) UltimoSlot(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.QueryRowContext(ctx, `select coalesce(max(slot), 0) from pratiche`).Scan(&n)
	return n, err
}
