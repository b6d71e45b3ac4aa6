package regolamento

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tutela/internal/day"
)

// documento is the whole file, base merged.
type documento struct {
	Regolamento string             `yaml:"regolamento"`
	Versione    string             `yaml:"versione"`
	Titolo      string             `yaml:"titolo"`
	Modello     bool               `yaml:"modello"` // only a base for others
	Motore      int                `yaml:"motore"`
	Fonte       string             `yaml:"fonte"`
	Fonti       elenco[string]     `yaml:"fonti"`
	Registro    string             `yaml:"registro"`
	Retroattivo int                `yaml:"retroattivo"`
	Presenta    int                `yaml:"presentazione"`
	Conserva    Conservazione      `yaml:"conservazione"`
	Calendario  docCalendario      `yaml:"calendario"`
	Tipi        elenco[DefTipo]    `yaml:"tipi"`
	Attributi   elenco[[]string]   `yaml:"attributi"`
	Vieta       []Condizioni       `yaml:"vieta"`
	Attori      elenco[DefAttore]  `yaml:"attori"`
	Fasi        elenco[DefFase]    `yaml:"fasi"`
	Gruppi      elenco[[]string]   `yaml:"gruppi"`
	Campi       elenco[Campo]      `yaml:"campi"`
	Atti        elenco[DefAtto]    `yaml:"atti"`
	Termini     elenco[DefTermine] `yaml:"termini"`

	tipi    []DefTipo
	attori  []DefAttore
	fasi    []DefFase
	atti    []*DefAtto
	termini []*DefTermine
}

type docCalendario struct {
	Computo string `yaml:"computo"`
	Sabato  string `yaml:"sabato"`
}

func (d *documento) valori(attributo string) []string {
	if attributo == "tipo" {
		return nomi(d.Tipi)
	}
	for _, a := range d.Attributi {
		if a.nome == attributo {
			return a.val
		}
	}
	return nil
}

func nomi[T any](e elenco[T]) []string {
	out := make([]string, len(e))
	for i, v := range e {
		out[i] = v.nome
	}
	return out
}

// validatore checks that a document is complete and names only what exists, and
// resolves its names.
type validatore struct {
	*lettore
	d *documento
	r *Regolamento

	nAttributi, nAttori, nFasi, nAtti, nTermini, nCampi []string
}

func (v *validatore) tutto() {
	d := v.d
	v.serve("", "regolamento", d.Regolamento)
	v.serve("", "versione", d.Versione)
	v.serve("", "titolo", d.Titolo)
	v.serve("", "registro", d.Registro)
	v.serve("", "fonte", d.Fonte)
	if d.Motore != Motore {
		v.qui("/motore", "«motore» deve essere %d: è la semantica che questo programma conosce", Motore)
	}
	v.numero("/retroattivo", d.Retroattivo, 0, 3650)
	v.numero("/presentazione", d.Presenta, 0, 3650)
	v.conservazione()
	v.r.calendari = v.conteggio("/calendario", d.Calendario.Computo, d.Calendario.Sabato, Conteggio{Computo: day.Solari})
	v.nAttributi = append([]string{"tipo"}, nomi(d.Attributi)...)
	v.nAttori = append(nomi(d.Attori), AttoreCittadino, AttoreSistema)
	v.nFasi, v.nAtti, v.nTermini, v.nCampi = nomi(d.Fasi), nomi(d.Atti), nomi(d.Termini), nomi(d.Campi)

	v.r.valori = map[string][]string{}
	for _, a := range v.nAttributi {
		v.r.valori[a] = d.valori(a)
	}
	v.tipi()
	v.attributi()
	v.attori()
	v.fasi()
	v.campi()
	v.atti()
	v.termini()
	for i, c := range d.Vieta {
		v.condizioni(fmt.Sprintf("/vieta/%d", i), c)
	}
}

// conservazione checks that what keeps a file longer and what ends it are acts, one
// lifted by another, the last one the program's own.
func (v *validatore) conservazione() {
	const via = "/conservazione"
	c := v.d.Conserva
	if c == (Conservazione{}) {
		return
	}
	v.numero(via+"/anni", c.Anni, 1, 200)
	for _, x := range []struct{ chiave, atto string }{{"elimina", c.Elimina}, {"trattiene", c.Trattiene}, {"libera", c.Libera}} {
		v.serve(via, x.chiave, x.atto)
		v.uno(via+"/"+x.chiave, x.atto, "l'atto", nomi(v.d.Atti))
	}
	v.uno(via+"/definitiva", c.Definitiva, "l'atto", nomi(v.d.Atti))
}

func (v *validatore) serve(via, chiave, val string) {
	if val == "" && !v.c(via+"/"+chiave) {
		v.qui(via, "manca «%s»", chiave)
	}
}

