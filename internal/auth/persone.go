package auth

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// The doors below are an administrator's who just proved who he is, or the
// program's own (access.Sistema); others get fault.Forbidden or ErrConferma.

const maxNome = 80 // characters

var (
	formaUtente = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{2,63}$`)
	formaRuolo  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	formaUnita  = regexp.MustCompile(`^[A-Za-z0-9._-]{0,40}$`)
)

// nomeUtente is a sign-in name as it is stored, however it was typed.
func nomeUtente(s string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(s))) }

// testoBreve is a line of text somebody typed, or false: empty, too long, or with
// marks that do not show.
func testoBreve(s string, massimo int) (string, bool) {
	s = norm.NFC.String(strings.TrimSpace(s))
	ok := s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= massimo && !strings.ContainsFunc(s, invisibile)
	return s, ok
}

func invisibile(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// AddPerson adds a person, without incarichi. A password that an administrator
// chooses is provisional: the person changes it before anything else. Without one,
// the person cannot sign in yet. What is wrong is fault.Invalid by field (utente,
// nome, password); a name already taken is fault.Conflict.
func (a *Auth) AddPerson(ctx context.Context, chi access.Chi, utente, nome, password string) (Persona, error) {
	if err := a.amministra(chi, access.Persone); err != nil {
		return Persona{}, err
	}
	utente = nomeUtente(utente)
	nome, ok := testoBreve(nome, maxNome)
	no := fault.New(fault.Invalid, "La persona non è stata aggiunta.")
	if !formaUtente.MatchString(utente) {
		return Persona{}, no.Campo("utente", "Usa da 3 a 64 tra lettere senza accento, cifre, punto, trattino e @.")
	}
	if !ok {
		return Persona{}, no.Campo("nome", "Scrivi nome e cognome, in 80 caratteri al massimo.")
	}
	now := a.now()
	p := Persona{Ente: chi.Ente, ID: vault.NewID(now).String(), Utente: utente, Nome: nome, Attiva: true, Creata: now}
	if password != "" {
		f, err := a.scelta(ctx, chi, password, utente, nome)
		if err != nil {
			return Persona{}, err
		}
		p.Fattore = f
	}
	if err := a.archivio.AggiungiPersona(ctx, p); err != nil {
		return Persona{}, err
	}
	return senzaFattore(p), nil
}

// scelta hashes a password that chi chose for somebody.
func (a *Auth) scelta(ctx context.Context, chi access.Chi, password, utente, nome string) (string, error) {
	if err := accettabile(password, utente, nome); err != nil {
		return "", err
	}
	fine, err := a.attendiTurno(ctx)
	if err != nil {
		return "", err
	}
	defer fine()
	return a.nuovoFattore(password, !eSistema(chi)), nil
}

// SetPassword gives a person another password, provisional when an administrator
// chooses it, and ends every session and token of theirs.
func (a *Auth) SetPassword(ctx context.Context, chi access.Chi, persona, password string) error {
	p, err := a.daAmministrare(ctx, chi, persona)
	if err != nil {
		return err
	}
	f, err := a.scelta(ctx, chi, password, p.Utente, p.Nome)
	if err != nil {
		return err
	}
	return a.cambia(ctx, chi.Ente, persona, Cambio{Fattore: &f, FineSessioni: true, FineToken: true,
		Notizia: a.notizia(chi, persona, PasswordCambiata, "", true)})
}

// Rename corrects how colleagues call a person.
func (a *Auth) Rename(ctx context.Context, chi access.Chi, persona, nome string) error {
	if _, err := a.daAmministrare(ctx, chi, persona); err != nil {
		return err
	}
	nome, ok := testoBreve(nome, maxNome)
	if !ok {
		return fault.New(fault.Invalid, "Il nome non è stato cambiato.").Campo("nome", "Scrivi nome e cognome, in 80 caratteri al massimo.")
	}
	return a.cambia(ctx, chi.Ente, persona, Cambio{Nome: &nome})
}

// Disable shuts a person out at once: every session and token ends with it. What
// they did stays theirs.
func (a *Auth) Disable(ctx context.Context, chi access.Chi, persona string) error {
	if _, err := a.daAmministrare(ctx, chi, persona); err != nil {
		return err
	}
	if err := a.restaUnAmministratore(ctx, chi.Ente, func(p *Persona) { p.Attiva = p.Attiva && p.ID != persona }); err != nil {
		return err
	}
	no := false
	return a.cambia(ctx, chi.Ente, persona, Cambio{Attiva: &no, FineSessioni: true, FineToken: true})
}

// Enable lets a disabled person sign in again.
func (a *Auth) Enable(ctx context.Context, chi access.Chi, persona string) error {
	if _, err := a.daAmministrare(ctx, chi, persona); err != nil {
		return err
	}
	si := true
	return a.cambia(ctx, chi.Ente, persona, Cambio{Attiva: &si})
}

// Incarica gives a person a role at a unit (empty: the whole ente) from a day to
// another, both included; a zero Al has no end. Repeated with the same role, unit
// and first day it moves the end.
//
// ref: pga01 5.1
func (a *Auth) Incarica(ctx context.Context, chi access.Chi, persona string, i access.Incarico) error {
	if _, err := a.daAmministrare(ctx, chi, persona); err != nil {
		return err
	}
	no := fault.New(fault.Invalid, "L'incarico non è stato salvato.")
	switch {
	case !formaRuolo.MatchString(i.Ruolo):
		return no.Campo("ruolo", "Scegli un ruolo dall'elenco.")
	case !formaUnita.MatchString(i.Unita):
		return no.Campo("unita", "Scegli un ufficio dall'elenco.")
	case i.Dal.IsZero():
		return no.Campo("dal", "Scrivi da che giorno vale.")
	case !i.Al.IsZero() && i.Al < i.Dal:
		return no.Campo("al", "L'ultimo giorno viene prima del primo: correggi le date.")
	}
	return a.incarico(ctx, chi.Ente, persona, i)
}

// Termina sets the last day of an incarico, which role, unit and first day name.
// With yesterday it ends at once; with the day before its first it never was in
// force. fault.NotFound when there is no such incarico.
func (a *Auth) Termina(ctx context.Context, chi access.Chi, persona, ruolo, unita string, dal, ultimo day.Date) error {
	p, err := a.daAmministrare(ctx, chi, persona)
	if err != nil {
		return err
	}
	for _, i := range p.Incarichi {
		if i.Ruolo != ruolo || i.Unita != unita || i.Dal != dal {
			continue
		}
		if i.Al = max(ultimo, dal.Add(-1)); i.Al.IsZero() {
			return fault.New(fault.Invalid, "L'incarico non è cambiato.").Campo("al", "Scrivi l'ultimo giorno in cui vale.")
		}
		return a.incarico(ctx, chi.Ente, persona, i)
	}
	return fault.New(fault.NotFound, "Questo incarico non c'è. Ricarica la pagina.")
}

// incarico stores an incarico whose end may have moved.
func (a *Auth) incarico(ctx context.Context, ente, persona string, nuovo access.Incarico) error {
	if nuovo.Ruolo == access.Amministratore {
		if err := a.restaUnAmministratore(ctx, ente, func(p *Persona) {
			if p.ID != persona {
				return
			}
			for k, i := range p.Incarichi {
				if i.Ruolo == nuovo.Ruolo && i.Unita == nuovo.Unita && i.Dal == nuovo.Dal {
					p.Incarichi[k].Al = nuovo.Al
				}
			}
		}); err != nil {
			return err
		}
	}
	defer a.Dimentica()
	return a.archivio.SalvaIncarico(ctx, ente, persona, nuovo)
}

// People lists the people of the ente by name, without their passwords.
func (a *Auth) People(ctx context.Context, chi access.Chi) ([]Persona, error) {
	if !eSistema(chi) && !chi.Ha(access.Amministratore, access.DPO) {
		return nil, errNonPuoi
	}
	tutte, err := a.archivio.Persone(ctx, chi.Ente, "")
	for i := range tutte {
		tutte[i] = senzaFattore(tutte[i])
	}
	return tutte, err
}

// Holders lists by name the active people who hold today one of the roles, for the
// program: a page shows them only to who may know.
func (a *Auth) Holders(ctx context.Context, ente string, ruoli ...string) ([]Persona, error) {
	tutte, err := a.archivio.Persone(ctx, ente, "")
	if err != nil {
		return nil, err
	}
	oggi := day.In(a.now())
	var out []Persona
	for _, p := range tutte {
		tiene := func(i access.Incarico) bool { return i.Vale(oggi) && slices.Contains(ruoli, i.Ruolo) }
		if p.Attiva && slices.ContainsFunc(p.Incarichi, tiene) {
			out = append(out, senzaFattore(p))
		}
	}
	return out, nil
}

// Holding are the people who hold one of the roles today, each with all the offices
// they hold, by name.
func (a *Auth) Holding(ctx context.Context, ente string, ruoli ...string) ([]access.Chi, error) {
	persone, err := a.Holders(ctx, ente, ruoli...)
	if err != nil {
		return nil, err
	}
	oggi := day.In(a.now())
	out := make([]access.Chi, len(persone))
	for i, p := range persone {
		inForza := slices.DeleteFunc(slices.Clone(p.Incarichi), func(x access.Incarico) bool { return !x.Vale(oggi) })
		out[i] = access.Chi{Ente: ente, Persona: p.ID, Nome: p.Nome, Uffici: a.uffici(ente, inForza, oggi), Giorno: oggi}
	}
	return out, nil
}

// Colleghi lists by name the active people who hold today one of the offices of
// who asks, with who asks among them.
func (a *Auth) Colleghi(ctx context.Context, chi access.Chi) ([]Persona, error) {
	tutte, err := a.archivio.Persone(ctx, chi.Ente, "")
	if err != nil {
		return nil, err
	}
	oggi := day.In(a.now())
	var out []Persona
	for _, p := range tutte {
		inForza := slices.DeleteFunc(slices.Clone(p.Incarichi), func(i access.Incarico) bool { return !i.Vale(oggi) })
		stesso := slices.ContainsFunc(a.uffici(chi.Ente, inForza, oggi), func(u string) bool { return slices.Contains(chi.Uffici, u) })
		if p.Attiva && stesso {
			out = append(out, senzaFattore(p))
		}
	}
	return out, nil
}

func senzaFattore(p Persona) Persona { p.Fattore = ""; return p }

func (a *Auth) daAmministrare(ctx context.Context, chi access.Chi, persona string) (Persona, error) {
	if err := a.amministra(chi, access.Persone); err != nil {
		return Persona{}, err
	}
	return a.archivio.Persona(ctx, chi.Ente, persona)
}

func (a *Auth) cambia(ctx context.Context, ente, persona string, c Cambio) error {
	defer a.Dimentica() // also when it failed: it may have been stored
	return a.archivio.AggiornaPersona(ctx, ente, persona, c)
}

// restaUnAmministratore refuses a change that takes the ente's last active
// administrator away; an ente that has none yet may go on without.
func (a *Auth) restaUnAmministratore(ctx context.Context, ente string, cambia func(*Persona)) error {
	tutte, err := a.archivio.Persone(ctx, ente, "")
	if err != nil {
		return err
	}
	oggi := day.In(a.now())
	conta := func() (n int) {
		for _, p := range tutte {
			for _, i := range p.Incarichi {
				if p.Attiva && i.Ruolo == access.Amministratore && i.Vale(oggi) {
					n++
					break
				}
			}
		}
		return n
	}
	prima := conta()
	for k := range tutte {
		cambia(&tutte[k])
	}
	if prima > 0 && conta() == 0 {
		return fault.New(fault.Invalid, "È l'unico amministratore. Nominane prima un altro.")
	}
	return nil
}
