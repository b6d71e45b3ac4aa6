package vault

import (
	"encoding/binary"
	"strconv"
)

// A pin is what somebody knows of a compartment that no server can forge: the id
// of its founding key, compared by voice or on paper, and the newest key they have
// seen of it. A person's lies under their private key, the holders' under their
// sheets:
//
//	id of the founding key 16 | id of the newest 16 | its number 4 | revision of the roll 4
type pin struct {
	prima, ultima string
	n, revisione  int
}

const pinLen = 2*keyIDLen + 4 + 4

func (p pin) bytes() []byte {
	b := append([]byte(p.prima), p.ultima...)
	b = binary.BigEndian.AppendUint32(b, uint32(p.n))
	return binary.BigEndian.AppendUint32(b, uint32(p.revisione))
}

func parsePin(b []byte) (pin, error) {
	if len(b) != pinLen {
		return pin{}, ErrSealed
	}
	p := pin{prima: string(b[:16]), ultima: string(b[16:32]),
		n: int(binary.BigEndian.Uint32(b[32:])), revisione: int(binary.BigEndian.Uint32(b[36:]))}
	for _, id := range []string{p.prima, p.ultima} {
		if same, ok := parseCode(id, keyIDLen); !ok || same != id {
			return pin{}, ErrSealed
		}
	}
	return p, nil
}

// check holds the pin against what was walked: the way back ends at the founding
// key, and passes by the newest that was seen.
func (p pin) check(w walked) error {
	seen, ok := w.keys[p.n]
	switch {
	case w.prima != p.prima:
		return allarme(motivoPrima)
	case p.n > 0 && (!ok || seen.public().ID() != p.ultima), p.revisione > w.albo.Revisione:
		return allarme(motivoIndietro)
	}
	return nil
}

// Pin pins the id of a compartment's founding key, as the person typed it from the
// founding sheet or heard it from a member. There is no first use without it.
func (m *MemberKey) Pin(compartimento, prima string) ([]byte, error) {
	id, err := ParseKeyID(prima)
	if err != nil {
		return nil, err
	}
	return m.sealPin(compartimento, pin{prima: id, ultima: id}), nil
}

func (m *MemberKey) sealPin(compartimento string, p pin) []byte {
	return Seal(m.k.secret(), m.pinContext(compartimento), p.bytes())
}

func (m *MemberKey) openPin(compartimento string, sealed []byte) (pin, error) {
	b, err := Open(m.k.secret(), m.pinContext(compartimento), sealed)
	if err != nil {
		return pin{}, err
	}
	return parsePin(b)
}

func (m *MemberKey) pinContext(compartimento string) string {
	return Context("pin", m.Ente, compartimento, m.Persona, strconv.Itoa(m.Numero))
}
