package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// maxInsieme is how many cases an act is done on at a time: a page of a list.
const maxInsieme = 50

// insieme reports whether an act may be done on several cases at once: nothing is
// written in it, it goes to nobody as a letter and closes nothing. The one that
// gives a case to a person gives it to who asks.
func insieme(reg *regolamento.Regolamento, d *regolamento.DefAtto) bool {
	if d.Apre || d.Uscita || d.Lettera != "" || d.TestoDa != "" || d.Risponde != "" || d.Destinatari != "" {
		return false
	}
	if f, ok := reg.Fase(d.Fase); ok && !f.Aperta() {
		return false
	}
	campi := slices.DeleteFunc(d.Campi(), func(c regolamento.Campo) bool { return !c.Obbligatorio })
	return len(d.Campi()) == 0 || len(campi) == 1 && campi[0].Tipo == regolamento.CampoPersona
}

// nomeInsieme is such an act as its button says it.
func nomeInsieme(d *regolamento.DefAtto) string {
	if len(d.Campi()) > 0 {
		return d.Etichetta + " a me"
	}
	return d.Etichetta
}

// attiInsieme are the acts that who asks may do on several of the cases of a list:
// those that are the next step of one of them, and giving them to himself.
func attiInsieme(reg *regolamento.Regolamento, chi access.Chi, in []pratica.Riga) []voceAtto {
	var out []voceAtto
	for _, d := range reg.Atti() {
		if !insieme(reg, d) || !spetta(reg, d, chi) {
			continue
		}
		if slices.ContainsFunc(in, func(x pratica.Riga) bool {
			return sceglibile(x) && (len(d.Campi()) > 0 || x.Cosa == d.Nome || x.Prossimo == d.Nome)
		}) {
			out = append(out, voceAtto{Nome: d.Nome, Testo: nomeInsieme(d)})
		}
	}
	return out
}

// sceglibile reports whether a row may be chosen with others.
func sceglibile(x pratica.Riga) bool { return x.Aperta && !x.Richiesta }

type esitoInsieme struct{ Numero, Oggetto, Link, Motivo string }

type paginaInsieme struct {
	Scrivania
	Nome, Frase     string
	Fatte, NonFatte []esitoInsieme
	Indietro        voceLink
}

// compiInsieme does an act on the cases chosen, each by itself, and says of each
// what became of it.
func (s *Server) compiInsieme(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(v.Get("filtro"))
	if err != nil {
		return errModulo
	}
	scelte := v["scelta"]
	if v.Get("fai") == "" { // the Enter key
		return s.mostraLavoro(w, r, q, fault.New(fault.Invalid, "Premi il pulsante di quello che vuoi fare."), scelte)
	}
	if len(scelte) == 0 || len(scelte) > maxInsieme {
		return s.mostraLavoro(w, r, q, fault.New(fault.Invalid, "Scegli almeno una segnalazione, e al massimo "+i18n.Number(maxInsieme)+"."), scelte)
	}
	chiave, err := chiaveUnaVolta(v.Get("chiave"))
	if err != nil {
		return err
	}
	reg := s.Servizio.Ambiente(s.EnteID).Regolamento
	d := reg.Atto(v.Get("fai"))
	if d == nil || !insieme(reg, d) {
		return fault.New(fault.Invalid, "Questa azione si fa su una segnalazione per volta.")
	}
	f, _ := s.filtroDi(q)
	p := &paginaInsieme{Nome: nomeInsieme(d), Indietro: voceLink{s.titoloVista(f.Vista), f.link()}}
	for i, x := range scelte {
		if slices.Contains(scelte[:i], x) {
			continue
		}
		if e := s.unaDiMolte(r, x, d.Nome, chiave); e.Motivo == "" {
			p.Fatte = append(p.Fatte, e)
		} else {
			p.NonFatte = append(p.NonFatte, e)
		}
	}
	stato := http.StatusOK
	p.Frase = d.Fatto + ": " + i18n.Plural(len(p.Fatte), "segnalazione", "segnalazioni")
	if len(p.Fatte) == 0 {
		stato, p.Frase = http.StatusUnprocessableEntity, "Nessuna è stata cambiata"
	}
	if p.Scrivania, _, err = s.scrivania(r, p.Nome, "vista:"+f.Vista); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "desk_insieme.html", p)
}

// unaDiMolte does an act on one of the cases chosen, as it was when the list was
// shown. Whatever goes wrong with it, the others go on.
func (s *Server) unaDiMolte(r *http.Request, scelta, atto string, chiave []byte) (e esitoInsieme) {
	id, seq, _ := strings.Cut(scelta, ".")
	versione, storta := strconv.Atoi(seq)
	caso, err := vault.ParseID(id)
	switch {
	case storta != nil || versione < 1:
		err = fault.New(fault.Invalid, "Questa scelta non si legge. Torna all'elenco e scegli di nuovo.")
	case err == nil:
		err = s.faiUna(r, caso, versione, atto, chiave, &e)
	}
	if err == nil {
		return e
	}
	e.Motivo = fault.Message(err)
	var f *fault.Error
	if errors.As(err, &f) && len(f.Motivi) > 0 {
		e.Motivo = strings.Join(f.Motivi, " ")
	}
	if k := fault.KindOf(err); k == fault.Internal || k == fault.Unavailable {
		s.Log.Error("request failed", "route", r.Pattern, "err", err)
	}
	return e
}

func (s *Server) faiUna(r *http.Request, caso vault.ID, versione int, atto string, chiave []byte, e *esitoInsieme) error {
	se, amb := sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	f, err := s.Servizio.Apri(r.Context(), se.Chi, caso)
	if err != nil {
		return err
	}
	h := f.Testa
	e.Numero, e.Oggetto, e.Link = h.NumeroScritto(), oggetto(f), linkPratica(h.ID.String(), "", "")
	d := f.Regole.Atto(atto)
	if d == nil || !insieme(f.Regole, d) {
		return fault.New(fault.Invalid, "Questa azione si fa dalla sua pagina.")
	}
	cmd := pratica.Comando{Pratica: caso, Atto: atto, Versione: versione, Chiave: chiave, Dati: pratica.Dati{}}
	for _, c := range d.Campi() {
		if c.Tipo == regolamento.CampoPersona {
			cmd.Dati[c.ID] = se.Persona
		}
	}
	if len(cmd.Dati) > 0 && h.Incaricato == se.Persona && h.Seq == versione {
		return fault.New(fault.Conflict, "È già tua.")
	}
	_, err = s.Servizio.Esegui(r.Context(), se.Chi, cmd)
	if fault.Is(err, fault.Conflict) {
		var chi []string
		for _, n := range s.novita(r.Context(), amb, f, versione) {
			chi = append(chi, n.Titolo+": "+n.Chi+", "+n.Quando+".")
		}
		return fault.New(fault.Conflict, strings.TrimSpace("Intanto è cambiata. "+strings.Join(chi, " ")))
	}
	return err
}
