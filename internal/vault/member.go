package vault

import (
	"crypto/sha256"
	"crypto/subtle"
	"strconv"

	"tutela/internal/fault"
)

// MemberKey is the unlocked key of a person: it opens what was sealed to them. It
// lives for one request; between requests it is sealed in the session.
type MemberKey struct {
	Ente string
	Membro
	k privateKey
}

// NewMemberKey makes the key of a person: their first, or the next one after a
// reset or a theft. It is worth nothing until a slot keeps it and somebody admits
// it.
func NewMemberKey(ente, persona string, numero int) *MemberKey {
	return memberKey(ente, persona, numero, newPrivateKey())
}

func memberKey(ente, persona string, numero int, k privateKey) *MemberKey {
	return &MemberKey{ente, Membro{persona, numero, k.public().Bytes()}, k}
}

// KeyID is the id of the key, which the person reads out to who admits them.
func (m *MemberKey) KeyID() string { return m.k.public().ID() }

// Opener opens what was wrapped for this person alone.
func (m *MemberKey) Opener() Opener {
	return opener(m.destinatario(), map[int]privateKey{m.Numero: m.k})
}

// A member key lies in slots, each of which opens with something else.
const (
	SlotPassphrase = "passphrase"
	SlotPRF        = "prf"
	SlotFoglio     = "foglio"
)

// MemberSlot is a member key sealed under what its person knows or has: a row of
// the key store. The key that seals it is HKDF, with the slot's place, of
//
//	passphrase  second half of argon2id ‖ pepper
//	prf         what the passkey answers to Sale
//	foglio      the 128 bits of a printed code
type MemberSlot struct {
	Ente, Persona string
	Numero        int    // of the member key
	ID            string // of the slot, which tells when it was made
	Tipo          string // passphrase, prf, foglio
	Costo         Costo  // passphrase
	Sale          []byte // passphrase: 16 bytes; prf: 32, which the passkey is asked
	Verifica      []byte // passphrase: SHA-256 of the first half of argon2id; prf: the row of the passkey
	Chiusa        []byte // Seal of the private key
}

var (
	errFrase  = fault.New(fault.Invalid, "La frase non è quella giusta. Controlla ogni parola.")
	errFoglio = fault.New(fault.Invalid, "Il codice non apre la tua chiave. Controlla che il foglio sia l'ultimo che hai stampato.")
	errPRF    = fault.New(fault.Invalid, "La passkey non apre la tua chiave. Usa la frase, o il foglio.")
)

func (m *MemberKey) slot(id, tipo string) MemberSlot {
	return MemberSlot{Ente: m.Ente, Persona: m.Persona, Numero: m.Numero, ID: id, Tipo: tipo}
}

func (s MemberSlot) context() string {
	return Context("membro", s.Ente, s.Persona, strconv.Itoa(s.Numero), s.Tipo, s.ID)
}

// open opens the slot with the secret of its kind.
func (s MemberSlot) open(secret []byte) (*MemberKey, bool) {
	if !plainField(s.Ente) || !plainField(s.Persona) || !plainField(s.ID) || s.Numero < 1 {
		return nil, false // rows can be forged
	}
	b, err := Open(secret, s.context(), s.Chiusa)
	if err != nil {
		return nil, false
	}
	k, err := parsePrivateKey(b)
	if err != nil {
		return nil, false
	}
	return memberKey(s.Ente, s.Persona, s.Numero, k), true
}

// PassphraseSlot keeps the key under a passphrase of NewPassphrase. The pepper is
// the ente's, from KeyRing.Pepper.
func (m *MemberKey) PassphraseSlot(id string, passphrase Riservato, pepper []byte, c Costo) (MemberSlot, error) {
	text, err := parsePassphrase(passphrase)
	if err != nil {
		return MemberSlot{}, err
	}
	s := m.slot(id, SlotPassphrase)
	s.Costo, s.Sale = c, NewKey()[:16]
	check, half := c.stretch(text, s.Sale)
	sum := sha256.Sum256(check)
	s.Verifica = sum[:]
	s.Chiusa = Seal(peppered(half, pepper), s.context(), m.k.bytes())
	return s, nil
}

