package i18n

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tutela/internal/day"
)

func TestDates(t *testing.T) {
	tests := []struct {
		d                   day.Date
		full, long, shorter string
	}{
		{day.Of(2026, 12, 21), "lunedì 21 dicembre 2026", "21 dicembre 2026", "lun 21 dic"},
		{day.Of(2026, 9, 1), "martedì 1° settembre 2026", "1° settembre 2026", "mar 1 set"},
		{day.Of(2028, 2, 29), "martedì 29 febbraio 2028", "29 febbraio 2028", "mar 29 feb"},
		{day.Of(1969, 5, 8), "giovedì 8 maggio 1969", "8 maggio 1969", "gio 8 mag"},
		{0, "", "", ""},
	}
	for _, tt := range tests {
		if got := Date(tt.d); got != tt.full {
			t.Errorf("Date(%v) = %q; want %q", tt.d, got, tt.full)
		}
		if got := LongDate(tt.d); got != tt.long {
			t.Errorf("LongDate(%v) = %q; want %q", tt.d, got, tt.long)
		}
		if got := ShortDate(tt.d); got != tt.shorter {
			t.Errorf("ShortDate(%v) = %q; want %q", tt.d, got, tt.shorter)
		}
	}
}

func TestQuantities(t *testing.T) {
	for n, want := range map[int]string{0: "0 giorni", 1: "1 giorno", 2: "2 giorni", 999: "999 giorni", 1000: "1.000 giorni", 36500: "36.500 giorni"} {
		if got := Days(n); got != want {
			t.Errorf("Days(%d) = %q; want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{-1: "-1", -999: "-999", -1000: "-1.000", 1234567: "1.234.567"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %q; want %q", n, got, want)
		}
	}
}

func TestDeadline(t *testing.T) {
	oggi := day.Of(2026, 10, 5)
	for n, want := range map[int]string{
		-40: "scaduta da 40 giorni", -2: "scaduta da 2 giorni", -1: "scaduta da 1 giorno",
		0: "scade oggi", 1: "scade domani", 2: "restano 2 giorni", 3: "restano 3 giorni",
	} {
		if got := Deadline(oggi.Add(n), oggi); got != want {
			t.Errorf("%d days from today: %q; want %q", n, got, want)
		}
	}
	if got := Deadline(0, oggi); got != "" {
		t.Errorf("with no date: %q; want nothing", got)
	}
}

