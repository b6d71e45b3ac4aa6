package pratica

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tutela/internal/day"
	"tutela/internal/fault"
)

// Recapiti are the ways in which a person may ask to be answered.
var Recapiti = []string{"email", "pec", "telefono", "posta", "sportello"}

// controlla holds a segnalazione to its limits. Every field says its own; what
// is missing is only what nobody could do without.
func controlla(seg *Segnalazione, nu *Nuova, oggi day.Date) error {
	e := fault.New(fault.Invalid, "Controlla i campi indicati.")
	riga := func(campo string, v *string, max int) {
		*v = Pulisci(*v)
		if n := utf8.RuneCountInString(*v); n > max {
			e.Campo(campo, fmt.Sprintf("Il massimo è %d caratteri: ora sono %d.", max, n))
		}
	}
	riga("oggetto", &seg.Oggetto, MaxOggetto)
	seg.Testo = Pulisci(seg.Testo)
	switch n := utf8.RuneCountInString(seg.Testo); {
	case seg.Testo == "":
		e.Campo("testo", "Scrivi che cosa è successo.")
	case n > MaxTesto:
		e.Campo("testo", fmt.Sprintf("Il massimo è %d caratteri: ora sono %d. Il resto puoi allegarlo.", MaxTesto, n))
	}
	for campo, v := range map[string]*string{"chiede": &seg.Chiede, "presidio": &seg.Presidio, "unita": &seg.Unita, "quando": &seg.Quando,
		"aiuto": &seg.Aiuto, "testimone": &seg.Testimone, "ritardo": &seg.Ritardo, "noteUrp": &seg.NoteURP} {
		riga(campo, v, MaxRiga*5)
	}
	for campo, v := range map[string]*string{"lingua": &seg.Lingua, "ricapito": &seg.Ricapito, "delega": &seg.Delega} {
		riga(campo, v, MaxRiga)
	}
	if seg.Ricapito != "" && !slices.Contains(Recapiti, seg.Ricapito) {
		e.Campo("ricapito", "Scegli come rispondere: "+strings.Join(Recapiti, ", ")+".")
	}
	controllaData(e, "quando", seg.Quando, oggi)
	if seg.ConosciutoIl > oggi {
		e.Campo("conosciutoIl", "La data è nel futuro. Scrivi quando lo hai saputo.")
	}
	if nu.RicevutaIl > oggi {
		e.Campo("ricevutaIl", "La data di arrivo è nel futuro.")
	}
	if !slices.Contains(Canali, nu.Canale) {
		e.Campo("canale", "Scegli come è arrivata la segnalazione.")
	}
	if seg.Segnalante != nil && *seg.Segnalante == (Persona{Qualita: seg.Segnalante.Qualita}) {
		seg.Segnalante = nil
	}
	controllaPersona(e, "segnalante", seg.Segnalante, oggi)
	if seg.Assistito != nil && *seg.Assistito == (Persona{}) {
		seg.Assistito = nil
	}
	controllaPersona(e, "assistito", seg.Assistito, oggi)
	if len(nu.File) > MaxFile {
		e.Campo("allegati", "Puoi allegare al massimo 10 file.")
	}
	if len(e.Campi) > 0 {
		return e
	}
	return nil
}

