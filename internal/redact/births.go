package redact

import (
	"slices"
	"strconv"
	"strings"
)

// date is a day as it is written: the year may have two figures, or be missing.
type date struct{ d, m, y int }

// same reports whether a full date is the one a case knows.
func (a date) same(known date) bool {
	return a.d == known.d && a.m == known.m && (a.y == known.y || a.y < 100 && a.y == known.y%100)
}

var months = strings.Fields("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre")

func monthNumber(n string) int {
	for i, m := range months {
		if n == m || len(n) >= 3 && strings.HasPrefix(m, n) {
			return i + 1
		}
	}
	return 0
}

var inWords = strings.Fields(`zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto
	diciannove venti ventuno ventidue ventitre ventiquattro venticinque ventisei ventisette ventotto ventinove trenta trentuno`)

// value gives the number of a token with at most n figures, or -1.
func (s *scan) value(i, n int) int {
	t := s.tok(i)
	if t.is(figure) {
		return slices.Index(inWords, t.n)
	}
	d := digits(t, s.text)
	if d == "" || len(d) > n {
		return -1
	}
	v, _ := strconv.Atoi(d)
	return v
}

// isDate is how many tokens the date at i has, 0 if there is none.
func (s *scan) isDate(i int) int { _, e := s.date(i); return max(e-i, 0) }

// date reads a date at i, and where it ends; i if there is none.
func (s *scan) date(i int) (date, int) {
	if i < 0 || i >= len(s.t) || s.t[i].form == mark || s.t[i].gap == joined && s.tok(i-1).mark("./-") && s.tok(i-2).figures() && s.t[i-1].gap == joined {
		return date{}, i
	}
	d := s.value(i, 4)
	if d < 0 {
		return date{}, i
	}
	j := i + 1
	if s.tok(j).mark("°º^") {
		j++
	}
	if sep := s.tok(j); sep.mark("./-|") && sep.gap == joined && (s.tok(j+1).gap == joined || sep.mark("|")) {
		return s.dateMarks(i, j, d)
	}
	if d < 1 || d > 31 {
		return date{}, i
	}
	if s.tok(j).n == "di" && s.tok(j+1).is(month) {
		j++
	}
	if m := monthNumber(s.tok(j).n); m > 0 && s.tok(j).is(month) && s.tok(j).gap != newline {
		if j++; s.tok(j).mark(".") && !s.ends(j) {
			j++
		}
		return s.year(date{d, m, 0}, j)
	}
	if m, y := s.value(j, 2), s.value(j+1, 4); s.t[i].form == number && s.tok(j).gap == space && s.tok(j+1).gap == space && m >= 1 && m <= 12 && y >= 1900 && y < 2100 && s.tok(j).to-s.tok(j).from == 2 {
		return date{d, m, y}, j + 2
	}
	return date{}, i
}

// dateMarks reads the rest of a date whose first number d is followed by the
// mark at j.
func (s *scan) dateMarks(i, j, d int) (date, int) {
	m := s.value(j+1, 2)
	if mm := monthNumber(s.tok(j + 1).n); mm > 0 && s.tok(j+1).is(month) {
		m = mm
	}
	third := s.tok(j+2).mark("./-|") && s.tok(j+2).gap == joined && s.value(j+3, 4) >= 0 && (s.tok(j+3).gap == joined || s.tok(j+2).mark("|"))
	if m < 1 || m > 12 || s.tok(j+1).is(figure) {
		return date{}, i
	}
	if !third {
		if s.t[j].mark("/") && d >= 1 && d <= 31 && s.tok(i).to-s.tok(i).from <= 2 && !(s.tok(j+2).mark("./-") && s.tok(j+3).gap == joined && s.tok(j+3).figures()) {
			return date{d, m, 0}, j + 2
		}
		return date{}, i
	}
	y := s.value(j+3, 4)
	if s.tok(j+4).mark("./-") && s.tok(j+4).gap == joined && s.tok(j+5).figures() && s.tok(j+5).gap == joined {
		return date{}, i
	}
	if d >= 1900 && y <= 31 {
		d, y = y, d
	}
	if width := s.tok(j+3).to - s.tok(j+3).from; d < 1 || d > 31 || width == 3 || width == 1 && !s.tok(j+2).mark("/") {
		return date{}, i
	}
	return date{d, m, y}, j + 4
}

// year reads the year of a date, if it has one, at j.
func (s *scan) year(d date, j int) (date, int) {
	k := j
	for k < j+2 && (s.tok(k).mark("'’,-") || s.tok(k).n == "del") {
		k++
	}
	if y := s.value(k, 4); y >= 0 && s.tok(k).gap != newline && (y >= 1900 && y < 2100 || y < 100 && s.tok(k).to-s.tok(k).from == 2 && (s.tok(k-1).mark("'’-") || k == j && !s.tok(k+1).mark(":.,") && s.tok(k).form == number && !units[s.tok(k+1).n])) {
		d.y = y
		return d, k + 1
	}
	return d, j
}

// facts settles the dates of what happened, so that nothing takes them for
// numbers; those of births are found first.
func (s *scan) facts() {
	for i := range s.t {
		if s.t[i].own != free || !s.t[i].figures() && !s.t[i].is(figure) {
			continue
		}
		d, e := s.date(i)
		if e == i {
			if n := s.raw(i, i+1); len(n) == 8 && s.people.bornPlain(n) {
				s.hide(i, i+1, BirthDate, "nascita-nota")
			}
			continue
		}
		if s.people.born(d) {
			s.hide(i, e, BirthDate, "nascita-nota")
		}
	}
}

