package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
)

// Bounds of a group: it takes what is queued and waits for nobody.
const (
	maxGruppo = 64                    // requests in one transaction
	maxSfondo = maxGruppo / 4         // of them, background ones while people wait
	maxCoda   = 256                   // queued requests of each sort
	maxAttesa = 2 * time.Second       // in a full queue, before saying so
	fnLenta   = 50 * time.Millisecond // a change slower than this is logged
)

// motore is what differs between the databases: how a group is begun, read,
// written and committed.
type motore interface {
	// inizia begins the transaction, locks the counters and reads what the
	// requests named into them.
	inizia(ctx context.Context, g *gruppo) error
	// scrivi sends the statements and commits. When it fails nothing was stored.
	scrivi(ctx context.Context, frasi []frase) error
	annulla(ctx context.Context) error
	// byte is what the engine calls bytes.
	byte() string
	chiudi() error
}

// richiesta is one change waiting for its group.
type richiesta struct {
	op    pratica.Op
	fn    func(pratica.Tx) error
	ctx   context.Context
	esito chan error

	// read by the engine, for this group
	testa    *pratica.Testa
	atti     []pratica.Registrato
	risposta []byte
}

// gruppo is the requests of one transaction with the counters they share.
type gruppo struct {
	richieste []*richiesta
	now       time.Time
	a, n      int64
	numeri    map[chiaveNumero]int64
	toccati   map[chiaveNumero]bool
	log       map[string]testaLog // by ente
	cresciuti map[string]bool     // enti whose log has new leaves
	fermo     *error              // why no leaf is taken; nil: they are
}

type chiaveNumero struct {
	ente, registro string
	anno           int
}

// anno is the Rome year in which the group's numbers fall.
func (g *gruppo) anno() int { return day.In(g.now).Year() }

// enti are those whose log a request may add to.
func (g *gruppo) enti() []string {
	var out []string
	for _, r := range g.richieste {
		if r.op.Ente != "" && !slices.Contains(out, r.op.Ente) {
			out = append(out, r.op.Ente)
		}
	}
	return out
}

// registri are the counters the group needs in that year.
func (g *gruppo) registri(anno int) []chiaveNumero {
	var out []chiaveNumero
	visti := map[chiaveNumero]bool{}
	for _, r := range g.richieste {
		k := chiaveNumero{r.op.Ente, r.op.Registro, anno}
		if r.op.Registro != "" && !visti[k] {
			visti[k] = true
			out = append(out, k)
		}
	}
	return out
}

// fila is the queue in front of the one writer of a node.
type fila struct {
	m       motore
	now     func() time.Time
	persone chan *richiesta
	sfondo  chan *richiesta
	fermo   chan struct{}
	finita  chan struct{}
	una     sync.Once
	rotto   atomic.Pointer[error] // why no leaf is taken any more
	scritte atomic.Uint64         // groups committed
	ultima  atomic.Int64          // when a person last asked for a change, in nanoseconds
}

func nuovaFila(m motore, now func() time.Time) *fila {
	q := &fila{m: m, now: now, persone: make(chan *richiesta, maxCoda), sfondo: make(chan *richiesta, maxCoda),
		fermo: make(chan struct{}), finita: make(chan struct{})}
	go q.gira()
	return q
}

func (q *fila) chiudi() {
	q.una.Do(func() { close(q.fermo) })
	<-q.finita
}

var errOccupato = fault.New(fault.Unavailable, "Il sistema è molto occupato e non ha salvato nulla. Riprova tra un minuto.")

// esegui queues a change and waits for the commit of its group.
func (q *fila) esegui(ctx context.Context, r *richiesta) error {
	r.ctx, r.esito = ctx, make(chan error, 1)
	coda := q.persone
	if r.op.Background {
		coda = q.sfondo
	} else {
		q.ultima.Store(q.now().UnixNano())
	}
	pieno := time.NewTimer(maxAttesa)
	defer pieno.Stop()
	select {
	case coda <- r:
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "La richiesta è stata interrotta. Non è stato salvato nulla.")
	case <-pieno.C:
		return errOccupato
	case <-q.fermo:
		return fault.New(fault.Unavailable, "Il servizio si sta riavviando. Riprova tra un minuto.")
	}
	select {
	case err := <-r.esito:
		return err
	case <-q.finita: // the loop answers what it took before it ends
		select {
		case err := <-r.esito:
			return err
		default:
			return fault.New(fault.Unavailable, "Il servizio si sta riavviando. Riprova tra un minuto.")
		}
	}
}

func (q *fila) gira() {
	defer close(q.finita)
	var rinviate []*richiesta // two changes of one case never share a group
	for {
		gruppo := rinviate
		if len(gruppo) == 0 {
			select {
			case r := <-q.persone:
				gruppo = append(gruppo, r)
			case r := <-q.sfondo:
				gruppo = append(gruppo, r)
			case <-q.fermo:
				return
			}
		}
		runtime.Gosched() // who is about to ask does so first: larger groups, and nobody waits for a clock
		gruppo = q.raccogli(gruppo)
		gruppo, rinviate = separa(gruppo)
		q.svolgi(gruppo)
	}
}

// raccogli adds what is queued already, people first.
func (q *fila) raccogli(g []*richiesta) []*richiesta {
	for len(g) < maxGruppo {
		select {
		case r := <-q.persone:
			g = append(g, r)
			continue
		default:
		}
		break
	}
	limite := maxGruppo
	if len(g) > 0 {
		limite = min(maxGruppo, len(g)+maxSfondo)
	}
	for len(g) < limite {
		select {
		case r := <-q.sfondo:
			g = append(g, r)
			continue
		default:
		}
		break
	}
	return g
}

