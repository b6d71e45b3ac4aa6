package regolamento

import (
	"fmt"
	"slices"
	"strings"
)

// maxStati is how many abstract states Check looks at.
const maxStati = 2_000_000

// Report is what Check found.
type Report struct {
	Regolamento string    `json:"regolamento"`
	Hash        string    `json:"hash"`
	Stati       int       `json:"stati"`
	Transizioni int       `json:"transizioni"`
	Profondita  int       `json:"profondita"` // moves to the farthest state
	Difetti     []Difetto `json:"difetti"`
}

// Sano reports whether nothing was found.
func (r Report) Sano() bool { return len(r.Difetti) == 0 }

// Difetto is a property that does not hold, with the shortest way to see it.
type Difetto struct {
	Regola int      `json:"regola"` // 1 to 4; 0 if the regolamento is too large to look at
	Cosa   string   `json:"cosa"`   // in Italian
	Passi  []string `json:"passi"`  // from an empty case; none if the fault is that something never happens
}

// String is the fault as `regolamento check` prints it.
func (d Difetto) String() string {
	s := fmt.Sprintf("regola %d: %s", d.Regola, d.Cosa)
	if len(d.Passi) > 0 {
		s += "\n  " + strings.Join(d.Passi, " > ")
	}
	return s
}

// Check looks at every state that a case can reach, breadth first, so that the
// sequence it shows for a fault is the shortest:
//
//  1. from every state a final phase can be reached by the office alone, without
//     ways out, lapses or the citizen;
//  2. in every open state a term is due that is not the law's, owed by an actor
//     of the office;
//  3. wherever a term is due, the office can reach one of its own acts that stop
//     it, without ways out;
//  4. every act, phase, value of an attribute and term is reachable.
//
// Rule 2 may raise a false alarm and misses nothing; 1 and 3 say that a way
// exists for people who act in time and have the data; 4 may overlook an act
// that only impossible dates allow.
func Check(r *Regolamento) Report { return controlla(r).rep }

func controlla(r *Regolamento) *controllo {
	c := &controllo{r: r, rep: Report{Regolamento: r.Nome(), Hash: r.Hash(), Difetti: []Difetto{}}}
	x, err := r.astrai()
	if err != nil {
		c.difetto(0, err.Error(), -1)
		return c
	}
	c.x, c.mosse = x, x.mosse()
	if c.esplora() {
		c.regola1e3()
		c.regola2()
		c.regola4()
	}
	slices.SortStableFunc(c.rep.Difetti, func(a, b Difetto) int { return a.Regola - b.Regola })
	return c
}

// nodo is a state that was reached.
type nodo struct {
	k       chiave
	padre   int32
	mossa   int32
	dovuti  uint64 // terms due, by index
	fermano uint64 // terms that an act of the office, allowed here, stops; bitFinale if the phase is final
}

const bitFinale = 1 << 63

type arco struct{ da, a int32 }

type controllo struct {
	r     *Regolamento
	x     *astrazione
	mosse []mossa
	nodi  []nodo
	archi []arco // of the office, without ways out
	visti map[chiave]int32
	atti  map[string]bool // done at least once
	rep   Report
	attr  Attr // of the state after a move that sets some
}

// esplora reaches every state; false if there are too many.
func (c *controllo) esplora() bool {
	qui, dopo := c.r.Iniziale(), c.r.Iniziale()
	c.attr = Attr{}
	c.visti, c.atti = map[chiave]int32{}, map[string]bool{}
	c.arriva(c.x.chiude(&qui), -1, -1)
	fineLivello := 1
	for i := 0; i < len(c.nodi); i++ {
		if i == fineLivello {
			c.rep.Profondita++
			fineLivello = len(c.nodi)
		}
		c.x.apre(c.nodi[i].k, &qui)
		c.guarda(int32(i), &qui)
		c.muovi(int32(i), &qui, &dopo)
		if len(c.nodi) > maxStati {
			c.difetto(0, "troppo grande: più di 2 milioni di stati. Gli attributi con più valori: "+c.larghi(), -1)
			return false
		}
	}
	c.rep.Stati = len(c.nodi)
	return true
}

