package organigramma

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Errore is one thing wrong in the files, for the administrator who will mend them.
type Errore struct {
	File         string `json:"file"`              // which of the files, by its usual name
	Riga         int    `json:"riga,omitempty"`    // line in the file, from 1; 0 when the whole file is meant
	Colonna      int    `json:"colonna,omitempty"` // field in the line, from 1; 0 when the whole line is meant
	Campo        string `json:"campo,omitempty"`   // the column's name
	Messaggio    string `json:"messaggio"`         // what is wrong, in Italian
	Suggerimento string `json:"suggerimento,omitempty"`
}

// Error is the whole in one line: where, what, and what to do.
func (e Errore) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Riga > 0 {
		fmt.Fprintf(&b, ", riga %d", e.Riga)
	}
	if e.Campo != "" {
		fmt.Fprintf(&b, ", colonna %d (%s)", e.Colonna, e.Campo)
	}
	b.WriteString(": " + e.Messaggio)
	if e.Suggerimento != "" {
		b.WriteString(" " + e.Suggerimento)
	}
	return b.String()
}

// MaxErrori is how many errors an import lists; a last one says if there are more.
const MaxErrori = 200

// errori collects what is wrong, up to MaxErrori.
type errori struct {
	lista  []Errore
	troppi bool
}

func (e *errori) pieno() bool { return e.troppi }

func (e *errori) add(x Errore) {
	if len(e.lista) >= MaxErrori {
		e.troppi = true
		return
	}
	e.lista = append(e.lista, x)
}

// fine gives the errors in the order of files and lines.
func (e *errori) fine() []Errore {
	ordine := map[string]int{FileUnita: 0, FileRelazioni: 1, FilePresidi: 2, FileAlias: 3}
	slices.SortStableFunc(e.lista, func(a, b Errore) int {
		if d := ordine[a.File] - ordine[b.File]; d != 0 {
			return d
		}
		if d := a.Riga - b.Riga; d != 0 {
			return d
		}
		return a.Colonna - b.Colonna
	})
	if e.troppi {
		return append(e.lista, Errore{
			File:         e.lista[len(e.lista)-1].File,
			Messaggio:    fmt.Sprintf("Ci sono altri errori oltre ai primi %d.", MaxErrori),
			Suggerimento: "Correggi questi e riprova.",
		})
	}
	return e.lista
}

// cita quotes a value from a file: short, and with nothing that could disturb a
// terminal or a page.
func cita(s string) string {
	var b strings.Builder
	for i, r := range []rune(s) {
		if i == 60 {
			b.WriteString("…")
			break
		}
		if vietato(r) || r == '\n' || r == '\t' || !unicode.IsPrint(r) {
			r = '·'
		}
		b.WriteRune(r)
	}
	return "«" + b.String() + "»"
}

// vietato reports a character that no field may hold: controls, and the marks
// that turn the direction of writing.
func vietato(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r), r == '\ufeff', r == '\u2028', r == '\u2029':
		return true
	case r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// vicini finds the known value nearest to a wrong one. A search compares the whole
// list, so there is work for a bounded number of them: in a large file the later
// errors come without a suggestion.
type vicini struct {
	noti    []string
	trovate map[string]string
	lavoro  int // letters compared so far, about
}

const maxLavoro = 200_000_000

func (n *vicini) cerca(s string) string {
	if v, ok := n.trovate[s]; ok {
		return v
	}
	costo := len(n.noti) * len(s) * len(s)
	if len(s) > 64 || n.lavoro+costo > maxLavoro {
		return ""
	}
	n.lavoro += costo
	if n.trovate == nil {
		n.trovate = map[string]string{}
	}
	n.trovate[s] = vicino(s, n.noti)
	return n.trovate[s]
}

// vicino is the nearest of noti to s by letters changed, if it is near enough to
// be a slip.
func vicino(s string, noti []string) string {
	s = strings.ToLower(s)
	migliore, meno := "", min(3, max(1, len(s)/3))+1
	for _, n := range noti {
		if d := len(n) - len(s); d >= meno || -d >= meno {
			continue
		}
		if d := distanza(s, strings.ToLower(n)); d < meno {
			migliore, meno = n, d
		}
	}
	return migliore
}

// distanza is the number of bytes to insert, delete or replace to make b of a.
func distanza(a, b string) int {
	riga := make([]int, len(b)+1)
	for j := range riga {
		riga[j] = j
	}
	for i := 1; i <= len(a); i++ {
		sopra := riga[0]
		riga[0] = i
		for j := 1; j <= len(b); j++ {
			costo := sopra
			if a[i-1] != b[j-1] {
				costo++
			}
			sopra = riga[j]
			riga[j] = min(costo, riga[j]+1, riga[j-1]+1)
		}
	}
	return riga[len(b)]
}

// forse words a suggestion, if there is one.
func forse(s string) string {
	if s == "" {
		return ""
	}
	return "Forse volevi scrivere " + cita(s) + "."
}
