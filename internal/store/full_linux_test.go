package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// The disk of the copies is full: whoever makes a key, a way into it or a pin is told,
// nothing has changed, no half copy is left, and intake goes on. With room each of
// them is in a copy before it is anywhere else.
func TestCopieADiscoPieno(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	dir := copieIn(t, b, 0)
	libera, si := storetest.Pieno(t, dir)
	if !si { // CI runs as root: there it is full
		t.Log("no disk may be mounted here: the folder is gone instead")
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		libera = func() {
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	k := vault.NewMemberKey(b.Ente, "anna", 1)
	slot, _ := k.FoglioSlot(vault.NewID(b.Orologio.Now()).String())
	chiave := func() error { return b.Chiavi.SalvaMembro(ctx, k.Membro, slot) }
	ricordo := func() error {
		return b.Chiavi.SalvaRicordo(ctx, b.Ente, pratica.CompartimentoUPT, "anna", []byte("sealed"))
	}
	for nome, fa := range map[string]func() error{"key": chiave, "pin": ricordo, "copy": func() error { return b.Chiavi.CopiaSeServe(ctx) }} {
		if err := fa(); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s on a full disk: %v", nome, err)
		}
	}
	if _, err := b.Chiavi.Membro(ctx, b.Ente, "anna"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a key is there that no copy has: %v", err)
	}
	if x, err := b.Chiavi.Ricordo(ctx, b.Ente, pratica.CompartimentoUPT, "anna"); err != nil || x != nil {
		t.Errorf("a pin is there that no copy has: %q %v", x, err)
	}
	if ee, err := os.ReadDir(dir); si && err != nil || len(ee) != 0 {
		t.Errorf("left behind: %v %v", ee, err)
	}
	if s, err := b.Chiavi.Lease(ctx, 10); err != nil || len(s) != 10 {
		t.Errorf("intake stops: %v", err)
	}
	libera()
	for i, fa := range []func() error{chiave, ricordo} {
		b.Orologio.Avanza(time.Second)
		if err := fa(); err != nil {
			t.Fatal(err)
		}
		_, cc, err := b.Chiavi.Copie()
		if err != nil || len(cc) == 0 {
			t.Fatalf("no copy: %v", err)
		}
		altrove := t.TempDir()
		x, err := os.ReadFile(cc[0].File)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(altrove, "chiavi.db"), x, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := store.OpenKeys(ctx, altrove, b.Anello)
		if err != nil {
			t.Fatal(err)
		}
		m, errM := c.Membro(ctx, b.Ente, "anna")
		p, errP := c.Ricordo(ctx, b.Ente, pratica.CompartimentoUPT, "anna")
		if errM != nil || m.Numero != 1 || errP != nil || (p != nil) != (i == 1) {
			t.Errorf("the copy has %v %v, %q %v", m.Numero, errM, p, errP)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
