// Package regolamento turns a procedure written as data into a finite machine:
// which acts exist, who may do each one and when, which terms each one starts or
// stops. It reads the clear part of the acts of a pratica and says in which
// state the pratica is, what may be done next, and what is due when and why.
//
// It is pure: no clock, no database, no randomness. A loaded Regolamento never
// changes, so any number of goroutines may share it.
//
// The language and its semantics are described in docs/regolamento.md.
package regolamento

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"tutela/internal/day"
)

// Motore is the number of the semantics that this package implements. A file
// that asks for another one is refused: its rules would mean something else.
const Motore = 1

// The actors that no organigramma has to find.
const (
	AttoreCittadino = "cittadino" // who reported, with the key of the case
	AttoreSistema   = "sistema"   // the program, when a term lapses
)

// The places in which the organigramma looks for the role of an actor (ambito).
const (
	AmbitoEnte           = "ente"           // one office for the whole ente
	AmbitoRicezione      = "ricezione"      // the office that received the segnalazione
	AmbitoTerritorio     = "territorio"     // the URP competent for the structure concerned
	AmbitoStruttura      = "struttura"      // the structure that the segnalazione is about
	AmbitoDestinatario   = "destinatario"   // the structure that was asked, for the act that answers
	AmbitoMacrostruttura = "macrostruttura" // the macrostruttura above the structure concerned
)

// Regolamento is one procedure, loaded and found whole. Make it with Load,
// Parse or Shipped.
type Regolamento struct {
	doc       documento
	canonico  []byte
	hash      string
	atti      map[string]*DefAtto
	termini   map[string]*DefTermine
	fasi      map[string]*DefFase
	valori    map[string][]string // by attribute
	iniziali  Attr
	calendari Conteggio
}

// Conteggio says how the days of the terms are counted unless a term says
// otherwise.
type Conteggio struct {
	Computo       day.Computo
	SabatoFestivo bool
}

// Nome is the name of the regolamento, as in `regolamento show NAME`.
func (r *Regolamento) Nome() string { return r.doc.Regolamento }

// Versione is the revision that the file declares.
func (r *Regolamento) Versione() string { return r.doc.Versione }

// Titolo is the name of the procedure as people read it.
func (r *Regolamento) Titolo() string { return r.doc.Titolo }

// Registro is the name of the register in which its cases are numbered.
func (r *Regolamento) Registro() string { return r.doc.Registro }

// Retroattivo is how many days before today an act may be dated by who writes
// it down. 0: only today.
func (r *Regolamento) Retroattivo() int { return r.doc.Retroattivo }

// Presentazione is how many days from knowledge of the fact a report is expected
// to take. A later one is taken all the same, and asked why. 0: no such days.
func (r *Regolamento) Presentazione() int { return r.doc.Presenta }

// Conservazione is how long a file is kept, and the acts about its end. Zero: it is
// kept for ever.
func (r *Regolamento) Conservazione() Conservazione { return r.doc.Conserva }

// Trattenuta reports whether something holds a file beyond its years: the last act
// about it did.
func (r *Regolamento) Trattenuta(s Stato) bool { return s.Fatti[r.doc.Conserva.Trattiene] > 0 }

// Conteggio is the way of counting days that holds for its terms.
func (r *Regolamento) Conteggio() Conteggio { return r.calendari }

// Canonical is the resolved document (base merged) as compact JSON, keys in the
// order of the file. Parse reads it back.
func (r *Regolamento) Canonical() []byte { return slices.Clone(r.canonico) }

// Hash is the SHA-256 of Canonical in hexadecimal: the name by which a pratica
// remembers the regolamento it began under.
func (r *Regolamento) Hash() string { return r.hash }

func hashOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Predefiniti are the attributes of a case before its first act: the first value
// of each closed list. `tipo` has none until the opening act gives it.
func (r *Regolamento) Predefiniti() Attr { return r.iniziali.clone() }

// Tipi are the kinds of segnalazione, in the order of the file.
func (r *Regolamento) Tipi() []DefTipo { return slices.Clone(r.doc.tipi) }

// Tipo is one kind of segnalazione.
func (r *Regolamento) Tipo(nome string) (DefTipo, bool) {
	for _, t := range r.doc.tipi {
		if t.Nome == nome {
			return t, true
		}
	}
	return DefTipo{}, false
}

// Valori are the values an attribute may have, in the order of the file. Those
// of `tipo` are the names of Tipi. Nil if there is no such attribute.
func (r *Regolamento) Valori(attributo string) []string {
	return slices.Clone(r.valori[attributo])
}

// Attori are the actors that the organigramma finds, in the order of the file.
func (r *Regolamento) Attori() []DefAttore { return slices.Clone(r.doc.attori) }

// Attore is one actor; cittadino and sistema are actors with no role.
func (r *Regolamento) Attore(nome string) (DefAttore, bool) {
	for _, a := range r.doc.attori {
		if a.Nome == nome {
			return a, true
		}
	}
	switch nome {
	case AttoreCittadino:
		return DefAttore{Nome: nome, Etichetta: "Cittadino"}, true
	case AttoreSistema:
		return DefAttore{Nome: nome, Etichetta: "Il programma"}, true
	}
	return DefAttore{}, false
}

// Fasi are the phases, in the order of the file.
func (r *Regolamento) Fasi() []DefFase { return slices.Clone(r.doc.fasi) }

// Fase is one phase.
func (r *Regolamento) Fase(nome string) (DefFase, bool) {
	if f := r.fasi[nome]; f != nil {
		return *f, true
	}
	return DefFase{}, false
}

// Atti are the kinds of act, in the order of the file: the order in which a
// person meets them. They are shared: do not change them.
func (r *Regolamento) Atti() []*DefAtto { return slices.Clone(r.doc.atti) }

// Atto is one kind of act, nil if there is no such kind.
func (r *Regolamento) Atto(nome string) *DefAtto { return r.atti[nome] }

// Termini are the rules of the terms, in the order of the file. They are shared:
// do not change them.
func (r *Regolamento) Termini() []*DefTermine { return slices.Clone(r.doc.termini) }

// Termine is the rule of one term, nil if there is no such term.
func (r *Regolamento) Termine(nome string) *DefTermine { return r.termini[nome] }

// Stato is one of the citizen's four words for a state: ricevuta, in_esame,
// risposta_pronta, chiusa. Before the first act it is empty.
func (r *Regolamento) Stato(s Stato) string {
	if f := r.fasi[s.Fase]; f != nil {
		return f.Cittadino
	}
	return ""
}
