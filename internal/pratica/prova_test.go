package pratica_test

import (
	"context"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// Who has the key proves number and instant, whatever happened since; who handles the
// case proves each act of it; nobody else proves anything.
func TestProva(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := registra(t, b, reclamo())
		altra := registra(t, b, reclamo())
		az := b.Chi(access.URPAziendale, "")
		b.Orologio.Avanza(time.Hour)
		if _, err := b.Servizio.Esegui(ctx, az, pratica.Comando{Pratica: r.ID, Atto: "conversione",
			Dati: pratica.Dati{"tipo": "rilievo", "motivo": "Non chiede risposta."}}); err != nil {
			t.Fatal(err)
		}
		chiavi, err := b.Servizio.Log.Published(ctx, b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		prova, err := b.Servizio.Prova(ctx, b.Ente, r.Codice, r.Chiave)
		if err != nil {
			t.Fatal(err)
		}
		foglia, c, err := prova.Verify(chiavi...)
		if err != nil || foglia.Numero != pratica.NumeroScritto(r.Anno, r.Numero) || !foglia.Istante.Equal(r.Ricevuta) || foglia.Pratica != r.ID.String() || c.Size != 3 {
			t.Errorf("the receipt proves %+v in %+v: %v", foglia, c, err)
		}
		for seq, kind := range map[int]string{1: foglia.Kind, 2: "conversione"} {
			p, err := b.Servizio.ProvaAtto(ctx, az, r.ID, seq)
			if err != nil {
				t.Fatal(err)
			}
			if f, _, err := p.Verify(chiavi...); err != nil || f.Kind != kind || f.Seq != seq || (f.Precedente == nil) != (seq == 1) {
				t.Errorf("act %d: %+v %v", seq, f, err)
			}
		}
		for nome, err := range map[string]error{
			"another key":       second(b.Servizio.Prova(ctx, b.Ente, r.Codice, altra.Chiave)),
			"no such code":      second(b.Servizio.Prova(ctx, b.Ente, vault.NewCodice(), r.Chiave)),
			"no such act":       second(b.Servizio.ProvaAtto(ctx, az, r.ID, 3)),
			"another structure": second(b.Servizio.ProvaAtto(ctx, b.Chi(access.URP, "URP-SAN-DEFENDENTE"), r.ID, 1)),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", nome, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }
