package web

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tutela/internal/pratica"
	"tutela/internal/redact"
)

// segui makes a copy follow what was decided of each passage of the original, and
// gives the decisions that hold from now on. What was changed by hand counts as
// the last word: who shows a passage again has still to say why.
func (q *copista) segui(x *composto, trovati, nuovi []redact.Finding, prima []decisione) []decisione {
	dette := make([]*decisione, len(trovati))
	nascosto := make([]bool, len(trovati)) // in the copy that came
	for i, t := range trovati {
		dette[i] = cerca(prima, func(d decisione) bool { return d.Parole == "" && d.Da == t.From })
		nascosto[i] = !slices.Contains(nuovi, t) && (dette[i] == nil || dette[i].Motivo == "")
	}
	dove := q.dove(x.Copia, trovati, nascosto)
	var adesso []decisione
	var b strings.Builder
	at, mm := 0, make([]*maschera, len(trovati))
	for i, p := range dove {
		t, prima := trovati[i], dette[i]
		parole := q.testo[t.From:t.To]
		if p.To > 0 && prima != nil && nascosto[i] != (prima.Motivo == "") {
			if prima = nil; nascosto[i] {
				prima = &decisione{}
			}
		}
		m, d := q.decidi(x, t, q.testo, strconv.Itoa(t.From), prima, nascosto[i])
		if m.Mia && p.To > 0 && !nascosto[i] && !slices.Contains(nuovi, t) {
			continue // chosen, and then written again
		}
		if p.To > 0 && d != nil && nascosto[i] != (d.Motivo == "") {
			b.WriteString(x.Copia[at:p.From])
			if at = p.To; nascosto[i] {
				b.WriteString(parole)
			} else {
				b.WriteString(t.Kind.Mask())
			}
			x.cambiata = true
		}
		switch {
		case m.Mia && d.Motivo != "":
			continue // chosen, and then not
		case m.Mia:
			adesso = append(adesso, decisione{Da: t.From, A: t.To})
		case p.To == 0:
			m.Perso, m.Decisa, m.Motivo, m.Errore = true, "Riscritto a mano", "", ""
		case d != nil:
			adesso = append(adesso, decisione{Da: t.From, Motivo: d.Motivo})
			if d.Motivo != "" {
				x.lasciati = append(x.lasciati, pratica.Lasciato{Testo: parole, Motivo: d.Motivo})
			}
		case !nascosto[i]:
			m.SiLegge = true
		}
		mm[i] = m
		x.Maschere = append(x.Maschere, m)
	}
	b.WriteString(x.Copia[at:])
	x.Copia = b.String()
	x.Originale = righeSegnate(q.testo, trovati, mm)
	return adesso
}

// dove is where each passage is in a copy. One that is not there as it was, hidden
// or not, may be there the other way.
func (q *copista) dove(copia string, trovati []redact.Finding, nascosto []bool) []redact.Place {
	era := func(i int) bool { return nascosto[i] }
	dove := redact.Trace(q.testo, trovati, era, copia)
	if !slices.Contains(dove, redact.Place{}) {
		return dove
	}
	for i, p := range dove {
		if p.To == 0 {
			nascosto[i] = !nascosto[i]
		}
	}
	return redact.Trace(q.testo, trovati, era, copia)
}

// resti are the decisions on what the copy shows though nothing said it may: what
// was written in it by hand.
func (q *copista) resti(x *composto, prima []decisione) []decisione {
	var adesso []decisione
	var via []redact.Finding
	visti := map[string]*decisione{}
	noti := slices.Clone(x.lasciati)
	for _, m := range x.Maschere {
		if m.SiLegge {
			noti = append(noti, pratica.Lasciato{Testo: m.Testo})
		}
	}
	for _, t := range pratica.DaSpiegare(x.Copia, redact.Find(x.Copia, q.noti), noti) {
		testo := x.Copia[t.From:t.To]
		parole := pratica.Appiattisci(testo)
		d, visto := visti[parole]
		if !visto {
			var m *maschera
			h := sha256.Sum256([]byte(parole))
			m, d = q.decidi(x, t, x.Copia, "p"+hex.EncodeToString(h[:6]), cerca(prima, func(d decisione) bool { return d.Parole == parole }), false)
			visti[parole] = d
			if m.NellaCopia = true; d == nil || d.Motivo != "" {
				x.Maschere = append(x.Maschere, m)
			}
			if d != nil && d.Motivo != "" {
				adesso = append(adesso, decisione{Parole: parole, Motivo: d.Motivo})
				x.lasciati = append(x.lasciati, pratica.Lasciato{Testo: testo, Motivo: d.Motivo})
			}
		}
		if d != nil && d.Motivo == "" {
			via = append(via, t)
		}
	}
	if len(via) > 0 {
		x.Copia, x.cambiata = redact.Apply(x.Copia, via), true
	}
	return adesso
}

