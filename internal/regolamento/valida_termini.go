package regolamento

import (
	"fmt"
	"slices"
	"strings"

	"tutela/internal/day"
)

// termini checks the terms and gives each act its list of effects on them.
func (v *validatore) termini() {
	v.r.termini = map[string]*DefTermine{}
	for i := range v.d.Termini {
		t := &v.d.Termini[i].val
		t.Nome, t.indice = v.d.Termini[i].nome, i
		v.termine("/termini/"+t.Nome, t)
		v.r.termini[t.Nome] = t
		v.d.termini = append(v.d.termini, t)
	}
	for _, a := range v.d.atti {
		slices.SortStableFunc(a.effetti, func(x, y effetto) int { return int(x.cosa) - int(y.cosa) })
	}
}

func (v *validatore) termine(via string, t *DefTermine) {
	v.serve(via, "etichetta", t.Etichetta)
	v.serve(via, "chi", t.Chi)
	v.uno(via+"/chi", t.Chi, "attore", v.nAttori)
	v.uno(via+"/tipo", t.Tipo, "tipo di termine", []string{"legge"})
	v.uno(via+"/per", t.Per, "valore", []string{"destinatario"})
	v.uno(via+"/dentro", t.Dentro, "termine", v.nTermini)
	v.condizioni(via+"/se", t.Se)
	v.durata(via, t)
	t.conto = v.conteggio(via, t.Computo, t.Sabato, v.r.calendari)
	t.Fonte = v.fonte(via+"/fonte", t.Fonte)

	v.ognuno(via+"/ferma", t.Ferma, "atto", v.nAtti)
	v.ognuno(via+"/decade", t.Decade, "atto", v.nAtti)
	v.effetti(via+"/ferma", t, adempie, t.Ferma)
	v.effetti(via+"/decade", t, decade, t.Decade)
	v.proroga(via+"/proroga", t)
	v.sospensione(via, t)
	v.inizio(via+"/dal", t)
	v.perDestinatario(via, t)

	v.ognuno(via+"/scaduto/avvisa", t.Scaduto.Avvisa, "attore", v.nAttori)
	if a := t.Scaduto.Atto; v.uno(via+"/scaduto/atto", a, "atto", v.nAtti) && a != "" {
		if !slices.Contains(v.cercaAtto(a).Chi.Attori, AttoreSistema) {
			v.qui(via+"/scaduto/atto", "l'atto %q non ammette «sistema» in «chi»", a)
		}
	}
}

// effetti notes on each act what it does to t.
func (v *validatore) effetti(via string, t *DefTermine, c cosa, atti []string) {
	for i, n := range atti {
		if slices.Contains(atti[:i], n) {
			v.qui(fmt.Sprintf("%s/%d", via, i), "l'atto %q c'è due volte", n)
			continue
		}
		if n != "" && slices.Contains(v.nAtti, n) {
			a := v.cercaAtto(n)
			a.effetti = append(a.effetti, effetto{def: t, cosa: c})
		}
	}
}

func (v *validatore) durata(via string, t *DefTermine) {
	giorni, ore := v.c(via+"/giorni"), v.c(via+"/ore")
	if giorni == ore {
		v.qui(via, "serve «giorni» oppure «ore»")
	}
	if giorni {
		v.numero(via+"/giorni", t.Giorni, 0, day.MaxGiorni)
	}
	if !ore {
		return
	}
	v.numero(via+"/ore", t.Ore, 1, 10000)
	for _, k := range []string{"sospende", "riprende", "proroga", "avvisi", "computo", "sabato"} {
		if v.c(via + "/" + k) {
			v.qui(via+"/"+k, "un termine in ore non ha «%s»", k)
		}
	}
}

func (v *validatore) inizio(via string, t *DefTermine) {
	if len(t.Dal) == 0 {
		v.qui(via, "manca «dal»")
	}
	for i, n := range t.Dal {
		qui := fmt.Sprintf("%s/%d", via, i)
		atto, campo, conCampo := strings.Cut(n, ".")
		if atto == "" {
			v.qui(qui, "prima del punto va il nome di un atto")
			continue
		}
		if !v.uno(qui, atto, "atto", v.nAtti) {
			continue
		}
		if conCampo && (!slices.Contains(v.nCampi, campo) || v.campo(campo).Tipo != CampoData || !v.campo(campo).Chiaro) {
			v.qui(qui, "%q non è un campo di tipo data con «chiaro: true»", campo)
		}
		if conCampo && t.Ore > 0 {
			v.qui(qui, "un termine in ore parte da un istante, non da una data")
		}
		a := v.cercaAtto(atto)
		for _, e := range a.effetti {
			if e.def == t && e.cosa == inizia {
				v.qui(qui, "l'atto %q c'è due volte", atto)
			}
		}
		a.effetti = append(a.effetti, effetto{def: t, cosa: inizia, campo: campo})
	}
}

func (v *validatore) proroga(via string, t *DefTermine) {
	p := t.Proroga
	if !v.c(via) {
		return
	}
	v.serve(via, "atto", p.Atto)
	v.uno(via+"/atto", p.Atto, "atto", v.nAtti)
	v.numero(via+"/giorni", p.Giorni, 1, day.MaxGiorni)
	if p.Massimo != 0 {
		v.numero(via+"/massimo", p.Massimo, t.Giorni+1, day.MaxGiorni)
	}
	if t.Giorni == 0 {
		v.qui(via, "un termine di 0 giorni non si proroga")
	}
	v.effetti(via+"/atto", t, proroga, []string{p.Atto})
}

func (v *validatore) sospensione(via string, t *DefTermine) {
	v.uno(via+"/sospende", t.Sospende, "atto", v.nAtti)
	v.uno(via+"/riprende", t.Riprende, "atto", v.nAtti)
	switch {
	case (t.Sospende == "") != (t.Riprende == ""):
		v.qui(via, "«sospende» e «riprende» vanno insieme")
	case t.Sospende != "" && t.Sospende == t.Riprende:
		v.qui(via+"/riprende", "lo stesso atto non può sospendere e far riprendere")
	case t.Sospende != "" && v.c(via+"/giorni") && t.Giorni == 0:
		v.qui(via+"/sospende", "un termine di 0 giorni non si sospende")
	}
	v.effetti(via+"/riprende", t, riprende, []string{t.Riprende})
	v.effetti(via+"/sospende", t, sospende, []string{t.Sospende})
}

// perDestinatario checks that a term of an addressee starts and stops with acts
// that name one.
func (v *validatore) perDestinatario(via string, t *DefTermine) {
	if t.Per == "" {
		return
	}
	for i, n := range t.Dal {
		n, _, _ = strings.Cut(n, ".")
		if slices.Contains(v.nAtti, n) && v.cercaAtto(n).Destinatari == "" {
			v.qui(fmt.Sprintf("%s/dal/%d", via, i), "l'atto %q non ha «destinatari»", n)
		}
	}
	for i, n := range t.Ferma {
		if slices.Contains(v.nAtti, n) && v.cercaAtto(n).Risponde == "" {
			v.qui(fmt.Sprintf("%s/ferma/%d", via, i), "l'atto %q non dice a chi «risponde»", n)
		}
	}
}
