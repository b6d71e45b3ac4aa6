package auth_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// conChiave gives who has signed in a key of their own, unlocked.
func (b *banco) conChiave(s *auth.Sessione) vault.Riservato {
	b.t.Helper()
	f := b.a.NewPassphrase(s)
	b.va(b.a.SetPassphrase(b.ctx, s, f.Sigillo, f.Frase))
	return f.Frase
}

// riapri reads the session again, as the next request does.
func (b *banco) riapri(cookie string) *auth.Sessione {
	b.t.Helper()
	s, err := b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	return s
}

// statoRiga is what the session's row keeps of an unlocked key.
func (b *banco) statoRiga(s *auth.Sessione) []byte {
	b.t.Helper()
	id, _ := auth.LeggiSegreto(s.ID)
	c, err := b.st.Credenziale(b.ctx, ente, auth.TipoSessione, id)
	b.va(err)
	return c.Stato
}

func TestPassphraseIsTypedBack(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.UPT, "")
	cookie, s := b.entra("anna.verdi")
	if k, err := b.a.Key(b.ctx, s); err != nil || k.Numero != 0 || k.Frase || k.Aperta {
		t.Fatalf("%+v, %v", k, err)
	}
	f := b.a.NewPassphrase(s)
	for _, scritta := range []string{"", "quattro parole a caso", vault.NewPassphrase().Valore()} {
		err := b.a.SetPassphrase(b.ctx, s, f.Sigillo, vault.NewRiservato(scritta))
		b.vuole(err, fault.Invalid)
		if strings.Contains(err.Error(), f.Frase.Valore()) {
			t.Error("the passphrase is in an error")
		}
	}
	if s.Membro() != nil {
		t.Fatal("a key without a passphrase typed back")
	}
	if g := b.a.SamePassphrase(s, f.Sigillo); !g.Frase.Equal(f.Frase) {
		t.Error("the page shows another passphrase")
	}
	// As people type it; an hour later it is another one.
	b.va(b.a.SetPassphrase(b.ctx, s, f.Sigillo, vault.NewRiservato(" "+strings.ToUpper(f.Frase.Valore())+".")))
	k, err := b.a.Key(b.ctx, b.riapri(cookie))
	b.va(err)
	if k.Numero != 1 || !k.Frase || !k.Aperta || s.Membro().KeyID() != k.ID || b.riapri(cookie).Membro().KeyID() != k.ID {
		t.Fatalf("%+v", k)
	}
	g := b.a.NewPassphrase(s)
	b.passa(time.Hour)
	_, s = b.entra("anna.verdi")
	b.vuole(b.a.SetPassphrase(b.ctx, s, g.Sigillo, g.Frase), fault.Invalid)
	if h := b.a.SamePassphrase(s, g.Sigillo); h.Frase.Equal(g.Frase) {
		t.Error("an old passphrase is shown again")
	}
}

// Sign-in and unlock are two steps: the cookie of one session opens its row only, and
// nothing of a row opens without it, nor with server.key and every other file.
func TestKeyIsUnlockedApartAndForOneSession(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", access.UPT, "")
	_, s := b.entra("anna.verdi")
	mia := b.conChiave(s)
	id := s.Membro().KeyID()

	altroCookie, altra := b.entra("anna.verdi")
	if altra.Membro() != nil {
		t.Fatal("signing in unlocked a key")
	}
	// The row of the unlocked session, put under another cookie by who has the database.
	rubata, _ := auth.LeggiSegreto(altra.ID)
	b.va(b.st.SegnaStato(b.ctx, ente, rubata, b.statoRiga(s)))
	if b.riapri(altroCookie).Membro() != nil {
		t.Fatal("a stolen row opens under another cookie")
	}
	b.vuole(b.a.UnlockKey(b.ctx, altra, vault.NewPassphrase(), rete), fault.Invalid)
	b.va(b.a.UnlockKey(b.ctx, altra, mia, rete))
	if x := b.riapri(altroCookie); x.Membro() == nil || x.Membro().KeyID() != id {
		t.Fatal("not unlocked")
	}
	b.va(b.a.LockKey(b.ctx, altra))
	if b.riapri(altroCookie).Membro() != nil || b.statoRiga(altra) != nil {
		t.Error("still unlocked after locking")
	}
	// A token of the same person has no session, and so no key.
	b.fresca(s)
	token, err := b.a.Token(b.ctx, s.Chi, p.ID, "programma", b.adesso().Add(time.Hour))
	b.va(err)
	chi, err := b.a.Bearer(b.ctx, ente, token)
	b.va(err)
	if access.Confermato(chi, access.Chiavi, b.adesso()) {
		t.Error("a token carries a proof for keys")
	}
	// The passphrase and the private key are in no file.
	vere := [][]byte{[]byte(mia.Valore()), []byte(strings.ReplaceAll(mia.Valore(), " ", ""))}
	b.va(filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		x, err := os.ReadFile(path)
		for _, v := range vere {
			if bytes.Contains(x, v) {
				t.Error("the passphrase is in", filepath.Base(path))
			}
		}
		return err
	}))
}

