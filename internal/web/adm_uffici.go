package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
)

// schedaUfficio is a URP with where it sits, what it serves and who works there.
type schedaUfficio struct {
	Unita, Nome, Link  string
	Strutture, Presidi []string
	Persone            []string
	Nota               string
}

type paginaUffici struct {
	Scrivania
	Aziendale []string // who holds the role for the whole ente
	Uffici    []schedaUfficio
	Avvisi    []string
	Scoperte  []string // sites that no URP serves
	Fatto     string
	Senza     bool // no chart: nothing to choose from
	Vuoto     vuoto
}

func (s *Server) admUffici(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, true)
	if err != nil {
		return err
	}
	v := a.amb.Organigramma
	p := &paginaUffici{Aziendale: chiTiene(a, access.URPAziendale, ""), Fatto: admFatto[r.URL.Query().Get("fatto")], Senza: len(v.Units()) == 0,
		Avvisi: ufficiSbagliati(v, a.ente.Uffici, a.oggi)}
	servite := map[string]bool{}
	for _, u := range a.ente.Uffici {
		x := schedaUfficio{Unita: u.Unita, Nome: nomeUnita(a.amb, u.Unita), Link: "/amministrazione/uffici/" + url.PathEscape(u.Unita), Persone: chiTiene(a, access.URP, u.Unita)}
		for _, id := range u.Strutture {
			x.Strutture = append(x.Strutture, conID(v, id))
		}
		for _, c := range u.Presidi {
			servite[c] = true
			x.Presidi = append(x.Presidi, nomeSede(v, c))
		}
		if len(x.Strutture)+len(x.Presidi) == 0 {
			x.Nota = "Segue solo l'unità in cui si trova e quelle sotto."
		}
		p.Uffici = append(p.Uffici, x)
	}
	for _, x := range v.Sedi() {
		if !servite[x.Codice] && x.Stato != "chiuso" {
			p.Scoperte = append(p.Scoperte, x.Nome)
		}
	}
	if len(p.Uffici) == 0 {
		p.Vuoto = vuoto{"Nessun URP di 2° livello.", "Le segnalazioni vanno tutte all'URP aziendale. Se un URP segue una sede o un dipartimento, aggiungilo.", "/amministrazione/uffici/nuovo", "Aggiungi un ufficio"}
		if p.Senza {
			p.Vuoto = vuoto{"Prima serve l'organigramma.", "Gli uffici si scelgono tra le sue unità e le sue sedi.", "/amministrazione/organigramma/importa", "Importa l'organigramma"}
		}
	}
	if p.Scrivania, err = s.admTesta(r, "Uffici URP", "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "adm_uffici.html", p)
}

// chiTiene are the people who hold a role at a unit today, by name.
func chiTiene(a admAmbito, ruolo, unita string) []string {
	var out []string
	for _, p := range a.persone {
		if p.Attiva && slices.ContainsFunc(p.Incarichi, func(i access.Incarico) bool {
			return i.Ruolo == ruolo && (unita == "" || i.Unita == unita) && i.Vale(a.oggi)
		}) {
			out = append(out, p.Nome)
		}
	}
	return out
}

func nomeSede(v *organigramma.Versione, codice string) string {
	if x, ok := v.Sede(codice); ok {
		return x.Nome
	}
	return codice
}

// casella is a box to tick.
type casella struct {
	Valore, Testo, Nota string
	Scelta              bool
}

type paginaUfficio struct {
	Scrivania
	Nuovo           bool
	Prima           string // the unit it had, empty when it is new
	Versione        string
	Unita           string // as written
	Sedi, Strutture []casella
	Altra           string
	Elenco          []string
	Errori          erroriAdm
	NomeUfficio     string
}

func (s *Server) admUfficioNuovo(w http.ResponseWriter, r *http.Request) error {
	return s.mostraUfficio(w, r, organigramma.Ufficio{}, paginaUfficio{Nuovo: true}, http.StatusOK)
}

