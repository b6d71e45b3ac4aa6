package access

import (
	"slices"
	"strings"
)

// Atomi are the names of the atoms that some rule asks for.
func Atomi() []string {
	var out []string
	for _, righe := range regole {
		for _, riga := range righe {
			for _, t := range riga {
				out = append(out, t.nome)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Guasti are the ways in which one form of an atom can be wrong.
var Guasti = []string{"Go, always true", "Go, always false", "SQL, always true", "SQL, always false"}

// Rompi makes an atom wrong in every rule until what it returns is called.
func Rompi(nome, guasto string) (ripara func()) {
	sani := regole
	vero := strings.HasSuffix(guasto, "true")
	regole = map[Azione][][]atomo{}
	for a, righe := range sani {
		for _, riga := range righe {
			riga = slices.Clone(riga)
			for i, t := range riga {
				switch {
				case t.nome != nome:
				case strings.HasPrefix(guasto, "Go"):
					riga[i].vale = func(Chi, Oggetto) bool { return vero }
				case vero:
					riga[i].sql = func(Chi, *Args) string { return "1=1" }
				default:
					riga[i].sql = func(Chi, *Args) string { return "1=0" }
				}
			}
			regole[a] = append(regole[a], riga)
		}
	}
	return func() { regole = sani }
}
