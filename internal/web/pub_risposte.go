package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

// The values of the choices, in the order in which the pages show them.
var (
	perChi   = []string{"me", "altra", "anonimo"}
	titoli   = []string{"delegato", "familiare", "tutore", "erede"}
	recapiti = []string{"email", "telefono", "posta", "sportello"}
	desideri = []string{"spiegazione", "scuse", "cambiare", "sapere", "altro"}
	lingue   = []string{"Italiano", "English", "Français", "Español", "Deutsch", "Română", "Shqip", "العربية", "Українська", "中文", "বাংলা", "Altra"}
)

// nonSo is the answer of who leaves the choice of the kind to the office.
const nonSo = "aiuto"

// Limits, in characters, where pratica states none of its own.
const (
	maxNome  = 80
	maxLuogo = pratica.MaxRiga
	maxBreve = 500
)

// risposte are the answers of the six steps, as they were given.
type risposte struct {
	Ufficio string `json:",omitempty"` // the register for which it is; empty: the URP's

	Tipo string `json:",omitempty"` // a kind of the regolamento, or nonSo

	Luogo       string `json:",omitempty"` // as written
	Presidio    string `json:",omitempty"` // code of the site, once it is sure
	Unita       string `json:",omitempty"` // id of the unit, once it is sure
	LuogoSicuro bool   `json:",omitempty"` // the place was found, or chosen among those found
	Quando      quando
	Saputo      quando
	Ritardo     string `json:",omitempty"`
	RitardoDopo bool   `json:",omitempty"` // the question was asked; it is not asked twice

	Testo       string   `json:",omitempty"`
	Chiede      []string `json:",omitempty"`
	ChiedeTesto string   `json:",omitempty"`

	Documenti bool `json:",omitempty"` // the step was passed

	Per       string `json:",omitempty"`
	Nome      string `json:",omitempty"`
	Cognome   string `json:",omitempty"`
	Ricapito  string `json:",omitempty"`
	Email     string `json:",omitempty"`
	Telefono  string `json:",omitempty"`
	Indirizzo string `json:",omitempty"`
	CAP       string `json:",omitempty"`
	Comune    string `json:",omitempty"`
	Lingua    string `json:",omitempty"`
	Aiuto     string `json:",omitempty"`

	Titolo         string `json:",omitempty"` // by which one writes for another
	NomeAltro      string `json:",omitempty"`
	CognomeAltro   string `json:",omitempty"`
	Nascita        quando // of the person cared for
	DelegaPiuTardi bool   `json:",omitempty"`
}

// quando is a day as people remember it: the day may be missing, or all of it.
type quando struct {
	Giorno, Mese, Anno string `json:",omitempty"`
	NonRicordo         bool   `json:",omitempty"`
}

func (q quando) vuoto() bool { return q == quando{} }

// data is the whole date, zero if a part is missing.
func (q quando) data() day.Date {
	d, _ := leggiData(q)
	return d
}

// Frase is the date in words; empty when nothing is said.
func (q quando) Frase() string {
	if q.NonRicordo {
		return "Non ricordo"
	}
	if d := q.data(); !d.IsZero() {
		return i18n.Date(d)
	}
	m, _ := strconv.Atoi(q.Mese)
	if m < 1 || m > 12 || q.Anno == "" {
		return ""
	}
	_, mese, _ := strings.Cut(i18n.LongDate(day.Of(2000, time.Month(m), 2)), " ")
	return strings.TrimSuffix(mese, "2000") + q.Anno
}

// leggiData gives the date of three numbers that make one.
func leggiData(q quando) (day.Date, bool) {
	g, e1 := strconv.Atoi(q.Giorno)
	m, e2 := strconv.Atoi(q.Mese)
	a, e3 := strconv.Atoi(q.Anno)
	if e1 != nil || e2 != nil || e3 != nil || a < 1900 || a > 2999 {
		return 0, false
	}
	d, err := day.Parse(fmt.Sprintf("%04d-%02d-%02d", a, m, g))
	return d, err == nil
}

