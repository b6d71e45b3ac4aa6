package organigramma

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func caricaDemo(t *testing.T) *Versione {
	t.Helper()
	v, errori := carica(t, demo).ConAlias(bytes.NewReader(leggiFile(t, demo, FileAlias)))
	for _, e := range errori {
		t.Error(e)
	}
	if v == nil {
		t.FailNow()
	}
	return v
}

func TestDemoImportsWhole(t *testing.T) {
	v := caricaDemo(t)
	if u, r, s := len(v.Units()), len(v.Relazioni()), len(v.Sedi()); u != 183 || r != 841 || s != 44 {
		t.Errorf("%d units, %d links, %d sites; want 183, 841, 44", u, r, s)
	}
}

// The demonstration invents complaints: none may fall on a real place. The list is
// every town, street, site and body named in the source chart, with its short
// names and codes.
func TestDemoNamesNoRealPlace(t *testing.T) {
	pezzi := []string{"cremon", "casalmagg", "casalasc", "oglio po", "mantov", "soresin", "viadan", "cremasc", "padana", "robbiani", "inzani", "viale concordia",
		"staffolo", "betlem", "maurino", "belgiardino", "villa salus", "san sebastiano", "piazza garibaldi", "trento e trieste", "soncino", "rivolta",
		"desenzano", "carlo poma", "istituti ospitalieri",
		"03090800", "03027300", "03072400", "ter72400", "03020900", "03090700", "03023900", "ter72500", "00032700"}
	intere := []string{"crema", "poc", "poop", "areu", "avis", "724", "725", "726", "327"}
	for _, s := range carica(t, cremona).Sedi() {
		if s.Comune != "" && !slices.ContainsFunc(pezzi, func(p string) bool { return strings.Contains(piega(s.Comune), p) }) && !slices.Contains(intere, piega(s.Comune)) {
			t.Errorf("the list lacks the town %q", s.Comune)
		}
	}
	voci, err := os.ReadDir(demo)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range voci {
		righe := strings.Split(string(leggiFile(t, demo, f.Name())), "\n")
		for n, riga := range righe {
			basso := strings.ToLower(riga)
			for _, p := range pezzi {
				if strings.Contains(basso, p) {
					t.Errorf("%s, line %d: %q", f.Name(), n+1, p)
				}
			}
			parole := strings.FieldsFunc(basso, func(r rune) bool {
				return r != '\'' && !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzàèéìòù0123456789", r)
			})
			for _, p := range intere {
				if slices.Contains(parole, p) {
					t.Errorf("%s, line %d: %q", f.Name(), n+1, p)
				}
			}
		}
	}
}

type persona struct{ utente, nome, cognome, ruolo, unita, presidi string }

func persone(t *testing.T) []persona {
	t.Helper()
	f, err := os.Open(filepath.Join(demo, "persone.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	righe, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(righe[0], ","); got != "utente,nome,cognome,ruolo,unita,presidi" {
		t.Fatalf("header %s", got)
	}
	var tutte []persona
	for _, r := range righe[1:] {
		tutte = append(tutte, persona{r[0], r[1], r[2], r[3], r[4], r[5]})
	}
	return tutte
}

func TestDemoPeopleStandInTheChart(t *testing.T) {
	v := caricaDemo(t)
	conta, visti := map[string]int{}, map[string]bool{}
	for _, p := range persone(t) {
		conta[p.ruolo]++
		fuori := strings.HasPrefix(p.ruolo, "upt") || p.ruolo == "commissione" // of no unit of the ente's chart
		if u, ok := v.Unita(p.unita); !fuori && (!ok || !u.Valida(oggi)) || fuori && p.unita != "" {
			t.Errorf("%s: no unit %q", p.utente, p.unita)
		}
		for _, s := range strings.Fields(p.presidi) {
			if _, ok := v.Sede(s); !ok {
				t.Errorf("%s: no site %q", p.utente, s)
			}
		}
		if p.nome == "" || p.cognome == "" || visti[p.utente] {
			t.Errorf("%s: twice, or without a name", p.utente)
		}
		visti[p.utente] = true
	}
	for ruolo, almeno := range map[string]int{"front-office": 2, "urp": 2, "urp-aziendale": 1, "responsabile": 5, "direttore-macrostruttura": 2,
		"direttore-sanitario": 1, "direttore-amministrativo": 1, "amministratore": 1, "dpo": 1} {
		if conta[ruolo] < almeno {
			t.Errorf("%d people with the role %s, want %d", conta[ruolo], ruolo, almeno)
		}
	}
}

// Every report of the demonstration reaches a unit, a macrostruttura and, where
// its site has one, the URP of the territory.
func TestDemoReportsFindTheirWay(t *testing.T) {
	v := caricaDemo(t)
	var uffici []Ufficio
	dirige, risponde := map[string]bool{}, 0
	for _, p := range persone(t) {
		if p.ruolo == "urp" {
			uffici = append(uffici, Ufficio{Unita: p.unita, Presidi: strings.Fields(p.presidi)})
		}
		dirige[p.unita] = true
	}
	n, urp := 0, map[string]int{}
	righe := bufio.NewScanner(bytes.NewReader(leggiFile(t, demo, "segnalazioni.jsonl")))
	righe.Buffer(nil, 1<<20)
	for righe.Scan() {
		var s struct {
			ID    string
			Luogo struct{ Presidio, Unita string }
		}
		if err := json.Unmarshal(righe.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		n++
		p := v.Route(s.Luogo.Presidio, s.Luogo.Unita, oggi, uffici)
		t.Logf("%s %s / %s → %s, %s, %s", s.ID, s.Luogo.Presidio, s.Luogo.Unita, p.Struttura, p.Macro, p.Urp)
		if u, ok := v.Unita(p.Struttura); !ok || !u.Valida(oggi) {
			t.Errorf("%s: no unit", s.ID)
		}
		if _, ok := v.Sede(p.Presidio); !ok {
			t.Errorf("%s: no site", s.ID)
		}
		if p.Macro == "" {
			t.Errorf("%s: no macrostruttura", s.ID)
		}
		if vuole := p.Presidio == "03999000"; (p.Urp == "") != vuole {
			t.Errorf("%s: URP %q at %s", s.ID, p.Urp, p.Presidio)
		}
		urp[p.Urp]++
		if dirige[p.Struttura] {
			risponde++
		}
	}
	if n != 60 {
		t.Errorf("%d reports, want 60", n)
	}
	if len(urp) != 3 || risponde < 30 {
		t.Errorf("%v by URP; %d reach a unit with a demo person, want 30", urp, risponde)
	}
}
