package web

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

// originale is the text of a segnalazione from which a copy for a structure
// begins: what was written, without the box of who wrote it.
func originale(f *pratica.Fascicolo) string {
	if f.Segnalazione == nil {
		return ""
	}
	seg := f.Segnalazione.Apri()
	t := seg.Testo
	if seg.Oggetto != "" {
		t = seg.Oggetto + "\n\n" + t
	}
	if seg.Chiede != "" {
		t += "\n\nChe cosa chiede: " + seg.Chiede
	}
	return t
}

// datoPersonale is a value that a copy should not hold, with how it is called.
type datoPersonale struct{ Nome, Valore string }

// datiPersonali are the values of a segnalazione that its copies should not hold:
// all but the first name of who reports.
//
// ref: pga01 4.4.2
func datiPersonali(seg pratica.Segnalazione) []datoPersonale {
	var out []datoPersonale
	metti := func(nome string, valori ...string) {
		for _, v := range valori {
			if v = strings.TrimSpace(v); len([]rune(v)) >= 2 {
				out = append(out, datoPersonale{nome, v})
			}
		}
	}
	persona := func(p *pratica.Persona, di string) {
		if p == nil {
			return
		}
		metti("il cognome "+di, p.Cognome)
		metti("il codice fiscale "+di, p.CodiceFiscale)
		metti("il telefono "+di, p.Telefono)
		metti("l'e-mail "+di, p.Email)
		metti("la PEC "+di, p.PEC)
		metti("l'indirizzo "+di, p.Indirizzo)
		metti("la data di nascita "+di, formeData(p.DataNascita)...)
	}
	persona(seg.Segnalante, "di chi segnala")
	persona(seg.Assistito, "della persona assistita")
	if seg.Assistito != nil {
		metti("il nome della persona assistita", seg.Assistito.Nome)
	}
	return out
}

// nomiDati are the names of the values, each once.
func nomiDati(dati []datoPersonale) []string {
	var out []string
	for _, d := range dati {
		if !slices.Contains(out, d.Nome) {
			out = append(out, d.Nome)
		}
	}
	return out
}

// formeData are the ways in which a date is written.
func formeData(t string) []string {
	d, err := day.Parse(t)
	if err != nil {
		return []string{t}
	}
	return []string{d.Start().In(day.Rome).Format("02/01/2006"), d.Start().In(day.Rome).Format("2/1/2006"), i18n.LongDate(d)}
}

// restano are the names of the personal values that a copy still holds: each
// once, in their order. Accents, case and the way figures are grouped do not
// hide one.
func restano(copia string, dati []datoPersonale) []string {
	parole, cifre := " "+appiattisci(copia)+" ", soloCifre(copia)
	var out []string
	for _, d := range dati {
		c := false
		if n := soloCifre(d.Valore); len(n) >= 6 && len(n)*2 >= len([]rune(d.Valore)) {
			c = strings.Contains(cifre, n)
		} else if v := appiattisci(d.Valore); v != "" {
			c = strings.Contains(parole, " "+v+" ")
		}
		if c && !slices.Contains(out, d.Nome) {
			out = append(out, d.Nome)
		}
	}
	return out
}

// appiattisci keeps letters and figures, without accents and case, words parted
// by one space.
func appiattisci(t string) string {
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

// controllaCopie says what is wrong with the copies, and what the person must
// confirm once more: the confirmation holds for these copies and no others.
func controllaCopie(c *composizione, seg pratica.Segnalazione, orig, confermato string) (ok bool) {
	dati := datiPersonali(seg)
	c.Trovati = nomiDati(dati)
	ok = true
	dubbio := false
	h := sha256.New()
	for i := range c.Strutture {
		x := &c.Strutture[i]
		x.Restano = restano(x.Copia, dati)
		uguale := appiattisci(x.Copia) == appiattisci(orig) || appiattisci(x.Copia) == appiattisci(seg.Testo)
		switch {
		case strings.TrimSpace(x.Copia) == "":
			x.Errore, ok = "Scrivi la copia che leggerà la struttura.", false
		case uguale && len(x.Restano) > 0:
			x.Errore, ok = "La copia è uguale all'originale: togli i dati personali.", false
		case uguale:
			x.Errore, dubbio = "La copia è uguale all'originale. Rileggila: ci sono nomi o altri dati personali?", true
		case len(x.Restano) > 0:
			x.Errore, dubbio = "Nella copia ci sono ancora: "+strings.Join(x.Restano, ", ")+".", true
		}
		h.Write([]byte(x.Copia))
		h.Write([]byte{0})
	}
	if !ok || !dubbio {
		return ok
	}
	segno := hex.EncodeToString(h.Sum(nil))[:32]
	if segno == confermato {
		for i := range c.Strutture {
			c.Strutture[i].Errore = ""
		}
		return true
	}
	c.Conferma = segno
	return false
}
