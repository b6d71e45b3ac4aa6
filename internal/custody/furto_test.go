package custody_test

import (
	"testing"

	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// Whose passphrase was stolen changes their own key, with no colleague: the old one
// opens what it could, and nothing that is written afterwards.
func TestStolenPassphrase(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, sb *storetest.Banco) {
		b := apri(t, sb)
		b.fonda()
		prima, _ := b.parte(1)
		ladro := b.entra("bruno") // his key, unlocked elsewhere with the stolen passphrase
		vecchia, biscotto := ladro.Membro(), b.biscott["bruno"]
		copia, err := b.Chiavi.Compartimento(b.ctx, b.Ente, upt) // and a copy of the disks
		b.ok(err)

		s := b.entra("bruno")
		f := b.auth.NewPassphrase(s)
		b.vuole(b.c.Replace(b.ctx, s, upt, f.Sigillo, vault.NewPassphrase()), fault.Invalid)
		n := b.newest().N
		b.ok(b.c.Replace(b.ctx, s, upt, f.Sigillo, f.Frase))
		if b.newest().N != n+1 || s.Membro().Numero != vecchia.Numero+1 || s.Membro().KeyID() == vecchia.KeyID() {
			t.Fatalf("version %d, key %d", b.newest().N, s.Membro().Numero)
		}
		if _, err := b.auth.Session(b.ctx, b.Ente, biscotto); err == nil {
			t.Error("the other session goes on")
		}
		dopo, _ := b.parte(2)
		x, err := b.c.Sbloccati(b.ctx, s, upt) // no id is typed again: the new key has a pin
		b.ok(err)
		o, _ := x.Opener(upt)
		for _, i := range []vault.Involucro{prima, dopo} {
			if _, err := o.Unwrap(i); err != nil {
				t.Error("the new key does not open:", err)
			}
		}
		b.ok(b.apre("anna"))
		b.vuole(b.auth.UnlockKey(b.ctx, s, b.frasi["bruno"], auth.Da{}), fault.Invalid)

		// The thief's: the past with the copy, nothing with what there is now.
		pin, err := vecchia.Pin(upt, b.prima())
		b.ok(err)
		out := vault.Outside{Ultima: copia.Versioni[len(copia.Versioni)-1].Impronta(), Verify: func(_, _ []byte) bool { return true }}
		u, err := copia.Unlock(vecchia, pin, out)
		b.ok(err)
		if _, err := u.Opener().Unwrap(prima); err != nil {
			t.Error(err)
		}
		if _, err := u.Opener().Unwrap(dopo); err == nil {
			t.Error("the stolen key opens what came afterwards")
		}
		ora, err := b.Chiavi.Compartimento(b.ctx, b.Ente, upt)
		b.ok(err)
		out.Ultima = b.newest().Impronta()
		_, err = ora.Unlock(vecchia, pin, out)
		b.vuole(err, fault.Forbidden)

		atti, err := b.c.Acts(b.ctx, b.Ente, upt)
		b.ok(err)
		if atti[0].Cosa != custody.Ricordo || atti[1].Cosa != custody.Furto || !atti[1].Fatto || atti[1].Chi != b.persone["bruno"].ID {
			t.Errorf("on record: %+v", atti[:2])
		}
		// The sheets recover as before.
		_, err = b.c.Recover(b.ctx, b.entra("anna"), upt, scritti(b.fogli, 1, 2), dueDiTre())
		b.ok(err)
	})
}

// A change that cannot be written whole is not done: key, passphrase and office stay.
func TestStolenPassphraseIsAllOrNothing(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	s := b.entra("bruno")
	f := b.auth.NewPassphrase(s)
	b.scrivi(`create trigger ferma before insert on slot_membri begin select raise(abort, 'no'); end`)
	n := b.newest().N
	if err := b.c.Replace(b.ctx, s, upt, f.Sigillo, f.Frase); err == nil {
		t.Fatal("said to be done")
	}
	b.scrivi(`drop trigger ferma`)
	if b.newest().N != n {
		t.Error("half of it was written")
	}
	b.ok(b.apre("bruno"))
	b.ok(b.apre("anna"))
	b.ok(b.c.Replace(b.ctx, b.entra("bruno"), upt, f.Sigillo, f.Frase))
	b.frasi["bruno"] = f.Frase
	b.ok(b.apre("bruno"))
}
