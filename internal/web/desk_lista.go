package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

// riquadro is one of the figures above the list: a link to what it counts.
type riquadro struct {
	N, Testo, Classe, Link string
}

// chip is a date in words, with its colour and icon.
type chip struct{ Classe, Icona, Testo, Data string }

// html is the chip as its cell of a list: one value, for a page has fifty.
func (c chip) html() template.HTML {
	return `<span class="chip ` + template.HTML(c.Classe) + `">` + icona(c.Icona) + inHTML(c.Testo) + `</span><span class="sub">` + inHTML(c.Data) + `</span>` //nolint:gosec // our own class, the words escaped
}

// inHTML is text as markup.
func inHTML(t string) template.HTML { return template.HTML(template.HTMLEscapeString(t)) } //nolint:gosec // escaped

// verso is the attribute of a link to one of our own addresses.
func verso(link string) template.HTMLAttr {
	return template.HTMLAttr(`href="` + template.HTMLEscapeString(link) + `"`) //nolint:gosec // escaped
}

// rigaLavoro is a case in a list, as the person who looks may read it. What a page
// repeats fifty times and nobody wrote is markup already: each value that a template
// escapes costs as much as reading it.
type rigaLavoro struct {
	ID, Numero, Oggetto string
	Apri, Esegui        template.HTMLAttr // the case, and its next step
	Tipo, Scadenza      template.HTML
	Chi, Per            string
	Struttura           string
	Solo                bool   // the reader was only asked something
	Caselle             bool   // the list has acts to do on several rows
	Scelta              string // the case at its version, if the row may be chosen
	Segnata             bool   // it was
	Passo, Nota         string
	Persona, Iniziali   string
	Brani               []pratica.Brano // of a search: the passage found
	Dove                string          // and in which act
}

// gruppoLavoro is a part of the list, by urgency.
type gruppoLavoro struct {
	Titolo, Classe, Conto string
	Righe                 []rigaLavoro
}

// scelte are the choices of the form that adds a filter.
type scelteFiltro struct {
	Tipi, Stati, Scadenze []opzioneVista
}

type paginaLavoro struct {
	Scrivania
	Pagina       string // the title
	Testo        string // under it
	Fatto        string // what was just done
	Riquadri     []riquadro
	Gettoni      []gettone
	Filtro       filtroLista
	Query        string
	Pieno        string // Query, and the page reached
	Scelte       scelteFiltro
	Gruppi       []gruppoLavoro
	Vuoto        vuoto
	Dopo         string // address of the next page
	Inizio       string // address of the first page, when this is not it
	Conta        string
	Stampato     string // who printed and when
	VistaSalva   string // the saved filter shown, if it is one
	PuoSalvare   bool
	ErroreVista  string
	TitoloErrore string
	Incapiti     []string   // what the address asks in vain
	Insieme      []voceAtto // acts to do on the rows chosen
	Chiave       string
}

// vuoto says why a list is empty and what to do next.
type vuoto struct {
	Titolo, Testo, Link, Voce string
}

// lavoro is the work list: what waits for the person, or another of the views.
func (s *Server) lavoro(w http.ResponseWriter, r *http.Request) error {
	return s.mostraLavoro(w, r, r.URL.Query(), nil, nil)
}

