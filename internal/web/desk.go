package web

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/pratica"
)

// Viste keeps people's saved filters. What cannot be stored is fault.Invalid, by
// field.
type Viste interface {
	Viste(ctx context.Context, ente, persona string) ([]pratica.Vista, error)
	SalvaVista(ctx context.Context, ente, persona string, v pratica.Vista) error
	EliminaVista(ctx context.Context, ente, persona, nome string) error
}

// rotteScrivania are the pages of those who work for the ente.
func (s *Server) rotteScrivania() []rotta {
	if s.Auth == nil || s.Viste == nil {
		return nil
	}
	return []rotta{
		{"GET", "/entra", nil, s.paginaEntra},
		{"POST", "/entra", nil, s.entra},
		{"POST", "/esci", nil, s.esci},
		{"GET", "/password", tutti, s.paginaPassword},
		{"POST", "/password", tutti, s.cambiaPassword},
		{"GET", "/profilo", tutti, s.profilo},
		{"GET", "/lavoro", tutti, s.lavoro},
		{"POST", "/lavoro/insieme", tutti, s.compiInsieme},
		{"POST", "/lavoro/viste", tutti, s.salvaVista},
		{"POST", "/lavoro/viste/togli", tutti, s.togliVista},
		{"GET", "/aiuto-tasti", tutti, s.aiutoTasti},
		{"GET", "/accessi", tutti, s.accessi},
		{"GET", "/registrazioni", leggonoRegistro, s.registrazioni},
		{"GET", "/registrazioni/stampa", leggonoRegistro, s.stampaRegistro},
		{"POST", "/registrazioni/csv", leggonoRegistro, s.esportaRegistro},
		{"GET", "/registrazioni/giornalieri", leggonoGiornalieri, s.giornalieri},
		{"GET", "/registrazioni/giornalieri/{giorno}", leggonoGiornalieri, s.giornaliero},
		{"POST", "/registrazioni/giornalieri/esporta", leggonoGiornalieri, s.esportaGiornalieri},
		{"GET", "/archivio", tutti, s.archivio},
		{"GET", "/archivio/registro", tengonoArchivio, s.registroArchivio},
		{"GET", "/archivio/registro/stampa", tengonoArchivio, s.registroArchivio},
		{"POST", "/archivio/proponi", tutti, s.proponiScarto},
		{"POST", "/archivio/elenco", tutti, s.decidiScarto},
		{"POST", "/cerca", tutti, s.cerca},
		{"GET", "/cerca", tutti, s.trovate},
		{"GET", "/nuova", tutti, s.nuova},
		{"POST", "/nuova", tutti, s.registraNuova},
		{"GET", viaPerConto, tutti, s.nuova},
		{"POST", viaPerConto, tutti, s.registraNuova},
		{"GET", "/pratica/{id}", tutti, s.pratica},
		{"GET", "/pratica/{id}/{sezione}", tutti, s.pratica},
		{"GET", "/pratica/{id}/file/{file}", tutti, s.scarica},
		{"GET", "/pratica/{id}/copia/{file}", tutti, s.tavoloCopia},
		{"POST", "/pratica/{id}/copia/{file}", tutti, s.faiCopia},
		{"GET", "/pratica/{id}/copia/{file}/pagina/{pagina}", tutti, s.figuraCopia},
		{"GET", "/pratica/{id}/copia/{file}/pronta", tutti, s.prontaCopia},
		{"GET", "/pratica/{id}/foglio/{seq}", tutti, s.foglio},
		{"GET", "/pratica/{id}/atto/{atto}", tutti, s.atto},
		{"POST", "/pratica/{id}/atto/{atto}", tutti, s.compiAtto},
		{"POST", "/pratica/{id}/copia", tutti, s.copiaPersona},
		{"POST", "/pratica/{id}/fascicolo", tutti, s.prendiFascicolo},
		{"GET", "/pratica/{id}/segnatura/{seq}", tutti, s.segnaturaAtto},
		{"GET", "/firma/{id}", tutti, s.firma},
	}
}

const biscottoSessione = "__Host-s"

type chiaveContesto int

const (
	chiaveSessione chiaveContesto = iota + 1
	chiaveAttesi                  // files that waited with their form
)

// sessioneDi is who signed in; the door put it there, so it is never nil in a
// route of the staff.
func sessioneDi(r *http.Request) *auth.Sessione {
	se, _ := r.Context().Value(chiaveSessione).(*auth.Sessione)
	return se
}

// personale lets in who has signed in and holds one of the route's roles.
func (s *Server) personale(x rotta) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		se, err := s.sessione(r)
		if fault.Is(err, fault.Unauthenticated) {
			if r.Method != http.MethodGet {
				return s.attendi(w, r, err)
			}
			http.Redirect(w, r, portaDi(err)+"?poi="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
		r = r.WithContext(context.WithValue(r.Context(), chiaveSessione, se))
		if dove := primaDi(se, r.Pattern); dove != "" {
			http.Redirect(w, r, dove, http.StatusSeeOther)
			return nil
		}
		if !slices.Equal(x.Chi, tutti) && !se.Ha(x.Chi...) {
			return fault.New(fault.Forbidden, "Questa pagina è per un altro ruolo. Se ti serve, chiedi a chi amministra il programma.")
		}
		if err := s.apreComparti(r); err != nil {
			s.erroreScrivania(w, r, err)
			return nil
		}
		fa := x.Fa
		if g := gesti[r.Pattern]; !access.Confermato(se.Chi, g, s.Now()) {
			fa = func(w http.ResponseWriter, r *http.Request) error { return s.chiediConferma(w, r, g, nil) }
		}
		if err := fa(w, r); err != nil {
			s.erroreScrivania(w, r, err)
		}
		return nil
	}
}

