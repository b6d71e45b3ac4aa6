package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"tutela/internal/day"
	"tutela/internal/pratica"
)

// proiezione is the version of the derived rows: a change of Project raises it,
// and rows of an older one are made again.
const proiezione = 1

// What a group reads, in the shared text.
const (
	qContatori = `update numeri set ultimo = ultimo where ente = '' and anno = 0 returning registro, ultimo, ultimo_il`
	qNumero    = `insert into numeri (ente, registro, anno, ultimo, ultimo_il) values ($1,$2,$3,0,'')
on conflict (ente, registro, anno) do update set ultimo = numeri.ultimo returning ultimo, ultimo_il`
	colonneTesta = `p.n, p.id, p.ente, p.registro, p.anno, p.numero, p.codice, p.chiave, p.tipo, p.fase, p.stato,
p.aperta, p.slot, p.regolamento, p.calendario, p.seq, p.ricevuta_il, p.giorno, p.canale, p.presidio, p.struttura, p.macro, p.urp,
p.ricezione, p.incaricato, p.natura, p.scadenza, p.termine, p.chi_deve, p.prossimo, p.sospesa, p.scatto, p.risposta_giorno, p.scheda`
	qTesta     = `select ` + colonneTesta + ` from pratiche p where p.id = $1`
	qAtti      = `select t.a, t.busta, t.hash, t.sale from atti t join pratiche p on p.n = t.pratica where p.id = $1 order by t.seq`
	qRichiesta = `select risposta from richieste where id = $1`
)

// scansiona is a row of either driver.
type scansiona interface{ Scan(...any) error }

func leggiTesta(r scansiona, altro ...any) (pratica.Testa, error) {
	var (
		h                          pratica.Testa
		id                         []byte
		aperta, sospesa            int64
		ricevuta, giorno           string
		scadenza, scatto, risposta sql.NullString
	)
	err := r.Scan(append([]any{&h.N, &id, &h.Ente, &h.Registro, &h.Anno, &h.Numero, &h.Codice, &h.Chiave, &h.Tipo, &h.Fase, &h.Stato,
		&aperta, &h.Slot, &h.Regolamento, &h.Calendario, &h.Seq, &ricevuta, &giorno, &h.Canale, &h.Presidio, &h.Struttura, &h.Macro, &h.URP,
		&h.Ricezione, &h.Incaricato, &h.Natura, &scadenza, &h.Termine, &h.ChiDeve, &h.Prossimo, &sospesa, &scatto, &risposta, &h.Scheda}, altro...)...)
	if err != nil {
		return h, err
	}
	copy(h.ID[:], id)
	h.Aperta, h.Sospesa = aperta == 1, sospesa == 1
	h.RicevutaIl, h.Scatto = leggiIstante(ricevuta), leggiIstante(scatto.String)
	h.Giorno, h.Scadenza, h.RispostaIl = leggiData(giorno), leggiData(scadenza.String), leggiData(risposta.String)
	return h, nil
}

func leggiData(s string) day.Date {
	d, err := day.Parse(s)
	if err != nil {
		return 0
	}
	return d
}

func leggiAtto(r scansiona) (pratica.Registrato, error) {
	var x pratica.Registrato
	if err := r.Scan(&x.A, &x.Busta, &x.Hash, &x.Sale); err != nil {
		return x, err
	}
	at, err := pratica.DecodeBusta(x.Busta)
	x.Atto = at
	return x, err
}

// contatori fills the group's counters and moves its instant past the last one
// stored: number order is time order, also when the clock goes back.
func (g *gruppo) contatori(registro string, ultimo int64, ultimoIl string) {
	switch registro {
	case "a":
		g.a = ultimo
		if t := leggiIstante(ultimoIl); t.After(g.now) {
			g.now = t
		}
	case "n":
		g.n = ultimo
	}
}

// pgMotore reads a group in one pipeline and writes it in a second: two round
// trips however many requests share it.
type pgMotore struct {
	url  string
	conn *pgx.Conn
	in   bool
	xid  string // of the transaction that is open
}

func (m *pgMotore) inizia(ctx context.Context, g *gruppo) error {
	if m.conn.IsClosed() {
		conn, err := pgx.Connect(ctx, m.url)
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
	for _, r := range g.richieste {
		r.testa, r.atti, r.risposta = nil, nil, nil
		if !r.op.Pratica.IsZero() {
			b.Queue(qTesta, r.op.Pratica[:])
			b.Queue(qAtti, r.op.Pratica[:])
		}
		if r.op.Chiave != nil {
			b.Queue(qRichiesta, r.op.Chiave)
		}
	}
	if err := m.leggiTutto(ctx, b, g, registri); err != nil {
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

func (m *pgMotore) leggiTutto(ctx context.Context, b *pgx.Batch, g *gruppo, registri []chiaveNumero) (err error) {
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
	for _, r := range g.richieste {
		if !r.op.Pratica.IsZero() {
			if err := tutte(func(x scansiona) error {
				h, err := leggiTesta(x)
				r.testa = &h
				return err
			}); err != nil {
				return err
			}
			if err := tutte(func(x scansiona) error {
				at, err := leggiAtto(x)
				r.atti = append(r.atti, at)
				return err
			}); err != nil {
				return err
			}
		}
		if r.op.Chiave != nil {
			if err := tutte(func(x scansiona) error { return x.Scan(&r.risposta) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *pgMotore) scrivi(ctx context.Context, frasi []frase) error {
	b := &pgx.Batch{}
	for _, x := range frasi {
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
		conn, err := pgx.Connect(ctx, m.url)
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
