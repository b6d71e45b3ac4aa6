package day

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// A riga is one row of a calendario: on which days it falls, from when to when,
// by which source.
type riga struct {
	festivo bool // civil effect: moves a last day; otherwise the office only is closed
	regola  string
	nome    string
	dal, al Date // both included; zero: no limit
	fonte   string

	mese   time.Month // of a fixed day; zero for the other rules
	giorno int
	pasqua int // days after Easter; -1 for the other rules
}

// domenica is the rule of every Sunday.
const domenica = "domenica"

// parseRiga reads "effetto;regola;nome;dal;al;fonte".
func parseRiga(s string) (riga, error) {
	c := strings.Split(s, ";")
	if len(c) != 6 {
		return riga{}, errors.New("servono sei campi: effetto;regola;nome;dal;al;fonte")
	}
	r := riga{festivo: c[0] == "festivo", regola: c[1], nome: c[2], fonte: c[5], pasqua: -1}
	if !r.festivo && c[0] != "chiuso" {
		return r, errors.New("l'effetto è «festivo» o «chiuso»")
	}
	if r.nome == "" || r.fonte == "" {
		return r, errors.New("servono il nome e la fonte")
	}
	if err := r.parseRegola(); err != nil {
		return r, err
	}
	var err error
	if r.dal, err = parseLimite(c[3]); err != nil {
		return r, err
	}
	if r.al, err = parseLimite(c[4]); err != nil {
		return r, err
	}
	if !r.dal.IsZero() && !r.al.IsZero() && r.al < r.dal {
		return r, errors.New("la riga finisce prima di cominciare")
	}
	return r, nil
}

func (r *riga) parseRegola() error {
	if r.regola == domenica {
		return nil
	}
	if n, ok := strings.CutPrefix(r.regola, "pasqua+"); ok {
		v, err := strconv.Atoi(n)
		if err != nil || v < 0 || v > 200 || strconv.Itoa(v) != n {
			return errors.New("dopo «pasqua+» va un numero di giorni, da 0 a 200")
		}
		r.pasqua = v
		return nil
	}
	var err error
	r.mese, r.giorno, err = parseRicorrenza(r.regola)
	return err
}

// parseRicorrenza reads MM-DD; 02-29 is a day that only leap years have.
func parseRicorrenza(s string) (time.Month, int, error) {
	t, err := time.Parse("2006-01-02", "2000-"+s)
	if err != nil || len(s) != 5 {
		return 0, 0, errors.New("il giorno dell'anno va scritto MM-GG, per esempio 06-24")
	}
	return t.Month(), t.Day(), nil
}

func parseLimite(s string) (Date, error) {
	if s == "" {
		return 0, nil
	}
	return Parse(s)
}

func (r riga) String() string {
	effetto := "chiuso"
	if r.festivo {
		effetto = "festivo"
	}
	return strings.Join([]string{effetto, r.regola, r.nome, r.dal.String(), r.al.String(), r.fonte}, ";")
}

// vale reports whether the row is in force on d.
func (r riga) vale(d Date) bool {
	return (r.dal.IsZero() || d >= r.dal) && (r.al.IsZero() || d <= r.al)
}

// cade reports whether d is one of the row's days.
func (r riga) cade(d Date) bool {
	if !r.vale(d) {
		return false
	}
	y, m, g := d.Date()
	switch {
	case r.regola == domenica:
		return d.Weekday() == time.Sunday
	case r.pasqua >= 0:
		return d == pasqua(y).Add(r.pasqua)
	default:
		return m == r.mese && g == r.giorno
	}
}

// segna calls set with every day of the row between from and to, both included.
func (r riga) segna(from, to Date, set func(Date)) {
	if !r.dal.IsZero() {
		from = max(from, r.dal)
	}
	if !r.al.IsZero() {
		to = min(to, r.al)
	}
	if r.regola == domenica {
		for d := from.Add(int(7-from.Weekday()) % 7); d <= to; d += 7 {
			set(d)
		}
		return
	}
	for y := from.Year(); y <= to.Year(); y++ {
		if d, ok := r.anno(y); ok && d >= from && d <= to {
			set(d)
		}
	}
}

// anno is the row's day in the year y; false for 02-29 in a year without it.
func (r riga) anno(y int) (Date, bool) {
	if r.pasqua >= 0 {
		return pasqua(y).Add(r.pasqua), true
	}
	d := Of(y, r.mese, r.giorno)
	_, m, _ := d.Date()
	return d, m == r.mese
}

// pasqua is Easter Sunday of the Gregorian year y. The year's place in the
// nineteen-year cycle of the moon gives the full moon (n days after 21 March),
// with the Gregorian corrections for the century; Easter is the Sunday after it.
func pasqua(y int) Date {
	secolo, ciclo := y/100, y%19
	luna := (15 + secolo - secolo/4 - (8*secolo+13)/25) % 30
	n := (19*ciclo + luna) % 30
	if n == 29 || n == 28 && ciclo > 10 {
		n-- // the tables never put the full moon after 18 April, nor two years of a cycle on one day
	}
	pleniluna := Of(y, time.March, 21).Add(n)
	return pleniluna.Add(7 - int(pleniluna.Weekday()))
}
