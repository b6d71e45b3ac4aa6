package web

import (
	"net/http"
	"slices"
	"strings"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// paginaPratica is a case, or the one section of it that was asked for.
type paginaPratica struct {
	Scrivania
	ID, Link, Numero, Codice, Oggetto string
	Versione                          int
	Indietro                          voceLink
	Etichette                         []etichetta
	Scadenza                          chip
	Passi                             []passoFlusso
	PassoOra                          string
	Schede                            []scheda
	Sezione                           string
	Prossimo                          prossimo
	Seg                               *segVista
	Dati                              []voce
	Ricevuta                          string
	Termini, Finiti, Leggi            []termineVista
	Richieste                         []richiestaVista
	Storia                            []attoVista
	StoriaTutta                       bool // the whole of it, not its last lines
	Fogli                             []voceLink
	File                              []fileVista
	Solo                              bool   // the reader was only asked something
	Lettura                           bool   // it is read for something else, and nothing is done in it
	Seduta                            bool   // it is read for a session of the Commissione
	Stampa                            string // address of the sheets to be printed; empty: there are none
	Concesse                          []voceLink
	Fatto                             string
	Stampata                          string // who printed and when
	DaStampare                        bool   // the whole of it, to be printed
	Posizione                         *posizione
	Vedi                              parti
	VuotoRichieste                    vuoto
	VuotoFogli, VuotoFile             vuoto
}

// posizione is where the case stands in the queue from which it was opened.
type posizione struct{ Testo, Prima, Dopo string }

// parti are the parts of the page that a section shows.
type parti struct {
	Testo, FileBrevi, Richieste, SoloIstruttoria, Persone, Fogli, File, Storia bool
}

func partiDi(sez string, solo bool) parti {
	if solo {
		return parti{Richieste: true, File: true, Storia: true}
	}
	switch sez {
	case "istruttoria":
		return parti{Richieste: true, SoloIstruttoria: true}
	case "lettere":
		return parti{Fogli: true}
	case "documenti":
		return parti{File: true}
	case "cronologia":
		return parti{Storia: true}
	case "stampa":
		return parti{Testo: true, Richieste: true, Persone: true, Fogli: true, File: true, Storia: true}
	}
	return parti{Testo: true, FileBrevi: true, Richieste: true, Persone: true, Storia: true}
}

type voceLink struct{ Testo, Link string }

type voce struct{ Nome, Valore string }

type etichetta struct{ Testo, Classe, Icona string }

type passoFlusso struct {
	Nome, Sotto string
	Fatto, Ora  bool
}

type scheda struct {
	Nome, Link, Conto string
	Ora               bool
}

// prossimo is the panel that says what to do now.
type prossimo struct {
	Titolo, Testo string
	Primo         *voceAtto
	Proposti      []voceAtto // other acts that the rules propose
	Altri         []voceAtto // all the rest that may be done
	Passi         []passoFatto
}

type voceAtto struct{ Nome, Testo, Link, Tasto string }

// tastiAtti are the keys that open an act's page, where it may be done.
var tastiAtti = map[string]string{"nota": "n", "assegnazione": "a"}

type passoFatto struct {
	Testo string
	Fatto bool
}

type segVista struct {
	Righe, Chiede []string // paragraphs
	Persone       []personaVista
	Note          []voce
	Corretti      []voce // what was corrected since, and when
}

type personaVista struct {
	Titolo string
	Dati   []voce
}

type termineVista struct {
	Nome, Chi, Per, Fonte string
	Scadenza              chip
	Quando                string
	Fine                  string
	Perche                []string
	Legge                 bool
}

type richiestaVista struct {
	Unita, Iniziali, Il string
	Copia, Quesito      []string
	Risposta            []string
	Lasciati            []voce      // what looks personal and stays in the copy, each with its reason
	File                []fileVista // copies that it was sent
	Stato               chip
	Risponde            string // address of the form, for who may answer
	Aperta              bool   // the question and the copy are shown at once
}

type attoVista struct {
	Titolo, Chi, Quando, ISO string
	Classe, Icona            string
	Testi                    []voce
	Foglio                   string
}

type fileVista struct {
	Nome, Link, Peso, Tipo, Icona string
	Copia                         string // address of the page where its copy is made, for who may
}

// apri reads the case of the request's address for who signed in.
func (s *Server) apri(r *http.Request) (*pratica.Fascicolo, error) {
	id, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if r.PathValue("sezione") == "stampa" || r.PathValue("seq") != "" {
		return s.chiusa(r)(s.Servizio.ApriPrint(r.Context(), sessioneDi(r).Chi, id))
	}
	return s.chiusa(r)(s.Servizio.Apri(r.Context(), sessioneDi(r).Chi, id))
}

// chiusa lets what somebody of the UPT wrote wait until their key is open: what is not
// there for them may be there then. To who only looks, the page of what is not there
// says so.
func (s *Server) chiusa(r *http.Request) func(*pratica.Fascicolo, error) (*pratica.Fascicolo, error) {
	return func(f *pratica.Fascicolo, err error) (*pratica.Fascicolo, error) {
		if chi := sessioneDi(r).Chi; r.Method == http.MethodPost && r.PathValue("atto") != "" && fault.Is(err, fault.NotFound) && nellUPT(chi) && !chi.Apre(pratica.RegistroUPT) {
			return nil, daAprire(sessioneDi(r))
		}
		return f, err
	}
}

// sezioni are the parts of a case page, in their order.
var sezioni = []struct{ Nome, Titolo string }{
	{"", "Riepilogo"}, {"istruttoria", "Istruttoria"}, {"lettere", "Lettere e moduli"}, {"documenti", "Documenti"}, {"cronologia", "Cronologia"},
}

func (s *Server) pratica(w http.ResponseWriter, r *http.Request) error {
	sez := r.PathValue("sezione")
	nota := sez == "stampa" || slices.ContainsFunc(sezioni, func(x struct{ Nome, Titolo string }) bool { return x.Nome == sez })
	if !nota {
		return fault.New(fault.NotFound, "Questa pagina non c'è.")
	}
	f, err := s.apri(r)
	if err != nil {
		return err
	}
	p, err := s.vistaPratica(r, f, sez)
	if err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_pratica.html", p)
}

// leggio is where a case is read for something else than to handle it: by an assistant,
// for a session, for another case. Nothing is done there: all that the page may link to
// lies under that address.
type leggio struct {
	Qui      string // address of the page
	Stampa   bool   // it has sheets to be printed, at Qui/stampa
	Indietro voceLink
	Titolo   string // why it is read, and until when
	Testo    string
}

// vistaLettura shows all that there is of a case, to be read at that address.
func (s *Server) vistaLettura(w http.ResponseWriter, r *http.Request, f *pratica.Fascicolo, l leggio) error {
	p, err := s.vista(r, f, "stampa", &l)
	if err != nil {
		return err
	}
	p.Seduta, p.DaStampare = f.Seduta != nil, l.Stampa && strings.HasSuffix(r.URL.Path, "/stampa")
	p.Indietro, p.Prossimo = l.Indietro, prossimo{Titolo: l.Titolo, Testo: l.Testo}
	if p.DaStampare {
		p.Indietro = voceLink{p.Numero, l.Qui}
	}
	return s.rendi(w, r, http.StatusOK, "desk_pratica.html", p)
}

// vistaPratica is the page of a case for who handles it, or was asked about it.
func (s *Server) vistaPratica(r *http.Request, f *pratica.Fascicolo, sez string) (*paginaPratica, error) {
	h, coda := f.Testa, codaNota(s.Servizio.Ambiente(s.EnteID), r.URL.Query().Get("coda"))
	p, err := s.vista(r, f, sez, nil)
	if err != nil {
		return nil, err
	}
	p.Indietro = voceLink{s.titoloVista(vistaDi(coda)), filtroLista{Vista: vistaDi(coda)}.link()}
	if pratica.DeiMembri(h.Registro) && !f.SoloRichieste {
		p.Indietro, p.Concesse = voceLink{"UPT: da fare", "/upt"}, concesse(f)
	}
	p.Prossimo = prossimoPasso(f, coda, s.Servizio.Oggi())
	if s.Copie != nil && sez == "documenti" {
		legaCopie(p.File, f)
	}
	p.Schede = schedeDi(p, f, coda)
	if k := r.URL.Query().Get("fatto"); k != "" {
		if d := f.Regole.Atto(k); d != nil {
			p.Fatto = d.Fatto + "."
		}
	}
	for _, c := range f.Consentiti { // what the citizen may add too is how one is added
		if prendeFile(c.Def) && c.Def.PerCittadino() && p.VuotoFile.Link == "" {
			p.VuotoFile.Link, p.VuotoFile.Voce = linkPasso(p.ID, c.Def, coda), c.Def.Etichetta
		}
	}
	p.Posizione, err = s.posizione(r, f, coda)
	return p, err
}

// vista is what a case shows wherever it is read; l is nil where it is handled, and what
// that page links to besides is vistaPratica's.
func (s *Server) vista(r *http.Request, f *pratica.Fascicolo, sez string, l *leggio) (*paginaPratica, error) {
	ctx, h := r.Context(), f.Testa
	amb, oggi := s.Servizio.Ambiente(s.EnteID), s.Servizio.Oggi()
	if !f.ComEra.IsZero() {
		oggi = f.ComEra
	}
	coda := codaNota(amb, r.URL.Query().Get("coda"))
	p := &paginaPratica{ID: h.ID.String(), Numero: h.NumeroScritto(), Codice: vault.Gruppi(h.Codice), Versione: h.Seq, Sezione: sez, Solo: f.SoloRichieste, Lettura: l != nil}
	p.Link, p.DaStampare = linkPratica(p.ID, "", ""), sez == "stampa"
	if l != nil {
		p.Link, coda = l.Qui, ""
	}
	if l == nil || l.Stampa {
		p.Stampa = p.Link + "/stampa"
	}
	p.Oggetto = oggetto(f)
	base, _, err := s.scrivania(r, p.Numero+" "+p.Oggetto, coda)
	if err != nil {
		return nil, err
	}
	p.Scrivania = base
	p.Etichette = etichette(amb, f)
	p.Scadenza = chipPratica(h, f, oggi)
	p.Passi, p.PassoOra = flusso(f, oggi)
	p.Seg = segnalazioneVista(f)
	p.Dati = s.datiPratica(ctx, amb, f)
	p.Ricevuta = i18n.Date(h.Giorno)
	s.metteTermini(p, amb, f, sessioneDi(r).Chi, oggi)
	p.Richieste = richieste(amb, f, p.Link, coda, oggi)
	for i := range p.Richieste {
		p.Richieste[i].Aperta = sez == "istruttoria" || sez == "stampa"
	}
	p.File = fileDi(p.Link, f.File)
	p.Storia, p.Fogli = s.storia(ctx, amb, f, p.Lettura)
	p.StoriaTutta = sez != "" || len(p.Storia) <= ultimiAtti
	if !p.StoriaTutta {
		p.Storia = p.Storia[:ultimiAtti]
	}
	p.Vedi = partiDi(sez, f.SoloRichieste)
	p.Vedi.Fogli = p.Vedi.Fogli && !p.Lettura
	p.Vedi.FileBrevi = p.Vedi.FileBrevi && len(p.File) > 0
	p.Vedi.File = p.Vedi.File && (len(p.File) > 0 || !f.SoloRichieste)
	p.VuotoRichieste = vuoto{Titolo: "Nessuna richiesta.", Testo: "Quando l'ufficio chiede chiarimenti a una struttura, domande e risposte si leggono qui."}
	p.VuotoFogli = vuoto{Titolo: "Ancora nessuna lettera.", Testo: "Le lettere e i moduli si leggono e si stampano qui."}
	p.VuotoFile = vuoto{Titolo: "Nessun documento.", Testo: "Nessuno ha ancora allegato nulla."}
	p.Stampata = "Stampata da " + sessioneDi(r).Nome + ", " + istante(s.Now())
	return p, nil
}

// posizione finds the case in the queue from which it was opened, and its
// neighbours; nil when it was opened from elsewhere, or has left the queue.
func (s *Server) posizione(r *http.Request, f *pratica.Fascicolo, coda string) (*posizione, error) {
	if coda == "" {
		return nil, nil
	}
	filtro := filtroLista{Vista: vistaDi(coda)}.pratica(s.Servizio.Oggi())
	filtro.Limite = 100
	pag, err := s.Servizio.Elenco(r.Context(), sessioneDi(r).Chi, filtro)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(pag.Righe, func(x pratica.Riga) bool { return x.ID == f.Testa.ID })
	if i < 0 {
		return nil, nil
	}
	p := &posizione{Testo: i18n.Number(i+1) + " di " + i18n.Number(len(pag.Righe))}
	if pag.Dopo != "" {
		p.Testo = i18n.Number(i+1) + " di oltre 100"
	}
	if i > 0 {
		p.Prima = linkPratica(pag.Righe[i-1].ID.String(), "", coda)
	}
	if i+1 < len(pag.Righe) {
		p.Dopo = linkPratica(pag.Righe[i+1].ID.String(), "", coda)
	}
	return p, nil
}

// ultimiAtti is how many lines of the history the summary shows.
const ultimiAtti = 5

func oggetto(f *pratica.Fascicolo) string {
	switch {
	case !f.Testa.Eliminata.IsZero():
		return "Contenuto eliminato"
	case f.Seduta != nil && f.SoloRichieste:
		return copiaSeduta
	case f.Segnalazione == nil:
		return "Richiesta di chiarimenti"
	case f.Segnalazione.Apri().Oggetto != "":
		return f.Segnalazione.Apri().Oggetto
	}
	return inizio(f.Segnalazione.Apri().Testo, 70)
}

// inizio is the first words of a text, n characters at most.
func inizio(t string, n int) string {
	t = strings.Join(strings.Fields(t), " ")
	r := []rune(t)
	if len(r) <= n {
		return t
	}
	t = string(r[:n])
	if i := strings.LastIndexByte(t, ' '); i > n/2 {
		t = t[:i]
	}
	return t + "…"
}

func etichette(amb *pratica.Ambiente, f *pratica.Fascicolo) []etichetta {
	h := f.Testa
	out := []etichetta{{f.Regole.EtichettaValore("tipo", h.Tipo), classeTipo(h.Tipo), ""}}
	if f.Stato.Attr["autore"] == "anonimo" {
		out = append(out, etichetta{"Anonima", "", "password-invisible"})
	}
	if f.Segnalazione != nil && f.Segnalazione.Apri().Assistito != nil {
		t := "Per un'altra persona"
		if f.Segnalazione.Apri().Delega != "" {
			t += ", come " + f.Segnalazione.Apri().Delega
		}
		out = append(out, etichetta{t, "", "user"})
	}
	if l := lingua(f); l != "" {
		out = append(out, etichetta{l, "", "note"})
	}
	if f.SoloRichieste {
		return out
	}
	if u := nonVuota(h.Struttura, f.Cartellino.Apri().Struttura); u != "" {
		out = append(out, etichetta{nomeUnita(amb, u), "", ""})
	}
	for _, a := range []string{"natura", "danni"} {
		if v := f.Stato.Attr[a]; v != "" && v != f.Regole.Predefiniti()[a] {
			c := f.Regole.Campo(a)
			if c != nil {
				out = append(out, etichetta{c.Etichetta + ": " + strings.ToLower(f.Regole.EtichettaValore(a, v)), "", ""})
			}
		}
	}
	return out
}

func lingua(f *pratica.Fascicolo) string {
	if f.Segnalazione == nil {
		return ""
	}
	if l := f.Segnalazione.Apri().Lingua; l != "Italiano" && l != "it" {
		return l
	}
	return ""
}

func chipPratica(h pratica.Testa, f *pratica.Fascicolo, oggi day.Date) chip {
	if f.SoloRichieste {
		for _, r := range f.Richieste {
			if r.Risposta.IsZero() {
				return chipData(r.Entro.Scadenza, oggi)
			}
		}
	}
	return chipRiga(pratica.Riga{Testa: h, Entro: h.Scadenza}, oggi)
}
