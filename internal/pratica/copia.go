package pratica

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"tutela/internal/fault"
	"tutela/internal/redact"
)

const (
	// MaxCopia is how long a copy may be, in characters: a whole segnalazione, with masks longer than what they hide.
	MaxCopia = 15_000
	// MaxLasciati is how many passages of a copy may be left readable, each with its reason.
	MaxLasciati = 100
)

// Originale is the text from which a copy for a structure begins: what was
// written, without the box of who wrote it.
func (seg Segnalazione) Originale() string {
	t := seg.Testo
	if seg.Oggetto != "" {
		t = seg.Oggetto + "\n\n" + t
	}
	if seg.Chiede != "" {
		t += "\n\nChe cosa chiede: " + seg.Chiede
	}
	return t
}

// Noti is what the case knows of its people: with it the finder reads what a
// copy may not hold, all but the first name of who reports.
//
// ref: pga01 4.4.2
func (seg Segnalazione) Noti() redact.Known {
	k := redact.Known{Segnalante: seg.Segnalante.nota(), Assistito: seg.Assistito.nota()}
	if seg.Testimone != "" {
		k.Altri = []redact.Persona{{Cognome: seg.Testimone}}
	}
	return k
}

func (p *Persona) nota() redact.Persona {
	if p == nil {
		return redact.Persona{}
	}
	return redact.Persona{Nome: p.Nome, Cognome: p.Cognome, CodiceFiscale: p.CodiceFiscale, DataNascita: p.DataNascita,
		Indirizzo: p.Indirizzo, Comune: p.Comune, CAP: p.CAP, Telefono: p.Telefono, Email: p.Email, PEC: p.PEC}
}

// Lasciato is a passage that a person left readable in a copy, though it looks
// like personal data, and why. It is sealed with the act, for those who handle
// the case.
type Lasciato struct {
	Testo  string `json:"testo"`
	Motivo string `json:"motivo"`
}

// Format prints [riservato] for every verb.
func (Lasciato) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// DaSpiegare are, of what was found in a copy, the passages that nobody said why
// to leave.
func DaSpiegare(copia string, trovati []redact.Finding, lasciati []Lasciato) []redact.Finding {
	detti := make([]string, 0, len(lasciati))
	for _, l := range lasciati {
		detti = append(detti, " "+Appiattisci(l.Testo)+" ")
	}
	slices.SortFunc(detti, func(a, b string) int { return len(b) - len(a) }) // no short one breaks a longer
	return slices.DeleteFunc(slices.Clone(trovati), func(x redact.Finding) bool {
		t := " " + Appiattisci(copia[x.From:x.To]) + " "
		for _, d := range detti {
			if strings.Contains(d, t) {
				return true
			}
			t = strings.ReplaceAll(t, d, " ")
		}
		return strings.TrimSpace(t) == ""
	})
}

// Appiattisci keeps letters and figures, without accents and case, words parted
// by one space.
func Appiattisci(t string) string {
	if strings.ContainsFunc(t, func(r rune) bool { return r >= utf8.RuneSelf }) {
		if senza, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), t); err == nil {
			t = senza
		}
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(t), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

// Uguale reports whether a copy is the original, or its text, word for word.
func (seg Segnalazione) Uguale(copia string) bool {
	c := Appiattisci(copia)
	return c == Appiattisci(seg.Originale()) || c == Appiattisci(seg.Testo)
}

// controllaCopie refuses a copy with what is surely personal, unless a person
// said why it stays; and the original as it is, whatever was said.
//
// ref: pga01 4.4.2
func controllaCopie(seg Segnalazione, rr []richiestaStruttura) error {
	noti := seg.Noti()
	for _, r := range rr {
		trovati := redact.Leaks(r.Copia, noti)
		m := ""
		if resto := DaSpiegare(r.Copia, trovati, r.Lasciati); len(trovati) > 0 && seg.Uguale(r.Copia) {
			m = "La copia è uguale all'originale: togli i dati personali."
		} else if len(resto) > 0 {
			m = "Nella copia ci sono ancora dati personali: " + strings.Join(nomiTrovati(resto), ", ") + ". Oscurali, o di' perché restano."
		}
		if m != "" {
			return fault.New(fault.Invalid, m).Campo("strutture", m)
		}
	}
	return nil
}

// nomiTrovati are the kinds of what was found, each once.
func nomiTrovati(trovati []redact.Finding) []string {
	var out []string
	for _, x := range trovati {
		if n := x.Kind.Word(); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// leggiLasciati cleans what a person left readable in a copy, with its reasons.
// Its errors are sentences for the person.
func leggiLasciati(copia string, in []Lasciato) ([]Lasciato, error) {
	if len(in) > MaxLasciati {
		return nil, fmt.Errorf("In una copia puoi lasciare al massimo %d passaggi.", MaxLasciati)
	}
	c := Appiattisci(copia)
	var out []Lasciato
	for _, l := range in {
		l = Lasciato{Pulisci(l.Testo), Pulisci(l.Motivo)}
		t := Appiattisci(l.Testo)
		switch {
		case t == "" || !strings.Contains(c, t): // a piece of a word too: what was found may be one
			return nil, fmt.Errorf("Un passaggio che lasci leggibile non è nella copia.")
		case l.Motivo == "":
			return nil, fmt.Errorf("Scrivi il motivo di ogni passaggio che lasci leggibile.")
		case utf8.RuneCountInString(l.Motivo) > MaxRiga:
			return nil, fmt.Errorf("Un motivo può avere al massimo %d caratteri.", MaxRiga)
		}
		out = append(out, l)
	}
	return out, nil
}
