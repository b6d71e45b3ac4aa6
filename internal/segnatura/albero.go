package segnatura

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"tutela/internal/fault"
)

// Bounds of a file that comes from outside.
const (
	MaxFile      = 1 << 20 // bytes
	maxNodi      = 20_000
	maxDentro    = 40 // elements one in the other
	maxAttributi = 64
)

// nodo is an element as it was written, with its prefixes: what is signed are its very
// characters, brought to one form.
type nodo struct {
	prefisso, nome string
	spazio         string
	attributi      []attr
	dichiara       map[string]string // prefix → namespace, declared here
	vede           map[string]string // all that hold here
	figli          []figlio
}

type attr struct{ prefisso, nome, spazio, valore string }

// figlio is an element, or text.
type figlio struct {
	nodo  *nodo
	testo string
}

var errXML = fault.New(fault.Invalid, "Il file non si legge come XML semplice: è troppo grande, rovinato, o ha parti che una segnatura non ha.")

// leggiAlbero reads a file within bounds. It takes no document type, no instruction, no
// entity of its own.
func leggiAlbero(b []byte) (*nodo, error) {
	if len(b) > MaxFile || !utf8.Valid(b) {
		return nil, errXML
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	var aperti []*nodo
	var radice *nodo
	for n := 0; ; n++ {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || n > maxNodi {
			return nil, errXML
		}
		switch t := t.(type) {
		case xml.StartElement:
			x, err := nuovoNodo(t, aperti)
			if err != nil || radice != nil && len(aperti) == 0 || len(aperti) >= maxDentro {
				return nil, errXML
			}
			if radice == nil {
				radice = x
			} else {
				su := aperti[len(aperti)-1]
				su.figli = append(su.figli, figlio{nodo: x})
			}
			aperti = append(aperti, x)
		case xml.EndElement:
			if len(aperti) == 0 || aperti[len(aperti)-1].prefisso != t.Name.Space || aperti[len(aperti)-1].nome != t.Name.Local {
				return nil, errXML
			}
			aperti = aperti[:len(aperti)-1]
		case xml.CharData:
			if len(aperti) > 0 {
				su := aperti[len(aperti)-1]
				su.figli = append(su.figli, figlio{testo: string(t)})
			} else if len(bytes.TrimSpace(t)) > 0 {
				return nil, errXML
			}
		case xml.Comment:
		case xml.ProcInst:
			if t.Target != "xml" || radice != nil {
				return nil, errXML
			}
		default:
			return nil, errXML
		}
	}
	if radice == nil || len(aperti) > 0 {
		return nil, errXML
	}
	return radice, nil
}

func nuovoNodo(t xml.StartElement, aperti []*nodo) (*nodo, error) {
	x := &nodo{prefisso: t.Name.Space, nome: t.Name.Local, dichiara: map[string]string{}, vede: map[string]string{"": "", "xml": "http://www.w3.org/XML/1998/namespace"}}
	if len(aperti) > 0 {
		x.vede = aperti[len(aperti)-1].vede
	}
	if len(t.Attr) > maxAttributi {
		return nil, errXML
	}
	for _, a := range t.Attr {
		p, dichiara := a.Name.Local, a.Name.Space == "xmlns"
		if a.Name.Space == "" && a.Name.Local == "xmlns" {
			p, dichiara = "", true
		}
		if !dichiara {
			x.attributi = append(x.attributi, attr{a.Name.Space, a.Name.Local, "", a.Value})
			continue
		}
		if _, gia := x.dichiara[p]; gia || p == "xml" || p == "xmlns" || p != "" && a.Value == "" {
			return nil, errXML
		}
		x.dichiara[p] = a.Value
	}
	if len(x.dichiara) > 0 {
		x.vede = maps.Clone(x.vede)
		maps.Copy(x.vede, x.dichiara)
	}
	var ok bool
	if x.spazio, ok = x.vede[x.prefisso]; !ok {
		return nil, errXML
	}
	visti := map[string]bool{}
	for i := range x.attributi {
		a := &x.attributi[i]
		if a.prefisso != "" {
			if a.spazio, ok = x.vede[a.prefisso]; !ok {
				return nil, errXML
			}
		}
		if k := a.spazio + " " + a.nome; visti[k] {
			return nil, errXML
		} else {
			visti[k] = true
		}
	}
	return x, nil
}

// canonico is an element by Exclusive XML Canonicalization 1.0, without comments; one
// element under it, if any, is left out.
func (x *nodo) canonico(senza *nodo) []byte {
	var b strings.Builder
	x.canonica(&b, senza, map[string]string{})
	return []byte(b.String())
}

func (x *nodo) canonica(b *strings.Builder, senza *nodo, resi map[string]string) {
	usati := []string{x.prefisso}
	for _, a := range x.attributi {
		if a.prefisso != "" && a.prefisso != "xml" {
			usati = append(usati, a.prefisso)
		}
	}
	slices.Sort(usati)
	nome := conPrefisso(x.prefisso, x.nome)
	b.WriteString("<" + nome)
	copiati := false
	for _, p := range slices.Compact(usati) {
		if resi[p] == x.vede[p] {
			continue
		}
		if !copiati {
			resi, copiati = maps.Clone(resi), true
		}
		resi[p] = x.vede[p]
		b.WriteString(" " + strings.TrimSuffix("xmlns:"+p, ":") + `="` + attributo(x.vede[p]) + `"`)
	}
	attributi := slices.Clone(x.attributi)
	slices.SortFunc(attributi, func(a, c attr) int {
		if n := strings.Compare(a.spazio, c.spazio); n != 0 {
			return n
		}
		return strings.Compare(a.nome, c.nome)
	})
	for _, a := range attributi {
		b.WriteString(" " + conPrefisso(a.prefisso, a.nome) + `="` + attributo(a.valore) + `"`)
	}
	b.WriteString(">")
	for _, f := range x.figli {
		switch {
		case f.nodo == nil:
			b.WriteString(testo(f.testo))
		case f.nodo != senza:
			f.nodo.canonica(b, senza, resi)
		}
	}
	b.WriteString("</" + nome + ">")
}

func conPrefisso(p, nome string) string {
	if p == "" {
		return nome
	}
	return p + ":" + nome
}

var (
	inTesto     = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	inAttributo = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;")
)

// testo and attributo write characters as the canonical form has them.
func testo(t string) string     { return inTesto.Replace(t) }
func attributo(t string) string { return inAttributo.Replace(t) }

// figlio is the one child of that name, nil for none or more.
func (x *nodo) figlio(spazio, nome string) *nodo {
	if x == nil {
		return nil
	}
	if f := x.figliDi(spazio, nome); len(f) == 1 {
		return f[0]
	}
	return nil
}

func (x *nodo) figliDi(spazio, nome string) []*nodo {
	var out []*nodo
	if x == nil {
		return nil
	}
	for _, f := range x.figli {
		if f.nodo != nil && f.nodo.spazio == spazio && f.nodo.nome == nome {
			out = append(out, f.nodo)
		}
	}
	return out
}

// valore is the text of an element, without that of those in it.
func (x *nodo) valore() string {
	var b strings.Builder
	if x != nil {
		for _, f := range x.figli {
			b.WriteString(f.testo)
		}
	}
	return b.String()
}

// attributo is the value of an attribute of the element's own: without a prefix, or, as the
// schema of the segnatura has them, with that of its elements.
func (x *nodo) attributo(nome string) string {
	if x != nil {
		for _, a := range x.attributi {
			if a.nome == nome && (a.spazio == "" || a.spazio == Spazio && x.spazio == Spazio) {
				return a.valore
			}
		}
	}
	return ""
}
