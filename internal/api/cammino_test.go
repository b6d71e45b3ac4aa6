package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// The walk asks every described call as everybody: a call without a row in the
// matrix fails, and so does an answer that says more than its reader may know.
//
// ref: gdpr art. 5, 32

const (
	camminoA = "SC-21501"          // asked, and what the case is about
	camminoB = "SC-26901-03999001" // asked too, below another head
)

// canarini are words that stand nowhere but in the case, by who may read them.
var canarini = map[string][]string{
	"tutto": {"zenobiarda", "quattrolampi", "qttznb70a41h501x", "zq.canaria@esempio.example", "canaria.pec@esempio.example", "0376 555 0199", "vicolo canarino",
		"borgocanario", "46999", "lampadofora", "trentaquadri", "trtldr44b02h501y", "1944-02-02", "nipotecanaria", "oggettocanario", "raccontocanario",
		"desideriocanario", "quandocanario", "aiutocanario", "ritardocanario", "refertocanario", "paginacanaria", "bozzacanaria", "danni"},
	"copia": {"copiacanaria", "quesitocanario"},
	"B":     {"copiaseconda", "rispostaseconda", strings.ToLower(camminoB)},
}

func reclamoCanario() oggetto {
	return oggetto{"tipo": "reclamo", "oggetto": "Oggettocanario", "testo": "Raccontocanario: nove ore.", "chiede": "Desideriocanario", "quando": "quandocanario",
		"aiuto": "aiutocanario", "ritardo": "ritardocanario", "luogo": oggetto{"presidio": "Ospedale Santa Chiara – Montelago", "unita": "Pronto Soccorso"},
		"segnalante": oggetto{"nome": "Zenobiarda", "cognome": "Quattrolampi", "codiceFiscale": "QTTZNB70A41H501X", "email": "zq.canaria@esempio.example",
			"pec": "canaria.pec@esempio.example", "telefono": "0376 555 0199", "indirizzo": "Vicolo Canarino 3", "comune": "Borgocanario", "cap": "46999"},
		"assistito": oggetto{"nome": "Lampadofora", "cognome": "Trentaquadri", "codiceFiscale": "TRTLDR44B02H501Y", "dataNascita": "1944-02-02", "rapporto": "nipotecanaria"},
		"allegati":  []oggetto{{"nome": "refertocanario.txt", "contenuto": "UGFnaW5hY2FuYXJpYQo="}}}
}

// camminante is somebody who calls; copia and tutto are the first stage at which
// that much of the case is shown.
type camminante struct {
	nome, ruolo, unita string
	copia, tutto       int
}

// The stages of the case at which it is walked.
const (
	iniziale  = iota // taken on: no structure was asked yet
	chiesta          // two structures were asked, one answered
	allaFirma        // a draft waits for the Direttore sanitario
	mai       = 99
)

var camminanti = []camminante{
	{"nessuno", "", "", mai, mai},
	{"front-office", access.FrontOffice, "FO-SANTA-CHIARA", mai, mai},
	{"urp altro", access.URP, "URP-SAN-DEFENDENTE", mai, mai},
	{"urp", access.URP, "URP-SANTA-CHIARA", mai, iniziale},
	{"urp aziendale", access.URPAziendale, "", mai, iniziale},
	{"responsabile", access.Responsabile, camminoA, chiesta, mai},
	{"responsabile altro", access.Responsabile, "SC-13701-03999001", mai, mai},
	{"direttore", access.DirettoreMacrostruttura, "DIP-AREA-EMERGENZA-URGENZA", chiesta, mai},
	{"direttore altro", access.DirettoreMacrostruttura, "DIP-AREA-MEDICA", mai, mai},
	{"direttore sanitario", access.DirettoreSanitario, "", mai, allaFirma},
	{"direttore amministrativo", access.DirettoreAmministrativo, "", mai, mai},
	{"amministratore", access.Amministratore, "", mai, mai},
	{"dpo", access.DPO, "", mai, mai},
	{"commissione", access.Commissione, "", mai, mai}, // sits in the session of the case: no call gives it
}

