package web

import (
	"net/http"
	"net/url"

	"tutela/internal/pratica"
)

// campoContatto is one line of how to reach the UPT, with what it may hold.
type campoContatto struct {
	campoEnte
	dove  func(*pratica.Contatto) *string
	forma func(string) string // what is wrong; empty: nothing
}

var campiContatto = []campoContatto{
	{campoEnte{Nome: "telefono", Etichetta: "Telefono dell'UPT", Aiuto: "Se manca, chi vuole scrivere all'UPT trova il telefono dell'URP.", Max: 25, Tipo: "tel"}, func(c *pratica.Contatto) *string { return &c.Telefono }, telefono},
	{campoEnte{Nome: "orari", Etichetta: "Orari", Aiuto: "Per esempio: martedì e giovedì, dalle 9 alle 12.", Max: 200}, func(c *pratica.Contatto) *string { return &c.Orari }, nil},
	{campoEnte{Nome: "email", Etichetta: "E-mail", Aiuto: "Una casella che leggono solo le persone dell'UPT.", Max: 120, Tipo: "email"}, func(c *pratica.Contatto) *string { return &c.Email }, posta},
	{campoEnte{Nome: "indirizzo", Etichetta: "Dove riceve", Max: 200}, func(c *pratica.Contatto) *string { return &c.Indirizzo }, nil},
}

type paginaContatto struct {
	Scrivania
	Campi  []campoEnte
	Fatto  bool
	Errori erroriAdm
}

// contattoUPT is how people reach the UPT, for its head to say: not the ente's
// administrator.
func (s *Server) contattoUPT(w http.ResponseWriter, r *http.Request) error {
	return s.mostraContatto(w, r, http.StatusOK, s.presenta().UPT, nil)
}

func (s *Server) mostraContatto(w http.ResponseWriter, r *http.Request, stato int, c pratica.Contatto, errori []erroreCampo) error {
	titolo := "Come raggiungere l'UPT"
	if len(errori) > 0 {
		titolo = "Errore: come raggiungere l'UPT"
	}
	base, _, err := s.scrivania(r, titolo, "upt/contatto")
	if err != nil {
		return err
	}
	p := &paginaContatto{Scrivania: base, Errori: errori, Fatto: stato == http.StatusOK && r.URL.Query().Has("fatto")}
	for _, x := range campiContatto {
		x.Valore = *x.dove(&c)
		p.Campi = append(p.Campi, x.campoEnte)
	}
	return s.rendi(w, r, stato, "desk_upt_contatto.html", p)
}

func (s *Server) salvaContatto(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock() // it lies among the settings of the ente
	defer s.adm.mu.Unlock()
	l := &lettura{Values: v}
	var c pratica.Contatto
	for _, x := range campiContatto {
		prima := len(l.Errori)
		t := l.riga(x.Nome, x.Max, "")
		*x.dove(&c) = t
		if t != "" && x.forma != nil && len(l.Errori) == prima {
			if errore := x.forma(t); errore != "" {
				l.errore(x.Nome, errore)
			}
		}
	}
	if len(l.Errori) > 0 {
		return s.mostraContatto(w, r, http.StatusUnprocessableEntity, c, l.Errori)
	}
	if err := s.Ambienti.SalvaContatto(r.Context(), sessioneDi(r).Chi, c); err != nil {
		return err
	}
	return vaiA(w, r, "/upt/contatto", "si")
}
