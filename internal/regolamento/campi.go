package regolamento

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"tutela/internal/day"
)

// The sorts of field (Campo.Tipo), with the JSON value of each.
const (
	CampoTesto     = "testo"     // string, several lines
	CampoRiga      = "riga"      // string, one line
	CampoNumero    = "numero"    // integer
	CampoData      = "data"      // string YYYY-MM-DD
	CampoScelta    = "scelta"    // string, one of Valori
	CampoSiNo      = "si_no"     // boolean
	CampoUnita     = "unita"     // string: id of a unit of the organigramma
	CampoPersona   = "persona"   // string: id of a person of the staff
	CampoDocumento = "documento" // string: id of a document of the case
	CampoSiedono   = "siedono"   // list of strings: ids of people of the Commissione
	CampoStrutture = "strutture" // list of {id, copia, lasciati}: units asked, what each will read, what was left in it and why
)

// MaxStrutture is how many units one act may ask: each gets a sealed content of its
// own, beside the act's, and an act has room for sixteen.
const MaxStrutture = 14

// MaxSiedono is how many may sit in one session of the Commissione.
const MaxSiedono = 20

// What an act does to the session of the Commissione that reads a case
// (DefAtto.Seduta), and the fields of the one that convenes it.
const (
	SedutaConvoca = "convoca"
	SedutaToglie  = "toglie"
	SedutaChiude  = "chiude"

	CampoSedutaIl = "seduta_il" // its day
	CampoLeggeDal = "legge_dal" // first and last day of the reading
	CampoLeggeAl  = "legge_al"
	CampoMembri   = "membri"
	CampoLeggono  = "leggono" // which parts
)

// What an act writes beside the number of its case in the register (DefAtto.Annota),
// and the fields of the one that annuls it.
//
// ref: dpr445-2000 art. 54
const (
	AnnotaCorrezione   = "correzione"
	AnnotaAnnullamento = "annullamento"
	AnnotaCollocazione = "collocazione" // where the paper of the file lies, in CampoLuogo

	CampoCausa  = "causa"  // which of the few causes there are
	CampoMotivo = "motivo" // in the person's own words
	CampoRipeti = "numero" // of the case, typed again
	CampoLuogo  = "luogo"  // room, cabinet, shelf
)

// The parts that a session is given to read.
const (
	LeggonoCopia = "copia" // what the structures were asked and answered: the copy without personal data
	LeggonoTutto = "tutto"
)

// Valore is a value of a choice and its label.
type Valore struct{ Nome, Etichetta string }

// Valori are the values of a choice, in the order of the file.
type Valori []Valore

func (v *Valori) daNodo(l *lettore, n *yaml.Node, via string) {
	var e elenco[string]
	e.daNodo(l, n, via)
	for _, x := range e {
		*v = append(*v, Valore{x.nome, x.val})
	}
}

// Campo is a field of an act. Forms, validation and the JSON Schema of its data
// come from it.
type Campo struct {
	ID           string `yaml:"-"`
	Tipo         string `yaml:"tipo"`
	Etichetta    string `yaml:"etichetta"`
	Aiuto        string `yaml:"aiuto"`
	Min          int    `yaml:"min"` // characters of a text, value of a number
	Max          int    `yaml:"max"` // likewise
	Valori       Valori `yaml:"valori"`
	Chiaro       bool   `yaml:"chiaro"` // kept in clear: never text
	Obbligatorio bool   `yaml:"-"`
	Predefinito  string `yaml:"-"` // of an attribute that the act sets: what it is if nothing is said
}

// testo reports whether a value of the field is free text, which is always
// sealed.
func (c *Campo) testo() bool {
	return c.Tipo == CampoTesto || c.Tipo == CampoRiga || c.Tipo == CampoStrutture || c.Tipo == CampoDocumento
}

