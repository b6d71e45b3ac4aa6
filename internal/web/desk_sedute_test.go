package web

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// The Commissione at its pages: convened from a case, with one more case for the same
// day, one of the UPT too; read, printed, and over.
//
// ref: dpcm-1995
func TestSedute(t *testing.T) {
	u := uptApri(t)
	u.Servizio.Holding = u.auth.Holding
	capo, _ := u.fonda()
	u.aggiungi("urp.az", access.URPAziendale, "")
	id := map[string]string{}
	cookie := map[string]string{}
	for _, n := range []string{"anna", "bruno"} {
		id[n] = u.aggiungi(n, access.Commissione, "")
		cookie[n] = u.entra(n, frasePassword)
	}
	az := u.entra("urp.az", frasePassword)
	prima, altra := u.arrivaUPT(pratica.RegistroURP, "Quadrifoglio smarrito"), u.arrivaUPT(pratica.RegistroURP, "Trifoglio trovato")
	upt := u.arrivaUPT(pratica.RegistroUPT, "Giardino chiuso")
	caso := func(r pratica.Ricevuta) string { return r.ID.String() }
	giorni := func(coppie ...string) url.Values {
		v := valoriDi("seduta_il", u.oggi().Add(3).String(), "legge_dal", u.oggi().String(), "legge_al", u.oggi().Add(5).String(), "leggono", "tutto", "motivo", "Lo chiede un'associazione.")
		for i := 0; i < len(coppie); i += 2 {
			v.Add(coppie[i], coppie[i+1])
		}
		return v
	}

	u.vuole(u.chiedi(cookie["anna"], "GET", "/lavoro", "", nil), 303, "/sedute")
	u.vuole(u.chiedi(cookie["anna"], "GET", "/sedute", "", nil), 200, "Nessuna seduta aperta")
	u.vuole(u.chiedi(cookie["anna"], "GET", "/sedute/"+caso(prima), "", nil), 404, "La seduta è finita, oppure")
	u.vuole(u.chiedi(az, "GET", "/sedute", "", nil), 403)
	p := u.chiedi(az, "GET", "/pratica/"+caso(prima), "", nil)
	u.vuole(p, 200, "Convoca la Commissione")
	u.senza(p, "Chiudi la seduta")
	p = u.chiedi(az, "GET", "/pratica/"+caso(prima)+"/atto/convocazione_seduta", "", nil)
	u.vuole(p, 200, "Prova anna", "Prova bruno", `value="`+u.oggi().String()+`"`)
	u.senza(p, "seduta già convocata")
	u.vuole(u.fa(az, caso(prima), "convocazione_seduta", giorni()), 422, "Lo chiede un'associazione.", "Manca «Membri della Commissione»")
	u.vuole(u.fa(az, caso(prima), "convocazione_seduta", giorni("membri", u.persona)), 422, "membri della Commissione in carica")
	u.vuole(u.fa(az, caso(prima), "convocazione_seduta", giorni("membri", id["anna"], "membri", id["bruno"])), 303, "fatto=convocazione_seduta")
	p = u.chiedi(az, "GET", "/pratica/"+caso(prima)+"/cronologia", "", nil)
	u.vuole(p, 200, "Commissione convocata", "Prova anna, Prova bruno", "Chiudi la seduta", "Togli un membro")
	u.senza(p, ">Convoca la Commissione<")

	// One more case for the same day, with what was chosen there.
	p = u.chiedi(az, "GET", "/pratica/"+caso(altra)+"/atto/convocazione_seduta", "", nil)
	u.vuole(p, 200, "seduta già convocata", "1 pratica")
	p = u.chiedi(az, "GET", trova(t, p, `href="([^"]*\?seduta=[^"]*)"`)[0], "", nil)
	u.vuole(p, 200, `value="`+u.oggi().Add(3).String()+`"`, `value="`+id["bruno"]+`" checked`)
	u.vuole(u.fa(az, caso(altra), "convocazione_seduta", giorni("membri", id["anna"])), 303)

	p = u.chiedi(cookie["anna"], "GET", "/sedute", "", nil)
	u.vuole(p, 200, "Quadrifoglio smarrito", "Trifoglio trovato", "Puoi leggere fino a")
	if n := strings.Count(p.testo, "<section"); n != 1 {
		t.Errorf("%d sessions, want one with two cases", n)
	}
	p = u.chiedi(cookie["bruno"], "GET", "/sedute", "", nil)
	u.vuole(p, 200, "Quadrifoglio smarrito")
	u.senza(p, "Trifoglio")
	p = u.chiedi(cookie["anna"], "GET", "/sedute/"+caso(prima), "", nil)
	u.vuole(p, 200, "zucconia", "Vattelapesca", "Solo lettura", "/sedute/"+caso(prima)+"/stampa")
	u.senza(p, "/atto/", "/foglio/", "/pratica/", "Copia dei dati per la persona", vault.Gruppi(prima.Codice))
	u.vuole(u.chiedi(cookie["anna"], "GET", "/sedute/"+caso(prima)+"/stampa", "", nil), 200, "zucconia", "Stampata da Prova anna")
	u.vuole(u.chiedi(cookie["anna"], "GET", "/pratica/"+caso(prima), "", nil), 404)

	// A case of the UPT, by who has its key open.
	u.vuole(u.chiedi(capo, "GET", "/pratica/"+caso(upt)+"/atto/convocazione_seduta", "", nil), 200, "La chiave della Commissione è del server")
	u.vuole(u.fa(capo, caso(upt), "convocazione_seduta", giorni("membri", id["bruno"])), 303)
	p = u.chiedi(cookie["bruno"], "GET", "/sedute/"+caso(upt), "", nil)
	u.vuole(p, 200, "UPT 2026/0000001", "zucconia")
	if iso := regexp.MustCompile(`>[^<]*\d{4}-\d\d-\d\d[^<]*<`).FindString(p.testo); iso != "" {
		t.Errorf("a date as machines write it: %s", iso)
	}
	p = u.chiedi(capo, "GET", "/pratica/"+caso(upt)+"/cronologia", "", nil)
	u.vuole(p, 200, "Commissione convocata", "5 marzo 2026")
	u.senza(p, u.oggi().Add(3).String())
	u.vuole(u.chiedi(az, "GET", "/pratica/"+caso(upt), "", nil), 404)

	u.vuole(u.fa(az, caso(prima), "ritiro_membro", valoriDi("membri", id["anna"], "motivo", "Conosce la persona.")), 303)
	u.vuole(u.chiedi(cookie["anna"], "GET", "/sedute/"+caso(prima), "", nil), 404, "La seduta è finita, oppure")
	u.vuole(u.chiedi(cookie["bruno"], "GET", "/sedute/"+caso(prima), "", nil), 200)
	u.vuole(u.fa(az, caso(prima), "fine_seduta", valoriDi()), 303)
	u.vuole(u.chiedi(cookie["bruno"], "GET", "/sedute/"+caso(prima), "", nil), 404, "La seduta è finita, oppure")
	u.Orologio.Avanza(6 * 24 * time.Hour)
	for n := range cookie {
		cookie[n] = u.entra(n, frasePassword)
		u.vuole(u.chiedi(cookie[n], "GET", "/sedute", "", nil), 200, "Nessuna seduta aperta")
		for _, r := range []pratica.Ricevuta{prima, altra, upt} {
			u.vuole(u.chiedi(cookie[n], "GET", "/sedute/"+caso(r), "", nil), 404, "La seduta è finita, oppure")
		}
	}
	f, err := u.Servizio.Segui(context.Background(), u.Ente, prima.Codice, prima.Chiave)
	u.ok(err)
	var letto strings.Builder
	for _, l := range vediLetture(u.Servizio.Ambiente(u.Ente), f.Letture) {
		letto.WriteString(l.Testo + "\n")
	}
	if !strings.Contains(letto.String(), "Membro della Commissione: per la seduta\n") {
		t.Errorf("who reported sees %q", letto.String())
	}
}
