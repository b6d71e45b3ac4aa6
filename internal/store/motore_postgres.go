package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// maxRighe bounds the rows of one statement.
const maxRighe = 32

// What a group reads: the counters, locked, and what its requests named.
const (
	qContatori = `update numeri set ultimo = ultimo where ente = '' and anno = 0 returning registro, ultimo, ultimo_il`
	qNumero    = `insert into numeri (ente, registro, anno, ultimo, ultimo_il) values ($1,$2,$3,0,'')
on conflict (ente, registro, anno) do update set ultimo = numeri.ultimo returning ultimo, ultimo_il`
	qTeste     = `select ` + colonneTesta + ` from pratiche p where p.id = any($1)`
	qAttiDi    = `select t.a, t.busta, t.hash, t.sale, t.pos, t.foglia, p.id from atti t join pratiche p on p.n = t.pratica where p.id = any($1) order by t.pratica, t.seq`
	qLogDi     = `select ente, epoca, n, bordo from log_testa where ente = any($1)`
	qRichieste = `select id, risposta from richieste where id = any($1)`
)

// pgMotore reads a group in one pipeline and writes it in a second: two round
// trips however many requests share it.
type pgMotore struct {
	url  string
	conn *pgx.Conn
	in   bool
	xid  string // of the transaction that is open

	testi map[testoRighe]string // making one costs as much as a row
}

// testoRighe names the text that adds n rows as q adds one.
type testoRighe struct {
	q string
	n int
}

// collegaMotore opens the writer's connection. All it reads is by key: a plan made
// while a table was empty must not read the whole of it when it is full.
func collegaMotore(ctx context.Context, url string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, `set jit = off; set enable_seqscan = off; set plan_cache_mode = force_generic_plan`); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}

func (m *pgMotore) byte() string { return "bytea" }

func (m *pgMotore) inizia(ctx context.Context, g *gruppo) error {
	if m.conn.IsClosed() {
		conn, err := collegaMotore(ctx, m.url)
		if err != nil {
			return fmt.Errorf("reconnect: %w", err)
		}
		m.conn = conn
	}
	m.in = true
	anno := g.anno()
	registri := g.registri(anno)
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(qContatori)
	b.Queue(`select pg_current_xact_id()::text`)
	for _, k := range registri {
		b.Queue(qNumero, k.ente, k.registro, k.anno)
	}
	b.Queue(qLogDi, g.enti())
	diPratica, diChiave := map[string]*richiesta{}, map[string]*richiesta{} // each once in a group
	for _, r := range g.richieste {
		r.testa, r.atti, r.risposta = nil, nil, nil
		if !r.op.Pratica.IsZero() {
			diPratica[string(r.op.Pratica[:])] = r
		}
		if r.op.Chiave != nil {
			diChiave[string(r.op.Chiave)] = r
		}
	}
	if len(diPratica) > 0 {
		ids := chiaviDi(diPratica)
		b.Queue(qTeste, ids)
		b.Queue(qAttiDi, ids)
	}
	if len(diChiave) > 0 {
		b.Queue(qRichieste, chiaviDi(diChiave))
	}
	if err := m.leggiTutto(ctx, b, g, registri, diPratica, diChiave); err != nil {
		return err
	}
	if g.anno() == anno {
		return nil
	}
	// The last instant stored falls in another year than our clock: that year's
	// counters, then.
	for _, k := range g.registri(g.anno()) {
		var u int64
		var il string
		if err := m.conn.QueryRow(ctx, qNumero, k.ente, k.registro, k.anno).Scan(&u, &il); err != nil {
			return err
		}
		g.numeri[k] = u
	}
	return nil
}

func chiaviDi(m map[string]*richiesta) [][]byte {
	var out [][]byte
	for k := range m {
		out = append(out, []byte(k))
	}
	return out
}

