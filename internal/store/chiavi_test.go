package store_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// Keys read together are those read one by one, however many they are, the same
// one twice and one that is not there included.
func TestKeysAreTheSameTogether(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	slots, err := b.Chiavi.Lease(ctx, 120)
	if err != nil {
		t.Fatal(err)
	}
	ids := []int64{slots[7].ID, 1 << 40}
	for _, s := range slots {
		ids = append(ids, s.ID)
	}
	chiavi, err := b.Chiavi.Keys(ctx, ids)
	if err != nil || len(chiavi) != len(slots) {
		t.Fatalf("%d keys, %v", len(chiavi), err)
	}
	for _, s := range slots {
		una, err := b.Chiavi.Key(ctx, s.ID)
		if err != nil || !bytes.Equal(una, s.Key) || !bytes.Equal(chiavi[s.ID], s.Key) {
			t.Errorf("slot %d differs: %v", s.ID, err)
		}
	}
}

// Nobody else of the machine reads the databases or their journals, not even those that
// were there with another mode.
func TestFilesAreOursAlone(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	if _, err := b.Chiavi.Lease(ctx, 1); err != nil {
		t.Fatal(err)
	}
	nostri := func() {
		t.Helper()
		for _, nome := range []string{"tutela.db", "chiavi/chiavi.db"} {
			for _, coda := range []string{"", "-wal", "-shm"} {
				i, err := os.Stat(filepath.Join(b.Dir, nome+coda))
				if err != nil || i.Mode().Perm() != 0o600 {
					t.Errorf("%s%s: %v, %v", nome, coda, i, err)
				}
			}
		}
	}
	nostri()
	for _, nome := range []string{"tutela.db", "tutela.db-wal", "tutela.db-shm"} {
		if err := os.Chmod(filepath.Join(b.Dir, nome), 0o644); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	s, err := store.Open(ctx, store.Config{Dir: b.Dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	nostri()
}
