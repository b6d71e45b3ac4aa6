package redact

import "strings"

// knownNames finds the names of the people of the case: surnames in any order,
// case and accent, in pieces, misspelt, inside file names; the first names of
// all but who complains; the initial of a surname.
func (s *scan) knownNames() {
	for i := 0; i < len(s.t); i++ {
		t := &s.t[i]
		if t.own != free || !t.letters() && t.form != number {
			continue
		}
		if s.people.first[t.n] && t.capital() && (s.tok(i+1).n == t.n || s.masked(i+1) || s.masked(i-1)) {
			continue // Marina Marina
		}
		if e, rule, k := s.surname(i); e > i {
			if !(k.common && s.ordinary(i, e) || s.small(i, e)) {
				s.hideName(i, e, k, rule)
				i = e - 1
			}
			continue
		}
		if s.inFile(i) {
			s.hide(i, i+1, Surname, "cognome-noto")
			continue
		}
		if s.people.firstOther[t.n] && s.firstNameHere(i) {
			s.hide(i, i+1, FirstName, "nome-noto")
		}
		if s.people.first[t.n] {
			s.initial(i + 1)
		}
	}
}

// surname looks for a known surname at i; its end, or i.
func (s *scan) surname(i int) (end int, rule string, found knownName) {
	var pieces [16]string
	n := 0
	for j := i; j < len(s.t) && n < len(pieces); j++ {
		t := &s.t[j]
		if t.form == mark || t.own != free {
			if j > i && s.bridges(j) {
				continue
			}
			break
		}
		if j > i && t.gap == newline && !s.t[j-1].mark("-") {
			break
		}
		pieces[n] = t.n
		n++
	}
	for _, k := range s.people.surnames {
		key := ""
		for w := 0; w < n && len(key) < len(k.key); w++ {
			if key += pieces[w]; key == k.key {
				return s.after(i, w+1), "cognome-noto", k
			}
			if w == 0 && !strings.HasPrefix(k.key, key) && len(key) < len(k.key) && !(len(key) > 1 && alike(key, k.key[:min(len(key), len(k.key))])) {
				break
			}
		}
	}
	t := &s.t[i]
	if t.is(ordinary|role|place|month|ward|body) && t.form == word || t.is(firstName) && !t.is(surname) || len(t.n) < 3 || t.form == number {
		if t.form != mixed {
			return i, "", found
		}
	}
	if t.shape == lower && !t.plain && t.form == word && len(t.n) < 6 {
		return i, "", found
	}
	for _, k := range s.people.surnames {
		if s.resembles(t, k) {
			return i + 1, "cognome-simile", k
		}
		if n > 1 && !k.common && len(k.key) >= 6 && len(pieces[0])+len(pieces[1]) >= len(k.key)-1 {
			if two := pieces[0] + pieces[1]; scanned(two) == k.scan || t.is(particle) && distance(two, k.key, 1) <= 1 {
				return s.after(i, 2), "cognome-simile", k
			}
		}
	}
	return i, "", found
}

// masked reports a hidden name, or its mask, at i.
func (s *scan) masked(i int) bool {
	t := s.tok(i)
	return t.own == hidden && s.wasName(i) || t.own == kept && t.mark("[]")
}

// bridges reports a mark at j that may stand inside a broken name.
func (s *scan) bridges(j int) bool {
	t := s.tok(j)
	if t.own != free {
		return false
	}
	return t.mark("-'’_") || t.mark(".") && len(s.t[j-1].n) == 1
}

// after is the end of w words from i.
func (s *scan) after(i, w int) int {
	for ; w > 0; i++ {
		if s.t[i].form != mark {
			w--
		}
	}
	return i
}

// resembles reports a misspelling: one letter in a name, two in a long one, or
// another spelling of the same sound.
func (s *scan) resembles(t *token, k knownName) bool {
	if t.n == k.key {
		return true
	}
	if len(t.n) < 3 || len(k.key) < 4 || len(t.n) > len(k.key)+3 {
		return false
	}
	if len(t.n) <= 40 && scanned(t.n) == k.scan {
		return true
	}
	if k.common && len(k.key) < 6 || t.n[0] != k.key[0] && len(k.key) < 5 {
		return false
	}
	if len(k.key) >= 5 && len(t.n) >= 4 && sound(t.n) == k.sound {
		return true
	}
	most := 1
	if len(k.key) >= 8 {
		most = 2
	}
	if len(k.key) >= 12 {
		most = 3
	}
	if len(k.key) >= 7 && len(k.sound) >= 5 && distance(sound(t.n), k.sound, 1) <= 1 {
		return true
	}
	if most == 1 && t.is(surname) {
		return false // another surname, not this one misspelt
	}
	return distance(t.n, k.key, most) <= most
}

