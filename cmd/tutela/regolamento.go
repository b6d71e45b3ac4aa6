package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/regolamento"
)

// runRegolamentoList prints the shipped regolamenti, one a line.
func runRegolamentoList(out io.Writer, asJSON bool) error {
	type voce struct {
		Nome     string `json:"nome"`
		Versione string `json:"versione"`
		Titolo   string `json:"titolo"`
		Impronta string `json:"impronta"`
	}
	var voci []voce
	for _, n := range regolamento.Names() {
		r, err := regolamento.Shipped(n)
		if err != nil {
			return err
		}
		voci = append(voci, voce{r.Nome(), r.Versione(), r.Titolo(), r.Hash()})
	}
	if asJSON {
		return stampaJSON(out, voci)
	}
	for _, v := range voci {
		if _, err := fmt.Fprintf(out, "%s\tversione %s\t%s\t%s\n", v.Nome, v.Versione, v.Titolo, v.Impronta); err != nil {
			return err
		}
	}
	return nil
}

// runRegolamentoShow prints a regolamento (a shipped one, or a file) as a page
// that a person can read; as JSON, the resolved document with its hash.
func runRegolamentoShow(nomeOFile string, out io.Writer, asJSON bool) error {
	r, err := apriRegolamento(nomeOFile)
	if err != nil {
		return err
	}
	if asJSON {
		return stampaJSON(out, struct {
			Impronta    string          `json:"impronta"`
			Regolamento json.RawMessage `json:"regolamento"`
		}{r.Hash(), r.Canonical()})
	}
	p := &pagina{r: r}
	p.testa()
	p.atti()
	p.termini()
	_, err = io.WriteString(out, p.b.String())
	return err
}

// runRegolamentoCheck looks at every state that a case can reach under a
// regolamento. A file that cannot be read, or a procedure that is not sound, is a
// fault.Invalid: the reasons are on out.
func runRegolamentoCheck(nomeOFile string, out io.Writer, asJSON bool) error {
	r, err := apriRegolamento(nomeOFile)
	if err != nil {
		return err
	}
	rep := regolamento.Check(r)
	if asJSON {
		err = stampaJSON(out, rep)
	} else {
		err = stampaEsito(out, rep)
	}
	if err == nil && !rep.Sano() {
		err = fault.New(fault.Invalid, "Il regolamento "+rep.Regolamento+" non va bene: correggi le regole elencate.")
	}
	return err
}

func stampaEsito(out io.Writer, rep regolamento.Report) error {
	for _, d := range rep.Difetti {
		if _, err := fmt.Fprintf(out, "%s: %s\n", rep.Regolamento, d); err != nil {
			return err
		}
	}
	if !rep.Sano() {
		return nil
	}
	_, err := fmt.Fprintf(out, "%s: va bene. Regole da 1 a 4, %s, %s, al massimo %s di fila.\n", rep.Regolamento,
		i18n.Plural(rep.Stati, "stato", "stati"), i18n.Plural(rep.Transizioni, "passaggio", "passaggi"), i18n.Plural(rep.Profondita, "atto", "atti"))
	return err
}

// maxFile is how long a regolamento may be, in bytes.
const maxFile = 4 << 20

// leggiFile reads a file of a sane length.
func leggiFile(nome string) ([]byte, error) {
	f, err := os.Open(nome)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fault.New(fault.TooLarge, "Il file è troppo grande per essere un regolamento.")
	}
	return b, err
}

