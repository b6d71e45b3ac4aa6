package auth

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// Sessione is a member of staff at a browser.
type Sessione struct {
	access.Chi
	ID         string // names the session in lists; opens nothing
	Utente     string
	Incarichi  []access.Incarico // in force today
	Creata     time.Time
	Vista      time.Time
	DaCambiare bool // the password was chosen by somebody else: until it is changed there are no offices
}

var (
	errCredenziali = fault.New(fault.Unauthenticated, "Nome utente o password non sono giusti. Controlla e riprova.")
	errAccedi      = fault.New(fault.Unauthenticated, "Accedi per continuare.")
	errFermo       = fault.New(fault.Unauthenticated, "Per 20 minuti non hai fatto nulla. Accedi di nuovo: quello che hai salvato c'è.")
	errFinita      = fault.New(fault.Unauthenticated, "La sessione dura 12 ore ed è finita. Accedi di nuovo: quello che hai salvato c'è.")
)

// segreto is 32 random bytes as a cookie or a token carries them.
func segreto() (testo string, s []byte) {
	s = make([]byte, 32)
	rand.Read(s)
	return base64.RawURLEncoding.EncodeToString(s), s
}

// leggiSegreto reads what segreto wrote, and no other spelling of it.
func leggiSegreto(testo string) ([]byte, bool) {
	if len(testo) != 43 || strings.ContainsAny(testo, "\r\n") {
		return nil, false
	}
	s, err := base64.RawURLEncoding.Strict().DecodeString(testo)
	return s, err == nil && len(s) == 32
}

// idRiga is the id of the row of a secret: from it the secret cannot be had back.
func idRiga(scopo string, s []byte) []byte {
	k, err := hkdf.Key(sha256.New, s, nil, vault.Context(scopo, "id"), 32)
	if err != nil {
		panic(err) // only an impossible length
	}
	return k
}

