package regolamento

import (
	"slices"
	"time"

	"tutela/internal/day"
)

// Fine says how a term stands.
type Fine string

// How a term stands.
const (
	Corre     Fine = "corre"
	Sospeso   Fine = "sospeso"
	Adempiuto Fine = "adempiuto" // met, on time or late
	Decaduto  Fine = "decaduto"  // no longer owed; not counted as met
)

// Termine is a term of a case: a rule, an addressee if it is per addressee, and
// a turn. Its date is not kept: Scadenza counts it.
type Termine struct {
	Regola      string // name of the rule
	Per         string // id of the addressee; empty if the term is the case's
	Giro        int    // 1, and one more each time it starts again after an end
	Legge       bool   // the law's own term: shown, never drives the work list
	Dal         day.Date
	DalIl       time.Time // instant of the start (UTC), for terms in hours
	Giorni      int
	Ore         int // instead of Giorni; 0 if the term is in days
	Concessi    int // days granted by extensions
	Massimo     int // cap on Giorni + Concessi; 0 for none
	Computo     day.Computo
	Sabato      bool // Saturday is treated as a holiday
	Sospensioni []day.Intervallo
	Chi         string // the actor who owes it
	Fine        Fine
	FineIl      day.Date // day on which it ended; zero while due
	Fonte       string   // as people read it
	Nascosto    bool     // its `se` does not hold today: not owed, not shown

	Def *DefTermine `json:"-"` // its rule, shared: do not change it
}

func (d *DefTermine) nuovo(per string, giro int, campo string, a *Atto) Termine {
	dal := a.Giorno
	if g, ok := a.Date[campo]; ok && campo != "" && !g.IsZero() {
		dal = g
	}
	return Termine{
		Regola: d.Nome, Per: per, Giro: giro, Legge: d.Legge(),
		Dal: dal, DalIl: a.Il, Giorni: d.Giorni, Ore: d.Ore, Massimo: d.Proroga.Massimo,
		Computo: d.conto.Computo, Sabato: d.conto.SabatoFestivo,
		Chi: d.Chi, Fine: Corre, Fonte: d.Fonte, Def: d,
	}
}

func (t *Termine) aperto() bool { return t.Fine == Corre || t.Fine == Sospeso }

// Dovuto reports whether the term is due: running or suspended, and not hidden.
func (t Termine) Dovuto() bool { return t.aperto() && !t.Nascosto }

// riguarda reports whether an effect of a is for t. What meets the term of an
// addressee must come from that addressee; other effects, if a names none, are
// for all.
func (t *Termine) riguarda(c cosa, a *Atto) bool {
	return t.Def.Per == "" || t.Per == a.Per || a.Per == "" && c != adempie
}

func (t *Termine) subisce(c cosa, a *Atto) {
	switch c {
	case adempie:
		t.chiudi(Adempiuto, a.Giorno)
	case decade:
		t.chiudi(Decaduto, a.Giorno)
	case sospende:
		if t.Fine == Corre {
			t.Fine = Sospeso
			t.Sospensioni = append(t.Sospensioni, day.Intervallo{Dal: max(a.Giorno, t.Dal)})
		}
	case riprende:
		t.riprendi(a.Giorno)
	case proroga:
		n := t.Def.Proroga.Giorni
		if a.Giorni > 0 {
			n = min(n, a.Giorni)
		}
		t.Concessi += n
	}
}

// riprendi ends a suspension. A resumption dated before it counts as its day.
func (t *Termine) riprendi(il day.Date) {
	if t.Fine != Sospeso {
		return
	}
	t.Fine = Corre
	s := &t.Sospensioni[len(t.Sospensioni)-1]
	s.Al = max(il, s.Dal)
}

// chiudi ends the term. An end dated before the start counts as its day. A
// suspension still open ends with it, so that the date can be counted.
func (t *Termine) chiudi(f Fine, il day.Date) {
	t.riprendi(il)
	t.Fine, t.FineIl = f, max(il, t.Dal)
}

// conto is what the date depends on.
func (t *Termine) conto() day.Conto {
	return day.Conto{
		Dal: t.Dal, Giorni: t.Giorni, Concessi: t.Concessi, Massimo: t.Massimo,
		Computo: t.Computo, SabatoFestivo: t.Sabato, Sospensioni: t.Sospensioni,
	}
}

