package pratica

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

const (
	// Io, as Filtro.Incaricato, is who asks.
	Io = "io"
	// MaxDomanda is the longest question, in Unicode characters.
	MaxDomanda = 500

	anniCercati  = 15 // years whose words are searched when no date says otherwise
	maxStrutture = 50 // units that one name may stand for
)

// errDomanda says what cannot be read in a question. It never repeats the words:
// they may be about a person.
func errDomanda(m string) *fault.Error { return fault.New(fault.Invalid, m).Campo("q", m) }

// filtri are the filters of a question: each reads its value into the Filtro, or
// gives a sentence that says how to write it.
var filtri = map[string]func(f *Filtro, v string, oggi day.Date) string{
	"stato": filtroStato, "tipo": filtroTipo, "struttura": filtroStruttura, "scade": filtroScade,
	"ricevuta": filtroRicevuta, "incarico": filtroIncarico, "numero": filtroNumero, "codice": filtroCodice,
	"protocollo": filtroProtocollo,
}

// alias are the same filters in other words.
var alias = map[string]string{"status": "stato", "type": "tipo", "unit": "struttura", "reparto": "struttura", "scadenza": "scade",
	"due": "scade", "received": "ricevuta", "incaricato": "incarico", "assigned": "incarico"}

var chiaveFiltro = regexp.MustCompile(`^\pL+$`)

// LeggiDomanda reads what a person typed to search: typed filters (stato:, tipo:,
// struttura:"pronto soccorso", scade:<7g, ricevuta:2026-10-01..2026-10-31,
// incarico:io) and words. All must hold: a word, words in quotes as they follow each
// other, one of words joined by o, none of those after a minus, names that begin
// so before an asterisk. A number of the register or a code, alone, names one case.
// What is not supported is fault.Invalid in the field "q", and says so instead of
// being dropped.
func LeggiDomanda(q string, oggi day.Date) (f Filtro, r Ricerca, err error) {
	if utf8.RuneCountInString(q) > MaxDomanda {
		return Filtro{}, Ricerca{}, errDomanda("La domanda è troppo lunga: al massimo " + strconv.Itoa(MaxDomanda) + " caratteri.")
	}
	q = strings.TrimSpace(Pulisci(q))
	if c, ok := codiceSolo(q); ok {
		return Filtro{Codice: c}, Ricerca{}, nil
	}
	if strings.Count(q, `"`)%2 == 1 {
		return Filtro{}, Ricerca{}, errDomanda("Le virgolette si aprono e non si chiudono: chiudile, o toglile.")
	}
	if numeroScritto.MatchString(q) {
		return Filtro{Numero: q}, Ricerca{}, nil
	}
	var letti []string
	var parole []pezzo
	cercato := pezzi(q)
	if len(cercato) == 0 && q != "" {
		return Filtro{}, Ricerca{}, errDomanda("Qui non c'è niente da cercare: scrivi una parola, un numero o un filtro.")
	}
	for _, p := range cercato {
		if p.chiave == "" {
			parole = append(parole, p)
			continue
		}
		if p.meno {
			return Filtro{}, Ricerca{}, errDomanda("Il «-» toglie parole, non filtri: togli il «-» davanti al filtro.")
		}
		leggi, ok := filtri[p.chiave]
		if !ok {
			return Filtro{}, Ricerca{}, errDomanda("Un filtro non esiste. Puoi usare stato:, tipo:, struttura:, scade:, ricevuta:, incarico:, numero:, protocollo:, codice:.")
		}
		if m := leggi(&f, p.testo, oggi); m != "" {
			return Filtro{}, Ricerca{}, errDomanda(m)
		}
		if slices.Contains(letti, p.chiave) {
			return Filtro{}, Ricerca{}, errDomanda("Lo stesso filtro c'è due volte: tienine uno e fai due ricerche.")
		}
		letti = append(letti, p.chiave)
	}
	if r, err = leggiRicerca(parole); err != nil {
		return Filtro{}, Ricerca{}, err
	}
	return f, r, nil
}

var numeroScritto = regexp.MustCompile(`^(?:[12][0-9]{3}[/-])?[0-9]{1,7}$`)

