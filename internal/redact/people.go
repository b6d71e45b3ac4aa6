package redact

import (
	"slices"
	"strings"
	"time"
)

// people is what a case knows, made ready to be looked for.
type people struct {
	surnames   []knownName
	first      map[string]bool // of who complains: it stays
	firstOther map[string]bool // of the others
	taxCodes   map[string]bool
	phones     []string
	dates      []date
	places     map[string]bool
	towns      map[string]bool
	streets    []knownStreet
	cap        string
	caps       map[string]bool
	parts      map[string]bool // of their names and e-mail addresses
	mails      map[string]bool
}

// knownName is a surname, or a part of a double one.
type knownName struct {
	key, sound, scan string // letters alone; as it sounds; as a scanner reads it
	initial          byte   // of the other part, 0 if it has none
	common           bool   // it is also an ordinary word, or a place
}

type knownStreet struct {
	words []string
	civic string
}

func newPeople(k Known) *people {
	p := &people{
		first: map[string]bool{}, firstOther: map[string]bool{}, taxCodes: map[string]bool{}, places: map[string]bool{},
		towns: map[string]bool{}, caps: map[string]bool{}, parts: map[string]bool{}, mails: map[string]bool{},
	}
	for _, w := range wordsOf(k.Segnalante.Nome) {
		p.first[w] = true
	}
	for _, one := range append([]Persona{k.Segnalante, k.Assistito}, k.Altri...) {
		p.add(one)
	}
	return p
}

// wordsOf are the folded words of a value.
func wordsOf(v string) []string {
	var out []string
	for _, t := range tokens(v) {
		if t.letters() {
			out = append(out, t.n)
		}
	}
	return out
}

func (p *people) add(one Persona) {
	p.addSurname(wordsOf(one.Cognome))
	for _, w := range wordsOf(one.Nome) {
		p.parts[w] = true
		if !p.first[w] && len(w) > 1 {
			p.firstOther[w] = true
		}
	}
	if c := strings.ToUpper(strings.Join(wordsOf(one.CodiceFiscale), "")); c != "" {
		p.taxCodes[c] = true
	}
	for f := range strings.FieldsFuncSeq(one.Telefono, func(r rune) bool { return r == ',' || r == ';' }) {
		if n := onlyFigures(f); len(n) >= 6 {
			p.phones = append(p.phones, national(n, strings.Contains(f, "+")))
		}
	}
	if d, err := time.Parse(time.DateOnly, one.DataNascita); err == nil {
		p.dates = append(p.dates, date{d.Day(), int(d.Month()), d.Year()})
	}
	for _, w := range []string{one.LuogoNascita} {
		if w = fold(strings.TrimSpace(w)); w != "" {
			p.places[w] = true
		}
	}
	if w := fold(strings.TrimSpace(one.Comune)); w != "" {
		p.towns[w] = true
	}
	if w := strings.TrimSpace(one.CAP); w != "" {
		p.caps[w], p.cap = true, w
	}
	p.addStreet(one.Indirizzo)
	for _, m := range []string{one.Email, one.PEC} {
		if m == "" {
			continue
		}
		p.mails[fold(m)] = true
		local, _, _ := strings.Cut(m, "@")
		for _, w := range wordsOf(strings.ReplaceAll(local, "_", " ")) {
			p.parts[w] = true
		}
	}
}

// addSurname learns a surname, and the parts of one that has two.
func (p *people) addSurname(ww []string) {
	if len(ww) == 0 {
		return
	}
	lex := lexicon()
	learn := func(key string, initial byte) {
		if len(key) < 2 || slices.ContainsFunc(p.surnames, func(k knownName) bool { return k.key == key }) {
			return
		}
		f := lex.flags(key)
		p.parts[key] = true
		p.surnames = append(p.surnames, knownName{key, sound(key), scanned(key), initial, f&(ordinary|place|month|role|firstName) != 0 || len(key) < 4})
	}
	learn(strings.Join(ww, ""), 0)
	if len(ww) == 1 {
		return
	}
	for i, w := range ww {
		f := lex.flags(w)
		if len(w) < 3 || f&(particle|function) != 0 {
			continue
		}
		if i > 0 && lex.flags(ww[i-1])&particle != 0 && f&(common|firstName|verb|place) != 0 {
			continue // D'Angelo is no Angelo, Dell'Acqua no acqua
		}
		other := ww[(i+1)%len(ww)]
		learn(w, other[0])
	}
}

func (p *people) addStreet(v string) {
	tt := tokens(v)
	k := knownStreet{}
	for i := range tt {
		t := &tt[i]
		switch {
		case t.figures() && i > 0 && (len(k.words) > 0 && !t.is(month)) && (i+1 == len(tt) || !tt[i+1].is(month)):
			if k.civic == "" {
				k.civic = t.n
			}
		case !t.letters() && !t.figures(), len(k.words) == 0 && t.is(street), k.civic != "", civic[t.n]:
		default:
			k.words = append(k.words, t.n)
		}
	}
	if len(k.words) > 0 && len(strings.Join(k.words, "")) > 2 {
		p.streets = append(p.streets, k)
	}
}

