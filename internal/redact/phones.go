package redact

import "strings"

// phones finds telephone numbers in any layout. Those said to be of an office
// stay, as do toll-free ones.
func (s *scan) phones() {
	for i := 0; i < len(s.t); i++ {
		if e, n := s.dial(i); e > i {
			known := s.people.dials(n)
			switch {
			case !known && (tollFree(n) || s.ofOffice(i, e)):
				s.keep(i, e)
			case known:
				s.hide(i, e, Phone, "telefono-noto")
			default:
				s.hide(i, e, Phone, "telefono")
			}
			i = e - 1
		} else if e := s.spelled(i); e > i {
			s.hide(i, e, Phone, "telefono-lettere")
			i = e - 1
		}
	}
}

func tollFree(n string) bool {
	return len(n) <= 10 && (strings.HasPrefix(n, "80") || strings.HasPrefix(n, "84") || strings.HasPrefix(n, "89") || strings.HasPrefix(n, "199"))
}

// dialled reports whether a telephone number begins at i.
func (s *scan) dialled(i int) bool { e, _ := s.dial(i); return e > i }

// dial reads the telephone number at i: its end and its figures; i if none.
func (s *scan) dial(i int) (int, string) {
	first := s.tok(i)
	if !s.free(i) || first.form == word || first.form == mark && !first.mark("+(") || first.gap == joined && s.tok(i-1).form != mark || s.tok(i-1).mark("/") && first.gap == joined {
		return i, ""
	}
	n, e, end := "", i, i
	plus := false
	for e < len(s.t) && s.t[e].own == free && (e == i || s.t[e].gap != newline) {
		t := &s.t[e]
		switch d := digits(t, s.text); {
		case d != "":
			if whole(n, plus) && (t.gap == space && s.t[e-1].form != mark || s.t[e-1].gap == space) && len(n)+len(d) > 10 || len(n)+len(d) > 15 {
				return s.dialEnd(i, end, n, plus)
			}
			n, end = n+d, e+1
		case t.mark("+") && n == "" || t.mark("(") && n == "":
			plus = plus || t.mark("+")
		case t.mark("-–—/") && t.gap == space && s.tok(e+1).gap == space:
			if len(n) > 4 {
				return s.dialEnd(i, end, n, plus)
			}
		case t.mark(".-–/()") && n != "" && (e == end || s.t[e-1].mark(")")):
			if t.mark(".") && s.tok(e+1).gap != joined && s.tok(e+1).form != number {
				return s.dialEnd(i, end, n, plus)
			}
		default:
			return s.dialEnd(i, end, n, plus)
		}
		e++
	}
	return s.dialEnd(i, end, n, plus)
}

// whole reports whether n may be a complete number already.
func whole(n string, plus bool) bool {
	n = national(n, plus)
	return len(n) >= 9 && !strings.HasPrefix(n, "00") && (n[0] == '3' || n[0] == '0')
}

// national is n without the prefix of Italy.
func national(n string, plus bool) string {
	if plus && strings.HasPrefix(n, "39") {
		return n[2:]
	}
	if rest, ok := strings.CutPrefix(n, "0039"); ok && len(rest) >= 8 {
		return rest
	}
	if len(n) == 12 && strings.HasPrefix(n, "393") {
		return n[2:]
	}
	return n
}

func (s *scan) dialEnd(i, e int, n string, plus bool) (int, string) {
	if e == i || s.isDate(i) > 0 || sums[s.tok(e).n] || sums[s.tok(i-1).n] {
		return i, ""
	}
	abroad := plus || strings.HasPrefix(n, "00") && !strings.HasPrefix(n, "0039")
	n = national(n, plus)
	if n == "" {
		return i, ""
	}
	ok := s.people.dials(n)
	switch {
	case ok:
	case abroad:
		ok = len(n) >= 8 && len(n) <= 15
	case tollFree(n):
		ok = len(n) >= 6 && s.t[i].n != n || len(n) >= 8 && len(n) <= 10
	case n[0] == '3':
		ok = len(n) == 9 || len(n) == 10
	case n[0] == '0':
		ok = len(n) >= 8 && len(n) <= 11 || len(n) >= 5 && len(n) <= 11 && s.phoneSaid(i)
	default:
		ok = len(n) >= 6 && len(n) <= 10 && s.phoneSaid(i) && s.said(i, 3, "telefono", "tel", "cell", "cellulare")
	}
	if !ok {
		return i, ""
	}
	return e, n
}

