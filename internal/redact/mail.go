package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mails finds addresses of e-mail, written and dictated, and social profiles.
// Those of health bodies and of other offices stay.
func (s *scan) mails() {
	for at := 0; ; {
		i := strings.IndexByte(s.text[at:], '@')
		if i < 0 {
			break
		}
		i += at
		from, to := s.around(i)
		at = max(i+1, to)
		switch {
		case from == i && to > i+1:
			s.hideBytes(from, to, Social, "social")
		case from < i && to > i+1:
			if office(s.text[from:i], s.text[i+1:to]) && !s.people.mine(fold(s.text[from:to])) {
				s.settle(from, to, kept)
			} else {
				s.hideBytes(from, to, Email, "email")
			}
		}
	}
	for i := range s.t {
		switch t := &s.t[i]; {
		case t.own != free:
		case t.mark("@＠"):
			s.dictated(i)
		case t.n == "chiocciola" || t.n == "chiocciolina" || t.n == "at" && s.inBrackets(i):
			s.dictated(i)
		case t.is(function) && len(t.n) > 1:
		case socialNames[t.n]:
			s.profile(i)
		case strings.HasPrefix(t.n, "http") || t.n == "www":
			s.link(i)
		}
	}
}

var (
	socialNames = set("ig insta instagram facebook fb twitter telegram tiktok wechat skype linkedin snapchat messenger threads")
	officeParts = strings.Fields("asst asl ausl aulss ulss usl aou ospedal irccs policlinic regione comune sanita salute azienda ats inps inail gov governo ministero provincia asp ats asur ssr uslumbria")
	officeNames = set("urp cup info.urp protocollo prenotazioni upt ufficio.relazioni")
	spoken      = map[string]string{"punto": ".", "trattino": "-", "meno": "-", "underscore": "_", "sottolineato": "_", "dot": "."}
)

// office reports an address of a public body, by its domain or by whose it is.
func office(local, domain string) bool {
	if officeNames[fold(local)] {
		return true
	}
	for _, part := range strings.FieldsFunc(fold(domain), func(r rune) bool { return r == '.' || r == '-' || r == '_' }) {
		if slices.ContainsFunc(officeParts, func(p string) bool { return strings.HasPrefix(part, p) }) {
			return true
		}
	}
	return false
}

// around is the stretch of an address around the @ at byte i; blanks beside the
// @ are let in where a host follows.
func (s *scan) around(i int) (from, to int) {
	in := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._%+-", r)
	}
	to = i + 1
	if j := to + len(s.text[to:]) - len(strings.TrimLeft(s.text[to:], " ")); j-to <= 1 && strings.HasSuffix(s.text[:i], " ") {
		to = j
	}
	start := to
	for to < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[to:])
		if !in(r) {
			break
		}
		to += n
	}
	to = start + len(strings.TrimRight(s.text[start:to], "._-+%"))
	from = i
	if start > i+1 && strings.Contains(s.text[start:to], ".") {
		from = len(strings.TrimRight(s.text[:i], " "))
	} else if start > i+1 {
		return i, i + 1
	}
	end := from
	for from > 0 {
		r, n := utf8.DecodeLastRuneInString(s.text[:from])
		if !in(r) || r == utf8.RuneError {
			break
		}
		from -= n
	}
	from = end - len(strings.TrimLeft(s.text[from:end], "._-+%"))
	if from == end {
		return i, to
	}
	return from, to
}

func (s *scan) hideBytes(from, to int, k Kind, rule string) {
	i := s.at(from)
	j := i
	for j < len(s.t) && s.t[j].from < to {
		j++
	}
	s.hide(i, j, k, rule)
}

func (s *scan) inBrackets(i int) bool {
	return s.tok(i-1).mark("([") && s.tok(i+1).mark(")]")
}

// dictated finds the address around a spelled-out @ at i: on both sides words
// and figures held together by a spelled-out sign, and before it what belongs
// to a name.
func (s *scan) dictated(i int) {
	from, to := i, i+1
	if s.inBrackets(i) {
		from, to = i-1, i+2
	}
	sign := func(j int) bool {
		t := s.tok(j)
		return t.form == mark && t.mark("._-[]()/") || spoken[t.n] != ""
	}
	local := ""
	for j := from - 1; s.free(j) && j > from-14 && s.t[j+1].gap != newline; j-- {
		t := &s.t[j]
		joinedTo := sign(j+1) || j == from-1
		if !sign(j) && (t.form == mark || !joinedTo && !t.figures() && !t.is(figure|firstName) && !s.people.has(t.n)) {
			break
		}
		if !sign(j) && !joinedTo && t.is(function) {
			break
		}
		local = t.n + local
		from = j
	}
	for from < i && sign(from) {
		from++
	}
	domain := ""
	for j := to; s.free(j) && j < to+9 && s.t[j].gap != newline; j++ {
		if !sign(j) && j > to && !sign(j-1) {
			break
		}
		if p := spoken[s.t[j].n]; p != "" {
			domain += p
		} else {
			domain += s.t[j].n
		}
		if j > to && !sign(j) && topLevel[s.t[j].n] {
			to = j + 1
			if !spokenNext(s, to) {
				break
			}
		}
	}
	if to == i+1 || from == i {
		if !topLevel[s.tok(to).n] && !strings.Contains(domain, ".") {
			return
		}
	}
	if s.tok(from-1).mark("([") && !s.tok(to-1).mark(")]") && s.tok(to).mark(")]") {
		to++
	}
	if office(local, domain) {
		s.keep(from, to)
		return
	}
	s.hide(from, to, Email, "email-dettata")
}

func spokenNext(s *scan, i int) bool {
	t := s.tok(i)
	return (spoken[t.n] == "." || t.mark(".") && s.tok(i+1).gap == joined) && topLevel[s.tok(i+1).n]
}

var topLevel = set("it com org net eu info example ro fr de uk es ch al ua cn me io edu gov pm")

// profile finds the name after that of a social network at i.
func (s *scan) profile(i int) {
	if s.tok(i+1).mark(".") && s.tok(i+1).gap == joined {
		s.link(i)
		return
	}
	j := i + 1
	for j < i+5 && (s.tok(j).mark(":(-") || s.tok(j).is(function) && j > i || s.tok(j).n == "profilo" || s.tok(j).n == "id" || s.tok(j).n == "nome") {
		j++
	}
	e := s.chunk(j, "._-")
	if e > j && s.free(j) && strings.ContainsAny(s.raw(j, e), "0123456789_.") {
		s.hide(j, e, Social, "social")
	}
}

// link hides the address of a profile that begins at i.
func (s *scan) link(i int) {
	e := s.chunk(i, "./:-_?=&%#")
	if !s.free(i) || e == i {
		return
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(fold(s.raw(i, e)), "https://"), "http://"), "www."), "/")
	name, _, _ := strings.Cut(host, ".")
	if path != "" && socialNames[name] {
		s.hide(i, e, Social, "social")
		return
	}
	s.keep(i, e)
}

// longest is how many tokens a code or an address on the web may have.
const longest = 32

// chunk is the end of the run of words, figures and given marks that begins at
// i, without blanks.
func (s *scan) chunk(i int, marks string) int {
	e := i
	for e < len(s.t) && e < i+longest && (e == i || s.t[e].gap == joined) && (s.t[e].form != mark || s.t[e].mark(marks)) {
		e++
	}
	for e > i && s.t[e-1].form == mark {
		e--
	}
	return e
}
