// Package organigramma holds the organisation chart of an ente: its units in
// time, the links between them and the sites. A Versione is one whole chart, made
// by Import or Apri, checked, indexed, and never changed after: it may be read
// by any number of goroutines. The package knows no clock, no people and no disk.
package organigramma

import (
	"tutela/internal/day"
)

// Tipo is the kind of a unit.
type Tipo string

// The kinds of unit. ref: poas allegato B
const (
	Direzione                  Tipo = "direzione"
	Dipartimento               Tipo = "dipartimento" // gestionale
	DipartimentoFunzionale     Tipo = "dipartimento_funzionale"
	DipartimentoInteraziendale Tipo = "dipartimento_interaziendale"
	StrutturaComplessa         Tipo = "SC"
	StrutturaDipartimentale    Tipo = "SSD"
	StrutturaSemplice          Tipo = "SS"
	StrutturaDistrettuale      Tipo = "SD"
	Funzione                   Tipo = "funzione"
	EnteEsterno                Tipo = "ente_esterno"
)

// eDipartimento reports whether t is a department of any kind.
func (t Tipo) eDipartimento() bool {
	return t == Dipartimento || t == DipartimentoFunzionale || t == DipartimentoInteraziendale
}

// Unita is one box of the chart.
type Unita struct {
	ID        string   `json:"id"` // the key; Codice is not one
	Codice    string   `json:"codice,omitempty"`
	Tipo      Tipo     `json:"tipo"`
	Nome      string   `json:"nome"`
	Padre     string   `json:"padre,omitempty"`     // id of the hierarchical parent; empty for a root
	Afferenza string   `json:"afferenza,omitempty"` // gerarchica, staff, funzionale, or empty
	Presidio  string   `json:"presidio,omitempty"`  // code of a Sede, where the chart states one
	Ente      string   `json:"ente,omitempty"`      // code of another body; empty for our own
	Stato     string   `json:"stato"`               // as declared on approval: attiva, da_attivare, da_chiudere, chiusa
	ValidaDal day.Date `json:"validaDal"`           // first day of life; zero when not stated
	ValidaAl  day.Date `json:"validaAl"`            // last day of life; zero when not stated
	Note      string   `json:"note,omitempty"`
	Fonte     string   `json:"fonte,omitempty"`
}

// Valida reports whether u exists on giorno; both ends of its life count. Only
// the dates decide: Stato is what was planned on the day of approval.
func (u Unita) Valida(giorno day.Date) bool {
	if !u.ValidaDal.IsZero() && giorno < u.ValidaDal {
		return false
	}
	return u.ValidaAl.IsZero() || giorno <= u.ValidaAl
}

// Relazione is a link between units other than the hierarchical parent.
type Relazione struct {
	Da    string `json:"da"`
	A     string `json:"a,omitempty"` // empty when the target is no unit of the chart
	Tipo  string `json:"tipo"`
	Testo string `json:"testo,omitempty"` // the target as the document names it
}

// Sede is a place where the ente works.
type Sede struct {
	Codice    string `json:"codice"`
	Nome      string `json:"nome"`
	Tipo      string `json:"tipo"`
	Comune    string `json:"comune,omitempty"`
	Indirizzo string `json:"indirizzo,omitempty"`
	Stato     string `json:"stato"`                    // attivo, previsto, non_precisato, chiuso
	Stampato  string `json:"codiceStampato,omitempty"` // si if the code is official, no if it is our own
	Note      string `json:"note,omitempty"`
}

// Versione is one whole chart. Slices that its methods return are shared: callers
// read them and do not write.
type Versione struct {
	unita     []Unita
	relazioni []Relazione
	sedi      []Sede
	canonica  []byte
	hash      string

	perID, perSede map[string]int // keys to positions
	prima          []string       // ids in depth-first order, so that a subtree is a run
	posto, coda    []int          // unit i and all below it are prima[posto[i]:coda[i]]
	successori     map[string][]Relazione

	nomiPiegati, sediPiegate []string         // names without accents and case
	nomi, sediNome           map[string][]int // and who bears them
	parole, paroleSedi       indice           // words to units, to sites
	alias, aliasPerCodice    map[string]alias // by words of the place, by code of the site and words
}

// Units gives every unit, in the order of the chart.
func (v *Versione) Units() []Unita { return v.unita }

// Relazioni gives every link, in the order of the chart.
func (v *Versione) Relazioni() []Relazione { return v.relazioni }

