package web

import (
	"cmp"
	"slices"
	"strings"

	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

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
