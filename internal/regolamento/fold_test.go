package regolamento

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tutela/internal/day"
)

// casoQualunque is a lawful case: acts drawn among those that Decide allows, on
// days that go on by chance.
func casoQualunque(t *rapid.T, r *Regolamento, cal *day.Calendario) []Atto {
	var atti []Atto
	s := r.Iniziale()
	giorno := day.Of(2024, 1, 1).Add(rapid.IntRange(0, 1500).Draw(t, "start"))
	for range rapid.IntRange(1, 25).Draw(t, "acts") {
		giorno = giorno.Add(rapid.IntRange(0, 25).Draw(t, "days"))
		var ammessi []*DefAtto
		for _, e := range r.Allowed(cal, s, giorno) {
			if e.Ammesso() {
				ammessi = append(ammessi, e.Def)
			}
		}
		p := proposta(t, r, rapid.SampledFrom(ammessi).Draw(t, "act"), giorno, len(atti)+1)
		if !r.Decide(cal, s, p).Ammesso() {
			continue
		}
		var err error
		if s, err = r.Apply(cal, s, p.Atto); err != nil {
			t.Fatal(err)
		}
		atti = append(atti, p.Atto)
	}
	return atti
}

func proposta(t *rapid.T, r *Regolamento, d *DefAtto, giorno day.Date, seq int) Proposta {
	p := Proposta{Atto: Atto{Seq: seq, Kind: d.Nome, Giorno: giorno, Il: giorno.Start().UTC(), Pone: Attr{}}, Campi: map[string]bool{}}
	for i := range d.Pone {
		if x := &d.Pone[i]; x.Chiesto() {
			p.Pone[x.Attributo] = rapid.SampledFrom(r.scelte(x)).Draw(t, x.Attributo)
		}
	}
	for _, c := range d.Serve {
		p.Campi[c] = true
	}
	if d.Destinatari != "" {
		p.Destinatari = rapid.SampledFrom([][]string{{"A"}, {"B"}, {"A", "B"}}).Draw(t, "units")
	}
	if d.Risponde != "" {
		p.Per = rapid.SampledFrom([]string{"A", "B"}).Draw(t, "unit")
	}
	if d.Nome == "proroga" {
		p.Giorni = rapid.IntRange(1, 30).Draw(t, "granted")
	}
	return p
}

// The state depends on the acts alone: folding at once, folding again and
// applying one act at a time agree, and nothing that was given is changed.
func TestFoldIsPure(t *testing.T) {
	r, cal := pga01(t), day.Nazionale()
	rapid.Check(t, func(t *rapid.T) {
		atti := casoQualunque(t, r, cal)
		s, err := r.Fold(cal, atti)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := r.Fold(cal, atti)
		if !reflect.DeepEqual(s, again) {
			t.Fatal("folding twice gives two states")
		}
		step := Stato{}
		for _, a := range atti {
			before := step.clone()
			next, err := r.Apply(cal, step, a)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(step, before) {
				t.Fatalf("Apply of %s changed the state it was given", a.Kind)
			}
			step = next
		}
		if len(atti) > 0 && !reflect.DeepEqual(s, step) {
			t.Fatal("Fold is not Apply repeated")
		}
	})
}

// What holds of every term of every lawful case.
func TestTermsHold(t *testing.T) {
	r, cal := pga01(t), day.Nazionale()
	rapid.Check(t, func(t *rapid.T) {
		s, err := r.Fold(cal, casoQualunque(t, r, cal))
		if err != nil {
			t.Fatal(err)
		}
		type chiave struct {
			regola, per string
			giro        int
		}
		visti := map[chiave]bool{}
		for _, x := range s.Termini {
			k := chiave{x.Regola, x.Per, x.Giro}
			if visti[k] {
				t.Fatalf("two terms are %v", k)
			}
			visti[k] = true
			if x.Giro > 1 && !visti[chiave{x.Regola, x.Per, x.Giro - 1}] {
				t.Fatalf("%v has no turn before it", k)
			}
			if x.aperto() != x.FineIl.IsZero() {
				t.Fatalf("%v: %s on %s", k, x.Fine, x.FineIl)
			}
			if !x.FineIl.IsZero() && x.FineIl < x.Dal {
				t.Fatalf("%v ended before it began", k)
			}
			controllaData(t, cal, x)
			if f, ok := r.Fase(s.Fase); ok && !f.Aperta() && x.Dovuto() {
				t.Fatalf("%v is due in phase %s", k, s.Fase)
			}
		}
	})
}