func (v *validatore) campi() {
	tipi := []string{CampoTesto, CampoRiga, CampoNumero, CampoData, CampoScelta, CampoSiNo, CampoUnita, CampoPersona, CampoDocumento, CampoSiedono, CampoStrutture}
	for i := range v.d.Campi {
		c, via := &v.d.Campi[i].val, "/campi/"+v.d.Campi[i].nome
		c.ID = v.d.Campi[i].nome
		v.serve(via, "etichetta", c.Etichetta)
		v.serve(via, "tipo", c.Tipo)
		v.uno(via+"/tipo", c.Tipo, "tipo di campo", tipi)
		if c.Chiaro && c.testo() {
			v.qui(via+"/chiaro", "un campo di tipo %q resta sempre sigillato: togli «chiaro»", c.Tipo)
		}
		if (c.Tipo == CampoScelta) != (len(c.Valori) > 0) {
			v.qui(via, "«valori» serve ai campi di tipo %q, e solo a quelli", CampoScelta)
		}
		switch {
		case c.Tipo == CampoTesto && c.Max == 0:
			c.Max = 20000
		case c.Tipo == CampoRiga && c.Max == 0:
			c.Max = 200
		}
		if c.Min < 0 || c.Max < c.Min || (c.testo() && c.Max > 100000) {
			v.qui(via, "«min» e «max» non stanno insieme")
		}
		if c.Tipo == CampoNumero && !v.c(via+"/max") {
			v.qui(via, "un numero ha un «max»")
		}
		v.campoAttributo(via, c)
	}
}

// campoAttributo checks a field that describes an attribute: a choice with
// labels for all its values.
func (v *validatore) campoAttributo(via string, c *Campo) {
	valori := v.d.valori(c.ID)
	if valori == nil {
		return
	}
	if c.Tipo != CampoScelta {
		v.qui(via+"/tipo", "%q è un attributo: il suo campo è di tipo %q", c.ID, CampoScelta)
		return
	}
	for _, x := range valori {
		if !slices.ContainsFunc(c.Valori, func(y Valore) bool { return y.Nome == x }) {
			v.qui(via+"/valori", "manca l'etichetta del valore %q", x)
		}
	}
	for _, x := range c.Valori {
		v.uno(via+"/valori/"+x.Nome, x.Nome, "valore", valori)
	}
	c.Chiaro = true
}

// campiDellAtto are the fields of an act: first the attributes it asks for, then
// what it needs, then what it admits.
func (v *validatore) campiDellAtto(via string, a *DefAtto) []Campo {
	var out []Campo
	for i := range a.Pone {
		if p := &a.Pone[i]; p.Chiesto() {
			out = append(out, v.campoDi(p))
		}
	}
	aggiungi := func(ids []string, obbligatorio bool) {
		for _, id := range ids {
			if !slices.Contains(v.nCampi, id) {
				continue
			}
			if slices.ContainsFunc(out, func(c Campo) bool { return c.ID == id }) {
				v.qui(via, "il campo %q c'è due volte", id)
			}
			c := *v.campo(id)
			c.Obbligatorio = obbligatorio
			out = append(out, c)
		}
	}
	if a.Destinatari != "" && !slices.Contains(a.Serve, a.Destinatari) {
		aggiungi([]string{a.Destinatari}, true)
	}
	aggiungi(a.Serve, true)
	aggiungi(a.Ammette, false)
	return out
}

// campoDi is the field with which an attribute is chosen.
func (v *validatore) campoDi(p *Pone) Campo {
	c := Campo{ID: p.Attributo, Tipo: CampoScelta, Etichetta: p.Attributo, Chiaro: true}
	if i := slices.Index(v.nCampi, p.Attributo); i >= 0 {
		c = v.d.Campi[i].val
	}
	c.Valori = nil
	c.Obbligatorio, c.Predefinito = p.Predefinito == "", p.Predefinito
	valori := p.Valori
	if len(valori) == 0 {
		valori = v.d.valori(p.Attributo)
	}
	for _, x := range valori {
		c.Valori = append(c.Valori, Valore{x, v.r.EtichettaValore(p.Attributo, x)})
	}
	return c
}

// Campi are the fields of the act's data, in the order of its form.
func (d *DefAtto) Campi() []Campo { return slices.Clone(d.campi) }

// Campo is a field of the catalogue, or of an attribute; nil if there is none.
func (r *Regolamento) Campo(id string) *Campo {
	for i := range r.doc.Campi {
		if r.doc.Campi[i].nome == id {
			c := r.doc.Campi[i].val
			return &c
		}
	}
	return nil
}