func controllaPersona(e *fault.Error, prefisso string, p *Persona, oggi day.Date) {
	if p == nil {
		return
	}
	for campo, v := range map[string]*string{"nome": &p.Nome, "cognome": &p.Cognome, "codiceFiscale": &p.CodiceFiscale, "dataNascita": &p.DataNascita,
		"email": &p.Email, "pec": &p.PEC, "telefono": &p.Telefono, "indirizzo": &p.Indirizzo, "comune": &p.Comune, "cap": &p.CAP,
		"qualita": &p.Qualita, "rapporto": &p.Rapporto} {
		*v = strings.Join(strings.Fields(Pulisci(*v)), " ")
		if utf8.RuneCountInString(*v) > MaxRiga {
			e.Campo(prefisso+"."+campo, fmt.Sprintf("Il massimo è %d caratteri.", MaxRiga))
		}
	}
	for campo, v := range map[string]string{"email": p.Email, "pec": p.PEC} {
		if v != "" && !Mail(v) {
			e.Campo(prefisso+"."+campo, "Scrivi un indirizzo come nome@esempio.it.")
		}
	}
	if p.Telefono != "" && !Telefono(p.Telefono) {
		e.Campo(prefisso+".telefono", "Scrivi il telefono con i numeri, per esempio 333 1234567.")
	}
	if p.CAP != "" && !CAP(p.CAP) {
		e.Campo(prefisso+".cap", "Il CAP ha 5 cifre. Se l'indirizzo è all'estero, scrivilo con il comune.")
	}
	p.CodiceFiscale = strings.ToUpper(strings.ReplaceAll(p.CodiceFiscale, " ", ""))
	if p.CodiceFiscale != "" && !codiceFiscale.MatchString(p.CodiceFiscale) {
		e.Campo(prefisso+".codiceFiscale", "Il codice fiscale ha 16 lettere e numeri. Se non lo hai, lascia vuoto.")
	}
	if _, err := day.Parse(p.DataNascita); p.DataNascita != "" && err != nil {
		m := "Scrivi la data così: 1950-03-31."
		if pareData.MatchString(p.DataNascita) {
			m = "Questa data non va: controlla giorno, mese e anno."
		}
		e.Campo(prefisso+".dataNascita", m)
	}
	controllaData(e, prefisso+".dataNascita", p.DataNascita, oggi)
}

// codiceFiscale is the shape of one: sixteen signs, of which those that look
// wrong may be right (omocodia), or the eleven figures of a provisional one.
var codiceFiscale = regexp.MustCompile(`^(?:[A-Z0-9]{16}|[0-9]{11})$`)

// formeData are the ways in which people write a whole date.
var formeData = []string{time.DateOnly, "2/1/2006", "2-1-2006", "2.1.2006"}

var pareData = regexp.MustCompile(`^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4})$`)

// controllaData refuses what has the shape of a date and is none, or lies in the
// future. Words pass: "a Pasqua" is when it happened.
func controllaData(e *fault.Error, campo, t string, oggi day.Date) {
	if !pareData.MatchString(t) {
		return
	}
	for _, forma := range formeData {
		if x, err := time.Parse(forma, t); err == nil {
			if x.Year() < 1900 {
				e.Campo(campo, "Controlla l'anno.")
			} else if day.Of(x.Year(), x.Month(), x.Day()) > oggi {
				e.Campo(campo, "La data è nel futuro: scrivi una data fino a oggi.")
			}
			return
		}
	}
	e.Campo(campo, "Questo giorno non c'è sul calendario. Controlla la data.")
}

// Mail reports whether a text has the shape of an e-mail address.
func Mail(t string) bool {
	i := strings.LastIndexByte(t, '@')
	return i > 0 && !strings.ContainsAny(t, " ,;<>()\"") && strings.Contains(t[i:], ".") && Host(t[i+1:])
}

// Host reports whether a text may be the name of a machine on the net, or its
// IPv4 address.
func Host(t string) bool {
	parti := strings.Split(t, ".")
	for _, p := range parti {
		if p == "" || len(p) > 63 || p[0] == '-' || p[len(p)-1] == '-' || strings.ContainsFunc(p, fuoriHost) {
			return false
		}
	}
	if ultima := parti[len(parti)-1]; strings.Trim(ultima, "0123456789") == "" { // no name ends in a number
		a, err := netip.ParseAddr(t)
		return err == nil && a.Is4()
	}
	return len(t) <= 253
}

func fuoriHost(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// CAP reports whether a text has the shape of a postal code.
func CAP(t string) bool { return len(t) == 5 && strings.Trim(t, "0123456789") == "" }

// Telefono reports whether a text has the shape of a telephone number.
func Telefono(t string) bool {
	n := 0
	for _, r := range t {
		switch {
		case r >= '0' && r <= '9':
			n++
		case !strings.ContainsRune(" +-./()", r):
			return false
		}
	}
	return n >= 6 && n <= 16
}

// Pulisci takes out of a text what has no place in one: NUL and other control
// characters, and the marks that turn the direction of what follows.
func Pulisci(t string) string {
	t = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r', unicode.IsControl(r), r == utf8.RuneError, r == '\ufeff',
			r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f':
			return -1
		}
		return r
	}, strings.ReplaceAll(t, "\r\n", "\n")))
	if !strings.ContainsFunc(t, visibile) {
		return "" // spaces of no width, and nothing else
	}
	return t
}

// visibile reports whether a character leaves ink on paper.
func visibile(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
}
