package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tutela/internal/fault"
	"tutela/internal/store"
)

func TestBozze(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		id, altro := []byte("0123456789abcdef"), []byte("fedcba9876543210")
		scade := nove.Add(7 * 24 * time.Hour)
		leggi := func(ente string, id []byte, now time.Time) string {
			t.Helper()
			b, err := s.LeggiBozza(ctx, ente, id, now)
			if fault.Is(err, fault.NotFound) {
				return "assente"
			}
			va(t, err)
			return string(b)
		}
		va(t, s.SalvaBozza(ctx, "uno", id, []byte("prima"), nove.Add(time.Hour)))
		va(t, s.SalvaBozza(ctx, "uno", id, []byte("seconda"), scade))
		va(t, s.SalvaBozza(ctx, "due", id, []byte("di un altro ente"), scade)) // an id of another ente is not replaced
		va(t, s.SalvaBozza(ctx, "uno", altro, []byte("altra"), nove.Add(time.Hour)))
		uguali(t, []string{leggi("uno", id, nove), leggi("due", id, nove), leggi("uno", id, scade), leggi("uno", altro, nove)},
			[]string{"seconda", "assente", "assente", "altra"})
		va(t, s.ScaduteBozze(ctx, nove.Add(time.Hour)))
		uguali(t, []string{leggi("uno", id, nove), leggi("uno", altro, nove)}, []string{"seconda", "assente"})
		va(t, s.EliminaBozza(ctx, "due", id))
		uguali(t, leggi("uno", id, nove), "seconda")
		va(t, s.EliminaBozza(ctx, "uno", id))
		uguali(t, leggi("uno", id, nove), "assente")
		if err := s.SalvaBozza(ctx, "uno", id, make([]byte, 256<<10+1), scade); !fault.Is(err, fault.TooLarge) {
			t.Fatalf("a huge draft: %v", err)
		}
		uguali(t, leggi("uno", id, nove), "assente")
	})
}

func TestViste(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		for _, v := range []store.Vista{{Nome: "Scadute", Filtro: "stato:aperta"}, {Nome: "A mano", Filtro: "tipo:reclamo"}, {Nome: "Scadute", Filtro: "scade:oggi"}} {
			va(t, s.SalvaVista(ctx, "uno", "a", v))
		}
		elenco := func(ente, persona string) []store.Vista {
			t.Helper()
			l, err := s.Viste(ctx, ente, persona)
			va(t, err)
			return l
		}
		uguali(t, elenco("uno", "a"), []store.Vista{{Nome: "A mano", Filtro: "tipo:reclamo"}, {Nome: "Scadute", Filtro: "scade:oggi"}})
		uguali(t, len(elenco("uno", "b"))+len(elenco("due", "a")), 0)
		va(t, s.EliminaVista(ctx, "uno", "b", "Scadute"))
		va(t, s.EliminaVista(ctx, "uno", "a", "Scadute"))
		uguali(t, elenco("uno", "a"), []store.Vista{{Nome: "A mano", Filtro: "tipo:reclamo"}})

		for _, v := range []store.Vista{{Nome: "", Filtro: "x"}, {Nome: strings.Repeat("n", 61), Filtro: "x"}, {Nome: "lunga", Filtro: strings.Repeat("x", 1001)}} {
			if err := s.SalvaVista(ctx, "uno", "a", v); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20v: %v", v, err)
			}
		}
		for i := range 49 {
			va(t, s.SalvaVista(ctx, "uno", "a", store.Vista{Nome: fmt.Sprintf("vista %02d", i)}))
		}
		if err := s.SalvaVista(ctx, "uno", "a", store.Vista{Nome: "una di troppo"}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("the 51st: %v", err)
		}
		va(t, s.SalvaVista(ctx, "uno", "a", store.Vista{Nome: "A mano", Filtro: "y"})) // replacing is free
	})
}
