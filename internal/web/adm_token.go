package web

import (
	"net/http"
	"net/url"

	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/i18n"
)

// rigaTokenAdm is one of the person's tokens.
type rigaTokenAdm struct{ ID, Nome, Creato, Scade string }

type paginaToken struct {
	Scrivania
	Righe        []rigaTokenAdm
	Modulo       string
	Nome, Scade  string
	Minimo, Fine string
	Segreto      string // shown once
	Fatto        string
	Errori       erroriAdm
}

// admToken lists the tokens with which programs work in the person's name.
func (s *Server) admToken(w http.ResponseWriter, r *http.Request) error {
	return s.mostraToken(w, r, paginaToken{Fatto: admFatto[r.URL.Query().Get("fatto")]}, http.StatusOK)
}

func (s *Server) mostraToken(w http.ResponseWriter, r *http.Request, p paginaToken, stato int) error {
	righe, err := s.Auth.Tokens(r.Context(), sessioneDi(r).Chi)
	if err != nil {
		return err
	}
	oggi := day.In(s.Now())
	p.Modulo, p.Minimo, p.Fine = unaVolta(), oggi.Add(1).String(), oggi.Add(365).String()
	if p.Scade == "" {
		p.Scade = oggi.Add(90).String()
	}
	for _, x := range righe {
		p.Righe = append(p.Righe, rigaTokenDi(x))
	}
	titolo := "I miei token"
	if len(p.Errori) > 0 {
		titolo = "Errore: i miei token"
	}
	if p.Scrivania, err = s.admTesta(r, titolo, "token"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_token.html", &p)
}

func rigaTokenDi(x auth.RigaToken) rigaTokenAdm {
	scade := day.In(x.Scade)
	return rigaTokenAdm{x.ID, x.Nome, istante(x.Creato), i18n.ShortDate(scade) + anno(scade)}
}

// admTokenNuovo makes a token and shows it, this once.
func (s *Server) admTokenNuovo(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	se := sessioneDi(r)
	l := &lettura{Values: v}
	scade := dataScritta(l, "scade", "Scegli fino a quando vale.")
	if len(l.Errori) > 0 {
		return s.mostraToken(w, r, paginaToken{Nome: v.Get("nome"), Scade: v.Get("scade"), Errori: l.Errori}, http.StatusUnprocessableEntity)
	}
	g, err := s.adm.unaVolta(se.Persona, v.Get("modulo"), s.Now(), func() (admSegreto, error) {
		t, err := s.Auth.Token(r.Context(), se.Chi, se.Persona, v.Get("nome"), scade.Add(1).Start())
		return admSegreto{testo: t}, err
	})
	if e, stato, ok := erroriDi(err, "nome", "scade"); ok {
		return s.mostraToken(w, r, paginaToken{Nome: v.Get("nome"), Scade: v.Get("scade"), Errori: e}, stato)
	}
	if err != nil {
		return err
	}
	return s.mostraToken(w, r, paginaToken{Segreto: g.testo}, http.StatusOK)
}

func (s *Server) admTokenTogli(w http.ResponseWriter, r *http.Request, v url.Values) error {
	if err := s.Auth.RevokeToken(r.Context(), sessioneDi(r).Chi, v.Get("token")); err != nil {
		return err
	}
	return vaiA(w, r, "/amministrazione/token", "token")
}

// Mostra gives the token just made, if there is one to show.
func (p *paginaToken) Mostra() segretoMostrato {
	return segretoMostrato{p.Segreto, "Il tuo token", "Copialo adesso: si vede solo questa volta. Chi lo ha lavora a tuo nome."}
}