func (x camminante) vista(stadio int) string {
	switch {
	case stadio >= x.tutto:
		return "tutto"
	case stadio >= x.copia:
		return "copia"
	}
	return "niente"
}

// camminata is the bench of a walk: one case, and a token for everybody.
type camminata struct {
	*prova
	id             vault.ID
	codice, chiave string
	assente        string
}

func cammina(t *testing.T) *camminata {
	t.Helper()
	p := monta(t, storetest.SQLite(t), func(c *Config) { c.Limite.Raffica = -1 })
	r := p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamoCanario()))
	c := &camminata{prova: p, codice: r.testo("codice"), chiave: r.testo("chiave"), assente: vault.NewID(time.Unix(0, 0)).String()}
	pag, err := p.b.Servizio.Elenco(t.Context(), p.b.Chi(access.URPAziendale, ""), pratica.Filtro{Limite: 10})
	if err != nil || len(pag.Righe) != 1 {
		t.Fatal(len(pag.Righe), err)
	}
	c.id = pag.Righe[0].ID
	return c
}

// porta brings the case to a stage.
func (c *camminata) porta(stadio int) {
	c.t.Helper()
	fa := func(ruolo, unita, atto string, dati pratica.Dati) {
		c.t.Helper()
		c.b.Orologio.Avanza(time.Second)
		if _, err := c.b.Servizio.Esegui(c.t.Context(), c.b.Chi(ruolo, unita), pratica.Comando{Pratica: c.id, Atto: atto, Dati: dati}); err != nil {
			c.t.Fatalf("%s: %v", atto, err)
		}
	}
	switch stadio {
	case iniziale:
		fa(access.URP, "URP-SANTA-CHIARA", "presa_in_carico", nil)
		fa(access.URP, "URP-SANTA-CHIARA", "valutazione", pratica.Dati{"natura": "sanitaria", "danni": "possibili"})
	case chiesta:
		fa(access.URP, "URP-SANTA-CHIARA", "informativa", nil)
		fa(access.URP, "URP-SANTA-CHIARA", "richiesta_chiarimenti", pratica.Dati{"quesito": "Quesitocanario?", "strutture": []map[string]string{
			{"id": camminoA, "copia": "Copiacanaria."}, {"id": camminoB, "copia": "Copiaseconda."}}})
		fa(access.Responsabile, camminoB, "chiarimenti", pratica.Dati{"testo": "Rispostaseconda."})
		siede := c.b.Chi(access.Commissione, "")
		c.b.Servizio.Holding = func(context.Context, string, ...string) ([]access.Chi, error) { return []access.Chi{siede}, nil }
		fa(access.URPAziendale, "", "convocazione_seduta", pratica.Dati{"seduta_il": siede.Giorno.String(), "legge_dal": siede.Giorno.String(),
			"legge_al": siede.Giorno.String(), "membri": []string{siede.Persona}, "leggono": "tutto", "motivo": "Lo chiede un'associazione."})
	case allaFirma:
		fa(access.URPAziendale, "", "bozza_risposta", pratica.Dati{"testo": "Bozzacanaria."})
	}
}

func (c *camminata) seq() int {
	c.t.Helper()
	_, atti, err := c.b.Store.Leggi(c.t.Context(), c.id)
	if err != nil {
		c.t.Fatal(err)
	}
	return len(atti)
}

// vietati are the words that who calls must not be told.
func (c *camminata) vietati(x camminante, stadio int) []string {
	vista := x.vista(stadio)
	if vista == "tutto" {
		return nil
	}
	out := slices.Concat(canarini["tutto"], canarini["B"], []string{c.codice, c.chiave})
	if vista == "niente" {
		out = slices.Concat(out, canarini["copia"], []string{c.id.String(), "2026/0000001"})
	}
	return out
}

