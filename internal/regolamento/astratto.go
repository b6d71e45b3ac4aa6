package regolamento

import (
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"tutela/internal/day"
)

// Check runs the engine itself on states without dates. What stays of a state is
// what a guard or a property can read: the phase, the attributes, the acts that
// guards count (no higher than they count), and for each term whether it is due,
// suspended, and past if some `entro` asks. Two addressees stand for many, and
// which of the two is which does not matter.

// chiave is an abstract state, packed.
type chiave [4]uint64

const bitChiave = 4 * 64

// oggi is the day of every act in the abstract run. A term whose start is zero
// instead is past: the engine copies the start and never reads it.
const oggi day.Date = 1

// Two addressees stand for many.
var destinatariAstratti = [2]string{"A", "B"}

// astrazione knows which bits of a chiave hold what.
type astrazione struct {
	r      *Regolamento
	fasi   []string
	attr   []attrAstratto
	fatti  []fattoAstratto
	tardi  []bool   // by term: some `entro` reads whether it is past
	chiede []string // the acts that others answer

	fermi int // bits of attributes and facts, which come first
	largo int // bits of the part that is not about addressees
	uno   int // bits of one addressee

	tocca map[*DefAtto]tocco
}

// tocco is which attributes and facts an act may change, by their place in the astrazione.
type tocco struct{ attr, fatti []int }

type attrAstratto struct {
	nome   string
	valori []string // valori[0] is "": not set
	posto  penna
}

type fattoAstratto struct {
	nome  string
	tetto int // above it, no guard sees a difference
	posto penna
}

func (r *Regolamento) astrai() (*astrazione, error) {
	x := &astrazione{r: r, fasi: append([]string{""}, nomi(r.doc.Fasi)...), tardi: make([]bool, len(r.doc.termini))}
	for _, n := range append([]string{"tipo"}, nomi(r.doc.Attributi)...) {
		x.attr = append(x.attr, attrAstratto{nome: n, valori: append([]string{""}, r.valori[n]...)})
	}
	tetti := map[string]int{}
	for _, d := range r.doc.atti {
		for _, k := range slices.Concat(d.Dopo, d.Mai) {
			tetti[k] = max(tetti[k], 1)
		}
		tetti[d.Nome] = max(tetti[d.Nome], d.Volte)
		if d.Entro != "" {
			x.tardi[r.termini[d.Entro].indice] = true
		}
		if d.Risponde != "" && !slices.Contains(x.chiede, d.Risponde) {
			x.chiede = append(x.chiede, d.Risponde)
		}
	}
	for _, d := range r.doc.atti {
		if n := tetti[d.Nome]; n > 0 {
			x.fatti = append(x.fatti, fattoAstratto{nome: d.Nome, tetto: n})
		}
	}
	x.misura()
	if len(r.doc.termini) > 63 || x.uno > 64 || x.largo+2*x.uno > bitChiave {
		return nil, errors.New("troppo grande: troppi termini, attributi o passi da tenere a mente")
	}
	for _, d := range r.doc.atti {
		n := 1
		for i := range d.Pone {
			n = min(n*len(r.scelte(&d.Pone[i])), maxScelte+1)
		}
		if n > maxScelte {
			return nil, fmt.Errorf("troppo grande: l'atto %s sceglie tra più di %d combinazioni", d.Nome, maxScelte)
		}
	}
	return x, nil
}

// maxScelte is how many combinations of values one act may choose among.
const maxScelte = 5000

