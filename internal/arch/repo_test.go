// Package arch holds what the shape of the program promises and no compiler
// checks: who imports whom, where the clock and the SQL are, that every legal
// source and every Italian name can be looked up. It has tests only.
package arch

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	modulo = "tutela"
	radice = "../.."
)

// pacchetto is what `go list` says of a package.
type pacchetto struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

// dir is the package's folder from the root, as in "internal/day".
func (p pacchetto) dir() string { return strings.TrimPrefix(p.ImportPath, modulo+"/") }

func pacchetti(t *testing.T) []pacchetto {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	c.Dir, c.Stderr = radice, os.Stderr
	b, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var out []pacchetto
	for d := json.NewDecoder(strings.NewReader(string(b))); ; {
		var p pacchetto
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		out = append(out, p)
	}
	if len(out) < 10 {
		t.Fatalf("go list gave %d packages: the test does not see the program", len(out))
	}
	return out
}

// sorgente is one Go file of ours.
type sorgente struct {
	path string // from the root, with slashes
	ast  *ast.File
	fset *token.FileSet
}

func (s sorgente) test() bool  { return strings.HasSuffix(s.path, "_test.go") }
func (s sorgente) dir() string { return filepath.ToSlash(filepath.Dir(s.path)) }
func (s sorgente) riga(p token.Pos) int {
	return s.fset.Position(p).Line
}

// sorgenti parses every Go file of the repository, once.
var sorgenti = sync.OnceValues(func() ([]sorgente, error) {
	var out []sorgente
	fset := token.NewFileSet()
	err := filepath.WalkDir(radice, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		nome := d.Name()
		if d.IsDir() && (nome == "node_modules" || nome == "testdata" || strings.HasPrefix(nome, ".") && nome != "." && nome != "..") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(nome, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(radice, p)
		if err != nil {
			return err
		}
		out = append(out, sorgente{filepath.ToSlash(rel), f, fset})
		return nil
	})
	return out, err
})

func tutti(t *testing.T) []sorgente {
	t.Helper()
	out, err := sorgenti()
	if err != nil {
		t.Fatalf("parse the sources: %v", err)
	}
	return out
}

func leggi(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(radice, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
