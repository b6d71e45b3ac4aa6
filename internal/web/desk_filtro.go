package web

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

// The views of the work list that are not a group of the regolamento.
const (
	vistaDaFare   = ""
	vistaSospese  = "sospese"
	vistaTutte    = "tutte"
	vistaScadenze = "scadenze"
)

// nomiGruppi are the groups of the regolamento as people call them; one without
// a name here is called by its own.
var nomiGruppi = map[string]struct{ Nome, Icona, Vuoto string }{
	"da_smistare": {"Da smistare", "horn", "Le nuove segnalazioni arrivano qui."},
	"istruttoria": {"In istruttoria", "files", "Qui trovi le pratiche da portare avanti."},
	"richieste":   {"Richieste per me", "inbox", "Quando un ufficio ti chiede chiarimenti, la richiesta arriva qui."},
	"solleciti":   {"Da sollecitare", "clock", "Quando una struttura non risponde in tempo, la pratica arriva qui."},
	"bozze":       {"Da scrivere", "pencil", "Le risposte da scrivere arrivano qui quando l'istruttoria è completa."},
	"firma":       {"Alla firma", "sign", "Le risposte pronte da firmare arrivano qui."},
	"invio":       {"Da inviare", "mail", "Le risposte firmate arrivano qui."},
}

func nomeGruppo(g string) string {
	if n, ok := nomiGruppi[g]; ok {
		return n.Nome
	}
	return maiuscola(strings.ReplaceAll(g, "_", " "))
}

