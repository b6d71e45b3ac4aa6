package day

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tutela/internal/fault"
)

func TestFestivo(t *testing.T) {
	tests := []struct{ giorno, nome, fonte string }{
		{"2026-01-01", "Capodanno", "L. 260/1949"},
		{"2026-01-06", "Epifania", "D.P.R. 792/1985"},
		{"2026-04-05", "domenica", "L. 260/1949"}, // Easter itself
		{"2026-04-06", "Lunedì dell'Angelo", "L. 260/1949"},
		{"2026-04-25", "Liberazione", "L. 260/1949"},
		{"2026-05-01", "Festa del lavoro", "L. 260/1949"},
		{"2026-06-02", "Festa della Repubblica", "L. 336/2000"},
		{"2026-08-15", "Assunzione", "L. 260/1949"},
		{"2026-10-04", "San Francesco d'Assisi", "L. 151/2025"},
		{"2026-11-01", "Ognissanti", "L. 260/1949"},
		{"2026-12-08", "Immacolata", "L. 260/1949"},
		{"2026-12-25", "Natale", "L. 260/1949"},
		{"2026-12-26", "Santo Stefano", "L. 260/1949"},
		{"2026-03-01", "domenica", "L. 260/1949"},
		{"2025-10-04", "", ""},
		{"2026-03-19", "", ""},
		{"2026-06-24", "", ""}, // patron of this office: no civil effect
		{"2026-06-29", "", ""}, // Rome only
		{"2026-05-25", "", ""}, // Whit Monday: Bolzano only
		{"1976-05-27", "Ascensione", "L. 260/1949"},
		{"1976-06-17", "Corpus Domini", "L. 260/1949"},
		{"1977-05-19", "", ""},
		{"1977-03-19", "", ""}, // a few days after L. 54/1977 ended it
		{"1976-03-19", "San Giuseppe", "L. 260/1949"},
		{"2999-12-25", "Natale", "L. 260/1949"},
	}
	c := con(t, "06-24")
	for _, tt := range tests {
		nome, fonte, ok := c.Festivo(date(t, tt.giorno))
		if nome != tt.nome || fonte != tt.fonte || ok != (tt.nome != "") {
			t.Errorf("Festivo(%s) = %q, %q, %v; want %q, %q", tt.giorno, nome, fonte, ok, tt.nome, tt.fonte)
		}
	}
	if _, _, ok := c.Festivo(Of(3000, 1, 1)); ok {
		t.Error("a day past the table is said to be a holiday")
	}
	if _, _, ok := c.Festivo(Of(1899, 12, 25)); ok {
		t.Error("a day before the table is said to be a holiday")
	}
}

// Easter, as published, for years in which rules of thumb go wrong.
func TestPasqua(t *testing.T) {
	for _, s := range []string{
		"1900-04-15", "1943-04-25", "1954-04-18", "1961-04-02", "1981-04-19", "2000-04-23", "2008-03-23", "2011-04-24", "2016-03-27",
		"2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21", "2035-03-25",
		"2038-04-25", "2049-04-18", "2076-04-19", "2100-03-28", "2285-03-22", "2299-04-16",
	} {
		d := date(t, s)
		if got := pasqua(d.Year()); got != d {
			t.Errorf("pasqua(%d) = %v; want %s", d.Year(), got, s)
		}
	}
}

// The bits and the rows must tell the same: the bits count, the rows explain.
func TestBitsAgreeWithRows(t *testing.T) {
	c := con(t, "02-29", Of(2026, 8, 14))
	for d := primo; d < Of(2101, 1, 1); d++ {
		if got, want := c.festivi.has(d), c.riga(d, true).nome != ""; got != want {
			t.Fatalf("%v: festivo %v by bits, %v by rows", d, got, want)
		}
		if got, want := c.chiusi.has(d), c.riga(d, false).nome != ""; got != want {
			t.Fatalf("%v: chiuso %v by bits, %v by rows", d, got, want)
		}
	}
}

func TestCon(t *testing.T) {
	patrono, ponte := Of(2026, 12, 7), Of(2026, 12, 24)
	base := Nazionale()
	c := con(t, "12-07", ponte, ponte)
	for _, d := range []Date{patrono, ponte, Of(2027, 12, 7)} {
		if !c.Chiuso(d, false) || base.Chiuso(d, false) {
			t.Errorf("%v must be closed for this office alone", d)
		}
	}
	if c.Chiuso(Of(2027, 12, 24), false) {
		t.Error("a single closure came back a year later")
	}
	if sab := Of(2026, 3, 7); c.Chiuso(sab, false) || !c.Chiuso(sab, true) {
		t.Error("Saturday is closed only when treated as a holiday")
	}
	for _, s := range []string{"13-01", "02-30", "6-24", "24/06", "domenica", "pasqua+1", "06-24;x", "06-24\n"} {
		if got, err := base.Con(s); got != nil || !fault.Is(err, fault.Invalid) {
			t.Errorf("Con(%q) = %v, %v; want fault.Invalid", s, got, err)
		}
	}
}

