package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// paginaAtto is the form of an act, beside what is needed to fill it in.
type paginaAtto struct {
	Scrivania
	ID, Numero, Oggetto, Azione string
	Nome, Fonte, Bottone        string
	Indietro                    voceLink
	Versione                    int
	Chiave, Coda, Per, Di       string
	PerChi                      []voceLink // for which unit: to be chosen before anything is written
	Campi                       []campoVista
	Composti                    *composizione
	Sedute                      []sedutaVicina
	Unita                       []string // suggestions
	Errori                      []erroreCampo
	Puo                         bool        // the reader may do it now
	Avviso                      string      // why it was not done, if not for what was typed
	Ripreso                     string      // the session ended while it was written
	Cambiata                    bool        // others did something while the page was open
	Novita                      []attoVista // what, as much as the reader may know
	Prossima                    bool        // reached from a queue: it may go on to the next
	Seg                         *segVista
	Richieste                   []richiestaVista
	Lettera                     *lettera
	Scrive                      *scrittura
	Nota                        string // with which a draft was sent back
	File                        bool   // the act takes files
	Presi                       *presi // those taken in already; nil: none was sent
}

// scrittura is what the page says of a text that will be a letter.
type scrittura struct {
	Punteggio int // Gulpease, 0 to 100
	Giudizio  string
	Classe    string
	Lettere   string
	Controlli []passoFatto
}

// consentito is the act of that kind that the reader may do now.
func consentito(f *pratica.Fascicolo, kind string) (pratica.Consentito, bool) {
	for _, c := range f.Consentiti {
		if c.Def.Nome == kind {
			return c, true
		}
	}
	return pratica.Consentito{}, false
}

// atto shows the form of an act, if the reader may do it now.
func (s *Server) atto(w http.ResponseWriter, r *http.Request) error {
	f, err := s.apri(r)
	if err != nil {
		return err
	}
	kind := r.PathValue("atto")
	d := f.Regole.Atto(kind)
	if d == nil {
		return fault.New(fault.NotFound, "Questa azione non esiste nella procedura della pratica.")
	}
	c, ok := consentito(f, kind)
	if !ok {
		return nonOra(d)
	}
	v := url.Values{"coda": {codaNota(s.Servizio.Ambiente(s.EnteID), r.URL.Query().Get("coda"))}, "per": {r.URL.Query().Get("per")}}
	if per := v.Get("per"); per != "" && len(c.Per) > 0 && !slices.Contains(c.Per, per) {
		return fault.New(fault.Forbidden, "Questa struttura ha già risposto, o non risponde il tuo ufficio. Torna alla pratica e guarda le richieste.")
	}
	precompila(f, d, v)
	p, err := s.vistaAtto(r, f, d, c, v, nil)
	if err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_atto.html", p)
}

// nonOra says that an act is not for who asks, or not for now.
func nonOra(d *regolamento.DefAtto) *fault.Error {
	return fault.New(fault.Forbidden, "«"+d.Etichetta+"»: ora non si può fare, o non spetta al tuo ufficio. Torna alla pratica e guarda il prossimo passo.")
}

// precompila begins a text that is written again from what was written last, and
// a letter from its greeting.
func precompila(f *pratica.Fascicolo, d *regolamento.DefAtto, v url.Values) {
	if !scriveLettera(f.Regole, d) {
		return
	}
	if t := ultimoTesto(f, d.Nome); t != "" {
		v.Set("testo", t)
		return
	}
	saluto := "Buongiorno,"
	if f.Segnalazione != nil && f.Segnalazione.Apri().Segnalante != nil {
		p := f.Segnalazione.Apri().Segnalante
		saluto = "Gentile " + strings.TrimSpace(p.Nome+" "+p.Cognome) + ","
	}
	v.Set("testo", saluto+"\n\n\n\n"+avvisoGiudice)
}

// scriveLettera reports whether the text of an act is one that the citizen will
// read as a letter.
func scriveLettera(reg *regolamento.Regolamento, d *regolamento.DefAtto) bool {
	if !slices.ContainsFunc(d.Campi(), func(c regolamento.Campo) bool { return c.ID == "testo" }) {
		return false
	}
	return d.Lettera != "" || slices.ContainsFunc(reg.Atti(), func(x *regolamento.DefAtto) bool { return x.TestoDa == d.Nome })
}

