package custody_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// The life of an office's keys: founded, joined, left, recovered. Each step is on
// record, and what was sealed before each is opened by who may.
func TestLife(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b0 *storetest.Banco) {
		b := apri(t, b0)
		b.vuole(b.apre("anna"), fault.Forbidden) // locked
		a, err := b.c.Look(b.ctx, b.Ente, upt)
		b.ok(err)
		if a.Fondata {
			t.Fatal("founded by nobody")
		}
		b.fonda()
		prima, pk := b.parte(1)
		for _, chi := range []string{"anna", "bruno"} {
			x, err := b.c.Sbloccati(b.ctx, b.entra(chi), upt)
			b.ok(err)
			o, _ := x.Opener(upt)
			got, err := o.Unwrap(prima)
			b.ok(err)
			if !bytes.Equal(got, pk) {
				t.Error(chi, "opens something else")
			}
		}
		if _, err := b.c.Found(b.ctx, b.entra("anna"), upt, dueDiTre()); !fault.Is(err, fault.Conflict) {
			t.Errorf("founded twice: %v", err)
		}
		// Bruno leaves: what is written from now on is not his, and he is asked for nothing.
		_, err = b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{Tolti: []string{b.persone["bruno"].ID}})
		b.ok(err)
		b.vuole(b.apre("bruno"), fault.NotFound)
		b.ok(b.apre("anna"))
		dopo, _ := b.parte(2)
		if dopo.Versione != 2 || prima.Versione != 1 {
			t.Errorf("versions %d and %d", prima.Versione, dopo.Versione)
		}
		// Anna lost her passphrase: a reset leaves the office shut, two sheets open it.
		b.ok(b.auth.ResetKey(b.ctx, b.entra("adele").Chi, b.persone["anna"].ID))
		s := b.chiave("anna")
		b.vuole(b.apre("anna"), fault.NotFound)
		vecchi := b.fogli
		b.fogli, err = b.c.Recover(b.ctx, s, upt, scritti(vecchi, 1, 3), dueDiTre())
		b.ok(err)
		b.ok(b.apre("anna"))
		_, err = b.c.Recover(b.ctx, s, upt, scritti(vecchi, 1, 3), dueDiTre())
		b.vuole(err, fault.Invalid) // they were replaced
		x, err := b.c.Sbloccati(b.ctx, s, upt)
		b.ok(err)
		o, _ := x.Opener(upt)
		for _, i := range []vault.Involucro{prima, dopo} {
			if _, err := o.Unwrap(i); err != nil {
				t.Error(err)
			}
		}
		var cose []custody.Cosa
		atti, err := b.c.Acts(b.ctx, b.Ente, upt)
		b.ok(err)
		for _, x := range atti {
			cose = append(cose, x.Cosa)
			if x.Fatto != (x.Impronta != [32]byte{}) || x.Chiave == "" || x.Chi == "" {
				t.Errorf("on record: %+v", x)
			}
		}
		uguali(t, cose, []custody.Cosa{custody.Ricordo, custody.Recupero, custody.Uscita, custody.Ricordo, custody.Ingresso, custody.Ricordo, custody.Fondazione})
	})
}

func uguali(t *testing.T, got, want []custody.Cosa) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// Who may do what: an office, a key unlocked, a proof just given.
func TestWhoMay(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	s := b.entra("anna")
	_, err := b.c.Found(b.ctx, s, upt, dueDiTre())
	if !errors.Is(err, custody.ErrChiuso) {
		t.Fatalf("founded with a locked key: %v", err)
	}
	for _, chi := range []string{"urp", "adele"} {
		_, err := b.c.Found(b.ctx, b.chiave(chi), upt, dueDiTre())
		b.vuole(err, fault.Forbidden)
	}
	b.fonda()
	_, err = b.c.Found(b.ctx, b.entra("bruno"), upt, dueDiTre())
	b.vuole(err, fault.Forbidden)
	for _, chi := range []string{"urp", "adele"} {
		b.vuole(b.apre(chi), fault.Forbidden)
		b.vuole(b.c.Admit(b.ctx, b.entra("anna"), upt, b.persone[chi].ID, b.entra(chi).Membro().KeyID(), false), fault.Forbidden)
	}
	b.vuole(b.c.Admit(b.ctx, b.entra("anna"), upt, b.persone["carla"].ID, b.fogli[0].Prima, false), fault.NotFound) // has no key
	b.entra("anna")
	b.Orologio.Avanza(access.DurataConferma)
	s, err = b.auth.Session(b.ctx, b.Ente, b.biscott["anna"])
	b.ok(err)
	if _, err := b.c.Renew(b.ctx, s, upt, custody.Cambio{}); !errors.Is(err, auth.ErrConferma) {
		t.Errorf("no proof was asked: %v", err)
	}
	// A program of hers carries no key: what it can ask, it asks with nothing.
	var niente *custody.Sbloccati
	if _, ok := niente.Opener(upt); ok {
		t.Error("nil opens")
	}
	if _, ok := niente.Own(); ok {
		t.Error("nil has a key")
	}
}