func (s *Server) admUfficio(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	u, ok := trovaUfficio(a.ente.Uffici, r.PathValue("unita"))
	if !ok {
		return fault.New(fault.NotFound, "Questo ufficio non c'è. Cercalo tra gli uffici.")
	}
	p := paginaUfficio{Prima: u.Unita, Unita: conID(a.amb.Organigramma, u.Unita), Versione: versioneUfficio(a.ente, u.Unita)}
	return s.mostraUfficio(w, r, u, p, http.StatusOK)
}

func trovaUfficio(uffici []organigramma.Ufficio, unita string) (organigramma.Ufficio, bool) {
	k := slices.IndexFunc(uffici, func(u organigramma.Ufficio) bool { return u.Unita == unita })
	if k < 0 {
		return organigramma.Ufficio{}, false
	}
	return uffici[k], true
}

// versioneUfficio names what is known of an office; empty when there is none.
func versioneUfficio(e pratica.Ente, unita string) string {
	u, ok := trovaUfficio(e.Uffici, unita)
	if !ok {
		return ""
	}
	return versioneEnte(pratica.Ente{ID: u.Unita, Nome: strings.Join(u.Strutture, "\n"), Regione: strings.Join(u.Presidi, "\n")})
}

func (s *Server) mostraUfficio(w http.ResponseWriter, r *http.Request, u organigramma.Ufficio, p paginaUfficio, stato int) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	v := a.amb.Organigramma
	p.Elenco = elencoUnita(v, a.oggi)
	altri := func(c func(organigramma.Ufficio) bool) string {
		for _, x := range a.ente.Uffici {
			if x.Unita != p.Prima && c(x) {
				return "ora la segue " + nomeUnita(a.amb, x.Unita)
			}
		}
		return ""
	}
	for _, x := range v.Sedi() {
		p.Sedi = append(p.Sedi, casella{x.Codice, x.Nome, altri(func(o organigramma.Ufficio) bool { return slices.Contains(o.Presidi, x.Codice) }), slices.Contains(u.Presidi, x.Codice)})
	}
	for _, x := range v.Attive(a.oggi) {
		scelta := slices.Contains(u.Strutture, x.ID)
		if scelta || grandi[x.Tipo] {
			p.Strutture = append(p.Strutture, casella{x.ID, x.Nome + " (" + x.ID + ")", altri(func(o organigramma.Ufficio) bool { return slices.Contains(o.Strutture, x.ID) }), scelta})
		}
	}
	titolo := "Aggiungi un ufficio"
	if !p.Nuovo {
		titolo = nomeUnita(a.amb, p.Prima)
	}
	p.NomeUfficio = titolo
	if len(p.Errori) > 0 {
		titolo = "Errore: " + titolo
	}
	if p.Scrivania, err = s.admTesta(r, titolo, "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_ufficio.html", &p)
}

// grandi are the kinds of unit that a URP usually serves whole.
var grandi = map[organigramma.Tipo]bool{organigramma.Direzione: true, organigramma.Dipartimento: true,
	organigramma.DipartimentoFunzionale: true, organigramma.DipartimentoInteraziendale: true}

