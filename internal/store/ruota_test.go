package store_test

import (
	"context"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// Everything that the server's key seals in the key store is sealed again under a new
// one, and opens as it did.
func TestReseal(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	slots, err := b.Chiavi.Lease(ctx, 5)
	ok(err)
	firma, err := b.Chiavi.Firma(ctx, b.Ente)
	ok(err)
	pepe, err := b.Chiavi.Pepe(ctx, b.Ente)
	ok(err)
	_, err = b.Chiavi.Versioni(ctx, b.Ente, "urp")
	ok(err)
	ok(b.Chiavi.NewIndexKey("urp", 2026, 1))
	indici, err := b.Chiavi.IndexKeys("urp")
	ok(err)
	prima := b.Anello.Derive("prova")

	dir := filepath.Join(b.Dir, "chiavi")
	ok(vault.AddKeyVersion(filepath.Join(dir, "server.key")))
	anello, err := vault.LoadKeyRing(filepath.Join(dir, "server.key"), false)
	ok(err)
	k, err := store.OpenKeys(ctx, dir, anello)
	ok(err)
	t.Cleanup(func() { ok(k.Close()) })
	mancano, err := k.Unopened(ctx, anello.Alone())
	ok(err)
	fatte, err := k.Reseal(ctx)
	ok(err)
	if fatte != mancano || fatte < len(slots)+5 {
		t.Errorf("%d sealed again of %d", fatte, mancano)
	}
	if n, err := k.Unopened(ctx, anello.Alone()); n != 0 || err != nil {
		t.Errorf("%d still need the old key: %v", n, err)
	}
	if n, err := k.Reseal(ctx); n != 0 || err != nil {
		t.Errorf("%d sealed twice: %v", n, err)
	}
	solo, err := store.OpenKeys(ctx, dir, anello.Alone())
	ok(err)
	t.Cleanup(func() { ok(solo.Close()) })
	una, err := solo.Key(ctx, slots[2].ID)
	ok(err)
	altroPepe, err := solo.Pepe(ctx, b.Ente)
	ok(err)
	altraFirma, err := solo.Firma(ctx, b.Ente)
	ok(err)
	altri, err := solo.IndexKeys("urp")
	ok(err)
	if string(una) != string(slots[2].Key) || string(altroPepe) != string(pepe) || string(altri[0].Key) != string(indici[0].Key) ||
		string(anello.Derive("prova")) != string(prima) || !altraFirma.Public().(ed25519.PublicKey).Equal(firma.Public()) {
		t.Error("something opens as something else")
	}
}

// What is sealed in this package under the server's key is in the list of what a
// change of that key seals again: what is not would be lost with the old one.
func TestSigillateTutte(t *testing.T) {
	file, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sigilla := regexp.MustCompile(`\bring\.(Seal|WrapSlot|New[A-Z]\w*)\(`)
	n := 0
	for _, f := range file {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n += len(sigilla.FindAll(b, -1))
	}
	if n != store.Sigillate {
		t.Errorf("%d places seal under the server's key and %d are sealed again: add yours to sigillate in ruota.go", n, store.Sigillate)
	}
}