// Ten minutes without a request and the key is out of the row: at the next request,
// or by the sweep if none comes. The session itself goes on.
func TestIdleLockDropsTheKey(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.UPT, "")
	cookie, s := b.entra("anna.verdi")
	mia := b.conChiave(s)
	for range 6 {
		b.passa(9 * time.Minute)
		if b.riapri(cookie).Membro() == nil {
			t.Fatal("locked while working")
		}
	}
	b.passa(auth.InattivaChiave)
	if x := b.riapri(cookie); x.Membro() != nil || b.statoRiga(x) != nil {
		t.Fatal("unlocked after ten minutes of nothing")
	}
	if b.riapri(cookie).Membro() != nil {
		t.Fatal("it came back")
	}
	b.va(b.a.UnlockKey(b.ctx, s, mia, rete))
	b.passa(auth.InattivaChiave - time.Second)
	b.va(b.st.SpazzaAccessi(b.ctx, b.adesso()))
	if b.statoRiga(s) == nil {
		t.Fatal("swept a second early")
	}
	b.passa(time.Second)
	b.va(b.st.SpazzaAccessi(b.ctx, b.adesso()))
	if b.statoRiga(s) != nil {
		t.Fatal("the sweep left the key")
	}
	// A session that locks comes back without the key.
	b.va(b.a.UnlockKey(b.ctx, s, mia, rete))
	b.passa(auth.Inattiva)
	cookie, err := b.a.Unlock(b.ctx, ente, cookie, frase, rete)
	b.va(err)
	if x := b.riapri(cookie); x.Membro() != nil || b.statoRiga(x) != nil {
		t.Error("a session that was locked came back with the key")
	}
}

// Who proves again who they are goes on in another cookie, with the key.
func TestKeyGoesOnWithTheCookie(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.UPT, "")
	vecchio, s := b.entra("anna.verdi")
	b.conChiave(s)
	id := s.Membro().KeyID()
	b.passa(6 * time.Minute)
	s = b.riapri(vecchio)
	f := b.a.NewPassphrase(s)
	if err := b.a.SetPassphrase(b.ctx, s, f.Sigillo, f.Frase); err == nil {
		t.Fatal("no proof was asked")
	}
	cookie, err := b.a.Confirm(b.ctx, s, frase, rete)
	b.va(err)
	if x := b.riapri(cookie); x.Membro() == nil || x.Membro().KeyID() != id {
		t.Fatal("the key was lost with the old cookie")
	}
	b.va(b.a.SetPassphrase(b.ctx, s, f.Sigillo, f.Frase)) // and the session that asked knows it
	if b.riapri(cookie).Membro() == nil {
		t.Error("sealed under the wrong cookie")
	}
}

// Another passphrase for the same key takes the unlocked key, and the one before opens
// nothing; a reset makes another key of it.
func TestPassphraseChangesAndReset(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", access.UPT, "")
	b.persona("adele", access.Amministratore, "")
	qui, s := b.entra("anna.verdi")
	prima := b.conChiave(s)
	id := s.Membro().KeyID()
	altrove, x := b.entra("anna.verdi")
	b.va(b.a.UnlockKey(b.ctx, x, prima, rete))
	dopo := b.conChiave(s)
	_, err := b.a.Session(b.ctx, ente, altrove) // it was unlocked with the words that are no longer good
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.Session(b.ctx, ente, qui)
	b.va(err)
	qui, s = b.entra("anna.verdi")
	f := b.a.NewPassphrase(s)
	b.vuole(b.a.SetPassphrase(b.ctx, s, f.Sigillo, f.Frase), fault.Forbidden) // locked: whoever signed in is not enough
	b.vuole(b.a.UnlockKey(b.ctx, s, prima, rete), fault.Invalid)
	b.va(b.a.UnlockKey(b.ctx, s, dopo, rete))
	if s.Membro().KeyID() != id {
		t.Error("another passphrase made another key")
	}

	_, adele := b.entra("adele")
	b.vuole(b.a.ResetKey(b.ctx, s.Chi, p.ID), fault.Forbidden)
	b.va(b.a.ResetKey(b.ctx, adele.Chi, p.ID))
	_, err = b.a.Session(b.ctx, ente, qui)
	b.vuole(err, fault.Unauthenticated)
	_, s = b.entra("anna.verdi")
	b.vuole(b.a.UnlockKey(b.ctx, s, dopo, rete), fault.NotFound)
	b.conChiave(s)
	k, err := b.a.Key(b.ctx, s)
	b.va(err)
	if k.Numero != 2 || k.ID == id {
		t.Errorf("after a reset: %+v", k)
	}
	var cose []auth.Cosa
	nn, err := b.a.Storia(b.ctx, s.Chi, p.ID)
	b.va(err)
	for _, n := range nn {
		cose = append(cose, n.Cosa)
	}
	if len(cose) != 4 {
		t.Errorf("on record: %v", cose)
	}
}

// Wrong words slow down, and cost a hash only if they could be a passphrase.
func TestPassphraseHasBrakes(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.UPT, "")
	_, s := b.entra("anna.verdi")
	mia := b.conChiave(s)
	for range 50 {
		b.vuole(b.a.UnlockKey(b.ctx, s, vault.NewRiservato("due parole"), rete), fault.Invalid)
	}
	var err error
	for range 10 {
		if err = b.a.UnlockKey(b.ctx, s, vault.NewPassphrase(), rete); fault.Is(err, fault.TooMany) {
			break
		}
		b.vuole(err, fault.Invalid)
	}
	b.vuole(err, fault.TooMany)
	b.vuole(b.a.UnlockKey(b.ctx, s, mia, rete), fault.TooMany)
	b.passa(time.Minute)
	b.va(b.a.UnlockKey(b.ctx, s, mia, rete))
}
