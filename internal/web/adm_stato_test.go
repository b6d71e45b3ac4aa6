package web

import (
	"strings"
	"testing"
)

// What check says of the machine stands on the first page, the gravest above; what
// needed no look does not.
func TestAdmMacchina(t *testing.T) {
	b := admApri(t)
	b.macchina = []Rilievo{{Cosa: "Lo swap è attivo qui."}, {Grave: true, Cosa: "Le chiavi stanno nella cartella dei dati."}, {Nota: true, Cosa: "Non serve."}}
	p := b.leggi("/amministrazione")
	b.vuole(p, 200, "Lo swap è attivo qui.", "Le chiavi stanno nella cartella dei dati.")
	b.senza(p, "Non serve.")
	if strings.Index(p.testo, "Lo swap") < strings.Index(p.testo, "Le chiavi stanno") {
		t.Error("what is grave comes last")
	}
}
