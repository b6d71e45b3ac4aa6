package pratica_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

var lunedi = day.Of(2026, time.March, 2)

func TestLeggiDomanda(t *testing.T) {
	giorno := func(s string) day.Date { d, _ := day.Parse(s); return d }
	for q, vuole := range map[string]struct {
		f  pratica.Filtro
		si string // a text that is found; empty: no words are asked for
		no string // one that is not
	}{
		"":                                {},
		"  radiologia   attesa ":          {si: "Attese in radiologia", no: "Attese al pronto soccorso"},
		`"lettera di dimissione" x`:       {si: "Manca la lettera di dimissione per xilofono x", no: "La lettera della dimissione x"},
		"2026/0000123":                    {f: pratica.Filtro{Numero: "2026/0000123"}},
		"12":                              {f: pratica.Filtro{Numero: "12"}},
		"12 letti":                        {si: "Ci sono 12 letti", no: "Ci sono letti"},
		"abcd-2345-wxyz":                  {f: pratica.Filtro{Codice: "ABCD2345WXYZ"}},
		"ABCDEFGHJKMN":                    {f: pratica.Filtro{Codice: "ABCDEFGHJKMN"}},
		"maschermesse":                    {si: "maschermesse", no: "messe"}, // twelve letters of the alphabet, and a word
		"stato:istruttoria":               {f: pratica.Filtro{Stato: "istruttoria"}},
		"STATO:Risposta":                  {f: pratica.Filtro{Stato: "risposta"}},
		"stato:aperta":                    {f: pratica.Filtro{Aperte: true}},
		"stato:sospesa":                   {f: pratica.Filtro{Sospese: true}},
		"tipo:reclamo":                    {f: pratica.Filtro{Tipo: "reclamo"}},
		`struttura:"pronto soccorso"`:     {f: pratica.Filtro{Struttura: "pronto soccorso"}},
		"scade:<7g":                       {f: pratica.Filtro{ScadeEntro: giorno("2026-03-09")}},
		"scade:oggi":                      {f: pratica.Filtro{ScadeEntro: lunedi}},
		"scade:scadute":                   {f: pratica.Filtro{ScadeEntro: giorno("2026-03-01")}},
		"scade:31/3/2026":                 {f: pratica.Filtro{ScadeEntro: giorno("2026-03-31")}},
		"ricevuta:2026-02":                {f: pratica.Filtro{RicevutaDal: giorno("2026-02-01"), RicevutaAl: giorno("2026-02-28")}},
		"ricevuta:2025-12..":              {f: pratica.Filtro{RicevutaDal: giorno("2025-12-01")}},
		"ricevuta:2025":                   {f: pratica.Filtro{RicevutaDal: giorno("2025-01-01"), RicevutaAl: giorno("2025-12-31")}},
		"ricevuta:2026-10-01..2026-10-31": {f: pratica.Filtro{RicevutaDal: giorno("2026-10-01"), RicevutaAl: giorno("2026-10-31")}},
		"incarico:io":                     {f: pratica.Filtro{Incaricato: pratica.Io}},
		"alle 12:30 vedi http://x":        {si: "Alle 12:30 ho visto: vedi http://x", no: "Alle 12"},
		"day-hospital - reparto":          {si: "Il reparto di day hospital", no: "Il reparto"},
		`tipo:reclamo "nove ore" stato:ricevuta triage`: {f: pratica.Filtro{Tipo: "reclamo", Stato: "ricevuta"}, si: "Nove ore al triage", no: "Ore nove, triage"},
		"lettera OR referto":                            {si: "Il referto", no: "La cartella"},
		"lettera o referto attesa":                      {si: "Attesa del referto", no: "Il referto"},
		"attesa -referto":                               {si: "Attesa lunga", no: "Attesa del referto"},
		`attesa -"del referto"`:                         {si: "Attesa per il referto", no: "Attesa del referto"},
	} {
		f, r, err := pratica.LeggiDomanda(q, lunedi)
		if err != nil || r.Vuota() != (vuole.si == "") || !cmp.Equal(f, vuole.f) {
			t.Errorf("%q: %v %s", q, err, cmp.Diff(vuole.f, f))
			continue
		}
		if vuole.si != "" && (!r.Trova(pratica.Segnalazione{Testo: vuole.si}) || r.Trova(pratica.Segnalazione{Testo: vuole.no})) {
			t.Errorf("%q: finds %q %v, %q %v", q, vuole.si, r.Trova(pratica.Segnalazione{Testo: vuole.si}), vuole.no, r.Trova(pratica.Segnalazione{Testo: vuole.no}))
		}
	}
}

