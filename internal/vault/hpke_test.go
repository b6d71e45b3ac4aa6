package vault

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSealedToAKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, plain := newPrivateKey(), rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := k.public().Seal("a", plain)
		if got, err := k.open("a", sealed); err != nil || !bytes.Equal(got, plain) || len(sealed) != len(plain)+hpkeOverhead {
			t.Fatalf("%x, %v", got, err)
		}
		if _, err := k.open("b", sealed); !errors.Is(err, ErrSealed) {
			t.Fatal("opened in another place")
		}
		if _, err := newPrivateKey().open("a", sealed); !errors.Is(err, ErrSealed) {
			t.Fatal("opened with another key")
		}
		if bytes.Equal(sealed, k.public().Seal("a", plain)) {
			t.Fatal("sealed twice alike")
		}
	})
	k := newPrivateKey()
	sealed := k.public().Seal("a", NewKey())
	for i := range len(sealed) * 8 {
		sealed[i/8] ^= 1 << (i % 8)
		if _, err := k.open("a", sealed); err == nil {
			t.Fatalf("bit %d may change", i)
		}
		sealed[i/8] ^= 1 << (i % 8)
	}
}

// Points of low order give the same secret to everybody: they are no keys.
func TestPublicKeyRefused(t *testing.T) {
	low := []string{
		"\x00" + strings.Repeat("\x00", 31), "\x01" + strings.Repeat("\x00", 31),
		"\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1\x9f\xc4\x6a\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62\x05\x16\x5f\x49\xb8\x00",
		"\x5f\x9c\x95\xbc\xa3\x50\x8c\x24\xb1\xd0\xb1\x55\x9c\x83\xef\x5b\x04\x44\x5c\xc4\x58\x1c\x8e\x86\xd8\x22\x4e\xdd\xd0\x9f\x11\x57",
		"\xec" + strings.Repeat("\xff", 30) + "\x7f", "\xed" + strings.Repeat("\xff", 30) + "\x7f", "\xee" + strings.Repeat("\xff", 30) + "\x7f",
	}
	good := newPrivateKey().public().Bytes()
	bad := [][]byte{nil, {1}, good[:32], append(bytes.Clone(good), 0), append([]byte{2}, good[1:]...)}
	for _, l := range low {
		bad = append(bad, append([]byte{suite}, l...))
	}
	for _, b := range bad {
		if _, err := ParsePublicKey(b); !errors.Is(err, ErrSealed) {
			t.Errorf("%x taken as a key", b)
		}
	}
	if _, err := ParsePublicKey(good); err != nil {
		t.Error(err)
	}
}

func TestKeyID(t *testing.T) {
	k := newPrivateKey().public()
	for _, s := range []string{k.ID(), Gruppi(k.ID()), strings.ToLower(Gruppi(k.ID()))} {
		if id, err := ParseKeyID(s); err != nil || id != k.ID() || len(id) != 16 {
			t.Errorf("%s: %s, %v", s, id, err)
		}
	}
	for _, s := range []string{"", k.ID()[1:], k.ID() + "2", "O" + k.ID()[1:]} {
		if _, err := ParseKeyID(s); err == nil {
			t.Errorf("%q taken", s)
		}
	}
	if base31(sha256.New().Sum(nil), 4) == base31([]byte{31}, 4) || base31([]byte{31}, 4) != "2232" {
		t.Error("base 31")
	}
}

// Nothing that holds a key prints it.
func TestKeysDoNotPrint(t *testing.T) {
	w := newWorld(t)
	u := w.unlock("anna")
	m := w.keys["anna"]
	r, o := SharedKey("chiave", 1, []byte("23456789ABCDEFGH"))
	session := w.ring.Session("demo", [32]byte{1, 2, 3, 4})
	var secrets []string
	for _, b := range [][]byte{m.k.secret(), u.keys[1].secret(), session.key(), []byte("23456789ABCDEFGH")} {
		list := strings.Trim(fmt.Sprint(b[:8]), "[]")
		secrets = append(secrets, list, strings.ReplaceAll(list, " ", ", "), fmt.Sprintf("%x", b[:8]), string(b))
	}
	secrets = append(secrets, w.fogli[0].Codice.Valore(), "Verdi")
	for _, v := range []any{m, *m, u, *u, u.Albo, r, o, session, &session, w.fogli, m.k, struct{ k *MemberKey }{m}, struct{ s Session }{session}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			text := fmt.Sprintf(verb, v)
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Fatalf("%T prints a secret with %s: %s", v, verb, text)
				}
			}
		}
	}
}

// FuzzOpenHPKE: nothing panics, and only the exact bytes open.
func FuzzOpenHPKE(f *testing.F) {
	g, keys := readKeys(f)
	k, sealed := keys[0], []byte(g.Handed[0].Sealed) // the same in every process that fuzzes
	at := Consegna{"demo", "upt", 2, "persona.anna", 1, nil}.context()
	f.Add(sealed, uint16(0))
	f.Add([]byte{1}, uint16(300))
	f.Fuzz(func(t *testing.T, b []byte, bit uint16) {
		if _, err := k.open(at, b); err == nil && !bytes.Equal(b, sealed) {
			t.Fatalf("opened %x", b)
		}
		flipped := k.public().Seal("fuzz", b)
		flipped[int(bit/8)%len(flipped)] ^= 1 << (bit % 8)
		if _, err := k.open("fuzz", flipped); err == nil {
			t.Fatal("opened after a flipped bit")
		}
		if p, err := ParsePublicKey(b); err == nil {
			if !bytes.Equal(p.Bytes(), b) {
				t.Fatalf("%x read as %x", b, p.Bytes())
			}
			p.Seal("fuzz", nil)
		}
		if p, err := parsePrivateKey(b); err == nil && !bytes.Equal(p.bytes(), b) {
			t.Fatal("a private key read as another")
		}
	})
}