var (
	phoneWords  = set("tel telefono telefonico cell cel cellulare mobile mob fax te1 tei recapito recapiti numero whatsapp wapp fisso t m phone telefonare chiamare telefon telefunu contattare chiamatemi ciameme numer n°")
	myPhone     = set("cell cel cellulare cellulari mobile mob mio mia recapito recapiti richiamare richiamato richiamata richiami richiamo richiamatemi contattarmi contattare contattatemi chiamatemi chiamate chiamami chiamatelo chiamatela reperibile casa whatsapp wapp scrivetemi suo sua nostro disponibile rintracciabile chiamami telefonatemi chiamare personale privato richiede ciameme chiammateme telefunatemi telefonati firma saluti distinti utente utenza")
	officePhone = set("chiamato chiamata chiamavo chiamo chiamai telefonato telefonando telefonavo telefonai centralino verde cup call center urp risponde rispondono rispondeva rispondevano risposto ciama ciamo ciamà ciamo componendo chiamando numerare prenotazioni prenotare numeri sportello occupato squilla suona emergenza urgenze segreteria sito provato digitato composto riprovato")
	noAnswer    = set("risponde rispondono rispondeva rispondevano risposto rispose squilla occupato suona sempre muto staccato nessuno respondu risponne")
)

func (s *scan) phoneSaid(i int) bool {
	yes := false
	s.back(i-1, 4, func(j int) bool {
		yes = yes || phoneWords[s.t[j].n]
		return !yes
	})
	return yes
}

// ofOffice reports whether the words around the number i to e say that it is of
// an office: the nearest that says anything decides.
func (s *scan) ofOffice(i, e int) bool {
	verdict := 0
	mobile := strings.HasPrefix(strings.TrimPrefix(digits(&s.t[i], s.text), "39"), "3")
	s.back(i-1, 9, func(j int) bool {
		t := &s.t[j]
		switch {
		case t.own == hidden || myPhone[t.n] || t.is(kin|private|home) && !t.is(function):
			verdict = -1
		case officePhone[t.n] && !mobile && !(noAnswer[t.n] && s.tok(j+1).is(article)) || t.is(body|ward) && !t.is(function|mister|street) && len(t.n) > 2 && (t.n != "ufficio" || j < i-2):
			verdict = 1
		}
		return verdict == 0
	})
	if verdict != 0 {
		return verdict > 0
	}
	if s.tok(e).mark(")") {
		e++
	}
	s.ahead(e, 5, func(j int) bool {
		t := &s.t[j]
		if noAnswer[t.n] && s.tok(j+1).is(mine|kin) {
			return false
		}
		if noAnswer[t.n] || t.is(staff) && !t.is(function|private) {
			verdict = 1
		}
		return verdict == 0 && t.own != hidden && !t.is(kin)
	})
	return verdict > 0
}

// spelled is the end of a run of numbers in words that is long enough for a
// telephone, or i.
func (s *scan) spelled(i int) int {
	n, e, figs := 0, i, 0
	for e < len(s.t) && figs <= 13 && s.free(e) && (e == i || s.t[e].gap != newline) {
		t := &s.t[e]
		if t.is(figure) || t.form == number && n > 0 && t.to-t.from <= 3 {
			n++
			figs += spokenFigures(t)
		} else if !t.mark(",-") {
			break
		}
		e++
	}
	for e > i && s.t[e-1].form == mark {
		e--
	}
	if n < 4 || figs < 7 || figs > 13 {
		return i
	}
	return e
}

// spokenFigures is how many figures a number in words has.
func spokenFigures(t *token) int {
	switch {
	case t.form == number:
		return t.to - t.from
	case t.n == "doppio":
		return 1
	case len(t.n) <= 4 && t.n != "venti" || t.n == "quattro" || t.n == "cinque" || t.n == "sette":
		return 1
	}
	return 2
}
