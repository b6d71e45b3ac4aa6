package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tutela/internal/fault"
	"tutela/internal/pratica"
)

// Problema is an error as callers read it (RFC 9457). It never repeats a value
// that was sent.
type Problema struct {
	Type      string        `json:"type" doc:"Sempre about:blank: la differenza la fa status."`
	Title     string        `json:"title" doc:"Lo stato, in parole."`
	Status    int           `json:"status"`
	Detail    string        `json:"detail" doc:"Che cosa fare, per la persona."`
	Errors    []ErroreCampo `json:"errors,omitempty" nullable:"false" doc:"Campo per campo."`
	Motivi    []string      `json:"motivi,omitempty" nullable:"false" doc:"Perché le regole non lo permettono ora."`
	Prima     *Prima        `json:"prima,omitempty" doc:"Chi è stato più rapido, con 409."`
	Richiesta string        `json:"richiesta" doc:"Il numero di questa richiesta, da dire a chi assiste. È anche in X-Request-Id."`

	attesa time.Duration // after which to try again
}

// ErroreCampo is what is wrong with one field.
type ErroreCampo struct {
	Campo     string `json:"campo" example:"segnalante.email"`
	Messaggio string `json:"messaggio"`
}

// Prima is the act that came first.
type Prima struct {
	Versione int    `json:"versione" doc:"La versione di adesso: rileggi la pratica prima di riprovare."`
	Persona  string `json:"persona,omitempty"`
	Ufficio  string `json:"ufficio,omitempty" example:"urp:URP-MONTELAGO"`
}

// Error is the sentence for the person.
func (p *Problema) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problema) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problema) ContentType(string) string { return "application/problem+json" }

var titoli = map[int]string{
	400: "Richiesta che non si legge", 401: "Non sappiamo chi sei", 403: "Non spetta a te", 404: "Non c'è", 405: "Metodo non ammesso",
	406: "Formato non disponibile", 408: "Troppo tempo", 409: "Qualcuno è stato più rapido", 413: "Troppo grande", 415: "Tipo di contenuto non ammesso",
	422: "Da correggere", 429: "Troppe richieste", 500: "Errore nostro", 503: "Servizio non disponibile",
}

// errAttesa is an error after which one should wait.
type errAttesa struct {
	error
	attesa time.Duration
}

func (e errAttesa) Unwrap() error { return e.error }

// problema turns an error into what the caller reads. What is ours to mend is
// logged with the route and the request's number, never with what was sent.
func (s *server) problema(ctx context.Context, err error) *Problema {
	c := chiamataDi(ctx)
	p := &Problema{}
	if !errors.As(err, &p) {
		k := fault.KindOf(err)
		p = &Problema{Status: k.Status(), Detail: fault.Message(err)}
		var f *fault.Error
		if errors.As(err, &f) {
			for _, campo := range slices.Sorted(maps.Keys(f.Campi)) {
				p.Errors = append(p.Errors, ErroreCampo{campo, f.Campi[campo]})
			}
			p.Motivi = f.Motivi
		}
		if k == fault.Internal || k == fault.Unavailable {
			s.Log.Error("request failed", "route", c.r.Pattern, "request", c.id, "err", err)
			p.Detail += s.chiama()
		}
	}
	if prima := (*pratica.Superato)(nil); errors.As(err, &prima) {
		p.Prima = &Prima{prima.Versione, prima.Persona, prima.Ufficio}
	}
	var a errAttesa
	if errors.As(err, &a) {
		p.attesa = a.attesa
	}
	return s.completa(c, p)
}

// chiama says whom to call when the service is not there.
func (s *server) chiama() string {
	if s.Telefono == nil || s.Telefono() == "" {
		return ""
	}
	return " Se è urgente chiama l'URP: " + s.Telefono() + "."
}

// completa fills in what every problem carries, and its headers.
func (s *server) completa(c *chiamata, p *Problema) *Problema {
	p.Type, p.Title, p.Richiesta = "about:blank", cmp.Or(titoli[p.Status], "Errore"), c.id
	if p.attesa == 0 && (p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests) {
		p.attesa = 10 * time.Second
	}
	if p.attesa > 0 {
		c.w.Header().Set("Retry-After", strconv.Itoa(int((p.attesa+time.Second-1)/time.Second)))
	}
	if p.Status == http.StatusUnauthorized {
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="tutela"`)
	}
	return p
}

// scrivi sends a problem outside of any call.
func (s *server) scrivi(w http.ResponseWriter, r *http.Request, p *Problema) {
	p = s.completa(chiamataDi(r.Context()), p)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// italiano turns the errors that huma finds by itself, in parameters, into ours:
// its own repeat what was sent, in English.
func (s *server) italiano(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problema{Status: e.Status, Detail: "Controlla i campi indicati."}
	for _, x := range e.Errors {
		dove, campo, _ := strings.Cut(x.Location, ".")
		m := "Questo valore non va bene: guarda " + Prefisso + "/openapi.json."
		if dove == "query" && strings.HasPrefix(x.Message, "unknown") {
			m = "Questo parametro non c'è."
		}
		p.Errors = append(p.Errors, ErroreCampo{accorcia(campo), m})
	}
	if e.Status >= http.StatusInternalServerError {
		return s.problema(ctx.Context(), fmt.Errorf("huma: %s", e.Detail)), nil
	}
	return s.completa(chiamataDi(ctx.Context()), p), nil
}

// problemi are the error answers of a call, for its description.
func (s *server) problemi(stati []int) map[string]*huma.Response {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problema](), true, "")
	out := map[string]*huma.Response{}
	for _, x := range append(stati, http.StatusBadRequest, http.StatusInternalServerError, http.StatusServiceUnavailable) {
		out[strconv.Itoa(x)] = &huma.Response{Description: titoli[x],
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
	}
	return out
}
