package web

import (
	"crypto/rand"
	"maps"
	"net/http"
	"sync"
	"time"

	"tutela/internal/vault"
)

const (
	biscottoSegui = "__Host-f"
	durataSegui   = 30 * time.Minute
	interaSegui   = 4 * time.Hour          // from the entrance: then the key is asked again
	sogliaSegui   = 400 * time.Millisecond // every refusal takes as long as this
)

// sessioneSegui is who follows a report: it is in the cookie only, sealed by the
// server, so the key never stands in an address.
type sessioneSegui struct {
	ID       string // of this entrance, drawn at random
	Codice   string
	Chiave   string `json:",omitempty"`
	Contatto string `json:",omitempty"`
	Fine     time.Time
	Scade    time.Time
}

// uscite are the entrances that their people ended before the time: to this
// process, while it runs, a copy of the cookie opens nothing more. Safe for many
// goroutines.
type uscite struct {
	mu sync.Mutex
	di map[string]time.Time // until when the entrance would have lasted
}

func (u *uscite) segna(x sessioneSegui, ora time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.di == nil {
		u.di = map[string]time.Time{}
	}
	maps.DeleteFunc(u.di, func(_ string, fine time.Time) bool { return !ora.Before(fine) })
	u.di[x.ID] = x.Fine
}

func (u *uscite) uscita(x sessioneSegui) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.di[x.ID]
	return ok
}

func (s *Server) contestoSegui() string { return vault.Context("segui", s.EnteID) }

// ricordaSegui is the session's cookie, for thirty minutes more, but never past
// four hours from the entrance.
func (s *Server) ricordaSegui(x sessioneSegui) *http.Cookie {
	ora := s.Now()
	if x.Fine.IsZero() {
		x.ID, x.Fine = rand.Text(), ora.Add(interaSegui)
	}
	x.Scade = ora.Add(durataSegui)
	if x.Fine.Before(x.Scade) {
		x.Scade = x.Fine
	}
	return biscotto(biscottoSegui, s.sigilla(s.contestoSegui(), x), x.Scade.Sub(ora))
}

func (s *Server) sessioneSegui(r *http.Request) (sessioneSegui, bool) {
	var x sessioneSegui
	c, err := r.Cookie(biscottoSegui)
	if err != nil {
		return x, false
	}
	if !s.apriSigillo(s.contestoSegui(), c.Value, &x) || !s.Now().Before(x.Scade) || s.uscite.uscita(x) {
		return sessioneSegui{}, false
	}
	return x, true
}

// freniSegui slow down who guesses. Contacts are known to relatives, so they are
// held by the codice; keys cannot be guessed, and only the network is held.
type freniSegui struct {
	mu     sync.Mutex
	errori map[string][]time.Time
}

const (
	erroriOra    = 5  // with a contact, for one codice
	erroriGiorno = 20 // likewise
	erroriRete   = 60 // an hour, from one network
	maxFreni     = 20_000
)

// attesa is how long to wait before another attempt; zero for none.
func (f *freniSegui) attesa(x sessioneSegui, rete string, ora time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	attesa := limite(f.errori["r"+rete], erroriRete, time.Hour, ora)
	if x.Chiave == "" {
		attesa = max(attesa, limite(f.errori["c"+x.Codice], erroriOra, time.Hour, ora), limite(f.errori["c"+x.Codice], erroriGiorno, 24*time.Hour, ora))
	}
	return attesa
}

// limite is when the oldest of the last n errors leaves the window.
func limite(errori []time.Time, n int, finestra time.Duration, ora time.Time) time.Duration {
	if len(errori) < n {
		return 0
	}
	return max(0, errori[len(errori)-n].Add(finestra).Sub(ora))
}

func (f *freniSegui) sbagliato(x sessioneSegui, rete string, ora time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.errori == nil || len(f.errori) > maxFreni {
		f.errori = map[string][]time.Time{}
	}
	f.segna("r"+rete, erroriRete, ora)
	if x.Chiave == "" {
		f.segna("c"+x.Codice, erroriGiorno, ora)
	}
}

func (f *freniSegui) segna(chiave string, n int, ora time.Time) {
	e := append(f.errori[chiave], ora)
	f.errori[chiave] = e[max(0, len(e)-n):]
}