// calls reports the first name of who complains, whole, short or misspelt.
func (p *people) calls(n string) bool {
	for f := range p.first {
		if n == f || len(n) >= 3 && strings.HasPrefix(f, n) || len(f) >= 3 && (strings.HasPrefix(n, f) || strings.HasSuffix(f, n)) || distance(n, f, 2) <= 1+len(f)/6 {
			return true
		}
	}
	return false
}

// signs reports an initial of who complains.
func (p *people) signs(n string) bool {
	for f := range p.first {
		if strings.HasPrefix(f, n) {
			return true
		}
	}
	return false
}

func (p *people) mine(mail string) bool { return p.mails[mail] }
func (p *people) has(w string) bool     { return p.parts[w] }
func (p *people) bornAt(n string) bool  { return p.places[n] }
func (p *people) town(n string) bool    { return p.towns[n] || p.towns[strings.ReplaceAll(n, "i", "l")] }

func (p *people) born(d date) bool {
	return slices.ContainsFunc(p.dates, d.same)
}

// bornPlain is born for eight figures in a row.
func (p *people) bornPlain(n string) bool {
	return slices.ContainsFunc(p.dates, func(d date) bool {
		t := time.Date(d.y, time.Month(d.m), d.d, 0, 0, 0, 0, time.UTC)
		return n == t.Format("02012006") || n == t.Format("20060102")
	})
}

func (p *people) dials(n string) bool { return slices.Contains(p.phones, n) }

// taxPart reports six or more characters of a known codice fiscale, from its
// beginning.
func (p *people) taxPart(up string) bool {
	for c := range p.taxCodes {
		if strings.HasPrefix(c, up) {
			return true
		}
	}
	return false
}

func (p *people) streetWord(n string) bool {
	return slices.ContainsFunc(p.streets, func(k knownStreet) bool { return slices.Contains(k.words, n) })
}

// street reports a known street in an address as written.
func (p *people) street(v string) bool {
	ww := wordsOf(v)
	return slices.ContainsFunc(p.streets, func(k knownStreet) bool {
		for i := range ww {
			if i+len(k.words) <= len(ww) && slices.EqualFunc(ww[i:i+len(k.words)], k.words, alike) {
				return true
			}
		}
		return false
	})
}

// civicOf reports whether a number as written is the one of k.
func (p *people) civicOf(k knownStreet, figures, raw string) bool {
	return k.civic != "" && (figures == onlyFigures(k.civic) || onlyFigures(raw) == onlyFigures(k.civic) || strings.HasPrefix(onlyFigures(raw), onlyFigures(k.civic)))
}

func onlyFigures(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// scanned writes a folded word with one letter for all those that a scanner
// takes for each other.
func scanned(s string) string {
	b := make([]byte, 0, 40)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '0':
			b = append(b, 'o')
		case '1', 'i', 'j', '|':
			b = append(b, 'l')
		case '5':
			b = append(b, 's')
		case '8':
			b = append(b, 'b')
		case 'r':
			if i+1 < len(s) && s[i+1] == 'n' {
				c, i = 'm', i+1
			}
			b = append(b, c)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// alike reports whether two folded words are the same but for a scanner's
// mistakes, or one letter in a long word.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	if a == "" || b == "" || len(a) > 40 || len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return false
	}
	return scanned(a) == scanned(b) || len(b) >= 7 && distance(a, b, 1) <= 1
}

var soundPairs = strings.NewReplacer("qu", "k", "gh", "g", "ph", "f", "sch", "sk", "ch", "k", "ck", "k", "sh", "s", "th", "t", "ou", "u", "oo", "u", "h", "", "c", "k", "q", "k", "y", "i", "j", "i", "w", "v", "x", "s", "z", "s")

// sound writes a folded name as it sounds, more or less.
func sound(s string) string {
	s = soundPairs.Replace(s)
	var b strings.Builder
	for i := range len(s) {
		if i == 0 || s[i] != s[i-1] {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// distance counts the letters to change, add, drop or swap between two words;
// more than most is any number above it.
func distance(a, b string, most int) int {
	if len(a) > 32 || len(b) > 32 || len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var rows [3][34]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	prev2, prev, cur := &rows[2], &rows[0], &rows[1]
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			c := 1
			if a[i-1] == b[j-1] {
				c = 0
			}
			v := min(prev[j]+1, cur[j-1]+1, prev[j-1]+c)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				v = min(v, prev2[j-2]+1)
			}
			cur[j] = v
			least = min(least, v)
		}
		if least > most {
			return most + 1
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
