package arch

import (
	_ "embed"
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

//go:embed testdata/english.txt
var inglesi string

// parlanti are the packages whose names are those of the domain.
var parlanti = []string{
	"internal/access", "internal/auth", "internal/custody", "internal/day", "internal/document", "internal/organigramma",
	"internal/pratica", "internal/registro", "internal/regolamento", "internal/store", "internal/vault",
}

var codice = regexp.MustCompile("`([A-Z][A-Za-z]*)`")

// Every Italian word in an exported name can be looked up: a word that is not
// English (testdata/english.txt) stands in docs/glossary.md.
func TestGlossaryHasEveryName(t *testing.T) {
	note := map[string]bool{}
	for w := range strings.FieldsSeq(inglesi) {
		note[w] = true
	}
	for _, m := range codice.FindAllStringSubmatch(leggi(t, "docs/glossary.md"), -1) {
		for _, w := range parole(m[1]) {
			note[w] = true
		}
	}
	visti := 0
	for _, s := range tutti(t) {
		if s.test() || !slices.Contains(parlanti, s.dir()) {
			continue
		}
		for _, n := range esportati(s.ast, false) {
			visti++
			for _, w := range parole(n.Name) {
				if !note[w] {
					t.Errorf("%s:%d: %s: «%s» is neither in docs/glossary.md nor in internal/arch/testdata/english.txt", s.path, s.riga(n.Pos()), n.Name, w)
				}
			}
		}
	}
	if visti < 100 {
		t.Errorf("only %d exported names: the test does not see them", visti)
	}
}

// The glossary names only what is there.
func TestGlossaryIsTrue(t *testing.T) {
	nomi := map[string]bool{}
	for _, s := range tutti(t) {
		for _, n := range esportati(s.ast, true) {
			nomi[n.Name] = true
		}
	}
	for i, riga := range strings.Split(leggi(t, "docs/glossary.md"), "\n") {
		for _, m := range codice.FindAllStringSubmatch(riga, -1) {
			if !nomi[m[1]] {
				t.Errorf("docs/glossary.md:%d: no exported %s", i+1, m[1])
			}
		}
	}
}

// esportati are the exported names of a file's own package: types, functions,
// constants and variables; with tutto, methods and fields too.
func esportati(f *ast.File, tutto bool) []*ast.Ident {
	var out []*ast.Ident
	metti := func(n *ast.Ident) {
		if n.IsExported() {
			out = append(out, n)
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || tutto {
				metti(d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					metti(s.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						metti(n)
					}
				}
			}
		}
	}
	if tutto {
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.Field); ok {
				for _, x := range c.Names {
					metti(x)
				}
			}
			return true
		})
	}
	return out
}

// parole takes a name apart: NewCodiceURP is new, codice, urp.
func parole(nome string) []string {
	var out []string
	r := []rune(nome)
	for i, da := 1, 0; i <= len(r); i++ {
		if i == len(r) ||
			unicode.IsUpper(r[i]) && (unicode.IsLower(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			out = append(out, strings.ToLower(string(r[da:i])))
			da = i
		}
	}
	return out
}

func TestParole(t *testing.T) {
	for nome, want := range map[string]string{
		"NewCodiceURP": "new codice urp", "URPAziendale": "urp aziendale", "ID": "id", "Tx": "tx", "MaxTesto": "max testo",
	} {
		if got := strings.Join(parole(nome), " "); got != want {
			t.Errorf("%s: %s", nome, got)
		}
	}
}