// An incarico that ends shuts the office for its holder from the next day, with the
// key still unlocked in the session.
func TestMandateEnds(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	ieri := b.oggi()
	b.ok(b.auth.Termina(b.ctx, access.Sistema(b.Ente), b.persone["anna"].ID, access.UPT, "", ieri, ieri))
	b.ok(b.apre("anna"))
	b.Orologio.Metti(ieri)
	b.Orologio.Avanza(14*time.Hour + 55*time.Minute)
	b.entra("anna")
	b.Orologio.Avanza(6 * time.Minute) // past midnight
	s, err := b.auth.Session(b.ctx, b.Ente, b.biscott["anna"])
	b.ok(err)
	if s.Membro() == nil {
		t.Fatal("the key is locked: the test shows nothing")
	}
	_, err = b.c.Sbloccati(b.ctx, s, upt)
	b.vuole(err, fault.Forbidden)
	_, err = b.c.Open(b.ctx, s, upt)
	b.vuole(err, fault.Forbidden)
	b.ok(b.apre("bruno"))
}

// The id that is compared by voice decides who comes in, and the founding key's id is
// typed by who comes in: neither is taken from a table.
func TestIdsAreCompared(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	carla := b.chiave("carla")
	id := carla.Membro().KeyID()
	b.scrivi(`update membri set pubblica = $1 where persona = $2`, vault.NewMemberKey(b.Ente, "ombra", 1).Pubblica, b.persone["carla"].ID)
	b.vuole(b.c.Admit(b.ctx, b.entra("anna"), upt, b.persone["carla"].ID, id, false), fault.Conflict)
	b.scrivi(`update membri set pubblica = $1 where persona = $2`, carla.Membro().Pubblica, b.persone["carla"].ID)
	b.ok(b.c.Admit(b.ctx, b.entra("anna"), upt, b.persone["carla"].ID, id, false))
	if err := b.apre("carla"); !errors.Is(err, custody.ErrRicordo) {
		t.Fatalf("a first use without the founding key's id: %v", err)
	}
	for _, scritta := range []string{"", "boh", id} {
		b.vuole(b.c.Pin(b.ctx, carla, upt, scritta), fault.Invalid)
	}
	b.ok(b.c.Pin(b.ctx, carla, upt, b.prima()))
	b.ok(b.apre("carla"))
	b.vuole(b.c.Pin(b.ctx, carla, upt, b.prima()), fault.Conflict)
	b.scrivi(`delete from ricordi where persona = $1`, b.persone["carla"].ID)
	b.allarme("a pin that is gone", b.apre("carla"))
}

// An assistant has a key in the roll and none of the office's.
func TestAssistant(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	carla := b.chiave("carla")
	b.ok(b.c.Admit(b.ctx, b.entra("anna"), upt, b.persone["carla"].ID, carla.Membro().KeyID(), true))
	anna, err := b.c.Sbloccati(b.ctx, b.entra("anna"), upt)
	b.ok(err)
	r, err := anna.Person(upt, b.persone["carla"].ID)
	b.ok(err)
	intera, _ := b.parte(1)
	sola := vault.Parte{Ente: b.Ente, Pratica: vault.ID{15: 2}, Nome: pratica.ParteNucleo}.Wrap(vault.NewKey(), r)
	x, err := b.c.Sbloccati(b.ctx, carla, upt)
	b.ok(err)
	if _, ok := x.Opener(upt); ok {
		t.Error("an assistant has the office's key")
	}
	sua, _ := x.Own()
	if _, err := sua.Unwrap(sola); err != nil {
		t.Error(err)
	}
	if _, err := sua.Unwrap(intera); err == nil {
		t.Error("an assistant opens what is the office's")
	}
	// Admitted once more in the place she has, with the key she has, nothing changes.
	ancora := func(assistente bool) {
		t.Helper()
		prima, err := b.c.Acts(b.ctx, b.Ente, upt)
		b.ok(err)
		era, err := b.c.Look(b.ctx, b.Ente, upt)
		b.ok(err)
		_, err = b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{Entra: b.persone["carla"].ID, ID: carla.Membro().KeyID(), Assistente: assistente})
		b.vuole(err, fault.Conflict)
		dopo, err := b.c.Acts(b.ctx, b.Ente, upt)
		b.ok(err)
		if k, err := b.c.Look(b.ctx, b.Ente, upt); err != nil || k.Versione != era.Versione || len(dopo) != len(prima) {
			t.Errorf("version %d after %d, %d acts after %d: %v", k.Versione, era.Versione, len(dopo), len(prima), err)
		}
	}
	ancora(true)
	// Becomes a member, in another place, with a new version; and back only by leaving.
	_, err = b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{Entra: b.persone["carla"].ID, ID: carla.Membro().KeyID()})
	b.ok(err)
	ancora(true)
	ancora(false)
	b.ok(b.c.Pin(b.ctx, b.entra("carla"), upt, b.prima()))
	b.ok(b.apre("carla"))
}

