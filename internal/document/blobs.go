package document

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tutela/internal/fault"
	"tutela/internal/vault"
)

// Address is the SHA-256 of a blob's ciphertext, by which it is found. It says
// nothing of the file.
type Address [32]byte

// String is the address in 64 hexadecimal digits.
func (a Address) String() string { return hex.EncodeToString(a[:]) }

// ParseAddress reads what String wrote; anything else is fault.NotFound.
func ParseAddress(s string) (Address, error) {
	var a Address
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(a) || strings.ToLower(s) != s {
		return a, fault.New(fault.NotFound, msgAbsent)
	}
	return Address(b), nil
}

// Blob is a file that was taken in.
type Blob struct {
	Address  Address
	Size     int64    // bytes of the file
	PlainSum [32]byte // SHA-256 of the file: personal, to be stored sealed
	Tipo     Tipo     // empty if Put stored it unseen
}

// Blobs keeps encrypted files in a folder, each under its address. Nothing is
// ever written there in clear. Safe for many goroutines.
type Blobs struct {
	dir   string
	check chan struct{} // office files opened in memory at one time
}

const (
	msgAbsent = "Il file non c'è più."
	msgDisk   = "Ora non riusciamo a salvare gli allegati. Manda il testo senza allegati, oppure riprova tra poco."
	msgFull   = "Lo spazio per gli allegati è finito: il file non è stato salvato. Manda il testo senza allegati."
)

const tempPrefix = ".nuovo-"

// OpenBlobs uses dir, made with mode 0700 if absent.
func OpenBlobs(dir string) (*Blobs, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Non posso creare la cartella degli allegati. Controlla permessi e spazio su disco.")
	}
	return &Blobs{dir: dir, check: make(chan struct{}, 2)}, nil
}

// Put encrypts what we made ourselves (a letter, a form) under key for the place
// context names, while reading it. When it returns, the file is on disk under
// its address; when it fails, nothing is left. A full or broken disk is
// fault.Unavailable; an error of src is returned as it is.
func (b *Blobs) Put(src io.Reader, key []byte, context string) (Blob, error) {
	return b.put(src, key, context, func(*os.File) (Tipo, error) { return "", nil })
}

// PutFile is Put for a file that came from outside: its type is told by content,
// and what may not be attached is refused as Sniff and Inspect do. Office files
// are opened from the ciphertext, in memory.
func (b *Blobs) PutFile(src io.Reader, key []byte, context string) (Blob, error) {
	in := bufio.NewReaderSize(src, headSize)
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return Blob{}, err
	}
	t, err := Sniff(head)
	if err != nil {
		return Blob{}, err
	}
	return b.put(&limited{in, MaxSize}, key, context, func(f *os.File) (Tipo, error) {
		switch {
		case t.office():
			return b.inspectOffice(f, key, context)
		case t == TXT:
			_, err := vault.OpenBlob(&textCheck{}, f, key, context)
			return t, err
		}
		return t, nil
	})
}

func (b *Blobs) inspectOffice(f *os.File, key []byte, context string) (Tipo, error) {
	b.check <- struct{}{}
	defer func() { <-b.check }()
	var plain bytes.Buffer
	if _, err := vault.OpenBlob(&plain, f, key, context); err != nil {
		return "", err
	}
	return Inspect(plain.Bytes())
}

// put writes under a temporary name in the same folder, has the ciphertext
// checked, and moves it into place.
func (b *Blobs) put(src io.Reader, key []byte, context string, check func(*os.File) (Tipo, error)) (Blob, error) {
	f, err := os.CreateTemp(b.dir, tempPrefix+"*") // mode 0600
	if err != nil {
		return Blob{}, diskFault(err)
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name()) // gone already once moved into place
	}()
	blob, err := sealInto(f, src, key, context)
	if err != nil {
		return Blob{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Blob{}, diskFault(err)
	}
	if blob.Tipo, err = check(f); err != nil {
		return Blob{}, err
	}
	if err := errors.Join(f.Sync(), b.place(f.Name(), blob.Address)); err != nil {
		return Blob{}, diskFault(err)
	}
	return blob, nil
}

// sealInto encrypts src into f, and tells the errors of the one from those of
// the other.
func sealInto(f *os.File, src io.Reader, key []byte, context string) (Blob, error) {
	in := &source{r: src}
	size, sum, plain, err := vault.SealBlob(f, in, key, context)
	switch {
	case err == nil:
		return Blob{Address: sum, Size: size, PlainSum: plain}, nil
	case in.err != nil:
		return Blob{}, in.err
	default:
		return Blob{}, diskFault(err)
	}
}

