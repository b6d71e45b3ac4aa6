package redact

import (
	"strings"
	"unicode"
)

// numbers finds the codes that their form or the word before them gives away,
// and settles those that stay: norms, protocol numbers, dates, sums, times.
func (s *scan) numbers() {
	s.taxCodes()
	s.ibans()
	s.facts()
	for i := range s.t {
		t := &s.t[i]
		if t.own != free || t.form == mark {
			continue
		}
		if keptBefore[t.n] || t.n == "l" && s.tok(i+1).mark(".") {
			s.keepNumber(i)
		} else if t.n == "i" && s.tok(i-1).mark(".") && s.tok(i-2).n == "c" && s.tok(i+1).mark(".") {
			s.numberAfter(i+1, IDDocument)
		} else if k, ok := numbered[t.n]; ok {
			s.numberAfter(i, k)
		}
	}
	s.plates()
}

// oddValues are the values of 0-9 in the odd places of a codice fiscale; A-Z in
// the odd places follow oddLetters, in the even ones their order.
//
// ref: dm-1976-12-23
var (
	oddValues  = [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}
	oddLetters = [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
)

// taxForm is the form of a codice fiscale: letters, figures or the letters that
// stand for them (omocodia), the letter of a month.
const taxForm = "AAAAAA00M00A000A"

// taxFits reports whether c can stand in the place of k in taxForm. A scanner's
// mistakes fit too.
func taxFits(c, k byte) bool {
	switch k {
	case 'A':
		return 'A' <= c && c <= 'Z' || c == '0' || c == '1'
	case 'M':
		return strings.IndexByte("ABCDEHLMPRST", c) >= 0
	}
	return '0' <= c && c <= '9' || strings.IndexByte("LMNPQRSTUVOI", c) >= 0
}

// taxCheck reports whether the last character of a codice fiscale is right.
func taxCheck(c string) bool {
	sum := 0
	for i := range 15 {
		v := int(c[i] - '0')
		letter := c[i] >= 'A'
		if letter {
			v = int(c[i] - 'A')
		}
		if i%2 == 0 && letter {
			v = oddLetters[v]
		} else if i%2 == 0 {
			v = oddValues[v]
		}
		sum += v
	}
	return byte('A'+sum%26) == c[15]
}

// TaxCodeHolds reports whether the last character of a codice fiscale, in
// capitals and without spaces, follows from the others.
func TaxCodeHolds(c string) bool {
	return len(c) == len(taxForm) && strings.Trim(c, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && taxCheck(c)
}

// taxCodes finds codici fiscali: whole, in groups, wrong, or a part of a known
// one.
func (s *scan) taxCodes() {
	for i := range s.t {
		if !s.free(i) || s.t[i].form == mark || s.t[i].to-s.t[i].from > 16 {
			continue
		}
		if e, code := s.taxCode(i); e > i {
			rule := "codice-fiscale-dub"
			if s.people.taxCodes[code] {
				rule = "codice-fiscale-noto"
			} else if taxCheck(code) {
				rule = "codice-fiscale"
			}
			s.hide(i, e, TaxCode, rule)
			continue
		}
		if up := strings.ToUpper(s.t[i].n); len(up) >= 6 && s.t[i].form == mixed && s.people.taxPart(up) {
			s.hide(i, i+1, TaxCode, "codice-fiscale-noto")
		}
	}
}

// taxCode reads a codice fiscale at i, in one piece or in groups parted by a
// blank, a hyphen or a full stop; its end, or i.
func (s *scan) taxCode(i int) (int, string) {
	code := make([]byte, 0, 16)
	for j := i; j < len(s.t) && j < i+31; j++ {
		t := &s.t[j]
		if t.form == mark {
			if !t.mark("-._/|") || len(code) == 0 {
				return i, ""
			}
			continue
		}
		if t.own != free || j > i && t.gap == newline {
			return i, ""
		}
		for k := range len(t.n) {
			c := t.n[k]
			if 'a' <= c && c <= 'z' {
				c -= 'a' - 'A'
			}
			if len(code) == 16 || !taxFits(c, taxForm[len(code)]) {
				return i, ""
			}
			code = append(code, c)
		}
		if len(code) == 16 {
			if !s.codeLike(i, j, string(code)) {
				return i, ""
			}
			return j + 1, string(code)
		}
	}
	return i, ""
}

// codeLike reports that what fits taxForm at the tokens i to j is no run of
// words that happens to: omocodia lets many fit.
func (s *scan) codeLike(i, j int, code string) bool {
	figs := len(onlyFigures(code))
	for k := i; k <= j && i < j; k++ {
		if t := &s.t[k]; t.form == word && (t.shape != upper && len(t.n) > 3 || t.is(function)) {
			return false
		}
	}
	if figs < 4 {
		return i == j && (taxCheck(code) && (figs > 0 || s.t[i].shape == upper) || s.t[i].shape == upper && (s.said(i, 4, "codice", "cf", "fiscale") || s.tok(i+4).n == "codice"))
	}
	return true
}

// ibans finds IBANs: a country's two letters, two figures, the rest in one
// piece or in groups.
func (s *scan) ibans() {
	for i := range s.t {
		t := &s.t[i]
		up := strings.ToUpper(t.n)
		if !s.free(i) || t.form == mark || len(up) < 2 || up[0] < 'A' || up[0] > 'Z' || up[1] < 'A' || up[1] > 'Z' {
			continue
		}
		n, figs, e := 0, 0, i
		for j := i; s.free(j) && j < i+20 && (j == i || s.t[j].gap != newline); j++ {
			g := &s.t[j]
			if g.form == mark {
				if !g.mark("-.") {
					break
				}
				continue
			}
			if j > i && g.form == word && (len(g.n) > 4 || g.shape == lower && !strings.HasPrefix(t.n, "it")) {
				break
			}
			if n == 2 && (len(g.n) < 2 || digits(&token{form: mixed, from: 0, to: 2}, g.n[:2]) == "") {
				break
			}
			n, e = n+len(g.n), j+1
			for _, c := range g.n {
				if unicode.IsDigit(c) {
					figs++
				}
			}
			if n >= 27 {
				break
			}
		}
		if n == 27 && figs >= 18 && (strings.HasPrefix(up, "IT") || strings.HasPrefix(up, "SM")) || n >= 15 && n <= 34 && figs >= 10 && len(up) >= 4 && up[2] <= '9' && up[3] <= '9' && s.said(i, 4, "iban", "conto", "bonifico") {
			s.hide(i, e, IBAN, "iban")
		}
	}
}

// said reports whether one of the words is among the n before i.
func (s *scan) said(i, n int, words ...string) bool {
	yes := false
	s.back(i-1, n, func(j int) bool {
		for _, w := range words {
			yes = yes || s.t[j].n == w
		}
		return !yes
	})
	return yes
}

var (
	units      = set("euro eur € mg ml mcg gr kg cm mm ore ora h minuti min giorni mesi anni settimane km lire % ° gocce compresse cp cpr volte persone metri bar percento")
	sums       = set("euro eur € mg ml mcg km % lire")
	keptBefore = set("prot protocollo legge leggi decreto dlgs lgs dgr dpcm dpr dm art articolo articoli comma regolamento ue delibera determina circolare direttiva sentenza gu dl dir reg segnalazione reclamo legislativo cee")
	numbered   = map[string]Kind{}
	ownNumber  = map[Kind]string{
		Record:     "cartella cartelle nosografico nosologico nosologica verbale episodio referto referti accesso scheda ricovero sdo fascicolo cartelletta accettazione",
		Booking:    "prenot pren prenotaz prenotazione prenotazioni prenotato prenotata appuntamento booking app prestazione",
		Prescript:  "impegn impegnativa impegnative ricetta ricette nre prescrizione prescrizioni promemoria ricettario",
		HealthCard: "tessera team tesserino",
		IDDocument: "patente passaporto identita documento documenti permesso soggiorno cie pasaporte passport pasaport",
		Plate:      "targa targata targato targhe",
		OtherNumber: `polizza polizze sinistro infortunio inail inps contratto contrassegno matricola badge assistito cnp stp eni questura codice cod fattura ricevuta
			bolletta raccomandata conto abbonamento iscrizione albo piva bollettino quietanza utenza pratica tracking spedizione pin puk otp id spid transazione distinta
			mandato rif riferimento utente paziente carta vetrino barcode braccialetto ordine provetta campione esenzione libretto assicurazione assicurato licenza`,
	}
	numberGlue = set("n nr num no numero numeri codice cod id e era d della del dei di la il lo clinica sanitaria elettronica identita rumena italiana straniera europea regionale team riferimento ricovero ps pronto soccorso medica rossa bianca dematerializzata dal al mia sua nostra ssn cui sopra questo seguente progressivo allegata auto macchina vettura carta o fiscale unico personale paziente assistito utente con n° vostra relativa valida soggiorno guida gen generale int ris uscita entrata ingresso reg albanese ucraina peruviana cinese marocchina in sono ha porta reca risulta targata cartacea pratica")
)

func init() {
	for k, ww := range ownNumber {
		for w := range strings.FieldsSeq(ww) {
			numbered[w] = k
		}
	}
}

// keepNumber settles the number that follows a word such as legge or prot.
func (s *scan) keepNumber(i int) {
	for j := i + 1; j < i+8 && j < len(s.t); j++ {
		t := &s.t[j]
		if t.figures() || len(t.n) == 1 && s.tok(j+1).mark("/-") && t.form == word && s.tok(j+1).gap == joined {
			if e := s.chunk(j, "/-._"); s.isDate(j) == 0 || keptBefore[s.t[i].n] {
				s.keep(j, max(e, j+1))
			}
			return
		}
		if t.gap == newline || t.form != mark && !numberGlue[t.n] && !keptBefore[t.n] || t.mark(";!?)") {
			return
		}
	}
}

// numberAfter hides the code that follows the word i, which says its kind; and
// those joined to it by a comma or an "e".
func (s *scan) numberAfter(i int, k Kind) {
	least := 3
	if w := s.t[i].n; k == OtherNumber && (w == "codice" || w == "cod" || w == "id" || w == "utente" || w == "paziente" || w == "esenzione" || w == "rif" || w == "riferimento" || w == "pratica") {
		least = 5
	}
	if s.t[i].n == "carta" && !s.tok(i+1).elided && s.tok(i+1).n != "identita" && s.tok(i+1).n != "n" {
		return
	}
	for j := i + 1; j < i+10 && j < len(s.t); j++ {
		t := &s.t[j]
		if t.form != mark {
			if k2, ok := numbered[t.n]; ok && k2 != OtherNumber {
				return // a nearer word says it better
			}
		}
		if t.own == kept && s.isDate(j) == 0 && t.form != mark {
			continue
		}
		if e, figs := s.code(j, k); e > j {
			if figs < least || s.t[j].n == "104" || !s.free(j) || s.isDate(j) > 0 || s.amount(j, e) || s.dialled(j) && t.form == number && t.gap != joined && s.tok(j-1).is(function) && k != Booking {
				return
			}
			s.hide(j, e, k, "numero-detto")
			for s.tok(e).mark(",") || s.tok(e).n == "e" {
				e2, figs := s.code(e+1, k)
				if e2 == e+1 || figs < 5 || s.isDate(e+1) > 0 {
					break
				}
				s.hide(e+1, e2, k, "numero-detto")
				e = e2
			}
			return
		}
		if t.gap == newline || t.form != mark && !numberGlue[t.n] || t.mark(";!?)") || t.mark(".") && t.gap != joined {
			return
		}
	}
}

// code is the end of the code that begins at j and how many figures it has; j if
// none does. Blanks may part its groups where its kind has any.
func (s *scan) code(j int, k Kind) (end, figs int) {
	count := func(i, e int) (n int) {
		for ; i < e; i++ {
			n += len(digits(&s.t[i], s.text))
			if s.t[i].form == mixed && digits(&s.t[i], s.text) == "" {
				n += strings.Count(strings.Map(figureOnly, s.raw(i, i+1)), "0")
			}
		}
		return n
	}
	if j >= len(s.t) || s.t[j].form == mark {
		return j, 0
	}
	e := s.chunk(j, "/-._\\")
	figs = count(j, e)
	short := s.t[j].form == word && e == j+1 && len(s.t[j].n) <= 4 && s.t[j].capital()
	for e < len(s.t) && s.t[e].gap == space && s.t[e].own == free {
		groups := s.t[e-1].figures() && (k == HealthCard || k == IDDocument || k == Plate || k == OtherNumber && figs > 0)
		groups = groups || s.t[e].form == number && len(s.t[e].n) >= 3 && s.t[e-1].form == number && figs+len(s.t[e].n) <= 16 || k == Prescript && s.t[e].form == number && figs < 14
		next := s.t[e].figures() || k == Plate && s.t[e].form == word && len(s.t[e].n) <= 3 && s.t[e].capital() && figs > 0
		if !next || !short && !groups || s.amount(e, e+1) || s.isDate(e) > 0 || figs > 0 && s.dialled(e) && (k == OtherNumber || k == IDDocument) {
			break
		}
		e2 := s.chunk(e, "/-._")
		figs += count(e, e2)
		e, short = e2, false
	}
	if figs == 0 || s.t[j].form == word && e == j+1 || s.tok(e).mark(":") && s.tok(e+1).gap == joined || e == j+3 && figs <= 4 && s.t[j+1].mark(".,") {
		return j, 0 // a word, or a time
	}
	return e, figs
}

func figureOnly(r rune) rune {
	if '0' <= r && r <= '9' {
		return '0'
	}
	return -1
}

// amount reports a sum, a time, a measure at the tokens i to e.
func (s *scan) amount(i, e int) bool {
	return units[s.tok(e).n] || sums[s.tok(i-1).n] || s.tok(e).mark("€%°")
}

// plates finds the plates of cars: two letters, three figures, two letters.
func (s *scan) plates() {
	for i := range s.t {
		if !s.free(i) || s.t[i].form == mark || s.t[i].shape == lower && !s.said(i, 4, "targa", "targata", "targato") {
			continue
		}
		n := ""
		for j := i; s.free(j) && j < i+5 && (j == i || s.t[j].gap != newline); j++ {
			if s.t[j].form != mark {
				n += s.t[j].n
			} else if !s.t[j].mark("-. ") {
				break
			}
			if len(n) == 7 && plate(n) && s.t[j].form != mark && (j == i || s.t[i].shape == upper) {
				s.hide(i, j+1, Plate, "targa")
			}
			if len(n) >= 7 {
				break
			}
		}
	}
}

func plate(n string) bool {
	for i := range len(n) {
		if figure := n[i] >= '0' && n[i] <= '9'; figure != (i >= 2 && i < 5) || !figure && (n[i] < 'a' || n[i] > 'z') {
			return false
		}
	}
	return true
}

// longCodes finds what is left: tessere, ricette, and any code long enough to
// lead to somebody.
func (s *scan) longCodes() {
	for i := range s.t {
		if !s.free(i) || s.t[i].form == mark || s.t[i].gap == joined && s.tok(i-1).form != mark {
			continue
		}
		if e := s.chunk(i, "/-._"); e > i {
			figs, letters, from := 0, 0, i
			if p := s.tok(i - 1); s.t[i].form == number && s.t[i].gap == space && p.form == word && p.shape == upper && len(p.n) == 2 && !p.plain && s.free(i-1) && !p.is(function|street) {
				from = i - 1
			}
			for _, c := range fold(s.raw(from, e)) {
				if c >= '0' && c <= '9' {
					figs++
				} else if unicode.IsLetter(c) {
					letters++
				}
			}
			if figs < 5 || s.amount(i, e) || s.isDate(i) > 0 {
				continue
			}
			switch {
			case figs == 20 || figs >= 19 && letters == 0:
				s.hide(i, e, HealthCard, "tessera")
			case figs+letters == 15 && letters >= 1 && letters <= 4 && s.t[i].n[0] <= '9':
				s.hide(i, e, Prescript, "ricetta")
			case e == i+3 && s.t[i+1].mark("/") && len(s.t[i].n) <= 4 && s.yearAt(i+2): // 114/2025: a protocol number
			case s.people.caps[fold(s.raw(i, e))]:
				s.hide(i, e, PostCode, "cap")
			case figs >= 7 || letters > 0 && (figs >= 6 || letters <= 4 && figs >= 5 && s.t[i].capital()):
				s.hide(from, e, OtherNumber, "numero-forma")
			}
		}
	}
}
