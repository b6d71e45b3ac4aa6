package day

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// naive says what day a term ends by reading the rule aloud, with time.Time and
// a list of holidays; it shares nothing with the package but the dates.
func naive(k Conto, patrono string) Date {
	festivo := func(t time.Time, ufficio bool) bool {
		md := t.Format("01-02")
		fisse := []string{"01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"}
		if t.Year() >= 2026 {
			fisse = append(fisse, "10-04")
		}
		angelo := gauss(t.Year()).AddDate(0, 0, 1)
		return t.Weekday() == time.Sunday || slices.Contains(fisse, md) || t.Equal(angelo) ||
			k.SabatoFestivo && t.Weekday() == time.Saturday || ufficio && md == patrono
	}
	sospeso := func(d Date) bool {
		return slices.ContainsFunc(k.Sospensioni, func(s Intervallo) bool { return d > s.Dal && d <= s.Al })
	}
	n := k.Giorni + k.Concessi
	if k.Massimo > 0 {
		n = min(n, k.Massimo)
	}
	t, d := k.Dal.time(), k.Dal
	step := func() { t, d = t.AddDate(0, 0, 1), d+1 }
	for n > 0 {
		step()
		if !sospeso(d) && (k.Computo != Lavorativi || !festivo(t, true)) {
			n--
		}
	}
	for k.Computo != Lavorativi && (festivo(t, false) || sospeso(d)) {
		step()
	}
	return d
}

// gauss is Easter by Gauss's rule for the years 1900 to 2099.
func gauss(y int) time.Time {
	d := (19*(y%19) + 24) % 30
	e := (2*(y%4) + 4*(y%7) + 6*d + 5) % 7
	n := 22 + d + e
	switch {
	case d == 29 && e == 6:
		n = 50
	case d == 28 && e == 6 && y%19 > 10:
		n = 49
	}
	return time.Date(y, time.March, n, 0, 0, 0, 0, time.UTC)
}

const patronoDiProva = "11-13"

var (
	anyDay = rapid.Custom(func(t *rapid.T) Date {
		y := rapid.IntRange(2001, 2090).Draw(t, "year")
		critical := []Date{ // where a day is easily lost or gained
			Of(y, 12, 31), Of(y, 1, 1), Of(y, 2, 28), Of(y, 3, 1), Of(y, 3, 29), Of(y, 10, 25), Of(y, 10, 3), pasqua(y), Of(y, 12, 24),
		}
		if rapid.Bool().Draw(t, "critical") {
			return rapid.SampledFrom(critical).Draw(t, "day")
		}
		return Of(y, 1, 1).Add(rapid.IntRange(0, 365).Draw(t, "yearday"))
	})
	anyConto = rapid.Custom(func(t *rapid.T) Conto {
		k := Conto{
			Dal:           anyDay.Draw(t, "dal"),
			Giorni:        rapid.IntRange(1, 120).Draw(t, "giorni"),
			Concessi:      rapid.IntRange(0, 40).Draw(t, "concessi"),
			Computo:       rapid.SampledFrom([]Computo{Solari, Lavorativi}).Draw(t, "computo"),
			SabatoFestivo: rapid.Bool().Draw(t, "sabato"),
		}
		if rapid.Bool().Draw(t, "capped") {
			k.Massimo = k.Giorni + rapid.IntRange(0, 40).Draw(t, "over")
		}
		for range rapid.IntRange(0, 3).Draw(t, "suspensions") {
			dal := k.Dal.Add(rapid.IntRange(-10, 150).Draw(t, "suspended after"))
			k.Sospensioni = append(k.Sospensioni, Intervallo{dal, dal.Add(rapid.IntRange(0, 40).Draw(t, "suspended days"))})
		}
		return k
	})
)

func scadenza(t *rapid.T, c *Calendario, k Conto) Date {
	d, err := c.Scadenza(k)
	if err != nil {
		t.Fatalf("Scadenza(%+v): %v", k, err)
	}
	return d
}

func TestCountProperties(t *testing.T) {
	c := con(t, patronoDiProva)
	rapid.Check(t, func(t *rapid.T) {
		k := anyConto.Draw(t, "conto")
		d, passi, err := c.Count(k)
		if err != nil {
			t.Fatal(err)
		}
		if want := naive(k, patronoDiProva); d != want {
			t.Fatalf("Count = %v; counted by hand %v", d, want)
		}
		if got := scadenza(t, c, k); got != d {
			t.Fatalf("Scadenza = %v, Count = %v", got, d)
		}
		if d <= k.Dal {
			t.Fatalf("%v is not after the start %v", d, k.Dal)
		}
		if _, _, ok := c.Festivo(d); ok || k.SabatoFestivo && sabato(d) {
			t.Fatalf("%v is a holiday", d)
		}
		if k.Computo == Lavorativi && c.Chiuso(d, k.SabatoFestivo) {
			t.Fatalf("the office is closed on %v", d)
		}
		if s, _ := k.sospeso(d); s {
			t.Fatalf("%v is a suspended day", d)
		}
		checkSteps(t, k, d, passi)
	})
}

