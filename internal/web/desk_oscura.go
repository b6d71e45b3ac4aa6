package web

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"tutela/internal/pratica"
)

// originale is the text from which the copies of a case begin.
func originale(f *pratica.Fascicolo) string {
	if f.Segnalazione == nil {
		return ""
	}
	return f.Segnalazione.Apri().Originale()
}

// controllaCopie says what is wrong with the copies, and what the person must
// confirm once more: the confirmation holds for these copies and no others.
func controllaCopie(c *composizione, seg pratica.Segnalazione, confermato string) (ok bool) {
	dati := seg.DatiPersonali()
	c.Trovati = pratica.NomiDati(dati)
	ok = true
	dubbio := false
	h := sha256.New()
	for i := range c.Strutture {
		x := &c.Strutture[i]
		x.Restano = pratica.Restano(x.Copia, dati)
		uguale := seg.Uguale(x.Copia)
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
