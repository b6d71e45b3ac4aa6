package vault

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tutela/internal/fault"
)

// KeyRing is the server's own key, M, in all the versions still needed. The
// first is current: it seals, and every version opens. Safe for many goroutines.
type KeyRing struct {
	versions []*masterKey // pointers: a ring that is printed shows addresses
	root     *masterKey   // what secrets are derived from; nil: the current version
}

type masterKey struct {
	id     string
	secret []byte // 32 bytes
}

// Format prints [riservato] for every verb.
func (KeyRing) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, riservato) }

// Format prints [riservato] for every verb.
func (masterKey) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, riservato) }

// LoadKeyRing reads the key file: one line "id secret" per version, the secret
// being 32 bytes in base64url without padding, the first line current. With
// create, a file that is absent is made with one new version, mode 0600, in a
// folder made with mode 0700, and is on disk before this returns. Whoever loads
// an installation that has data passes false: a fresh key would open none of it.
// A missing, unreadable, wrongly written or widely readable file is
// fault.Unavailable, with what the operator must do.
func LoadKeyRing(path string, create bool) (*KeyRing, error) {
	if create {
		if err := createKeyFile(path); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "Non riesco a creare il file della chiave del server. Controlla cartella, permessi e spazio.")
		}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.Wrap(err, fault.Unavailable, "Manca il file della chiave del server. Rimettilo al suo posto dalla copia sigillata.")
	case err != nil:
		return nil, fault.Wrap(err, fault.Unavailable, "Non riesco a leggere il file della chiave del server. Controlla i permessi della cartella.")
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.Unavailable, "Al posto della chiave del server c'è altro. Rimetti il file dalla copia sigillata.")
	case info.Mode().Perm()&0o077 != 0:
		return nil, fault.New(fault.Unavailable, "Il file della chiave del server è leggibile da altri. Dagli i permessi 600.")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Non riesco a leggere il file della chiave del server. Controlla i permessi del file.")
	}
	return parseKeyRing(string(text))
}

func parseKeyRing(text string) (*KeyRing, error) {
	ring := &KeyRing{}
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		id, code, ok := strings.Cut(strings.TrimSpace(line), " ")
		secret, err := base64.RawURLEncoding.DecodeString(code)
		if !ok || err != nil || len(secret) != 32 || !plainField(id) || seen[id] {
			return nil, fault.New(fault.Unavailable, fmt.Sprintf("Il file della chiave del server è rovinato alla riga %d. Rimettilo dalla copia sigillata.", i+1))
		}
		seen[id] = true
		ring.versions = append(ring.versions, &masterKey{id: id, secret: secret})
	}
	return ring, nil
}

// createKeyFile makes the file whole or not at all: it is written and synced
// under another name, then linked, which fails if somebody was quicker.
func createKeyFile(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	first := &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}
	return first.write(path, func(written string) error {
		if err := os.Link(written, path); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	})
}

// write writes the key file under another name, synced, for put to bring to path.
func (r *KeyRing) write(path string, put func(written string) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".server-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	for _, v := range r.versions {
		if err == nil {
			_, err = f.WriteString(v.id + " " + base64.RawURLEncoding.EncodeToString(v.secret) + "\n")
		}
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := put(f.Name()); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Current is the id of the current version.
func (r *KeyRing) Current() string { return r.versions[0].id }

// Seal is Seal under the current version of M.
func (r *KeyRing) Seal(context string, plain []byte) []byte {
	return Seal(r.versions[0].secret, context, plain)
}

// Open opens what any version of M sealed, or gives ErrSealed.
func (r *KeyRing) Open(context string, sealed []byte) ([]byte, error) {
	for _, v := range r.versions {
		if plain, err := Open(v.secret, context, sealed); err == nil {
			return plain, nil
		}
	}
	return nil, ErrSealed
}

// Derive is a secret of 32 bytes of its own for a named purpose
// ([A-Za-z0-9._-]+), from the root; where none was opened, from the current version
// of M.
func (r *KeyRing) Derive(purpose string) []byte {
	from := r.versions[0]
	if r.root != nil {
		from = r.root
	}
	return derive(from.secret, Context("scopo", purpose))
}

// NewRoot makes the secret that all others are derived from, sealed for the key
// store: it is random, so that M can rotate and they stay.
func (r *KeyRing) NewRoot() []byte { return r.Seal(Context("radice"), NewKey()) }

// OpenRoot opens what NewRoot made, before anything is derived.
func (r *KeyRing) OpenRoot(sealed []byte) error {
	b, err := r.Open(Context("radice"), sealed)
	if err != nil || len(b) != 32 {
		return ErrSealed
	}
	r.root = &masterKey{id: "radice", secret: b}
	return nil
}

// OpensRoot reports whether it could open what NewRoot made.
func (r *KeyRing) OpensRoot(sealed []byte) bool {
	_, err := r.Open(Context("radice"), sealed)
	return err == nil
}

// WrapSlot seals the key of a slot under M, for the key store to keep.
func (r *KeyRing) WrapSlot(id int64, key []byte) []byte {
	return r.Seal(slotContext(id), key)
}

// UnwrapSlot opens what WrapSlot sealed for the same slot, or gives ErrSealed.
func (r *KeyRing) UnwrapSlot(id int64, wrapped []byte) ([]byte, error) {
	return r.Open(slotContext(id), wrapped)
}

func slotContext(id int64) string { return Context("slot", strconv.FormatInt(id, 10)) }
