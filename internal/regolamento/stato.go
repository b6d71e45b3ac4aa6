package regolamento

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"tutela/internal/day"
)

// Attr are attributes of a case and their values: tipo, autore, natura…
type Attr map[string]string

func (a Attr) clone() Attr { return maps.Clone(a) }

// Fatti is how many times each kind of act counts for the guards: done, and not
// forgotten since.
type Fatti map[string]int

// Atto is what the fold reads of an act: clear metadata only.
type Atto struct {
	Seq         int       // 1 for the act that opens the case, then one more each
	Kind        string    // the kind of act in the regolamento
	Giorno      day.Date  // the day on which it counts
	Il          time.Time // the instant recorded (UTC); read only by terms in hours
	Pone        Attr      // values chosen for the attributes that its kind sets
	Destinatari []string  // ids of the units asked, for kinds with `destinatari`
	Per         string    // the unit that answers, for kinds with `risponde`
	Giorni      int       // days granted, for a kind that extends a term
	Date        map[string]day.Date
}

// Stato is where a case stands. It is derived: never stored as the truth.
type Stato struct {
	Fase        string // empty before the first act
	Attr        Attr
	Fatti       Fatti
	Termini     []Termine // in the order in which they began; hidden and ended ones too
	Destinatari []Destinatario
	Seq         int // of the last act
}

// Destinatario is a unit that was asked.
type Destinatario struct {
	Unita    string
	Atto     string // the kind of act that asked
	Il       day.Date
	Risposto day.Date // zero while it has not answered
}

// Fold is the state after atti, which are all the acts of a case in the order of
// Seq. Guards are not checked again. It fails only for a broken record: an
// unknown kind, a gap in Seq, a value that is not in its list.
func (r *Regolamento) Fold(cal *day.Calendario, atti []Atto) (Stato, error) {
	s := r.Iniziale()
	for i := range atti {
		if err := r.applica(&s, &atti[i]); err != nil {
			return Stato{}, err
		}
	}
	return s, nil
}

// Iniziale is the state of a case without acts.
func (r *Regolamento) Iniziale() Stato {
	return Stato{Attr: r.Predefiniti(), Fatti: make(Fatti, 8), Termini: make([]Termine, 0, 8)}
}

// Apply is the state after one more act; s is left as it was.
func (r *Regolamento) Apply(cal *day.Calendario, s Stato, a Atto) (Stato, error) {
	if s.Attr == nil {
		s = r.Iniziale()
	} else {
		s = s.clone()
	}
	if err := r.applica(&s, &a); err != nil {
		return Stato{}, err
	}
	return s, nil
}

func (s Stato) clone() Stato {
	s.Attr, s.Fatti = s.Attr.clone(), maps.Clone(s.Fatti)
	s.Termini, s.Destinatari = slices.Clone(s.Termini), slices.Clone(s.Destinatari)
	for i := range s.Termini {
		s.Termini[i].Sospensioni = slices.Clone(s.Termini[i].Sospensioni)
	}
	return s
}

// applica changes s by the effects of a, in their order: attributes, count of
// the act, acts forgotten, addressees, terms, phase.
func (r *Regolamento) applica(s *Stato, a *Atto) error {
	d := r.atti[a.Kind]
	if d == nil {
		return fmt.Errorf("regolamento %s: act %d is of an unknown kind", r.Nome(), a.Seq)
	}
	if a.Seq != s.Seq+1 {
		return fmt.Errorf("regolamento %s: act %d follows act %d", r.Nome(), a.Seq, s.Seq)
	}
	s.Seq = a.Seq
	if err := r.poni(s.Attr, d, a); err != nil {
		return err
	}
	s.Fatti[d.Nome]++
	for _, k := range d.Dimentica {
		delete(s.Fatti, k)
	}
	s.destinatari(d, a)
	for i := range d.effetti {
		s.effetto(&d.effetti[i], a)
	}
	if d.Fase != "" {
		s.Fase = d.Fase
		if r.fasi[d.Fase].Doveri != "" {
			s.decadonoTutti(a.Giorno)
		}
	}
	if len(d.Pone) > 0 || len(d.effetti) > 0 {
		s.nascondi()
	}
	return nil
}

