package pratica_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// The copy of an attachment goes to the structure sealed in its own part, under a
// name that says nothing; the original stays where it was.
//
// ref: pga01 4.4.2
func TestCopiaDiUnAllegato(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true
		ctx := context.Background()
		r, originale := conAllegato(t, b, reclamo())
		urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
		apri := func(chi access.Chi) *pratica.Fascicolo {
			t.Helper()
			f, err := b.Servizio.Apri(ctx, chi, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		if _, err := b.Servizio.Copie(ctx, urp, apri(urp)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("copies before anybody can be asked: %v", err)
		}
		h := informata(t, b, r.ID)
		resp := b.Chi(access.Responsabile, h.Struttura)
		chiedi := func() error {
			_, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: "richiesta_chiarimenti", Dati: pratica.Dati{"quesito": "Che cosa è successo?",
				"strutture": []map[string]any{{"id": h.Struttura, "copia": "Nove ore di attesa.", "allegati": []string{originale.String()}}}}})
			return err
		}
		if err := chiedi(); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), "non è pronta") {
			t.Errorf("asked with a copy that is not there: %v", err)
		}

		x, c, err := b.Servizio.ApriCopia(ctx, urp, apri(urp), originale)
		if err != nil || x.ID != originale || c.Versione != 0 || c.Pronta != nil {
			t.Fatalf("a new copy: %v, %v", err, c.Versione)
		}
		c.Lavoro = []byte(`{"pagine":1}`)
		if err := b.Servizio.SalvaCopia(ctx, urp, apri(urp), c); err != nil {
			t.Fatal(err)
		}
		if err := b.Servizio.SalvaCopia(ctx, urp, apri(urp), pratica.CopiaFile{File: originale, Lavoro: []byte(`2`)}); !fault.Is(err, fault.Conflict) {
			t.Errorf("two people on one copy: %v", err)
		}
		if err := chiedi(); !fault.Is(err, fault.Invalid) {
			t.Errorf("asked with a copy in the making: %v", err)
		}

		const piana = "%PDF-1.4 soltanto immagini"
		base, err := b.Servizio.BaseCopie(ctx, apri(urp))
		if err != nil {
			t.Fatal(err)
		}
		id, sua := vault.NewID(b.Orologio.Now()), vault.NewKey()
		blob, err := b.Blobs.Put(strings.NewReader(piana), pratica.ChiaveFile(sua, base), pratica.ContestoFile(b.Ente, r.ID, id))
		if err != nil {
			t.Fatal(err)
		}
		_, c, err = b.Servizio.ApriCopia(ctx, urp, apri(urp), originale)
		if err != nil || string(c.Lavoro) != `{"pagine":1}` || c.Versione != 1 {
			t.Fatalf("kept: %v, %s", err, c.Lavoro)
		}
		c.Pronta = &pratica.File{ID: id, Dimensione: blob.Size, Dove: blob.Address.String(), Impronta: blob.PlainSum, Chiave: vault.NewRiservato(string(sua))}
		c.Pagine, c.Lasciati = 2, []pratica.Lasciato{{Testo: "Longhini", Motivo: "È di chi lavora qui."}}
		if err := b.Servizio.SalvaCopia(ctx, urp, apri(urp), c); err != nil {
			t.Fatal(err)
		}
		tenuti := map[string]bool{}
		if err := b.Store.Attached(ctx, func(dove string) { tenuti[dove] = true }); err != nil || !tenuti[blob.Address.String()] {
			t.Errorf("the sweep would take a copy that waits: %v", err)
		}
		if err := chiedi(); err != nil {
			t.Fatal(err)
		}

		f := apri(resp)
		if len(f.File) != 1 || len(f.Richieste) != 1 || len(f.Richieste[0].File) != 1 {
			t.Fatalf("the structure has %d files, %d requests", len(f.File), len(f.Richieste))
		}
		y := f.Richieste[0].File[0]
		if y.Nome.Valore() != "copia-2026-0000001-1.pdf" || y.ID == id || y.Dove == blob.Address.String() {
			t.Errorf("it gets %s", y.Nome.Valore())
		}
		a, err := document.ParseAddress(y.Dove)
		if err != nil {
			t.Fatal(err)
		}
		var letto bytes.Buffer
		if _, err := b.Blobs.Read(&letto, a, y.ChiaveFile(), pratica.ContestoFile(b.Ente, r.ID, y.ID)); err != nil || letto.String() != piana {
			t.Errorf("it reads %q, %v", letto.String(), err)
		}
		if _, err := b.Servizio.ApriFile(ctx, resp, r.ID, originale); !fault.Is(err, fault.NotFound) {
			t.Errorf("the structure opens the original: %v", err)
		}
		if _, err := b.Servizio.Copie(ctx, resp, f); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the structure opens what is in the making: %v", err)
		}
		if ll := apri(urp).Richieste[0].Lasciati.Apri(); !slices.Contains(ll, pratica.Lasciato{Testo: "Longhini", Motivo: "È di chi lavora qui."}) {
			t.Error("what the copy keeps is not on record")
		}
		if ll := f.Richieste[0].Lasciati.Apri(); len(ll) > 0 {
			t.Error("the structure reads the reasons")
		}

		h.Eliminata = b.Servizio.Oggi()
		if err := b.Store.Svuota(ctx, 0, h); err != nil {
			t.Fatal(err)
		}
		if rr, err := b.Store.Copie(ctx, b.Ente, h.N); err != nil || len(rr) > 0 {
			t.Errorf("after the end of the file: %d copies, %v", len(rr), err)
		}
	})
}

