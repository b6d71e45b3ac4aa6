package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/document"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Ferma()
	os.Exit(code)
}

const telefono = "800 555 014"

// prova is the API on a real bench, with real accounts, and a client that holds
// every answer to its description.
type prova struct {
	t   testing.TB
	b   *storetest.Banco
	s   *server
	h   http.Handler
	log *bytes.Buffer
	tok map[string]string // by role and unit
	au  *auth.Auth
}

func monta(t testing.TB, b *storetest.Banco, cambia ...func(*Config)) *prova {
	t.Helper()
	p := &prova{t: t, b: b, log: &bytes.Buffer{}, tok: map[string]string{}}
	p.au = auth.New(auth.Config{Archivio: b.Store, Chiavi: b.Chiavi, Ring: b.Anello, Now: b.Orologio.Now, Costo: vault.Costo{Memoria: 64, Giri: 1, Fili: 1},
		Uffici: func(_ string, inForza []access.Incarico, _ day.Date) []string {
			var out []string
			for _, i := range inForza {
				out = append(out, b.Chi(i.Ruolo, i.Unita).Uffici...)
			}
			return out
		}})
	c := Config{Servizio: b.Servizio, Auth: p.au, Ente: b.Ente, Telefono: func() string { return telefono }, Carica: carica(b),
		Log: slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range cambia {
		f(&c)
	}
	p.s, p.h = nuovo(c)
	return p
}

// carica stores an attachment as the program does.
func carica(b *storetest.Banco) func(context.Context, string, vault.ID, vault.Slot, string, io.Reader) (pratica.File, error) {
	return func(_ context.Context, ente string, id vault.ID, slot vault.Slot, nome string, r io.Reader) (pratica.File, error) {
		f, sua := vault.NewID(b.Orologio.Now()), vault.NewKey()
		x, err := b.Blobs.PutFile(r, pratica.ChiaveFile(sua, pratica.BaseFile(slot.Key, ente, id, pratica.ParteCittadino)), pratica.ContestoFile(ente, id, f))
		return pratica.File{ID: f, Nome: vault.NewRiservato(document.CleanName(nome, x.Tipo)), Tipo: string(x.Tipo),
			Dimensione: x.Size, Dove: x.Address.String(), Impronta: x.PlainSum, Chiave: vault.NewRiservato(string(sua))}, err
	}
}

// token is that of a person who holds the role at the unit.
func (p *prova) token(ruolo, unita string) string {
	p.t.Helper()
	k := ruolo + ":" + unita
	if p.tok[k] != "" {
		return p.tok[k]
	}
	ctx, sistema := context.Background(), access.Sistema(p.b.Ente)
	utente := fmt.Sprintf("prova.%d", len(p.tok))
	chi, err := p.au.AddPerson(ctx, sistema, utente, "Prova "+ruolo, "")
	if err == nil {
		err = p.au.Incarica(ctx, sistema, chi.ID, access.Incarico{Ruolo: ruolo, Unita: unita, Dal: day.Of(2026, time.January, 1)})
	}
	if err == nil {
		p.tok[k], err = p.au.Token(ctx, sistema, chi.ID, "prova", p.b.Orologio.Now().AddDate(0, 6, 0))
	}
	if err != nil {
		p.t.Fatalf("token of %s: %v", k, err)
	}
	return p.tok[k]
}

// risposta is an answer, with its body decoded.
type risposta struct {
	*http.Response
	byte []byte
	json map[string]any
}

func (r risposta) testo(campo string) string { s, _ := r.json[campo].(string); return s }

// errori are the messages of a problem, field by field.
func (r risposta) errori() map[string]string {
	out := map[string]string{}
	l, _ := r.json["errors"].([]any)
	for _, x := range l {
		m := x.(map[string]any)
		out[m["campo"].(string)] = m["messaggio"].(string)
	}
	return out
}

// chiama sends a request; corpo is a string as it is, anything else as JSON.
// Headers come in pairs. The answer must match its description.
func (p *prova) chiama(metodo, percorso, token string, corpo any, intestazioni ...string) risposta {
	p.t.Helper()
	var in io.Reader = http.NoBody
	switch x := corpo.(type) {
	case nil:
	case string:
		in = strings.NewReader(x)
	default:
		b, err := json.Marshal(x)
		if err != nil {
			p.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	r := httptest.NewRequest(metodo, Prefisso+percorso, in)
	r.RemoteAddr = "192.0.2.7:5000"
	if corpo != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(intestazioni); i += 2 {
		r.Header.Set(intestazioni[i], intestazioni[i+1])
	}
	w := httptest.NewRecorder()
	p.h.ServeHTTP(w, r)
	out := risposta{Response: w.Result(), byte: w.Body.Bytes()}
	if out.Header.Get("Content-Type") == tipoNota { // as JSON would hold it
		out.json = map[string]any{}
	} else if err := json.Unmarshal(out.byte, &out.json); err != nil {
		p.t.Fatalf("%s %s: %d, not JSON: %.200q", metodo, percorso, out.StatusCode, out.byte)
	}
	p.descritta(metodo, percorso, out)
	return out
}

// descritta holds an answer to the description: the status is one of those
// listed, the body matches its schema, a problem is complete.
func (p *prova) descritta(metodo, percorso string, r risposta) {
	p.t.Helper()
	tipo := r.Header.Get("Content-Type")
	if r.StatusCode >= 400 && (tipo != "application/problem+json" || r.testo("detail") == "" || r.testo("title") == "" ||
		r.json["status"] != float64(r.StatusCode) || r.testo("richiesta") != r.Header.Get("X-Request-Id")) {
		p.t.Errorf("%s: %d %s is no complete problem: %s", metodo, r.StatusCode, tipo, r.byte)
	}
	if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("X-Content-Type-Options") != "nosniff" || len(r.Header.Get("X-Request-Id")) != 16 {
		p.t.Errorf("headers: %v", r.Header)
	}
	op := p.operazione(metodo, percorso)
	if op == nil {
		return
	}
	descritta := op.Responses[fmt.Sprint(r.StatusCode)]
	if descritta == nil {
		p.t.Errorf("%s %s: status %d is not described", metodo, op.Path, r.StatusCode)
		return
	}
	if descritta.Content[tipo] == nil {
		p.t.Errorf("%s %s: %d as %q is not described", metodo, op.Path, r.StatusCode, tipo)
		return
	}
	var v any
	if _ = json.Unmarshal(r.byte, &v); tipo == tipoNota {
		v = string(r.byte)
	}
	esito := &huma.ValidateResult{}
	huma.Validate(p.s.api.OpenAPI().Components.Schemas, descritta.Content[tipo].Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, esito)
	for _, e := range esito.Errors {
		p.t.Errorf("%s %s: %d: %v", metodo, op.Path, r.StatusCode, e)
	}
}

// operazione is the described call that a request is; nil if there is none.
func (p *prova) operazione(metodo, percorso string) *huma.Operation {
	percorso, _, _ = strings.Cut(percorso, "?")
	qui := strings.Split(percorso, "/")
	for modello, voce := range p.s.api.OpenAPI().Paths {
		parti := strings.Split(modello, "/")
		uguale := len(parti) == len(qui)
		for i := range parti {
			uguale = uguale && (parti[i] == qui[i] || strings.HasPrefix(parti[i], "{"))
		}
		op := map[string]*huma.Operation{"GET": voce.Get, "POST": voce.Post}[metodo]
		if uguale && op != nil && !(modello == "/pratiche/{id}" && percorso == "/pratiche/ricerca") {
			return op
		}
	}
	return nil
}

// vuole fails unless the answer has the status.
func (p *prova) vuole(stato int, r risposta) risposta {
	p.t.Helper()
	if r.StatusCode != stato {
		p.t.Fatalf("status %d, want %d: %s", r.StatusCode, stato, r.byte)
	}
	return r
}

type oggetto = map[string]any

func reclamo() oggetto {
	return oggetto{"tipo": "reclamo", "oggetto": "Nove ore di attesa", "testo": "Ho aspettato nove ore con mia madre e nessuno ci ha dato notizie.",
		"luogo":      oggetto{"presidio": "Ospedale Santa Chiara – Montelago", "unita": "Pronto Soccorso"},
		"quando":     "2026-02-27",
		"segnalante": oggetto{"nome": "Ilaria", "cognome": "Brambati", "email": "ilaria@esempio.example", "telefono": "0376 555 0142"},
		"assistito":  nil}
}

// The description lists every call of the contract, and nothing else answers.
func TestOpenAPI(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	r := httptest.NewRequest("GET", Prefisso+"/openapi.json", nil)
	w := httptest.NewRecorder()
	p.h.ServeHTTP(w, r)
	var d struct {
		OpenAPI    string
		Servers    []struct{ URL string }
		Paths      map[string]map[string]struct{ RequestBody *struct{ Required bool } }
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil || w.Code != 200 {
		t.Fatal(w.Code, err)
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1.") || len(d.Servers) != 1 || d.Servers[0].URL != Prefisso {
		t.Errorf("openapi %s, servers %v", d.OpenAPI, d.Servers)
	}
	conCorpo := map[string]bool{"post /segnalazioni": true, "get /segnalazioni/{codice}": false, "get /segnalazioni/{codice}/ricevuta": false,
		"post /pratiche/ricerca": true, "get /pratiche": false, "get /pratiche/{id}": false, "post /pratiche/{id}/atti": true,
		"get /registro": false, "get /registro/checkpoint": false, "get /registro/prova": false, "post /registro/cofirme": true}
	for percorso, metodi := range d.Paths {
		for metodo, op := range metodi {
			k := metodo + " " + percorso
			corpo, ok := conCorpo[k]
			if !ok || corpo != (op.RequestBody != nil && op.RequestBody.Required) {
				t.Errorf("%s: in the contract %v, body %v", k, ok, op.RequestBody)
			}
			delete(conCorpo, k)
		}
	}
	if len(conCorpo) > 0 {
		t.Errorf("not described: %v", conCorpo)
	}
	if d.Components.Schemas["ErrorModel"] != nil || d.Components.Schemas["Problema"] == nil {
		t.Error("the problems described are not ours")
	}
	for _, x := range [][2]string{{"GET", "/docs"}, {"GET", "/openapi.yaml"}, {"GET", "/schemas/Riga"}, {"GET", "/pratiche/x/y"}, {"POST", "/"}} {
		p.vuole(404, p.chiama(x[0], x[1], "", nil))
	}
	if a := p.vuole(405, p.chiama("DELETE", "/segnalazioni", "", nil)).Header.Get("Allow"); a != "POST" {
		t.Errorf("Allow: %q", a)
	}
}

// Every registered pattern is either a described call or one of the three that
// finisci adds.
func TestRotte(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	for percorso, voce := range p.s.api.OpenAPI().Paths {
		for metodo, op := range map[string]*huma.Operation{"GET": voce.Get, "POST": voce.Post} {
			if op == nil {
				continue
			}
			vero := strings.NewReplacer("{codice}", "ABCD2345WXYZ", "{id}", vault.NewID(time.Unix(0, 0)).String()).Replace(percorso)
			r := p.chiama(metodo, vero, "", nil)
			vuole := 401
			if stato, tutti := map[string]int{"/segnalazioni": 415, "/registro/cofirme": 415, // anybody may, with a body of JSON
				"/registro": 200, "/registro/checkpoint": 200, "/registro/prova": 422}[percorso]; tutti {
				vuole = stato
			}
			if r.StatusCode != vuole {
				t.Errorf("%s %s without anything: %d", metodo, percorso, r.StatusCode)
			}
			if vuole == 401 && r.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: 401 without WWW-Authenticate", metodo, percorso)
			}
		}
	}
}
