package redact

import "strings"

// persons finds people by what is said around their names. First the staff, who
// stay; then those whom the case knows; then other private persons, and their
// surnames wherever they return.
func (s *scan) persons() {
	s.keepStaff()
	s.privateAbove()
	s.knownNames()
	for i := range s.t {
		if t := &s.t[i]; t.form == word && (t.is(mister|degree|kin|private) || s.introducing(i) || t.is(staff) && s.privateRole(i)) {
			s.introduced(i)
		}
	}
	s.married()
	s.pairs()
	s.signatures()
	s.bare()
	s.articles()
	s.again()
	s.otherScripts()
}

// Words that introduce somebody: alone, or after another word.
var (
	introduces = set("tale tal certo certa cognome intestata intestato nominativo sottoscritto sottoscritta firmato testimoni teste testi citofono citofonare campanello studio")
	afterWord  = map[string]map[string]bool{
		"nome": set("di a"), "chiama": set("si"), "chiamava": set("si"), "cui": set("fra tra"), "me": set("con"), "noi": set("con"),
		"di": set("chiedere chieda chiedete cercare"), "o": set("/"),
	}
)

// introducing reports a word that introduces somebody, though it is no role.
func (s *scan) introducing(i int) bool {
	n := s.t[i].n
	switch w := afterWord[n]; {
	case introduces[n]:
		return true
	case !w[s.tok(i-1).n], n == "o" && s.tok(i-2).n != "c":
		return false
	case n == "nome" || n == "chiama" || n == "chiamava":
		staffed := false
		s.back(i-1, 9, func(j int) bool {
			staffed = staffed || s.t[j].is(staff) && !s.t[j].is(function|private|kin)
			return !staffed
		})
		return !staffed
	}
	return s.tok(i+1).capital() && !s.t[i+1].plain
}

// name is a stretch of tokens that reads as somebody's name.
type name struct {
	from, to int
	onlyName bool // first names alone
}

// nameAt reads a name at i: words with a capital, particles, initials. Where
// capitals say nothing, one word that is no ordinary one, and first names.
func (s *scan) nameAt(i int) (name, bool) {
	n := name{i, i, true}
	for n.to < len(s.t) && n.to-i < 8 {
		t := &s.t[n.to]
		if n.to > i && (t.gap == newline || t.form == mark && !t.mark("-'’.")) {
			break
		}
		switch {
		case t.form == mark:
			if n.to == i || t.gap != joined || !t.mark("-'’") || s.tok(n.to+1).gap != joined || !s.nameWord(n.to+1, true) {
				return n.done(s)
			}
			n.to++
			continue
		case t.own == kept || t.own == hidden && !s.wasName(n.to):
			return n.done(s)
		case len(t.n) == 1 && t.shape == upper && !t.elided && s.tok(n.to+1).mark(".") && s.tok(n.to+1).gap == joined:
			if n.to == i && !(s.nameWord(n.to+2, true) && s.tok(n.to+2).gap != newline) {
				return n.done(s)
			}
			n.to += 2
			continue
		case s.particleAt(n.to, n.to > i):
			n.onlyName = false
			n.to++
		case s.nameWord(n.to, n.to > i):
			n.onlyName = n.onlyName && t.is(firstName)
			if s.lax && t.shape == lower && !t.plain {
				n.to++
				return n.done(s)
			}
			if t.plain && n.to > i && !t.is(firstName) && !s.t[n.to-1].is(firstName|particle) {
				return n.done(s)
			}
			n.to++
		default:
			return n.done(s)
		}
	}
	return n.done(s)
}

func (n name) done(s *scan) (name, bool) {
	for n.to > n.from && s.t[n.to-1].mark("-'’") {
		n.to--
	}
	return n, n.to > n.from
}

var (
	foreignParticle = set("de van von ben el bin ibn abu al dos da ter den der mac")
	shoutedNouns    = set("la le del dei della al da dal dalle di li") // before a noun, as often, in a line of capitals
)

// particleAt reports a particle of a surname at i, with the rest of the surname
// after it.
func (s *scan) particleAt(i int, within bool) bool {
	t, next := &s.t[i], s.tok(i+1)
	switch {
	case !t.is(particle) || next.gap == newline:
		return false
	case foreignParticle[t.n] && foreignParticle[next.n] && next.shape == lower:
		return t.capital() && s.nameWord(i+2, true)
	case !s.nameWord(i+1, true):
		return false
	case t.plain:
		return (t.elided || len(t.n) > 1 && !shoutedNouns[t.n]) && !(t.is(function) && next.is(ordinary))
	}
	return t.capital() || t.elided || within && foreignParticle[t.n]
}

