package auth_test

import (
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
)

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
