package pratica

import (
	"slices"
	"strings"

	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// parole are the searchable words of what was written, as tokens that nobody reads
// without the key of their year: 8 bytes each, in growing order. A compartment of
// members keeps none: who sent it a text of his own could read those of all the others
// in them.
type parole struct {
	testo   string
	termini []string
	chiave  *vault.Tokenizer
	gettoni []byte
}

// paroleDi are the words of texts, and of who the report speaks of.
func paroleDi(seg *Segnalazione, bb []brano) parole {
	var p parole
	if seg != nil {
		p.termini = termini(*seg)
	}
	p.testo = corpi(bb)
	return p
}

// corpi are texts as one.
func corpi(bb []brano) string {
	if len(bb) == 1 {
		return bb[0].corpo
	}
	var t []string
	for _, b := range bb {
		t = append(t, b.corpo)
	}
	return strings.Join(t, "\n")
}

// parole are the words of an act.
func (d detto) parole(def *regolamento.DefAtto) parole { return paroleDi(d.seg, d.brani(def, 0)) }

func (p *parole) vuote() bool { return p.testo == "" && len(p.termini) == 0 }

// scrivi makes the tokens under a key, unless they are.
func (p *parole) scrivi(t *vault.Tokenizer) []byte {
	if p.chiave != t {
		g := t.Testo(p.testo, slices.Clone(p.termini))
		p.chiave, p.gettoni = t, make([]byte, 0, 8*len(g))
		for _, x := range g {
			p.gettoni = append(p.gettoni, x[:]...)
		}
	}
	return p.gettoni
}

// gettoni makes the tokens of words of a year under its newest key. A transaction asks
// again: midnight may have passed since, or the key have changed.
func (s *Servizio) gettoni(ente string, anno int, p *parole) ([]byte, error) {
	t, err := s.Parole.For(comparto(ente), anno)
	if err != nil {
		return nil, err
	}
	return p.scrivi(t), nil
}

// indicizza leaves the words of an act in the index of its case. They are under the
// key of the year in which the case was registered.
func (s *Servizio) indicizza(tx Tx, h Testa, p *parole) error {
	if p.vuote() || DeiMembri(h.Registro) {
		return nil
	}
	g, err := s.gettoni(h.Ente, h.Anno, p)
	if err == nil {
		tx.Index(h.N, h.Anno, g)
	}
	return err
}

// comparto names the compartment whose readers may search an ente's URP cases.
func comparto(ente string) string { return "urp-" + ente }

// Domande turns searched words into the tokens of each year that may hold them.
func (s *Servizio) Domande(ente string, r Ricerca, dalAnno int) ([]Domanda, error) {
	anni, err := s.Parole.Years(comparto(ente))
	if err != nil {
		return nil, err
	}
	var out []Domanda
	for _, y := range slices.Backward(anni) {
		if y.Anno >= dalAnno {
			out = append(out, r.gettoni(y))
		}
	}
	if len(out) == 0 { // no case yet: a search of nothing finds nothing, it does not list all
		out = []Domanda{{s.Oggi().Year(), []Gruppo{{Voci: [][]vault.Gettone{make([]vault.Gettone, 1)}}}}}
	}
	return out, nil
}