// admUfficioSalva adds an office, or changes one.
func (s *Server) admUfficioSalva(w http.ResponseWriter, r *http.Request) error {
	f, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	prima := f.Get("prima")
	u, errori := leggiUfficio(a, f)
	p := paginaUfficio{Nuovo: prima == "", Prima: prima, Unita: pratica.Pulisci(f.Get("unita")), Altra: pratica.Pulisci(f.Get("altra")), Versione: versioneUfficio(a.ente, prima), Errori: errori}
	if len(errori) > 0 {
		return s.mostraUfficio(w, r, u, p, http.StatusUnprocessableEntity)
	}
	gia, ce := trovaUfficio(a.ente.Uffici, u.Unita)
	if ce && versioneUfficio(pratica.Ente{Uffici: []organigramma.Ufficio{u}}, u.Unita) == versioneUfficio(a.ente, gia.Unita) {
		return vaiA(w, r, "/amministrazione/uffici", "ufficio") // nothing changed, or the same form sent twice
	}
	if ce && u.Unita != prima {
		p.Errori = []erroreCampo{{"unita", "Qui c'è già un ufficio. Apri quello, oppure scegli un'altra unità."}}
		return s.mostraUfficio(w, r, u, p, http.StatusUnprocessableEntity)
	}
	if f.Get("versione") != versioneUfficio(a.ente, prima) {
		p.Errori = []erroreCampo{{"", "Nel frattempo un altro amministratore ha cambiato questo ufficio. Controlla e salva di nuovo, oppure torna all'elenco."}}
		if _, c := trovaUfficio(a.ente.Uffici, prima); !c {
			p.Nuovo, p.Prima, p.Versione = true, "", ""
		}
		return s.mostraUfficio(w, r, u, p, http.StatusConflict)
	}
	e := a.ente
	if k := slices.IndexFunc(e.Uffici, func(x organigramma.Ufficio) bool { return x.Unita == prima }); k >= 0 {
		e.Uffici[k] = u
	} else {
		e.Uffici = append(e.Uffici, u)
	}
	if err := s.Ambienti.SalvaEnte(r.Context(), e); err != nil {
		return err
	}
	return vaiA(w, r, "/amministrazione/uffici", "ufficio")
}

// leggiUfficio reads the form of an office: nothing that the chart has not.
func leggiUfficio(a admAmbito, f url.Values) (organigramma.Ufficio, []erroreCampo) {
	l := &lettura{Values: f}
	v := a.amb.Organigramma
	var u organigramma.Ufficio
	var errore string
	if strings.TrimSpace(f.Get("unita")) == "" {
		l.errore("unita", "Scegli in quale unità si trova.")
	} else if u.Unita, errore = unitaScritta(v, f.Get("unita"), a.oggi); errore != "" {
		l.errore("unita", errore)
	}
	for _, c := range f["sede"] {
		if _, ok := v.Sede(c); ok && !slices.Contains(u.Presidi, c) {
			u.Presidi = append(u.Presidi, c)
		}
	}
	for _, id := range f["struttura"] {
		if _, ok := v.Unita(id); ok && !slices.Contains(u.Strutture, id) {
			u.Strutture = append(u.Strutture, id)
		}
	}
	if strings.TrimSpace(f.Get("altra")) != "" {
		id, errore := unitaScritta(v, f.Get("altra"), a.oggi)
		if errore != "" {
			l.errore("altra", errore)
		} else if !slices.Contains(u.Strutture, id) {
			u.Strutture = append(u.Strutture, id)
		}
	}
	return u, l.Errori
}

// admUfficioTogli takes an office away; what it served goes to the URP aziendale.
func (s *Server) admUfficioTogli(w http.ResponseWriter, r *http.Request) error {
	f, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	if _, ok := trovaUfficio(a.ente.Uffici, f.Get("unita")); ok {
		attese, err := s.Ambienti.Attese(r.Context(), s.EnteID)
		if err != nil {
			return err
		}
		if n := attese[access.Ufficio(access.URP, f.Get("unita"))]; n > 0 {
			return fault.New(fault.Conflict, "Per questo ufficio aspettano "+i18n.Plural(n, "pratica aperta", "pratiche aperte")+". Falle prima concludere, poi togli l'ufficio.")
		}
		a.ente.Uffici = slices.DeleteFunc(a.ente.Uffici, func(u organigramma.Ufficio) bool { return u.Unita == f.Get("unita") })
		if err := s.Ambienti.SalvaEnte(r.Context(), a.ente); err != nil {
			return err
		}
	}
	return vaiA(w, r, "/amministrazione/uffici", "tolto")
}
