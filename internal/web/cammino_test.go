package web

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/custody"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// The walk asks every registered route as everybody: a route without a row in the
// matrix fails, and so does an answer that says more than its reader may know.
//
// ref: gdpr art. 5, 32

const (
	strutturaA = "SC-21501"          // asked, and what the case is about
	strutturaB = "SC-26901-03999001" // asked too, below another head
	nomeB      = "Radiologia Santa Ch"
)

// The canaries: words that stand nowhere but in the case, by who may read them.
var canarini = map[string][]string{
	"nucleo": {"zenobiarda", "quattrolampi", "qttznb70a41h501x", "zq.canaria@esempio.example", "canaria.pec@esempio.example", "0376 555 0199",
		"vicolo canarino", "borgocanario", "46999", "lampadofora", "trentaquadri", "trtldr44b02h501y", "1944-02-02", "nipotecanaria", "oggettocanario",
		"raccontocanario", "desideriocanario", "quandocanario", "aiutocanario", "ritardocanario", "testimonecanario", "notacanaria", "lettocanario",
		"refertocanario", "paginacanaria", "bozzacanaria", "richiesta di danni"},
	"chiesto": {"quesitocanario"},
	"A":       {"copiacanaria", "nove quadri"},
	"B":       {"copiaseconda", "rispostaseconda", "allegatosecondo", "contenutosecondo"},
}

func segnalazioneCanaria() pratica.Segnalazione {
	return pratica.Segnalazione{Tipo: "reclamo", Oggetto: "Oggettocanario in corsia", Testo: "Raccontocanario: mia zia ha aspettato nove ore.",
		Chiede: "Desideriocanario", Presidio: "Ospedale Santa Chiara – Montelago", Unita: "Pronto Soccorso", Quando: "quandocanario di sera",
		Aiuto: "aiutocanario", Ritardo: "ritardocanario", Testimone: "Testimonecanario", Delega: "familiare", NoteURP: "Notacanaria, lettocanario",
		Lingua: "Italiano", Ricapito: "email",
		Segnalante: &pratica.Persona{Nome: "Zenobiarda", Cognome: "Quattrolampi", CodiceFiscale: "QTTZNB70A41H501X", Email: "zq.canaria@esempio.example",
			PEC: "canaria.pec@esempio.example", Telefono: "0376 555 0199", Indirizzo: "Vicolo Canarino 3", Comune: "Borgocanario", CAP: "46999"},
		Assistito: &pratica.Persona{Nome: "Lampadofora", Cognome: "Trentaquadri", CodiceFiscale: "TRTLDR44B02H501Y", DataNascita: "1944-02-02", Rapporto: "nipotecanaria"}}
}

// camminata is the bench of a walk: one case, and a session for everybody.
type camminata struct {
	*admBanco
	s           *Server
	log         *bytes.Buffer
	ric         pratica.Ricevuta
	file        map[string]vault.ID // of the citizen, of B
	biscotti    map[string]string   // sessions, by person
	assente     vault.ID
	commissario string // who sits in its session
	altra       string // a person of the ente, to whom nothing happens
	rete        int
	stadio      int
	atti        int // that the case must have
}

// camminante is somebody who walks: the office held, and which canaries go with the
// copy, where that is what is shown. How much is shown the policy says.
type camminante struct {
	nome, ruolo, unita string
	gruppi             []string
}

// The stages of the case at which it is walked.
const (
	iniziale   = iota // taken on: no structure was asked yet
	chiesta           // two structures were asked, one answered
	allaFirma         // a draft waits for the Direttore sanitario
	ultimo     = allaFirma
	nessunoChi = "nessuno"
)

var camminanti = []camminante{
	{nessunoChi, "", "", nil},
	{"front-office", access.FrontOffice, "FO-SANTA-CHIARA", nil},
	{"urp altro", access.URP, "URP-SAN-DEFENDENTE", nil},
	{"urp", access.URP, "URP-SANTA-CHIARA", nil},
	{"urp aziendale", access.URPAziendale, "", nil},
	{"responsabile", access.Responsabile, strutturaA, []string{"A", "chiesto"}},
	{"responsabile altro", access.Responsabile, "SC-13701-03999001", nil},
	{"direttore", access.DirettoreMacrostruttura, "DIP-AREA-EMERGENZA-URGENZA", []string{"A", "chiesto"}},
	{"direttore altro", access.DirettoreMacrostruttura, "DIP-AREA-MEDICA", nil},
	{"direttore sanitario", access.DirettoreSanitario, "", nil},
	{"direttore amministrativo", access.DirettoreAmministrativo, "", nil},
	{"amministratore", access.Amministratore, "", nil},
	{"dpo", access.DPO, "", nil},
	{"upt", access.UPT, "", nil},
	{"upt operatore", access.UPTOperatore, "", nil},
	{"commissione", access.Commissione, "", nil},
	{"commissario", access.Commissione, "", []string{"A", "B", "chiesto"}}, // sits in its session
}

