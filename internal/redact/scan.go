package redact

import "strings"

// scan is one reading of a text: its tokens, and what was found so far. The
// finders run in the order of read; each takes free tokens only.
type scan struct {
	text   string
	t      []token
	people *people
	found  []Finding
	staff  map[string]bool // surnames said with a role of the staff
	others map[string]bool // surnames of private persons, to be found again
	lax    bool            // a name may be written without its capital
}

// read finds what one reading can find.
func read(text string, p *people) []Finding {
	s := &scan{text: text, t: tokens(text), people: p, staff: map[string]bool{}, others: map[string]bool{}}
	casing(s.t)
	s.masks()
	s.mails()
	s.numbers()
	s.births()
	s.addresses()
	s.phones()
	s.longCodes()
	s.persons()
	return merge(text, s.found)
}

// masks keeps the masks that are already there.
func (s *scan) masks() {
	if !strings.Contains(s.text, "[") {
		return
	}
	for _, k := range kinds {
		m := k.Mask()
		for at := 0; ; {
			i := strings.Index(s.text[at:], m)
			if i < 0 {
				break
			}
			at += i
			s.settle(at, at+len(m), kept)
			at += len(m)
		}
	}
}

// settle gives the tokens between two bytes an owner.
func (s *scan) settle(from, to int, o owner) {
	for i := s.at(from); i < len(s.t) && s.t[i].from < to; i++ {
		s.t[i].own = o
	}
}

// at is the first token that ends after a byte.
func (s *scan) at(b int) int {
	lo, hi := 0, len(s.t)
	for lo < hi {
		if m := (lo + hi) / 2; s.t[m].to <= b {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// hide makes findings of the tokens i to j, j excluded, less those that are
// settled already.
func (s *scan) hide(i, j int, k Kind, rule string) {
	for i < j {
		if s.t[i].own != free {
			i++
			continue
		}
		e := i
		for e < j && s.t[e].own == free {
			s.t[e].own = hidden
			e++
		}
		s.found = append(s.found, Finding{s.t[i].from, s.t[e-1].to, k, rule})
		i = e
	}
}

// keep settles the tokens i to j, j excluded, that are free.
func (s *scan) keep(i, j int) {
	for ; i < j && i < len(s.t); i++ {
		if s.t[i].own == free {
			s.t[i].own = kept
		}
	}
}

// tok is the token at i; outside the text, an empty mark on a line of its own.
func (s *scan) tok(i int) *token {
	if i < 0 || i >= len(s.t) {
		return &token{gap: newline}
	}
	return &s.t[i]
}

// free reports whether i is a token that nothing has settled.
func (s *scan) free(i int) bool { return i >= 0 && i < len(s.t) && s.t[i].own == free }

// raw is what stands between tokens i and j, j excluded, as written.
func (s *scan) raw(i, j int) string { return s.text[s.t[i].from:s.t[j-1].to] }

// start reports whether token i begins a sentence, a line or something quoted.
func (s *scan) start(i int) bool {
	p := s.tok(i - 1)
	switch {
	case i == 0 || s.t[i].gap == newline:
		return true
	case p.mark(".") && p.gap == joined && s.abbreviation(i-2):
		return false
	}
	return p.mark(".!?:>•*…\"“«”") || p.form == mark && p.gap != joined && p.mark("-–—|")
}

// abbreviation reports whether the full stop after i ends no sentence.
func (s *scan) abbreviation(i int) bool {
	t := s.tok(i)
	if !t.letters() {
		return false
	}
	return len(t.n) == 1 || t.is(mister|degree) && len(t.n) <= 5 || t.is(staff) && len(t.n) <= 4 || abbreviated[t.n]
}

var abbreviated = set("n nr num tel cell cel int sc p fraz loc res dom abit ab nat ved cod fisc art prot egr spett gent ill st pag rif es ca c f r s a ssa ra na fam vs ns mob cap prov gg dr inf str vic ex")

func set(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// ends reports whether the sentence ends at the mark i.
func (s *scan) ends(i int) bool {
	t := s.tok(i)
	return t.mark("!?;") || t.mark(".") && s.tok(i+1).gap != joined && !s.abbreviation(i-1)
}

// back walks from i towards the beginning, over at most n words of the same
// sentence and paragraph, while f says to go on.
func (s *scan) back(i, n int, f func(j int) bool) {
	for j := i; j >= 0 && n > 0; j-- {
		if s.ends(j) || !f(j) {
			return
		}
		if s.t[j].form != mark {
			n--
		}
		if s.t[j].gap == newline && (j == 0 || !s.t[j-1].mark(":,-–(")) {
			return
		}
	}
}

// ahead is back in the other direction.
func (s *scan) ahead(i, n int, f func(j int) bool) {
	for j := i; j < len(s.t) && n > 0; j++ {
		if j > i && s.t[j].gap == newline || s.ends(j) || !f(j) {
			return
		}
		if s.t[j].form != mark {
			n--
		}
	}
}

// digits gives the figures of a token, reading as figures the letters that a
// scanner takes for them; empty if it is no number.
func digits(t *token, text string) string {
	if t.form == number {
		return text[t.from:t.to]
	}
	if t.form == mark && t.n != "|" || t.to-t.from > 12 {
		return ""
	}
	out := make([]byte, 0, 12)
	real := 0
	for _, c := range []byte(text[t.from:t.to]) {
		switch {
		case '0' <= c && c <= '9':
			real++
		case strings.IndexByte("OoQ", c) >= 0:
			c = '0'
		case strings.IndexByte("Il|", c) >= 0:
			c = '1'
		case c == 'S':
			c = '5'
		case c == 'B':
			c = '8'
		default:
			return ""
		}
		out = append(out, c)
	}
	if real == 0 && (len(out) > 2 || t.form == word && t.shape == lower) {
		return ""
	}
	return string(out)
}