// senzaConto reports whether the term has no days to count: it is in hours, or of 0
// days, which is the day itself and moves for no holiday. Its date is then the first result.
func (t *Termine) senzaConto() (day.Date, bool) {
	switch {
	case t.Ore > 0:
		return day.In(t.ScadenzaOra()), true
	case t.Giorni == 0:
		return t.Dal, true
	}
	return 0, false
}

// Scadenza is the date of the term with the steps that lead to it. While the
// term is suspended the date is zero and the last step says the days left.
func (t Termine) Scadenza(cal *day.Calendario) (day.Date, []day.Passo) {
	if d, ok := t.senzaConto(); ok {
		return d, []day.Passo{
			{Cosa: day.PassoInizio, Dal: t.Dal, N: t.Giorni, Fonte: t.Fonte},
			{Cosa: day.PassoFine, Dal: d},
		}
	}
	d, passi, err := cal.Count(t.conto())
	if err != nil { // a date that no register accepts: no date is better than a wrong one
		return 0, nil
	}
	return d, passi
}

// Giorno is Scadenza without the steps.
func (t Termine) Giorno(cal *day.Calendario) day.Date {
	if d, ok := t.senzaConto(); ok {
		return d
	}
	d, err := cal.Scadenza(t.conto())
	if err != nil {
		return 0
	}
	return d
}

// ScadenzaOra is the instant (UTC) at which a term in hours ends: the start plus
// the hours, whatever day it is. Zero for a term in days.
func (t Termine) ScadenzaOra() time.Time {
	if t.Ore == 0 {
		return time.Time{}
	}
	return t.DalIl.Add(time.Duration(t.Ore) * time.Hour).UTC()
}

// oltre reports whether giorno, or for a term in hours the instant il, is past
// the end of the term. A suspended term is never past.
func (t *Termine) oltre(cal *day.Calendario, giorno day.Date, il time.Time) bool {
	switch {
	case t.Fine == Sospeso:
		return false
	case t.Ore > 0 && !il.IsZero():
		return il.After(t.ScadenzaOra())
	}
	return giorno > t.Giorno(cal)
}

// Avviso is a notice about a term.
type Avviso struct {
	Giorno  day.Date
	Scarto  int      // days before (-) or after (+) the date, as the rule says
	Scaduto bool     // the notice of the lapse itself, on the day after the date
	Chi     []string // the actors to be told
}

// Avvisi are the notices of the term, in the order of their days; none while it
// has no date. One that falls before the day after the start is dropped.
func (t Termine) Avvisi(cal *day.Calendario) []Avviso {
	fine := t.Giorno(cal)
	if fine.IsZero() || t.Def == nil {
		return nil
	}
	var out []Avviso
	for _, k := range t.Def.Avvisi {
		g := cal.Forward(fine, k, t.Sabato)
		if k <= 0 {
			g = cal.Back(fine, -k, t.Sabato)
		}
		if g > t.Dal {
			out = append(out, Avviso{Giorno: g, Scarto: k, Chi: []string{t.Chi}})
		}
	}
	if len(t.Def.Scaduto.Avvisa) > 0 {
		out = append(out, Avviso{Giorno: fine.Add(1), Scaduto: true, Chi: slices.Clone(t.Def.Scaduto.Avvisa)})
	}
	slices.SortStableFunc(out, func(a, b Avviso) int { return int(a.Giorno) - int(b.Giorno) })
	return out
}

// Prossimo is the term that drives the work list: of those due, not the law's
// own and not suspended, the one with the earliest date. Of two on one day it is
// the one that began first.
func (s Stato) Prossimo(cal *day.Calendario) (t Termine, scadenza day.Date, ok bool) {
	for i := range s.Termini {
		x := &s.Termini[i]
		if !x.Dovuto() || x.Legge || x.Fine == Sospeso {
			continue
		}
		if g := x.Giorno(cal); !g.IsZero() && (!ok || g < scadenza) {
			t, scadenza, ok = *x, g, true
		}
	}
	return t, scadenza, ok
}
