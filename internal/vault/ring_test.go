package vault

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tutela/internal/fault"
)

func TestKeyFileIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chiavi", "server.key")
	if _, err := LoadKeyRing(path, false); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "Manca") {
		t.Fatalf("absent: %v", err)
	}
	rings := make([]*KeyRing, 8)
	var wg sync.WaitGroup
	for i := range rings {
		wg.Go(func() {
			r, err := LoadKeyRing(path, true)
			if err != nil {
				t.Error(err)
			}
			rings[i] = r
		})
	}
	wg.Wait()
	for _, r := range rings {
		if r == nil || !sameKeys(r, rings[0]) {
			t.Fatal("two programs that start together hold different keys")
		}
	}
	file, dir := stat(t, path), stat(t, filepath.Dir(path))
	if file.Mode().Perm() != 0o600 || dir.Mode().Perm() != 0o700 {
		t.Errorf("modes %v and %v", file.Mode(), dir.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if again, err := LoadKeyRing(path, false); err != nil || !sameKeys(again, rings[0]) {
		t.Error(err)
	}
}

func sameKeys(a, b *KeyRing) bool {
	return slices.EqualFunc(a.versions, b.versions, func(x, y *masterKey) bool {
		return x.id == y.id && bytes.Equal(x.secret, y.secret)
	})
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

const line1 = "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"

func TestKeyFileRefused(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty": "", "no secret": "1\n", "short": "1 AAEC\n", "not base64": "1 ????\n", "twice": line1 + line1, "blank line": line1 + "\n" + line1,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, create := range []bool{false, true} {
			_, err := LoadKeyRing(path, create)
			if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "rovinato") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if b, _ := os.ReadFile(path); string(b) != text {
			t.Errorf("%s: the file was changed", name)
		}
	}
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte(line1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeyRing(open, false); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "600") {
		t.Errorf("readable by others: %v", err)
	}
	if _, err := LoadKeyRing(filepath.Join(open, "server.key"), true); !fault.Is(err, fault.Unavailable) {
		t.Errorf("folder that is a file: %v", err)
	}
}

func TestKeyVersions(t *testing.T) {
	old, err := parseKeyRing(line1)
	if err != nil {
		t.Fatal(err)
	}
	now, err := parseKeyRing("2 " + strings.Repeat("B", 42) + "A\n" + line1)
	if err != nil {
		t.Fatal(err)
	}
	ctx := Context("totp", "demo", "p")
	if got, err := now.Open(ctx, old.Seal(ctx, []byte("seme"))); err != nil || string(got) != "seme" {
		t.Errorf("what an older version sealed: %q, %v", got, err)
	}
	if _, err := old.Open(ctx, now.Seal(ctx, []byte("seme"))); !errors.Is(err, ErrSealed) {
		t.Error("the older version opens what the current one sealed")
	}
	if now.Current() != "2" || old.Current() != "1" || sameKeys(now, old) {
		t.Error("Current")
	}
	g := readGolden(t).Derive
	if got := hex.EncodeToString(old.Derive(g.Purpose)); got != g.Want {
		t.Errorf("derived %s", got)
	}
	if bytes.Equal(old.Derive("a"), old.Derive("b")) || bytes.Equal(old.Derive("a"), now.Derive("a")) {
		t.Error("two purposes or versions share a secret")
	}
	key := NewKey()
	wrapped := old.WrapSlot(7, key)
	if got, err := now.UnwrapSlot(7, wrapped); err != nil || !bytes.Equal(got, key) {
		t.Error(err)
	}
	if _, err := now.UnwrapSlot(8, wrapped); !errors.Is(err, ErrSealed) {
		t.Error("a slot opens as another")
	}
	if s := fmt.Sprintf("%v %+v", now, struct{ r *KeyRing }{now}); strings.Contains(s, "4 16 65") {
		t.Error("a ring printed its secrets")
	}
	if s := fmt.Sprintf("%v %+v %#v", Slot{7, key}, Slot{7, key}, &Slot{7, key}); s != "slot 7 slot 7 slot 7" {
		t.Error(s)
	}
}

// memorySlots is a whole key store that forgets at exit.
type memorySlots struct {
	next   atomic.Int64
	leases atomic.Int64
	gate   chan struct{} // nil, or a lease waits for it
	err    atomic.Pointer[error]
}

