package redact

import "strings"

var (
	streetAbbr  = strings.Fields("p.zza p.za p.le v.le c.so l.go b.go c.da f.ne")
	notStreet   = set("e che ma non ho mi si ha poi perche quando dove mentre se il un una uno con per tra fra email mail pec telefono fax web orale posta endovenosa eccezionale generale preliminare definitiva telefonica telematica breve cosi amministrativa informatica subcutanea venosa aerea laurea formazione aggiornamento stampa visivo o anche sono mano")
	streetGlue  = set("di del dei dell della delle degli dello d da dal dalla al alla ai alle lo la l le i il san santa santo sant s e don fratelli f lli papa nel n")
	civic       = set("n nr num numero civico no n°")
	inside      = set("int interno sc scala piano p lotto pal palazzina bis ter snc fab fabbricato edificio a b c d e f")
	officePlace = set("sede ingresso fermata parcheggio ospedale presidio vostro vostra sportello ubicato ubicata situato situata struttura")
	venice      = set("castello cannaregio dorsoduro giudecca")
)

// addresses finds streets with their number, and the post code and town that
// come with them. Those of structures stay.
func (s *scan) addresses() {
	for i := 0; i < len(s.t); i++ {
		if !s.free(i) || s.t[i].form == mark {
			continue
		}
		if e := s.knownStreet(i); e > i {
			from := i
			if s.tok(i-1).mark("/") && s.tok(i-1).gap == joined && s.tok(i-2).capital() {
				from = i - 2
			}
			s.hide(from, e, Address, "indirizzo-noto")
			s.residence(e)
			continue
		}
		at, e, numbered := s.street(i)
		switch {
		case e == i:
			s.homeTown(i)
			continue
		case s.people.street(fold(s.raw(i, e))):
			s.hide(at, e, Address, "indirizzo-noto")
		case !numbered && !s.atHome(at) && !s.postCode(e):
			continue
		case s.ofBody(at, e):
			s.keep(at, e)
			i = e - 1
			continue
		default:
			s.hide(at, e, Address, "indirizzo")
		}
		s.townBefore(at)
		s.residence(e)
		i = e - 1
	}
}

// townBefore hides the town that stands before the address at i, after a word
// that says where from: vengo da Lucera, via Amendola 70.
func (s *scan) townBefore(i int) {
	if s.tok(i-1).mark(",") && s.tok(i-3).n == "presso" && s.free(i-2) && s.nameWord(i-2, false) && !s.t[i-2].is(place) {
		s.hide(i-2, i-1, Surname, "privato")
		return
	}
	j := i
	if s.tok(j - 1).mark(",-–(") {
		j--
	}
	from := j
	for from > 0 && j-from < 3 && s.free(from-1) && s.t[from-1].capital() && s.t[from-1].letters() && s.t[from].gap != newline {
		from--
	}
	if p := s.tok(from - 1); from < j && (p.n == "da" || p.n == "a" || p.n == "ad" || p.n == "di") && !s.t[from].plain && s.town(from) >= j {
		s.hide(from, j, Town, "comune")
	}
}

// street reads an address at i: where it begins, where it ends (i if there is
// none), and whether it has a number.
func (s *scan) street(i int) (from, to int, numbered bool) {
	t := &s.t[i]
	j := i + 1
	abbr := ""
	for _, a := range streetAbbr {
		if len(s.text)-t.from > len(a) && strings.EqualFold(s.text[t.from:t.from+len(a)], a) {
			abbr = a
			j = s.at(t.from + len(a))
		}
	}
	if venice[t.n] && t.capital() && s.tok(i+1).figures() {
		e := s.civic(i + 1)
		return i, e, e > i+1
	}
	if abbr == "" && !t.is(street) || abbr == "" && t.n == "v" && !s.tok(j).mark(".") || abbr == "" && len(t.n) == 1 && t.n != "v" {
		return i, i, false
	}
	if s.tok(j).mark(".") && s.tok(j).gap == joined {
		j++
	}
	sure := abbr != "" || t.is(streetSure)
	name := j
	capitals := false
	for j < name+9 && j < len(s.t) && s.t[j].gap != newline && s.t[j].own == free {
		w := &s.t[j]
		if w.form == mark {
			if !w.mark("./'’-") || s.ends(j) {
				break
			}
			j++
			continue
		}
		if w.figures() && digits(w, s.text) != "" {
			if j > name && !s.tok(j+1).is(month) {
				break
			}
			if !s.tok(j + 1).is(month) {
				return i, i, false
			}
			j, capitals = j+2, true
			continue
		}
		ok := w.capital() && !w.plain && (!w.is(function) || len(w.n) > 3 || streetGlue[w.n] || j == name) || streetGlue[w.n] && (w.plain || s.streetGoesOn(j)) ||
			w.plain && !notStreet[w.n] && !w.is(verb&^common|role&^staff) || w.shape == lower && s.people.streetWord(w.n) || capitals && strings.HasPrefix(s.raw(j, j+1), "stra")
		if civic[w.n] && (s.tok(j+1).figures() || s.tok(j+1).mark(".°") && s.tok(j+2).figures()) || j > name && (inside[w.n] && len(w.n) > 1) || j == name && notStreet[w.n] && (w.shape == lower || w.plain) || w.is(figure) && j > name && !w.capital() {
			break
		}
		if !ok {
			break
		}
		capitals = capitals || w.capital() && !w.plain || w.plain && !streetGlue[w.n]
		j++
	}
	for j > name && (s.t[j-1].form == mark || streetGlue[s.t[j-1].n] && len(s.t[j-1].n) > 1) {
		j--
	}
	if j == name || !capitals && !s.people.streetWord(s.tok(name).n) {
		return i, i, false
	}
	to = s.civic(j)
	if !sure && to == j && !s.people.street(fold(s.raw(i, j))) {
		return i, i, false
	}
	if p := s.tok(i - 1); p.mark(",") && s.tok(i-2).capital() && saint[s.tok(i-3).n] && s.free(i-3) && s.t[i-2].n == "polo" {
		return i - 3, to, to > j
	}
	return i, to, to > j
}

