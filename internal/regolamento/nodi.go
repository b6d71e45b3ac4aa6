package regolamento

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of a file from outside.
const (
	maxByte    = 1 << 20
	maxLivelli = 3  // files: a regolamento, its base, the base of that
	maxFondo   = 12 // nesting of lists and maps
)

// sorgente is a parsed file, or several merged into one tree.
type sorgente struct {
	radice *yaml.Node
	file   map[*yaml.Node]string // nodes that come from a base: its name
}

// dove is the place of a node as errors name it: "riga 12", "comune, riga 3".
func (s *sorgente) dove(n *yaml.Node) string {
	r := "riga " + strconv.Itoa(n.Line)
	if f := s.file[n]; f != "" {
		return f + ", " + r
	}
	return r
}

func (s *sorgente) errore(n *yaml.Node, formato string, a ...any) error {
	return errors.New(s.dove(n) + ": " + fmt.Sprintf(formato, a...))
}

// apri parses src and merges the files it is based on.
func apri(src []byte, base func(string) ([]byte, error), livello int, nome string) (*sorgente, error) {
	s := &sorgente{file: map[*yaml.Node]string{}}
	if err := s.leggi(src, nome); err != nil {
		if nome != "" && !strings.HasPrefix(err.Error(), nome) {
			err = fmt.Errorf("%s, %w", nome, err)
		}
		return nil, err
	}
	b := valore(s.radice, "base")
	if b == nil {
		return s, nil
	}
	if b.Kind != yaml.ScalarNode || b.Value == "" {
		return nil, s.errore(b, "«base» è il nome di un regolamento")
	}
	if livello == maxLivelli {
		return nil, s.errore(b, "troppe basi una sull'altra: al massimo %d file", maxLivelli)
	}
	testo, err := base(b.Value)
	if err != nil {
		return nil, s.errore(b, "la base %q non c'è", b.Value)
	}
	sotto, err := apri(testo, base, livello+1, b.Value)
	if err != nil {
		return nil, err
	}
	for n, f := range sotto.file {
		s.file[n] = f
	}
	togli(s.radice, "base")
	for _, k := range []string{"modello", "regolamento", "versione", "titolo"} { // they name the base itself
		togli(sotto.radice, k)
	}
	if s.radice, err = s.unisci(sotto.radice, s.radice); err != nil {
		return nil, err
	}
	return s, nil
}

// leggi parses one file. nome marks its nodes; empty for the file of the caller.
func (s *sorgente) leggi(src []byte, nome string) error {
	if len(src) > maxByte {
		return fmt.Errorf("riga 1: il file supera %d KB", maxByte>>10)
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc, altro yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return erroreYAML(err)
	}
	if dec.Decode(&altro) == nil {
		return fmt.Errorf("riga %d: un file contiene un solo regolamento", altro.Line)
	}
	s.radice = doc.Content[0]
	return s.controlla(s.radice, nome, 0)
}

// erroreYAML says in Italian where the parser stopped.
func erroreYAML(err error) error {
	if err == nil {
		return errors.New("riga 1: il file deve essere una mappa YAML di chiavi e valori")
	}
	riga := "1"
	if _, dopo, ok := strings.Cut(err.Error(), "line "); ok {
		riga, _, _ = strings.Cut(dopo, ":")
	}
	return fmt.Errorf("riga %s: il file non è YAML corretto: controlla rientri, due punti e parentesi", riga)
}

// controlla refuses what the language has no use for: aliases, tags, repeated
// keys, deep nesting.
func (s *sorgente) controlla(n *yaml.Node, nome string, fondo int) error {
	if nome != "" {
		s.file[n] = nome
	}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return s.errore(n, "riferimenti (& e *) non ammessi: scrivi il valore per esteso")
	case fondo > maxFondo:
		return s.errore(n, "troppi livelli uno dentro l'altro")
	}
	viste := map[string]bool{}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if c.Kind != yaml.ScalarNode || c.Value == "" || c.Tag == "!!merge" {
				return s.errore(c, "chiave non ammessa")
			}
			if viste[c.Value] {
				return s.errore(c, "la chiave %q c'è due volte", c.Value)
			}
			viste[c.Value] = true
		}
		if err := s.controlla(c, nome, fondo+1); err != nil {
			return err
		}
	}
	return nil
}

// unisci lays sopra over sotto: maps merge by key, lists and scalars are
// replaced whole, ~ deletes. The keys of sopra come first, in its order.
func (s *sorgente) unisci(sotto, sopra *yaml.Node) (*yaml.Node, error) {
	out := *sopra
	out.Content = nil
	s.file[&out] = s.file[sopra]
	for i := 0; i < len(sopra.Content); i += 2 {
		k, v := sopra.Content[i], sopra.Content[i+1]
		b := valore(sotto, k.Value)
		switch {
		case nullo(v) && b == nil:
			return nil, s.errore(k, "la base non ha %q da togliere%s", k.Value, forse(k.Value, chiavi(sotto)))
		case nullo(v):
			continue
		case b != nil && b.Kind == yaml.MappingNode && v.Kind == yaml.MappingNode:
			u, err := s.unisci(b, v)
			if err != nil {
				return nil, err
			}
			v = u
		}
		out.Content = append(out.Content, k, v)
	}
	for i := 0; i < len(sotto.Content); i += 2 {
		if valore(sopra, sotto.Content[i].Value) == nil {
			out.Content = append(out.Content, sotto.Content[i], sotto.Content[i+1])
		}
	}
	return &out, nil
}

func nullo(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// valore is the value of a key of a map, nil if it is not there.
func valore(m *yaml.Node, chiave string) *yaml.Node {
	if m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == chiave {
			return m.Content[i+1]
		}
	}
	return nil
}

func togli(m *yaml.Node, chiave string) {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == chiave {
			m.Content = append(m.Content[:i:i], m.Content[i+2:]...)
			return
		}
	}
}

func chiavi(m *yaml.Node) []string {
	var out []string
	for i := 0; i+1 < len(m.Content); i += 2 {
		out = append(out, m.Content[i].Value)
	}
	return out
}

// canonico writes the tree as compact JSON, keys in the order of the document,
// since the order of acts is what a person sees.
func canonico(b *bytes.Buffer, n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for i := 0; i < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			stringa(b, n.Content[i].Value)
			b.WriteByte(':')
			canonico(b, n.Content[i+1])
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, c := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			canonico(b, c)
		}
		b.WriteByte(']')
	default:
		switch n.ShortTag() {
		case "!!int":
			var i int
			_ = n.Decode(&i) // the strict reading has already done it
			b.WriteString(strconv.Itoa(i))
		case "!!bool":
			b.WriteString(strconv.FormatBool(strings.EqualFold(n.Value, "true")))
		default:
			stringa(b, n.Value)
		}
	}
}

func stringa(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string cannot fail
	b.Truncate(b.Len() - 1)
}
