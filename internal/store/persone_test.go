package store_test

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

var nove = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) {
	esito := m.Run()
	storetest.Ferma()
	os.Exit(esito)
}

// perPersone runs the test on an empty store of both engines.
func perPersone(t *testing.T, prova func(t *testing.T, ctx context.Context, s *store.Store)) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) { prova(t, t.Context(), b.Store) })
}

func va(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func uguali(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

func TestPersone(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		anna := auth.Persona{Ente: "uno", ID: "a", Utente: "anna", Nome: "Anna", Attiva: true, Fattore: "f", Creata: nove}
		va(t, s.AggiungiPersona(ctx, anna))
		stesso := anna
		stesso.ID = "b"
		if err := s.AggiungiPersona(ctx, stesso); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a taken name: %v", err)
		}
		altrove := stesso
		altrove.Ente = "due"
		va(t, s.AggiungiPersona(ctx, altrove))

		uno := access.Incarico{Ruolo: "urp", Unita: "1", Dal: day.Of(2026, 1, 1)}
		due := access.Incarico{Ruolo: "dpo", Dal: day.Of(2026, 2, 1), Al: day.Of(2026, 3, 1)}
		va(t, s.SalvaIncarico(ctx, "uno", "a", uno))
		va(t, s.SalvaIncarico(ctx, "uno", "a", due))
		uno.Al = day.Of(2026, 5, 31)
		va(t, s.SalvaIncarico(ctx, "uno", "a", uno))
		anna.Incarichi = []access.Incarico{uno, due}
		p, err := s.Persona(ctx, "uno", "a")
		va(t, err)
		uguali(t, p, anna)
		tutte, err := s.Persone(ctx, "uno", "")
		va(t, err)
		uguali(t, tutte, []auth.Persona{anna})
		for _, x := range [][2]string{{"due", "a"}, {"uno", "b"}, {"", ""}} {
			if _, err := s.Persona(ctx, x[0], x[1]); !fault.Is(err, fault.NotFound) {
				t.Errorf("%v: %v", x, err)
			}
		}

		nome, attiva, fattore, altro := "Anna V", false, "g", "altro"
		va(t, s.AggiornaPersona(ctx, "uno", "a", auth.Cambio{Fattore: &fattore, SeFattore: &altro}))
		p, err = s.Persona(ctx, "uno", "a")
		va(t, err)
		uguali(t, p.Fattore, "f")
		va(t, s.AggiornaPersona(ctx, "uno", "a", auth.Cambio{Nome: &nome, Attiva: &attiva, Fattore: &fattore, SeFattore: &anna.Fattore}))
		p, err = s.Persona(ctx, "uno", "a")
		va(t, err)
		anna.Nome, anna.Attiva, anna.Fattore = nome, attiva, fattore
		uguali(t, p, anna)
		p, err = s.Persona(ctx, "due", "b")
		va(t, err)
		uguali(t, p, altrove)
	})
}

