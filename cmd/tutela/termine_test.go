package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tutela/internal/fault"
)

// termine runs the command on text and gives its lines.
func termine(t *testing.T, in string) ([]string, error) {
	t.Helper()
	var out bytes.Buffer
	err := runTermine(strings.NewReader(in), &out)
	if out.Len() == 0 {
		return nil, err
	}
	s, ok := strings.CutSuffix(out.String(), "\n")
	if !ok {
		t.Fatalf("the last line is not closed: %q", s)
	}
	return strings.Split(s, "\n"), err
}

func TestTermineScadenza(t *testing.T) {
	tests := []struct{ in, want string }{
		{`{"dal":"2026-03-31","giorni":15}`, "2026-04-15"},
		{`{"dal":"2025-12-02","giorni":30,"computo":"solari"}`, "2026-01-02"},
		{`{"dal":"2026-03-08","giorni":29,"computo":"solari","sabato":"feriale"}`, "2026-04-07"},
		{`{"dal":"2026-08-05","giorni":60}`, "2026-10-05"},
		{`{"dal":"2026-12-10","giorni":15}`, "2026-12-28"},
		{`{"dal":"2027-09-19","giorni":15}`, "2027-10-05"},
		{`{"dal":"2025-09-19","giorni":15}`, "2025-10-04"},
		{`{"dal":"2025-09-19","giorni":15,"sabato":"festivo"}`, "2025-10-06"},
		{`{"dal":"2026-06-14","giorni":10,"patrono":"06-24"}`, "2026-06-24"},
		{`{"dal":"2026-06-22","giorni":2,"computo":"lavorativi","patrono":"06-24"}`, "2026-06-25"},
		{`{"dal":"2026-06-22","giorni":2,"computo":"lavorativi"}`, "2026-06-24"},
		{`{"dal":"2026-03-02","giorni":5,"computo":"lavorativi"}`, "2026-03-07"},
		{`{"dal":"2026-03-02","giorni":5,"computo":"lavorativi","sabato":"festivo"}`, "2026-03-09"},
		{`{"dal":"2026-03-31","giorni":15,"computo":null,"sabato":null,"patrono":null}`, "2026-04-15"},
		{"\ufeff" + ` {"dal" : "2026-03-31" , "giorni" : 15 } ` + "\r", "2026-04-15"},
		{`{"d\u0061l":"2026-03-31","giorni":15}`, "2026-04-15"},
	}
	for _, tt := range tests {
		righe, err := termine(t, tt.in+"\n")
		if err != nil || len(righe) != 1 {
			t.Errorf("%s: %q, %v", tt.in, righe, err)
			continue
		}
		var got struct {
			Scadenza string
			Perche   []string
		}
		if err := json.Unmarshal([]byte(righe[0]), &got); err != nil || got.Scadenza != tt.want || len(got.Perche) < 3 {
			t.Errorf("%s: %s (%v); want scadenza %s and its reasons", tt.in, righe[0], err, tt.want)
		}
	}
}

func TestTermineKeepsTheObject(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{
			"keys, order and spelling",
			`{"id": 1.50, "dal":"2026-03-05","giorni":1, "note":{"b":1,"a":"<è>"}, "id2":12345678901234567890}`,
			`{"id":1.50,"dal":"2026-03-05","giorni":1,"note":{"b":1,"a":"<è>"},"id2":12345678901234567890,"scadenza":"2026-03-06","perche":` +
				`["Si parte dal 5 marzo 2026: il giorno iniziale non si conta (art. 2963 c.c.).","Si conta 1 giorno: il 6 marzo 2026.","La scadenza è venerdì 6 marzo 2026."]}`,
		},
		{
			"an answer read again gives itself",
			`{"scadenza":"x","dal":"2026-03-05","perche":[],"giorni":1,"errore":"y"}`,
			`{"dal":"2026-03-05","giorni":1,"scadenza":"2026-03-06","perche":` +
				`["Si parte dal 5 marzo 2026: il giorno iniziale non si conta (art. 2963 c.c.).","Si conta 1 giorno: il 6 marzo 2026.","La scadenza è venerdì 6 marzo 2026."]}`,
		},
	}
	for _, tt := range tests {
		righe, err := termine(t, tt.in)
		if err != nil || len(righe) != 1 || righe[0] != tt.want {
			t.Errorf("%s: %v\n%s", tt.name, err, cmp.Diff([]string{tt.want}, righe))
		}
	}
}

