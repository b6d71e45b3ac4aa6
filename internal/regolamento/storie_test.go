package regolamento

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tutela/internal/day"
)

var riscrivi = flag.Bool("riscrivi", false, "write the stories again with what the engine says; read the difference")

// A story is a file that a clerk can read: acts with their day, and under each
// one where the case stands. Every act is first put to Decide, as in real life;
// one marked with "!" must be refused, and the reason stands under it.
//
//	2026-01-07  registrazione  tipo=reclamo autore=nominativo da=cittadino
//	    fase ricevuta, il cittadino legge "ricevuta"
//	    richiesta                entro mer 2026-01-14
//
// What did not change since the act before is not said again.
func TestStorie(t *testing.T) {
	files, _ := filepath.Glob("testdata/storie/*.txt")
	if len(files) < 10 {
		t.Fatalf("only %d stories found", len(files))
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := racconta(t, string(src))
			if *riscrivi {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(src), got); d != "" && !*riscrivi {
				t.Error(d)
			}
		})
	}
}

// racconta tells a story again: the lines of acts and comments as they are, what
// is indented as the engine says.
func racconta(t *testing.T, src string) string {
	r, cal := pga01(t), day.Nazionale()
	var atti []Atto
	s := r.Iniziale()
	var out bytes.Buffer
	var prima []string
	righe := bufio.NewScanner(strings.NewReader(src))
	for righe.Scan() {
		riga := righe.Text()
		if strings.HasPrefix(riga, "    ") {
			continue
		}
		fmt.Fprintln(&out, riga)
		if nome, ok := strings.CutPrefix(riga, "# regolamento: "); ok {
			r = daFile(t, filepath.Join("testdata", nome))
			s = r.Iniziale()
		}
		if riga == "" || riga[0] == '#' {
			continue
		}
		p, attore, vietato := leggiAtto(t, r, riga)
		p.Seq = len(atti) + 1
		e := r.Decide(cal, s, p)
		if vietato {
			rifiuto(&out, e, attore)
			continue
		}
		if !e.Ammesso() || attore != "" && !slices.Contains(e.Attori, attore) {
			t.Fatalf("%s: refused: %s", riga, frasi(e, attore))
		}
		atti = append(atti, p.Atto)
		var err error
		if s, err = r.Fold(cal, atti); err != nil {
			t.Fatalf("%s: %v", riga, err)
		}
		ora := dove(r, cal, s)
		for _, x := range ora {
			if !slices.Contains(prima, x) {
				fmt.Fprintln(&out, "    "+x)
			}
		}
		prima = ora
	}
	return out.String()
}

func daFile(t testing.TB, file string) *Regolamento {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Load(src, func(nome string) ([]byte, error) {
		if b, err := os.ReadFile(filepath.Join(filepath.Dir(file), nome+".yaml")); err == nil {
			return b, nil
		}
		return Testo(nome)
	})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}

// leggiAtto reads "2026-01-07 [!] atto chiave=valore…". Fields that the act needs
// are there, except those after `senza=`.
func leggiAtto(t *testing.T, r *Regolamento, riga string) (p Proposta, attore string, vietato bool) {
	parole := strings.Fields(riga)
	giorno, err := day.Parse(parole[0])
	if err != nil {
		t.Fatalf("%s: %v", riga, err)
	}
	p.Giorno, p.Il, parole = giorno, giorno.Start(), parole[1:]
	if parole[0] == "!" {
		vietato, parole = true, parole[1:]
	}
	p.Kind, p.Pone, p.Date, p.Campi = parole[0], Attr{}, map[string]day.Date{}, map[string]bool{}
	if d := r.Atto(p.Kind); d != nil {
		for _, c := range d.Serve {
			p.Campi[c] = true
		}
	}
	for _, x := range parole[1:] {
		k, v, _ := strings.Cut(x, "=")
		switch k {
		case "da":
			attore = v
		case "a":
			p.Destinatari = strings.Split(v, ",")
		case "per":
			p.Per = v
		case "giorni":
			p.Giorni, _ = strconv.Atoi(v)
		case "senza":
			p.Campi[v] = false
		default:
			if g, err := day.Parse(v); err == nil {
				p.Date[k] = g
			} else {
				p.Pone[k] = v
			}
		}
	}
	return p, attore, vietato
}

func frasi(e Esito, attore string) []string {
	var out []string
	for _, m := range e.Motivi {
		out = append(out, m.Frase())
	}
	if len(out) == 0 && attore != "" && !slices.Contains(e.Attori, attore) {
		out = append(out, "Tocca a: "+strings.Join(e.Attori, ", ")+".")
	}
	return out
}

func rifiuto(out *bytes.Buffer, e Esito, attore string) {
	f := frasi(e, attore)
	if len(f) == 0 {
		f = []string{"AMMESSO"}
	}
	for _, x := range f {
		fmt.Fprintf(out, "    no: %s\n", x)
	}
}

// dove says where the case stands, a line for each thing.
func dove(r *Regolamento, cal *day.Calendario, s Stato) []string {
	out := []string{fmt.Sprintf("fase %s, il cittadino legge %q", s.Fase, r.Stato(s))}
	for _, t := range s.Termini {
		if t.Nascosto {
			continue
		}
		nome := t.Regola
		if t.Per != "" {
			nome += " " + t.Per
		}
		if t.Giro > 1 {
			nome += fmt.Sprintf(" (%d)", t.Giro)
		}
		if t.Legge {
			nome += " (legge)"
		}
		out = append(out, fmt.Sprintf("%-24s %s", nome, quando(cal, t)))
	}
	t, g, ok := s.Prossimo(cal)
	if !ok {
		return append(out, "nessun termine in corso")
	}
	return append(out, fmt.Sprintf("prossimo: %s, %s, tocca a %s", strings.TrimSpace(t.Regola+" "+t.Per), data(g), t.Chi))
}

func quando(cal *day.Calendario, t Termine) string {
	g, passi := t.Scadenza(cal)
	switch {
	case t.Fine == Adempiuto && t.FineIl > g:
		return fmt.Sprintf("adempiuto in ritardo il %s (era entro %s)", data(t.FineIl), data(g))
	case t.Fine == Adempiuto || t.Fine == Decaduto:
		return fmt.Sprintf("%s il %s (era entro %s)", t.Fine, data(t.FineIl), data(g))
	case t.Fine == Sospeso && g.IsZero():
		return fmt.Sprintf("sospeso, restano %d giorni", passi[len(passi)-1].N)
	case t.Ore > 0:
		return "entro le " + t.ScadenzaOra().In(day.Rome).Format("15:04") + " di " + data(g)
	}
	return "entro " + data(g)
}

func data(d day.Date) string {
	return []string{"dom", "lun", "mar", "mer", "gio", "ven", "sab"}[d.Weekday()] + " " + d.String()
}
