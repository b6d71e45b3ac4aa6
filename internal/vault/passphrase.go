package vault

import (
	"crypto/rand"
	"fmt"
	"runtime/debug"
	"strings"

	"golang.org/x/crypto/argon2"

	"tutela/internal/fault"
)

// A passphrase is made by the program: four words of three syllables, each one of
// 14 consonants and 5 vowels, 73 bits in all.
const (
	consonants = "bcdfglmnprstvz"
	vowels     = "aeiou"
	words      = 4
	wordLen    = 6
)

// NewPassphrase makes four pronounceable words, with a space between them.
func NewPassphrase() Riservato {
	const syllables = len(consonants) * len(vowels)
	var b strings.Builder
	var buf [32]byte
	for n := 0; n < words*wordLen/2; {
		rand.Read(buf[:])
		for _, r := range buf {
			if int(r) >= 256/syllables*syllables || n == words*wordLen/2 { // would favour some
				continue
			}
			if n > 0 && n%(wordLen/2) == 0 {
				b.WriteByte(' ')
			}
			i := int(r) % syllables
			b.WriteByte(consonants[i/len(vowels)])
			b.WriteByte(vowels[i%len(vowels)])
			n++
		}
	}
	return NewRiservato(b.String())
}

// ParsePassphrase reads a passphrase as people type it, and gives it in the form of
// NewPassphrase, or says what is wrong with the words.
func ParsePassphrase(typed Riservato) (Riservato, error) {
	text, err := parsePassphrase(typed)
	return NewRiservato(text), err
}

// parsePassphrase reads a passphrase as people type it: upper case and whatever
// is no letter are forgiven. It gives the form of NewPassphrase.
func parsePassphrase(typed Riservato) (string, error) {
	if len(typed.Valore()) > 256 {
		return "", fault.New(fault.Invalid, "La frase ha quattro parole di sei lettere. Ne hai scritte di più.")
	}
	var letters []byte
	for _, r := range strings.ToLower(typed.Valore()) {
		if 'a' <= r && r <= 'z' {
			letters = append(letters, byte(r))
		}
	}
	if len(letters) != words*wordLen {
		return "", fault.New(fault.Invalid, fmt.Sprintf("La frase ha quattro parole di sei lettere: 24 in tutto. Ne hai scritte %d.", len(letters)))
	}
	var b strings.Builder
	for i, c := range letters {
		if i > 0 && i%wordLen == 0 {
			b.WriteByte(' ')
		}
		if kind := [2]string{consonants, vowels}[i%2]; strings.IndexByte(kind, c) < 0 {
			return "", fault.New(fault.Invalid, fmt.Sprintf("La parola %d della frase è scritta male: nelle parole si alternano consonanti e vocali.", i/wordLen+1))
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

// Costo is the price of one argon2id hash.
type Costo struct {
	Memoria uint32 // KiB
	Giri    uint32
	Fili    uint8
}

// CostoPieno is the price in production: 64 MiB, three passes, one thread.
var CostoPieno = Costo{Memoria: 64 << 10, Giri: 3, Fili: 1}

// fair reports whether a stored price may be asked of us: rows can be forged.
func (c Costo) fair() bool {
	return c.Fili >= 1 && c.Fili <= 4 && c.Giri >= 1 && c.Giri <= 16 && c.Memoria >= 8*uint32(c.Fili) && c.Memoria <= 256<<10
}

// stretch is the hash of a passphrase in two halves of 32 bytes: one to check it
// by, one to make a key of. Its memory is given back to the machine at once.
func (c Costo) stretch(passphrase string, salt []byte) (check, half []byte) {
	k := argon2.IDKey([]byte(passphrase), salt, c.Giri, c.Memoria, c.Fili, 64)
	if c.Memoria >= 16<<10 {
		debug.FreeOSMemory()
	}
	return k[:32:32], k[32:]
}
