package redact

import (
	"strings"
	"testing"
	"time"
)

// A long text of one thing takes no more than its length: nothing is read again
// for each word.
func TestLongTexts(t *testing.T) {
	for _, piece := range []string{
		"a@", "a.b@c.it ", "[[", "[cognome] ", "0372 ", "3-", "+39 ", "Via ", "via Roma 1, ", "nato ", "nato a Roma il 1/1/1950 ", "Rossi ", "Rossi e ", "sig. Rossi, ",
		"mia moglie ", "dott. ", "l'", "d'Amico ", "uno due ", "\n", "\xff", "è\u0301", "IT60 ", "A.", "CNT LLL ", "chiocciola punto ", "Lo Bianco ", "Анна ", "12/3/", "\u00ad",
	} {
		one, four := took(piece, 8_000), took(piece, 32_000)
		if four > 12*one+200*time.Millisecond {
			t.Errorf("%q: 8 kB in %v, 32 kB in %v", piece, one, four)
		}
	}
}

// took is how long n bytes of the same piece take.
func took(piece string, n int) time.Duration {
	text := strings.Repeat(piece, n/len(piece))
	from := time.Now()
	Find(text, anna)
	return time.Since(from)
}

// Four hundred words are hidden in less than 5 ms.
func BenchmarkFind400(b *testing.B) {
	var text strings.Builder
	var known Known
	for _, v := range corpus(b, "provati.jsonl") {
		if n := len(strings.Fields(text.String())); n >= 400 {
			break
		}
		text.WriteString(v.Testo + "\n\n")
		if known.Segnalante.Cognome == "" && v.Assistito != (Persona{}) {
			known = v.known()
		}
	}
	lexicon()
	for b.Loop() {
		Find(text.String(), known)
	}
	b.ReportMetric(float64(len(strings.Fields(text.String()))), "words")
}

func BenchmarkLexicon(b *testing.B) {
	for b.Loop() {
		readLists()
	}
}
