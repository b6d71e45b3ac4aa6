package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/flat"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// segue is a browser that asks for a report with what it has of it.
func (c *camminata) segue(codice, chiave, contatto string) *httptest.ResponseRecorder {
	c.t.Helper()
	return c.manda(camminante{nome: nessunoChi}, tappa{rotta: rotta{Metodo: "POST", Percorso: "/segui"}, via: "/segui",
		corpo: url.Values{"codice": {codice}, "chiave": {chiave}, "contatto": {contatto}}})
}

// biscottoDi is the session that an answer gives.
func (c *camminata) biscottoDi(w *httptest.ResponseRecorder) string {
	c.t.Helper()
	for _, b := range w.Result().Cookies() {
		if b.Name == biscottoSegui && b.MaxAge >= 0 {
			return b.Value
		}
	}
	c.t.Fatalf("no session: %d %s", w.Code, soloTesto(w.Body.String()))
	return ""
}

// TestCamminoCittadino walks the pages of who follows a report: with the key of it,
// with the contact only, with the key of another.
func TestCamminoCittadino(t *testing.T) {
	c := cammina(t)
	for stadio := iniziale; stadio <= ultimo; stadio++ {
		c.porta(stadio)
	}
	altra, err := c.Servizio.Registra(context.Background(), access.Cittadino(c.Ente, "web"), pratica.Nuova{Canale: "web",
		Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Altro", Segnalante: &pratica.Persona{Cognome: "Altra", Email: "altra@esempio.example"}})})
	c.ok(err)
	interni := slices.Concat(canarini["A"], canarini["B"], canarini["chiesto"], []string{"notacanaria", "lettocanario", "bozzacanaria", "richiesta di danni", c.ric.ID.String()})
	tutti := slices.Concat(interni, canarini["nucleo"], []string{c.ric.Chiave.Valore()})
	prove := []struct {
		nome, biscotto string
		vietati        []string
		via            map[string]int
	}{
		{"key", c.biscottoDi(c.segue(c.ric.Codice, c.ric.Chiave.Valore(), "")), interni, map[string]int{"GET /segui/stato": 200, "GET /segui/risposta": 404, "GET /segui/modulo": 200,
			"GET /segui/copia": 200, "GET /segui/file/" + c.file["cittadino"].String(): 200, "GET /segui/file/" + c.file["B"].String(): 404, "GET /segui/file/x": 404, "GET /segui/atto/messaggio": 200,
			"GET /segui/atto/nota": 404, "GET /segui/atto/firma_risposta": 404, "POST /segui/atto/nota": 404, "POST /segui/atto/invio_risposta": 404, "POST /segui/atto/boh": 404}},
		{"contact", c.biscottoDi(c.segue(c.ric.Codice, "", "zq.canaria@esempio.example")), tutti, map[string]int{"GET /segui/stato": 200, "GET /segui/risposta": 403, "GET /segui/modulo": 403,
			"GET /segui/copia": 403, "GET /segui/file/" + c.file["cittadino"].String(): 403, "GET /segui/atto/messaggio": 403, "POST /segui/atto/messaggio": 403, "POST /segui/atto/ritiro": 403}},
		{"another", c.biscottoDi(c.segue(altra.Codice, altra.Chiave.Valore(), "")), tutti, map[string]int{"GET /segui/stato": 200, "GET /segui/modulo": 200,
			"GET /segui/file/" + c.file["cittadino"].String(): 404, "GET /segui/file/" + c.assente.String(): 404, "GET /segui/file/" + c.file["B"].String(): 404}},
	}
	c.atti = c.seq()
	for _, p := range prove {
		corpi := map[string]string{}
		for nome, vuole := range p.via {
			metodo, via, _ := strings.Cut(nome, " ")
			corpo := url.Values{"di": {c.ric.Codice}, "chiave": {unaVolta()}, "testo": {"Provo."}, "motivo": {"Provo."}}
			r := httptest.NewRequest(metodo, via, strings.NewReader(corpo.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: biscottoSegui, Value: p.biscotto})
			w := httptest.NewRecorder()
			c.h.ServeHTTP(w, r)
			c.controlla(camminante{nome: p.nome, ruolo: access.URPAziendale}, tappa{rotta: rotta{Metodo: metodo, Percorso: via}, via: via}, ultimo, w)
			if w.Code != vuole {
				t.Errorf("%s with the %s: %d, want %d: %s", nome, p.nome, w.Code, vuole, soloTesto(w.Body.String()))
			}
			for _, v := range p.vietati {
				if storetest.Dice(intero(w), v) {
					t.Errorf("%s with the %s says %q", nome, p.nome, v)
				}
			}
			corpi[via] = fmt.Sprint(w.Code, w.Body.String())
		}
		if p.nome == "another" && corpi["/segui/file/"+c.file["cittadino"].String()] != corpi["/segui/file/"+c.assente.String()] {
			t.Error("a file of another's report is not as one that is not there")
		}
	}
	if c.seq() != c.atti {
		t.Errorf("a refused act was done: %d acts", c.seq()-c.atti)
	}
	// What does not match says the same, whether the codice is there or not.
	detto := func(codice, chiave, contatto string) string {
		w := c.segue(codice, chiave, contatto)
		return strings.ReplaceAll(fmt.Sprint(w.Code, w.Header(), w.Body.String()), codice, "CODICE")
	}
	for _, x := range [][2]string{{vault.NewChiave().Valore(), ""}, {"", "nessuno@esempio.example"}} {
		assente, presente := detto(vault.NewCodice(), x[0], x[1]), detto(c.ric.Codice, x[0], x[1])
		if presente != assente || !strings.HasPrefix(presente, "422") {
			t.Errorf("there: %s\nabsent: %s", presente, assente)
		}
	}
}

// TestNienteSiStampa prints what holds personal data in every way of fmt and JSON
// of a log: nothing comes out.
func TestNienteSiStampa(t *testing.T) {
	c := cammina(t)
	for stadio := iniziale; stadio <= ultimo; stadio++ {
		c.porta(stadio)
	}
	ctx, az := context.Background(), c.Chi(access.URPAziendale, "")
	seg := segnalazioneCanaria()
	f, err := c.Servizio.Apri(ctx, az, c.ric.ID)
	c.ok(err)
	g, err := c.Servizio.Segui(ctx, c.Ente, c.ric.Codice, c.ric.Chiave)
	c.ok(err)
	pag, err := c.Servizio.Elenco(ctx, az, pratica.Filtro{Limite: 10})
	c.ok(err)
	rp, err := c.Servizio.Riepilogo(ctx, pag.Righe[0])
	c.ok(err)
	amb, dati := c.Servizio.Ambiente(c.Ente), url.Values{"testo": {"Bozzacanaria"}}
	riga, err := c.s.riga(ctx, amb, az, pag.Righe[0], "", c.Servizio.Oggi())
	c.ok(err)
	fb := fileBozza{Nome: "refertocanario.txt"}
	ri := risposte{Testo: seg.Testo, Nome: "Zenobiarda", Cognome: "Quattrolampi", Email: seg.Segnalante.Email}
	cose := map[string]any{
		"Segnalazione": seg, "*Segnalazione": &seg, "Persona": *seg.Segnalante, "*Persona": seg.Assistito, "Riservata": pratica.Chiudi(seg), "Riepilogo": rp, "riepilogo": rp.Apri(),
		"Nuova":   pratica.Nuova{Segnalazione: pratica.Chiudi(seg), File: []pratica.File{{Nome: vault.NewRiservato("refertocanario.txt")}}},
		"Comando": pratica.Comando{Dati: pratica.Dati{"testo": "Bozzacanaria"}}, "Ricevuta": c.ric, "Fascicolo": *f, "Storia": f.Storia, "Richieste": f.Richieste,
		"File": f.File, "Seguito": *g, "Messaggi": g.Messaggi, "Pagina": pag,
		"risposte": ri, "bozza": bozza{Risposte: ri, File: []fileBozza{fb}}, "*bozza": &bozza{Risposte: ri}, "fileBozza": fb, "ricevutaBozza": *c.s.perBozza(c.ric),
		"sessioneSegui": sessioneSegui{Codice: c.ric.Codice, Chiave: c.ric.Chiave.Valore(), Contatto: seg.Segnalante.Email}, "moduloSegui": moduloSegui{Contatto: seg.Segnalante.Email},
		"invio": invio{valori: dati, presi: []fileBozza{fb}}, "invioAtto": invioAtto{valori: dati}, "invioNuova": invioNuova{v: dati}, "presi": presi{File: []fileBozza{fb}}, "esitoInsieme": esitoInsieme{Oggetto: seg.Oggetto}, "paginaInsieme": paginaInsieme{Fatte: []esitoInsieme{{Oggetto: seg.Oggetto}}}, "sospeso": sospeso{Valori: dati}, "*presi": &presi{File: []fileBozza{fb}},
		"rifiuto": rifiuto{Nome: "refertocanario.txt"}, "vista": vista{V: seg.Testo}, "lettera": lettera{Paragrafi: []string{"Bozzacanaria"}}, "segVista": *segnalazioneVista(f), "*segVista": segnalazioneVista(f),
		"rigaLavoro": riga, "noti": seg.Noti(), "lasciato": pratica.Lasciato{Testo: seg.Testo}, "composizione": composizione{Strutture: []composto{{Copia: seg.Testo}}}, "composto": composto{Copia: seg.Testo}, "maschera": maschera{Testo: seg.Testo}, "*maschera": &maschera{Testo: seg.Testo}, "pezzo": pezzo{Testo: seg.Testo}, "decisione": decisione{Parole: seg.Testo},
		"paginaCopia": paginaCopia{Nome: seg.Testo, Passaggi: []passaggio{{Testo: seg.Testo}}}, "passaggio": passaggio{Testo: seg.Testo}, "tavolo": tavolo{dati: []byte(seg.Testo), pagine: []flat.Page{{Text: seg.Testo}}},
		"*tavolo": &tavolo{pagine: []flat.Page{{Text: seg.Testo}}}, "lavoroCopia": lavoroCopia{Altre: []string{seg.Testo}}, "documentoMandabile": documentoMandabile{Nome: seg.Testo}, "CopiaFile": pratica.CopiaFile{Lasciati: []pratica.Lasciato{{Testo: seg.Testo}}},
		"Page": flat.Page{Text: seg.Testo}, "paginaDecisa": paginaDecisa{Lascia: map[int]string{1: seg.Testo}},
		"paginaPratica": paginaPratica{Oggetto: seg.Oggetto, Seg: segnalazioneVista(f)}, "paginaAtto": paginaAtto{Oggetto: seg.Oggetto}, "paginaFirma": paginaFirma{Oggetto: seg.Oggetto},
		"paginaNuova": paginaNuova{Campo: map[string]string{"testo": seg.Testo}}, "paginaCerca": paginaCerca{Domanda: "quattrolampi"}, "paginaLavoro": paginaLavoro{Gruppi: []gruppoLavoro{{Righe: []rigaLavoro{riga}}}},
		"paginaFoglio": paginaFoglio{Lettera: &lettera{Paragrafi: []string{"Bozzacanaria"}}}, "paginaRicevutaDesk": paginaRicevutaDesk{Chi: "Zenobiarda Quattrolampi", Chiave: c.ric.Chiave.Valore()},
	}
	for nome, x := range cose {
		detto := fmt.Sprintf("%v %+v %#v %s %q", x, x, x, x, x)
		if nome == "Fascicolo" || nome == "Seguito" || nome == "Comando" || nome == "Nuova" || nome == "Ricevuta" { // these travel; they have no JSON of their own
			b, err := json.Marshal(x)
			c.ok(err)
			detto += string(b)
		}
		for _, v := range append(slices.Concat(canarini["nucleo"], canarini["A"], canarini["B"], canarini["chiesto"]), c.ric.Chiave.Valore()) {
			if v != "richiesta di danni" && strings.Contains(strings.ToLower(detto), strings.ToLower(v)) {
				t.Errorf("%s prints %q", nome, v)
			}
		}
	}
}
