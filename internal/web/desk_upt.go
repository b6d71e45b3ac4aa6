package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// rotteUPT are the pages of the cases of the UPT: each of them asks for a session that
// has the office's key open.
func (s *Server) rotteUPT() []rotta {
	if s.Auth == nil || s.Viste == nil || s.Custody == nil {
		return nil
	}
	chi, capo := custody.Ruoli(), []string{access.UPT}
	rotte := []rotta{
		{"GET", "/upt", chi, s.conUPT(s.lavoroUPT)},
		{"POST", "/upt/cerca", chi, s.conUPT(s.cercaUPT)},
		{"GET", "/upt/cerca", chi, s.conUPT(s.trovateUPT)},
		{"GET", "/upt/nuova", chi, s.conUPT(s.nuova)},
		{"POST", "/upt/nuova", chi, s.conUPT(s.registraNuova)},
		{"GET", "/upt/registrazioni", chi, s.conUPT(s.registrazioni)},
		{"GET", "/upt/registrazioni/stampa", chi, s.conUPT(s.stampaRegistro)},
		{"POST", "/upt/registrazioni/csv", chi, s.conUPT(s.esportaRegistro)},
		{"GET", "/upt/registrazioni/giornalieri", chi, s.conUPT(s.giornalieri)},
		{"GET", "/upt/registrazioni/giornalieri/{giorno}", chi, s.conUPT(s.giornaliero)},
		{"POST", "/upt/registrazioni/giornalieri/esporta", chi, s.conUPT(s.esportaGiornalieri)},
		{"GET", "/upt/archivio", chi, s.conUPT(s.archivio)},
		{"GET", "/upt/archivio/registro", chi, s.conUPT(s.registroArchivio)},
		{"GET", "/upt/archivio/registro/stampa", chi, s.conUPT(s.registroArchivio)},
		{"POST", "/upt/archivio/proponi", chi, s.conUPT(s.proponiScarto)},
		{"POST", "/upt/archivio/elenco", chi, s.conUPT(s.decidiScarto)},
		{"GET", "/upt/accessi", chi, s.conUPT(s.accessi)},
		{"GET", "/pratica/{id}/urp/{urp}", chi, s.conUPT(s.concessa)},
		{"GET", "/pratica/{id}/urp/{urp}/file/{file}", chi, s.conUPT(s.scaricaConcessa)},
	}
	rotte = append(rotte, s.rotteAffidate()...)
	if s.Ambienti == nil {
		return rotte
	}
	return append(rotte,
		rotta{"GET", "/upt/contatto", capo, s.conUPT(s.contattoUPT)},
		rotta{"POST", "/upt/contatto", capo, s.conUPT(conModulo(s.salvaContatto))},
		rotta{"GET", viaRegUPT, capo, s.conUPT(s.admRegolamento)},
		rotta{"GET", viaRegUPT + "/carica", capo, s.conUPT(s.admCaricaRegolamento)},
		rotta{"POST", viaRegUPT + "/carica", capo, s.conUPT(s.admCaricaFile)},
		rotta{"GET", viaRegUPT + "/prova", capo, s.conUPT(s.admProvaRegolamento)},
		rotta{"POST", viaRegUPT + "/pubblica", capo, s.conUPT(conModulo(s.admPubblicaRegolamento))})
}

// conUPT lets in a session that has the UPT's key open; any other unlocks it first.
func (s *Server) conUPT(fa func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !sessioneDi(r).Apre(pratica.RegistroUPT) {
			return daAprire(sessioneDi(r))
		}
		return fa(w, r)
	}
}

// nellUPT reports whether who asks works in the UPT, whatever else.
func nellUPT(chi access.Chi) bool { return chi.Ha(custody.Ruoli()...) }

// soloUPT reports whether who asks works in the UPT and nowhere else.
func soloUPT(chi access.Chi) bool {
	return nellUPT(chi) && !slices.ContainsFunc(chi.Uffici, func(u string) bool { return !slices.Contains(custody.Ruoli(), access.Ruolo(u)) })
}

// registroDi is the register that a page of the desk is about.
func registroDi(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, "/upt/") || perConto(r) {
		return pratica.RegistroUPT
	}
	return pratica.RegistroURP
}

