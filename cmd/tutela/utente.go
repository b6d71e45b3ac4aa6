package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
)

// durataToken is how long a token made from the terminal lasts.
const durataToken = 90 * 24 * time.Hour

// runUtenteAdd adds a person with the appointments ruoli ("role" or "role:unit"),
// from today; the password is the first line of a.in. Whatever is wrong is said
// before anything is written.
func runUtenteAdd(a *ambito, i *impianto, ente, utente, nome string, ruoli []string) error {
	incarichi, err := leggiRuoli(ruoli, i.ambienti.Di(ente).Organigramma, i.servizio.Oggi())
	if err != nil {
		return err
	}
	if f, ok := a.in.(*os.File); ok && daTastiera(f) {
		_, _ = fmt.Fprint(a.err, "Password (si vede mentre la scrivi): ")
	}
	riga, err := bufio.NewReader(io.LimitReader(a.in, maxPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(riga, "\r\n")
	if password == "" {
		return fault.New(fault.Invalid, "Manca la password: scrivila sulla prima riga dell'ingresso, per esempio con < FILE.")
	}
	chi := access.Sistema(ente)
	p, err := i.auth.AddPerson(a, chi, utente, nome, password)
	if err != nil {
		return err
	}
	for _, x := range incarichi {
		if err := i.auth.Incarica(a, chi, p.ID, x); err != nil {
			return err
		}
	}
	if _, err = fmt.Fprintf(a.out, "Aggiunta: %s\n", p.Utente); err == nil && len(incarichi) == 0 {
		_, err = fmt.Fprintln(a.out, "Non ha ancora un ruolo: un amministratore può darglielo dalle pagine.")
	}
	return err
}

// daTastiera reports whether somebody may be typing.
func daTastiera(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// maxPassword is how much of the first line is read, in bytes: more than any
// password that would be accepted.
const maxPassword = 512

// leggiRuoli reads appointments from today.
func leggiRuoli(ruoli []string, org *organigramma.Versione, oggi day.Date) ([]access.Incarico, error) {
	var out []access.Incarico
	for _, r := range ruoli {
		ruolo, unita, _ := strings.Cut(r, ":")
		u, trovata := org.Unita(unita)
		no := ""
		switch {
		case !slices.Contains(access.Roles, ruolo):
			no = "non c'è il ruolo «" + ruolo + "». Ci sono: " + strings.Join(access.Roles, ", ") + "."
		case pratica.PerUnita(ruolo) && unita == "":
			no = "«" + ruolo + "» vale presso un'unità: scrivi " + ruolo + ":UNITA, con il suo id nell'organigramma."
		case unita != "" && (!trovata || !u.Valida(oggi)):
			no = "nell'organigramma di oggi non c'è l'unità «" + unita + "»."
		}
		if no != "" {
			return nil, fault.New(fault.Bad, "--ruolo: "+no)
		}
		out = append(out, access.Incarico{Ruolo: ruolo, Unita: unita, Dal: oggi})
	}
	return out, nil
}

// runUtenteToken prints a new token of a person, which lasts until scade. It is
// shown this once.
func runUtenteToken(ctx context.Context, a *auth.Auth, ente, utente string, scade time.Time, out io.Writer) error {
	p, err := persona(ctx, a, ente, utente)
	if err != nil {
		return err
	}
	t, err := a.Token(ctx, access.Sistema(ente), p.ID, "terminale", scade)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, t)
	return err
}

// runUtenteReset takes away the second factors of a person and ends their sessions.
func runUtenteReset(ctx context.Context, a *auth.Auth, ente, utente string, out io.Writer) error {
	p, err := persona(ctx, a, ente, utente)
	if err != nil {
		return err
	}
	if err := a.ResetFactors(ctx, access.Sistema(ente), p.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Tolti i fattori e i codici di recupero di %s, chiuse le sessioni. Al prossimo accesso ne collega di nuovi, e lo legge.\n", p.Utente)
	return err
}

// persona is who signs in by that name.
func persona(ctx context.Context, a *auth.Auth, ente, utente string) (auth.Persona, error) {
	persone, err := a.People(ctx, access.Sistema(ente))
	if err != nil {
		return auth.Persona{}, err
	}
	for _, p := range persone {
		if p.Utente == strings.ToLower(strings.TrimSpace(utente)) {
			return p, nil
		}
	}
	return auth.Persona{}, fault.New(fault.NotFound, "Questa persona non c'è.")
}
