package vault

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tutela/internal/fault"
)

func TestFoglioNamesTheGroup(t *testing.T) {
	code, secret := newFoglio()
	c := code.Valore()
	if got, err := parseFoglio(NewRiservato(strings.ToLower(Gruppi(c)))); err != nil || !bytes.Equal(got, secret) || len(c) != 28 {
		t.Fatal(err)
	}
	for i := range len(c) {
		for j := range len(alphabet) {
			if alphabet[j] == c[i] {
				continue
			}
			_, err := parseFoglio(NewRiservato(c[:i] + alphabet[j:j+1] + c[i+1:]))
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), fmt.Sprintf("gruppo %d.", i/4+1)) {
				t.Fatalf("symbol %d: %v", i, err)
			}
		}
	}
	for i := range len(c) {
		for j := range i {
			b := []byte(c)
			if b[i], b[j] = b[j], b[i]; string(b) == c {
				continue
			}
			if _, err := parseFoglio(NewRiservato(string(b))); err == nil {
				t.Fatalf("symbols %d and %d may be exchanged", j, i)
			}
			b = []byte(c)
			b[i], b[j] = alphabet[(strings.IndexByte(alphabet, b[i])+1+j)%31], alphabet[(strings.IndexByte(alphabet, b[j])+1+i)%31]
			if _, err := parseFoglio(NewRiservato(string(b))); err == nil && string(b) != c {
				t.Fatalf("symbols %d and %d may both be wrong", j, i)
			}
		}
	}
}

func TestFoglioRefuses(t *testing.T) {
	code, _ := newFoglio()
	c := code.Valore()
	for _, s := range []string{"", c[1:], c + "2", "0" + c[1:], strings.Repeat("Z", 28), foglioCode(append([]byte{1}, make([]byte, 16)...))} {
		if _, err := parseFoglio(NewRiservato(s)); !fault.Is(err, fault.Invalid) || s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzParseFoglio(f *testing.F) {
	code, _ := newFoglio()
	f.Add(code.Valore())
	f.Add("2222-2222-2222-2222-2222-2222-2222")
	f.Fuzz(func(t *testing.T, s string) {
		secret, err := parseFoglio(NewRiservato(s))
		if err == nil {
			if typed, ok := parseCode(s, foglioLen); !ok || foglioCode(secret) != typed {
				t.Fatalf("%q read as %x", s, secret)
			}
		}
	})
}

func TestPassphrase(t *testing.T) {
	counts := map[string]int{}
	for range 500 {
		p := NewPassphrase()
		for _, typed := range []string{p.Valore(), strings.ToUpper(p.Valore()), strings.ReplaceAll(p.Valore(), " ", ""), " " + strings.ReplaceAll(p.Valore(), " ", " - ") + "\n"} {
			if got, err := parsePassphrase(NewRiservato(typed)); err != nil || got != p.Valore() {
				t.Fatalf("%q: %q, %v", typed, got, err)
			}
		}
		for w := range strings.FieldsSeq(p.Valore()) {
			if len(w) != 6 {
				t.Fatal(w)
			}
			for i := 0; i < 6; i += 2 {
				counts[w[i:i+2]]++
			}
		}
	}
	if len(counts) != 70 {
		t.Errorf("%d syllables, want 70: 73 bits", len(counts))
	}
	for s, n := range counts { // 6,000 draws of 70: 86 each, standard deviation 9
		if n < 40 || n > 140 {
			t.Errorf("%s is drawn %d times in 6,000", s, n)
		}
	}
	for typed, says := range map[string]string{
		"": "0.", "badilo badilo badilo": "18.", "badilo badilo badilo badiloo": "25.", "badilo badilo badllo badilo": "parola 3",
		"adilob badilo badilo badilo": "parola 1", "badilo badilo badilo badiko": "parola 4", strings.Repeat("ba", 200): "di più",
	} {
		if _, err := parsePassphrase(NewRiservato(typed)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func FuzzParsePassphrase(f *testing.F) {
	f.Add("badilo badilo badilo badilo")
	f.Add("BADILO-badilo badilobadilo.")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := parsePassphrase(NewRiservato(s)); err == nil {
			if again, err := parsePassphrase(NewRiservato(p)); err != nil || again != p || len(p) != 27 {
				t.Fatalf("%q read as %q, then %q", s, p, again)
			}
		}
	})
}
