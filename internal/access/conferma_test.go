package access

import (
	"testing"
	"time"
)

func TestConfermato(t *testing.T) {
	ora := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	chi := func(mezzo string, fa time.Duration) Chi {
		return Chi{Ente: "uno", Persona: "p", Mezzo: mezzo, Conferma: ora.Add(-fa)}
	}
	for g := range gesti {
		for _, c := range []struct {
			chi Chi
			si  bool
		}{
			{chi("web", 0), true},
			{chi("web", DurataConferma-time.Second), true},
			{chi("web", DurataConferma), false},
			{Chi{Ente: "uno", Persona: "p", Mezzo: "web"}, false},
			{chi("api", 0), g == Firmare || g == Insieme},
			{chi("api", time.Hour), g == Firmare || g == Insieme},
			{Sistema("uno"), true},
		} {
			if got := Confermato(c.chi, g, ora); got != c.si {
				t.Errorf("%s by %s, confirmed %v before: %v", g, c.chi.Mezzo, ora.Sub(c.chi.Conferma), got)
			}
		}
	}
	if !Confermato(chi("web", time.Hour), "", ora) {
		t.Error("what is no such gesture asks for a proof")
	}
}
