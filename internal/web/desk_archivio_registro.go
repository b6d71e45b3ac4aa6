package web

import (
	"net/http"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

// tengonoArchivio are the roles that have the archive of the URP among their pages.
var tengonoArchivio = []string{access.URPAziendale, access.URP}

// voceArchivio is a line of the register of the archive, in words.
type voceArchivio struct {
	Numero, Link, Tipo string
	Chiusa             string
	Luogo              string
	Accesso            string // offices
	Fino, Eliminata    string
}

type paginaRegistroArchivio struct {
	paginaRegistro
	Responsabile string
	Voci         []voceArchivio
}

// registroArchivio shows where each closed file is kept and until when, to the office
// that keeps them; on one sheet after the other when it is to be printed.
//
// ref: pga01 4.4.4
func (s *Server) registroArchivio(w http.ResponseWriter, r *http.Request) error {
	q, perStampa := r.URL.Query(), strings.HasSuffix(r.URL.Path, "/stampa")
	if !q.Has("anno") {
		q.Set("anno", "")
	}
	base, f, err := s.domandaRegistro(r, q)
	if err != nil {
		return err
	}
	p := &paginaRegistroArchivio{paginaRegistro: *base, Responsabile: "URP aziendale"}
	if p.UPT {
		p.Responsabile = "chi dirige l’UPT"
	}
	p.Vuoto = vuoto{Titolo: "Nessuna pratica archiviata.", Testo: "Qui trovi le pratiche chiuse, dove stanno e fino a quando si conservano."}
	var voci []pratica.VoceArchivio
	for len(p.Errori) == 0 && len(voci) <= righeStampa {
		pag, err := s.Servizio.Archivio(r.Context(), sessioneDi(r).Chi, f)
		if err != nil {
			return err
		}
		voci = append(voci, pag.Righe...)
		if !perStampa && pag.Dopo != "" {
			d := p.D.query()
			d.Set("dopo", pag.Dopo)
			p.Successiva = p.Base + "?" + d.Encode()
		}
		if f.Dopo = pag.Dopo; !perStampa || f.Dopo == "" {
			break
		}
	}
	if len(voci) > righeStampa {
		p.Errori = erroriAdm{{"anno", "Sono più di " + i18n.Number(righeStampa) + " pratiche: scegli un anno."}}
	}
	if len(p.Errori) > 0 {
		return s.rendi(w, r, http.StatusUnprocessableEntity, "desk_archivio_registro.html", p)
	}
	for _, v := range voci {
		p.Voci = append(p.Voci, s.voceArchivio(r, v))
	}
	p.Conta = i18n.Plural(len(p.Voci), "pratica", "pratiche")
	if d := p.D.query().Encode(); perStampa {
		p.Inizio, p.Stampato = p.Base+"?"+d, "Stampato da "+sessioneDi(r).Nome+", "+istante(s.Now())
	} else if len(p.Voci) > 0 {
		p.Stampa = p.Base + "/stampa?" + d
	}
	return s.rendi(w, r, http.StatusOK, "desk_archivio_registro.html", p)
}

func (s *Server) voceArchivio(r *http.Request, x pratica.VoceArchivio) voceArchivio {
	amb := s.Servizio.Ambiente(s.EnteID)
	v := voceArchivio{Numero: x.NumeroScritto(), Link: linkPratica(x.ID.String(), "", ""), Chiusa: inCifre(x.ChiusaIl), Luogo: x.Luogo.Apri(), Accesso: "URP aziendale"}
	if reg := amb.Regolamenti[x.Regolamento]; reg != nil {
		v.Tipo = reg.EtichettaValore("tipo", x.Tipo)
	}
	switch {
	case pratica.DeiMembri(x.Registro):
		v.Accesso = "Membri dell’UPT"
	case x.URP != "":
		v.Accesso += ", " + nomeUfficio(amb, access.Ufficio(access.URP, x.URP))
	}
	switch {
	case !x.Eliminata.IsZero():
		v.Eliminata = inCifre(x.Eliminata)
		if chi := s.nomePersona(r.Context(), x.Approvata); x.Approvata != "" && chi != "" {
			v.Eliminata += ", approvata da " + chi
		}
	case x.Luogo.Apri() == "":
		v.Luogo = "In questo programma"
	}
	if !x.Fino.IsZero() {
		v.Fino = inCifre(x.Fino)
	}
	if x.Trattenuta {
		v.Fino = "Trattenuta (" + v.Fino + ")"
	}
	return v
}

// inCifre is a day in figures, as narrow columns want it.
func inCifre(d day.Date) string { return d.Start().In(day.Rome).Format("02/01/2006") }
