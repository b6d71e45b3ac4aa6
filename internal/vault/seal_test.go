package vault

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The vectors were written by another implementation of the same formats, from
// the same fixed keys, nonces and salts.
type golden struct {
	Values []struct{ Key, Context, Plain, Sealed, Commit string }
	Texts  []struct{ Key, Context, Text, Sealed string }
	Blobs  []struct {
		Key, Context, Salt, PlainSum, Sum, Sealed string
		Size                                      int
	}
	Derive struct{ Secret, Purpose, Want string }
	Tokens []struct{ Key, Term, Token string }
}

func readGolden(t *testing.T) golden {
	t.Helper()
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Values) == 0 || len(g.Texts) == 0 || len(g.Blobs) == 0 || len(g.Tokens) == 0 {
		t.Fatal("the vectors are empty")
	}
	return g
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGoldenSeal(t *testing.T) {
	g := readGolden(t)
	for _, v := range g.Values {
		key := unhex(t, v.Key)
		got, err := Open(key, v.Context, unhex(t, v.Sealed))
		if err != nil || hex.EncodeToString(got) != v.Plain {
			t.Errorf("%s: %x, %v", v.Context, got, err)
		}
		if c := Commit(key, v.Context); hex.EncodeToString(c[:]) != v.Commit {
			t.Errorf("%s: commitment %x", v.Context, c)
		}
	}
	for _, v := range g.Texts {
		got, err := OpenText(unhex(t, v.Key), v.Context, unhex(t, v.Sealed))
		if err != nil || got != v.Text {
			t.Errorf("%q: %q, %v", v.Text, got, err)
		}
	}
}

func TestSealRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 16, 64).Draw(t, "key")
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		ctx := Context("contenuto", rapid.StringMatching(`[A-Za-z0-9._-]{1,20}`).Draw(t, "field"))
		sealed := Seal(key, ctx, plain)
		if got, err := Open(key, ctx, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("got %x, %v", got, err)
		}
		if bytes.Equal(sealed, Seal(key, ctx, plain)) {
			t.Fatal("sealed twice alike")
		}
		if _, err := Open(key, ctx+"x", sealed); !errors.Is(err, ErrSealed) {
			t.Fatal("opened in another place")
		}
		key[0] ^= 1
		if _, err := Open(key, ctx, sealed); !errors.Is(err, ErrSealed) {
			t.Fatal("opened with another key")
		}
	})
}

func TestSealTextHidesLength(t *testing.T) {
	key := NewKey()
	for n, want := range map[int]int{0: 256, 1: 256, 255: 256, 256: 512, 511: 512, 512: 768} {
		sealed := SealText(key, Context("x"), strings.Repeat("a", n))
		if len(sealed) != want+overhead {
			t.Errorf("%d bytes: sealed %d, want %d", n, len(sealed), want+overhead)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "\x00", "\x80", "\x80\x00"}).Draw(t, "end")
		got, err := OpenText(key, Context("x"), SealText(key, Context("x"), text))
		if err != nil || got != text {
			t.Fatalf("%q: %q, %v", text, got, err)
		}
	})
}

func TestOpenTextRefusesOtherPadding(t *testing.T) {
	key := NewKey()
	for _, plain := range [][]byte{nil, {0x80}, make([]byte, 256), bytes.Repeat([]byte{'a'}, 256),
		append([]byte{0x80}, make([]byte, 511)...)} {
		if got, err := OpenText(key, Context("x"), Seal(key, Context("x"), plain)); err == nil {
			t.Errorf("%d bytes read as %q", len(plain), got)
		}
	}
}

func TestContext(t *testing.T) {
	if got := Context("contenuto", "demo", "0198-a", "nucleo.2"); got != "tutela/v1|contenuto|demo|0198-a|nucleo.2" {
		t.Error(got)
	}
	for _, bad := range []string{"", "a|b", "a b", "è", "a\x00", "a\n"} {
		if !panics(func() { Context("x", bad) }) || !panics(func() { Context(bad) }) {
			t.Errorf("%q taken as a field", bad)
		}
	}
}

func TestSealRefusesShortKeys(t *testing.T) {
	for _, n := range []int{0, 15} {
		if !panics(func() { Seal(make([]byte, n), Context("x"), nil) }) {
			t.Errorf("sealed with %d bytes of key", n)
		}
		if _, err := Open(make([]byte, n), Context("x"), make([]byte, 100)); !errors.Is(err, ErrSealed) {
			t.Errorf("%d bytes of key: %v", n, err)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// FuzzOpen: whatever the bytes, nothing panics and only the exact sealed bytes
// open.
func FuzzOpen(f *testing.F) {
	key, ctx := bytes.Repeat([]byte{7}, 32), Context("fuzz")
	// Sealed once: each of the processes that fuzz would seal with another nonce.
	sealed, _ := hex.DecodeString("015798e557cce53ac5f415191546ec57ec44814490c2d880a6a141eccff32a0df34494")
	if got, err := Open(key, ctx, sealed); err != nil || string(got) != "parole" {
		f.Fatalf("opened as %q: %v", got, err)
	}
	f.Add(sealed, uint16(0))
	f.Add([]byte{}, uint16(9))
	f.Add([]byte{1}, uint16(300))
	f.Fuzz(func(t *testing.T, b []byte, bit uint16) {
		if got, err := Open(key, ctx, b); err == nil && !bytes.Equal(b, sealed) {
			t.Fatalf("opened %x as %q", b, got)
		}
		if _, err := OpenText(key, ctx, b); err == nil && !bytes.Equal(b, sealed) {
			t.Fatalf("opened %x as a text", b)
		}
		if len(b) == 0 {
			return
		}
		flipped := Seal(key, ctx, b)
		flipped[int(bit/8)%len(flipped)] ^= 1 << (bit % 8)
		if _, err := Open(key, ctx, flipped); err == nil {
			t.Fatal("opened after a flipped bit")
		}
	})
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	key := NewKey()
	sealed := Seal(key, Context("x"), []byte("una parola"))
	for i := range len(sealed) * 8 {
		sealed[i/8] ^= 1 << (i % 8)
		if _, err := Open(key, Context("x"), sealed); err == nil {
			t.Fatalf("bit %d may change", i)
		}
		sealed[i/8] ^= 1 << (i % 8)
	}
	for n := range len(sealed) {
		if _, err := Open(key, Context("x"), sealed[:n]); err == nil {
			t.Fatalf("opens when cut to %d bytes", n)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	key, plain, ctx := NewKey(), make([]byte, 1800), Context("contenuto", "demo", "p", "nucleo")
	for b.Loop() {
		Seal(key, ctx, plain)
	}
}
