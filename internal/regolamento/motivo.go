package regolamento

import (
	"fmt"
	"slices"
	"strings"
)

// Causa is the guard that stands in the way of an act.
type Causa string

// The guards, as Motivo.Cosa.
const (
	MotivoSconosciuto Causa = "sconosciuto" // no such kind of act
	MotivoApre        Causa = "apre"        // the case is open already, or not yet
	MotivoFase        Causa = "fase"        // not in this phase
	MotivoSe          Causa = "se"          // Nome: the attribute
	MotivoDopo        Causa = "dopo"        // Nome: the act to be done first
	MotivoMai         Causa = "mai"         // Nome: the act that was done
	MotivoVolte       Causa = "volte"       // done as often as it may be
	MotivoCorre       Causa = "corre"       // Nome: the term that is not due
	MotivoEntro       Causa = "entro"       // Nome: the term that is not due or is past
	MotivoRisponde    Causa = "risponde"    // nobody asked, or answered already
	MotivoPer         Causa = "per"         // which addressee answers is not said
	MotivoScelta      Causa = "scelta"      // Nome: the attribute that chooses who acts
	MotivoVieta       Causa = "vieta"       // the attributes would not go together
	MotivoServe       Causa = "serve"       // Nome: the field or attribute that is missing
	MotivoValore      Causa = "valore"      // Nome: the attribute whose value is not in its list
	MotivoGiorni      Causa = "giorni"      // Nome: the term extended by too many days
)

// Motivo is one reason why an act may not be done.
type Motivo struct {
	Cosa Causa
	Nome string // what it is about: an attribute, an act, a term, a field

	r    *Regolamento
	d    *DefAtto
	riga int // of MotivoVieta: the row of `vieta`
}

func (r *Regolamento) motivo(c Causa, nome string, d *DefAtto) Motivo {
	return Motivo{Cosa: c, Nome: nome, r: r, d: d}
}

// Frase is the reason in plain Italian, one or two short sentences.
func (m Motivo) Frase() string {
	if m.r == nil {
		return "Questo passo non esiste in questa procedura."
	}
	switch m.Cosa {
	case MotivoApre:
		if m.d.Apre {
			return "La pratica è già aperta."
		}
		return "La pratica non è ancora aperta."
	case MotivoFase:
		return "Si può fare solo in questa fase: " + elencoFrase(m.fasi(), "o") + "."
	case MotivoSe:
		return m.fraseSe()
	case MotivoDopo:
		if a := m.r.atti[m.Nome]; a.Manca != "" {
			return a.Manca
		}
		return fmt.Sprintf("Prima serve questo passo: «%s».", m.r.atti[m.Nome].Etichetta)
	case MotivoMai:
		return fmt.Sprintf("Non si può più fare: nella pratica c'è già «%s».", m.r.atti[m.Nome].Fatto)
	case MotivoVolte:
		if m.d.Volte == 1 {
			return "È già stato fatto, e si fa una volta sola."
		}
		return fmt.Sprintf("È già stato fatto %d volte: non si può ripetere ancora.", m.d.Volte)
	case MotivoCorre:
		return fmt.Sprintf("Ora non serve: il termine «%s» non è in corso.", m.r.termini[m.Nome].Etichetta)
	case MotivoEntro:
		return fmt.Sprintf("Si può fare solo finché il termine «%s» non è scaduto.", m.r.termini[m.Nome].Etichetta)
	case MotivoRisponde:
		return "Nessuna struttura deve ancora rispondere, o questa ha già risposto."
	case MotivoPer:
		return "Indica quale struttura risponde."
	case MotivoScelta:
		return fmt.Sprintf("Prima va deciso questo dato: «%s». Da quello dipende chi può farlo.", m.r.etichettaCampo(m.Nome))
	case MotivoVieta:
		return "Questi dati non possono stare insieme: " + m.vietati() + "."
	case MotivoServe:
		return fmt.Sprintf("Manca «%s».", m.r.etichettaCampo(m.Nome))
	case MotivoValore:
		return fmt.Sprintf("Il valore di «%s» non è tra quelli ammessi.", m.r.etichettaCampo(m.Nome))
	case MotivoGiorni:
		return fmt.Sprintf("Puoi concedere da 1 a %d giorni in più.", m.r.termini[m.Nome].Proroga.Giorni)
	}
	return "Ora non si può fare."
}

func (m Motivo) fasi() []string {
	var out []string
	for _, f := range m.r.doc.fasi {
		if slices.Contains(m.d.fasi, f.Nome) {
			out = append(out, f.Etichetta)
		}
	}
	return out
}

func (m Motivo) fraseSe() string {
	var valori []string
	for _, c := range m.d.Se {
		if c.Attributo == m.Nome {
			for _, v := range c.Valori {
				valori = append(valori, m.r.EtichettaValore(m.Nome, v))
			}
		}
	}
	return fmt.Sprintf("Vale solo con «%s»: %s.", m.r.etichettaCampo(m.Nome), elencoFrase(valori, "o"))
}

// vietati are the values of the forbidden row that was met.
func (m Motivo) vietati() string {
	var valori []string
	for _, c := range m.r.doc.Vieta[m.riga] {
		for _, v := range c.Valori {
			valori = append(valori, m.r.EtichettaValore(c.Attributo, v))
		}
	}
	return elencoFrase(valori, "e")
}

// elencoFrase is "a", "a o b", "a, b o c": labels inside a sentence.
func elencoFrase(v []string, ultimo string) string {
	minuscole := make([]string, len(v))
	for i, x := range v {
		minuscole[i] = minuscola(x)
	}
	n := len(v) - 1
	if n < 1 {
		return strings.Join(minuscole, "")
	}
	return strings.Join(minuscole[:n], ", ") + " " + ultimo + " " + minuscole[n]
}

// minuscola lowers the first letter of a label, unless it begins with a sigla.
func minuscola(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):]
}
