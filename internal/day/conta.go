package day

import (
	"fmt"
	"time"

	"tutela/internal/fault"
)

// Computo says which days count towards a term.
type Computo string

// The two ways of counting. The empty Computo is Solari.
const (
	Solari     Computo = "solari"     // every day; a last day that is a holiday moves on
	Lavorativi Computo = "lavorativi" // only the days on which the office works
)

// MaxGiorni is the longest term that is counted, extension included: a century.
const MaxGiorni = 36500

// Intervallo is a suspension: the days after Dal up to Al, Al included, do not
// count. So resuming on the day of the suspension changes nothing. A zero Al
// means not yet resumed; an Al before Dal counts as Dal.
type Intervallo struct{ Dal, Al Date }

// Conto is all that a term's date depends on, besides the calendario.
type Conto struct {
	Dal           Date // the day from which it runs, itself left out
	Giorni        int  // days of the term, at least 1
	Concessi      int  // days granted as extension
	Massimo       int  // cap on Giorni + Concessi; 0 for none
	Computo       Computo
	SabatoFestivo bool // Saturday is treated as a holiday
	Sospensioni   []Intervallo
}

// What a Passo tells (Passo.Cosa).
const (
	PassoInizio      = "inizio"      // Dal: the day left out; N: Giorni
	PassoProroga     = "proroga"     // N: days granted; Dal: the start, from which all are counted
	PassoTetto       = "tetto"       // N: the cap, reached
	PassoConta       = "conta"       // Dal, Al: first and last day counted in a run; N: how many; Regola: the computo; Nome: SabatoNome if Saturdays are left out
	PassoSospensione = "sospensione" // Dal: suspended on; Al: resumed on, zero if not yet; N: days left out
	PassoFestivo     = "festivo"     // Dal: a day that does not do; Nome, Fonte: why; Regola: RegolaSalto or RegolaScorre
	PassoFine        = "fine"        // Dal: the date; if zero, suspended with N days left
)

// Why a PassoFestivo is there (Passo.Regola).
const (
	RegolaSalto  = "salto"  // a day that is not counted, because the office is closed
	RegolaScorre = "scorre" // the last day falls on it, so it moves on
)

// Values of a Passo's Nome and Fonte that are no proper names.
const (
	SabatoNome   = "sabato"   // Nome: only Conto.SabatoFestivo makes it so
	DomenicaNome = "domenica" // Nome: a Sunday, and no other holiday
	FonteEnte    = "ente"     // Fonte: the office's own calendario
)

// Passo is one step of a count, as data: package i18n makes the sentence.
type Passo struct {
	Cosa   string
	Dal    Date
	Al     Date
	N      int // days
	Nome   string
	Regola string
	Fonte  string
}

const fonteTermini = "art. 2963 c.c."

// Count gives the last day of the term and the steps that lead to it. While the
// term is suspended there is no date: it is zero, and the last step says how
// many days are left. Errors are fault.Invalid.
//
// All days, extension included, are counted from Dal; then, if the computo is
// Solari, a last day that is a holiday (or a Saturday, if SabatoFestivo) moves
// to the next day that is none.
//
// ref: cc art. 2963; cpc art. 155
func (c *Calendario) Count(k Conto) (Date, []Passo, error) {
	var t traccia
	d, err := c.count(k, &t)
	if err != nil {
		return 0, nil, err
	}
	return d, t.passi, nil
}

// Scadenza is Count without the steps, for those who need the date only.
func (c *Calendario) Scadenza(k Conto) (Date, error) { return c.count(k, nil) }

// count is the only loop that counts. t may be nil.
func (c *Calendario) count(k Conto, t *traccia) (Date, error) {
	n, err := k.lunghezza(t)
	if err != nil {
		return 0, err
	}
	d, lavorativi := k.Dal, k.Computo == Lavorativi
	for resta := n; ; {
		d++
		if d > ultimo {
			return 0, fault.New(fault.Invalid, "La scadenza cade oltre l'anno 2999: controlla la data e i giorni.")
		}
		sospeso, aperta := k.sospeso(d)
		switch {
		case aperta:
			t.ferma(d, resta)
			return 0, nil
		case sospeso:
			t.sospende(d)
		case resta > 0 && lavorativi && c.Chiuso(d, k.SabatoFestivo):
			t.salta(c, d)
		case resta > 0:
			t.conta(d, &k)
			resta--
		}
		if resta > 0 || sospeso {
			continue
		}
		if lavorativi || !c.scorre(d, k.SabatoFestivo) {
			t.fine(d)
			return d, nil
		}
		t.scorre(c, d)
	}
}

// lunghezza checks k and gives the days to count.
func (k Conto) lunghezza(t *traccia) (int, error) {
	switch {
	case k.Dal.IsZero():
		return 0, fault.New(fault.Invalid, "Manca la data di inizio; il 1° gennaio 1970 non si può usare.")
	case k.Dal < primo:
		return 0, fault.New(fault.Invalid, "La data di inizio è prima del 1900.")
	case k.Giorni < 1 || k.Giorni > MaxGiorni:
		return 0, fault.New(fault.Invalid, fmt.Sprintf("I giorni devono essere da 1 a %d.", MaxGiorni))
	case k.Concessi < 0 || k.Concessi > MaxGiorni-k.Giorni:
		return 0, fault.New(fault.Invalid, fmt.Sprintf("I giorni con la proroga devono essere da 1 a %d.", MaxGiorni))
	case k.Massimo < 0:
		return 0, fault.New(fault.Invalid, "Il massimo dei giorni non può essere negativo.")
	case k.Computo != "" && k.Computo != Solari && k.Computo != Lavorativi:
		return 0, fault.New(fault.Invalid, "Il computo è «solari» o «lavorativi».")
	}
	t.inizio(k)
	n := k.Giorni + k.Concessi
	if k.Massimo > 0 && n > k.Massimo {
		n = k.Massimo
		t.tetto(n)
	}
	return n, nil
}

// sospeso reports whether d is a suspended day, and whether it is so because of
// a suspension that has not ended.
func (k *Conto) sospeso(d Date) (sospeso, aperta bool) {
	for _, s := range k.Sospensioni {
		if d <= s.Dal {
			continue
		}
		if s.Al.IsZero() {
			return true, true
		}
		sospeso = sospeso || d <= s.Al
	}
	return sospeso, false
}

// scorre reports whether a term in solari cannot end on d.
func (c *Calendario) scorre(d Date, sabatoFestivo bool) bool {
	return c.festivi.has(d) || sabatoFestivo && sabato(d)
}

func sabato(d Date) bool { return d.Weekday() == time.Saturday }

// Back is the day k calendar days before d, moved back to a day on which the
// office works. It is the day of a warning that comes before a date.
func (c *Calendario) Back(d Date, k int, sabatoFestivo bool) Date {
	for d = d.Add(-k); c.Chiuso(d, sabatoFestivo) && d >= primo; d-- {
	}
	return d
}

// Forward is the day k calendar days after d, moved on to a day on which the
// office works.
func (c *Calendario) Forward(d Date, k int, sabatoFestivo bool) Date {
	for d = d.Add(k); c.Chiuso(d, sabatoFestivo) && d <= ultimo; d++ {
	}
	return d
}