func nomeRiga(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// SignIn opens a session and gives the value of its cookie, new every time. rete
// is the client's network (see Rete), empty when there is none. A wrong name and
// a wrong password are the same fault.Unauthenticated; fault.TooMany says how long
// to wait.
func (a *Auth) SignIn(ctx context.Context, ente, utente, password, rete string) (cookie string, err error) {
	p, err := a.verifica(ctx, ente, nomeUtente(utente), password, rete)
	if err != nil {
		return "", err
	}
	cookie, s := segreto()
	now := a.now()
	err = a.archivio.AggiungiCredenziale(ctx, Credenziale{Tipo: TipoSessione, ID: idRiga("sessione", s), Ente: ente,
		Persona: p.ID, Creata: now, Vista: now, Conferma: now})
	if err != nil {
		return "", err
	}
	return cookie, nil
}

// verifica checks a password behind the brakes: they are read before and within
// the turn, and count the attempt before it is known how it ends.
func (a *Auth) verifica(ctx context.Context, ente, utente, password, rete string) (Persona, error) {
	freni := a.freni(ente, utente, rete)
	if _, err := a.leggiFreni(ctx, freni); err != nil {
		return Persona{}, err
	}
	fine, err := a.attendiTurno(ctx)
	if err != nil {
		return Persona{}, err
	}
	defer fine()
	if err := a.conta(ctx, freni); err != nil {
		return Persona{}, err
	}
	trovate, err := a.archivio.Persone(ctx, ente, utente)
	if err != nil {
		return Persona{}, err
	}
	var p Persona
	if len(trovate) == 1 && trovate[0].Attiva {
		p = trovate[0]
	}
	if !a.giusta(p.Fattore, password) {
		return Persona{}, errCredenziali
	}
	if err := a.sconta(ctx, freni); err != nil {
		return Persona{}, err
	}
	return p, a.rincara(ctx, p, password)
}

// rincara hashes anew a password stored at another price than today's, unless it
// was changed meanwhile.
func (a *Auth) rincara(ctx context.Context, p Persona, password string) error {
	f, err := leggiFattore(p.Fattore)
	if err != nil || f.costo == a.costo {
		return err
	}
	nuovo := a.nuovoFattore(password, f.provvisorio)
	return a.archivio.AggiornaPersona(ctx, p.Ente, p.ID, Cambio{Fattore: &nuovo, SeFattore: &p.Fattore})
}

// Session says who holds the cookie: fault.Unauthenticated when nobody does, the
// session rested for 20 minutes or lasted 12 hours, or the person was disabled.
func (a *Auth) Session(ctx context.Context, ente, cookie string) (*Sessione, error) {
	s, ok := leggiSegreto(cookie)
	if !ok {
		return nil, errAccedi
	}
	c, err := a.archivio.Credenziale(ctx, ente, TipoSessione, idRiga("sessione", s))
	if assente(err) {
		return nil, errAccedi
	}
	if err != nil {
		return nil, err
	}
	now := a.now()
	if err := viva(c, now); err != nil {
		return nil, err
	}
	v, err := a.voce(ctx, ente, c.Persona)
	if assente(err) || err == nil && !v.persona.Attiva {
		return nil, errAccedi
	}
	if err != nil {
		return nil, err
	}
	if now.Sub(c.Vista) >= ognivista {
		// A full disk must not stop reading: the session only locks sooner.
		if err := a.archivio.SegnaVista(ctx, ente, c.ID, now, c.Conferma); err != nil {
			slog.WarnContext(ctx, "a session's last sight was not stored", "err", err)
		}
		c.Vista = now
	}
	return &Sessione{Chi: v.chi("web", c.Conferma), ID: nomeRiga(c.ID), Utente: v.persona.Utente,
		Incarichi: slices.Clone(v.inForza), Creata: c.Creata, Vista: c.Vista, DaCambiare: v.persona.daCambiare()}, nil
}

func viva(c Credenziale, now time.Time) error {
	switch {
	case now.Sub(c.Creata) >= DurataSessione:
		return errFinita
	case now.Sub(c.Vista) >= Inattiva:
		return errFermo
	}
	return nil
}

// SignOut ends the session of the cookie; a cookie that opens nothing is signed
// out already.
func (a *Auth) SignOut(ctx context.Context, ente, cookie string) error {
	s, ok := leggiSegreto(cookie)
	if !ok {
		return nil
	}
	c, err := a.archivio.Credenziale(ctx, ente, TipoSessione, idRiga("sessione", s))
	if assente(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.archivio.EliminaCredenziale(ctx, ente, TipoSessione, c.Persona, c.ID)
}

// RigaSessione is one of a person's own sessions, as the page of sessions lists it.
type RigaSessione struct {
	ID            string
	Creata, Vista time.Time
	Questa        bool
}

// Sessions lists the living sessions of who asks, newest first.
func (a *Auth) Sessions(ctx context.Context, s *Sessione) ([]RigaSessione, error) {
	righe, err := a.archivio.Credenziali(ctx, s.Ente, TipoSessione, s.Persona)
	if err != nil {
		return nil, err
	}
	var out []RigaSessione
	for _, c := range righe {
		if viva(c, a.now()) == nil {
			id := nomeRiga(c.ID)
			out = append(out, RigaSessione{ID: id, Creata: c.Creata, Vista: c.Vista, Questa: id == s.ID})
		}
	}
	slices.SortFunc(out, func(x, y RigaSessione) int { return y.Creata.Compare(x.Creata) })
	return out, nil
}

// EndSession ends another session of who asks; an id that is none of theirs ends
// nothing.
func (a *Auth) EndSession(ctx context.Context, s *Sessione, id string) error {
	riga, ok := leggiSegreto(id)
	if !ok {
		return nil
	}
	return a.archivio.EliminaCredenziale(ctx, s.Ente, TipoSessione, s.Persona, riga)
}

// EndOthers ends every session of who asks but this one.
func (a *Auth) EndOthers(ctx context.Context, s *Sessione) error {
	questa, _ := leggiSegreto(s.ID)
	return a.archivio.AggiornaPersona(ctx, s.Ente, s.Persona, Cambio{FineSessioni: true, TranneQuesta: questa})
}

// Confirm takes the password once more for the steps that want it (see Fresca);
// the confirmation lasts five minutes. A wrong one is fault.Unauthenticated, and
// counts as an attempt to sign in.
func (a *Auth) Confirm(ctx context.Context, s *Sessione, password, rete string) error {
	if err := a.suaPassword(ctx, s, password, rete); err != nil {
		return err
	}
	id, _ := leggiSegreto(s.ID)
	now := a.now()
	if err := a.archivio.SegnaVista(ctx, s.Ente, id, now, now); err != nil {
		return err
	}
	s.Conferma = now
	return nil
}

func (a *Auth) suaPassword(ctx context.Context, s *Sessione, password, rete string) error {
	p, err := a.verifica(ctx, s.Ente, s.Utente, password, rete)
	if err != nil && !errors.Is(err, errCredenziali) {
		return err
	}
	if err != nil || p.ID != s.Persona {
		return fault.New(fault.Unauthenticated, "La password non è giusta. Controlla e riprova.")
	}
	return nil
}

// ChangePassword takes the old password and the new one, and ends the person's
// other sessions. What is wrong with the new one is fault.Invalid, in the field
// "password".
func (a *Auth) ChangePassword(ctx context.Context, s *Sessione, vecchia, nuova, rete string) error {
	if err := accettabile(nuova, s.Utente, s.Nome); err != nil {
		return err
	}
	if norm.NFC.String(vecchia) == norm.NFC.String(nuova) {
		return fault.New(fault.Invalid, "La password non va bene.").Campo("password", "È uguale a quella di prima: scegline un'altra.")
	}
	if err := a.suaPassword(ctx, s, vecchia, rete); err != nil {
		return err
	}
	fine, err := a.attendiTurno(ctx)
	if err != nil {
		return err
	}
	f := a.nuovoFattore(nuova, false)
	fine()
	questa, _ := leggiSegreto(s.ID)
	defer a.Dimentica()
	return a.archivio.AggiornaPersona(ctx, s.Ente, s.Persona, Cambio{Fattore: &f, FineSessioni: true, TranneQuesta: questa})
}
