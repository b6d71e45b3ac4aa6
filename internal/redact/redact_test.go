package redact

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

var anna = Known{
	Segnalante: Persona{
		Nome: "Anna", Cognome: "Lo Bianco", DataNascita: "1960-03-07", LuogoNascita: "Enna", CodiceFiscale: "LBNNNA60C47C342X",
		Indirizzo: "Via dei Tigli 8", Comune: "Montelago", CAP: "24199", Telefono: "347 6120093", Email: "anna.lobianco@posta.example",
	},
	Assistito: Persona{Nome: "Ugo", Cognome: "Prandi"},
}

// frasi are what a clerk would expect, a sentence or two a rule.
var frasi = [][2]string{
	{"Sono Anna Lo Bianco.", "Sono Anna [cognome]."},
	{"LOBIANCO ANNA", "[cognome] ANNA"},
	{"A. Lobianko, lo bianco anna", "A. [cognome], [cognome] anna"},
	{"Il camice è bianco, lo dice il dott. Prandi.", "Il camice è bianco, lo dice il dott. Prandi."},
	{"Mio marito Ugo Prandi era in Oncologia.", "Mio marito [cognome] era in Oncologia."},
	{"Nata a Enna il 7 marzo 1960, visitata il 7 marzo 2025.", "Nata a [luogo nascita] il [data nascita], visitata il 7 marzo 2025."},
	{"Abito in via dei Tigli, 8 - 24199 Montelago (BG).", "Abito in [indirizzo] - [cap] [comune residenza] (BG)."},
	{"L'ospedale di via Manzoni 56 è lontano da via Po 9.", "L'ospedale di via Manzoni 56 è lontano da [indirizzo]."},
	{"Ho chiamato il CUP allo 035 123456: chiamatemi al 347.61.20.093.", "Ho chiamato il CUP allo 035 123456: chiamatemi al [telefono]."},
	{"anna punto lobianco chiocciola posta punto example", "[email]"},
	{"Scritto a urp@asst-lago.example da x.y@posta.example", "Scritto a urp@asst-lago.example da [email]"},
	{"CF LBN NNA 60C47 C342X", "CF [codice fiscale]"},
	{"La legge 219/2017 e il prot. 1234/2025, cartella n. 2025/331.", "La legge 219/2017 e il prot. 1234/2025, cartella n. [cartella clinica]."},
	{"Targa AB 123 CD, IBAN IT60 X054 2811 1010 0000 0123 456", "Targa [targa], IBAN [iban]"},
	{"C'erano la mia vicina, la signora Zanetti, e l'infermiera Zanetti.", "C'erano la mia vicina, la signora [cognome], e l'infermiera Zanetti."},
	{"Il sig. Pozzi dell'archivio e il sig. Pozzi del mio palazzo", "Il sig. Pozzi dell'archivio e il sig. [cognome] del mio palazzo"},
	{"Testimoni: Ferri, Galbusera e Motta.", "Testimoni: [cognome], [cognome] e [cognome]."},
	{"Il codice fiscale LBNNNA60C47C342A è sbagliato.", "Il codice fiscale [codice fiscale] è sbagliato."},
	{"Quel giorno Galimberti ha visto tutto.", "Quel giorno [cognome] ha visto tutto."},
	{"Ieri la Zenari ha visto tutto; originaria di Enna, numero 0500A4299018837.", "Ieri la [cognome] ha visto tutto; originaria di [luogo nascita], numero [impegnativa nre]."},
}

func TestApply(t *testing.T) {
	for _, c := range frasi {
		if got := Apply(c[0], Find(c[0], anna)); got != c[1] {
			t.Errorf("%q:\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

func TestLeaks(t *testing.T) {
	copied := "Anna [cognome], tel. [telefono], scrive da [indirizzo]: il dott. Rossi è stato gentile."
	if l := Leaks(copied, anna); len(l) > 0 {
		t.Errorf("a clean copy leaks: %v", l)
	}
	l := Leaks(copied+" Signora Lo Bianco, 3476120093, visto il 3/4/2025.", anna)
	if len(l) != 2 || l[0].Kind != Surname || l[1].Kind != Phone {
		t.Errorf("leaks: %v", l)
	}
}

func TestEveryRuleIsExplained(t *testing.T) {
	used := map[string]bool{}
	for _, f := range []string{"esempi.jsonl", "provati.jsonl", "tenuti.jsonl"} {
		for _, v := range corpus(t, f) {
			for _, x := range Find(v.Testo, v.known()) {
				used[x.Rule] = true
				if x.Why() == "" || x.Confidence() < Doubtful {
					t.Fatalf("rule %q says nothing", x.Rule)
				}
			}
		}
	}
	for _, c := range frasi {
		for _, x := range append(Find(c[0], anna), Phrase(c[0], "il")...) {
			used[x.Rule] = true
		}
	}
	for r := range rules {
		if !used[r] {
			t.Errorf("no text of the corpora shows rule %s", r)
		}
	}
}

func TestPersonaNeverPrints(t *testing.T) {
	if s := fmt.Sprintf("%v %+v %#v %s", anna, anna.Segnalante, anna, anna.Altri); strings.Contains(s, "Bianco") {
		t.Error(s)
	}
}

// Any bytes: spans in order, on the boundaries of characters, and nothing left
// to hide in what was hidden.
func FuzzFind(f *testing.F) {
	for _, file := range []string{"esempi.jsonl", "provati.jsonl", "tenuti.jsonl"} {
		for _, v := range corpus(f, file) {
			f.Add(v.Testo, v.Reclamante.Cognome)
		}
	}
	f.Add("\xff@\xfe.it 'a' 00\xc3", "d'\xff")
	f.Fuzz(func(t *testing.T, text, cognome string) {
		known := anna
		known.Altri = []Persona{{Cognome: cognome, Nome: cognome, Indirizzo: "Via " + cognome + " 3", Telefono: cognome}}
		found := Find(text, known)
		at := 0
		for _, x := range found {
			if x.From < at || x.To <= x.From || x.To > len(text) {
				t.Fatalf("finding %v after byte %d of %d", x, at, len(text))
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[x.From:x.To]) {
				t.Fatalf("finding %v cuts a character", x)
			}
			at = x.To
		}
		if again := Find(Apply(text, found), known); len(again) > 0 {
			t.Fatalf("%q still has %v after %v", Apply(text, found), again, found)
		}
	})
}
