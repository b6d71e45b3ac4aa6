package pratica_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// A member gives one case to an assistant, for a time: that one is read, with the
// assistant's own key, and no other; what the citizen and a structure add is read from
// the member's next act on. After the last day, or once it is taken back, there is
// nothing, and with the disk and the key that he had he opens nothing that was written
// since.
//
// ref: lr33-2009 art. 23-bis
func TestAffidamento(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		r, altra := registra(t, b, allUPT()), registra(t, b, allUPT())
		aiuto, secondo := upt.Assistente(t, "aiuto"), upt.Assistente(t, "secondo")
		capo := upt.Chi(t, "capo")
		esegui := func(chi access.Chi, atto, per string, dati pratica.Dati) error {
			b.Orologio.Avanza(time.Hour)
			_, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: atto, Per: per, Dati: dati})
			return err
		}
		passo := func(chi access.Chi, atto, per string, dati pratica.Dati) {
			t.Helper()
			if err := esegui(chi, atto, per, dati); err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
		}
		leggibile := func(chi access.Chi, vuole bool) *pratica.Fascicolo {
			t.Helper()
			f, _, err := b.Servizio.ApriAffidata(ctx, chi, r.ID, pratica.ReadPage)
			if vuole && (err != nil || f.Segnalazione == nil || f.Segnalazione.Apri().Oggetto != "Nove ore di attesa" || len(f.Consentiti) > 0) {
				t.Fatalf("given to read: %v", err)
			} else if !vuole && !fault.Is(err, fault.NotFound) {
				t.Fatalf("not given to read: %v", err)
			}
			if aa, err := b.Servizio.Affidate(ctx, chi); err != nil || (len(aa) == 1) != vuole {
				t.Fatalf("the list has %d: %v", len(aa), err)
			}
			return f
		}
		note := func(f *pratica.Fascicolo) (out string) {
			for _, a := range f.Storia {
				t := a.Testi.Apri()
				out += t["nota"] + t["testo"] + " "
			}
			return out
		}
		fino := b.Servizio.Oggi().Add(20)
		dato := func(chi string) pratica.Dati { return pratica.Dati{"assistente": chi, "fino": fino.String()} }
		leggibile(aiuto, false)
		passo(capo, "presa_in_carico", "", nil)
		passo(capo, "nota", "", pratica.Dati{"nota": "Di prima."})
		for dati, vuole := range map[string]string{"straniera": "assistente", "capo fino a ieri": "fino", "per sempre": "fino"} {
			d := map[string]pratica.Dati{"straniera": dato("nessuno"), "capo fino a ieri": {"assistente": "aiuto", "fino": b.Servizio.Oggi().Add(-1).String()},
				"per sempre": {"assistente": "aiuto", "fino": "2099-01-01"}}[dati]
			var e *fault.Error
			if err := esegui(capo, "affidamento", "", d); !errors.As(err, &e) || e.Campi[vuole] == "" {
				t.Errorf("%s: %v", dati, e)
			}
		}
		if err := esegui(capo, "fine_affidamento", "", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("taken back before it is given: %v", err)
		}
		if err := esegui(aiuto, "affidamento", "", dato("aiuto")); !fault.Is(err, fault.NotFound) {
			t.Errorf("given by himself: %v", err)
		}
		passo(capo, "affidamento", "", dato("aiuto"))
		f := leggibile(aiuto, true)
		if !strings.Contains(note(f), "Di prima.") {
			t.Error("what was written before")
		}
		leggibile(secondo, false)
		if _, _, err := b.Servizio.ApriAffidata(ctx, aiuto, altra.ID, pratica.ReadPage); !fault.Is(err, fault.NotFound) {
			t.Errorf("another case: %v", err)
		}
		for _, come := range []func() error{
			func() error { _, err := b.Servizio.Apri(ctx, aiuto, r.ID); return err },
			func() error { return esegui(aiuto, "nota", "", pratica.Dati{"nota": "Mia."}) },
		} {
			if err := come(); !fault.Is(err, fault.NotFound) {
				t.Errorf("out of what was given: %v", err)
			}
		}
		if p, err := b.Servizio.Elenco(ctx, aiuto, pratica.Filtro{Registro: pratica.RegistroUPT}); err != nil || len(p.Righe) > 0 {
			t.Errorf("lists: %v, %v", p.Righe, err)
		}
		chiusa := aiuto
		chiusa.Aperti = nil
		if _, _, err := b.Servizio.ApriAffidata(ctx, chiusa, r.ID, pratica.ReadPage); !fault.Is(err, fault.NotFound) {
			t.Errorf("with the key locked: %v", err)
		}

		// What others add, he reads once a member has written again.
		passo(chiave(b, r), "messaggio", "", pratica.Dati{"testo": "Ricordo altro."})
		if s := note(leggibile(aiuto, true)); strings.Contains(s, "Ricordo altro.") {
			t.Error("the citizen wrote for him")
		}
		unita := b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[5].ID
		passo(capo, "richiesta_informazioni", "", pratica.Dati{"quesito": "?", "strutture": []map[string]string{{"id": unita, "copia": "Una copia."}}})
		passo(b.Chi(access.Responsabile, unita), "informazioni", unita, pratica.Dati{"testo": "Un infermiere solo."})
		passo(capo, "nota", "", pratica.Dati{"nota": "Di adesso."})
		f = leggibile(aiuto, true)
		for _, x := range []string{"Ricordo altro.", "Di adesso."} {
			if !strings.Contains(note(f), x) {
				t.Errorf("he does not read %q: %s", x, note(f))
			}
		}
		if len(f.Richieste) != 1 || f.Richieste[0].Testo.Apri() != "Un infermiere solo." {
			t.Error("he does not read what the structure answered")
		}
		if s, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave); err != nil || len(s.Messaggi) != 1 {
			t.Errorf("the citizen: %v", err)
		}
		aa, err := b.Servizio.Accessi(ctx, capo, pratica.FiltroAccessi{})
		if err != nil || !slices.ContainsFunc(aa.Righe, func(x pratica.Accesso) bool { return x.Persona == "aiuto" && x.N == f.Testa.N }) {
			t.Errorf("his reading is not on record: %v", err)
		}
		_, atti, err := b.Store.Leggi(ctx, r.ID)
		if err != nil || !slices.ContainsFunc(atti, func(x pratica.Registrato) bool {
			return x.Atto.Affidamento != nil && *x.Atto.Affidamento == pratica.Affidamento{Persona: "aiuto", Fino: fino, Versione: 1}
		}) {
			t.Errorf("the case does not say to whom it was given: %v", err)
		}

		// Taken back; then given again, and its day passes.
		nonApre := func(parola string) {
			t.Helper()
			own, _ := aiuto.Aperti.Own()
			avvolte, err := b.Store.Involucri(ctx, []int64{f.Testa.N}, "persona.aiuto", "")
			if err != nil {
				t.Fatal(err)
			}
			mie := map[string]bool{}
			for _, i := range avvolte[f.Testa.N] {
				i.Ente, i.Pratica = b.Ente, r.ID
				if _, err := own.Unwrap(i); err == nil {
					mie[i.Nome] = true
				}
			}
			_, atti, err := b.Store.Leggi(ctx, r.ID)
			if err != nil || len(mie) < 3 {
				t.Fatalf("he had %v: %v", mie, err)
			}
			for _, im := range atti[len(atti)-1].Atto.Contenuti {
				if mie[im.Parte] {
					t.Errorf("%s was written in %s, which he opens", parola, im.Parte)
				}
			}
		}
		passo(capo, "fine_affidamento", "", pratica.Dati{"nota": "Non serve più."})
		leggibile(aiuto, false)
		nonApre("why it was taken back")
		passo(capo, "nota", "", pratica.Dati{"nota": "Dopo."})
		nonApre("a note")
		passo(capo, "affidamento", "", dato("secondo"))
		leggibile(aiuto, false)
		leggibile(secondo, true)
		passo(capo, "affidamento", "", dato("aiuto"))
		if s := note(leggibile(aiuto, true)); !strings.Contains(s, "Dopo.") {
			t.Error("given again, he does not read what was written meanwhile")
		}
		b.Orologio.Avanza(21 * 24 * time.Hour)
		leggibile(aiuto, false)
		passo(capo, "messaggio", "", pratica.Dati{"testo": "Le scrivo."})
		nonApre("a message after the last day")
		passo(capo, "affidamento", "", pratica.Dati{"assistente": "aiuto", "fino": b.Servizio.Oggi().Add(5).String()})
		leggibile(aiuto, true)
		passo(capo, "chiusura", "", pratica.Dati{"esito": "risolta"})
		leggibile(aiuto, false)
	})
}

