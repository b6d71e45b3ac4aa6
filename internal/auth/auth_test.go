package auth_test

import (
	"context"
	"net/netip"
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
	rete  = "192.0.2.0/24"
)

var sistema = access.Sistema(ente)

var lieve = auth.Costo{Memoria: 64, Giri: 1, Fili: 1}

// banco is a real store, a clock one moves by hand, and the door.
type banco struct {
	t   testing.TB
	ctx context.Context
	st  *store.Store
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
	ring, err := vault.LoadKeyRing(filepath.Join(t.TempDir(), "server.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	b.st = st
	b.c = auth.Config{Archivio: st, Ring: ring, Now: b.adesso, Costo: lieve}
	b.a = auth.New(b.c)
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
		_, err := b.a.SignIn(b.ctx, ente, x.utente, x.password, "")
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
			_, err := b.a.SignIn(b.ctx, ente, u, "sbagliata", "")
			b.vuole(err, fault.Unauthenticated)
		}
		*n = 0
		_, err := b.a.SignIn(b.ctx, ente, u, frase, "")
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
		_, err := b.a.SignIn(b.ctx, ente, "anna.verdi", altra, "")
		b.vuole(err, fault.Unauthenticated)
	}
	attesa := func() (s int) {
		t.Helper()
		for {
			_, err := b.a.SignIn(b.ctx, ente, "anna.verdi", altra, "")
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
	_, err = b.a.SignIn(b.ctx, ente, "anna.verdi", frase, "198.51.100.0/24")
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
			if _, err := b.a.SignIn(b.ctx, ente, "anna.verdi", altra, ""); err == nil {
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
	for _, chiaro := range []string{"anna.verdi", rete} {
		letti, err := b.st.Tentativi(b.ctx, [][]byte{[]byte(chiaro)})
		b.va(err)
		if len(letti) != 0 {
			t.Errorf("%q is a key as it stands", chiaro)
		}
	}
}

func TestSessionLocksAndEnds(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.URP, "1")
	cookie, _ := b.entra("anna.verdi")
	for range 12*60/19 + 1 { // working every 19 minutes never locks
		if b.passa(19 * time.Minute); b.adesso().Sub(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) >= auth.DurataSessione {
			break
		}
		_, err := b.a.Session(b.ctx, ente, cookie)
		b.va(err)
	}
	_, err := b.a.Session(b.ctx, ente, cookie)
	b.vuole(err, fault.Unauthenticated)
	if !strings.Contains(err.Error(), "12 ore") {
		t.Errorf("the end of the day reads %q", err)
	}
	cookie, _ = b.entra("anna.verdi")
	b.passa(20 * time.Minute)
	_, err = b.a.Session(b.ctx, ente, cookie)
	b.vuole(err, fault.Unauthenticated)
	if !strings.Contains(err.Error(), "20 minuti") {
		t.Errorf("the lock reads %q", err)
	}
	b.va(b.st.SpazzaAccessi(b.ctx, b.adesso().Add(auth.DurataSessione)))
	p, err := b.st.Persone(b.ctx, ente, "anna.verdi")
	b.va(err)
	resta, err := b.st.Credenziali(b.ctx, ente, auth.TipoSessione, p[0].ID)
	b.va(err)
	if len(resta) != 0 {
		t.Errorf("%d sessions are left after the sweep", len(resta))
	}
}

func TestSeenIsWrittenOnceAMinute(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", "", "")
	cookie, s := b.entra("anna.verdi")
	vista := func() time.Time {
		c, err := b.st.Credenziali(b.ctx, ente, auth.TipoSessione, p.ID)
		b.va(err)
		return c[0].Vista
	}
	prima := vista()
	b.passa(59 * time.Second)
	_, err := b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if !vista().Equal(prima) {
		t.Error("seen was written within the minute")
	}
	b.passa(time.Second)
	_, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if !vista().Equal(b.adesso()) {
		t.Error("seen was not written after a minute")
	}
	// A session ended meanwhile is not brought back, nor an older instant.
	b.va(b.a.SignOut(b.ctx, ente, cookie))
	id, _ := auth.LeggiSegreto(s.ID)
	b.va(b.st.SegnaVista(b.ctx, ente, id, b.adesso(), b.adesso()))
	_, err = b.a.Session(b.ctx, ente, cookie)
	b.vuole(err, fault.Unauthenticated)
}

func TestOtherSessions(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", "", "")
	b.persona("bruno.neri", "", "")
	uno, s1 := b.entra("anna.verdi")
	b.passa(time.Second)
	due, s2 := b.entra("anna.verdi")
	b.passa(time.Second)
	tre, _ := b.entra("anna.verdi")
	diBruno, sb := b.entra("bruno.neri")
	elenco, err := b.a.Sessions(b.ctx, s1)
	b.va(err)
	if len(elenco) != 3 || !elenco[2].Questa || elenco[0].Questa {
		t.Fatalf("sessions: %+v", elenco)
	}
	b.va(b.a.EndSession(b.ctx, s1, sb.ID)) // another person's: nothing happens
	b.va(b.a.EndSession(b.ctx, s1, "x"))
	b.va(b.a.EndSession(b.ctx, s1, s2.ID))
	_, err = b.a.Session(b.ctx, ente, due)
	b.vuole(err, fault.Unauthenticated)
	b.va(b.a.EndOthers(b.ctx, s1))
	_, err = b.a.Session(b.ctx, ente, tre)
	b.vuole(err, fault.Unauthenticated)
	for _, c := range []string{uno, diBruno} {
		_, err = b.a.Session(b.ctx, ente, c)
		b.va(err)
	}
}

func TestConfirmAndChangePassword(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.Amministratore, "")
	cookie, s := b.entra("anna.verdi")
	vecchio, _ := b.entra("anna.verdi")
	b.va(b.a.Fresca(s.Chi))
	b.passa(auth.DurataConferma)
	s, err := b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if err := b.a.Fresca(s.Chi); err != error(auth.ErrConferma) {
		t.Fatalf("after five minutes: %v", err)
	}
	if _, err := b.a.AddPerson(b.ctx, s.Chi, "carla.blu", "Prova", ""); err != error(auth.ErrConferma) {
		t.Fatalf("an administrator who did not confirm: %v", err)
	}
	b.vuole(b.a.Confirm(b.ctx, s, altra, rete), fault.Unauthenticated)
	b.va(b.a.Confirm(b.ctx, s, frase, rete))
	b.va(b.a.Fresca(s.Chi))
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	b.va(b.a.Fresca(s.Chi))

	b.vuole(b.a.ChangePassword(b.ctx, s, frase, "corta", rete), fault.Invalid)
	b.vuole(b.a.ChangePassword(b.ctx, s, frase, frase, rete), fault.Invalid)
	b.vuole(b.a.ChangePassword(b.ctx, s, "non è questa", altra, rete), fault.Unauthenticated)
	b.va(b.a.ChangePassword(b.ctx, s, frase, altra, rete))
	_, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	_, err = b.a.Session(b.ctx, ente, vecchio)
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.SignIn(b.ctx, ente, "anna.verdi", frase, rete)
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.SignIn(b.ctx, ente, "anna.verdi", altra, rete)
	b.va(err)
}

func TestRevokedIncaricoAndDisabledPerson(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", access.URP, "1")
	cookie, s := b.entra("anna.verdi")
	token, err := b.a.Token(b.ctx, s.Chi, p.ID, "prova", b.adesso().Add(time.Hour))
	b.va(err)
	b.va(b.a.Termina(b.ctx, sistema, p.ID, access.URP, "1", b.oggi(), b.oggi().Add(-1)))
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	chi, err := b.a.Bearer(b.ctx, ente, token)
	b.va(err)
	if len(s.Uffici) != 0 || len(chi.Uffici) != 0 {
		t.Fatalf("offices after the end: %v, %v", s.Uffici, chi.Uffici)
	}
	b.vuole(b.a.Termina(b.ctx, sistema, p.ID, access.DPO, "1", b.oggi(), b.oggi()), fault.NotFound)

	// Another node's door learns of a change within 30 seconds.
	altro := auth.New(b.c)
	if s, err = altro.Session(b.ctx, ente, cookie); err != nil || s.Ha(access.DPO) {
		t.Fatal(s, err)
	}
	b.va(b.a.Incarica(b.ctx, sistema, p.ID, access.Incarico{Ruolo: access.DPO, Dal: b.oggi()}))
	b.passa(30 * time.Second)
	if s, err = altro.Session(b.ctx, ente, cookie); err != nil || !s.Ha(access.DPO) {
		t.Fatal(s, err)
	}

	b.va(b.a.Disable(b.ctx, sistema, p.ID))
	for _, a := range []*auth.Auth{b.a, altro} {
		_, err = a.Session(b.ctx, ente, cookie)
		b.vuole(err, fault.Unauthenticated)
		_, err = a.Bearer(b.ctx, ente, token)
		b.vuole(err, fault.Unauthenticated)
	}
	_, err = b.a.SignIn(b.ctx, ente, "anna.verdi", frase, rete)
	b.vuole(err, fault.Unauthenticated)
	b.va(b.a.Enable(b.ctx, sistema, p.ID))
	b.entra("anna.verdi")
	_, err = b.a.Session(b.ctx, ente, cookie) // what was ended stays ended
	b.vuole(err, fault.Unauthenticated)
}

func TestTokens(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", access.URP, "1")
	q := b.persona("bruno.neri", "", "")
	cookie, s := b.entra("anna.verdi")
	_, err := b.a.Token(b.ctx, s.Chi, q.ID, "prova", b.adesso().Add(time.Hour))
	b.vuole(err, fault.Forbidden)
	for _, scade := range []time.Time{b.adesso(), b.adesso().AddDate(2, 0, 0)} {
		_, err = b.a.Token(b.ctx, s.Chi, p.ID, "prova", scade)
		b.vuole(err, fault.Invalid)
	}
	_, err = b.a.Token(b.ctx, s.Chi, p.ID, "a\u202eb", b.adesso().Add(time.Hour))
	b.vuole(err, fault.Invalid)
	token, err := b.a.Token(b.ctx, s.Chi, p.ID, "estrazione notturna", b.adesso().Add(time.Hour))
	b.va(err)
	chi, err := b.a.Bearer(b.ctx, ente, token)
	b.va(err)
	if !strings.HasPrefix(token, "tut_") || chi.Persona != p.ID || chi.Mezzo != "api" || !chi.Ha(access.URP) {
		t.Fatalf("%+v", chi)
	}
	for _, no := range []string{"", "tut_", cookie, "tut_" + cookie, token[4:], token + "=", strings.ToUpper(token)} {
		_, err = b.a.Bearer(b.ctx, ente, no)
		b.vuole(err, fault.Unauthenticated)
	}
	_, err = b.a.Bearer(b.ctx, "altroente", token)
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.Session(b.ctx, ente, token[4:])
	b.vuole(err, fault.Unauthenticated)
	if _, err := b.a.Token(b.ctx, chi, p.ID, "da un token", b.adesso().Add(time.Hour)); err != error(auth.ErrConferma) {
		t.Fatalf("a token made a token: %v", err)
	}

	suoi, err := b.a.Tokens(b.ctx, s.Chi)
	b.va(err)
	if len(suoi) != 1 || suoi[0].Nome != "estrazione notturna" {
		t.Fatalf("%+v", suoi)
	}
	_, sb := b.entra("bruno.neri")
	b.va(b.a.RevokeToken(b.ctx, sb.Chi, suoi[0].ID)) // not his
	_, err = b.a.Bearer(b.ctx, ente, token)
	b.va(err)
	b.va(b.a.RevokeToken(b.ctx, s.Chi, suoi[0].ID))
	_, err = b.a.Bearer(b.ctx, ente, token)
	b.vuole(err, fault.Unauthenticated)

	token, err = b.a.Token(b.ctx, sistema, q.ID, "della demo", b.adesso().Add(time.Hour))
	b.va(err)
	b.passa(time.Hour - time.Millisecond)
	_, err = b.a.Bearer(b.ctx, ente, token)
	b.va(err)
	b.passa(time.Millisecond)
	_, err = b.a.Bearer(b.ctx, ente, token)
	b.vuole(err, fault.Unauthenticated)
}

func TestProvisionalPasswordGivesNoOffice(t *testing.T) {
	b := apri(t)
	b.persona("capo", access.Amministratore, "")
	_, capo := b.entra("capo")
	p, err := b.a.AddPerson(b.ctx, capo.Chi, "anna.verdi", "Prova", frase)
	b.va(err)
	if p.Fattore != "" {
		t.Error("the stored password went out")
	}
	b.va(b.a.Incarica(b.ctx, capo.Chi, p.ID, access.Incarico{Ruolo: access.URP, Unita: "1", Dal: b.oggi()}))
	cookie, s := b.entra("anna.verdi")
	if !s.DaCambiare || len(s.Uffici) != 0 {
		t.Fatalf("%+v", s)
	}
	_, err = b.a.Token(b.ctx, s.Chi, p.ID, "di scorta", b.adesso().Add(time.Hour))
	b.vuole(err, fault.Forbidden)
	b.va(b.a.ChangePassword(b.ctx, s, frase, altra, rete))
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if s.DaCambiare || !s.Ha(access.URP) {
		t.Fatalf("%+v", s)
	}
	b.va(b.a.SetPassword(b.ctx, capo.Chi, p.ID, frase))
	_, err = b.a.Session(b.ctx, ente, cookie)
	b.vuole(err, fault.Unauthenticated)
	if _, s = b.entra("anna.verdi"); !s.DaCambiare {
		t.Fatal("a password given by an administrator is provisional")
	}
}

func TestOnlyAnAdministratorManagesPeople(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", access.URP, "1")
	capo := b.persona("capo", access.Amministratore, "")
	_, s := b.entra("anna.verdi")
	_, sc := b.entra("capo")
	i := access.Incarico{Ruolo: access.Amministratore, Dal: b.oggi()}
	for _, chi := range []access.Chi{s.Chi, access.Cittadino(ente, "web"), {}} {
		_, err := b.a.AddPerson(b.ctx, chi, "x.y", "Prova", "")
		b.vuole(err, fault.Forbidden)
		_, err = b.a.People(b.ctx, chi)
		b.vuole(err, fault.Forbidden)
		b.vuole(b.a.Incarica(b.ctx, chi, p.ID, i), fault.Forbidden)
		b.vuole(b.a.Termina(b.ctx, chi, p.ID, i.Ruolo, "", i.Dal, i.Dal), fault.Forbidden)
		b.vuole(b.a.SetPassword(b.ctx, chi, p.ID, altra), fault.Forbidden)
		b.vuole(b.a.Disable(b.ctx, chi, p.ID), fault.Forbidden)
		b.vuole(b.a.Enable(b.ctx, chi, p.ID), fault.Forbidden)
		b.vuole(b.a.Rename(b.ctx, chi, p.ID, "Altro"), fault.Forbidden)
	}
	altrove := sc.Chi
	altrove.Ente = "altroente"
	b.vuole(b.a.Disable(b.ctx, altrove, p.ID), fault.NotFound)

	b.vuole(b.a.Disable(b.ctx, sc.Chi, capo.ID), fault.Invalid) // the last one
	b.vuole(b.a.Termina(b.ctx, sc.Chi, capo.ID, i.Ruolo, "", i.Dal, b.oggi().Add(-1)), fault.Invalid)
	b.va(b.a.Incarica(b.ctx, sc.Chi, p.ID, i))
	b.va(b.a.Rename(b.ctx, sc.Chi, p.ID, "  Anna Verdi "))
	tutte, err := b.a.People(b.ctx, sc.Chi)
	b.va(err)
	if len(tutte) != 2 || tutte[0].Nome != "Anna Verdi" || tutte[0].Fattore != "" || len(tutte[0].Incarichi) != 2 {
		t.Fatalf("%+v", tutte)
	}
	if n, err := b.a.Nome(b.ctx, ente, p.ID); err != nil || n != "Anna Verdi" {
		t.Fatal(n, err)
	}
	b.va(b.a.Disable(b.ctx, sc.Chi, capo.ID)) // now there is another

	for _, x := range []struct{ utente, nome, password string }{
		{"", "N", frase}, {"a", "N", frase}, {"è.un.nome", "N", frase}, {"a:b:c", "N", frase}, {strings.Repeat("a", 65), "N", frase},
		{"buono", "", frase}, {"buono", "a\x00b", frase}, {"buono", strings.Repeat("è", 81), frase}, {"buono", "N", "corta"},
	} {
		_, err := b.a.AddPerson(b.ctx, sistema, x.utente, x.nome, x.password)
		b.vuole(err, fault.Invalid)
	}
	_, err = b.a.AddPerson(b.ctx, sistema, "ANNA.verdi", "Omonima", frase)
	b.vuole(err, fault.Conflict)
	for _, i := range []access.Incarico{
		{Unita: "1", Dal: b.oggi()}, {Ruolo: "urp:1", Dal: b.oggi()}, {Ruolo: "urp", Unita: "a:b", Dal: b.oggi()},
		{Ruolo: "urp"}, {Ruolo: "urp", Dal: b.oggi(), Al: b.oggi().Add(-1)},
	} {
		b.vuole(b.a.Incarica(b.ctx, sistema, p.ID, i), fault.Invalid)
	}
}

func TestPriceOfHashesCanRise(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", "", "")
	b.c.Costo = auth.Costo{Memoria: 128, Giri: 2, Fili: 1}
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
	b.c.Costo = auth.Costo{}
	b.a = auth.New(b.c)
	p := b.persona("anna.verdi", "", "")
	b.entra("anna.verdi")
	dopo, err := b.st.Persona(b.ctx, ente, p.ID)
	b.va(err)
	if !strings.HasPrefix(dopo.Fattore, "$argon2id$v=19$m=65536,t=3,p=1$") {
		t.Fatalf("stored %.40s", dopo.Fattore)
	}
}

func TestWaitingForTheTurnEndsWithTheRequest(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", "", "")
	ctx, stop := context.WithCancel(b.ctx)
	stop()
	_, err := b.a.SignIn(ctx, ente, "anna.verdi", frase, "")
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
