package vault

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"tutela/internal/fault"
)

// Tipo says who holds the key of a version of a compartment.
type Tipo string

// The two kinds. A compartment of the server may become its members' at a
// version, and never goes back.
const (
	TipoServer Tipo = "server" // a symmetric key, sealed under the server's
	TipoMembri Tipo = "membri" // an X25519 key, sealed to each member and to the quorum
)

// Versione is one version of a compartment's key: a row of the key store.
type Versione struct {
	Ente, Compartimento string
	N                   int
	Tipo                Tipo
	Chiave              []byte // server: the key, sealed under the server's
	Pubblica            []byte // membri: the public key
	Firma               []byte // membri: Ed25519 of the log's key over the public key and its place
	Albo                []byte // membri: what only who holds the key can write
}

// Verify checks a signature of the log's key, in any version still trusted.
type Verify func(message, signature []byte) bool

// Impronta is what the log keeps of a version: its leaf says which is the latest,
// with which roll.
func (v Versione) Impronta() [32]byte {
	if !v.plain() {
		return [32]byte{}
	}
	albo := sha256.Sum256(v.Albo)
	return sha256.Sum256([]byte(v.context("versione", string(v.Tipo), "p"+hex.EncodeToString(v.Pubblica), hex.EncodeToString(albo[:]))))
}

// plain reports whether the row can have been ours: rows can be forged.
func (v Versione) plain() bool {
	return plainField(v.Ente) && plainField(v.Compartimento) && v.N > 0 && (v.Tipo == TipoServer || v.Tipo == TipoMembri)
}

func (v Versione) context(kind string, fields ...string) string {
	return Context(kind, append([]string{v.Ente, v.Compartimento, strconv.Itoa(v.N)}, fields...)...)
}

// signed is what the log's key signs. It cannot be taken for a checkpoint, which
// has lines.
func (v Versione) signed() []byte {
	return []byte(v.context("pubblica", hex.EncodeToString(v.Pubblica)))
}

func (v *Versione) sign(log crypto.Signer) error {
	firma, err := log.Sign(rand.Reader, v.signed(), crypto.Hash(0))
	if err != nil {
		return fmt.Errorf("sign a compartment's key: %w", err)
	}
	v.Firma = firma
	return nil
}

func (v Versione) nome() string { return "compartimento." + v.Compartimento }

// NewVersione makes version n of a compartment that the server holds.
func (r *KeyRing) NewVersione(ente, compartimento string, n int) Versione {
	v := Versione{Ente: ente, Compartimento: compartimento, N: n, Tipo: TipoServer}
	v.Chiave = r.Seal(v.context("compartimento"), NewKey())
	return v
}

// Recipient is the compartment as who writes to it sees it, whoever holds it: of
// the server's kind it takes the ring, of the members' kind the signature. A key
// that is not what the server signed is fault.Unavailable.
func (v Versione) Recipient(ring *KeyRing, verify Verify) (Recipient, error) {
	switch {
	case !v.plain():
	case v.Tipo == TipoServer:
		key, err := ring.Open(v.context("compartimento"), v.Chiave)
		if err != nil || len(key) != 32 {
			return Recipient{}, errVersione(ErrSealed)
		}
		r, _ := SharedKey(v.nome(), v.N, key)
		return r, nil
	default:
		key, err := v.public(verify)
		if err != nil {
			return Recipient{}, errVersione(err)
		}
		return sealer(v.nome(), v.N, key), nil
	}
	return Recipient{}, errVersione(ErrSealed)
}

// public is the key of a member-held version, if the log signed it.
func (v Versione) public(verify Verify) (PublicKey, error) {
	key, err := ParsePublicKey(v.Pubblica)
	if err != nil || !verify(v.signed(), v.Firma) {
		return PublicKey{}, fmt.Errorf("vault: version %d of a compartment has a key that nobody signed: %w", v.N, ErrSealed)
	}
	return key, nil
}

func errVersione(err error) error {
	return fault.Wrap(err, fault.Unavailable, "La chiave dell'ufficio che riceve non è quella registrata. Non abbiamo salvato nulla: avvisa l'ufficio.")
}

// Opener opens what was wrapped for a compartment in its versions held by the
// server, all of one compartment. Versions of its members are left out.
func (r *KeyRing) Opener(vs []Versione) (Opener, error) {
	keys := map[int][]byte{}
	var last Versione
	for _, v := range vs {
		if v.Tipo != TipoServer || !v.plain() {
			continue
		}
		if last.N > 0 && (v.Ente != last.Ente || v.Compartimento != last.Compartimento) {
			panic("vault: versions of two compartments")
		}
		key, err := r.Open(v.context("compartimento"), v.Chiave)
		if err != nil {
			return Opener{}, fmt.Errorf("vault: version %d of a compartment: %w", v.N, err)
		}
		keys[v.N], last = key, v
	}
	_, o := shared(last.nome(), last.N, keys)
	return o, nil
}