// nameWord reports whether the token at i can be a word of a name; within, one
// that follows another.
func (s *scan) nameWord(i int, within bool) bool {
	t := s.tok(i)
	if t.form != word && !(t.form == mixed && t.capital() && len(digits(t, s.text)) == 0 && len(t.n) > 3 && t.n[0] > '9') || len(t.n) < 2 {
		return false
	}
	if t.is(function) && !(t.is(surname|place) && t.capital() && !t.plain) || t.is(month) && !t.is(surname) || t.own == kept {
		return false
	}
	if t.is(staff|mister|kin) && !t.is(surname|firstName) || t.is(degree|private|mine|opening) && !t.is(surname|firstName) || t.is(ward|body|closing) && !t.is(surname|firstName) {
		return false
	}
	if t.plain || s.lax && !within && t.shape == lower && len(t.n) > 3 && !t.is(ordinary|joint|place) {
		return len(t.n) > 2 && (!t.is(ordinary) || t.is(surname) && !t.is(verb) || t.is(firstName) && !t.is(verb|function)) && !(within && t.is(place) && !t.is(surname))
	}
	return t.capital() && (t.shape != upper || len(t.n) > 3 || !t.is(ward)) && !(t.shape == camel && len(t.n) < 4)
}

// reach walks from a role at i to the name that it introduces: over marks,
// titles and the words that may stand between. It gives where the name begins
// and the roles it met; false if there is none.
func (s *scan) reach(i int, pass flags, stop map[string]bool, marks string) (int, flags, bool) {
	met := s.t[i].f & role
	commas := 0
	for j := i + 1; j < len(s.t) && j < i+14; j++ {
		t := &s.t[j]
		switch {
		case t.form == mark:
			if t.mark(".") && t.gap == joined && (s.abbreviation(j-1) || endings2[s.t[j-1].n]) {
				continue
			}
			if !strings.Contains(marks, t.n) || t.n == "" {
				return 0, met, false
			}
			if t.mark(",:(-–") {
				if commas++; commas > 2 {
					return 0, met, false
				}
			}
		case t.gap == newline && !s.t[j-1].mark(":,"):
			return 0, met, false
		case endings2[t.n] && s.tok(j-1).mark(".") && s.tok(j-1).gap == joined && (t.gap == joined || t.shape == lower): // dott.ssa, sig.ra
		case t.own == kept:
			return j, met, false
		case t.is(pass) && !(t.capital() && !t.plain && t.is(surname) && (!s.tok(j+1).capital() || s.tok(j+1).is(firstName)) && !s.tok(j+1).mark(".")):
			met |= t.f & role
		case t.is(role&^pass) && !t.is(joint) && !t.is(firstName|surname):
			return 0, met, false
		case stop[t.n]:
			return 0, met, false
		case (t.capital() && !t.plain || s.lax) && s.startsName(j):
			return j, met, true
		case pass&(kin|private) != 0 && (t.form == number && len(t.n) < 4 || t.shape == lower && !t.plain && !t.is(verb|function) && s.tok(j-1).is(joint) && s.tok(j-1).is(article|particle)):
		case t.is(joint|mine|article) || t.is(ward) && !t.is(surname|firstName) && (t.shape != upper || t.plain || len(t.n) < 5):
		case s.startsName(j):
			return j, met, t.plain || t.capital()
		default:
			return 0, met, false
		}
	}
	return 0, met, false
}

// startsName reports whether a name begins at j.
func (s *scan) startsName(j int) bool {
	n, ok := s.nameAt(j)
	if !ok {
		return false
	}
	t := &s.t[n.from]
	return t.own == free || t.own == hidden || n.to > n.from+1
}

// keepStaff settles the names that follow a role of the staff, or that come
// before one.
func (s *scan) keepStaff() {
	for i := 0; i < len(s.t); i++ {
		t := &s.t[i]
		if t.own != free || !t.is(staff) || t.is(function) {
			continue
		}
		if s.privateRole(i) {
			continue
		}
		j, met, ok := s.reach(i, staff|mister, staffStop, ",:(\"-–“«*")
		if !ok || met&mister != 0 && s.otherPerson(i, j) {
			continue
		}
		s.keepNames(i, j)
	}
	for i := range s.t {
		if t := &s.t[i]; t.is(mister|article) && t.own == free {
			s.keepPlaced(i)
		}
	}
}