func TestPerche(t *testing.T) {
	sosp := func(dal, al day.Date) []day.Intervallo { return []day.Intervallo{{Dal: dal, Al: al}} }
	tests := []struct {
		name string
		k    day.Conto
		want []string
	}{
		{"a holiday at the end", day.Conto{Dal: day.Of(2026, 8, 5), Giorni: 60}, []string{
			"Si parte dal 5 agosto 2026: il giorno iniziale non si conta (art. 2963 c.c.).",
			"Si contano 60 giorni, dal 6 agosto 2026 al 4 ottobre 2026.",
			"Domenica 4 ottobre 2026 è festivo (San Francesco d'Assisi, L. 151/2025): si passa al giorno dopo.",
			"La scadenza è lunedì 5 ottobre 2026.",
		}},
		{"extension, cap and suspension", day.Conto{
			Dal: day.Of(2026, 7, 1), Giorni: 60, Concessi: 45, Massimo: 90,
			Sospensioni: sosp(day.Of(2026, 7, 31), day.Of(2026, 8, 5)),
		}, []string{
			"Si parte dal 1° luglio 2026: il giorno iniziale non si conta (art. 2963 c.c.).",
			"Il termine è di 60 giorni, più 45 di proroga: si contano tutti dall'inizio.",
			"In tutto si contano al massimo 90 giorni.",
			"Si contano 30 giorni, dal 2 luglio 2026 al 31 luglio 2026.",
			"Il termine si ferma il 31 luglio 2026 e riprende il 5 agosto 2026: 5 giorni non si contano.",
			"Si contano ancora 60 giorni, dal 6 agosto 2026 al 4 ottobre 2026.",
			"Domenica 4 ottobre 2026 è festivo (San Francesco d'Assisi, L. 151/2025): si passa al giorno dopo.",
			"La scadenza è lunedì 5 ottobre 2026.",
		}},
		{"one day, then Saturday and Sunday", day.Conto{Dal: day.Of(2026, 3, 6), Giorni: 1, SabatoFestivo: true}, []string{
			"Si parte dal 6 marzo 2026: il giorno iniziale non si conta (art. 2963 c.c.).",
			"Si conta 1 giorno: il 7 marzo 2026.",
			"Sabato 7 marzo 2026 vale come festivo: si passa al giorno dopo.",
			"Domenica 8 marzo 2026 è festivo (L. 260/1949): si passa al giorno dopo.",
			"La scadenza è lunedì 9 marzo 2026.",
		}},
		{"working days and the patron's", day.Conto{Dal: day.Of(2026, 6, 8), Giorni: 14, Computo: day.Lavorativi}, []string{
			"Si parte dall'8 giugno 2026: il giorno iniziale non si conta (art. 2963 c.c.).",
			"Si contano 14 giorni lavorativi, dal 9 giugno 2026 al 25 giugno 2026.",
			"Domeniche e festivi non si contano.",
			"Mercoledì 24 giugno 2026 non si conta: Santo patrono (calendario dell'ente).",
			"La scadenza è giovedì 25 giugno 2026.",
		}},
		{"working days without Saturdays, suspended one day", day.Conto{
			Dal: day.Of(2026, 6, 10), Giorni: 2, Computo: day.Lavorativi, SabatoFestivo: true,
			Sospensioni: sosp(day.Of(2026, 6, 11), day.Of(2026, 6, 12)),
		}, []string{
			"Si parte dal 10 giugno 2026: il giorno iniziale non si conta (art. 2963 c.c.).",
			"Si conta 1 giorno lavorativo: l'11 giugno 2026.",
			"Sabati, domeniche e festivi non si contano.",
			"Il termine si ferma l'11 giugno 2026 e riprende il 12 giugno 2026: 1 giorno non si conta.",
			"Si conta ancora 1 giorno lavorativo: il 15 giugno 2026.",
			"La scadenza è lunedì 15 giugno 2026.",
		}},
		{"suspended", day.Conto{Dal: day.Of(2026, 3, 2), Giorni: 10, Sospensioni: sosp(day.Of(2026, 3, 11), 0)}, []string{
			"Si parte dal 2 marzo 2026: il giorno iniziale non si conta (art. 2963 c.c.).",
			"Si contano 9 giorni, dal 3 marzo 2026 all'11 marzo 2026.",
			"Il termine è sospeso dall'11 marzo 2026.",
			"Alla ripresa resta 1 giorno.",
		}},
		{"suspended at once", day.Conto{Dal: day.Of(2026, 3, 2), Giorni: 10, Sospensioni: sosp(day.Of(2026, 3, 2), 0)}, []string{
			"Si parte dal 2 marzo 2026: il giorno iniziale non si conta (art. 2963 c.c.).",
			"Il termine è sospeso dal 2 marzo 2026.",
			"Alla ripresa restano 10 giorni.",
		}},
		{"suspended on a last day that moves", day.Conto{Dal: day.Of(2026, 3, 2), Giorni: 13, Sospensioni: sosp(day.Of(2026, 3, 15), 0)}, []string{
			"Si parte dal 2 marzo 2026: il giorno iniziale non si conta (art. 2963 c.c.).",
			"Si contano 13 giorni, dal 3 marzo 2026 al 15 marzo 2026.",
			"Domenica 15 marzo 2026 è festivo (L. 260/1949): si passa al giorno dopo.",
			"Il termine è sospeso dal 15 marzo 2026.",
			"I giorni sono già contati tutti: alla ripresa manca solo un giorno non festivo.",
		}},
	}
	cal, err := day.Nazionale().Con("06-24")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, passi, err := cal.Count(tt.k)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, Perche(passi)); diff != "" {
				t.Errorf("sentences (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever is counted, every step has its sentence, and each is short, closed
// and without a gap where a value was missing.
func TestPercheProperties(t *testing.T) {
	cal, err := day.Nazionale().Con("11-13", day.Of(2026, 12, 24))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		k := day.Conto{
			Dal:           day.Of(2024, time.January, 1).Add(rapid.IntRange(0, 2000).Draw(t, "dal")),
			Giorni:        rapid.IntRange(1, 200).Draw(t, "giorni"),
			Concessi:      rapid.IntRange(0, 30).Draw(t, "concessi"),
			Massimo:       rapid.IntRange(0, 230).Draw(t, "massimo"),
			Computo:       rapid.SampledFrom([]day.Computo{day.Solari, day.Lavorativi}).Draw(t, "computo"),
			SabatoFestivo: rapid.Bool().Draw(t, "sabato"),
		}
		if rapid.Bool().Draw(t, "suspended") {
			dal := k.Dal.Add(rapid.IntRange(0, 200).Draw(t, "after"))
			k.Sospensioni = []day.Intervallo{{Dal: dal, Al: dal.Add(rapid.IntRange(0, 30).Draw(t, "days"))}}
			if rapid.Bool().Draw(t, "open") {
				k.Sospensioni[0].Al = 0
			}
		}
		_, passi, err := cal.Count(k)
		if err != nil {
			t.Fatal(err)
		}
		frasi := Perche(passi)
		if len(frasi) < len(passi) {
			t.Fatalf("%d sentences for %d steps", len(frasi), len(passi))
		}
		for _, f := range frasi {
			if len(strings.Fields(f)) > 20 || !strings.HasSuffix(f, ".") || strings.Contains(f, "  ") || strings.Contains(f, "()") || f[0] < 'A' || f[0] > 'Z' {
				t.Fatalf("sentence %q", f)
			}
		}
	})
}

func TestGulpease(t *testing.T) {
	tests := []struct {
		name, text string
		want       int
	}{
		{"no words", " ...\n", 0},
		{"short words, at the top", "Io so. Tu no.", 100},
		{"one sentence", "Scrivi qui il tuo reclamo scritto", 89 + (300-10*28)/6},
		{"two sentences", "La risposta arriva entro sessanta giorni. Il rinvio deve avere una motivazione.", 89 + (600-10*66)/12},
		{"an abbreviation ends nothing", "Vale quanto dice la norma, art. 14 comma cinque", 89 + (300-10*37)/9},
		{"a line break ends one", "Oggetto del reclamo\nGentile signora", 89 + (600-10*31)/5},
		{"a line broken for width does not", "Oggetto del reclamo\nche abbiamo ricevuto", 89 + (300-10*35)/6},
		{"apostrophes cut words", "L'ufficio dell’azienda", 89 + (300-10*19)/4},
		{"at the bottom", strings.Repeat("precipitevolissimevolmente ", 9), 0},
	}
	for _, tt := range tests {
		if got := Gulpease(tt.text); got != min(100, tt.want) {
			t.Errorf("%s: %d; want %d", tt.name, got, min(100, tt.want))
		}
	}
}
