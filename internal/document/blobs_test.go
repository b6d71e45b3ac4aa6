package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"tutela/internal/fault"
	"tutela/internal/vault"
)

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func newBlobs(t *testing.T) (*Blobs, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blob")
	b, err := OpenBlobs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b, dir
}

func TestPutFile(t *testing.T) {
	b, dir := newBlobs(t)
	key, ctx := vault.NewKey(), vault.Context("blob", "demo", "p", "cittadino", "1")
	for name, f := range good(t) {
		got, err := b.PutFile(iotest.HalfReader(bytes.NewReader(f.data)), key, ctx)
		if err != nil || got.Tipo != f.tipo || got.Size != int64(len(f.data)) || got.PlainSum != sha256.Sum256(f.data) {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		var back bytes.Buffer
		if n, err := b.Read(&back, got.Address, key, ctx); err != nil || n != got.Size || !bytes.Equal(back.Bytes(), f.data) {
			t.Errorf("%s: read %d, %v", name, n, err)
		}
		if err := b.Verify(got.Address); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	all := files(t, dir)
	if len(all) != len(good(t)) {
		t.Errorf("%d files for %d blobs", len(all), len(good(t)))
	}
	for _, p := range all {
		sealed, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if a := Address(sha256.Sum256(sealed)).String(); p != filepath.Join(dir, a[:2], a[2:]) {
			t.Errorf("%s is not at its address", p)
		}
		if info, _ := os.Stat(p); info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
	}
	noClear(t, dir, "visita")
}

func TestRefusedFilesLeaveNothing(t *testing.T) {
	b, dir := newBlobs(t)
	for name, f := range bad(t) {
		if got, err := b.PutFile(bytes.NewReader(f.data), vault.NewKey(), vault.Context("blob")); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), f.word) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, src := range map[string]io.Reader{
		"over 20 MB":     io.MultiReader(strings.NewReader("%PDF-1.7\n"), io.LimitReader(zeros{}, MaxSize)),
		"2 GB, endless":  io.MultiReader(strings.NewReader("%PDF-1.7\n"), zeros{}),
		"2 GB of letter": io.MultiReader(strings.NewReader("ciao"), letters{}),
	} {
		if _, err := b.PutFile(src, vault.NewKey(), vault.Context("blob")); !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	gone := errors.New("the sender went away")
	for _, n := range []int{0, 10, 5000, 100_000} {
		src := io.MultiReader(strings.NewReader("%PDF-1.7\n"), strings.NewReader(strings.Repeat("a", n)), iotest.ErrReader(gone))
		if _, err := b.PutFile(src, vault.NewKey(), vault.Context("blob")); !errors.Is(err, gone) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestExactlyTheLimitIsTaken(t *testing.T) {
	b, _ := newBlobs(t)
	head := "%PDF-1.7\n"
	src := io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, MaxSize-int64(len(head))))
	if got, err := b.PutFile(src, vault.NewKey(), vault.Context("blob")); err != nil || got.Size != MaxSize {
		t.Errorf("%+v, %v", got, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestPutOfOurOwn(t *testing.T) {
	b, dir := newBlobs(t)
	key, ctx := vault.NewKey(), vault.Context("blob", "lettera")
	letter := "<!doctype html><p>La risposta"
	first, err := b.Put(strings.NewReader(letter), key, ctx)
	if err != nil || first.Tipo != "" {
		t.Fatal(first, err)
	}
	second, err := b.Put(strings.NewReader(letter), key, ctx)
	if err != nil || second.Address == first.Address {
		t.Error("the same letter twice shares an address: its key would be shared too")
	}
	noClear(t, dir, "risposta")
	if _, err := b.Read(io.Discard, first.Address, vault.NewKey(), ctx); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("another key: %v", err)
	}
	if err := b.Remove(first.Address); err != nil {
		t.Error(err)
	}
	for _, do := range []error{b.Verify(first.Address), third(b.Read(io.Discard, first.Address, key, ctx))} {
		if !fault.Is(do, fault.NotFound) {
			t.Errorf("after removal: %v", do)
		}
	}
	if err := b.Remove(first.Address); err != nil {
		t.Errorf("removed twice: %v", err)
	}
	path := b.path(second.Address)
	sealed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed[len(sealed)-1] ^= 1
	if err := os.WriteFile(path, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Verify(second.Address); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("a changed file: %v", err)
	}
}

func third(_ int64, err error) error { return err }

func TestManyAtOnce(t *testing.T) {
	b, dir := newBlobs(t)
	data := docx(t)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if _, err := b.PutFile(bytes.NewReader(data), vault.NewKey(), vault.Context("blob")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(files(t, dir)); n != 12 {
		t.Errorf("%d files", n)
	}
}

func TestSweep(t *testing.T) {
	b, dir := newBlobs(t)
	var blobs [3]Blob
	for i := range blobs {
		var err error
		if blobs[i], err = b.Put(strings.NewReader("x"), vault.NewKey(), vault.Context("blob")); err != nil {
			t.Fatal(err)
		}
	}
	half, fresh := filepath.Join(dir, tempPrefix+"1"), filepath.Join(dir, tempPrefix+"2")
	other := filepath.Join(dir, "LEGGIMI")
	for _, p := range []string{half, fresh, other} {
		if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, p := range []string{b.path(blobs[0].Address), b.path(blobs[1].Address), half, other} {
		if err := os.Chtimes(p, yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
	}
	wanted := func(a Address) bool { return a == blobs[0].Address }
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if n, err := b.Sweep(stopped, yesterday.Add(time.Hour), wanted); !errors.Is(err, context.Canceled) || n != 0 {
		t.Errorf("told to stop: %d, %v", n, err)
	}
	n, err := b.Sweep(t.Context(), yesterday.Add(time.Hour), wanted)
	if err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	for _, p := range []string{b.path(blobs[0].Address), b.path(blobs[2].Address), fresh, other} {
		if _, err := os.Stat(p); err != nil {
			t.Error(err)
		}
	}
	if err := b.Verify(blobs[1].Address); !fault.Is(err, fault.NotFound) {
		t.Errorf("the forgotten blob: %v", err)
	}
}

func TestTouchKeepsFromTheSweep(t *testing.T) {
	b, _ := newBlobs(t)
	x, err := b.Put(strings.NewReader("x"), vault.NewKey(), vault.Context("blob"))
	if err != nil {
		t.Fatal(err)
	}
	nobody := func(Address) bool { return false }
	saved := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		before time.Time
		gone   int
	}{{saved, 0}, {saved.Add(time.Second), 1}} {
		if err := b.Touch(x.Address, saved); err != nil {
			t.Error(err)
		}
		if n, err := b.Sweep(t.Context(), c.before, nobody); err != nil || n != c.gone {
			t.Errorf("%d: %d, %v", i, n, err)
		}
	}
	if err := b.Touch(x.Address, saved); !fault.Is(err, fault.NotFound) {
		t.Errorf("an absent blob: %v", err)
	}
}

// Two nodes over one folder sweep it at the same time.
func TestSweepTwice(t *testing.T) {
	b, dir := newBlobs(t)
	for i := range 300 {
		if err := os.WriteFile(filepath.Join(dir, tempPrefix+strconv.Itoa(i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	var gone atomic.Int64
	for range 4 {
		wg.Go(func() {
			n, err := b.Sweep(t.Context(), time.Now().Add(time.Hour), func(Address) bool { return false })
			if err != nil {
				t.Error(err)
			}
			gone.Add(int64(n))
		})
	}
	wg.Wait()
	if gone.Load() != 300 {
		t.Errorf("%d deleted", gone.Load())
	}
}

func TestAddress(t *testing.T) {
	a := Address(sha256.Sum256([]byte("x")))
	if back, err := ParseAddress(a.String()); err != nil || back != a {
		t.Error(back, err)
	}
	for _, s := range []string{"", "../../etc/passwd", a.String()[1:], strings.ToUpper(a.String()), a.String() + "00", strings.Repeat("g", 64)} {
		if _, err := ParseAddress(s); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func BenchmarkPutFile(b *testing.B) {
	store, err := OpenBlobs(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	data := append([]byte("%PDF-1.7\n"), make([]byte, 1<<20)...)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := store.PutFile(bytes.NewReader(data), vault.NewKey(), vault.Context("blob")); err != nil {
			b.Fatal(err)
		}
	}
}
