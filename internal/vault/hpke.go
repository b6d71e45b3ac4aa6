package vault

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"math/big"

	"tutela/internal/fault"
)

// Suite 01 is HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256),
// HKDF-SHA256, AES-256-GCM. Keys and what is sealed to them begin with the
// suite's byte:
//
//	public or private key  01 | key 32
//	sealed                 01 | enc 32 | ciphertext | tag 16
//
// The context goes in as info. Base mode proves no sender: anyone can seal to a
// public key, so that something opens says nothing of who made it (docs/adr/0007).
const (
	suite        = 0x01
	keyLen       = 1 + 32
	hpkeOverhead = 1 + 32 + 16
	keyIDLen     = 16
)

// PublicKey is a key to which anyone seals. The zero PublicKey is none.
type PublicKey struct{ k *ecdh.PublicKey }

// ParsePublicKey reads what Bytes wrote, or gives ErrSealed. A key of low order,
// to which everybody's sealing would be alike, is refused: Seal never fails.
func ParsePublicKey(b []byte) (PublicKey, error) {
	if len(b) != keyLen || b[0] != suite {
		return PublicKey{}, ErrSealed
	}
	k, err := ecdh.X25519().NewPublicKey(b[1:])
	if err != nil {
		return PublicKey{}, ErrSealed
	}
	if _, err := anyKey.ECDH(k); err != nil {
		return PublicKey{}, ErrSealed
	}
	return PublicKey{k}, nil
}

// anyKey is a private key to try public ones with: those of low order give zero
// with every key.
var anyKey = newPrivateKey().k()

// Bytes is the key with its suite in front.
func (p PublicKey) Bytes() []byte { return append([]byte{suite}, p.k.Bytes()...) }

// ID is the key's id: 16 symbols, 79 bits of its SHA-256. Gruppi writes it for
// people to compare by voice.
func (p PublicKey) ID() string {
	sum := sha256.Sum256(p.Bytes())
	return base31(sum[:], keyIDLen)
}

// Seal encrypts plain to the key, for the place context names.
func (p PublicKey) Seal(context string, plain []byte) []byte {
	to, err := hpke.NewDHKEMPublicKey(p.k)
	if err != nil {
		panic(err) // only another curve
	}
	sealed, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(context), plain)
	if err != nil {
		panic(err) // only a key of low order, which ParsePublicKey refuses
	}
	return append([]byte{suite}, sealed...)
}

// ParseKeyID reads a key's id as people type it, like ParseCodice.
func ParseKeyID(s string) (string, error) {
	id, ok := parseCode(s, keyIDLen)
	if !ok {
		return "", fault.New(fault.Invalid, "L'impronta ha 16 tra lettere e cifre, mai 0, O, 1, I, L. Ricopiala dal foglio.")
	}
	return id, nil
}

// base31 is the number that b writes (big endian), or its last n figures in base
// 31, in the alphabet of the codes.
func base31(b []byte, n int) string {
	x, base, digit := new(big.Int).SetBytes(b), big.NewInt(int64(len(alphabet))), new(big.Int)
	out := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		x.DivMod(x, base, digit)
		out[i] = alphabet[digit.Int64()]
	}
	return string(out)
}

// privateKey opens what was sealed to its public key. The key is behind a function
// because fmt, given a wrong verb, prints what a pointer points to. The zero
// privateKey is none.
type privateKey struct{ k func() *ecdh.PrivateKey }

func hold(k *ecdh.PrivateKey) privateKey {
	return privateKey{func() *ecdh.PrivateKey { return k }}
}

func newPrivateKey() privateKey {
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return hold(k)
}

func parsePrivateKey(b []byte) (privateKey, error) {
	if len(b) != keyLen || b[0] != suite {
		return privateKey{}, ErrSealed
	}
	k, err := ecdh.X25519().NewPrivateKey(b[1:])
	if err != nil {
		return privateKey{}, ErrSealed
	}
	return hold(k), nil
}

func (p privateKey) bytes() []byte     { return append([]byte{suite}, p.secret()...) }
func (p privateKey) secret() []byte    { return p.k().Bytes() } // a key for Seal: what only its holder writes
func (p privateKey) public() PublicKey { return PublicKey{p.k().PublicKey()} }
func (p privateKey) isZero() bool      { return p.k == nil }

// open gives back what was sealed to the public key for this place, or ErrSealed.
func (p privateKey) open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < hpkeOverhead || sealed[0] != suite {
		return nil, ErrSealed
	}
	mine, err := hpke.NewDHKEMPrivateKey(p.k())
	if err != nil {
		panic(err) // only another curve
	}
	plain, err := hpke.Open(mine, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(context), sealed[1:])
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
