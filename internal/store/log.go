package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/registro"
)

// testaLog is where an ente's log ends: its epoch and the edge of its tree. Only the
// database has it, so that a change that is taken back leaves no trace.
type testaLog struct {
	epoca int
	edge  registro.Edge
}

// qLog reads the ends of logs. The row is written by who holds the counters only.
const qLog = `select ente, epoca, n, bordo from log_testa where ente = $1`

func (g *gruppo) leggiLog(r scansiona) error {
	ente, t, err := leggiTestaLog(r)
	g.log[ente] = t
	return err
}

func leggiTestaLog(r scansiona) (ente string, t testaLog, err error) {
	var n int64
	var bordo []byte
	if err := r.Scan(&ente, &t.epoca, &n, &bordo); err != nil {
		return ente, t, err
	}
	t.edge, err = registro.ParseEdge(n, bordo)
	return ente, t, err
}

func (l testaLog) scrivi(ente string) frase {
	return f(`insert into log_testa (ente, epoca, n, bordo) values ($1,$2,$3,$4)
on conflict (ente) do update set epoca = excluded.epoca, n = excluded.n, bordo = excluded.bordo`, ente, l.epoca, l.edge.N, l.edge.Bytes())
}

// origine is the log's name in the epoch under way. A log that has no row begins.
func (l testaLog) origine(ente string) string { return registro.Origin(ente, max(l.epoca, 1)) }

// testaLog is the end of the log of the Op's ente, after what this change added.
func (t *tx) testaLog() testaLog {
	if t.log != nil {
		return *t.log
	}
	return t.g.log[t.r.op.Ente]
}

// cresce adds a leaf and stores the hashes that it makes.
func (t *tx) cresce(l registro.Leaf) (pos int64, foglia []byte) {
	if t.g.fermo != nil && l.Kind != registro.KindRestore {
		t.err = *t.g.fermo
		return 0, nil
	}
	h, err := l.Hash()
	if err != nil {
		t.err = err
		return 0, nil
	}
	prima := t.testaLog()
	if l.Kind == registro.KindRestore {
		_, prima.epoca, _ = registro.ParseOrigin(l.Log)
	}
	dopo, hash := prima.edge.Append(h)
	for i, x := range hash {
		t.aggiungi(`insert into log_hash (ente, idx, hash) values ($1,$2,$3)`, t.r.op.Ente, prima.edge.First()+int64(i), x[:])
	}
	t.log = &testaLog{epoca: max(prima.epoca, 1), edge: dopo}
	return prima.edge.N, h[:]
}

// foglia adds the leaf of an act.
func (t *tx) foglia(r pratica.Registrato) (pos int64, foglia []byte) {
	var prima *pratica.Registrato
	if n := len(t.r.atti); n > 0 {
		prima = &t.r.atti[n-1]
	}
	apertura := r.Atto.Apertura
	if apertura == nil && prima != nil {
		apertura = t.r.atti[0].Atto.Apertura
	}
	return t.cresce(r.Leaf(t.testaLog().origine(t.r.op.Ente), apertura, prima))
}

// Fatto adds to the log what is no act of a case, by the bytes that say it.
func (t *tx) Fatto(kind string, testo []byte) {
	t.fatto(t.testaLog().origine(t.r.op.Ente), kind, testo)
}

func (t *tx) fatto(origine, kind string, testo []byte) {
	l := registro.NewRecord(origine, kind, t.g.now, testo)
	pos, foglia := t.cresce(l)
	t.aggiungi(`insert into log_fatti (ente, pos, kind, il, testo, sale, foglia) values ($1,$2,$3,$4,$5,$6,$7)`,
		t.r.op.Ente, pos, kind, scriviIstante(t.g.now), testo, l.Sale[:], foglia)
}

