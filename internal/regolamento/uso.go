package regolamento

import "slices"

// DefSuggerimento says when an act is proposed as the next step: the work lists
// and the panel "Prossimo passo" know no order but this one.
type DefSuggerimento struct {
	Ordine  int      `yaml:"ordine"`  // smaller first; 0: never proposed
	Dopo    []string `yaml:"dopo"`    // proposed once each of these is done
	Scaduto string   `yaml:"scaduto"` // proposed only once a term of this rule is late
	Gruppo  string   `yaml:"gruppo"`  // the view of the work list where it waits
}

// Vietato reports whether the rules forbid these attributes together.
func (r *Regolamento) Vietato(a Attr) bool { return r.vietato(a) >= 0 }

// Tutti are all the actors who may ever do the act, whatever the attributes.
func (c Chi) Tutti() []string {
	out := slices.Clone(c.Attori)
	for _, s := range c.Scelta {
		out = append(out, s.Valori...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Fasi are the phases in which the act may be done, groups resolved; empty for
// any. Callers do not write to it.
func (d *DefAtto) Fasi() []string { return d.fasi }

// PerCittadino reports whether the citizen may do the act too: what is written
// in it is then his to read.
func (d *DefAtto) PerCittadino() bool { return slices.Contains(d.Chi.Attori, AttoreCittadino) }