func TestTermineErrors(t *testing.T) {
	tests := []struct{ in, want string }{
		{`{`, `{"errore":"La riga non è un oggetto JSON."}`},
		{`[]`, `{"errore":"La riga non è un oggetto JSON."}`},
		{`null`, `{"errore":"La riga non è un oggetto JSON."}`},
		{`{"dal":"2026-03-05","giorni":1} {}`, `{"errore":"La riga non è un oggetto JSON."}`},
		{`{"dal":"2026-03-05","giorni":1}]`, `{"errore":"La riga non è un oggetto JSON."}`},
		{`{"dal":"2026-03-05","giorni":1,}`, `{"errore":"La riga non è un oggetto JSON."}`},
		{"{\"dal\":\"\xff\"}", `{"errore":"La riga non è scritta in UTF-8."}`},
		{`{}`, `{"errore":"Scrivi «dal» come testo AAAA-MM-GG, per esempio \"2026-03-31\"."}`},
		{`{"dal":5}`, `{"dal":5,"errore":"Scrivi «dal» come testo AAAA-MM-GG, per esempio \"2026-03-31\"."}`},
		{`{"dal":"31/03/2026","giorni":1}`, `{"dal":"31/03/2026","giorni":1,"errore":"«dal» non va bene: la data va scritta AAAA-MM-GG, per esempio 2026-03-31."}`},
		{`{"dal":"2026-02-30","giorni":1}`, `{"dal":"2026-02-30","giorni":1,"errore":"«dal» non va bene: la data va scritta AAAA-MM-GG, per esempio 2026-03-31."}`},
		{`{"dal":"2026-03-05"}`, `{"dal":"2026-03-05","errore":"Scrivi «giorni» come numero intero da 1 a 36500."}`},
		{`{"dal":"2026-03-05","giorni":0}`, `{"dal":"2026-03-05","giorni":0,"errore":"Scrivi «giorni» come numero intero da 1 a 36500."}`},
		{`{"dal":"2026-03-05","giorni":-3}`, `{"dal":"2026-03-05","giorni":-3,"errore":"Scrivi «giorni» come numero intero da 1 a 36500."}`},
		{`{"dal":"2026-03-05","giorni":36501}`, `{"dal":"2026-03-05","giorni":36501,"errore":"Scrivi «giorni» come numero intero da 1 a 36500."}`},
		{`{"dal":"2026-03-05","giorni":1e99}`, `{"dal":"2026-03-05","giorni":1e99,"errore":"Scrivi «giorni» come numero intero da 1 a 36500."}`},
		{`{"dal":"2026-03-05","giorni":1.5}`, `{"dal":"2026-03-05","giorni":1.5,"errore":"Scrivi «giorni» come numero intero da 1 a 36500."}`},
		{`{"dal":"2026-03-05","giorni":"1"}`, `{"dal":"2026-03-05","giorni":"1","errore":"Scrivi «giorni» come numero intero da 1 a 36500."}`},
		{`{"dal":"2026-03-05","giorni":1,"computo":"bancari"}`, `{"dal":"2026-03-05","giorni":1,"computo":"bancari","errore":"«computo» può essere solo \"solari\" o \"lavorativi\"."}`},
		{`{"dal":"2026-03-05","giorni":1,"computo":""}`, `{"dal":"2026-03-05","giorni":1,"computo":"","errore":"«computo» può essere solo \"solari\" o \"lavorativi\"."}`},
		{`{"dal":"2026-03-05","giorni":1,"sabato":true}`, `{"dal":"2026-03-05","giorni":1,"sabato":true,"errore":"«sabato» può essere solo \"feriale\" o \"festivo\"."}`},
		{`{"dal":"2026-03-05","giorni":1,"patrono":"24-06"}`, `{"dal":"2026-03-05","giorni":1,"patrono":"24-06","errore":"Il giorno del patrono va scritto MM-GG, per esempio 06-24."}`},
		{`{"dal":"2026-03-05","giorni":1,"patrono":["06-24"]}`, `{"dal":"2026-03-05","giorni":1,"patrono":["06-24"],"errore":"Scrivi «patrono» come testo MM-GG, per esempio \"06-24\"."}`},
		{`{"dal":"2026-03-05","giorni":1,"giorni":2}`, `{"dal":"2026-03-05","giorni":1,"giorni":2,"errore":"«giorni» compare due volte."}`},
		{`{"dal":"2999-12-30","giorni":90}`, `{"dal":"2999-12-30","giorni":90,"errore":"La scadenza cade oltre l'anno 2999: controlla la data e i giorni."}`},
	}
	for _, tt := range tests {
		righe, err := termine(t, tt.in)
		if !fault.Is(err, fault.Invalid) || len(righe) != 1 || righe[0] != tt.want {
			t.Errorf("%s: %v\n%s", tt.in, err, cmp.Diff([]string{tt.want}, righe))
		}
	}
}

func TestTermineGoesOnAfterAnError(t *testing.T) {
	lunga := `{"note":"` + strings.Repeat("x", maxRiga) + `"}`
	buona := `{"dal":"2026-03-05","giorni":1}`
	righe, err := termine(t, strings.Join([]string{buona, "no", "", lunga, "  ", buona}, "\n"))
	if !fault.Is(err, fault.Invalid) || fault.Message(err) != "Con errori: 2 righe su 4." {
		t.Errorf("error %v", err)
	}
	if len(righe) != 4 || righe[0] != righe[3] || !strings.Contains(righe[0], `"scadenza":"2026-03-06"`) {
		t.Fatalf("%d lines: %q", len(righe), righe)
	}
	if righe[2] != `{"errore":"La riga è più lunga di un megabyte."}` {
		t.Errorf("long line: %.200s", righe[2])
	}
}

