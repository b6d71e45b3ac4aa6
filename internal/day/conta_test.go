package day

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tutela/internal/fault"
)

func date(t *testing.T, s string) Date {
	t.Helper()
	if s == "" {
		return 0
	}
	d, err := Parse(s)
	if err != nil {
		t.Fatalf("date %q: %v", s, err)
	}
	return d
}

func intervalli(t *testing.T, coppie ...string) []Intervallo {
	t.Helper()
	var v []Intervallo
	for i := 0; i < len(coppie); i += 2 {
		v = append(v, Intervallo{date(t, coppie[i]), date(t, coppie[i+1])})
	}
	return v
}

func con(t *testing.T, patrono string, chiusure ...Date) *Calendario {
	t.Helper()
	c, err := Nazionale().Con(patrono, chiusure...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A clerk can check these with a wall calendar.
func TestCountDates(t *testing.T) {
	tests := []struct {
		name    string
		dal     string
		giorni  int
		computo Computo
		sabato  bool
		patrono string
		want    string
	}{
		{"plain", "2026-03-31", 15, Solari, false, "", "2026-04-15"},
		{"empty computo is solari", "2026-03-31", 15, "", false, "", "2026-04-15"},
		{"New Year's day", "2025-12-02", 30, Solari, false, "", "2026-01-02"},
		{"Easter Monday", "2026-03-08", 29, Solari, false, "", "2026-04-07"},
		{"Sunday 4 October 2026", "2026-08-05", 60, Solari, false, "", "2026-10-05"},
		{"Christmas, Santo Stefano, Sunday", "2026-12-10", 15, Solari, false, "", "2026-12-28"},
		{"4 October 2027 by L. 151/2025", "2027-09-19", 15, Solari, false, "", "2027-10-05"},
		{"4 October 2024 was a working day", "2024-09-19", 15, Solari, false, "", "2024-10-04"},
		{"Saturday 4 October 2025 stays", "2025-09-19", 15, Solari, false, "", "2025-10-04"},
		{"Saturday moves to Monday if festivo", "2025-09-19", 15, Solari, true, "", "2025-10-06"},
		{"2 June 2000 was no holiday", "2000-05-23", 10, Solari, false, "", "2000-06-02"},
		{"2 June 2003 is one again", "2003-05-23", 10, Solari, false, "", "2003-06-03"},
		{"6 January 1984 was no holiday", "1983-12-27", 10, Solari, false, "", "1984-01-06"},
		{"6 January 1986 is one again", "1985-12-27", 10, Solari, false, "", "1986-01-07"},
		{"patron moves nothing in solari", "2026-06-14", 10, Solari, true, "06-24", "2026-06-24"},
		{"one day", "2026-03-02", 1, Solari, false, "", "2026-03-03"},
		{"leap day", "2028-02-28", 1, Solari, false, "", "2028-02-29"},
		{"no leap day", "2027-02-28", 1, Solari, false, "", "2027-03-01"},
		{"over the leap day", "2028-02-01", 30, Solari, false, "", "2028-03-02"},
		{"clocks forward", "2026-03-27", 3, Solari, false, "", "2026-03-30"},
		{"clocks back", "2026-10-23", 3, Solari, false, "", "2026-10-26"},
		{"a year", "2026-12-31", 365, Solari, false, "", "2027-12-31"},

		{"working days, Saturday counts", "2026-03-02", 5, Lavorativi, false, "", "2026-03-07"},
		{"working days, Sunday does not", "2026-03-02", 6, Lavorativi, false, "", "2026-03-09"},
		{"working days, Saturday festivo", "2026-03-02", 5, Lavorativi, true, "", "2026-03-09"},
		{"working days over Christmas", "2026-12-22", 5, Lavorativi, true, "", "2026-12-30"},
		{"working days without the patron's", "2026-06-22", 2, Lavorativi, false, "06-24", "2026-06-25"},
		{"working days with another's patron", "2026-06-22", 2, Lavorativi, false, "12-07", "2026-06-24"},
		{"patron on 29 February", "2028-02-28", 1, Lavorativi, false, "02-29", "2028-03-01"},
		{"starting on a holiday", "2026-12-25", 1, Lavorativi, false, "", "2026-12-28"},
		{"4 October 2027 in working days", "2027-10-02", 1, Lavorativi, false, "", "2027-10-05"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := Conto{Dal: date(t, tt.dal), Giorni: tt.giorni, Computo: tt.computo, SabatoFestivo: tt.sabato}
			c := con(t, tt.patrono)
			got, passi, err := c.Count(k)
			if err != nil || got != date(t, tt.want) {
				t.Fatalf("Count = %v, %v; want %s", got, err, tt.want)
			}
			if last := passi[len(passi)-1]; last.Cosa != PassoFine || last.Dal != got {
				t.Errorf("last step %+v does not tell the date %v", last, got)
			}
			if only, err := c.Scadenza(k); err != nil || only != got {
				t.Errorf("Scadenza = %v, %v; Count says %v", only, err, got)
			}
		})
	}
}

func TestCountExtension(t *testing.T) {
	tests := []struct {
		name                      string
		giorni, concessi, massimo int
		want                      string
	}{
		{"none", 60, 0, 90, "2026-10-05"},
		{"from the start, not from the moved date", 60, 30, 90, "2026-11-03"},
		{"capped", 60, 45, 90, "2026-11-03"},
		{"no cap", 60, 45, 0, "2026-11-18"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := Conto{Dal: Of(2026, 8, 5), Giorni: tt.giorni, Concessi: tt.concessi, Massimo: tt.massimo}
			if got, _, err := Nazionale().Count(k); err != nil || got != date(t, tt.want) {
				t.Errorf("Count = %v, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestCountSuspension(t *testing.T) {
	tests := []struct {
		name    string
		giorni  int
		sosp    []Intervallo
		want    string
		restano int
	}{
		{"same day changes nothing", 10, intervalli(t, "2026-03-05", "2026-03-05"), "2026-03-12", 0},
		{"five days", 10, intervalli(t, "2026-03-05", "2026-03-10"), "2026-03-17", 0},
		{"shift comes after", 10, intervalli(t, "2026-03-05", "2026-03-08"), "2026-03-16", 0},
		{"overlapping count once", 10, intervalli(t, "2026-03-05", "2026-03-10", "2026-03-07", "2026-03-08"), "2026-03-17", 0},
		{"in any order", 10, intervalli(t, "2026-03-07", "2026-03-08", "2026-03-03", "2026-03-05"), "2026-03-16", 0},
		{"from before the start", 10, intervalli(t, "2026-02-01", "2026-03-04"), "2026-03-14", 0},
		{"resumed before it began", 10, intervalli(t, "2026-03-05", "2026-03-01"), "2026-03-12", 0},
		{"after the end", 10, intervalli(t, "2026-03-12", "2026-05-01"), "2026-03-12", 0},
		{"still open", 10, intervalli(t, "2026-03-05", ""), "", 7},
		{"still open after another", 10, intervalli(t, "2026-03-05", "2026-03-08", "2026-03-10", ""), "", 5},
		{"open from the start", 10, intervalli(t, "2026-03-02", ""), "", 10},
		{"open, but after the end", 10, intervalli(t, "2026-03-12", ""), "2026-03-12", 0},
		{"on a last day that would have moved", 13, intervalli(t, "2026-03-15", "2026-03-20"), "2026-03-21", 0},
		{"still open on a last day that would have moved", 13, intervalli(t, "2026-03-15", ""), "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := Conto{Dal: Of(2026, 3, 2), Giorni: tt.giorni, Sospensioni: tt.sosp}
			got, passi, err := Nazionale().Count(k)
			if err != nil || got != date(t, tt.want) {
				t.Fatalf("Count = %v, %v; want %s", got, err, tt.want)
			}
			if last := passi[len(passi)-1]; last.N != tt.restano {
				t.Errorf("last step %+v; want %d days left", last, tt.restano)
			}
		})
	}
}

func TestCountSteps(t *testing.T) {
	const cc, l49 = "art. 2963 c.c.", "L. 260/1949"
	tests := []struct {
		name string
		k    Conto
		want []Passo
	}{
		{
			"extension, cap, suspension, holiday",
			Conto{
				Dal: Of(2026, 7, 1), Giorni: 60, Concessi: 45, Massimo: 90,
				Sospensioni: []Intervallo{{Of(2026, 7, 31), Of(2026, 8, 5)}},
			},
			[]Passo{
				{Cosa: PassoInizio, Dal: Of(2026, 7, 1), N: 60, Fonte: cc},
				{Cosa: PassoProroga, Dal: Of(2026, 7, 1), N: 45},
				{Cosa: PassoTetto, N: 90},
				{Cosa: PassoConta, Dal: Of(2026, 7, 2), Al: Of(2026, 7, 31), N: 30, Regola: "solari"},
				{Cosa: PassoSospensione, Dal: Of(2026, 7, 31), Al: Of(2026, 8, 5), N: 5},
				{Cosa: PassoConta, Dal: Of(2026, 8, 6), Al: Of(2026, 10, 4), N: 60, Regola: "solari"},
				{Cosa: PassoFestivo, Dal: Of(2026, 10, 4), Nome: "San Francesco d'Assisi", Regola: RegolaScorre, Fonte: "L. 151/2025"},
				{Cosa: PassoFine, Dal: Of(2026, 10, 5)},
			},
		},
		{
			"Saturday moves",
			Conto{Dal: Of(2026, 3, 2), Giorni: 5, SabatoFestivo: true},
			[]Passo{
				{Cosa: PassoInizio, Dal: Of(2026, 3, 2), N: 5, Fonte: cc},
				{Cosa: PassoConta, Dal: Of(2026, 3, 3), Al: Of(2026, 3, 7), N: 5, Regola: "solari"},
				{Cosa: PassoFestivo, Dal: Of(2026, 3, 7), Nome: SabatoNome, Regola: RegolaScorre},
				{Cosa: PassoFestivo, Dal: Of(2026, 3, 8), Nome: "domenica", Regola: RegolaScorre, Fonte: l49},
				{Cosa: PassoFine, Dal: Of(2026, 3, 9)},
			},
		},
		{
			"working days",
			Conto{Dal: Of(2026, 12, 23), Giorni: 3, Computo: Lavorativi},
			[]Passo{
				{Cosa: PassoInizio, Dal: Of(2026, 12, 23), N: 3, Fonte: cc},
				{Cosa: PassoConta, Dal: Of(2026, 12, 24), Al: Of(2026, 12, 29), N: 3, Regola: "lavorativi"},
				{Cosa: PassoFestivo, Dal: Of(2026, 12, 25), Nome: "Natale", Regola: RegolaSalto, Fonte: l49},
				{Cosa: PassoFestivo, Dal: Of(2026, 12, 26), Nome: "Santo Stefano", Regola: RegolaSalto, Fonte: l49},
				{Cosa: PassoFine, Dal: Of(2026, 12, 29)},
			},
		},
		{
			"working days without Saturdays",
			Conto{Dal: Of(2026, 3, 5), Giorni: 2, Computo: Lavorativi, SabatoFestivo: true},
			[]Passo{
				{Cosa: PassoInizio, Dal: Of(2026, 3, 5), N: 2, Fonte: cc},
				{Cosa: PassoConta, Dal: Of(2026, 3, 6), Al: Of(2026, 3, 9), N: 2, Nome: SabatoNome, Regola: "lavorativi"},
				{Cosa: PassoFine, Dal: Of(2026, 3, 9)},
			},
		},
		{
			"suspended",
			Conto{Dal: Of(2026, 3, 2), Giorni: 10, Sospensioni: []Intervallo{{Of(2026, 3, 5), 0}}},
			[]Passo{
				{Cosa: PassoInizio, Dal: Of(2026, 3, 2), N: 10, Fonte: cc},
				{Cosa: PassoConta, Dal: Of(2026, 3, 3), Al: Of(2026, 3, 5), N: 3, Regola: "solari"},
				{Cosa: PassoSospensione, Dal: Of(2026, 3, 5)},
				{Cosa: PassoFine, N: 7},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got, err := Nazionale().Count(tt.k)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCountRefuses(t *testing.T) {
	dal := Of(2026, 3, 2)
	tests := []struct {
		name string
		k    Conto
		word string // of the message
	}{
		{"no start", Conto{Giorni: 1}, "Manca"},
		{"start before the table", Conto{Dal: Of(1899, 12, 31), Giorni: 1}, "1900"},
		{"no days", Conto{Dal: dal}, "da 1 a 36500"},
		{"negative days", Conto{Dal: dal, Giorni: -1}, "da 1 a 36500"},
		{"too many days", Conto{Dal: dal, Giorni: MaxGiorni + 1}, "da 1 a 36500"},
		{"negative extension", Conto{Dal: dal, Giorni: 1, Concessi: -1}, "proroga"},
		{"too long an extension", Conto{Dal: dal, Giorni: 1, Concessi: MaxGiorni}, "proroga"},
		{"negative cap", Conto{Dal: dal, Giorni: 1, Massimo: -1}, "massimo"},
		{"unknown computo", Conto{Dal: dal, Giorni: 1, Computo: "bancari"}, "computo"},
		{"past the table", Conto{Dal: Of(2999, 12, 1), Giorni: 60}, "2999"},
		{"suspended past the table", Conto{Dal: dal, Giorni: 60, Sospensioni: []Intervallo{{dal, Of(3500, 1, 1)}}}, "2999"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, passi, err := Nazionale().Count(tt.k)
			if !fault.Is(err, fault.Invalid) || !d.IsZero() || passi != nil {
				t.Fatalf("Count = %v, %v, %v; want fault.Invalid alone", d, passi, err)
			}
			if !strings.Contains(fault.Message(err), tt.word) {
				t.Errorf("message %q does not speak of %q", fault.Message(err), tt.word)
			}
		})
	}
}

func TestBackForward(t *testing.T) {
	c := con(t, "06-24", Of(2026, 6, 23))
	tests := []struct {
		from   string
		k      int
		sabato bool
		back   string
		fwd    string
	}{
		{"2026-03-12", 0, false, "2026-03-12", "2026-03-12"},
		{"2026-03-12", 3, false, "2026-03-09", "2026-03-16"}, // 15 March is a Sunday
		{"2026-03-11", 3, true, "2026-03-06", "2026-03-16"},  // 8 March a Sunday, 14 a Saturday
		{"2026-06-24", 0, false, "2026-06-22", "2026-06-25"}, // patron, closure
		{"2026-12-27", 0, true, "2026-12-24", "2026-12-28"},
	}
	for _, tt := range tests {
		d := date(t, tt.from)
		if got := c.Back(d, tt.k, tt.sabato); got != date(t, tt.back) {
			t.Errorf("Back(%s, %d, %v) = %v; want %s", tt.from, tt.k, tt.sabato, got, tt.back)
		}
		if got := c.Forward(d, tt.k, tt.sabato); got != date(t, tt.fwd) {
			t.Errorf("Forward(%s, %d, %v) = %v; want %s", tt.from, tt.k, tt.sabato, got, tt.fwd)
		}
	}
}

// An act a minute before or after midnight in Italy counts on its own day, in
// winter and in summer time alike.
func TestInAroundMidnight(t *testing.T) {
	tests := []struct{ instant, want string }{
		{"2026-03-28T22:59:59Z", "2026-03-28"},
		{"2026-03-28T23:00:00Z", "2026-03-29"}, // the night the clocks go forward
		{"2026-03-29T21:59:59Z", "2026-03-29"},
		{"2026-03-29T22:00:00Z", "2026-03-30"},
		{"2026-10-24T22:00:00Z", "2026-10-25"}, // the night the clocks go back
		{"2026-10-25T22:59:59Z", "2026-10-25"},
		{"2026-10-25T23:00:00Z", "2026-10-26"},
		{"2026-12-31T23:00:00Z", "2027-01-01"},
	}
	for _, tt := range tests {
		at, err := time.Parse(time.RFC3339, tt.instant)
		if err != nil {
			t.Fatal(err)
		}
		d := In(at)
		if d != date(t, tt.want) {
			t.Errorf("In(%s) = %v; want %s", tt.instant, d, tt.want)
		}
		if s := d.Start(); s.After(at) || In(s) != d || In(s.Add(-time.Second)) != d-1 {
			t.Errorf("Start of %v is %v", d, s)
		}
	}
}

func BenchmarkScadenza60(b *testing.B) {
	c, k := Nazionale(), Conto{Dal: Of(2026, 8, 5), Giorni: 60}
	b.ReportAllocs()
	for b.Loop() {
		if d, err := c.Scadenza(k); err != nil || d.IsZero() {
			b.Fatal(err)
		}
	}
}

func BenchmarkCount60(b *testing.B) {
	c, k := Nazionale(), Conto{Dal: Of(2026, 8, 5), Giorni: 60}
	b.ReportAllocs()
	for b.Loop() {
		if d, _, err := c.Count(k); err != nil || d.IsZero() {
			b.Fatal(err)
		}
	}
}

func BenchmarkScadenza60Lavorativi(b *testing.B) {
	c := Nazionale()
	k := Conto{Dal: Of(2026, 8, 5), Giorni: 60, Computo: Lavorativi, SabatoFestivo: true, Sospensioni: []Intervallo{{Of(2026, 8, 10), Of(2026, 8, 20)}}}
	b.ReportAllocs()
	for b.Loop() {
		if d, err := c.Scadenza(k); err != nil || d.IsZero() {
			b.Fatal(err)
		}
	}
}
