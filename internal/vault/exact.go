package vault

import "strings"

// What is found only by its exact form. All take folded text.

// omocodia gives back the digit for which a letter stands in the codici fiscali
// that would otherwise be equal. ref: dm-1976-12-23 art. 6
var omocodia = map[byte]byte{'l': '0', 'm': '1', 'n': '2', 'p': '3', 'q': '4', 'r': '5', 's': '6', 't': '7', 'u': '8', 'v': '9'}

// codiceFiscale gives the 15 symbols of a codice fiscale before its check
// letter, in capitals, with omocodia undone: persons told apart only by it are
// found together. At least one digit must be there, or it may be a word.
func codiceFiscale(w string) (string, bool) {
	const shape = "aaaaaa00a00a000a"
	if len(w) != len(shape) {
		return "", false
	}
	out, digits := []byte(w), 0
	for i, c := range out {
		isDigit, isLetter := '0' <= c && c <= '9', 'a' <= c && c <= 'z'
		switch {
		case shape[i] == 'a' && !isLetter:
			return "", false
		case shape[i] == '0' && isDigit:
			digits++
		case shape[i] == '0':
			d, ok := omocodia[c]
			if !ok {
				return "", false
			}
			out[i] = d
		}
	}
	if digits == 0 || strings.IndexByte("abcdehlmprst", out[8]) < 0 {
		return "", false
	}
	return strings.ToUpper(string(out[:15])), true
}

// mailIn gives the e-mail address in a word, without the punctuation around it.
func mailIn(field string) (string, bool) {
	at := strings.LastIndexByte(field, '@')
	if at < 1 {
		return "", false
	}
	from, to := at, at+1
	for from > 0 && mailByte(field[from-1], true) {
		from--
	}
	for to < len(field) && mailByte(field[to], false) {
		to++
	}
	local := strings.Trim(field[from:at], ".-")
	host := strings.Trim(field[at+1:to], ".-")
	if local == "" || !strings.Contains(host, ".") || len(local)+len(host) > 254 {
		return "", false
	}
	return local + "@" + host, true
}

func mailByte(c byte, local bool) bool {
	if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '-' {
		return true
	}
	return local && strings.IndexByte("_+%&'=", c) >= 0
}

// run is a stretch of digit groups parted by at most one separator, as people
// write telephone numbers.
type run struct {
	from, to int // bytes of the text
	plus     bool
	groups   []string
}

// phonesIn gives the terms of every telephone number that whole groups of digits
// could be: "interno 3 02 1234567" is found by 02 1234567.
func phonesIn(text string) []string {
	var terms []string
	for _, r := range runs(text) {
		for i := range r.groups {
			digits := ""
			for _, g := range r.groups[i:] {
				if digits += g; len(digits) > 15 {
					break
				}
				if p, ok := phone(digits, r.plus && i == 0); ok {
					terms = append(terms, fieldPhone+p)
				}
			}
		}
	}
	return terms
}

// takePhones gives the terms of the stretches that are a telephone number as a
// whole, and the text without them.
func takePhones(text string) (terms []string, rest string) {
	var b strings.Builder
	done := 0
	for _, r := range runs(text) {
		if p, ok := phone(strings.Join(r.groups, ""), r.plus); ok {
			terms = append(terms, fieldPhone+p)
			b.WriteString(text[done:r.from])
			b.WriteByte(' ')
			done = r.to
		}
	}
	b.WriteString(text[done:])
	return terms, b.String()
}

// phone normalises the digits of a number. Italian numbers have 8 to 11 digits
// and begin with 0, 3 or 8; others are taken only with their international
// prefix.
func phone(digits string, plus bool) (string, bool) {
	if !plus && strings.HasPrefix(digits, "00") {
		digits, plus = digits[2:], true
	}
	if strings.HasPrefix(digits, "39") && (plus || len(digits) > 10) {
		digits, plus = digits[2:], false
	}
	if plus {
		return digits, len(digits) >= 8 && len(digits) <= 15
	}
	ok := len(digits) >= 8 && len(digits) <= 11 && strings.IndexByte("038", digits[0]) >= 0
	return digits, ok
}

// runs finds the stretches of digit groups. A date ends a stretch and belongs to
// none.
func runs(text string) []run {
	var out []run
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			i++
			continue
		}
		r, next := readRun(text, i)
		for _, part := range cutDates(text, r) {
			if len(part.groups) > 0 {
				out = append(out, part)
			}
		}
		i = next
	}
	return out
}

func readRun(text string, i int) (run, int) {
	r := run{from: i, plus: i > 0 && text[i-1] == '+'}
	if r.plus {
		r.from--
	}
	for {
		j := i
		for j < len(text) && isDigit(text[j]) {
			j++
		}
		r.groups = append(r.groups, text[i:j])
		r.to = j
		if j+1 >= len(text) || strings.IndexByte(" .-/", text[j]) < 0 || !isDigit(text[j+1]) {
			return r, j
		}
		i = j + 1
	}
}

// cutDates parts a run at the groups that are a date: day, month and year with
// one and the same separator that is no space.
func cutDates(text string, r run) []run {
	at := r.from
	if r.plus {
		at++
	}
	parts := []run{{from: r.from, plus: r.plus}}
	for k := 0; k < len(r.groups); k++ {
		if k+2 < len(r.groups) && isDate(text[at:], r.groups[k:k+3]) {
			at += len(r.groups[k]) + len(r.groups[k+1]) + len(r.groups[k+2]) + 3
			parts = append(parts, run{from: at})
			k += 2
			continue
		}
		last := &parts[len(parts)-1]
		last.groups = append(last.groups, r.groups[k])
		last.to = at + len(r.groups[k])
		at = last.to + 1
	}
	return parts
}

func isDate(text string, g []string) bool {
	sep1, sep2 := text[len(g[0])], text[len(g[0])+1+len(g[1])]
	return len(g[0]) <= 2 && len(g[1]) <= 2 && (len(g[2]) == 4 || len(g[2]) == 2) && sep1 == sep2 && sep1 != ' '
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
