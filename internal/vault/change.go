package vault

import (
	"cmp"
	"crypto"
	"slices"

	"tutela/internal/fault"
)

// Change is what the key store writes in one transaction, if Su is still the newest
// version; and copies at once where copies are made, or fails with it: a key made
// after the last copy would die with the disk.
type Change struct {
	Su       [32]byte   // Impronta of the newest version it rests on; zero at the founding
	Versione Versione   // a new one, or the newest with its roll rewritten; the log gets its Impronta
	Consegne []Consegna // to add; those of older versions are deleted
	Recupero *Recupero  // in the place of what is there; nil: as it is
	Pin      []byte     // of who made the change; nil at a recovery
	Membro   Membro     // the new key of who made the change, if Slot keeps one
	Slot     *MemberSlot
	Fogli    []Foglio // to print at once and never to store
}

// NewQuorum is who shall have the sheets, and how many of them open.
type NewQuorum struct {
	K       int
	Custodi []Custode
}

// Admission is a person's key and its id as the person read it out: who admits
// compares it with the screen, so a key swapped in the table is not admitted.
type Admission struct {
	Membro
	ID         string // typed, or confirmed on the page that showed it
	Assistente bool   // of single parts: gets no key of the compartment
}

var errConfronto = fault.New(fault.Conflict, "L'impronta non è quella della chiave di questa persona. Confrontatela di nuovo, a voce.")

func (a Admission) check() error {
	key, err := ParsePublicKey(a.Pubblica)
	if err != nil || !a.valid() {
		return errConfronto
	}
	if id, err := ParseKeyID(a.ID); err != nil || id != key.ID() {
		return errConfronto
	}
	return nil
}

// Found founds a compartment in the session of its first member, after the last
// version that the server held, if any. The id of its public key is what the
// founding sheet carries, the log and the public page.
func Found(ente, nome string, after Versione, m *MemberKey, q NewQuorum, log crypto.Signer) (*Change, error) {
	if m.Ente != ente {
		panic("vault: a founder of another ente")
	}
	d := draft{place: Versione{Ente: ente, Compartimento: nome, N: after.N + 1}, su: after.Impronta(), member: m}
	d.albo.Lettori = []Membro{m.Membro}
	return d.make(&q, m.Persona, log)
}

// Join admits a person: the roll is rewritten and the current key wrapped, which
// opens the whole past. The newcomer pins the founding key in their own session.
// Who is in the roll with another key goes through Renew.
func (u *Unlocked) Join(a Admission) (*Change, error) {
	albo, err := u.Albo.with(a)
	if err != nil {
		return nil, err
	}
	albo.Revisione++
	key, before := u.keys[u.newest.N], u.keys[u.newest.N-1]
	ch := &Change{Su: u.newest.Impronta(), Versione: u.newest}
	ch.Versione.Albo = sealAlbo(key, u.newest, albo, before)
	if !a.Assistente {
		ch.Consegne = wraps(u.newest, key, []Membro{a.Membro})
	}
	ch.Pin = u.member.sealPin(u.newest.Compartimento, pin{u.prima, key.public().ID(), u.newest.N, albo.Revisione})
	return ch, nil
}

// with is the roll with one more person.
func (a Albo) with(new Admission) (Albo, error) {
	if err := new.check(); err != nil {
		return Albo{}, err
	}
	if _, ok := a.Di(new.Persona); ok {
		return Albo{}, fault.New(fault.Conflict, "Questa persona è già nell'albo. Per cambiarle chiave, o posto, rinnova le chiavi.")
	}
	if new.Assistente {
		a.Assistenti = append(slices.Clone(a.Assistenti), new.Membro)
	} else {
		a.Lettori = append(slices.Clone(a.Lettori), new.Membro)
	}
	return a, nil
}

func (a Albo) without(tolti []string) Albo {
	out := func(m Membro) bool { return slices.Contains(tolti, m.Persona) }
	a.Lettori = slices.DeleteFunc(slices.Clone(a.Lettori), out)
	a.Assistenti = slices.DeleteFunc(slices.Clone(a.Assistenti), out)
	return a
}

// Renewal is what changes with a new version.
type Renewal struct {
	Tolti  []string   // persons, members or assistants, who leave
	Entra  *Admission // who enters: perhaps one of Tolti, with another key or place
	Quorum *NewQuorum // new sheets for all; nil: the old ones go on
	Mia    *MemberKey // the next key of who makes the change, in the place of the one they opened with
}