func controllaData(t *rapid.T, cal *day.Calendario, x Termine) {
	g, passi := x.Scadenza(cal)
	if g != x.Giorno(cal) {
		t.Fatalf("%s: %s with its steps, %s without", x.Regola, g, x.Giorno(cal))
	}
	if g.IsZero() {
		if x.Fine != Sospeso {
			t.Fatalf("%s has no date", x.Regola)
		}
		return
	}
	if g < x.Dal.Add(x.Giorni) {
		t.Fatalf("%s: %d days from %s end on %s", x.Regola, x.Giorni, x.Dal, g)
	}
	if last := passi[len(passi)-1]; last.Cosa != day.PassoFine || last.Dal != g {
		t.Fatalf("%s: the steps end with %+v, the date is %s", x.Regola, last, g)
	}
	if x.Giorni > 0 {
		if nome, _, festa := cal.Festivo(g); festa {
			t.Fatalf("%s ends on %s, %s", x.Regola, g, nome)
		}
	}
	for _, a := range x.Avvisi(cal) {
		if a.Giorno <= x.Dal || len(a.Chi) == 0 {
			t.Fatalf("%s: notice %+v", x.Regola, a)
		}
	}
}

func TestFoldRefusesBrokenRecords(t *testing.T) {
	r, cal, g := pga01(t), day.Nazionale(), day.Of(2026, 1, 7)
	apre := Atto{Seq: 1, Kind: "registrazione", Giorno: g, Pone: Attr{"tipo": "reclamo"}}
	for nome, atti := range map[string][]Atto{
		"unknown kind":    {apre, {Seq: 2, Kind: "presa_in_cura", Giorno: g}},
		"gap":             {apre, {Seq: 3, Kind: "presa_in_carico", Giorno: g}},
		"same twice":      {apre, apre},
		"no first":        {{Seq: 2, Kind: "presa_in_carico", Giorno: g}},
		"value not known": {{Seq: 1, Kind: "registrazione", Giorno: g, Pone: Attr{"tipo": "protesta"}}},
	} {
		if _, err := r.Fold(cal, atti); err == nil {
			t.Errorf("%s: folded", nome)
		}
	}
	if s, err := r.Fold(cal, nil); err != nil || s.Fase != "" || s.Attr["natura"] != "da_valutare" || r.Stato(s) != "" {
		t.Errorf("no acts: %+v, %v", s, err)
	}
}

func TestAvvisi(t *testing.T) {
	r, cal := pga01(t), day.Nazionale()
	s, err := r.Fold(cal, []Atto{
		{Seq: 1, Kind: "registrazione", Giorno: day.Of(2026, 3, 16), Pone: Attr{"tipo": "reclamo", "autore": "nominativo"}},
		{Seq: 2, Kind: "presa_in_carico", Giorno: day.Of(2026, 3, 17)},
		{Seq: 3, Kind: "richiesta_chiarimenti", Giorno: day.Of(2026, 3, 27), Destinatari: []string{"U12"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	x := s.Termini[len(s.Termini)-1]
	// Due Saturday 11 April 2026. Easter is on 5 April: -5 is Easter Monday, back to
	// Saturday 4; +1 is Sunday 12, on to Monday 13.
	want := []struct {
		giorno  string
		scarto  int
		scaduto bool
		chi     int
	}{
		{"2026-04-04", -5, false, 1},
		{"2026-04-10", -1, false, 1},
		{"2026-04-12", 0, true, 2},
		{"2026-04-13", 1, false, 1},
		{"2026-04-18", 7, false, 1},
	}
	got := x.Avvisi(cal)
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		if g := got[i]; g.Giorno.String() != w.giorno || g.Scarto != w.scarto || g.Scaduto != w.scaduto || len(g.Chi) != w.chi {
			t.Errorf("%d: %+v, want %+v", i, g, w)
		}
	}
}

func BenchmarkFoldApertura(b *testing.B) { benchFold(b, 1) }

func BenchmarkFold20(b *testing.B) { benchFold(b, 20) }

func BenchmarkFold200(b *testing.B) { benchFold(b, 200) }

func benchFold(b *testing.B, n int) {
	r, cal, g := pga01(b), day.Nazionale(), day.Of(2026, 1, 7)
	atti := []Atto{
		{Kind: "registrazione", Pone: Attr{"tipo": "reclamo", "autore": "nominativo"}},
		{Kind: "presa_in_carico"}, {Kind: "valutazione", Pone: Attr{"natura": "sanitaria", "danni": "esclusi"}},
		{Kind: "informativa"}, {Kind: "richiesta_chiarimenti", Destinatari: []string{"A", "B"}},
		{Kind: "chiarimenti", Per: "A"}, {Kind: "chiarimenti", Per: "B"}, {Kind: "relazione"},
		{Kind: "bozza_risposta"}, {Kind: "firma_risposta"}, {Kind: "invio_risposta"},
	}
	for len(atti) < n {
		atti = append(atti, Atto{Kind: []string{"messaggio", "nota", "provvedimento", "riapertura"}[len(atti)%4]})
	}
	atti = atti[:n]
	for i := range atti {
		atti[i].Seq, atti[i].Giorno, atti[i].Il = i+1, g.Add(i), time.Time{}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Fold(cal, atti); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAllowed(b *testing.B) {
	r, cal, g := pga01(b), day.Nazionale(), day.Of(2026, 1, 7)
	s, err := r.Fold(cal, []Atto{
		{Seq: 1, Kind: "registrazione", Giorno: g, Pone: Attr{"tipo": "reclamo"}},
		{Seq: 2, Kind: "presa_in_carico", Giorno: g},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Allowed(cal, s, g)
	}
}