// conAllegato registers a segnalazione with a file.
func conAllegato(t *testing.T, b *storetest.Banco, nu pratica.Nuova) (pratica.Ricevuta, vault.ID) {
	t.Helper()
	ctx := context.Background()
	slot, err := b.Servizio.Pool.Take(ctx)
	if err != nil {
		t.Fatal(err)
	}
	caso, file, sua := vault.NewID(b.Orologio.Now()), vault.NewID(b.Orologio.Now()), vault.NewKey()
	blob, err := b.Blobs.Put(strings.NewReader("referto di Ilaria Brambati"), pratica.ChiaveFile(sua, pratica.BaseFile(slot.Key, b.Ente, caso, pratica.ParteCittadino)),
		pratica.ContestoFile(b.Ente, caso, file))
	if err != nil {
		t.Fatal(err)
	}
	nu.ID, nu.Slot = caso, slot
	nu.File = []pratica.File{{ID: file, Nome: vault.NewRiservato("Brambati.txt"), Tipo: "txt", Dimensione: blob.Size, Dove: blob.Address.String(), Impronta: blob.PlainSum,
		Chiave: vault.NewRiservato(string(sua))}}
	return registra(t, b, nu), file
}

// The UPT sends copies too. What waits in its cases is sealed to its newest key, so that
// who left, with the disk and every key she had, reads nothing that was decided since;
// and nobody puts a row there who has not the nucleo.
func TestCopiaDellUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		upt.Ammetti(t, "vera")
		r, originale := conAllegato(t, b, allUPT())
		vera := upt.Chi(t, "vera")
		unita := b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[5].ID
		resp := b.Chi(access.Responsabile, unita)
		apri := func(chi access.Chi) *pratica.Fascicolo {
			t.Helper()
			f, err := b.Servizio.Apri(ctx, chi, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		salva := func(chi access.Chi, lavoro string, pronta *pratica.File) {
			t.Helper()
			_, c, err := b.Servizio.ApriCopia(ctx, chi, apri(chi), originale)
			if err != nil {
				t.Fatal(err)
			}
			c.Lavoro, c.Pronta, c.Pagine = []byte(lavoro), pronta, 1
			if err := b.Servizio.SalvaCopia(ctx, chi, apri(chi), c); err != nil {
				t.Fatal(err)
			}
		}
		if apri(vera).MayCopy() {
			t.Error("copies before anybody can be asked")
		}
		if _, err := b.Servizio.Esegui(ctx, vera, pratica.Comando{Pratica: r.ID, Atto: "presa_in_carico"}); err != nil {
			t.Fatal(err)
		}
		salva(vera, `"quel che ha deciso vera"`, nil)
		upt.Togli(t, "vera")
		capo := upt.Chi(t, "capo")
		if cc, err := b.Servizio.Copie(ctx, capo, apri(capo)); err != nil || string(cc[0].Lavoro) != `"quel che ha deciso vera"` {
			t.Fatalf("who stays goes on: %v", err)
		}

		const piana = "%PDF-1.4 soltanto immagini"
		base, err := b.Servizio.BaseCopie(ctx, apri(capo))
		if err != nil {
			t.Fatal(err)
		}
		id, sua := vault.NewID(b.Orologio.Now()), vault.NewKey()
		blob, err := b.Blobs.Put(strings.NewReader(piana), pratica.ChiaveFile(sua, base), pratica.ContestoFile(b.Ente, r.ID, id))
		if err != nil {
			t.Fatal(err)
		}
		salva(capo, `"dopo"`, &pratica.File{ID: id, Dimensione: blob.Size, Dove: blob.Address.String(), Impronta: blob.PlainSum, Chiave: vault.NewRiservato(string(sua))})

		n := apri(capo).Testa.N
		righe, err := b.Store.Copie(ctx, b.Ente, n)
		if err != nil || len(righe) != 1 {
			t.Fatal(err)
		}
		apre, _ := vera.Aperti.Opener(pratica.CompartimentoUPT)
		contesto := vault.Context("copia", b.Ente, r.ID.String(), originale.String())
		for v := range 9 {
			if _, err := apre.Open(v, contesto, righe[0].Sigillo[4:]); err == nil {
				t.Error("who left opens what was decided since")
			}
		}
		recipient, _ := capo.Aperti.Recipient(pratica.CompartimentoUPT)
		v, falso := recipient.Seal(contesto, []byte(`{"lavoro":"falso"}`)) // anybody can seal to a public key
		falsa := righe[0]
		falsa.Versione++
		falsa.Sigillo = append([]byte{0, 0, 0, byte(v)}, falso...)
		if err := b.Store.SalvaCopia(ctx, b.Ente, n, falsa); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Servizio.Copie(ctx, capo, apri(capo)); err == nil {
			t.Error("a forged row opens")
		}
		righe[0].Versione = falsa.Versione + 1
		if err := b.Store.SalvaCopia(ctx, b.Ente, n, righe[0]); err != nil {
			t.Fatal(err)
		}

		if _, err := b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: r.ID, Atto: "richiesta_informazioni", Dati: pratica.Dati{"quesito": "Che cosa è successo?",
			"strutture": []map[string]any{{"id": unita, "copia": "Nove ore di attesa.", "allegati": []string{originale.String()}}}}}); err != nil {
			t.Fatal(err)
		}
		f := apri(resp)
		if len(f.File) != 1 || len(f.Richieste) != 1 || f.Richieste[0].File[0].Nome.Valore() != "copia-2026-0000001-1.pdf" {
			t.Fatalf("the structure has %d files", len(f.File))
		}
		y := f.Richieste[0].File[0]
		a, err := document.ParseAddress(y.Dove)
		if err != nil {
			t.Fatal(err)
		}
		var letto bytes.Buffer
		if _, err := b.Blobs.Read(&letto, a, y.ChiaveFile(), pratica.ContestoFile(b.Ente, r.ID, y.ID)); err != nil || letto.String() != piana {
			t.Errorf("it reads %q, %v", letto.String(), err)
		}
		if _, err := b.Servizio.ApriFile(ctx, resp, r.ID, originale); !fault.Is(err, fault.NotFound) {
			t.Errorf("the structure opens the original: %v", err)
		}
		chiusa := capo
		chiusa.Aperti = nil
		for _, x := range []access.Chi{chiusa, b.Chi(access.URPAziendale, ""), resp} {
			if _, err := b.Servizio.Copie(ctx, x, apri(capo)); err == nil {
				t.Errorf("%s opens what waits", x.Nome)
			}
		}
	})
}
