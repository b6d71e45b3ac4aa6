package arch

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ranghi: a package imports only packages of a lower rank, so there are no
// cycles and a change is felt only above it. A new package gets its rank here.
var ranghi = map[string]int{
	"internal/fault": 0,

	"internal/day":       1,
	"internal/redact":    1,
	"internal/vault":     1,
	"internal/dial":      1,
	"internal/segnatura": 1,

	"internal/access":   2,
	"internal/registro": 2,
	"internal/job":      2,

	"internal/i18n":         3,
	"internal/regolamento":  3,
	"internal/organigramma": 3,
	"internal/auth":         3,
	"internal/document":     3,
	"internal/child":        1,
	"internal/flat":         4,

	"internal/pratica": 4,
	"internal/custody": 4,

	"internal/protocollo": 5,

	"internal/web":   5, // web, api and store do not see each other
	"internal/api":   5,
	"internal/store": 5,
	"internal/demo":  5, // the demonstration ente goes in by the same doors as a person

	"cmd/tutela":               7,
	"bench/grezzo":             6,
	"bench":                    7,
	"internal/store/storetest": 6, // tests and bench only: see TestStoretest
}

// liberi stand outside the program: tests of its shape, tools run by hand.
var liberi = []string{"internal/arch", "scripts/", "bench/"}

func libero(dir string) bool {
	return slices.ContainsFunc(liberi, func(l string) bool { return dir == l || strings.HasSuffix(l, "/") && strings.HasPrefix(dir, l) })
}

func TestRanks(t *testing.T) {
	for _, p := range pacchetti(t) {
		if libero(p.dir()) {
			continue
		}
		mio, ok := ranghi[p.dir()]
		if !ok {
			t.Errorf("%s has no rank: give it one in internal/arch", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			altro := strings.TrimPrefix(i, modulo+"/")
			if altro == i {
				continue
			}
			if suo, ok := ranghi[altro]; !ok || suo >= mio {
				t.Errorf("%s (rank %d) imports %s (rank %d): imports point to lower ranks only", p.dir(), mio, altro, suo)
			}
		}
	}
}

// The bench of the tests must not be part of the program.
func TestStoretest(t *testing.T) {
	for _, p := range pacchetti(t) {
		if slices.Contains(p.Imports, modulo+"/internal/store/storetest") && !libero(p.dir()) && p.dir() != "bench" {
			t.Errorf("%s imports storetest outside its tests", p.dir())
		}
	}
}

// soloIn: what only those folders may import, outside tests. A name that ends
// in a slash holds for everything under it.
var soloIn = []struct {
	cosa   string
	dove   []string
	perche string
}{
	{"database/sql", []string{"internal/store"}, "SQL is in internal/store"},
	{"database/sql/", []string{"internal/store"}, "SQL is in internal/store"},
	{"github.com/jackc/", []string{"internal/store"}, "only the store knows a driver"},
	{"modernc.org/", []string{"internal/store"}, "only the store knows a driver"},
	{"github.com/pressly/", []string{"internal/store"}, "only the store migrates"},
	{"net/http", []string{"internal/web", "internal/api", "internal/dial", "internal/protocollo", "cmd/tutela", "bench"}, "only the edges speak HTTP"},
	{"html/template", []string{"internal/web"}, "only web makes pages"},
	{"text/template", []string{}, "pages escape by context: html/template"},
	{"math/rand", []string{"bench", "scripts/"}, "keys and ids come from crypto/rand"},
	{"math/rand/v2", []string{"bench", "scripts/"}, "keys and ids come from crypto/rand"},
	{"encoding/gob", []string{}, "stored bytes have a format that others can read"},
	{"unsafe", []string{}, "nothing here needs it"},
	{"C", []string{}, "the program is one static file"},
}

func TestImportsByPlace(t *testing.T) {
	for _, p := range pacchetti(t) {
		if libero(p.dir()) {
			continue
		}
		for _, i := range p.Imports {
			for _, s := range soloIn {
				preso := i == s.cosa || strings.HasSuffix(s.cosa, "/") && strings.HasPrefix(i, s.cosa)
				if preso && !sotto(p.dir(), s.dove) && p.dir() != "internal/store/storetest" {
					t.Errorf("%s imports %s: %s", p.dir(), i, s.perche)
				}
			}
		}
	}
}

func sotto(dir string, dove []string) bool {
	return slices.ContainsFunc(dove, func(d string) bool { return dir == d || strings.HasPrefix(dir, strings.TrimSuffix(d, "/")+"/") })
}

// mattn binds $n by first appearance: the shared text would write the wrong
// values into the wrong columns and say nothing.
func TestNoMattnSQLite(t *testing.T) {
	for _, p := range pacchetti(t) {
		for _, d := range slices.Concat(p.Deps, p.TestImports, p.XTestImports) {
			if strings.HasPrefix(d, "github.com/mattn/go-sqlite3") {
				t.Errorf("%s depends on %s", p.dir(), d)
			}
		}
	}
}

// orologi: the clock is read in cmd and passed in, so that any day can be
// simulated. These read it for something that is no date of a case. So does a
// deadline of a connection (SetReadDeadline and its like), which is free.
var orologi = map[string]string{
	"internal/web/pub_segui.go":        "a refusal that takes as long as any other",
	"internal/web/pub_contrassegno.go": "as that",
	"internal/store/batch.go":          "how long a change held the writer, for the log",
}

func TestClock(t *testing.T) {
	usati := map[string]bool{}
	for _, s := range tutti(t) {
		if s.test() || sotto(s.dir(), []string{"cmd", "scripts", "bench", "internal/store/storetest"}) {
			continue
		}
		nome := importato(s.ast, "time")
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && scadenzaDiRete(c) {
				return false
			}
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || nome == "" {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || x.Name != nome || !slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				return true
			}
			if _, ok := orologi[s.path]; ok {
				usati[s.path] = true
				return true
			}
			t.Errorf("%s:%d: time.%s: the clock is read in cmd and passed in", s.path, s.riga(sel.Pos()), sel.Sel.Name)
			return true
		})
	}
	for f := range orologi {
		if !usati[f] {
			t.Errorf("%s reads no clock any more: take it off the list", f)
		}
	}
}

func scadenzaDiRete(c *ast.CallExpr) bool {
	s, ok := c.Fun.(*ast.SelectorExpr)
	return ok && strings.HasPrefix(s.Sel.Name, "Set") && strings.HasSuffix(s.Sel.Name, "Deadline")
}

// importato is the name by which a file calls a package; empty if it does not.
func importato(f *ast.File, path string) string {
	for _, i := range f.Imports {
		if p, _ := strconv.Unquote(i.Path.Value); p == path {
			if i.Name != nil {
				return i.Name.Name
			}
			return path[strings.LastIndex(path, "/")+1:]
		}
	}
	return ""
}