// vistaAtto makes the page from what was typed so far and what is wrong with it.
func (s *Server) vistaAtto(r *http.Request, f *pratica.Fascicolo, d *regolamento.DefAtto, c pratica.Consentito, v url.Values, e *fault.Error) (*paginaAtto, error) {
	amb, oggi, id := s.Servizio.Ambiente(s.EnteID), s.Servizio.Oggi(), f.Testa.ID.String()
	titolo := d.Etichetta
	p := &paginaAtto{ID: id, Numero: f.Testa.NumeroScritto(), Oggetto: oggetto(f), Nome: d.Etichetta, Fonte: d.Fonte,
		Bottone: d.Etichetta, Azione: linkPratica(id, "atto/"+d.Nome, ""), Versione: f.Testa.Seq, Chiave: nonVuota(v.Get("chiave"), unaVolta()),
		Coda: v.Get("coda"), Per: v.Get("per"), Di: sessioneDi(r).Persona, Seg: segnalazioneVista(f), File: prendeFile(d), Puo: c.Def != nil}
	p.Indietro = voceLink{p.Numero + " " + p.Oggetto, linkPratica(id, "", p.Coda)}
	p.Prossima = p.Coda != ""
	if scriveLettera(f.Regole, d) && d.Lettera == "" { // a draft: nothing leaves yet
		p.Bottone = "Salva"
	}
	var campi map[string]string
	if e != nil {
		titolo = "Errore: " + titolo
		campi = e.Campi
		p.Errori = erroriCampi(d, e.Message, e.Campi, e.Motivi)
	}
	base, _, err := s.scrivania(r, titolo+" – "+p.Numero, p.Coda)
	if err != nil {
		return nil, err
	}
	p.Scrivania = base
	if vista, _ := strconv.Atoi(v.Get("versione")); vista > 0 && vista < f.Testa.Seq {
		p.Cambiata, p.Novita = true, s.novita(r.Context(), amb, f, vista)
	}
	if p.Sedute, err = s.seduteVicine(r, f, d, v); err != nil {
		return nil, err
	}
	if p.Campi, err = s.campiVista(r.Context(), sessioneDi(r), f, d, v, campi); err != nil {
		return nil, err
	}
	if d.Destinatari != "" {
		copie, err := s.Servizio.Copie(r.Context(), sessioneDi(r).Chi, f)
		if err != nil && !fault.Is(err, fault.Forbidden) { // who may not ask any more sees what he wrote
			return nil, err
		}
		p.Composti = componi(v, amb, f, copie, false)
		if s.Copie != nil && len(documentiCopia(f, nil)) > 0 {
			go s.Copie.Warm(context.WithoutCancel(r.Context()))
		}
		if k := d.Destinatari; campi[k] != "" {
			p.Composti.Strutture[0].ErroreUnita = campi[k]
		}
	}
	if serveUnita(d) {
		p.Unita = suggerimentiUnita(amb, oggi)
	}
	if len(c.Per) == 1 {
		p.Per = c.Per[0]
	} else if p.Per == "" {
		for _, u := range c.Per {
			p.PerChi = append(p.PerChi, voceLink{nomeUnita(amb, u), aggiungiPer(linkAtto(id, d.Nome, p.Coda), u)})
		}
	}
	if p.Per != "" {
		p.Azione = aggiungiPer(p.Azione, p.Per)
	}
	if d.Destinatari == "" {
		p.Richieste = richieste(amb, f, linkPratica(f.Testa.ID.String(), "", ""), "", oggi)
	}
	if scriveLettera(f.Regole, d) {
		p.Scrive = giudica(v.Get("testo"))
		p.Nota = notaRinvio(f, d)
	}
	if d.Lettera != "" || d.TestoDa != "" {
		p.Lettera = s.anteprima(r, amb, f, d, v)
	}
	return p, nil
}

