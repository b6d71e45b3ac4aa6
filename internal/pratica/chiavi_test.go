package pratica_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// casoChiesto is a case of which one structure was asked, and has answered.
func casoChiesto(t *testing.T, b *storetest.Banco) (pratica.Ricevuta, pratica.Testa, []pratica.Registrato) {
	t.Helper()
	r := registra(t, b, reclamo())
	ctx, urp := context.Background(), b.Chi(access.URP, "URP-SANTA-CHIARA")
	for _, c := range []struct {
		chi  access.Chi
		atto string
		dati pratica.Dati
	}{
		{urp, "presa_in_carico", nil},
		{urp, "valutazione", pratica.Dati{"natura": "sanitaria", "danni": "possibili"}},
		{urp, "informativa", nil},
		{urp, "richiesta_chiarimenti", pratica.Dati{"quesito": "Che cosa è successo?",
			"strutture": []map[string]string{{"id": strutturaPS(t, b), "copia": "Ha aspettato nove ore con la madre."}}}},
		{b.Chi(access.Responsabile, strutturaPS(t, b)), "chiarimenti", pratica.Dati{"testo": "C'era un solo medico."}},
	} {
		if _, err := b.Servizio.Esegui(ctx, c.chi, pratica.Comando{Pratica: r.ID, Atto: c.atto, Dati: c.dati}); err != nil {
			t.Fatalf("%s: %v", c.atto, err)
		}
	}
	h, atti, err := b.Store.Leggi(ctx, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r, h, atti
}

// strutturaPS is the unit that the reclamo of the tests is about.
func strutturaPS(t *testing.T, b *storetest.Banco) string {
	t.Helper()
	u := b.Ambiente.Organigramma.Route("Ospedale Santa Chiara – Montelago", "Pronto Soccorso", b.Servizio.Oggi(), b.Ambiente.Uffici).Struttura
	if u == "" {
		t.Fatal("no unit")
	}
	return u
}

// lettori are all who read a case, with what opens their wraps.
func lettori(t *testing.T, b *storetest.Banco, r pratica.Ricevuta) map[string]vault.Opener {
	t.Helper()
	out := map[string]vault.Opener{}
	for _, n := range []string{"urp", "strutture"} {
		vv, err := b.Chiavi.Versioni(context.Background(), b.Ente, n)
		if err != nil || len(vv) != 1 || vv[0].Tipo != vault.TipoServer {
			t.Fatalf("versions of %s: %v %v", n, vv, err)
		}
		if out["compartimento."+n], err = b.Anello.Opener(vv); err != nil {
			t.Fatal(err)
		}
	}
	_, out["chiave"] = vault.SharedKey("chiave", 1, []byte(r.Chiave.Valore()))
	return out
}

// Each part opens for those it was wrapped for and for nobody else, and its
// contents only with the case's key beside.
func TestPartiELettori(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r, h, atti := casoChiesto(t, b)
		vuole := map[string][]string{
			"compartimento.urp":       {"cittadino", "nucleo", "richiesta-1"},
			"compartimento.strutture": {"richiesta-1"},
			"chiave":                  {"cittadino"},
		}
		caso, err := b.Chiavi.Key(ctx, h.Slot)
		if err != nil {
			t.Fatal(err)
		}
		contenuti, err := b.Store.Contenuti(ctx, h.N, nil)
		if err != nil {
			t.Fatal(err)
		}
		nellaBusta := map[string][]byte{}
		for _, x := range atti {
			for _, i := range x.Atto.Involucri {
				nellaBusta[i.Parte+"/"+i.Destinatario] = i.Hash
			}
		}
		righe := 0
		for chi, apre := range lettori(t, b, r) {
			avvolte, err := b.Store.Involucri(ctx, []int64{h.N}, chi, "")
			if err != nil {
				t.Fatal(err)
			}
			parti := map[string][]byte{}
			for _, i := range avvolte[h.N] {
				righe++
				i.Ente, i.Pratica = h.Ente, h.ID
				if imp := i.Impronta(); !slices.Equal(nellaBusta[i.Nome+"/"+chi], imp[:]) {
					t.Errorf("%s for %s: the envelope does not say of this wrap", i.Nome, chi)
				}
				for altro, suo := range lettori(t, b, r) {
					if _, err := suo.Unwrap(i); (err == nil) != (altro == chi) {
						t.Errorf("the wrap of %s for %s, opened by %s: %v", i.Nome, chi, altro, err)
					}
				}
				spostato := i
				spostato.Nome = "uscita-1"
				if _, err := apre.Unwrap(spostato); !errors.Is(err, vault.ErrSealed) {
					t.Errorf("a wrap moved to another part opens")
				}
				if parti[i.Nome], err = apre.Unwrap(i); err != nil {
					t.Fatal(err)
				}
			}
			var nomi []string
			for n := range parti {
				nomi = append(nomi, n)
			}
			slices.Sort(nomi)
			if !slices.Equal(nomi, vuole[chi]) {
				t.Errorf("%s reads %v, want %v", chi, nomi, vuole[chi])
			}
			for _, x := range atti {
				for _, im := range x.Atto.Contenuti {
					dove := vault.Context("contenuto", h.Ente, h.ID.String(), im.Parte, x.Atto.ID.String(), string(rune('0'+im.N)))
					sig, pk := contenuti[x.A*16+int64(im.N)], parti[im.Parte]
					_, err := vault.OpenText(vault.ContentKey(pk, caso), dove, sig)
					if (err == nil) != slices.Contains(vuole[chi], im.Parte) {
						t.Errorf("%s opens %s of act %d: %v", chi, im.Parte, x.Atto.Seq, err)
					}
					if pk == nil {
						continue
					}
					if _, err := vault.OpenText(pk, dove, sig); err == nil {
						t.Errorf("part %s opens without the case's key", im.Parte)
					}
					if k := vault.Commit(vault.ContentKey(pk, caso), dove); !slices.Equal(im.K, k[:]) {
						t.Errorf("the envelope of act %d does not commit to the key of %s", x.Atto.Seq, im.Parte)
					}
				}
			}
		}
		if righe != len(nellaBusta) || righe != 5 {
			t.Errorf("%d wraps, %d in envelopes, want 5", righe, len(nellaBusta))
		}
	})
}

// A wrong key of the receipt, a code that is not there and a case whose wraps are
// gone are told the same thing.
func TestSeguiSenzaChiave(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	r, altra := registra(t, b, reclamo()), registra(t, b, reclamo())
	if _, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave); err != nil {
		t.Fatal(err)
	}
	_, sbagliata := b.Servizio.Segui(ctx, b.Ente, r.Codice, altra.Chiave)
	_, assente := b.Servizio.Segui(ctx, b.Ente, vault.NewCodice(), r.Chiave)
	if sbagliata == nil || assente == nil || sbagliata.Error() != assente.Error() {
		t.Errorf("wrong key: %v; no such code: %v", sbagliata, assente)
	}
}
