package vault

import (
	"bytes"
	"slices"
	"strconv"

	"tutela/internal/fault"
)

// Compartimento is what the key store keeps of one member-held compartment. All of
// it may be forged by who holds the stores and the server's key: Unlock believes
// what a member's own key proves, and nothing else.
type Compartimento struct {
	Ente, Nome string
	Versioni   []Versione // all, oldest first
	Consegne   []Consegna // of the newest version; older ones are deleted when it is made
	Recupero   Recupero   // of the newest version
	Membri     []Membro   // the table of people's keys: the newest of each
}

// Consegna is the private key of a version sealed to one who may have it: a member,
// or the key of recovery. One of them opens the whole past.
type Consegna struct {
	Ente, Compartimento string
	N                   int    // of the version
	Destinatario        string // persona.<id>, or recupero
	Numero              int    // of the member's key, or the set of sheets
	Chiusa              []byte // HPKE of the private key
}

func (g Consegna) context() string {
	v := Versione{Ente: g.Ente, Compartimento: g.Compartimento, N: g.N}
	return v.context("versione", g.Destinatario, strconv.Itoa(g.Numero))
}

func (g Consegna) plain() bool {
	return plainField(g.Ente) && plainField(g.Compartimento) && plainField(g.Destinatario)
}

// Outside is what is known of a compartment outside the key store.
type Outside struct {
	Ultima  [32]byte // Impronta of the newest version, as the log has it
	Verify  Verify
	Recenti []Involucro // the newest wraps for its newest version: at the unlock, not at each request
}

// Unlocked is a compartment that a member has opened: for one request.
type Unlocked struct {
	Albo  Albo
	Nuove []string // persons of the roll with a newer key, which nobody has admitted yet
	Pin   []byte   // to be stored in the place of the member's pin; nil: it is as it was

	member *MemberKey
	newest Versione
	keys   map[int]privateKey // by version
	prima  string
}

// Unlock opens a compartment with a member's key, and is the one place where it is
// decided that what lies in the stores is true: the private key gives the public
// key that intake uses, signed and latest in the log; the walk back through the
// rolls passes by the newest key this member has seen and ends at the pinned one;
// the roll names the member, and the tables of people and of recovery agree with
// it; the newest wraps open. Anything else is an Allarme. Who has no key of the
// newest version is fault.Forbidden.
func (c *Compartimento) Unlock(m *MemberKey, sealedPin []byte, k Outside) (*Unlocked, error) {
	newest, err := c.latest(k)
	if err != nil {
		return nil, err
	}
	key, err := c.newestKey(m)
	if err != nil {
		return nil, err
	}
	seen, err := m.openPin(c.Nome, sealedPin)
	if err != nil {
		return nil, allarme(motivoPin)
	}
	w, err := c.walk(key)
	if err != nil {
		return nil, err
	}
	if err := seen.check(w); err != nil {
		return nil, err
	}
	if me, ok := trova(w.albo.Lettori, m.Persona); !ok || !me.equal(m.Membro) {
		return nil, allarme(motivoEstraneo)
	}
	u := &Unlocked{Albo: w.albo, member: m, newest: newest, keys: w.keys, prima: w.prima}
	if u.Nuove, err = c.people(m, w.albo); err != nil {
		return nil, err
	}
	if !c.recoverable(w.albo.Quorum) {
		return nil, allarme(motivoRecupero)
	}
	for _, i := range k.Recenti {
		if _, err := u.Opener().Unwrap(i); err != nil {
			return nil, allarme(motivoInvolucri)
		}
	}
	if now := (pin{w.prima, key.public().ID(), newest.N, w.albo.Revisione}); now != seen {
		u.Pin = m.sealPin(c.Nome, now)
	}
	return u, nil
}

// latest is the newest version, if it is the log's and signed.
func (c *Compartimento) latest(k Outside) (Versione, error) {
	if len(c.Versioni) == 0 {
		return Versione{}, allarme(motivoRegistro)
	}
	v := c.Versioni[len(c.Versioni)-1]
	if !v.plain() || v.Impronta() != k.Ultima {
		return Versione{}, allarme(motivoRegistro)
	}
	if _, err := v.public(k.Verify); err != nil {
		return Versione{}, allarme(motivoPubblica)
	}
	return v, nil
}

