package pratica_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// What a search of the index gives is what reading every text would give: words,
// phrases, alternatives and what must not be there, on both databases, in the tail and
// in the index.
func TestCercaComeLeggere(t *testing.T) {
	nomi := []string{"Martina D'Angelo", "Marta Sassolungo", "Martinella Brambati", "Dario Quattrolampi"}
	r := scrittore{rand.New(rand.NewPCG(7, 11))}
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		var testi []pratica.Segnalazione
		for k := range 60 {
			nome, cognome, _ := strings.Cut(nomi[r.IntN(len(nomi))], " ")
			seg := reclamo().Segnalazione.Apri()
			seg.Testo, seg.Oggetto, seg.Chiede, seg.Assistito = r.testo(3, 15), "", "", nil
			chi := *seg.Segnalante
			chi.Nome, chi.Cognome = nome, cognome
			seg.Segnalante = &chi
			nu := reclamo()
			nu.Segnalazione = pratica.Chiudi(seg)
			registra(t, b, nu)
			testi = append(testi, seg)
			if k == 40 {
				indicizza(t, b)
			}
		}
		domande := []string{"mart*", "martinel*", "d'angelo", "dangelo -attesa", `"D'Angelo"`, `"lettera di dimissione"`, `-"pronto soccorso" attesa`, `"la porta" o "pronto soccorso"`}
		domande = append(domande, r.domande(60)...)
		piene := 0
		for _, q := range domande {
			_, ricerca, err := pratica.LeggiDomanda(q, lunedi)
			if err != nil {
				continue // of stop words only
			}
			var vuole []int
			for i, seg := range testi {
				if ricerca.Trova(seg) {
					vuole = append(vuole, i+1)
				}
			}
			var ha []int
			for dopo, giro := "", 0; giro < 20; giro++ {
				p, err := b.Servizio.Cerca(context.Background(), b.Chi(access.URPAziendale, ""), q, 7, dopo)
				if err != nil {
					t.Fatal(q, err)
				}
				for _, x := range p.Righe {
					ha = append(ha, x.Numero)
				}
				if dopo = p.Dopo; dopo == "" {
					break
				}
			}
			slices.Sort(ha)
			if !slices.Equal(ha, vuole) {
				t.Errorf("%q gives %v, reading gives %v", q, ha, vuole)
			}
			if len(vuole) > 0 {
				piene++
			}
		}
		if piene < 30 {
			t.Errorf("only %d questions found anything: the texts are too far apart", piene)
		}
	})
}

// Few hits come with the best answer first; each with its passage.
func TestCercaPerMerito(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		lungo := strings.Repeat("Siamo arrivati presto e abbiamo trovato il personale molto occupato. ", 6)
		metti := func(oggetto, testo string) {
			nu := reclamo()
			seg := nu.Segnalazione.Apri()
			seg.Oggetto, seg.Testo, seg.Chiede = oggetto, testo, ""
			nu.Segnalazione = pratica.Chiudi(seg)
			registra(t, b, nu)
		}
		metti("Parcheggio", "Il parcheggio è pieno. Per il parcheggio si paga.")
		metti("", lungo+"C'era anche il parcheggio da pagare.\nE poi <basta>. "+lungo)
		metti("", "Visita rimandata per il parcheggio occupato dai mezzi.")
		metti("", "Nessuna attesa.")
		p, err := b.Servizio.Cerca(context.Background(), b.Chi(access.URPAziendale, ""), "parcheggi", 20, "")
		if err != nil || !p.PerMerito {
			t.Fatal(err, p.PerMerito)
		}
		var ordine []int
		for _, x := range p.Righe {
			ordine = append(ordine, x.Numero)
		}
		if !slices.Equal(ordine, []int{1, 3, 2}) {
			t.Errorf("order %v", ordine)
		}
		var segnato, tutto string
		for _, x := range p.Righe[2].Brani.Apri() {
			if tutto += x.Testo; x.Trovato {
				segnato += x.Testo
			}
		}
		if segnato != "parcheggio" || !strings.HasPrefix(tutto, "…") || !strings.HasSuffix(tutto, "…") || !strings.Contains(tutto, "pagare. E poi <basta>.") || len(tutto) > 200 {
			t.Errorf("marked %q in %q", segnato, tutto)
		}
		if s := fmt.Sprintf("%+v", p); strings.Contains(s, "parcheggio") || strings.Contains(s, "Brambati") {
			t.Error("the hits print: " + s)
		}
		// A phrase is marked whole, accents or not.
		p, err = b.Servizio.Cerca(context.Background(), b.Chi(access.URPAziendale, ""), `"parcheggio e pieno"`, 20, "")
		if err != nil || len(p.Righe) != 1 {
			t.Fatal(err, len(p.Righe))
		}
		if bb := p.Righe[0].Brani.Apri(); !slices.Contains(bb, pratica.Brano{Testo: "parcheggio è pieno", Trovato: true}) {
			t.Errorf("%v", bb)
		}
	})
}
