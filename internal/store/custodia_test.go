package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

var costoProva = vault.Costo{Memoria: 64, Giri: 1, Fili: 1}

// ufficio is a compartment of members on a real key store: what its people have in
// their heads, and what the register outside knows.
type ufficio struct {
	t      *testing.T
	c      *store.Chiavi
	ente   string
	chiavi map[string]*vault.MemberKey
	ultima [32]byte
}

func (u *ufficio) ok(err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

// persona gives somebody a key, in the table too.
func (u *ufficio) persona(nome string, numero int) vault.Membro {
	u.t.Helper()
	k := vault.NewMemberKey(u.ente, nome, numero)
	pepe, err := u.c.Pepe(context.Background(), u.ente)
	u.ok(err)
	slot, err := k.PassphraseSlot("frase", vault.NewPassphrase(), pepe, costoProva)
	u.ok(err)
	u.ok(u.c.SalvaMembro(context.Background(), k.Membro, slot))
	u.chiavi[nome] = k
	return k.Membro
}

func (u *ufficio) leggi() *vault.Compartimento {
	u.t.Helper()
	c, err := u.c.Compartimento(context.Background(), u.ente, pratica.CompartimentoUPT)
	u.ok(err)
	return c
}

func (u *ufficio) apri(chi string) (*vault.Unlocked, error) {
	u.t.Helper()
	ctx := context.Background()
	pin, err := u.c.Ricordo(ctx, u.ente, pratica.CompartimentoUPT, chi)
	u.ok(err)
	verifica, err := u.c.Verifica(ctx, u.ente)
	u.ok(err)
	return u.leggi().Unlock(u.chiavi[chi], pin, vault.Outside{Ultima: u.ultima, Verify: verifica})
}

func (u *ufficio) applica(ch *vault.Change, chi string) {
	u.t.Helper()
	u.ok(u.c.Applica(context.Background(), ch, chi))
	u.ultima = ch.Versione.Impronta()
}

func dueDiTre() vault.NewQuorum {
	return vault.NewQuorum{K: 2, Custodi: []vault.Custode{{Nome: vault.NewRiservato("Notaio")}, {Nome: vault.NewRiservato("Anna"), Interno: true, Persona: "anna"},
		{Nome: vault.NewRiservato("Presidente")}}}
}

// fonda makes a UPT founded by anna.
func fonda(t *testing.T, b *storetest.Banco) (*ufficio, []vault.Foglio) {
	t.Helper()
	u := &ufficio{t: t, c: b.Chiavi, ente: b.Ente, chiavi: map[string]*vault.MemberKey{}}
	u.persona("anna", 1)
	firma, err := b.Chiavi.Firma(context.Background(), b.Ente)
	u.ok(err)
	ch, err := vault.Found(b.Ente, pratica.CompartimentoUPT, vault.Versione{}, u.chiavi["anna"], dueDiTre(), firma)
	u.ok(err)
	u.applica(ch, "anna")
	return u, ch.Fogli
}

func TestCompartmentOfMembersIsShutUntilFounded(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	for range 2 {
		if vv, err := b.Chiavi.Versioni(ctx, b.Ente, pratica.CompartimentoUPT); err != nil || len(vv) > 0 {
			t.Fatalf("a key that the server holds: %d, %v", len(vv), err)
		}
		if _, err := b.Chiavi.Ricevente(ctx, b.Ente, pratica.CompartimentoUPT); !errors.Is(err, pratica.ErrFondazione) || !fault.Is(err, fault.Unavailable) {
			t.Fatal(err)
		}
	}
	u, _ := fonda(t, b)
	r, err := b.Chiavi.Ricevente(ctx, b.Ente, pratica.CompartimentoUPT)
	u.ok(err)
	aperto, err := u.apri("anna")
	u.ok(err)
	i := vault.Parte{Ente: b.Ente, Pratica: vault.NewID(storetest.Inizio), Nome: pratica.ParteNucleo}.Wrap(vault.NewKey(), r)
	if _, err := aperto.Opener().Unwrap(i); err != nil || i.Destinatario != "compartimento.upt" || i.Versione != 1 {
		t.Error(i.Destinatario, i.Versione, err)
	}
	if _, err := b.Chiavi.Ricevente(ctx, b.Ente, "urp"); err != nil { // the server's go on
		t.Error(err)
	}
	if _, err := b.Chiavi.Ricevente(ctx, "altro", pratica.CompartimentoUPT); !errors.Is(err, pratica.ErrFondazione) {
		t.Error(err)
	}
}

// Rewriting the roll adds, a new version replaces, and what rests on an older one is
// refused whole; of two changes made at once one is written.
func TestApplica(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	u, _ := fonda(t, b)
	firma, err := b.Chiavi.Firma(ctx, b.Ente)
	u.ok(err)
	aperto, err := u.apri("anna")
	u.ok(err)
	var cambi []*vault.Change
	for _, nome := range []string{"bruno", "carla", "dario"} {
		m := u.persona(nome, 1)
		ch, err := aperto.Join(vault.Admission{Membro: m, ID: u.chiavi[nome].KeyID()})
		u.ok(err)
		cambi = append(cambi, ch)
	}
	esiti := make([]error, len(cambi))
	var w sync.WaitGroup
	for i, ch := range cambi {
		w.Go(func() { esiti[i] = b.Chiavi.Applica(ctx, ch, "anna") })
	}
	w.Wait()
	fatti := 0
	for i, err := range esiti {
		if err == nil {
			fatti++
			u.ultima = cambi[i].Versione.Impronta()
		} else if !errors.Is(err, store.ErrCambiato) || !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
	}
	if fatti != 1 {
		t.Fatalf("%d changes were written", fatti)
	}
	if aperto, err = u.apri("anna"); err != nil || len(aperto.Albo.Lettori) != 2 {
		t.Fatal(aperto, err)
	}
	c := u.leggi()
	if len(c.Versioni) != 1 || len(c.Consegne) != 3 || len(c.Recupero.Chiuse) != 3 || len(c.Membri) != 4 {
		t.Errorf("%d versions, %d keys handed, %d subsets, %d people", len(c.Versioni), len(c.Consegne), len(c.Recupero.Chiuse), len(c.Membri))
	}
	q := dueDiTre()
	ch, err := aperto.Renew(vault.Renewal{Tolti: []string{aperto.Albo.Lettori[1].Persona}, Quorum: &q}, firma)
	u.ok(err)
	vecchie := c.Consegne
	u.applica(ch, "anna")
	c = u.leggi()
	if len(c.Versioni) != 2 || len(c.Consegne) != 2 || c.Recupero.Serie != 2 {
		t.Errorf("%d versions, %d keys handed, series %d", len(c.Versioni), len(c.Consegne), c.Recupero.Serie)
	}
	if _, err := u.apri("anna"); err != nil {
		t.Error(err)
	}
	for _, g := range vecchie { // what was taken back is in no page of the store
		if nelFile(t, b, g.Chiusa) {
			t.Errorf("the key handed to %s is still on the disk", g.Destinatario)
		}
	}
	if err := b.Chiavi.Applica(ctx, ch, "anna"); !errors.Is(err, store.ErrCambiato) {
		t.Errorf("the same change twice: %v", err)
	}
}

func nelFile(t *testing.T, b *storetest.Banco, cosa []byte) bool {
	t.Helper()
	trovati, err := filepath.Glob(filepath.Join(b.Dir, "chiavi", "chiavi.db*"))
	if err != nil || len(trovati) == 0 {
		t.Fatal("no key store", err)
	}
	for _, f := range trovati {
		x, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(x, cosa) {
			return true
		}
	}
	return false
}

// A person has one key, the newest, and one slot at a time: the one before is gone
// from the disk. A number is of one key only.
func TestSlotMembri(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	if _, err := b.Chiavi.Membro(ctx, b.Ente, "anna"); !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	pepe, err := b.Chiavi.Pepe(ctx, b.Ente)
	va(t, err)
	ancora, err := b.Chiavi.Pepe(ctx, b.Ente)
	va(t, err)
	altro, err := b.Chiavi.Pepe(ctx, "altro")
	va(t, err)
	if !bytes.Equal(pepe, ancora) || bytes.Equal(pepe, altro) {
		t.Error("the pepper is not the ente's")
	}
	k := vault.NewMemberKey(b.Ente, "anna", 1)
	var slot, primo vault.MemberSlot
	frase := vault.NewPassphrase()
	for _, id := range []string{"a", "b"} {
		primo = slot
		slot, err = k.PassphraseSlot(id, frase, pepe, costoProva)
		va(t, err)
		va(t, b.Chiavi.SalvaMembro(ctx, k.Membro, slot))
	}
	slots, err := b.Chiavi.Slot(ctx, b.Ente, "anna")
	va(t, err)
	uguali(t, slots, []vault.MemberSlot{slot})
	if nelFile(t, b, primo.Chiusa) || !nelFile(t, b, slot.Chiusa) {
		t.Error("the slot before is still on the disk")
	}
	aperta, err := slots[0].OpenPassphrase(frase, pepe)
	va(t, err)
	uguali(t, aperta.KeyID(), k.KeyID())

	altra := vault.NewMemberKey(b.Ente, "anna", 1)
	s, err := altra.PassphraseSlot("c", frase, pepe, costoProva)
	va(t, err)
	if err := b.Chiavi.SalvaMembro(ctx, altra.Membro, s); !fault.Is(err, fault.Conflict) {
		t.Errorf("another key under the same number: %v", err)
	}
	va(t, b.Chiavi.TogliSlot(ctx, b.Ente, "anna", ""))
	slots, err = b.Chiavi.Slot(ctx, b.Ente, "anna")
	va(t, err)
	m, err := b.Chiavi.Membro(ctx, b.Ente, "anna")
	va(t, err)
	uguali(t, len(slots), 0)
	uguali(t, m, k.Membro)
}

// Who holds the key store and not server.key cannot make intake seal to his key.
func TestSwappedPublicKeyIsRefused(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	fonda(t, b)
	sua := vault.NewMemberKey(b.Ente, "ombra", 1).Pubblica
	scriviChiavi(t, b, `update versioni set pubblica = $1 where compartimento = 'upt'`, sua)
	if _, err := b.Chiavi.Ricevente(ctx, b.Ente, pratica.CompartimentoUPT); !fault.Is(err, fault.Unavailable) {
		t.Errorf("sealed to a key that nobody signed: %v", err)
	}
	scriviChiavi(t, b, `update versioni set tipo = 'server', chiave = $1 where compartimento = 'upt'`, b.Anello.NewVersione(b.Ente, pratica.CompartimentoUPT, 1).Chiave)
	if _, err := b.Chiavi.Ricevente(ctx, b.Ente, pratica.CompartimentoUPT); !errors.Is(err, pratica.ErrFondazione) {
		t.Errorf("sealed to a key of the server: %v", err)
	}
}

// scriviChiavi writes into the key store as somebody who has the file.
func scriviChiavi(t *testing.T, b *storetest.Banco, q string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.Dir, "chiavi", "chiavi.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), q, args...); err != nil {
		t.Fatal(err)
	}
}
