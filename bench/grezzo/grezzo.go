// Package grezzo is the floor the intake is compared with: the same rows as the
// program writes, by a group commit that does nothing else. No fold, no sealing,
// no database/sql. Only bench imports it.
package grezzo

import (
	"context"
	"crypto/rand"
	"time"

	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/vault"
)

// Righe are the rows of one intake, as the program made them.
type Righe struct {
	Atto      pratica.Registrato
	Contenuti []pratica.Contenuto
	Involucri []vault.Involucro
	Righe     pratica.Righe
	Anno      int
	Gettoni   []byte
	Risposta  []byte
}

// ente of the raw rows: no list of another ente sees them.
const ente = "grezzo"

const maxGruppo = 64

// motore writes one group to its commit, reading and writing the counters.
type motore interface {
	scrivi(gruppo []Righe) error
	chiudi() error
}

type richiesta struct {
	righe Righe
	esito chan error
}

// Scrittore is one writer that many goroutines share.
type Scrittore struct {
	m    motore
	coda chan richiesta
	fine chan struct{}
}

// Apri opens the floor on a database that the program made: url of PostgreSQL,
// else the SQLite file. conLog adds the leaf of each act.
func Apri(ctx context.Context, file, url string, conLog bool) (*Scrittore, error) {
	var m motore
	var err error
	var log *registro.Edge // of this run: what an earlier one left goes
	if conLog {
		log = &registro.Edge{}
	}
	if url != "" {
		m, err = apriPostgres(ctx, url, log)
	} else {
		m, err = apriSQLite(file, log)
	}
	if err != nil {
		return nil, err
	}
	s := &Scrittore{m: m, coda: make(chan richiesta, 256), fine: make(chan struct{})}
	go s.gira()
	return s, nil
}

// Chiudi ends the writer.
func (s *Scrittore) Chiudi() error {
	close(s.coda)
	<-s.fine
	return s.m.chiudi()
}

// Inserisci stores the rows of one intake, and returns after their commit.
func (s *Scrittore) Inserisci(r Righe) error {
	x := richiesta{r, make(chan error, 1)}
	s.coda <- x
	return <-x.esito
}

func (s *Scrittore) gira() {
	defer close(s.fine)
	for prima := range s.coda {
		gruppo := []richiesta{prima}
	raccogli:
		for len(gruppo) < maxGruppo {
			select {
			case x, ok := <-s.coda:
				if !ok {
					break raccogli
				}
				gruppo = append(gruppo, x)
			default:
				break raccogli
			}
		}
		righe := make([]Righe, len(gruppo))
		for i, x := range gruppo {
			righe[i] = x.righe
		}
		err := s.m.scrivi(righe)
		for _, x := range gruppo {
			x.esito <- err
		}
	}
}

// frase is one statement with its values, in the kinds that both drivers take.
type frase struct {
	q    string
	args []any
}

// contatori are the counters as a group found them.
type contatori struct {
	a, n, numero int64
	log          *registro.Edge
}

const (
	qContatori = `select registro, ultimo from numeri where ente = '' and anno = 0`
	qNumero    = `select ultimo from numeri where ente = 'grezzo' and registro = 'urp' and anno = 2026`
	qSegna     = `update numeri set ultimo = $1 where ente = '' and registro = $2 and anno = 0`
	qSegnaNum  = `insert into numeri (ente, registro, anno, ultimo, ultimo_il) values ('grezzo','urp',2026,$1,'')
on conflict (ente, registro, anno) do update set ultimo = excluded.ultimo`
	qTesta = `insert into log_testa (ente, epoca, n, bordo) values ('grezzo',1,$1,$2) on conflict (ente) do update set n = excluded.n, bordo = excluded.bordo`
	qVuota = `delete from log_hash where ente = 'grezzo'`
)

