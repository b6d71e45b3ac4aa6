package vault

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"tutela/internal/fault"
)

// A printed secret is 128 random bits as 28 symbols, seven groups of four: 26
// are the number in base 31, two are checks. 31 is prime, so with
//
//	sum of c[i] = 0   and   sum of (i+1)·c[i] = 0   (mod 31)
//
// any two wrong symbols are noticed, and one alone is found.
const (
	foglioLen   = 28
	foglioBytes = 16
)

// newFoglio draws a secret, and its code ungrouped.
func newFoglio() (code Riservato, secret []byte) {
	secret = make([]byte, foglioBytes)
	rand.Read(secret)
	return NewRiservato(foglioCode(secret)), secret
}

func foglioCode(secret []byte) string {
	s := base31(secret, foglioLen-2)
	a, b := checks(s) // 27·x + 28·y = -b and x + y = -a, where x and y are the checks
	y := (27*a + 30*b) % 31
	x := (2*31 - a - y) % 31
	return s + alphabet[x:x+1] + alphabet[y:y+1]
}

// checks are the two sums of a code, modulo 31.
func checks(code string) (a, b int) {
	for i := range len(code) {
		c := strings.IndexByte(alphabet, code[i])
		a, b = (a+c)%31, (b+(i+1)*c)%31
	}
	return a, b
}

// parseFoglio reads a printed code as people type it. What is wrong is said so
// that it can follow the name of the sheet.
func parseFoglio(typed Riservato) ([]byte, error) {
	no := func(format string, a ...any) ([]byte, error) {
		return nil, fault.New(fault.Invalid, fmt.Sprintf(format, a...))
	}
	code, ok := parseCode(typed.Valore(), foglioLen)
	if !ok {
		return no("Il codice ha sette gruppi di quattro tra lettere e cifre, mai 0, O, 1, I, L. Ricopialo dal foglio.")
	}
	if a, b := checks(code); a != 0 || b != 0 {
		for i := range foglioLen {
			if (i+1)*a%31 == b {
				return no("Il codice è stato copiato male: ricontrolla il gruppo %d.", i/4+1)
			}
		}
		return no("Il codice è stato copiato male: ricontrollalo tutto.")
	}
	x, base := new(big.Int), big.NewInt(int64(len(alphabet)))
	for i := range foglioLen - 2 {
		x.Add(x.Mul(x, base), big.NewInt(int64(strings.IndexByte(alphabet, code[i]))))
	}
	if x.BitLen() > 8*foglioBytes {
		return no("Questo codice non è di un foglio. Ricontrollalo tutto.")
	}
	return x.FillBytes(make([]byte, foglioBytes)), nil
}
