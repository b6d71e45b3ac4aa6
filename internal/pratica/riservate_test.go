package pratica_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// What is asked of a unit with a compartment of its own, or of one below it, and what it
// answers, opens with the key of that compartment and not with the one of the structures;
// who was asked reads it all the same, before and after the ente changes its mind.
func TestCompartoDiStruttura(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx, urp := context.Background(), b.Chi(access.URP, "URP-SANTA-CHIARA")
		r := registra(t, b, reclamo())
		ps := informata(t, b, r.ID).Struttura
		legale, sopra := sottoUnAltra(t, b, ps)
		b.Ambiente.Riservate = []string{sopra}
		fai := func(chi access.Chi, atto string, dati pratica.Dati) {
			t.Helper()
			if _, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati}); err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
		}
		chiedi := func(quesito string, unita ...string) {
			t.Helper()
			var strutture []map[string]string
			for _, u := range unita {
				strutture = append(strutture, map[string]string{"id": u, "copia": "La copia per " + u + "."})
			}
			fai(urp, "richiesta_chiarimenti", pratica.Dati{"quesito": quesito, "strutture": strutture})
		}
		per := func(parte string) []string {
			t.Helper()
			_, atti, err := b.Store.Leggi(ctx, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, x := range atti {
				for _, i := range x.Atto.Involucri {
					if i.Parte == parte {
						out = append(out, i.Destinatario)
					}
				}
			}
			slices.Sort(out)
			return out
		}
		chiedi("Che cosa dice il contratto?", ps, legale)
		suo := "compartimento." + pratica.DiStruttura(sopra)
		for parte, vuole := range map[string][]string{
			"richiesta-1": {"compartimento.strutture", "compartimento.urp"},
			"richiesta-2": {suo, "compartimento.urp"},
		} {
			if ha := per(parte); !slices.Equal(ha, vuole) {
				t.Errorf("%s is wrapped for %v, want %v", parte, ha, vuole)
			}
		}

		h, _, err := b.Store.Leggi(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		avvolte, err := b.Store.Involucri(ctx, []int64{h.N}, suo, "")
		if err != nil || len(avvolte[h.N]) != 1 {
			t.Fatalf("wraps for %s: %v %v", suo, avvolte, err)
		}
		i := avvolte[h.N][0]
		i.Ente, i.Pratica = h.Ente, h.ID
		for nome, apre := range map[string]bool{pratica.DiStruttura(sopra): true, "strutture": false} {
			vv, err := b.Chiavi.Versioni(ctx, b.Ente, nome)
			if err != nil {
				t.Fatal(err)
			}
			o, err := b.Anello.Opener(vv)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := o.Unwrap(i); apre != (err == nil) || !apre && !errors.Is(err, vault.ErrSealed) {
				t.Errorf("the key of %s on what the unit apart was asked: %v", nome, err)
			}
		}

		legge := func(chi access.Chi) string {
			t.Helper()
			f, err := b.Servizio.Apri(ctx, chi, r.ID)
			if err != nil {
				return err.Error()
			}
			out := ""
			for _, x := range f.Storia {
				if x.Leggibile {
					out += x.Etichetta + "; "
				}
			}
			return fmt.Sprint(f.SoloRichieste, " ", out)
		}
		diPS, diLegale := b.Chi(access.Responsabile, ps), b.Chi(access.Responsabile, legale)
		if a, c := legge(diPS), legge(diLegale); a != c {
			t.Errorf("one asked reads %q, the one with keys apart %q", a, c)
		}
		fai(diLegale, "chiarimenti", pratica.Dati{"testo": "Il contratto dice ornitorinco."})
		trova := func(chi access.Chi) int {
			t.Helper()
			e, err := b.Servizio.Cerca(ctx, chi, "ornitorinco", 10, "")
			if err != nil {
				t.Fatal(err)
			}
			return len(e.Righe)
		}
		if n, altri := trova(diLegale), trova(diPS); n != 1 || altri != 0 {
			t.Errorf("a word of the answer is found by who wrote it %d times, by another structure %d", n, altri)
		}

		b.Ambiente.Riservate = nil
		if ha := legge(diLegale); ha == legge(diPS) || ha[:4] != "true" {
			t.Errorf("after the keys apart were taken away, the unit reads %q of what it wrote", ha)
		}
		chiedi("E la proroga?", legale)
		if ha := per("richiesta-3"); !slices.Equal(ha, []string{"compartimento.strutture", "compartimento.urp"}) {
			t.Errorf("what was asked after is wrapped for %v", ha)
		}
		fai(diLegale, "chiarimenti", pratica.Dati{"testo": "La proroga c'era."})
	})
}

// sottoUnAltra is a unit below one that ps does not stand under.
func sottoUnAltra(t *testing.T, b *storetest.Banco, ps string) (unita, sopra string) {
	t.Helper()
	v := b.Ambiente.Organigramma
	for _, u := range v.Attive(b.Servizio.Oggi()) {
		if su := v.Sopra(u.ID); len(su) > 1 && !v.Contiene(su[0], ps) {
			return u.ID, su[0]
		}
	}
	t.Fatal("no unit below another")
	return "", ""
}
