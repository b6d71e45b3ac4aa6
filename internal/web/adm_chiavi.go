package web

import (
	"net/http"
	"net/url"
	"strconv"

	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// rigaComparto is a compartment, as far as an administrator may know it.
type rigaComparto struct{ Nome, Chi, Versione, Prima, Ultima string } // Prima and Ultima: ids of what members hold

type paginaCompartimenti struct {
	Scrivania
	Righe   []rigaComparto
	Fondata bool
	Storia  []rigaChiave
}

// admChiavi says which compartments there are and who holds their keys. Nothing is
// done here: what the members hold is the members'.
func (s *Server) admChiavi(w http.ResponseWriter, r *http.Request) error {
	p := &paginaCompartimenti{}
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
	var err error
	if p.Storia, err = s.storiaChiavi(r); err != nil {
		return err
	}
	if p.Scrivania, err = s.admTesta(r, "Chiavi degli uffici", "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "adm_chiavi.html", p)
}

// admPersonaChiave takes away what opens a person's own key. It opens nothing.
func (s *Server) admPersonaChiave(w http.ResponseWriter, r *http.Request, v url.Values) error {
	return s.suPersona(w, r, v, "chiave", nil, func(a admAmbito, id string) error {
		return s.Auth.ResetKey(r.Context(), a.se.Chi, id)
	})
}
