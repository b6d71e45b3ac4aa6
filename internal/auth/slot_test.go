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

// modi are the ways into a key, by kind.
func (b *banco) modi(s *auth.Sessione) string {
	b.t.Helper()
	righe, err := b.a.Slots(b.ctx, s)
	b.va(err)
	var out []string
	for _, x := range righe {
		if x.Dal.IsZero() || x.Dal.After(b.adesso()) {
			b.t.Errorf("a way in of %v", x.Dal)
		}
		out = append(out, strings.TrimSpace(x.Tipo+" "+x.Nome))
	}
	return strings.Join(out, ", ")
}

// entraCon signs in with a passkey alone.
func (b *banco) entraCon(k *chiavetta) (cookie string, s *auth.Sessione) {
	b.t.Helper()
	x, err := b.a.ChallengeEnter(ente, sito)
	b.va(err)
	cookie, err = b.a.WithPasskey(b.ctx, ente, "", sito, x.Sigillo, k.firma(x), rete)
	b.va(err)
	return cookie, b.riapri(cookie)
}

// A passkey whose authenticator gives a secret opens the key; one that gives none
// says so and changes nothing; none opens the key of another, nor twice by one answer.
func TestPasskeyOpensTheKey(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.UPT, "")
	b.persona("bruno.neri", access.UPT, "")
	_, s := b.entra("anna.verdi")
	b.conChiave(s)
	id := s.Membro().KeyID()
	_, err := b.a.ChallengeSlot(b.ctx, s, sito)
	b.vuole(err, fault.NotFound)
	muta := b.conPasskey(s)
	x, err := b.a.ChallengeSlot(b.ctx, s, sito)
	b.va(err)
	b.vuole(b.a.AddPasskeySlot(b.ctx, s, sito, x.Sigillo, muta.firma(x)), fault.Invalid)
	_, err = b.a.ChallengeUnlock(b.ctx, s, sito)
	b.vuole(err, fault.NotFound)
	if m := b.modi(s); m != "passphrase" {
		t.Fatal("after a passkey without a secret:", m)
	}

	b.passa(time.Second)
	k := b.conPasskey(s)
	k.prf = vault.NewKey()
	if x, err = b.a.ChallengeSlot(b.ctx, s, sito); err != nil {
		t.Fatal(err)
	}
	risposta := k.firma(x)
	b.va(b.a.AddPasskeySlot(b.ctx, s, sito, x.Sigillo, risposta))
	b.vuole(b.a.AddPasskeySlot(b.ctx, s, sito, x.Sigillo, risposta), fault.Unauthenticated) // the same answer
	if m := b.modi(s); m != "passphrase, prf chiavetta" {
		t.Fatal(m)
	}

	cookie, nuova := b.entraCon(k)
	b.vuole(b.a.AddPasskeySlot(b.ctx, nuova, sito, x.Sigillo, k.firma(x)), fault.Forbidden) // locked
	y, err := b.a.ChallengeUnlock(b.ctx, nuova, sito)
	b.va(err)
	o := k.leggi(y).PublicKey
	if o.Extensions.PRF.Eval.First != k.leggi(x).PublicKey.Extensions.PRF.Eval.First || o.UserVerification != "required" || len(o.AllowCredentials) != 1 {
		t.Errorf("asked to unlock: %+v", o)
	}
	b.vuole(b.a.UnlockPasskey(b.ctx, nuova, sito, x.Sigillo, k.firma(x)), fault.Unauthenticated) // made for something else
	b.vuole(b.a.UnlockPasskey(b.ctx, nuova, sito, y.Sigillo, muta.firma(y)), fault.Unauthenticated)
	altro := *k
	altro.prf = vault.NewKey()
	b.vuole(b.a.UnlockPasskey(b.ctx, nuova, sito, y.Sigillo, altro.firma(y)), fault.Invalid)
	k.conta++ // the copy has answered
	if y, err = b.a.ChallengeUnlock(b.ctx, nuova, sito); err != nil {
		t.Fatal(err)
	}
	_, bruno := b.entra("bruno.neri")
	b.vuole(b.a.UnlockPasskey(b.ctx, bruno, sito, y.Sigillo, k.firma(y)), fault.Unauthenticated)
	b.va(b.a.UnlockPasskey(b.ctx, nuova, sito, y.Sigillo, k.firma(y)))
	if x := b.riapri(cookie); x.Membro() == nil || x.Membro().KeyID() != id {
		t.Fatal("the passkey did not unlock the key")
	}

	// The same passkey again takes the place of its own slot; a second one has the same salt.
	if x, err = b.a.ChallengeSlot(b.ctx, s, sito); err != nil {
		t.Fatal(err)
	}
	b.va(b.a.AddPasskeySlot(b.ctx, s, sito, x.Sigillo, k.firma(x)))
	muta.prf = vault.NewKey()
	if x, err = b.a.ChallengeSlot(b.ctx, s, sito); err != nil {
		t.Fatal(err)
	}
	b.va(b.a.AddPasskeySlot(b.ctx, s, sito, x.Sigillo, muta.firma(x)))
	if m := b.modi(s); m != "passphrase, prf chiavetta, prf chiavetta" {
		t.Fatal(m)
	}
	// Who takes a passkey away takes its way in with it; an administrator, all of them.
	ff, _, err := b.a.Factors(b.ctx, s)
	b.va(err)
	b.va(b.a.RemoveFactor(b.ctx, s, ff[0].ID))
	if m := b.modi(s); m != "passphrase, prf chiavetta" {
		t.Fatal("after one passkey is gone:", m)
	}
	b.persona("adele", access.Amministratore, "")
	_, adele := b.entra("adele")
	b.va(b.a.ResetFactors(b.ctx, adele.Chi, s.Persona))
	_, s = b.entra("anna.verdi")
	if m := b.modi(s); m != "passphrase" {
		t.Fatal("after a reset of the factors:", m)
	}
	// Nothing of the secrets is in a file.
	segreti := [][]byte{k.prf, muta.prf}
	b.va(filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.ReadFile(path)
		for _, v := range segreti {
			if bytes.Contains(f, v) {
				t.Error("a passkey's secret is in", filepath.Base(path))
			}
		}
		return err
	}))
}

