package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
)

const (
	prefissoToken = "tut_"
	maxToken      = 20                   // of one person
	durataToken   = 366 * 24 * time.Hour // at most
	maxNomeToken  = 60                   // characters
)

var errToken = fault.New(fault.Unauthenticated, "Il token manca, è scaduto o non vale più.")

// Token makes a token for programs that act as the person, until scade, at most a
// year ahead. It is shown this once: only a digest is stored. People make their
// own, with a password just given; the program may make anybody's.
func (a *Auth) Token(ctx context.Context, chi access.Chi, persona, nome string, scade time.Time) (string, error) {
	if !eSistema(chi) {
		if chi.Persona != persona {
			return "", errNonPuoi
		}
		if err := a.confermato(chi, access.Token); err != nil {
			return "", err
		}
	}
	now := a.now()
	nome, ok := testoBreve(nome, maxNomeToken)
	switch {
	case !ok:
		return "", fault.New(fault.Invalid, "Il token non è stato creato.").Campo("nome", "Scrivi a che cosa serve, in 60 caratteri al massimo.")
	case !scade.After(now) || scade.Sub(now) > durataToken:
		return "", fault.New(fault.Invalid, "Il token non è stato creato.").Campo("scade", "Scegli un giorno da domani a un anno da oggi.")
	}
	v, err := a.voce(ctx, chi.Ente, persona)
	if err != nil {
		return "", err
	}
	if !v.persona.Attiva {
		return "", fault.New(fault.Invalid, "Questa persona non è attiva. Riattivala prima.")
	}
	if v.persona.daCambiare() { // who chose the password must not keep a key
		return "", fault.New(fault.Forbidden, "Prima scegli una password tua.")
	}
	suoi, err := a.archivio.Credenziali(ctx, chi.Ente, TipoToken, persona)
	if err != nil {
		return "", err
	}
	if len(suoi) >= maxToken {
		return "", fault.New(fault.Invalid, "I token sono già 20. Togline uno che non usi e riprova.")
	}
	testo, s := segreto()
	err = a.archivio.AggiungiCredenziale(ctx, Credenziale{Tipo: TipoToken, ID: idRiga("token", s), Ente: chi.Ente,
		Persona: persona, Nome: nome, Creata: now, Scade: scade})
	if err != nil {
		return "", err
	}
	return prefissoToken + testo, nil
}

// Bearer says whose the token is. The person's confirmation was given when it was
// made and covers the acts of a case; access.Confermato refuses it for what opens
// other doors.
func (a *Auth) Bearer(ctx context.Context, ente, token string) (access.Chi, error) {
	testo, ok := strings.CutPrefix(token, prefissoToken)
	s, letto := leggiSegreto(testo)
	if !ok || !letto {
		return access.Chi{}, errToken
	}
	c, err := a.archivio.Credenziale(ctx, ente, TipoToken, idRiga("token", s))
	if assente(err) {
		return access.Chi{}, errToken
	}
	if err != nil {
		return access.Chi{}, err
	}
	now := a.now()
	if !now.Before(c.Scade) {
		return access.Chi{}, errToken
	}
	v, err := a.voce(ctx, ente, c.Persona)
	if assente(err) || err == nil && !v.persona.Attiva {
		return access.Chi{}, errToken
	}
	if err != nil {
		return access.Chi{}, err
	}
	return v.chi("api", now), nil
}

// RigaToken is a person's token, as the page of tokens lists it.
type RigaToken struct {
	ID, Nome      string
	Creato, Scade time.Time
}

// Tokens lists the tokens of who asks, those that expire first at the top.
func (a *Auth) Tokens(ctx context.Context, chi access.Chi) ([]RigaToken, error) {
	righe, err := a.archivio.Credenziali(ctx, chi.Ente, TipoToken, chi.Persona)
	if err != nil {
		return nil, err
	}
	var out []RigaToken
	for _, c := range righe {
		out = append(out, RigaToken{ID: nomeRiga(c.ID), Nome: c.Nome, Creato: c.Creata, Scade: c.Scade})
	}
	slices.SortFunc(out, func(x, y RigaToken) int { return x.Scade.Compare(y.Scade) })
	return out, nil
}

// RevokeToken ends a token of who asks, at once; an id that is none of theirs
// ends nothing.
func (a *Auth) RevokeToken(ctx context.Context, chi access.Chi, id string) error {
	riga, ok := leggiSegreto(id)
	if !ok || chi.Persona == "" {
		return nil
	}
	return a.archivio.EliminaCredenziale(ctx, chi.Ente, TipoToken, chi.Persona, riga)
}
