package pratica

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest is how a manifest writes the digest of a file.
func Digest(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
