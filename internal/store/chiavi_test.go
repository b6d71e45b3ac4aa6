package store_test

import (
	"bytes"
	"context"
	"testing"

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
