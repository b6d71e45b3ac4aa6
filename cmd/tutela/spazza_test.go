package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// Of the files that wait in the folder, the sweep deletes those that are old and
// in no case; cut short, it ends the next time.
func TestSpazzaFile(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		i := &impianto{orologio: &orologio{}, store: b.Store, blobs: b.Blobs}
		i.orologio.metti(b.Orologio.Now())
		ora := i.orologio.Now()
		file := func(k []byte, contesto string, eta time.Duration) document.Blob {
			t.Helper()
			x, err := b.Blobs.Put(strings.NewReader("x"), k, contesto)
			if err == nil {
				err = b.Blobs.Touch(x.Address, ora.Add(-eta))
			}
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		const giorno = 24 * time.Hour
		orfano := func(eta time.Duration) document.Address { return file(vault.NewKey(), "prova", eta).Address }
		sono := func(ci bool, aa ...document.Address) {
			t.Helper()
			for n, a := range aa {
				if err := b.Blobs.Verify(a); ci && err != nil || !ci && !fault.Is(err, fault.NotFound) {
					t.Errorf("file %d: %v", n, err)
				}
			}
		}

		vecchi := []document.Address{orfano(9 * giorno), orfano(300 * giorno)}
		giovani := []document.Address{orfano(0), orfano(7 * giorno), orfano(8*giorno - time.Minute)}
		if err := i.spazzaFile(t.Context()); err != nil {
			t.Fatal(err)
		}
		sono(true, vecchi...) // no case has a file: this may be another database's folder

		slot, err := b.Servizio.Pool.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		caso, id := vault.NewID(ora), vault.NewID(ora)
		sua := vault.NewKey()
		x := file(pratica.ChiaveFile(sua, pratica.BaseFile(slot.Key, b.Ente, caso, pratica.ParteCittadino)), pratica.ContestoFile(b.Ente, caso, id), 300*giorno)
		if _, err := b.Servizio.Registra(t.Context(), access.Cittadino(b.Ente, "web"), pratica.Nuova{ID: caso, Slot: slot, Canale: "web",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Ho aspettato nove ore al pronto soccorso.",
				Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example"}}),
			File: []pratica.File{{ID: id, Nome: vault.NewRiservato("a.pdf"), Tipo: "pdf", Dimensione: x.Size, Dove: x.Address.String(), Impronta: x.PlainSum,
				Chiave: vault.NewRiservato(string(sua))}}}); err != nil {
			t.Fatal(err)
		}
		morto, stop := context.WithCancel(t.Context())
		stop()
		if err := i.spazzaFile(morto); !errors.Is(err, context.Canceled) {
			t.Errorf("told to stop: %v", err)
		}
		sono(true, vecchi...)
		if err := b.Blobs.Remove(vecchi[0]); err != nil { // as one that was killed half way
			t.Fatal(err)
		}
		for range 2 {
			if err := i.spazzaFile(t.Context()); err != nil {
				t.Fatal(err)
			}
			sono(false, vecchi...)
			sono(true, giovani...)
			sono(true, x.Address)
		}
	})
}