// What is not supported is said, never dropped; the words are not repeated.
func TestLeggiDomandaRifiuta(t *testing.T) {
	for q, vuole := range map[string]string{
		"-tag:brambati": "davanti al filtro", "-tipo:reclamo": "davanti al filtro", "-brambati": "da trovare", "attesa OR -brambati": "due ricerche", "brambati:x": "stato:",
		`"di la"`: "Tra virgolette ci vuole", "attesa -di": "Dopo il «-» ci vuole", "br*": "tre lettere", "di o la": "Prima e dopo «o» ci vuole", "a e": "due lettere",
		"o brambati": "«o» sta tra due parole", "brambati o": "«o» sta tra due parole", "OR": "«o» sta tra due parole", "brambati oppure o x": "«o» sta tra due parole",
		"tipo:reclamo brambati o": "«o» sta tra due parole", `"mai brambati`: "non si chiudono", `brambati "x" y"`: "non si chiudono",
		"incarico:brambati": "incarico:io", "scade:brambati": "scade:<7g", "ricevuta:brambati": "ricevuta:2026-03-31",
		"ricevuta:2026-04..2026-03": "date", "stato:": "stato:istruttoria", "numero:brambati": "numero:2026/123",
		"codice:brambati": "12", strings.Repeat("a", 501): "troppo lunga",
		`"`: "non si chiudono", `""  ""`: "niente da cercare", "tipo:reclamo tipo:rilievo": "due volte", "stato:aperta stato:sospesa": "due volte",
	} {
		_, _, err := pratica.LeggiDomanda(q, lunedi)
		m := fault.Message(err)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(m, vuole) || strings.Contains(m, "brambati") {
			t.Errorf("%q: %v", q, err)
		}
	}
}

func FuzzLeggiDomanda(f *testing.F) {
	for _, s := range []string{"", `a "b c" tipo:x`, `-x`, `stato:"`, "scade:<7g ricevuta:..", "\"", "à:é", "12", "abcd-2345-wxyz", ":::", "-:\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, q string) {
		fl, r, err := pratica.LeggiDomanda(q, lunedi)
		switch {
		case err != nil && !fault.Is(err, fault.Invalid):
			t.Fatalf("%q: %v", q, err)
		case err != nil && (!r.Vuota() || !cmp.Equal(fl, pratica.Filtro{})):
			t.Fatalf("%q: an error and an answer", q)
		case !fl.RicevutaAl.IsZero() && fl.RicevutaAl < fl.RicevutaDal:
			t.Fatalf("%q: dates turned round", q)
		case r.Trova(pratica.Segnalazione{}) && !r.Vuota():
			t.Fatalf("%q: found in nothing", q)
		}
		if n := fmt.Sprintf("%v %+v %#v", r, r, r); strings.Trim(n, " ") != "[riservato] [riservato] [riservato]" {
			t.Fatalf("%q: the words print", q)
		}
	})
}

// The filters are the database's own, and hold together with the words.
func TestCerca(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := registra(t, b, reclamo())
		rilievo := reclamo()
		rilievo.Segnalazione = pratica.Chiudi(pratica.Segnalazione{Tipo: "rilievo", Testo: "Mancano i cartelli per la radiologia."})
		registra(t, b, rilievo)
		az := b.Chi(access.URPAziendale, "")
		az.Persona = "p-az"
		if _, err := b.Servizio.Esegui(ctx, az, pratica.Comando{Pratica: r.ID, Atto: "assegnazione", Dati: pratica.Dati{"persona": "p-az"}}); err != nil {
			t.Fatal(err)
		}
		for q, n := range map[string]int{
			"": 2, "tipo:reclamo": 1, "cartelli": 1, "attesa tipo:rilievo": 0, "madre tipo:reclamo": 1, "2026/1": 1, "2": 1, "9999999": 0,
			r.Codice: 1, "stato:ricevuta": 2, "stato:chiusa": 0, "stato:aperta": 2, "scade:<7g": 1, "scade:2026-12-31": 2,
			"ricevuta:2026-03": 2, "ricevuta:2026-02": 0, "ricevuta:oggi madre": 1, "incarico:io": 1,
			`struttura:"pronto soccorso" tipo:reclamo`: 1, "struttura:farmacia": 0,
		} {
			p, err := b.Servizio.Cerca(ctx, az, q, 50, "")
			if err != nil || len(p.Righe) != n {
				t.Errorf("%q: %d rows, want %d, %v", q, len(p.Righe), n, err)
			}
		}
		for _, q := range []string{"tipo:x", "stato:x", "struttura:zzzz", "a e"} {
			if _, err := b.Servizio.Cerca(ctx, az, q, 50, ""); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", q, err)
			}
		}
	})
}

// A search goes on page by page, whatever is in the tail and whatever in the index,
// for who sees all the hits and for who sees few of them: each once, newest first.
func TestRicercaPagine(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		const tutte = 230
		for k := range tutte {
			nu := reclamo()
			if k%9 != 0 {
				nu.Presidio, nu.Unita = "Ospedale San Defendente – Rivalta", ""
			}
			registra(t, b, nu)
			if k == 150 {
				indicizza(t, b)
			}
		}
		d, err := b.Servizio.Domande(b.Ente, pratica.Parole("notizie madre"), 2020)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			chi    access.Chi
			limite int
			meno   int
		}{{b.Chi(access.URPAziendale, ""), 50, tutte}, {b.Chi(access.URPAziendale, ""), 100, tutte}, {b.Chi(access.URP, "URP-SANTA-CHIARA"), 7, 26}} {
			var visti []int
			f := pratica.Filtro{Parole: d, Limite: x.limite}
			for giro := 0; giro < 60; giro++ {
				p, err := b.Servizio.Elenco(context.Background(), x.chi, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range p.Righe {
					visti = append(visti, r.Numero)
				}
				if f.Dopo = p.Dopo; f.Dopo == "" {
					break
				}
			}
			if len(visti) != x.meno || !slices.IsSortedFunc(visti, func(a, b int) int { return b - a }) || len(slices.Compact(slices.Clone(visti))) != len(visti) {
				t.Errorf("%v by %d: %d found, want %d: %v", x.chi.Uffici, x.limite, len(visti), x.meno, visti)
			}
		}
	})
}
