// Package access says who may see and do what. A rule is data: an OR of ANDs of
// a few atoms, and each atom has exactly one form in Go (for one case that was
// read) and one in SQL (for a list), so a list cannot return what Can would
// refuse: the rule cannot differ, only an atom could, and a test holds the two
// forms of each atom equal on random worlds.
//
// ref: pga01 5.1
package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tutela/internal/day"
	"tutela/internal/vault"
)

// The roles of the shipped procedures. A role is held at a unit, or for the
// whole ente when the unit is empty.
const (
	FrontOffice             = "front-office"
	URP                     = "urp"
	URPAziendale            = "urp-aziendale"
	Responsabile            = "responsabile"
	DirettoreMacrostruttura = "direttore-macrostruttura"
	DirettoreSanitario      = "direttore-sanitario"
	DirettoreAmministrativo = "direttore-amministrativo"
	Amministratore          = "amministratore"
	DPO                     = "dpo"
	UPT                     = "upt"           // heads the office of public protection
	UPTOperatore            = "upt-operatore" // works there
	Commissione             = "commissione"   // sits in the Commissione Mista Conciliativa; ref: dpcm-1995
)

// Roles are all of them.
var Roles = []string{FrontOffice, URP, URPAziendale, Responsabile, DirettoreMacrostruttura, DirettoreSanitario, DirettoreAmministrativo, Amministratore, DPO, UPT, UPTOperatore, Commissione}

// The registers of the cases. That of the UPT is a compartment of its members:
// nobody acts in it whose session has not its key.
const (
	RegistroURP = "urp"
	RegistroUPT = "upt"
)

// deiMembri are the roles that work in a compartment of members.
var deiMembri = []string{UPT, UPTOperatore}

// Ufficio is the key of an office: a role held at a unit ("urp:51201"), or for
// the whole ente ("urp-aziendale:"). Cases wait for offices, never for people.
func Ufficio(ruolo, unita string) string { return ruolo + ":" + unita }

// Ruolo and Unita take an office key apart.
func Ruolo(ufficio string) string { r, _, _ := strings.Cut(ufficio, ":"); return r }

// Unita is the unit of an office key; empty when it is held for the whole ente.
func Unita(ufficio string) string { _, u, _ := strings.Cut(ufficio, ":"); return u }

// Interpellato reports whether an office is asked about the cases of others: what was
// addressed to it is all it reads of them.
func Interpellato(ufficio string) bool {
	return slices.Contains([]string{Responsabile, DirettoreMacrostruttura}, Ruolo(ufficio))
}

// Incarico is a role held at a unit between two days, both included. A zero Al
// has no end.
type Incarico struct {
	Ruolo, Unita string
	Dal, Al      day.Date
}

// Vale reports whether the appointment is in force on that day.
func (i Incarico) Vale(giorno day.Date) bool {
	return i.Dal <= giorno && (i.Al.IsZero() || giorno <= i.Al)
}

// Chi is who is asking: a person of the ente with the offices held today, the
// citizen who holds a case's key, or the program itself.
type Chi struct {
	Ente     string
	Persona  string   // opaque id; empty for a citizen, "sistema" for the program
	Nome     string   // how colleagues call the person
	Mezzo    string   // web, api, timer, import
	Uffici   []string // office keys held today, subtree already expanded
	Giorno   day.Date // today, where who asks is; zero: no day on which a session is open
	Conferma time.Time
	Aperti   Comparti        // nil: none
	Segreto  vault.Riservato // of a citizen: the chiave of the case
}

// Comparti are the compartments of members that the session of who asks has open, for
// one request.
type Comparti interface {
	Opener(comparto string) (vault.Opener, bool)
	Recipient(comparto string) (vault.Recipient, bool)
	// Person is somebody of a compartment's roll, to wrap single parts for.
	Person(comparto, persona string) (vault.Recipient, error)
	// Own opens what was wrapped for who asks alone.
	Own() (vault.Opener, bool)
}

// Apre reports whether who asks has the compartment of a register open.
func (c Chi) Apre(registro string) bool {
	if c.Aperti == nil {
		return false
	}
	_, ok := c.Aperti.Opener(registro)
	return ok
}

// Attivi are the offices in which who asks acts now: that of a compartment of
// members only while his session has it open.
func (c Chi) Attivi() []string {
	if !c.Ha(deiMembri...) || c.Apre(RegistroUPT) {
		return c.Uffici
	}
	return slices.DeleteFunc(slices.Clone(c.Uffici), func(u string) bool { return slices.Contains(deiMembri, Ruolo(u)) })
}

// Sistema is the program acting by itself, when a term lapses.
func Sistema(ente string) Chi { return Chi{Ente: ente, Persona: "sistema", Mezzo: "timer"} }

// Cittadino is somebody who reports, or who holds the key of a case.
func Cittadino(ente, mezzo string) Chi { return Chi{Ente: ente, Mezzo: mezzo} }

// Personale reports whether a member of staff is asking.
func (c Chi) Personale() bool { return c.Persona != "" && c.Persona != "sistema" }

// Ha reports whether who asks holds the role, at any unit.
func (c Chi) Ha(ruoli ...string) bool {
	return slices.ContainsFunc(c.Uffici, func(u string) bool { return slices.Contains(ruoli, Ruolo(u)) })
}

// Azione is something one may do to a case.
type Azione string

// The actions that rules speak of.
const (
	Elencare     Azione = "elencare"      // see that the case exists: number, kind, dates, what was addressed to one's offices
	VedereNucleo Azione = "vedere-nucleo" // read who, what, drafts, notes
	VedereSeduta Azione = "vedere-seduta" // read what a session of the Commissione was given
)

