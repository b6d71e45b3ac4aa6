package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/registro"
)

// campoEnte is one line of the form of the ente.
type campoEnte struct {
	Nome, Etichetta, Aiuto, Valore, Tipo, Completa string
	Max                                            int
	Serve                                          bool
	Ora                                            string // what somebody else saved meanwhile
}

type paginaEnte struct {
	Scrivania
	Campi        []campoEnte
	Giorno, Mese string
	Giorni       []string
	Mesi         []opzione
	Cure         bool
	Testimoni    string // a key a line
	TestimoniOra string // what somebody else saved meanwhile
	Versione     string
	Fatto        string
	Errori       erroriAdm
}

// datoEnte is a field of the ente with what it may hold.
type datoEnte struct {
	campoEnte
	dove  func(*pratica.Ente) *string
	forma func(string) string // what is wrong; empty: nothing
}

var formaTelefono = regexp.MustCompile(`^\+?[0-9][0-9 .]{2,24}$`)

func posta(t string) string {
	if a, err := mail.ParseAddress(t); err != nil || a.Address != t || !pratica.Mail(t) {
		return "Scrivi un indirizzo come urp@esempio.it."
	}
	return ""
}

var formaSito = regexp.MustCompile(`^https?://([a-zA-Z0-9.-]*)(:[0-9]*)?/?$`)

func sito(t string) string {
	m := formaSito.FindStringSubmatch(t)
	if m == nil {
		return "Scrivi solo l'inizio, come https://segnalazioni.esempio.it."
	}
	if !pratica.Host(m[1]) {
		return "Questo indirizzo non può esistere. Controlla il nome dopo «//»: per esempio https://segnalazioni.esempio.it."
	}
	if porta, err := strconv.Atoi(strings.TrimPrefix(m[2], ":")); m[2] != "" && (err != nil || porta < 1 || porta > 65535) {
		return "Il numero dopo i due punti va da 1 a 65535. Se non ti serve, togli anche i due punti."
	}
	return ""
}

func anniTimbro(t string) string {
	if n, err := strconv.Atoi(t); err != nil || n < 1 || strconv.Itoa(n) != t {
		return "Scrivi un numero di anni da 1 a 99, o lascia vuoto."
	}
	return ""
}

func telefono(t string) string {
	if !formaTelefono.MatchString(t) {
		return "Scrivi un numero come 0372 000 000."
	}
	return ""
}

var datiEnte = []datoEnte{
	{campoEnte{Nome: "nome", Etichetta: "Nome dell'ente", Max: 120, Serve: true}, func(e *pratica.Ente) *string { return &e.Nome }, nil},
	{campoEnte{Nome: "regione", Etichetta: "Regione", Max: 60}, func(e *pratica.Ente) *string { return &e.Regione }, nil},
	{campoEnte{Nome: "telefono", Etichetta: "Telefono dell'URP", Aiuto: "Sta in ogni pagina, anche quando il programma non risponde.", Max: 25, Serve: true, Tipo: "tel"}, func(e *pratica.Ente) *string { return &e.Telefono }, telefono},
	{campoEnte{Nome: "orari", Etichetta: "Orari del telefono", Aiuto: "Per esempio: dal lunedì al venerdì, dalle 8.30 alle 13.", Max: 200}, func(e *pratica.Ente) *string { return &e.Orari }, nil},
	{campoEnte{Nome: "email", Etichetta: "E-mail", Max: 120, Tipo: "email"}, func(e *pratica.Ente) *string { return &e.Email }, posta},
	{campoEnte{Nome: "pec", Etichetta: "PEC", Max: 120, Tipo: "email"}, func(e *pratica.Ente) *string { return &e.PEC }, posta},
	{campoEnte{Nome: "indirizzo", Etichetta: "Indirizzo per le lettere e lo sportello", Max: 200}, func(e *pratica.Ente) *string { return &e.Indirizzo }, nil},
	{campoEnte{Nome: "dpo", Etichetta: "E-mail del responsabile della protezione dei dati", Aiuto: "Sta nella pagina sulla privacy.", Max: 120, Tipo: "email"}, func(e *pratica.Ente) *string { return &e.DPO }, posta},
	{campoEnte{Nome: "sito", Etichetta: "Indirizzo di queste pagine", Aiuto: "Sta sulle ricevute e nel codice QR. Per esempio: https://segnalazioni.esempio.it.", Max: 120}, func(e *pratica.Ente) *string { return &e.Sito }, sito},
	{campoEnte{Nome: "timbri", Etichetta: "Scadenza del contrassegno delle risposte, in anni", Aiuto: "Da 1 a 99. Vuoto: senza scadenza. Vale per le risposte nuove.", Max: 2}, func(e *pratica.Ente) *string { return &e.Timbri }, anniTimbro},
}

