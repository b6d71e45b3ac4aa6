package web

import (
	"net/http"
	"net/url"

	"tutela/internal/fault"
	"tutela/internal/vault"
)

type paginaFrase struct {
	Soglia
	Frase   string
	Sigillo string
	Azione  string
	Bottone string
	Cambia  bool // there was one before
	Foglio  bool // and it was forgotten
	Furto   bool // or stolen: the key changes with it
	Fuori   bool // and the key is in no office
	Errori  erroriAdm
}

// paginaFrase shows a passphrase that the program made, to be written on paper.
func (s *Server) paginaFrase(w http.ResponseWriter, r *http.Request) error {
	return s.mostraFrase(w, r, http.StatusOK, nil, nil)
}

func (s *Server) mostraFrase(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	se := sessioneDi(r)
	k, err := s.Auth.Key(r.Context(), se)
	if err != nil {
		return err
	}
	if k.Frase && !k.Aperta && !s.Auth.BySheet(se, v.Get("sigillo")) {
		return s.chiediSblocco(w, r)
	}
	f := s.Auth.SamePassphrase(se, v.Get("sigillo"))
	titolo, bottone := "La tua frase", "Crea la mia chiave"
	if k.Frase {
		titolo, bottone = "Una frase nuova", "Cambia la frase"
	}
	return s.rendi(w, r, stato, "desk_frase.html", &paginaFrase{Soglia: s.soglia(errorePrima(titolo, errori)), Frase: f.Frase.Valore(), Sigillo: f.Sigillo,
		Azione: "/chiavi/frase", Bottone: bottone, Cambia: k.Frase, Foglio: k.Frase && !k.Aperta, Errori: errori})
}

func (s *Server) salvaFrase(w http.ResponseWriter, r *http.Request, v url.Values) error {
	se := sessioneDi(r)
	k, err := s.Auth.Key(r.Context(), se)
	if err != nil {
		return err
	}
	err = s.Auth.SetPassphrase(r.Context(), se, v.Get("sigillo"), vault.NewRiservato(v.Get("frase")))
	if e, stato, ok := erroriDi(err, "frase"); ok {
		return s.mostraFrase(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	if k.Frase {
		return vaiA(w, r, "/chiavi", "frase")
	}
	return vaiA(w, r, "/chiavi", "creata")
}

func (s *Server) contestoSblocca(persona string) string {
	return vault.Context("sblocca", s.EnteID, persona)
}

// chiediSblocco asks for the passphrase, and keeps what was being sent: it is done
// afterwards.
func (s *Server) chiediSblocco(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodGet {
		http.Redirect(w, r, "/chiavi/sblocca?poi="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return nil
	}
	so := s.attesa(r)
	if err := so.leggi(w, r); err != nil || len(so.Valori) == 0 {
		return fault.New(fault.Forbidden, "La tua chiave si è bloccata: sbloccala in un'altra scheda, torna qui e ricarica la pagina.")
	}
	m := s.sigilla(s.contestoSblocca(sessioneDi(r).Persona), so)
	if len(m) > maxSospeso {
		return fault.New(fault.TooLarge, "La tua chiave si è bloccata: sbloccala in un'altra scheda, torna qui e ricarica la pagina.")
	}
	return s.mostraSblocca(w, r, http.StatusOK, url.Values{"modulo": {m}}, "")
}

func (s *Server) paginaSblocca(w http.ResponseWriter, r *http.Request) error {
	return s.mostraSblocca(w, r, http.StatusOK, r.URL.Query(), "")
}

func (s *Server) mostraSblocca(w http.ResponseWriter, r *http.Request, stato int, v url.Values, frase string) error {
	se := sessioneDi(r)
	k, err := s.Auth.Key(r.Context(), se)
	if err != nil {
		return err
	}
	if !k.Frase || k.Aperta && v.Get("modulo") == "" {
		poi := localeSolo(v.Get("poi"))
		if !k.Frase {
			poi = "/chiavi"
		}
		http.Redirect(w, r, poi, http.StatusSeeOther)
		return nil
	}
	p := &paginaPasso{Soglia: s.soglia("Sblocca la tua chiave"), Nome: se.Nome, Poi: localeSolo(v.Get("poi")), Modulo: v.Get("modulo"), Recupero: k.Foglio}
	x, err := senzaPasskey(s.Auth.ChallengeUnlock(r.Context(), se, s.sitoDi(r)))
	if err != nil {
		return err
	}
	p.Passkey = x.modulo("/chiavi/sblocca", "Sblocca con la passkey", p.portati()...)
	p.sbaglio("frase", frase)
	return s.rendi(w, r, stato, "desk_sblocca.html", p)
}

// sbloccaChiave opens the person's key, and does what was waiting for it.
func (s *Server) sbloccaChiave(w http.ResponseWriter, r *http.Request, v url.Values) error {
	se := sessioneDi(r)
	var err error
	if v.Has("risposta") {
		err = s.Auth.UnlockPasskey(r.Context(), se, s.sitoDi(r), v.Get("sigillo"), v.Get("risposta"))
	} else {
		err = s.Auth.UnlockKey(r.Context(), se, vault.NewRiservato(v.Get("frase")), da(r))
	}
	if e, ok := comeFault(err, fault.Invalid, fault.TooMany, fault.Unauthenticated); ok {
		return s.mostraSblocca(w, r, e.Kind.Status(), v, e.Message)
	}
	if err != nil {
		return err
	}
	poi, err := s.chiaviVerso(r, se, localeSolo(v.Get("poi")))
	if err != nil {
		return err
	}
	so := &sospeso{Presi: &presi{}}
	if s.apriSigillo(s.contestoSblocca(se.Persona), v.Get("modulo"), so) && s.Now().Before(so.Scade) {
		cookie, err := r.Cookie(biscottoSessione)
		if err != nil {
			return err // the door has read it
		}
		so.Presi.attendono(s, so)
		return s.ripeti(w, r, cookie, so)
	}
	http.Redirect(w, r, poi, http.StatusSeeOther)
	return nil
}

func (s *Server) bloccaChiave(w http.ResponseWriter, r *http.Request) error {
	if err := s.Auth.LockKey(r.Context(), sessioneDi(r)); err != nil {
		return err
	}
	http.Redirect(w, r, "/profilo", http.StatusSeeOther)
	return nil
}
