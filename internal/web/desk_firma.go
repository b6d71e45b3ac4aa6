package web

import (
	"net/http"
	"net/url"
	"slices"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

// paginaFirma is a letter to be approved, with the case in a few lines beside it.
type paginaFirma struct {
	Scrivania
	ID, Numero, Oggetto string
	Indietro            voceLink
	Lettera             *lettera
	Righe               []voce // the case in five lines
	Versioni            []versione
	Richieste           []richiestaVista
	Coda, Di            string
	Versione            int
	Chiave, ChiaveNota  string
	Firma, Rimanda      voceAtto
	Posizione           string
	PuoRimandare        bool
	Fatto               string // what was just done to the one before
	Prossima            bool
}

// versione is a text that was written for the letter, newest first.
type versione struct {
	Titolo, Quando string
	Righe          []string
	Ultima         bool
}

// attoFirma is the act by which the reader may approve a text that goes to nobody
// yet, and the one that sends it back.
func attiFirma(f *pratica.Fascicolo) (firma, rimanda *regolamento.DefAtto) {
	for _, c := range f.Consentiti {
		if c.Def.TestoDa != "" && c.Def.Lettera == "" {
			firma = c.Def
		}
	}
	if firma == nil {
		return nil, nil
	}
	for _, c := range f.Consentiti {
		if slices.Contains(c.Def.Dimentica, firma.TestoDa) && slices.Equal(c.Def.Chi.Tutti(), firma.Chi.Tutti()) {
			rimanda = c.Def
		}
	}
	return firma, rimanda
}

// firma is the page on which a director reads a letter and approves it.
//
// ref: pga01 3.2, 4.4.2
func (s *Server) firma(w http.ResponseWriter, r *http.Request) error {
	f, err := s.apri(r)
	if err != nil {
		return err
	}
	d, rimanda := attiFirma(f)
	if d == nil {
		return fault.New(fault.Forbidden, "Questa risposta non aspetta la tua firma. Forse è già firmata o è tornata a chi la scrive.")
	}
	amb, h := s.Servizio.Ambiente(s.EnteID), f.Testa
	coda := nonVuota(codaNota(amb, r.URL.Query().Get("coda")), d.Suggerisci.Gruppo)
	id := h.ID.String()
	p := &paginaFirma{ID: id, Numero: h.NumeroScritto(), Oggetto: oggetto(f), Coda: coda, Di: sessioneDi(r).Persona, Versione: h.Seq,
		Chiave: unaVolta(), ChiaveNota: unaVolta(), Indietro: voceLink{s.titoloVista(vistaDi(coda)), filtroLista{Vista: vistaDi(coda)}.link()},
		Firma: voceAtto{Nome: d.Nome, Testo: d.Etichetta, Link: linkAtto(id, d.Nome, "")}, Prossima: true}
	base, conti, err := s.scrivania(r, d.Etichetta+" – "+p.Numero, coda)
	if err != nil {
		return err
	}
	p.Scrivania = base
	if n := conti.Gruppi[d.Suggerisci.Gruppo]; n > 1 {
		p.Posizione = i18n.Plural(n, "risposta aspetta", "risposte aspettano") + " la tua firma"
	}
	if x := f.Regole.Atto(r.URL.Query().Get("fatto")); x != nil {
		p.Fatto = x.Fatto + "."
	}
	if rimanda != nil {
		p.Rimanda, p.PuoRimandare = voceAtto{Nome: rimanda.Nome, Testo: rimanda.Etichetta, Link: linkAtto(id, rimanda.Nome, "")}, true
	}
	p.Lettera = s.anteprima(r, amb, f, d, url.Values{})
	p.Lettera.Titolo, p.Lettera.Firma = "Risposta", []string{"Firma: " + base.Ufficio, base.Io}
	p.Righe = inBreve(amb, f, s)
	p.Versioni = versioni(f, d)
	p.Richieste = richieste(amb, f, linkPratica(f.Testa.ID.String(), "", ""), "", s.Servizio.Oggi())
	return s.rendi(w, r, http.StatusOK, "desk_firma.html", p)
}

// inBreve is the case in five lines.
func inBreve(amb *pratica.Ambiente, f *pratica.Fascicolo, s *Server) []voce {
	h, oggi := f.Testa, s.Servizio.Oggi()
	out := []voce{{"Che cosa", oggetto(f)}}
	if f.Segnalazione != nil {
		seg := f.Segnalazione.Apri()
		chi := "Anonimo"
		if seg.Segnalante != nil {
			chi = seg.Segnalante.Nome + " " + seg.Segnalante.Cognome
		}
		out = append(out, voce{"Chi", chi + ", " + i18n.LongDate(h.Giorno)})
		if seg.Chiede != "" {
			out = append(out, voce{"Che cosa chiede", inizio(seg.Chiede, 200)})
		}
	}
	if h.Struttura != "" {
		out = append(out, voce{"Struttura", nomeUnita(amb, h.Struttura)})
	}
	if !lontana(h.Scadenza) {
		out = append(out, voce{"Scadenza", i18n.Date(h.Scadenza) + ": " + i18n.Deadline(h.Scadenza, oggi)})
	}
	return out
}

func versioni(f *pratica.Fascicolo, d *regolamento.DefAtto) []versione {
	var out []versione
	for _, a := range slices.Backward(f.Storia) {
		x := f.Regole.Atto(a.Kind)
		switch {
		case a.Kind == d.TestoDa && a.Leggibile:
			out = append(out, versione{Titolo: a.Etichetta, Quando: istante(a.Il), Righe: paragrafi(a.Testi.Apri()["testo"])})
		case x != nil && slices.Contains(x.Dimentica, d.TestoDa) && a.Leggibile && a.Testi.Apri()["nota"] != "":
			out = append(out, versione{Titolo: a.Etichetta, Quando: istante(a.Il), Righe: paragrafi(a.Testi.Apri()["nota"])})
		}
	}
	if len(out) > 0 {
		out[0].Ultima = true
	}
	return out
}
