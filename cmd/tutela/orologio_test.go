package main

import (
	"testing"
	"time"

	"tutela/internal/day"
	"tutela/internal/store/storetest"
)

// A clock that leaps ahead while the program runs is not believed; one that is put
// right by a little, or goes back, is.
func TestOrologioCheSalta(t *testing.T) {
	inizio := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		parete  time.Time
		passato time.Duration
		vuole   time.Time
	}{
		{inizio.Add(time.Hour), time.Hour, inizio.Add(time.Hour)},
		{inizio.Add(25 * time.Hour), time.Hour, inizio.Add(25 * time.Hour)},
		{inizio.Add(26 * time.Hour), time.Hour, inizio.Add(time.Hour)},
		{inizio.AddDate(100, 0, 0), time.Minute, inizio.Add(time.Minute)},
		{inizio.Add(-time.Hour), time.Hour, inizio.Add(-time.Hour)},
		{inizio.AddDate(0, 2, 0), 61 * 24 * time.Hour, inizio.AddDate(0, 2, 0)},
	} {
		o := &orologio{inizio: inizio}
		if got := o.crede(x.parete, x.passato); !got.Equal(x.vuole) || (o.rilievo() != "") == got.Equal(x.parete) {
			t.Errorf("%v after %v: %v, want %v (%q)", x.parete, x.passato, got, x.vuole, o.rilievo())
		}
	}
}

// After a long absence a person says what day it is.
func TestOrologioAllAvvio(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true // another installation is in its database
		dove := impiantoDi(t, b)
		d := doveDi(dove[1]).con(dove[3], b.URL)
		i, err := apri(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = i.chiudi() }()
		oggi := day.In(i.orologio.Now())
		prova := func(vuole bool, detto string) {
			t.Helper()
			if err := i.orologioGiusto(t.Context(), detto); (err == nil) != vuole {
				t.Errorf("%q: %v", detto, err)
			}
		}
		prova(true, "")
		i.orologio.metti(oggi.Add(30).Start())
		prova(true, "")
		i.orologio.metti(oggi.Add(60).Start())
		prova(false, "")
		prova(false, oggi.String())
		prova(false, "domani")
		prova(true, oggi.Add(60).String())
		i.orologio.metti(oggi.Add(-10).Start())
		prova(true, "")
	})
}
