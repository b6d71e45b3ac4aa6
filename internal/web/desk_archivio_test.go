package web

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"tutela/internal/access"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// Two people end a file through the pages: who proposed it is not offered to
// approve, and what was typed is kept when it is refused.
//
// ref: pga01 4.4.4
func TestArchivio(t *testing.T) {
	b := storetest.SQLite(t)
	u, ctx := apriUfficio(t, b), context.Background()
	chiusa := func() pratica.Ricevuta {
		t.Helper()
		r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web", Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore di attesa.", Oggetto: "Oggettosegreto"})})
		for _, c := range []pratica.Comando{{Atto: "inoltro"}, {Atto: "presa_atto"}, {Atto: "archiviazione"}} {
			if c.Pratica = r.ID; err == nil {
				chi := b.Chi(access.URPAziendale, "")
				if c.Atto == "inoltro" {
					chi = b.Chi(access.URP, "URP-SANTA-CHIARA")
				}
				_, err = b.Servizio.Esegui(ctx, chi, c)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r, due := chiusa(), chiusa()
	h, _, err := b.Store.Leggi(ctx, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.Orologio.Metti(h.ChiusaIl.Add(5*366 + 2))
	capo, altra := u.entra("domitilla", access.URPAziendale, ""), u.entra("fiorenzo", access.DirettoreAmministrativo, "")
	altra.vai("/archivio").vuole(http.StatusOK, "Hanno finito il loro tempo", pratica.NumeroScritto(r.Anno, r.Numero)).senza("Proponi di eliminare", "Oggettosegreto")
	capo.vai("/archivio").vuole(http.StatusOK, "Proponi di eliminare").senza("Oggettosegreto")
	for _, x := range []string{"?x=1", "?fatto=boh", "?fatto=proposto&fatto=proposto", "?fatto=proposto&x=1", "?%zz"} {
		capo.vai("/archivio"+x).vuole(http.StatusUnprocessableEntity, "Nell'indirizzo c'è qualcosa", "Proponi di eliminare").senza("Elenco proposto")
	}
	capo.vai("/archivio?fatto=proposto").vuole(http.StatusOK, "Elenco proposto")
	capo.manda("/archivio/proponi", url.Values{"nulla_osta": {"n. 7 del 2031"}}).vuole(http.StatusUnprocessableEntity, "Scegli le pratiche", "n. 7 del 2031")
	capo.manda("/archivio/proponi", url.Values{"pratica": {r.ID.String()}}).vuole(http.StatusUnprocessableEntity, "Scrivi numero e data del nulla osta", "checked")
	capo.manda("/archivio/proponi", url.Values{"nulla_osta": {"n. 7 del 2031"}, "pratica": {r.ID.String(), due.ID.String()}}).vuole(http.StatusSeeOther)
	capo.manda("/archivio/proponi", url.Values{"nulla_osta": {"n. 8 del 2031"}, "pratica": {due.ID.String()}}).vuole(http.StatusConflict, "già in un elenco").senza("Elenco n. 2")
	capo.vai("/archivio").vuole(http.StatusOK, "Elenco n. 1", "Da approvare", "deve approvarlo un’altra persona", "Niente da eliminare").senza("Approva ed elimina")
	altra.vai("/archivio").vuole(http.StatusOK, "Approva ed elimina")
	altra.manda("/archivio/elenco", url.Values{"elenco": {"1"}, "fai": {"approva"}}).vuole(http.StatusSeeOther)
	altra.manda("/archivio/elenco", url.Values{"elenco": {"1"}, "fai": {"approva"}}).vuole(http.StatusConflict, "è già stato deciso")
	if err := b.Servizio.EseguiScarti(ctx, b.Chiavi); err != nil {
		t.Fatal(err)
	}
	capo.vai("/archivio").vuole(http.StatusOK, "Eseguito", "Eliminate: 2", "non dimostrabile: copie non dichiarate")
	oggi := b.Servizio.Oggi()
	if err := (store.Copie{Altre: 20}).Salva(filepath.Join(b.Dir, "chiavi")); err != nil {
		t.Fatal(err)
	}
	dal := "rreversibile dal " + i18n.LongDate(oggi.Add(21))
	capo.vai("/archivio").vuole(http.StatusOK, "I"+dal+": fino ad allora")
	b.Orologio.Metti(oggi.Add(21))
	capo = u.entra("ottavia", access.URPAziendale, "")
	capo.vai("/archivio").vuole(http.StatusOK, "Doveva essere i"+dal)
	if err := b.Servizio.Definitive(ctx, b.Ente, b.Chiavi); err != nil {
		t.Fatal(err)
	}
	capo.vai("/archivio").vuole(http.StatusOK, "I"+dal+".")
	capo.vai("/pratica/"+r.ID.String()).vuole(http.StatusOK, "Eliminazione irreversibile")
	capo.vai("/pratica/" + r.ID.String() + "/foglio/1").vuole(http.StatusNotFound)
	capo.vai("/pratica/"+r.ID.String()).vuole(http.StatusOK, "eliminato")
	capo.vai("/lavoro?vista=tutte").vuole(http.StatusOK, "Contenuto eliminato")
	capo.manda("/pratica/"+r.ID.String()+"/atto/nota", url.Values{"nota": {"Ancora?"}, "chiave": {unaVolta()}}).vuole(http.StatusForbidden)
}
