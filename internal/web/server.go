package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/flat"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// Bozze keeps citizens' drafts, sealed under keys that only their cookies hold.
// What is absent or expired is fault.NotFound.
type Bozze interface {
	SalvaBozza(ctx context.Context, ente string, id, sigillo []byte, scade time.Time) error
	LeggiBozza(ctx context.Context, ente string, id []byte, now time.Time) ([]byte, error)
	EliminaBozza(ctx context.Context, ente string, id []byte) error
}

// Config is what New needs. Auth may be nil where no staff signs in: their pages
// are then not there.
type Config struct {
	Servizio *pratica.Servizio
	Auth     *auth.Auth
	Custody  *custody.Custody // nil: no office keeps keys of its own
	Ente     Ente
	EnteID   string
	Now      func() time.Time
	Bozze    Bozze
	Blobs    *document.Blobs
	Copie    *flat.Maker // nil: no copies of attachments are made
	Anello   *vault.KeyRing
	Viste    Viste                                    // nil with Auth nil
	Ambienti *pratica.Ambienti                        // nil: rules and chart are not changed from the pages
	Log      *slog.Logger                             // nil: slog.Default()
	Macchina func(context.Context) ([]Rilievo, error) // nil: nothing to say
}

// Rilievo is something about the machine that an administrator should know.
type Rilievo struct {
	Grave bool
	Nota  bool // nothing is wrong: why something was not looked at
	Cosa  string
}

// Ente is how the office presents itself to people.
type Ente struct {
	Nome      string // "ASST Montelago"
	Motto     string // under the name; empty: "Segnalazioni, reclami ed elogi"
	Regione   string
	Telefono  string // of the URP, as people dial it: "800 000 000"
	Orari     string // of the telephone: "dal lunedì al venerdì, dalle 8.30 alle 13"
	Email     string
	PEC       string
	Indirizzo string // of the counter and for letters
	DPO       string // e-mail of the data protection officer
	Sito      string // public base of the addresses; empty: as the request says
	Cure      bool   // the ente confirms that a report changes no care and enters no clinical record
	UPT       pratica.Contatto
}

// Tel is the telephone number as a link wants it.
func (e Ente) Tel() string { return cifre(e.Telefono) }

// TelUPT is that of the UPT.
func (e Ente) TelUPT() string { return cifre(e.UPT.Telefono) }

func cifre(telefono string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, telefono)
}

// Server serves the pages of one ente. It is safe for many goroutines.
type Server struct {
	Config
	rotte     []rotta
	pagine    pagine
	mux       *http.ServeMux
	serrature serrature
	quota     quota
	freni     freniSegui
	uscite    uscite
	adm       amministrazione
	impronta  impronta
}

// rotta is a page or an action. Chi holds the roles that may enter: nil for
// anybody, tutti for whoever has signed in.
type rotta struct {
	Metodo, Percorso string
	Chi              []string
	Fa               func(http.ResponseWriter, *http.Request) error
}

// tutti is the Chi of what any member of staff may open.
var tutti = []string{"*"}

// aree are the routes of every area, each from its own files.
func (s *Server) aree() []rotta {
	return slices.Concat(
		[]rotta{{http.MethodGet, "/statico/{impronta}/{nome...}", nil, s.statico}},
		s.rotteCittadino(),
		s.rotteScrivania(),
		s.rotteAccesso(),
		s.rotteChiavi(),
		s.rotteUPT(),
		s.rotteSedute(),
		s.rotteAmministrazione(),
	)
}

// New gives the handler of every page.
func New(c Config) (http.Handler, error) {
	switch {
	case c.Servizio == nil || c.Bozze == nil || c.Blobs == nil || c.Anello == nil || c.Now == nil:
		return nil, errors.New("web: incomplete configuration")
	case c.EnteID == "" || c.Ente.Nome == "" || c.Ente.Telefono == "":
		return nil, errors.New("web: an ente needs an id, a name and a telephone number")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &Server{Config: c, quota: quota{massimo: maxBozze}}
	var err error
	if s.pagine, err = s.caricaPagine(); err != nil {
		return nil, err
	}
	s.rotte = s.aree()
	s.mux = http.NewServeMux()
	for _, x := range s.rotte {
		s.mux.Handle(x.Metodo+" "+x.Percorso, s.porta(x))
	}
	s.mux.Handle("/", s.porta(rotta{Fa: func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "Questa pagina non c'è. Controlla l'indirizzo, o riparti dalla pagina iniziale.")
	}}))
	return intestazioni(s.stessoSito(s.mux)), nil
}

// stessoSito refuses what another site makes a browser send.
func (s *Server) stessoSito(h http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	p.SetDenyHandler(s.porta(rotta{Fa: func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Forbidden, "La richiesta arriva da un altro sito: non l'abbiamo accettata. Riparti da qui.")
	}}))
	return p.Handler(h)
}

// porta is the one door of a route: who enters, and what becomes of an error.
func (s *Server) porta(x rotta) http.Handler {
	fa := x.Fa
	if x.Chi != nil {
		fa = s.personale(x)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store") // what may be kept says so itself
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // the very value
					panic(p)
				}
				s.errore(w, r, fmt.Errorf("panic: %v", p))
			}
		}()
		if err := fa(w, r); err != nil {
			s.errore(w, r, err)
		}
	})
}

// errore turns an error into its page. What is no fault is logged, with the
// route and never the address asked for.
func (s *Server) errore(w http.ResponseWriter, r *http.Request, err error) {
	k := fault.KindOf(err)
	if k == fault.Internal || k == fault.Unavailable {
		s.Log.Error("request failed", "route", r.Pattern, "err", err)
	}
	s.paginaErrore(w, r, k, fault.Message(err))
}

// cittadino is who writes from the public pages.
func (s *Server) cittadino() access.Chi { return access.Cittadino(s.EnteID, "web") }