// A line of exactly a megabyte is read, one byte more is not, however it ends.
func TestTermineLineLimit(t *testing.T) {
	buona := `{"dal":"2026-03-05","giorni":1,"note":""}`
	piena := strings.Replace(buona, `""`, `"`+strings.Repeat("x", maxRiga-len(buona))+`"`, 1)
	for _, fine := range []string{"", "\n", "\r\n"} {
		if righe, err := termine(t, piena+fine); err != nil || len(righe) != 1 {
			t.Errorf("a full line ending in %q: %d lines, %v", fine, len(righe), err)
		}
		righe, err := termine(t, piena+" "+fine)
		if !fault.Is(err, fault.Invalid) || len(righe) != 1 || !strings.Contains(righe[0], "megabyte") {
			t.Errorf("a line too long ending in %q: %.200q, %v", fine, righe, err)
		}
	}
}

func TestTermineNothingIn(t *testing.T) {
	for _, in := range []string{"", "\n", "\n \r\n\n"} {
		if righe, err := termine(t, in); err != nil || righe != nil {
			t.Errorf("%q: %q, %v; want nothing", in, righe, err)
		}
	}
}

// Who writes one line and waits gets its answer before writing the next.
func TestTermineAnswersAtOnce(t *testing.T) {
	domanda, scrivi := io.Pipe()
	leggi, risposta := io.Pipe()
	fine := make(chan error, 1)
	go func() {
		err := runTermine(domanda, risposta)
		risposta.Close()
		fine <- err
	}()
	d := json.NewDecoder(leggi)
	for i := 1; i <= 3; i++ {
		if _, err := fmt.Fprintf(scrivi, "{\"dal\":\"2026-03-02\",\"giorni\":%d}\n", i); err != nil {
			t.Fatal(err)
		}
		var got struct{ Scadenza string }
		if err := d.Decode(&got); err != nil || got.Scadenza != fmt.Sprintf("2026-03-0%d", 2+i) {
			t.Fatalf("answer %d: %+v, %v", i, got, err)
		}
	}
	scrivi.Close()
	if err := <-fine; err != nil {
		t.Error(err)
	}
}

func TestTermineBrokenPipes(t *testing.T) {
	if err := runTermine(iotest.ErrReader(os.ErrClosed), io.Discard); !errors.Is(err, os.ErrClosed) || fault.KindOf(err) != fault.Internal {
		t.Errorf("broken input: %v", err)
	}
	out, in := io.Pipe()
	out.CloseWithError(os.ErrClosed)
	if err := runTermine(strings.NewReader(`{"dal":"2026-03-05","giorni":1}`), in); !errors.Is(err, os.ErrClosed) {
		t.Errorf("broken output: %v", err)
	}
}

// Whatever comes in, each line that is not blank gets one line that is a JSON
// object with either a date or an error, and the other keys are still there.
func FuzzTermine(f *testing.F) {
	for _, s := range []string{
		`{"dal":"2026-08-05","giorni":60,"computo":"lavorativi","sabato":"festivo","patrono":"06-24"}`,
		`{"dal":"2026-08-05","giorni":60,"a":{"b":[1,2,{"c":null}]},"a":2}`,
		"{}\n[]\n\n{\"giorni\":1e400}", `{"\ud800":"\u2028","dal":"2026-01-01","giorni":1}`, "\xff", `{"scadenza":1,"errore":{}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		err := runTermine(strings.NewReader(in), &out)
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
		var righe []string
		for _, r := range strings.Split(in, "\n") {
			if len(bytes.TrimSpace([]byte(r))) > 0 {
				righe = append(righe, r)
			}
		}
		errori := 0
		risposte := strings.SplitAfter(out.String(), "\n")
		if len(risposte)-1 != len(righe) || risposte[len(risposte)-1] != "" {
			t.Fatalf("%d answers for %d lines", len(risposte)-1, len(righe))
		}
		for i, r := range righe {
			var got map[string]json.RawMessage
			if err := json.Unmarshal([]byte(risposte[i]), &got); err != nil {
				t.Fatalf("answer %q: %v", risposte[i], err)
			}
			_, data := got["scadenza"]
			_, errore := got["errore"]
			if data == errore {
				t.Fatalf("answer %q has both a date and an error, or none", risposte[i])
			}
			if errore {
				errori++
				continue
			}
			var had map[string]json.RawMessage
			if err := json.Unmarshal([]byte(strings.TrimPrefix(strings.TrimSpace(r), "\ufeff")), &had); err != nil {
				t.Fatalf("a date for %q, which is not an object: %v", r, err)
			}
			for k := range had {
				if _, ok := got[k]; !ok && k != "errore" {
					t.Fatalf("key %q is gone from %q", k, risposte[i])
				}
			}
		}
		if (errori > 0) != (err != nil) {
			t.Fatalf("%d errors, and at the end %v", errori, err)
		}
	})
}
