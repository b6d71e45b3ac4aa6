package pratica

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

const (
	vagliate   = 500 // hits opened for one page when the index alone cannot decide
	lungoBrano = 180 // of a snippet, in bytes
)

// Brano is a piece of the text of a hit, in which what was searched is marked.
type Brano struct {
	Testo   string
	Trovato bool
}

// Cerca gives a page of the cases that what was typed asks for, among those that
// who asks may list, each with the passage found: if one page holds them all the ones
// that answer best first, else the newest first. What cannot be read is fault.Invalid
// in the field "q".
func (s *Servizio) Cerca(ctx context.Context, chi access.Chi, q string, limite int, dopo string) (Pagina, error) {
	f, r, err := LeggiDomanda(q, s.Oggi())
	if err != nil {
		return Pagina{}, err
	}
	if err := s.Precisa(chi.Ente, &f); err != nil {
		return Pagina{}, errDomanda(fault.Message(err))
	}
	if f.Limite, f.Dopo = limite, dopo; limite < 1 || limite > 100 {
		f.Limite = 50
	}
	if r.Vuota() {
		return s.Elenco(ctx, chi, f)
	}
	dal := s.Oggi().Year() - anniCercati
	if !f.RicevutaDal.IsZero() {
		dal = max(dal, f.RicevutaDal.Year())
	}
	if f.Parole, err = s.Domande(chi.Ente, r, dal); err != nil {
		return Pagina{}, err
	}
	return s.trova(ctx, chi, f, r)
}

// trova takes hits from the index and opens them, until the page is full.
func (s *Servizio) trova(ctx context.Context, chi access.Chi, f Filtro, r Ricerca) (Pagina, error) {
	limite, prima := f.Limite, f.Dopo == ""
	var out Pagina
	var trovate []segno
	for viste := 0; ; {
		p, err := s.Elenco(ctx, chi, f)
		if err != nil {
			return Pagina{}, err
		}
		if err := s.apriTrovate(ctx, p.Righe); err != nil {
			return Pagina{}, err
		}
		viste += len(p.Righe)
		for _, x := range p.Righe {
			var seg Segnalazione
			if x.segnalazione != nil {
				seg = x.segnalazione.Apri()
			}
			if r.daAprire() && !r.Trova(seg) {
				continue
			}
			trovate = append(trovate, segno{riga: x, seg: seg})
		}
		if out.Dopo, out.Ancora = p.Dopo, p.Ancora; p.Dopo == "" || len(trovate) >= limite {
			break
		}
		if out.Ancora = out.Ancora || viste >= vagliate; out.Ancora {
			break
		}
		f.Dopo = p.Dopo
	}
	if len(trovate) > limite {
		trovate = trovate[:limite]
		out.Dopo, out.Ancora = trovate[limite-1].riga.Cursore(), false
	}
	for i := range trovate {
		trovate[i].leggi(r)
	}
	if prima && out.Dopo == "" {
		perMerito(trovate)
		out.PerMerito = len(trovate) > 1
	}
	for _, x := range trovate {
		x.riga.Brani = Chiudi(x.brani())
		out.Righe = append(out.Righe, x.riga)
	}
	return out, nil
}

// apriTrovate opens the segnalazione of each row, with the keys of its summary and
// of the citizen's part.
func (s *Servizio) apriTrovate(ctx context.Context, righe []Riga) error {
	var n []int64
	for _, x := range righe {
		if x.parti != nil {
			n = append(n, x.N)
		}
	}
	aperture, err := s.Arch.Aperture(ctx, n)
	if err != nil {
		return err
	}
	for i := range righe {
		x := &righe[i]
		a, ok := aperture[x.N]
		if !ok || x.parti == nil {
			continue
		}
		atto, err := DecodeBusta(a.Busta)
		if err != nil {
			return err
		}
		b, err := vault.OpenText(x.parti.chiave(a.Parte), contestoContenuto(x.Ente, x.ID, a.Parte, atto.ID, a.N), a.Bytes)
		if err != nil {
			return err
		}
		var seg Segnalazione
		if err := json.Unmarshal([]byte(b), &seg); err != nil {
			return err
		}
		c := Chiudi(seg)
		x.segnalazione = &c
	}
	return nil
}

