package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/redact"
	"tutela/internal/regolamento"
)

// composizione is the part of a form with which structures are asked: the
// original beside each copy, and what was found in it, to be decided one by one.
//
// ref: pga01 4.4.2
type composizione struct {
	Strutture     []composto
	Conferma      string // what a second confirmation stands for; empty: none is asked
	PuoAggiungere bool
}

// composto is one structure to be asked, with the copy that it will read.
type composto struct {
	K, N                string // its number in the form, from 0, and on the page, from 1
	Unita, Copia        string
	ErroreUnita, Errore string
	PuoTogliere         bool
	Originale           [][]pezzo
	Maschere            []*maschera
	Motivi              []opzioneVista // why something may stay readable
	Stato               string         // what was decided so far, for the next sending of the form
	Altre, ErroreAltre  string         // words to hide that were not found
	Scritto             string         // a reason of one's own
	Documenti           []documentoMandabile
	Sicure, Restano     int    // still to be decided: those that are certain, and all
	Poi, Dopo           string // id of the first that is to be decided; of the first that is not certain

	cambiata bool // the decisions have changed the copy that was sent
	lasciati []pratica.Lasciato
}

// documentoMandabile is an attachment of the case, and whether its copy may go along.
type documentoMandabile struct {
	ID, Nome, Link, Pagine string
	Pronta, Scelta         bool
}

// maschera is a passage that looks personal, and what was decided of it.
type maschera struct {
	N                  int
	Campo              string // name of its field, and its id on the page
	Nome               string // what it is: "telefono di chi segnala"
	Prima, Testo, Dopo string // with some of what stands around it
	Perche             string
	Fiducia, Classe    string
	Decisa, Motivo     string // what was decided, and why it stays readable; empty: nothing yet
	Scelta             string // what was chosen and is not enough
	Errore             string
	Mia                bool // a person chose it
	Perso, SiLegge     bool // it is not in the copy any more; it is, and can be read
	NellaCopia         bool // it was written in the copy by hand
	sicura             bool // it may be confirmed with all those like it
}

// pezzo is a stretch of the original. Of what was found, it has the link that
// leads to where it is decided.
type pezzo struct {
	Testo  string
	M      *maschera
	Ultimo bool // of its passage, which may go over lines
}

// decisione is what a person said of a passage: of the original, from byte Da; or
// of words of the copy.
type decisione struct {
	Da     int    `json:"d,omitempty"`
	A      int    `json:"a,omitempty"` // where it ends, if a person chose it
	Parole string `json:"p,omitempty"`
	Motivo string `json:"m,omitempty"` // why it stays readable; empty: it is hidden
}

// motiviLasciare are the reasons for which something may stay readable.
var motiviLasciare = []opzioneVista{
	{"personale", "È di chi lavora qui", false},
	{"luogo", "È un reparto o un luogo", false},
	{"comune", "È una parola comune", false},
	{"serve", "Serve alla struttura per rispondere", false},
	{"altro", "Un altro motivo, che scrivo sotto", false},
}

// copista prepares copies of a segnalazione from what the form says.
type copista struct {
	seg     pratica.Segnalazione
	testo   string // the original
	noti    redact.Known
	trovati []redact.Finding
	suoi    [2][]string // what the case knows of who reports, of the patient: letters and figures alone
	v       url.Values
	file    []documentoMandabile
	manda   bool // the copies are to be sent: what is not decided is an error
}

// componi makes the part of the page with the copies. Without any it begins with
// one, for the structure that the segnalazione is about.
func componi(v url.Values, amb *pratica.Ambiente, f *pratica.Fascicolo, copie []pratica.CopiaFile, manda bool) *composizione {
	q := copista{v: v, manda: manda, file: documentiCopia(f, copie)}
	if f.Segnalazione != nil {
		q.seg = f.Segnalazione.Apri()
		q.testo, q.noti = q.seg.Originale(), q.seg.Noti()
		q.trovati = redact.Find(q.testo, q.noti)
		q.suoi = [2][]string{dettiDi(q.seg.Segnalante), dettiDi(q.seg.Assistito)}
	}
	c := &composizione{PuoAggiungere: true}
	for i := range regolamento.MaxStrutture {
		if k := strconv.Itoa(i); v.Has("unita-" + k) {
			c.Strutture = append(c.Strutture, q.copia(k, v.Get("unita-"+k)))
		}
	}
	fai := v.Get("fai")
	switch {
	case len(c.Strutture) == 0:
		u := ""
		if f.Testa.Struttura != "" {
			u = nomeSuggerito(amb.Organigramma, f.Testa.Struttura)
		}
		c.Strutture = append(c.Strutture, q.copia("0", u))
	case fai == "aggiungi" && len(c.Strutture) < regolamento.MaxStrutture:
		c.Strutture = append(c.Strutture, q.copia(c.Strutture[0].K, "")) // with what was decided of the first
	case strings.HasPrefix(fai, "togli-") && len(c.Strutture) > 1:
		c.Strutture = slices.DeleteFunc(c.Strutture, func(x composto) bool { return "togli-"+x.K == fai })
	}
	for i := range c.Strutture {
		c.Strutture[i].numera(i, len(c.Strutture) > 1)
	}
	if manda {
		q.conferma(c)
	}
	return c
}

