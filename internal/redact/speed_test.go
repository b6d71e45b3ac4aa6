package redact

import (
	"strings"
	"testing"
)

// Four hundred words are hidden in less than 5 ms.
func BenchmarkFind400(b *testing.B) {
	var text strings.Builder
	var known Known
	for _, v := range corpus(b, "provati.jsonl") {
		if n := len(strings.Fields(text.String())); n >= 400 {
			break
		}
		text.WriteString(v.Testo + "\n\n")
		if known.Segnalante.Cognome == "" && v.Assistito != nil {
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