func TestCanonicalRoundTrip(t *testing.T) {
	for _, c := range []*Calendario{Nazionale(), con(t, "06-24"), con(t, "", Of(2026, 8, 14), Of(2026, 8, 13))} {
		got, err := ParseCalendario(c.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Canonical(), c.Canonical()) || got.Hash() != c.Hash() {
			t.Errorf("read back as\n%s", cmp.Diff(string(c.Canonical()), string(got.Canonical())))
		}
		if !cmp.Equal(got.festivi, c.festivi) || !cmp.Equal(got.chiusi, c.chiusi) {
			t.Error("the days differ after a round trip")
		}
	}
	a, b := con(t, "", Of(2026, 8, 14), Of(2026, 8, 13)), con(t, "", Of(2026, 8, 13), Of(2026, 8, 14), Of(2026, 8, 14))
	if a.Hash() != b.Hash() {
		t.Error("the order in which closures are given changes the hash")
	}
	if a.Hash() == Nazionale().Hash() {
		t.Error("closures leave the hash as it was")
	}
}

func TestParseCalendarioRefuses(t *testing.T) {
	tests := []struct{ name, righe, word string }{
		{"empty", "", "vuoto"},
		{"no heading", "festivo;01-01;Capodanno;;;L. 260/1949", "prima riga"},
		{"five fields", intestazione + "\nfestivo;01-01;Capodanno;;", "riga 2: servono sei campi"},
		{"effect", intestazione + "\nmezzo;01-01;Capodanno;;;L", "effetto"},
		{"no name", intestazione + "\nfestivo;01-01;;;;L", "nome"},
		{"no source", intestazione + "\nfestivo;01-01;Capodanno;;;", "fonte"},
		{"day", intestazione + "\n# a note\n\nfestivo;01-32;Capodanno;;;L", "riga 4: il giorno dell'anno"},
		{"Easter", intestazione + "\nfestivo;pasqua+x;Ascensione;;;L", "pasqua+"},
		{"Easter, odd number", intestazione + "\nfestivo;pasqua++1;Ascensione;;;L", "pasqua+"},
		{"from", intestazione + "\nfestivo;01-01;Capodanno;2026;;L", "AAAA-MM-GG"},
		{"to", intestazione + "\nfestivo;01-01;Capodanno;;x;L", "AAAA-MM-GG"},
		{"ends before it begins", intestazione + "\nfestivo;01-01;Capodanno;2026-01-02;2026-01-01;L", "prima di cominciare"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseCalendario([]byte(tt.righe))
			if c != nil || !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), tt.word) {
				t.Errorf("ParseCalendario = %v, %v; want fault.Invalid about %q", c, err, tt.word)
			}
		})
	}
	long := intestazione + strings.Repeat("\nchiuso;01-01;x;2026-01-01;2026-01-01;y", maxRighe+1)
	if _, err := ParseCalendario([]byte(long)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a calendario of %d rows: %v; want fault.TooLarge", maxRighe+1, err)
	}
}

// Many goroutines count on one calendario; the race detector reads this test.
func TestShared(t *testing.T) {
	c := con(t, "06-24")
	want, err := c.Scadenza(Conto{Dal: Of(2026, 8, 5), Giorni: 60})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, _, err := c.Count(Conto{Dal: Of(2026, 8, 5), Giorni: 60}); err != nil || got != want {
				t.Errorf("Count = %v, %v; want %v", got, err, want)
			}
			if _, err := c.Con("12-07"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A calendario from outside is refused, or read and written back the same.
func FuzzParseCalendario(f *testing.F) {
	f.Add(festiviNazionali)
	f.Add(intestazione + "\nchiuso;02-29;x;1900-01-01;2999-12-31;y\n")
	f.Add(intestazione + "\r\nfestivo;pasqua+200;x;;1900-01-01;y\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCalendario([]byte(s))
		if err != nil {
			return
		}
		again, err := ParseCalendario(c.Canonical())
		if err != nil || again.Hash() != c.Hash() {
			t.Fatalf("not read back: %v\n%s", err, c.Canonical())
		}
		if _, _, err := c.Count(Conto{Dal: Of(2026, 8, 5), Giorni: 60, Computo: Lavorativi}); err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	})
}