// keepNames settles the name at j, said with the role at i, and those listed
// after it.
func (s *scan) keepNames(i, j int) {
	for {
		n, ok := s.nameAt(j)
		if !ok || s.ownSignature(i, n) || s.apposed(n.to) {
			return
		}
		for k := n.from; k < n.to; k++ {
			if t := &s.t[k]; t.form == word && !t.is(particle) && len(t.n) > 2 {
				s.staff[t.n] = true
			}
		}
		s.keep(n.from, n.to)
		next := s.tok(n.to)
		if !next.mark(",") && next.n != "e" && next.n != "ed" || !s.plural(i) {
			return
		}
		if j = n.to + 1; next.mark(",") && s.tok(j).n == "e" {
			j++
		}
		if t := s.tok(j); !t.capital() || t.gap == newline || t.plain && !t.is(firstName) {
			return
		}
	}
}

// plural reports a role said of many: infermieri, dottori, dott.ri.
func (s *scan) plural(i int) bool {
	n := s.t[i].n
	return strings.HasSuffix(n, "i") || n == "oss" || n == "dott" && s.tok(i+2).n == "ri" || strings.HasSuffix(n, "esse") || s.tok(i-1).is(article) && (s.t[i-1].n == "le" || s.t[i-1].n == "gli" || s.t[i-1].n == "i" || s.t[i-1].n == "alle" || s.t[i-1].n == "agli")
}

var (
	endings2    = set("ssa ra na ri re ma mo gra mi sse")
	staffStop   = set("e ed con a ad che come fra tra per verso contro non")
	privateStop = set("ad per che come non verso contro")
	counters    = set("archivio sportello cup ufficio segreteria accettazione portineria centralino cassa casse reparto corsia radiologia laboratorio urp direzione farmacia triage pronto ps magazzino pulizie mensa bar cucina ambulanza 118 croce call protezione day guardia distretto consultorio servizio front anagrafe prelievi ticket cartelle vigilanza manutenzione reception guardiola informazioni acetasiu banco turno prenotazioni lavanderia ingresso amministrazione parcheggio oculistica cardiologia")
	counterPrep = set("del della dell dello delle dei al allo alla all di in")
)

// keepPlaced settles the name after signor, or after an article, when the place
// of work follows it: il sig. Pozzi dell'archivio, la Sabrina dell'accettazione.
func (s *scan) keepPlaced(i int) {
	j, _, ok := s.reach(i, mister, staffStop, "")
	if !ok || j > i+4 {
		return
	}
	n, ok := s.nameAt(j)
	if !ok || s.t[i].is(article) && !s.t[i].is(mister) && n.to > n.from+2 {
		return
	}
	counter := s.t[i].is(mister) && s.tok(i-1).mark("(") && (s.tok(i-2).is(body|ward) || s.tok(i-3).is(body)) // l'ufficio ticket (sig. Pozzi)
	if counter || s.placedAt(n.to) {
		for k := n.from; k < n.to; k++ {
			s.staff[s.t[k].n] = true
		}
		s.keep(n.from, n.to)
	}
}

// placedAt reports a place of work after a name that ends at i, or a role of
// the staff in apposition.
func (s *scan) placedAt(i int) bool {
	t := s.tok(i)
	if t.gap == newline {
		return false
	}
	if counterPrep[t.n] {
		w := s.tok(i + 1)
		if w.n == "di" || w.n == "il" || w.n == "la" {
			w = s.tok(i + 2)
		}
		return counters[w.n] && (t.n != "in" || w.n != "reparto" && w.n != "corsia" && !w.is(ward)) || w.is(ward) && t.n != "in" && !w.is(common|firstName|surname) && t.n != "di"
	}
	if t.mark(",(") && counters[s.tok(i+1).n] && s.tok(i+1).is(body) && s.tok(i+1).gap != newline {
		return true
	}
	if t.mark(",(") {
		k := i + 1
		for s.tok(k).is(article) && !s.tok(k).is(staff) || s.tok(k).n == "che" || s.tok(k).n == "e" {
			k++
		}
		w := s.tok(k)
		after := s.tok(k + 1)
		return w.is(staff) && !w.is(function) && !s.nameFollows(k) && k <= i+2 && (!after.letters() || after.is(joint|ward) || after.gap == newline)
	}
	return false
}

// nameFollows reports whether the role at i has a name of its own.
func (s *scan) nameFollows(i int) bool {
	_, _, ok := s.reach(i, staff|mister, staffStop, "")
	return ok
}

// otherPerson reports that a signor between the role at i and the name at j is
// somebody else: il medico, il signor Rossi.
func (s *scan) otherPerson(i, j int) bool {
	comma := false
	for k := i + 1; k < j; k++ {
		t := &s.t[k]
		if comma = comma || t.mark(","); comma && t.is(article) && s.tok(k+1).is(mister) {
			return true
		}
	}
	return false
}

