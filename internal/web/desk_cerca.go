package web

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"time"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// biscottoCerca holds the last search, sealed for this session: the words are in
// no address and in no log, and going back to the list finds them.
const biscottoCerca = "__Host-q"

// trovatePagina is how many results a page shows, when they are many: each with the
// passage found.
const trovatePagina = 20

func (s *Server) contestoCerca(sessione string) string {
	return vault.Context("ricerca", s.EnteID, sessione)
}

// cerca takes in a search. A question without words becomes an address of the
// list; one with words stays sealed.
func (s *Server) cerca(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	se, q := sessioneDi(r), v.Get("q")
	if q == "" { // the page asks what to look for
		http.SetCookie(w, biscotto(biscottoCerca, "", -time.Second))
		http.Redirect(w, r, "/cerca", http.StatusSeeOther)
		return nil
	}
	f, parole, err := pratica.LeggiDomanda(q, s.Servizio.Oggi())
	if err == nil && parole.Vuota() {
		err = s.Servizio.Precisa(s.EnteID, &f)
		if err == nil && f.Codice == "" && f.Numero == "" && f.Protocollo == "" {
			http.Redirect(w, r, daDomanda(f).link(), http.StatusSeeOther)
			return nil
		}
	}
	if e, ok := comeFault(err, fault.Invalid); ok {
		return s.mostraTrovate(w, r, q, pratica.Pagina{}, e)
	}
	if err != nil {
		return err
	}
	if parole.Vuota() { // a number or a code: one case
		p, err := s.Servizio.Elenco(r.Context(), se.Chi, f)
		if err == nil && len(p.Righe) == 0 && f.Numero != "" { // perhaps the number of the ente's protocol
			p, err = s.Servizio.Elenco(r.Context(), se.Chi, pratica.Filtro{Protocollo: f.Numero, Limite: f.Limite})
		}
		if err != nil {
			return err
		}
		if len(p.Righe) == 1 {
			http.Redirect(w, r, linkPratica(p.Righe[0].ID.String(), "", ""), http.StatusSeeOther)
			return nil
		}
	}
	http.SetCookie(w, s.biscottoDomanda(r, q))
	http.Redirect(w, r, "/cerca", http.StatusSeeOther)
	return nil
}

// biscottoDomanda keeps a search for the session of who asks, and no other.
func (s *Server) biscottoDomanda(r *http.Request, q string) *http.Cookie {
	sigillo := s.Anello.Seal(s.contestoCerca(sessioneDi(r).ID), []byte(q))
	return &http.Cookie{Name: biscottoCerca, Value: base64.RawURLEncoding.EncodeToString(sigillo), Path: "/",
		HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode}
}

// domandaDi is the last search of the session; empty when there is none.
func (s *Server) domandaDi(r *http.Request) string {
	c, err := r.Cookie(biscottoCerca)
	if err != nil {
		return ""
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return ""
	}
	t, err := s.Anello.Open(s.contestoCerca(sessioneDi(r).ID), b)
	if err != nil {
		return ""
	}
	return string(t)
}

// errRisultati is of an address of results that no page gave.
var errRisultati = fault.New(fault.Invalid, "L'indirizzo di questi risultati non è giusto. Premi di nuovo «Cerca».")

// trovate shows what the last search of this session finds.
func (s *Server) trovate(w http.ResponseWriter, r *http.Request) error {
	se, q := sessioneDi(r), s.domandaDi(r)
	dopo, ok := soloUno(r, "dopo", segnoPagina.MatchString)
	if !ok {
		return s.mostraTrovate(w, r, q, pratica.Pagina{}, errRisultati)
	}
	if q == "" {
		return s.mostraTrovate(w, r, "", pratica.Pagina{}, nil)
	}
	p, err := s.Servizio.Cerca(r.Context(), se.Chi, q, trovatePagina, dopo)
	if e, ok := comeFault(err, fault.Invalid); ok {
		return s.mostraTrovate(w, r, q, pratica.Pagina{}, e)
	}
	if err != nil {
		return err
	}
	return s.mostraTrovate(w, r, q, p, nil)
}

// soloUno is the one value that the address of a page may have, empty where it has
// none; false when it has another, twice, or something else.
func soloUno(r *http.Request, campo string, buono func(string) bool) (string, bool) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	v, c := q[campo]
	if err != nil || !c && len(q) > 0 || c && (len(q) > 1 || len(v) > 1 || !buono(v[0])) {
		return "", false
	}
	return q.Get(campo), true
}

type paginaCerca struct {
	Scrivania
	Domanda string
	Testo   string
	Errori  []erroreCampo
	Righe   []rigaLavoro
	Dopo    string
	Inizio  string
	Ancora  bool
	Vuoto   vuoto
}

func (s *Server) mostraTrovate(w http.ResponseWriter, r *http.Request, q string, pag pratica.Pagina, e *fault.Error) error {
	se, amb := sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	titolo, stato := "Cerca", http.StatusOK
	if e != nil {
		titolo, stato = "Errore: cerca", e.Kind.Status()
	}
	base, _, err := s.scrivania(r, titolo, "")
	if err != nil {
		return err
	}
	base.Cerca = q
	p := &paginaCerca{Scrivania: base, Domanda: q, Ancora: pag.Ancora}
	if p.Righe, err = s.righe(r.Context(), amb, se.Chi, pag.Righe, "", s.Servizio.Oggi()); err != nil {
		return err
	}
	if pag.Dopo != "" {
		p.Dopo = "/cerca?dopo=" + url.QueryEscape(pag.Dopo)
	}
	if r.URL.Query().Has("dopo") {
		p.Inizio = "/cerca"
	}
	switch {
	case e != nil:
		p.Errori = []erroreCampo{{"domanda", nonVuota(e.Campi["q"], e.Message)}}
		for _, m := range valori(e.Campi) {
			p.Errori = []erroreCampo{{"domanda", m}}
		}
	case q == "":
		p.Vuoto = vuoto{Titolo: "Che cosa cerchi?", Testo: "Scrivi un numero, un nome, una parola o un filtro come stato:istruttoria."}
	case len(p.Righe) == 0:
		p.Vuoto = vuoto{"Nessun risultato.", "Nessuna segnalazione ha tutte queste parole. Prova con meno parole, o con l'inizio di un nome seguito da *.", "/lavoro?vista=tutte", "Vedi tutte le segnalazioni"}
	default:
		p.Testo = quanteTrovate(pag)
	}
	return s.rendi(w, r, stato, "desk_cerca.html", p)
}

// quanteTrovate says how many results a page has, and in what order.
func quanteTrovate(pag pratica.Pagina) string {
	t := i18n.Plural(len(pag.Righe), "segnalazione trovata", "segnalazioni trovate")
	switch {
	case pag.PerMerito:
		t += ": in alto quelle che rispondono meglio"
	case pag.Dopo != "":
		t += " in questa pagina, dalla più recente"
	}
	return t
}
