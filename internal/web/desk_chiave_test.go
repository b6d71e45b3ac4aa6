package web

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// The desk gives another chiave to who lost theirs: with who asked in words, after a
// proof, shown once; the form sent twice shows the same.
func TestDeskNewKey(t *testing.T) {
	b := storetest.SQLite(t)
	u := apriUfficio(t, b)
	r, err := b.Servizio.Registra(t.Context(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web", Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
		Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Ho aspettato nove ore.", Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example"}})})
	if err != nil {
		t.Fatal(err)
	}
	p := u.entra("marta", access.URPAziendale, "")
	dove := "/pratica/" + r.ID.String()
	p.vai(dove).vuole(http.StatusOK, "Dai una chiave nuova")
	p.vai(dove+"/atto/nuova_chiave").vuole(http.StatusOK, "Chi la chiede e come lo sai")
	modulo := url.Values{"versione": {"1"}, "chiave": {p.campo("chiave")}}
	p.manda(dove+"/atto/nuova_chiave", modulo).vuole(http.StatusUnprocessableEntity, `href="#richiedente"`)
	modulo.Set("richiedente", "Di persona, con la carta d'identità.")
	u.Orologio.Avanza(access.DurataConferma)
	p.manda(dove+"/atto/nuova_chiave", modulo).vuole(http.StatusOK, "Stai per cambiare delle chiavi")
	if _, err := b.Servizio.Segui(t.Context(), b.Ente, r.Codice, r.Chiave); err != nil {
		t.Fatal("given before the proof:", err)
	}
	p.manda("/conferma", url.Values{"password": {frasePassword}, "modulo": {p.campo("modulo")}}).vuole(http.StatusOK, "si vede solo qui")
	nuova := chiaveNuovaDi(t, p.pagina)
	p.manda(dove+"/atto/nuova_chiave", modulo).vuole(http.StatusOK, "si vede solo qui")
	if x := chiaveNuovaDi(t, p.pagina); x != nuova {
		t.Error("the same form, another chiave")
	}
	p.vai(dove).vuole(http.StatusOK, "Chiave nuova data a chi segnala", "Di persona, con la carta d'identità.")
	k, err := vault.ParseChiave(nuova)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Servizio.Segui(t.Context(), b.Ente, r.Codice, k); err != nil {
		t.Error(err)
	}
	if _, err := b.Servizio.Segui(t.Context(), b.Ente, r.Codice, r.Chiave); !fault.Is(err, fault.NotFound) {
		t.Errorf("the old one: %v", err)
	}

	// Another one is given: the first form, sent again, shows nothing that opens no more.
	p.vai(dove+"/atto/nuova_chiave").vuole(http.StatusOK, "Chi la chiede e come lo sai")
	altro := url.Values{"versione": {"2"}, "chiave": {p.campo("chiave")}, "richiedente": {"Di nuovo lei."}}
	p.manda(dove+"/atto/nuova_chiave", altro).vuole(http.StatusOK, "si vede solo qui")
	if chiaveNuovaDi(t, p.pagina) == nuova {
		t.Error("the same chiave")
	}
	p.manda(dove+"/atto/nuova_chiave", modulo).vuole(http.StatusConflict, "ne è stata data un'altra").senza(nuova)
	u.entra("resp", access.Responsabile, "51201").vai(dove + "/atto/nuova_chiave").vuole(http.StatusNotFound)
}

func chiaveNuovaDi(t *testing.T, pagina string) string {
	t.Helper()
	m := regexp.MustCompile(`id="chiave-nuova">([^<]+)<`).FindStringSubmatch(pagina)
	if m == nil {
		t.Fatal("no chiave")
	}
	return m[1]
}