// anteprima is the letter that the act would make with what was typed so far.
func (s *Server) anteprima(r *http.Request, amb *pratica.Ambiente, f *pratica.Fascicolo, d *regolamento.DefAtto, v url.Values) *lettera {
	giorni, _ := strconv.Atoi(v.Get("giorni"))
	a := pratica.Atto{Seq: f.Testa.Seq + 1, Kind: d.Nome, Giorno: s.Servizio.Oggi(), Il: s.Now(), Giorni: giorni}
	st, err := f.Regole.Apply(amb.Calendari[f.Testa.Calendario], f.Stato, perRegole(a))
	if err != nil {
		st = f.Stato
	}
	if d.TestoDa == "" { // else who approved it signs
		se := sessioneDi(r)
		a.Persona = se.Persona
		if len(se.Incarichi) > 0 {
			a.Ufficio = se.Incarichi[0].Ruolo + ":" + se.Incarichi[0].Unita
		}
	}
	testi := map[string]string{}
	for k := range v {
		testi[k] = v.Get(k)
	}
	l := s.letteraDi(r.Context(), amb, f, d, pratica.AttoVisto{Atto: a, Testi: pratica.Chiudi(testi), Leggibile: true}, st)
	l.Bozza = true
	return l
}

// giudica measures a text that the citizen will read.
//
// ref: pga01 4.4.2; dlgs502-1992 art. 14 c. 5
func giudica(testo string) *scrittura {
	n := i18n.Gulpease(testo)
	v := &scrittura{Punteggio: n, Giudizio: "facile da leggere", Classe: "c-grn"}
	switch {
	case n < 40:
		v.Giudizio, v.Classe = "molto difficile: accorcia le frasi", "c-red"
	case n < 60:
		v.Giudizio, v.Classe = "difficile: accorcia le frasi", "c-amb"
	case n < 80:
		v.Giudizio = "abbastanza facile"
	}
	lunghe := 0
	for _, frase := range strings.FieldsFunc(testo, func(r rune) bool { return strings.ContainsRune(".!?\n", r) }) {
		if len(strings.Fields(frase)) > 25 {
			lunghe++
		}
	}
	corpo := len(strings.Fields(testo))
	v.Lettere = i18n.Plural(corpo, "parola", "parole")
	v.Controlli = []passoFatto{
		{"Comincia con un saluto", strings.HasPrefix(testo, "Gentile") || strings.HasPrefix(testo, "Buongiorno") || strings.HasPrefix(testo, "Egregi") || strings.HasPrefix(testo, "Cara") || strings.HasPrefix(testo, "Caro")},
		{"Dice che cosa abbiamo capito e concluso (almeno 60 parole)", corpo >= 60},
		{"Nessuna frase oltre 25 parole", lunghe == 0},
		{"Ricorda che si può andare dal giudice (art. 14, comma 5)", strings.Contains(testo, "502/1992")},
	}
	return v
}

// notaRinvio is what was said when the draft was last sent back, if nothing was
// written since.
func notaRinvio(f *pratica.Fascicolo, d *regolamento.DefAtto) string {
	nota := ""
	for _, a := range f.Storia {
		x := f.Regole.Atto(a.Kind)
		switch {
		case a.Kind == d.Nome:
			nota = ""
		case x != nil && slices.Contains(x.Dimentica, d.Nome) && a.Leggibile:
			nota = nonVuota(a.Testi.Apri()["nota"], a.Testi.Apri()["motivo"])
		}
	}
	return nota
}