// What an assistant was given ends with his place in the roll, in open cases and in
// those that open again, and no admission brings it back: a member gives it again.
//
// ref: lr33-2009 art. 23-bis
func TestAffidamentoFinisceConLUscita(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		r, altra := registra(t, b, allUPT()), registra(t, b, allUPT())
		aiuto := upt.Assistente(t, "aiuto")
		passo := func(id vault.ID, atto string, dati pratica.Dati) {
			t.Helper()
			if _, err := b.Servizio.Esegui(ctx, upt.Chi(t, "capo"), pratica.Comando{Pratica: id, Atto: atto, Dati: dati}); err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
		}
		affida := func(id vault.ID) {
			t.Helper()
			passo(id, "affidamento", pratica.Dati{"assistente": "aiuto", "fino": b.Servizio.Oggi().Add(20).String()})
		}
		legge := func(vuole int) {
			t.Helper()
			n := 0
			for _, id := range []vault.ID{r.ID, altra.ID} {
				f, _, err := b.Servizio.ApriAffidata(ctx, aiuto, id, pratica.ReadPage)
				switch {
				case err == nil && f.Segnalazione != nil:
					n++
				case !fault.Is(err, fault.NotFound):
					t.Fatalf("a case: %v", err)
				}
			}
			aa, err := b.Servizio.Affidate(ctx, aiuto)
			conta, e := b.Servizio.AffidateA(ctx, upt.Chi(t, "capo"), "aiuto")
			if n != vuole || len(aa) != vuole || conta != vuole || err != nil || e != nil {
				t.Fatalf("he reads %d, has %d in the list, a member counts %d; want %d: %v, %v", n, len(aa), conta, vuole, err, e)
			}
		}
		for _, id := range []vault.ID{r.ID, altra.ID} {
			passo(id, "presa_in_carico", nil)
			affida(id)
		}
		legge(2)
		if n, err := b.Servizio.AffidateA(ctx, aiuto, "aiuto"); n != 0 || err != nil {
			t.Errorf("who has no key of the office counts %d: %v", n, err)
		}
		upt.Togli(t, "aiuto")
		legge(0)
		if f, err := b.Servizio.Apri(ctx, upt.Chi(t, "capo"), r.ID); err != nil || f.Affidata != nil {
			t.Errorf("the case still says that it is given: %v", err)
		}
		upt.Riammetti(t, "aiuto")
		legge(0)
		passo(r.ID, "nota", pratica.Dati{"nota": "Mentre non c'era."})
		own, _ := aiuto.Aperti.Own()
		h, atti, err := b.Store.Leggi(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		avvolte, err := b.Store.Involucri(ctx, []int64{h.N}, "persona.aiuto", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range avvolte[h.N] {
			i.Ente, i.Pratica = b.Ente, r.ID
			_, err := own.Unwrap(i)
			if ultimo := atti[len(atti)-1].Atto; err != nil || slices.ContainsFunc(ultimo.Contenuti, func(c pratica.Impronta) bool { return c.Parte == i.Nome }) {
				t.Errorf("the note is in %s, which he opens: %v", i.Nome, err)
			}
		}
		legge(0)
		affida(r.ID)
		legge(1)
	})
}

