package custody_test

import (
	"os"
	"path/filepath"
	"testing"

	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// Each act on keys is in a copy before it is done: put back in the place of the key
// store, the newest copy opens the UPT. Where the copy fails nothing has changed.
func TestAttiInCopia(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, banco *storetest.Banco) {
		b := apri(t, banco)
		chiavi, dir := filepath.Join(b.Dir, "chiavi"), t.TempDir()
		b.ok(store.Copie{Cartella: dir}.Salva(chiavi))
		anna := b.chiave("anna")
		via := func(si bool) {
			t.Helper()
			if da, a := dir, dir+".via"; si {
				b.ok(os.Rename(da, a))
			} else {
				b.ok(os.Rename(a, da))
			}
		}
		via(true)
		_, err := b.c.Found(b.ctx, anna, upt, dueDiTre())
		b.vuole(err, fault.Unavailable)
		if x, err := b.c.Look(b.ctx, b.Ente, upt); err != nil || x.Fondata {
			t.Fatalf("founded without a copy: %v", err)
		}
		via(false)
		b.fogli, err = b.c.Found(b.ctx, anna, upt, dueDiTre())
		b.ok(err)
		b.ammetti("anna", "bruno")
		b.ok(b.Chiavi.CopiaSeServe(b.ctx)) // bruno's pin
		prima := b.newest()
		via(true)
		_, err = b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{Tolti: []string{b.persone["bruno"].ID}})
		b.vuole(err, fault.Unavailable)
		if b.newest().N != prima.N {
			t.Fatal("a version was made without a copy")
		}
		b.ok(b.apre("bruno"))
		via(false)
		b.Orologio.Avanza(1e9)
		_, err = b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{Tolti: []string{b.persone["bruno"].ID}})
		b.ok(err)

		_, cc, err := b.Chiavi.Copie()
		b.ok(err)
		altrove := t.TempDir()
		x, err := os.ReadFile(cc[0].File)
		b.ok(err)
		b.ok(os.WriteFile(filepath.Join(altrove, "chiavi.db"), x, 0o600))
		k, err := store.OpenKeys(b.ctx, altrove, b.Anello)
		b.ok(err)
		t.Cleanup(func() { b.ok(k.Close()) })
		b.c.Chiavi = k
		b.ok(b.apre("anna"))
		if err := b.apre("bruno"); err == nil {
			t.Error("who was let go opens the copy")
		}
		if n, _ := filepath.Glob(filepath.Join(dir, ".chiavi-*")); len(n) > 0 {
			t.Errorf("left behind: %v", n)
		}
	})
}
