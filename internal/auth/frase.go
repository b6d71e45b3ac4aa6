package auth

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// Some people have a key of their own, for what the server must not read. It is
// opened with a passphrase after signing in, which proves who one is and opens
// nothing; it lies in the session's row, sealed under the cookie, for as long as
// somebody is there. A token has no session: it never opens a key.

// Portachiavi keeps people's keys, sealed. What is absent is fault.NotFound.
type Portachiavi interface {
	// Membro is the public half of a person's newest key.
	Membro(ctx context.Context, ente, persona string) (vault.Membro, error)
	// Slot are what opens that key; none after a reset.
	Slot(ctx context.Context, ente, persona string) ([]vault.MemberSlot, error)
	// SalvaMembro stores a key with a slot, in the place of those of an older key and
	// of the one of its kind; of its passkey, where it is a passkey's.
	SalvaMembro(ctx context.Context, m vault.Membro, s vault.MemberSlot) error
	// TogliSlot deletes a slot; all of them where none is named.
	TogliSlot(ctx context.Context, ente, persona, id string) error
	// Pepe is the pepper of an ente's passphrases.
	Pepe(ctx context.Context, ente string) ([]byte, error)
}

const (
	// InattivaChiave is how long an unlocked key lasts without a request; seen to the
	// minute, so at least nine.
	InattivaChiave = 10 * time.Minute

	durataFrase = time.Hour // from the page that shows a passphrase to its being typed back
)

var (
	errSenzaChiave = fault.New(fault.NotFound, "Non hai ancora una chiave. Creala, poi un membro dell'ufficio ti ammette.")
	errAperta      = fault.New(fault.Forbidden, "Prima sblocca la tua chiave con la frase che hai.")
)

// Membro is the person's own key while the session has it unlocked; else nil.
func (s *Sessione) Membro() *vault.MemberKey { return s.membro }

// MiaChiave is what a person has of a key of their own.
type MiaChiave struct {
	Numero int    // 0: none was ever made
	ID     string // of its public half
	Frase  bool   // a passphrase opens it; false after a reset
	Foglio bool   // a printed code of the person's own opens it too
	Aperta bool   // in this session
	slot   []vault.MemberSlot
}

// Key says what who has signed in has.
func (a *Auth) Key(ctx context.Context, s *Sessione) (MiaChiave, error) {
	k, err := a.KeyOf(ctx, s.Ente, s.Persona)
	k.Aperta = s.membro != nil
	return k, err
}

// KeyOf says what a person has, as far as who administers may know.
func (a *Auth) KeyOf(ctx context.Context, ente, persona string) (k MiaChiave, err error) {
	m, err := a.chiavi.Membro(ctx, ente, persona)
	if assente(err) {
		return k, nil
	}
	if err != nil {
		return k, err
	}
	pub, err := vault.ParsePublicKey(m.Pubblica)
	if err != nil {
		return k, err
	}
	if k.slot, err = a.chiavi.Slot(ctx, ente, persona); err != nil {
		return k, err
	}
	k.Numero, k.ID = m.Numero, pub.ID()
	_, k.Frase = k.di(vault.SlotPassphrase)
	_, k.Foglio = k.di(vault.SlotFoglio)
	return k, nil
}

// FraseNuova is a passphrase that waits to be typed back: nothing is stored.
type FraseNuova struct {
	Sigillo string // comes back with it
	Frase   vault.Riservato
}

type fraseInAttesa struct {
	Frase  string
	Foglio string `json:",omitempty"` // the printed code that opens the key meanwhile
	Scade  time.Time
}

func (s *Sessione) contestoFrase() string { return vault.Context("frase", s.Ente, s.Persona) }

// NewPassphrase makes a passphrase for who has signed in, to be written on paper.
func (a *Auth) NewPassphrase(s *Sessione) FraseNuova { return a.nuovaFrase(s, "") }

func (a *Auth) nuovaFrase(s *Sessione, foglio string) FraseNuova {
	f := vault.NewPassphrase()
	b, err := json.Marshal(fraseInAttesa{f.Valore(), foglio, a.now().Add(durataFrase)})
	if err != nil {
		panic("auth: a passphrase that does not encode: " + err.Error())
	}
	return FraseNuova{base64.RawURLEncoding.EncodeToString(a.ring.Seal(s.contestoFrase(), b)), f}
}