// numera gives a structure its place on the page, and its passages theirs.
func (x *composto) numera(i int, togli bool) {
	x.K, x.N, x.PuoTogliere = strconv.Itoa(i), strconv.Itoa(i+1), togli
	for n, m := range x.Maschere {
		m.N, m.Campo = n+1, "m-"+x.K+"-"+m.Campo
		if m.Decisa != "" {
			continue
		}
		if x.Poi = cmp.Or(x.Poi, m.Campo); !m.sicura {
			x.Dopo = cmp.Or(x.Dopo, m.Campo)
		}
	}
	x.Poi, x.Dopo = cmp.Or(x.Poi, "copia-"+x.K), cmp.Or(x.Dopo, "copia-"+x.K)
}

// Righe is how many lines the field of the copy shows: all, if they are not many.
func (x composto) Righe() int {
	n := 2
	for r := range strings.Lines(x.Copia) {
		n += 1 + utf8.RuneCountInString(r)/70
	}
	return min(max(n, 12), 36)
}

// Conto says how many passages there are.
func (x composto) Conto() string {
	return i18n.Plural(len(x.Maschere), "passaggio", "passaggi")
}

// Conferma is what the button says that confirms those that are certain.
func (x composto) Conferma() string {
	if x.Sicure == 1 {
		return "Conferma quello sicuro"
	}
	return "Conferma i " + i18n.Number(x.Sicure) + " sicuri"
}

// copia is one structure as the form has it: the copy follows what was decided.
func (q *copista) copia(k, unita string) composto {
	x := composto{K: k, Unita: unita, Motivi: motiviLasciare, Scritto: q.v.Get("scritto-" + k), Altre: q.v.Get("altre-" + k)}
	x.Documenti = slices.Clone(q.file)
	for i := range x.Documenti {
		d := &x.Documenti[i]
		d.Scelta = d.Pronta && slices.Contains(q.v["file"], k+"."+d.ID)
	}
	prima := leggiStato(q.v.Get("stato-" + k))
	trovati := append(slices.Clone(q.trovati), q.scelti(prima)...)
	inOrdine(trovati)
	nuovi := q.altre(&x, trovati)
	trovati = append(trovati, nuovi...)
	inOrdine(trovati)
	scritta := q.v.Has("copia-" + k)
	if x.Copia = q.v.Get("copia-" + k); !scritta {
		x.Copia = redact.Apply(q.testo, trovati)
	}
	adesso := q.segui(&x, trovati, nuovi, prima)
	if scritta {
		adesso = append(adesso, q.resti(&x, prima)...)
	} else {
		x.cambiata = false
	}
	x.Stato = scriviStato(adesso)
	for _, m := range x.Maschere {
		if m.Decisa == "" {
			x.Restano++
			if m.sicura {
				x.Sicure++
			}
		}
	}
	if q.manda {
		q.controlla(&x)
	}
	return x
}

// controlla says what is wrong with a copy that should be sent.
func (q *copista) controlla(x *composto) {
	switch {
	case strings.TrimSpace(x.Copia) == "":
		x.Errore = "Scrivi la copia che leggerà la struttura."
	case q.seg.Uguale(x.Copia) && len(redact.Leaks(x.Copia, q.noti)) > 0:
		x.Errore = "La copia è uguale all'originale: togli i dati personali."
	case x.cambiata:
		x.Errore = "La copia è cambiata come hai deciso. Rileggila, poi premi di nuovo il pulsante."
	}
}

// conferma asks once more for copies that are the original, where nothing was
// found: the confirmation holds for these and no others.
func (q *copista) conferma(c *composizione) {
	h := sha256.New()
	for _, x := range c.Strutture {
		h.Write([]byte(x.Copia))
		h.Write([]byte{0})
	}
	segno := hex.EncodeToString(h.Sum(nil))[:32]
	for i := range c.Strutture {
		if x := &c.Strutture[i]; x.Errore == "" && q.seg.Uguale(x.Copia) && q.v.Get("conferma") != segno {
			x.Errore = "La copia è uguale all'originale. Rileggila: ci sono nomi o altri dati personali?"
			c.Conferma = segno
		}
	}
}