// voce is a way to make a call, with its status for who sees nothing, the copy,
// everything; by name for somebody of another.
type voce struct {
	via   string
	corpo any
	stati map[string]int
}

func (x voce) atteso(chi camminante, stadio int) int {
	vista := chi.vista(stadio)
	if n, ok := x.stati["niente"]; ok && vista == "niente" && chi.ruolo != "" {
		return n
	}
	for _, k := range []string{chi.nome, vista, "*"} {
		if n, ok := x.stati[k]; ok {
			return n
		}
	}
	return 0
}

// matrice is what every described call answers. A staff call without a token is
// refused before anything is looked at.
func (c *camminata) matrice() map[string][]voce {
	pratica := "/pratiche/" + c.id.String()
	vede := map[string]int{"nessuno": 401, "niente": 404, "*": 200}
	tutti := map[string]int{"nessuno": 401, "*": 200}
	storta := map[string]int{"nessuno": 401, "*": 404}
	corpoStorto := map[string]int{"nessuno": 401, "*": 422}
	atto := func(corpo any, stati map[string]int) voce {
		stati["nessuno"], stati["niente"] = 401, 404
		return voce{pratica + "/atti", corpo, stati}
	}
	m := map[string][]voce{
		"GET /pratiche": {{"/pratiche", nil, tutti}, {"/pratiche?numero=1", nil, tutti}, {"/pratiche?stato=istruttoria&limite=100", nil, tutti},
			{"/pratiche?struttura=" + camminoA, nil, tutti}, {"/pratiche?dopo=boh", nil, corpoStorto}},
		"POST /pratiche/ricerca": {{"/pratiche/ricerca", oggetto{}, tutti}, {"/pratiche/ricerca", oggetto{"q": "quattrolampi"}, tutti},
			{"/pratiche/ricerca", oggetto{"q": c.codice}, tutti}, {"/pratiche/ricerca", oggetto{"q": "0376 555 0199"}, tutti},
			{"/pratiche/ricerca", oggetto{"q": "2026/1"}, tutti}, {"/pratiche/ricerca", oggetto{"q": "-parola"}, corpoStorto}, {"/pratiche/ricerca", "", map[string]int{"nessuno": 401, "*": 400}}},
		"GET /pratiche/{id}": {{pratica, nil, vede}},
		"POST /pratiche/{id}/atti": {
			{pratica + "/atti", "", map[string]int{"nessuno": 401, "*": 400}},
			atto(oggetto{"atto": "inventato"}, map[string]int{"*": 422}),
			atto(oggetto{"atto": "presa_in_carico", "versione": 1}, map[string]int{"responsabile": 403, "direttore": 403, "*": 409}),
			atto(oggetto{"atto": "presa_in_carico"}, map[string]int{"urp": 422, "urp aziendale": 422, "*": 403}),
			atto(oggetto{"atto": "nota", "dati": oggetto{"nota": "Da rileggere."}}, map[string]int{"urp": 201, "urp aziendale": 201, "*": 403}),
			atto(oggetto{"atto": "chiarimenti", "per": camminoB, "dati": oggetto{"testo": "Per loro."}}, map[string]int{"*": 403}),
		},
		"POST /segnalazioni": {{"/segnalazioni", "", map[string]int{"*": 400}}, {"/segnalazioni", oggetto{"testo": ""},
			map[string]int{"amministratore": 403, "dpo": 403, "commissione": 403, "*": 422}}},
		"GET /segnalazioni/{codice}": {{"/segnalazioni/" + c.codice, nil, map[string]int{"nessuno": 401, "*": 404}},
			{"/segnalazioni/x", nil, map[string]int{"nessuno": 401, "*": 404}}},
		"GET /registro": {{"/registro", nil, map[string]int{"*": 200}}}, "GET /registro/checkpoint": {{"/registro/checkpoint", nil, map[string]int{"*": 200}},
			{"/registro/checkpoint?voci=999", nil, map[string]int{"*": 404}}},
		"GET /registro/prova": {{"/registro/prova?da=1&a=1", nil, map[string]int{"*": 200}}, {"/registro/prova?indice=0&a=1", nil, map[string]int{"*": 200}},
			{"/registro/prova", nil, map[string]int{"*": 422}}},
		"POST /registro/cofirme":              {{"/registro/cofirme", "", map[string]int{"*": 400}}, {"/registro/cofirme", oggetto{"checkpoint": "boh", "cofirma": "boh"}, map[string]int{"*": 422}}},
		"GET /segnalazioni/{codice}/ricevuta": {{"/segnalazioni/" + c.codice + "/ricevuta", nil, map[string]int{"nessuno": 401, "*": 404}}},
	}
	for _, x := range []string{"x", "%00", "..%2fricerca", "00000000-0000-0000-0000-00000000000g", c.assente} {
		m["GET /pratiche/{id}"] = append(m["GET /pratiche/{id}"], voce{"/pratiche/" + x, nil, storta})
		m["POST /pratiche/{id}/atti"] = append(m["POST /pratiche/{id}/atti"], voce{"/pratiche/" + x + "/atti", oggetto{"atto": "nota", "dati": oggetto{"nota": "x"}}, storta})
	}
	return m
}

