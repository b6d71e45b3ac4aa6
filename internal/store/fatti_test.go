package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"tutela/internal/day"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// What is done while the records of the log are compared with the rows they speak of is
// no finding; a row that the log does not speak of is one, however often it is read.
func TestFattiIntanto(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := t.Context()
		for i := range 3 {
			testo := fmt.Appendf(nil, "carta %d", i)
			h := sha256.Sum256(testo)
			if err := b.Store.SalvaOrganigramma(ctx, b.Ente, day.Of(2026, 1, 1+i), hex.EncodeToString(h[:]), testo); err != nil {
				t.Fatal(err)
			}
		}
		fatti, err := b.Store.Fatti(ctx, b.Ente)
		if err != nil || len(fatti) == 0 {
			t.Fatal(len(fatti), err)
		}
		for n := range fatti {
			if err := b.Store.FattiRetti(ctx, b.Ente, fatti[:n]); err != nil {
				t.Errorf("%d of %d records had been read: %v", n, len(fatti), err)
			}
		}
		b.Manomesso = true
		if err := store.Manometti(ctx, b.Store, `update organigrammi set dal = '2001-01-01'`); err != nil {
			t.Fatal(err)
		}
		if err := b.Store.FattiRetti(ctx, b.Ente, fatti[:1]); err == nil {
			t.Error("a row that was changed passes")
		}
	})
}
