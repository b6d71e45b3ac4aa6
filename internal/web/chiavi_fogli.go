package web

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/vault"
)

// righeCustodi are the holders that a form has room for.
const righeCustodi = 5

// rigaCustode is a holder in the form.
type rigaCustode struct {
	N       int
	Nome    string
	Interno bool
	Persona string
	Persone []opzione
}

// moduloQuorum is the form of who shall have the sheets.
type moduloQuorum struct {
	Righe  []rigaCustode
	K      string
	Quanti []string
	Errori erroriAdm
}

func (s *Server) moduloQuorum(r *http.Request, v url.Values) (*moduloQuorum, error) {
	colleghi, err := s.Auth.Holders(r.Context(), s.EnteID, custody.Ruoli()...)
	if err != nil {
		return nil, err
	}
	var persone []opzione
	for _, c := range colleghi {
		persone = append(persone, opzione{c.ID, c.Nome})
	}
	q := &moduloQuorum{K: nonVuota(v.Get("k"), "2"), Quanti: []string{"2", "3", "4", "5"}}
	for n := 1; n <= righeCustodi; n++ {
		i := strconv.Itoa(n)
		q.Righe = append(q.Righe, rigaCustode{n, v.Get("custode-" + i), v.Get("interno-"+i) != "", v.Get("persona-" + i), persone})
	}
	return q, nil
}

// leggiQuorum reads the form; rows without a name are left out.
func leggiQuorum(v url.Values) (q vault.NewQuorum, errori []erroreCampo) {
	for n := 1; n <= righeCustodi; n++ {
		i := strconv.Itoa(n)
		nome := strings.Join(strings.Fields(v.Get("custode-"+i)), " ")
		if nome == "" {
			continue
		}
		if len(nome) > 120 {
			errori = append(errori, erroreCampo{"custode-" + i, "Scrivi un nome più corto."})
		}
		persona := v.Get("persona-" + i)
		q.Custodi = append(q.Custodi, vault.Custode{Nome: vault.NewRiservato(nome), Interno: v.Get("interno-"+i) != "" || persona != "", Persona: persona})
	}
	q.K, _ = strconv.Atoi(v.Get("k"))
	switch {
	case len(errori) > 0:
	case len(q.Custodi) < 2:
		errori = append(errori, erroreCampo{"custode-1", "Scrivi chi tiene i fogli: almeno due persone."})
	case q.K < 2 || q.K > len(q.Custodi):
		errori = append(errori, erroreCampo{"k", "Servono almeno due fogli, e non più dei custodi."})
	}
	return q, errori
}

// paginaQuorum is a page that ends with new sheets.
type paginaQuorum struct {
	Scrivania
	Titolone, Azione, Bottone string
	Fonda                     bool
	Recupera                  []rigaFoglio // one for each sheet that may be typed
	K                         int
	Quorum                    *moduloQuorum
	Errori                    erroriAdm
}

// rigaFoglio is a sheet to be typed.
type rigaFoglio struct {
	N      int
	Codice string
	Errore string
}

func (s *Server) mostraQuorum(w http.ResponseWriter, r *http.Request, p *paginaQuorum, stato int, v url.Values, errori []erroreCampo) (err error) {
	if p.Quorum, err = s.moduloQuorum(r, v); err != nil {
		return err
	}
	p.Errori, p.Quorum.Errori = errori, errori
	if p.Scrivania, _, err = s.scrivania(r, errorePrima(p.Titolone, errori), "chiavi"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "desk_chiavi_fogli.html", p)
}

// conChiave gives custody.ErrChiuso to who has not unlocked theirs, and refuses who
// does not head the office what is for who does.
func conChiave(r *http.Request, capo bool) error {
	se := sessioneDi(r)
	if capo && !se.Ha(access.UPT) {
		return fault.New(fault.Forbidden, "Lo fa chi dirige l'ufficio, nei giorni del suo incarico.")
	}
	if se.Membro() == nil {
		return custody.ErrChiuso
	}
	return nil
}

func (s *Server) paginaFonda(w http.ResponseWriter, r *http.Request) error {
	return s.mostraFonda(w, r, http.StatusOK, nil, nil)
}

func (s *Server) mostraFonda(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	if err := conChiave(r, true); err != nil {
		return err
	}
	p := &paginaQuorum{Titolone: "Crea le chiavi dell'ufficio", Azione: "/chiavi/fonda", Bottone: "Crea le chiavi e stampa i fogli", Fonda: true}
	return s.mostraQuorum(w, r, p, stato, v, errori)
}