// SamePassphrase shows again the passphrase of a page that is still good; else a new
// one.
func (a *Auth) SamePassphrase(s *Sessione, sigillo string) FraseNuova {
	if x, ok := a.leggiFrase(s, sigillo); ok {
		return FraseNuova{sigillo, vault.NewRiservato(x.Frase)}
	}
	return a.NewPassphrase(s)
}

// BySheet reports whether the passphrase of a page takes the place of a forgotten one,
// by the printed code that opened the page.
func (a *Auth) BySheet(s *Sessione, sigillo string) bool {
	x, ok := a.leggiFrase(s, sigillo)
	return ok && x.Foglio != ""
}

func (a *Auth) leggiFrase(s *Sessione, sigillo string) (x fraseInAttesa, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(sigillo)
	if err != nil || len(b) > 1024 {
		return x, false
	}
	if b, err = a.ring.Open(s.contestoFrase(), b); err != nil || json.Unmarshal(b, &x) != nil {
		return x, false
	}
	return x, a.now().Before(x.Scade)
}

// scritta is the passphrase of a page, if it was typed back.
func (a *Auth) scritta(s *Sessione, sigillo string, scritta vault.Riservato) (fraseInAttesa, error) {
	no := fault.New(fault.Invalid, "La frase non è stata salvata.")
	x, ok := a.leggiFrase(s, sigillo)
	if !ok {
		return x, no.Campo("frase", "È passato troppo tempo: questa è una frase nuova. Scrivila sulla carta al posto dell'altra.")
	}
	if letta, err := vault.ParsePassphrase(scritta); err != nil {
		return x, no.Campo("frase", fault.Message(err))
	} else if !letta.Equal(vault.NewRiservato(x.Frase)) {
		return x, no.Campo("frase", "Non è la frase che vedi qui sopra. Controlla ogni parola sul tuo foglio.")
	}
	return x, nil
}

// SetPassphrase takes a passphrase typed back. Whoever has no key, or lost it to a
// reset, gets a new one, unlocked; who has one must have it unlocked, or have opened
// the page with the printed code, and the passphrase before opens it no more. What is
// wrong is fault.Invalid, in the field "frase".
func (a *Auth) SetPassphrase(ctx context.Context, s *Sessione, sigillo string, scritta vault.Riservato) error {
	if err := a.confermato(s.Chi, access.Chiavi); err != nil {
		return err
	}
	x, err := a.scritta(s, sigillo, scritta)
	if err != nil {
		return err
	}
	k, err := a.Key(ctx, s)
	if err != nil {
		return err
	}
	m, cosa := s.membro, FraseCambiata
	switch slot, c := k.di(vault.SlotFoglio); {
	case !k.Frase:
		m, cosa = vault.NewMemberKey(s.Ente, s.Persona, k.Numero+1), ChiaveNuova
	case x.Foglio != "" && c:
		if m, err = slot.OpenFoglio(vault.NewRiservato(x.Foglio)); err != nil {
			return err
		}
	}
	if m == nil || m.Numero < k.Numero {
		return errAperta
	}
	slot, err := a.slot(ctx, s, m, vault.NewRiservato(x.Frase))
	if err != nil {
		return err
	}
	c := Cambio{Notizia: a.notizia(s.Chi, s.Persona, cosa, vault.Gruppi(m.KeyID()), true)}
	if k.Frase { // who knew the one before may be in another session, with the key open
		c.FineSessioni = true
		c.TranneQuesta, _ = leggiSegreto(s.ID)
	}
	if err := a.cambia(ctx, s.Ente, s.Persona, c); err != nil {
		return err
	}
	if err := a.chiavi.SalvaMembro(ctx, m.Membro, slot); err != nil {
		return err
	}
	return a.tieni(ctx, s, m)
}

