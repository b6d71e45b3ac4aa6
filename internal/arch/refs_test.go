package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// norma is a row of docs/norme.tsv.
type norma struct {
	sigla string   // as people read it
	parti []string // its paragraphs, where we hold the list
}

func norme(t *testing.T) map[string]norma {
	t.Helper()
	out := map[string]norma{}
	for i, riga := range strings.Split(strings.TrimRight(leggi(t, "docs/norme.tsv"), "\n"), "\n") {
		c := strings.Split(riga, "\t")
		if len(c) != 5 {
			t.Fatalf("docs/norme.tsv:%d: %d columns, want id, sigla, titolo, dove, parti", i+1, len(c))
		}
		if i == 0 {
			continue
		}
		if _, doppia := out[c[0]]; doppia {
			t.Errorf("docs/norme.tsv:%d: %s is there twice", i+1, c[0])
		}
		for n, v := range c[:4] {
			if strings.TrimSpace(v) == "" {
				t.Errorf("docs/norme.tsv:%d: column %d is empty", i+1, n+1)
			}
		}
		out[c[0]] = norma{c[1], strings.Fields(c[4])}
	}
	return out
}

var paragrafo = regexp.MustCompile(`^\d+(\.\d+)*$`)

// risolvi says what is wrong with a reference: "pga01 4.1, 5.1" or "cc art. 2963".
func risolvi(n map[string]norma, ref string) string {
	id, resto, _ := strings.Cut(strings.TrimSpace(ref), " ")
	norma, ok := n[strings.TrimRight(id, ",.")]
	if !ok {
		return id + " is not in docs/norme.tsv"
	}
	if norma.parti == nil {
		return ""
	}
	for p := range strings.FieldsFuncSeq(resto, func(r rune) bool { return r == ',' || r == ' ' || r == '(' || r == ')' }) {
		p = strings.TrimRight(p, ".")
		if !paragrafo.MatchString(p) {
			break // words from here on
		}
		if !contiene(norma.parti, p) {
			return id + " has no paragraph " + p
		}
	}
	return ""
}

func contiene(tra []string, s string) bool {
	for _, x := range tra {
		if x == s {
			return true
		}
	}
	return false
}

var riferimento = regexp.MustCompile(`\bref:\s*(.+)$`)

func TestRefsInCode(t *testing.T) {
	n := norme(t)
	visti := 0
	for _, s := range tutti(t) {
		if s.dir() == "internal/arch" {
			continue
		}
		for _, g := range s.ast.Comments {
			for _, c := range g.List {
				for i, riga := range strings.Split(c.Text, "\n") {
					m := riferimento.FindStringSubmatch(riga)
					if m == nil {
						continue
					}
					visti++
					for _, r := range strings.Split(strings.TrimSuffix(m[1], "*/"), ";") {
						if no := risolvi(n, r); no != "" {
							t.Errorf("%s:%d: ref: %s", s.path, s.riga(c.Pos())+i, no)
						}
					}
				}
			}
		}
	}
	if visti == 0 {
		t.Error("no ref: in the code: the test does not see them")
	}
}

// The rules that we ship say where each of them comes from: a paragraph of their
// own source, a norm, or `ente`, which is a decision to be taken.
func TestFontiOfRules(t *testing.T) {
	n := norme(t)
	visti := 0
	err := filepath.WalkDir(filepath.Join(radice, "internal/regolamento/rules"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		var doc struct {
			Fonte string            `yaml:"fonte"`
			Fonti map[string]string `yaml:"fonti"`
		}
		var nodo yaml.Node
		if err := yaml.Unmarshal(b, &doc); err != nil {
			return err
		}
		if err := yaml.Unmarshal(b, &nodo); err != nil {
			return err
		}
		for id, sigla := range doc.Fonti {
			if n[id].sigla != sigla {
				t.Errorf("%s: fonti: %s is %q here and %q in docs/norme.tsv", d.Name(), id, sigla, n[id].sigla)
			}
		}
		ogniFonte(&nodo, func(f string, riga int) {
			visti++
			switch par, mia := strings.CutPrefix(f, "§"); {
			case f == "ente":
				return
			case mia:
				f = doc.Fonte + " " + par
			}
			if no := risolvi(n, f); no != "" {
				t.Errorf("%s:%d: fonte: %s", d.Name(), riga, no)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if visti < 20 {
		t.Errorf("only %d sources in the shipped rules: the test does not see them", visti)
	}
}

func ogniFonte(n *yaml.Node, fn func(f string, riga int)) {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "fonte" && c.Kind == yaml.ScalarNode {
			fn(c.Value, c.Line)
		}
		ogniFonte(c, fn)
	}
}

func TestFontiOfHolidays(t *testing.T) {
	sigle := map[string]bool{}
	for _, x := range norme(t) {
		sigle[x.sigla] = true
	}
	for i, riga := range strings.Split(strings.TrimSpace(leggi(t, "internal/day/festivi.csv")), "\n") {
		if strings.HasPrefix(riga, "#") || strings.HasPrefix(riga, "effetto;") {
			continue
		}
		c := strings.Split(riga, ";")
		if !sigle[c[len(c)-1]] {
			t.Errorf("festivi.csv:%d: %q is no sigla of docs/norme.tsv", i+1, c[len(c)-1])
		}
	}
}

// The wrong references that the tests above would meet.
func TestRisolvi(t *testing.T) {
	n := map[string]norma{"pga01": {"PGA01", []string{"4", "4.1"}}, "cc": {"c.c.", nil}}
	for ref, buona := range map[string]bool{
		"pga01 4.1": true, "pga01 4, 4.1 (MOD 01)": true, "cc art. 2963": true, "pga01": true, "pga01 4.1.": true,
		"pga01 4.2": false, "pga01 4.1, 9": false, "dm 12": false, "": false, "PGA01 4.1": false,
	} {
		if no := risolvi(n, ref); (no == "") != buona {
			t.Errorf("%q: %q", ref, no)
		}
	}
}

// Each direct dependency has its reason, and each reason its dependency.
func TestDependenciesHaveReasons(t *testing.T) {
	adr := leggi(t, "docs/adr/0001-dependencies.md")
	var dette []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(adr, -1) {
		dette = append(dette, m[1])
	}
	var chieste []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(leggi(t, "go.mod"), -1) {
		chieste = append(chieste, m[1])
	}
	if len(chieste) == 0 {
		t.Fatal("go.mod has no direct requirement: the test does not see them")
	}
	for _, m := range chieste {
		if !contiene(dette, m) {
			t.Errorf("%s is in go.mod and not in docs/adr/0001-dependencies.md", m)
		}
	}
	for _, m := range dette {
		if !contiene(chieste, m) {
			t.Errorf("%s is in docs/adr/0001-dependencies.md and not in go.mod", m)
		}
	}
}
