package web

import (
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/i18n"
)

// rigaFattore is one of the person's own factors.
type rigaFattore struct{ ID, Nome, Tipo, Creato, Usato string }

type paginaFattori struct {
	Scrivania
	Righe   []rigaFattore
	Codici  string // how many are left, in words; empty when there is no factor
	Pochi   bool
	Libero  bool // none must be had
	Passkey bool // may be made from this address
	Modulo  string
	Storia  []rigaNotizia
	Fatto   string
	Errori  []erroreCampo
}

var nomiFattori = map[auth.TipoSecondo]string{auth.App: "App dei codici", auth.Passkey: "Passkey"}

// fattoriInParole counts them.
func fattoriInParole(righe []auth.RigaSecondo, codici int) string {
	var parti []string
	conta := func(t auth.TipoSecondo, uno, molti string) {
		n := 0
		for _, x := range righe {
			if x.Tipo == t {
				n++
			}
		}
		if n > 0 {
			parti = append(parti, i18n.Plural(n, uno, molti))
		}
	}
	conta(auth.App, "app dei codici", "app dei codici")
	conta(auth.Passkey, "passkey", "passkey")
	return strings.Join(parti, ", ") + ", " + i18n.Plural(codici, "codice di recupero", "codici di recupero") + "."
}

// fattori is the page on which people keep how they sign in.
func (s *Server) fattori(w http.ResponseWriter, r *http.Request) error {
	return s.mostraFattori(w, r, http.StatusOK, nil)
}