// EtichettaValore is the label of a value of an attribute or of a choice.
func (r *Regolamento) EtichettaValore(attributo, valore string) string {
	if t, ok := r.Tipo(valore); ok && attributo == "tipo" {
		return t.Etichetta
	}
	if c := r.Campo(attributo); c != nil {
		for _, v := range c.Valori {
			if v.Nome == valore {
				return v.Etichetta
			}
		}
	}
	return strings.ReplaceAll(valore, "_", " ")
}

func (r *Regolamento) etichettaCampo(id string) string {
	if c := r.Campo(id); c != nil {
		return c.Etichetta
	}
	return strings.ReplaceAll(id, "_", " ")
}

// Schema is the JSON Schema (2020-12) of the act's `dati`.
func (d *DefAtto) Schema() map[string]any {
	props, required := map[string]any{}, []string{}
	for i := range d.campi {
		c := &d.campi[i]
		props[c.ID] = c.schema()
		if c.Obbligatorio {
			required = append(required, c.ID)
		}
	}
	return map[string]any{"type": "object", "title": d.Etichetta, "properties": props, "required": required, "additionalProperties": false}
}

func (c *Campo) schema() map[string]any {
	s := map[string]any{"type": "string", "title": c.Etichetta}
	if c.Aiuto != "" {
		s["description"] = c.Aiuto
	}
	if c.Predefinito != "" {
		s["default"] = c.Predefinito
	}
	switch c.Tipo {
	case CampoTesto, CampoRiga:
		s["minLength"], s["maxLength"] = max(c.Min, 1), c.Max
	case CampoNumero:
		s["type"], s["minimum"], s["maximum"] = "integer", c.Min, c.Max
	case CampoData:
		s["format"] = "date"
	case CampoSiNo:
		s["type"] = "boolean"
	case CampoScelta:
		var valori []string
		for _, v := range c.Valori {
			valori = append(valori, v.Nome)
		}
		s["enum"] = valori
	case CampoStrutture:
		testo := map[string]any{"type": "string", "minLength": 1}
		s["type"], s["minItems"], s["maxItems"] = "array", 1, MaxStrutture
		s["items"] = map[string]any{
			"type": "object", "additionalProperties": false, "required": []string{"id", "copia"},
			"properties": map[string]any{"id": testo, "copia": testo, "lasciati": map[string]any{
				"type": "array", "description": "Ciò che sembra personale e resta leggibile nella copia, con il motivo.",
				"items": map[string]any{"type": "object", "additionalProperties": false, "required": []string{"testo", "motivo"},
					"properties": map[string]any{"testo": testo, "motivo": testo}},
			}, "allegati": map[string]any{
				"type": "array", "description": "I documenti di cui parte la copia oscurata, già preparata alla scrivania: i loro id.", "items": testo,
			}},
		}
	case CampoSiedono:
		s["type"], s["minItems"], s["maxItems"] = "array", 1, MaxSiedono
		s["items"] = map[string]any{"type": "string", "minLength": 1, "maxLength": maxID}
	default:
		s["minLength"], s["maxLength"] = 1, maxID
	}
	return s
}

// maxID is the longest id of a unit, a person, a document; maxCopia the longest
// copy for a structure (characters).
const (
	maxID    = 100
	maxCopia = 100000
)

// Valida checks the act's data as decoded from JSON: by field, what to do about
// it in plain Italian. Empty when all is well. A field left empty is as if it
// were not there.
func (d *DefAtto) Valida(dati map[string]any) map[string]string {
	out := map[string]string{}
	for i := range d.campi {
		c := &d.campi[i]
		v, ok := dati[c.ID]
		if !ok || Vuoto(v) {
			if c.Obbligatorio {
				out[c.ID] = "Compila questo campo."
			}
			continue
		}
		if m := c.Valida(v); m != "" {
			out[c.ID] = m
		}
	}
	for k := range dati {
		if !slices.ContainsFunc(d.campi, func(c Campo) bool { return c.ID == k }) {
			out[k] = "Questo campo non è previsto."
		}
	}
	return out
}

