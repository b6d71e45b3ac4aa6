// Package api is the REST door, /api/v1: the same commands that the pages use,
// for programs. The only way to say who one is, is the Authorization header;
// cookies are not read. What a call accepts and gives is described once, by the
// Go types, from which the OpenAPI description and the check of what arrives are
// both made.
package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// Prefisso is where the calls of this version live.
const Prefisso = "/api/v1"

// Autenticazione says whose a token is; package auth satisfies it. A token that
// is nobody's is fault.Unauthenticated.
type Autenticazione interface {
	Bearer(ctx context.Context, ente, token string) (access.Chi, error)
}

// Config is what New needs.
type Config struct {
	Servizio *pratica.Servizio
	Auth     Autenticazione // nil: no staff may call
	Ente     string
	// Carica encrypts and stores an attachment, named as the person named it, under
	// the key of the case it will belong to. Nil: attachments are refused.
	Carica   func(ctx context.Context, ente string, pratica vault.ID, slot vault.Slot, nome string, r io.Reader) (pratica.File, error)
	Telefono func() string // of the URP, said when the service is not there; nil: none
	Limite   Limite
	Log      *slog.Logger // nil: slog.Default()
}

// server is the calls of one ente. It is safe for many goroutines.
type server struct {
	Config
	api     huma.API
	freno   *freno
	grandi  chan struct{} // bodies with attachments read at one time
	openapi []byte
}

// New gives the handler of everything under /api/.
func New(c Config) http.Handler {
	_, h := nuovo(c)
	return h
}

func nuovo(c Config) (*server, http.Handler) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	mux := http.NewServeMux()
	s := &server{Config: c, freno: nuovoFreno(c.Limite), grandi: make(chan struct{}, maxGrandi)}
	s.api = humago.NewWithPrefix(mux, Prefisso, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Tutela", Version: "1",
				Description: "Segnalazioni, reclami ed elogi di un ente sanitario. Date AAAA-MM-GG (Europe/Rome), istanti RFC 3339."},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					sicurezzaToken:  {Type: "http", Scheme: "bearer", Description: "Il token di una persona dell'ufficio."},
					sicurezzaChiave: {Type: "http", Scheme: "bearer", Description: "La chiave scritta sulla ricevuta."},
				},
			},
		},
		Formats:                      huma.DefaultFormats,
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{s.italiano},
	})
	s.segnalazioni()
	s.pratiche()
	s.registro()
	s.finisci(mux)
	return s, s.porta(mux)
}

const (
	sicurezzaToken  = "token"
	sicurezzaChiave = "chiave"
)

var (
	conToken  = []map[string][]string{{sicurezzaToken: {}}}
	conChiave = []map[string][]string{{sicurezzaChiave: {}}}
	anche     = []map[string][]string{{}, {sicurezzaToken: {}}}
)

// metti registers a call: its errors become problems through one door.
func metti[I, O any](s *server, op huma.Operation, errori []int, fa func(context.Context, *I) (*O, error)) {
	op.Responses = s.problemi(errori)
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		var out *O
		err := domandaChiara(chiamataDi(ctx).r)
		if err == nil {
			out, err = fa(ctx, in)
		}
		if err != nil {
			return nil, s.problema(ctx, err)
		}
		return out, nil
	})
}

// domandaChiara refuses an address that asks the same thing twice, or whose
// question does not read: to take one part of it would be to guess.
func domandaChiara(r *http.Request) error {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fault.New(fault.Bad, "L'indirizzo non si legge: dopo ogni % servono due cifre esadecimali, e fra un parametro e l'altro &.")
	}
	e := fault.New(fault.Invalid, "Controlla i campi indicati.")
	for k, v := range q {
		if len(v) > 1 {
			e.Campo(accorcia(k), "Questo parametro c'è due volte.")
		}
	}
	if len(e.Campi) > 0 {
		return e
	}
	return nil
}

// finisci adds what is no call: the description itself, and the answers to a
// wrong method and to an address that is not there.
func (s *server) finisci(mux *http.ServeMux) {
	descrizione := s.api.OpenAPI()
	for nome := range descrizione.Components.Schemas.Map() {
		if nome == "ErrorModel" || nome == "ErrorDetail" { // huma's own, which nobody is sent
			delete(descrizione.Components.Schemas.Map(), nome)
		}
	}
	var err error
	if s.openapi, err = json.Marshal(descrizione); err != nil {
		panic("api: openapi: " + err.Error()) // made of our own types only
	}
	mux.HandleFunc("GET "+Prefisso+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.oai.openapi+json; version=3.1; charset=utf-8")
		_, _ = w.Write(s.openapi)
	})
	for percorso, voce := range descrizione.Paths {
		ammesso := http.MethodGet
		if voce.Get == nil {
			ammesso = http.MethodPost
		}
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
			if m == ammesso {
				continue
			}
			mux.HandleFunc(m+" "+Prefisso+percorso, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Allow", ammesso)
				s.scrivi(w, r, &Problema{Status: http.StatusMethodNotAllowed, Detail: "Questo indirizzo accetta solo " + ammesso + "."})
			})
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.scrivi(w, r, &Problema{Status: http.StatusNotFound, Detail: "Questo indirizzo non c'è. Le chiamate sono descritte in " + Prefisso + "/openapi.json."})
	})
}

// chiamata is one request, as the calls see it.
type chiamata struct {
	r  *http.Request
	w  http.ResponseWriter
	id string

	lascia func() // gives back the place that a large body took
}

type chiaveChiamata struct{}

func chiamataDi(ctx context.Context) *chiamata { return ctx.Value(chiaveChiamata{}).(*chiamata) }

// porta is the one door: a request id, headers that hold for every answer, and
// what becomes of a panic.
func (s *server) porta(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n [8]byte
		_, _ = rand.Read(n[:])
		c := &chiamata{w: w, id: hex.EncodeToString(n[:])}
		c.r = r.WithContext(context.WithValue(r.Context(), chiaveChiamata{}, c))
		h := w.Header()
		h.Set("X-Request-Id", c.id)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		defer func() {
			if c.lascia != nil {
				c.lascia()
			}
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // the very value
					panic(p)
				}
				s.scrivi(w, c.r, s.problema(c.r.Context(), fmt.Errorf("panic: %v", p)))
			}
		}()
		mux.ServeHTTP(w, c.r)
	})
}

// bearer is the secret in the Authorization header.
func bearer(r *http.Request) (string, bool) {
	schema, segreto, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	segreto = strings.TrimSpace(segreto)
	return segreto, ok && strings.EqualFold(schema, "Bearer") && segreto != ""
}

var errToken = fault.New(fault.Unauthenticated, "Serve un token valido: Authorization: Bearer TOKEN.")

// personale is the member of staff who calls.
func (s *server) personale(ctx context.Context) (access.Chi, error) {
	token, ok := bearer(chiamataDi(ctx).r)
	if !ok || s.Auth == nil {
		return access.Chi{}, errToken
	}
	return s.Auth.Bearer(ctx, s.Ente, token)
}