// decidi shows a passage, and what the form says of it; nil: nothing yet. Only
// what is hidden may be confirmed with others.
func (q *copista) decidi(x *composto, t redact.Finding, testo, id string, prima *decisione, nascosto bool) (*maschera, *decisione) {
	m := &maschera{Campo: id, Nome: t.Kind.Word() + q.diChi(testo[t.From:t.To]), Testo: testo[t.From:t.To], Perche: t.Why(), Mia: t.Kind == redact.Chosen,
		Fiducia: fiducie[t.Confidence()], Classe: classiFiducia[t.Confidence()], sicura: nascosto && t.Confidence() == redact.Certain}
	m.Prima, m.Dopo = intorno(testo, t.From, t.To)
	d := prima
	campo := "m-" + x.K + "-" + id
	scelta := q.v.Get(campo)
	if scelta == "" && (slices.Contains(q.v["scelta"], campo) || d == nil && m.sicura && q.v.Get("fai") == "sicure-"+x.K) {
		scelta = "si"
	}
	switch {
	case scelta == "si" || scelta == "" && m.Mia:
		d = &decisione{}
	case scelta == "via" && m.Mia:
		d = &decisione{Motivo: scelta}
	case scelta == "altro":
		switch n := utf8.RuneCountInString(x.Scritto); {
		case n == 0:
			m.Scelta, m.Errore = scelta, "Scrivi il motivo, sotto l'elenco."
		case n > pratica.MaxRiga:
			m.Scelta, m.Errore = scelta, "Accorcia il motivo: al massimo 200 caratteri."
		default:
			d = &decisione{Motivo: x.Scritto}
		}
	default:
		if i := slices.IndexFunc(motiviLasciare, func(o opzioneVista) bool { return o.Valore == scelta }); i >= 0 {
			d = &decisione{Motivo: motiviLasciare[i].Testo + "."}
		}
	}
	switch {
	case d == nil && q.manda && m.Errore == "":
		m.Errore = "Decidi: oscuralo, o di' perché resta."
	case m.Errore != "" || d == nil:
	case d.Motivo != "":
		m.Decisa, m.Motivo = "Leggibile", d.Motivo
	case m.Mia:
		m.Decisa = "Oscurato da te"
	default:
		m.Decisa = "Oscurato"
	}
	return m, d
}

var (
	fiducie       = map[redact.Confidence]string{redact.Doubtful: "dubbio", redact.Likely: "probabile", redact.Certain: "sicuro"}
	classiFiducia = map[redact.Confidence]string{redact.Doubtful: "t-ril", redact.Likely: "t-sug", redact.Certain: "t-rec"}
)

// diChi says whose a passage is, where the case knows it of one person.
func (q *copista) diChi(testo string) string {
	t := unito(testo)
	suo := func(i int) bool {
		return len(t) > 2 && slices.ContainsFunc(q.suoi[i], func(v string) bool { return strings.Contains(v, t) || strings.Contains(t, v) })
	}
	switch uno, altro := suo(0), suo(1); {
	case uno && !altro:
		return " di chi segnala"
	case altro && !uno:
		return " della persona assistita"
	}
	return ""
}

// dettiDi is what the case knows of a person, to compare words with.
func dettiDi(p *pratica.Persona) []string {
	if p == nil {
		return nil
	}
	var out []string
	for _, v := range []string{p.Nome + p.Cognome, p.Cognome + p.Nome, p.CodiceFiscale, p.Email, p.PEC, p.Telefono, p.Indirizzo, p.Comune, p.CAP} {
		if v = unito(v); len(v) > 2 {
			out = append(out, v)
		}
	}
	return out
}

func unito(t string) string { return strings.ReplaceAll(pratica.Appiattisci(t), " ", "") }

// scelti are the passages that a person chose, as the form brings them back.
func (q *copista) scelti(dd []decisione) []redact.Finding {
	var out []redact.Finding
	for _, d := range dd {
		if d.A == 0 || d.Da < 0 || d.Da >= d.A || d.A > len(q.testo) || !utf8.ValidString(q.testo[d.Da:d.A]) {
			continue
		}
		t := redact.Finding{From: d.Da, To: d.A, Kind: redact.Chosen, Rule: "scelto"}
		if !slices.ContainsFunc(append(slices.Clone(q.trovati), out...), func(x redact.Finding) bool { return x.From < t.To && t.From < x.To }) {
			out = append(out, t)
		}
	}
	return out
}

// altre are the passages with the words that a person wants hidden besides.
func (q *copista) altre(x *composto, trovati []redact.Finding) []redact.Finding {
	if x.Altre == "" {
		return nil
	}
	frasi := redact.Phrase(q.testo, x.Altre)
	var out []redact.Finding
	for _, f := range frasi {
		for _, t := range trovati {
			if t.To <= f.From || t.From >= f.To {
				continue
			}
			if p := f; t.From > p.From {
				p.To = t.From
				out = append(out, p)
			}
			f.From = min(t.To, f.To)
		}
		out = append(out, f)
	}
	out = slices.DeleteFunc(out, func(f redact.Finding) bool { return pratica.Appiattisci(q.testo[f.From:f.To]) == "" })
	switch {
	case len(frasi) == 0:
		x.ErroreAltre = "Non trovo queste parole nell'originale."
	case len(out) == 0:
		x.ErroreAltre = "Sono già nell'elenco: decidi lì."
	default:
		x.Altre = ""
	}
	return out
}
