package regolamento

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed rules/*.yaml
var rules embed.FS

// Load reads a regolamento strictly: unknown keys, missing values, names of what
// does not exist, references and repeated keys are errors, each on its line as
// "riga 12: …", up to 20 at once. base gives the text of the file named in
// `base:`; nil for the shipped ones.
func Load(src []byte, base func(nome string) ([]byte, error)) (*Regolamento, error) {
	if base == nil {
		base = Testo
	}
	s, err := apri(src, base, 1, "")
	if err != nil {
		return nil, err
	}
	l := &lettore{sorgente: s, nodi: map[string]*yaml.Node{}}
	r := &Regolamento{}
	l.leggiIn(s.radice, &r.doc, "")
	if r.doc.Modello {
		l.qui("/modello", "questo file serve solo da base per altri")
	}
	if len(l.errs) == 0 {
		(&validatore{lettore: l, d: &r.doc, r: r}).tutto()
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	canonico(&b, s.radice)
	r.canonico = b.Bytes()
	r.hash = hashOf(r.canonico)
	return r, nil
}

// Parse reads what Canonical wrote.
func Parse(canonical []byte) (*Regolamento, error) {
	return Load(canonical, func(string) ([]byte, error) {
		return nil, errors.New("a resolved regolamento has no base")
	})
}

// Testo is the file of a shipped regolamento, bases included, as it is written.
func Testo(nome string) ([]byte, error) {
	b, err := rules.ReadFile("rules/" + nome + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("il regolamento %q non c'è", nome)
	}
	return b, nil
}

// Shipped is a regolamento that comes with the program. It is loaded once.
func Shipped(nome string) (*Regolamento, error) {
	c := shipped()
	if r := c[nome]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("il regolamento %q non c'è%s", nome, forse(nome, Names()))
}

// Names are the names of the shipped regolamenti, in alphabetical order, without
// those that are only bases.
func Names() []string {
	files, err := rules.ReadDir("rules")
	if err != nil {
		panic("regolamento: " + err.Error())
	}
	var out []string
	for _, f := range files {
		nome := strings.TrimSuffix(f.Name(), ".yaml")
		if src, err := Testo(nome); err == nil && !bytes.Contains(src, []byte("\nmodello: true")) {
			out = append(out, nome)
		}
	}
	return out
}

var shipped = sync.OnceValue(func() map[string]*Regolamento {
	out := map[string]*Regolamento{}
	for _, nome := range Names() {
		src, err := Testo(nome)
		if err != nil {
			panic("regolamento: " + err.Error())
		}
		r, err := Load(src, nil)
		if err != nil {
			panic("regolamento: rules/" + nome + ".yaml: " + err.Error())
		}
		if r.Nome() != nome {
			panic("regolamento: rules/" + nome + ".yaml calls itself " + r.Nome())
		}
		out[nome] = r
	}
	return out
})