// checkSteps holds the steps to their word: what they say they counted adds up,
// in order and without gaps, to the date.
func checkSteps(t *rapid.T, k Conto, d Date, passi []Passo) {
	n, at := 0, k.Dal
	for _, p := range passi {
		switch p.Cosa {
		case PassoConta:
			n += p.N
			if p.Dal <= at || p.Al < p.Dal || p.N > int(p.Al-p.Dal)+1 || k.Computo == Solari && p.N != int(p.Al-p.Dal)+1 {
				t.Fatalf("step %+v after %v", p, at)
			}
			at = p.Al
		case PassoSospensione:
			if p.Dal < at || p.N != int(p.Al-p.Dal) || p.N < 1 {
				t.Fatalf("step %+v after %v", p, at)
			}
			at = p.Al
		case PassoFestivo:
			if p.Regola == RegolaScorre {
				if p.Dal < at {
					t.Fatalf("step %+v after %v", p, at)
				}
				at = p.Dal
			}
		}
	}
	want := k.Giorni + k.Concessi
	if k.Massimo > 0 {
		want = min(want, k.Massimo)
	}
	if n != want || passi[0].Cosa != PassoInizio || passi[len(passi)-1] != (Passo{Cosa: PassoFine, Dal: d}) {
		t.Fatalf("steps count %d days of %d: %+v", n, want, passi)
	}
}

// A term with more days, a later start, or more suspended days never ends sooner.
func TestCountMonotone(t *testing.T) {
	c := con(t, patronoDiProva)
	rapid.Check(t, func(t *rapid.T) {
		k := anyConto.Draw(t, "conto")
		d := scadenza(t, c, k)

		more := k
		more.Giorni += rapid.IntRange(1, 30).Draw(t, "more days")
		if e := scadenza(t, c, more); e < d {
			t.Fatalf("with more days it ends on %v, before %v", e, d)
		}
		later := k
		later.Dal = k.Dal.Add(rapid.IntRange(1, 30).Draw(t, "later"))
		if e := scadenza(t, c, later); e < d {
			t.Fatalf("starting later it ends on %v, before %v", e, d)
		}
		held := k
		dal := k.Dal.Add(rapid.IntRange(-5, 130).Draw(t, "held after"))
		held.Sospensioni = append(slices.Clone(k.Sospensioni), Intervallo{dal, dal.Add(rapid.IntRange(0, 40).Draw(t, "held days"))})
		if e := scadenza(t, c, held); e < d {
			t.Fatalf("suspended longer it ends on %v, before %v", e, d)
		}
	})
}

// Before the final shift, a suspension of k days inside the term moves the date by k.
func TestSuspensionMovesByItsDays(t *testing.T) {
	c := Nazionale()
	unshifted := func(t *rapid.T, k Conto) Date {
		_, passi, err := c.Count(k)
		if err != nil {
			t.Fatal(err)
		}
		var last Date
		for _, p := range passi {
			if p.Cosa == PassoConta {
				last = p.Al
			}
		}
		return last
	}
	rapid.Check(t, func(t *rapid.T) {
		k := Conto{Dal: anyDay.Draw(t, "dal"), Giorni: rapid.IntRange(2, 120).Draw(t, "giorni")}
		days := rapid.IntRange(0, 60).Draw(t, "suspended days")
		at := k.Dal.Add(rapid.IntRange(0, k.Giorni-1).Draw(t, "suspended after"))
		held := k
		held.Sospensioni = []Intervallo{{at, at.Add(days)}}
		if got, want := unshifted(t, held), unshifted(t, k).Add(days); got != want {
			t.Fatalf("suspended %d days after %v: %v, want %v", days, at, got, want)
		}
		held.Sospensioni[0].Al = 0
		d, passi, err := c.Count(held)
		if err != nil || !d.IsZero() {
			t.Fatalf("while suspended there is a date: %v, %v", d, err)
		}
		if last, left := passi[len(passi)-1], k.Giorni-int(at-k.Dal); last.N != left {
			t.Fatalf("suspended %v with %d days left; want %d", at, last.N, left)
		}
	})
}

func TestBackForwardProperties(t *testing.T) {
	c := con(t, patronoDiProva)
	rapid.Check(t, func(t *rapid.T) {
		d, n, sab := anyDay.Draw(t, "day"), rapid.IntRange(0, 60).Draw(t, "days"), rapid.Bool().Draw(t, "sabato")
		b, f := c.Back(d, n, sab), c.Forward(d, n, sab)
		if b > d.Add(-n) || f < d.Add(n) || c.Chiuso(b, sab) || c.Chiuso(f, sab) {
			t.Fatalf("Back(%v, %d) = %v, Forward = %v", d, n, b, f)
		}
		if c.Forward(b, 0, sab) != b || c.Back(f, 0, sab) != f {
			t.Fatalf("an office day was moved: %v, %v", b, f)
		}
	})
}

func TestDateTextProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.Int32Range(int32(primo), int32(ultimo)).Draw(t, "day"))
		if y, m, dd := d.Date(); Of(y, m, dd) != d {
			t.Fatalf("%v does not come back from year, month, day", d)
		}
		if d.IsZero() {
			return
		}
		if got, err := Parse(d.String()); err != nil || got != d {
			t.Fatalf("Parse(%q) = %v, %v", d.String(), got, err)
		}
	})
}
