package web

import (
	"encoding/hex"
	"net/http"
	"net/url"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

// leggonoGiornalieri are the roles that have the registers of days of the URP among their
// pages: they have every number, and no name.
var leggonoGiornalieri = []string{access.URPAziendale, access.Amministratore}

// rigaGiornaliero is the register of a day in the list.
type rigaGiornaliero struct{ Giorno, Link, Numeri, Fatto, Impronta, Breve string }

type paginaGiornalieri struct {
	Scrivania
	Base               string // address of the page
	UPT                bool
	Righe              []rigaGiornaliero
	Dal, Al            string
	Errori             erroriAdm
	Inizio, Successiva string
	Vuoto              vuoto
}

// giorniInsieme is how many days one page shows.
const giorniInsieme = 31

// giornalieri lists the registers of days, the last first.
//
// ref: dpr445-2000 art. 53 c. 3
func (s *Server) giornalieri(w http.ResponseWriter, r *http.Request) error {
	return s.mostraGiornalieri(w, r, nil, nil)
}

func (s *Server) mostraGiornalieri(w http.ResponseWriter, r *http.Request, v url.Values, errori erroriAdm) error {
	p := &paginaGiornalieri{Base: "/registrazioni/giornalieri", UPT: registroDi(r) == pratica.RegistroUPT, Dal: tronca(v.Get("dal"), 10), Al: tronca(v.Get("al"), 10), Errori: errori,
		Vuoto: vuoto{Titolo: "Nessun registro giornaliero.", Testo: "Il registro di un giorno si fa da solo, quando il giorno è finito."}}
	qui := "registrazioni/giornalieri"
	if p.UPT {
		p.Base, qui = "/upt"+p.Base, "upt/"+qui
	}
	var err error
	if p.Scrivania, _, err = s.scrivania(r, "Registri giornalieri", qui); err != nil {
		return err
	}
	var prima day.Date
	if t := r.URL.Query().Get("prima"); t != "" {
		if prima, err = day.Parse(t); err != nil {
			return fault.New(fault.NotFound, "Questa pagina non c'è.")
		}
		p.Inizio = p.Base
	}
	gg, err := s.Servizio.Giornalieri(r.Context(), sessioneDi(r).Chi, registroDi(r), prima, giorniInsieme+1)
	if err != nil {
		return err
	}
	if len(gg) > giorniInsieme {
		gg = gg[:giorniInsieme]
		p.Successiva = p.Base + "?prima=" + gg[giorniInsieme-1].Giorno.String()
	}
	for _, g := range gg {
		x := rigaGiornaliero{Giorno: i18n.Date(g.Giorno), Link: p.Base + "/" + g.Giorno.String(), Numeri: i18n.Plural(g.Numeri, "registrazione", "registrazioni"),
			Fatto: istante(g.Il), Impronta: hex.EncodeToString(g.Hash)}
		if g.Annotazioni > 0 {
			x.Numeri += ", " + i18n.Plural(g.Annotazioni, "annotazione", "annotazioni")
		}
		x.Breve = x.Impronta[:min(12, len(x.Impronta))]
		p.Righe = append(p.Righe, x)
	}
	if v == nil && len(gg) > 0 {
		p.Dal, p.Al = gg[len(gg)-1].Giorno.String(), gg[0].Giorno.String()
	}
	stato := http.StatusOK
	if len(errori) > 0 {
		stato = http.StatusUnprocessableEntity
	}
	return s.rendi(w, r, stato, "desk_giornalieri.html", p)
}

// giornaliero gives the register of a day, as it was fixed.
func (s *Server) giornaliero(w http.ResponseWriter, r *http.Request) error {
	giorno, err := day.Parse(r.PathValue("giorno"))
	if err != nil {
		return fault.New(fault.NotFound, "Questa pagina non c'è.")
	}
	g, err := s.Servizio.Giornaliero(r.Context(), sessioneDi(r).Chi, registroDi(r), giorno)
	if err != nil {
		return err
	}
	allega(w, g.NomeFile(), "application/xml; charset=utf-8")
	_, err = w.Write(g.Testo)
	return err
}

// esportaGiornalieri gives the registers of some days as a package to be preserved.
func (s *Server) esportaGiornalieri(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	var errori erroriAdm
	giorni := map[string]day.Date{}
	for _, k := range []string{"dal", "al"} {
		if giorni[k], err = day.Parse(v.Get(k)); err != nil {
			errori = append(errori, erroreCampo{k, "Scrivi un giorno che esiste."})
		}
	}
	if len(errori) == 0 && giorni["al"] < giorni["dal"] {
		errori = append(errori, erroreCampo{"al", "Questo giorno viene prima dell'altro."})
	}
	if len(errori) == 0 && giorni["al"]-giorni["dal"] > 366 {
		errori = append(errori, erroreCampo{"dal", "Scegli al massimo un anno per volta."})
	}
	if len(errori) > 0 {
		return s.mostraGiornalieri(w, r, v, errori)
	}
	nome := registroDi(r)
	b, err := s.Servizio.EsportaGiornalieri(r.Context(), sessioneDi(r).Chi, nome, giorni["dal"], giorni["al"])
	if e, ok := comeFault(err, fault.NotFound); ok {
		return s.mostraGiornalieri(w, r, v, erroriAdm{{"dal", e.Message}})
	}
	if err != nil {
		return err
	}
	allega(w, pratica.NomePacchetto(nome, giorni["dal"], giorni["al"]), "application/zip")
	_, err = w.Write(b)
	return err
}