// intera is all of an answer, without the number of its request.
func intera(r risposta) string {
	id := r.Header.Get("X-Request-Id")
	t := strings.ReplaceAll(fmt.Sprint(r.StatusCode, r.Header, string(r.byte)), id, "")
	return strings.ToLower(t)
}

func (c *camminata) fai(metodo string, x voce, chi camminante, stadio int) {
	c.t.Helper()
	token := ""
	if chi.ruolo != "" {
		token = c.token(chi.ruolo, chi.unita)
	}
	prima := c.seq()
	r := c.chiama(metodo, x.via, token, x.corpo)
	nome := fmt.Sprintf("%s %s %v as %s, stage %d", metodo, x.via, x.corpo, chi.nome, stadio)
	if n := x.atteso(chi, stadio); r.StatusCode >= 500 || r.StatusCode != n {
		c.t.Errorf("%s: %d, want %d: %s", nome, r.StatusCode, n, r.byte)
	}
	if r.Header.Get("Content-Security-Policy") != "default-src 'none'; frame-ancestors 'none'" {
		c.t.Errorf("%s: headers %v", nome, r.Header)
	}
	for _, v := range c.vietati(chi, stadio) {
		if storetest.Dice(intera(r), v) {
			c.t.Errorf("%s: it says %q: %s", nome, v, r.byte)
		}
	}
	if fatti := c.seq() - prima; fatti != 0 && (r.StatusCode != 201 || fatti != 1) || fatti == 0 && r.StatusCode == 201 {
		c.t.Errorf("%s: %d, and %d acts", nome, r.StatusCode, fatti)
	}
	if !strings.Contains(x.via, c.id.String()) || chi.vista(stadio) != "niente" {
		return
	}
	a := c.chiama(metodo, strings.ReplaceAll(x.via, c.id.String(), c.assente), token, x.corpo)
	if intera(a) != intera(r) {
		c.t.Errorf("%s: there %s, absent %s", nome, intera(r), intera(a))
	}
}