// codiceSolo tells a code from a word of twelve letters: a code has a digit, or
// is written in groups or in capitals.
func codiceSolo(q string) (string, bool) {
	if len(q) > 20 || !strings.ContainsAny(q, "0123456789-") && strings.ToUpper(q) != q {
		return "", false
	}
	c, err := vault.ParseCodice(q)
	return c, err == nil
}

// pezzo is a word, a phrase in quotes, or a filter with its value.
type pezzo struct {
	chiave, testo    string
	meno, virgolette bool
}

// pezzi cuts a question at the spaces that are not inside quotes.
func pezzi(q string) []pezzo {
	var out []pezzo
	for {
		q = strings.TrimLeftFunc(q, unicode.IsSpace)
		if q == "" {
			return out
		}
		var p pezzo
		if len(q) > 1 && q[0] == '-' && q[1] != '-' && q[1] != ' ' {
			p.meno, q = true, q[1:]
		}
		fine := strings.IndexFunc(q, func(r rune) bool { return unicode.IsSpace(r) || r == '"' || r == ':' })
		if fine > 0 && q[fine] == ':' && chiaveFiltro.MatchString(q[:fine]) && !strings.HasPrefix(q[fine:], "://") {
			p.chiave = strings.ToLower(q[:fine])
			if a, ok := alias[p.chiave]; ok {
				p.chiave = a
			}
			q = q[fine+1:]
		}
		if strings.HasPrefix(q, `"`) {
			p.virgolette = true
			p.testo, q, _ = strings.Cut(q[1:], `"`)
		} else {
			n := strings.IndexFunc(q, func(r rune) bool { return unicode.IsSpace(r) || r == '"' })
			if n < 0 {
				n = len(q)
			}
			p.testo, q = q[:n], q[n:]
		}
		p.testo = strings.TrimSpace(p.testo)
		if p.testo != "" || p.chiave != "" {
			out = append(out, p)
		}
	}
}

func filtroStato(f *Filtro, v string, _ day.Date) string {
	switch v = strings.ReplaceAll(strings.ToLower(v), " ", "_"); v {
	case "":
		return "Scrivi quale stato, per esempio stato:istruttoria."
	case "aperta", "aperte":
		f.Aperte = true
	case "sospesa", "sospese":
		f.Sospese = true
	default:
		f.Stato = v
	}
	return ""
}

func filtroTipo(f *Filtro, v string, _ day.Date) string {
	if f.Tipo = strings.ToLower(v); v == "" {
		return "Scrivi quale tipo, per esempio tipo:reclamo."
	}
	return ""
}

func filtroStruttura(f *Filtro, v string, _ day.Date) string {
	if f.Struttura = v; v == "" {
		return `Scrivi quale struttura, per esempio struttura:"pronto soccorso".`
	}
	return ""
}

func filtroIncarico(f *Filtro, v string, _ day.Date) string {
	switch strings.ToLower(v) {
	case "io", "me", "mio":
		f.Incaricato = Io
		return ""
	}
	return "Puoi cercare le pratiche affidate a te, con incarico:io."
}

func filtroNumero(f *Filtro, v string, _ day.Date) string {
	if f.Numero = v; !numeroScritto.MatchString(v) {
		return "Scrivi il numero così: numero:2026/123."
	}
	return ""
}