var mesi = []opzione{{"01", "gennaio"}, {"02", "febbraio"}, {"03", "marzo"}, {"04", "aprile"}, {"05", "maggio"}, {"06", "giugno"},
	{"07", "luglio"}, {"08", "agosto"}, {"09", "settembre"}, {"10", "ottobre"}, {"11", "novembre"}, {"12", "dicembre"}}

func giorniMese() []string {
	var out []string
	for d := 1; d <= 31; d++ {
		out = append(out, fmt.Sprintf("%02d", d))
	}
	return out
}

// versioneEnte names what an ente says of itself, so that the slower of two
// administrators does not undo what the other saved.
func versioneEnte(e pratica.Ente) string {
	e.Uffici, e.Alias, e.UPT, e.Riservate = nil, "", pratica.Contatto{}, nil // they have their own pages
	b, err := json.Marshal(e)
	if err != nil {
		panic("web: the ente cannot be encoded: " + err.Error()) // strings alone
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:12])
}

func (s *Server) admEnte(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	return s.mostraEnte(w, r, a.ente, a.ente, nil, http.StatusOK)
}

// mostraEnte shows the form with what was typed; scritta and ora differ only when
// it is shown again.
func (s *Server) mostraEnte(w http.ResponseWriter, r *http.Request, scritta, ora pratica.Ente, errori []erroreCampo, stato int) error {
	p := &paginaEnte{Versione: versioneEnte(ora), Giorni: giorniMese(), Mesi: mesi, Errori: errori}
	if stato == http.StatusOK {
		p.Fatto = admFatto[r.URL.Query().Get("fatto")]
	}
	for _, c := range datiEnte {
		x := c.campoEnte
		x.Valore = *c.dove(&scritta)
		if salvato := *c.dove(&ora); stato == http.StatusConflict && salvato != x.Valore {
			x.Ora = salvato
		}
		p.Campi = append(p.Campi, x)
	}
	p.Mese, p.Giorno, _ = strings.Cut(scritta.Patrono, "-")
	p.Cure, p.Testimoni = scritta.Cure, strings.Join(scritta.Testimoni, "\n")
	if salvati := strings.Join(ora.Testimoni, "\n"); stato == http.StatusConflict && salvati != p.Testimoni {
		p.TestimoniOra = salvati
	}
	titolo := "Dati dell'ente"
	if len(errori) > 0 {
		titolo = "Errore: dati dell'ente"
	}
	var err error
	if p.Scrivania, err = s.admTesta(r, titolo, "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_ente.html", p)
}

func (s *Server) admEnteSalva(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	nuovo, errori := leggiEnte(a.ente, v)
	switch {
	case len(errori) > 0:
		return s.mostraEnte(w, r, nuovo, a.ente, errori, http.StatusUnprocessableEntity)
	case versioneEnte(nuovo) == versioneEnte(a.ente): // nothing changed, or the same form sent twice
		return vaiA(w, r, "/amministrazione/ente", "ente")
	case v.Get("versione") != versioneEnte(a.ente):
		return s.mostraEnte(w, r, nuovo, a.ente, []erroreCampo{{"", "Nel frattempo un altro amministratore ha salvato. Sotto ogni campo diverso c'è il suo valore: scegli e salva di nuovo."}}, http.StatusConflict)
	}
	if err := s.Ambienti.SalvaEnte(r.Context(), nuovo); err != nil {
		return err
	}
	return vaiA(w, r, "/amministrazione/ente", "ente")
}

