// Package vault seals and opens: values, texts and files under keys that are
// bound to their place; the server's own keys; the pool of case keys; random
// ids and codes; and the tokens by which sealed text can still be searched.
//
// There are two primitives: Seal, for who shares a key, and PublicKey.Seal, for
// who only knows the reader's. No cryptography here is our own: HKDF-SHA256,
// AES-256-GCM, HMAC-SHA256 and HPKE are the standard library's.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
)

// ErrSealed says that sealed bytes do not open: another key, another place, or
// bytes that changed. Which of the three cannot be told.
var ErrSealed = errors.New("vault: sealed bytes do not open")

const (
	version  = 0x01
	overhead = 1 + 12 + 16 // version byte, nonce, tag
	minKey   = 16          // the shortest key taken: the 16 symbols of a chiave
	step     = 256         // texts are padded to this many bytes
)

// NewKey is 32 random bytes.
func NewKey() []byte {
	k := make([]byte, 32)
	rand.Read(k)
	return k
}

// Context names the one place a sealed value may stand:
// "tutela/v1|kind|field|field…". Kind and fields match [A-Za-z0-9._-]+; anything
// else is a mistake of the program, and panics.
func Context(kind string, fields ...string) string {
	var b strings.Builder
	b.WriteString("tutela/v1")
	write := func(s string) {
		if !plainField(s) {
			panic("vault: a field of a context must match [A-Za-z0-9._-]+")
		}
		b.WriteByte('|')
		b.WriteString(s)
	}
	write(kind)
	for _, f := range fields {
		write(f)
	}
	return b.String()
}

func plainField(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return s != ""
}

// Seal encrypts plain for the place context names: AES-256-GCM with a random
// nonce, under HKDF-SHA256 of key with info = context. The result is
// 01 | nonce 12 | ciphertext | tag 16, so 29 bytes longer than plain. A key
// shorter than 16 bytes panics.
func Seal(key []byte, context string, plain []byte) []byte {
	if len(key) < minKey {
		panic("vault: key too short")
	}
	out := make([]byte, 1, overhead+len(plain))
	out[0] = version
	return gcm(derive(key, context)).Seal(out, nil, plain, nil) //nolint:gosec // this AEAD draws its own nonce
}

// Open gives back what Seal sealed with the same key and context, or ErrSealed.
// An empty key, as of an eliminated case, opens nothing.
func Open(key []byte, context string, sealed []byte) ([]byte, error) {
	if len(key) < minKey || len(sealed) < overhead || sealed[0] != version {
		return nil, ErrSealed
	}
	plain, err := gcm(derive(key, context)).Open(nil, nil, sealed[1:], nil)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Commit is the SHA-256 of the very key that Seal uses for key and context. An
// envelope carries it, because AES-GCM does not commit to its key: without it
// the same bytes might be opened under another key as another text.
func Commit(key []byte, context string) [32]byte {
	return sha256.Sum256(derive(key, context))
}

// Reveal is the very key that Seal uses for key and context, for who hands over what it
// sealed and lets others check it against its Commit. It opens that one value alone.
func Reveal(key []byte, context string) []byte { return derive(key, context) }

// OpenRevealed gives back what SealText sealed under the key that Reveal gave, or
// ErrSealed.
func OpenRevealed(k, sealed []byte) (string, error) {
	if len(k) != 32 || len(sealed) < overhead || sealed[0] != version {
		return "", ErrSealed
	}
	padded, err := gcm(k).Open(nil, nil, sealed[1:], nil)
	if err != nil {
		return "", ErrSealed
	}
	return unpad(padded)
}

// SealText is Seal of a text padded to a multiple of 256 bytes, so that its
// length tells little: the text, one byte 80, zeros.
func SealText(key []byte, context, text string) []byte {
	padded := make([]byte, (len(text)/step+1)*step)
	padded[copy(padded, text)] = 0x80
	return Seal(key, context, padded)
}

// OpenText gives back what SealText sealed, or ErrSealed.
func OpenText(key []byte, context string, sealed []byte) (string, error) {
	padded, err := Open(key, context, sealed)
	if err != nil {
		return "", err
	}
	return unpad(padded)
}

func unpad(padded []byte) (string, error) {
	end := len(padded) - 1
	for end >= 0 && padded[end] == 0 {
		end--
	}
	if end < 0 || padded[end] != 0x80 || len(padded)%step != 0 || len(padded)-end > step {
		return "", ErrSealed
	}
	return string(padded[:end]), nil
}

func derive(key []byte, context string) []byte {
	k, err := hkdf.Key(sha256.New, key, nil, context, 32)
	if err != nil {
		panic(err) // only an impossible length
	}
	return k
}

func gcm(k []byte) cipher.AEAD {
	a, err := cipher.NewGCMWithRandomNonce(block(k))
	if err != nil {
		panic(err) // only a block that is not AES
	}
	return a
}

func block(k []byte) cipher.Block {
	b, err := aes.NewCipher(k)
	if err != nil {
		panic(err) // only an impossible key length
	}
	return b
}
