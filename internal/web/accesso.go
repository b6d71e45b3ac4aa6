package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tutela/internal/auth"
	"tutela/internal/fault"
)

// rotteAccesso are the pages by which people sign in, prove who they are and keep
// what they do it with.
func (s *Server) rotteAccesso() []rotta {
	if s.Auth == nil || s.Viste == nil {
		return nil
	}
	return []rotta{
		{"GET", "/entra/codice", nil, s.paginaCodice},
		{"POST", "/entra/codice", nil, s.entraCodice},
		{"POST", "/entra/passkey", nil, s.entraPasskey},
		{"GET", "/blocco", nil, s.paginaBlocco},
		{"POST", "/blocco", nil, s.sblocca},
		{"GET", "/conferma", tutti, s.paginaConferma},
		{"POST", "/conferma", tutti, s.conferma},
		{"GET", "/novita", tutti, s.paginaNovita},
		{"POST", "/novita", tutti, s.novitaLette},
		{"GET", "/profilo/sessioni", tutti, s.sessioni},
		{"POST", "/profilo/sessioni", tutti, s.chiudiSessioni},
		{"GET", "/profilo/fattori", tutti, s.fattori},
		{"POST", "/profilo/fattori/togli", tutti, s.togliFattore},
		{"POST", "/profilo/fattori/codici", tutti, s.nuoviCodici},
		{"GET", "/profilo/fattori/app", tutti, s.paginaApp},
		{"POST", "/profilo/fattori/app", tutti, s.aggiungiApp},
		{"GET", "/profilo/fattori/passkey", tutti, s.paginaPasskey},
		{"POST", "/profilo/fattori/passkey", tutti, s.aggiungiPasskey},
	}
}

// Where who may not go on is led, and what stays open meanwhile.
const paginaPrimoFattore = "/profilo/fattori/app"

var (
	apertePassword = []string{"GET /password", "POST /password", "GET /conferma", "POST /conferma"}
	aperteFattore  = append([]string{"GET /profilo/fattori/app", "POST /profilo/fattori/app", "GET /profilo/fattori/passkey", "POST /profilo/fattori/passkey"}, apertePassword...)
)

// primaDi is where the person must go before anything else; empty when nowhere.
func primaDi(se *auth.Sessione, rotta string) string {
	switch {
	case se.DaCambiare && !slices.Contains(apertePassword, rotta):
		return "/password"
	case !se.DaCambiare && se.SenzaAltro && !slices.Contains(aperteFattore, rotta):
		return paginaPrimoFattore
	}
	return ""
}

// portaDi is the page on which who may not enter goes on.
func portaDi(err error) string {
	switch {
	case errors.Is(err, auth.ErrBloccata):
		return "/blocco"
	case errors.Is(err, auth.ErrFattore):
		return "/entra/codice"
	}
	return "/entra"
}

// mettiSessione gives the browser the cookie of a session.
func mettiSessione(w http.ResponseWriter, cookie string) *http.Cookie {
	c := &http.Cookie{Name: biscottoSessione, Value: cookie, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
	http.SetCookie(w, c)
	return c
}

// biscottoDi is the session's cookie; empty when there is none.
func biscottoDi(r *http.Request) string {
	if c, err := r.Cookie(biscottoSessione); err == nil {
		return c.Value
	}
	return ""
}

// ammesso goes on after a sign-in: to its second step, to the form that waited, to
// what the person has to be told, to where they were going.
func (s *Server) ammesso(w http.ResponseWriter, r *http.Request, cookie string, v url.Values) error {
	c := mettiSessione(w, cookie)
	poi := localeSolo(v.Get("poi"))
	se, err := s.Auth.Session(r.Context(), s.EnteID, cookie)
	so, aspetta := s.apriSospeso(v.Get("sospeso"))
	switch {
	case errors.Is(err, auth.ErrFattore) && aspetta:
		return s.mostraCodice(w, r, http.StatusOK, cookie, v, "")
	case errors.Is(err, auth.ErrFattore):
		http.Redirect(w, r, "/entra/codice?poi="+url.QueryEscape(poi), http.StatusSeeOther)
		return nil
	case err != nil:
		return err
	case aspetta && so.di() != se.Persona:
		return s.altrui(w, r, so)
	case aspetta:
		return s.riprendi(w, r, c, so)
	}
	dire, err := s.Auth.DaDire(r.Context(), se)
	if err != nil {
		return err
	}
	if len(dire) > 0 {
		poi = "/novita?poi=" + url.QueryEscape(poi)
	}
	http.Redirect(w, r, poi, http.StatusSeeOther)
	return nil
}

// sitoDi is the address that passkeys are bound to.
func (s *Server) sitoDi(r *http.Request) auth.Sito {
	u, err := url.Parse(s.base(r))
	if err != nil {
		return auth.Sito{}
	}
	return auth.Sito{Host: u.Hostname(), Origine: u.Scheme + "://" + u.Host}
}

// sfida is a challenge as a page carries it; the zero one when there is none.
type sfida struct{ Opzioni, Sigillo string }

// senzaPasskey makes of a challenge what the page shows. Where none can be made the
// page does without.
func senzaPasskey(x auth.Sfida, err error) (sfida, error) {
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		return sfida{}, nil
	}
	if err == nil && !json.Valid(x.Opzioni) {
		err = errors.New("web: options of a passkey that are no JSON")
	}
	return sfida{string(x.Opzioni), x.Sigillo}, err
}

