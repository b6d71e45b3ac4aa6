package store_test

import (
	"context"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/store/storetest"
)

// A new key of the log is said in the log; for a year it signs beside the one before, then
// alone; what was signed stays proved, and what the log does not speak of signs nothing.
func TestRinnovo(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx, log := context.Background(), b.Servizio.Log
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		arriva := func() pratica.Ricevuta {
			t.Helper()
			r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web",
				Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "elogio", Testo: "Grazie a tutti."})})
			ok(err)
			return r
		}
		firmato := func() registro.Signed {
			t.Helper()
			arriva()
			b.Orologio.Avanza(time.Minute)
			s, err := log.Checkpoint(ctx, b.Ente, 0)
			ok(err)
			return s
		}
		chiavi := func() []string {
			t.Helper()
			kk, err := log.Published(ctx, b.Ente)
			ok(err)
			return kk
		}
		prova := func(nome string, s registro.Signed, chiave string, vuole bool) {
			t.Helper()
			if _, err := registro.OpenCheckpoint(s.Note, chiave); (err == nil) != vuole {
				t.Errorf("%s: %v", nome, err)
			}
		}
		prima := firmato()
		ok(b.Chiavi.NewLogKey(ctx, b.Ente)) // and stopped there
		muta := firmato()
		kk := chiavi()
		prova("a key that nobody spoke of signs", muta, kk[1], false)
		ok(log.CheckKeys(ctx, b.Ente))
		ok(log.Renew(ctx, b.Ente))
		if n := len(chiavi()); n != 2 {
			t.Fatalf("%d keys: the one that was made was to be said, not another made", n)
		}
		insieme := firmato()
		prova("the first key, in the year of both", insieme, kk[0], true)
		prova("the second key, in the year of both", insieme, kk[1], true)
		prova("the second key on what the first signed", prima, kk[1], false)
		prova("the first key on what it signed", prima, kk[0], true)
		b.Orologio.Avanza(registro.Overlap)
		sola := firmato()
		prova("the first key, a year later", sola, kk[0], false)
		prova("the second key, a year later", sola, kk[1], true)
		ok(log.Renew(ctx, b.Ente))
		if kk = chiavi(); len(kk) != 3 {
			t.Fatalf("%d keys", len(kk))
		}
		tre := firmato()
		for i, vuole := range []bool{false, true, true} {
			prova("the three keys", tre, kk[i], vuole)
		}
		if _, err := b.Verifica(ctx, false); err != nil {
			t.Errorf("after two new keys: %v", err)
		}

		b.Manomesso = true
		for n := range 2 { // more keys than the log speaks of
			if err := log.CheckKeys(ctx, b.Ente); err != nil {
				t.Errorf("%d keys too many: %v", n, err)
			}
			ok(b.Chiavi.NewLogKey(ctx, b.Ente))
		}
		if err := log.CheckKeys(ctx, b.Ente); err == nil {
			t.Error("two keys that the log does not speak of pass")
		}
	})
}
