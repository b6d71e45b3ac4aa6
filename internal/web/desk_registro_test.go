package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// Who keeps the register looks for a number, prints a stretch of it and takes it out: on
// paper and in the file there are no names, and a spreadsheet finds no formula.
//
// ref: dpr445-2000 art. 53
func TestRegistrazioni(t *testing.T) {
	b := storetest.SQLite(t)
	u, ctx := apriUfficio(t, b), context.Background()
	var caso pratica.Ricevuta
	for range 2 {
		var err error
		if caso, err = b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web", Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore di attesa.", Oggetto: "Oggettosegreto", Segnalante: &pratica.Persona{Nome: "Ermenegilda", Cognome: "Vattelapesca"}})}); err != nil {
			t.Fatal(err)
		}
	}
	capo := u.entra("domitilla", access.URPAziendale, "")
	capo.vai("/registrazioni").vuole(http.StatusOK, "Registro dell’URP", "2026/0000001", "2026/0000002", "Oggettosegreto", "Ermenegilda", "Registro</a>")
	capo.vai("/registrazioni?anno=2026&numero=2").vuole(http.StatusOK, "2026/0000002", "1 registrazione in").senza(">2026/0000001<")
	capo.vai("/registrazioni?anno=2024").vuole(http.StatusOK, "Nessuna registrazione")
	capo.vai("/registrazioni?anno=26&dal=2026-02-30&numero=dodici&codice=12").vuole(http.StatusUnprocessableEntity, "con quattro cifre", "Scrivi un giorno che esiste",
		"Scrivi il numero così", "12 lettere e numeri", `value="dodici"`, `value="26"`)
	capo.vai("/registrazioni?anno=2026&dal=2025-01-01").vuole(http.StatusUnprocessableEntity, "non è nel 2026")
	capo.vai("/registrazioni/stampa?anno=2026").vuole(http.StatusOK, "2026/0000001", "Stampato da", "Dal 1° gennaio 2026 al 31 dicembre 2026").senza("Oggettosegreto", "Ermenegilda")
	if i, k := strings.Index(capo.pagina, "2026/0000001"), strings.Index(capo.pagina, "2026/0000002"); i > k {
		t.Error("the print does not begin with the first number")
	}
	capo.manda("/registrazioni/csv", url.Values{"anno": {"2026"}}).vuole(http.StatusOK, "numero,registrata,giorno,tipo", "\n2026/0000002,", ",reclamo,").senza("Oggettosegreto", "Ermenegilda")
	capo.manda("/registrazioni/csv", url.Values{"anno": {"x"}}).vuole(http.StatusUnprocessableEntity, "con quattro cifre")

	qui := "/pratica/" + caso.ID.String() + "/atto/annullamento"
	capo.vai(qui).vuole(http.StatusOK, "Annulla il numero", "Registrata due volte", "non si torna indietro")
	v := url.Values{"chiave": {unaVolta()}, "numero": {"1"}, "causa": {"prova"}, "motivo": {"Prova dello sportello."}}
	capo.manda(qui, v).vuole(http.StatusUnprocessableEntity, "Non è il numero di questa pratica", "Prova dello sportello.")
	v["numero"], v["chiave"] = []string{"2026/2"}, []string{unaVolta()}
	b.Orologio.Avanza(access.DurataConferma)
	capo.manda(qui, v).vuole(http.StatusOK, "Stai per annullare un numero del registro")
	capo.vai("/registrazioni").senza("Annullata")
	capo.manda("/conferma", url.Values{"password": {frasePassword}, "poi": {"/registrazioni"}}).vuole(http.StatusSeeOther)
	v["chiave"] = []string{unaVolta()}
	capo.manda(qui, v).vuole(http.StatusSeeOther)
	capo.vai("/registrazioni").vuole(http.StatusOK, "Annullata il 2 marzo 2026", "Numero annullato", "Era una prova: Prova dello sportello.", "Prova Domitilla")
	capo.vai("/registrazioni/stampa").vuole(http.StatusOK, "Annullata il 2 marzo 2026", "Prova dello sportello.")
	capo.manda("/registrazioni/csv", url.Values{"anno": {"2026"}}).vuole(http.StatusOK, ",2026-03-02,2026-03-02 Numero annullato Era una prova").senza("sportello")
	capo.vai("/pratica/"+caso.ID.String()).vuole(http.StatusOK, "Numero annullato").senza("/atto/riapertura")

	u.entra("anselmo", access.Responsabile, "SC-PRONTO-SOCCORSO").vai("/registrazioni").vuole(http.StatusForbidden).senza("2026/0000001")
	u.entra("iolanda", access.URP, "URP-MONTELAGO").vai("/registrazioni").vuole(http.StatusOK, "Nessuna registrazione").senza("2026/0000001")
	for t2, vuole := range map[string]string{"=1+1": "'=1+1", "@x": "'@x", "-2": "'-2", "reclamo": "reclamo", "": ""} {
		if ha := senzaFormula(t2); ha != vuole {
			t.Errorf("%q became %q", t2, ha)
		}
	}
}
