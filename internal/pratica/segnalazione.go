package pratica

import (
	"fmt"
	"io"
	"log/slog"

	"tutela/internal/day"
	"tutela/internal/vault"
)

// Riservata holds a value about a person so that it never prints: fmt, slog and
// JSON get "[riservato]". Only who must show it calls Apri.
type Riservata[T any] struct{ p *T }

// Chiudi holds v.
func Chiudi[T any](v T) Riservata[T] { return Riservata[T]{&v} }

// Apri gives the value itself. Who calls it answers for where it goes.
func (r Riservata[T]) Apri() T {
	if r.p == nil {
		var zero T
		return zero
	}
	return *r.p
}

// Format prints [riservato] for every verb.
func (r Riservata[T]) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// LogValue logs [riservato].
func (r Riservata[T]) LogValue() slog.Value { return slog.StringValue("[riservato]") }

// MarshalJSON writes "[riservato]".
func (r Riservata[T]) MarshalJSON() ([]byte, error) { return []byte(`"[riservato]"`), nil }

// Segnalazione is what a person said: who, for whom, where, when, what. It is
// never edited, only added to.
//
// ref: pga01 4.3, 4.4.1 (MOD 01)
type Segnalazione struct {
	Tipo         string   `json:"tipo,omitempty"` // as the person chose it
	Oggetto      string   `json:"oggetto,omitempty"`
	Testo        string   `json:"testo"`
	Chiede       string   `json:"chiede,omitempty"`
	Presidio     string   `json:"presidio,omitempty"` // as written
	Unita        string   `json:"unita,omitempty"`    // as written
	Quando       string   `json:"quando,omitempty"`
	ConosciutoIl day.Date `json:"conosciutoIl,omitzero"`
	Lingua       string   `json:"lingua,omitempty"`
	Aiuto        string   `json:"aiuto,omitempty"` // help needed to be answered
	Segnalante   *Persona `json:"segnalante,omitempty"`
	Assistito    *Persona `json:"assistito,omitempty"`
	Ritardo      string   `json:"ritardo,omitempty"`  // why it comes late
	Ricapito     string   `json:"ricapito,omitempty"` // how to answer: email, pec, telefono, posta, sportello
	// Written by the office that takes it in.
	Testimone string `json:"testimone,omitempty"`
	Delega    string `json:"delega,omitempty"` // kind of title to act for another
	NoteURP   string `json:"noteUrp,omitempty"`
	Sale      []byte `json:"sale,omitempty"` // of Pseudonimo: ours, and not for who reports to say
}

// Persona is somebody named in a segnalazione. Nothing of it is compulsory but
// one way to answer.
type Persona struct {
	Nome          string `json:"nome,omitempty"`
	Cognome       string `json:"cognome,omitempty"`
	CodiceFiscale string `json:"codiceFiscale,omitempty"`
	DataNascita   string `json:"dataNascita,omitempty"`
	Email         string `json:"email,omitempty"`
	PEC           string `json:"pec,omitempty"`
	Telefono      string `json:"telefono,omitempty"`
	Indirizzo     string `json:"indirizzo,omitempty"`
	Comune        string `json:"comune,omitempty"`
	CAP           string `json:"cap,omitempty"`
	Qualita       string `json:"qualita,omitempty"`  // utente, familiare, delegato, tutore, erede, associazione
	Rapporto      string `json:"rapporto,omitempty"` // of the patient to who reports
}

// Breve is how lists call a person: first name and initial.
func (p *Persona) Breve() string {
	if p == nil || (p.Nome == "" && p.Cognome == "") {
		return "Anonimo"
	}
	if p.Nome == "" || p.Cognome == "" {
		return p.Nome + p.Cognome
	}
	return p.Nome + " " + string([]rune(p.Cognome)[:1]) + "."
}

// Recapito reports whether there is a way to answer.
func (p *Persona) Recapito() bool {
	return p != nil && (p.Email != "" || p.PEC != "" || p.Telefono != "" || p.Indirizzo != "")
}

// Riepilogo is the sealed summary behind a row of a list.
type Riepilogo struct {
	Oggetto string `json:"o"`
	Chi     string `json:"c"`
	Perch   string `json:"p,omitempty"` // for whom, when it is somebody else
}

// Format prints [riservato] for every verb.
func (Segnalazione) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Persona) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Riepilogo) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Dati are the fields of an act as they came: text, numbers, dates, choices, and
// under "strutture" the units asked. They never print.
type Dati map[string]any

// Format prints [riservato] for every verb.
func (d Dati) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// LogValue logs [riservato].
func (d Dati) LogValue() slog.Value { return slog.StringValue("[riservato]") }

// MarshalJSON writes "[riservato]".
func (d Dati) MarshalJSON() ([]byte, error) { return []byte(`"[riservato]"`), nil }

// File is an attachment whose ciphertext lies in the blob store already.
type File struct {
	ID         vault.ID
	Nome       vault.Riservato
	Tipo       string
	Dimensione int64
	Dove       string          // address of the ciphertext
	Impronta   [32]byte        // SHA-256 of the clear bytes
	Chiave     vault.Riservato // 32 random bytes: its own half of its key
}