// newestKey is the private key of the newest version, which the member was given.
func (c *Compartimento) newestKey(m *MemberKey) (privateKey, error) {
	return c.handed(m.k, m.destinatario(), m.Numero)
}

// handed opens the wrap of the newest version for one of its holders.
func (c *Compartimento) handed(k privateKey, destinatario string, numero int) (privateKey, error) {
	v := c.Versioni[len(c.Versioni)-1]
	want := Consegna{Ente: v.Ente, Compartimento: v.Compartimento, N: v.N, Destinatario: destinatario, Numero: numero}.context()
	i := slices.IndexFunc(c.Consegne, func(g Consegna) bool { return g.plain() && g.context() == want })
	if i < 0 {
		return privateKey{}, fault.New(fault.Forbidden, "Non hai la chiave di questo ufficio. Un membro deve ammetterti.")
	}
	b, err := k.open(want, c.Consegne[i].Chiusa)
	if err != nil {
		return privateKey{}, allarme(motivoPubblica)
	}
	key, err := parsePrivateKey(b)
	if err != nil {
		return privateKey{}, allarme(motivoPubblica)
	}
	return key, nil
}

// walked is what one private key opens: the newest roll, the keys of all versions
// back to the founding, and the id of that one.
type walked struct {
	albo  Albo
	keys  map[int]privateKey
	prima string
}

// walk goes back from the newest version, roll by roll. Each key must be the one
// whose public half the row has: a version made by somebody who did not hold the
// one before it cannot be linked to it.
func (c *Compartimento) walk(key privateKey) (walked, error) {
	w := walked{keys: make(map[int]privateKey, len(c.Versioni))}
	newest := len(c.Versioni) - 1
	for i := newest; i >= 0; i-- {
		v := c.Versioni[i]
		if !v.plain() || v.Tipo != TipoMembri || !bytes.Equal(v.Pubblica, key.public().Bytes()) {
			return walked{}, allarme(motivoPubblica)
		}
		a, before, err := openAlbo(key, v) // which binds place and number
		if err != nil || i == newest && !a.valid() {
			return walked{}, allarme(motivoAlbo)
		}
		if i == newest {
			w.albo = a
		}
		w.keys[v.N] = key
		if before.isZero() {
			w.prima = key.public().ID()
			return w, nil
		}
		key = before
	}
	return walked{}, allarme(motivoAlbo)
}

// people compares the table of people with the roll, which alone is believed. A
// newer key of somebody, as after a reset, is told; the same number with another
// key is an alarm, and so is any change of the member's own.
func (c *Compartimento) people(m *MemberKey, a Albo) (newer []string, err error) {
	for _, row := range c.Membri {
		known, ok := a.Di(row.Persona)
		switch {
		case !ok || row.equal(known):
		case row.Persona == m.Persona || row.Numero <= known.Numero:
			return nil, allarme(motivoMembro)
		default:
			newer = append(newer, row.Persona)
		}
	}
	return newer, nil
}

// Recipient is the compartment for who writes to it, by the key just proved.
func (u *Unlocked) Recipient() Recipient {
	return sealer(u.newest.nome(), u.newest.N, u.keys[u.newest.N].public())
}

// Opener opens what was wrapped for any version held by the members. What was
// wrapped before, for versions of the server, KeyRing.Opener opens.
func (u *Unlocked) Opener() Opener { return opener(u.newest.nome(), u.keys) }

// Person is somebody of the roll, member or assistant, to wrap single parts for:
// the key comes from the roll. Whoever is not in it is fault.NotFound.
func (u *Unlocked) Person(persona string) (Recipient, error) {
	m, ok := u.Albo.Di(persona)
	if !ok {
		return Recipient{}, fault.New(fault.NotFound, "Questa persona non è nell'albo. Prima un membro deve ammetterla.")
	}
	key, err := ParsePublicKey(m.Pubblica)
	if err != nil {
		return Recipient{}, err // valid has read it already
	}
	return sealer(m.destinatario(), m.Numero, key), nil
}

// Prima is the id of the founding key, for a newcomer to compare and for sheets.
func (u *Unlocked) Prima() string { return u.prima }
