package store_test

import (
	"context"
	"testing"
	"time"

	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// Words are indexed in a lull, and in a burst only once the tail is long.
func TestIndexDue(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true
		ctx := context.Background()
		due := func(quando string, vuole bool) {
			t.Helper()
			if d, err := b.Store.IndexDue(ctx); err != nil || d != vuole {
				t.Errorf("%s: due %v, want %v (%v)", quando, d, vuole, err)
			}
		}
		b.Orologio.Avanza(time.Second)
		due("when nobody writes", true)
		if _, err := finta(ctx, b.Ente, b.Store); err != nil {
			t.Fatal(err)
		}
		due("just after a change", false)
		if err := store.AllungaCoda(ctx, b.Store, 10_000); err != nil {
			t.Fatal(err)
		}
		due("in a burst, with a long tail", true)
		for {
			if n, err := b.Store.Indicizza(ctx); err != nil || n == 0 {
				break
			}
		}
		due("in a burst, once it is short", false)
		b.Orologio.Avanza(time.Second)
		due("after it", true)
	})
}

// Words come in small lots, each a piece of the index that every search reads: when
// nobody writes they are joined.
func TestPezziUniti(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	if err := store.RiempiCoda(ctx, b.Store, b.Ente, 14*128); err != nil {
		t.Fatal(err)
	}
	sciolti := 0
	for {
		k, err := b.Store.Indicizza(ctx)
		n, err2 := store.Pezzi(ctx, b.Store)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if sciolti = max(sciolti, n); k > 0 {
			continue
		}
		if sciolti < 10 || n > 4 {
			t.Errorf("%d pieces when all was moved, %d after joining", sciolti, n)
		}
		return
	}
}
