package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// sospeso is a form sent by who was not signed in any more, or in whose place
// somebody else was. It waits, sealed, on the page where one signs in, and comes
// back filled in to who wrote it: nothing was done with it.
type sospeso struct {
	Dove   string // where it was sent
	Valori url.Values
	Presi  *presi   // the files that came with it
	Caso   vault.ID // in place of the case's, since nobody has opened it
	Chiave []byte   // of the files meanwhile
	Scade  time.Time
}

// rotteRiprese are the forms in which one writes for long. Each holds whose it is
// in "di", and is only shown when "fai" says [riprendi].
var rotteRiprese = []string{"POST /pratica/{id}/atto/{atto}", "POST /nuova", "POST /segui/atto/{atto}"}

// maxSospeso is how long a sealed form may be, in characters.
const maxSospeso = 64 << 10

// riprendi is what a form that comes back says to do.
const riprendi = "riprendi"

// errTardi is what a form reads that has nobody signed in and does not wait:
// nothing typed is lost if the person signs in elsewhere and sends the page again.
var errTardi = fault.New(fault.Unauthenticated, "La sessione è finita. Accedi in un'altra scheda, torna qui e ricarica la pagina: quello che hai scritto parte di nuovo.")

func (s *Server) contestoSospeso() string { return vault.Context("sospeso", s.EnteID) }

// attesa is the form of a request, to be read and to wait.
func (s *Server) attesa(r *http.Request) *sospeso {
	so := &sospeso{Dove: r.URL.RequestURI(), Presi: &presi{}, Caso: vault.NewID(s.Now()), Chiave: vault.NewKey(), Scade: s.Now().Add(auth.DurataSessione)}
	so.Presi.attendono(s, so)
	return so
}

// leggi takes in the form and its files.
func (so *sospeso) leggi(w http.ResponseWriter, r *http.Request) (err error) {
	so.Valori, err = leggiModulo(w, r, so.Presi.prendi)
	return err
}

// con is the form when somebody else's page has read it.
func (so *sospeso) con(v url.Values, file *presi) *sospeso {
	so.Valori = v
	so.Presi.sposta(file)
	return so
}

// di is who was filling it in: a person of the staff, or the codice of a report.
func (so *sospeso) di() string { return so.Valori.Get("di") }

// sospendi holds the form of who is not signed in any more. One that is not to
// wait, or too long for it, is sent again by the browser.
func (s *Server) sospendi(w http.ResponseWriter, r *http.Request) (sigillo string, err error) {
	if !slices.Contains(rotteRiprese, r.Pattern) {
		return "", errTardi
	}
	so := s.attesa(r)
	if err := so.leggi(w, r); err != nil || len(so.Valori) == 0 {
		return "", errTardi
	}
	return s.sigillaSospeso(so)
}

// errAltrui is what reads who sends what a colleague was writing, when it does not
// wait on the sign-in page.
var errAltrui = fault.New(fault.Conflict, "Questa pagina è di un'altra persona: non abbiamo registrato niente. Se accede in un'altra scheda, torna qui e ricarica la pagina, il testo parte di nuovo.")

// diAltri reports whether a form says that somebody else filled it in.
func diAltri(r *http.Request, v url.Values) bool {
	di := v.Get("di")
	return di != "" && di != sessioneDi(r).Persona
}

// suAltri answers a form whose page does not open to who has signed in: err, or
// that it was a colleague's.
func (s *Server) suAltri(w http.ResponseWriter, r *http.Request, err error) error {
	if errors.Is(err, custody.ErrChiuso) { // the form waits for the key
		return err
	}
	so := s.attesa(r)
	if e := so.leggi(w, r); e != nil || !diAltri(r, so.Valori) {
		return err
	}
	return s.altrui(w, r, so)
}

// altrui shows the sign-in page with a form that a colleague was filling in: it
// goes on waiting for who wrote it.
func (s *Server) altrui(w http.ResponseWriter, r *http.Request, so *sospeso) error {
	sigillo, err := s.sigillaSospeso(so)
	if err != nil {
		return errAltrui
	}
	return s.mostraEntra(w, r, http.StatusConflict,
		&paginaEntra{Soglia: s.soglia("Questa pagina è di un'altra persona"), Poi: so.Dove, Sospeso: sigillo, Altrui: true})
}

func (s *Server) sigillaSospeso(so *sospeso) (string, error) {
	t := s.sigilla(s.contestoSospeso(), so)
	if len(t) > maxSospeso {
		return "", errTardi
	}
	return t, nil
}

// apriSospeso opens a form that waited, if it did not wait too long.
func (s *Server) apriSospeso(sigillo string) (*sospeso, bool) {
	so := &sospeso{Presi: &presi{}}
	if !s.apriSigillo(s.contestoSospeso(), sigillo, so) || !s.Now().Before(so.Scade) {
		return nil, false
	}
	so.Presi.attendono(s, so)
	return so, true
}

// riprendi shows the form again to who has just signed in, by the way in which it
// was sent: the page answers as to any form that is only looked at, and takes over
// the files that waited.
func (s *Server) riprendi(w http.ResponseWriter, r *http.Request, entrata *http.Cookie, so *sospeso) error {
	so.Valori.Set("fai", riprendi)
	return s.ripeti(w, r, entrata, so)
}

// ripeti sends a form again, as it was.
func (s *Server) ripeti(w http.ResponseWriter, r *http.Request, entrata *http.Cookie, so *sospeso) error {
	u, err := url.ParseRequestURI(so.Dove)
	if err != nil {
		return fault.Wrap(err, fault.Bad, "Questa pagina è vecchia. Aprine una nuova e riprova.")
	}
	corpo := so.Valori.Encode()
	x := r.Clone(context.WithValue(r.Context(), chiaveAttesi, so.Presi))
	x.URL, x.RequestURI = u, so.Dove
	x.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	x.Header.Set("Cookie", entrata.Name+"="+entrata.Value)
	x.Body, x.ContentLength = io.NopCloser(strings.NewReader(corpo)), int64(len(corpo))
	s.mux.ServeHTTP(w, x)
	return nil
}

// ripreso is what the page of such a form says; empty for any other.
func ripreso(fai string) string {
	if fai == riprendi {
		return "Quello che avevi scritto è qui."
	}
	return ""
}
