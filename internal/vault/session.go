package vault

import "strconv"

// Session seals, in the row of a session, what only its cookie opens again: the
// key is HKDF of the cookie's 32 bytes and of a secret of the server. Neither a
// copy of every disk nor the cookie alone opens the row.
type Session struct {
	id   string
	ente string
	key  func() []byte // behind a function: a session that is printed does not show it
}

// Session is the session of a cookie at an ente.
func (r *KeyRing) Session(ente string, cookie [32]byte) Session {
	key := append(cookie[:], r.Derive("sessione")...)
	return Session{base31(derive(cookie[:], Context("sessione", ente, "id")), 26), ente, func() []byte { return key }}
}

// ID is the id of the session's row: 26 symbols, from which nobody finds the
// cookie.
func (s Session) ID() string { return s.id }

// Seal seals a value of the session: kind says which.
func (s Session) Seal(kind string, plain []byte) []byte {
	return Seal(s.key(), Context("sessione", s.ente, s.id, kind), plain)
}

// Open gives back what Seal sealed in the same session, or ErrSealed.
func (s Session) Open(kind string, sealed []byte) ([]byte, error) {
	return Open(s.key(), Context("sessione", s.ente, s.id, kind), sealed)
}

// SealMember seals an unlocked member key, until the session is locked: the row
// then has none.
func (s Session) SealMember(m *MemberKey) []byte {
	if m.Ente != s.ente {
		panic("vault: a member key in a session of another ente")
	}
	return s.Seal(memberKind(m.Persona, m.Numero), m.k.bytes())
}

// OpenMember gives back the member key that this session unlocked, of this person
// and number, or ErrSealed: then it is to be unlocked again.
func (s Session) OpenMember(persona string, numero int, sealed []byte) (*MemberKey, error) {
	b, err := s.Open(memberKind(persona, numero), sealed)
	if err != nil {
		return nil, err
	}
	k, err := parsePrivateKey(b)
	if err != nil {
		return nil, err
	}
	return memberKey(s.ente, persona, numero, k), nil
}

func memberKind(persona string, numero int) string {
	return "membro." + persona + "." + strconv.Itoa(numero)
}