func TestCredenziali(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		id := func(c byte) []byte { return bytes.Repeat([]byte{c}, 32) }
		sess := func(c byte, ente, persona string) auth.Credenziale {
			return auth.Credenziale{ID: id(c), Ente: ente, Persona: persona, Creata: nove, Vista: nove, Conferma: nove}
		}
		tok := auth.Credenziale{Tipo: auth.TipoToken, ID: id('t'), Ente: "uno", Persona: "a", Creata: nove, Nome: "n", Scade: nove.Add(time.Hour)}
		for _, c := range []auth.Credenziale{sess('1', "uno", "a"), sess('2', "uno", "a"), sess('3', "uno", "b"), sess('4', "due", "a"), tok} {
			va(t, s.AggiungiCredenziale(ctx, c))
		}
		c, err := s.Credenziale(ctx, "uno", auth.TipoSessione, id('1'))
		va(t, err)
		uguali(t, c, sess('1', "uno", "a"))
		c, err = s.Credenziale(ctx, "uno", auth.TipoToken, id('t'))
		va(t, err)
		uguali(t, c, tok)
		assente := func(ente string, tipo auth.Tipo, c byte) {
			t.Helper()
			if _, err := s.Credenziale(ctx, ente, tipo, id(c)); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s %c: %v", ente, c, err)
			}
		}
		assente("due", auth.TipoSessione, '1')
		assente("uno", auth.TipoToken, '1')
		assente("uno", auth.TipoSessione, 't')

		va(t, s.SegnaVista(ctx, "uno", id('1'), nove.Add(time.Minute), nove.Add(-time.Hour)))
		va(t, s.SegnaVista(ctx, "due", id('1'), nove.Add(time.Hour), nove.Add(time.Hour)))
		va(t, s.SegnaVista(ctx, "uno", id('9'), nove, nove))
		c, err = s.Credenziale(ctx, "uno", auth.TipoSessione, id('1'))
		va(t, err)
		dopo := sess('1', "uno", "a")
		dopo.Vista = nove.Add(time.Minute)
		uguali(t, c, dopo)
		assente("uno", auth.TipoSessione, '9')

		va(t, s.EliminaCredenziale(ctx, "uno", auth.TipoSessione, "b", id('1'))) // not b's
		va(t, s.AggiornaPersona(ctx, "uno", "a", auth.Cambio{FineSessioni: true, TranneQuesta: id('1')}))
		l, err := s.Credenziali(ctx, "uno", auth.TipoSessione, "a")
		va(t, err)
		uguali(t, l, []auth.Credenziale{dopo})
		va(t, s.AggiornaPersona(ctx, "uno", "a", auth.Cambio{FineSessioni: true, FineToken: true}))
		assente("uno", auth.TipoSessione, '1')
		assente("uno", auth.TipoToken, 't')
		for _, x := range []struct {
			ente, persona string
			c             byte
		}{{"uno", "b", '3'}, {"due", "a", '4'}} {
			if _, err := s.Credenziale(ctx, x.ente, auth.TipoSessione, id(x.c)); err != nil {
				t.Errorf("%c went with another person's: %v", x.c, err)
			}
		}
		va(t, s.EliminaCredenziale(ctx, "uno", auth.TipoSessione, "b", id('3')))
		assente("uno", auth.TipoSessione, '3')
	})
}

func TestSpazzaAccessi(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		k := bytes.Repeat([]byte{'k'}, 32)
		va(t, s.AggiungiCredenziale(ctx, auth.Credenziale{ID: k, Ente: "uno", Persona: "a", Creata: nove}))
		va(t, s.AggiungiCredenziale(ctx, auth.Credenziale{Tipo: auth.TipoToken, ID: k, Ente: "uno", Persona: "a", Scade: nove.Add(time.Hour)}))
		mezza := auth.Credenziale{ID: bytes.Repeat([]byte{'m'}, 32), Ente: "uno", Persona: "a", Creata: nove, Mezza: true}
		va(t, s.AggiungiCredenziale(ctx, mezza))
		va(t, s.SpazzaAccessi(ctx, nove.Add(auth.DurataMezza-time.Second)))
		for _, resta := range []bool{true, false} {
			if _, err := s.Credenziale(ctx, "uno", auth.TipoSessione, mezza.ID); (err == nil) != resta {
				t.Errorf("half a session stays %v: %v", resta, err)
			}
			va(t, s.SpazzaAccessi(ctx, nove.Add(auth.DurataMezza)))
		}
		freno := auth.Tentativo{Chiave: k, Debito: 600000, Fino: nove}
		va(t, s.SalvaTentativi(ctx, []auth.Tentativo{freno}))
		quanti := func(now time.Time) (n int) {
			t.Helper()
			va(t, s.SpazzaAccessi(ctx, now))
			for _, tipo := range []auth.Tipo{auth.TipoSessione, auth.TipoToken} {
				l, err := s.Credenziali(ctx, "uno", tipo, "a")
				va(t, err)
				n += len(l)
			}
			l, err := s.Tentativi(ctx, [][]byte{k, []byte("altra")})
			va(t, err)
			return n + len(l)
		}
		uguali(t, []int{quanti(nove), quanti(nove.Add(time.Hour)), quanti(nove.Add(auth.DurataSessione)), quanti(nove.Add(24 * time.Hour))},
			[]int{3, 2, 1, 0})

		va(t, s.SalvaTentativi(ctx, []auth.Tentativo{freno}))
		freno.Debito, freno.Fino = 1200000, nove.Add(time.Second)
		va(t, s.SalvaTentativi(ctx, []auth.Tentativo{freno}))
		l, err := s.Tentativi(ctx, [][]byte{k})
		va(t, err)
		uguali(t, l, []auth.Tentativo{freno})
		va(t, s.SalvaTentativi(ctx, []auth.Tentativo{{Chiave: k}}))
		if l, err = s.Tentativi(ctx, [][]byte{k}); err != nil || len(l) != 0 {
			t.Fatal(l, err)
		}
	})
}
