package web

import (
	"io"
	"net/http"
	"slices"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
)

// ramo is a unit in the tree, with those below it.
type ramo struct {
	ID, Nome, Tipo, Sede, Nota string
	Sotto                      []ramo
	Altre                      string // how many are not shown, and where they are
	Link                       string
	Aperto                     bool // shown open at first
}

// rigaDecorrenza is a version in the history.
type rigaDecorrenza struct {
	Dal, Nome, Impronta, Stato string
}

type paginaOrganigramma struct {
	Scrivania
	Vuoto         bool
	Unita, Sedi   string
	Dal, Impronta string
	Radici        []ramo
	Ramo          string // the name of the unit whose branch is shown
	Storia        []rigaDecorrenza
	Fatto         string
	Avvisi        []string
	File          []string
}

// interoFino is how many units are shown in one tree; larger charts open a branch
// at a time.
const interoFino = 400

func (s *Server) admOrganigramma(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, true)
	if err != nil {
		return err
	}
	d, err := s.Ambienti.Decorrenze(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	v := a.amb.Organigramma
	p := &paginaOrganigramma{Vuoto: len(v.Units()) == 0, Fatto: admFatto[r.URL.Query().Get("fatto")], Storia: storia(d, "", a.oggi),
		File: []string{organigramma.FileUnita, organigramma.FileRelazioni, organigramma.FilePresidi}}
	if !p.Vuoto {
		attive := v.Attive(a.oggi)
		p.Unita, p.Sedi = i18n.Plural(len(attive), "unità attiva", "unità attive"), i18n.Plural(len(v.Sedi()), "sede", "sedi")
		p.Impronta = v.Hash()[:12]
		for _, x := range d {
			if x.Registro == "" && x.Dal <= a.oggi {
				p.Dal = i18n.LongDate(x.Dal)
				break
			}
		}
		fondo := 64
		if len(attive) > interoFino {
			fondo = 2
		}
		cima := r.URL.Query().Get("ramo")
		if u, ok := v.Unita(cima); ok {
			p.Ramo, p.Radici = u.Nome, []ramo{aperto(faiRamo(v, figli(attive), u, fondo))}
		} else {
			f := figli(attive)
			for _, u := range f[""] {
				p.Radici = append(p.Radici, aperto(faiRamo(v, f, u, fondo)))
			}
		}
		p.Avvisi = append(ufficiSbagliati(v, a.ente.Uffici, a.oggi), incarichiSbagliati(v, a.persone, a.oggi)...)
	}
	if p.Scrivania, err = s.admTesta(r, "Organigramma", "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "adm_organigramma.html", p)
}

// figli are the units by parent; one whose parent is not there today is a root.
func figli(attive []organigramma.Unita) map[string][]organigramma.Unita {
	ci := map[string]bool{}
	for _, u := range attive {
		ci[u.ID] = true
	}
	out := map[string][]organigramma.Unita{}
	for _, u := range attive {
		padre := u.Padre
		if !ci[padre] {
			padre = ""
		}
		out[padre] = append(out[padre], u)
	}
	return out
}

func faiRamo(v *organigramma.Versione, f map[string][]organigramma.Unita, u organigramma.Unita, fondo int) ramo {
	x := ramo{ID: u.ID, Nome: u.Nome, Tipo: nomeTipo(u.Tipo), Link: "/amministrazione/organigramma?ramo=" + u.ID}
	if sede, ok := v.Sede(u.Presidio); ok {
		x.Sede = sede.Nome
	}
	if !u.ValidaAl.IsZero() {
		x.Nota = "fino al " + i18n.LongDate(u.ValidaAl)
	}
	sotto := f[u.ID]
	if fondo == 0 && len(sotto) > 0 {
		x.Altre = i18n.Plural(len(v.Sotto(u.ID))-1, "unità sotto", "unità sotto")
		return x
	}
	for _, y := range sotto {
		x.Sotto = append(x.Sotto, faiRamo(v, f, y, fondo-1))
	}
	return x
}

func aperto(x ramo) ramo { x.Aperto = true; return x }

// nomiTipi are the kinds of unit in words.
//
// ref: poas allegato B
var nomiTipi = map[organigramma.Tipo]string{
	organigramma.Direzione: "Direzione", organigramma.Dipartimento: "Dipartimento", organigramma.DipartimentoFunzionale: "Dipartimento funzionale",
	organigramma.DipartimentoInteraziendale: "Dipartimento interaziendale", organigramma.StrutturaComplessa: "Struttura complessa",
	organigramma.StrutturaDipartimentale: "Struttura semplice dipartimentale", organigramma.StrutturaSemplice: "Struttura semplice",
	organigramma.StrutturaDistrettuale: "Struttura distrettuale", organigramma.Funzione: "Funzione", organigramma.EnteEsterno: "Altro ente",
}

func nomeTipo(t organigramma.Tipo) string {
	if n := nomiTipi[t]; n != "" {
		return n
	}
	return string(t)
}

// storia are the versions of one sort, latest first, each with how it stands.
func storia(d []pratica.Decorrenza, registro string, oggi day.Date) []rigaDecorrenza {
	var out []rigaDecorrenza
	corrente := false
	var ultimo day.Date
	for _, x := range d {
		if x.Registro != registro {
			continue
		}
		v := rigaDecorrenza{Dal: i18n.LongDate(x.Dal), Nome: x.Nome, Impronta: x.Hash[:min(12, len(x.Hash))], Stato: "Prevista"}
		switch {
		case x.Dal <= oggi && !corrente:
			v.Stato, corrente = "In vigore", true
		case x.Dal <= oggi:
			v.Stato = "Passata"
		case x.Dal == ultimo:
			v.Stato = "Sostituita"
		}
		ultimo = x.Dal
		out = append(out, v)
	}
	return out
}

// admEsporta gives one of the three files of the chart in force.
func (s *Server) admEsporta(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	nome := r.PathValue("nome")
	file := []string{organigramma.FileUnita, organigramma.FileRelazioni, organigramma.FilePresidi}
	k := slices.Index(file, nome)
	if k < 0 || len(a.amb.Organigramma.Units()) == 0 {
		return fault.New(fault.NotFound, "Questo file non c'è. Torna all'organigramma.")
	}
	dove := []io.Writer{io.Discard, io.Discard, io.Discard}
	dove[k] = w
	allega(w, nome, "text/csv; charset=utf-8")
	return a.amb.Organigramma.Export(dove[0], dove[1], dove[2])
}