func (x *astrazione) misura() {
	for i := range x.attr {
		x.attr[i].posto = penna{x.fermi, bits.Len(uint(len(x.attr[i].valori) - 1))}
		x.fermi += x.attr[i].posto.n
	}
	for i := range x.fatti {
		x.fatti[i].posto = penna{x.fermi, bits.Len(uint(x.fatti[i].tetto))}
		x.fermi += x.fatti[i].posto.n
	}
	x.largo = x.fermi + bits.Len(uint(len(x.fasi)-1))
	x.uno = len(x.chiede)
	for _, t := range x.r.doc.termini {
		if t.Per == "" {
			x.largo += 3
		} else {
			x.uno += 3
		}
	}
	x.tocca = map[*DefAtto]tocco{}
	for _, d := range x.r.doc.atti {
		var t tocco
		for i, a := range x.attr {
			if slices.ContainsFunc(d.Pone, func(p Pone) bool { return p.Attributo == a.nome }) {
				t.attr = append(t.attr, i)
			}
		}
		for i, f := range x.fatti {
			if f.nome == d.Nome || slices.Contains(d.Dimentica, f.nome) {
				t.fatti = append(t.fatti, i)
			}
		}
		x.tocca[d] = t
	}
}

// How a term stands, in three bits: 0 not due, else due, with these added.
const (
	termineDovuto  = 1
	termineSospeso = 2
	termineOltre   = 4
)

func (x *astrazione) codiceTermine(t *Termine) uint64 {
	c := uint64(termineDovuto)
	if t.Fine == Sospeso {
		c |= termineSospeso
	}
	if x.tardi[t.Def.indice] && t.Dal.IsZero() {
		c |= termineOltre
	}
	return c
}

func (x *astrazione) termine(t *DefTermine, per string, codice uint64) Termine {
	out := Termine{Regola: t.Nome, Per: per, Giro: 1, Legge: t.Legge(), Dal: oggi, Chi: t.Chi, Fine: Corre, Def: t}
	if codice&termineSospeso != 0 {
		out.Fine = Sospeso
		out.Sospensioni = []day.Intervallo{{Dal: oggi}}
	}
	if codice&termineOltre != 0 {
		out.Dal = 0
	}
	return out
}

// penna writes and reads n bits of a chiave, and goes on.
type penna struct{ pos, n int }

func (p *penna) scrivi(k *chiave, v uint64, n int) {
	p.n = n
	p.metti(k, v)
	p.pos += n
}

func (p *penna) leggi(k *chiave, n int) uint64 {
	p.n = n
	v := p.vedi(k)
	p.pos += n
	return v
}

// metti writes v in place of what is there.
func (p penna) metti(k *chiave, v uint64) {
	if p.n == 0 {
		return
	}
	i, j, m := p.pos/64, p.pos%64, uint64(1)<<p.n-1
	k[i] = k[i]&^(m<<j) | v<<j
	if j+p.n > 64 {
		k[i+1] = k[i+1]&^(m>>(64-j)) | v>>(64-j)
	}
}

func (p penna) vedi(k *chiave) uint64 {
	if p.n == 0 {
		return 0
	}
	i, j := p.pos/64, p.pos%64
	v := k[i] >> j
	if j+p.n > 64 {
		v |= k[i+1] << (64 - j)
	}
	return v & (1<<p.n - 1)
}

// chiude packs a state, forgetting what nothing reads.
func (x *astrazione) chiude(s *Stato) chiave {
	var k chiave
	for i := range x.attr {
		x.chiudeAttr(&k, s, i)
	}
	for i := range x.fatti {
		x.chiudeFatto(&k, s, i)
	}
	x.chiudeResto(&k, s)
	return k
}

// chiudeDopo is chiude for the state that d, nil for none, makes of the one packed in k.
func (x *astrazione) chiudeDopo(k chiave, s *Stato, d *DefAtto) chiave {
	if d != nil {
		t := x.tocca[d]
		for _, i := range t.attr {
			x.chiudeAttr(&k, s, i)
		}
		for _, i := range t.fatti {
			x.chiudeFatto(&k, s, i)
		}
	}
	x.chiudeResto(&k, s)
	return k
}

func (x *astrazione) chiudeAttr(k *chiave, s *Stato, i int) {
	a := &x.attr[i]
	a.posto.metti(k, uint64(slices.Index(a.valori, s.Attr[a.nome])))
}