// poni sets the attributes of a. An asked value left out, without a default,
// leaves what is there.
func (r *Regolamento) poni(attr Attr, d *DefAtto, a *Atto) error {
	for i := range d.Pone {
		p := &d.Pone[i]
		v := p.valore(a.Pone)
		if v == "" {
			continue
		}
		if v != p.Fisso && !slices.Contains(r.valori[p.Attributo], v) {
			return fmt.Errorf("regolamento %s: act %d gives %q an unknown value", r.Nome(), a.Seq, p.Attributo)
		}
		attr[p.Attributo] = v
	}
	return nil
}

// valore is what p sets, given what was chosen; empty if nothing.
func (p *Pone) valore(scelti Attr) string {
	if p.Fisso != "" {
		return p.Fisso
	}
	if v := scelti[p.Attributo]; v != "" {
		return v
	}
	return p.Predefinito
}

func (s *Stato) destinatari(d *DefAtto, a *Atto) {
	if d.Destinatari != "" {
		for _, u := range a.Destinatari {
			if x := s.chiesto(u, d.Nome); x != nil {
				x.Il, x.Risposto = a.Giorno, 0
			} else {
				s.Destinatari = append(s.Destinatari, Destinatario{Unita: u, Atto: d.Nome, Il: a.Giorno})
			}
		}
	}
	if d.Risponde != "" {
		if x := s.chiesto(a.Per, d.Risponde); x != nil {
			x.Risposto = a.Giorno
		}
	}
}

// chiesto is the addressee u of acts of kind k, nil if it was never asked.
func (s *Stato) chiesto(u, k string) *Destinatario {
	for i := range s.Destinatari {
		if x := &s.Destinatari[i]; x.Unita == u && x.Atto == k {
			return x
		}
	}
	return nil
}

func (s *Stato) effetto(e *effetto, a *Atto) {
	if e.cosa != inizia {
		for i := range s.Termini {
			if t := &s.Termini[i]; t.Def == e.def && t.aperto() && t.riguarda(e.cosa, a) {
				t.subisce(e.cosa, a)
			}
		}
		return
	}
	if e.def.Per == "" {
		s.inizia(e, a, "")
		return
	}
	for _, u := range a.Destinatari {
		s.inizia(e, a, u)
	}
}

// inizia starts a term if it is not due, or is hidden. A start after an end is a
// new turn.
func (s *Stato) inizia(e *effetto, a *Atto, per string) {
	var ultimo *Termine
	for i := range s.Termini {
		if t := &s.Termini[i]; t.Def == e.def && t.Per == per {
			ultimo = t
		}
	}
	switch {
	case ultimo == nil:
		s.Termini = append(s.Termini, e.def.nuovo(per, 1, e.campo, a))
	case !ultimo.aperto():
		s.Termini = append(s.Termini, e.def.nuovo(per, ultimo.Giro+1, e.campo, a))
	case ultimo.Nascosto:
		*ultimo = e.def.nuovo(per, ultimo.Giro, e.campo, a)
	}
}

func (s *Stato) decadonoTutti(il day.Date) {
	for i := range s.Termini {
		if t := &s.Termini[i]; t.aperto() {
			t.chiudi(Decaduto, il)
		}
	}
}

// nascondi reads `se` on the attributes of now.
func (s *Stato) nascondi() {
	for i := range s.Termini {
		t := &s.Termini[i]
		t.Nascosto = !t.Def.Se.valgono(s.Attr)
	}
}

// valgono reports whether all conditions hold.
func (c Condizioni) valgono(a Attr) bool {
	for i := range c {
		if !slices.Contains(c[i].Valori, a[c[i].Attributo]) {
			return false
		}
	}
	return true
}
