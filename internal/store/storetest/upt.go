package storetest

import (
	"context"
	"testing"

	"tutela/internal/access"
	"tutela/internal/custody"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// UPT is the compartment of the UPT on a bench. What its members have in their heads
// is here, and nowhere on the disk.
type UPT struct {
	b      *Banco
	chiavi map[string]*vault.MemberKey
	ultima [32]byte
}

// FondaUPT founds it, in the session of the head.
func (b *Banco) FondaUPT(t testing.TB) *UPT {
	t.Helper()
	u := &UPT{b: b, chiavi: map[string]*vault.MemberKey{}}
	u.persona(t, "capo")
	firma, err := b.Chiavi.Firma(context.Background(), b.Ente)
	if err != nil {
		t.Fatal(err)
	}
	nome := func(n string) vault.Custode { return vault.Custode{Nome: vault.NewRiservato(n)} }
	ch, err := vault.Found(b.Ente, pratica.CompartimentoUPT, vault.Versione{}, u.chiavi["capo"],
		vault.NewQuorum{K: 2, Custodi: []vault.Custode{nome("Notaio"), nome("Sindaca"), nome("Presidente")}}, firma)
	u.applica(t, ch, err)
	return u
}

// Ammetti admits a person, who pins the founding key.
func (u *UPT) Ammetti(t testing.TB, persona string) {
	t.Helper()
	m := u.persona(t, persona)
	aperto := u.apri(t, "capo")
	ch, err := aperto.Join(vault.Admission{Membro: m.Membro, ID: m.KeyID()})
	u.applica(t, ch, err)
	pin, err := m.Pin(pratica.CompartimentoUPT, aperto.Prima())
	if err == nil {
		err = u.b.Chiavi.SalvaRicordo(context.Background(), u.b.Ente, pratica.CompartimentoUPT, persona, pin)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Togli lets a person go: a new version follows, and it is on record.
func (u *UPT) Togli(t testing.TB, persona string) {
	t.Helper()
	ctx := context.Background()
	firma, err := u.b.Chiavi.Firma(ctx, u.b.Ente)
	if err != nil {
		t.Fatal(err)
	}
	ch, err := u.apri(t, "capo").Renew(vault.Renewal{Tolti: []string{persona}}, firma)
	u.applica(t, ch, err)
	a := custody.Atto{Ente: u.b.Ente, Compartimento: pratica.CompartimentoUPT, Il: u.b.Orologio.Now(), Chi: "capo", Persona: persona, Cosa: custody.Uscita,
		Versione: ch.Versione.N, Impronta: ch.Versione.Impronta()}
	if err := u.b.Store.AnnotaChiave(ctx, a); err != nil {
		t.Fatal(err)
	}
	if err := u.b.Store.ConfermaChiave(ctx, a.Ente, a.Compartimento, a.Impronta); err != nil {
		t.Fatal(err)
	}
}

// Riammetti puts an assistant who left back in the roll, with the key he has.
func (u *UPT) Riammetti(t testing.TB, persona string) {
	t.Helper()
	m := u.chiavi[persona]
	ch, err := u.apri(t, "capo").Join(vault.Admission{Membro: m.Membro, ID: m.KeyID(), Assistente: true})
	u.applica(t, ch, err)
}

// Chi is a person of the UPT at a session that has the key open.
func (u *UPT) Chi(t testing.TB, persona string) access.Chi {
	t.Helper()
	ruolo := access.UPTOperatore
	if persona == "capo" {
		ruolo = access.UPT
	}
	c := u.b.Chi(ruolo, "")
	c.Persona, c.Aperti = persona, aperte{u.apri(t, persona)}
	return c
}

// aperte is the compartment that a session has open.
type aperte struct{ u *vault.Unlocked }

func (a aperte) Opener(comparto string) (vault.Opener, bool) {
	return a.u.Opener(), comparto == pratica.CompartimentoUPT
}

func (a aperte) Recipient(comparto string) (vault.Recipient, bool) {
	return a.u.Recipient(), comparto == pratica.CompartimentoUPT
}

func (a aperte) Person(_, persona string) (vault.Recipient, error) { return a.u.Person(persona) }

func (a aperte) Own() (vault.Opener, bool) { return vault.Opener{}, false }

// sola is a session with a key that opens no compartment: of an assistant.
type sola struct{ k *vault.MemberKey }

func (sola) Opener(string) (vault.Opener, bool)       { return vault.Opener{}, false }
func (sola) Recipient(string) (vault.Recipient, bool) { return vault.Recipient{}, false }
func (sola) Person(string, string) (vault.Recipient, error) {
	return vault.Recipient{}, vault.ErrSealed
}
func (s sola) Own() (vault.Opener, bool) { return s.k.Opener(), true }

// Assistente puts a person in the roll as an assistant: in their session they open
// what is wrapped for them alone.
func (u *UPT) Assistente(t testing.TB, persona string) access.Chi {
	t.Helper()
	m := u.persona(t, persona)
	ch, err := u.apri(t, "capo").Join(vault.Admission{Membro: m.Membro, ID: m.KeyID(), Assistente: true})
	u.applica(t, ch, err)
	c := u.b.Chi(access.UPTOperatore, "")
	c.Persona, c.Aperti = persona, sola{m}
	return c
}

// persona gives somebody a key of their own.
func (u *UPT) persona(t testing.TB, nome string) *vault.MemberKey {
	t.Helper()
	ctx := context.Background()
	k := vault.NewMemberKey(u.b.Ente, nome, 1)
	pepe, err := u.b.Chiavi.Pepe(ctx, u.b.Ente)
	if err != nil {
		t.Fatal(err)
	}
	slot, err := k.PassphraseSlot("frase", vault.NewPassphrase(), pepe, vault.Costo{Memoria: 64, Giri: 1, Fili: 1})
	if err == nil {
		err = u.b.Chiavi.SalvaMembro(ctx, k.Membro, slot)
	}
	if err != nil {
		t.Fatal(err)
	}
	u.chiavi[nome] = k
	return k
}

func (u *UPT) applica(t testing.TB, ch *vault.Change, err error) {
	t.Helper()
	if err == nil {
		err = u.b.Chiavi.Applica(context.Background(), ch, "capo")
	}
	if err != nil {
		t.Fatal(err)
	}
	u.ultima = ch.Versione.Impronta()
}

func (u *UPT) apri(t testing.TB, persona string) *vault.Unlocked {
	t.Helper()
	ctx := context.Background()
	c, err := u.b.Chiavi.Compartimento(ctx, u.b.Ente, pratica.CompartimentoUPT)
	if err != nil {
		t.Fatal(err)
	}
	pin, err := u.b.Chiavi.Ricordo(ctx, u.b.Ente, pratica.CompartimentoUPT, persona)
	if err != nil {
		t.Fatal(err)
	}
	verifica, err := u.b.Chiavi.Verifica(ctx, u.b.Ente)
	if err != nil {
		t.Fatal(err)
	}
	aperto, err := c.Unlock(u.chiavi[persona], pin, vault.Outside{Ultima: u.ultima, Verify: verifica})
	if err != nil {
		t.Fatal(err)
	}
	return aperto
}
