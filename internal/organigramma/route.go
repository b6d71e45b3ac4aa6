package organigramma

import (
	"fmt"
	"slices"
	"strings"

	"tutela/internal/day"
)

// Ufficio is a unit where a URP of a macrostruttura sits, with what it serves.
type Ufficio struct {
	Unita     string   // id of the unit where it sits; it serves that one too
	Strutture []string // ids of the units it serves, each with all below it
	Presidi   []string // codes of the sites it serves
}

// Percorso is where a report goes, and why.
type Percorso struct {
	Presidio  string   // code of the site; empty if unknown
	Struttura string   // id of the unit concerned; empty if a person must choose it
	Macro     string   // id of its macrostruttura; empty if it has none
	Urp       string   // id of the unit where the competent URP sits; empty is the URP aziendale
	Perche    []string // the choice in Italian, a sentence a step; without the words of who reported
}

// Route says which unit, macrostruttura and URP a report of giorno concerns.
// presidio and unita are keys of the chart, or words as people write them: words
// count only if they are an alias or the whole name of one thing, since a wrong
// guess sends a complaint to who must not read it; Cerca helps a person to choose.
// A unit that does not exist on giorno gives way to its successor. The URP is the
// nearest one that serves the unit or an ancestor; else the only one below the
// unit; else the one that serves the site; else the URP aziendale.
// ref: pga01 4.1, 5.1
func (v *Versione) Route(presidio, unita string, giorno day.Date, uffici []Ufficio) Percorso {
	p := Percorso{}
	v.luogo(&p, presidio, unita, giorno)
	if p.Struttura == "" {
		p.dico("La struttura non si ricava dalle parole usate: va scelta a mano.")
	} else {
		v.aOggi(&p, giorno)
		p.Macro = v.Macrostruttura(p.Struttura, giorno)
		if u := v.unita[v.perID[p.Struttura]]; p.Presidio == "" && u.Presidio != "" {
			p.Presidio = u.Presidio
			p.dico("Il presidio è quello della struttura: %s.", v.sede(p.Presidio))
		}
		if v.unita[v.perID[p.Struttura]].Ente != "" {
			p.dico("La struttura è di un altro ente.")
		}
		if p.Macro != "" {
			p.dico("La macrostruttura è %s.", v.nome(p.Macro))
		} else {
			p.dico("La struttura non sta sotto un dipartimento o una direzione dell'ente.")
		}
	}
	v.urp(&p, uffici)
	return p
}

func (p *Percorso) dico(formato string, a ...any) {
	p.Perche = append(p.Perche, fmt.Sprintf(formato, a...))
}

func (v *Versione) nome(id string) string { u, _ := v.Unita(id); return "«" + u.Nome + "»" }

func (v *Versione) sede(codice string) string {
	if s, ok := v.Sede(codice); ok {
		return "«" + s.Nome + "»"
	}
	return cita(codice)
}

// luogo finds site and unit: by key, by alias, by whole name.
func (v *Versione) luogo(p *Percorso, presidio, unita string, giorno day.Date) {
	if _, ok := v.perSede[presidio]; ok {
		p.Presidio = presidio
	}
	if _, ok := v.perID[unita]; ok {
		p.Struttura = unita
		p.dico("La struttura indicata è %s.", v.nome(unita))
	}
	if a, ok := v.traAlias(presidio, unita); ok {
		if p.Presidio == "" {
			p.Presidio = a.sede
		}
		if p.Struttura == "" && a.id != "" {
			p.Struttura = a.id
			p.dico("Le parole usate per il luogo indicano %s.", v.nome(a.id))
		}
	}
	if p.Presidio == "" {
		if s, ok := v.unaSede(presidio); ok {
			p.Presidio = s
		}
	}
	if p.Presidio != "" {
		p.dico("Il presidio è %s.", v.sede(p.Presidio))
	}
	if p.Struttura == "" {
		if id, ok := v.unaUnita(unita, p.Presidio, giorno); ok {
			p.Struttura = id
			p.dico("Il nome indica %s.", v.nome(id))
		}
	}
}

func (v *Versione) traAlias(presidio, unita string) (alias, bool) {
	chiave := chiaveAlias(presidio, unita)
	if a, ok := v.alias[chiave]; ok {
		return a, true
	}
	a, ok := v.aliasPerCodice[chiave]
	return a, ok
}