// apriRegolamento finds a shipped regolamento by its name, or reads a file; its
// bases may be shipped or stand beside it.
func apriRegolamento(nomeOFile string) (*regolamento.Regolamento, error) {
	if slices.Contains(regolamento.Names(), nomeOFile) {
		return regolamento.Shipped(nomeOFile)
	}
	src, err := leggiFile(nomeOFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, "Non c'è un regolamento con quel nome, né un file. Ci sono: "+strings.Join(regolamento.Names(), ", ")+".")
	case fault.Is(err, fault.TooLarge):
		return nil, err
	case err != nil:
		return nil, fault.Wrap(err, fault.Unavailable, "Il file del regolamento non si apre.")
	}
	r, err := regolamento.Load(src, func(base string) ([]byte, error) {
		if b, err := leggiFile(filepath.Join(filepath.Dir(nomeOFile), filepath.Base(base)+".yaml")); err == nil {
			return b, nil
		}
		return regolamento.Testo(base)
	})
	if err != nil {
		f := fault.New(fault.Invalid, "Il regolamento non si legge:\n"+err.Error())
		f.Motivi = strings.Split(err.Error(), "\n")
		return nil, f
	}
	return r, nil
}

func stampaJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// pagina writes a regolamento in words.
type pagina struct {
	r *regolamento.Regolamento
	b strings.Builder
}

func (p *pagina) riga(formato string, a ...any) { fmt.Fprintf(&p.b, formato+"\n", a...) }

// voce writes a line of a list, if there is something to say.
func (p *pagina) voce(nome, testo string) {
	if testo != "" {
		p.riga("    %s: %s", nome, testo)
	}
}

func (p *pagina) testa() {
	r := p.r
	p.riga("%s", r.Titolo())
	p.riga("%s, versione %s, registro %s", r.Nome(), r.Versione(), r.Registro())
	p.riga("impronta %s", r.Hash())
	p.riga("\nTIPI")
	for _, t := range r.Tipi() {
		s := "  " + t.Etichetta
		if t.ContaCome != "" {
			s += " (nelle statistiche conta come " + t.ContaCome + ")"
		}
		p.riga("%s", s)
	}
	p.riga("\nCHI")
	for _, a := range r.Attori() {
		p.riga("  %s: ruolo %s, ambito %s", a.Etichetta, a.Ruolo, a.Ambito)
	}
	p.riga("\nFASI")
	for _, f := range r.Fasi() {
		p.riga("  %s: il cittadino legge «%s»", f.Etichetta, strings.ReplaceAll(f.Cittadino, "_", " "))
	}
}

func (p *pagina) atti() {
	p.riga("\nATTI")
	for _, d := range p.r.Atti() {
		p.riga("  %s (%s). Fonte: %s", d.Etichetta, d.Nome, d.Fonte)
		p.voce("chi", p.chi(d.Chi))
		p.voce("quando", p.quando(d))
		p.voce("serve", p.campi(d, true))
		p.voce("si può aggiungere", p.campi(d, false))
		p.voce("fa partire", p.nomiTermini(d.Termini()))
		if f, ok := p.r.Fase(d.Fase); ok {
			p.voce("porta alla fase", f.Etichetta)
		}
	}
}

func (p *pagina) chi(c regolamento.Chi) string {
	if c.Attributo == "" {
		return p.attori(c.Attori)
	}
	var s []string
	for _, x := range c.Scelta {
		s = append(s, fmt.Sprintf("se %s è «%s» %s", c.Attributo, p.r.EtichettaValore(c.Attributo, x.Attributo), p.attori(x.Valori)))
	}
	return strings.Join(s, "; ")
}

func (p *pagina) attori(nomi []string) string {
	var s []string
	for _, n := range nomi {
		a, _ := p.r.Attore(n)
		s = append(s, a.Etichetta)
	}
	return strings.Join(s, ", ")
}

