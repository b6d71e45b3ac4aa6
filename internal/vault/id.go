package vault

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"

	"tutela/internal/fault"
)

// ID is a UUIDv7 (RFC 9562): 48 bits of milliseconds, 12 bits of the fraction
// of one, 62 random bits. Ids made later sort later, to about a quarter of a
// microsecond. The zero ID stands for none.
type ID [16]byte

// NewID makes an id at the instant t.
func NewID(t time.Time) ID {
	var id ID
	rand.Read(id[8:])
	ns := t.UnixNano()
	ms, frac := ns/1e6, ns%1e6
	binary.BigEndian.PutUint64(id[:8], uint64(ms)<<16|0x7000|uint64(frac*4096/1e6))
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ParseID reads the text form of an id, in either case. Anything else is
// fault.NotFound: what is no id names nothing.
func ParseID(s string) (ID, error) {
	var id ID
	if err := id.UnmarshalText([]byte(s)); err != nil {
		return ID{}, err
	}
	return id, nil
}

// Time is the instant for which the id was made, to the millisecond.
func (id ID) Time() time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16)).UTC()
}

// IsZero reports whether the id stands for none.
func (id ID) IsZero() bool { return id == ID{} }

// String is the usual text form: 36 symbols, lower case.
func (id ID) String() string {
	b, _ := id.MarshalText()
	return string(b)
}

// MarshalText is String as bytes; it never fails.
func (id ID) MarshalText() ([]byte, error) {
	b := make([]byte, 36)
	hex.Encode(b, id[:4])
	hex.Encode(b[9:], id[4:6])
	hex.Encode(b[14:], id[6:8])
	hex.Encode(b[19:], id[8:10])
	hex.Encode(b[24:], id[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return b, nil
}

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(b []byte) error {
	bad := fault.New(fault.NotFound, "Non troviamo quello che cerchi. Controlla l'indirizzo.")
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return bad
	}
	var digits [32]byte
	n := copy(digits[:], b[:8])
	n += copy(digits[n:], b[9:13])
	n += copy(digits[n:], b[14:18])
	n += copy(digits[n:], b[19:23])
	copy(digits[n:], b[24:])
	var out ID
	if _, err := hex.Decode(out[:], digits[:]); err != nil {
		return bad
	}
	*id = out
	return nil
}
