package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
)

type paginaEntra struct {
	Soglia
	Utente string
	Poi    string
	Uscita bool // just signed out
	Errori []erroreCampo

	Sospeso string // a form that waits, sealed
	Finita  bool   // the session ended while it was written
	Altrui  bool   // who has signed in is not who wrote it

	Passkey moduloPasskey
	Libero  string // why no second factor is asked here; empty when it is
}

// paginaEntra is the sign-in page. Who has a session goes where it leads.
func (s *Server) paginaEntra(w http.ResponseWriter, r *http.Request) error {
	poi := localeSolo(r.URL.Query().Get("poi"))
	if _, err := s.sessione(r); err == nil {
		http.Redirect(w, r, poi, http.StatusSeeOther)
		return nil
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.mostraEntra(w, r, http.StatusOK, &paginaEntra{Soglia: s.soglia("Accedi"), Poi: poi, Uscita: r.URL.Query().Has("uscita")})
}

// mostraEntra fills in what every sign-in page has.
func (s *Server) mostraEntra(w http.ResponseWriter, r *http.Request, stato int, p *paginaEntra) error {
	regola, err := s.Auth.Regola(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	if regola.Libero {
		p.Libero = regola.Motivo
	}
	x, err := senzaPasskey(s.Auth.ChallengeEnter(s.EnteID, s.sitoDi(r)))
	if err != nil {
		return err
	}
	p.Passkey = x.modulo("/entra/passkey", "Accedi con una passkey", opzione{"poi", p.Poi}, opzione{"sospeso", p.Sospeso})
	return s.rendi(w, r, stato, "desk_entra.html", p)
}

// attendi is the sign-in page for who was writing when the session ended, or the
// page of its lock.
func (s *Server) attendi(w http.ResponseWriter, r *http.Request, err error) error {
	sigillo, e := s.sospendi(w, r)
	if e != nil {
		return e
	}
	if errors.Is(err, auth.ErrBloccata) {
		return s.mostraBlocco(w, r, http.StatusUnauthorized, url.Values{"poi": {r.URL.RequestURI()}, "sospeso": {sigillo}}, "")
	}
	return s.mostraEntra(w, r, http.StatusUnauthorized,
		&paginaEntra{Soglia: s.soglia("Accedi di nuovo"), Poi: r.URL.RequestURI(), Sospeso: sigillo, Finita: true})
}

func (s *Server) entra(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	cookie, err := s.Auth.SignIn(r.Context(), s.EnteID, v.Get("utente"), v.Get("password"), da(r))
	if err != nil {
		return s.nonEntra(w, r, v, err)
	}
	return s.ammesso(w, r, cookie, v)
}

// entraPasskey signs in without name and password.
func (s *Server) entraPasskey(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	cookie, err := s.Auth.WithPasskey(r.Context(), s.EnteID, "", s.sitoDi(r), v.Get("sigillo"), v.Get("risposta"), da(r))
	if err != nil {
		return s.nonEntra(w, r, v, err)
	}
	return s.ammesso(w, r, cookie, v)
}

// nonEntra shows the sign-in page with why.
func (s *Server) nonEntra(w http.ResponseWriter, r *http.Request, v url.Values, err error) error {
	e, ok := comeFault(err, fault.Unauthenticated, fault.TooMany, fault.Invalid)
	if !ok {
		return err
	}
	return s.mostraEntra(w, r, e.Kind.Status(), &paginaEntra{Soglia: s.soglia("Errore: accedi"), Utente: v.Get("utente"),
		Poi: localeSolo(v.Get("poi")), Errori: []erroreCampo{{"utente", e.Message}}, Sospeso: v.Get("sospeso")})
}

// esci ends the session, open or locked. A form that waited at the lock goes on
// waiting for who wrote it.
func (s *Server) esci(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	sospeso := ""
	if v, err := leggiModulo(w, r, nil); err == nil {
		sospeso = v.Get("sospeso")
	}
	if c, err := r.Cookie(biscottoSessione); err == nil {
		if err := s.Auth.SignOut(r.Context(), s.EnteID, c.Value); err != nil {
			return err
		}
	}
	http.SetCookie(w, biscotto(biscottoSessione, "", -time.Second))
	http.SetCookie(w, biscotto(biscottoCerca, "", -time.Second))
	if so, ok := s.apriSospeso(sospeso); ok {
		return s.mostraEntra(w, r, http.StatusOK, &paginaEntra{Soglia: s.soglia("Accedi"), Poi: so.Dove, Sospeso: sospeso, Altrui: true})
	}
	http.Redirect(w, r, "/entra?uscita=1", http.StatusSeeOther)
	return nil
}

type paginaPassword struct {
	Soglia
	Prima  bool // somebody else chose the password: nothing else is open yet
	Errori []erroreCampo
}

func (s *Server) paginaPassword(w http.ResponseWriter, r *http.Request) error {
	return s.rendi(w, r, http.StatusOK, "desk_password.html", &paginaPassword{Soglia: s.soglia("Cambia la password"), Prima: sessioneDi(r).DaCambiare})
}

func (s *Server) cambiaPassword(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	se := sessioneDi(r)
	p := &paginaPassword{Soglia: s.soglia("Errore: cambia la password"), Prima: se.DaCambiare}
	stato := http.StatusUnprocessableEntity
	switch {
	case v.Get("vecchia") == "":
		p.Errori = []erroreCampo{{"vecchia", "Scrivi la password che usi ora."}}
	case v.Get("nuova") != v.Get("ancora"):
		p.Errori = []erroreCampo{{"ancora", "Le due password nuove non sono uguali. Scrivile di nuovo."}}
	default:
		err := s.Auth.ChangePassword(r.Context(), se, v.Get("vecchia"), v.Get("nuova"), da(r))
		if err == nil {
			http.Redirect(w, r, "/profilo?fatto=password", http.StatusSeeOther)
			return nil
		}
		e, ok := comeFault(err, fault.Invalid, fault.Unauthenticated, fault.TooMany)
		if !ok {
			return err
		}
		campo, frase := "vecchia", e.Message
		if m := e.Campi["password"]; m != "" {
			campo, frase = "nuova", m
		}
		p.Errori = []erroreCampo{{campo, frase}}
		if e.Kind == fault.TooMany {
			stato = e.Kind.Status()
		}
	}
	return s.rendi(w, r, stato, "desk_password.html", p)
}

type rigaIncarico struct{ Nome, Quando string }

type paginaProfilo struct {
	Scrivania
	Utente    string
	Incarichi []rigaIncarico
	Fattori   string // what the second factor is, in words
	Sessioni  string // how many sessions are open
	Fatto     string
}

// profilo shows the person who they are here, and leads to how they sign in.
func (s *Server) profilo(w http.ResponseWriter, r *http.Request) error {
	se := sessioneDi(r)
	base, _, err := s.scrivania(r, "Il tuo profilo", "profilo")
	if err != nil {
		return err
	}
	righe, err := s.Auth.Sessions(r.Context(), se)
	if err != nil {
		return err
	}
	fattori, codici, err := s.Auth.Factors(r.Context(), se)
	if err != nil {
		return err
	}
	p := &paginaProfilo{Scrivania: base, Utente: se.Utente, Sessioni: i18n.Plural(len(righe), "sessione aperta", "sessioni aperte"), Fattori: "Nessuno: entra chi sa la password.",
		Fatto: map[string]string{"password": "La password è cambiata. Gli altri accessi sono chiusi."}[r.URL.Query().Get("fatto")]}
	if len(fattori) > 0 {
		p.Fattori = fattoriInParole(fattori, codici)
	}
	amb := s.Servizio.Ambiente(s.EnteID)
	for _, i := range se.Incarichi {
		x := rigaIncarico{Nome: nomeUfficio(amb, i.Ruolo+":"+i.Unita), Quando: "dal " + i18n.LongDate(i.Dal)}
		if !i.Al.IsZero() {
			x.Quando += " al " + i18n.LongDate(i.Al)
		}
		p.Incarichi = append(p.Incarichi, x)
	}
	return s.rendi(w, r, http.StatusOK, "desk_profilo.html", p)
}

// istante is a moment as people write it: "lun 2 mar 2026, 10.30".
func istante(t time.Time) string {
	d := day.In(t)
	return i18n.ShortDate(d) + " " + t.In(day.Rome).Format("2006, 15.04")
}
