package pratica_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// A summary is opened once and then known for a while: never another's, never what
// the row does not hold any more, and not after an elimination.
func TestSchede(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx, chi := context.Background(), b.Chi(access.URPAziendale, "")
		una, altra := registra(t, b, reclamo()), registra(t, b, reclamo())
		riga := func(id vault.ID) pratica.Riga {
			t.Helper()
			p, err := b.Servizio.Elenco(ctx, chi, pratica.Filtro{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Righe {
				if r.ID == id {
					return r
				}
			}
			t.Fatal("not listed")
			return pratica.Riga{}
		}
		oggetto := func(r pratica.Riga) (string, error) {
			s, err := b.Servizio.Riepilogo(ctx, r)
			return s.Apri().Oggetto, err
		}
		prima, err := oggetto(riga(una.ID))
		if err != nil || prima == "" {
			t.Fatalf("first time: %q, %v", prima, err)
		}
		if err := b.Chiavi.Elimina(ctx, b.Ente, b.Orologio.Now(), pratica.Eliminata{Slot: riga(una.ID).Slot}); err != nil {
			t.Fatal(err)
		}
		if o, err := oggetto(riga(una.ID)); err != nil || o != prima {
			t.Errorf("opened before: %q, %v", o, err)
		}
		scambiata := riga(altra.ID)
		scambiata.Testa.Scheda = riga(una.ID).Scheda
		if o, err := oggetto(pratica.Riga{Testa: scambiata.Testa}); !errors.Is(err, vault.ErrSealed) {
			t.Errorf("the sealed summary of another case: %q, %v", o, err)
		}
		b.Orologio.Avanza(11 * time.Minute)
		if o, err := oggetto(riga(una.ID)); err != nil || o != prima {
			t.Errorf("opened in the round before: %q, %v", o, err)
		}
		b.Orologio.Avanza(21 * time.Minute)
		if o, err := oggetto(riga(una.ID)); err == nil {
			t.Errorf("two rounds later, without its key: %q", o)
		}
	})
}

// What was eliminated is known to nobody, also when its row is put back.
func TestSchedeDopoLoScarto(t *testing.T) {
	b := storetest.SQLite(t)
	ctx, chi := context.Background(), b.Chi(access.URPAziendale, "")
	r := archiviata(t, b, "Testo da dimenticare.")
	b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
	p, err := b.Servizio.Elenco(ctx, chi, pratica.Filtro{})
	if err != nil || len(p.Righe) != 1 {
		t.Fatal(p.Righe, err)
	}
	if _, err := b.Servizio.Riepilogo(ctx, p.Righe[0]); err != nil {
		t.Fatal(err)
	}
	vecchia := p.Righe[0].Testa
	n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(chi), pratica.RegistroURP, "n. 1", []vault.ID{r.ID})
	if err == nil {
		err = b.Servizio.ApprovaScarto(ctx, b.Conferma(b.Chi(access.DirettoreAmministrativo, "")), pratica.RegistroURP, n)
	}
	if err == nil {
		err = b.Servizio.EseguiScarti(ctx, b.Chiavi)
	}
	if err != nil {
		t.Fatal(err)
	}
	if s, err := b.Servizio.Riepilogo(ctx, pratica.Riga{Testa: vecchia}); err == nil {
		t.Errorf("after its elimination: %q", s.Apri().Oggetto)
	}
}