// moduloPasskey is the form of a passkey, which a script sends: without one it does
// not show.
type moduloPasskey struct {
	sfida
	Azione, Bottone string
	Campi           []opzione
}

func (x sfida) modulo(azione, bottone string, campi ...opzione) moduloPasskey {
	return moduloPasskey{x, azione, bottone, campi}
}

// paginaPasso is the page of a step of sign-in: a code, a lock, a proof.
type paginaPasso struct {
	Soglia
	Nome, Poi, Sospeso string
	Codice, Recupero   bool // what may be typed as a second factor
	HaPasskey          bool
	Passkey            moduloPasskey
	Gesto              string // what is about to be done, in words
	Modulo             string // the form that waits for a proof, sealed
	Errori             []erroreCampo
}

// portati are the fields that go on from a step to the next.
func (p *paginaPasso) portati() []opzione {
	return []opzione{{"poi", p.Poi}, {"sospeso", p.Sospeso}, {"modulo", p.Modulo}}
}

func (p *paginaPasso) sbaglio(campo, frase string) {
	if frase != "" {
		p.Titolo, p.Errori = "Errore: "+p.Titolo, []erroreCampo{{campo, frase}}
	}
}

// paginaCodice asks for the second factor of who gave the password.
func (s *Server) paginaCodice(w http.ResponseWriter, r *http.Request) error {
	return s.mostraCodice(w, r, http.StatusOK, biscottoDi(r), r.URL.Query(), "")
}

func (s *Server) mostraCodice(w http.ResponseWriter, r *http.Request, stato int, cookie string, v url.Values, frase string) error {
	w.Header().Set("Cache-Control", "no-store")
	a, err := s.Auth.Waiting(r.Context(), s.EnteID, cookie)
	if fault.Is(err, fault.Unauthenticated) || err == nil && a.Bloccata {
		return s.daCapo(w, r, v, a.Bloccata)
	}
	if err != nil {
		return err
	}
	p := &paginaPasso{Soglia: s.soglia("Secondo passo"), Nome: a.Nome, Poi: localeSolo(v.Get("poi")), Sospeso: v.Get("sospeso"), Codice: a.HaApp, Recupero: a.HaCodici}
	x, err := senzaPasskey(s.Auth.ChallengeWaiting(r.Context(), a, s.sitoDi(r)))
	if err != nil {
		return err
	}
	p.Passkey = x.modulo("/entra/codice", "Usa la passkey", p.portati()...)
	p.HaPasskey = a.HaPasskey
	p.sbaglio("codice", frase)
	return s.rendi(w, r, stato, "desk_codice.html", p)
}

