package vault

import (
	"os"
	"strconv"

	"tutela/internal/fault"
)

// AddKeyVersion puts a new version first in the key file: from the next load it
// seals, and the others open. Where there are several already a rotation is under
// way, and nothing is added. The file is the old one or the new one, whole.
func AddKeyVersion(path string) error {
	ring, err := LoadKeyRing(path, false)
	if err != nil || len(ring.versions) > 1 {
		return err
	}
	id := "1"
	if n, err := strconv.Atoi(ring.Current()); err == nil {
		id = strconv.Itoa(n + 1)
	}
	if id == ring.Current() { // an id that somebody wrote by hand
		id += ".2"
	}
	ring.versions = append([]*masterKey{{id: id, secret: NewKey()}}, ring.versions...)
	return ring.replace(path)
}

// DropKeyVersions leaves only the current version in the key file. What an older one
// sealed does not open any more, ever.
func DropKeyVersions(path string) error {
	ring, err := LoadKeyRing(path, false)
	if err != nil || len(ring.versions) == 1 {
		return err
	}
	return ring.Alone().replace(path)
}

func (r *KeyRing) replace(path string) error {
	if err := r.write(path, func(written string) error { return os.Rename(written, path) }); err != nil {
		return fault.Wrap(err, fault.Unavailable, "Non riesco a scrivere il file della chiave del server. Controlla cartella, permessi e spazio.")
	}
	return nil
}

// Versions is how many versions the ring has.
func (r *KeyRing) Versions() int { return len(r.versions) }

// Alone is a ring with the current version only: it shows what still needs others.
func (r *KeyRing) Alone() *KeyRing { return &KeyRing{versions: r.versions[:1], root: r.root} }

// Reseal gives what an older version sealed under the current one; nil when it is
// already, and ErrSealed when no version opens it.
func (r *KeyRing) Reseal(context string, sealed []byte) ([]byte, error) {
	if _, err := r.Alone().Open(context, sealed); err == nil {
		return nil, nil
	}
	plain, err := r.Open(context, sealed)
	if err != nil {
		return nil, err
	}
	return r.Seal(context, plain), nil
}