// quando are the guards of an act, in words.
func (p *pagina) quando(d *regolamento.DefAtto) string {
	var s []string
	aggiungi := func(prima, testo string) {
		if testo != "" {
			s = append(s, prima+testo)
		}
	}
	if d.Apre {
		s = append(s, "apre la pratica")
	}
	aggiungi("in fase ", strings.Join(d.In, " o "))
	aggiungi("solo con ", p.condizioni(d.Se))
	aggiungi("dopo ", p.nomiAtti(d.Dopo))
	aggiungi("mai dopo ", p.nomiAtti(d.Mai))
	if d.Volte > 0 {
		s = append(s, "al massimo "+i18n.Plural(d.Volte, "volta", "volte"))
	}
	if d.Corre != "" {
		aggiungi("mentre corre ", p.nomiTermini([]string{d.Corre}))
	}
	if d.Entro != "" {
		aggiungi("prima che scada ", p.nomiTermini([]string{d.Entro}))
	}
	if d.Risponde != "" {
		aggiungi("da chi ha ricevuto ", p.nomiAtti([]string{d.Risponde}))
	}
	return strings.Join(s, "; ")
}

func (p *pagina) condizioni(c regolamento.Condizioni) string {
	var s []string
	for _, x := range c {
		var v []string
		for _, y := range x.Valori {
			v = append(v, p.r.EtichettaValore(x.Attributo, y))
		}
		s = append(s, x.Attributo+" «"+strings.Join(v, "» o «")+"»")
	}
	return strings.Join(s, " e ")
}

func (p *pagina) nomiAtti(nomi []string) string {
	var s []string
	for _, n := range nomi {
		s = append(s, "«"+p.r.Atto(n).Fatto+"»")
	}
	return strings.Join(s, ", ")
}

func (p *pagina) nomiTermini(nomi []string) string {
	var s []string
	for _, n := range nomi {
		s = append(s, "«"+p.r.Termine(n).Etichetta+"»")
	}
	return strings.Join(s, ", ")
}

func (p *pagina) campi(d *regolamento.DefAtto, obbligatori bool) string {
	var s []string
	for _, c := range d.Campi() {
		if c.Obbligatorio == obbligatori {
			s = append(s, c.Etichetta)
		}
	}
	return strings.Join(s, ", ")
}

func (p *pagina) termini() {
	p.riga("\nTERMINI")
	for _, t := range p.r.Termini() {
		natura := ""
		if t.Legge() {
			natura = ", termine di legge"
		}
		p.riga("  %s (%s): %s%s. Fonte: %s", t.Etichetta, t.Nome, p.durata(t), natura, t.Fonte)
		a, _ := p.r.Attore(t.Chi)
		p.voce("tocca a", a.Etichetta)
		p.voce("conta da", p.inizi(t.Dal))
		p.voce("solo con", p.condizioni(t.Se))
		p.voce("si ferma con", p.nomiAtti(t.Ferma))
		p.voce("non è più dovuto dopo", p.nomiAtti(t.Decade))
		if t.Proroga.Atto != "" {
			p.voce("proroga", fmt.Sprintf("%s, fino a %s in più, %d in tutto", p.nomiAtti([]string{t.Proroga.Atto}), i18n.Days(t.Proroga.Giorni), t.Proroga.Massimo))
		}
		if t.Sospende != "" {
			p.voce("si sospende con", p.nomiAtti([]string{t.Sospende})+", riparte con "+p.nomiAtti([]string{t.Riprende}))
		}
		p.voce("scaduto, si avvisa", p.attori(t.Scaduto.Avvisa))
	}
}

func (p *pagina) durata(t *regolamento.DefTermine) string {
	switch {
	case t.Ore > 0:
		return i18n.Plural(t.Ore, "ora", "ore")
	case t.Giorni == 0:
		return "il giorno stesso"
	case t.Per != "":
		return i18n.Days(t.Giorni) + " per ogni struttura"
	}
	return i18n.Days(t.Giorni)
}

func (p *pagina) inizi(dal []string) string {
	var s []string
	for _, n := range dal {
		atto, campo, ok := strings.Cut(n, ".")
		nome := "«" + p.r.Atto(atto).Fatto + "»"
		if ok {
			nome += " (" + p.r.Campo(campo).Etichetta + ")"
		}
		s = append(s, nome)
	}
	return strings.Join(s, ", ")
}