// Renew makes a new version: whoever is left out can read what they could, and
// nothing that is written from now on. When somebody leaves who has a sheet or had
// them printed, it wants new sheets. No case is touched. Who enters with a new key
// of their own, in their own session, pins Prima under it.
func (u *Unlocked) Renew(r Renewal, log crypto.Signer) (*Change, error) {
	if r.Mia != nil {
		r.Tolti = append(slices.Clone(r.Tolti), u.member.Persona)
		r.Entra = &Admission{Membro: r.Mia.Membro, ID: r.Mia.KeyID()}
	}
	d, err := u.draft(r)
	if err != nil {
		return nil, err
	}
	if me, ok := trova(d.albo.Lettori, u.member.Persona); !ok {
		return nil, fault.New(fault.Invalid, "Non puoi togliere te stesso: lo fa chi resta, o il recupero con i fogli.")
	} else if me.equal(u.member.Membro) {
		d.member = u.member
	} else if r.Mia != nil && me.equal(r.Mia.Membro) {
		d.member = r.Mia
	}
	return d.make(r.Quorum, u.member.Persona, log)
}

// draft is the version after the newest, with what changes.
func (u *Unlocked) draft(r Renewal) (draft, error) {
	albo, gone := u.Albo.without(r.Tolti), r.Tolti
	if r.Entra != nil {
		var err error
		if albo, err = albo.with(*r.Entra); err != nil {
			return draft{}, err
		}
		gone = slices.DeleteFunc(slices.Clone(gone), func(p string) bool { return p == r.Entra.Persona })
	}
	if len(albo.Lettori) == 0 {
		return draft{}, fault.New(fault.Invalid, "Deve restare almeno un membro. Ammettine uno prima.")
	}
	if r.Quorum == nil && slices.ContainsFunc(gone, u.Albo.Quorum.touches) {
		return draft{}, fault.New(fault.Invalid, "Chi esce ha un foglio di recupero, o li ha stampati. Servono fogli nuovi per tutti.")
	}
	next := u.newest
	next.N++
	return draft{place: next, albo: albo, before: u.keys[u.newest.N], su: u.newest.Impronta(), prima: u.prima}, nil
}

// touches reports whether a person has, or has seen, sheets of the quorum.
func (q Quorum) touches(persona string) bool {
	return q.Stampata == persona || slices.ContainsFunc(q.Custodi, func(c Custode) bool { return c.Persona == persona })
}

// draft is a version about to be made.
type draft struct {
	place  Versione   // its ente, compartment and number
	albo   Albo       // as it shall be, but for revision and new sheets
	before privateKey // of the version before; none at the founding
	su     [32]byte
	member *MemberKey // whose pin goes with it; nil: nobody's
	prima  string     // the founding key's id; empty: this is the founding
}

// make draws the key of the version and seals it to all of the roll and to the
// recovery key of the roll, which is a new one if q says so: printed by da.
func (d draft) make(q *NewQuorum, da string, log crypto.Signer) (*Change, error) {
	key := newPrivateKey()
	v := Versione{Ente: d.place.Ente, Compartimento: d.place.Compartimento, N: d.place.N, Tipo: TipoMembri, Pubblica: key.public().Bytes()}
	ch := &Change{Su: d.su}
	d.albo.Revisione++
	id := key.public().ID()
	known := pin{cmp.Or(d.prima, id), id, v.N, d.albo.Revisione}
	if q != nil {
		if err := quorumFault(q.K, q.Custodi); err != nil {
			return nil, err
		}
		ch.Recupero, ch.Fogli, d.albo.Quorum = newRecovery(v, *q, d.albo.Quorum.Serie+1, da, known)
	}
	if err := v.sign(log); err != nil {
		return nil, err
	}
	v.Albo = sealAlbo(key, v, d.albo, d.before)
	ch.Versione = v
	ch.Consegne = wraps(v, key, append(slices.Clone(d.albo.Lettori), d.albo.Quorum.membro()))
	if d.member != nil {
		ch.Pin = d.member.sealPin(v.Compartimento, known)
	}
	return ch, nil
}

// wraps seals the key of a version to those whose keys its roll has.
func wraps(v Versione, key privateKey, to []Membro) []Consegna {
	out := make([]Consegna, len(to))
	for i, m := range to {
		pub, err := ParsePublicKey(m.Pubblica)
		if err != nil {
			panic("vault: a roll with a key that is none") // valid and check have read it
		}
		out[i] = Consegna{Ente: v.Ente, Compartimento: v.Compartimento, N: v.N, Destinatario: m.destinatario(), Numero: m.Numero}
		out[i].Chiusa = pub.Seal(out[i].context(), key.bytes())
	}
	return out
}