// NumeroProtocollo is how a number of the ente's own protocol may be written.
var NumeroProtocollo = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._/-]{0,39}$`)

func filtroProtocollo(f *Filtro, v string, _ day.Date) string {
	if f.Protocollo = v; !NumeroProtocollo.MatchString(v) {
		return "Scrivi il numero che ha dato il protocollo dell'ente così: protocollo:0012345."
	}
	return ""
}

func filtroCodice(f *Filtro, v string, _ day.Date) string {
	c, err := vault.ParseCodice(v)
	f.Codice = c
	if err != nil {
		return fault.Message(err)
	}
	return ""
}

var giorniScade = regexp.MustCompile(`^<?=?([0-9]{1,3})(?:g|gg|giorni)?$`)

// filtroScade reads the last day of what is due: <7g, oggi, domani, scadute, or a
// date.
func filtroScade(f *Filtro, v string, oggi day.Date) string {
	v = strings.ToLower(v)
	if m := giorniScade.FindStringSubmatch(v); m != nil {
		n, _ := strconv.Atoi(m[1]) // three digits
		f.ScadeEntro = oggi.Add(n)
		return ""
	}
	switch v {
	case "oggi":
		f.ScadeEntro = oggi
		return ""
	case "domani":
		f.ScadeEntro = oggi.Add(1)
		return ""
	case "scaduta", "scadute", "ieri":
		f.ScadeEntro = oggi.Add(-1)
		return ""
	}
	_, al, ok := periodo(strings.TrimLeft(v, "<=."), oggi)
	if f.ScadeEntro = al; !ok {
		return "Scrivi entro quando così: scade:<7g, scade:oggi oppure scade:2026-03-31."
	}
	return ""
}

// filtroRicevuta reads a day, a month, a year, or a stretch between two of them;
// either end may be left out.
func filtroRicevuta(f *Filtro, v string, oggi day.Date) string {
	da, a, tratto := strings.Cut(strings.ToLower(v), "..")
	if !tratto {
		a = da
	}
	ok := da != "" || a != ""
	if da != "" {
		var c bool
		f.RicevutaDal, _, c = periodo(da, oggi)
		ok = ok && c
	}
	if a != "" {
		var c bool
		_, f.RicevutaAl, c = periodo(a, oggi)
		ok = ok && c
	}
	if !ok || !f.RicevutaAl.IsZero() && f.RicevutaAl < f.RicevutaDal {
		return "Scrivi le date così: ricevuta:2026-03-31, ricevuta:2026-03 oppure ricevuta:2026-03-01..2026-03-31."
	}
	return ""
}

// periodo is the first and the last day of a day, a month or a year.
func periodo(v string, oggi day.Date) (dal, al day.Date, ok bool) {
	switch v {
	case "oggi":
		return oggi, oggi, true
	case "ieri":
		return oggi.Add(-1), oggi.Add(-1), true
	}
	if d, err := day.Parse(v); err == nil {
		return d, d, true
	}
	if t, err := time.Parse("2/1/2006", v); err == nil {
		v = t.Format(time.DateOnly)
		d, err := day.Parse(v)
		return d, d, err == nil
	}
	if d, err := day.Parse(v + "-01"); err == nil {
		y, m, _ := d.Date()
		return d, day.Of(y, m+1, 1).Add(-1), true
	}
	if d, err := day.Parse(v + "-01-01"); err == nil {
		return d, day.Of(d.Year(), time.December, 31), true
	}
	return 0, 0, false
}

// Precisa turns the words of a filter into what lists compare, and refuses, by
// field (stato, tipo, struttura), what does not exist in this ente. A structure
// is named by its id, or by words that may stand for several.
func (s *Servizio) Precisa(ente string, f *Filtro) error {
	amb, err := s.ambiente(ente)
	if err != nil {
		return err
	}
	no := func(campo, m string) error { return fault.New(fault.Invalid, m).Campo(campo, m) }
	if f.Tipo != "" && !slices.ContainsFunc(amb.Regolamento.Tipi(), func(t regolamento.DefTipo) bool { return t.Nome == f.Tipo }) {
		var nomi []string
		for _, t := range amb.Regolamento.Tipi() {
			nomi = append(nomi, t.Nome)
		}
		return no("tipo", "Questo tipo non c'è. Puoi scrivere: "+strings.Join(nomi, ", ")+".")
	}
	suo := amb.Del(f.Registro)
	if suo == nil {
		suo = amb
	}
	if f.Stato != "" && !statoNoto(suo, f.Stato) {
		var nomi []string
		for _, x := range suo.Regolamento.Fasi() {
			nomi = append(nomi, x.Nome)
		}
		return no("stato", "Questo stato non c'è. Puoi scrivere: "+strings.Join(nomi, ", ")+", aperta, sospesa.")
	}
	if f.Struttura == "" {
		return nil
	}
	if u, ok := amb.Organigramma.Unita(f.Struttura); ok {
		f.Struttura = u.ID
		return nil
	}
	trovate := amb.Organigramma.Cerca(f.Struttura, maxStrutture)
	if len(trovate) == 0 {
		return no("struttura", "Non troviamo questa struttura nell'organigramma.")
	}
	f.Struttura = ""
	for _, u := range trovate {
		f.Strutture = append(f.Strutture, u.ID)
	}
	return nil
}

func statoNoto(amb *Ambiente, stato string) bool {
	for _, x := range amb.Regolamento.Fasi() {
		if x.Nome == stato || x.Cittadino == stato {
			return true
		}
	}
	return false
}