func (v *validatore) numero(via string, n, da, a int) {
	if n < da || n > a {
		v.qui(via, "il numero deve stare tra %d e %d", da, a)
	}
}

// uno checks that nome, if given, is one of tra.
func (v *validatore) uno(via, nome, cosa string, tra []string) bool {
	if nome == "" || slices.Contains(tra, nome) {
		return true
	}
	v.qui(via, "%s %q non c'è%s", cosa, nome, forse(nome, tra))
	return false
}

func (v *validatore) ognuno(via string, e []string, cosa string, tra []string) {
	for i, n := range e {
		v.uno(fmt.Sprintf("%s/%d", via, i), n, cosa, tra)
	}
}

func (v *validatore) conteggio(via, computo, sabato string, c Conteggio) Conteggio {
	v.uno(via+"/computo", computo, "computo", []string{string(day.Solari), string(day.Lavorativi)})
	v.uno(via+"/sabato", sabato, "valore", []string{"feriale", "festivo"})
	if computo != "" {
		c.Computo = day.Computo(computo)
	}
	if sabato != "" {
		c.SabatoFestivo = sabato == "festivo"
	}
	return c
}

func (v *validatore) condizioni(via string, e Condizioni) {
	for _, c := range e {
		if v.uno(via+"/"+c.Attributo, c.Attributo, "attributo", v.nAttributi) {
			v.ognuno(via+"/"+c.Attributo, c.Valori, "valore", v.d.valori(c.Attributo))
		}
	}
}

// fonte is a source as people read it, from "§4.2", "ente", or an id of `fonti`
// with what follows it.
func (v *validatore) fonte(via, f string) string {
	if f == "" {
		f = v.d.Fonte
	}
	if f == "ente" {
		return "regola dell'ente"
	}
	id, resto, _ := strings.Cut(f, " ")
	if p, ok := strings.CutPrefix(f, "§"); ok {
		id, resto = v.d.Fonte, "§ "+p
	}
	for _, x := range v.d.Fonti {
		if x.nome == id {
			return strings.TrimSuffix(x.val+", "+resto, ", ")
		}
	}
	v.qui(via, "fonte %q non c'è in «fonti»%s", id, forse(id, nomi(v.d.Fonti)))
	return ""
}

func (v *validatore) tipi() {
	if len(v.d.Tipi) == 0 {
		v.qui("/tipi", "manca «tipi»")
	}
	for _, t := range v.d.Tipi {
		t.val.Nome = t.nome
		v.serve("/tipi/"+t.nome, "etichetta", t.val.Etichetta)
		v.uno("/tipi/"+t.nome+"/conta_come", t.val.ContaCome, "tipo", nomi(v.d.Tipi))
		v.d.tipi = append(v.d.tipi, t.val)
	}
}

func (v *validatore) attributi() {
	v.r.iniziali = Attr{}
	for _, a := range v.d.Attributi {
		if a.nome == "tipo" {
			v.qui("/attributi/tipo", "i valori di «tipo» sono le chiavi di «tipi»")
		}
		v.r.iniziali[a.nome] = a.val[0]
	}
}

func (v *validatore) attori() {
	ambiti := []string{AmbitoEnte, AmbitoRicezione, AmbitoTerritorio, AmbitoStruttura, AmbitoDestinatario, AmbitoMacrostruttura}
	for _, a := range v.d.Attori {
		via := "/attori/" + a.nome
		if a.nome == AttoreCittadino || a.nome == AttoreSistema {
			v.qui(via, "l'attore %q esiste già e non si ridefinisce", a.nome)
		}
		a.val.Nome = a.nome
		v.serve(via, "etichetta", a.val.Etichetta)
		v.serve(via, "ruolo", a.val.Ruolo)
		v.serve(via, "ambito", a.val.Ambito)
		v.uno(via+"/ambito", a.val.Ambito, "ambito", ambiti)
		v.d.attori = append(v.d.attori, a.val)
	}
}

func (v *validatore) fasi() {
	v.r.fasi = map[string]*DefFase{}
	v.d.fasi = make([]DefFase, len(v.d.Fasi))
	for i, f := range v.d.Fasi {
		via := "/fasi/" + f.nome
		f.val.Nome = f.nome
		v.serve(via, "etichetta", f.val.Etichetta)
		v.serve(via, "cittadino", f.val.Cittadino)
		v.uno(via+"/cittadino", f.val.Cittadino, "parola", []string{"ricevuta", "in_esame", "risposta_pronta", "chiusa"})
		v.uno(via+"/doveri", f.val.Doveri, "valore", []string{"nessuno"})
		v.d.fasi[i] = f.val
		v.r.fasi[f.nome] = &v.d.fasi[i]
	}
	for _, g := range v.d.Gruppi {
		if slices.Contains(v.nFasi, g.nome) {
			v.qui("/gruppi/"+g.nome, "%q è già una fase", g.nome)
		}
		v.ognuno("/gruppi/"+g.nome, g.val, "fase", v.nFasi)
	}
}

