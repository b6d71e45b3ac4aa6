package auth

import (
	"context"
	"time"

	"tutela/internal/access"
	"tutela/internal/vault"
)

// Notizia is something done to a person's access, or with Persona empty to the
// ente's rule. They are only added.
type Notizia struct {
	Ente, Persona string
	ID            []byte
	Chi           string // who did it; empty: somebody who had not signed in yet
	Cosa          Cosa
	Nota          string // what it names, in words
	Il            time.Time
	Dire          bool // the person is told at the next sign-in
}

// Cosa is what was done.
type Cosa string

// What may be done to an access.
const (
	AppAggiunta      Cosa = "app-aggiunta"
	PasskeyAggiunta  Cosa = "passkey-aggiunta"
	FattoreTolto     Cosa = "fattore-tolto"
	FattoriAzzerati  Cosa = "fattori-azzerati"
	CodiciNuovi      Cosa = "codici-nuovi"
	CodiceUsato      Cosa = "codice-usato"
	CodiciSbagliati  Cosa = "codici-sbagliati" // after a right password
	PasskeyCopiata   Cosa = "passkey-copiata"  // its counter went back
	PasswordCambiata Cosa = "password-cambiata"
	RegolaCambiata   Cosa = "regola-cambiata"
	ChiaveNuova      Cosa = "chiave-nuova" // a key of the person's own, and its passphrase
	FraseCambiata    Cosa = "frase-cambiata"
	ChiaveAzzerata   Cosa = "chiave-azzerata"
	ChiaveCambiata   Cosa = "chiave-cambiata" // by the person, after a theft
	FoglioNuovo      Cosa = "foglio-nuovo"    // printed, opens the key
	FoglioTolto      Cosa = "foglio-tolto"
	PasskeyApre      Cosa = "passkey-apre" // the key too
	SlotTolto        Cosa = "passkey-non-apre"
)

func (a *Auth) notizia(chi access.Chi, persona string, cosa Cosa, nota string, dire bool) *Notizia {
	now := a.now()
	id := vault.NewID(now)
	return &Notizia{Ente: chi.Ente, Persona: persona, ID: id[:], Chi: chi.Persona, Cosa: cosa, Nota: nota, Il: now, Dire: dire}
}

// maxNotizie is how many are read at a time.
const maxNotizie = 50

// DaDire are the things done to who has signed in's access of which they were not
// told yet, oldest first.
func (a *Auth) DaDire(ctx context.Context, s *Sessione) ([]Notizia, error) {
	return a.archivio.Notizie(ctx, s.Ente, s.Persona, true, maxNotizie)
}

// Dette says that who has signed in was told of what was done up to then.
func (a *Auth) Dette(ctx context.Context, s *Sessione, fino time.Time) error {
	return a.archivio.SegnaDette(ctx, s.Ente, s.Persona, fino)
}

// Storia is what was done lately to a person's access, newest first: for an
// administrator, and for the person. An empty persona is the ente's rule.
func (a *Auth) Storia(ctx context.Context, chi access.Chi, persona string) ([]Notizia, error) {
	if !eSistema(chi) && !chi.Ha(access.Amministratore) && (persona == "" || chi.Persona != persona) {
		return nil, errNonPuoi
	}
	return a.archivio.Notizie(ctx, chi.Ente, persona, false, maxNotizie)
}
