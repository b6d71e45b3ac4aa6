package demo_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/day"
	"tutela/internal/demo"
	"tutela/internal/pratica"
	"tutela/internal/redact"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Ferma()
	os.Exit(code)
}

// The demonstration leaves cases in every phase, some late and some closed, and
// work for every role.
func TestCarica(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	adesso := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	ora := adesso
	now := func() time.Time { return ora }
	anello, err := vault.LoadKeyRing(filepath.Join(dir, "server.key"), true)
	ok(err)
	chiavi, err := store.OpenKeys(ctx, dir, anello)
	ok(err)
	st, err := store.Open(ctx, store.Config{Dir: dir, Now: now})
	ok(err)
	pool := vault.NewPool(chiavi)
	defer func() { pool.Close(); ok(st.Close()); ok(chiavi.Close()) }()
	amb := pratica.NewAmbienti(st, now)
	s := &pratica.Servizio{Arch: st, Anello: anello, Pool: pool, Slots: chiavi, Comparti: chiavi, Parole: vault.NewTokenizers(chiavi), Ambiente: amb.Di, Now: now}
	a := auth.New(auth.Config{Archivio: st, Chiavi: chiavi, Ring: anello, Now: now, Costo: vault.Costo{Memoria: 64, Giri: 1, Fili: 1}, Uffici: amb.UfficiDi})
	s.Holding = a.Holding
	c := &custody.Custody{Chiavi: chiavi, Registro: st, Auth: a, Now: now}
	account, err := demo.Carica(ctx, demo.Porte{Servizio: s, Ambienti: amb, Auth: a, Custody: c, Metti: func(t time.Time) { ora = t }}, adesso)
	ok(err)
	testUPT(ctx, t, a, c, account)
	testSeduta(ctx, t, s, a, account)
	if len(account) < 20 {
		t.Errorf("%d accounts", len(account))
	}
	tutte := access.Chi{Ente: demo.EnteID, Persona: "x", Uffici: []string{access.Ufficio(access.URPAziendale, "")}}
	fasi, tardi, n, copie := map[string]int{}, 0, 0, 0
	for dopo := ""; ; {
		p, err := s.Elenco(ctx, tutte, pratica.Filtro{Limite: 100, Dopo: dopo})
		ok(err)
		for _, r := range p.Righe {
			n++
			fasi[r.Fase]++
			if r.Aperta && !r.Scadenza.IsZero() && r.Scadenza < day.In(adesso) {
				tardi++
			}
			f, err := s.Apri(ctx, tutte, r.ID)
			ok(err)
			for _, x := range f.Richieste { // as the desk proposes them: nothing is left that the finder sees
				copie++
				if l := redact.Find(x.Copia.Apri(), f.Segnalazione.Apri().Noti()); len(l) > 0 || x.Copia.Apri() == "" {
					t.Errorf("a copy of %s still has %v", r.ID, l)
				}
			}
		}
		if dopo = p.Dopo; dopo == "" {
			break
		}
	}
	if n != 60 || copie < 15 {
		t.Errorf("%d cases of 60, %d copies", n, copie)
	}
	for _, f := range []string{"ricevuta", "istruttoria", "risposta", "definita", "chiusa"} {
		if fasi[f] == 0 {
			t.Errorf("no case is in phase %s: %v", f, fasi)
		}
	}
	if tardi == 0 || tardi > 25 {
		t.Errorf("%d cases are late", tardi)
	}
	lavoro := map[string]int{}
	for _, x := range account {
		cookie, err := a.SignIn(ctx, demo.EnteID, x.Utente, x.Password, auth.Da{})
		ok(err)
		se, err := a.Session(ctx, demo.EnteID, cookie)
		ok(err)
		p, err := s.Elenco(ctx, se.Chi, pratica.Filtro{Mie: true, Limite: 100})
		ok(err)
		for _, r := range x.Ruoli {
			lavoro[r] += len(p.Righe)
		}
	}
	for _, r := range []string{access.URP, access.URPAziendale, access.Responsabile, access.DirettoreMacrostruttura, access.DirettoreSanitario, access.DirettoreAmministrativo} {
		if lavoro[r] == 0 {
			t.Errorf("nothing waits for role %s: %v", r, lavoro)
		}
	}
	t.Logf("phases %v, late %d, work %v", fasi, tardi, lavoro)
}

// Everybody of the Commissione reads two cases, of one the copy alone.
func testSeduta(ctx context.Context, t *testing.T, s *pratica.Servizio, a *auth.Auth, account []demo.Account) {
	t.Helper()
	membri := 0
	for _, x := range account {
		if !slices.Contains(x.Ruoli, access.Commissione) {
			continue
		}
		membri++
		cookie, err := a.SignIn(ctx, demo.EnteID, x.Utente, x.Password, auth.Da{})
		if err != nil {
			t.Fatal(err)
		}
		se, err := a.Session(ctx, demo.EnteID, cookie)
		if err != nil {
			t.Fatal(err)
		}
		righe, err := s.Sedute(ctx, se.Chi)
		if err != nil || len(righe) != 2 {
			t.Fatalf("%s reads %d cases: %v", x.Utente, len(righe), err)
		}
		copie := 0
		for _, r := range righe {
			f, err := s.ApriSeduta(ctx, se.Chi, r.ID, pratica.ReadPage)
			if err != nil || len(f.Richieste) == 0 {
				t.Errorf("%s: %v", x.Utente, err)
			} else if f.Segnalazione == nil {
				copie++
			}
		}
		if copie != 1 {
			t.Errorf("%s reads the copy of %d cases", x.Utente, copie)
		}
	}
	if membri != 3 {
		t.Errorf("%d sit in the Commissione", membri)
	}
}

// The UPT is founded, and each of its two people opens it with the passphrase that
// stands in the list of accounts.
func testUPT(ctx context.Context, t *testing.T, a *auth.Auth, c *custody.Custody, account []demo.Account) {
	t.Helper()
	membri := 0
	for _, x := range account {
		if x.Frase == "" {
			continue
		}
		membri++
		cookie, err := a.SignIn(ctx, demo.EnteID, x.Utente, x.Password, auth.Da{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := a.Session(ctx, demo.EnteID, cookie)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.UnlockKey(ctx, s, vault.NewRiservato(x.Frase), auth.Da{}); err != nil {
			t.Fatal(err)
		}
		u, err := c.Open(ctx, s, pratica.CompartimentoUPT)
		if err != nil || len(u.Albo.Lettori) != 2 {
			t.Errorf("%s: %v", x.Utente, err)
		}
	}
	if membri != 2 {
		t.Errorf("%d members of the UPT", membri)
	}
}