// Whoever lost a passphrase and was reset is shut out until a member, comparing the
// new key's id, lets them in again.
func TestResetAndReadmission(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	b.ok(b.auth.ResetKey(b.ctx, b.entra("adele").Chi, b.persone["bruno"].ID))
	bruno := b.chiave("bruno")
	b.vuole(b.apre("bruno"), fault.NotFound)
	u, err := b.c.Open(b.ctx, b.entra("anna"), upt)
	b.ok(err)
	if len(u.Nuove) != 1 || u.Nuove[0] != b.persone["bruno"].ID {
		t.Errorf("new keys: %v", u.Nuove)
	}
	b.vuole(b.c.Admit(b.ctx, b.entra("anna"), upt, b.persone["bruno"].ID, bruno.Membro().KeyID(), false), fault.Conflict) // the old key would go on
	_, err = b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{Entra: b.persone["bruno"].ID, ID: bruno.Membro().KeyID()})
	b.ok(err)
	if err := b.apre("bruno"); !errors.Is(err, custody.ErrRicordo) {
		t.Fatal(err)
	}
	b.ok(b.c.Pin(b.ctx, b.entra("bruno"), upt, b.prima()))
	b.ok(b.apre("bruno"))
}

// Every two of the three sheets recover, and no one sheet does, twice the same neither.
func TestEverySubsetRecovers(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	s := b.entra("anna")
	for _, n := range []int{1, 2, 3} {
		_, err := b.c.Recover(b.ctx, s, upt, scritti(b.fogli, n), dueDiTre())
		b.vuole(err, fault.Invalid)
		due := scritti(b.fogli, n)
		due[n%3+1] = due[n]
		_, err = b.c.Recover(b.ctx, s, upt, due, dueDiTre())
		b.vuole(err, fault.Invalid)
	}
	for _, due := range [][]int{{1, 2}, {1, 3}, {2, 3}} {
		nuovi, err := b.c.Recover(b.ctx, s, upt, scritti(b.fogli, due...), dueDiTre())
		b.ok(err)
		b.fogli = nuovi
		b.ok(b.apre("anna"))
	}
	_, err := b.c.Recover(b.ctx, b.entra("bruno"), upt, scritti(b.fogli, 1, 2), dueDiTre())
	b.vuole(err, fault.Forbidden) // it is for who heads the office
	wrong := scritti(b.fogli, 1, 2)
	wrong[2] = vault.NewRiservato("AAAA-" + wrong[2].Valore()[5:])
	_, err = b.c.Recover(b.ctx, s, upt, wrong, dueDiTre())
	var e *fault.Error
	if !errors.As(err, &e) || e.Campi["2"] == "" || e.Campi["1"] != "" {
		t.Errorf("a sheet copied wrongly: %v", err)
	}
}

// An act that was written and whose confirmation was lost goes on; one that was only
// announced is forgotten.
func TestConfirmationLost(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b0 *storetest.Banco) {
		b := apri(t, b0)
		b.fonda()
		vera := b.c.Registro
		b.c.Registro = senzaConferma{vera}
		_, err := b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{})
		b.ok(err)
		b.c.Registro = vera
		b.ok(b.Store.AnnotaChiave(b.ctx, custody.Atto{Ente: b.Ente, Compartimento: upt, Il: b.Orologio.Now(), Cosa: custody.Fogli, Impronta: [32]byte{1}}))
		for range 2 {
			b.ok(b.apre("anna"))
			confermata, annunciate, err := b.Store.Impronte(b.ctx, b.Ente, upt)
			b.ok(err)
			if confermata != b.newest().Impronta() || len(annunciate) != 1 {
				t.Fatal("not confirmed")
			}
		}
		_, err = b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{})
		b.ok(err)
		b.ok(b.apre("bruno"))
	})
}

// senzaConferma is a register whose machine stops before confirming.
type senzaConferma struct{ custody.Registro }

func (senzaConferma) ConfermaChiave(context.Context, string, string, [32]byte) error {
	return errors.New("stopped")
}