func (s *Server) fonda(w http.ResponseWriter, r *http.Request, v url.Values) error {
	q, errori := leggiQuorum(v)
	if len(errori) > 0 {
		return s.mostraFonda(w, r, http.StatusUnprocessableEntity, v, errori)
	}
	if err := s.normeUPT(r.Context()); err != nil {
		return err
	}
	fogli, err := s.Custody.Found(r.Context(), sessioneDi(r), comparto, q)
	if e, stato, ok := erroriDi(err); ok {
		return s.mostraFonda(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	s.impronta.fondata()
	return s.stampaFogli(w, r, fogli, q.K, true)
}

func (s *Server) paginaFogli(w http.ResponseWriter, r *http.Request) error {
	return s.mostraFogli(w, r, http.StatusOK, nil, nil)
}

func (s *Server) mostraFogli(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	if _, err := s.Custody.Open(r.Context(), sessioneDi(r), comparto); err != nil {
		return err
	}
	return s.mostraQuorum(w, r, &paginaQuorum{Titolone: "Nuovi fogli di recupero", Azione: "/chiavi/fogli", Bottone: "Stampa i fogli nuovi"}, stato, v, errori)
}

func (s *Server) nuoviFogli(w http.ResponseWriter, r *http.Request, v url.Values) error {
	q, errori := leggiQuorum(v)
	if len(errori) > 0 {
		return s.mostraFogli(w, r, http.StatusUnprocessableEntity, v, errori)
	}
	fogli, err := s.Custody.Renew(r.Context(), sessioneDi(r), comparto, custody.Cambio{Quorum: &q})
	if e, stato, ok := erroriDi(err); ok {
		return s.mostraFogli(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	return s.stampaFogli(w, r, fogli, q.K, false)
}

func (s *Server) paginaRecupera(w http.ResponseWriter, r *http.Request) error {
	return s.mostraRecupera(w, r, http.StatusOK, nil, nil)
}

func (s *Server) mostraRecupera(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	if err := conChiave(r, true); err != nil {
		return err
	}
	a, err := s.Custody.Look(r.Context(), s.EnteID, comparto)
	if err != nil {
		return err
	}
	if !a.Fondata {
		return fault.New(fault.NotFound, "L'ufficio non ha ancora le sue chiavi.")
	}
	p := &paginaQuorum{Titolone: "Recupera con i fogli", Azione: "/chiavi/recupera", Bottone: "Recupera e stampa i fogli nuovi", K: a.K}
	for n := 1; n <= a.N; n++ {
		campo := "foglio-" + strconv.Itoa(n)
		p.Recupera = append(p.Recupera, rigaFoglio{n, v.Get(campo), erroriAdm(errori).Di(campo)})
	}
	return s.mostraQuorum(w, r, p, stato, v, errori)
}

// recupera opens the office with the sheets that were typed.
func (s *Server) recupera(w http.ResponseWriter, r *http.Request, v url.Values) error {
	fogli := map[int]vault.Riservato{}
	for n := 1; n <= 9; n++ {
		if t := v.Get("foglio-" + strconv.Itoa(n)); strings.TrimSpace(t) != "" {
			fogli[n] = vault.NewRiservato(t)
		}
	}
	q, errori := leggiQuorum(v)
	if len(fogli) == 0 {
		errori = slices.Insert(errori, 0, erroreCampo{"foglio-1", "Scrivi i codici dei fogli che avete."})
	}
	if len(errori) > 0 {
		return s.mostraRecupera(w, r, http.StatusUnprocessableEntity, v, errori)
	}
	nuovi, err := s.Custody.Recover(r.Context(), sessioneDi(r), comparto, fogli, q)
	if f, ok := comeFault(err, fault.Invalid); ok && len(f.Campi) > 0 {
		for n := 1; n <= 9; n++ {
			if t := f.Campi[strconv.Itoa(n)]; t != "" {
				errori = append(errori, erroreCampo{"foglio-" + strconv.Itoa(n), t})
			}
		}
		return s.mostraRecupera(w, r, http.StatusUnprocessableEntity, v, errori)
	}
	if e, stato, ok := erroriDi(err); ok {
		return s.mostraRecupera(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	return s.stampaFogli(w, r, nuovi, q.K, false)
}

// foglioStampa is one holder's sheet.
type foglioStampa struct {
	N            int
	Nome, Codice string
	QR           template.HTML
}

type paginaStampa struct {
	Soglia
	Ente     Ente
	Fonda    bool
	Prima    string
	Data     string
	Serie, K int
	Fogli    []foglioStampa
}

// stampaFogli shows the sheets, this once: nobody keeps them but who prints them.
func (s *Server) stampaFogli(w http.ResponseWriter, r *http.Request, fogli []vault.Foglio, k int, fonda bool) error {
	p := &paginaStampa{Soglia: s.soglia("Fogli da stampare"), Ente: s.presenta(), Fonda: fonda, Prima: vault.Gruppi(fogli[0].Prima), Data: i18n.LongDate(s.Servizio.Oggi()),
		Serie: fogli[0].Serie, K: k}
	for _, f := range fogli {
		codice := vault.Gruppi(f.Codice.Valore())
		qr, err := disegnaQR(codice)
		if err != nil {
			return err
		}
		p.Fogli = append(p.Fogli, foglioStampa{f.Custode, f.Nome.Valore(), codice, template.HTML(qr)}) //nolint:gosec // drawn by us: numbers only
	}
	return s.rendi(w, r, http.StatusOK, "desk_fogli.html", p)
}