// The printed code opens the key of who forgot the passphrase, and only to make
// another one: the key and its other ways in stay as they were.
func TestSheetOfOnesOwn(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.UPT, "")
	_, s := b.entra("anna.verdi")
	persa := b.conChiave(s)
	id := s.Membro().KeyID()
	_, err := b.a.WithSheet(b.ctx, s, vault.NewRiservato("x"), rete)
	b.vuole(err, fault.NotFound)
	primo, err := b.a.NewSheet(b.ctx, s)
	b.va(err)
	b.passa(time.Second)
	foglio, err := b.a.NewSheet(b.ctx, s)
	b.va(err)
	if m := b.modi(s); m != "passphrase, foglio" {
		t.Fatal(m)
	}

	cookie, nuova := b.entra("anna.verdi")
	_, err = b.a.NewSheet(b.ctx, nuova)
	b.vuole(err, fault.Forbidden) // locked: whoever signed in is not enough
	_, err = b.a.WithSheet(b.ctx, nuova, primo, rete)
	b.vuole(err, fault.Invalid)
	f, err := b.a.WithSheet(b.ctx, nuova, vault.NewRiservato(" "+strings.ToLower(vault.Gruppi(foglio.Valore()))), rete)
	b.va(err)
	if b.riapri(cookie).Membro() != nil {
		t.Fatal("the code unlocked the key before there is another passphrase")
	}
	b.vuole(b.a.SetPassphrase(b.ctx, nuova, f.Sigillo, vault.NewPassphrase()), fault.Invalid)
	b.passa(access.DurataConferma)
	if err := b.a.SetPassphrase(b.ctx, nuova, f.Sigillo, f.Frase); err == nil {
		t.Fatal("no proof was asked")
	}
	cookie, err = b.a.Confirm(b.ctx, nuova, frase, rete)
	b.va(err)
	b.va(b.a.SetPassphrase(b.ctx, nuova, f.Sigillo, f.Frase))
	if x := b.riapri(cookie); x.Membro() == nil || x.Membro().KeyID() != id {
		t.Fatal("not the same key")
	}
	b.vuole(b.a.UnlockKey(b.ctx, nuova, persa, rete), fault.Invalid)
	b.va(b.a.UnlockKey(b.ctx, nuova, f.Frase, rete))
	if m := b.modi(nuova); m != "foglio, passphrase" {
		t.Fatal(m)
	}

	// Taken away, it opens nothing, and a page it had opened saves nothing.
	if f, err = b.a.WithSheet(b.ctx, nuova, foglio, rete); err != nil {
		t.Fatal(err)
	}
	righe, err := b.a.Slots(b.ctx, nuova)
	b.va(err)
	b.va(b.a.RemoveSlot(b.ctx, nuova, righe[0].ID))
	b.vuole(b.a.RemoveSlot(b.ctx, nuova, righe[1].ID), fault.Invalid)
	_, err = b.a.WithSheet(b.ctx, nuova, foglio, rete)
	b.vuole(err, fault.NotFound)
	_, chiusa := b.entra("anna.verdi")
	b.vuole(b.a.SetPassphrase(b.ctx, chiusa, f.Sigillo, f.Frase), fault.Forbidden)
	if m := b.modi(nuova); m != "passphrase" {
		t.Fatal(m)
	}
}

