package web

import (
	"net/http"
	"net/url"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// gesti are the routes that ask for a proof, with the gesture that they are: see
// access.Confermato. Of an act it depends on the act, which compiAtto knows.
var gesti = map[string]access.Gesto{
	"POST /lavoro/insieme":                    access.Insieme,
	"POST /pratica/{id}/copia":                access.Esportare,
	"POST /registrazioni/csv":                 access.Esportare,
	"POST /archivio/proponi":                  access.Eliminare,
	"POST /archivio/elenco":                   access.Eliminare,
	"POST /pratica/{id}/fascicolo":            access.Esportare,
	"POST /registrazioni/giornalieri/esporta": access.Esportare,

	"POST /upt/registrazioni/csv":                 access.Esportare,
	"POST /upt/registrazioni/giornalieri/esporta": access.Esportare,
	"POST /upt/archivio/proponi":                  access.Eliminare,
	"POST /upt/archivio/elenco":                   access.Eliminare,
	"POST /upt/contatto":                          access.Regole,
	"POST /upt/regolamento/pubblica":              access.Regole,

	"POST /profilo/fattori/app":     access.Fattori,
	"POST /profilo/fattori/passkey": access.Fattori,
	"POST /profilo/fattori/togli":   access.Fattori,
	"POST /profilo/fattori/codici":  access.Fattori,
	"POST /amministrazione/token":   access.Token,

	"POST /chiavi/frase":      access.Chiavi,
	"POST /chiavi/foglio":     access.Chiavi,
	"POST /chiavi/passkey":    access.Chiavi,
	"POST /chiavi/slot":       access.Chiavi,
	"POST /chiavi/furto":      access.Chiavi,
	"POST /chiavi/fonda":      access.Chiavi,
	"POST /chiavi/ammetti":    access.Chiavi,
	"POST /chiavi/togli/{id}": access.Chiavi,
	"POST /chiavi/fogli":      access.Chiavi,
	"POST /chiavi/recupera":   access.Chiavi,

	"POST /amministrazione/persone/nuova":          access.Persone,
	"POST /amministrazione/persone/{id}/nome":      access.Persone,
	"POST /amministrazione/persone/{id}/password":  access.Persone,
	"POST /amministrazione/persone/{id}/fattori":   access.Persone,
	"POST /amministrazione/persone/{id}/chiave":    access.Persone,
	"POST /amministrazione/persone/{id}/disattiva": access.Persone,
	"POST /amministrazione/persone/{id}/riattiva":  access.Persone,
	"POST /amministrazione/persone/{id}/incarico":  access.Persone,
	"POST /amministrazione/persone/{id}/termina":   access.Persone,
	"POST /amministrazione/accesso":                access.Regole,
	"POST /amministrazione/ente":                   access.Regole,
	"POST /amministrazione/uffici":                 access.Regole,
	"POST /amministrazione/riservate":              access.Regole,
	"POST /amministrazione/riservate/togli":        access.Regole,
	"POST /amministrazione/uffici/togli":           access.Regole,
	"POST /amministrazione/organigramma/pubblica":  access.Regole,
	"POST /amministrazione/regolamento/pubblica":   access.Regole,
}

// nomiGesti say what is about to be done: who proves who he is must know what for.
var nomiGesti = map[access.Gesto]string{access.Firmare: "Stai per firmare.", access.Insieme: "Stai per fare un'azione su più segnalazioni insieme.",
	access.Esportare: "Stai per portare fuori dei dati.", access.Persone: "Stai per cambiare una persona o i suoi ruoli.",
	access.Regole: "Stai per cambiare i dati o le regole dell'ente o dell'ufficio.", access.Fattori: "Stai per cambiare il modo in cui accedi.",
	access.Token: "Stai per creare un token.", access.Chiavi: "Stai per cambiare delle chiavi.", access.Eliminare: "Stai per decidere la fine di alcune pratiche.",
	access.Annullare: "Stai per annullare un numero del registro. Non si torna indietro."}

// gestoDi is the gesture that an act is: to approve a text that leaves later, to give
// a citizen another chiave, to annul a number.
func gestoDi(d *regolamento.DefAtto) access.Gesto {
	if d.Chiave {
		return access.Chiavi
	}
	if d.Annota == regolamento.AnnotaAnnullamento {
		return access.Annullare
	}
	if d.TestoDa != "" && d.Lettera == "" {
		return access.Firmare
	}
	return ""
}

// moduloInAttesa is a form that waits for a proof, on the page that asks for it.
type moduloInAttesa struct {
	*sospeso
	Gesto access.Gesto
}

func (s *Server) contestoConferma(persona string) string {
	return vault.Context("conferma", s.EnteID, persona)
}

// chiediConferma asks who has signed in to prove who they are, and keeps what they
// were sending: it is done afterwards. so is the form, if it was read already.
func (s *Server) chiediConferma(w http.ResponseWriter, r *http.Request, g access.Gesto, so *sospeso) error {
	if so == nil {
		so = s.attesa(r)
		if err := so.leggi(w, r); err != nil {
			return err
		}
	}
	m := s.sigilla(s.contestoConferma(sessioneDi(r).Persona), moduloInAttesa{so, g})
	if len(m) > maxSospeso {
		return fault.New(fault.TooLarge, "Per questo passo dimostra di nuovo che sei tu in un'altra scheda, poi torna qui e ricarica la pagina.")
	}
	return s.mostraConferma(w, r, http.StatusOK, g, url.Values{"modulo": {m}}, "")
}

// apriAttesa opens a form that waits for the proof of who has signed in.
func (s *Server) apriAttesa(r *http.Request, sigillo string) (*moduloInAttesa, bool) {
	m := &moduloInAttesa{sospeso: &sospeso{Presi: &presi{}}}
	if !s.apriSigillo(s.contestoConferma(sessioneDi(r).Persona), sigillo, m) || !s.Now().Before(m.Scade) {
		return nil, false
	}
	m.Presi.attendono(s, m.sospeso)
	return m, true
}

// paginaConferma asks for a proof with nothing waiting.
func (s *Server) paginaConferma(w http.ResponseWriter, r *http.Request) error {
	return s.mostraConferma(w, r, http.StatusOK, "", r.URL.Query(), "")
}

func (s *Server) mostraConferma(w http.ResponseWriter, r *http.Request, stato int, g access.Gesto, v url.Values, frase string) error {
	p := &paginaPasso{Soglia: s.soglia("Dimostra che sei tu"), Nome: sessioneDi(r).Nome, Poi: localeSolo(v.Get("poi")), Modulo: v.Get("modulo"), Gesto: nomiGesti[g]}
	x, err := senzaPasskey(s.Auth.ChallengeConfirm(r.Context(), sessioneDi(r), s.sitoDi(r)))
	if err != nil {
		return err
	}
	p.Passkey = x.modulo("/conferma", "Usa la passkey", p.portati()...)
	p.sbaglio("password", frase)
	return s.rendi(w, r, stato, "desk_conferma.html", p)
}

// conferma takes the proof, and does what was waiting for it.
func (s *Server) conferma(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	se := sessioneDi(r)
	m, aspetta := s.apriAttesa(r, v.Get("modulo"))
	if v.Get("modulo") != "" && !aspetta {
		return fault.New(fault.Bad, "Questa pagina è vecchia: non abbiamo fatto niente. Torna da dove venivi e riprova.")
	}
	var g access.Gesto
	if aspetta {
		g = m.Gesto
	}
	var cookie string
	if v.Has("risposta") {
		cookie, err = s.Auth.ConfirmPasskey(r.Context(), se, s.sitoDi(r), v.Get("sigillo"), v.Get("risposta"))
	} else {
		cookie, err = s.Auth.Confirm(r.Context(), se, v.Get("password"), da(r))
	}
	if e, ok := comeFault(err, fault.Unauthenticated); ok {
		return s.mostraConferma(w, r, http.StatusUnprocessableEntity, g, v, e.Message)
	}
	if e, ok := comeFault(err, fault.TooMany); ok {
		return s.mostraConferma(w, r, e.Kind.Status(), g, v, e.Message)
	}
	if err != nil {
		return err
	}
	c := mettiSessione(w, cookie)
	if aspetta {
		return s.ripeti(w, r, c, m.sospeso)
	}
	http.Redirect(w, r, localeSolo(v.Get("poi")), http.StatusSeeOther)
	return nil
}

// daConfermare reports whether an act that is about to be done still wants a proof
// of who does it.
func (s *Server) daConfermare(r *http.Request, d *regolamento.DefAtto) bool {
	return !access.Confermato(sessioneDi(r).Chi, gestoDi(d), s.Now())
}