// paginaUPT is a list of cases of the UPT, opened in the session.
type paginaUPT struct {
	Scrivania
	Pagina, Testo string
	Fatto         string
	Viste         []scheda
	Domanda       string
	Errori        []erroreCampo
	Righe         []rigaLavoro
	Dopo, Inizio  string
	Ancora        bool
	Vuoto         vuoto
}

var visteUPT = []struct{ Nome, Titolo, Link string }{{"", "Da fare", "/upt"}, {"aperte", "Aperte", "/upt?vista=aperte"}, {"tutte", "Tutte", "/upt?vista=tutte"}}

// lavoroUPT is what waits for the UPT, or all that it has.
func (s *Server) lavoroUPT(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	i := slices.IndexFunc(visteUPT, func(v struct{ Nome, Titolo, Link string }) bool { return v.Nome == q.Get("vista") })
	if i < 0 {
		return fault.New(fault.NotFound, "Questa pagina non c'è.")
	}
	v := visteUPT[i]
	f := pratica.Filtro{Registro: pratica.RegistroUPT, Mie: v.Nome == "", Aperte: v.Nome == "aperte", Limite: 50, Dopo: q.Get("dopo")}
	pag, err := s.Servizio.Elenco(r.Context(), sessioneDi(r).Chi, f)
	if err != nil {
		return err
	}
	p := &paginaUPT{Pagina: "UPT: " + strings.ToLower(v.Titolo[:1]) + v.Titolo[1:],
		Vuoto: vuoto{Titolo: "Niente da fare.", Testo: "Quando una segnalazione aspetta una tua azione, la trovi qui.", Link: "/upt?vista=tutte", Voce: "Vedi tutte le segnalazioni"}}
	if v.Nome != "" {
		p.Vuoto = vuoto{Titolo: "Nessuna segnalazione.", Testo: "Qui arrivano le segnalazioni per l'UPT.", Link: "/upt/nuova", Voce: "Registrane una"}
	}
	if suo := s.Servizio.Ambiente(s.EnteID).Del(pratica.RegistroUPT); suo != nil {
		if d := suo.Regolamento.Atto(q.Get("fatto")); d != nil {
			p.Fatto = d.Fatto + "."
		}
	}
	for k, x := range visteUPT {
		p.Viste = append(p.Viste, scheda{Nome: x.Titolo, Link: x.Link, Ora: k == i})
	}
	segno := "?"
	if v.Nome != "" {
		segno = "&"
	}
	if pag.Dopo != "" {
		p.Dopo = v.Link + segno + "dopo=" + url.QueryEscape(pag.Dopo)
	}
	if f.Dopo != "" {
		p.Inizio = v.Link
	}
	return s.mostraUPT(w, r, http.StatusOK, p, pag)
}

// mostraUPT shows a list with its rows opened.
func (s *Server) mostraUPT(w http.ResponseWriter, r *http.Request, stato int, p *paginaUPT, pag pratica.Pagina) error {
	se, amb := sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	base, _, err := s.scrivania(r, p.Pagina, "upt")
	if err != nil {
		return err
	}
	p.Scrivania = base
	if p.Righe, err = s.righe(r.Context(), amb, se.Chi, pag.Righe, "", s.Servizio.Oggi()); err != nil {
		return err
	}
	p.Ancora = pag.Ancora
	return s.rendi(w, r, stato, "desk_upt.html", p)
}

// cercaUPT takes in a search: its words stay sealed in the browser, in no address.
func (s *Server) cercaUPT(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	if q := v.Get("q"); q != "" {
		http.SetCookie(w, s.biscottoDomanda(r, q))
	} else {
		http.SetCookie(w, biscotto(biscottoCerca, "", -time.Second))
	}
	http.Redirect(w, r, "/upt/cerca", http.StatusSeeOther)
	return nil
}