// errori are what keeps the copies from being sent, each with where it is mended.
func (c *composizione) errori() []erroreCampo {
	var out []erroreCampo
	for _, x := range c.Strutture {
		if x.ErroreUnita != "" {
			out = append(out, erroreCampo{"unita-" + x.K, x.ErroreUnita})
		}
		if x.Restano > 0 {
			out = append(out, erroreCampo{x.Poi, "Struttura " + x.N + ". " + x.Mancano()})
		}
		if x.Errore != "" {
			out = append(out, erroreCampo{"copia-" + x.K, x.Errore})
		}
	}
	return out
}

// Mancano says which passages nobody has decided.
func (x composto) Mancano() string {
	var detti []string
	for _, m := range x.Maschere {
		if m.Decisa == "" && len(detti) < 5 {
			detti = append(detti, strconv.Itoa(m.N)+" «"+inizio(m.Testo, 30)+"»")
		}
	}
	frase := i18n.Plural(x.Restano, "passaggio ancora da controllare", "passaggi ancora da controllare") + ": " + strings.Join(detti, ", ")
	if n := x.Restano - len(detti); n > 0 {
		frase += " e " + i18n.Plural(n, "altro", "altri")
	}
	return frase + "."
}

// dati are the structures asked as the command reads them.
func (x *composto) dati(id string) map[string]any {
	out := map[string]any{"id": id, "copia": x.Copia}
	if len(x.lasciati) > 0 {
		out["lasciati"] = x.lasciati
	}
	var file []string
	for _, d := range x.Documenti {
		if d.Scelta {
			file = append(file, d.ID)
		}
	}
	if len(file) > 0 {
		out["allegati"] = file
	}
	return out
}

// documentiCopia are the attachments that the office holds of its own: what a
// structure sent is not for another.
func documentiCopia(f *pratica.Fascicolo, copie []pratica.CopiaFile) []documentoMandabile {
	var out []documentoMandabile
	if !f.MayCopy() {
		return nil
	}
	for _, x := range f.File {
		if !strings.HasPrefix(x.Parte, pratica.ParteCittadino) && !strings.HasPrefix(x.Parte, pratica.ParteNucleo) { // nucleo, nucleo-2, …
			continue
		}
		d := documentoMandabile{ID: x.ID.String(), Nome: x.Nome.Valore(), Link: linkCopia(f, x.ID, 0)}
		if i := slices.IndexFunc(copie, func(c pratica.CopiaFile) bool { return c.File == x.ID && c.Pronta != nil }); i >= 0 {
			d.Pronta, d.Pagine = true, i18n.Plural(copie[i].Pagine, "pagina", "pagine")
		}
		out = append(out, d)
	}
	return out
}

// righeSegnate are the lines of the original, cut where something was found.
func righeSegnate(testo string, trovati []redact.Finding, mm []*maschera) [][]pezzo {
	var out [][]pezzo
	inizio := 0
	for riga := range strings.Lines(testo) {
		da, a := inizio, inizio+len(strings.TrimRight(riga, " \t\n"))
		if inizio += len(riga); strings.TrimSpace(riga) == "" {
			continue
		}
		var pp []pezzo
		for i, t := range trovati {
			if t.To <= da || t.From >= a || mm[i] == nil {
				continue
			}
			f, g := max(t.From, da), min(t.To, a)
			pp = append(pp, pezzo{Testo: testo[da:f]}, pezzo{testo[f:g], mm[i], g == t.To})
			da = g
		}
		out = append(out, append(pp, pezzo{Testo: testo[da:a]}))
	}
	return out
}

// intorno is some of what stands before and after a passage.
func intorno(testo string, da, a int) (prima, dopo string) {
	const n = 40
	i, j := max(0, da-n), min(len(testo), a+n)
	if k := strings.IndexAny(testo[i:da], " \n"); i > 0 && k >= 0 {
		i += k
	}
	if k := strings.LastIndexAny(testo[a:j], " \n"); j < len(testo) && k >= 0 {
		j = a + k
	}
	riga := func(t string) string { return strings.ReplaceAll(strings.ToValidUTF8(t, ""), "\n", " ") }
	return riga(testo[i:da]), riga(testo[a:j])
}

func inOrdine(tt []redact.Finding) {
	slices.SortFunc(tt, func(a, b redact.Finding) int { return cmp.Compare(a.From, b.From) })
}

func cerca(dd []decisione, quale func(decisione) bool) *decisione {
	if i := slices.IndexFunc(dd, quale); i >= 0 {
		return &dd[i]
	}
	return nil
}

// leggiStato reads the decisions that a form brings back: what cannot be read was
// not decided.
func leggiStato(t string) []decisione {
	var out []decisione
	b, err := base64.RawURLEncoding.DecodeString(t)
	if err != nil || json.Unmarshal(b, &out) != nil {
		return nil
	}
	return out
}

func scriviStato(dd []decisione) string {
	if len(dd) == 0 {
		return ""
	}
	b, err := json.Marshal(dd)
	if err != nil {
		panic("web: decisions that do not encode: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