// streetGoesOn reports whether a name follows the joining word at j.
func (s *scan) streetGoesOn(j int) bool {
	for k := j + 1; k < j+3; k++ {
		if t := s.tok(k); t.capital() && t.letters() || t.is(month) {
			return true
		} else if !streetGlue[t.n] {
			return s.people.streetWord(t.n)
		}
	}
	return false
}

// civic is the end of the house number at i, with stairs, floor and door; i if
// there is none.
func (s *scan) civic(i int) int {
	j := i
	for j < i+4 && (s.tok(j).mark(",.°º-–n") && !s.ends(j) || civic[s.tok(j).n]) && s.tok(j).gap != newline {
		j++
	}
	t := s.tok(j)
	if t.n == "snc" {
		return j + 1
	}
	d := digits(t, s.text)
	suffixed := t.form == mixed && len(t.n) <= 5 && t.n[0] <= '9'
	if d == "" && !suffixed && !(t.is(figure) && j == i) || len(d) > 4 || t.gap == newline || t.is(function) ||
		s.isDate(j) > 0 && !s.tok(j+1).mark("/") || s.amount(j, j+1) && j > i || units[s.tok(j+1).n] && len(s.tok(j+1).n) > 1 {
		return i
	}
	e := j + 1
	for e < len(s.t) && s.t[e].gap != newline {
		t, next := &s.t[e], s.tok(e+1)
		switch {
		case t.mark("/-") && t.gap == joined && next.gap == joined && (len(next.n) <= 3):
			e += 2
		case t.mark(",.") && t.gap == joined && inside[next.n] && len(next.n) > 1 && next.gap != newline:
			e++
		case s.floor(e) > e:
			e = s.floor(e)
		case t.mark(",") && t.gap == joined && civic[next.n] && next.gap != newline:
			to := s.civic(e)
			if to == e {
				return e
			}
			e = to
		case inside[t.n] && (len(t.n) > 1 && (t.n != "p" || s.tok(e+1).mark(".")) || t.capital() && t.gap == space && !t.plain && s.tok(e+1).form == mark && !s.tok(e+1).elided && !t.elided):
			e++
			if s.tok(e).mark(".") && (s.tok(e+1).figures() || len(s.tok(e+1).n) == 1) && s.tok(e+1).gap != newline {
				e++
			}
			if n := s.tok(e); n.gap != newline && (n.form == number && len(n.n) <= 3 || len(n.n) == 1 && n.form == word && n.capital()) {
				e++
			}
		default:
			return e
		}
	}
	return e
}

// floor is the end of a floor at i: "2° piano", "- piano terra"; i if none.
func (s *scan) floor(i int) int {
	j := i
	if s.tok(j).mark(",-–") {
		j++
	}
	if s.tok(j).gap == newline {
		return i
	}
	if s.tok(j).form == number && s.tok(j+1).mark("°º") && s.tok(j+2).n == "piano" {
		return j + 3
	}
	if w := s.tok(j + 1).n; s.tok(j).n == "piano" && (w == "terra" || w == "rialzato" || w == "primo" || w == "secondo" || w == "terzo") {
		return j + 2
	}
	return i
}

