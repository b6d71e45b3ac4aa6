package vault

import (
	"crypto/ed25519"
	"crypto/rand"
	"strconv"
)

// NewLogKey makes version n of the key with which an ente signs its log, and the
// public keys of its member-held compartments: sealed for the key store.
func (r *KeyRing) NewLogKey(ente string, n int) []byte {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed)
	return r.Seal(logKeyContext(ente, n), seed)
}

// LogKey opens what NewLogKey made, or gives ErrSealed.
func (r *KeyRing) LogKey(ente string, n int, sealed []byte) (ed25519.PrivateKey, error) {
	seed, err := r.Open(logKeyContext(ente, n), sealed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, ErrSealed
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func logKeyContext(ente string, n int) string { return Context("firma", ente, strconv.Itoa(n)) }
