package main

import (
	"bytes"
	crand "crypto/rand"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"tutela/internal/access"
	"tutela/internal/demo"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// campione is one invented report of the demonstration.
type campione struct {
	Tipo, Canale, Oggetto, Testo string
	Reclamante                   *struct{ Nome, Cognome, Telefono, Email string }
	Luogo                        struct{ Presidio, Unita string }
}

// fabbrica makes reports for the measures: those of the demonstration, each time
// with other people and some other words, so that words are as many as in a real
// archive. It is not safe for many goroutines: each has its own.
type fabbrica struct {
	campioni []campione
	caso     *rand.Rand
	zipf     *rand.Zipf
}

// Words by which the searches are measured: one in every hundredth case, and one
// in a case out of two hundred thousand.
const (
	parolaComune = "corridoio"
	parolaRara   = "velocipede"
)

const vocaboli = 30_000

func nuovaFabbrica(seme uint64) *fabbrica {
	f := &fabbrica{campioni: campioni(), caso: rand.New(rand.NewPCG(seme, 7))}
	f.zipf = rand.NewZipf(f.caso, 1.3, 20, vocaboli-1)
	return f
}

// campioni are the invented reports of the demonstration.
var campioni = sync.OnceValue(func() (out []campione) {
	b, err := os.ReadFile(filepath.Join(storetest.Cartella(), "segnalazioni.jsonl"))
	if err != nil {
		panic("bench: run from the project's folder: " + err.Error())
	}
	d := json.NewDecoder(bytes.NewReader(b))
	for d.More() {
		var c campione
		if err := d.Decode(&c); err != nil {
			panic("bench: read samples: " + err.Error())
		}
		out = append(out, c)
	}
	return out
})

var sillabe = strings.Fields("ba be bi bo da de di do fa fe fi fo ga go la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo za zo")

// vocabolo is an invented word: the same number is always the same word.
func vocabolo(n int) string {
	var b strings.Builder
	for i := 0; i < 2 || n > 0; i++ {
		b.WriteString(sillabe[n%len(sillabe)])
		n /= len(sillabe)
	}
	return b.String() + "n"
}

// segnalazione is the next report. i decides which sample it follows.
func (f *fabbrica) segnalazione(i int) (pratica.Segnalazione, string) {
	c := f.campioni[i%len(f.campioni)]
	testo := c.Testo
	for range 12 {
		testo += " " + vocabolo(int(f.zipf.Uint64()))
	}
	if i%100 == 50 {
		testo += " " + parolaComune
	}
	if i%200_000 == 5_000 {
		testo += " " + parolaRara
	}
	s := pratica.Segnalazione{Tipo: c.Tipo, Oggetto: c.Oggetto, Testo: testo, Quando: "la settimana scorsa", Presidio: c.Luogo.Presidio, Unita: c.Luogo.Unita}
	if c.Reclamante != nil {
		cognome := vocabolo(1000 + f.caso.IntN(20_000))
		s.Segnalante = &pratica.Persona{Nome: c.Reclamante.Nome, Cognome: strings.ToUpper(cognome[:1]) + cognome[1:],
			Email: fmt.Sprintf("%s.%d@esempio.example", cognome, i), Telefono: fmt.Sprintf("0376 555 %04d", f.caso.IntN(10_000))}
	}
	return s, c.Canale
}

// nuova is the next report as the commands take it, with who brings it.
func (f *fabbrica) nuova(i int) (access.Chi, pratica.Nuova) {
	s, canale := f.segnalazione(i)
	nu := pratica.Nuova{Segnalazione: pratica.Chiudi(s), Canale: canale}
	switch canale {
	case "web":
		return access.Cittadino(demo.EnteID, "web"), nu
	case "telefono", "sportello", "cassetta":
		c := chi(access.FrontOffice, []string{"FO-SANTA-CHIARA", "FO-RIVALTA"}[i%2])
		nu.Ricezione = c.Uffici[0]
		return c, nu
	}
	c := chi(access.URPAziendale, "")
	nu.Ricezione = c.Uffici[0]
	return c, nu
}

// dalWeb is the next report as a citizen sends it, with the key of the request.
func (f *fabbrica) dalWeb(i int) (access.Chi, pratica.Nuova) {
	s, _ := f.segnalazione(i)
	chiave := make([]byte, 16)
	_, _ = crand.Read(chiave) // never that of an earlier run: a large folder is used again
	return access.Cittadino(demo.EnteID, "web"), pratica.Nuova{Segnalazione: pratica.Chiudi(s), Canale: "web", Chiave: chiave}
}

// pronta is a report ready to be sent.
type pronta struct {
	chi   access.Chi
	nuova pratica.Nuova
}

// preparate are n new reports from the web, made before the clock starts.
func preparate(n int) []pronta {
	f := nuovaFabbrica(rand.Uint64())
	out := make([]pronta, n)
	for k := range out {
		out[k].chi, out[k].nuova = f.dalWeb(k)
	}
	return out
}
