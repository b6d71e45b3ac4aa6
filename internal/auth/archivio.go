package auth

import (
	"context"
	"time"

	"tutela/internal/access"
)

// Archivio is what signing in needs of the store. It is declared here so that
// this package knows no database. What is absent is fault.NotFound.
type Archivio interface {
	// Persone lists the people of an ente by name, with all their incarichi;
	// with utente, only who signs in by that name.
	Persone(ctx context.Context, ente, utente string) ([]Persona, error)
	Persona(ctx context.Context, ente, id string) (Persona, error)
	// AggiungiPersona stores a new person; fault.Conflict when the utente is taken.
	AggiungiPersona(ctx context.Context, p Persona) error
	// AggiornaPersona makes the whole change or none of it.
	AggiornaPersona(ctx context.Context, ente, id string, c Cambio) error
	// SalvaIncarico adds an incarico, or moves the end of the one with the same
	// role, unit and first day.
	SalvaIncarico(ctx context.Context, ente, persona string, i access.Incarico) error

	Credenziale(ctx context.Context, ente string, t Tipo, id []byte) (Credenziale, error)
	Credenziali(ctx context.Context, ente string, t Tipo, persona string) ([]Credenziale, error)
	AggiungiCredenziale(ctx context.Context, c Credenziale) error
	// SegnaVista moves a session's instants forward. It never brings back a
	// session that was ended meanwhile, nor an instant.
	SegnaVista(ctx context.Context, ente string, id []byte, vista, conferma time.Time) error
	EliminaCredenziale(ctx context.Context, ente string, t Tipo, persona string, id []byte) error

	// Tentativi gives the brakes of those keys that have one, in any order.
	Tentativi(ctx context.Context, chiavi [][]byte) ([]Tentativo, error)
	// SalvaTentativi stores brakes, and deletes those without debt.
	SalvaTentativi(ctx context.Context, t []Tentativo) error
}

// Persona is a member of staff of one ente. ID is opaque and never changes: it is
// what acts carry.
type Persona struct {
	Ente, ID  string
	Utente    string // the name one signs in by, lower case
	Nome      string // how colleagues call the person
	Attiva    bool
	Fattore   string // stored form of the password; empty: none. Only this package reads it
	Creata    time.Time
	Incarichi []access.Incarico // past, present and future
}

// Cambio is what changes of a person; nil leaves a thing as it is.
type Cambio struct {
	Nome         *string
	Attiva       *bool
	Fattore      *string
	SeFattore    *string // the change is made only while this is the stored one
	FineSessioni bool    // in the same transaction every session ends…
	TranneQuesta []byte  // …but this one
	FineToken    bool    // and every token
}

// Tipo tells the two sorts of credential.
type Tipo int

// A session lives in a cookie, a token in a program.
const (
	TipoSessione Tipo = iota
	TipoToken
)

// Credenziale is the stored side of a cookie or token: ID is a digest, from which
// neither can be had back.
type Credenziale struct {
	Tipo     Tipo
	ID       []byte
	Ente     string
	Persona  string
	Creata   time.Time
	Vista    time.Time // sessions: last seen, to the minute
	Conferma time.Time // sessions: last time the password was given
	Nome     string    // tokens: what it is for
	Scade    time.Time // tokens
}

// Tentativo is a brake on sign-in: what was tried lately by one key, in
// milliseconds of debt at the last attempt, and until when the next is refused.
type Tentativo struct {
	Chiave []byte
	Debito int64
	Fino   time.Time
}
