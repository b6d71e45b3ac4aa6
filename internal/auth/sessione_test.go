package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
)

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
	b.fresca(s)
	b.passa(access.DurataConferma)
	s, err := b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if access.Confermato(s.Chi, access.Regole, b.adesso()) {
		t.Fatal("after five minutes the proof still holds")
	}
	if _, err := b.a.AddPerson(b.ctx, s.Chi, "carla.blu", "Prova", ""); !errors.Is(err, auth.ErrConferma) {
		t.Fatalf("an administrator who did not confirm: %v", err)
	}
	_, err = b.a.Confirm(b.ctx, s, altra, rete)
	b.vuole(err, fault.Unauthenticated)
	nuovo, err := b.a.Confirm(b.ctx, s, frase, rete)
	b.va(err)
	b.fresca(s)
	_, err = b.a.Session(b.ctx, ente, cookie) // who had read the old cookie has nothing
	b.vuole(err, fault.Unauthenticated)
	cookie = nuovo
	prima := s
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	b.fresca(s)
	if s.ID != prima.ID || !s.Creata.Equal(prima.Creata) {
		t.Errorf("after a proof the session is %s of %v, not %s of %v", s.ID, s.Creata, prima.ID, prima.Creata)
	}

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
	if _, err := b.a.Token(b.ctx, chi, p.ID, "da un token", b.adesso().Add(time.Hour)); !errors.Is(err, auth.ErrConferma) {
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
