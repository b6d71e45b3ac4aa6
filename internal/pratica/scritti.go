package pratica

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Scritto is what was written in a case, as it is stored: its acts, their contents by
// place, the cards of its files.
type Scritto struct {
	Atti      []Registrato
	Contenuti map[int64][]byte
	File      []Allegato
}

// detto is what one act says, before it is sealed and after it was opened.
type detto struct {
	seg       *Segnalazione
	testi     map[string]string
	richieste []richiestaStruttura
	lasciati  []lasciatiStruttura
	timbro    *credenziali
	file      []string // names
}

// prendi takes in one content of an act, before it is sealed.
func (d *detto) prendi(v any) {
	switch v := v.(type) {
	case map[string]string:
		d.testi = v
	case richiestaStruttura:
		d.richieste = append(d.richieste, v)
	}
}

// leggi takes in one content of an act, opened.
func (d *detto) leggi(a Atto, im Impronta, b string) error {
	switch {
	case im.cittadina():
		return nil
	case a.credenziali(im):
		return json.Unmarshal([]byte(b), &d.timbro)
	case a.Apertura != nil:
		return json.Unmarshal([]byte(b), &d.seg)
	case im.N == numeroLasciati:
		return json.Unmarshal([]byte(b), &d.lasciati)
	case im.N > 0 && strings.HasPrefix(im.Parte, "richiesta-"):
		var r richiestaStruttura
		err := json.Unmarshal([]byte(b), &r)
		d.richieste = append(d.richieste, r)
		return err
	}
	return json.Unmarshal([]byte(b), &d.testi)
}

// apri opens the contents of an act that stand in parts of ours.
func (d *detto) apri(h Testa, x Registrato, m *mazzo, contenuti map[int64][]byte, mia func(parte string) bool) error {
	for _, im := range x.Atto.Contenuti {
		sig, ok := contenuti[x.A*16+int64(im.N)]
		if !ok || im.uscita() || !mia(im.Parte) {
			continue
		}
		b, err := vault.OpenText(m.chiave(im.Parte), contestoContenuto(h.Ente, h.ID, im.Parte, x.Atto.ID, im.N), sig)
		if err != nil {
			return err
		}
		if err := d.leggi(x.Atto, im, b); err != nil {
			return err
		}
	}
	return nil
}

// brano is a text of a case, and where it stands.
type brano struct {
	cosa    string // of an act, how the history calls it; empty: the report
	il      day.Date
	corpo   string
	oggetto int // bytes of the subject, which lists show already
}

// nomeDocumento is where the name of a file stands.
const nomeDocumento = "Nome di un documento"

// brani are the texts of an act: what people wrote in it, no dates and no choices.
func (d detto) brani(def *regolamento.DefAtto, il day.Date) []brano {
	var out []brano
	if d.seg != nil {
		out = append(out, brano{corpo: d.seg.corpo(), oggetto: len(d.seg.Oggetto)})
	}
	aggiungi := func(t string) {
		if t != "" && !slices.ContainsFunc(out, func(b brano) bool { return b.corpo == t }) {
			out = append(out, brano{cosa: def.Fatto, il: il, corpo: t})
		}
	}
	if def.TestoDa != "" {
		aggiungi(d.testi["testo"])
	}
	for _, c := range def.Campi() {
		if c.Tipo == regolamento.CampoTesto || c.Tipo == regolamento.CampoRiga {
			aggiungi(d.testi[c.ID])
		}
	}
	for _, r := range d.richieste {
		aggiungi(r.Quesito)
		aggiungi(r.Copia)
	}
	for _, n := range d.file {
		out = append(out, brano{cosa: nomeDocumento, il: il, corpo: n})
	}
	return out
}

// nomi are the names of files.
func nomi(file []File) []string {
	var out []string
	for _, x := range file {
		out = append(out, x.Nome.Valore())
	}
	return out
}

// leggi opens what a bunch of keys opens of a case: of these parts, or of all when there
// are none said. It gives the report, if it is among it, and the texts.
func (sc Scritto) leggi(reg *regolamento.Regolamento, h Testa, m *mazzo, parti []string) (seg Segnalazione, out []brano, err error) {
	mia := func(parte string) bool {
		return m.parti[parte] != nil && (parti == nil || slices.Contains(parti, parte))
	}
	for _, x := range sc.Atti {
		var d detto
		if err := d.apri(h, x, m, sc.Contenuti, mia); err != nil {
			return seg, nil, err
		}
		for _, f := range sc.File {
			if f.A != x.A || !mia(f.Parte) {
				continue
			}
			v, err := m.file(f)
			if err != nil {
				return seg, nil, err
			}
			d.file = append(d.file, v.Nome.Valore())
		}
		if d.seg != nil {
			seg = *d.seg
		}
		def := reg.Atto(x.Atto.Kind)
		if def == nil {
			continue
		}
		nuovi := d.brani(def, x.Atto.Giorno)
		if def.TestoDa != "" { // the same text again, signed or sent: it counts once, where it came to
			out = slices.DeleteFunc(out, func(b brano) bool {
				return slices.ContainsFunc(nuovi, func(n brano) bool { return b.cosa != "" && b.corpo == n.corpo })
			})
		}
		out = append(out, nuovi...)
	}
	return seg, out, nil
}

// tuttiScritti opens all that was written in some cases that the server holds.
func (s *Servizio) tuttiScritti(ctx context.Context, casi []Testa, fn func(h Testa, seg Segnalazione, bb []brano) error) error {
	var n []int64
	for _, h := range casi {
		n = append(n, h.N)
	}
	di, err := s.Arch.Scritti(ctx, n)
	if err != nil {
		return err
	}
	for _, h := range casi {
		amb, err := s.ambiente(h.Ente)
		if err != nil {
			return err
		}
		m, err := s.mazzo(ctx, access.Sistema(h.Ente), h)
		if err != nil {
			return err
		}
		seg, bb, err := di[h.N].leggi(amb.Regolamenti[h.Regolamento], h, m, nil)
		if err != nil {
			return err
		}
		if err := fn(h, seg, bb); err != nil {
			return err
		}
	}
	return nil
}