// separa puts off the second change of the same case or the same idempotent
// request, which must read what the first one wrote.
func separa(tutte []*richiesta) (ora, dopo []*richiesta) {
	visti := map[string]bool{}
	for _, r := range tutte {
		var k []string
		if !r.op.Pratica.IsZero() {
			k = append(k, "p"+string(r.op.Pratica[:]))
		}
		if r.op.Chiave != nil {
			k = append(k, "k"+string(r.op.Chiave))
		}
		doppia := false
		for _, s := range k {
			doppia = doppia || visti[s]
		}
		if doppia {
			dopo = append(dopo, r)
			continue
		}
		for _, s := range k {
			visti[s] = true
		}
		ora = append(ora, r)
	}
	return ora, dopo
}

// svolgi runs one group to its commit and answers everybody in it.
func (q *fila) svolgi(richieste []*richiesta) {
	var vive []*richiesta
	for _, r := range richieste {
		if r.ctx.Err() != nil { // who asked is gone, and was told nothing
			r.esito <- fault.Wrap(r.ctx.Err(), fault.Unavailable, "La richiesta è stata interrotta. Non è stato salvato nulla.")
			continue
		}
		vive = append(vive, r)
	}
	if len(vive) == 0 {
		return
	}
	esiti, err := q.prova(vive)
	if err != nil && len(vive) > 1 && !errors.Is(err, errIncerto) { // one statement of somebody's failed: each by itself
		for _, r := range vive {
			soli, err := q.prova([]*richiesta{r})
			if err != nil {
				r.esito <- guasto(err)
				continue
			}
			r.esito <- soli[0]
		}
		return
	}
	for i, r := range vive {
		if err != nil {
			r.esito <- guasto(err)
			continue
		}
		r.esito <- esiti[i]
	}
}

// prova runs the functions of a group and commits what they wrote. The errors of
// single functions are theirs alone; the returned error means nothing was stored.
func (q *fila) prova(richieste []*richiesta) (esiti []error, err error) {
	// The commit must not be torn by one requester's going away.
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	g := &gruppo{richieste: richieste, now: q.now().UTC().Truncate(time.Millisecond),
		fermo: q.rotto.Load(), numeri: map[chiaveNumero]int64{}, toccati: map[chiaveNumero]bool{}, log: map[string]testaLog{}, cresciuti: map[string]bool{}}
	if err := q.m.inizia(ctx, g); err != nil {
		return nil, errors.Join(fmt.Errorf("begin group: %w", err), q.m.annulla(ctx))
	}
	a, n := g.a, g.n
	esiti = make([]error, len(richieste))
	var frasi []frase
	for i, r := range richieste {
		t := &tx{r: r, g: g, a: g.a, n: g.n, numeri: map[chiaveNumero]int64{},
			unione: "cast(cerca.gettoni || excluded.gettoni as " + q.m.byte() + ")"}
		if esiti[i] = chiama(t, r.fn); esiti[i] != nil {
			continue
		}
		g.a, g.n = t.a, t.n
		for k, v := range t.numeri {
			g.numeri[k] = v
			g.toccati[k] = true
		}
		if t.log != nil {
			g.log[r.op.Ente], g.cresciuti[r.op.Ente] = *t.log, true
		}
		frasi = append(frasi, t.frasi...)
	}
	if len(frasi) == 0 {
		return esiti, q.m.annulla(ctx)
	}
	il := scriviIstante(g.now)
	if g.a != a || len(g.cresciuti) > 0 { // instants never go back in the log
		frasi = append(frasi, f("update numeri set ultimo = $1, ultimo_il = $2 where ente = '' and registro = 'a' and anno = 0", g.a, il))
	}
	if g.n != n {
		frasi = append(frasi, f("update numeri set ultimo = $1 where ente = '' and registro = 'n' and anno = 0", g.n))
	}
	for k := range g.toccati {
		frasi = append(frasi, f("update numeri set ultimo = $1, ultimo_il = $2 where ente = $3 and registro = $4 and anno = $5",
			g.numeri[k], il, k.ente, k.registro, k.anno))
	}
	for ente := range g.cresciuti {
		frasi = append(frasi, g.log[ente].scrivi(ente))
	}
	if err := q.m.scrivi(ctx, frasi); err != nil {
		return nil, errors.Join(fmt.Errorf("write group: %w", err), q.m.annulla(ctx))
	}
	q.scritte.Add(1)
	return esiti, nil
}

// chiama runs one function; a panic in it is that request's alone.
func chiama(t *tx, fn func(pratica.Tx) error) (err error) {
	inizio := time.Now()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a change: %v", p)
		}
		if d := time.Since(inizio); d > fnLenta {
			slog.Warn("a change held the writer", "ms", d.Milliseconds())
		}
	}()
	return errors.Join(fn(t), t.err)
}

// guasto is what the person reads when the group could not be stored.
func guasto(err error) error {
	if spazioFinito(err) {
		return fault.Wrap(err, fault.Unavailable, "Non riusciamo a salvare: lo spazio è finito. Non è stato registrato nulla.")
	}
	if errors.Is(err, errIncerto) {
		return fault.Wrap(err, fault.Unavailable, "Il database non risponde e non sappiamo se abbiamo salvato. Riprova da questa pagina: se era già arrivato, non si registra due volte.")
	}
	return fault.Wrap(err, fault.Unavailable, "Non riusciamo a salvare in questo momento. Non è stato registrato nulla.")
}