func (x *astrazione) chiudeFatto(k *chiave, s *Stato, i int) {
	f := &x.fatti[i]
	f.posto.metti(k, uint64(min(s.Fatti[f.nome], f.tetto)))
}

// chiudeResto packs the phase, the terms and the addressees.
func (x *astrazione) chiudeResto(k *chiave, s *Stato) {
	p := penna{pos: x.fermi}
	p.scrivi(k, uint64(slices.Index(x.fasi, s.Fase)), bits.Len(uint(len(x.fasi)-1)))
	for _, t := range x.r.doc.termini {
		if t.Per == "" {
			p.scrivi(k, x.cerca(s, t, ""), 3)
		}
	}
	a, b := x.destinatario(s, destinatariAstratti[0]), x.destinatario(s, destinatariAstratti[1])
	p.scrivi(k, min(a, b), x.uno)
	p.scrivi(k, max(a, b), x.uno)
}

func (x *astrazione) cerca(s *Stato, d *DefTermine, per string) uint64 {
	for i := range s.Termini {
		if t := &s.Termini[i]; t.Def == d && t.Per == per && t.aperto() {
			return x.codiceTermine(t)
		}
	}
	return 0
}

func (x *astrazione) destinatario(s *Stato, u string) uint64 {
	var v uint64
	n := 0
	for _, k := range x.chiede {
		if s.attende(k, u) {
			v |= 1 << n
		}
		n++
	}
	for _, t := range x.r.doc.termini {
		if t.Per != "" {
			v |= x.cerca(s, t, u) << n
			n += 3
		}
	}
	return v
}

// apre unpacks k into s, whose maps and slices are used again.
func (x *astrazione) apre(k chiave, s *Stato) {
	s.Seq, s.Termini, s.Destinatari = 0, s.Termini[:0], s.Destinatari[:0]
	for i := range x.attr {
		a := &x.attr[i]
		if v := a.valori[a.posto.vedi(&k)]; v != "" {
			s.Attr[a.nome] = v
		} else {
			delete(s.Attr, a.nome)
		}
	}
	clear(s.Fatti)
	for i := range x.fatti {
		f := &x.fatti[i]
		if n := f.posto.vedi(&k); n > 0 {
			s.Fatti[f.nome] = int(n)
		}
	}
	p := penna{pos: x.fermi}
	s.Fase = x.fasi[p.leggi(&k, bits.Len(uint(len(x.fasi)-1)))]
	for _, t := range x.r.doc.termini {
		if t.Per == "" {
			if c := p.leggi(&k, 3); c > 0 {
				s.Termini = append(s.Termini, x.termine(t, "", c))
			}
		}
	}
	for _, u := range destinatariAstratti {
		x.apreDestinatario(&k, &p, s, u)
	}
	s.nascondi()
}

func (x *astrazione) apreDestinatario(k *chiave, p *penna, s *Stato, u string) {
	for _, atto := range x.chiede {
		if p.leggi(k, 1) > 0 {
			s.Destinatari = append(s.Destinatari, Destinatario{Unita: u, Atto: atto, Il: oggi})
		}
	}
	for _, t := range x.r.doc.termini {
		if t.Per != "" {
			if c := p.leggi(k, 3); c > 0 {
				s.Termini = append(s.Termini, x.termine(t, u, c))
			}
		}
	}
}

// copia makes dopo a copy of s that m may change; its maps and slices are used
// again. If dopo was made of s by the same act, ancora, only what that act changes is
// set back.
func copia(dopo, s *Stato, m *mossa, attr Attr, ancora bool) {
	dopo.Seq, dopo.Fase, dopo.Attr = 0, s.Fase, s.Attr
	if m.d != nil && len(m.d.Pone) > 0 {
		dopo.Attr = attr
	}
	if ancora {
		dopo.Fatti[m.d.Nome] = s.Fatti[m.d.Nome]
		for i := range m.d.Pone {
			a := m.d.Pone[i].Attributo
			dopo.Attr[a] = s.Attr[a]
		}
	} else {
		clear(dopo.Fatti)
		maps.Copy(dopo.Fatti, s.Fatti)
		if m.d != nil && len(m.d.Pone) > 0 {
			clear(attr)
			maps.Copy(attr, s.Attr)
		}
	}
	dopo.Termini = append(dopo.Termini[:0], s.Termini...)
	for i := range dopo.Termini {
		dopo.Termini[i].Sospensioni = slices.Clone(dopo.Termini[i].Sospensioni)
	}
	dopo.Destinatari = append(dopo.Destinatari[:0], s.Destinatari...)
}

