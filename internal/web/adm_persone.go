package web

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/vault"
)

// personePagina is how many people a page lists.
const personePagina = 50

// rigaPersona is a person in the list.
type rigaPersona struct {
	Nome, Utente, Link string
	Attiva             bool
	Ruoli              []string
	Domani             bool // no role today, one later
}

type paginaPersone struct {
	Scrivania
	Righe        []rigaPersona
	Conta        string
	Parole       string
	Stato, Ruolo string
	Stati, Ruoli []opzione
	Prima, Dopo  string
	Scoperti     []mancanza
	Vuoto        vuoto
}

var statiPersone = []opzione{{"", "Tutte"}, {"attive", "Possono entrare"}, {"disattivate", "Disattivate"}, {"senza-ruolo", "Senza ruolo"}, {"senza-fattore", "Senza secondo fattore"}}

func (s *Server) admPersone(w http.ResponseWriter, r *http.Request) error {
	return s.mostraPersone(w, r, "")
}

// admPersoneCerca lists who is called so. Names are sent in the body: an address
// ends in logs and histories.
func (s *Server) admPersoneCerca(w http.ResponseWriter, r *http.Request, v url.Values) error {
	return s.mostraPersone(w, r, tronca(strings.TrimSpace(v.Get("parole")), 80))
}

