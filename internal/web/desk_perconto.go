package web

import (
	"net/http"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
)

// viaPerConto is the form with which the URP takes in for the UPT: what it registers is
// sealed to the UPT's key, so that from then on nobody of the URP reads it or finds it.
//
// ref: lr33-2009 art. 23-bis
const viaPerConto = "/nuova/upt"

func perConto(r *http.Request) bool { return r.URL.Path == viaPerConto }

// sportello reports whether who asks is at a desk of the URP.
func sportello(chi access.Chi) bool {
	return chi.Ha(access.FrontOffice, access.URP, access.URPAziendale)
}

// puoNuova reports whether who asks may fill in a form for a new segnalazione. That of
// the UPT shows itself, and why it is shut, also before the UPT has rules.
func (s *Server) puoNuova(r *http.Request) error {
	amb, chi := s.Servizio.Ambiente(s.EnteID).Del(registroDi(r)), sessioneDi(r).Chi
	if perConto(r) {
		if !sportello(chi) || amb != nil && !puoRegistrare(amb, chi) {
			return fault.New(fault.Forbidden, "Il tuo ruolo non registra segnalazioni per l'UPT.")
		}
		return nil
	}
	if !puoRegistrare(amb, chi) {
		return fault.New(fault.Forbidden, "Il tuo ruolo non registra segnalazioni.")
	}
	return nil
}

// chiusoPerConto reports whether the UPT takes in nothing now. What is wrong with its
// keys stops nobody at the URP's desk.
func (s *Server) chiusoPerConto(r *http.Request) bool {
	aperto, err := s.uptAperto(r)
	if err != nil {
		s.Log.Error("the UPT takes in nothing", "route", r.Pattern, "err", err)
	}
	return !aperto
}

// indirizza gives a form its address, and that of the same form for the other office:
// who changes their mind while they speak has said nothing in vain.
func (s *Server) indirizza(r *http.Request, p *paginaNuova, m moduloNuova) {
	se, amb := sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	modulo := "?modulo=" + s.sigillaModulo(se, m)
	p.Azione = r.URL.Path + modulo
	suo := amb.Del(pratica.RegistroUPT)
	switch {
	case p.PerConto:
		p.Cambio = "/nuova" + modulo
	case !p.UPT && sportello(se.Chi) && (suo == nil || puoRegistrare(suo, se.Chi)):
		p.Cambio = viaPerConto + modulo
	}
}
