package vault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"tutela/internal/fault"
)

func TestID(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 11, 12, 500e3, time.UTC)
	id := NewID(at)
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id.String()) {
		t.Error(id)
	}
	if ms := fmt.Sprintf("%012x", at.UnixMilli()); !strings.HasPrefix(strings.ReplaceAll(id.String(), "-", ""), ms+"7800") {
		t.Errorf("%v does not begin with the instant %s and half a millisecond", id, ms)
	}
	for _, s := range []string{id.String(), strings.ToUpper(id.String())} {
		if back, err := ParseID(s); err != nil || back != id {
			t.Errorf("%s: %v, %v", s, back, err)
		}
	}
	b, err := json.Marshal(map[string]ID{"id": id})
	if err != nil || string(b) != `{"id":"`+id.String()+`"}` {
		t.Errorf("%s, %v", b, err)
	}
	if id.IsZero() || !(ID{}).IsZero() {
		t.Error("IsZero")
	}
}

func TestIDsSortByTime(t *testing.T) {
	at := time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)
	last := NewID(at)
	for range 5000 {
		at = at.Add(300 * time.Nanosecond)
		id := NewID(at)
		if bytes.Compare(last[:], id[:]) >= 0 {
			t.Fatalf("%v after %v", id, last)
		}
		last = id
	}
}

func TestParseIDRefuses(t *testing.T) {
	for _, s := range []string{"", "1", "0198c0de-0000-7000-8000-00000000000", "0198c0de-0000-7000-8000-0000000000000",
		"0198c0de00007000800000000000000000000", "0198c0de-0000-7000-8000-00000000000g", "{198c0de-0000-7000-8000-000000000000"} {
		if _, err := ParseID(s); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("0198c0de-0000-7000-8000-000000000000")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseID(s); err == nil && id.String() != strings.ToLower(s) {
			t.Fatalf("%q read as %v", s, id)
		}
	})
}

// A code read is one that could have been given, however it was typed.
func FuzzParseCodes(f *testing.F) {
	f.Add("abcd-efgh-jkmn")
	f.Add(" ABCD.EFGH\u2013JKMN PQRS\n")
	f.Add("abcd-efgh-jkm0\xff")
	f.Fuzz(func(t *testing.T, s string) {
		codice, errCodice := ParseCodice(s)
		chiave, errChiave := ParseChiave(s)
		id, errID := ParseKeyID(s)
		if errCodice == nil && errChiave == nil || (errChiave == nil) != (errID == nil) || errID == nil && id != chiave.Valore() {
			t.Fatalf("%q is %v, %v, %v", s, errCodice, errChiave, errID)
		}
		for _, c := range []string{codice, chiave.Valore()} {
			if strings.Trim(c, alphabet) != "" {
				t.Fatalf("%q read as %q", s, c)
			}
		}
		if errCodice == nil {
			if again, err := ParseCodice(Gruppi(codice)); err != nil || again != codice {
				t.Fatalf("%q read as %q and again as %q: %v", s, codice, again, err)
			}
		}
	})
}

func TestCodes(t *testing.T) {
	counts := map[rune]int{}
	for range 400 {
		c, k := NewCodice(), NewChiave().Valore()
		if len(c) != 12 || len(k) != 16 {
			t.Fatalf("%d and %d symbols", len(c), len(k))
		}
		if got, err := ParseCodice(Gruppi(c)); err != nil || got != c {
			t.Fatalf("%s: %s, %v", c, got, err)
		}
		if got, err := ParseChiave(" " + strings.ToLower(Gruppi(k)) + "\n"); err != nil || got.Valore() != k {
			t.Fatal(err)
		}
		for _, r := range c + k {
			counts[r]++
		}
	}
	if len(counts) != 31 || len(alphabet) != 31 {
		t.Errorf("%d symbols of %d are used", len(counts), len(alphabet))
	}
	for r, n := range counts { // 11,200 draws of 31: 361 each, standard deviation 19
		if n < 240 || n > 480 {
			t.Errorf("%c is drawn %d times in 11,200", r, n)
		}
	}
	if strings.ContainsAny(alphabet, "0O1IL") {
		t.Error("the alphabet has symbols that people confuse")
	}
	if got := Gruppi("ABCDEFGHJKMN"); got != "ABCD-EFGH-JKMN" {
		t.Error(got)
	}
}

func TestParseCode(t *testing.T) {
	for s, want := range map[string]string{
		"ABCD-EFGH-JKMN": "ABCDEFGHJKMN", "abcd efgh jkmn": "ABCDEFGHJKMN", "abcdefghjkmn": "ABCDEFGHJKMN",
		"ABCD–EFGH—JKMN": "ABCDEFGHJKMN", " abcd.efgh.jkmn ": "ABCDEFGHJKMN",
		"": "", "ABCD-EFGH-JKM": "", "ABCD-EFGH-JKMNP": "", "ABCD-EFGH-JKM0": "", "ABCD-EFGH-JKMÈ": "", "ABCD-EFGH-JKMI": "",
		"ABCD-EFGH-JKM\x00": "", "ABCD-EFGH-JK\uff2d\uff2e": "",
	} {
		got, err := ParseCodice(s)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", s, got, err)
		}
		if err != nil && (!fault.Is(err, fault.Invalid) || s != "" && strings.Contains(err.Error(), s)) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestRiservatoNeverPrints(t *testing.T) {
	const secret = "Anna Bianchi"
	type Inner struct {
		Name Riservato
		name Riservato
	}
	type Outer struct {
		Inner
		ptr  *Inner
		list []Riservato
		byID map[string]Riservato
		any  any
	}
	r := NewRiservato(secret)
	in := Inner{r, r}
	out := Outer{in, &in, []Riservato{r}, map[string]Riservato{"a": r}, r}
	var seen strings.Builder
	for _, v := range []any{r, &r, in, &in, out, &out, []Inner{in}, []any{r}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t", "%10.2s"} {
			fmt.Fprintf(&seen, verb, v)
		}
		fmt.Fprintln(&seen, v)
		if b, err := json.Marshal(v); err == nil {
			seen.Write(b)
		}
		slog.New(slog.NewTextHandler(&seen, nil)).Info("x", "v", v, slog.Group("g", "v", v))
		slog.New(slog.NewJSONHandler(&seen, nil)).Info("x", "v", v)
	}
	all := strings.ToLower(seen.String())
	for _, leak := range []string{"anna", "bianchi", fmt.Sprintf("%x", secret)[:8]} {
		if strings.Contains(all, leak) {
			t.Errorf("%q was printed", leak)
		}
	}
	if got := fmt.Sprintf("%v %s %#v %+v", r, r, r, Inner{Name: r}.Name); got != "[riservato] [riservato] [riservato] [riservato]" {
		t.Error(got)
	}
	if r.Valore() != secret || (Riservato{}).Valore() != "" || !r.Equal(NewRiservato(secret)) || r.Equal(Riservato{}) {
		t.Error("Valore, Equal")
	}
	var back Riservato
	if err := json.Unmarshal([]byte(`"[riservato]"`), &back); err == nil { //nolint:staticcheck // that it cannot be read back is what is tested
		t.Error("what was hidden was read back as if it were the text")
	}
}

func TestIDTime(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 11, 12, 345_678_901, time.UTC)
	if got := NewID(at).Time(); !got.Equal(at.Truncate(time.Millisecond)) {
		t.Errorf("got %v", got)
	}
}