// Posto is a seat in a session of the Commissione that reads a case between two
// days, both included.
type Posto struct {
	Persona string
	Dal, Al day.Date
}

// Oggetto is what a rule needs to know of a case: the offices that handle it,
// those that were only asked, who sits in its session.
type Oggetto struct {
	Ente     string
	Registro string
	Nucleo   []string // office keys that read everything
	Chiesto  []string // office keys that read only what was addressed to them
	Posti    []Posto
}

type atomo struct {
	nome string
	vale func(Chi, Oggetto) bool
	sql  func(Chi, *Args) string // over the table alias p (pratiche)
}

var (
	stessoEnte = atomo{"stessoEnte",
		func(c Chi, o Oggetto) bool { return c.Ente == o.Ente },
		func(c Chi, a *Args) string { return "p.ente = " + a.Add(c.Ente) }}
	coordina = atomo{"coordina", // the URP aziendale sees every URP case; ref: pga01 5.1
		func(c Chi, o Oggetto) bool { return c.Ha(URPAziendale) && o.Registro == RegistroURP },
		func(c Chi, _ *Args) string {
			if !c.Ha(URPAziendale) {
				return "1=0"
			}
			return "p.registro = '" + RegistroURP + "'"
		}}
	tratta = atomo{"tratta",
		func(c Chi, o Oggetto) bool { return incontra(c.Attivi(), o.Nucleo) },
		func(c Chi, a *Args) string { return vede(c, a, "n") }}
	richiesto = atomo{"richiesto",
		func(c Chi, o Oggetto) bool { return incontra(c.Attivi(), o.Chiesto) },
		func(c Chi, a *Args) string { return vede(c, a, "r") }}
	aperta = atomo{"aperta", // what members hold, only with their key; ref: lr33-2009 art. 23-bis
		func(c Chi, o Oggetto) bool { return o.Registro != RegistroUPT || c.Apre(RegistroUPT) },
		func(c Chi, _ *Args) string {
			if c.Apre(RegistroUPT) {
				return "1=1"
			}
			return "p.registro <> '" + RegistroUPT + "'"
		}}
	inSeduta = atomo{"inSeduta", // by name, and only between the days of the session
		func(c Chi, o Oggetto) bool {
			return c.Ha(Commissione) && slices.ContainsFunc(o.Posti, func(x Posto) bool {
				return x.Persona == c.Persona && x.Dal <= c.Giorno && c.Giorno <= x.Al
			})
		},
		func(c Chi, a *Args) string {
			if !c.Ha(Commissione) {
				return "1=0"
			}
			oggi := c.Giorno.String()
			return "exists (select 1 from siede x where x.ente = p.ente and x.n = p.n and x.persona = " + a.Add(c.Persona) +
				" and x.dal <= " + a.Add(oggi) + " and x.al >= " + a.Add(oggi) + ")"
		}}
)

// regole: an action is allowed when every atom of one row holds.
var regole = map[Azione][][]atomo{
	Elencare:     {{stessoEnte, coordina}, {stessoEnte, tratta, aperta}, {stessoEnte, richiesto}},
	VedereNucleo: {{stessoEnte, coordina}, {stessoEnte, tratta, aperta}},
	VedereSeduta: {{stessoEnte, inSeduta}},
}

// Can reports whether who asks may do the action on the object. What is not in
// the rules is refused.
func Can(c Chi, a Azione, o Oggetto) bool {
	return slices.ContainsFunc(regole[a], func(riga []atomo) bool {
		return !slices.ContainsFunc(riga, func(t atomo) bool { return !t.vale(c, o) })
	})
}

// Where is the same rule as a condition over the table alias p (pratiche); its
// values are added to args. What every row asks stands once, in front: a database
// finds no index through an OR.
func Where(c Chi, a Azione, args *Args) string {
	righe := regole[a]
	if len(righe) == 0 {
		return "1=0"
	}
	comune := func(t atomo) bool {
		return !slices.ContainsFunc(righe, func(riga []atomo) bool {
			return !slices.ContainsFunc(riga, func(x atomo) bool { return x.nome == t.nome })
		})
	}
	var and, or []string
	for _, t := range righe[0] {
		if comune(t) {
			and = append(and, t.sql(c, args))
		}
	}
	for _, riga := range righe {
		proprie := []string{"1=1"}
		for _, t := range riga {
			if !comune(t) {
				proprie = append(proprie, t.sql(c, args))
			}
		}
		or = append(or, "("+strings.Join(proprie, " and ")+")")
	}
	return "(" + strings.Join(append(and, "("+strings.Join(or, " or ")+")"), " and ") + ")"
}

// Args gathers the values of a query and gives each its place, $1 onwards.
type Args struct{ Valori []any }

// Add puts a value in the list and returns its place.
func (a *Args) Add(v any) string {
	a.Valori = append(a.Valori, v)
	return fmt.Sprintf("$%d", len(a.Valori))
}

// In is a list of places for the values, or a list nothing is in.
func (a *Args) In(valori []string) string {
	if len(valori) == 0 {
		return "(null)"
	}
	var p []string
	for _, v := range valori {
		p = append(p, a.Add(v))
	}
	return "(" + strings.Join(p, ",") + ")"
}

func vede(c Chi, a *Args, come string) string {
	return "exists (select 1 from vede v where v.ente = p.ente and v.n = p.n and v.come = '" + come +
		"' and v.ufficio in " + a.In(c.Attivi()) + ")"
}

func incontra(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}