// data reads day, month and year of a field. With parziale the day may be left
// out. Nothing at all is the zero quando.
func (l *lettura) data(campo string, parziale bool, oggi day.Date) quando {
	q := quando{Giorno: l.Get(campo + "-giorno"), Mese: l.Get(campo + "-mese"), Anno: l.Get(campo + "-anno")}
	for _, v := range []*string{&q.Giorno, &q.Mese, &q.Anno} {
		if n, err := strconv.Atoi(*v); err == nil && n > 0 && n < 3000 {
			*v = strconv.Itoa(n)
		}
	}
	switch d, ok := leggiData(q); {
	case q == quando{}:
	case ok && d > oggi:
		l.errore(campo, "La data è nel futuro: scrivi una data fino a oggi.")
	case ok:
	case parziale && q.Giorno == "" && meseValido(q):
		if d, ok := leggiData(quando{Giorno: "1", Mese: q.Mese, Anno: q.Anno}); ok && d > oggi {
			l.errore(campo, "La data è nel futuro: scrivi una data fino a oggi.")
		}
	case tuttiNumeri(q):
		l.errore(campo, "Questo giorno non c'è sul calendario. Controlla giorno, mese e anno.")
	case parziale:
		l.errore(campo, "Scrivi mese e anno con i numeri, per esempio 3 e 2026. Il giorno, se lo ricordi.")
	default:
		l.errore(campo, "Scrivi giorno, mese e anno con i numeri, per esempio 31, 3 e 2026.")
	}
	return q
}

// tuttiNumeri reports whether three numbers were written, though they make no date.
func tuttiNumeri(q quando) bool {
	return !slices.ContainsFunc([]string{q.Giorno, q.Mese, q.Anno}, func(t string) bool { return t == "" || strings.Trim(t, "0123456789") != "" })
}

func meseValido(q quando) bool {
	_, ok := leggiData(quando{Giorno: "1", Mese: q.Mese, Anno: q.Anno})
	return ok
}

func leggi1(v url.Values, tipi []string) (string, []erroreCampo) {
	l := &lettura{Values: v}
	t := l.scelta("tipo", append(slices.Clone(tipi), nonSo), "Scegli che cosa vuoi dirci.")
	return t, l.Errori
}

// leggi2 reads place and time. Where the words name one thing of the chart is for
// the caller to find.
func leggi2(v url.Values, reclamo bool, oggi day.Date, r *risposte) []erroreCampo {
	l := &lettura{Values: v}
	if luogo := l.riga("luogo", maxLuogo, "Scrivi dove è successo. Va bene anche se non sei sicuro."); luogo != r.Luogo {
		r.Luogo, r.Presidio, r.Unita, r.LuogoSicuro = luogo, "", "", false
	}
	r.Quando = l.data("quando", true, oggi)
	if l.Get("non-ricordo") != "" {
		r.Quando = quando{NonRicordo: true}
		l.Errori = slices.DeleteFunc(l.Errori, func(e erroreCampo) bool { return e.Campo == "quando" })
	} else if r.Quando.vuoto() {
		l.errore("quando", "Scrivi quando è successo, oppure scegli «Non ricordo».")
	}
	if r.Saputo = (quando{}); reclamo {
		r.Saputo = l.data("saputo", false, oggi)
		if s, q := r.Saputo.data(), r.Quando.data(); !s.IsZero() && !q.IsZero() && s < q {
			l.errore("saputo", "Questa data viene prima del fatto. Controlla le due date.")
		}
	}
	return l.Errori
}

func leggi3(v url.Values, r *risposte) []erroreCampo {
	l := &lettura{Values: v}
	r.Testo = l.testo("testo", pratica.MaxTesto, "Scrivi che cosa è successo.")
	r.Chiede = nil
	for _, d := range desideri {
		if slices.Contains(v["chiede"], d) {
			r.Chiede = append(r.Chiede, d)
		}
	}
	r.ChiedeTesto = l.testo("chiede-testo", maxBreve, "")
	return l.Errori
}

func leggiPer(v url.Values, r *risposte) []erroreCampo {
	l := &lettura{Values: v}
	r.Per = l.scelta("per", perChi, "Scegli per chi scrivi.")
	return l.Errori
}

