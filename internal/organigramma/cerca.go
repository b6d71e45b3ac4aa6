package organigramma

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Limits of a search, so that a long text costs no more than a short one.
const (
	maxTesto  = 200 // bytes of the question that count
	maxParole = 12
)

// Cerca finds units by the words of their name, code, site and aliases, whatever
// the accents and the case. Every word must begin a word of the unit; small words
// (di, del, e…) do not count. Best first: same name, name that begins so, all
// words in the name, the rest; then shorter names, and units without a closing
// date before those with one. At most limite are given.
func (v *Versione) Cerca(testo string, limite int) []Unita {
	piega := piega(testo)
	trovate := v.parole.cerca(piega)
	ordinaTrovate(trovate, func(i int) [3]int {
		chiusa := 0
		if !v.unita[i].ValidaAl.IsZero() {
			chiusa = 1
		}
		nome := v.nomiPiegati[i]
		return [3]int{chiusa, vicinanza(nome, piega), len(nome)}
	})
	unita := make([]Unita, 0, min(max(limite, 0), len(trovate)))
	for _, i := range trovate[:cap(unita)] {
		unita = append(unita, v.unita[i])
	}
	return unita
}

// CercaSedi finds sites as Cerca finds units, by name, town, address and code.
func (v *Versione) CercaSedi(testo string, limite int) []Sede {
	piega := piega(testo)
	trovate := v.paroleSedi.cerca(piega)
	ordinaTrovate(trovate, func(i int) [3]int {
		nome := v.sediPiegate[i]
		return [3]int{vicinanza(nome, piega), len(nome), 0}
	})
	sedi := make([]Sede, 0, min(max(limite, 0), len(trovate)))
	for _, i := range trovate[:cap(sedi)] {
		sedi = append(sedi, v.sedi[i])
	}
	return sedi
}

func ordinaTrovate(trovate []int, peso func(i int) [3]int) {
	pesi := make(map[int][3]int, len(trovate))
	for _, i := range trovate {
		pesi[i] = peso(i)
	}
	slices.SortFunc(trovate, func(a, b int) int {
		p, q := pesi[a], pesi[b]
		return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1]), cmp.Compare(p[2], q[2]), cmp.Compare(a, b))
	})
}

// vicinanza is how near a folded name is to the folded question, 0 the nearest.
func vicinanza(nome, domanda string) int {
	switch {
	case nome == domanda:
		return 0
	case strings.HasPrefix(nome, domanda):
		return 1
	case contieneTutte(strings.Fields(nome), parole(domanda)):
		return 2
	}
	return 3
}

func contieneTutte(nome, domanda []string) bool {
	for _, d := range domanda {
		if !slices.ContainsFunc(nome, func(n string) bool { return strings.HasPrefix(n, d) }) {
			return false
		}
	}
	return true
}

// piega brings a text to lower-case words without accents, one space between.
func piega(testo string) string {
	if len(testo) > maxTesto {
		testo = testo[:maxTesto]
	}
	var b strings.Builder
	spazio := false
	for _, r := range norm.NFKD.String(testo) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if spazio && b.Len() > 0 {
				b.WriteByte(' ')
			}
			spazio = false
			b.WriteRune(unicode.ToLower(r))
		default:
			spazio = true
		}
	}
	return b.String()
}

var paroline = map[string]bool{"a": true, "al": true, "alla": true, "con": true, "d": true, "da": true, "dal": true, "dalla": true, "dei": true,
	"del": true, "dell": true, "della": true, "delle": true, "di": true, "e": true, "ed": true, "i": true, "il": true, "in": true, "l": true,
	"la": true, "le": true, "lo": true, "nel": true, "nella": true, "per": true}

// parole are the words of a folded text that count; all of them when only small
// words are there.
func parole(piegato string) []string {
	tutte := strings.Fields(piegato)
	var contano []string
	for _, p := range tutte {
		if !paroline[p] {
			contano = append(contano, p)
		}
	}
	if len(contano) == 0 {
		contano = tutte
	}
	return contano[:min(len(contano), maxParole)]
}

// indice is a sorted list of words, each with the things that hold it.
type indice []voce

type voce struct {
	parola string
	dove   []int
}

// cerca gives the things that hold, for every word of a folded text, a word that
// begins so; in ascending order.
func (x indice) cerca(piegato string) []int {
	var trovate []int
	for n, p := range parole(piegato) {
		con := x.prefisso(p)
		if n == 0 {
			trovate = con
			continue
		}
		trovate = slices.DeleteFunc(trovate, func(i int) bool {
			_, c := slices.BinarySearch(con, i)
			return !c
		})
	}
	return trovate
}

func (x indice) prefisso(p string) []int {
	da, _ := slices.BinarySearchFunc(x, p, func(v voce, p string) int { return strings.Compare(v.parola, p) })
	var dove []int
	for ; da < len(x) && strings.HasPrefix(x[da].parola, p); da++ {
		dove = append(dove, x[da].dove...)
	}
	slices.Sort(dove)
	return slices.Compact(dove)
}

// nuovoIndice indexes n things by the texts that testi gives for each.
func nuovoIndice(n int, testi func(i int) []string) indice {
	per := map[string][]int{}
	for i := range n {
		for _, t := range testi(i) {
			for _, p := range strings.Fields(piega(t)) {
				if d := per[p]; len(d) == 0 || d[len(d)-1] != i {
					per[p] = append(d, i)
				}
			}
		}
	}
	x := make(indice, 0, len(per))
	for p, dove := range per {
		x = append(x, voce{p, dove})
	}
	slices.SortFunc(x, func(a, b voce) int { return strings.Compare(a.parola, b.parola) })
	return x
}

// indicizza builds what Cerca and Route read.
func (v *Versione) indicizza() {
	altri := v.aliasPerUnita()
	v.parole = nuovoIndice(len(v.unita), func(i int) []string {
		u := v.unita[i]
		sede, _ := v.Sede(u.Presidio)
		return append([]string{u.Nome, u.Codice, u.ID, sede.Nome, sede.Comune}, altri[u.ID]...)
	})
	v.paroleSedi = nuovoIndice(len(v.sedi), func(i int) []string {
		s := v.sedi[i]
		return []string{s.Nome, s.Codice, s.Comune, s.Indirizzo}
	})
	v.nomiPiegati, v.nomi = piegaNomi(len(v.unita), func(i int) string { return v.unita[i].Nome })
	v.sediPiegate, v.sediNome = piegaNomi(len(v.sedi), func(i int) string { return v.sedi[i].Nome })
}

// piegaNomi folds n names, and finds who bears each. A name of signs alone folds
// to nothing, and nobody bears nothing.
func piegaNomi(n int, nome func(i int) string) ([]string, map[string][]int) {
	piegati, chi := make([]string, n), map[string][]int{}
	for i := range n {
		piegati[i] = piega(nome(i))
		if piegati[i] != "" {
			chi[piegati[i]] = append(chi[piegati[i]], i)
		}
	}
	return piegati, chi
}