func (b *Blobs) place(temp string, a Address) error {
	to := b.path(a)
	if err := os.Mkdir(filepath.Dir(to), 0o700); err == nil {
		if err := syncDir(b.dir); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(temp, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

func (b *Blobs) path(a Address) string {
	s := a.String()
	return filepath.Join(b.dir, s[:2], s[2:])
}

// Read decrypts the blob into dst and gives the size of the file in bytes. An
// absent one is fault.NotFound; one that does not open is vault.ErrSealed, and
// what dst got by then is not the whole file.
func (b *Blobs) Read(dst io.Writer, a Address, key []byte, context string) (int64, error) {
	f, err := b.Open(a)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	return vault.OpenBlob(dst, f, key, context)
}

// Again writes the file of a blob once more, under another key for another place,
// and gives its address: nothing of it is ever on disk in clear, nor whole in
// memory.
func (b *Blobs) Again(address string, key []byte, context string, newKey []byte, newContext string) (string, error) {
	a, err := ParseAddress(address)
	if err != nil {
		return "", err
	}
	if err := b.Verify(a); err != nil {
		return "", err
	}
	r, w := io.Pipe()
	defer func() { _ = r.Close() }() // it ends the other side too
	go func() {
		_, err := b.Read(w, a, key, context)
		_ = w.CloseWithError(err)
	}()
	again, err := b.Put(r, newKey, newContext)
	return again.Address.String(), err
}

// Open gives the ciphertext, for copies and checks; an absent blob is
// fault.NotFound.
func (b *Blobs) Open(a Address) (io.ReadCloser, error) {
	f, err := os.Open(b.path(a))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, msgAbsent)
	case err != nil:
		return nil, diskFault(err)
	}
	return f, nil
}

// Verify reports, without any key, whether the blob is there and unchanged:
// fault.NotFound, or vault.ErrSealed.
func (b *Blobs) Verify(a Address) error {
	f, err := b.Open(a)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return diskFault(err)
	}
	if Address(h.Sum(nil)) != a {
		return vault.ErrSealed
	}
	return nil
}

// Check is Verify by the address as it is written.
func (b *Blobs) Check(address string) error {
	a, err := ParseAddress(address)
	if err != nil {
		return err
	}
	return b.Verify(a)
}

// Remove deletes the blob, durably; one that is absent is no error.
func (b *Blobs) Remove(a Address) error {
	err := os.Remove(b.path(a))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncDir(filepath.Dir(b.path(a)))
	}
	if err != nil {
		return diskFault(err)
	}
	return nil
}

// Touch makes the blob as young as now, for Sweep: its form is still open. An
// absent one is fault.NotFound.
func (b *Blobs) Touch(a Address, now time.Time) error {
	err := os.Chtimes(b.path(a), now, now)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.NotFound, msgAbsent)
	case err != nil:
		return diskFault(err)
	}
	return nil
}

// Sweep deletes what a crash or an abandoned form left behind: of all that was
// written or touched last before the instant, half-written files and the blobs
// that keep does not want. It gives how many it deleted. Cut short by ctx or by a
// crash, it leaves the rest to the next one; several may run at once.
func (b *Blobs) Sweep(ctx context.Context, before time.Time, keep func(Address) bool) (int, error) {
	gone := 0
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(before) {
			return nil
		}
		if err != nil {
			return err
		}
		if !strings.HasPrefix(d.Name(), tempPrefix) {
			a, err := ParseAddress(filepath.Base(filepath.Dir(path)) + d.Name())
			if err != nil || keep(a) {
				return nil // not ours, or wanted
			}
		}
		err = os.Remove(path) //nolint:gosec // nobody else writes in this folder
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another node was quicker
		}
		if err == nil {
			gone++
		}
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return gone, ctx.Err()
	case err != nil:
		return gone, diskFault(err)
	}
	return gone, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func diskFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(err, fault.Unavailable, msgFull)
	}
	return fault.Wrap(err, fault.Unavailable, msgDisk)
}

// source remembers the error of the reader it passes on.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// limited fails once more than left bytes were read.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fault.New(fault.TooLarge, msgSize)
	}
	return n, err
}