// privateRole reports that the title at i is of a private person: mio cognato
// dott. Gerli, il mio vicino, il dottor Caruso, dentista.
func (s *scan) privateRole(i int) bool {
	if schools[s.tok(i+2).n] && s.tok(i+1).is(article) {
		return true
	}
	if !titled[s.t[i].n] {
		return s.t[i].is(kin|private) && !s.t[i].is(surname) && mineBefore(s, i) && !medical[s.t[i].n]
	}
	j := i - 1
	for s.tok(j).is(mister|degree) && !s.tok(j).is(kin) || s.tok(j).mark(".") {
		j--
	}
	art := false
	if s.tok(j).is(article) {
		art, j = true, j-1
	}
	p := s.tok(j)
	if p.mark(",(") && j > 0 {
		j--
		p = s.tok(j)
		if art && p.is(kin) || p.is(function) {
			art = true
		}
	} else if art && !p.is(kin|private) {
		return s.schoolAround(i)
	}
	for k := 0; k < 3 && (s.tok(j).is(joint) && !s.tok(j).is(kin|private|ward)) && !s.tok(j).is(mister); k++ {
		j--
	}
	p = s.tok(j)
	if s.said(i, 4, "parte") && s.said(i, 6, "legale") { // medico legale di parte
		return true
	}
	if p.is(kin|private|degree) && !p.is(function) && !medical[p.n] {
		if art && p.is(kin) { // detto a mia madre, la dottoressa Rossi ha...
			k, _, ok := s.reach(i, staff|mister, staffStop, "")
			if n, ok2 := s.nameAt(k); !ok || !ok2 || !s.tok(n.to).mark(",)") {
				return false
			}
		}
		return true
	}
	return s.schoolAround(i)
}

var (
	schools = set("scuola asilo liceo materna elementari medie")
	titled  = set("dott dottor dottore dottoressa prof professor professore professoressa dr drssa dssa dotor dutor doctor")
	medical = set("paziente medico utente degente pazienti utenti ricoverato ricoverata responsabile capo bambino bambina bimbo bimba assistito assistita degenti donna famiglia ospite ospiti famigliari parenti familiari genitori genitore neonato caregiver direttore")
)

func mineBefore(s *scan, i int) bool { return s.tok(i-1).is(mine) && !s.tok(i-1).is(article) }

// schoolAround reports that a professor at i is one of a school.
func (s *scan) schoolAround(i int) bool {
	if !strings.HasPrefix(s.t[i].n, "prof") {
		return false
	}
	yes := s.said(i, 7, "scuola", "liceo", "classe", "istituto", "maestra", "universita")
	s.ahead(i, 6, func(j int) bool {
		yes = yes || s.t[j].n == "scuola" || s.t[j].n == "liceo"
		return !yes
	})
	return yes
}

// ownSignature reports a title before the full known name, alone on its line:
// who complains is a doctor too.
func (s *scan) ownSignature(i int, n name) bool {
	first, last := false, false
	for k := n.from; k < n.to; k++ {
		first = first || s.people.first[s.t[k].n] || len(s.t[k].n) == 1 && s.people.signs(s.t[k].n)
		last = last || s.people.has(s.t[k].n) && !s.people.first[s.t[k].n]
	}
	return first && last && s.t[i].gap == newline && (n.to == len(s.t) || s.t[n.to].gap == newline)
}

// apposed reports that what follows at i makes of the name before it a private
// person: ", mio cugino", "(amica)", ", commercialista".
func (s *scan) apposed(i int) bool {
	if !s.tok(i).mark(",(–-") || s.tok(i+1).gap == newline {
		return false
	}
	j, own := i+1, false
	for k := 0; k < 3 && (s.tok(j).is(mine|article) || s.tok(j).is(joint) && !s.tok(j).is(role)); k++ {
		own = own || s.tok(j).is(mine) && s.tok(j).n != "sua" && s.tok(j).n != "suo"
		j++
	}
	t := s.tok(j)
	if t.is(function) || t.gap == newline || medical[t.n] {
		return false
	}
	if s.tok(i).mark("(") && (t.is(kin) || t.is(private) && !t.is(staff)) {
		return true
	}
	if t.is(kin) {
		return own && !s.kinNamed(j)
	}
	return t.is(private|degree) && !t.is(staff|body) && !s.kinNamed(j)
}

// kinNamed reports whether the relative or acquaintance at i has a name after.
func (s *scan) kinNamed(i int) bool {
	_, _, ok := s.reach(i, kin|private|mister|degree, privateStop, ",")
	return ok
}
