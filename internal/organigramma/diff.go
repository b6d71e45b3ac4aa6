package organigramma

import (
	"fmt"

	"tutela/internal/day"
)

// Cambio is a kind of difference between two charts.
type Cambio string

// The kinds of difference.
const (
	Aperta       Cambio = "aperta"      // a unit that was not there
	Tolta        Cambio = "tolta"       // a unit that is there no more
	Chiusura     Cambio = "chiusura"    // its last day changes
	Apertura     Cambio = "apertura"    // its first day changes
	Rinominata   Cambio = "rinominata"  // its name
	Spostata     Cambio = "spostata"    // its parent, or how it depends on it
	Codice       Cambio = "codice"      // its printed code
	Classe       Cambio = "tipo"        // its kind
	Trasferita   Cambio = "sede"        // its site
	SedeAperta   Cambio = "sede_aperta" // a site that was not there
	SedeTolta    Cambio = "sede_tolta"  // a site that is there no more
	SedeMutata   Cambio = "sede_mutata" // a site's name, place or state
	Collegamenti Cambio = "relazioni"   // links, all in one
)

// Differenza is one thing that changes from a chart to the next.
type Differenza struct {
	Cambio Cambio `json:"cambio"`
	ID     string `json:"id,omitempty"` // of the unit or site; empty for Collegamenti
	Frase  string `json:"frase"`        // in Italian
}

// Diff says what changes from a to b: units in the order of b, then those gone,
// then sites, then links. The order of lines, notes and sources do not count.
func Diff(a, b *Versione) []Differenza {
	d := &confronto{a: a, b: b}
	for _, u := range b.unita {
		if prima, ok := a.Unita(u.ID); ok {
			d.unita(prima, u)
		} else {
			d.dico(Aperta, u.ID, "Si apre %s%s.", nome(u), d.sotto(b, u))
		}
	}
	for _, u := range a.unita {
		if _, ok := b.Unita(u.ID); !ok {
			d.dico(Tolta, u.ID, "%s non c'è più.", nome(u))
		}
	}
	d.sedi()
	d.relazioni()
	return d.tutte
}

type confronto struct {
	a, b  *Versione
	tutte []Differenza
}

func (d *confronto) dico(c Cambio, id, formato string, a ...any) {
	d.tutte = append(d.tutte, Differenza{c, id, fmt.Sprintf(formato, a...)})
}

// nome tells apart the units that bear the same name.
func nome(u Unita) string { return fmt.Sprintf("«%s» (%s)", u.Nome, u.ID) }

func (d *confronto) sotto(v *Versione, u Unita) string {
	if p, ok := v.Unita(u.Padre); ok {
		return " sotto «" + p.Nome + "»"
	}
	return ""
}

func (d *confronto) unita(p, u Unita) {
	if p.Nome != u.Nome {
		d.dico(Rinominata, u.ID, "«%s» (%s) ora si chiama «%s».", p.Nome, u.ID, u.Nome)
	}
	if p.Padre != u.Padre {
		if sotto := d.sotto(d.b, u); sotto != "" {
			d.dico(Spostata, u.ID, "%s passa%s.", nome(u), sotto)
		} else {
			d.dico(Spostata, u.ID, "%s non dipende più da un'altra unità.", nome(u))
		}
	} else if p.Afferenza != u.Afferenza {
		d.dico(Spostata, u.ID, "%s cambia afferenza: da %s a %s.", nome(u), oNulla(p.Afferenza), oNulla(u.Afferenza))
	}
	if p.Codice != u.Codice {
		d.dico(Codice, u.ID, "%s cambia codice: da %s a %s.", nome(u), oNulla(p.Codice), oNulla(u.Codice))
	}
	if p.Tipo != u.Tipo || p.Ente != u.Ente {
		d.dico(Classe, u.ID, "%s cambia tipo: da %s a %s.", nome(u), tipoEnte(p), tipoEnte(u))
	}
	if p.Presidio != u.Presidio {
		d.dico(Trasferita, u.ID, "%s cambia sede: da %s a %s.", nome(u), nomeSede(d.a, p.Presidio), nomeSede(d.b, u.Presidio))
	}
	d.vita(p, u)
}

func (d *confronto) vita(p, u Unita) {
	if p.ValidaDal != u.ValidaDal {
		if u.ValidaDal.IsZero() {
			d.dico(Apertura, u.ID, "%s non ha più una data di inizio.", nome(u))
		} else {
			d.dico(Apertura, u.ID, "%s comincia il %s.", nome(u), giorno(u.ValidaDal))
		}
	}
	if p.ValidaAl != u.ValidaAl {
		if u.ValidaAl.IsZero() {
			d.dico(Chiusura, u.ID, "%s non chiude più.", nome(u))
		} else {
			d.dico(Chiusura, u.ID, "%s chiude: l'ultimo giorno è il %s.", nome(u), giorno(u.ValidaAl))
		}
	}
}

func (d *confronto) sedi() {
	for _, s := range d.b.sedi {
		p, ok := d.a.Sede(s.Codice)
		switch {
		case !ok:
			d.dico(SedeAperta, s.Codice, "Si aggiunge la sede «%s» (%s).", s.Nome, s.Codice)
		case p.Nome != s.Nome:
			d.dico(SedeMutata, s.Codice, "La sede «%s» (%s) ora si chiama «%s».", p.Nome, s.Codice, s.Nome)
		case p.Comune != s.Comune || p.Indirizzo != s.Indirizzo || p.Tipo != s.Tipo || p.Stato != s.Stato:
			d.dico(SedeMutata, s.Codice, "Cambiano i dati della sede «%s» (%s).", s.Nome, s.Codice)
		}
	}
	for _, s := range d.a.sedi {
		if _, ok := d.b.Sede(s.Codice); !ok {
			d.dico(SedeTolta, s.Codice, "La sede «%s» (%s) non c'è più.", s.Nome, s.Codice)
		}
	}
}

func (d *confronto) relazioni() {
	conto := map[Relazione]int{}
	for _, r := range d.a.relazioni {
		conto[r]--
	}
	for _, r := range d.b.relazioni {
		conto[r]++
	}
	nuove, tolte := 0, 0
	for _, n := range conto {
		if n > 0 {
			nuove += n
		} else {
			tolte -= n
		}
	}
	if nuove+tolte > 0 {
		d.dico(Collegamenti, "", "Relazioni fra unità: %d nuove, %d tolte.", nuove, tolte)
	}
}

var mesi = [...]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}

func giorno(d day.Date) string {
	y, m, g := d.Date()
	return fmt.Sprintf("%d %s %d", g, mesi[m-1], y)
}

func oNulla(s string) string {
	if s == "" {
		return "nessuno"
	}
	return s
}

func nomeSede(v *Versione, codice string) string {
	if codice == "" {
		return "nessuna"
	}
	return v.sede(codice)
}

func tipoEnte(u Unita) string {
	if u.Ente == "" {
		return string(u.Tipo)
	}
	return string(u.Tipo) + " dell'ente " + u.Ente
}
