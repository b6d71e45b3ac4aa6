package redact

import "strings"

// hidePerson hides a name of somebody private, first names too, but not the
// first name of who complains.
func (s *scan) hidePerson(n name, rule string) {
	k := Surname
	if n.onlyName {
		k = FirstName
	}
	for i := n.from; i < n.to && !n.onlyName; i++ {
		t := &s.t[i]
		if t.form == word && len(t.n) > 2 && !t.is(particle|firstName&^surname) && t.own == free && !s.people.has(t.n) {
			s.others[t.n] = true
		}
	}
	for i := n.from; i < n.to; i++ {
		e := i
		for e < n.to && !s.people.first[s.t[e].n] {
			e++
		}
		if i < e && s.t[e-1].mark(".") && len(s.tok(e-2).n) > 1 {
			e--
		}
		s.hide(i, e, k, rule)
		i = max(e, i)
	}
}

// introduced hides the name that a word such as signora, moglie, vicino or
// avvocato introduces, and those listed after it.
func (s *scan) introduced(i int) {
	t := &s.t[i]
	if t.own != free || t.is(function) && !t.is(mister|degree) && !s.introducing(i) {
		return
	}
	marks := ",:(\"“«-–'"
	if t.is(mister) && !t.is(kin|private) {
		if marks = "\"“«"; unsaid[s.tok(i-1).n] {
			marks = ",(:\"“«"
		}
	}
	if t.n == "sottoscritto" || t.n == "sottoscritta" || t.is(opening) {
		marks = ","
	}
	s.lax = (t.is(mister|degree) || titled[t.n]) && !t.plain
	defer func() { s.lax = false }()
	j, met, ok := s.reach(i, role, privateStop, marks)
	if !ok || s.awayFrom(i, j) {
		return
	}
	rule := "privato"
	switch {
	case met&kin != 0:
		rule = "parente"
	case met&(private|degree) != 0:
	case met&mister != 0:
		rule = "signore"
	}
	for {
		n, ok := s.nameAt(j)
		if !ok || s.t[n.from].own == kept {
			return
		}
		if met&(kin|private|degree) == 0 && s.placedAt(n.to) {
			s.keep(n.from, n.to)
			return
		}
		switch {
		case !n.onlyName, s.firstAlone(i, met, n):
			s.hidePerson(n, rule)
		case s.surnameAlone(i, n) && met&kin == 0 && !s.people.first[s.t[n.from].n]:
			n.onlyName = false
			s.hidePerson(n, rule)
		}
		if j = s.listed(i, n.to); j < 0 {
			return
		}
	}
}

// surnameAlone reports a single word after signor or signora that is a surname,
// though it can be a first name: signor Bruno, signora Angelo.
func (s *scan) surnameAlone(i int, n name) bool {
	t := &s.t[n.from]
	if n.to != n.from+1 {
		return false
	}
	if lady := strings.HasSuffix(s.t[i].n, "a") || s.tok(i+2).n == "ra" || s.tok(i+2).n == "na"; lady {
		return !t.is(woman)
	}
	return t.is(surname) || !t.is(man)
}

// listed is where the next name of a list begins, after one that ends at i; -1
// if there is none.
func (s *scan) listed(at, i int) int {
	t := s.tok(i)
	many := strings.HasSuffix(s.t[at].n, "i") || strings.HasSuffix(s.t[at].n, "e") && s.t[at].is(private) || s.t[at].n == "testi" || s.t[at].n == "studio"
	switch {
	case t.mark("&"):
	case t.mark(";") && many:
	case (t.mark(",") || t.n == "e" || t.n == "ed") && (many || s.tok(i+1).n == "poi" && s.tok(i+2).is(surname)):
	default:
		return -1
	}
	j := i + 1
	if t.mark(",") && (s.tok(j).n == "e" || s.tok(j).n == "poi") {
		j++
	}
	if u := s.tok(j); u.gap == newline || u.plain && t.mark(",") || !s.nameWord(j, false) && !u.is(particle) {
		return -1
	}
	return j
}

var (
	unsaid = set("un una uno altro altra")
	loose  = set("ragazza ragazzo ragazzi ragazze bambino bambina bimbo bimba neonato neonata compagno compagna compagni")
)

// firstAlone reports that first names alone at n, introduced at i, are of a
// relative, or of an acquaintance of who writes.
func (s *scan) firstAlone(i int, met flags, n name) bool {
	t := &s.t[i]
	if medical[t.n] || loose[t.n] || s.people.first[s.t[n.from].n] || s.staff[s.t[n.from].n] {
		return false
	}
	return met&kin != 0 || met&private != 0 && s.tok(i-1).is(mine) && !s.tok(i-1).is(article)
}