// daCapo leads to the page where one begins, with the form that waits.
func (s *Server) daCapo(w http.ResponseWriter, r *http.Request, v url.Values, bloccata bool) error {
	if so, ok := s.apriSospeso(v.Get("sospeso")); ok && !bloccata {
		return s.mostraEntra(w, r, http.StatusUnauthorized, &paginaEntra{Soglia: s.soglia("Accedi di nuovo"), Poi: so.Dove, Sospeso: v.Get("sospeso"), Finita: true})
	}
	dove := "/entra"
	if bloccata {
		dove = "/blocco"
	}
	http.Redirect(w, r, dove+"?poi="+url.QueryEscape(localeSolo(v.Get("poi"))), http.StatusSeeOther)
	return nil
}

// entraCodice completes a sign-in, with a code or a passkey.
func (s *Server) entraCodice(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	cookie := biscottoDi(r)
	var nuovo string
	if v.Has("risposta") {
		nuovo, err = s.Auth.WithPasskey(r.Context(), s.EnteID, nonVuota(cookie, "-"), s.sitoDi(r), v.Get("sigillo"), v.Get("risposta"), da(r))
	} else {
		nuovo, err = s.Auth.WithCode(r.Context(), s.EnteID, cookie, v.Get("codice"), da(r))
	}
	if e, ok := comeFault(err, fault.Unauthenticated, fault.TooMany); ok {
		return s.mostraCodice(w, r, e.Kind.Status(), cookie, v, e.Message)
	}
	if err != nil {
		return err
	}
	return s.ammesso(w, r, nuovo, v)
}

// paginaBlocco is the page of a session that rested: the same person goes on where
// they were.
func (s *Server) paginaBlocco(w http.ResponseWriter, r *http.Request) error {
	return s.mostraBlocco(w, r, http.StatusOK, r.URL.Query(), "")
}

func (s *Server) mostraBlocco(w http.ResponseWriter, r *http.Request, stato int, v url.Values, frase string) error {
	w.Header().Set("Cache-Control", "no-store")
	if _, err := s.sessione(r); err == nil {
		http.Redirect(w, r, localeSolo(v.Get("poi")), http.StatusSeeOther)
		return nil
	}
	a, err := s.Auth.Waiting(r.Context(), s.EnteID, biscottoDi(r))
	if fault.Is(err, fault.Unauthenticated) || err == nil && !a.Bloccata {
		return s.daCapo(w, r, v, false)
	}
	if err != nil {
		return err
	}
	p := &paginaPasso{Soglia: s.soglia("Sessione bloccata"), Nome: a.Nome, Poi: localeSolo(v.Get("poi")), Sospeso: v.Get("sospeso")}
	x, err := senzaPasskey(s.Auth.ChallengeWaiting(r.Context(), a, s.sitoDi(r)))
	if err != nil {
		return err
	}
	p.Passkey = x.modulo("/blocco", "Sblocca con la passkey", p.portati()...)
	p.sbaglio("password", frase)
	return s.rendi(w, r, stato, "desk_blocco.html", p)
}

func (s *Server) sblocca(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	cookie := nonVuota(biscottoDi(r), "-")
	var nuovo string
	if v.Has("risposta") {
		nuovo, err = s.Auth.WithPasskey(r.Context(), s.EnteID, cookie, s.sitoDi(r), v.Get("sigillo"), v.Get("risposta"), da(r))
	} else {
		nuovo, err = s.Auth.Unlock(r.Context(), s.EnteID, cookie, v.Get("password"), da(r))
	}
	if e, ok := comeFault(err, fault.Unauthenticated, fault.TooMany); ok {
		return s.mostraBlocco(w, r, e.Kind.Status(), v, e.Message)
	}
	if err != nil {
		return err
	}
	return s.ammesso(w, r, nuovo, v)
}

// da is where a request comes from, as coarse as the page of sessions shows it.
func da(r *http.Request) auth.Da {
	return auth.Da{Rete: rete(r), Dispositivo: dispositivo(r.UserAgent())}
}

// The words of a device, the first that its browser names; most browsers also name
// those they descend from.
var (
	programmi = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}}
	sistemi = [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Macintosh", "Mac"}, {"CrOS", "Chromebook"}, {"Linux", "Linux"}}
)

func dispositivo(ua string) string {
	trova := func(tra [][2]string, senno string) string {
		for _, x := range tra {
			if strings.Contains(ua, x[0]) {
				return x[1]
			}
		}
		return senno
	}
	return trova(programmi, "Un browser") + " su " + trova(sistemi, "un altro sistema")
}
