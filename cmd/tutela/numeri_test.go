package main

import (
	"testing"

	"tutela/internal/access"
	"tutela/internal/demo"
	"tutela/internal/pratica"
)

// controllaNumeri reads the whole register beside the running server and demands
// every number from 1 to at least ultimo, once.
func controllaNumeri(t *testing.T, i *impianto, ultimo int) {
	t.Helper()
	tutte := access.Chi{Ente: demo.EnteID, Persona: "x", Uffici: []string{access.Ufficio(access.URPAziendale, "")}}
	visti := map[[2]int]bool{}
	massimo := map[int]int{}
	for dopo := ""; ; {
		p, err := i.servizio.Elenco(t.Context(), tutte, pratica.Filtro{Limite: 100, Dopo: dopo})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Righe {
			k := [2]int{r.Anno, r.Numero}
			if visti[k] {
				t.Errorf("%s is there twice", pratica.NumeroScritto(r.Anno, r.Numero))
			}
			visti[k] = true
			massimo[r.Anno] = max(massimo[r.Anno], r.Numero)
		}
		if dopo = p.Dopo; dopo == "" {
			break
		}
	}
	trovato := false
	for anno, m := range massimo {
		for n := 1; n <= m; n++ {
			if !visti[[2]int{anno, n}] {
				t.Errorf("%s is missing", pratica.NumeroScritto(anno, n))
			}
		}
		trovato = trovato || m >= ultimo
	}
	if !trovato {
		t.Errorf("the last number shown, %d, is not in the register", ultimo)
	}
}
