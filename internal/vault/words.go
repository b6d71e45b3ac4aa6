package vault

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/italian"
	"golang.org/x/text/unicode/norm"
)

// A term is a field and a word, "field|word". The fields, with what they hold:
const (
	fieldText   = "t|"   // the stem of a word
	fieldName   = "n|"   // a name, whole
	fieldPrefix = "p|"   // the first 3, 4 or 5 letters of a name
	fieldCF     = "cf|"  // a codice fiscale, omocodia undone, without its check letter
	fieldPhone  = "tel|" // a telephone number, digits only, +39 taken off
	fieldMail   = "mail|"
)

// maxWord is the length in bytes beyond which a word is cut, on both sides alike.
const maxWord = 64

// stems remembers the stems of common words, for all compartments: a word's stem
// says nothing of who wrote it.
var stems = newCache[string](1 << 13)

// Parole gives the terms by which a text can be found: the stem of each word
// (lower case, accents folded, split at apostrophes, stop words and single
// letters left out), and every codice fiscale, telephone number and e-mail
// address in exact form. Each term comes once, in no meaningful order.
func Parole(text string) []string {
	text = fold(text)
	terms := wordTerms(text)
	terms = append(terms, phonesIn(text)...)
	return unique(terms)
}

// Nomi gives the terms of a person's name: each word whole, its first 3, 4 and 5
// letters, and what Parole gives. Words joined by an apostrophe count also as
// one: D'Angelo is found as angelo and as dangelo.
func Nomi(name string) []string {
	var terms []string
	for _, field := range strings.Fields(fold(name)) {
		words := splitWords(field)
		if len(words) > 1 {
			words = append(words, clip(strings.Join(words, "")))
		}
		for _, w := range words {
			terms = append(terms, nameTerms(w)...)
		}
		terms = append(terms, stemTerms(words)...)
	}
	return unique(append(terms, Parole(name)...))
}

func nameTerms(w string) []string {
	if utf8.RuneCountInString(w) < 2 {
		return nil
	}
	terms := []string{fieldName + w}
	for n := 3; n <= 5; n++ {
		if p := firstRunes(w, n); p != "" {
			terms = append(terms, fieldPrefix+p)
		}
	}
	return terms
}

// Domanda gives the terms of what a person asks for; a case must have them all.
// They are those Parole gives, except that a telephone number stands for itself
// only, however it is grouped, and that a word ending in * asks for names that
// begin so: at most its first 5 letters count, so the answer may hold more and
// is checked after opening. A question of stop words only asks for names.
func Domanda(text string) []string {
	text = fold(text)
	phones, rest := takePhones(text)
	terms := phones
	var plain []string
	for _, field := range strings.Fields(rest) {
		stem, star := strings.CutSuffix(field, "*")
		words := splitWords(stem)
		if !star || len(words) == 0 {
			plain = append(plain, field)
			continue
		}
		last := words[len(words)-1]
		for n := 5; n >= 3; n-- {
			if p := firstRunes(last, n); p != "" {
				terms = append(terms, fieldPrefix+p)
				break
			}
		}
		plain = append(plain, words[:len(words)-1]...)
	}
	terms = append(terms, wordTerms(strings.Join(plain, " "))...)
	if len(terms) == 0 {
		for _, w := range splitWords(rest) {
			if utf8.RuneCountInString(w) > 1 {
				terms = append(terms, fieldName+w)
			}
		}
	}
	return unique(terms)
}

// Words are the words of a text as they are compared: lower case, without accents,
// in their order.
func Words(text string) []string { return splitWords(fold(text)) }

// Term is what Parole gives for a word of Words that is no address or codice
// fiscale; empty for a stop word or a single letter.
func Term(word string) string {
	if t := stemTerms([]string{word}); len(t) > 0 {
		return t[0]
	}
	return ""
}

// wordTerms gives the terms of a folded text, telephone numbers apart.
func wordTerms(text string) []string {
	var terms, words []string
	for _, field := range strings.Fields(text) {
		if m, ok := mailIn(field); ok {
			terms = append(terms, fieldMail+m)
			continue
		}
		for _, w := range splitWords(field) {
			if cf, ok := codiceFiscale(w); ok {
				terms = append(terms, fieldCF+cf)
			} else {
				words = append(words, w)
			}
		}
	}
	return append(terms, stemTerms(words)...)
}

func stemTerms(words []string) []string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return stopWords[w] || utf8.RuneCountInString(w) < 2
	})
	out := make([]string, len(words))
	stems.fill(words, out, func(w string) string { return fieldText + stem(w) })
	return out
}

// stem is the Snowball stem of a word whose ending was made the same for its
// inflections: referto and referti, infermiera and infermiere, amico and amiche
// would part otherwise. Endings that Snowball knows with an e (prenotazione,
// pagare, the future aspetterà written without its accent) get an e, others an o.
func stem(w string) string {
	base := w
	if n := len(w); n > 3 && strings.IndexByte("aeio", w[n-1]) >= 0 {
		base = w[:n-1]
		base = strings.TrimSuffix(base, "i")
		if c := w[n-1]; (c == 'e' || c == 'i') && (strings.HasSuffix(base, "ch") || strings.HasSuffix(base, "gh")) {
			base = base[:len(base)-1]
		}
		for _, c := range [...]string{"c", "g"} { // pagherà as pagare, cercherò as cercare
			if root, ok := strings.CutSuffix(base, c+"her"); ok {
				base = root + c + "ar"
			}
		}
		ending := "o"
		for _, s := range [...]string{"zion", "ment", "bil", "ar", "er", "ir"} {
			if strings.HasSuffix(base, s) && !strings.HasSuffix(base, "ier") {
				ending = "e"
			}
		}
		base += ending
	}
	env := snowballstem.NewEnv(base)
	italian.Stem(env)
	return env.Current()
}

// fold writes a text in lower case without accents, ligatures or wide forms.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	s = norm.NFKD.String(strings.ToValidUTF8(s, " "))
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			return r
		}
		if unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func splitWords(s string) []string {
	words := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for i, w := range words {
		words[i] = clip(w)
	}
	return words
}

// clip cuts an overlong word at a letter's border.
func clip(w string) string {
	if len(w) <= maxWord {
		return w
	}
	n := maxWord
	for !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

// firstRunes is the first n letters of w, or "" if it has fewer.
func firstRunes(w string, n int) string {
	for i := range w {
		if n == 0 {
			return w[:i]
		}
		n--
	}
	if n == 0 {
		return w
	}
	return ""
}

func unique(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}
