package store_test

import (
	"errors"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/registro"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// Who only looks makes the log sign once a minute. What a witness saw is kept once for
// each state, and counts in its own epoch.
func TestTestimoni(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true
		ctx, log := t.Context(), logDi(b)
		registra := func() {
			t.Helper()
			if _, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), segnalazione()); err != nil {
				t.Fatal(err)
			}
		}
		guarda := func(n int64) registro.Signed {
			t.Helper()
			s, err := log.Latest(ctx, b.Ente)
			if err != nil || s.Size != n {
				t.Fatalf("signed up to %d, not %d: %v", s.Size, n, err)
			}
			return s
		}
		segreta, chiave, err := registro.NewWitness("associazione.example")
		if err != nil {
			t.Fatal(err)
		}
		vede := func(s registro.Signed) error {
			riga, err := registro.Cosign(s.Note, segreta)
			if err != nil {
				t.Fatal(err)
			}
			_, err = log.Witnessed(ctx, b.Ente, s.Note, riga, []string{chiave})
			return err
		}
		registra()
		uno := guarda(1)
		registra()
		guarda(1)
		b.Orologio.Avanza(time.Minute)
		due := guarda(2)
		for _, s := range []registro.Signed{uno, due, due} {
			if err := vede(s); err != nil {
				t.Fatal(err)
			}
		}
		visti, err := b.Store.Seen(ctx, b.Ente, 1)
		if x := visti[registro.WitnessID(chiave)]; err != nil || len(visti) != 1 || x.Size != 2 || x.At.IsZero() {
			t.Errorf("%+v %v", visti, err)
		}
		if visti, err = b.Store.Seen(ctx, b.Ente, 2); err != nil || len(visti) > 0 {
			t.Errorf("in an epoch that is not begun: %+v %v", visti, err)
		}
		if righe, err := b.Store.Cosigned(ctx, b.Ente, 1, 2); err != nil || len(righe) != 1 {
			t.Errorf("%d lines under one state: %v", len(righe), err)
		}

		// The database as it was: nothing more is signed, and whoever brings what was is
		// the proof.
		if err := store.Manometti(ctx, b.Store, `update log_testa set n = 1, bordo = $1 where ente = $2`, uno.Root[:], b.Ente); err != nil {
			t.Fatal(err)
		}
		if err := store.Manometti(ctx, b.Store, `delete from log_checkpoint where n = 2 and ente = $1`, b.Ente); err != nil {
			t.Fatal(err)
		}
		if err := store.Manometti(ctx, b.Store, `delete from log_hash where idx > 0 and ente = $1`, b.Ente); err != nil {
			t.Fatal(err)
		}
		b.Orologio.Avanza(time.Minute)
		log = logDi(b) // another process
		detto := 0
		log.Broken = func(error) { detto++ }
		if _, err := log.Latest(ctx, b.Ente); !errors.Is(err, registro.ErrRolledBack) {
			t.Errorf("signed again: %v", err)
		}
		if err := vede(due); !errors.Is(err, registro.ErrRolledBack) {
			t.Errorf("what was lost is not missed: %v", err)
		}
		if detto != 2 {
			t.Errorf("told %d times", detto)
		}
		if _, err := log.Restore(ctx, b.Ente, "Rimessa la copia di ieri."); err != nil {
			t.Fatal(err)
		}
		if err := vede(due); !errors.Is(err, registro.ErrForeign) || detto != 2 {
			t.Errorf("declared lost, and missed again: %v", err)
		}
	})
}