// mossa is one thing that can happen: an act with its choices, or a term that
// passes its date.
type mossa struct {
	d      *DefAtto
	a      Atto
	scade  *DefTermine // instead of an act
	ferma  bool        // it leaves every abstract state as it is
	parola string
}

// mosse are all the moves, those of one act next to each other.
func (x *astrazione) mosse() []mossa {
	var out []mossa
	for _, d := range x.r.doc.atti {
		for _, pone := range x.scelte(d.Pone) {
			for _, m := range varianti(d) {
				m.d, m.a.Kind, m.a.Seq, m.a.Giorno, m.a.Pone = d, d.Nome, 1, oggi, pone
				m.parola = d.Nome + parolaScelte(d, pone) + m.parola
				out = append(out, m)
			}
		}
	}
	for i := range out {
		out[i].ferma = x.ferma(out[i].d)
	}
	for i, t := range x.r.doc.termini {
		per := []string{""}
		if t.Per != "" {
			per = destinatariAstratti[:]
		}
		for _, u := range per {
			if x.tardi[i] {
				out = append(out, mossa{scade: t, a: Atto{Per: u}, parola: "[scade " + t.Nome + parolaPer(u) + "]"})
			}
		}
	}
	return out
}

// ferma reports whether an act touches nothing that a guard or a property reads.
func (x *astrazione) ferma(d *DefAtto) bool {
	contato := slices.ContainsFunc(x.fatti, func(f fattoAstratto) bool { return f.nome == d.Nome })
	return !contato && len(d.Pone) == 0 && len(d.Dimentica) == 0 && len(d.effetti) == 0 &&
		d.Fase == "" && d.Destinatari == "" && d.Risponde == ""
}

// scelte are all the combinations of the values that an act may choose.
func (x *astrazione) scelte(ponendi Ponendi) []Attr {
	out := []Attr{{}}
	for i := range ponendi {
		p := &ponendi[i]
		if !p.Chiesto() {
			continue
		}
		var piu []Attr
		for _, a := range out {
			for _, v := range x.r.scelte(p) {
				b := a.clone()
				b[p.Attributo] = v
				piu = append(piu, b)
			}
		}
		out = piu
	}
	return out
}

// varianti are the addressees that an act may name.
func varianti(d *DefAtto) []mossa {
	a, b := destinatariAstratti[0], destinatariAstratti[1]
	switch {
	case d.Destinatari != "":
		return []mossa{
			{a: Atto{Destinatari: []string{a}}, parola: parolaPer(a)},
			{a: Atto{Destinatari: []string{b}}, parola: parolaPer(b)},
			{a: Atto{Destinatari: []string{a, b}}, parola: parolaPer(a + " e " + b)},
		}
	case d.Risponde != "":
		return []mossa{{a: Atto{Per: a}, parola: parolaPer(a)}, {a: Atto{Per: b}, parola: parolaPer(b)}}
	}
	return []mossa{{}}
}

func parolaPer(u string) string {
	if u == "" {
		return ""
	}
	return " (" + u + ")"
}

func parolaScelte(d *DefAtto, a Attr) string {
	s := ""
	for _, p := range d.Pone {
		if v := a[p.Attributo]; v != "" {
			if s != "" {
				s += ", "
			}
			s += v
		}
	}
	if s == "" {
		return ""
	}
	return fmt.Sprintf(" {%s}", s)
}
