package store_test

import (
	"context"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// With the disk full the citizen is told the truth, nothing is half stored, no
// number is lost, and what follows works again once there is room.
func TestDiscoPieno(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	nuova := func() (pratica.Ricevuta, error) {
		return b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web", Segnalazione: pratica.Chiudi(
			pratica.Segnalazione{Testo: strings.Repeat("Una lunga attesa. ", 400), Segnalante: &pratica.Persona{Nome: "Prova", Email: "prova@esempio.example"}})})
	}
	prima, err := nuova()
	va(t, err)
	va(t, store.Riempi(ctx, b.Store, 3))
	n := 0
	for ; n < 50; n++ {
		if _, err = nuova(); err != nil {
			break
		}
	}
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Message(err), "lo spazio è finito") {
		t.Fatalf("with a full disk: %v", err)
	}
	va(t, store.Riempi(ctx, b.Store, 1_000_000))
	dopo, err := nuova()
	va(t, err)
	if dopo.Numero != prima.Numero+n+1 {
		t.Errorf("after %d stored, the number is %d", n+1, dopo.Numero)
	}
	p, err := b.Store.Elenco(ctx, b.Chi(access.URPAziendale, ""), pratica.Filtro{Limite: 100})
	va(t, err)
	if len(p.Righe) != n+2 {
		t.Errorf("%d cases in the list, %d were confirmed", len(p.Righe), n+2)
	}
}
