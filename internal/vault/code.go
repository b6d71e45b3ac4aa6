package vault

import (
	"crypto/rand"
	"strings"

	"tutela/internal/fault"
)

// alphabet has 31 symbols: no 0 O 1 I L, which people confuse when they read
// aloud or copy by hand.
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

const (
	codiceLen = 12 // 59 bits: not secret, it stands on letters
	chiaveLen = 16 // 79 bits: opens the citizen's part of a case, or a stamped document
)

// NewCodice makes the public code of a case: 12 random symbols, ungrouped.
func NewCodice() string { return random(codiceLen) }

// NewChiave makes the secret key of a citizen: 16 random symbols, ungrouped.
// The bytes of its Valore serve as a key for Seal.
func NewChiave() Riservato { return NewRiservato(random(chiaveLen)) }

// NewContrassegno makes the id of a stamp, which anybody may know, and the password
// that opens the stamped document: 12 and 16 random symbols.
func NewContrassegno() (id string, password Riservato) {
	return random(codiceLen), NewRiservato(random(chiaveLen))
}

// Gruppi writes a code in groups of four, as people see it: "ABCD-EFGH-JKMN".
func Gruppi(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(code[i])
	}
	return b.String()
}

// ParseCodice reads a codice as people type it: spaces, dashes, dots and lower
// case are forgiven. It gives the 12 symbols, or fault.Invalid.
func ParseCodice(s string) (string, error) {
	code, ok := parseCode(s, codiceLen)
	if !ok {
		return "", fault.New(fault.Invalid, "Il codice ha 12 tra lettere e cifre, mai 0, O, 1, I, L. Controllalo sulla ricevuta.")
	}
	return code, nil
}

// ParseChiave reads a chiave as people type it, like ParseCodice.
func ParseChiave(s string) (Riservato, error) {
	code, ok := parseCode(s, chiaveLen)
	if !ok {
		return Riservato{}, fault.New(fault.Invalid, "La chiave ha 16 tra lettere e cifre, mai 0, O, 1, I, L. Controllala sulla ricevuta.")
	}
	return NewRiservato(code), nil
}

// ParseContrassegno reads the id of a stamp as people type it, like ParseCodice.
func ParseContrassegno(s string) (string, error) {
	id, ok := parseCode(s, codiceLen)
	if !ok {
		return "", fault.New(fault.Invalid, "L'identificativo ha 12 tra lettere e cifre, mai 0, O, 1, I, L. Controllalo sul documento.")
	}
	return id, nil
}

// ParsePassword reads the password of a stamp as people type it, like ParseCodice.
func ParsePassword(s string) (Riservato, error) {
	code, ok := parseCode(s, chiaveLen)
	if !ok {
		return Riservato{}, fault.New(fault.Invalid, "La password ha 16 tra lettere e cifre, mai 0, O, 1, I, L. Controllala sul documento.")
	}
	return NewRiservato(code), nil
}

func parseCode(s string, n int) (string, bool) {
	out := make([]byte, 0, n)
	for _, r := range s {
		switch {
		case r == ' ' || r == '-' || r == '.' || r == '\t' || r == '\n' || r == '\r' || r == '\u00a0' ||
			r == '\u2010' || r == '\u2011' || r == '\u2012' || r == '\u2013' || r == '\u2014':
			continue
		case 'a' <= r && r <= 'z':
			r -= 'a' - 'A'
		}
		if r > 0x7f || len(out) == n || strings.IndexByte(alphabet, byte(r)) < 0 {
			return "", false
		}
		out = append(out, byte(r))
	}
	return string(out), len(out) == n
}

// random draws n symbols evenly: bytes from 248 up, which would favour some, are
// drawn again.
func random(n int) string {
	out := make([]byte, 0, n)
	var buf [32]byte
	for len(out) < n {
		rand.Read(buf[:])
		for _, b := range buf {
			if b < 248 && len(out) < n {
				out = append(out, alphabet[b%31])
			}
		}
	}
	return string(out)
}