// dellaSeduta reports whether a canary is in the copy that a session reads.
func (p camminante) dellaSeduta(c *camminata, v string) bool {
	return v == c.ric.ID.String() || v == pratica.NumeroScritto(c.ric.Anno, c.ric.Numero) ||
		slices.ContainsFunc(p.gruppi, func(g string) bool { return slices.Contains(canarini[g], v) })
}

// siede reports whether the person is asked for a case, and sits in its session.
func (p camminante) siede(x tappa, stadio int) bool {
	return p.nome == "commissario" && stadio >= chiesta && strings.HasPrefix(x.rotta.Percorso, "/sedute")
}

// vietati are the canaries that the person must not be shown at a stage.
func (p camminante) vietati(c *camminata, stadio int) []string {
	if p.vista(stadio) == "tutto" {
		return nil
	}
	out := []string{c.ric.Codice, strings.ToLower(vault.Gruppi(c.ric.Codice)), c.ric.Chiave.Valore()}
	if p.vista(stadio) == "copia" { // whom else the office asked
		out = append(out, nomeB, strutturaB)
	} else {
		out = append(out, c.ric.ID.String(), pratica.NumeroScritto(c.ric.Anno, c.ric.Numero))
	}
	for gruppo, parole := range canarini {
		if p.vista(stadio) == "niente" || !slices.Contains(p.gruppi, gruppo) {
			out = append(out, parole...)
		}
	}
	return out
}

func cammina(t *testing.T) *camminata {
	t.Helper()
	c := &camminata{admBanco: admApri(t).conTutto(), log: &bytes.Buffer{}, file: map[string]vault.ID{}, biscotti: map[string]string{}}
	prima := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(prima) })
	conf := Config{Servizio: c.Servizio, Auth: c.auth, EnteID: c.Ente, Now: c.Orologio.Now, Bozze: c.Store, Blobs: c.Blobs, Anello: c.Anello,
		Viste: c.Store, Ambienti: c.amb, Custody: c.custodia(), Ente: Ente{Nome: "ASST Montelago", Telefono: "800 000 000"}, Log: slog.Default()}
	var err error
	c.h, err = New(conf)
	c.ok(err)
	c.s = &Server{Config: conf}
	c.s.rotte = c.s.aree() // as New does
	c.altra = c.aggiungi("persona.altra", access.FrontOffice, "FO-RIVALTA")
	c.Servizio.Holding = c.auth.Holding
	for _, p := range camminanti[1:] {
		utente := strings.ReplaceAll(p.nome, " ", ".")
		if id := c.aggiungi(utente, p.ruolo, p.unita); p.nome == "commissario" {
			c.commissario = id
		}
		c.biscotti[p.nome] = c.entra(utente, frasePassword)
	}
	c.assente = vault.NewID(c.Orologio.Now())
	c.registra()
	return c
}

// allegato encrypts a file for a part of the case.
func (c *camminata) allegato(nome, testo string, base []byte, caso vault.ID) pratica.File {
	c.t.Helper()
	id, sua := vault.NewID(c.Orologio.Now()), vault.NewKey()
	x, err := c.Blobs.PutFile(strings.NewReader(testo), pratica.ChiaveFile(sua, base), pratica.ContestoFile(c.Ente, caso, id))
	c.ok(err)
	return pratica.File{ID: id, Nome: vault.NewRiservato(nome), Tipo: string(x.Tipo), Dimensione: x.Size, Dove: x.Address.String(), Impronta: x.PlainSum,
		Chiave: vault.NewRiservato(string(sua))}
}

