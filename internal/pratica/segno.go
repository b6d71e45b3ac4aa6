package pratica

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tutela/internal/vault"
)

// lungoBrano is the length of a passage, in bytes.
const lungoBrano = 180

// Brano is a piece of the text of a hit, in which what was searched is marked.
type Brano struct {
	Testo   string
	Trovato bool
}

// segno is how a hit answers.
type segno struct {
	riga   Riga
	seg    Segnalazione
	brani  []brano // as many as were opened
	tutto  bool    // all of them were
	colpi  []colpo
	peso   []float64 // of each word, in the order of the question: how often it is there
	intero bool      // what was opened has a word of each group
	parole int
	merito float64
}

// colpo is where a word of the question stands, and in which text.
type colpo struct{ brano, da, a, quale int }

// incerto reports whether only opening a case tells that it answers.
func (x *segno) incerto(c cerco) bool { return c.membri || x.riga.Candidata || c.daAprire() }

// basta reports whether the report alone says that a case answers, and where.
func (x *segno) basta(c cerco) bool {
	if x.incerto(c) {
		return x.brani != nil && !c.toglie() && c.Trova(x.seg)
	}
	return x.intero
}

// altri are its texts but the report.
func (x *segno) altri() []string {
	var out []string
	for _, b := range x.brani {
		if b.cosa != "" {
			out = append(out, b.corpo)
		}
	}
	return out
}

// cercate are the words of a question that must be there.
type cercate struct {
	quali  map[string]int // by term
	frasi  [][]string     // empty of a word
	gruppo []int          // of each
	inizi  string         // a word that begins otherwise is none of them
}

func (r Ricerca) cercate() cercate {
	c := cercate{quali: map[string]int{}}
	for i, g := range r.gruppi {
		if g.senza {
			continue
		}
		for _, v := range g.voci {
			if len(v.frase) == 0 {
				for _, t := range v.termini {
					c.quali[t] = len(c.frasi)
					_, w, _ := strings.Cut(t, "|")
					c.inizi += w[:1]
				}
			}
			c.frasi, c.gruppo = append(c.frasi, v.frase), append(c.gruppo, i)
		}
	}
	return c
}

// leggi finds the words of a question in the texts of a hit, and weighs them: in the
// subject and in a name they count three times.
func (x *segno) leggi(r Ricerca) {
	c := r.cercate()
	x.colpi, x.parole, x.peso = nil, 0, make([]float64, len(c.frasi))
	for _, t := range termini(x.seg) {
		if q, ok := c.quali[t]; ok {
			x.peso[q] += 3
		}
	}
	for n, b := range x.brani {
		x.leggiBrano(c, n, b)
	}
	x.intero = true
	for _, g := range c.gruppo {
		somma := 0.0
		for q, suo := range c.gruppo {
			if suo == g {
				somma += x.peso[q]
			}
		}
		x.intero = x.intero && somma > 0
	}
}

func (x *segno) leggiBrano(c cercate, n int, b brano) {
	parole := posti(b.corpo)
	x.parole += len(parole)
	for i, p := range parole {
		q, ok := 0, false
		if strings.Contains(c.inizi, p.parola[:1]) {
			q, ok = c.quali[vault.Term(p.parola)]
		}
		fine := p.a
		for k, f := range c.frasi {
			if len(f) > 0 && len(parole)-i >= len(f) && slices.EqualFunc(parole[i:i+len(f)], f, func(p posto, w string) bool { return p.parola == w }) {
				q, ok, fine = k, true, parole[i+len(f)-1].a
			}
		}
		if !ok {
			continue
		}
		if x.peso[q]++; p.da < b.oggetto {
			x.peso[q] += 2
		}
		x.colpi = append(x.colpi, colpo{n, p.da, fine, q})
	}
}

// posto is a word of a text and where it stands, in bytes.
type posto struct {
	da, a  int
	parola string
}

