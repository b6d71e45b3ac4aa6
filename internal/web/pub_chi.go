package web

import (
	"net/http"
	"slices"
)

func (s *Server) vediPer(w http.ResponseWriter, r *http.Request, stato int, ri *risposte, errori []erroreCampo) error {
	return s.mostra(w, r, stato, "pub_passo5", vista{UPT: ri.UPT(), Titolo: "Per chi scrivi?", Passo: 5, Indietro: indietro(r, "/segnala/4"),
		Azione: azione(r), Errori: errori, V: ri})
}

func (s *Server) passo5(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	return s.vediPer(w, r, http.StatusOK, &b.Risposte, nil)
}

func (s *Server) scrivi5(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	return s.scriviBozza(w, r, func(b aperta) (string, error) {
		if errori := leggiPer(v, &b.Risposte); len(errori) > 0 {
			return "", s.vediPer(w, r, http.StatusUnprocessableEntity, &b.Risposte, errori)
		}
		if b.Risposte.Per == "anonimo" {
			return "/segnala/6", nil
		}
		return dopo2(r, "/segnala/5/dati"), nil
	})
}

func (s *Server) vediDati(w http.ResponseWriter, r *http.Request, stato int, b *bozza, errori []erroreCampo) error {
	ri := &b.Risposte
	titolo := "Chi sei e come ti contattiamo"
	if ri.Per == "altra" {
		titolo = "Per chi scrivi e come ti contattiamo"
	}
	return s.mostra(w, r, stato, "pub_dati", vista{UPT: ri.UPT(), Titolo: titolo, Passo: 5, Indietro: dopo2(r, "/segnala/5"), Azione: azione(r),
		Errori: errori, V: struct {
			*risposte
			Titoli, Recapiti, Lingue []voceScelta
			Deleghe                  []fileBozza
		}{ri, voci(titoli, etichetteTitoli, ri.Titolo), voci(recapiti, etichetteRecapiti, ri.Ricapito), voci(lingue, nil, ri.Lingua), b.deleghe()}})
}

func (s *Server) passoDati(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	if b.Risposte.Per != "me" && b.Risposte.Per != "altra" {
		http.Redirect(w, r, dopo2(r, "/segnala/5"), http.StatusSeeOther)
		return nil
	}
	return s.vediDati(w, r, http.StatusOK, b, nil)
}

// scriviDati reads who writes; the delega, if any, is taken in with the form.
func (s *Server) scriviDati(w http.ResponseWriter, r *http.Request) error {
	in, err := s.ricevi(w, r, true)
	if err != nil {
		return err
	}
	return s.scriviBozzaIn(w, r, in.chiave, func(b aperta) (string, error) {
		in.unisci(b.bozza)
		if len(in.presi) > 0 {
			if err := b.salva(); err != nil { // what was sent once is not sent again
				return "", err
			}
		}
		if b.Risposte.Per == "" || b.Risposte.Per == "anonimo" { // an old page: its fields say which it was
			b.Risposte.Per = "me"
			if in.valori.Has("nome-altro") {
				b.Risposte.Per = "altra"
			}
		}
		errori := leggi5(in.valori, s.oggi(), &b.Risposte)
		for _, x := range in.rifiutati {
			errori = append(errori, erroreCampo{"delega", x.Frase})
		}
		if len(errori) > 0 {
			return "", s.vediDati(w, r, http.StatusUnprocessableEntity, b.bozza, errori)
		}
		return "/segnala/6", nil
	})
}

// voceScelta is a value to choose, with its words.
type voceScelta struct {
	Nome, Etichetta string
	Scelta          bool
}

func voci(nomi []string, etichette map[string]string, scelte ...string) []voceScelta {
	var out []voceScelta
	for _, n := range nomi {
		e := nonVuota(etichette[n], n)
		out = append(out, voceScelta{n, e, slices.Contains(scelte, n)})
	}
	return out
}

var (
	etichetteDesideri = map[string]string{"spiegazione": "Una spiegazione", "scuse": "Le scuse", "cambiare": "Che non accada più",
		"sapere": "Sapere come fare", "altro": "Altro"}
	etichetteTitoli = map[string]string{"delegato": "Mi ha chiesto di scrivere (delega)", "familiare": "Sono della famiglia",
		"tutore": "Sono il tutore o l'amministratore di sostegno", "erede": "La persona è morta: sono un erede"}
	etichetteRecapiti = map[string]string{"email": "E-mail", "telefono": "Telefono", "posta": "Lettera per posta",
		"sportello": "Vengo io allo sportello"}
)
