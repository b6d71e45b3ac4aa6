package auth_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/store"
	"tutela/internal/vault"
)

const (
	ente  = "montelago"
	frase = "cavallo graffetta lampone" // a good password
	altra = "scoglio nuvola trapano"
)

var rete = auth.Da{Rete: "192.0.2.0/24", Dispositivo: "Firefox su Linux"}

var sistema = access.Sistema(ente)

var lieve = vault.Costo{Memoria: 64, Giri: 1, Fili: 1}

// banco is a real store, a clock one moves by hand, and the door.
type banco struct {
	t   testing.TB
	ctx context.Context
	st  *store.Store
	dir string // of the key store
	ch  *store.Chiavi
	mu  sync.Mutex
	ora time.Time
	c   auth.Config
	a   *auth.Auth
}

func apri(t testing.TB) *banco {
	t.Helper()
	b := &banco{t: t, ctx: context.Background(), ora: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	st, err := store.Open(b.ctx, store.Config{Dir: t.TempDir(), Now: b.adesso})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	b.dir = t.TempDir()
	ring, err := vault.LoadKeyRing(filepath.Join(b.dir, "server.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	if b.ch, err = store.OpenKeys(b.ctx, b.dir, ring); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.ch.Close(); err != nil {
			t.Error(err)
		}
	})
	b.st = st
	b.c = auth.Config{Archivio: st, Chiavi: b.ch, Ring: ring, Now: b.adesso, Costo: lieve}
	b.a = auth.New(b.c)
	b.va(b.a.SetRegola(b.ctx, sistema, auth.Regola{Libero: true, Motivo: "prova"}))
	return b
}

func (b *banco) adesso() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ora
}

func (b *banco) passa(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ora = b.ora.Add(d)
}

func (b *banco) oggi() day.Date { return day.In(b.adesso()) }

func (b *banco) va(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *banco) vuole(err error, k fault.Kind) {
	b.t.Helper()
	if !fault.Is(err, k) {
		b.t.Fatalf("got %v (kind %d), want a fault of kind %d", err, fault.KindOf(err), k)
	}
}

// persona adds somebody who holds a role from today.
func (b *banco) persona(utente, ruolo, unita string) auth.Persona {
	b.t.Helper()
	p, err := b.a.AddPerson(b.ctx, sistema, utente, "Prova "+utente, frase)
	b.va(err)
	if ruolo != "" {
		b.va(b.a.Incarica(b.ctx, sistema, p.ID, access.Incarico{Ruolo: ruolo, Unita: unita, Dal: b.oggi()}))
	}
	return p
}

func (b *banco) entra(utente string) (cookie string, s *auth.Sessione) {
	b.t.Helper()
	cookie, err := b.a.SignIn(b.ctx, ente, utente, frase, rete)
	b.va(err)
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	return cookie, s
}

// fresca fails unless the person has just proved who they are.
func (b *banco) fresca(s *auth.Sessione) {
	b.t.Helper()
	if !access.Confermato(s.Chi, access.Regole, b.adesso()) {
		b.t.Fatalf("no proof: %+v", s)
	}
}

func TestSessionSaysWhoAsks(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", access.URP, "51201")
	cookie, err := b.a.SignIn(b.ctx, ente, "  Anna.VERDI ", frase, rete)
	b.va(err)
	s, err := b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if s.Ente != ente || s.Persona != p.ID || s.Utente != "anna.verdi" || s.Nome != "Prova anna.verdi" || s.Mezzo != "web" ||
		!slices.Equal(s.Uffici, []string{"urp:51201"}) || !s.Conferma.Equal(b.adesso()) || s.DaCambiare {
		t.Fatalf("session: %+v", s)
	}
	_, err = b.a.Session(b.ctx, "altroente", cookie)
	b.vuole(err, fault.Unauthenticated)

	b.va(b.a.SignOut(b.ctx, ente, cookie))
	b.va(b.a.SignOut(b.ctx, ente, cookie))
	_, err = b.a.Session(b.ctx, ente, cookie)
	b.vuole(err, fault.Unauthenticated)
}

func TestOfficesAreExpandedFromIncarichiInForce(t *testing.T) {
	b := apri(t)
	b.c.Uffici = func(e string, inForza []access.Incarico, oggi day.Date) []string {
		var out []string
		for _, i := range inForza {
			if e != ente || !i.Vale(oggi) {
				t.Errorf("was given %+v on %v", i, oggi)
			}
			out = append(out, access.Ufficio(i.Ruolo, i.Unita), access.Ufficio(i.Ruolo, i.Unita+"01"))
		}
		return out
	}
	b.a = auth.New(b.c)
	p := b.persona("anna.verdi", access.URP, "512")
	oggi := b.oggi()
	for _, i := range []access.Incarico{
		{Ruolo: access.DPO, Dal: oggi.Add(1)},
		{Ruolo: access.Responsabile, Unita: "9", Dal: oggi.Add(-30), Al: oggi.Add(-1)},
	} {
		b.va(b.a.Incarica(b.ctx, sistema, p.ID, i))
	}
	_, s := b.entra("anna.verdi")
	if !slices.Equal(s.Uffici, []string{"urp:512", "urp:51201"}) || len(s.Incarichi) != 1 {
		t.Fatalf("offices %v, incarichi %v", s.Uffici, s.Incarichi)
	}
	b.passa(oggi.Add(1).Start().Add(-time.Second).Sub(b.adesso())) // a second before midnight in Rome
	cookie, s := b.entra("anna.verdi")
	if s.Ha(access.DPO) {
		t.Fatal("an incarico of tomorrow counts today")
	}
	b.passa(2 * time.Second) // within the 30 seconds of the cache
	s, err := b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if !s.Ha(access.DPO) {
		t.Fatal("at midnight the new incarico must count, whatever was cached")
	}
}

func TestPriceOfHashesCanRise(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", "", "")
	b.c.Costo = vault.Costo{Memoria: 128, Giri: 2, Fili: 1}
	b.a = auth.New(b.c)
	n := b.a.ContaHash()
	b.entra("anna.verdi")
	dopo, err := b.st.Persona(b.ctx, ente, p.ID)
	b.va(err)
	if *n != 2 || !strings.Contains(dopo.Fattore, "$m=128,t=2,p=1$") {
		t.Fatalf("%d hashes, stored %.40s", *n, dopo.Fattore)
	}
	b.entra("anna.verdi")
	if *n != 3 {
		t.Fatal("hashed anew twice")
	}
}

func TestFullPriceHash(t *testing.T) {
	b := apri(t)
	b.c.Costo = vault.Costo{}
	b.a = auth.New(b.c)
	p := b.persona("anna.verdi", "", "")
	b.entra("anna.verdi")
	dopo, err := b.st.Persona(b.ctx, ente, p.ID)
	b.va(err)
	if !strings.HasPrefix(dopo.Fattore, "$argon2id$v=19$m=65536,t=3,p=1$") {
		t.Fatalf("stored %.40s", dopo.Fattore)
	}
}