func (c *controllo) arriva(k chiave, padre, mossa int32) int32 {
	if i, ok := c.visti[k]; ok {
		return i
	}
	i := int32(len(c.nodi))
	c.visti[k] = i
	c.nodi = append(c.nodi, nodo{k: k, padre: padre, mossa: mossa})
	return i
}

// guarda notes what the properties ask of a state.
func (c *controllo) guarda(i int32, s *Stato) {
	n := &c.nodi[i]
	for j := range s.Termini {
		if t := &s.Termini[j]; t.Dovuto() {
			n.dovuti |= 1 << t.Def.indice
		}
	}
	if f := c.r.fasi[s.Fase]; f != nil && f.Finale {
		n.fermano |= bitFinale
	}
}

// muovi makes every move that s allows.
func (c *controllo) muovi(i int32, s, dopo *Stato) {
	var ultimo *DefAtto
	var ammesso, ufficio, ancora bool
	k := c.nodi[i].k
	for j := range c.mosse {
		m := &c.mosse[j]
		if m.d == nil {
			c.scade(i, int32(j), s, dopo)
			continue
		}
		if m.d != ultimo {
			ultimo, ancora = m.d, false
			ammesso = c.ammesso(s, m.d, "")
			ufficio = !m.d.Uscita && slices.ContainsFunc(m.d.Chi.attori(s.Attr), dellUfficio)
		}
		if !ammesso || m.ferma && c.atti[m.d.Nome] || m.a.Per != "" && !c.ammesso(s, m.d, m.a.Per) {
			continue
		}
		if m.ferma {
			c.atti[m.d.Nome] = true
			continue
		}
		copia(dopo, s, m, c.attr, ancora)
		ancora = true
		if c.r.applica(dopo, &m.a) != nil || c.r.vietato(dopo.Attr) >= 0 && len(m.d.Pone) > 0 {
			continue
		}
		c.atti[m.d.Nome] = true
		c.rep.Transizioni++
		a := c.arriva(c.x.chiudeDopo(k, dopo, m.d), i, int32(j))
		if ufficio {
			c.archi = append(c.archi, arco{i, a})
			c.nodi[i].fermano |= fermati(s, m)
		}
	}
}

func dellUfficio(attore string) bool { return attore != AttoreCittadino && attore != AttoreSistema }

func (c *controllo) ammesso(s *Stato, d *DefAtto, per string) bool {
	si := true
	c.r.ostacoli(s, d, per, func(t *Termine) bool { return t.Fine != Sospeso && t.Dal.IsZero() }, func(Motivo) bool {
		si = false
		return false
	})
	return si
}

// fermati are the terms due in s that the act of m meets or makes lapse.
func fermati(s *Stato, m *mossa) uint64 {
	var out uint64
	for i := range m.d.effetti {
		e := &m.d.effetti[i]
		if e.cosa != adempie && e.cosa != decade {
			continue
		}
		for j := range s.Termini {
			if t := &s.Termini[j]; t.Def == e.def && t.riguarda(e.cosa, &m.a) {
				out |= 1 << e.def.indice
			}
		}
	}
	return out
}

// scade lets a term pass its date.
func (c *controllo) scade(i, j int32, s, dopo *Stato) {
	m := &c.mosse[j]
	corre := func(t *Termine) bool {
		return t.Def == m.scade && t.Per == m.a.Per && t.Fine == Corre && !t.Nascosto && !t.Dal.IsZero()
	}
	if !slices.ContainsFunc(s.Termini, func(t Termine) bool { return corre(&t) }) {
		return
	}
	copia(dopo, s, m, c.attr, false)
	for n := range dopo.Termini {
		if t := &dopo.Termini[n]; corre(t) {
			t.Dal = 0
		}
	}
	c.rep.Transizioni++
	c.arriva(c.x.chiudeDopo(c.nodi[i].k, dopo, nil), i, j)
}

