package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// storia is the history, newest first, and the sheets that can be printed of it: none
// where it is only read.
func (s *Server) storia(ctx context.Context, amb *pratica.Ambiente, f *pratica.Fascicolo, lettura bool) ([]attoVista, []voceLink) {
	var out []attoVista
	var fogli []voceLink
	for _, a := range slices.Backward(f.Storia) {
		d := f.Regole.Atto(a.Kind)
		if f.SoloRichieste && !a.Leggibile { // what was not addressed to the reader
			continue
		}
		v := attoVista{Titolo: a.Etichetta, Chi: s.chiFece(ctx, amb, a), Quando: istante(a.Il), ISO: a.Il.UTC().Format(time.RFC3339)}
		if day.In(a.Il) != a.Giorno {
			v.Quando += ", vale dal " + i18n.LongDate(a.Giorno)
		}
		v.Classe, v.Icona = segno(d, a)
		if d != nil && a.Apertura == nil && !(f.SoloRichieste && len(a.Destinatari) > 0) { // whom else it asked is not for them
			v.Testi = s.testi(ctx, amb, f.Regole, d, a)
		}
		if t := nomeFoglio(d); t != "" && f.Testa.Eliminata.IsZero() && !lettura {
			v.Foglio = linkPratica(f.Testa.ID.String(), "foglio/"+strconv.Itoa(a.Seq), "")
			fogli = append(fogli, voceLink{t + ", " + i18n.LongDate(a.Giorno), v.Foglio})
		}
		if s.Servizio.Segnabile(f, a.Atto) && !lettura {
			fogli = append(fogli, voceLink{"Segnatura (XML) di «" + a.Etichetta + "», " + i18n.LongDate(a.Giorno), linkPratica(f.Testa.ID.String(), "segnatura/"+strconv.Itoa(a.Seq), "")})
		}
		out = append(out, v)
	}
	return out, fogli
}

// segnaturaAtto gives the segnatura of the document of an act.
func (s *Server) segnaturaAtto(w http.ResponseWriter, r *http.Request) error {
	id, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	seq, err := strconv.Atoi(r.PathValue("seq"))
	if err != nil {
		return fault.New(fault.NotFound, "Questa segnatura non c'è.")
	}
	b, err := s.Servizio.Segnatura(r.Context(), sessioneDi(r).Chi, id, seq, s.presenta().Nome)
	if err != nil {
		return err
	}
	allega(w, "segnatura-"+id.String()+"-"+strconv.Itoa(seq)+".xml", "application/xml")
	_, _ = w.Write(b) //nolint:gosec // a file of ours, never shown as a page
	return nil
}

// chiFece is who performed an act: the person and the office.
func (s *Server) chiFece(ctx context.Context, amb *pratica.Ambiente, a pratica.AttoVisto) string {
	if a.Persona == "" {
		return "Il cittadino"
	}
	nome := s.nomePersona(ctx, a.Persona)
	if a.Ufficio != "" {
		nome += ", " + nomeUfficio(amb, a.Ufficio)
	}
	return nome
}

// segno is the mark of an act in the history.
func segno(d *regolamento.DefAtto, a pratica.AttoVisto) (classe, icona string) {
	switch {
	case a.Apertura != nil:
		return "b", "inbox"
	case d == nil:
		return "", "note"
	case d.Lettera != "":
		return "b", "mail"
	case a.Per != "":
		return "g", "check"
	case len(a.Destinatari) > 0:
		return "a", "horn"
	case d.TestoDa != "":
		return "g", "sign"
	case a.Persona == "":
		return "b", "user"
	case d.Fase != "":
		return "g", "check"
	}
	return "", "pencil"
}

// testi are the fields of an act in words, in the order of its form. What it only
// carries from an earlier act is not repeated.
func (s *Server) testi(ctx context.Context, amb *pratica.Ambiente, reg *regolamento.Regolamento, d *regolamento.DefAtto, a pratica.AttoVisto) []voce {
	var out []voce
	scritti := a.Testi.Apri()
	for _, c := range d.Campi() {
		v := scritti[c.ID]
		switch {
		case c.Tipo == regolamento.CampoStrutture:
			for _, u := range a.Destinatari {
				v += ", " + nomeUnita(amb, u)
			}
			if v != "" {
				v = v[2:]
			}
		case c.Tipo == regolamento.CampoSiedono && a.Seduta != nil:
			chi := a.Seduta.Membri
			if len(a.Seduta.Tolti) > 0 {
				chi = a.Seduta.Tolti
			}
			nomi := make([]string, len(chi))
			for i, id := range chi {
				nomi[i] = s.nomePersona(ctx, id)
			}
			slices.Sort(nomi)
			v = strings.Join(nomi, ", ")
		case a.Pone[c.ID] != "":
			v = reg.EtichettaValore(c.ID, a.Pone[c.ID])
		case c.ID == "giorni" && a.Giorni > 0:
			v = strconv.Itoa(a.Giorni)
		case a.Affidamento != nil && c.ID == d.Affida:
			v = s.nomePersona(ctx, a.Affidamento.Persona)
		case a.Affidamento != nil && c.ID == d.AffidaFino:
			v = i18n.LongDate(a.Affidamento.Fino)
		case a.Date[c.ID] != 0:
			v = i18n.LongDate(a.Date[c.ID])
		case a.Dati[c.ID] != "":
			v = s.valoreChiaro(ctx, amb, reg, c, a.Dati[c.ID])
		case v != "" && c.Tipo != regolamento.CampoTesto:
			v = s.valoreChiaro(ctx, amb, reg, c, v)
		}
		if v != "" {
			out = append(out, voce{c.Etichetta, v})
		}
	}
	if a.Per != "" {
		out = append([]voce{{"Per", nomeUnita(amb, a.Per)}}, out...)
	}
	if h := scritti["impronta"]; h != "" {
		out = append(out, voce{"Impronta del testo (SHA-256)", h})
	}
	return out
}

func (s *Server) valoreChiaro(ctx context.Context, amb *pratica.Ambiente, reg *regolamento.Regolamento, c regolamento.Campo, v string) string {
	switch c.Tipo {
	case regolamento.CampoUnita:
		return nomeUnita(amb, v)
	case regolamento.CampoPersona:
		return s.nomePersona(ctx, v)
	case regolamento.CampoData:
		return dataInParole(v)
	case regolamento.CampoSiNo:
		return siNoScritto(v)
	case regolamento.CampoScelta:
		return reg.EtichettaValore(c.ID, v)
	}
	return v
}

func siNoScritto(v string) string {
	if v == "si" {
		return "Sì"
	}
	return "No"
}
