package registro

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
)

// Every receipt of every tree comes back from its short form as it was, with or without
// the address before it; nothing that was touched in it proves anything.
func TestCompact(t *testing.T) {
	for size := 1; size <= 20; size++ {
		w := newWorld(t, size)
		for i := range size {
			r := w.receipt(t, i, size)
			s, err := r.Compact()
			if err != nil {
				t.Fatal(err)
			}
			back, err := ParseCompact("https://segnalazioni.esempio.it/ricevuta/verifica#" + s + "\n")
			if err != nil {
				t.Fatalf("%d of %d: %v", i, size, err)
			}
			r.Cosigned = nil
			if len(back.Proof) == 0 && len(r.Proof) == 0 {
				back.Proof = r.Proof
			}
			if !reflect.DeepEqual(r, back) {
				t.Fatalf("%d of %d: %+v is not %+v", i, size, back, r)
			}
			if _, _, err := back.Verify(w.public); err != nil {
				t.Errorf("%d of %d: %v", i, size, err)
			}
		}
	}
	w := newWorld(t, 9)
	s, err := w.receipt(t, 4, 9).Compact()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	proves := func(b []byte) bool {
		r, err := ParseCompact(base64.RawURLEncoding.EncodeToString(b))
		if err != nil {
			return false
		}
		_, _, err = r.Verify(w.public)
		return err == nil
	}
	for i := range raw {
		raw[i] ^= 4
		if proves(raw) {
			t.Errorf("byte %d of %d was changed and the receipt proves", i, len(raw))
		}
		raw[i] ^= 4
		if proves(raw[:i]) {
			t.Errorf("cut to %d bytes it proves", i)
		}
	}
	if proves(append(raw, 0)) || !proves(raw) {
		t.Error("with a byte more it proves, or without one it does not")
	}
	t.Logf("%d bytes, %d symbols", len(raw), len(s))
}

// However many keys signed, what is printed is read again, and the newest keys prove it.
func TestCompactManyKeys(t *testing.T) {
	w := newWorld(t, 9)
	var keys []ed25519.PrivateKey
	for i := range 7 {
		keys = append(keys, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(i + 1)}, ed25519.SeedSize)))
	}
	signed, err := Checkpoint{Origin("montelago", 1), 9, w.edges[9].Root()}.Sign(keys...)
	if err != nil {
		t.Fatal(err)
	}
	r := w.receipt(t, 4, 9)
	r.Checkpoint = string(signed)
	s, err := r.Compact()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseCompact(s)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range keys[len(keys)-maxSignatures:] {
		public, err := VerifierKey(Origin("montelago", 1), Public(k))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := back.Verify(public); err != nil {
			t.Errorf("key %d of the newest: %v", i, err)
		}
	}
}

func FuzzCompact(f *testing.F) {
	w := newWorld(f, 9)
	s, err := w.receipt(f, 4, 9).Compact()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s)
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseCompact(s)
		if err != nil {
			return
		}
		again, err := r.Compact()
		if i := strings.LastIndexByte(s, '#'); err != nil || again != strings.TrimSpace(s[i+1:]) {
			t.Errorf("%q comes back as %q: %v", s, again, err)
		}
	})
}