// risolviFasi turns phases and groups into phases.
func (v *validatore) risolviFasi(via string, in []string) []string {
	var out []string
	for i, n := range in {
		if j := slices.Index(nomi(v.d.Gruppi), n); j >= 0 {
			out = append(out, v.d.Gruppi[j].val...)
		} else if v.uno(fmt.Sprintf("%s/%d", via, i), n, "fase o gruppo", append(nomi(v.d.Gruppi), v.nFasi...)) {
			out = append(out, n)
		}
	}
	return out
}

func (v *validatore) atti() {
	v.r.atti = map[string]*DefAtto{}
	apre := false
	for i := range v.d.Atti {
		a := &v.d.Atti[i].val
		a.Nome = v.d.Atti[i].nome
		v.atto("/atti/"+a.Nome, a)
		v.r.atti[a.Nome] = a
		v.d.atti = append(v.d.atti, a)
		apre = apre || a.Apre
	}
	if !apre {
		v.qui("/atti", "nessun atto apre la pratica («apre: true»)")
	}
}

func (v *validatore) atto(via string, a *DefAtto) {
	v.serve(via, "etichetta", a.Etichetta)
	v.serve(via, "fatto", a.Fatto)
	v.chi(via, a)
	a.fasi = v.risolviFasi(via+"/in", a.In)
	if a.Apre && (a.Fase == "" || len(a.In) > 0) {
		v.qui(via, "un atto che apre dice in quale «fase» e non ha «in»")
	}
	v.condizioni(via+"/se", a.Se)
	v.ognuno(via+"/dopo", a.Dopo, "atto", v.nAtti)
	v.ognuno(via+"/mai", a.Mai, "atto", v.nAtti)
	v.ognuno(via+"/dimentica", a.Dimentica, "atto", v.nAtti)
	v.ognuno(via+"/suggerisci/dopo", a.Suggerisci.Dopo, "atto", v.nAtti)
	v.uno(via+"/suggerisci/scaduto", a.Suggerisci.Scaduto, "termine", v.nTermini)
	v.numero(via+"/suggerisci/ordine", a.Suggerisci.Ordine, 0, 999)
	v.numero(via+"/volte", a.Volte, 0, 9)
	v.uno(via+"/corre", a.Corre, "termine", v.nTermini)
	v.uno(via+"/entro", a.Entro, "termine", v.nTermini)
	v.uno(via+"/fase", a.Fase, "fase", v.nFasi)
	for _, p := range a.Pone {
		v.pone(via+"/pone/"+p.Attributo, p)
	}
	v.ognuno(via+"/serve", a.Serve, "campo", v.nCampi)
	v.ognuno(via+"/ammette", a.Ammette, "campo", v.nCampi)
	if v.uno(via+"/destinatari", a.Destinatari, "campo", v.nCampi) && a.Destinatari != "" && v.campo(a.Destinatari).Tipo != CampoStrutture {
		v.qui(via+"/destinatari", "i destinatari stanno in un campo di tipo %q", CampoStrutture)
	}
	v.uno(via+"/fascicolo", a.Fascicolo, "campo", v.nCampi)
	if v.uno(via+"/affida", a.Affida, "campo", v.nCampi) && a.Affida != "" && v.campo(a.Affida).Tipo != CampoPersona {
		v.qui(via+"/affida", "si affida a chi sta in un campo di tipo %q", CampoPersona)
	}
	if v.uno(via+"/affida_fino", a.AffidaFino, "campo", v.nCampi) && (a.Affida == "") != (a.AffidaFino == "") {
		v.qui(via, "«affida» e «affida_fino» vanno insieme")
	}
	if a.AffidaFino != "" && slices.Contains(v.nCampi, a.AffidaFino) && v.campo(a.AffidaFino).Tipo != CampoData {
		v.qui(via+"/affida_fino", "l'ultimo giorno sta in un campo di tipo %q", CampoData)
	}
	if a.Chiave && (a.Apre || a.Lettera != "" || slices.Contains(a.Chi.Tutti(), AttoreCittadino) || slices.Contains(a.Chi.Tutti(), AttoreSistema)) {
		v.qui(via+"/chiave", "la chiave nuova la dà una persona dell'ufficio, con un atto che non apre la pratica e non manda lettere")
	}
	if a.Protocollo && (a.Apre || !slices.Equal(a.Chi.Tutti(), []string{AttoreSistema}) || len(a.Serve)+len(a.Ammette)+len(a.In) > 0) {
		v.qui(via+"/protocollo", "il numero dell'ente arriva da «sistema», in ogni fase, con un atto che non apre la pratica e non ha campi")
	}
	v.seduta(via, a)
	v.annota(via, a)
	if v.uno(via+"/risponde", a.Risponde, "atto", v.nAtti) && a.Risponde != "" && v.cercaAtto(a.Risponde).Destinatari == "" {
		v.qui(via+"/risponde", "l'atto %q non ha «destinatari»", a.Risponde)
	}
	a.Fonte = v.fonte(via+"/fonte", a.Fonte)
	a.campi = v.campiDellAtto(via, a)
}

