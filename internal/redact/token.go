package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type form uint8

const (
	mark   form = iota // anything that is neither letter nor figure, alone
	word               // letters
	number             // figures
	mixed              // letters and figures
)

type shape uint8

const (
	lower shape = iota
	title       // a capital, then small letters
	upper
	camel // capitals in its middle
)

// What parts a token from the one before it.
type gap uint8

const (
	joined gap = iota
	space
	newline
)

// owner says whether a token is settled.
type owner uint8

const (
	free   owner = iota
	kept         // of the staff, of a structure, a date of the facts, a mask
	hidden       // in a finding
)

type token struct {
	from, to int
	n        string // as written, without accents and case; of a mark, the mark
	f        flags
	form     form
	shape    shape
	gap      gap
	elided   bool // "D'" of D'Amico
	plain    bool // its capitals, or their lack, say nothing: a line in capitals, a text without
	other    bool // letters that are not Latin
	own      owner
}

func (t *token) is(f flags) bool { return t.f&f != 0 }
func (t *token) letters() bool   { return t.form == word || t.form == mixed }
func (t *token) figures() bool   { return t.form == number || t.form == mixed }
func (t *token) capital() bool   { return t.shape != lower }
func (t *token) mark(s string) bool {
	return t.form == mark && t.n != "" && strings.Contains(s, t.n)
}

// plainLetters are the Latin letters with signs, each after its plain one.
var plainLetters = func() map[rune]rune {
	m := map[rune]rune{}
	for _, row := range []string{
		"aàáâãäåāăą", "cçćč", "dďđð", "eèéêëēėęěə", "gğģ", "iìíîïīįı", "kķ", "lłľļĺ", "nñńňņ", "oòóôõöøōő",
		"rřŕ", "sśšşșß", "tťţț", "uùúûüūůűų", "yýÿ", "zźżž",
	} {
		rr := []rune(row)
		for _, r := range rr[1:] {
			m[r] = rr[0]
		}
	}
	return m
}()

// fold writes s in small letters without accents and invisible characters.
func fold(s string) string {
	for i := 0; ; i++ {
		if i == len(s) {
			return s
		}
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' || c == '\'' {
			break
		}
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if r != '\'' {
				b.WriteRune(unicode.ToLower(r))
			}
		case invisible(r):
		default:
			r = unicode.ToLower(r)
			if p, ok := plainLetters[r]; ok {
				r = p
			}
			if r != '’' && r != '´' {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func invisible(r rune) bool {
	return unicode.Is(unicode.Mn, r) || r == '\u00ad' || r >= '\u200b' && r <= '\u200d' || r == '\ufeff' || r == '\u2060'
}

func apostrophe(r rune) bool { return r == '\'' || r == '’' || r == '´' || r == '`' || r == 'ʼ' }

// tokens cuts a text into words, numbers and marks.
func tokens(text string) []token {
	out := make([]token, 0, len(text)/4+8)
	g := newline
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n' || r == '\r' || r == '\u2028':
			g, i = newline, i+n
		case unicode.IsSpace(r) || invisible(r):
			g, i = max(g, space), i+n
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			t := lexeme(text, i)
			t.gap = g
			out, g, i = append(out, t), joined, t.to
		default:
			out, g, i = append(out, token{from: i, to: i + n, n: text[i : i+n], gap: g}), joined, i+n
		}
	}
	return out
}

// lexeme reads the word or number at i.
func lexeme(text string, i int) token {
	t := token{from: i}
	var ups, lows, digits, letters int
	firstUp := false
	var last rune
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			if letters++; unicode.IsUpper(r) {
				ups++
				firstUp = firstUp || letters == 1
			} else {
				lows++
			}
			t.other = t.other || r > 0x24f && !unicode.Is(unicode.Latin, r)
			last = r
		case invisible(r):
		default:
			if apostrophe(r) && letters > 0 && digits == 0 {
				next, _ := utf8.DecodeRuneInString(text[i+n:])
				t.elided = unicode.IsLetter(next)
				if t.elided || accented(last, next) {
					i += n
				}
			}
			goto done
		}
		i += n
	}
done:
	t.to = i
	t.n = fold(text[t.from:t.to])
	if digits > 0 && digits <= 3 && letters >= 3 && letters >= digits {
		if w, ok := unscan(t.n); ok {
			t.n, digits = w, 0
		}
	}
	switch {
	case digits == 0:
		t.form = word
	case letters == 0:
		t.form = number
	default:
		t.form = mixed
	}
	switch {
	case ups == 0:
		t.shape = lower
	case firstUp && ups == 1 && letters > 1:
		t.shape = title
	case lows == 0:
		t.shape = upper
	default:
		t.shape = camel
	}
	if t.form == word {
		t.f = lexicon().flags(t.n)
		if t.shape != lower && t.f == 0 || t.shape == camel {
			if w := fold(strings.ReplaceAll(text[t.from:t.to], "I", "l")); w != t.n {
				if f := lexicon().flags(w); f != 0 || t.shape == camel && lows > 2*ups {
					t.n, t.f = w, f
				}
				if f := t.f; t.shape == camel || f&function != 0 {
					t.shape = lower
					if r, _ := utf8.DecodeRuneInString(text[t.from:]); r != 'I' && unicode.IsUpper(r) {
						t.shape = title
					}
				}
			}
		}
	}
	return t
}

// unscan puts back the letters that a scanner took for figures, in a word that
// has no others.
func unscan(n string) (string, bool) {
	if strings.ContainsAny(n, "2346789") {
		return n, false
	}
	return strings.NewReplacer("0", "o", "1", "l", "5", "s").Replace(n), true
}

// accented reports an accent written as an apostrophe: PERCHE', MACRI'.
func accented(last, next rune) bool {
	return strings.ContainsRune("AEIOUaeiou", last) && (unicode.IsSpace(next) || strings.ContainsRune(",.;:!?)", next))
}

// casing marks the tokens whose capitals say nothing: in a line of capitals, in
// a text, or a line as long as a text, that has next to none.
func casing(tt []token) {
	count := func(tt []token) (u, l int) {
		for i := range tt {
			if t := &tt[i]; t.letters() && t.to-t.from > 1 {
				switch t.shape {
				case upper:
					u++
				case lower, title, camel:
					l++
				}
			}
		}
		return u, l
	}
	capitals := func(tt []token) (n, all int) {
		for i := range tt {
			if tt[i].letters() && tt[i].to-tt[i].from > 1 {
				all++
				if tt[i].capital() {
					n++
				}
			}
		}
		return n, all
	}
	ups, lows := count(tt)
	shouting := ups > 2*lows
	n, all := capitals(tt)
	whispering := n == 0 && all >= 6 || all >= 12 && n*25 < all
	for i := 0; i < len(tt); {
		j := i + 1
		for j < len(tt) && tt[j].gap != newline {
			j++
		}
		u, l := count(tt[i:j])
		flat := whispering || u >= 6 && u > 3*l || shouting && l == 0
		for k := i; k < j; k++ {
			tt[k].plain = flat
		}
		i = j
	}
}
