package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/store/storetest"
)

// rientra signs in from the page before the person, with what it holds.
func (p *persona) rientra(utente, password string) *persona {
	p.u.t.Helper()
	v := url.Values{"utente": {utente}, "password": {password}}
	p.ripresi(v)
	return p.manda("/entra", v)
}

// Who writes for longer than a session lasts signs in again and finds every word,
// not sent yet.
func TestSessioneFinitaMentreScrive(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
		id := p.registra()
		atti := func() int {
			f, err := u.Servizio.Apri(context.Background(), u.Chi(access.URPAziendale, ""), u.idDi(id))
			if err != nil {
				t.Fatal(err)
			}
			return f.Testa.Seq
		}
		dove := "/pratica/" + id + "/atto/messaggio"
		v := p.modulo(dove, dove, "testo", "Parole scritte con calma, èàù «e» <così>.\n\nDue righe.")
		p.allega(dove, url.Values{"versione": v["versione"], "chiave": v["chiave"], "di": v["di"]}, "uno.txt").vuole(http.StatusUnprocessableEntity, "uno.txt")
		p.ripresi(v)
		u.Orologio.Avanza(auth.DurataSessione)
		prima := atti()
		p.allega(dove, v, "due.txt").vuole(http.StatusUnauthorized, "La sessione è finita mentre scrivevi", "Nome utente").senza("Parole scritte")
		p.rientra("clelia", "sbagliata").vuole(http.StatusUnauthorized, "non sono giusti").senza("Parole scritte")
		p.rientra("clelia", frasePassword).vuole(http.StatusOK, "Quello che avevi scritto è qui.", v.Get("testo"), "uno.txt", "due.txt", `action="`+dove)
		if atti() != prima {
			t.Error("what came back was done")
		}
		p.ripresi(v)
		p.manda(dove, v).vuole(http.StatusSeeOther)
		u.leggibili(p, id, "uno.txt", "due.txt")
		p.vai("/pratica/"+id).vuole(http.StatusOK, "Due righe.")

		// The note with which a letter is sent back, or any other of its forms, is this one too.
		v = p.modulo(dove, dove, "testo", "Altre parole.")
		u.Orologio.Avanza(21 * time.Minute)
		p.manda(dove, v).vuole(http.StatusUnauthorized)
		pagina := p.pagina
		u.entra("domitilla", access.URPAziendale, "") // another person at the same browser
		p.rientra("domitilla", frasePassword).vuole(http.StatusConflict, "Questa pagina è di un’altra persona", `href="/lavoro"`).senza("Altre parole")
		altrui := p.pagina
		p.vai("/lavoro").vuole(http.StatusOK, "Prova Domitilla")
		p.allega(dove, v, "tre.txt").vuole(http.StatusConflict, "Questa pagina è di un’altra persona").senza("Altre parole", "tre.txt") // by reloading the page
		p.rientra("clelia", frasePassword).vuole(http.StatusOK, "Altre parole", "tre.txt")
		p.pagina = altrui
		p.rientra("clelia", frasePassword).vuole(http.StatusOK, "Altre parole").senza("tre.txt")
		p.pagina = pagina
		u.Orologio.Avanza(12 * time.Hour)
		p.rientra("clelia", frasePassword).vuole(http.StatusSeeOther)
		if p.dove != dove {
			t.Errorf("a page left too long leads to %s", p.dove)
		}
	})
}

func TestSessioneFinitaAlloSportello(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("ottavia", access.URP, "URP-SANTA-CHIARA")
	v := p.modulo("/nuova", "/nuova", "canale", "telefono", "testo", "Mio padre è caduto dal letto.", "nome", "Bruna", "cognome", "Selvaggini")
	dove := azioneNuova.FindStringSubmatch(p.pagina)[1]
	p.manda("/esci", nil)
	p.manda(dove, v).vuole(http.StatusUnauthorized, "La sessione è finita mentre scrivevi")
	p.rientra("ottavia", frasePassword).vuole(http.StatusOK, "Quello che avevi scritto è qui.", "Mio padre è caduto dal letto.", "Selvaggini")
	p.manda(azioneNuova.FindStringSubmatch(p.pagina)[1], v).vuole(http.StatusCreated)

	// Another office's page is there for nobody else, whatever he may open.
	altra := u.entra("ermete", access.URP, "URP-SAN-DEFENDENTE")
	v = p.modulo("/nuova", "/nuova", "testo", "Mia madre aspetta.")
	dove = azioneNuova.FindStringSubmatch(p.pagina)[1]
	altra.manda(dove, v).vuole(http.StatusConflict, "Questa pagina è di un’altra persona").senza("Mia madre")
	altra.manda("/nuova?modulo=x", url.Values{"di": {"x"}, "testo": {"Mia madre aspetta."}}).vuole(http.StatusConflict)
	altra.manda("/nuova?modulo=x", url.Values{"testo": {"Mia madre aspetta."}}).vuole(http.StatusBadRequest, "Questa pagina è vecchia")
	altrove := "/pratica/" + p.registra("anonima", "1", "tipo", "rilievo") + "/atto/messaggio"
	altra.allega(altrove, p.modulo(altrove, altrove, "testo", "Mia madre aspetta."), "uno.txt").vuole(http.StatusConflict, "Questa pagina è di un’altra persona").senza("Mia madre", "uno.txt")
	altra.rientra("ottavia", frasePassword).vuole(http.StatusOK, "Mia madre aspetta.", "uno.txt")

	// What does not fit in a page, and what is no form to write in, say what to do.
	tanto := make([]byte, 60<<10)
	_, _ = rand.Read(tanto)
	p.manda("/esci", nil)
	p.manda(dove, url.Values{"testo": {hex.EncodeToString(tanto)}}).vuole(http.StatusUnauthorized, "Accedi in un'altra scheda")
	p.manda("/lavoro/viste", url.Values{"nome": {"Mia"}}).vuole(http.StatusUnauthorized, "Accedi in un'altra scheda")
}