// regola1e3 carries backwards, along what the office can do, which terms can
// still be stopped and whether the end can still be reached.
func (c *controllo) regola1e3() {
	puo := make([]uint64, len(c.nodi))
	coda := make([]int32, len(c.nodi))
	for i := range c.nodi {
		puo[i], coda[i] = c.nodi[i].fermano, int32(i)
	}
	inizio, da := c.indietro()
	for len(coda) > 0 {
		i := coda[len(coda)-1]
		coda = coda[:len(coda)-1]
		for _, p := range da[inizio[i]:inizio[i+1]] {
			if puo[p]|puo[i] != puo[p] {
				puo[p] |= puo[i]
				coda = append(coda, p)
			}
		}
	}
	var visti uint64
	for i := 1; i < len(c.nodi); i++ {
		manca := c.nodi[i].dovuti &^ puo[i] &^ visti
		visti |= manca
		for j, t := range c.r.doc.termini {
			if manca>>j&1 == 1 {
				c.difetto(3, "termine che nessuno può fermare: "+t.Nome, i)
			}
		}
		if puo[i]&bitFinale == 0 && visti&bitFinale == 0 {
			visti |= bitFinale
			c.difetto(1, "da qui l'ufficio da solo non può arrivare a una fase finale", i)
		}
	}
}

// indietro gives, for each state, the states from which the office reaches it in
// one act: da[inizio[i]:inizio[i+1]].
func (c *controllo) indietro() (inizio, da []int32) {
	inizio, da = make([]int32, len(c.nodi)+1), make([]int32, len(c.archi))
	for _, e := range c.archi {
		inizio[e.a+1]++
	}
	for i := range c.nodi {
		inizio[i+1] += inizio[i]
	}
	posto := slices.Clone(inizio)
	for _, e := range c.archi {
		da[posto[e.a]] = e.da
		posto[e.a]++
	}
	return inizio, da
}

func (c *controllo) regola2() {
	var valgono uint64
	for _, t := range c.r.doc.termini {
		if !t.Legge() && dellUfficio(t.Chi) {
			valgono |= 1 << t.indice
		}
	}
	s := c.r.Iniziale()
	for i := 1; i < len(c.nodi); i++ {
		if c.nodi[i].dovuti&valgono != 0 {
			continue
		}
		c.x.apre(c.nodi[i].k, &s)
		if c.r.fasi[s.Fase].Aperta() {
			c.difetto(2, "stato aperto senza un termine in corso", i)
			return
		}
	}
}

func (c *controllo) regola4() {
	var dovuti uint64
	fasi, valori := map[string]bool{}, map[[2]string]bool{}
	s := c.r.Iniziale()
	for i := 1; i < len(c.nodi); i++ {
		c.x.apre(c.nodi[i].k, &s)
		dovuti |= c.nodi[i].dovuti
		fasi[s.Fase] = true
		for a, v := range s.Attr {
			valori[[2]string{a, v}] = true
		}
	}
	for _, d := range c.r.doc.atti {
		if !c.atti[d.Nome] {
			c.difetto(4, "atto che non si può mai fare: "+d.Nome, -1)
		}
	}
	for _, f := range c.r.doc.fasi {
		if !fasi[f.Nome] {
			c.difetto(4, "fase in cui non si arriva mai: "+f.Nome, -1)
		}
	}
	for _, a := range c.x.attr {
		for _, v := range a.valori[1:] {
			if !valori[[2]string{a.nome, v}] {
				c.difetto(4, fmt.Sprintf("valore che un attributo non ha mai: %s = %s", a.nome, v), -1)
			}
		}
	}
	for _, t := range c.r.doc.termini {
		if dovuti>>t.indice&1 == 0 {
			c.difetto(4, "termine che non corre mai, con i suoi avvisi: "+t.Nome, -1)
		}
	}
}

// difetto notes a fault; i is the state that shows it, -1 if none does.
func (c *controllo) difetto(regola int, cosa string, i int) {
	passi := []string{}
	for ; i > 0; i = int(c.nodi[i].padre) {
		passi = append(passi, c.mosse[c.nodi[i].mossa].parola)
	}
	slices.Reverse(passi)
	c.rep.Difetti = append(c.rep.Difetti, Difetto{Regola: regola, Cosa: cosa, Passi: passi})
}

// larghi names the attributes with most values.
func (c *controllo) larghi() string {
	a := slices.Clone(c.x.attr)
	slices.SortStableFunc(a, func(x, y attrAstratto) int { return len(y.valori) - len(x.valori) })
	var out []string
	for _, x := range a[:min(3, len(a))] {
		out = append(out, fmt.Sprintf("%s (%d)", x.nome, len(x.valori)-1))
	}
	return strings.Join(out, ", ")
}
