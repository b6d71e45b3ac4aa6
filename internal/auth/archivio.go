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
	// SegnaStato puts an unlocked key into a session's row; nil takes it out.
	SegnaStato(ctx context.Context, ente string, id, stato []byte) error
	EliminaCredenziale(ctx context.Context, ente string, t Tipo, persona string, id []byte) error

	// RinnovaSessione gives a session another id, and what comes with it; a half one
	// becomes whole. fault.NotFound when it was ended meanwhile.
	RinnovaSessione(ctx context.Context, ente string, id []byte, nuova Credenziale) error

	// Secondi are a person's second factors and recovery codes, in any order.
	Secondi(ctx context.Context, ente, persona string) ([]Secondo, error)
	// CambiaSegreto writes a factor's secret, sealed anew, if it is still the one read.
	CambiaSegreto(ctx context.Context, f Secondo, nuovo []byte) error
	// Usa reports whether our mark was the first on the key, and changes the factor.
	Usa(ctx context.Context, u Uso) (bool, error)

	// Regola of the ente; the zero one when it never said.
	Regola(ctx context.Context, ente string) (Regola, error)
	SalvaRegola(ctx context.Context, ente string, r Regola, n Notizia) error
	// Notizie lists at most so many: daDire, those not told yet, oldest first; else
	// all, newest first.
	Notizie(ctx context.Context, ente, persona string, daDire bool, quante int) ([]Notizia, error)
	SegnaDette(ctx context.Context, ente, persona string, fino time.Time) error

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
	Secondi   int               // apps and passkeys
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

	Togli        []TipoSecondo // every factor of these sorts goes
	TogliSecondo []byte        // and this one
	Metti        []Secondo     // then these come; one that is there stays as it is
	Notizia      *Notizia      // recorded with the change
}

// Uso is the use of something that opens once.
type Uso struct {
	Chiave   []byte // names it
	Segno    []byte // ours, random
	Fino     time.Time
	Aggiorna *Secondo // its secret, last step and last use
	Elimina  *Secondo
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
	Conferma time.Time // sessions: last time the person proved who they are
	Mezza    bool      // sessions: the second factor is awaited
	Con      string    // sessions: what the person proved it with, last
	Da       Da        // sessions: where they signed in
	Stato    []byte    // sessions: an unlocked key, sealed under the cookie; nil: none
	Nome     string    // tokens: what it is for
	Scade    time.Time // tokens
}

// Da is where somebody signs in, as coarse as the page of sessions needs it.
type Da struct {
	Rete        string // see Rete; empty when there is none
	Dispositivo string // in words: "Firefox su Windows"
}

// Tentativo is a brake on sign-in: what was tried lately by one key, in
// milliseconds of debt at the last attempt, and until when the next is refused.
type Tentativo struct {
	Chiave []byte
	Debito int64
	Fino   time.Time
}