func (m *memorySlots) Lease(ctx context.Context, n int) ([]Slot, error) {
	m.leases.Add(1)
	if m.gate != nil {
		select {
		case <-m.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err := m.err.Load(); err != nil {
		return nil, *err
	}
	end := m.next.Add(int64(n))
	out := make([]Slot, n)
	for i := range out {
		out[i] = Slot{ID: end - int64(n) + int64(i) + 1, Key: NewKey()}
	}
	return out, nil
}

func (m *memorySlots) Key(context.Context, int64) ([]byte, error) {
	return nil, fault.New(fault.NotFound, "")
}

func (m *memorySlots) Keys(context.Context, []int64) (map[int64][]byte, error) { return nil, nil }

func TestPoolGivesEachSlotOnce(t *testing.T) {
	store := &memorySlots{}
	p := NewPool(store)
	defer p.Close()
	var mu sync.Mutex
	given := map[int64]bool{}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 200 {
				s, err := p.Take(t.Context())
				if err != nil || len(s.Key) != 32 {
					t.Error(s, err)
					return
				}
				mu.Lock()
				if given[s.ID] {
					t.Errorf("slot %d given twice", s.ID)
				}
				given[s.ID] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if n := store.leases.Load(); len(given) != 3200 || n > 14 {
		t.Errorf("%d slots in %d leases", len(given), n)
	}
}

func TestPoolDoesNotWaitWhileSlotsRemain(t *testing.T) {
	store := &memorySlots{gate: make(chan struct{}, 1)}
	p := NewPool(store)
	store.gate <- struct{}{} // lets the first lease through, no other
	for i := range lot {
		if s, err := p.Take(t.Context()); err != nil || s.ID != int64(i+1) {
			t.Fatal(i, s, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Take(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with none left and an ended request: %v", err)
	}
	waiting := make(chan error)
	go func() { _, err := p.Take(t.Context()); waiting <- err }()
	p.Close()
	if err := <-waiting; !fault.Is(err, fault.Unavailable) {
		t.Errorf("waiting while closed: %v", err)
	}
	if _, err := p.Take(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after close: %v", err)
	}
}

func TestPoolFailsAndRecovers(t *testing.T) {
	store := &memorySlots{}
	disk := errors.New("disk gone")
	store.err.Store(&disk)
	p := NewPool(store)
	defer p.Close()
	if _, err := p.Take(t.Context()); !fault.Is(err, fault.Unavailable) || !errors.Is(err, disk) {
		t.Errorf("key store down: %v", err)
	}
	store.err.Store(nil)
	if _, err := p.Take(t.Context()); err != nil {
		t.Errorf("key store back: %v", err)
	}
}

func BenchmarkTake(b *testing.B) {
	p := NewPool(&memorySlots{})
	defer p.Close()
	for b.Loop() {
		if _, err := p.Take(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// The ring shows nothing of itself, whatever it is printed with.
func TestKeyRingDoesNotPrint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.key")
	r, err := LoadKeyRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{r, *r, struct{ R *KeyRing }{r}, []*KeyRing{r}, r.versions, *r.versions[0]} {
		for _, verbo := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			out := fmt.Sprintf(verbo, v)
			if secret := r.versions[0].secret; strings.Contains(out, string(secret)) || strings.Contains(out, fmt.Sprintf("%x", secret)) || strings.Contains(out, fmt.Sprint(secret[0], " ", secret[1])) {
				t.Errorf("%s of %T: %s", verbo, v, out)
			}
		}
	}
}

// A new version goes first, once; what an older one sealed is sealed again; what is
// derived from the root stays; and the last version is never taken away.
func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.key")
	load := func() *KeyRing {
		t.Helper()
		r, err := LoadKeyRing(path, true)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := load()
	place := Context("prova")
	old, root := first.Seal(place, []byte("x")), first.NewRoot()
	if err := first.OpenRoot(root); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := AddKeyVersion(path); err != nil {
			t.Fatal(err)
		}
	}
	now := load()
	if now.Versions() != 2 || now.Current() != "2" || now.OpenRoot(root) != nil || !bytes.Equal(now.Derive("a"), first.Derive("a")) {
		t.Fatalf("%d versions, now %s", now.Versions(), now.Current())
	}
	if info := stat(t, path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	again, err := now.Reseal(place, old)
	if err != nil || again == nil {
		t.Fatal(err)
	}
	if b, err := now.Alone().Open(place, again); err != nil || string(b) != "x" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := now.Alone().Open(place, old); !errors.Is(err, ErrSealed) {
		t.Errorf("the new version opens what it did not seal: %v", err)
	}
	if same, err := now.Reseal(place, again); same != nil || err != nil {
		t.Errorf("sealed twice: %v", err)
	}
	if _, err := now.Reseal(place, again[1:]); !errors.Is(err, ErrSealed) {
		t.Errorf("what nothing opens: %v", err)
	}
	for range 2 {
		if err := DropKeyVersions(path); err != nil {
			t.Fatal(err)
		}
	}
	if r := load(); r.Versions() != 1 || r.Current() != "2" {
		t.Errorf("%d versions, now %s", r.Versions(), r.Current())
	}
}