// leggiEnte reads the form over what the ente says today.
func leggiEnte(e pratica.Ente, v url.Values) (pratica.Ente, []erroreCampo) {
	l := &lettura{Values: v}
	for _, c := range datiEnte {
		serve := ""
		if c.Serve {
			serve = "Scrivi: " + strings.ToLower(c.Etichetta[:1]) + c.Etichetta[1:] + "."
		}
		prima := len(l.Errori)
		t := l.riga(c.Nome, c.Max, serve)
		*c.dove(&e) = t
		if t != "" && c.forma != nil && len(l.Errori) == prima {
			if errore := c.forma(t); errore != "" {
				l.errore(c.Nome, errore)
			}
		}
	}
	e.Cure = v.Has("cure")
	var errore string
	if e.Testimoni, errore = leggiTestimoni(v.Get("testimoni")); errore != "" {
		l.errore("testimoni", errore)
	}
	mese, giorno := v.Get("patrono_mese"), v.Get("patrono_giorno")
	e.Patrono = ""
	if mese != "" || giorno != "" {
		e.Patrono = mese + "-" + giorno
		if _, err := day.Nazionale().Con(e.Patrono); err != nil || mese == "" || giorno == "" {
			l.errore("patrono_giorno", "Scegli giorno e mese del patrono, o lascia vuoti tutti e due.")
		}
	}
	return e, l.Errori
}

// maxTestimoni is how many may witness a log.
const maxTestimoni = 9

// leggiTestimoni reads published keys, one a line, and says what is wrong with them.
func leggiTestimoni(t string) (chiavi []string, errore string) {
	nomi := map[string]bool{}
	for k := range strings.FieldsSeq(t) {
		nome, _, _ := strings.Cut(k, "+")
		switch {
		case registro.CheckWitnessKey(k) != nil && errore == "":
			errore = fmt.Sprintf("La chiave n. %d non è come l'ha pubblicata il testimone. Copiala intera: nome+impronta+chiave.", len(chiavi)+1)
		case nomi[nome] && errore == "":
			errore = fmt.Sprintf("Il testimone della chiave n. %d c'è già: togli la chiave che non usa più.", len(chiavi)+1)
		}
		nomi[nome] = true
		chiavi = append(chiavi, k)
	}
	if len(chiavi) > maxTestimoni && errore == "" {
		errore = fmt.Sprintf("I testimoni possono essere al massimo %d.", maxTestimoni)
	}
	return chiavi, errore
}

// ControllaEnte holds what an ente says of itself to what its form asks: fault.Bad
// by field.
func ControllaEnte(e pratica.Ente) error {
	v := url.Values{}
	for _, c := range datiEnte {
		v.Set(c.Nome, *c.dove(&e))
	}
	v.Set("testimoni", strings.Join(e.Testimoni, "\n"))
	no := fault.New(fault.Bad, "I dati dell'ente non vanno bene.")
	_, errori := leggiEnte(e, v)
	for _, x := range errori {
		no.Campo(x.Campo, x.Frase)
	}
	if len(errori) > 0 {
		return no
	}
	return nil
}

// presenta is how the office presents itself now: an administrator may have
// changed it since the program started.
func (s *Server) presenta() Ente {
	e := s.Ente
	if s.Ambienti == nil {
		return e
	}
	if x := s.Ambienti.Ente(s.EnteID); x != nil && x.Nome != "" && x.Telefono != "" {
		motto := e.Motto
		e = Presenta(x)
		e.Motto = motto
	}
	return e
}

// Presenta is how an ente presents itself by its settings.
func Presenta(e *pratica.Ente) Ente {
	return Ente{Nome: e.Nome, Regione: e.Regione, Telefono: e.Telefono, Orari: e.Orari, Email: e.Email, PEC: e.PEC,
		Indirizzo: e.Indirizzo, DPO: e.DPO, Sito: e.Sito, Cure: e.Cure, UPT: e.UPT}
}