// TestCammino walks every described call.
func TestCammino(t *testing.T) {
	c := cammina(t)
	m := c.matrice()
	for percorso, v := range c.s.api.OpenAPI().Paths {
		for metodo, op := range map[string]bool{"GET": v.Get != nil, "POST": v.Post != nil, "PUT": v.Put != nil, "DELETE": v.Delete != nil, "PATCH": v.Patch != nil} {
			if _, ok := m[metodo+" "+percorso]; op != ok {
				t.Errorf("%s %s: described %v, in the matrix %v", metodo, percorso, op, ok)
			}
		}
	}
	for stadio := iniziale; stadio <= allaFirma; stadio++ {
		c.porta(stadio)
		for nome, voci := range c.matrice() {
			metodo, _, _ := strings.Cut(nome, " ")
			for _, x := range voci {
				for _, chi := range camminanti {
					c.fai(metodo, x, chi, stadio)
				}
			}
		}
	}
	c.ricerche()
	c.cittadino()
	c.altreTestate()
	for _, v := range append(slices.Concat(canarini["tutto"], canarini["copia"], canarini["B"]), c.codice, c.chiave) {
		if v != "danni" && strings.Contains(strings.ToLower(c.log.String()), strings.ToLower(v)) {
			t.Errorf("the log says %q", v)
		}
	}
}

// ricerche looks for the case by what is known of it.
func (c *camminata) ricerche() {
	c.t.Helper()
	for _, chi := range camminanti[1:] {
		for _, q := range []string{"quattrolampi", "qttznb70a41h501x", "raccontocanario", c.codice, "2026/1", ""} {
			r := c.vuole(200, c.chiama("POST", "/pratiche/ricerca", c.token(chi.ruolo, chi.unita), oggetto{"q": q}))
			dati := q == "" || q == "2026/1" // a code is a citizen's: it tells nothing to who was only asked
			vuole := chi.vista(allaFirma) == "tutto" || chi.vista(allaFirma) == "copia" && dati
			if trovata := len(r.json["pratiche"].([]any)) == 1; trovata != vuole {
				c.t.Errorf("search of %q as %s: found %v", q, chi.nome, trovata)
			}
		}
	}
}

// cittadino asks for the report with and without its key: what does not open says
// the same, and no more.
func (c *camminata) cittadino() {
	c.t.Helper()
	for _, via := range []string{"/segnalazioni/%s", "/segnalazioni/%s/ricevuta"} {
		assente := c.chiama("GET", fmt.Sprintf(via, vault.NewCodice()), vault.NewChiave().Valore(), nil)
		for _, k := range []string{vault.NewChiave().Valore(), "x", c.token(access.URPAziendale, "")} {
			if r := c.chiama("GET", fmt.Sprintf(via, c.codice), k, nil); intera(r) != intera(assente) || r.StatusCode != 404 {
				c.t.Errorf("wrong key: %s, absent: %s", intera(r), intera(assente))
			}
		}
		r := c.vuole(200, c.chiama("GET", fmt.Sprintf(via, c.codice), c.chiave, nil))
		for _, v := range append(slices.Concat(canarini["tutto"], canarini["copia"], canarini["B"]), c.chiave, c.id.String()) {
			if v == c.id.String() && strings.HasSuffix(via, "/ricevuta") {
				continue // the leaf names the case, by what opens nothing
			}
			if storetest.Dice(intera(r), v) {
				c.t.Errorf("the citizen's state says %q", v)
			}
		}
	}
	if r := c.chiama("GET", "/pratiche/"+c.id.String(), c.chiave, nil); r.StatusCode != 401 {
		c.t.Errorf("the citizen's key as a token: %d", r.StatusCode)
	}
}

// altreTestate gives the right token in every place but its own.
func (c *camminata) altreTestate() {
	c.t.Helper()
	token := c.token(access.URPAziendale, "")
	for _, x := range [][2]string{{"Cookie", "__Host-s=" + token}, {"Authorization", "Basic " + token}, {"Authorization", token}, {"X-Api-Key", token}, {"Authorization", "Bearer"}} {
		r := httptest.NewRequest(http.MethodGet, Prefisso+"/pratiche/"+c.id.String(), nil)
		r.Header.Set(x[0], x[1])
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			c.t.Errorf("%s: %d", x[0], w.Code)
		}
	}
}