// Sedi gives every site, in the order of the chart.
func (v *Versione) Sedi() []Sede { return v.sedi }

// Unita gives the unit with this id.
func (v *Versione) Unita(id string) (Unita, bool) {
	i, ok := v.perID[id]
	if !ok {
		return Unita{}, false
	}
	return v.unita[i], true
}

// Sede gives the site with this code.
func (v *Versione) Sede(codice string) (Sede, bool) {
	i, ok := v.perSede[codice]
	if !ok {
		return Sede{}, false
	}
	return v.sedi[i], true
}

// Sopra gives the ancestors of id, nearest first, without id; nil if id is absent.
func (v *Versione) Sopra(id string) []string {
	var su []string
	for i, ok := v.perID[id]; ok; {
		padre := v.unita[i].Padre
		if i, ok = v.perID[padre]; ok {
			su = append(su, padre)
		}
	}
	return su
}

// Sotto gives id and all the units below it, each parent before its children; nil
// if id is absent.
func (v *Versione) Sotto(id string) []string {
	i, ok := v.perID[id]
	if !ok {
		return nil
	}
	return v.prima[v.posto[i]:v.coda[i]:v.coda[i]]
}

// Contiene reports whether id is sopra, or stands below it. It costs no walk.
func (v *Versione) Contiene(sopra, id string) bool {
	s, ok := v.perID[sopra]
	i, ok2 := v.perID[id]
	return ok && ok2 && v.posto[s] <= v.posto[i] && v.posto[i] < v.coda[s]
}

// Attive gives the units that exist on giorno, in the order of the chart.
func (v *Versione) Attive(giorno day.Date) []Unita {
	attive := make([]Unita, 0, len(v.unita))
	for _, u := range v.unita {
		if u.Valida(giorno) {
			attive = append(attive, u)
		}
	}
	return attive
}

// Macrostruttura gives the department that id is or stands under on giorno, the
// nearest if there are several; where there is none, as for staff units, the
// nearest direzione; empty if there is neither (units of other bodies) or id is
// absent. ref: pga01 4.1
func (v *Versione) Macrostruttura(id string, giorno day.Date) string {
	direzione := ""
	for i, ok := v.perID[id]; ok; i, ok = v.perID[v.unita[i].Padre] {
		u := v.unita[i]
		if !u.Valida(giorno) {
			continue
		}
		if u.Tipo.eDipartimento() {
			return u.ID
		}
		if u.Tipo == Direzione && direzione == "" {
			direzione = u.ID
		}
	}
	return direzione
}

// Successori gives the units that take over from id, as the links state it.
func (v *Versione) Successori(id string) []string {
	var dopo []string
	for _, r := range v.successori[id] {
		dopo = append(dopo, r.A)
	}
	return dopo
}

// costruisci indexes a chart that controlla found sound.
func costruisci(unita []Unita, relazioni []Relazione, sedi []Sede) *Versione {
	v := &Versione{
		unita: unita, relazioni: relazioni, sedi: sedi,
		perID: make(map[string]int, len(unita)), perSede: make(map[string]int, len(sedi)),
		successori: map[string][]Relazione{},
	}
	for i, s := range sedi {
		v.perSede[s.Codice] = i
	}
	for i, u := range unita {
		v.perID[u.ID] = i
	}
	for _, r := range relazioni {
		if r.A != "" && (r.Tipo == successione || r.Tipo == successioneInferita) {
			v.successori[r.Da] = append(v.successori[r.Da], r)
		}
	}
	v.ordina()
	v.indicizza()
	v.canonica, v.hash = canonica(v)
	return v
}

// ordina lays the tree out depth first. The depth is bounded by controlla.
func (v *Versione) ordina() {
	figli := make(map[string][]int, len(v.unita))
	for i, u := range v.unita {
		figli[u.Padre] = append(figli[u.Padre], i)
	}
	v.prima = make([]string, 0, len(v.unita))
	v.posto, v.coda = make([]int, len(v.unita)), make([]int, len(v.unita))
	var scendi func(padre string)
	scendi = func(padre string) {
		for _, i := range figli[padre] {
			v.posto[i] = len(v.prima)
			v.prima = append(v.prima, v.unita[i].ID)
			scendi(v.unita[i].ID)
			v.coda[i] = len(v.prima)
		}
	}
	scendi("")
}