// segno is how a hit answers.
type segno struct {
	riga   Riga
	seg    Segnalazione
	corpo  string
	colpi  []colpo
	peso   []float64 // of each word, in the order of the question: how often it is there
	parole int
	merito float64
}

// colpo is where a word of the question stands in the text.
type colpo struct{ da, a, quale int }

// leggi finds the words of a question in the text of a hit, and weighs them: in the
// subject and in a name they count three times.
func (x *segno) leggi(r Ricerca) {
	x.corpo = x.seg.corpo()
	quali, frasi := map[string]int{}, [][]string{}
	for _, g := range r.gruppi {
		if g.senza {
			continue
		}
		for _, v := range g.voci {
			if len(v.frase) == 0 {
				for _, t := range v.termini {
					quali[t] = len(frasi)
				}
			}
			frasi = append(frasi, v.frase) // empty of a word
		}
	}
	x.peso = make([]float64, len(frasi))
	for _, t := range termini(x.seg) {
		if q, ok := quali[t]; ok {
			x.peso[q] += 3
		}
	}
	parole := posti(x.corpo)
	x.parole = len(parole)
	var iniziali string // a word that begins otherwise is none of those searched
	for t := range quali {
		_, w, _ := strings.Cut(t, "|")
		iniziali += w[:1]
	}
	for i, p := range parole {
		q, ok := 0, false
		if strings.Contains(iniziali, p.parola[:1]) {
			q, ok = quali[vault.Term(p.parola)]
		}
		fine := p.a
		for k, f := range frasi {
			if len(f) > 0 && len(parole)-i >= len(f) && slices.EqualFunc(parole[i:i+len(f)], f, func(p posto, w string) bool { return p.parola == w }) {
				q, ok, fine = k, true, parole[i+len(f)-1].a
			}
		}
		if !ok {
			continue
		}
		if x.peso[q]++; p.da < len(x.seg.Oggetto) {
			x.peso[q] += 2
		}
		x.colpi = append(x.colpi, colpo{p.da, fine, q})
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
// parts them is how often and in how long a text. Of two alike the newer comes first.
func perMerito(segni []segno) {
	media := 1.0
	for _, x := range segni {
		media += float64(x.parole) / float64(len(segni))
	}
	for i := range segni {
		x := &segni[i]
		for _, n := range x.peso {
			x.merito += n * 2.2 / (n + 1.2*(0.25+0.75*float64(x.parole)/media))
		}
	}
	slices.SortStableFunc(segni, func(a, b segno) int { return cmp.Compare(b.merito, a.merito) })
}

// brani is the passage that holds most of the words, or the beginning; the subject is
// shown already.
func (x *segno) brani() []Brano {
	testo := len(x.seg.Oggetto) + 1
	colpi := slices.DeleteFunc(slices.Clone(x.colpi), func(c colpo) bool { return c.da < testo })
	inizio, meglio := testo, 0
	for i, c := range colpi {
		diversi := map[int]bool{}
		for _, d := range colpi[i:] {
			if d.a > c.da+lungoBrano*2/3 {
				break
			}
			diversi[d.quale] = true
		}
		if len(diversi) > meglio {
			inizio, meglio = max(testo, c.da-lungoBrano/3), len(diversi)
		}
	}
	fine := min(len(x.corpo), inizio+lungoBrano)
	if fine = parolaIntera(x.corpo, fine, true); inizio > testo {
		inizio = parolaIntera(x.corpo, inizio, false)
	}
	var out []Brano
	aggiungi := func(t string, trovato bool) {
		if t != "" {
			out = append(out, Brano{strings.ReplaceAll(t, "\n", " "), trovato})
		}
	}
	if inizio > testo {
		aggiungi("…", false)
	}
	da := inizio
	for _, c := range colpi {
		if c.da < da || c.a > fine {
			continue
		}
		aggiungi(x.corpo[da:c.da], false)
		aggiungi(x.corpo[c.da:c.a], true)
		da = c.a
	}
	aggiungi(strings.TrimRight(x.corpo[da:fine], "\n "), false)
	if fine < len(strings.TrimRight(x.corpo, "\n ")) {
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
