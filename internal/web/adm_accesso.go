package web

import (
	"net/http"
	"net/url"

	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
)

// paginaAccesso is the rule of who must have a second factor.
type paginaAccesso struct {
	Scrivania
	Regola, Dal, Motivo string // as the form has them
	Ora                 string // what holds now, in words
	Senza               string // how many have none, in words
	Domani              string
	Storia              []rigaNotizia
	Fatto               string
	Errori              erroriAdm
}

// The choices of the form.
const (
	regolaSubito = "subito"
	regolaDal    = "dal"
	regolaLibera = "libera"
)

func regolaInParole(r auth.Regola, oggi day.Date) string {
	switch {
	case r.Libero:
		return "Il secondo fattore non è obbligatorio: " + r.Motivo + "."
	case !r.Obbliga(oggi):
		return "Il secondo fattore è obbligatorio dal " + i18n.LongDate(r.Dal) + "."
	}
	return "Il secondo fattore è obbligatorio per tutti."
}

func (s *Server) admAccesso(w http.ResponseWriter, r *http.Request) error {
	regola, err := s.Auth.Regola(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	v := url.Values{"regola": {regolaSubito}, "motivo": {regola.Motivo}}
	switch {
	case regola.Libero:
		v.Set("regola", regolaLibera)
	case !regola.Obbliga(day.In(s.Now())):
		v.Set("regola", regolaDal)
		v.Set("dal", regola.Dal.String())
	}
	return s.mostraAccesso(w, r, v, nil, http.StatusOK)
}

func (s *Server) mostraAccesso(w http.ResponseWriter, r *http.Request, v url.Values, errori []erroreCampo, stato int) error {
	a, err := s.ambitoDi(r, true)
	if err != nil {
		return err
	}
	regola, err := s.Auth.Regola(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	storia, err := s.Auth.Storia(r.Context(), a.se.Chi, "")
	if err != nil {
		return err
	}
	n := 0
	for _, x := range a.persone {
		if senzaSecondo(x) {
			n++
		}
	}
	p := &paginaAccesso{Regola: v.Get("regola"), Dal: v.Get("dal"), Motivo: v.Get("motivo"), Ora: regolaInParole(regola, a.oggi),
		Senza: i18n.Plural(n, "persona che può entrare non ne ha", "persone che possono entrare non ne hanno"), Domani: a.oggi.Add(1).String(),
		Storia: s.notizie(r, storia), Errori: errori}
	titolo := "Come si accede"
	if len(errori) > 0 {
		titolo = "Errore: come si accede"
	} else {
		p.Fatto = admFatto[r.URL.Query().Get("fatto")]
	}
	if p.Scrivania, err = s.admTesta(r, titolo, "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_accesso.html", p)
}

// senzaSecondo reports whether a person may enter and has no second factor.
func senzaSecondo(p auth.Persona) bool { return p.Attiva && p.Secondi == 0 }

func (s *Server) admAccessoSalva(w http.ResponseWriter, r *http.Request, v url.Values) error {
	var regola auth.Regola
	no := func(campo, frase string) error {
		return s.mostraAccesso(w, r, v, []erroreCampo{{campo, frase}}, http.StatusUnprocessableEntity)
	}
	switch v.Get("regola") {
	case regolaSubito:
	case regolaDal:
		dal, err := day.Parse(v.Get("dal"))
		if err != nil || dal <= day.In(s.Now()) {
			return no("dal", "Scrivi un giorno da domani in poi.")
		}
		regola.Dal = dal
	case regolaLibera:
		regola = auth.Regola{Libero: true, Motivo: v.Get("motivo")}
	default:
		return no("regola", "Scegli una delle tre risposte.")
	}
	err := s.Auth.SetRegola(r.Context(), sessioneDi(r).Chi, regola)
	if e, stato, ok := erroriDi(err, "motivo"); ok {
		return s.mostraAccesso(w, r, v, e, stato)
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/amministrazione/accesso", "accesso")
}

// admPersonaFattori takes every second factor away from who lost theirs.
func (s *Server) admPersonaFattori(w http.ResponseWriter, r *http.Request, v url.Values) error {
	if r.PathValue("id") == sessioneDi(r).Persona {
		return fault.New(fault.Invalid, "I tuoi si cambiano dalla pagina «Come accedi» del tuo profilo.")
	}
	return s.suPersona(w, r, v, "fattori", nil, func(a admAmbito, id string) error {
		return s.Auth.ResetFactors(r.Context(), a.se.Chi, id)
	})
}