// seduta checks that an act has the fields that what it does to a session asks for.
func (v *validatore) seduta(via string, a *DefAtto) {
	if a.Seduta == "" || !v.uno(via+"/seduta", a.Seduta, "effetto", []string{SedutaConvoca, SedutaToglie, SedutaChiude}) {
		return
	}
	serve := map[string]map[string]string{
		SedutaConvoca: {CampoSedutaIl: CampoData, CampoLeggeDal: CampoData, CampoLeggeAl: CampoData, CampoMembri: CampoSiedono, CampoLeggono: CampoScelta},
		SedutaToglie:  {CampoMembri: CampoSiedono},
	}[a.Seduta]
	for _, id := range slices.Sorted(maps.Keys(serve)) {
		if !slices.Contains(a.Serve, id) || slices.Contains(v.nCampi, id) && v.campo(id).Tipo != serve[id] {
			v.qui(via+"/seduta", "serve il campo %q, di tipo %q", id, serve[id])
		}
	}
}

// annota checks an act that writes in the register: where the paper lies takes a place; to annul a number takes a cause, a
// reason that the citizen reads, and the number typed again; and it ends the case.
func (v *validatore) annota(via string, a *DefAtto) {
	via += "/annota"
	if !v.uno(via, a.Annota, "annotazione", []string{AnnotaCorrezione, AnnotaAnnullamento, AnnotaCollocazione}) {
		return
	}
	if a.Annota == AnnotaCollocazione && (!slices.Contains(a.Serve, CampoLuogo) || slices.Contains(v.nCampi, CampoLuogo) && v.campo(CampoLuogo).Tipo != CampoRiga) {
		v.qui(via, "serve il campo %q, di tipo %q", CampoLuogo, CampoRiga)
	}
	if a.Annota != AnnotaAnnullamento {
		return
	}
	serve := map[string]string{CampoCausa: CampoScelta, CampoMotivo: CampoTesto, CampoRipeti: CampoRiga}
	for _, id := range slices.Sorted(maps.Keys(serve)) {
		if !slices.Contains(a.Serve, id) || slices.Contains(v.nCampi, id) && v.campo(id).Tipo != serve[id] {
			v.qui(via, "serve il campo %q, di tipo %q", id, serve[id])
		}
	}
	if a.Cittadino == "" || slices.Contains(a.Chi.Tutti(), AttoreCittadino) || slices.Contains(a.Chi.Tutti(), AttoreSistema) {
		v.qui(via, "un numero lo annulla una persona dell'ufficio, e il cittadino lo legge: serve «cittadino»")
	}
	if i := slices.Index(v.nFasi, a.Fase); i < 0 || !v.d.Fasi[i].val.Finale {
		v.qui(via, "un numero annullato chiude la pratica: serve una «fase» finale")
	}
}

func (v *validatore) chi(via string, a *DefAtto) {
	v.ognuno(via+"/chi", a.Chi.Attori, "attore", v.nAttori)
	if a.Chi.Attributo == "" && len(a.Chi.Attori) == 0 {
		v.serve(via, "chi", "")
	}
	if a.Chi.Attributo == "" {
		return
	}
	via += "/chi/" + a.Chi.Attributo
	if !v.uno(via, a.Chi.Attributo, "attributo", v.nAttributi) {
		return
	}
	for _, s := range a.Chi.Scelta {
		v.uno(via+"/"+s.Attributo, s.Attributo, "valore", v.d.valori(a.Chi.Attributo))
		v.ognuno(via+"/"+s.Attributo, s.Valori, "attore", v.nAttori)
	}
}

func (v *validatore) pone(via string, p Pone) {
	if !v.uno(via, p.Attributo, "attributo", v.nAttributi) {
		return
	}
	tra := v.d.valori(p.Attributo)
	v.uno(via, p.Fisso, "valore", tra)
	v.uno(via, p.Predefinito, "valore", tra)
	v.ognuno(via, p.Valori, "valore", tra)
}

func (v *validatore) cercaAtto(nome string) *DefAtto {
	return &v.d.Atti[slices.Index(v.nAtti, nome)].val
}

func (v *validatore) campo(id string) *Campo { return &v.d.Campi[slices.Index(v.nCampi, id)].val }