// Restore adds the declaration that begins an epoch, under its name; the registers go on
// from the counters given.
func (s *Store) Restore(ctx context.Context, ente string, r registro.Restore, counters map[string]int) (registro.Edge, error) {
	testo, err := json.Marshal(r)
	if err != nil {
		return registro.Edge{}, fmt.Errorf("encode the declaration: %w", err)
	}
	var dopo registro.Edge
	err = s.Update(ctx, pratica.Op{Ente: ente}, func(x pratica.Tx) error {
		t := x.(*tx)
		if n := t.testaLog().edge.N; n != r.From {
			return fmt.Errorf("%w: it grew meanwhile", registro.ErrFork)
		}
		t.fatto(registro.Origin(ente, r.Epoch), registro.KindRestore, testo)
		for k, n := range counters {
			nome, anno, _ := strings.Cut(k, "/")
			a, err := strconv.Atoi(anno)
			if err != nil {
				return fmt.Errorf("read a counter: %w", err)
			}
			t.scrivi(`insert into numeri (ente, registro, anno, ultimo, ultimo_il) values ($1,$2,$3,$4,$5)
on conflict (ente, registro, anno) do update set ultimo = excluded.ultimo`, ente, nome, a, n, scriviIstante(t.g.now))
		}
		dopo = t.testaLog().edge
		return nil
	})
	return dopo, err
}

// UltimoIstante is the instant of the last thing that was registered, of any ente; zero
// before the first.
func (s *Store) UltimoIstante(ctx context.Context) (time.Time, error) {
	var il string
	if err := s.db.QueryRowContext(ctx, `select ultimo_il from numeri where ente = '' and registro = 'a' and anno = 0`).Scan(&il); err != nil {
		return time.Time{}, fmt.Errorf("read the last instant: %w", err)
	}
	return leggiIstante(il), nil
}

// Ferma refuses from now on whatever would leave a leaf, saying why; nil: no more.
func (s *Store) Ferma(perche error) {
	if perche == nil {
		s.fila.rotto.Store(nil)
		return
	}
	s.fila.rotto.Store(&perche)
}

// Log is where an ente's log ends. One that is not begun has no leaf, in epoch 1.
func (s *Store) Log(ctx context.Context, ente string) (epoch int, edge registro.Edge, err error) {
	t := testaLog{epoca: 1}
	if err := s.righe(ctx, qLog, []any{ente}, func(r *sql.Rows) error {
		_, t, err = leggiTestaLog(r)
		return err
	}); err != nil {
		return 0, edge, fmt.Errorf("read the end of the log: %w", err)
	}
	return t.epoca, t.edge, nil
}

// fattoRipristino declares that an older state was put back: with it an epoch begins.
const fattoRipristino = registro.KindRestore

// Epoch is the epoch in which the leaf at a place of an ente's log was added.
func (s *Store) Epoch(ctx context.Context, ente string, pos int64) (int, error) {
	n, err := s.interi(ctx, `select count(*) from log_fatti where ente = $1 and kind = $2 and pos <= $3`, ente, fattoRipristino, pos)
	if err != nil {
		return 0, err
	}
	return 1 + int(n[0]), nil
}

// Hashes reads the stored hashes of an ente's log, for tlog's proofs.
func (s *Store) Hashes(ctx context.Context, ente string) tlog.HashReader {
	return tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		if len(idx) == 0 {
			return nil, nil
		}
		a := &access.Args{}
		q := `select idx, hash from log_hash where ente = ` + a.Add(ente) + ` and idx in (` + strings.Join(posti(a, idx), ",") + `)`
		di := make(map[int64]tlog.Hash, len(idx))
		if err := s.righe(ctx, q, a.Valori, func(r *sql.Rows) error {
			var k int64
			var b []byte
			if err := r.Scan(&k, &b); err != nil {
				return err
			}
			if len(b) != tlog.HashSize {
				return fmt.Errorf("%w: hash %d has %d bytes", registro.ErrBroken, k, len(b))
			}
			di[k] = tlog.Hash(b)
			return nil
		}); err != nil {
			return nil, fmt.Errorf("read hashes of the log: %w", err)
		}
		out := make([]tlog.Hash, len(idx))
		for i, k := range idx {
			h, ok := di[k]
			if !ok {
				return nil, fmt.Errorf("%w: hash %d is missing", registro.ErrBroken, k)
			}
			out[i] = h
		}
		return out, nil
	})
}