// compiAtto does the act of a form, or shows the form again with what is wrong.
func (s *Server) compiAtto(w http.ResponseWriter, r *http.Request) error {
	f, err := s.apri(r)
	if err != nil {
		return s.suAltri(w, r, err)
	}
	d := f.Regole.Atto(r.PathValue("atto"))
	if d == nil {
		return fault.New(fault.NotFound, "Questa azione non esiste nella procedura della pratica.")
	}
	c, puo := consentito(f, d.Nome)
	in, err := s.leggiAtto(w, r, f, d)
	if err != nil {
		return err
	}
	v := in.valori
	if diAltri(r, v) {
		return s.altrui(w, r, s.attesa(r).con(v, in.presi))
	}
	ancora := func(stato int, e *fault.Error, cambia func(*paginaAtto)) error {
		p, err := s.vistaAtto(r, f, d, c, v, e)
		if err != nil {
			return err
		}
		p.Presi = in.presi
		if cambia != nil {
			cambia(p)
		}
		return s.rendi(w, r, stato, "desk_atto.html", p)
	}
	fai := v.Get("fai")
	ritocca := ripreso(fai) != "" || fai == "controlla" || d.Destinatari != "" && (fai == "aggiungi" || strings.HasPrefix(fai, "togli-") || strings.HasPrefix(fai, "sicure-"))
	if ritocca && !puo {
		return s.rifiutato(w, r, d, in, nonOra(d))
	}
	if e := in.presi.errore(); e != nil {
		return ancora(http.StatusUnprocessableEntity, e, nil)
	}
	if ritocca { // one structure more, one less, the copies or the text looked at again
		return ancora(http.StatusOK, nil, func(p *paginaAtto) { p.Ripreso = ripreso(fai) })
	}
	chiave, err := chiaveUnaVolta(v.Get("chiave"))
	if err != nil {
		return err
	}
	if len(c.Per) > 1 && v.Get("per") == "" {
		return fault.New(fault.Bad, "Prima scegli per quale struttura rispondi. Riapri la pagina e riprova.")
	}
	versione, err := strconv.Atoi(v.Get("versione"))
	if v.Has("versione") && (err != nil || versione < 1) { // it must not stand for any
		return errModuloVecchio
	}
	cmd := pratica.Comando{Pratica: f.Testa.ID, Atto: d.Nome, Versione: versione, Per: v.Get("per"), Chiave: chiave,
		Dati: datiModulo(d, v, s.Servizio.Ambiente(s.EnteID).Organigramma), File: in.presi.perPratica()}
	if len(cmd.File) > 0 && cmd.Per != r.URL.Query().Get("per") { // they were encrypted for another part
		return errModulo
	}
	if g, ok := giornoModulo(v.Get("giorno")); ok {
		cmd.Giorno = g
	}
	if d.Destinatari != "" {
		copie, err := s.Servizio.Copie(r.Context(), sessioneDi(r).Chi, f)
		if err != nil && !fault.Is(err, fault.Forbidden) {
			return err
		}
		ferma, cambia := s.strutture(f, d, v, copie, &cmd)
		if ferma != nil {
			return ancora(http.StatusUnprocessableEntity, ferma, cambia)
		}
	}
	if s.daConfermare(r, d) {
		return s.chiediConferma(w, r, gestoDi(d), s.attesa(r).con(v, in.presi))
	}
	var h pratica.Testa
	var nuova vault.Riservato
	if d.Chiave {
		h, nuova, err = s.Servizio.NewKey(r.Context(), sessioneDi(r).Chi, cmd)
	} else {
		h, err = s.Servizio.Esegui(r.Context(), sessioneDi(r).Chi, cmd)
	}
	if errors.Is(err, pratica.ErrSuperata) {
		return err
	}
	if e, ok := comeFault(err, fault.Conflict, fault.Invalid, fault.Forbidden, fault.TooLarge); ok {
		return s.rifiutato(w, r, d, in, e)
	}
	if err != nil {
		return err
	}
	in.presi.lasciati()
	if d.Chiave {
		return s.chiaveNuova(w, r, h, nuova)
	}
	return s.fatto(w, r, h, d, v)
}

// strutture reads the structures asked into the command, or says what to mend
// before anybody reads a copy.
//
// ref: pga01 4.4.2
func (s *Server) strutture(f *pratica.Fascicolo, d *regolamento.DefAtto, v url.Values, copie []pratica.CopiaFile, cmd *pratica.Comando) (*fault.Error, func(*paginaAtto)) {
	amb := s.Servizio.Ambiente(s.EnteID)
	if v.Get("unita-0") == "" && v.Get("copia-0") == "" && !v.Has("unita-0") {
		return fault.New(fault.Invalid, "Indica a chi chiedere.").Campo(d.Destinatari, "Scegli la struttura e prepara la copia."), nil
	}
	c := componi(v, amb, f, copie, true)
	var chieste []map[string]any
	for i := range c.Strutture {
		x := &c.Strutture[i]
		id := unitaScelta(amb.Organigramma, x.Unita)
		switch {
		case id == "":
			x.ErroreUnita = "Scegli una struttura dell'elenco."
		case slices.ContainsFunc(chieste, func(m map[string]any) bool { return m["id"] == id }):
			x.ErroreUnita = "Questa struttura c'è già: togli uno dei due riquadri."
		}
		chieste = append(chieste, x.dati(id))
	}
	cmd.Dati[d.Destinatari] = chieste
	errori := c.errori()
	if len(errori) == 0 {
		return nil, nil
	}
	e := fault.New(fault.Invalid, "Controlla le copie.")
	return e, func(p *paginaAtto) {
		p.Composti, p.Errori = c, errori
	}
}

