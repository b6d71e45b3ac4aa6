package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// Who keeps the register takes the document of a day, and those of some days to be
// preserved; so does an administrator, and nobody else.
//
// ref: dpr445-2000 art. 53
func TestGiornalieri(t *testing.T) {
	b := storetest.SQLite(t)
	u, ctx := apriUfficio(t, b), context.Background()
	u.entra("domitilla", access.URPAziendale, "").vai("/registrazioni/giornalieri").vuole(http.StatusOK, "Nessun registro giornaliero", "Registri giornalieri</a>")
	if _, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web", Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
		Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore di attesa.", Oggetto: "Oggettosegreto", Segnalante: &pratica.Persona{Nome: "Ermenegilda", Cognome: "Vattelapesca"}})}); err != nil {
		t.Fatal(err)
	}
	b.Orologio.Metti(b.Servizio.Oggi().Add(1))
	if err := b.Servizio.ChiudiGiorni(ctx, b.Ente); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*persona{u.entra("erminia", access.URPAziendale, ""), u.entra("gino", access.Amministratore, "")} {
		p.vai("/registrazioni/giornalieri").vuole(http.StatusOK, "lunedì 2 marzo 2026", "1 registrazione", "/registrazioni/giornalieri/2026-03-02")
		p.vai("/registrazioni/giornalieri?prima=2026-03-02").vuole(http.StatusOK, "Nessun registro giornaliero")
		p.vai("/registrazioni/giornalieri/2026-03-02").vuole(http.StatusOK, "<registroGiornaliero", "2026/0000001").senza("Ermenegilda", "Oggettosegreto")
		if d := p.testata.Get("Content-Disposition"); d != `attachment; filename=registro-giornaliero-urp-2026-03-02.xml` {
			t.Error(d)
		}
		p.vai("/registrazioni/giornalieri/2026-03-03").vuole(http.StatusNotFound, "non è stato registrato nulla")
		p.manda("/registrazioni/giornalieri/esporta", url.Values{"dal": {"2026-03-01"}, "al": {"2026-03-31"}}).vuole(http.StatusOK)
		if d := p.testata.Get("Content-Disposition"); d != `attachment; filename=registro-giornaliero-urp-2026-03-01-2026-03-31.zip` {
			t.Error(d)
		}
		p.manda("/registrazioni/giornalieri/esporta", url.Values{"dal": {"2026-03-31"}, "al": {"2026-03-01"}}).vuole(http.StatusUnprocessableEntity, "viene prima dell", "2026-03-31")
		p.manda("/registrazioni/giornalieri/esporta", url.Values{"dal": {"2025-03-01"}, "al": {"2026-03-31"}}).vuole(http.StatusUnprocessableEntity, "al massimo un anno")
		p.manda("/registrazioni/giornalieri/esporta", url.Values{"dal": {"2026-05-01"}, "al": {"2026-05-31"}}).vuole(http.StatusUnprocessableEntity, "Tra quei giorni")
	}
}