// frasi are the statements of one intake under new ids.
func frasi(c *contatori, r Righe) []frase {
	c.a++
	c.n++
	c.numero++
	id := vault.NewID(time.Now())
	chiave := make([]byte, 16)
	_, _ = rand.Read(chiave)
	h, at := r.Righe.Testa, r.Atto
	il := at.Atto.Il.UTC().Format("2006-01-02T15:04:05.000Z")
	vuoto := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	var scatto any
	if !h.Scatto.IsZero() {
		scatto = h.Scatto.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	pos, foglia, out := c.foglia(at)
	out = append(out, frase{`insert into atti (a, pratica, seq, kind, il, giorno, persona, busta, hash, sale, pos, foglia) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		[]any{c.a, c.n, int64(1), at.Atto.Kind, il, at.Atto.Giorno.String(), at.Atto.Persona, at.Busta, at.Hash, at.Sale, pos, foglia}})
	for _, x := range r.Contenuti {
		out = append(out, frase{`insert into contenuti (k, parte, bytes) values ($1,$2,$3)`, []any{c.a*16 + int64(x.N), x.Parte, x.Bytes}})
	}
	out = append(out, frase{`insert into pratiche (n, tipo, fase, stato, aperta, seq, proiezione, struttura, macro, urp,
incaricato, natura, scadenza, termine, chi_deve, prossimo, sospesa, scatto, risposta_giorno, chiusa_il, vincolo, eliminata, scheda,
id, ente, registro, anno, numero, codice, slot, regolamento, calendario, ricevuta_il, giorno, canale, presidio, ricezione)
values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35,$36,$37)`,
		[]any{c.n, h.Tipo, h.Fase, h.Stato, int64(1), int64(1), int64(1), h.Struttura, h.Macro, h.URP,
			h.Incaricato, h.Natura, vuoto(h.Scadenza.String()), h.Termine, h.ChiDeve, h.Prossimo, int64(0), scatto, nil, nil, int64(0), nil, h.Scheda,
			id[:], ente, h.Registro, int64(2026), c.numero, vault.NewCodice(), h.Slot, h.Regolamento, h.Calendario, il, h.Giorno.String(),
			h.Canale, h.Presidio, h.Ricezione}})
	for _, x := range r.Involucri {
		out = append(out, frase{`insert into involucri (pratica, parte, destinatario, versione, chiusa) values ($1,$2,$3,$4,$5)`,
			[]any{c.n, x.Nome, x.Destinatario, int64(x.Versione), x.Chiusa}})
	}
	for _, x := range r.Righe.Compiti {
		out = append(out, frase{`insert into compiti (ente, ufficio, scadenza, pratica, cosa, gruppo) values ($1,$2,$3,$4,$5,$6)`,
			[]any{ente, x.Ufficio, x.Scadenza.String(), c.n, x.Cosa, x.Gruppo}})
	}
	for _, x := range r.Righe.Vede {
		out = append(out, frase{`insert into vede (ente, ufficio, n, come) values ($1,$2,$3,$4)`, []any{ente, x.Ufficio, c.n, x.Come}})
	}
	return append(out,
		frase{`insert into cerca (n, ente, anno, gettoni) values ($1,$2,$3,$4)`, []any{c.n, ente, int64(r.Anno), r.Gettoni}},
		frase{`insert into richieste (id, ente, pratica, risposta, il) values ($1,$2,$3,$4,$5)`, []any{chiave, ente, c.n, r.Risposta, il}})
}

// foglia adds the leaf of an act, as the program does.
func (c *contatori) foglia(r pratica.Registrato) (pos int64, foglia []byte, out []frase) {
	if c.log == nil {
		return 0, make([]byte, 32), nil
	}
	l := r.Leaf(registro.Origin(ente, 1), r.Atto.Apertura, nil)
	h, err := l.Hash()
	if err != nil {
		panic(err) // the program made it
	}
	dopo, hash := c.log.Append(h)
	for i, x := range hash {
		out = append(out, frase{`insert into log_hash (ente, idx, hash) values ($1,$2,$3)`, []any{ente, c.log.First() + int64(i), x[:]}})
	}
	pos, *c.log = c.log.N, dopo
	return pos, h[:], out
}

// Spia gives a store that also hands the rows of each intake to visto.
func Spia(a pratica.Archivio, visto func(Righe)) pratica.Archivio { return &spia{a, visto} }

type spia struct {
	pratica.Archivio
	visto func(Righe)
}

func (s *spia) Update(ctx context.Context, op pratica.Op, fn func(pratica.Tx) error) error {
	t := &txSpia{}
	err := s.Archivio.Update(ctx, op, func(tx pratica.Tx) error {
		*t = txSpia{Tx: tx}
		return fn(t)
	})
	if err == nil {
		s.visto(t.righe)
	}
	return err
}

type txSpia struct {
	pratica.Tx
	righe Righe
}

func (t *txSpia) Append(r pratica.Registrato, c []pratica.Contenuto) {
	t.righe.Atto, t.righe.Contenuti = r, c
	t.Tx.Append(r, c)
}

func (t *txSpia) Avvolgi(n int64, i []vault.Involucro) {
	t.righe.Involucri = i
	t.Tx.Avvolgi(n, i)
}

func (t *txSpia) Project(r pratica.Righe) {
	t.righe.Righe = r
	t.Tx.Project(r)
}

func (t *txSpia) Index(n int64, anno int, g []byte) {
	t.righe.Anno, t.righe.Gettoni = anno, g
	t.Tx.Index(n, anno, g)
}

func (t *txSpia) Ricorda(b []byte, n int64) {
	t.righe.Risposta = b
	t.Tx.Ricorda(b, n)
}

func segnaposti(q string) string { // $1, $2… in order, as plain marks
	out := make([]byte, 0, len(q))
	for i := 0; i < len(q); i++ {
		if q[i] != '$' {
			out = append(out, q[i])
			continue
		}
		out = append(out, '?')
		for i+1 < len(q) && q[i+1] >= '0' && q[i+1] <= '9' {
			i++
		}
	}
	return string(out)
}