func posti(testo string) []posto {
	out := make([]posto, 0, len(testo)/6)
	da, semplice := -1, false // a word of plain letters needs no folding
	for i, c := range testo + " " {
		lettera := unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.Is(unicode.M, c) && da >= 0
		switch {
		case lettera && da < 0:
			da, semplice = i, c < utf8.RuneSelf
		case lettera:
			semplice = semplice && c < utf8.RuneSelf && i-da < 60
		case !lettera && da >= 0:
			if w := testo[da:i]; semplice {
				out = append(out, posto{da, i, strings.ToLower(w)})
			} else {
				for _, x := range vault.Words(w) {
					out = append(out, posto{da, i, x})
				}
			}
			da = -1
		}
	}
	return out
}

// perMerito orders hits by BM25 (k = 1.2, b = 0.75): all have all the words, so what
// parts them is how often and in how long a file. Of two alike the newer comes first.
func perMerito(segni []*segno) {
	media := 1.0
	for _, x := range segni {
		media += float64(x.parole) / float64(len(segni))
	}
	for _, x := range segni {
		for _, n := range x.peso {
			x.merito += n * 2.2 / (n + 1.2*(0.25+0.75*float64(x.parole)/media))
		}
	}
	slices.SortFunc(segni, func(a, b *segno) int { return cmp.Or(cmp.Compare(b.merito, a.merito), cmp.Compare(b.riga.N, a.riga.N)) })
}

// mostra puts on the row the passage that holds most of the words, and where it stands;
// or the beginning of the first text. The subject is shown already.
func (x *segno) mostra() {
	if len(x.brani) == 0 {
		return
	}
	quale, inizio, meglio := 0, x.brani[0].testo(), 0
	for i, c := range x.colpi {
		b := x.brani[c.brano]
		if c.da < b.testo() {
			continue
		}
		diversi := map[int]bool{}
		for _, d := range x.colpi[i:] {
			if d.brano != c.brano || d.a > c.da+lungoBrano*2/3 {
				break
			}
			diversi[d.quale] = true
		}
		if len(diversi) > meglio {
			quale, inizio, meglio = c.brano, max(b.testo(), c.da-lungoBrano/3), len(diversi)
		}
	}
	b := x.brani[quale]
	x.riga.Dove, x.riga.DoveIl = b.cosa, b.il
	x.riga.Brani = Chiudi(b.taglia(inizio, slices.DeleteFunc(slices.Clone(x.colpi), func(c colpo) bool { return c.brano != quale })))
}

// testo is where a text begins, past the subject.
func (b brano) testo() int {
	if b.cosa == "" {
		return b.oggetto + 1
	}
	return 0
}

// taglia cuts a passage out of a text, with what was searched marked.
func (b brano) taglia(inizio int, colpi []colpo) []Brano {
	fine := min(len(b.corpo), inizio+lungoBrano)
	if fine = parolaIntera(b.corpo, fine, true); inizio > b.testo() {
		inizio = parolaIntera(b.corpo, inizio, false)
	}
	var out []Brano
	aggiungi := func(t string, trovato bool) {
		if t != "" {
			out = append(out, Brano{strings.ReplaceAll(t, "\n", " "), trovato})
		}
	}
	if inizio > b.testo() {
		aggiungi("…", false)
	}
	da := inizio
	for _, c := range colpi {
		if c.da < da || c.a > fine {
			continue
		}
		aggiungi(b.corpo[da:c.da], false)
		aggiungi(b.corpo[c.da:c.a], true)
		da = c.a
	}
	aggiungi(strings.TrimRight(b.corpo[da:fine], "\n "), false)
	if fine < len(strings.TrimRight(b.corpo, "\n ")) {
		aggiungi("…", false)
	}
	return out
}

// parolaIntera moves a cut to the nearest space: back for an end, on for a beginning.
func parolaIntera(t string, i int, fine bool) int {
	if i <= 0 || i >= len(t) {
		return i
	}
	for !utf8.RuneStart(t[i]) {
		i--
	}
	if fine {
		if j := strings.LastIndexAny(t[:i], " \n"); j > i-40 && j > 0 {
			return j
		}
		return i
	}
	if j := strings.IndexAny(t[i:], " \n"); j >= 0 && j < 40 {
		return i + j + 1
	}
	return i
}