// slot hashes a passphrase in its turn.
func (a *Auth) slot(ctx context.Context, s *Sessione, m *vault.MemberKey, f vault.Riservato) (vault.MemberSlot, error) {
	pepe, err := a.chiavi.Pepe(ctx, s.Ente)
	if err != nil {
		return vault.MemberSlot{}, err
	}
	fine, err := a.attendiTurno(ctx)
	if err != nil {
		return vault.MemberSlot{}, err
	}
	defer fine()
	return m.PassphraseSlot(vault.NewID(a.now()).String(), f, pepe, a.costo)
}

// UnlockKey opens the person's own key with its passphrase, for this session. It is
// behind brakes of its own: fault.TooMany says how long to wait, fault.Invalid what is
// wrong with the words.
func (a *Auth) UnlockKey(ctx context.Context, s *Sessione, scritta vault.Riservato, da Da) error {
	if _, err := vault.ParsePassphrase(scritta); err != nil {
		return err // no attempt: it can be nobody's
	}
	k, err := a.Key(ctx, s)
	if err != nil {
		return err
	}
	slot, ok := k.di(vault.SlotPassphrase)
	if !ok {
		return errSenzaChiave
	}
	pepe, err := a.chiavi.Pepe(ctx, s.Ente)
	if err != nil {
		return err
	}
	return a.tenta(ctx, s, da, func() error {
		m, err := slot.OpenPassphrase(scritta, pepe)
		if err != nil {
			return err
		}
		return a.tieni(ctx, s, m)
	})
}

// tenta does, in its turn and behind the brakes of a person's key, what opens it.
func (a *Auth) tenta(ctx context.Context, s *Sessione, da Da, apre func() error) error {
	freni := a.freniFrase(s.Ente, s.Persona, da.Rete)
	if _, err := a.leggiFreni(ctx, freni); err != nil {
		return err
	}
	fine, err := a.attendiTurno(ctx)
	if err != nil {
		return err
	}
	defer fine()
	if _, err := a.conta(ctx, freni); err != nil {
		return err
	}
	if err := apre(); err != nil {
		return err
	}
	return a.sconta(ctx, freni)
}

// LockKey takes the unlocked key out of the session.
func (a *Auth) LockKey(ctx context.Context, s *Sessione) error { return a.tieni(ctx, s, nil) }

// ResetKey takes away what opens a person's key, who lost the passphrase: they make a
// new one, which opens nothing until a member of the office, or who holds the sheets,
// admits it. It ends their sessions, is recorded, and they are told.
func (a *Auth) ResetKey(ctx context.Context, chi access.Chi, persona string) error {
	if _, err := a.daAmministrare(ctx, chi, persona); err != nil {
		return err
	}
	if _, err := a.chiavi.Membro(ctx, chi.Ente, persona); err != nil {
		return err
	}
	if err := a.cambia(ctx, chi.Ente, persona, Cambio{FineSessioni: true, Notizia: a.notizia(chi, persona, ChiaveAzzerata, "", true)}); err != nil {
		return err
	}
	return a.chiavi.TogliSlot(ctx, chi.Ente, persona, "")
}

// tieni puts an unlocked key into the session's row, or none.
func (a *Auth) tieni(ctx context.Context, s *Sessione, m *vault.MemberKey) error {
	riga, _ := leggiSegreto(s.ID)
	if err := a.archivio.SegnaStato(ctx, s.Ente, riga, statoDi(s.sigillo, m)); err != nil {
		return err
	}
	s.membro = m
	return nil
}

// statoDi is an unlocked key as a session's row has it: its number, and the key sealed
// under the cookie.
func statoDi(sigillo vault.Session, m *vault.MemberKey) []byte {
	if m == nil {
		return nil
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(m.Numero)), sigillo.SealMember(m)...)
}

// membroDi opens what statoDi wrote: nil when it is of another cookie, or of a key of
// the server that is no longer there.
func membroDi(sigillo vault.Session, persona string, stato []byte) *vault.MemberKey {
	if len(stato) < 4 {
		return nil
	}
	m, err := sigillo.OpenMember(persona, int(binary.BigEndian.Uint32(stato)), stato[4:])
	if err != nil {
		return nil
	}
	return m
}