func (m *pgMotore) leggiTutto(ctx context.Context, b *pgx.Batch, g *gruppo, registri []chiaveNumero, diPratica, diChiave map[string]*richiesta) (err error) {
	res := m.conn.SendBatch(ctx, b)
	defer func() { err = errors.Join(err, res.Close()) }()
	if _, err := res.Exec(); err != nil {
		return err
	}
	tutte := func(riga func(scansiona) error) error {
		rows, err := res.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := riga(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
	var reg, il string
	var u int64
	if err := tutte(func(r scansiona) error {
		if err := r.Scan(&reg, &u, &il); err != nil {
			return err
		}
		g.contatori(reg, u, il)
		return nil
	}); err != nil {
		return err
	}
	if err := tutte(func(r scansiona) error { return r.Scan(&m.xid) }); err != nil {
		return err
	}
	for _, k := range registri {
		if err := tutte(func(r scansiona) error {
			err := r.Scan(&u, &il)
			g.numeri[k] = u
			return err
		}); err != nil {
			return err
		}
	}
	if err := tutte(g.leggiLog); err != nil {
		return err
	}
	if len(diPratica) > 0 {
		if err := tutte(func(x scansiona) error {
			h, err := leggiTesta(x)
			if err == nil {
				diPratica[string(h.ID[:])].testa = &h
			}
			return err
		}); err != nil {
			return err
		}
		if err := tutte(func(x scansiona) error {
			var id []byte
			at, err := leggiAtto(x, &id)
			if err == nil {
				r := diPratica[string(id)]
				r.atti = append(r.atti, at)
			}
			return err
		}); err != nil {
			return err
		}
	}
	if len(diChiave) > 0 {
		return tutte(func(x scansiona) error {
			var id, risposta []byte
			if err := x.Scan(&id, &risposta); err != nil {
				return err
			}
			diChiave[string(id)].risposta = risposta
			return nil
		})
	}
	return nil
}

// raduna makes one statement of the rows that a group adds to a table, after all
// that is no added row: planning and carrying a statement costs PostgreSQL more
// than a row. They come by powers of two, so that few texts are ever prepared.
func (m *pgMotore) raduna(frasi []frase) []frase {
	var out []frase
	var testi []string // in their order
	righe := map[string][][]any{}
	for _, x := range frasi {
		if !x.riga {
			out = append(out, x)
			continue
		}
		if righe[x.q] == nil {
			testi = append(testi, x.q)
		}
		righe[x.q] = append(righe[x.q], x.args)
	}
	for _, q := range testi {
		for resto := righe[q]; len(resto) > 0; {
			n := min(1<<(bits.Len(uint(len(resto)))-1), maxRighe)
			out = append(out, f(m.piuRighe(q, len(resto[0]), n), slices.Concat(resto[:n]...)...))
			resto = resto[n:]
		}
	}
	return out
}

// piuRighe is the text of an insert of one row, for n rows of so many columns.
func (m *pgMotore) piuRighe(q string, colonne, n int) string {
	k := testoRighe{q, n}
	if n == 1 || m.testi[k] != "" {
		return cmp.Or(m.testi[k], q)
	}
	prima, dopo, _ := strings.Cut(q, "($1,")
	_, dopo, _ = strings.Cut(dopo, ")")
	var b strings.Builder
	b.WriteString(prima)
	for v := range n * colonne {
		switch {
		case v == 0:
			b.WriteString("($1")
		case v%colonne == 0:
			fmt.Fprintf(&b, "),($%d", v+1)
		default:
			fmt.Fprintf(&b, ",$%d", v+1)
		}
	}
	b.WriteString(")" + dopo)
	m.testi[k] = b.String()
	return m.testi[k]
}

func (m *pgMotore) scrivi(ctx context.Context, frasi []frase) error {
	b := &pgx.Batch{}
	for _, x := range m.raduna(frasi) {
		b.Queue(x.q, x.args...)
	}
	b.Queue("commit")
	err := m.conn.SendBatch(ctx, b).Close()
	if err != nil && m.conn.IsClosed() { // cut off: the commit may have come through
		m.in = false
		fatta, dubbio := m.compiuta()
		if dubbio != nil {
			return errors.Join(errIncerto, err, dubbio)
		}
		if fatta {
			return nil
		}
	}
	if err != nil {
		return err
	}
	m.in = false
	return nil
}

// errIncerto is a group of which nobody knows whether it was stored.
var errIncerto = errors.New("the database went away during the commit")

// compiuta asks the server, on a new connection, what became of a transaction
// whose answer was lost.
func (m *pgMotore) compiuta() (bool, error) {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	slog.Warn("the database went away during a commit: asking what became of it")
	for {
		var stato string
		conn, err := collegaMotore(ctx, m.url)
		if err == nil {
			err = conn.QueryRow(ctx, `select coalesce(pg_xact_status($1::text::xid8), '')`, m.xid).Scan(&stato)
			m.conn = conn
		}
		switch stato {
		case "committed":
			return true, nil
		case "aborted":
			return false, nil
		}
		select { // it is still at work, or is starting
		case <-ctx.Done():
			return false, errors.Join(err, ctx.Err())
		case <-time.After(250 * time.Millisecond):
		}
		if err == nil {
			_ = conn.Close(ctx)
		}
	}
}

func (m *pgMotore) annulla(ctx context.Context) error {
	if !m.in {
		return nil
	}
	m.in = false
	if m.conn.IsClosed() {
		return nil
	}
	_, err := m.conn.Exec(ctx, "rollback")
	return err
}

func (m *pgMotore) chiudi() error {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	return m.conn.Close(ctx)
}