func (s *Server) mostraFattori(w http.ResponseWriter, r *http.Request, stato int, errori []erroreCampo) error {
	se := sessioneDi(r)
	righe, codici, err := s.Auth.Factors(r.Context(), se)
	if err != nil {
		return err
	}
	regola, err := s.Auth.Regola(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	storia, err := s.Auth.Storia(r.Context(), se.Chi, se.Persona)
	if err != nil {
		return err
	}
	p := &paginaFattori{Libero: !regola.Obbliga(s.Servizio.Oggi()), Pochi: codici < 3, Passkey: s.sitoDi(r).Accetta(), Modulo: unaVolta(), Errori: errori,
		Storia: s.notizie(r, storia), Fatto: map[string]string{"tolto": "È tolto: non apre più niente.", "passkey": "La passkey è aggiunta.", "app": "L'app è aggiunta."}[r.URL.Query().Get("fatto")]}
	for _, x := range righe {
		p.Righe = append(p.Righe, rigaFattore{x.ID, x.Nome, nomiFattori[x.Tipo], istante(x.Creato), istanteOppure(x.Usato, "mai")})
	}
	if len(righe) > 0 {
		p.Codici = i18n.Plural(codici, "codice ancora da usare", "codici ancora da usare")
	}
	titolo := "Come accedi"
	if len(errori) > 0 {
		titolo = "Errore: come accedi"
	}
	if p.Scrivania, _, err = s.scrivania(r, titolo, "profilo"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "desk_fattori.html", p)
}

func istanteOppure(t time.Time, senno string) string {
	if t.IsZero() {
		return senno
	}
	return istante(t)
}

func (s *Server) togliFattore(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	err = s.Auth.RemoveFactor(r.Context(), sessioneDi(r), v.Get("fattore"))
	if e, ok := comeFault(err, fault.Invalid); ok {
		return s.mostraFattori(w, r, http.StatusUnprocessableEntity, []erroreCampo{{"", e.Message}})
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/profilo/fattori", "tolto")
}

// paginaIscrivi is the page of a new app or passkey.
type paginaIscrivi struct {
	Soglia
	Prima      bool // there is none yet, and one must be had
	Altra      bool // there is one already
	App        auth.Iscrizione
	QR         template.HTML
	Passkey    sfida
	PuoPasskey bool
	Nome       string
	Errori     erroriAdm
}

func (s *Server) iscrivi(r *http.Request, titolo, nome string, errori []erroreCampo) (*paginaIscrivi, error) {
	if len(errori) > 0 {
		titolo = "Errore: " + strings.ToLower(titolo[:1]) + titolo[1:]
	}
	righe, _, err := s.Auth.Factors(r.Context(), sessioneDi(r))
	return &paginaIscrivi{Soglia: s.soglia(titolo), Prima: sessioneDi(r).SenzaAltro, Altra: len(righe) > 0, PuoPasskey: s.sitoDi(r).Accetta(), Nome: nome, Errori: errori}, err
}

func (s *Server) paginaApp(w http.ResponseWriter, r *http.Request) error {
	return s.mostraApp(w, r, http.StatusOK, url.Values{"nome": {"telefono"}}, nil)
}

func (s *Server) mostraApp(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	p, err := s.iscrivi(r, "Collega l'app dei codici", v.Get("nome"), errori)
	if err != nil {
		return err
	}
	p.App = s.Auth.SameApp(sessioneDi(r), v.Get("sigillo"), s.presenta().Nome)
	qr, err := disegnaQR(p.App.Indirizzo)
	if err != nil {
		return err
	}
	p.QR = template.HTML(qr) //nolint:gosec // drawn by us: numbers only
	return s.rendi(w, r, stato, "desk_app.html", p)
}

func (s *Server) aggiungiApp(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	codici, err := s.Auth.AddApp(r.Context(), sessioneDi(r), v.Get("sigillo"), v.Get("codice"), v.Get("nome"))
	if e, stato, ok := erroriDi(err, "codice", "nome"); ok {
		return s.mostraApp(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	return s.aggiunto(w, r, codici, "app")
}

func (s *Server) paginaPasskey(w http.ResponseWriter, r *http.Request) error {
	return s.mostraPasskey(w, r, http.StatusOK, url.Values{"nome": {"questo computer"}}, nil)
}

func (s *Server) mostraPasskey(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	p, err := s.iscrivi(r, "Aggiungi una passkey", v.Get("nome"), errori)
	if err != nil {
		return err
	}
	if p.Passkey, err = senzaPasskey(s.Auth.ChallengeAdd(r.Context(), sessioneDi(r), s.sitoDi(r))); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "desk_passkey.html", p)
}

func (s *Server) aggiungiPasskey(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	codici, err := s.Auth.AddPasskey(r.Context(), sessioneDi(r), s.sitoDi(r), v.Get("sigillo"), v.Get("risposta"), v.Get("nome"))
	if e, stato, ok := erroriDi(err, "nome"); ok {
		return s.mostraPasskey(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	return s.aggiunto(w, r, codici, "passkey")
}

// paginaCodici shows recovery codes, this once.
type paginaCodici struct {
	Soglia
	Nome   string
	Codici []string
	Prima  bool // they come with the first factor
}

// aggiunto goes on after a new factor: to its recovery codes when it is the first.
func (s *Server) aggiunto(w http.ResponseWriter, r *http.Request, codici []string, cosa string) error {
	if len(codici) == 0 {
		return vaiA(w, r, "/profilo/fattori", cosa)
	}
	return s.rendi(w, r, http.StatusOK, "desk_codici.html", &paginaCodici{Soglia: s.soglia("I tuoi codici di recupero"), Nome: sessioneDi(r).Utente, Codici: codici, Prima: true})
}

func (s *Server) nuoviCodici(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	se := sessioneDi(r)
	// The same form sent twice shows the same codes.
	g, err := s.adm.unaVolta(se.Persona, v.Get("modulo"), s.Now(), func() (admSegreto, error) {
		codici, err := s.Auth.NewCodes(r.Context(), se)
		return admSegreto{testo: strings.Join(codici, " "), chi: se.Persona}, err
	})
	if e, ok := comeFault(err, fault.Invalid); ok {
		return s.mostraFattori(w, r, http.StatusUnprocessableEntity, []erroreCampo{{"", e.Message}})
	}
	if err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_codici.html", &paginaCodici{Soglia: s.soglia("I tuoi codici di recupero"), Nome: se.Utente, Codici: strings.Fields(g.testo)})
}

// rigaNotizia is something done to an access, in words.
type rigaNotizia struct{ Quando, Frase string }

var frasiNotizie = map[auth.Cosa]string{
	auth.AppAggiunta:      "Aggiunta l'app dei codici",
	auth.PasskeyAggiunta:  "Aggiunta una passkey",
	auth.FattoreTolto:     "Tolto un secondo fattore",
	auth.ChiaveNuova:      "Creata una tua chiave",
	auth.FraseCambiata:    "Cambiata la frase della tua chiave",
	auth.ChiaveAzzerata:   "Azzerata la tua chiave",
	auth.ChiaveCambiata:   "Cambiata la tua chiave",
	auth.FoglioNuovo:      "Stampato un foglio personale, che apre la tua chiave",
	auth.FoglioTolto:      "Tolto il foglio personale della tua chiave",
	auth.PasskeyApre:      "Una passkey apre la tua chiave",
	auth.SlotTolto:        "Una passkey non apre più la tua chiave",
	auth.FattoriAzzerati:  "Tolti tutti i fattori e i codici di recupero",
	auth.CodiciNuovi:      "Creati nuovi codici di recupero",
	auth.CodiceUsato:      "Usato un codice di recupero",
	auth.CodiciSbagliati:  "Password giusta e molti codici sbagliati",
	auth.PasskeyCopiata:   "Rifiutata una passkey che sembra copiata",
	auth.PasswordCambiata: "Data una nuova password provvisoria",
	auth.RegolaCambiata:   "Secondo fattore",
}

func (s *Server) notizie(r *http.Request, nn []auth.Notizia) (out []rigaNotizia) {
	for _, n := range nn {
		frase := frasiNotizie[n.Cosa]
		if n.Nota != "" {
			frase += ": " + n.Nota
		}
		if chi := s.nomePersona(r.Context(), n.Chi); chi != "" && n.Chi != n.Persona {
			frase += " (" + chi + ")"
		}
		out = append(out, rigaNotizia{istante(n.Il), frase + "."})
	}
	return out
}

type paginaNovitaAccesso struct {
	Soglia
	Poi, Fino string
	Righe     []rigaNotizia
}

// paginaNovita tells who signed in what was done to their access meanwhile.
func (s *Server) paginaNovita(w http.ResponseWriter, r *http.Request) error {
	poi := localeSolo(r.URL.Query().Get("poi"))
	dire, err := s.Auth.DaDire(r.Context(), sessioneDi(r))
	if err != nil {
		return err
	}
	if len(dire) == 0 {
		http.Redirect(w, r, poi, http.StatusSeeOther)
		return nil
	}
	return s.rendi(w, r, http.StatusOK, "desk_novita.html", &paginaNovitaAccesso{Soglia: s.soglia("Il tuo accesso è cambiato"), Poi: poi,
		Fino: dire[len(dire)-1].Il.UTC().Format(time.RFC3339Nano), Righe: s.notizie(r, dire)})
}

func (s *Server) novitaLette(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	fino, err := time.Parse(time.RFC3339Nano, v.Get("fino"))
	if err != nil {
		return fault.New(fault.Bad, "Questa pagina è vecchia. Ricaricala e riprova.")
	}
	if err := s.Auth.Dette(r.Context(), sessioneDi(r), fino); err != nil {
		return err
	}
	http.Redirect(w, r, localeSolo(v.Get("poi")), http.StatusSeeOther)
	return nil
}

type rigaSessione struct {
	ID, Da, Vista, Dove, Rete, Con string
	Bloccata, Questa               bool
}

type paginaSessioni struct {
	Scrivania
	Righe []rigaSessione
	Altre bool
	Fatto string
}

var nomiProve = map[string]string{"password": "password", string(auth.App): "codice dell'app", string(auth.Passkey): "passkey", string(auth.Codice): "codice di recupero"}

// sessioni are where the person is signed in.
func (s *Server) sessioni(w http.ResponseWriter, r *http.Request) error {
	righe, err := s.Auth.Sessions(r.Context(), sessioneDi(r))
	if err != nil {
		return err
	}
	p := &paginaSessioni{Altre: len(righe) > 1, Fatto: map[string]string{"una": "La sessione è chiusa.", "altre": "Le altre sessioni sono chiuse."}[r.URL.Query().Get("fatto")]}
	for _, x := range righe {
		p.Righe = append(p.Righe, rigaSessione{x.ID, istante(x.Creata), istante(x.Vista), x.Da.Dispositivo, reteMostrata(x.Da.Rete), nomiProve[x.Con], x.Bloccata, x.Questa})
	}
	if p.Scrivania, _, err = s.scrivania(r, "Le mie sessioni", "profilo"); err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_sessioni.html", p)
}

// reteMostrata is a network as people read it.
func reteMostrata(rete string) string {
	p, err := netip.ParsePrefix(rete)
	switch {
	case err != nil:
		return "non si sa"
	case p.Addr().IsLoopback():
		return "questo computer"
	case p.Addr().Is4():
		b := p.Addr().String()
		return b[:strings.LastIndex(b, ".")] + ".x"
	}
	return p.Addr().String()
}

// chiudiSessioni ends one other session, or all of them.
func (s *Server) chiudiSessioni(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	se, fatto := sessioneDi(r), "una"
	if slices.Contains(v["fai"], "altre") {
		err, fatto = s.Auth.EndOthers(r.Context(), se), "altre"
	} else {
		err = s.Auth.EndSession(r.Context(), se, v.Get("sessione"))
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/profilo/sessioni", fatto)
}
