package web

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// sospeso is a form that was sent when its session had ended. It waits on the
// sign-in page, sealed, and comes back filled in: nothing was done with it.
type sospeso struct {
	Dove   string // where it was sent
	Valori url.Values
	File   bool // some came with it, and were not taken
	Scade  time.Time
}

// rotteRiprese are the forms in which one writes for long.
var rotteRiprese = []string{"/pratica/{id}/atto/{atto}", "/nuova"}

// maxSospeso is how long a sealed form may be, in characters.
const maxSospeso = 64 << 10

func (s *Server) contestoSospeso() string { return vault.Context("sospeso", s.EnteID) }

// sospendi shows the sign-in page with the form that was sent. One too long for
// it is sent again by the browser.
func (s *Server) sospendi(w http.ResponseWriter, r *http.Request, x rotta) error {
	if !slices.Contains(rotteRiprese, x.Percorso) {
		return errTardi
	}
	so := sospeso{Dove: r.URL.RequestURI(), Scade: s.Now().Add(auth.DurataSessione)}
	var err error
	so.Valori, err = leggiModulo(w, r, func(string, string, io.Reader) error { so.File = true; return nil })
	if err != nil || len(so.Valori) == 0 {
		return errTardi
	}
	sigillo := s.sigillaSospeso(so)
	if len(sigillo) > maxSospeso {
		return errTardi
	}
	return s.rendi(w, r, http.StatusUnauthorized, "desk_entra.html",
		&paginaEntra{Soglia: s.soglia("Accedi di nuovo"), Poi: so.Dove, Sospeso: sigillo, Finita: true})
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
	so := sospeso{}
	v, e := leggiModulo(w, r, func(string, string, io.Reader) error { so.File = true; return nil })
	if e != nil || !diAltri(r, v) {
		return err
	}
	so.Valori = v
	return s.altrui(w, r, so)
}

// altrui shows the sign-in page with a form that a colleague was filling in: it
// goes on waiting for who wrote it.
func (s *Server) altrui(w http.ResponseWriter, r *http.Request, so sospeso) error {
	if so.Dove == "" {
		so.Dove, so.Scade = r.URL.RequestURI(), s.Now().Add(auth.DurataSessione)
	}
	sigillo := s.sigillaSospeso(so)
	if len(sigillo) > maxSospeso {
		return errAltrui
	}
	return s.rendi(w, r, http.StatusConflict, "desk_entra.html",
		&paginaEntra{Soglia: s.soglia("Questa pagina è di un'altra persona"), Poi: so.Dove, Sospeso: sigillo, Altrui: true})
}

func (s *Server) sigillaSospeso(so sospeso) string { return s.sigilla(s.contestoSospeso(), so) }

// apriSospeso opens a form that waited, if it did not wait too long.
func (s *Server) apriSospeso(sigillo string) (so sospeso, ok bool) {
	ok = s.apriSigillo(s.contestoSospeso(), sigillo, &so)
	return so, ok && s.Now().Before(so.Scade)
}

// riprendi shows the form again to who has just signed in, by the way in which it
// was sent: the page answers as to any form that is only looked at.
func (s *Server) riprendi(w http.ResponseWriter, r *http.Request, cookie string, so sospeso) error {
	u, err := url.ParseRequestURI(so.Dove)
	if err != nil {
		return fault.Wrap(err, fault.Bad, "Questa pagina è vecchia. Aprine una nuova e riprova.")
	}
	so.Valori.Set("fai", "riprendi")
	if so.File {
		so.Valori.Set("fai", "riprendi-file")
	}
	corpo := so.Valori.Encode()
	x := r.Clone(r.Context())
	x.URL, x.RequestURI = u, so.Dove
	x.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	x.Header.Set("Cookie", biscottoSessione+"="+cookie)
	x.Body, x.ContentLength = io.NopCloser(strings.NewReader(corpo)), int64(len(corpo))
	s.mux.ServeHTTP(w, x)
	return nil
}

// ripreso is what the page of such a form says; empty for any other.
func ripreso(fai string) string {
	switch fai {
	case "riprendi":
		return "Quello che avevi scritto è qui."
	case "riprendi-file":
		return "Quello che avevi scritto è qui. I documenti scelti per ultimi no: scegli di nuovo quelli."
	}
	return ""
}