// knownStreet is the end of a known street, without its kind, and its number,
// at i; i if there is none.
func (s *scan) knownStreet(i int) int {
	for _, k := range s.people.streets {
		e, ok := i, len(k.words) > 0
		for _, w := range k.words {
			if e >= len(s.t) || !s.free(e) || !alike(s.t[e].n, w) {
				ok = false
				break
			}
			e++
			for s.tok(e).mark("./") && s.tok(e).gap == joined {
				e++
			}
		}
		if !ok {
			continue
		}
		if to := s.civic(e); to > e && s.people.civicOf(k, digits(s.tok(to-1), s.text), s.raw(e, to)) {
			return to
		}
	}
	return i
}

// residence hides the post code and the town that follow an address at i.
func (s *scan) residence(i int) {
	j := i
	for j < i+3 && (s.tok(j).mark(",.-–—(/|") && !s.ends(j) || s.tok(j).n == "a" || s.tok(j).n == "in") {
		j++
	}
	if s.free(j) && s.postCode(j) {
		s.hide(j, j+1, PostCode, "cap")
		j++
		for s.tok(j).mark(",-–(") {
			j++
		}
		if e := s.town(j); e > j {
			s.hide(j, e, Town, "comune")
		}
		return
	}
	e := s.town(j)
	if e == j || j == i && !s.people.town(fold(s.raw(j, e))) && !s.t[j].is(place) {
		return
	}
	if j < i+4 && !s.t[j].is(firstName|role) || s.people.town(fold(s.raw(j, e))) {
		known := s.people.town(fold(s.raw(j, e))) || s.t[j].is(place)
		after := s.tok(e)
		if known || s.tok(j-1).n == "a" || e == len(s.t) || after.gap == newline || after.mark(",.(;)-–") {
			if !s.t[j].is(ordinary) || known {
				s.hide(j, e, Town, "comune")
			}
		}
	}
}

// postCode reports five figures at i that a town or a line's end follows.
func (s *scan) postCode(i int) bool {
	for s.tok(i).mark(",-–(") {
		i++
	}
	t := s.tok(i)
	d := digits(t, s.text)
	return t.own == free && (len(d) == 5 || t.form == mixed && len(t.n) == 5 && alike(t.n, s.people.cap)) && (s.tok(i+1).capital() || s.people.caps[d] || s.tok(i+1).gap == newline)
}

// homeTown hides the town after a word of residence at i.
func (s *scan) homeTown(i int) {
	t := &s.t[i]
	if !t.is(home) || t.is(article) {
		if s.postCode(i) && (s.people.caps[digits(t, s.text)] || s.tok(i).gap == newline) {
			s.residence(i)
		}
		return
	}
	j := i + 1
	for j < i+4 && (s.tok(j).mark(".:") || s.tok(j).n == "in") {
		j++
	}
	if p := s.tok(j - 1); j > i+1 && (p.mark(":") || p.n == "in") && s.tok(j).capital() {
		j--
	}
	if w := s.tok(j); w.n != "a" && w.n != "ad" && w.n != "in" && !w.mark(":") || !s.tok(j+1).capital() || len(s.tok(j+1).n) == 1 || s.tok(j+1).is(firstName|street) {
		return
	}
	if e := s.town(j + 1); e > j+1 && !s.t[j+1].plain {
		s.hide(j+1, e, Town, "comune")
	}
}

// atHome reports a word of residence just before i.
func (s *scan) atHome(i int) bool {
	yes := false
	s.back(i-1, 5, func(j int) bool {
		yes = s.t[j].is(home) && s.t[j].n != "studio" && s.t[j].n != "negozio"
		return !yes && !s.t[j].is(body)
	})
	return yes
}

// ofBody reports whether the address at i is of a structure, by the nearest
// word before it that says whose it is.
func (s *scan) ofBody(i, e int) bool {
	verdict := 0
	look := func(j int) bool {
		t := &s.t[j]
		switch {
		case t.own == kept:
			return false
		case t.own == hidden || t.is(home|kin|degree|closing) && !t.is(function|article):
			verdict = -1
		case (t.is(body|ward) || officePlace[t.n]) && !t.is(function|street|mister|surname|staff):
			verdict = 1
		}
		return verdict == 0
	}
	s.back(i-1, 9, look)
	if verdict == 0 && s.tok(i).gap == newline { // a letterhead: the line above
		for j := i - 1; j >= 0 && j > i-10 && verdict == 0; j-- {
			look(j)
			if s.t[j].gap == newline {
				break
			}
		}
	}
	if verdict == 0 {
		s.ahead(e, 5, func(j int) bool {
			t := &s.t[j]
			if properBody[t.n] && t.is(body) && t.shape == lower {
				verdict = 1
			}
			return verdict == 0 && t.own == free && !t.is(home|mister|kin)
		})
	}
	return verdict > 0
}
