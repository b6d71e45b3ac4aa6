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
		if err := store.AllungaCoda(ctx, b.Store, 100_000); err != nil {
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
