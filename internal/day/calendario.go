package day

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tutela/internal/fault"
)

//go:embed festivi.csv
var festiviNazionali string

// The days a calendario knows. Terms that would end later are refused.
var (
	primo  = Of(1900, 1, 1)
	ultimo = Of(2999, 12, 31)
)

const intestazione = "effetto;regola;nome;dal;al;fonte"

// maxRighe bounds what ParseCalendario accepts from outside.
const maxRighe = 2000

// Calendario says which days are holidays and which days the office is closed.
// It never changes once made, so any number of goroutines may share it.
//
// ref: l260-1949 art. 2, and what changed it (festivi.csv)
type Calendario struct {
	righe   []riga
	festivi giorni // holidays with civil effect
	chiusi  giorni // festivi, and the days on which the office only is closed
	hash    string // of Canonical
}

// Nazionale is the calendario of the holidays that hold in all Italy.
func Nazionale() *Calendario { return nazionale() }

var nazionale = sync.OnceValue(func() *Calendario {
	c, err := ParseCalendario([]byte(festiviNazionali))
	if err != nil {
		panic("day: festivi.csv: " + err.Error())
	}
	return c
})

// ParseCalendario reads what Canonical wrote. Empty lines and lines that begin
// with # say nothing. Its errors are fault.Invalid and name the line.
func ParseCalendario(b []byte) (*Calendario, error) {
	c := &Calendario{}
	testa := false
	for i, s := range strings.Split(string(b), "\n") {
		if s = strings.TrimSuffix(s, "\r"); s == "" || s[0] == '#' {
			continue
		}
		if !testa {
			if s != intestazione {
				return nil, fault.New(fault.Invalid, "La prima riga del calendario deve essere "+intestazione+".")
			}
			testa = true
			continue
		}
		r, err := parseRiga(s)
		if err != nil {
			return nil, fault.New(fault.Invalid, fmt.Sprintf("Calendario, riga %d: %v.", i+1, err))
		}
		if c.righe = append(c.righe, r); len(c.righe) > maxRighe {
			return nil, fault.New(fault.TooLarge, fmt.Sprintf("Il calendario ha più di %d righe.", maxRighe))
		}
	}
	if len(c.righe) == 0 {
		return nil, fault.New(fault.Invalid, "Il calendario è vuoto.")
	}
	c.festivi, c.chiusi = nuoviGiorni(), nuoviGiorni()
	for _, r := range c.righe {
		c.segna(r)
	}
	c.hash = c.impronta()
	return c, nil
}

func (c *Calendario) segna(r riga) {
	r.segna(primo, ultimo, func(d Date) {
		c.chiusi.set(d)
		if r.festivo {
			c.festivi.set(d)
		}
	})
}

// Con is c with the days on which this office only is closed: the patron's day
// ("MM-DD", or empty) and single closures. They move no legal term: they are
// left out of terms in working days, and of Back and Forward.
//
// ref: l260-1949 art. 2, which names no patron's day
func (c *Calendario) Con(patrono string, chiusure ...Date) (*Calendario, error) {
	var righe []riga
	if patrono != "" {
		r, err := parseRiga("chiuso;" + patrono + ";Santo patrono;;;" + FonteEnte)
		if err != nil || r.mese == 0 {
			return nil, fault.New(fault.Invalid, "Il giorno del patrono va scritto MM-GG, per esempio 06-24.")
		}
		righe = append(righe, r)
	}
	chiusure = slices.Clone(chiusure)
	slices.Sort(chiusure)
	for _, d := range slices.Compact(chiusure) {
		_, m, g := d.Date()
		righe = append(righe, riga{
			regola: fmt.Sprintf("%02d-%02d", int(m), g), nome: "Chiusura dell'ufficio",
			dal: d, al: d, fonte: FonteEnte, mese: m, giorno: g, pasqua: -1,
		})
	}
	n := &Calendario{righe: slices.Concat(c.righe, righe), festivi: c.festivi, chiusi: slices.Clone(c.chiusi)}
	for _, r := range righe {
		n.segna(r)
	}
	n.hash = n.impronta()
	return n, nil
}

// Festivo says whether d is a holiday with civil effect, by the law in force on
// d, under which name and by which source. Sundays are; Saturdays are not, nor
// the patron's day.
func (c *Calendario) Festivo(d Date) (nome, fonte string, ok bool) {
	if !c.festivi.has(d) {
		return "", "", false
	}
	r := c.riga(d, true)
	return r.nome, r.fonte, true
}

// Chiuso reports whether the office does not work on d: holidays, the patron's
// day, closures, and Saturdays if sabatoFestivo.
func (c *Calendario) Chiuso(d Date, sabatoFestivo bool) bool {
	return c.chiusi.has(d) || sabatoFestivo && sabato(d)
}

// riga is the first row that falls on d, among those with civil effect only if
// festivo.
func (c *Calendario) riga(d Date, festivo bool) riga {
	for _, r := range c.righe {
		if (r.festivo || !festivo) && r.cade(d) {
			return r
		}
	}
	return riga{}
}

// Canonical is the calendario as text, the same bytes for the same rows:
// ParseCalendario reads it back.
func (c *Calendario) Canonical() []byte {
	var b strings.Builder
	b.WriteString(intestazione + "\n")
	for _, r := range c.righe {
		b.WriteString(r.String() + "\n")
	}
	return []byte(b.String())
}

// Hash is the SHA-256 of Canonical in hexadecimal: the name by which a pratica
// remembers with which calendario it counts.
func (c *Calendario) Hash() string { return c.hash }

func (c *Calendario) impronta() string {
	h := sha256.Sum256(c.Canonical())
	return hex.EncodeToString(h[:])
}

// giorni is a set of days between primo and ultimo, a bit each: asking is
// cheaper than computing Easter, and needs no lock.
type giorni []uint64

func nuoviGiorni() giorni { return make(giorni, int(ultimo-primo)/64+1) }

func (g giorni) set(d Date) { g[uint32(d-primo)/64] |= 1 << (uint32(d-primo) % 64) }

func (g giorni) has(d Date) bool {
	i := uint32(d - primo)
	return int(i/64) < len(g) && g[i/64]>>(i%64)&1 == 1
}