// A key swapped in the table of people, or a row forged for somebody, gives no case:
// who is given one is taken from the roll.
func TestAffidamentoFalso(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		r := registra(t, b, allUPT())
		aiuto := upt.Assistente(t, "aiuto")
		ladro := vault.NewMemberKey(b.Ente, "aiuto", 2)
		pepe, err := b.Chiavi.Pepe(ctx, b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		slot, err := ladro.PassphraseSlot("frase", vault.NewPassphrase(), pepe, vault.Costo{Memoria: 64, Giri: 1, Fili: 1})
		if err == nil {
			err = b.Chiavi.SalvaMembro(ctx, ladro.Membro, slot)
		}
		if err != nil {
			t.Fatal(err)
		}
		capo := upt.Chi(t, "capo")
		for _, x := range []pratica.Comando{{Atto: "presa_in_carico"}, {Atto: "affidamento", Dati: pratica.Dati{"assistente": "aiuto", "fino": b.Servizio.Oggi().Add(9).String()}}} {
			x.Pratica = r.ID
			if _, err := b.Servizio.Esegui(ctx, capo, x); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := b.Servizio.ApriAffidata(ctx, aiuto, r.ID, pratica.ReadPage); err != nil {
			t.Errorf("the key of the roll: %v", err)
		}
		own := ladro.Opener()
		h, _, err := b.Store.Leggi(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		avvolte, err := b.Store.Involucri(ctx, []int64{h.N}, "persona.aiuto", "")
		if err != nil || len(avvolte[h.N]) == 0 {
			t.Fatal(err)
		}
		for _, i := range avvolte[h.N] {
			i.Ente, i.Pratica = b.Ente, r.ID
			if _, err := own.Unwrap(i); err == nil {
				t.Errorf("%s opens with a key swapped in the table", i.Nome)
			}
		}
	})
}