var near = set("letto stanza camera scuola reparto corsia parto ufficio")

// awayFrom reports that the name at j after the role at i is where somebody is,
// not who: mia zia a Codogno, il vicino di Bergamo, mio marito in Oncologia.
func (s *scan) awayFrom(i, j int) bool {
	p, t := s.tok(j-1), &s.t[j]
	if p.form == mark || j == i+1 {
		return false
	}
	for k := i + 1; k < j; k++ {
		if t := &s.t[k]; t.is(body|ward) && !t.is(function|mister|kin) && !near[t.n] && p.is(function) && s.tok(k-1).is(function) {
			return true
		}
	}
	switch p.n {
	case "a", "in", "da", "al", "alla", "nel", "nella", "allo", "all", "dal", "dalla":
		return !(p.n == "a" && introduces[s.t[i].n]) && !(p.n != "a" && p.n != "in" && s.tok(j-2).is(mine))
	case "di", "del", "dell", "della", "dei":
		return t.is(place) && !t.is(surname) || t.plain && !t.is(firstName|surname)
	case "il", "lo", "la", "l", "i", "le":
		return t.plain && !s.t[i].is(kin)
	}
	return false
}

// privateAbove hides the names before a relative in apposition: Ubezio Mauro,
// mio cognato; Fasolo Michela (amica).
func (s *scan) privateAbove() {
	for i := 1; i < len(s.t)-1; i++ {
		if !s.t[i].mark(",(–-") || !s.t[i-1].letters() || !s.apposed(i) {
			continue
		}
		from := i
		for from > 0 && i-from < 4 && s.t[from-1].gap != newline && s.nameWord(from-1, true) && (s.tok(from).form == mark || s.t[from].gap != newline) && s.t[from-1].own == free {
			from--
		}
		if from == i || s.t[from].plain {
			continue
		}
		if s.start(from) && s.t[from].is(ordinary) && !s.t[from].is(surname|firstName) {
			from++
		}
		if n, ok := s.nameAt(from); ok && n.to == i && !n.onlyName {
			known := false
			for k := n.from; k < n.to; k++ {
				known = known || s.people.has(s.t[k].n)
			}
			if !known {
				s.hidePerson(n, "apposizione")
			}
		}
	}
}

var girlhood = set("ragazza nubile signorina")

// married hides a woman's other surname: ved. Grandi, Rossi in Bianchi, nata
// Verdi, Ambrosetti da ragazza.
func (s *scan) married() {
	for i := 1; i < len(s.t); i++ {
		t := &s.t[i]
		switch {
		case t.n == "in" && s.t[i-1].own == hidden && s.wasName(i-1) || t.n == "in" && s.people.first[s.t[i-1].n] && s.tok(i-2).own == hidden:
			n, ok := s.nameAt(i + 1)
			if u := s.tok(i + 1); ok && !n.onlyName && n.to == i+2 && !u.is(place|body|ward|street) && (u.is(surname) || !u.is(ordinary)) {
				s.hidePerson(n, "coniugata")
			}
		case t.n == "nata" || t.n == "coniugata" || t.n == "vedova" || t.n == "sposata" || t.n == "maritata":
			n, ok := s.nameAt(i + 1)
			if u := s.tok(i + 1); ok && u.gap != newline && !n.onlyName && (t.n != "nata" || !u.is(place) && (u.is(surname) || surnameShape(u.n)) && !u.plain) {
				s.hidePerson(n, "coniugata")
			}
		case t.n == "da" && girlhood[s.tok(i+1).n] && s.free(i-1) && s.t[i-1].capital() && s.nameWord(i-1, false):
			s.hidePerson(name{i - 1, i, false}, "coniugata")
		}
	}
}

func (s *scan) wasName(i int) bool {
	k := s.hiddenKind(i)
	return k == Surname || k == FirstName
}

var articled = set("al allo all del dell dello dal dall nel nell sul")

