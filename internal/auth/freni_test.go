package auth_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tutela/internal/auth"
	"tutela/internal/fault"
)

func TestNoUserEnumeration(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", "", "")
	b.persona("ex.collega", "", "")
	ex, err := b.st.Persone(b.ctx, ente, "ex.collega")
	b.va(err)
	b.va(b.a.Disable(b.ctx, sistema, ex[0].ID))
	_, err = b.a.AddPerson(b.ctx, sistema, "senza.chiave", "Prova", "")
	b.va(err)
	n := b.a.ContaHash()
	var parole string
	for _, x := range []struct{ utente, password string }{
		{"anna.verdi", altra},
		{"nessuno", frase},
		{"", frase},
		{"ex.collega", frase},
		{"senza.chiave", ""},
		{"anna.verdi", strings.Repeat("x", 300)},
		{"x\x00'; drop table persone", frase},
	} {
		*n = 0
		_, err := b.a.SignIn(b.ctx, ente, x.utente, x.password, auth.Da{})
		b.vuole(err, fault.Unauthenticated)
		if parole == "" {
			parole = err.Error()
		}
		if *n != 1 || err.Error() != parole {
			t.Errorf("%q: %d hashes and %q, want one and %q", x.utente, *n, err, parole)
		}
	}
	// The brake is the same too: three failures, then a wait, for a name that
	// exists and one that does not.
	b.passa(time.Hour)
	for _, u := range []string{"anna.verdi", "nessuno"} {
		for range 3 {
			_, err := b.a.SignIn(b.ctx, ente, u, "sbagliata", auth.Da{})
			b.vuole(err, fault.Unauthenticated)
		}
		*n = 0
		_, err := b.a.SignIn(b.ctx, ente, u, frase, auth.Da{})
		b.vuole(err, fault.TooMany)
		if *n != 0 {
			t.Errorf("%q: a braked attempt was hashed", u)
		}
	}
}

func TestBrakeGrowsToAMinuteAndNeverLocksOut(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", "", "")
	sbaglia := func() { // waits as long as it is told, second by second
		t.Helper()
		_, err := b.a.SignIn(b.ctx, ente, "anna.verdi", altra, auth.Da{})
		b.vuole(err, fault.Unauthenticated)
	}
	attesa := func() (s int) {
		t.Helper()
		for {
			_, err := b.a.SignIn(b.ctx, ente, "anna.verdi", altra, auth.Da{})
			if !fault.Is(err, fault.TooMany) {
				b.vuole(err, fault.Unauthenticated)
				return s
			}
			b.passa(time.Second)
			if s++; s > 90 {
				t.Fatal("the wait never ends")
			}
		}
	}
	sbaglia()
	sbaglia()
	var attese []int
	for range 10 {
		attese = append(attese, attesa())
	}
	if want := []int{0, 1, 2, 4, 8, 16, 32, 60, 60, 60}; !slices.Equal(attese, want) {
		t.Fatalf("waits %v, want %v", attese, want)
	}
	b.passa(time.Minute)
	b.entra("anna.verdi")
	sbaglia() // a sign-in forgets what was tried
	sbaglia()
	b.entra("anna.verdi")
}

func TestBrakeOfANetworkLeavesOthersFree(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", "", "")
	var err error
	for i := range 60 {
		_, err = b.a.SignIn(b.ctx, ente, "nome"+string(rune('a'+i%26))+string(rune('a'+i/26)), "sbagliata", rete)
		if fault.Is(err, fault.TooMany) {
			break
		}
		b.passa(50 * time.Millisecond)
	}
	b.vuole(err, fault.TooMany)
	_, err = b.a.SignIn(b.ctx, ente, "anna.verdi", frase, rete)
	b.vuole(err, fault.TooMany)
	_, err = b.a.SignIn(b.ctx, ente, "anna.verdi", frase, auth.Da{Rete: "198.51.100.0/24"})
	b.va(err)
	b.passa(time.Minute)
	for range 50 { // who knows the password wears no brake out
		b.entra("anna.verdi")
	}
}

func TestParallelGuessesDoNotOvertakeTheBrake(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", "", "")
	n := b.a.ContaHash()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := b.a.SignIn(b.ctx, ente, "anna.verdi", altra, auth.Da{}); err == nil {
				t.Error("a wrong password opened")
			}
		})
	}
	wg.Wait()
	if *n != 3 {
		t.Fatalf("%d guesses were tried at one instant, want 3", *n)
	}
}

func TestBrakeKeysTellNothing(t *testing.T) {
	b := apri(t)
	_, err := b.a.SignIn(b.ctx, ente, "anna.verdi", altra, rete)
	b.vuole(err, fault.Unauthenticated)
	for _, chiaro := range []string{"anna.verdi", rete.Rete} {
		letti, err := b.st.Tentativi(b.ctx, [][]byte{[]byte(chiaro)})
		b.va(err)
		if len(letti) != 0 {
			t.Errorf("%q is a key as it stands", chiaro)
		}
	}
}

func TestWaitingForTheTurnEndsWithTheRequest(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", "", "")
	ctx, stop := context.WithCancel(b.ctx)
	stop()
	_, err := b.a.SignIn(ctx, ente, "anna.verdi", frase, auth.Da{})
	if err == nil || fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("a request that is gone got %v", err)
	}
	b.entra("anna.verdi")
}

func TestRete(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.77":         "192.0.2.0/24",
		"::ffff:192.0.2.77":  "192.0.2.0/24",
		"2001:db8:1:2ff::9":  "2001:db8:1:200::/56",
		"fe80::1%eth0":       "fe80::/56",
		"2001:db8:1:2ff::10": "2001:db8:1:200::/56",
	} {
		if got := auth.Rete(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if auth.Rete(netip.Addr{}) != "" {
		t.Error("no address has a network")
	}
}
