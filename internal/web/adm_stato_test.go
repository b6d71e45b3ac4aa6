package web

import (
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
)

// What check says of the machine stands on the first page, the gravest above; what
// needed no look does not.
func TestAdmMacchina(t *testing.T) {
	b := admApri(t)
	b.macchina = []Rilievo{{Cosa: "Lo swap è attivo qui."}, {Grave: true, Cosa: "Le chiavi stanno nella cartella dei dati."}, {Nota: true, Cosa: "Non serve."}}
	p := b.leggi("/amministrazione")
	b.vuole(p, 200, "Lo swap è attivo qui.", "Le chiavi stanno nella cartella dei dati.")
	b.senza(p, "Non serve.")
	if strings.Index(p.testo, "Lo swap") < strings.Index(p.testo, "Le chiavi stanno") {
		t.Error("what is grave comes last")
	}
}

// The exchange with the ente's protocol has a card: the last number, who waits, the last
// error in our own words. Where there is none there is no card.
func TestAdmProtocollo(t *testing.T) {
	b := admApri(t).conTutto()
	b.senza(b.leggi("/amministrazione"), "Protocollo dell’ente")
	_, guasto := b.ConProtocollo(t, false)
	b.vuole(b.leggi("/amministrazione"), 200, "Protocollo dell’ente", "Non ha ancora dato numeri.", "Nessun documento aspetta il numero.")
	guasto.Store(503)
	_, err := b.Servizio.Registra(t.Context(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web",
		Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Ho aspettato sei ore."})})
	b.ok(err)
	if _, err := b.Servizio.ProtocollaAttese(t.Context(), b.Ente); err == nil {
		t.Fatal("a number from what is down")
	}
	b.vuole(b.leggi("/amministrazione"), 200, "1 documento aspetta il numero", "Il protocollo dell'ente risponde con un errore (503).")
	x, err := b.Store.SaluteProtocollo(t.Context(), b.Ente)
	b.ok(err)
	for _, c := range []struct {
		ore    time.Duration
		c      bool
		vuole  Rilievo
		parole string
	}{
		{time.Hour, true, Rilievo{}, "Protocollo dell'ente."},
		{25 * time.Hour, true, Rilievo{Grave: true}, "da più di un giorno"},
		{time.Hour, false, Rilievo{Grave: true}, "Manca il file"},
	} {
		r, ok := RilievoProtocollo(x, c.c, b.Orologio.Now().Add(c.ore))
		if !ok || r.Grave != c.vuole.Grave || r.Nota || !strings.Contains(r.Cosa, c.parole) || !strings.Contains(r.Cosa, "(503)") {
			t.Errorf("after %v: %+v", c.ore, r)
		}
	}
	guasto.Store(0)
	b.Orologio.Avanza(time.Minute)
	if _, err := b.Servizio.ProtocollaAttese(t.Context(), b.Ente); err != nil {
		t.Fatal(err)
	}
	b.vuole(b.leggi("/amministrazione"), 200, "Ultimo numero arrivato: ", "Nessun documento aspetta il numero.")
	if x, err = b.Store.SaluteProtocollo(t.Context(), b.Ente); err != nil {
		t.Fatal(err)
	}
	if r, ok := RilievoProtocollo(x, true, b.Orologio.Now()); !ok || !r.Nota {
		t.Errorf("all is well: %+v", r)
	}
	if r, ok := RilievoProtocollo(pratica.SaluteProtocollo{}, false, b.Orologio.Now()); ok {
		t.Errorf("there is none: %+v", r)
	}
}