func (c *camminata) registra() {
	c.t.Helper()
	ctx := context.Background()
	slot, err := c.Servizio.Pool.Take(ctx)
	c.ok(err)
	id := vault.NewID(c.Orologio.Now())
	f := c.allegato("refertocanario.txt", "Paginacanaria del diario.\n", pratica.BaseFile(slot.Key, c.Ente, id, pratica.ParteCittadino), id)
	c.file["cittadino"] = f.ID
	c.ric, err = c.Servizio.Registra(ctx, c.Chi(access.URP, "URP-SANTA-CHIARA"), pratica.Nuova{ID: id, Slot: slot, Canale: "lettera",
		Segnalazione: pratica.Chiudi(segnalazioneCanaria()), File: []pratica.File{f}})
	c.ok(err)
}

// porta brings the case to a stage.
func (c *camminata) porta(stadio int) {
	c.t.Helper()
	c.stadio = stadio
	urp, az, b := c.Chi(access.URP, "URP-SANTA-CHIARA"), c.Chi(access.URPAziendale, ""), c.Chi(access.Responsabile, strutturaB)
	fa := func(chi access.Chi, atto string, dati pratica.Dati, file ...pratica.File) {
		c.t.Helper()
		c.Orologio.Avanza(time.Second)
		_, err := c.Servizio.Esegui(context.Background(), chi, pratica.Comando{Pratica: c.ric.ID, Atto: atto, Dati: dati, File: file})
		c.ok(err)
	}
	switch stadio {
	case iniziale:
		fa(urp, "presa_in_carico", nil)
		fa(urp, "valutazione", pratica.Dati{"natura": "sanitaria", "danni": "possibili"})
	case chiesta:
		fa(urp, "informativa", nil)
		e := *c.amb.Ente(c.Ente)
		e.Riservate = []string{strutturaB} // asked beside one without keys of its own
		c.ok(c.amb.SalvaEnte(context.Background(), e))
		fa(urp, "richiesta_chiarimenti", pratica.Dati{"quesito": "Quesitocanario?", "strutture": []map[string]string{
			{"id": strutturaA, "copia": "Copiacanaria: nove quadri."}, {"id": strutturaB, "copia": "Copiaseconda."}}})
		k, err := c.Servizio.BaseAllegati(context.Background(), b, pratica.Comando{Pratica: c.ric.ID, Atto: "chiarimenti", Per: strutturaB})
		c.ok(err)
		f := c.allegato("allegatosecondo.txt", "Contenutosecondo.\n", k, c.ric.ID)
		c.file["B"] = f.ID
		fa(b, "chiarimenti", pratica.Dati{"testo": "Rispostaseconda."}, f)
		oggi := c.Servizio.Oggi()
		fa(az, "convocazione_seduta", pratica.Dati{"seduta_il": oggi.String(), "legge_dal": oggi.String(), "legge_al": oggi.Add(1).String(),
			"membri": []string{c.commissario}, "leggono": "copia", "motivo": "Notacanaria della convocazione."})
	case allaFirma:
		fa(az, "bozza_risposta", pratica.Dati{"testo": "Bozzacanaria: ci scusiamo."})
	}
}

// seq is how many acts the case has.
func (c *camminata) seq() int {
	c.t.Helper()
	h, atti, err := c.Store.Leggi(context.Background(), c.ric.ID)
	c.ok(err)
	if h.Seq != len(atti) {
		c.t.Fatalf("%d acts, seq %d", len(atti), h.Seq)
	}
	return h.Seq
}

// tappa is one request of the walk, with what it must answer.
type tappa struct {
	rotta rotta
	via   string     // path and query
	corpo url.Values // of a POST; nil: an empty one
	stati stati
}

// stati are the statuses expected: of the UPT whose key is not open ("chiusa"), if it
// is said, of who sees nothing of the case, else by
// person, else by how much of it the person sees, else "*".
type stati map[string]int

func (x stati) di(p camminante, stadio int) int {
	vista := p.vista(stadio)
	if n, ok := x["chiusa"]; ok && slices.Contains(custody.Ruoli(), p.ruolo) {
		return n
	}
	if n, ok := x["niente"]; ok && vista == "niente" {
		return n
	}
	for _, k := range []string{p.nome, vista, "*"} {
		if n, ok := x[k]; ok {
			return n
		}
	}
	return 0
}