// hideName hides a surname at i to e, with the initials that belong to it.
func (s *scan) hideName(i, e int, k knownName, rule string) {
	if p := s.tok(i - 2); k.initial != 0 && s.tok(i-1).mark(".") && len(p.n) == 1 && p.n[0] == k.initial && s.t[i].gap != newline {
		i -= 2
	}
	s.hide(i, e, Surname, rule)
	if t := s.tok(e); t.letters() && len(t.n) == 1 && t.shape == upper && !t.elided && t.gap == space && s.tok(e+1).mark(".") && s.tok(e+1).gap == joined && s.free(e) && !(s.tok(e+2).letters() && s.tok(e+2).gap == joined) {
		s.hide(e, e+2, Surname, rule)
	}
}

// initial hides the initial of a known surname after the first name that stays.
func (s *scan) initial(i int) {
	t := s.tok(i)
	if !s.free(i) || t.form != word || len(t.n) != 1 || t.shape != upper || t.elided || t.gap != space || !s.tok(i+1).mark(".") {
		return
	}
	for _, k := range s.people.surnames {
		if k.key[0] == t.n[0] {
			s.hide(i, i+2, Surname, "iniziale")
			return
		}
	}
}

// inFile reports a known surname inside the name of a file or of an account.
func (s *scan) inFile(i int) bool {
	t := &s.t[i]
	if t.form == word && t.shape != camel {
		return false
	}
	for _, k := range s.people.surnames {
		if len(k.key) >= 5 && strings.Contains(t.n, k.key) {
			return true
		}
	}
	return false
}

// firstNameHere reports whether the known first name at i is used as one.
func (s *scan) firstNameHere(i int) bool {
	t := &s.t[i]
	if t.plain {
		return !t.is(ordinary) || s.tok(i-1).own == hidden || s.tok(i+1).own == hidden
	}
	return t.capital() && (!t.is(ordinary) || !s.start(i) || s.tok(i+1).own == hidden)
}

var (
	saysName   = set("sono chiamo cognome signor signora sig lei firmato firma sottoscritto sottoscritta utente paziente tal tale soy am suis eu sugnu son soi faccio fa io famiglia fam nome")
	personVerb = set("ha dice chiede chiama riferisce lamenta segnala vuole attende aspetta scrive ringrazia protesta sostiene ribadisce mi ci gli le era abita vive son sono siamo so")
	beforeNoun = set("si mi ti ci vi che non quanto come nessun nessuna ogni molto tanto piu quattro due tre cento ne lo la le li un una uno il i gli l del della dei degli delle al alla ai agli dal dalla dai nel nella nei sul sulla col per in con a d dell all nell dall quel quella quei questo questa questi queste cosi troppo poco poca da di e ha ho")
)

// named reports that what stands beside the tokens i to e says that they are a
// name: a first name, a title, an initial, "mi chiamo".
func (s *scan) named(i, e int) bool {
	t, prev, next := &s.t[i], s.tok(i-1), s.tok(e)
	beside := func(j int) bool {
		b := s.tok(j)
		return s.people.first[b.n] || s.people.firstOther[b.n] || b.own == hidden && s.hiddenKind(j) == FirstName
	}
	if w := s.tok(e + 1).n; next.n == "di" && (w == "cognome" || w == "nome" || w == "famiglia") {
		return true
	}
	return beside(i-1) && t.gap != newline || beside(e) && next.gap != newline || prev.is(mister|degree) || prev.mark(".") && s.tok(i-2).is(mister|degree) ||
		saysName[prev.n] && (t.plain || t.capital()) && !(t.plain && prev.n == "sono" && s.tok(i-2).is(common) && !s.tok(i-2).is(opening)) || prev.mark(".") && len(s.tok(i-2).n) == 1 && s.tok(i-2).shape == upper && t.capital()
}