// rifiutato shows the form again, on the case as it is now, with every word that
// was typed and what others did meanwhile. Where there is neither, who may not do
// the act is only told so.
func (s *Server) rifiutato(w http.ResponseWriter, r *http.Request, d *regolamento.DefAtto, in *invioAtto, e *fault.Error) error {
	f, err := s.apri(r)
	if err != nil {
		return err
	}
	v := in.valori
	c, puo := consentito(f, d.Nome)
	mostrato := e
	if e.Kind == fault.Conflict {
		v.Set("chiave", unaVolta())
		mostrato = nil
	}
	p, err := s.vistaAtto(r, f, d, c, v, mostrato)
	if err != nil {
		return err
	}
	if !puo && !p.Cambiata && !scritto(d, v) {
		return e
	}
	p.Presi = in.presi
	if mostrato == nil && !p.Cambiata { // else the page says who was quicker
		p.Avviso = e.Message
	}
	return s.rendi(w, r, e.Kind.Status(), "desk_atto.html", p)
}

// scritto reports whether something was typed in the form of an act.
func scritto(d *regolamento.DefAtto, v url.Values) bool {
	return v.Get("copia-0") != "" || slices.ContainsFunc(d.Campi(), func(c regolamento.Campo) bool { return v.Get(c.ID) != "" })
}

// novita are the acts done since the page of that version was opened, those that
// the reader may know of.
func (s *Server) novita(ctx context.Context, amb *pratica.Ambiente, f *pratica.Fascicolo, vista int) []attoVista {
	var out []attoVista
	for _, a := range f.Storia {
		if a.Seq > vista && (a.Leggibile || !f.SoloRichieste) {
			out = append(out, attoVista{Titolo: a.Etichetta, Chi: s.chiFece(ctx, amb, a), Quando: istante(a.Il)})
		}
	}
	return out
}

// fatto leads on after an act: to the case, or to the next one of the queue.
func (s *Server) fatto(w http.ResponseWriter, r *http.Request, h pratica.Testa, d *regolamento.DefAtto, v url.Values) error {
	coda := codaNota(s.Servizio.Ambiente(s.EnteID), v.Get("coda"))
	dove := linkPratica(h.ID.String(), "", coda)
	if v.Get("fai") == "prossima" {
		altra, err := s.prossimaDi(r, coda, h.ID)
		if err != nil {
			return err
		}
		dove = filtroLista{Vista: vistaDi(coda)}.link()
		if altra != "" {
			dove = altra
		}
	}
	segno := "?"
	if strings.Contains(dove, "?") {
		segno = "&"
	}
	http.Redirect(w, r, dove+segno+"fatto="+d.Nome, http.StatusSeeOther)
	return nil
}

// prossimaDi is the address of the first case of a queue that is not this one; empty when it was
// the last.
func (s *Server) prossimaDi(r *http.Request, coda string, questa vault.ID) (string, error) {
	f := filtroLista{Vista: vistaDi(coda)}.pratica(s.Servizio.Oggi())
	f.Limite = 2
	p, err := s.Servizio.Elenco(r.Context(), sessioneDi(r).Chi, f)
	if err != nil {
		return "", err
	}
	amb := s.Servizio.Ambiente(s.EnteID)
	for _, x := range p.Righe {
		if x.ID == questa {
			continue
		}
		if d := amb.Regolamenti[x.Regolamento].Atto(x.Cosa); d != nil && d.TestoDa != "" && d.Lettera == "" {
			return linkPasso(x.ID.String(), d, coda), nil
		}
		return linkPratica(x.ID.String(), "", coda), nil
	}
	return "", nil
}

// aggiungiPer names in an address the unit on whose behalf one answers.
func aggiungiPer(link, unita string) string {
	segno := "?"
	if strings.Contains(link, "?") {
		segno = "&"
	}
	return link + segno + "per=" + url.QueryEscape(unita)
}