// mostraLavoro shows a list, or shows it again with what is wrong and the rows
// that were chosen; one that others changed meanwhile is to be chosen again.
func (s *Server) mostraLavoro(w http.ResponseWriter, r *http.Request, q url.Values, e *fault.Error, scelte []string) error {
	ctx, se, amb := r.Context(), sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	if dove := s.altrove(amb, se.Chi); dove != "" {
		http.Redirect(w, r, dove, http.StatusSeeOther)
		return nil
	}
	if amb == nil || amb.Regolamento == nil {
		return fault.New(fault.Unavailable, "Il servizio non è ancora pronto. Riprova tra poco.")
	}
	oggi := s.Servizio.Oggi()
	f, incapiti := s.filtroDi(q)
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil { // that part is not in q
		incapiti = append(incapiti, "Una parte dell'indirizzo non si legge.")
	}
	pag, err := s.Servizio.Elenco(ctx, se.Chi, f.pratica(oggi))
	if err != nil {
		return err
	}
	base, conti, err := s.scrivania(r, s.titoloVista(f.Vista), "vista:"+f.Vista)
	if err != nil {
		return err
	}
	p := &paginaLavoro{Scrivania: base, Filtro: f, Query: f.query(), Pieno: f.pieno(), Gettoni: f.gettoni(amb),
		Scelte: scelteDi(amb, f), PuoSalvare: !f.nudo(), Pagina: s.titoloVista(f.Vista), Incapiti: incapiti}
	if d := amb.Regolamento.Atto(r.URL.Query().Get("fatto")); d != nil {
		p.Fatto = d.Fatto + "."
	}
	for _, v := range base.viste {
		if v.Filtro == p.Query {
			p.VistaSalva = v.Nome
		}
	}
	if f.Vista == vistaDaFare || nomiGruppi[f.Vista].Nome != "" {
		p.Riquadri = s.riquadri(conti, gruppiDi(amb.Regolamento, se.Chi))
	}
	righe, err := s.righe(ctx, amb, se.Chi, pag.Righe, codaDi(f.Vista), oggi)
	if err != nil {
		return err
	}
	if p.Insieme = attiInsieme(amb.Regolamento, se.Chi, pag.Righe); len(p.Insieme) > 0 {
		p.Chiave = unaVolta()
		for i, x := range pag.Righe {
			if righe[i].Caselle = true; sceglibile(x) {
				righe[i].Scelta = righe[i].ID + "." + strconv.Itoa(x.Seq)
				righe[i].Segnata = slices.Contains(scelte, righe[i].Scelta)
			}
		}
	}
	p.Gruppi = perUrgenza(righe, pag.Righe, oggi, f, conti, pag.Dopo == "" && f.Dopo == "")
	p.Testo = sottotitolo(f, conti, len(righe), pag.Dopo != "")
	if len(righe) == 0 {
		p.Vuoto = nessuna(f, p.Nuova)
	}
	if pag.Dopo != "" {
		altra := f
		altra.Dopo = pag.Dopo
		p.Dopo = "/lavoro?" + altra.pieno()
	}
	if f.Dopo != "" {
		p.Inizio = f.senza("dopo").link()
	}
	p.Stampato = "Stampato da " + se.Nome + ", " + istante(s.Now())
	p.Conta = i18n.Plural(len(righe), "segnalazione in questa pagina", "segnalazioni in questa pagina")
	stato := http.StatusOK
	if len(incapiti) > 0 {
		stato = http.StatusUnprocessableEntity
	}
	if e != nil {
		p.TitoloErrore = "C'è qualcosa da correggere"
		p.ErroreVista, stato = e.Message+" "+strings.Join(valori(e.Campi), " "), e.Kind.Status()
	}
	return s.rendi(w, r, stato, "desk_lavoro.html", p)
}

