package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// rigaArchivio is a closed file. It shows no name: to decide its end, nobody needs to
// read it.
type rigaArchivio struct {
	ID, Numero, Link, Tipo, Chiusa string
	Scelta                         bool
}

// elencoScarto is a list of files to be eliminated.
type elencoScarto struct {
	N                              int
	Titolo, NullaOsta, Chi, Stato  string
	Pratiche                       []rigaArchivio
	Conta, Approvato, Fine         string
	PuoApprovare, PuoRitirare, Mio bool
}

type paginaArchivio struct {
	Scrivania
	Base        string // address of the page
	Registro    string // of the register of the archive; empty: not for this reader
	Righe       []rigaArchivio
	Elenchi     []elencoScarto
	NullaOsta   string
	PuoProporre bool
	Fatto       string
	Errori      erroriAdm
	Anni        int
	Vuoto       vuoto
}

var fattoArchivio = map[string]string{"proposto": "Elenco proposto. Ora deve approvarlo un'altra persona.", "approvato": "Elenco approvato. Le pratiche vengono eliminate entro qualche minuto.",
	"ritirato": "Elenco ritirato. Le pratiche restano."}

var statiScarto = map[string]string{pratica.ScartoProposto: "Da approvare", pratica.ScartoApprovato: "In corso", pratica.ScartoEseguito: "Eseguito", pratica.ScartoRitirato: "Ritirato"}

// archivio shows the files whose years have passed, and the lists by which they end.
//
// ref: pga01 4.4.4
func (s *Server) archivio(w http.ResponseWriter, r *http.Request) error {
	if _, ok := soloUno(r, "fatto", func(v string) bool { return fattoArchivio[v] != "" }); !ok {
		return s.mostraArchivio(w, r, nil, []erroreCampo{{"", "Nell'indirizzo c'è qualcosa che questa pagina non conosce: ecco l'archivio intero."}}, http.StatusUnprocessableEntity)
	}
	return s.mostraArchivio(w, r, nil, nil, http.StatusOK)
}

func (s *Server) mostraArchivio(w http.ResponseWriter, r *http.Request, v url.Values, errori []erroreCampo, stato int) error {
	ctx, se, amb := r.Context(), sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	registro, indirizzo := archivioDi(r)
	if amb = amb.Del(registro); amb == nil {
		return fault.New(fault.NotFound, "Questa pagina non c'è.")
	}
	tutte, err := s.Servizio.Scartabili(ctx, se.Chi, registro)
	if err != nil {
		return err
	}
	elenchi, err := s.Servizio.Scarti(ctx, se.Chi, registro)
	if err != nil {
		return err
	}
	base, _, err := s.scrivania(r, "Archivio", strings.Trim(indirizzo, "/"))
	if err != nil {
		return err
	}
	p := &paginaArchivio{Scrivania: base, Base: indirizzo, NullaOsta: v.Get("nulla_osta"), PuoProporre: pratica.MayProposeScarto(se.Chi, registro),
		Anni: amb.Regolamento.Conservazione().Anni, Errori: errori}
	if pratica.MayArchive(se.Chi, registro) {
		p.Registro = indirizzo + "/registro"
	}
	if len(errori) == 0 {
		p.Fatto = fattoArchivio[r.URL.Query().Get("fatto")]
	}
	p.Vuoto = vuoto{Titolo: "Niente da eliminare.", Testo: "Qui arrivano le pratiche archiviate da più di " + i18n.Plural(p.Anni, "anno", "anni") + ", se nulla le trattiene."}
	for _, h := range tutte {
		x := rigaDArchivio(amb, h)
		x.Scelta = v == nil || slices.Contains(v["pratica"], x.ID)
		p.Righe = append(p.Righe, x)
	}
	for _, x := range elenchi {
		y := elencoScarto{N: x.N, Titolo: "Elenco n. " + strconv.Itoa(x.N), NullaOsta: x.NullaOsta, Stato: statiScarto[x.Stato],
			Chi: "Proposto da " + s.nomePersona(ctx, x.PropostoDa) + ", " + istante(x.PropostoIl), Conta: i18n.Plural(x.Pratiche, "pratica", "pratiche")}
		if !x.ApprovatoIl.IsZero() {
			y.Approvato = "Approvato da " + s.nomePersona(ctx, x.ApprovatoDa) + ", " + istante(x.ApprovatoIl) + ". Eliminate: " + i18n.Number(x.Fatte) + "."
		}
		if x.Stato == pratica.ScartoEseguito {
			i, err := s.Servizio.Irreversibile(ctx, x)
			if err != nil {
				return err
			}
			y.Fine = fineScritta(i, s.Servizio.Oggi())
		}
		if x.Stato == pratica.ScartoProposto {
			y.Mio = x.PropostoDa == se.Persona
			y.PuoApprovare, y.PuoRitirare = !y.Mio, true
			dentro, err := s.Servizio.InScarto(ctx, se.Chi, registro, x.N)
			if err != nil {
				return err
			}
			for _, h := range dentro {
				y.Pratiche = append(y.Pratiche, rigaDArchivio(amb, h))
			}
		}
		p.Elenchi = append(p.Elenchi, y)
	}
	return s.rendi(w, r, stato, "desk_archivio.html", p)
}