// Check reports whether the passphrase is the slot's, for a sign-in that unlocks
// nothing. It costs one hash: the caller lets one run at a time.
func (s MemberSlot) Check(passphrase Riservato) error {
	_, err := s.stretch(passphrase)
	return err
}

// OpenPassphrase is Check that gives the key too, with no second hash. A slot
// whose passphrase is right and does not open is ErrSealed.
func (s MemberSlot) OpenPassphrase(passphrase Riservato, pepper []byte) (*MemberKey, error) {
	half, err := s.stretch(passphrase)
	if err != nil {
		return nil, err
	}
	m, ok := s.open(peppered(half, pepper))
	if !ok {
		return nil, ErrSealed
	}
	return m, nil
}

func (s MemberSlot) stretch(passphrase Riservato) (half []byte, err error) {
	if s.Tipo != SlotPassphrase || !s.Costo.fair() {
		return nil, ErrSealed
	}
	text, err := parsePassphrase(passphrase)
	if err != nil {
		return nil, err
	}
	check, half := s.Costo.stretch(text, s.Sale)
	sum := sha256.Sum256(check)
	if subtle.ConstantTimeCompare(sum[:], s.Verifica) != 1 {
		return nil, errFrase
	}
	return half, nil
}

func peppered(half, pepper []byte) []byte {
	if len(pepper) != 32 {
		panic("vault: the pepper has 32 bytes")
	}
	return append(half[:32:32], pepper...)
}

// PRFSlot keeps the key under what a passkey's PRF answers to salt: 32 bytes. Which
// passkey that is helps to find the slot, and proves nothing.
func (m *MemberKey) PRFSlot(id string, passkey, salt, prf []byte) (MemberSlot, error) {
	if len(prf) != 32 {
		return MemberSlot{}, errPRF
	}
	s := m.slot(id, SlotPRF)
	s.Sale, s.Verifica = salt, passkey
	s.Chiusa = Seal(prf, s.context(), m.k.bytes())
	return s, nil
}

// OpenPRF opens a slot with the passkey's answer to its Sale.
func (s MemberSlot) OpenPRF(prf []byte) (*MemberKey, error) {
	if m, ok := s.open(prf); ok {
		return m, nil
	}
	return nil, errPRF
}

// FoglioSlot keeps the key under a printed code: 28 symbols, shown once and never
// stored. Gruppi writes it for people.
func (m *MemberKey) FoglioSlot(id string) (MemberSlot, Riservato) {
	code, secret := newFoglio()
	s := m.slot(id, SlotFoglio)
	s.Chiusa = Seal(secret, s.context(), m.k.bytes())
	return s, code
}

// OpenFoglio opens a slot with the printed code, as people type it. One wrong
// symbol is told by its group.
func (s MemberSlot) OpenFoglio(typed Riservato) (*MemberKey, error) {
	secret, err := parseFoglio(typed)
	if err != nil {
		return nil, err
	}
	if m, ok := s.open(secret); ok {
		return m, nil
	}
	return nil, errFoglio
}

// NewPepper makes the pepper of an ente's passphrases, sealed for the key store.
// It is not derived, so the server's key can rotate.
func (r *KeyRing) NewPepper(ente string) []byte { return r.Seal(Context("pepe", ente), NewKey()) }

// Pepper opens what NewPepper made, or gives ErrSealed.
func (r *KeyRing) Pepper(ente string, sealed []byte) ([]byte, error) {
	b, err := r.Open(Context("pepe", ente), sealed)
	if err == nil && len(b) != 32 {
		return nil, ErrSealed
	}
	return b, err
}
