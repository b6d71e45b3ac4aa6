package web

import (
	"net/http"
	"time"

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
}

// paginaEntra is the sign-in page. Who has a session goes where it leads.
func (s *Server) paginaEntra(w http.ResponseWriter, r *http.Request) error {
	poi := localeSolo(r.URL.Query().Get("poi"))
	if _, err := s.sessione(r); err == nil {
		http.Redirect(w, r, poi, http.StatusSeeOther)
		return nil
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.rendi(w, r, http.StatusOK, "desk_entra.html", &paginaEntra{Soglia: s.soglia("Accedi"), Poi: poi, Uscita: r.URL.Query().Has("uscita")})
}

// attendi is the sign-in page for who was writing when the session ended.
func (s *Server) attendi(w http.ResponseWriter, r *http.Request) error {
	sigillo, err := s.sospendi(w, r)
	if err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusUnauthorized, "desk_entra.html",
		&paginaEntra{Soglia: s.soglia("Accedi di nuovo"), Poi: r.URL.RequestURI(), Sospeso: sigillo, Finita: true})
}

func (s *Server) entra(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	poi := localeSolo(v.Get("poi"))
	cookie, err := s.Auth.SignIn(r.Context(), s.EnteID, v.Get("utente"), v.Get("password"), da(r))
	if e, ok := comeFault(err, fault.Unauthenticated, fault.TooMany); ok {
		p := &paginaEntra{Soglia: s.soglia("Errore: accedi"), Utente: v.Get("utente"), Poi: poi, Errori: []erroreCampo{{"utente", e.Message}}, Sospeso: v.Get("sospeso")}
		return s.rendi(w, r, e.Kind.Status(), "desk_entra.html", p)
	}
	if err != nil {
		return err
	}
	entrata := &http.Cookie{Name: biscottoSessione, Value: cookie, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
	http.SetCookie(w, entrata)
	if so, ok := s.apriSospeso(v.Get("sospeso")); ok {
		se, err := s.Auth.Session(r.Context(), s.EnteID, cookie)
		if err != nil {
			return err
		}
		if so.di() != se.Persona {
			return s.altrui(w, r, so)
		}
		return s.riprendi(w, r, entrata, so)
	}
	http.Redirect(w, r, poi, http.StatusSeeOther)
	return nil
}

func (s *Server) esci(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(biscottoSessione); err == nil {
		if err := s.Auth.SignOut(r.Context(), s.EnteID, c.Value); err != nil {
			return err
		}
	}
	http.SetCookie(w, biscotto(biscottoSessione, "", -time.Second))
	http.SetCookie(w, biscotto(biscottoCerca, "", -time.Second))
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

type rigaSessione struct {
	ID, Da, Vista string
	Questa        bool
}

type rigaIncarico struct{ Nome, Quando string }

type paginaProfilo struct {
	Scrivania
	Utente    string
	Incarichi []rigaIncarico
	Sessioni  []rigaSessione
	Altre     bool
	Fatto     string
}

// profilo shows the person who they are here: offices and open sessions.
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
	p := &paginaProfilo{Scrivania: base, Utente: se.Utente, Altre: len(righe) > 1,
		Fatto: map[string]string{"password": "La password è cambiata. Gli altri accessi sono chiusi.", "sessioni": "Accesso chiuso."}[r.URL.Query().Get("fatto")]}
	amb := s.Servizio.Ambiente(s.EnteID)
	for _, i := range se.Incarichi {
		x := rigaIncarico{Nome: nomeUfficio(amb, i.Ruolo+":"+i.Unita), Quando: "dal " + i18n.LongDate(i.Dal)}
		if !i.Al.IsZero() {
			x.Quando += " al " + i18n.LongDate(i.Al)
		}
		p.Incarichi = append(p.Incarichi, x)
	}
	for _, x := range righe {
		p.Sessioni = append(p.Sessioni, rigaSessione{x.ID, istante(x.Creata), istante(x.Vista), x.Questa})
	}
	return s.rendi(w, r, http.StatusOK, "desk_profilo.html", p)
}

// istante is a moment as people write it: "lun 2 mar 2026, 10.30".
func istante(t time.Time) string {
	d := day.In(t)
	return i18n.ShortDate(d) + " " + t.In(day.Rome).Format("2006, 15.04")
}

// chiudiSessioni ends one other session, or all of them.
func (s *Server) chiudiSessioni(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	se := sessioneDi(r)
	if v.Get("fai") == "altre" {
		err = s.Auth.EndOthers(r.Context(), se)
	} else {
		err = s.Auth.EndSession(r.Context(), se, v.Get("sessione"))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/profilo?fatto=sessioni", http.StatusSeeOther)
	return nil
}