// manda sends a request as a person, each from a network of its own.
func (c *camminata) manda(p camminante, x tappa, intestazioni ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(x.rotta.Metodo, x.via, strings.NewReader(x.corpo.Encode()))
	if x.rotta.Metodo == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(intestazioni); i += 2 {
		r.Header.Set(intestazioni[i], intestazioni[i+1])
	}
	c.rete++
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.9:4000", c.rete/250, c.rete%250)
	b := c.biscotti[p.nome]
	if x.rotta.Percorso == "/esci" && b != "" { // leaves, and would not come back
		b = c.entra(strings.ReplaceAll(p.nome, " ", "."), frasePassword)
	}
	if b != "" {
		r.AddCookie(&http.Cookie{Name: biscottoSessione, Value: b})
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	return w
}

// intero is all of an answer, as somebody would search in it, unpacked.
func intero(w *httptest.ResponseRecorder) string {
	corpo := elenchi.ReplaceAllString(w.Body.String(), "")
	if z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len())); err == nil {
		for _, f := range z.File {
			if r, err := f.Open(); err == nil {
				b, _ := io.ReadAll(r)
				corpo += f.Name + string(b)
			}
		}
	}
	return strings.ToLower(fmt.Sprint(w.Code, w.Header(), html.UnescapeString(corpo), corpo))
}

// elenchi are the suggestions of a field: all the units of the chart, whatever the case.
var elenchi = regexp.MustCompile(`(?s)<datalist.*?</datalist>`)

// sigilli are the forms that wait on the sign-in page and its challenge: each is
// sealed anew.
var sigilli = regexp.MustCompile(`name="(?:sospeso|sigillo)" value="[^"]*"|data-passkey="[^"]*"`)

// controlla holds an answer to what every answer must be, and to what the person
// may read.
func (c *camminata) controlla(p camminante, x tappa, stadio int, w *httptest.ResponseRecorder) {
	c.t.Helper()
	chi := fmt.Sprintf("%s %s as %s, stage %d", x.rotta.Metodo, x.via, p.nome, stadio)
	if w.Code >= 500 {
		c.t.Errorf("%s: %d %s", chi, w.Code, soloTesto(w.Body.String()))
	}
	k := w.Header()
	csp := k.Get("Content-Security-Policy")
	if csp != politica && (csp != "sandbox; default-src 'none'" || k.Get("Content-Disposition") == "") || k.Get("X-Content-Type-Options") != "nosniff" || k.Get("Referrer-Policy") != "no-referrer" {
		c.t.Errorf("%s: headers %v", chi, k)
	}
	if t := k.Get("Content-Type"); (t == "" || strings.HasPrefix(t, "text/html")) && !strings.Contains(k.Get("Cache-Control"), "no-store") {
		c.t.Errorf("%s: %d without no-store", chi, w.Code)
	}
	tutto := intero(w)
	if p.nome == nessunoChi { // it is sent to the sign-in with the address it asked for
		tutto = strings.ReplaceAll(tutto, c.ric.ID.String(), "")
	}
	if p.nome == "dpo" && x.rotta.Percorso == "/accessi" { // which case was read is what the log is for: its number, and nothing else
		tutto = strings.ReplaceAll(tutto, pratica.NumeroScritto(c.ric.Anno, c.ric.Numero), "")
	}
	for _, v := range p.vietati(c, stadio) {
		if p.siede(x, stadio) && p.dellaSeduta(c, v) {
			continue
		}
		if storetest.Dice(tutto, v) {
			c.t.Errorf("%s: it says %q: %d %s", chi, v, w.Code, soloTesto(w.Body.String()))
		}
	}
	if x.rotta.Chi == nil {
		return
	}
	if p.nome == nessunoChi {
		vuole := http.StatusUnauthorized
		if x.rotta.Metodo == http.MethodGet {
			vuole = http.StatusSeeOther
		}
		if w.Code != vuole || w.Code == http.StatusSeeOther && !strings.HasPrefix(k.Get("Location"), "/entra?poi=") {
			c.t.Errorf("%s: %d %s", chi, w.Code, k.Get("Location"))
		}
	}
}

