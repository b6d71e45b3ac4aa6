package organigramma

import (
	"fmt"
	"slices"
	"strings"

	"tutela/internal/day"
)

// maxLivelli is how deep a chart may be: a real one has five or six levels.
const maxLivelli = 20

// controllo finds what is wrong in a chart as a whole. relazioni and sedi are nil
// when their file was not given.
type controllo struct {
	err                    *errori
	unita, relazioni, sedi *foglio
	rigaUnita, rigaSede    map[string]int // id to position in righe
	viciniUnita            vicini
	viciniSede             vicini
}

func (c *controllo) tutto() {
	c.rigaUnita = c.chiavi(c.unita, &c.viciniUnita)
	c.rigaSede = c.chiavi(c.sedi, &c.viciniSede)
	if len(c.unita.righe) == 0 && len(c.err.lista) == 0 {
		c.unita.erroreFile(0, "Il file non ha unità.", "Serve almeno una riga dopo l'intestazione.")
	}
	for _, r := range c.unita.righe {
		c.unaUnita(r)
	}
	c.albero()
	if c.sedi != nil {
		for _, r := range c.sedi.righe {
			c.sedi.scelta(r, sTipo, tipiSede)
			c.sedi.scelta(r, sStato, statiSede)
			c.sedi.scelta(r, sStampato, siNo)
		}
	}
	if c.relazioni != nil && c.unita.letto {
		for _, r := range c.relazioni.righe {
			c.unaRelazione(r)
		}
	}
}

// chiavi indexes a file by its first column, where each key must be once.
func (c *controllo) chiavi(f *foglio, v *vicini) map[string]int {
	m := map[string]int{}
	if f == nil {
		return m
	}
	for i, r := range f.righe {
		k := r.campi[0]
		if k == "" {
			continue
		}
		if strings.ContainsFunc(k, fuoriChiave) {
			f.errore(r.n, 0, "Il codice "+cita(k)+" ha caratteri non ammessi.", "Usa lettere senza accento, cifre, trattino, punto, barra.")
		}
		if prima, c := m[k]; c {
			f.errore(r.n, 0, fmt.Sprintf("%s è già alla riga %d.", cita(k), f.righe[prima].n), "Ogni riga deve averne uno suo.")
			continue
		}
		m[k] = i
		v.noti = append(v.noti, k)
	}
	return m
}

func fuoriChiave(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./", r)
}

// scelta checks a field that takes one of a few values, or nothing if its column
// may be empty.
func (f *foglio) scelta(r riga, c int, valori []string) {
	s := r.campi[c]
	if s == "" || slices.Contains(valori, s) {
		return
	}
	suggerimento := elenco(valori)
	if len(s) <= 64 {
		if v := vicino(s, valori); v != "" {
			suggerimento = forse(v)
		}
	}
	f.errore(r.n, c, "Valore sconosciuto: "+cita(s)+".", suggerimento)
}

func (c *controllo) unaUnita(r riga) {
	f := c.unita
	f.scelta(r, uTipo, tipiUnita)
	f.scelta(r, uAfferenza, afferenze)
	f.scelta(r, uStato, statiUnita)
	dal, al := f.data(r, uDal), f.data(r, uAl)
	if !dal.IsZero() && !al.IsZero() && al < dal {
		f.errore(r.n, uAl, "L'unità finisce prima di cominciare.", "valida_al non può precedere valida_dal.")
	}
	if p := r.campi[uPadre]; p != "" {
		if _, ok := c.rigaUnita[p]; !ok {
			f.errore(r.n, uPadre, "Non c'è nessuna unità con id "+cita(p)+".", forse(c.viciniUnita.cerca(p)))
		}
	}
	if s := r.campi[uPresidio]; s != "" && c.sedi != nil && len(c.sedi.righe) > 0 {
		if _, ok := c.rigaSede[s]; !ok {
			f.errore(r.n, uPresidio, "Il presidio "+cita(s)+" non è in "+FilePresidi+".", forse(c.viciniSede.cerca(s)))
		}
	}
}

// data checks a date and gives it; zero if there is none.
func (f *foglio) data(r riga, c int) day.Date {
	s := r.campi[c]
	if s == "" {
		return 0
	}
	d, err := day.Parse(s)
	if err != nil || d.IsZero() {
		f.errore(r.n, c, "La data "+cita(s)+" non va bene.", "Scrivila AAAA-MM-GG, per esempio 2026-03-31.")
		return 0
	}
	return d
}

func (c *controllo) unaRelazione(r riga) {
	f := c.relazioni
	f.scelta(r, rTipo, tipiRelazione)
	for _, col := range []int{rDa, rA} {
		id := r.campi[col]
		if _, ok := c.rigaUnita[id]; id != "" && !ok {
			f.errore(r.n, col, "Non c'è nessuna unità con id "+cita(id)+".", forse(c.viciniUnita.cerca(id)))
		}
	}
	da, a := r.campi[rDa], r.campi[rA]
	switch {
	case a == "" && r.campi[rTesto] == "":
		f.errore(r.n, rTesto, "La relazione non dice verso chi.", "Scrivi l'unità in «a», oppure il nome in «testo».")
	case a != "" && a == da:
		f.errore(r.n, rA, "La relazione va dall'unità a se stessa.", "Correggi uno dei due id.")
	}
}

// albero walks from each unit to its root: a walk that meets itself is a cycle,
// one that is too long is refused.
func (c *controllo) albero() {
	livello := make([]int, len(c.unita.righe)) // 0 not known yet, -1 on or under a cycle
	for i := range c.unita.righe {
		passi, fine := c.sali(i, livello)
		base := 0
		if fine >= 0 {
			base = livello[fine]
		}
		if at := slices.Index(passi, fine); at >= 0 {
			c.ciclo(passi[at:])
			base = -1
		}
		for j := len(passi) - 1; j >= 0; j-- {
			if base >= 0 {
				base++
			}
			livello[passi[j]] = base
			if base == maxLivelli+1 {
				r := c.unita.righe[passi[j]]
				c.unita.errore(r.n, uPadre, fmt.Sprintf("L'unità sta sotto più di %d livelli.", maxLivelli), "Controlla la catena dei padri.")
			}
		}
	}
}

// sali climbs from i through units whose level is unknown; fine is where it
// stopped: a unit already known, one of the steps (a cycle), or -1 at a root.
func (c *controllo) sali(i int, livello []int) (passi []int, fine int) {
	visti := map[int]bool{}
	for {
		if livello[i] != 0 || visti[i] {
			return passi, i
		}
		passi = append(passi, i)
		visti[i] = true
		su, ok := c.rigaUnita[c.unita.righe[i].campi[uPadre]]
		if !ok {
			return passi, -1
		}
		i = su
	}
}

// ciclo reports one cycle, at its line nearest the top, as a path.
func (c *controllo) ciclo(giro []int) {
	inizio := slices.Index(giro, slices.Min(giro))
	giro = append(slices.Clone(giro[inizio:]), giro[:inizio]...)
	var nomi []string
	for _, i := range append(giro, giro[0]) {
		if len(nomi) == 8 {
			nomi = append(nomi, "…")
			break
		}
		nomi = append(nomi, c.unita.righe[i].campi[uID])
	}
	prima := c.unita.righe[giro[0]]
	c.unita.errore(prima.n, uPadre, "I padri girano in tondo: "+strings.Join(nomi, " → ")+".", "Cambia il padre di una di queste unità.")
}