// leggi5 reads who writes, for whom, and how to be reached.
func leggi5(v url.Values, oggi day.Date, r *risposte) []erroreCampo {
	l := &lettura{Values: v}
	if r.Per == "altra" {
		r.NomeAltro = l.riga("nome-altro", maxNome, "Scrivi il nome della persona.")
		r.CognomeAltro = l.riga("cognome-altro", maxNome, "Scrivi il cognome della persona.")
		r.Nascita = l.data("nascita", false, oggi)
		r.Titolo = l.scelta("titolo", titoli, "Scegli che cosa sei per questa persona.")
		r.DelegaPiuTardi = l.Get("delega-dopo") != ""
	}
	r.Nome = l.riga("nome", maxNome, "Scrivi il tuo nome.")
	r.Cognome = l.riga("cognome", maxNome, "Scrivi il tuo cognome.")
	r.Ricapito = l.scelta("ricapito", recapiti, "Scegli come ti contattiamo.")
	r.Email = l.riga("email", 120, serve(r.Ricapito == "email", "Scrivi la tua e-mail."))
	if r.Email != "" && !pratica.Mail(r.Email) {
		l.errore("email", "Scrivi la tua e-mail così: nome@esempio.it.")
	}
	r.Telefono = l.riga("telefono", 40, serve(r.Ricapito == "telefono", "Scrivi il tuo numero di telefono."))
	if r.Telefono != "" && !pratica.Telefono(r.Telefono) {
		l.errore("telefono", "Scrivi il telefono con i numeri, per esempio 333 1234567.")
	}
	r.Indirizzo = l.riga("indirizzo", maxLuogo, serve(r.Ricapito == "posta", "Scrivi via e numero."))
	if r.CAP = l.riga("cap", maxNome, ""); r.CAP != "" && !pratica.CAP(r.CAP) {
		l.errore("cap", "Il CAP ha 5 cifre. Se l'indirizzo è all'estero, scrivilo con il comune.")
	}
	r.Comune = l.riga("comune", maxNome, serve(r.Ricapito == "posta", "Scrivi il comune dove abiti."))
	r.Lingua = l.scelta("lingua", lingue, "")
	r.Aiuto = l.testo("aiuto", maxBreve, "")
	return l.Errori
}

func serve(si bool, frase string) string {
	if si {
		return frase
	}
	return ""
}

func troppo(n, max int) string {
	return fmt.Sprintf("Il massimo è %s caratteri: ora sono %s.", i18n.Number(max), i18n.Number(n))
}

func nonVuota(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// manca is the first page still to be filled in; empty when all are.
func (r *risposte) manca() string {
	switch {
	case r.Tipo == "":
		return "/segnala/1"
	case r.Luogo == "":
		return "/segnala/2"
	case r.Testo == "":
		return "/segnala/3"
	case r.Per == "":
		return "/segnala/5"
	case r.Per != "anonimo" && (r.Nome == "" || r.Ricapito == ""), r.Per == "altra" && r.NomeAltro == "":
		return "/segnala/5/dati"
	}
	return ""
}

// segnalazione is what the answers say, as the office reads it.
//
// ref: pga01 4.3, 4.4.1 (MOD 01)
func (r *risposte) segnalazione() pratica.Segnalazione {
	seg := pratica.Segnalazione{Tipo: r.Tipo, Testo: r.Testo, Chiede: r.chiede(), Unita: r.Luogo, Quando: r.Quando.Frase(),
		Ritardo: r.Ritardo}
	if r.Tipo == nonSo {
		seg.Tipo = ""
	}
	if r.reclamo() {
		seg.ConosciutoIl = r.saputo()
	}
	if r.Per == "anonimo" {
		return seg
	}
	seg.Lingua, seg.Aiuto, seg.Ricapito = r.Lingua, r.Aiuto, r.Ricapito
	seg.Segnalante = &pratica.Persona{Nome: r.Nome, Cognome: r.Cognome, Email: r.Email, Telefono: r.Telefono,
		Indirizzo: r.Indirizzo, CAP: r.CAP, Comune: r.Comune, Qualita: "utente"}
	if r.Per == "altra" {
		seg.Segnalante.Qualita, seg.Delega = r.Titolo, r.Titolo
		seg.Assistito = &pratica.Persona{Nome: r.NomeAltro, Cognome: r.CognomeAltro}
		if d := r.Nascita.data(); !d.IsZero() {
			seg.Assistito.DataNascita = d.String()
		}
	}
	return seg
}

// reclamo reports whether it may be handled as a reclamo: what leaves the choice
// to the office may.
func (r *risposte) reclamo() bool { return r.Tipo == "reclamo" || r.Tipo == nonSo }

// saputo is the day on which the person knew of the fact: that of the fact, if
// nothing else is said. Zero when not even that is remembered.
//
// ref: pga01 4.4
func (r *risposte) saputo() day.Date {
	if d := r.Saputo.data(); !d.IsZero() {
		return d
	}
	return r.Quando.data()
}

var frasiDesideri = map[string]string{"spiegazione": "una spiegazione", "scuse": "le scuse", "cambiare": "che non accada più",
	"sapere": "sapere come fare", "altro": "altro"}

// chiede is what the person would like, in one sentence.
func (r *risposte) chiede() string {
	var voci []string
	for _, d := range r.Chiede {
		voci = append(voci, frasiDesideri[d])
	}
	return strings.TrimSpace(strings.Join(voci, ", ") + "\n" + r.ChiedeTesto)
}