// atteso is the status that the person must have.
func (x tappa) atteso(p camminante, stadio int) int {
	switch {
	case x.rotta.Chi != nil && p.nome == nessunoChi && x.rotta.Metodo == http.MethodGet:
		return http.StatusSeeOther
	case x.rotta.Chi != nil && p.nome == nessunoChi:
		return http.StatusUnauthorized
	case x.rotta.Chi != nil && !slices.Equal(x.rotta.Chi, tutti) && !slices.Contains(x.rotta.Chi, p.ruolo):
		return http.StatusForbidden
	}
	return x.stati.di(p, stadio)
}

// fai sends one step as one person and checks all of it.
func (c *camminata) fai(p camminante, x tappa, stadio int) {
	c.t.Helper()
	w := c.manda(p, x)
	c.controlla(p, x, stadio, w)
	if vuole := x.atteso(p, stadio); w.Code != vuole {
		c.t.Errorf("%s %s (%v) as %s, stage %d: %d, want %d: %s", x.rotta.Metodo, x.via, len(x.corpo), p.nome, stadio, w.Code, vuole, soloTesto(w.Body.String()))
	}
	if x.rotta.Metodo == http.MethodPost && x.rotta.Percorso == "/pratica/{id}/atto/{atto}" && w.Code == http.StatusSeeOther && w.Header().Get("Location") != "/chiavi" { // who has no key yet is sent to make it
		c.atti++
	}
	if x.rotta.Metodo == http.MethodPost && c.seq() != c.atti {
		c.t.Errorf("%s %s as %s: %d, and the case has %d acts, not %d", x.rotta.Metodo, x.via, p.nome, w.Code, c.seq(), c.atti)
		c.atti = c.seq()
	}
	if !strings.Contains(x.via, c.ric.ID.String()) || p.vista(stadio) != "niente" || p.siede(x, stadio) {
		return
	}
	// For who may not see it, the case is as if it were not there.
	y := x
	y.via = strings.ReplaceAll(x.via, c.ric.ID.String(), c.assente.String())
	a := c.manda(p, y)
	uguale := func(w *httptest.ResponseRecorder) string {
		corpo := sigilli.ReplaceAllString(w.Body.String(), "")
		return strings.NewReplacer(c.ric.ID.String(), "ID", c.assente.String(), "ID").Replace(fmt.Sprint(w.Code, w.Header(), corpo))
	}
	if uguale(w) != uguale(a) {
		c.t.Errorf("%s %s as %s, stage %d: there %s, absent %s", x.rotta.Metodo, x.via, p.nome, stadio, uguale(w), uguale(a))
	}
}

// TestCammino walks all of it.
func TestCammino(t *testing.T) {
	c := cammina(t)
	for stadio := iniziale; stadio <= ultimo; stadio++ {
		c.porta(stadio)
		c.comeIFatti(stadio)
		c.atti = c.seq()
		for _, x := range c.rotte(stadio) {
			for _, p := range camminanti {
				c.fai(p, x, stadio)
			}
		}
		if c.seq() != c.atti {
			t.Errorf("reading changed the case: %d acts, not %d", c.seq(), c.atti)
		}
	}
	c.daAltroSito()
	c.ricerche()
	for _, parole := range canarini {
		for _, v := range append(parole, c.ric.Codice, c.ric.Chiave.Valore(), frasePassword) {
			if strings.Contains(strings.ToLower(c.log.String()), strings.ToLower(v)) {
				t.Errorf("the log says %q", v)
			}
		}
	}
}

// rotte are the steps of a stage: every registered route, each way the matrix
// tells. The routes that name no case are walked once.
func (c *camminata) rotte(stadio int) []tappa {
	c.t.Helper()
	var out []tappa
	viste := map[string]bool{}
	m := matrice(c)
	for _, x := range c.s.rotte {
		nome := x.Metodo + " " + x.Percorso
		righe, ok := m[nome]
		if !ok {
			c.t.Errorf("%s has no row in the matrix", nome)
		}
		viste[nome] = true
		diCaso := strings.HasPrefix(x.Percorso, "/pratica/") || strings.HasPrefix(x.Percorso, "/sedute") || strings.HasPrefix(x.Percorso, "/firma/")
		for _, r := range righe {
			if !diCaso && stadio != ultimo || r.da > stadio {
				continue
			}
			out = append(out, tappa{x, r.via, r.corpo, r.stati})
		}
	}
	for nome := range m {
		if !viste[nome] {
			c.t.Errorf("%s is in the matrix and is no route", nome)
		}
	}
	return out
}

