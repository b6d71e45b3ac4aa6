package api

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tutela/internal/auth"
	"tutela/internal/fault"
)

// Limite is how often one network (/24, or /56 in IPv6) may call without a token:
// as a hospital's own, one network may be many people. The zero Limite is 10
// calls a second after the first 200; a negative Raffica sets no limit.
type Limite struct {
	AlSecondo float64
	Raffica   int
}

// freno counts the calls of each network, in memory of this node only.
type freno struct {
	limite Limite

	mu   sync.Mutex
	reti map[string]*rate.Limiter
}

const maxReti = 10_000

func nuovoFreno(l Limite) *freno {
	if l.Raffica == 0 {
		l = Limite{AlSecondo: 10, Raffica: 200}
	}
	return &freno{limite: l, reti: map[string]*rate.Limiter{}}
}

// frena refuses a call that comes too soon. The machine itself is let through:
// what comes from there is a proxy, which tells nobody from anybody, or a test.
func (s *server) frena(r *http.Request) error {
	a, _ := netip.ParseAddrPort(r.RemoteAddr)
	ip := a.Addr()
	if s.freno.limite.Raffica < 0 || ip.IsLoopback() {
		return nil
	}
	if d := s.freno.attesa(auth.Rete(ip), s.Servizio.Now()); d > 0 {
		return errAttesa{fault.New(fault.TooMany, "Sono arrivate troppe richieste dalla tua rete. Aspetta un poco e riprova."), d}
	}
	return nil
}

// attesa counts a call at now, and says how long a refused one should wait.
func (f *freno) attesa(rete string, now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.reti[rete]
	if l == nil {
		if len(f.reti) >= maxReti {
			f.sfoltisci(now)
		}
		l = rate.NewLimiter(rate.Limit(f.limite.AlSecondo), f.limite.Raffica)
		f.reti[rete] = l
	}
	p := l.ReserveN(now, 1)
	d := p.DelayFrom(now)
	if d > 0 {
		p.CancelAt(now)
	}
	return d
}

// sfoltisci forgets the networks that have rested, or all of them if none has.
func (f *freno) sfoltisci(now time.Time) {
	for k, l := range f.reti {
		if l.TokensAt(now) >= float64(f.limite.Raffica) {
			delete(f.reti, k)
		}
	}
	if len(f.reti) >= maxReti {
		clear(f.reti)
	}
}
