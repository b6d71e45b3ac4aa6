package pratica

import (
	"sync"
	"time"

	"tutela/internal/vault"
)

const (
	maxSchede  = 4096             // summaries in each of the two rounds
	giroSchede = 10 * time.Minute // after which a round ends, full or not
)

// schede are the summaries that lists opened lately, of the compartments that the
// server holds: an office looks at the same fifty rows all day. Each is known by its
// case and its sealed bytes, so one that changed or is no longer there is not found,
// and who may see it is decided before. What was not asked for in two rounds is
// forgotten. The zero value is ready and safe for many goroutines.
type schede struct {
	mu          sync.Mutex
	ora, prima  map[scheda]Riservata[Riepilogo]
	cominciatoA time.Time
}

type scheda struct {
	pratica   vault.ID
	sigillata string
}

// nota gives a summary opened before.
func (s *schede) nota(h Testa, now time.Time) (Riservata[Riepilogo], bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gira(now)
	if r, ok := s.ora[scheda{h.ID, string(h.Scheda)}]; ok {
		return r, true
	}
	r, ok := s.prima[scheda{h.ID, string(h.Scheda)}]
	if ok {
		s.ora[scheda{h.ID, string(h.Scheda)}] = r
	}
	return r, ok
}

// ricorda keeps a summary that was opened.
func (s *schede) ricorda(h Testa, r Riservata[Riepilogo], now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gira(now)
	s.ora[scheda{h.ID, string(h.Scheda)}] = r
}

// dimentica drops them all: a case was eliminated.
func (s *schede) dimentica() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ora, s.prima = nil, nil
}

// gira begins a round when the last is full or old.
func (s *schede) gira(now time.Time) {
	dura := now.Sub(s.cominciatoA)
	if s.ora != nil && len(s.ora) < maxSchede && dura < giroSchede {
		return
	}
	if s.prima = s.ora; dura >= 2*giroSchede {
		s.prima = nil
	}
	s.ora, s.cominciatoA = map[scheda]Riservata[Riepilogo]{}, now
}
