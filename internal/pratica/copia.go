package pratica

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
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

// DatoPersonale is a value that a copy should not hold, with how it is called.
type DatoPersonale struct{ Nome, Valore string }

// Format prints [riservato] for every verb.
func (DatoPersonale) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// DatiPersonali are the values of a segnalazione that its copies should not hold:
// all but the first name of who reports.
//
// ref: pga01 4.4.2
func (seg Segnalazione) DatiPersonali() []DatoPersonale {
	var out []DatoPersonale
	metti := func(nome string, valori ...string) {
		for _, v := range valori {
			if v = strings.TrimSpace(v); len([]rune(v)) >= 2 {
				out = append(out, DatoPersonale{nome, v})
			}
		}
	}
	persona := func(p *Persona, di string) {
		if p == nil {
			return
		}
		metti("il cognome "+di, p.Cognome)
		metti("il codice fiscale "+di, p.CodiceFiscale)
		metti("il telefono "+di, p.Telefono)
		metti("l'e-mail "+di, p.Email)
		metti("la PEC "+di, p.PEC)
		metti("l'indirizzo "+di, p.Indirizzo)
		metti("la data di nascita "+di, scriviData(p.DataNascita)...)
	}
	persona(seg.Segnalante, "di chi segnala")
	persona(seg.Assistito, "della persona assistita")
	if seg.Assistito != nil {
		metti("il nome della persona assistita", seg.Assistito.Nome)
	}
	return out
}

// NomiDati are the names of the values, each once.
func NomiDati(dati []DatoPersonale) []string {
	var out []string
	for _, d := range dati {
		if !slices.Contains(out, d.Nome) {
			out = append(out, d.Nome)
		}
	}
	return out
}

// scriviData are the ways in which a date is written.
func scriviData(t string) []string {
	d, err := day.Parse(t)
	if err != nil {
		return []string{t}
	}
	return []string{d.Start().In(day.Rome).Format("02/01/2006"), d.Start().In(day.Rome).Format("2/1/2006"), i18n.LongDate(d)}
}

// Restano are the names of the personal values that a copy still holds: each
// once, in their order. Accents, case and the way figures are grouped do not
// hide one.
func Restano(copia string, dati []DatoPersonale) []string {
	parole, cifre := " "+Appiattisci(copia)+" ", soloCifre(copia)
	var out []string
	for _, d := range dati {
		c := false
		if n := soloCifre(d.Valore); len(n) >= 6 && len(n)*2 >= len([]rune(d.Valore)) {
			c = strings.Contains(cifre, n)
		} else if v := Appiattisci(d.Valore); v != "" {
			c = strings.Contains(parole, " "+v+" ")
		}
		if c && !slices.Contains(out, d.Nome) {
			out = append(out, d.Nome)
		}
	}
	return out
}

// Appiattisci keeps letters and figures, without accents and case, words parted
// by one space.
func Appiattisci(t string) string {
	senza, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), t)
	if err != nil {
		senza = t
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(senza), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

func soloCifre(t string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, t)
}

// Uguale reports whether a copy is the original, or its text, word for word.
func (seg Segnalazione) Uguale(copia string) bool {
	c := Appiattisci(copia)
	return c == Appiattisci(seg.Originale()) || c == Appiattisci(seg.Testo)
}

// controllaCopie refuses what is no copy: the original as it is, with the
// personal data in it. What else remains is for the operator to judge.
//
// ref: pga01 4.4.2
func controllaCopie(seg Segnalazione, rr []richiestaStruttura) error {
	dati := seg.DatiPersonali()
	for _, r := range rr {
		if seg.Uguale(r.Copia) && len(Restano(r.Copia, dati)) > 0 {
			m := "La copia è uguale all'originale: togli i dati personali."
			return fault.New(fault.Invalid, m).Campo("strutture", m)
		}
	}
	return nil
}