// unaSede is the site that the words mean alone, as an alias or by its name.
func (v *Versione) unaSede(parole string) (string, bool) {
	if a, ok := v.alias[chiaveAlias(parole, "")]; ok && a.sede != "" {
		return a.sede, true
	}
	if s := v.sediNome[piega(parole)]; len(s) == 1 {
		return v.sedi[s[0]].Codice, true
	}
	return "", false
}

// unaUnita is the unit that bears this very name on giorno; of several, the one at
// the site.
func (v *Versione) unaUnita(parole, presidio string, giorno day.Date) (string, bool) {
	if a, ok := v.alias[chiaveAlias("", parole)]; ok && a.id != "" && piega(parole) != "" {
		return a.id, true
	}
	var vive, qui []string
	for _, i := range v.nomi[piega(parole)] {
		u := v.unita[i]
		if !u.Valida(giorno) || u.Ente != "" {
			continue
		}
		vive = append(vive, u.ID)
		if presidio != "" && u.Presidio == presidio {
			qui = append(qui, u.ID)
		}
	}
	switch {
	case len(vive) == 1:
		return vive[0], true
	case len(qui) == 1:
		return qui[0], true
	}
	return "", false
}

// aOggi follows the successors of a unit that does not exist on giorno.
func (v *Versione) aOggi(p *Percorso, giorno day.Date) {
	visti := map[string]bool{}
	for {
		u := v.unita[v.perID[p.Struttura]]
		if u.Valida(giorno) {
			return
		}
		visti[u.ID] = true
		var dopo []Relazione
		for _, r := range v.successori[u.ID] {
			if !slices.ContainsFunc(dopo, func(d Relazione) bool { return d.A == r.A }) {
				dopo = append(dopo, r)
			}
		}
		if len(dopo) != 1 || visti[dopo[0].A] {
			p.dico("Quel giorno %s non è attiva e non ha un solo successore: va controllata.", v.nome(u.ID))
			return
		}
		p.Struttura = dopo[0].A
		p.dico("Quel giorno %s non è attiva: le succede %s.", v.nome(u.ID), v.nome(p.Struttura))
		if dopo[0].Tipo == successioneInferita {
			p.dico("La successione è dedotta dall'organigramma: va confermata.")
		}
	}
}

// urp chooses the URP.
func (v *Versione) urp(p *Percorso, uffici []Ufficio) {
	if p.Struttura != "" {
		for passo, id := range append([]string{p.Struttura}, v.Sopra(p.Struttura)...) {
			chi := filtra(uffici, func(u Ufficio) bool { return u.Unita == id || slices.Contains(u.Strutture, id) })
			if len(chi) == 0 {
				continue
			}
			p.scegli(chi)
			if passo == 0 {
				p.dico("L'URP competente segue questa struttura.")
			} else {
				p.dico("L'URP competente segue %s, che comprende la struttura.", v.nome(id))
			}
			return
		}
		if chi := filtra(uffici, func(u Ufficio) bool { return v.Contiene(p.Struttura, u.Unita) }); len(chi) == 1 {
			p.scegli(chi)
			p.dico("L'URP competente sta sotto la struttura.")
			return
		}
	}
	if chi := p.delPresidio(uffici); len(chi) > 0 {
		p.scegli(chi)
		p.dico("L'URP competente segue il presidio.")
		return
	}
	p.dico("Nessun URP segue questa struttura o questo presidio: decide l'URP aziendale.")
}

func (p *Percorso) delPresidio(uffici []Ufficio) []Ufficio {
	return filtra(uffici, func(u Ufficio) bool { return p.Presidio != "" && slices.Contains(u.Presidi, p.Presidio) })
}

// scegli takes one of the offices that stand equally near: the one that serves
// the site, and then the first by id, so that the choice is always the same.
func (p *Percorso) scegli(chi []Ufficio) {
	if qui := p.delPresidio(chi); len(qui) > 0 {
		chi = qui
	}
	p.Urp = slices.MinFunc(chi, func(a, b Ufficio) int { return strings.Compare(a.Unita, b.Unita) }).Unita
}

func filtra(uffici []Ufficio, tieni func(Ufficio) bool) []Ufficio {
	var si []Ufficio
	for _, u := range uffici {
		if tieni(u) {
			si = append(si, u)
		}
	}
	return si
}