type paginaErroreDesk struct {
	Scrivania
	Pagina, Frase string
	Link, Voce    string
}

// erroreScrivania turns an error into its page within the frame of who signed in.
func (s *Server) erroreScrivania(w http.ResponseWriter, r *http.Request, err error) {
	if fatto, e := s.sbarra(w, r, err); fatto && e == nil {
		return
	} else if e != nil {
		err = e
	}
	k := fault.KindOf(err)
	p := &paginaErroreDesk{Pagina: nonVuota(titoliErrore[k], "Qualcosa non ha funzionato"), Frase: fault.Message(err), Link: "/lavoro", Voce: "Torna a Da fare"}
	if k == fault.NotFound && strings.HasPrefix(r.URL.Path, "/sedute/") {
		p.Pagina, p.Link, p.Voce = "Non puoi leggere questa pratica", "/sedute", "Torna alle sedute"
	}
	base, _, e := s.scrivania(r, p.Pagina, "")
	if e != nil {
		s.errore(w, r, err)
		return
	}
	if k == fault.Internal || k == fault.Unavailable {
		s.Log.Error("request failed", "route", r.Pattern, "err", err)
	}
	if se := sessioneDi(r); nellUPT(se.Chi) && !se.Apre(pratica.RegistroUPT) {
		if k == fault.NotFound {
			p.Frase += " Se è dell'UPT, prima sblocca la tua chiave."
		}
		p.Link, p.Voce = "/chiavi", "Chiavi dell'ufficio"
	} else if errors.Is(err, auth.ErrConferma) {
		p.Link, p.Voce = "/conferma?poi=/lavoro", "Dimostra che sei tu"
	} else if id := r.PathValue("id"); id != "" && k != fault.NotFound {
		p.Link, p.Voce = linkPratica(id, "", ""), "Torna alla pratica"
	}
	p.Scrivania = base
	if e := s.rendi(w, r, k.Status(), "desk_errore.html", p); e != nil {
		s.errore(w, r, e)
	}
}

func (s *Server) sessione(r *http.Request) (*auth.Sessione, error) {
	c, err := r.Cookie(biscottoSessione)
	if err != nil {
		return nil, fault.New(fault.Unauthenticated, "Accedi per continuare.")
	}
	return s.Auth.Session(r.Context(), s.EnteID, c.Value)
}

// rete is the network from which the request comes, for the brakes of sign-in.
func rete(r *http.Request) string {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return auth.Rete(a.Addr())
}

// localeSolo gives back an address of ours, or the work list: what came from a
// link must not lead elsewhere.
func localeSolo(poi string) string {
	u, err := url.Parse(poi)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(poi, "/") || strings.HasPrefix(poi, "//") ||
		strings.ContainsAny(poi, "\\\r\n\t") || strings.HasPrefix(u.Path, "/entra") || strings.HasPrefix(u.Path, "/esci") {
		return "/lavoro"
	}
	return poi
}

// comeFault is the fault in err, if it is of one of the kinds.
func comeFault(err error, kinds ...fault.Kind) (*fault.Error, bool) {
	var e *fault.Error
	if errors.As(err, &e) && slices.Contains(kinds, e.Kind) {
		return e, true
	}
	return nil, false
}

// unaVolta is a new idempotency key for a form.
func unaVolta() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// errModuloVecchio is what reads who sends a form that no page of ours would.
var errModuloVecchio = fault.New(fault.Bad, "Questa pagina è vecchia. Ricaricala e riprova.")

// chiaveUnaVolta reads a form's idempotency key.
func chiaveUnaVolta(t string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(t)
	if err != nil || len(b) != 16 {
		return nil, errModuloVecchio
	}
	return b, nil
}

// nomePersona is how colleagues call who has this opaque id; empty when nobody
// knows.
func (s *Server) nomePersona(ctx context.Context, id string) string {
	switch id {
	case "":
		return ""
	case access.Sistema(s.EnteID).Persona:
		return "Il programma"
	}
	n, err := s.Auth.Nome(ctx, s.EnteID, id)
	if err != nil {
		return "Una persona dell'ufficio"
	}
	return n
}

// nomiRuoli are the roles as people call them.
var nomiRuoli = map[string]string{access.FrontOffice: "Front office", access.URP: "URP", access.URPAziendale: "URP aziendale",
	access.Responsabile: "Responsabile", access.DirettoreMacrostruttura: "Direttore", access.DirettoreSanitario: "Direttore sanitario",
	access.DirettoreAmministrativo: "Direttore amministrativo", access.Amministratore: "Amministratore", access.DPO: "DPO",
	access.UPT: "Responsabile dell'UPT", access.UPTOperatore: "Operatore dell'UPT", access.Commissione: "Membro della Commissione"}

// nomeUfficio is an office key as people read it.
func nomeUfficio(amb *pratica.Ambiente, ufficio string) string {
	ruolo := nomiRuoli[access.Ruolo(ufficio)]
	if ruolo == "" {
		ruolo = maiuscola(strings.ReplaceAll(access.Ruolo(ufficio), "-", " "))
	}
	u := access.Unita(ufficio)
	if u == "" || amb == nil {
		return ruolo
	}
	nome := nomeUnita(amb, u)
	if strings.HasPrefix(nome, ruolo) {
		return nome
	}
	return ruolo + " · " + nome
}

// puoRegistrare reports whether who asks may take in a segnalazione.
func puoRegistrare(amb *pratica.Ambiente, chi access.Chi) bool {
	return len(amb.Ricezioni(chi)) > 0
}