// ordinary reports whether the surname at i to e, which is also a common word or
// a place, stands there as that.
func (s *scan) ordinary(i, e int) bool {
	t, prev, next := &s.t[i], s.tok(i-1), s.tok(e)
	named := s.named(i, e)
	alone := (i == 0 || t.gap == newline) && (e == len(s.t) || next.gap == newline)
	if s.ofStructure(i) {
		return true
	}
	if t.is(place) && (prev.n == "a" || prev.n == "ad" || prev.n == "in" || prev.n == "da") && !t.plain {
		return true
	}
	if next.n == "di" && s.tok(e+1).capital() && s.tok(e+1).is(place) && !t.plain && !named {
		return true
	}
	if t.plain {
		if named || alone {
			return false
		}
		if prev.n == "e" && (t.is(common|place) && !t.is(verb)) && next.is(article) {
			return true
		}
		if beforeNoun[prev.n] && prev.n != "e" || prev.is(common) && !prev.is(role|firstName|verb) && prev.gap != newline {
			return true
		}
		return !s.shouted(i)
	}
	switch {
	case t.shape == lower:
		return !named
	case named || alone:
		return false
	case t.shape == upper && len(t.n) > 3 && s.start(i):
		return false
	case t.is(month) && (prev.is(article|figure) || prev.figures()):
		return true
	case s.start(i):
		return !(next.mark(",.!?:;)\"»”") || personVerb[next.n] || next.form == mark && !next.mark("'’") || e == len(s.t) || next.gap == newline)
	}
	return s.capitalNoun(i)
}

// small reports that the surname at i to e is written without its capital in a
// text that has them, and nothing beside it says that it is a name: a word.
func (s *scan) small(i, e int) bool {
	for k := i; k < e; k++ {
		if t := &s.t[k]; t.shape != lower || t.plain {
			return false
		}
	}
	return !s.named(i, e) && s.tok(i-1).n != "i" && s.tok(i-1).n != "dai" && !s.tok(i-1).mark("_") && !s.tok(e).mark("_")
}

// capitalNoun reports a feast, a day or a town that is written with a capital in
// the middle of a sentence.
func (s *scan) capitalNoun(i int) bool {
	t, prev := &s.t[i], s.tok(i-1)
	if feasts[t.n] || t.n == "santi" && s.tok(i-2).n == "tutti" {
		return true
	}
	return t.is(place) && (prev.n == "di" || prev.n == "per") && !s.said(i-1, 2, "cognome", "nome", "figlio", "figlia", "moglie", "casa", "famiglia")
}

var feasts = set("natale pasqua sabato domenica capodanno ferragosto epifania carnevale islam")

// shouted reports that the line of i is in capitals, not without.
func (s *scan) shouted(i int) bool { return s.t[i].shape == upper || s.t[i].form == mixed }

// hiddenKind is the kind of the finding that holds token i.
func (s *scan) hiddenKind(i int) Kind {
	for n := len(s.found) - 1; n >= 0; n-- {
		if f := s.found[n]; f.From <= s.t[i].from && s.t[i].to <= f.To {
			return f.Kind
		}
	}
	return ""
}

var properBody = set("ospedale ospidal ospedal spitali presidio clinica policlinico istituto fondazione rsa rsd villa padiglione poliambulatorio residenza hospice farmacia scuola liceo centro comune citta san santa santo sant cura riposo comunita parrocchia chiesa asilo")

// ofStructure reports whether the name at i is part of the name of a structure
// or of a street: Ospedale Maggiore, RSA Villa Serena, via Conti.
func (s *scan) ofStructure(i int) bool {
	for j, n := i-1, 0; n < 3 && j >= 0 && s.t[j+1].gap != newline && s.t[j].form != mark; j, n = j-1, n+1 {
		t := &s.t[j]
		switch {
		case properBody[t.n] && (t.n != "villa" || t.capital()), n == 0 && t.is(streetSure):
			return true
		case ofWords[t.n], t.capital() && !t.plain && !t.is(firstName|role|function):
		default:
			return false
		}
	}
	return false
}

var ofWords = set("di del della dell dei da")