// pairs hides a first name with a surname that nothing introduces.
func (s *scan) pairs() {
	for i := range s.t {
		t := &s.t[i]
		if !t.is(firstName) || !s.nameWord(i, false) || t.own == kept {
			continue
		}
		from, to := i, i+1
		for to < i+4 && s.pairable(to, i, true) {
			to++
		}
		for to == i+1 && from > i-3 && from > 0 && s.t[from].gap != newline && s.pairable(from-1, i, false) {
			from--
		}
		if s.tok(from-1).is(particle) && s.tok(from-1).capital() && s.free(from-1) && s.t[from].gap != newline && from < i && !t.plain {
			from--
		}
		if to == i+1 && from == i && s.free(i) && t.capital() && !s.people.calls(t.n) && (s.beside(i-1, i) || s.beside(i+1, i+1)) {
			s.hide(i, i+1, FirstName, "nome-cognome")
			continue
		}
		n := name{from, to, true}
		for k := from; k < to; k++ {
			n.onlyName = n.onlyName && (s.t[k].is(firstName) && (!s.t[k].is(surname) || k < to-1 || k == i) || s.t[k].own != free)
		}
		if n.to < n.from+2 || n.onlyName || s.ofStructure(from) || s.ofStructure(i) && from < i || articled[s.tok(from-1).n] && !s.tok(from-1).is(mister) || s.placedAt(to) {
			continue
		}
		if s.tok(from-1).is(streetSure) || s.tok(from-1).own == kept && s.tok(from-1).form != mark && s.tok(from).gap != newline {
			continue
		}
		s.hidePerson(n, "nome-cognome")
	}
}

// bare hides what nothing introduces but its shape: two words with a capital, or
// one in the middle of a sentence, that look like a surname.
func (s *scan) bare() {
	for i := range s.t {
		t, p := &s.t[i], s.tok(i-1)
		if !s.bareWord(i) || p.is(body) || placeBefore[p.n] || articled[p.n] || s.ofStructure(i) {
			continue
		}
		if s.bareWord(i+1) && s.t[i+1].gap == space && (s.likeSurname(i) || s.likeSurname(i+1)) && !s.placedAt(i+2) {
			s.hidePerson(name{i, i + 2, false}, "nome-cognome")
			continue
		}
		next := s.tok(i + 1)
		if p.mark(",:") && (next.mark(",") || next.n == "e") && (s.bareWord(i+2) && (surnameShape(t.n) || surnameShape(s.t[i+2].n)) || s.tok(i-2).own == hidden && s.wasName(i-2)) {
			s.hidePerson(name{i, i + 1, false}, "cognome-solo")
			continue
		}
		if s.start(i) || p.form == mark || !next.is(verb|function) || !s.likeSurname(i) && !surnameShape(t.n) || s.staff[t.n] || next.gap == space && next.capital() && next.letters() || s.placedAt(i+1) || p.is(article) {
			continue
		}
		s.hidePerson(name{i, i + 1, false}, "cognome-solo")
	}
}

var placeBefore = set("a ad da in di presso per verso d")

// bareWord reports a word with a capital that is nothing else that is known.
func (s *scan) bareWord(i int) bool {
	t := s.tok(i)
	return s.free(i) && t.form == word && t.shape == title && !t.plain && len(t.n) > 2 && !t.elided && s.nameWord(i, true) && !t.is(ordinary|place|firstName|month|ward|body|role|street|closing|opening)
}

func (s *scan) likeSurname(i int) bool {
	t := s.tok(i)
	if t.is(surname) {
		return true
	}
	for _, e := range typicalEnds {
		if len(t.n) > 5 && strings.HasSuffix(t.n, e) {
			return true
		}
	}
	return false
}

var typicalEnds = strings.Fields("etti elli ini ucci uzzi acci oni aldi ardi eschi escu enko ovic")

// beside reports a hidden surname at j, with a blank alone before the token at k.
func (s *scan) beside(j, k int) bool {
	return s.tok(j).own == hidden && s.tok(k).gap == space && s.hiddenKind(j) == Surname
}

// pairable reports whether the token at j can be the surname beside the first
// name at i, after it or before.
func (s *scan) pairable(j, i int, after bool) bool {
	t := s.tok(j)
	edge := t
	if !after {
		edge = s.tok(j + 1)
	}
	if !s.free(j) || edge.gap != space || !s.nameWord(j, true) || t.is(place) && !t.is(surname) || len(t.n) < 3 {
		if after && s.free(j) && edge.gap != newline && t.is(particle) && t.capital() && !t.plain && s.nameWord(j+1, true) && s.tok(j+1).gap != newline {
			return true
		}
		return false
	}
	if t.plain {
		return !t.is(ordinary) && (t.is(surname) || surnameShape(t.n)) && len(t.n) > 3
	}
	if t.shape == upper && s.tok(i).shape == title && len(t.n) < 5 {
		return false
	}
	if s.people.first[s.t[i].n] && !t.is(opening|function) {
		for _, k := range s.people.surnames {
			if distance(t.n, k.key, 1) <= 1 {
				return true
			}
		}
	}
	return !(t.is(ordinary|opening) && (!t.is(surname) || t.is(opening)))
}

