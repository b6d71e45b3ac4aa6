package web

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkRighe is what fifty rows of a list cost once they were read and opened.
func BenchmarkRighe(b *testing.B) {
	p, err := (&Server{}).caricaPagine()
	if err != nil {
		b.Fatal(err)
	}
	var righe []rigaLavoro
	for i := range 50 {
		righe = append(righe, rigaLavoro{Numero: fmt.Sprint("2026/", i), Oggetto: "Attesa lunga al pronto soccorso", Apri: verso("/pratica/" + fmt.Sprint(i)),
			Tipo: `<span class="tag t-rec">Reclamo</span>`, Chi: "Ilaria B.", Struttura: "Pronto soccorso", Caselle: true, Scelta: fmt.Sprint(i, ".3"),
			Passo: "Prendi in carico", Esegui: verso("/pratica/0/atto/presa_in_carico"), Nota: "Da prendere in carico",
			Scadenza: chip{"c-red", "warning-circle", "Scaduta da 3 giorni", "12 nov"}.html()})
	}
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := p["desk_lavoro.html"].ExecuteTemplate(&out, "righe-lavoro", righe); err != nil {
			b.Fatal(err)
		}
	}
}
