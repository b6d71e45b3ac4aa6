package pratica

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tutela/internal/vault"
)

// Ricerca is what a person asks for in words: groups that must all hold, one of
// whose words is enough. It holds words that may be about a person, and does not
// print.
type Ricerca struct{ gruppi []gruppo }

// gruppo is a word, words of which one is enough, or one that must not be there.
type gruppo struct {
	voci  []voce
	senza bool
}

// voce is a word, or words in quotes.
type voce struct {
	termini []string // as the index keeps them; all of them
	frase   []string // in quotes: the words as they must follow each other
	inizio  string   // before an asterisk: how a name begins, where the index knows its first 5 letters
}

// Format prints [riservato] for every verb.
func (Ricerca) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Parole asks for all the words of a text.
func Parole(testo string) Ricerca {
	var r Ricerca
	for _, t := range vault.Domanda(testo) {
		r.gruppi = append(r.gruppi, gruppo{voci: []voce{{termini: []string{t}}}})
	}
	return r
}

// Vuota reports whether nothing is asked for in words.
func (r Ricerca) Vuota() bool { return len(r.gruppi) == 0 }

// leggiRicerca reads the words of a question: all must be there, but those joined
// by o, of which one is enough, and those after a minus, which must not.
func leggiRicerca(pp []pezzo) (Ricerca, error) {
	var r Ricerca
	var sciolte []string // read together: the digits of a telephone number stand apart
	trova := false
	for i := 0; i < len(pp); i++ {
		g := gruppo{senza: pp[i].meno}
		for ; ; i += 2 {
			if pp[i].oppure() || i+1 == len(pp)-1 && pp[i+1].oppure() {
				return Ricerca{}, errDomanda("«o» sta tra due parole: scrivine una prima e una dopo, o toglilo.")
			}
			v, err := pp[i].voce()
			if err != nil {
				return Ricerca{}, err
			}
			g.voci = append(g.voci, v)
			if i+2 >= len(pp) || !pp[i+1].oppure() {
				break
			}
			if pp[i].meno || pp[i+2].meno {
				return Ricerca{}, errDomanda("«o» e «-» non stanno insieme: fai due ricerche.")
			}
		}
		if p := pp[i]; len(g.voci) == 1 && !g.senza && !p.virgolette && !strings.HasSuffix(p.testo, "*") {
			sciolte = append(sciolte, p.testo)
			continue
		}
		if slices.ContainsFunc(g.voci, func(v voce) bool { return len(v.termini) == 0 }) {
			return Ricerca{}, errDomanda(g.dove(pp[i]) + " ci vuole una parola che non sia troppo corta o troppo comune.")
		}
		r.gruppi = append(r.gruppi, g)
		trova = trova || !g.senza
	}
	if p := Parole(strings.Join(sciolte, " ")); !p.Vuota() {
		r.gruppi, trova = append(p.gruppi, r.gruppi...), true
	}
	switch {
	case trova || len(pp) == 0:
		return r, nil
	case r.Vuota():
		return Ricerca{}, errDomanda("Scrivi almeno una parola di due lettere.")
	}
	return Ricerca{}, errDomanda("Scrivi anche una parola da trovare: le parole dopo il «-» tolgono soltanto.")
}

// dove says where a group, whose last piece is p, wants a word.
func (g gruppo) dove(p pezzo) string {
	switch {
	case g.senza:
		return "Dopo il «-»"
	case len(g.voci) > 1:
		return "Prima e dopo «o»"
	case p.virgolette:
		return "Tra virgolette"
	}
	return "Prima dell'asterisco"
}

// oppure reports whether a piece joins the two beside it.
func (p pezzo) oppure() bool {
	return !p.virgolette && !p.meno && (p.testo == "OR" || p.testo == "o" || p.testo == "oppure")
}

func (p pezzo) voce() (voce, error) {
	if p.virgolette {
		v := voce{termini: vault.Parole(p.testo), frase: vault.Words(p.testo)}
		if len(v.frase) == 1 && !strings.Contains(p.testo, "*") {
			v.frase = nil
		}
		return v, nil
	}
	v := voce{termini: vault.Domanda(p.testo)}
	if len(vault.Parole(p.testo)) == 0 { // a stop word: alone it asks for a name, beside others for nothing
		v.termini = nil
	}
	if radice, ok := strings.CutSuffix(p.testo, "*"); ok {
		w := vault.Words(radice)
		if len(w) == 0 || len([]rune(w[len(w)-1])) < 3 {
			return v, errDomanda("Prima dell'asterisco servono almeno tre lettere.")
		}
		v.inizio = w[len(w)-1]
	}
	return v, nil
}

