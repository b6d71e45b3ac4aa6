// Package auth says who is asking: passwords and second factors, sessions in a
// cookie, tokens of programs, and the people with their incarichi. It gives an access.Chi with the
// offices held today, or fault.Unauthenticated; what that person may do is for
// package access.
//
// Nothing here tells whether a name exists: an unknown one costs the same work
// and reads the same words as a wrong password.
package auth

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// The life of a session.
const (
	DurataSessione = 12 * time.Hour   // from sign-in, whatever one does
	Inattiva       = 20 * time.Minute // without a request; seen to the minute, so at least 19
	DurataMezza    = 10 * time.Minute // from the password to the second factor
)

const (
	ognivista  = time.Minute      // a session's last sight is written at most this often
	durataVoce = 30 * time.Second // what is known of a person, before it is read again
	maxVoci    = 4096
	maxInCoda  = 64 // sign-ins waiting for their hash
)

// Config is what New needs.
type Config struct {
	Archivio Archivio
	Chiavi   Portachiavi
	Ring     *vault.KeyRing
	Now      func() time.Time
	// Uffici expands the incarichi in force today to office keys, the units below
	// included. Nil: one key an incarico.
	Uffici func(ente string, inForza []access.Incarico, oggi day.Date) []string
	// Costo of new password hashes; zero: vault.CostoPieno.
	Costo vault.Costo
}

// Auth is the door. It is safe for many goroutines.
type Auth struct {
	archivio  Archivio
	chiavi    Portachiavi
	ring      *vault.KeyRing
	now       func() time.Time
	uffici    func(string, []access.Incarico, day.Date) []string
	costo     vault.Costo
	hash      func(password string, sale []byte, c vault.Costo) []byte
	vuoto     fattore       // what an unknown name is checked against; no password opens it
	turno     chan struct{} // one hash at a time: each takes 64 MiB
	verifiche sync.Mutex    // of stamps: one counts after the other
	inCoda    atomic.Int32

	mu     sync.Mutex
	voci   map[string]voce
	regole map[string]voceRegola
	genera uint64 // raised by every change, so a slow reading cannot bring back what it changed
}

// New makes the door.
func New(c Config) *Auth {
	a := &Auth{archivio: c.Archivio, chiavi: c.Chiavi, ring: c.Ring, now: c.Now, uffici: c.Uffici, costo: c.Costo, hash: argon,
		turno: make(chan struct{}, 1), voci: map[string]voce{}, regole: map[string]voceRegola{}}
	if a.costo == (vault.Costo{}) {
		a.costo = vault.CostoPieno
	}
	if a.uffici == nil {
		a.uffici = ufficiSemplici
	}
	a.vuoto = fattore{costo: a.costo, sale: make([]byte, lunghezzaSale), chiave: make([]byte, lunghezzaChiave)}
	rand.Read(a.vuoto.sale)
	rand.Read(a.vuoto.chiave)
	return a
}

func ufficiSemplici(_ string, inForza []access.Incarico, _ day.Date) []string {
	var out []string
	for _, i := range inForza {
		out = append(out, access.Ufficio(i.Ruolo, i.Unita))
	}
	return out
}

// voce is what is known of a person for a while: the row, and the offices held on
// that day.
type voce struct {
	persona Persona
	inForza []access.Incarico
	uffici  []string
	oggi    day.Date
	fino    time.Time
}

// voceRegola is an ente's rule, kept as long.
type voceRegola struct {
	regola Regola
	fino   time.Time
}

// voce gives a person with today's offices, at most 30 seconds old. Who still has
// a password that somebody else chose holds no office.
func (a *Auth) voce(ctx context.Context, ente, id string) (voce, error) {
	now := a.now()
	oggi, k := day.In(now), ente+"\x00"+id
	a.mu.Lock()
	v, c := a.voci[k]
	genera := a.genera
	a.mu.Unlock()
	if c && v.oggi == oggi && now.Before(v.fino) {
		return v, nil
	}
	p, err := a.archivio.Persona(ctx, ente, id)
	if err != nil {
		return voce{}, err
	}
	v = voce{persona: p, oggi: oggi, fino: now.Add(durataVoce)}
	for _, i := range p.Incarichi {
		if i.Vale(oggi) {
			v.inForza = append(v.inForza, i)
		}
	}
	if p.Attiva && !p.daCambiare() {
		v.uffici = a.uffici(ente, v.inForza, oggi)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.genera == genera {
		if len(a.voci) >= maxVoci {
			clear(a.voci)
		}
		a.voci[k] = v
	}
	return v, nil
}

// Dimentica drops what is known of everybody: the next request reads people and
// offices again. Who changes the organigramma calls it; changes made through this
// package need not.
func (a *Auth) Dimentica() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.genera++
	clear(a.voci)
	clear(a.regole)
}

// daCambiare reports whether somebody else chose the password.
func (p Persona) daCambiare() bool {
	f, err := leggiFattore(p.Fattore)
	return err == nil && f.provvisorio
}

func (v voce) chi(mezzo string, conferma time.Time) access.Chi {
	return access.Chi{Ente: v.persona.Ente, Persona: v.persona.ID, Nome: v.persona.Nome, Mezzo: mezzo,
		Uffici: slices.Clone(v.uffici), Giorno: v.oggi, Conferma: conferma}
}

// Nome is how colleagues call a person, by the opaque id that acts carry.
func (a *Auth) Nome(ctx context.Context, ente, persona string) (string, error) {
	v, err := a.voce(ctx, ente, persona)
	return v.persona.Nome, err
}

// ErrConferma asks who one is once more; errors.Is tells it from other refusals,
// so that a page can offer the field.
var ErrConferma = fault.New(fault.Forbidden, "Per questo passo dimostra di nuovo che sei tu.")

var errNonPuoi = fault.New(fault.Forbidden, "Solo un amministratore può farlo.")

// confermato gives ErrConferma unless who asks may go on with that gesture.
func (a *Auth) confermato(chi access.Chi, g access.Gesto) error {
	if !access.Confermato(chi, g, a.now()) {
		return ErrConferma
	}
	return nil
}

// amministra lets the program itself pass, and an administrator who just proved
// who he is.
func (a *Auth) amministra(chi access.Chi, g access.Gesto) error {
	switch {
	case eSistema(chi):
		return nil
	case !chi.Personale() || !chi.Ha(access.Amministratore):
		return errNonPuoi
	}
	return a.confermato(chi, g)
}

func eSistema(chi access.Chi) bool { return chi.Persona == access.Sistema(chi.Ente).Persona }

// attendiTurno waits for the one place where passwords are hashed. What it
// returns gives the place back.
func (a *Auth) attendiTurno(ctx context.Context) (func(), error) {
	if a.inCoda.Add(1) > maxInCoda {
		a.inCoda.Add(-1)
		return nil, fault.New(fault.Unavailable, "Molte persone stanno accedendo. Riprova tra un minuto.")
	}
	defer a.inCoda.Add(-1)
	select {
	case a.turno <- struct{}{}:
		return func() { <-a.turno }, nil
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "La richiesta è stata interrotta. Riprova.")
	}
}

// assente tells a missing row from a failure.
func assente(err error) bool { return err != nil && fault.Is(err, fault.NotFound) }