// trovateUPT opens the cases one by one, and shows those that the last search wants.
func (s *Server) trovateUPT(w http.ResponseWriter, r *http.Request) error {
	q := s.domandaDi(r)
	dopo, ok := soloUno(r, "dopo", segnoPagina.MatchString)
	p := &paginaUPT{Pagina: "Cerca nell'UPT", Domanda: q, Vuoto: vuoto{Titolo: "Che cosa cerchi?", Testo: "Scrivi un numero, un nome, una parola o un filtro come stato:esame."}}
	if ok && q == "" {
		return s.mostraUPT(w, r, http.StatusOK, p, pratica.Pagina{})
	}
	var pag pratica.Pagina
	err := error(errRisultati)
	if ok {
		pag, err = s.Servizio.Scorri(r.Context(), sessioneDi(r).Chi, pratica.RegistroUPT, q, 50, dopo)
	}
	if e, ok := comeFault(err, fault.Invalid); ok {
		p.Pagina, p.Errori, p.Vuoto = "Errore: cerca nell'UPT", []erroreCampo{{"domanda", nonVuota(e.Campi["q"], e.Message)}}, vuoto{}
		return s.mostraUPT(w, r, e.Kind.Status(), p, pratica.Pagina{})
	}
	if err != nil {
		return err
	}
	p.Testo = quanteTrovate(pag)
	p.Vuoto = vuoto{"Nessun risultato.", "Nessuna segnalazione ha tutte queste parole. Prova con meno parole.", "/upt?vista=tutte", "Vedi tutte le segnalazioni"}
	if pag.Dopo != "" {
		p.Dopo = "/upt/cerca?dopo=" + url.QueryEscape(pag.Dopo)
	}
	if dopo != "" {
		p.Inizio = "/upt/cerca"
	}
	return s.mostraUPT(w, r, http.StatusOK, p, pag)
}

// concessa shows a file of the URP that was given to read to a case of the UPT.
//
// ref: lr33-2009 art. 23-bis
func (s *Server) concessa(w http.ResponseWriter, r *http.Request) error {
	f, err := s.apriConcessa(r)
	if err != nil {
		return err
	}
	caso := r.PathValue("id")
	return s.vistaLettura(w, r, f, leggio{Qui: linkConcessa(caso, f.Testa.ID), Indietro: voceLink{"Pratica dell'UPT", linkPratica(caso, "", "")},
		Titolo: "Pratica dell'URP", Testo: "La leggi per una pratica dell'UPT: la lettura resta nel suo registro, e l'URP non la vede."})
}

func linkConcessa(caso string, urp vault.ID) string {
	return linkPratica(caso, "urp/"+urp.String(), "")
}

func (s *Server) apriConcessa(r *http.Request) (*pratica.Fascicolo, error) {
	caso, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	urp, err := vault.ParseID(r.PathValue("urp"))
	if err != nil {
		return nil, err
	}
	return s.Servizio.ApriConcesso(r.Context(), sessioneDi(r).Chi, caso, urp)
}

// scaricaConcessa gives a document of such a file.
func (s *Server) scaricaConcessa(w http.ResponseWriter, r *http.Request) error {
	id, err := vault.ParseID(r.PathValue("file"))
	if err != nil {
		return err
	}
	f, err := s.apriConcessa(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(f.File, func(x pratica.FileVisto) bool { return x.ID == id })
	if i < 0 {
		return fault.New(fault.NotFound, "Questo file non c'è.")
	}
	return s.mandaFile(w, f.File[i])
}

// concesse are the files of the URP that the acts of a case gave it to read.
func concesse(f *pratica.Fascicolo) []voceLink {
	var out []voceLink
	for _, a := range f.Storia {
		if a.Concessione == nil {
			continue
		}
		l := voceLink{"Pratica dell'URP " + a.Testi.Apri()["fascicolo"], linkConcessa(f.Testa.ID.String(), a.Concessione.Pratica)}
		if f.Testa.Aperta && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// normeUPT puts in force the procedure of the UPT that comes with the program, where
// there is none: an office that is founded begins with it.
func (s *Server) normeUPT(ctx context.Context) error {
	if amb := s.Servizio.Ambiente(s.EnteID); s.Ambienti == nil || amb == nil || amb.Del(pratica.RegistroUPT) != nil {
		return nil
	}
	r, err := regolamento.Shipped("upt-lombardia")
	if err != nil {
		return err
	}
	return s.Ambienti.Pubblica(ctx, s.EnteID, s.Servizio.Oggi(), r)
}
