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
	SenzaAltro bool // a second factor must be had and there is none: until then there are no offices
	sigillo    vault.Session
	membro     *vault.MemberKey
}

var (
	errCredenziali = fault.New(fault.Unauthenticated, "Nome utente o password non sono giusti. Controlla e riprova.")
	errAccedi      = fault.New(fault.Unauthenticated, "Accedi per continuare.")
	errFinita      = fault.New(fault.Unauthenticated, "La sessione dura 12 ore ed è finita. Accedi di nuovo: quello che hai salvato c'è.")
)

// A sign-in that stopped half way; errors.Is tells one from the other, and Waiting
// says whose it is.
var (
	ErrBloccata = fault.New(fault.Unauthenticated, "Per 20 minuti non hai fatto nulla: la sessione è bloccata. Sbloccala per continuare.")
	ErrFattore  = fault.New(fault.Unauthenticated, "Manca il secondo passo dell'accesso.")
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

// SignIn opens a session and gives the value of its cookie, new every time. Of who
// has a second factor it is half a session: Session gives ErrFattore until
// WithCode or WithPasskey complete it. A wrong name and a wrong password are the
// same fault.Unauthenticated; fault.TooMany says how long to wait.
func (a *Auth) SignIn(ctx context.Context, ente, utente, password string, da Da) (cookie string, err error) {
	p, err := a.verifica(ctx, ente, nomeUtente(utente), password, da.Rete)
	if err != nil {
		return "", err
	}
	return a.apri(ctx, p, "password", p.Secondi > 0, da)
}

// apri opens a session of a person.
func (a *Auth) apri(ctx context.Context, p Persona, con string, mezza bool, da Da) (cookie string, err error) {
	cookie, s := segreto()
	now := a.now()
	return cookie, a.archivio.AggiungiCredenziale(ctx, Credenziale{Tipo: TipoSessione, ID: idRiga("sessione", s), Ente: p.Ente,
		Persona: p.ID, Creata: now, Vista: now, Conferma: now, Mezza: mezza, Con: con, Da: da})
}

// rinnova gives a session another id and makes it whole: who proved who they are
// goes on with a cookie that nobody has seen.
//
// m, if it is not nil, is the unlocked key that goes on with it.
func (a *Auth) rinnova(ctx context.Context, ente string, riga []byte, con TipoSecondo, m *vault.MemberKey) (cookie string, err error) {
	cookie, s := segreto()
	now := a.now()
	err = a.archivio.RinnovaSessione(ctx, ente, riga, Credenziale{ID: idRiga("sessione", s), Vista: now, Conferma: now, Con: string(con),
		Stato: statoDi(a.ring.Session(ente, [32]byte(s)), m)})
	if assente(err) {
		err = errAccedi
	}
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
	if _, err := a.conta(ctx, freni); err != nil {
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

// riga is the row of a cookie.
func (a *Auth) riga(ctx context.Context, ente, cookie string) (Credenziale, error) {
	s, ok := leggiSegreto(cookie)
	if !ok {
		return Credenziale{}, errAccedi
	}
	c, err := a.archivio.Credenziale(ctx, ente, TipoSessione, idRiga("sessione", s))
	if assente(err) {
		err = errAccedi
	}
	return c, err
}

// Session says who holds the cookie: fault.Unauthenticated when nobody does, the
// session lasted 12 hours, or the person was disabled; ErrBloccata when it rested
// for 20 minutes, ErrFattore when the second factor is awaited.
func (a *Auth) Session(ctx context.Context, ente, cookie string) (*Sessione, error) {
	c, err := a.riga(ctx, ente, cookie)
	if err != nil {
		return nil, err
	}
	if err := a.viva(c); err != nil {
		return nil, err
	}
	v, err := a.voce(ctx, ente, c.Persona)
	if assente(err) || err == nil && !v.persona.Attiva {
		return nil, errAccedi
	}
	if err != nil {
		return nil, err
	}
	regola, err := a.Regola(ctx, ente)
	if err != nil {
		return nil, err
	}
	now := a.now()
	if c.Stato != nil && now.Sub(c.Vista) >= InattivaChiave { // before its being seen is written: else the key would be back
		if err := a.archivio.SegnaStato(ctx, ente, c.ID, nil); err != nil {
			return nil, err
		}
		c.Stato = nil
	}
	if now.Sub(c.Vista) >= ognivista {
		// A full disk must not stop reading: the session only locks sooner.
		if err := a.archivio.SegnaVista(ctx, ente, c.ID, now, c.Conferma); err != nil {
			slog.WarnContext(ctx, "a session's last sight was not stored", "err", err)
		}
		c.Vista = now
	}
	out := &Sessione{Chi: v.chi("web", c.Conferma), ID: nomeRiga(c.ID), Utente: v.persona.Utente,
		Incarichi: slices.Clone(v.inForza), Creata: c.Creata, Vista: c.Vista, DaCambiare: v.persona.daCambiare(),
		SenzaAltro: v.persona.Secondi == 0 && regola.Obbliga(v.oggi)}
	if out.SenzaAltro {
		out.Uffici = nil
	}
	b, _ := leggiSegreto(cookie) // riga has read it
	out.sigillo = a.ring.Session(ente, [32]byte(b))
	out.membro = membroDi(out.sigillo, c.Persona, c.Stato)
	return out, nil
}

// viva says what keeps a session from being used now.
func (a *Auth) viva(c Credenziale) error {
	now := a.now()
	switch {
	case now.Sub(c.Creata) >= DurataSessione:
		return errFinita
	case c.Mezza && now.Sub(c.Creata) >= DurataMezza:
		return errAccedi
	case c.Mezza:
		return ErrFattore
	case now.Sub(c.Vista) >= Inattiva:
		return ErrBloccata
	}
	return nil
}

// SignOut ends the session of the cookie; a cookie that opens nothing is signed
// out already.
func (a *Auth) SignOut(ctx context.Context, ente, cookie string) error {
	c, err := a.riga(ctx, ente, cookie)
	if fault.Is(err, fault.Unauthenticated) {
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
	Da            Da
	Con           string // what the person proved who they are with, last
	Bloccata      bool
	Questa        bool
}

// Sessions lists the sessions of who asks that are open or locked, newest first.
func (a *Auth) Sessions(ctx context.Context, s *Sessione) ([]RigaSessione, error) {
	righe, err := a.archivio.Credenziali(ctx, s.Ente, TipoSessione, s.Persona)
	if err != nil {
		return nil, err
	}
	var out []RigaSessione
	for _, c := range righe {
		stato := a.viva(c)
		if stato != nil && !errors.Is(stato, ErrBloccata) {
			continue
		}
		id := nomeRiga(c.ID)
		out = append(out, RigaSessione{ID: id, Creata: c.Creata, Vista: c.Vista, Da: c.Da, Con: c.Con, Bloccata: stato != nil, Questa: id == s.ID})
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

// Confirm takes the password once more for the gestures that want it (see
// access.Confermato), and gives the session's new cookie; the proof lasts five
// minutes. A wrong one is fault.Unauthenticated, and counts as an attempt to sign in.
func (a *Auth) Confirm(ctx context.Context, s *Sessione, password string, da Da) (cookie string, err error) {
	if err := a.suaPassword(ctx, s.Ente, s.Persona, s.Utente, password, da); err != nil {
		return "", err
	}
	return a.provato(ctx, s, "password")
}

// provato goes on in another session id, with a proof just given.
func (a *Auth) provato(ctx context.Context, s *Sessione, con TipoSecondo) (cookie string, err error) {
	riga, _ := leggiSegreto(s.ID)
	cookie, err = a.rinnova(ctx, s.Ente, riga, con, s.membro)
	if err != nil {
		return "", err
	}
	b, _ := leggiSegreto(cookie)
	s.ID, s.Conferma, s.sigillo = nomeRiga(idRiga("sessione", b)), a.now(), a.ring.Session(s.Ente, [32]byte(b))
	return cookie, nil
}

// Unlock opens a locked session again with the password of the same person, and
// gives its new cookie.
func (a *Auth) Unlock(ctx context.Context, ente, cookie, password string, da Da) (string, error) {
	w, err := a.bloccata(ctx, ente, cookie)
	if err != nil {
		return "", err
	}
	if err := a.suaPassword(ctx, ente, w.Persona, w.Utente, password, da); err != nil {
		return "", err
	}
	return a.rinnova(ctx, ente, w.riga, "password", nil)
}

// bloccata is who locked a session.
func (a *Auth) bloccata(ctx context.Context, ente, cookie string) (Attesa, error) {
	w, err := a.Waiting(ctx, ente, cookie)
	if err == nil && !w.Bloccata {
		err = ErrFattore
	}
	return w, err
}

func (a *Auth) suaPassword(ctx context.Context, ente, persona, utente, password string, da Da) error {
	p, err := a.verifica(ctx, ente, utente, password, da.Rete)
	if err != nil && !errors.Is(err, errCredenziali) {
		return err
	}
	if err != nil || p.ID != persona {
		return fault.New(fault.Unauthenticated, "La password non è giusta. Controlla e riprova.")
	}
	return nil
}

// ChangePassword takes the old password and the new one, and ends the person's
// other sessions. What is wrong with the new one is fault.Invalid, in the field
// "password".
func (a *Auth) ChangePassword(ctx context.Context, s *Sessione, vecchia, nuova string, da Da) error {
	if err := accettabile(nuova, s.Utente, s.Nome); err != nil {
		return err
	}
	if norm.NFC.String(vecchia) == norm.NFC.String(nuova) {
		return fault.New(fault.Invalid, "La password non va bene.").Campo("password", "È uguale a quella di prima: scegline un'altra.")
	}
	if err := a.suaPassword(ctx, s.Ente, s.Persona, s.Utente, vecchia, da); err != nil {
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