// maiuscola makes the first letter a capital.
func maiuscola(t string) string {
	r := []rune(t)
	if len(r) == 0 {
		return t
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// gruppiDi are the groups of work that the roles of who asks may ever have, in
// the order in which the rules propose them.
func gruppiDi(reg *regolamento.Regolamento, chi access.Chi) []string {
	if reg == nil { // none is in force yet
		return nil
	}
	atti := slices.DeleteFunc(reg.Atti(), func(d *regolamento.DefAtto) bool { return d.Suggerisci.Gruppo == "" })
	slices.SortStableFunc(atti, func(a, b *regolamento.DefAtto) int { return a.Suggerisci.Ordine - b.Suggerisci.Ordine })
	var out []string
	for _, d := range atti {
		if spetta(reg, d, chi) && !slices.Contains(out, d.Suggerisci.Gruppo) {
			out = append(out, d.Suggerisci.Gruppo)
		}
	}
	return out
}

// spetta reports whether an act is for a role of who asks, in some case.
func spetta(reg *regolamento.Regolamento, d *regolamento.DefAtto, chi access.Chi) bool {
	return slices.ContainsFunc(d.Chi.Tutti(), func(n string) bool {
		a, ok := reg.Attore(n)
		return ok && a.Ruolo != "" && chi.Ha(a.Ruolo)
	})
}

// filtroLista is what the address of a list says: typed filters only, never
// words that somebody searched.
type filtroLista struct {
	Vista, Tipo, Stato, Struttura, Scade, Ricevuta, Incarico, Numero, Protocollo, Dopo string
}

// chiaviFiltro are the filters in the order in which they are shown.
var chiaviFiltro = []string{"vista", "tipo", "stato", "struttura", "scade", "ricevuta", "incarico", "numero", "protocollo"}

// maxFiltro is the longest value of a filter in an address, in bytes: a name may
// stand for fifty structures.
const maxFiltro = 4000

func (f *filtroLista) campo(k string) *string {
	return map[string]*string{"vista": &f.Vista, "tipo": &f.Tipo, "stato": &f.Stato, "struttura": &f.Struttura,
		"scade": &f.Scade, "ricevuta": &f.Ricevuta, "incarico": &f.Incarico, "numero": &f.Numero, "protocollo": &f.Protocollo, "dopo": &f.Dopo}[k]
}

func leggiFiltro(q url.Values) filtroLista {
	var f filtroLista
	for _, k := range append(slices.Clone(chiaviFiltro), "dopo") {
		if v := strings.TrimSpace(q.Get(k)); len(v) <= maxFiltro {
			*f.campo(k) = v
		}
	}
	return f
}

var (
	numeroBuono = regexp.MustCompile(`^(?:[12][0-9]{3}[/-])?[0-9]{1,7}$`)
	segnoPagina = regexp.MustCompile(`^(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?\.[0-9a-z]{1,13}$`)
)

// filtroDi is what an address asks, without what it asks in vain, and a sentence
// for each of those: a list that shows more than was asked must say so.
func (s *Server) filtroDi(q url.Values) (filtroLista, []string) {
	f, amb := leggiFiltro(q), s.Servizio.Ambiente(s.EnteID)
	var no []string
	togli := func(k, frase string) {
		*f.campo(k) = ""
		no = append(no, frase)
	}
	for k, v := range q {
		switch {
		case k == "fatto":
		case f.campo(k) == nil:
			no = append(no, "Nell'indirizzo c'è un filtro che non esiste.")
		case len(v) > 1 || len(v[0]) > maxFiltro:
			togli(k, "Nell'indirizzo c'è un filtro scritto due volte, o troppo lungo.")
		}
	}
	if !vistaNota(amb, f.Vista) {
		togli("vista", "Questa vista non c'è: ecco «Da fare».")
	}
	for k, x := range map[string]pratica.Filtro{"tipo": {Tipo: f.Tipo}, "stato": {Stato: f.Stato}} {
		if *f.campo(k) == "aperta" || *f.campo(k) == "sospesa" {
			x.Stato = ""
		}
		if err := s.Servizio.Precisa(s.EnteID, &x); err != nil {
			togli(k, fault.Message(err))
		}
	}
	for u := range strings.SplitSeq(f.Struttura, ",") {
		if _, ok := amb.Organigramma.Unita(u); f.Struttura != "" && !ok {
			togli("struttura", "Non troviamo questa struttura nell'organigramma.")
		}
	}
	if _, err := day.Parse(f.Scade); err != nil && !slices.Contains([]string{"", "oltre", "3", "7"}, f.Scade) {
		togli("scade", "La scadenza non si legge. Sceglila dall'elenco, o scrivila così: 2026-03-31.")
	}
	if dal, al, ok := periodoBuono(f.Ricevuta); !ok || !al.IsZero() && al < dal {
		togli("ricevuta", "Le date di arrivo non si leggono, o sono al contrario. Scrivile così: 2026-03-01..2026-03-31.")
	}
	if f.Incarico != "" && f.Incarico != pratica.Io {
		togli("incarico", "Puoi filtrare solo le segnalazioni affidate a te.")
	}
	if f.Numero != "" && !numeroBuono.MatchString(f.Numero) {
		togli("numero", "Il numero non si legge. Scrivilo così: 2026/123.")
	}
	if f.Protocollo != "" && !pratica.NumeroProtocollo.MatchString(f.Protocollo) {
		togli("protocollo", "Il numero di protocollo dell'ente non si legge. Scrivilo così: 0012345.")
	}
	if f.Dopo != "" && !segnoPagina.MatchString(f.Dopo) {
		togli("dopo", "Questa pagina dell'elenco non c'è: ecco la prima.")
	}
	slices.Sort(no)
	return f, slices.Compact(no)
}

// vistaNota reports whether a view is one of ours, or a group of some rules.
func vistaNota(amb *pratica.Ambiente, v string) bool {
	if slices.Contains([]string{vistaDaFare, vistaSospese, vistaTutte, vistaScadenze}, v) || nomiGruppi[v].Nome != "" {
		return true
	}
	for _, r := range amb.Regolamenti {
		if slices.ContainsFunc(r.Atti(), func(d *regolamento.DefAtto) bool { return d.Suggerisci.Gruppo == v }) {
			return true
		}
	}
	return false
}

// periodoBuono reads two days, either of which may be left out.
func periodoBuono(t string) (dal, al day.Date, ok bool) {
	da, a, _ := strings.Cut(t, "..")
	ok = true
	for _, x := range []struct {
		t string
		d *day.Date
	}{{da, &dal}, {a, &al}} {
		if x.t != "" {
			var err error
			*x.d, err = day.Parse(x.t)
			ok = ok && err == nil
		}
	}
	return dal, al, ok
}

// query is the filter as part of an address; the page reached is left out.
func (f filtroLista) query() string {
	q := url.Values{}
	for _, k := range chiaviFiltro {
		if v := *f.campo(k); v != "" {
			q.Set(k, v)
		}
	}
	return q.Encode()
}

// pieno is the same with the page reached.
func (f filtroLista) pieno() string {
	if f.Dopo == "" {
		return f.query()
	}
	return strings.TrimPrefix(f.query()+"&dopo="+url.QueryEscape(f.Dopo), "&")
}

// link is the address of the list under this filter.
func (f filtroLista) link() string {
	if q := f.query(); q != "" {
		return "/lavoro?" + q
	}
	return "/lavoro"
}

// senza is the filter without one of its parts.
func (f filtroLista) senza(k string) filtroLista {
	*f.campo(k) = ""
	f.Dopo = ""
	return f
}

// nudo reports whether nothing narrows the view.
func (f filtroLista) nudo() bool {
	return f == filtroLista{Vista: f.Vista, Dopo: f.Dopo}
}

// pratica is the filter as the domain reads it.
func (f filtroLista) pratica(oggi day.Date) pratica.Filtro {
	out := pratica.Filtro{Tipo: f.Tipo, Numero: f.Numero, Protocollo: f.Protocollo, Incaricato: f.Incarico, Dopo: f.Dopo, Limite: 50}
	switch f.Vista {
	case vistaTutte:
	case vistaSospese:
		out.Sospese = true
	case vistaScadenze:
		out.PerScadenza, out.Aperte = true, true
	case vistaDaFare:
		out.Mie = true
	default:
		out.Mie, out.Gruppo = true, f.Vista
	}
	switch f.Stato {
	case "aperta":
		out.Aperte = true
	case "sospesa":
		out.Sospese = true
	default:
		out.Stato = f.Stato
	}
	if u := strings.Split(f.Struttura, ","); len(u) > 1 {
		out.Strutture = u
	} else {
		out.Struttura = f.Struttura
	}
	switch f.Scade {
	case "":
	case "oltre":
		out.ScadeEntro = oggi.Add(-1)
	case "3":
		out.ScadeEntro = oggi.Add(3)
	case "7":
		out.ScadeEntro = oggi.Add(7)
	default:
		out.ScadeEntro, _ = day.Parse(f.Scade)
	}
	out.RicevutaDal, out.RicevutaAl, _ = periodoBuono(f.Ricevuta)
	return out
}

// daDomanda is the filter of a question that has no words in it.
func daDomanda(q pratica.Filtro) filtroLista {
	f := filtroLista{Vista: vistaTutte, Tipo: q.Tipo, Stato: q.Stato, Struttura: nonVuota(q.Struttura, strings.Join(q.Strutture, ",")),
		Scade: q.ScadeEntro.String(), Incarico: q.Incaricato, Numero: q.Numero, Protocollo: q.Protocollo}
	switch {
	case q.Stato != "":
	case q.Aperte:
		f.Stato = "aperta"
	case q.Sospese:
		f.Stato = "sospesa"
	}
	if !q.RicevutaDal.IsZero() || !q.RicevutaAl.IsZero() {
		f.Ricevuta = q.RicevutaDal.String() + ".." + q.RicevutaAl.String()
	}
	return f
}

// gettone is a filter in force, with the address of the list without it.
type gettone struct{ Nome, Testo, Togli string }

// gettoni are the filters in force, in words.
func (f filtroLista) gettoni(amb *pratica.Ambiente) []gettone {
	var out []gettone
	metti := func(k, nome, testo string) {
		out = append(out, gettone{nome, nome + ": " + testo, f.senza(k).link()})
	}
	if f.Tipo != "" {
		metti("tipo", "Tipo", amb.Regolamento.EtichettaValore("tipo", f.Tipo))
	}
	if f.Stato != "" {
		metti("stato", "Stato", nomeStato(amb.Regolamento, f.Stato))
	}
	if u := strings.Split(f.Struttura, ","); len(u) > 1 {
		metti("struttura", "Struttura", nomeUnita(amb, u[0])+" e altre "+i18n.Number(len(u)-1))
	} else if f.Struttura != "" {
		metti("struttura", "Struttura", nomeUnita(amb, f.Struttura))
	}
	switch f.Scade {
	case "":
	case "oltre":
		metti("scade", "Scadenza", "passata")
	case "3", "7":
		metti("scade", "Scadenza", "entro "+f.Scade+" giorni")
	default:
		metti("scade", "Scadenza", "entro il "+dataBreve(f.Scade))
	}
	switch dal, al, _ := strings.Cut(f.Ricevuta, ".."); {
	case dal != "" && al != "":
		metti("ricevuta", "Ricevuta", "dal "+dataBreve(dal)+" al "+dataBreve(al))
	case dal != "":
		metti("ricevuta", "Ricevuta", "dal "+dataBreve(dal))
	case al != "":
		metti("ricevuta", "Ricevuta", "fino al "+dataBreve(al))
	}
	if f.Incarico == pratica.Io {
		metti("incarico", "Incarico", "affidate a te")
	}
	if f.Numero != "" {
		metti("numero", "Numero", f.Numero)
	}
	if f.Protocollo != "" {
		metti("protocollo", "Protocollo dell’ente", f.Protocollo)
	}
	return out
}

func dataBreve(t string) string {
	d, err := day.Parse(t)
	if err != nil {
		return t
	}
	return i18n.LongDate(d)
}

// statiCittadino are the four words that citizens read.
var statiCittadino = []opzione{{"ricevuta", "Ricevuta"}, {"in_esame", "In esame"}, {"risposta_pronta", "Risposta pronta"}, {"chiusa", "Chiusa"}}

// nomeStato is a phase of the regolamento, or one of the citizen's words.
func nomeStato(reg *regolamento.Regolamento, s string) string {
	switch f, ok := reg.Fase(s); {
	case ok:
		return f.Etichetta
	case s == "aperta":
		return "Aperte"
	case s == "sospesa":
		return "Sospese"
	}
	for _, o := range statiCittadino {
		if o.Valore == s {
			return o.Testo
		}
	}
	return maiuscola(strings.ReplaceAll(s, "_", " "))
}

// opzione is a choice of a list.
type opzione struct{ Valore, Testo string }

// nomeUnita is a unit as people call it; its id when the chart does not know it.
func nomeUnita(amb *pratica.Ambiente, id string) string {
	if u, ok := amb.Organigramma.Unita(id); ok {
		return u.Nome
	}
	return id
}