// daAltroSito sends every form from another site.
func (c *camminata) daAltroSito() {
	c.t.Helper()
	prima := c.seq()
	for _, x := range c.rotte(ultimo) {
		if x.rotta.Metodo != http.MethodPost {
			continue
		}
		if w := c.manda(camminanti[3], x, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
			c.t.Errorf("%s from another site: %d", x.via, w.Code)
		}
	}
	if c.seq() != prima {
		c.t.Error("another site changed the case")
	}
}

// ricerche looks for the case by each of what is known of it: who may not read it
// finds nothing, and nobody finds more than he may read.
func (c *camminata) ricerche() {
	c.t.Helper()
	cerca := rotta{"POST", "/cerca", tutti, nil}
	for _, p := range camminanti[1:] {
		for _, q := range []string{"quattrolampi", "QTTZNB70A41H501X", "0376 555 0199", "raccontocanario", c.ric.Codice, strconv.Itoa(c.ric.Numero), "2026/1"} {
			w := c.manda(p, tappa{rotta: cerca, via: "/cerca", corpo: url.Values{"q": {q}}})
			if w.Code != http.StatusSeeOther {
				c.t.Errorf("search as %s: %d", p.nome, w.Code)
			}
			trovata := strings.HasPrefix(w.Header().Get("Location"), "/pratica/"+c.ric.ID.String())
			if !trovata {
				r := httptest.NewRequest("GET", "/cerca", nil)
				r.AddCookie(&http.Cookie{Name: biscottoSessione, Value: c.biscotti[p.nome]})
				for _, b := range w.Result().Cookies() {
					r.AddCookie(b)
				}
				w = httptest.NewRecorder()
				c.h.ServeHTTP(w, r)
				testo := strings.ReplaceAll(intero(w), strings.ToLower(q), "")
				trovata = strings.Contains(testo, c.ric.ID.String())
				for _, v := range p.vietati(c, ultimo) {
					if strings.Contains(testo, strings.ToLower(v)) {
						c.t.Errorf("search of %q as %s says %q", q, p.nome, v)
					}
				}
			}
			dati := len(q) < 7 // a number of the register; a code is a citizen's
			if vuole := p.vista(ultimo) == "tutto" || p.vista(ultimo) == "copia" && dati; trovata != vuole {
				c.t.Errorf("search of %q as %s: found %v", q, p.nome, trovata)
			}
		}
		if !puoRegistrare(c.Servizio.Ambiente(c.Ente), c.Chi(p.ruolo, p.unita)) {
			continue
		}
		// A form of the desk that looks for duplicates finds none of somebody else's.
		w := c.manda(p, tappa{rotta: rotta{"GET", "/nuova", tutti, nil}, via: "/nuova"})
		via := c.azione(w)
		w = c.manda(p, tappa{rotta: rotta{"POST", "/nuova", tutti, nil}, via: via, corpo: url.Values{"fai": {"doppioni"}, "canale": {"sportello"},
			"nome": {"Zenobiarda"}, "cognome": {"Quattrolampi"}, "codice-fiscale": {"QTTZNB70A41H501X"}, "testo": {"x"}}})
		testo := strings.NewReplacer("zenobiarda", "", "quattrolampi", "", "qttznb70a41h501x", "").Replace(intero(w))
		if trovata := strings.Contains(testo, c.ric.ID.String()); w.Code != http.StatusOK || trovata != (p.vista(ultimo) == "tutto") {
			c.t.Errorf("duplicates as %s: %d, found %v", p.nome, w.Code, trovata)
		}
		for _, v := range p.vietati(c, ultimo) {
			if strings.Contains(testo, strings.ToLower(v)) {
				c.t.Errorf("duplicates as %s say %q", p.nome, v)
			}
		}
	}
}

// azione is the address of the form of the page of a new segnalazione.
func (c *camminata) azione(w *httptest.ResponseRecorder) string {
	c.t.Helper()
	_, dopo, ok := strings.Cut(html.UnescapeString(w.Body.String()), `action="/nuova?modulo=`)
	if !ok {
		c.t.Fatalf("no form: %d %s", w.Code, soloTesto(w.Body.String()))
	}
	modulo, _, _ := strings.Cut(dopo, `"`)
	return "/nuova?modulo=" + modulo
}
