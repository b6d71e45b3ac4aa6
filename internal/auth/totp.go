package auth

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what every app on a telephone computes; as an HMAC it holds
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The codes of an app (RFC 6238), as every app makes them unless told otherwise.
const (
	passoApp  = 30 * time.Second
	cifreApp  = 6
	modApp    = 1_000_000
	lungoSeme = 20 // bytes
	giocoApp  = 1  // steps before and after, for a clock that is not exact
)

// totp is the code of a step.
func totp(seme []byte, passo int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(passo))
	h := hmac.New(sha1.New, seme)
	h.Write(b[:])
	s := h.Sum(nil)
	n := binary.BigEndian.Uint32(s[s[19]&15:]) &^ (1 << 31)
	return fmt.Sprintf("%0*d", cifreApp, n%modApp)
}

// passoDi is the step whose code this is, at that instant; steps up to ultimo were
// used. False when it is none.
func passoDi(seme []byte, codice string, adesso time.Time, ultimo int64) (passo int64, ok bool) {
	ora := adesso.Unix() / int64(passoApp/time.Second)
	for p := ora - giocoApp; p <= ora+giocoApp; p++ {
		if subtle.ConstantTimeCompare([]byte(totp(seme, p)), []byte(codice)) == 1 && p > ultimo {
			passo, ok = p, true
		}
	}
	return passo, ok
}

// sembraApp reads the code of an app as people type it: six figures, with spaces
// anywhere.
func sembraApp(s string) (string, bool) {
	s = strings.Join(strings.Fields(s), "")
	return s, len(s) == cifreApp && strings.Trim(s, "0123456789") == ""
}

// scriviSeme is a seed as people copy it, in groups of four.
func scriviSeme(seme []byte) string {
	s := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(seme)
	var gruppi []string
	for len(s) > 4 {
		gruppi, s = append(gruppi, s[:4]), s[4:]
	}
	return strings.Join(append(gruppi, s), " ")
}

// indirizzoSeme is a seed as apps read it from a QR code.
func indirizzoSeme(emittente, utente string, seme []byte) string {
	q := url.Values{"secret": {strings.ReplaceAll(scriviSeme(seme), " ", "")}, "issuer": {emittente}}
	// Apps read %20 where a plus would stay a plus.
	return "otpauth://totp/" + url.PathEscape(emittente+":"+utente) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}
