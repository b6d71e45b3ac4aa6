package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"tutela/internal/fault"
)

// What is hidden is told in characters of the original, not in bytes; a line that
// cannot be read stops no other, and its answer quotes nothing of it.
func TestOscura(t *testing.T) {
	const testo = "🙂 Città: sono Ilaria Brambati, tel. 0376 555 0142, e mia zia Ada Trentaquadri ha aspettato."
	riga, err := json.Marshal(map[string]any{"reclamante": map[string]string{"nome": "Ilaria", "cognome": "Brambati"},
		"assistito": map[string]string{"nome": "Ada", "cognome": "Trentaquadri"}, "testo": testo})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = oscuraRighe(strings.NewReader(string(riga)+"\n\n{\"testo\": Brambati\n"+`{"reclamante":null,"assistito":null,"testo":""}`), &out)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), "1 riga su 3") {
		t.Errorf("one bad line: %v", err)
	}
	risposte := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(risposte) != 3 || !strings.Contains(risposte[1], "errore") || strings.Contains(risposte[1], "Brambati") || risposte[2] != `{"testo":"","oscurati":[]}` {
		t.Fatalf("answers: %q", risposte)
	}
	var x struct {
		Testo    string
		Oscurati []struct {
			Da, A int
			Tipo  string
		}
	}
	if err := json.Unmarshal([]byte(risposte[0]), &x); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(x.Testo, "Brambati") || strings.Contains(x.Testo, "Trentaquadri") || strings.Contains(x.Testo, "0142") || !strings.Contains(x.Testo, "Ilaria") {
		t.Errorf("copy: %s", x.Testo)
	}
	caratteri, tolti := []rune(testo), map[string]bool{}
	for _, o := range x.Oscurati {
		if o.Da < 0 || o.A <= o.Da || o.A > utf8.RuneCountInString(testo) {
			t.Fatalf("out of the text: %+v", o)
		}
		tolti[string(caratteri[o.Da:o.A])] = true
	}
	for _, vuole := range []string{"Brambati", "Ada Trentaquadri", "0376 555 0142"} {
		if !tolti[vuole] {
			t.Errorf("%q is not among %v", vuole, tolti)
		}
	}
	uno := &ambito{in: strings.NewReader("boh"), out: &out}
	if err := (&oscuraCmd{}).Run(uno); !fault.Is(err, fault.Invalid) || errors.Is(err, errRigaLunga) {
		t.Errorf("no JSON: %v", err)
	}
}