// Wrong codes slow down, as wrong passphrases do.
func TestSheetHasBrakes(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.UPT, "")
	_, s := b.entra("anna.verdi")
	b.conChiave(s)
	foglio, err := b.a.NewSheet(b.ctx, s)
	b.va(err)
	for range 10 {
		if _, err = b.a.WithSheet(b.ctx, s, vault.NewRiservato("x"), rete); fault.Is(err, fault.TooMany) {
			break
		}
		b.vuole(err, fault.Invalid)
	}
	b.vuole(err, fault.TooMany)
	b.passa(time.Minute)
	_, err = b.a.WithSheet(b.ctx, s, foglio, rete)
	b.va(err)
}

// Whose passphrase was stolen has another key: no way into the one before is left, and
// the thief's session is ended.
func TestNextKey(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.UPT, "")
	ladro, _ := b.entra("anna.verdi")
	cookie, s := b.entra("anna.verdi")
	rubata := b.conChiave(s)
	_, err := b.a.NewSheet(b.ctx, s)
	b.va(err)
	prima := s.Membro().KeyID()
	f := b.a.NewPassphrase(s)
	_, _, err = b.a.NextKey(b.ctx, s, f.Sigillo, vault.NewPassphrase())
	b.vuole(err, fault.Invalid)
	m, slot, err := b.a.NextKey(b.ctx, s, f.Sigillo, f.Frase)
	b.va(err)
	b.va(b.a.TakeKey(b.ctx, s, m, slot, nil))
	_, err = b.a.Session(b.ctx, ente, ladro)
	b.vuole(err, fault.Unauthenticated)
	s = b.riapri(cookie)
	k, err := b.a.Key(b.ctx, s)
	b.va(err)
	if k.Numero != 2 || k.ID == prima || !k.Aperta || s.Membro().KeyID() != k.ID || b.modi(s) != "passphrase" {
		t.Errorf("%+v, %s", k, b.modi(s))
	}
	b.vuole(b.a.UnlockKey(b.ctx, s, rubata, rete), fault.Invalid)
	b.va(b.a.UnlockKey(b.ctx, s, f.Frase, rete))
}
