package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// rigaComparto is a compartment, as far as an administrator may know it.
type rigaComparto struct{ Nome, Chi, Versione, Prima, Ultima, Unita string } // Prima and Ultima: ids of what members hold

type paginaCompartimenti struct {
	Scrivania
	Righe, Riservate []rigaComparto // of every ente; of the units that have one of their own
	Fondata          bool
	Storia           []rigaChiave
	Elenco           []string // units to choose from
	Unita            string   // as written
	Errori           erroriAdm
	Fatto            string
}

// admChiavi says which compartments there are and who holds their keys. What the members
// hold is the members': here it is only shown.
func (s *Server) admChiavi(w http.ResponseWriter, r *http.Request) error {
	return s.mostraComparti(w, r, &paginaCompartimenti{Fatto: admFatto[r.URL.Query().Get("fatto")]}, http.StatusOK)
}

func (s *Server) mostraComparti(w http.ResponseWriter, r *http.Request, p *paginaCompartimenti, stato int) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	for _, x := range pratica.Comparti {
		a, err := s.Custody.Look(r.Context(), s.EnteID, x.Nome)
		if err != nil {
			return err
		}
		riga := rigaComparto{Nome: x.Etichetta, Chi: "Il server"}
		if a.Versione > 0 {
			riga.Versione = strconv.Itoa(a.Versione)
		}
		if x.DeiMembri {
			riga.Chi = "I membri, che non l'hanno ancora creata"
			if p.Fondata = a.Fondata; a.Fondata {
				riga.Chi, riga.Prima, riga.Ultima = "I suoi membri", vault.Gruppi(a.Prima), vault.Gruppi(a.Ultima)
			}
		}
		p.Righe = append(p.Righe, riga)
	}
	for _, u := range a.ente.Riservate {
		x, err := s.Custody.Look(r.Context(), s.EnteID, pratica.DiStruttura(u))
		if err != nil {
			return err
		}
		riga := rigaComparto{Nome: conID(a.amb.Organigramma, u), Chi: "Il server", Unita: u}
		if x.Versione > 0 {
			riga.Versione = strconv.Itoa(x.Versione)
		}
		p.Riservate = append(p.Riservate, riga)
	}
	p.Elenco = elencoUnita(a.amb.Organigramma, a.oggi)
	if p.Storia, err = s.storiaChiavi(r); err != nil {
		return err
	}
	if p.Scrivania, err = s.admTesta(r, "Chiavi degli uffici", "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_chiavi.html", p)
}

// admRiserva gives a unit a compartment of its own, from the next request on.
func (s *Server) admRiserva(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	id, errore := unitaScritta(a.amb.Organigramma, v.Get("unita"), a.oggi)
	if strings.TrimSpace(v.Get("unita")) == "" {
		id, errore = "", "Scegli una struttura."
	}
	if errore != "" {
		return s.mostraComparti(w, r, &paginaCompartimenti{Unita: pratica.Pulisci(v.Get("unita")), Errori: []erroreCampo{{"unita", errore}}}, http.StatusUnprocessableEntity)
	}
	if !slices.Contains(a.ente.Riservate, id) {
		a.ente.Riservate = append(slices.Clone(a.ente.Riservate), id)
		if err := s.Ambienti.SalvaEnte(r.Context(), a.ente); err != nil {
			return err
		}
	}
	return vaiA(w, r, "/amministrazione/chiavi", "riservata")
}

// admRiservaTogli ends that for what will be asked. What was asked stays under its key.
func (s *Server) admRiservaTogli(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	if slices.Contains(a.ente.Riservate, v.Get("unita")) {
		a.ente.Riservate = slices.DeleteFunc(slices.Clone(a.ente.Riservate), func(u string) bool { return u == v.Get("unita") })
		if err := s.Ambienti.SalvaEnte(r.Context(), a.ente); err != nil {
			return err
		}
	}
	return vaiA(w, r, "/amministrazione/chiavi", "comune")
}

// admPersonaChiave takes away what opens a person's own key. It opens nothing.
func (s *Server) admPersonaChiave(w http.ResponseWriter, r *http.Request, v url.Values) error {
	return s.suPersona(w, r, v, "chiave", nil, func(a admAmbito, id string) error {
		return s.Auth.ResetKey(r.Context(), a.se.Chi, id)
	})
}