var (
	bornWords = set("nato nata nati nate nascita nascut nascuta nacido nacida born nee nassuo nat nac na natu nasc")
	bornGlue  = set("a ad in il l lo la nel nell del di dell e data luogo giorno anno prov presso at on the al li de n nella citta comune ed en comunque si classe sbagliata errata giusta corretta esatta mia sua")
)

// births finds where and when somebody was born, near a word that says so.
func (s *scan) births() {
	for i := range s.t {
		t := &s.t[i]
		switch {
		case t.form != word || t.own != free:
		case bornWords[t.n] && (t.n != "na" && t.n != "nac" || s.tok(i+1).mark(".")):
			s.birth(i + 1)
		case t.n == "n" && s.tok(i+1).mark(".") && (s.tok(i+2).n == "a" || s.tok(i+2).n == "il" || s.tok(i+2).is(place) && s.tok(i+2).capital()):
			s.birth(i + 2)
		case t.n == "classe" && (s.tok(i+1).mark("'’") || s.yearAt(i+1)):
			s.birth(i + 1)
		case t.n == "a" && s.tok(i+1).mark(":") && s.start(i) && s.birthAbove(i):
			s.birthPlace(i + 2)
		case s.people.bornAt(t.n) && t.capital() && (s.said(i, 3, "originario", "originaria", "arrivata", "arrivato", "venuta", "venuto", "nativo", "nativa", "provengo", "natia") || s.tok(i-1).mark(":")):
			s.hide(i, i+1, BirthPlace, "luogo-noto")
		}
	}
}

// birthAbove reports a word of birth in the line above that of i.
func (s *scan) birthAbove(i int) bool {
	for j := i - 1; j >= 0 && j > i-12; j-- {
		if bornWords[s.t[j].n] {
			return true
		}
	}
	return false
}

func (s *scan) yearAt(i int) bool {
	y := s.value(i, 4)
	return y >= 1900 && y < 2100 && s.tok(i).form == number
}

// birth reads what follows a word of birth: places and dates, in any order.
func (s *scan) birth(i int) {
	dated, placed := false, false
	for j := i; j < len(s.t) && j < i+22; j++ {
		t := &s.t[j]
		_, e := s.date(j)
		switch {
		case e > j && !dated:
			s.hide(j, e, BirthDate, "nato")
			dated, j = true, e-1
		case e > j:
			return
		case t.own == hidden:
		case t.form == number && t.to-t.from == 8 && !dated:
			s.hide(j, j+1, BirthDate, "nato")
			dated = true
		case !dated && (s.yearAt(j) || t.form == number && t.to-t.from == 2 && s.tok(j-1).mark("'’")):
			s.hide(j, j+1, BirthDate, "nato")
			dated = true
		case t.form == mark:
			if t.mark(".;!?") && s.ends(j) || t.mark(")") && (dated || placed) {
				return
			}
		case bornGlue[t.n] || s.tok(j-1).mark("(") && t.n != "" && len(t.n) == 2 && t.shape == upper:
		case !placed && s.birthPlace(j) > j:
			placed = true
			for s.tok(j+1).own == hidden {
				j++
			}
		default:
			return
		}
	}
}

// birthPlace hides the town or country at i and gives its end; i if none.
func (s *scan) birthPlace(i int) int {
	e := s.town(i)
	if e > i {
		s.hide(i, e, BirthPlace, "nato")
	}
	return e
}

// town is the end of the name of a place at i: words with a capital, and what
// joins them; i if there is none.
func (s *scan) town(i int) int {
	if !s.free(i) || !s.t[i].letters() {
		return i
	}
	e := i
	for e < len(s.t) && e < i+6 && s.t[e].own == free && s.t[e].letters() && (e == i || s.t[e].gap != newline) {
		t := &s.t[e]
		name := t.capital() && (!t.is(function) || t.is(place)) && !t.is(role&^private) && !t.is(firstName&^surname) || e > i && t.is(place) || e == i && t.capital() && (saint[t.n] || len(t.n) == 1)
		if p := s.tok(i - 1).n; e == i && t.capital() && !t.plain && (p == "a" || p == "ad") && !t.is(function|role) {
			name = true // Palma di Montechiaro
		}
		if t.plain {
			name = t.is(place) || !t.is(ordinary|firstName|role) && len(t.n) > 2 || saint[t.n]
		}
		if e > i && t.capital() && t.is(firstName) && (saint[s.t[e-1].n] || s.t[e-1].mark(".") && e > i+1) {
			name = true
		}
		if !name {
			if e == i || !townJoint[t.n] || !(s.tok(e+1).capital() && s.tok(e+1).letters() && !s.tok(e+1).is(function|month) && s.tok(e+1).gap != newline) || t.n == "in" && s.tok(e+1).is(street) {
				break
			}
		}
		e++
		if saint[t.n] && s.tok(e).mark(".") {
			e++
		}
		if s.tok(e).mark("/-") && s.tok(e).gap == joined && s.tok(e+1).gap == joined && s.tok(e+1).capital() {
			e++
		}
	}
	return e
}

var (
	saint     = set("san santa santo sant s sta sto reggio monte castel villa borgo porto la lo")
	townJoint = set("di del della dei delle in al sul nell nel sulla d a dell lo la")
)
