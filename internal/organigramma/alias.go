package organigramma

import (
	"io"
	"slices"
)

// alias is what the words for a place mean in the chart.
type alias struct {
	presidio, unita string // as people write them
	id, sede        string // of the unit, of the site
}

var colonneAlias = []colonna{{"presidio", 200, true, false}, {"unita", 200, true, false}, {"id_unita", 64, true, false}, {"codice_presidio", 64, true, false}}

// ConAlias gives the same chart with other names by which its units and sites may
// be asked for, from a CSV file with the columns presidio, unita, id_unita,
// codice_presidio: those words, at that place, mean that unit, at that site. Each
// of the four may be empty, but words must mean something. Aliases help to find;
// they are no part of the chart, nor of its Hash. Errors are as for Import.
func (v *Versione) ConAlias(r io.Reader) (*Versione, []Errore) {
	e := &errori{}
	f := leggi(FileAlias, r, colonneAlias, e)
	con := *v
	con.alias = map[string]alias{}
	for _, r := range f.righe {
		a := alias{r.campi[0], r.campi[1], r.campi[2], r.campi[3]}
		v.controllaAlias(f, r, a)
		chiave := chiaveAlias(a.presidio, a.unita)
		if _, c := con.alias[chiave]; c {
			f.errore(r.n, 0, "Queste parole hanno già un significato più sopra.", "Lasciane una riga sola.")
		}
		con.alias[chiave] = a
	}
	if len(e.lista) > 0 {
		return nil, e.fine()
	}
	con.perCodice()
	con.indicizza()
	return &con, nil
}

// perCodice finds an alias also by the code of its site; words that mean two units
// at one site mean none.
func (v *Versione) perCodice() {
	v.aliasPerCodice = map[string]alias{}
	for _, a := range v.alias {
		if a.sede == "" || a.id == "" {
			continue
		}
		chiave := chiaveAlias(a.sede, a.unita)
		if b, c := v.aliasPerCodice[chiave]; c && b.id != a.id {
			a.id = ""
		}
		v.aliasPerCodice[chiave] = a
	}
}

func (v *Versione) controllaAlias(f *foglio, r riga, a alias) {
	if piega(a.presidio) == "" && piega(a.unita) == "" {
		f.errore(r.n, 0, "La riga non dice per quali parole vale.", "Compila «presidio» o «unita».")
	}
	if a.id == "" && a.sede == "" {
		f.errore(r.n, 2, "La riga non dice che cosa significano quelle parole.", "Compila «id_unita» o «codice_presidio».")
	}
	if _, ok := v.perID[a.id]; a.id != "" && !ok {
		f.errore(r.n, 2, "Non c'è nessuna unità con id "+cita(a.id)+".", forse(vicino(a.id, v.prima)))
	}
	if _, ok := v.perSede[a.sede]; a.sede != "" && !ok {
		f.errore(r.n, 3, "Il presidio "+cita(a.sede)+" non è in "+FilePresidi+".", "")
	}
}

// chiaveAlias keeps the two texts apart: a folded text has no control characters.
func chiaveAlias(presidio, unita string) string { return piega(presidio) + "\n" + piega(unita) }

// aliasPerUnita gives the other names of each unit, in a fixed order.
func (v *Versione) aliasPerUnita() map[string][]string {
	altri := map[string][]string{}
	for _, a := range v.alias {
		if a.id != "" {
			altri[a.id] = append(altri[a.id], a.unita, a.presidio)
		}
	}
	for _, n := range altri {
		slices.Sort(n)
	}
	return altri
}