// fineScritta says since when, or from when, no copy of the keys opens the files of a
// list.
func fineScritta(i pratica.Irreversibile, oggi day.Date) string {
	switch {
	case i.Dal.IsZero():
		return "Che sia irreversibile è non dimostrabile: copie non dichiarate."
	case i.Fatta:
		return "Irreversibile dal " + i18n.LongDate(i.Dal) + "."
	case oggi < i.Dal:
		return "Irreversibile dal " + i18n.LongDate(i.Dal) + ": fino ad allora una copia delle chiavi potrebbe ancora aprirle."
	}
	return "Doveva essere irreversibile dal " + i18n.LongDate(i.Dal) + ", ma il programma non l’ha ancora potuto vedere: chiedi a chi cura il server."
}

// archivioDi is the register whose files a page is about, and where the page is.
func archivioDi(r *http.Request) (registro, indirizzo string) {
	if strings.HasPrefix(r.URL.Path, "/upt/") {
		return pratica.RegistroUPT, "/upt/archivio"
	}
	return pratica.RegistroURP, "/archivio"
}

func rigaDArchivio(amb *pratica.Ambiente, h pratica.Testa) rigaArchivio {
	x := rigaArchivio{ID: h.ID.String(), Numero: h.NumeroScritto(), Link: linkPratica(h.ID.String(), "", ""), Chiusa: dataIntera(h.ChiusaIl)}
	if reg := amb.Regolamenti[h.Regolamento]; reg != nil {
		x.Tipo = reg.EtichettaValore("tipo", h.Tipo)
	}
	return x
}

func dataIntera(d day.Date) string { return i18n.ShortDate(d) + anno(d) }

// proponiScarto proposes a list.
func (s *Server) proponiScarto(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	var quali []vault.ID
	for _, t := range v["pratica"] {
		id, err := vault.ParseID(t)
		if err != nil {
			return err
		}
		quali = append(quali, id)
	}
	registro, indirizzo := archivioDi(r)
	if _, err := s.Servizio.ProponiScarto(r.Context(), sessioneDi(r).Chi, registro, v.Get("nulla_osta"), quali); err != nil {
		if errori, stato, ok := erroriDi(err, "nulla_osta", "pratica"); ok {
			return s.mostraArchivio(w, r, v, errori, stato)
		}
		return err
	}
	http.Redirect(w, r, indirizzo+"?fatto=proposto", http.StatusSeeOther)
	return nil
}

// decidiScarto approves a list, or withdraws it.
func (s *Server) decidiScarto(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(v.Get("elenco"))
	if err != nil {
		return fault.New(fault.Bad, "Questo elenco non c'è.")
	}
	se, fatto := sessioneDi(r), "approvato"
	registro, indirizzo := archivioDi(r)
	switch v.Get("fai") {
	case "approva":
		err = s.Servizio.ApprovaScarto(r.Context(), se.Chi, registro, n)
	case "ritira":
		fatto, err = "ritirato", s.Servizio.RitiraScarto(r.Context(), se.Chi, registro, n)
	default:
		return fault.New(fault.Bad, "Scegli che cosa fare dell'elenco.")
	}
	if err != nil {
		if errori, stato, ok := erroriDi(err); ok {
			return s.mostraArchivio(w, r, nil, errori, stato)
		}
		return err
	}
	http.Redirect(w, r, indirizzo+"?fatto="+fatto, http.StatusSeeOther)
	return nil
}
