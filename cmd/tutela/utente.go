package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
)

// durataToken is how long a token made from the terminal lasts.
const durataToken = 90 * 24 * time.Hour

// runUtenteAdd adds a person with the appointments ruoli ("role" or "role:unit"),
// from today; the password is the first line of in, at most 256 bytes.
func runUtenteAdd(ctx context.Context, a *auth.Auth, ente, utente, nome string, ruoli []string, in io.Reader, out io.Writer) error {
	riga, err := bufio.NewReader(io.LimitReader(in, 512)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read password: %w", err)
	}
	for _, r := range ruoli {
		if ruolo, _, _ := strings.Cut(r, ":"); !slices.Contains(access.Roles, ruolo) {
			return fault.New(fault.Bad, "--ruolo: non c'è il ruolo «"+ruolo+"». Ci sono: "+strings.Join(access.Roles, ", ")+".")
		}
	}
	chi := access.Sistema(ente)
	p, err := a.AddPerson(ctx, chi, utente, nome, strings.TrimRight(riga, "\r\n"))
	if err != nil {
		return conCampi(err)
	}
	for _, r := range ruoli {
		ruolo, unita, _ := strings.Cut(r, ":")
		if err := a.Incarica(ctx, chi, p.ID, access.Incarico{Ruolo: ruolo, Unita: unita, Dal: day.In(p.Creata)}); err != nil {
			return conCampi(err)
		}
	}
	_, err = fmt.Fprintf(out, "Aggiunta: %s\n", p.Utente)
	return err
}

// runUtenteToken prints a new token of a person, which lasts until scade. It is
// shown this once.
func runUtenteToken(ctx context.Context, a *auth.Auth, ente, utente string, scade time.Time, out io.Writer) error {
	chi := access.Sistema(ente)
	persone, err := a.People(ctx, chi)
	if err != nil {
		return err
	}
	for _, p := range persone {
		if p.Utente != strings.ToLower(strings.TrimSpace(utente)) {
			continue
		}
		t, err := a.Token(ctx, chi, p.ID, "terminale", scade)
		if err != nil {
			return conCampi(err)
		}
		_, err = fmt.Fprintln(out, t)
		return err
	}
	return fault.New(fault.NotFound, "Questa persona non c'è.")
}

// conCampi puts what is wrong with single fields into the one sentence that a
// terminal shows.
func conCampi(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || len(e.Campi) == 0 {
		return err
	}
	m := e.Message
	for _, f := range e.Campi {
		m += " " + f
	}
	return fault.New(e.Kind, m)
}
