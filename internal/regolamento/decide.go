package regolamento

import (
	"slices"

	"tutela/internal/day"
)

// Proposta is an act that somebody would do.
type Proposta struct {
	Atto
	Campi map[string]bool // the fields that are filled in
}

// Esito says whether an act may be done, and by which actors. Who these are
// today, and whether this person is one, is not in the regolamento.
type Esito struct {
	Attori []string // empty while the attribute that chooses them is undecided
	Motivi []Motivo // why not; empty if it may be done
	Def    *DefAtto // nil if there is no such kind of act
}

// Ammesso reports whether nothing stands in the way.
func (e Esito) Ammesso() bool { return len(e.Motivi) == 0 }

// Decide says whether p may be done in s: first the guards, then, if they hold,
// whether its data are complete. The day is that of p.
func (r *Regolamento) Decide(cal *day.Calendario, s Stato, p Proposta) Esito {
	d := r.atti[p.Kind]
	if d == nil {
		return Esito{Motivi: []Motivo{{Cosa: MotivoSconosciuto, Nome: p.Kind}}}
	}
	if s.Attr == nil {
		s = r.Iniziale()
	}
	e := r.guardie(cal, &s, d, &p.Atto)
	if d.Risponde != "" && p.Per == "" {
		e.Motivi = append(e.Motivi, r.motivo(MotivoPer, "", d))
	}
	if len(e.Motivi) == 0 {
		e.Motivi = r.dati(&s, d, &p)
	}
	return e
}

// Allowed is Decide for every kind of act on one day, guards only, in the order
// of the file.
func (r *Regolamento) Allowed(cal *day.Calendario, s Stato, giorno day.Date) []Esito {
	if s.Attr == nil {
		s = r.Iniziale()
	}
	out := make([]Esito, 0, len(r.doc.atti))
	a := Atto{Giorno: giorno}
	for _, d := range r.doc.atti {
		out = append(out, r.guardie(cal, &s, d, &a))
	}
	return out
}

func (r *Regolamento) guardie(cal *day.Calendario, s *Stato, d *DefAtto, a *Atto) Esito {
	e := Esito{Def: d, Attori: d.Chi.attori(s.Attr)}
	oltre := func(t *Termine) bool { return t.oltre(cal, a.Giorno, a.Il) }
	r.ostacoli(s, d, a.Per, oltre, func(m Motivo) bool {
		e.Motivi = append(e.Motivi, m)
		return true
	})
	return e
}

// attori are the actors who may act while the attributes are a.
func (c *Chi) attori(a Attr) []string {
	if c.Attributo == "" {
		return c.Attori
	}
	v := a[c.Attributo]
	for i := range c.Scelta {
		if c.Scelta[i].Attributo == v {
			return c.Scelta[i].Valori
		}
	}
	return nil
}

// ostacoli yields what stands in the way of d in s, until yield returns false.
// per is the addressee who would answer; empty for any. oltre tells whether a
// running term is past: Check knows it without dates.
func (r *Regolamento) ostacoli(s *Stato, d *DefAtto, per string, oltre func(*Termine) bool, yield func(Motivo) bool) {
	no := func(c Causa, nome string) bool { return !yield(r.motivo(c, nome, d)) }
	if d.Apre != (s.Fase == "") && no(MotivoApre, "") {
		return
	}
	if len(d.fasi) > 0 && s.Fase != "" && !slices.Contains(d.fasi, s.Fase) && no(MotivoFase, "") {
		return
	}
	for i := range d.Se {
		if c := &d.Se[i]; !slices.Contains(c.Valori, s.Attr[c.Attributo]) && no(MotivoSe, c.Attributo) {
			return
		}
	}
	for _, k := range d.Dopo {
		if s.Fatti[k] == 0 && no(MotivoDopo, k) {
			return
		}
	}
	for _, k := range d.Mai {
		if s.Fatti[k] > 0 && no(MotivoMai, k) {
			return
		}
	}
	if d.Volte > 0 && s.Fatti[d.Nome] >= d.Volte && no(MotivoVolte, "") {
		return
	}
	if d.Corre != "" && !s.corre(d.Corre, per, nil) && no(MotivoCorre, d.Corre) {
		return
	}
	if d.Entro != "" && !s.corre(d.Entro, per, oltre) && no(MotivoEntro, d.Entro) {
		return
	}
	if d.Risponde != "" && !s.attende(d.Risponde, per) && no(MotivoRisponde, d.Risponde) {
		return
	}
	if d.Chi.Attributo != "" && len(d.Chi.attori(s.Attr)) == 0 && no(MotivoScelta, d.Chi.Attributo) {
		return
	}
}

// corre reports whether a term is due, for the addressee per or for any if it is
// empty, and not past.
func (s *Stato) corre(regola, per string, oltre func(*Termine) bool) bool {
	for i := range s.Termini {
		t := &s.Termini[i]
		if t.Regola == regola && t.Dovuto() && (per == "" || t.Per == "" || t.Per == per) && (oltre == nil || !oltre(t)) {
			return true
		}
	}
	return false
}

// attende reports whether an addressee (per, or any if it is empty) was asked by
// an act of kind k and has not answered.
func (s *Stato) attende(k, per string) bool {
	for i := range s.Destinatari {
		x := &s.Destinatari[i]
		if x.Atto == k && x.Risposto.IsZero() && (per == "" || x.Unita == per) {
			return true
		}
	}
	return false
}

// vietato is the first row of `vieta` that the attributes match, -1 if none.
func (r *Regolamento) vietato(a Attr) int {
	for i, riga := range r.doc.Vieta {
		if riga.valgono(a) {
			return i
		}
	}
	return -1
}

// dati checks what p brings: attributes, addressees, days, fields.
func (r *Regolamento) dati(s *Stato, d *DefAtto, p *Proposta) []Motivo {
	var out []Motivo
	no := func(c Causa, nome string) { out = append(out, r.motivo(c, nome, d)) }
	dopo := s.Attr.clone()
	for i := range d.Pone {
		x := &d.Pone[i]
		switch v := x.valore(p.Pone); {
		case v == "":
			no(MotivoServe, x.Attributo)
		case !slices.Contains(r.scelte(x), v):
			no(MotivoValore, x.Attributo)
		default:
			dopo[x.Attributo] = v
		}
	}
	if riga := r.vietato(dopo); riga >= 0 && len(d.Pone) > 0 && len(out) == 0 {
		m := r.motivo(MotivoVieta, "", d)
		m.riga = riga
		out = append(out, m)
	}
	if d.Destinatari != "" && len(p.Destinatari) == 0 {
		no(MotivoServe, d.Destinatari)
	}
	for _, c := range d.Serve {
		if !p.Campi[c] && c != d.Destinatari {
			no(MotivoServe, c)
		}
	}
	for i := range d.effetti {
		if e := &d.effetti[i]; e.cosa == proroga && (p.Giorni < 0 || p.Giorni > e.def.Proroga.Giorni) {
			no(MotivoGiorni, e.def.Nome)
		}
	}
	return out
}

// scelte are the values that p may set.
func (r *Regolamento) scelte(p *Pone) []string {
	switch {
	case p.Fisso != "":
		return []string{p.Fisso}
	case len(p.Valori) > 0:
		return p.Valori
	}
	return r.valori[p.Attributo]
}
