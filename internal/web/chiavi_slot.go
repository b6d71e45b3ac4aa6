package web

import (
	"net/http"
	"net/url"
	"slices"

	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/vault"
)

// rigaSlot is a way into one's own key.
type rigaSlot struct {
	ID, Nome, Dal string
	Resta         bool // it is changed, never taken away
}

var nomiSlot = map[string]string{vault.SlotPassphrase: "La frase", vault.SlotPRF: "Passkey", vault.SlotFoglio: "Foglio personale"}

// riempiSlot is what the page of the keys says of the ways into one's own.
func (s *Server) riempiSlot(r *http.Request, p *paginaChiavi) error {
	righe, err := s.Auth.Slots(r.Context(), sessioneDi(r))
	if err != nil {
		return err
	}
	for _, x := range righe {
		riga := rigaSlot{ID: x.ID, Nome: nomiSlot[x.Tipo], Dal: istanteOppure(x.Dal, "non si sa"), Resta: x.Tipo == vault.SlotPassphrase}
		if x.Nome != "" {
			riga.Nome += " «" + x.Nome + "»"
		}
		p.Slot = append(p.Slot, riga)
	}
	p.HaFoglio = slices.ContainsFunc(righe, func(x auth.RigaSlot) bool { return x.Tipo == vault.SlotFoglio })
	ha, err := s.Auth.HasPasskey(r.Context(), sessioneDi(r))
	p.HaPasskey = ha && s.sitoDi(r).Accetta()
	return err
}

// paginaFoglioMio shows a printed code of one's own, this once.
type paginaFoglioMio struct {
	Soglia
	Ente              Ente
	Data, Mia, Codice string
}

func (s *Server) foglioMio(w http.ResponseWriter, r *http.Request, _ url.Values) error {
	se := sessioneDi(r)
	codice, err := s.Auth.NewSheet(r.Context(), se)
	if err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_foglio_mio.html", &paginaFoglioMio{s.soglia("Il tuo foglio personale"), s.presenta(), i18n.LongDate(s.Servizio.Oggi()),
		vault.Gruppi(se.Membro().KeyID()), vault.Gruppi(codice.Valore())})
}

// paginaDimenticata asks who forgot the passphrase for the printed code.
type paginaDimenticata struct {
	Soglia
	Codice string
	Foglio bool // there is one
	Errori erroriAdm
}

func (s *Server) paginaDimenticata(w http.ResponseWriter, r *http.Request) error {
	return s.mostraDimenticata(w, r, http.StatusOK, nil, nil)
}

func (s *Server) mostraDimenticata(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	k, err := s.Auth.Key(r.Context(), sessioneDi(r))
	if err != nil {
		return err
	}
	if !k.Frase {
		http.Redirect(w, r, "/chiavi", http.StatusSeeOther)
		return nil
	}
	return s.rendi(w, r, stato, "desk_dimenticata.html", &paginaDimenticata{s.soglia(errorePrima("Hai dimenticato la frase", errori)), v.Get("foglio"), k.Foglio, errori})
}

// conFoglioMio goes on to a new passphrase: the key opens when it is typed back.
func (s *Server) conFoglioMio(w http.ResponseWriter, r *http.Request, v url.Values) error {
	f, err := s.Auth.WithSheet(r.Context(), sessioneDi(r), vault.NewRiservato(v.Get("foglio")), da(r))
	if e, ok := comeFault(err, fault.Invalid, fault.TooMany, fault.NotFound); ok {
		return s.mostraDimenticata(w, r, e.Kind.Status(), v, []erroreCampo{{"foglio", e.Message}})
	}
	if err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_frase.html", &paginaFrase{Soglia: s.soglia("Una frase nuova"), Frase: f.Frase.Valore(), Sigillo: f.Sigillo, Azione: "/chiavi/frase", Bottone: "Salva la frase", Foglio: true})
}

// paginaPasskeyChiave asks a passkey for the secret that shall open one's own key.
type paginaPasskeyChiave struct {
	Soglia
	Passkey moduloPasskey
	Errori  []erroreCampo
}

func (s *Server) paginaPasskeyChiave(w http.ResponseWriter, r *http.Request) error {
	return s.mostraPasskeyChiave(w, r, http.StatusOK, nil)
}

func (s *Server) mostraPasskeyChiave(w http.ResponseWriter, r *http.Request, stato int, errori []erroreCampo) error {
	if sessioneDi(r).Membro() == nil {
		return custody.ErrChiuso
	}
	x, err := senzaPasskey(s.Auth.ChallengeSlot(r.Context(), sessioneDi(r), s.sitoDi(r)))
	if err != nil {
		return err
	}
	p := &paginaPasskeyChiave{s.soglia(errorePrima("Sblocca con una passkey", errori)), x.modulo("/chiavi/passkey", "Usa la passkey"), errori}
	return s.rendi(w, r, stato, "desk_chiavi_passkey.html", p)
}

func (s *Server) passkeyChiave(w http.ResponseWriter, r *http.Request, v url.Values) error {
	err := s.Auth.AddPasskeySlot(r.Context(), sessioneDi(r), s.sitoDi(r), v.Get("sigillo"), v.Get("risposta"))
	if e, ok := comeFault(err, fault.Invalid, fault.Unauthenticated); ok {
		return s.mostraPasskeyChiave(w, r, http.StatusUnprocessableEntity, []erroreCampo{{"", e.Message}})
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/chiavi", "passkey")
}

func (s *Server) togliSlot(w http.ResponseWriter, r *http.Request, v url.Values) error {
	err := s.Auth.RemoveSlot(r.Context(), sessioneDi(r), v.Get("slot"))
	if e, stato, ok := erroriDi(err); ok {
		return s.mostraChiavi(w, r, stato, nil, e)
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/chiavi", "slot")
}

// paginaFurto is for who thinks that somebody has their passphrase: another key, with
// another passphrase.
func (s *Server) paginaFurto(w http.ResponseWriter, r *http.Request) error {
	return s.mostraFurto(w, r, http.StatusOK, nil, nil)
}

func (s *Server) mostraFurto(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	se := sessioneDi(r)
	if se.Membro() == nil {
		return custody.ErrChiuso
	}
	ammesso, _, err := s.Custody.Where(r.Context(), se, comparto)
	if err != nil {
		return err
	}
	f := s.Auth.SamePassphrase(se, v.Get("sigillo"))
	return s.rendi(w, r, stato, "desk_frase.html", &paginaFrase{Soglia: s.soglia(errorePrima("Cambia la tua chiave", errori)), Frase: f.Frase.Valore(), Sigillo: f.Sigillo,
		Azione: "/chiavi/furto", Bottone: "Cambia la mia chiave", Furto: true, Fuori: !ammesso, Errori: errori})
}

func (s *Server) furto(w http.ResponseWriter, r *http.Request, v url.Values) error {
	err := s.Custody.Replace(r.Context(), sessioneDi(r), comparto, v.Get("sigillo"), vault.NewRiservato(v.Get("frase")))
	if e, stato, ok := erroriDi(err, "frase"); ok {
		return s.mostraFurto(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/chiavi", "furto")
}