// Vuoto reports whether a value decoded from JSON says nothing.
func Vuoto(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// Valida checks one value decoded from JSON; the message is empty if it will do.
func (c *Campo) Valida(v any) string {
	switch c.Tipo {
	case CampoNumero:
		n, ok := v.(float64)
		if !ok || n != math.Trunc(n) || n < float64(c.Min) || n > float64(c.Max) {
			return fmt.Sprintf("Scrivi un numero intero da %d a %d.", c.Min, c.Max)
		}
		return ""
	case CampoSiNo:
		if _, ok := v.(bool); !ok {
			return "Scegli sì o no."
		}
		return ""
	case CampoSiedono:
		if voci, ok := v.([]any); !ok || len(voci) > MaxSiedono || !idBuoni(v) {
			return fmt.Sprintf("Scegli da 1 a %d persone.", MaxSiedono)
		}
		return ""
	case CampoStrutture:
		return validaStrutture(v)
	}
	s, ok := v.(string)
	if !ok {
		return "Scrivi un testo."
	}
	return c.validaTesto(s)
}

func (c *Campo) validaTesto(s string) string {
	switch c.Tipo {
	case CampoData:
		if _, err := day.Parse(s); err != nil {
			return "Scrivi la data così: 2026-03-31."
		}
		return ""
	case CampoScelta:
		if !slices.ContainsFunc(c.Valori, func(v Valore) bool { return v.Nome == s }) {
			return "Scegli una delle voci dell'elenco."
		}
		return ""
	case CampoTesto, CampoRiga:
		return controllaTesto(s, c.Min, c.Max, c.Tipo == CampoTesto)
	}
	return controllaTesto(s, 1, maxID, false)
}

func validaStrutture(v any) string {
	voci, ok := v.([]any)
	if !ok || len(voci) > MaxStrutture {
		return fmt.Sprintf("Indica da 1 a %d strutture.", MaxStrutture)
	}
	viste := map[string]bool{}
	for _, x := range voci {
		m, _ := x.(map[string]any)
		id, _ := m["id"].(string)
		copia, _ := m["copia"].(string)
		switch {
		case !soloChiavi(m, "id", "copia", "lasciati", "allegati") || controllaTesto(id, 1, maxID, false) != "":
			return "Di ogni struttura servono il codice e la copia."
		case viste[id]:
			return "Hai indicato due volte la stessa struttura."
		case strings.TrimSpace(copia) == "":
			return "Prepara la copia oscurata per ogni struttura."
		case controllaTesto(copia, 1, maxCopia, true) != "":
			return fmt.Sprintf("Accorcia la copia: al massimo %d caratteri, senza caratteri di controllo.", maxCopia)
		case !lasciatiBuoni(m["lasciati"]):
			return "Di ogni passaggio che lasci leggibile servono il testo e il motivo."
		case !idBuoni(m["allegati"]):
			return "Di ogni documento da mandare serve il codice."
		}
		viste[id] = true
	}
	return ""
}

// lasciatiBuoni reports whether what a copy keeps has its words and a reason.
func lasciatiBuoni(v any) bool {
	voci, ok := v.([]any)
	return v == nil || ok && !slices.ContainsFunc(voci, func(x any) bool {
		m, _ := x.(map[string]any)
		testo, _ := m["testo"].(string)
		motivo, _ := m["motivo"].(string)
		return !soloChiavi(m, "testo", "motivo") || strings.TrimSpace(testo) == "" || strings.TrimSpace(motivo) == ""
	})
}

// idBuoni reports whether the files that go along are named.
func idBuoni(v any) bool {
	voci, ok := v.([]any)
	return v == nil || ok && !slices.ContainsFunc(voci, func(x any) bool {
		id, _ := x.(string)
		return controllaTesto(id, 1, maxID, false) != ""
	})
}

func soloChiavi(m map[string]any, note ...string) bool {
	for k := range m {
		if !slices.Contains(note, k) {
			return false
		}
	}
	return true
}

// controllaTesto counts characters and refuses control characters.
func controllaTesto(s string, da, a int, righe bool) string {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s):
		return "Il testo contiene caratteri che non si leggono."
	case n < da:
		return fmt.Sprintf("Scrivi almeno %d caratteri.", da)
	case n > a:
		return fmt.Sprintf("Accorcia il testo: al massimo %d caratteri, ora sono %d.", a, n)
	}
	for _, r := range s {
		if unicode.IsControl(r) && !(righe && (r == '\n' || r == '\r' || r == '\t')) {
			return "Togli i caratteri di controllo."
		}
	}
	return ""
}
