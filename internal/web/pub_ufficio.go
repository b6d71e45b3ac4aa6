package web

import (
	"errors"
	"net/http"

	"tutela/internal/pratica"
)

// vistaUfficio is the page on which a citizen chooses to which office to write.
type vistaUfficio struct {
	Scelto string
	Aperto bool // the UPT has a key to seal to
}

// passoUfficio asks to whom: the URP, or the UPT whose papers nobody else reads.
//
// ref: lr33-2009 art. 23-bis
func (s *Server) passoUfficio(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	return s.vediUfficio(w, r, http.StatusOK, b.Risposte.registro(), nil)
}

func (s *Server) vediUfficio(w http.ResponseWriter, r *http.Request, stato int, scelto string, errori []erroreCampo) error {
	aperto, err := s.uptAperto(r)
	if err != nil {
		return err
	}
	return s.mostra(w, r, stato, "pub_ufficio", vista{UPT: scelto == pratica.RegistroUPT, Titolo: "A chi vuoi scrivere?", Passo: 1, Indietro: indietro(r, "/"), Azione: azione(r), Errori: errori,
		V: vistaUfficio{scelto, aperto}})
}

// uptAperto reports whether the UPT takes in cases: its form is shut until its people
// have founded it.
func (s *Server) uptAperto(r *http.Request) (bool, error) {
	err := s.Servizio.Riceve(r.Context(), s.EnteID, pratica.RegistroUPT)
	if errors.Is(err, pratica.ErrFondazione) {
		return false, nil
	}
	return err == nil, err
}

func (s *Server) scriviUfficio(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	aperto, err := s.uptAperto(r)
	if err != nil {
		return err
	}
	return s.scriviBozza(w, r, func(b aperta) (string, error) {
		l := &lettura{Values: v}
		scelto := l.scelta("ufficio", []string{pratica.RegistroURP, pratica.RegistroUPT}, "Scegli a chi scrivere.")
		if scelto == pratica.RegistroUPT && !aperto {
			l.errore("ufficio", "Il modulo per l'UPT non è ancora aperto. Chiama il numero qui sotto.")
		}
		if len(l.Errori) > 0 {
			return "", s.vediUfficio(w, r, http.StatusUnprocessableEntity, b.Risposte.registro(), l.Errori)
		}
		b.Risposte.Ufficio = scelto
		return "/segnala/1", nil
	})
}

// registro is the register for which one writes.
func (r *risposte) registro() string { return nonVuota(r.Ufficio, pratica.RegistroURP) }

// UPT reports whether one writes to the UPT.
func (r *risposte) UPT() bool { return r.Ufficio == pratica.RegistroUPT }

// ambienteDi is what holds for the register for which one writes; the URP's while the
// other is not there.
func ambienteDi(amb *pratica.Ambiente, registro string) *pratica.Ambiente {
	if suo := amb.Del(registro); suo != nil {
		return suo
	}
	return amb
}
