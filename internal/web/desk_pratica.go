package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
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
	Solo                              bool // the reader was only asked something
	Concessa                          bool // it is the URP's, given to read to a case of the UPT
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

func (s *Server) vistaPratica(r *http.Request, f *pratica.Fascicolo, sez string) (*paginaPratica, error) {
	ctx, h := r.Context(), f.Testa
	amb, oggi := s.Servizio.Ambiente(s.EnteID), s.Servizio.Oggi()
	coda := codaNota(amb, r.URL.Query().Get("coda"))
	id := h.ID.String()
	p := &paginaPratica{ID: id, Link: linkPratica(id, "", ""), Numero: h.NumeroScritto(), Codice: vault.Gruppi(h.Codice),
		Versione: h.Seq, Sezione: sez, Solo: f.SoloRichieste}
	p.Oggetto = oggetto(f)
	base, _, err := s.scrivania(r, p.Numero+" "+p.Oggetto, coda)
	if err != nil {
		return nil, err
	}
	p.Scrivania = base
	p.Indietro = voceLink{s.titoloVista(vistaDi(coda)), filtroLista{Vista: vistaDi(coda)}.link()}
	if pratica.DeiMembri(h.Registro) && !f.SoloRichieste {
		p.Indietro, p.Concesse = voceLink{"UPT: da fare", "/upt"}, concesse(f)
	}
	p.Etichette = etichette(amb, f)
	p.Scadenza = chipPratica(h, f, oggi)
	p.Passi, p.PassoOra = flusso(f, oggi)
	p.Prossimo = prossimoPasso(f, coda, oggi)
	p.Seg = segnalazioneVista(f)
	p.Dati = s.datiPratica(ctx, amb, f)
	p.Ricevuta = i18n.Date(h.Giorno)
	s.metteTermini(p, amb, f, sessioneDi(r).Chi, oggi)
	p.Richieste = richieste(amb, f, coda, oggi)
	for i := range p.Richieste {
		p.Richieste[i].Aperta = sez == "istruttoria" || sez == "stampa"
	}
	p.File = fileVisti(f)
	if s.Copie != nil && sez == "documenti" {
		legaCopie(p.File, f)
	}
	p.Storia, p.Fogli = s.storia(ctx, amb, f)
	p.StoriaTutta = sez != "" || len(p.Storia) <= ultimiAtti
	if !p.StoriaTutta {
		p.Storia = p.Storia[:ultimiAtti]
	}
	p.Schede = schedeDi(p, f, coda)
	if k := r.URL.Query().Get("fatto"); k != "" {
		if d := f.Regole.Atto(k); d != nil {
			p.Fatto = d.Fatto + "."
		}
	}
	p.DaStampare = sez == "stampa"
	p.Vedi = partiDi(sez, f.SoloRichieste)
	p.Vedi.FileBrevi = p.Vedi.FileBrevi && len(p.File) > 0
	p.Vedi.File = p.Vedi.File && (len(p.File) > 0 || !f.SoloRichieste)
	p.VuotoRichieste = vuoto{Titolo: "Nessuna richiesta.", Testo: "Quando l'ufficio chiede chiarimenti a una struttura, domande e risposte si leggono qui."}
	p.VuotoFogli = vuoto{Titolo: "Ancora nessuna lettera.", Testo: "Le lettere e i moduli si leggono e si stampano qui."}
	p.VuotoFile = vuoto{Titolo: "Nessun documento.", Testo: "Nessuno ha ancora allegato nulla."}
	for _, c := range f.Consentiti { // what the citizen may add too is how one is added
		if prendeFile(c.Def) && c.Def.PerCittadino() && p.VuotoFile.Link == "" {
			p.VuotoFile.Link, p.VuotoFile.Voce = linkPasso(id, c.Def, coda), c.Def.Etichetta
		}
	}
	if p.Posizione, err = s.posizione(r, f, coda); err != nil {
		return nil, err
	}
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

// flusso is the way of the case through the phases of its rules: those behind
// it, the one it is in, and those the proposed acts lead to.
func flusso(f *pratica.Fascicolo, oggi day.Date) ([]passoFlusso, string) {
	var out []passoFlusso
	ora := ""
	entrata := map[string]day.Date{}
	for _, a := range f.Storia {
		if d := f.Regole.Atto(a.Kind); d != nil && d.Fase != "" {
			entrata[d.Fase] = a.Giorno
		}
	}
	dopo := fasiDopo(f)
	passata := false
	for _, x := range f.Regole.Fasi() {
		il, stata := entrata[x.Nome]
		switch {
		case x.Nome == f.Stato.Fase:
			out = append(out, passoFlusso{x.Etichetta, "dal " + dataVicina(il, oggi), x.Finale, !x.Finale})
			ora, passata = x.Etichetta, true
		case stata && !passata:
			out = append(out, passoFlusso{x.Etichetta, dataVicina(il, oggi), true, false})
		case slices.Contains(dopo, x.Nome):
			out = append(out, passoFlusso{Nome: x.Etichetta})
		}
	}
	return out, ora
}

// fasiDopo are the phases to which the acts lead that the rules propose for a
// case like this, and the final ones.
func fasiDopo(f *pratica.Fascicolo) []string {
	var out []string
	for _, d := range f.Regole.Atti() {
		fase, ok := f.Regole.Fase(d.Fase)
		if ok && !d.Uscita && applica(f, d) && (d.Suggerisci.Ordine > 0 && d.Suggerisci.Scaduto == "" || fase.Finale) && f.Stato.Fase != d.Fase {
			out = append(out, d.Fase)
		}
	}
	return out
}

// applica reports whether an act belongs to the way of a case like this: its
// attributes allow it, and the acts that must come before it.
func applica(f *pratica.Fascicolo, d *regolamento.DefAtto) bool {
	if slices.ContainsFunc(d.Se, func(c regolamento.Condizione) bool { return !slices.Contains(c.Valori, f.Stato.Attr[c.Attributo]) }) {
		return false
	}
	prima := d.Dopo
	if d.Risponde != "" {
		prima = append(slices.Clone(prima), d.Risponde)
	}
	return !slices.ContainsFunc(prima, func(k string) bool { return k != d.Nome && !applica(f, f.Regole.Atto(k)) })
}

// dataVicina leaves out the year when it is this one.
func dataVicina(d, oggi day.Date) string {
	if d.Year() == oggi.Year() {
		return i18n.ShortDate(d)
	}
	return i18n.LongDate(d)
}

// prossimoPasso is what the rules propose to the reader, and what else may be done.
func prossimoPasso(f *pratica.Fascicolo, coda string, oggi day.Date) prossimo {
	p := prossimo{Titolo: "Per ora non tocca a te", Testo: "Quando la pratica aspetta una tua azione, la trovi in Da fare."}
	if fase, _ := f.Regole.Fase(f.Stato.Fase); !fase.Aperta() {
		p = prossimo{Titolo: fase.Etichetta, Testo: "Nessun termine è in corso."}
	}
	for _, c := range f.Consentiti {
		v := voceAtto{c.Def.Nome, c.Def.Etichetta, linkPasso(f.Testa.ID.String(), c.Def, coda), tastiAtti[c.Def.Nome]}
		switch {
		case c.Primo:
			p.Primo, p.Titolo, p.Testo = &v, v.Testo, perche(f, c, oggi)
		case c.Proposto:
			p.Proposti = append(p.Proposti, v)
		default:
			p.Altri = append(p.Altri, v)
		}
	}
	if !f.SoloRichieste {
		p.Passi = passiFatti(f)
	}
	return p
}

// linkPasso is the page on which an act is done: a text that goes to nobody yet
// is approved on the page where it is read.
func linkPasso(id string, d *regolamento.DefAtto, coda string) string {
	if d.TestoDa != "" && d.Lettera == "" {
		return strings.Replace(linkPratica(id, "", coda), "/pratica/", "/firma/", 1)
	}
	return linkAtto(id, d.Nome, coda)
}

// perche says why an act is proposed: the date it meets and the rule that wants it.
// Of what several were asked, the date is the reader's own.
func perche(f *pratica.Fascicolo, c pratica.Consentito, oggi day.Date) string {
	t, d := "", c.Def
	for _, x := range f.Termini {
		def := f.Regole.Termine(x.ID)
		mio := x.Per == "" || len(c.Per) == 0 || slices.Contains(c.Per, x.Per)
		if mio && !x.Legge && x.Fine == string(regolamento.Corre) && def != nil && slices.Contains(def.Ferma, d.Nome) && t == "" {
			t = "Entro " + i18n.Date(x.Scadenza) + ": " + i18n.Deadline(x.Scadenza, oggi) + ". "
		}
	}
	if d.Fonte != "" {
		t += "Lo prevede: " + d.Fonte + "."
	}
	return t
}

// passiFatti are the acts that the rules propose along the way of a case like
// this, with those already done.
func passiFatti(f *pratica.Fascicolo) []passoFatto {
	var atti []*regolamento.DefAtto
	for _, d := range f.Regole.Atti() {
		if d.Suggerisci.Ordine > 0 && d.Suggerisci.Scaduto == "" && applica(f, d) {
			atti = append(atti, d)
		}
	}
	slices.SortStableFunc(atti, func(a, b *regolamento.DefAtto) int { return cmp.Compare(a.Suggerisci.Ordine, b.Suggerisci.Ordine) })
	var out []passoFatto
	for _, d := range atti {
		x := passoFatto{d.Etichetta, f.Stato.Fatti[d.Nome] > 0}
		if x.Fatto {
			x.Testo = d.Fatto
		}
		if d.Risponde != "" && len(f.Stato.Destinatari) > 0 {
			n := 0
			for _, u := range f.Stato.Destinatari {
				if !u.Risposto.IsZero() {
					n++
				}
			}
			x.Testo, x.Fatto = d.Fatto+": "+i18n.Number(n)+" su "+i18n.Number(len(f.Stato.Destinatari)), n == len(f.Stato.Destinatari)
		}
		out = append(out, x)
	}
	return out
}