// signatures hides the names that stand alone on a line after a closing, or at
// the head of a letter.
func (s *scan) signatures() {
	closed, line := false, 0
	for i := 0; i < len(s.t); {
		j := i + 1
		for j < len(s.t) && s.t[j].gap != newline {
			j++
		}
		n, ok := s.nameAt(i)
		for k := i; k < j; k++ {
			closed = closed || s.t[k].is(closing) && !s.t[k].is(function)
		}
		alone := ok && (n.to == j || n.to == j-1 && s.t[j-1].form == mark)
		name := false
		for k := i; alone && k < n.to; k++ {
			name = name || !s.t[k].is(ordinary) || s.t[k].is(surname|firstName)
		}
		if name && closed && !s.t[i].is(closing|opening|body) && n.to-n.from <= 4 && !n.onlyName {
			s.hidePerson(n, "firma")
		}
		line++
		i = j
	}
}

// articles hides a surname that is said with an article, as in the north: la
// Zenari, i Goffi.
func (s *scan) articles() {
	for i := 1; i < len(s.t); i++ {
		t, p := &s.t[i], &s.t[i-1]
		if s.free(i) && t.plain && p.n == "la" && t.gap == space && strings.HasSuffix(t.n, "i") && !t.is(ordinary|place|body|ward|firstName|role) && surnameShape(t.n) && !medicalEnd(t.n) && !s.staff[t.n] {
			s.hidePerson(name{i, i + 1, false}, "articolo")
			continue
		}
		if !s.free(i) || t.plain || t.shape != title || t.gap == newline || t.form != word || !p.is(article) || p.capital() && !s.start(i-1) || !theWords[p.n] || s.staff[t.n] {
			continue
		}
		plural := strings.HasSuffix(t.n, "i") && len(t.n) > 4 && !medicalEnd(t.n) && !pluralWords[p.n] // the word is singular: no other noun ends so
		if t.is(ordinary|place|body|ward|firstName|role|month|street) && !(t.is(surname) && !t.is(ordinary|place|firstName)) || !t.is(surname) && !surnameShape(t.n) && !plural {
			continue
		}
		next := s.tok(i + 1)
		if next.capital() && next.gap == space && next.letters() || next.mark("-") && next.gap == joined || s.tok(i-2).is(body) {
			continue
		}
		person := plural || next.is(function|verb) || next.mark(",.)") || p.n == "la" || p.n == "i"
		if (p.n == "il" || p.n == "lo") && !plural && !next.is(function|verb) {
			person = false
		}
		if person {
			s.hidePerson(name{i, i + 1, false}, "articolo")
		}
	}
}

// medicalEnd reports the look of a feminine noun in -i: crisi, protesi, biopsi.
func medicalEnd(n string) bool {
	return strings.HasSuffix(n, "isi") || strings.HasSuffix(n, "esi") || strings.HasSuffix(n, "osi") || strings.HasSuffix(n, "asi")
}

var (
	theWords    = set("la il i gli lo con alla dalla della dai colla dagli")
	pluralWords = set("i gli dai dagli con")
)

// again hides the surnames of private persons wherever they return.
func (s *scan) again() {
	if len(s.others) == 0 {
		return
	}
	for i := range s.t {
		t := &s.t[i]
		if t.own == free && s.others[t.n] && (t.capital() && !t.plain || t.plain && !t.is(ordinary)) && !s.ofStructure(i) && !(t.is(ordinary) && s.start(i) && !t.is(surname)) {
			s.hide(i, i+1, Surname, "ripreso")
		}
	}
}

// otherScripts hides a few words in another alphabet: a name, a signature.
func (s *scan) otherScripts() {
	for i := 0; i < len(s.t); i++ {
		if !s.free(i) || !s.t[i].other {
			continue
		}
		e := i + 1
		for e < len(s.t) && s.free(e) && s.t[e].other && s.t[e].gap != newline {
			e++
		}
		if e-i <= 4 && s.t[e-1].to-s.t[i].from <= 60 {
			s.hide(i, e, Surname, "altra-scrittura")
		}
		i = e
	}
}