func (s *Server) mostraPersone(w http.ResponseWriter, r *http.Request, parole string) error {
	a, err := s.ambitoDi(r, true)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p := &paginaPersone{Parole: parole, Stato: q.Get("stato"), Ruolo: q.Get("ruolo"), Stati: statiPersone, Ruoli: ruoliScelta()}
	for _, m := range ruoliScoperti(a) {
		if m.Grave {
			p.Scoperti = append(p.Scoperti, m)
		}
	}
	var trovate []auth.Persona
	for _, x := range a.persone {
		if conParole(x, parole) && inStato(x, p.Stato, a.oggi) && (p.Ruolo == "" || haRuolo(x, p.Ruolo, a.oggi)) {
			trovate = append(trovate, x)
		}
	}
	p.Conta = i18n.Plural(len(trovate), "persona", "persone")
	n, err := strconv.Atoi(q.Get("pagina"))
	if err != nil || n < 1 || n > 1+len(trovate)/personePagina || parole != "" {
		n = 1
	}
	da := min((n-1)*personePagina, len(trovate))
	al := min(n*personePagina, len(trovate))
	if n > 1 {
		p.Prima = linkPersone(p.Stato, p.Ruolo, n-1)
	}
	switch {
	case al < len(trovate) && parole != "":
		p.Conta += ". Vedi le prime " + strconv.Itoa(personePagina) + ": scrivi qualche lettera in più"
	case al < len(trovate):
		p.Dopo = linkPersone(p.Stato, p.Ruolo, n+1)
	}
	for _, x := range trovate[da:al] {
		p.Righe = append(p.Righe, rigaDi(a, x))
	}
	if len(trovate) == 0 {
		p.Vuoto = vuoto{"Nessun risultato.", "Nessuna persona corrisponde. Togli un filtro o scrivi solo parte del nome.", "/amministrazione/persone", "Vedi tutte"}
	}
	if p.Scrivania, err = s.admTesta(r, "Persone e ruoli", "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "adm_persone.html", p)
}

func linkPersone(stato, ruolo string, pagina int) string {
	q := url.Values{"pagina": {strconv.Itoa(pagina)}}
	if stato != "" {
		q.Set("stato", stato)
	}
	if ruolo != "" {
		q.Set("ruolo", ruolo)
	}
	return "/amministrazione/persone?" + q.Encode()
}

func rigaDi(a admAmbito, x auth.Persona) rigaPersona {
	v := rigaPersona{Nome: x.Nome, Utente: x.Utente, Link: "/amministrazione/persone/" + x.ID, Attiva: x.Attiva}
	for _, i := range x.Incarichi {
		if i.Vale(a.oggi) {
			v.Ruoli = append(v.Ruoli, nomeUfficio(a.amb, access.Ufficio(i.Ruolo, i.Unita)))
		} else if i.Dal > a.oggi {
			v.Domani = true
		}
	}
	return v
}

// conParole reports whether every word begins a word of the name, or stands in
// the sign-in name.
func conParole(p auth.Persona, parole string) bool {
	nome := strings.Fields(strings.ToLower(p.Nome))
	for _, x := range strings.Fields(strings.ToLower(parole)) {
		if !strings.Contains(p.Utente, x) && !slices.ContainsFunc(nome, func(n string) bool { return strings.HasPrefix(n, x) }) {
			return false
		}
	}
	return true
}

func inStato(p auth.Persona, stato string, oggi day.Date) bool {
	switch stato {
	case "attive":
		return p.Attiva
	case "disattivate":
		return !p.Attiva
	case "senza-fattore":
		return senzaSecondo(p)
	case "senza-ruolo":
		return senzaRuolo([]auth.Persona{p}, oggi) == 1
	}
	return true
}

func haRuolo(p auth.Persona, ruolo string, oggi day.Date) bool {
	return slices.ContainsFunc(p.Incarichi, func(i access.Incarico) bool { return i.Ruolo == ruolo && (i.Vale(oggi) || i.Dal > oggi) })
}

func tronca(t string, max int) string {
	if r := []rune(t); len(r) > max {
		return string(r[:max])
	}
	return t
}

// passwordNuova is a provisional password: it is read on a screen and typed, so it
// is made of small groups without look-alikes. About 89 bits.
func passwordNuova() string {
	const lettere = "abcdefghjkmnpqrstuvwxyz23456789"
	var b strings.Builder
	buf := make([]byte, 64)
	for n := 0; n < 18; {
		_, _ = rand.Read(buf)
		for _, x := range buf {
			if int(x) >= 256-256%len(lettere) || n == 18 {
				continue
			}
			if n > 0 && n%6 == 0 {
				b.WriteByte('-')
			}
			b.WriteByte(lettere[int(x)%len(lettere)])
			n++
		}
	}
	return b.String()
}

type paginaPersonaNuova struct {
	Scrivania
	Modulo       string
	Utente, Nome string
	Incarico     moduloIncarico
	Errori       erroriAdm
}

func (s *Server) admPersonaNuova(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	ruolo := r.URL.Query().Get("ruolo")
	p := &paginaPersonaNuova{Modulo: unaVolta(), Incarico: nuovoModuloIncarico(a, ruolo)}
	return s.mostraPersonaNuova(w, r, p, http.StatusOK)
}

func (s *Server) mostraPersonaNuova(w http.ResponseWriter, r *http.Request, p *paginaPersonaNuova, stato int) error {
	var err error
	if p.Scrivania, err = s.admTesta(r, "Aggiungi una persona", "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_persona_nuova.html", p)
}

// admPersonaAggiungi adds a person, with a first role if one was chosen, and shows
// the provisional password.
func (s *Server) admPersonaAggiungi(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	var inc access.Incarico
	var errori []erroreCampo
	if dal := v.Get("dal"); v.Get("ruolo") != "" || v.Get("unita") != "" || v.Get("al") != "" || dal != "" && dal != a.oggi.String() {
		inc, errori = leggiIncarico(a, v) // a place or a date is of a role
	}
	rifiuta := func(e []erroreCampo, stato int) error {
		m := nuovoModuloIncarico(a, v.Get("ruolo"))
		m.Unita, m.Dal, m.Al = v.Get("unita"), v.Get("dal"), v.Get("al")
		return s.mostraPersonaNuova(w, r, &paginaPersonaNuova{Modulo: unaVolta(), Utente: v.Get("utente"), Nome: v.Get("nome"), Incarico: m, Errori: e}, stato)
	}
	if len(errori) > 0 {
		return rifiuta(errori, http.StatusUnprocessableEntity)
	}
	g, err := s.adm.unaVolta(a.se.Persona, v.Get("modulo"), s.Now(), func() (admSegreto, error) {
		g := admSegreto{testo: passwordNuova()}
		p, err := s.Auth.AddPerson(r.Context(), a.se.Chi, v.Get("utente"), v.Get("nome"), g.testo)
		if err != nil {
			return g, err
		}
		g.chi = p.ID
		if inc.Ruolo != "" {
			err = s.Auth.Incarica(r.Context(), a.se.Chi, p.ID, inc)
		}
		return g, err
	})
	if e, stato, ok := erroriDi(err, "nome", "utente"); ok {
		return rifiuta(e, stato)
	}
	if err != nil {
		return err
	}
	return s.mostraPersona(w, r, g.chi, personaMostrata{Password: g.testo, Frase: "La persona è aggiunta."}, http.StatusOK)
}

// rigaIncaricoAdm is a role of a person, with what ends it.
type rigaIncaricoAdm struct {
	Nome, Dal, Al           string
	Ruolo, Unita, DalGrezzo string
	Stato                   string // oggi, domani, passato
	Sparita                 bool   // its unit is not in the chart
}

// personaMostrata is what the page of a person says of the action just done.
type personaMostrata struct {
	Password string
	Frase    string
	Errori   erroriAdm
	Campi    url.Values // as they were sent, to be corrected
}

type paginaPersona struct {
	Scrivania
	ID, Nome, Utente, Creata string
	Attiva, SonoIo           bool
	Incarichi                []rigaIncaricoAdm
	Incarico                 moduloIncarico
	Modulo                   string
	Password                 string // shown once
	Secondi                  string // of the second factor, in words
	Chiave                   string // the id of a key of their own
	Storia                   []rigaNotizia
	Fatto                    string
	Errori                   erroriAdm
	Ieri                     string
}

func (s *Server) admPersona(w http.ResponseWriter, r *http.Request) error {
	return s.mostraPersona(w, r, r.PathValue("id"), personaMostrata{Frase: admFatto[r.URL.Query().Get("fatto")]}, http.StatusOK)
}

func (s *Server) mostraPersona(w http.ResponseWriter, r *http.Request, id string, m personaMostrata, stato int) error {
	a, err := s.ambitoDi(r, true)
	if err != nil {
		return err
	}
	k := slices.IndexFunc(a.persone, func(p auth.Persona) bool { return p.ID == id })
	if k < 0 {
		return fault.New(fault.NotFound, "Questa persona non c'è. Cercala nell'elenco.")
	}
	x := a.persone[k]
	p := &paginaPersona{ID: x.ID, Nome: x.Nome, Utente: x.Utente, Creata: istante(x.Creata), Attiva: x.Attiva, SonoIo: x.ID == a.se.Persona,
		Incarico: nuovoModuloIncarico(a, ""), Modulo: unaVolta(), Password: m.Password, Fatto: m.Frase, Errori: m.Errori, Ieri: a.oggi.Add(-1).String()}
	if v := m.Campi; v != nil {
		p.Incarico.Ruolo, p.Incarico.Unita = v.Get("ruolo"), v.Get("unita")
		p.Incarico.Dal, p.Incarico.Al = v.Get("dal"), v.Get("al")
		if v.Has("nome") {
			p.Nome = v.Get("nome")
		}
	}
	if s.Custody != nil {
		k, err := s.Auth.KeyOf(r.Context(), s.EnteID, x.ID)
		if err != nil {
			return err
		}
		if k.Frase {
			p.Chiave = vault.Gruppi(k.ID)
		}
	}
	p.Secondi = "Non ha un secondo fattore."
	if x.Secondi == 1 {
		p.Secondi = "Ha un secondo fattore."
	} else if x.Secondi > 1 {
		p.Secondi = "Ha " + i18n.Number(x.Secondi) + " secondi fattori."
	}
	storia, err := s.Auth.Storia(r.Context(), a.se.Chi, x.ID)
	if err != nil {
		return err
	}
	p.Storia = s.notizie(r, storia)
	for _, i := range slices.Backward(x.Incarichi) {
		p.Incarichi = append(p.Incarichi, rigaIncaricoDi(a, i))
	}
	titolo := x.Nome
	if len(m.Errori) > 0 {
		titolo = "Errore: " + titolo
	}
	if p.Scrivania, err = s.admTesta(r, titolo, "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_persona.html", p)
}

func rigaIncaricoDi(a admAmbito, i access.Incarico) rigaIncaricoAdm {
	v := rigaIncaricoAdm{Nome: nomeUfficio(a.amb, access.Ufficio(i.Ruolo, i.Unita)), Dal: i18n.ShortDate(i.Dal) + anno(i.Dal), Ruolo: i.Ruolo, Unita: i.Unita,
		DalGrezzo: i.Dal.String(), Stato: "passato"}
	if !i.Al.IsZero() {
		v.Al = i18n.ShortDate(i.Al) + anno(i.Al)
	}
	switch {
	case i.Vale(a.oggi):
		v.Stato = "oggi"
	case i.Dal > a.oggi && (i.Al.IsZero() || i.Al >= i.Dal):
		v.Stato = "domani"
	}
	if x, ok := a.amb.Organigramma.Unita(i.Unita); i.Unita != "" && (!ok || !x.Valida(a.oggi)) {
		v.Sparita = v.Stato != "passato"
	}
	return v
}

func anno(d day.Date) string { y, _, _ := d.Date(); return " " + strconv.Itoa(y) }

// suPersona does a change to the person in the address and says how it went.
func (s *Server) suPersona(w http.ResponseWriter, r *http.Request, v url.Values, cosa string, ordine []string, fa func(a admAmbito, id string) error) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = fa(a, id)
	if e, stato, ok := erroriDi(err, ordine...); ok {
		return s.mostraPersona(w, r, id, personaMostrata{Errori: e, Campi: v}, stato)
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/amministrazione/persone/"+url.PathEscape(id), cosa)
}

func (s *Server) admPersonaNome(w http.ResponseWriter, r *http.Request, v url.Values) error {
	return s.suPersona(w, r, v, "nome", []string{"nome"}, func(a admAmbito, id string) error {
		return s.Auth.Rename(r.Context(), a.se.Chi, id, v.Get("nome"))
	})
}

func (s *Server) admPersonaDisattiva(w http.ResponseWriter, r *http.Request, v url.Values) error {
	return s.suPersona(w, r, v, "disattivata", nil, func(a admAmbito, id string) error {
		return s.Auth.Disable(r.Context(), a.se.Chi, id)
	})
}

func (s *Server) admPersonaRiattiva(w http.ResponseWriter, r *http.Request, v url.Values) error {
	return s.suPersona(w, r, v, "riattivata", nil, func(a admAmbito, id string) error {
		return s.Auth.Enable(r.Context(), a.se.Chi, id)
	})
}

// admPersonaPassword gives a new provisional password and shows it.
func (s *Server) admPersonaPassword(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	se, id := sessioneDi(r), r.PathValue("id")
	if se.Persona == id {
		return fault.New(fault.Invalid, "Per cambiare la tua password usa la pagina del tuo profilo.")
	}
	g, err := s.adm.unaVolta(se.Persona, v.Get("modulo"), s.Now(), func() (admSegreto, error) {
		g := admSegreto{testo: passwordNuova(), chi: id}
		return g, s.Auth.SetPassword(r.Context(), se.Chi, id, g.testo)
	})
	if err != nil {
		return err
	}
	return s.mostraPersona(w, r, g.chi, personaMostrata{Password: g.testo, Frase: "La password è nuova. Quella di prima non vale più."}, http.StatusOK)
}

func (s *Server) admIncarico(w http.ResponseWriter, r *http.Request, v url.Values) error {
	return s.suPersona(w, r, v, "incarico", []string{"ruolo", "unita", "dal", "al"}, func(a admAmbito, id string) error {
		i, errori := leggiIncarico(a, v)
		if len(errori) > 0 {
			no := fault.New(fault.Invalid, "Il ruolo non è stato salvato.")
			for _, e := range errori {
				no = no.Campo(e.Campo, e.Frase)
			}
			return no
		}
		return s.Auth.Incarica(r.Context(), a.se.Chi, id, i)
	})
}

func (s *Server) admTermina(w http.ResponseWriter, r *http.Request, v url.Values) error {
	return s.suPersona(w, r, url.Values{}, "termine", []string{"ultimo"}, func(a admAmbito, id string) error {
		dal, err := day.Parse(v.Get("dal"))
		if err != nil {
			return fault.New(fault.Bad, "Questa pagina è vecchia. Ricaricala e riprova.")
		}
		ultimo, err := day.Parse(v.Get("ultimo"))
		if err != nil {
			return fault.New(fault.Invalid, "Il ruolo non è cambiato.").Campo("ultimo", "Scrivi l'ultimo giorno in cui vale.")
		}
		return s.Auth.Termina(r.Context(), a.se.Chi, id, v.Get("ruolo"), v.Get("unita"), dal, ultimo)
	})
}

// segretoMostrato is a secret on its only page.
type segretoMostrato struct{ Segreto, Titolo, Testo string }

// Mostra gives the provisional password, if there is one to show.
func (p *paginaPersona) Mostra() segretoMostrato {
	return segretoMostrato{p.Password, "Password provvisoria di " + p.Nome, "Dagliela a voce o su carta. Si vede solo ora. La cambia al primo accesso."}
}
