package redact

import (
	"slices"
	"strings"
	"testing"
)

func TestPhrase(t *testing.T) {
	text := "La caposala Ines Dotti, la Dotti e INES, dotti: non le dottrine."
	for words, want := range map[string]string{
		"dotti": "Dotti|Dotti|dotti", "Inès Dotti": "Ines Dotti|INES, dotti", "": "", ", .": "", "Dotti e": "Dotti e", "dott": "",
	} {
		var got []string
		for _, f := range Phrase(text, words) {
			got = append(got, text[f.From:f.To])
			if f.Why() == "" || f.Kind.Mask() != "[omissis]" {
				t.Errorf("%q: %v", words, f)
			}
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}

// traced shows where Trace finds again what is in a text between braces, masked
// where they are double: {anna}, {{rossi}}. A lost one is a dash.
func traced(text, copied string) string {
	var found []Finding
	var masked []bool
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			break
		}
		double := strings.HasPrefix(text[i:], "{{")
		n := 1
		if double {
			n = 2
		}
		j := i + strings.IndexByte(text[i:], '}')
		found = append(found, Finding{i, j - n, Surname, "cognome-noto"})
		masked = append(masked, double)
		text = text[:i] + text[i+n:j] + text[j+n:]
	}
	var got []string
	for _, p := range Trace(text, found, func(i int) bool { return masked[i] }, copied) {
		if got = append(got, copied[p.From:p.To]); p.To == 0 {
			got[len(got)-1] = "-"
		}
	}
	return strings.Join(got, "|")
}

func TestTrace(t *testing.T) {
	for _, c := range [][3]string{
		{"Sono Anna {{Rossi}}, con {Bruno Neri}.", "Sono Anna [cognome], con Bruno Neri.", "[cognome]|Bruno Neri"},
		{"Sono Anna {{Rossi}}, con {Bruno Neri}.", "Scrive Anna [cognome], con\r\n Bruno  Neri, ieri.", "[cognome]|Bruno  Neri"},
		{"Sono Anna {{Rossi}}, con {Bruno Neri}.", "Sono Anna, con Bruno, Neri.", "-|-"},
		{"{{A}} {{B}} o {{C}}", "[cognome] o [cognome]", "[cognome]|-|[cognome]"},
		{"Uno {{A}} due {{B}} tre {{C}} quattro", "Uno due [cognome] tre quattro", "-|[cognome]|-"},
		{"{{Rossi}}", "", "-"},
		{"{{Rossi}}", "Rossi", "-"},
		{"x{{Rossi}}y", "x[cognome]y", "[cognome]"},
		{"Il testo di {{Rossi}} è lungo", "Tutto riscritto, senza niente di prima", "-"},
	} {
		if got := traced(c[0], c[1]); got != c[2] {
			t.Errorf("%q in %q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
	long := strings.Repeat("parola ", 3000)
	if got := traced("Inizio {{Rossi}} "+long+"{{Neri}} fine", "Inizio [cognome] "+strings.Repeat("altro ", 3000)+"[cognome] fine"); got != "[cognome]|[cognome]" {
		t.Errorf("a long text written anew: %q", got)
	}
}

// Whatever was typed, what is found again is in its order and reads as it did.
func FuzzTrace(f *testing.F) {
	f.Add("Sono Anna Lo Bianco, tel. 347 6120093", "Sono Anna [cognome], chiamatemi al [telefono]", uint8(1))
	f.Add("lo bianco\n\xff", "[cognome][cognome]", uint8(2))
	f.Fuzz(func(t *testing.T, text, copied string, some uint8) {
		found := Find(text, anna)
		masked := func(i int) bool { return some>>(i%8)&1 == 0 }
		at := 0
		for i, p := range Trace(text, found, masked, copied) {
			if p.To == 0 {
				continue
			}
			want := text[found[i].From:found[i].To]
			if masked(i) {
				want = found[i].Kind.Mask()
			}
			if p.From < at || !slices.Equal(split(copied[p.From:p.To]), split(want)) {
				t.Fatalf("%q is said to be %q at %d, after %d", want, copied[p.From:p.To], p.From, at)
			}
			at = p.To
		}
		base := Apply(text, slices.DeleteFunc(slices.Clone(found), func(x Finding) bool { return !masked(slices.Index(found, x)) }))
		for i, p := range Trace(text, found, masked, base) {
			if p.To == 0 && !slices.Contains(split(base), "\xff") && joinedTo(text, found[i]) {
				t.Fatalf("%v is lost in %q, which nobody changed", found[i], base)
			}
		}
	})
}

// joinedTo reports that a finding stands alone: no letter or figure touches it.
func joinedTo(text string, f Finding) bool {
	pp := pieces(text)
	whole := func(b int) bool {
		return !slices.ContainsFunc(pp, func(p Place) bool { return p.From < b && b < p.To })
	}
	return whole(f.From) && whole(f.To)
}

func split(s string) []string {
	var out []string
	for _, p := range pieces(s) {
		out = append(out, s[p.From:p.To])
	}
	return out
}
