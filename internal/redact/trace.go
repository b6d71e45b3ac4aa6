package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Phrase finds words that a person wants hidden, wherever they stand in text,
// whatever their case, accents and the marks between them.
func Phrase(text, words string) []Finding {
	var out []Finding
	want, have := lettered(tokens(words)), lettered(tokens(text))
	same := func(a, b token) bool { return a.n == b.n }
	for i := 0; len(want) > 0 && i+len(want) <= len(have); i++ {
		if slices.EqualFunc(have[i:i+len(want)], want, same) {
			out = append(out, Finding{have[i].from, have[i+len(want)-1].to, Chosen, "scelto"})
			i += len(want) - 1
		}
	}
	return out
}

func lettered(tt []token) []token {
	return slices.DeleteFunc(tt, func(t token) bool { return t.form == mark })
}

// Place is where a finding stands in a copy: bytes From to To, To excluded. It is
// zero for what is no longer there.
type Place struct{ From, To int }

// Trace finds again each of found, which are findings of text, in a copy that
// began as Apply(text, those that masked names) and that a person then changed
// by hand: the mask of one that is masked, the words of one that is not.
func Trace(text string, found []Finding, masked func(i int) bool, copied string) []Place {
	var base []string
	first := make([]int, len(found)+1) // the piece of the base with which each begins
	cut := func(s string) {
		for _, p := range pieces(s) {
			base = append(base, s[p.From:p.To])
		}
	}
	at := 0
	ends := make([]int, len(found))
	for i, f := range found {
		cut(text[at:f.From])
		first[i] = len(base)
		if masked(i) {
			cut(f.Kind.Mask())
		} else {
			cut(text[f.From:f.To])
		}
		ends[i], at = len(base), f.To
	}
	cut(text[at:])
	pp := pieces(copied)
	now := make([]string, len(pp))
	for i, p := range pp {
		now[i] = copied[p.From:p.To]
	}
	match := matches(base, now)
	out := make([]Place, len(found))
	for i := range found {
		a, b := first[i], ends[i]
		whole := a < b && match[a] >= 0
		for j := a + 1; whole && j < b; j++ {
			whole = match[j] == match[j-1]+1
		}
		if whole {
			out[i] = Place{pp[match[a]].From, pp[match[b-1]].To}
		}
	}
	return out
}

// pieces cuts a text into masks, words with figures, and marks.
func pieces(s string) []Place {
	var out []Place
	for i := 0; i < len(s); {
		if n := maskAt(s[i:]); n > 0 {
			out = append(out, Place{i, i + n})
			i += n
			continue
		}
		j := i
		for j < len(s) {
			r, n := utf8.DecodeRuneInString(s[j:])
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				if j == i {
					if j += n; !unicode.IsSpace(r) {
						out = append(out, Place{i, j})
					}
					i = j
				}
				break
			}
			j += n
		}
		if j > i {
			out = append(out, Place{i, j})
			i = j
		}
	}
	return out
}

// maskAt is the length of the mask with which s begins; 0 if there is none.
func maskAt(s string) int {
	if s[0] != '[' {
		return 0
	}
	for _, k := range kinds {
		if m := k.Mask(); strings.HasPrefix(s, m) {
			return len(m)
		}
	}
	return 0
}

// mostEdits is how many words may have been added or taken away between what
// begins and what ends alike; where there are more, it was written anew.
const mostEdits = 800

// matches pairs the words of a with those of b in the same order, as many as can
// be: for each of a its place in b, or -1. It is the greedy algorithm of Myers.
func matches(a, b []string) []int {
	out := make([]int, len(a))
	for i := range out {
		out[i] = -1
	}
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		out[from] = from
		from++
	}
	end := 0
	for end < len(a)-from && end < len(b)-from && a[len(a)-1-end] == b[len(b)-1-end] {
		out[len(a)-1-end] = len(b) - 1 - end
		end++
	}
	a, b = a[from:len(a)-end], b[from:len(b)-end]
	n, m := len(a), len(b)
	most := min(n+m, mostEdits)
	v := make([]int, 2*most+3) // by diagonal, the farthest place in a
	var past [][]int
	for d := 0; d <= most; d++ {
		past = append(past, slices.Clone(v[most+1-d:most+2+d]))
		for k := -d; k <= d; k += 2 {
			var x int
			if k == -d || k != d && v[most+k] < v[most+2+k] {
				x = v[most+2+k]
			} else {
				x = v[most+k] + 1
			}
			for x < n && x-k < m && a[x] == b[x-k] {
				x++
			}
			if v[most+1+k] = x; x >= n && x-k >= m {
				walk(past, d, n, m, func(x, y int) { out[from+x] = from + y })
				return out
			}
		}
	}
	return out
}

// walk goes back over the edits by which a became b, and says what was kept.
func walk(past [][]int, d, x, y int, kept func(x, y int)) {
	for ; d > 0; d-- {
		v := func(k int) int { // as it was before the step d
			if k < -d || k > d {
				return 0
			}
			return past[d][k+d]
		}
		k := x - y
		prev := k - 1
		if k == -d || k != d && v(k-1) < v(k+1) {
			prev = k + 1
		}
		px := v(prev)
		py := px - prev
		for x > px && y > py {
			x--
			y--
			kept(x, y)
		}
		x, y = px, py
	}
	for x > 0 && y > 0 {
		x--
		y--
		kept(x, y)
	}
}