func valori(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// titoloVista is the name of a view.
func (s *Server) titoloVista(v string) string {
	switch v {
	case vistaDaFare:
		return "Da fare"
	case vistaSospese:
		return "Sospese"
	case vistaTutte:
		return "Tutte le segnalazioni"
	case vistaScadenze:
		return "Scadenze"
	}
	return nomeGruppo(v)
}

func sottotitolo(f filtroLista, c pratica.Conteggi, n int, altre bool) string {
	switch {
	case f.Vista == vistaDaFare && f.nudo() && c.DaFare > 0:
		return i18n.Plural(c.DaFare, "segnalazione aspetta", "segnalazioni aspettano") + " una tua azione. Le più urgenti sono in alto."
	case f.Vista == vistaTutte && n > 0:
		return "Le più recenti sono in alto."
	case f.Vista == vistaScadenze && n > 0:
		return "Le segnalazioni aperte, da quella che scade prima."
	case f.Vista == vistaSospese && n > 0:
		return "I termini di queste segnalazioni sono fermi."
	case n > 0 && !altre:
		return i18n.Plural(n, "segnalazione", "segnalazioni") + ". Le più urgenti sono in alto."
	}
	return ""
}

func (s *Server) riquadri(c pratica.Conteggi, gruppi []string) []riquadro {
	conta := func(n int) string { return nonVuota(conta(n), "0") }
	out := []riquadro{
		{conta(c.Scadute), "oltre la scadenza", "red", "/lavoro?scade=oltre"},
		{conta(c.Entro3), plurale(c.Entro3, "scade entro 3 giorni", "scadono entro 3 giorni"), "amb", "/lavoro?scade=3"},
	}
	for i, g := range gruppi {
		if i == 2 {
			break
		}
		out = append(out, riquadro{conta(c.Gruppi[g]), strings.ToLower(nomeGruppo(g)), []string{"blu", "vio"}[i], "/lavoro?vista=" + g})
	}
	return out
}

func plurale(n int, uno, molti string) string {
	if n == 1 {
		return uno
	}
	return molti
}

func scelteDi(amb *pratica.Ambiente, f filtroLista) scelteFiltro {
	c := scelteFiltro{Scadenze: []opzioneVista{{"oltre", "Già scadute", f.Scade == "oltre"}, {"3", "Entro 3 giorni", f.Scade == "3"}, {"7", "Entro 7 giorni", f.Scade == "7"}}}
	for _, t := range amb.Regolamento.Tipi() {
		c.Tipi = append(c.Tipi, opzioneVista{t.Nome, t.Etichetta, f.Tipo == t.Nome})
	}
	c.Stati = []opzioneVista{{"aperta", "Aperte", f.Stato == "aperta"}}
	for _, x := range amb.Regolamento.Fasi() {
		c.Stati = append(c.Stati, opzioneVista{x.Nome, x.Etichetta, f.Stato == x.Nome})
	}
	return c
}

// nessuna says why nothing is there, and what comes next.
func nessuna(f filtroLista, registra bool) vuoto {
	v := vuoto{Titolo: "Niente da fare.", Testo: "Quando una segnalazione aspetta una tua azione, la trovi qui.", Link: "/lavoro?vista=tutte", Voce: "Vedi tutte le segnalazioni"}
	switch {
	case !f.nudo():
		v = vuoto{"Nessun risultato.", "Nessuna segnalazione ha tutti questi filtri. Togline uno qui sopra.", filtroLista{Vista: f.Vista}.link(), "Togli tutti i filtri"}
	case f.Dopo != "":
		v = vuoto{"L'elenco è finito.", "Non ci sono altre segnalazioni.", filtroLista{Vista: f.Vista}.link(), "Torna all'inizio"}
	case f.Vista == vistaTutte:
		v = vuoto{Titolo: "Ancora nessuna segnalazione.", Testo: "Le segnalazioni del tuo ufficio arrivano qui."}
		if registra {
			v.Link, v.Voce = "/nuova", "Registra la prima"
		}
	case f.Vista == vistaSospese:
		v = vuoto{Titolo: "Nessuna segnalazione sospesa.", Testo: "Quando i termini di una segnalazione si fermano, la trovi qui."}
	case f.Vista == vistaScadenze:
		v = vuoto{Titolo: "Nessuna scadenza.", Testo: "Non ci sono segnalazioni aperte con un termine."}
	case f.Vista != vistaDaFare:
		v = vuoto{"Niente da fare.", nomiGruppi[f.Vista].Vuoto, "/lavoro", "Torna a Da fare"}
	}
	return v
}

// righe opens the summaries of a page of cases.
func (s *Server) righe(ctx context.Context, amb *pratica.Ambiente, chi access.Chi, in []pratica.Riga, coda string, oggi day.Date) ([]rigaLavoro, error) {
	out := make([]rigaLavoro, 0, len(in))
	for _, x := range in {
		v, err := s.riga(ctx, amb, chi, x, coda, oggi)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *Server) riga(ctx context.Context, amb *pratica.Ambiente, chi access.Chi, x pratica.Riga, coda string, oggi day.Date) (rigaLavoro, error) {
	v := rigaLavoro{Solo: x.Richiesta, ID: x.ID.String(), Numero: x.NumeroScritto(), Apri: verso(linkPratica(x.ID.String(), "", coda)), Scadenza: chipRiga(x, oggi).html()}
	reg := amb.Regolamenti[x.Regolamento]
	if reg == nil {
		reg = amb.Regolamento
	}
	v.Tipo = `<span class="tag ` + template.HTML(classeTipo(x.Tipo)) + `">` + inHTML(reg.EtichettaValore("tipo", x.Tipo)) + `</span>` //nolint:gosec // our own class, the words escaped
	if x.Richiesta {
		v.Struttura = interpellata(amb, chi)
	} else if u := nonVuota(x.Struttura, x.Cartellino.Apri().Struttura); u != "" {
		v.Struttura = nomeUnita(amb, u)
	} else if p, ok := amb.Organigramma.Sede(nonVuota(x.Presidio, x.Cartellino.Apri().Presidio)); ok {
		v.Struttura = p.Nome
	}
	cosa := x.Cosa
	if cosa == "" && x.Aperta && !x.Richiesta { // else what others do next is not theirs to know
		cosa = x.Prossimo
	}
	if d := reg.Atto(cosa); d != nil {
		v.Passo = d.Etichetta
		if x.Cosa != "" {
			v.Esegui = verso(linkPasso(x.ID.String(), d, coda))
		}
	}
	if f, ok := reg.Fase(x.Fase); ok {
		v.Nota = f.Etichetta
	}
	if x.Incaricato != "" {
		v.Persona = s.nomePersona(ctx, x.Incaricato)
		v.Iniziali = iniziali(v.Persona)
		if x.Incaricato == chi.Persona {
			v.Persona = "Tu"
		}
	}
	if v.Brani = x.Brani.Apri(); x.Dove != "" {
		v.Dove = x.Dove + ", " + i18n.Date(x.DoveIl)
	}
	switch {
	case x.Richiesta:
		v.Oggetto = "Richiesta di chiarimenti"
		return v, nil
	case !x.Eliminata.IsZero():
		v.Oggetto = "Contenuto eliminato il " + i18n.Date(x.Eliminata)
		return v, nil
	}
	rp, err := s.Servizio.Riepilogo(ctx, x)
	if err != nil {
		return v, err
	}
	sunto := rp.Apri()
	v.Oggetto, v.Chi, v.Per = sunto.Oggetto, sunto.Chi, sunto.Perch
	if v.Oggetto == "" {
		v.Oggetto = "Segnalazione senza oggetto"
	}
	return v, nil
}

// interpellata is the structure for which who asks was asked something, where it can be
// one only; which one the case is about is not for him.
func interpellata(amb *pratica.Ambiente, chi access.Chi) string {
	nome := ""
	for _, u := range chi.Uffici {
		if access.Unita(u) == "" {
			continue
		}
		if nome != "" {
			return ""
		}
		nome = nomeUnita(amb, access.Unita(u))
	}
	return nome
}

// lontana reports whether a date stands for "no date".
func lontana(d day.Date) bool { return d.IsZero() || d.Year() >= 2999 }

func chipRiga(x pratica.Riga, oggi day.Date) chip {
	switch {
	case !x.Aperta:
		return chip{"c-grn", "check", "Conclusa", ""}
	case x.Sospesa && lontana(x.Entro):
		return chip{"c-pau", "lock", "Sospesa", "i termini sono fermi"}
	}
	return chipData(x.Entro, oggi)
}

// chipData says in words how near a date is.
func chipData(d, oggi day.Date) chip {
	if lontana(d) {
		return chip{"c-ok", "clock", "Senza scadenza", ""}
	}
	c := chip{"c-ok", "clock", maiuscola(i18n.Deadline(d, oggi)), i18n.ShortDate(d)}
	switch {
	case d < oggi:
		c.Classe, c.Icona = "c-red", "warning-circle"
	case d <= oggi.Add(3):
		c.Classe = "c-amb"
	}
	if d.Year() != oggi.Year() {
		c.Data = i18n.LongDate(d)
	}
	return c
}

// perUrgenza parts the rows of a list ordered by date. Lists in another order
// stay whole.
func perUrgenza(righe []rigaLavoro, in []pratica.Riga, oggi day.Date, f filtroLista, c pratica.Conteggi, intera bool) []gruppoLavoro {
	if len(righe) == 0 {
		return nil
	}
	if f.Vista == vistaTutte || f.Vista == vistaSospese {
		return []gruppoLavoro{{Righe: righe}}
	}
	g := []gruppoLavoro{{Titolo: "Oltre la scadenza", Classe: "red"}, {Titolo: "Scadono entro 3 giorni", Classe: "amb"}, {Titolo: "Più avanti"}}
	for i, x := range in {
		k := 2
		switch {
		case lontana(x.Entro):
		case x.Entro < oggi:
			k = 0
		case x.Entro <= oggi.Add(3):
			k = 1
		}
		g[k].Righe = append(g[k].Righe, righe[i])
	}
	for i := range g {
		n := len(g[i].Righe)
		if !intera && f.Vista == vistaDaFare && f.nudo() { // of the whole list, not of this page
			n = []int{c.Scadute, c.Entro3, c.DaFare - c.Scadute - c.Entro3}[i]
		} else if !intera {
			continue
		}
		g[i].Conto = i18n.Number(n)
	}
	return slices.DeleteFunc(g, func(x gruppoLavoro) bool { return len(x.Righe) == 0 })
}

// classeTipo is the colour of a kind's tag.
func classeTipo(tipo string) string {
	return map[string]string{"reclamo": "t-rec", "rilievo": "t-ril", "suggerimento": "t-sug", "elogio": "t-elo"}[tipo]
}

func linkPratica(id, sezione, coda string) string {
	l := "/pratica/" + id
	if sezione != "" {
		l += "/" + sezione
	}
	if coda != "" {
		l += "?coda=" + url.QueryEscape(coda)
	}
	return l
}

func linkAtto(id, atto, coda string) string {
	return linkPratica(id, "atto/"+atto, coda)
}

// iniziali are the first letters of a person's names.
func iniziali(nome string) string {
	var out []rune
	for _, p := range strings.Fields(nome) {
		if len(out) < 2 {
			out = append(out, []rune(p)[0])
		}
	}
	return strings.ToUpper(string(out))
}

// salvaVista keeps the filters in force under a name.
func (s *Server) salvaVista(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	se := sessioneDi(r)
	q, err := url.ParseQuery(v.Get("filtro"))
	if err != nil {
		return fault.New(fault.Bad, "Il filtro non si legge. Torna all'elenco e riprova.")
	}
	f, _ := s.filtroDi(q)
	f.Dopo = ""
	err = s.Viste.SalvaVista(r.Context(), s.EnteID, se.Persona, pratica.Vista{Nome: v.Get("nome"), Filtro: f.query()})
	if e, ok := comeFault(err, fault.Invalid); ok {
		return s.mostraLavoro(w, r, q, e, nil)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, f.link(), http.StatusSeeOther)
	return nil
}

// togliVista forgets a saved filter.
func (s *Server) togliVista(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	if err := s.Viste.EliminaVista(r.Context(), s.EnteID, sessioneDi(r).Persona, v.Get("nome")); err != nil {
		return err
	}
	http.Redirect(w, r, "/lavoro", http.StatusSeeOther)
	return nil
}