// daAprire reports whether the index may give more than is asked for: it knows no
// order of words, and five letters of a name.
func (r Ricerca) daAprire() bool {
	return slices.ContainsFunc(r.gruppi, func(g gruppo) bool { return slices.ContainsFunc(g.voci, voce.daAprire) })
}

// toglie reports whether something must not be there.
func (r Ricerca) toglie() bool {
	return slices.ContainsFunc(r.gruppi, func(g gruppo) bool { return g.senza })
}

func (v voce) daAprire() bool { return len(v.frase) > 0 || len([]rune(v.inizio)) > 5 }

// gettoni is the question as the index of a year can be asked.
func (r Ricerca) gettoni(y vault.Year) Domanda {
	var trova, toglie []Gruppo
	for _, g := range r.gruppi {
		if g.senza && slices.ContainsFunc(g.voci, voce.daAprire) {
			continue // of these the index would take out too much
		}
		x := Gruppo{Senza: g.senza}
		for _, v := range g.voci {
			x.Voci = append(x.Voci, y.Gettoni(v.termini))
		}
		if g.senza {
			toglie = append(toglie, x)
		} else {
			trova = append(trova, x)
		}
	}
	return Domanda{y.Anno, append(trova, toglie...)}
}

// Trova reports whether a case with this report and these other texts holds what is
// asked for. It says of opened text what the index says of tokens, and more exactly.
func (r Ricerca) Trova(seg Segnalazione, altri ...string) bool {
	t := aperto{seg: seg, testi: append([]string{seg.corpo()}, altri...)}
	for _, g := range r.gruppi {
		if slices.ContainsFunc(g.voci, t.ha) == g.senza {
			return false
		}
	}
	return true
}

// aperto is a case with what it is searched for, made when it is needed.
type aperto struct {
	seg     Segnalazione
	testi   []string
	termini map[string]bool
}

func (t *aperto) ha(v voce) bool {
	if t.termini == nil {
		t.termini = map[string]bool{}
		for _, x := range append(termini(t.seg), vault.Parole(strings.Join(t.testi, "\n"))...) {
			t.termini[x] = true
		}
	}
	for _, x := range v.termini {
		if !t.termini[x] {
			return false
		}
	}
	dice := func(testo string) bool { return segue(vault.Words(testo), v.frase) }
	if len(v.frase) > 0 && !slices.ContainsFunc(t.testi, dice) && !slices.ContainsFunc(t.seg.nomi(), dice) {
		return false
	}
	return len([]rune(v.inizio)) <= 5 || slices.ContainsFunc(t.seg.nomi(), func(n string) bool {
		w := vault.Words(n)
		return slices.ContainsFunc(append(w, strings.Join(w, "")), func(x string) bool { return strings.HasPrefix(x, v.inizio) })
	})
}

// segue reports whether the words follow each other somewhere in a text.
func segue(testo, frase []string) bool {
	for i := range testo {
		if i+len(frase) > len(testo) {
			return false
		}
		if slices.Equal(testo[i:i+len(frase)], frase) {
			return true
		}
	}
	return false
}

// corpo is the text of a segnalazione that is searched word by word.
func (seg Segnalazione) corpo() string {
	t := seg.Oggetto + "\n" + seg.Testo + "\n" + seg.Chiede
	for _, x := range []string{seg.Ritardo, seg.NoteURP} {
		if x != "" {
			t += "\n" + x
		}
	}
	return t
}

// nomi are those of who writes and of who it is about.
func (seg Segnalazione) nomi() []string {
	var out []string
	for _, p := range []*Persona{seg.Segnalante, seg.Assistito} {
		if p != nil {
			out = append(out, p.Nome+" "+p.Cognome)
		}
	}
	return out
}

// termini are the searchable terms of a segnalazione but those of its text.
func termini(seg Segnalazione) []string {
	var out []string
	for _, n := range seg.nomi() {
		out = append(out, vault.Nomi(n)...)
	}
	for _, p := range []*Persona{seg.Segnalante, seg.Assistito} {
		if p != nil {
			out = append(out, vault.Parole(p.CodiceFiscale+" "+p.Email+" "+p.PEC+" ; "+p.Telefono)...)
		}
	}
	return out
}
