package auth_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"tutela/internal/auth"
	"tutela/internal/fault"
)

func TestPasswordsThatAreRefused(t *testing.T) {
	for _, p := range []string{
		"", "corta", "undici.xyzk", strings.Repeat("lampone ", 40), "lampone\x00graffetta", "lampone\ngraffetta", "lampone\xffgraffetta",
		"Password1234!", "passwordpassword", "P4ssw0rd!2026", "123456789012", "2026-03-02-09", "aaaaaaaaaaaaaaa", "abababababab",
		"Benvenuto.2026", "qwertyuiop12", "OSPEDALE...2026", "mariorossi-lampone", "abcdefghijkl", "Amministratore1",
		// What leaked, however it is written; one word of the language, one name.
		"1qaz2wsx3edc", "Q1W2E3R4T5Y6", "qwerty123456", "Leavemealone", "gfhjkmgfhjkm", "Francesca1980!", "finestra-2026-", "f1n3stra.2026",
		"Mario.1980!Rossi", "rossi mario 80 x",
	} {
		err := auth.Accettabile(p, "mariorossi", "Mario Rossi")
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", p, err)
		}
		if err != nil && p != "" && strings.Contains(err.Error(), p) {
			t.Errorf("%q stands in the error", p)
		}
	}
	for _, p := range []string{frase, altra, "tre parole così", "Xk3-vu8-Pq1-zz", "ospedale lampone graffetta", "lampone " + strings.Repeat("graffetta ", 24), "mario lampone nuvola",
		"7fj2-k9dp-w3xm", "duemila scarpe rotte", "LAGO sereno di prova"} {
		if err := auth.Accettabile(p, "mariorossi", "Mario Rossi"); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestPasswordIsTheSameInBothUnicodeForms(t *testing.T) {
	b := apri(t)
	p := b.persona("anna.verdi", "", "")
	if err := b.a.SetPassword(b.ctx, sistema, p.ID, "perché caffè lampone"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.a.SignIn(b.ctx, ente, "anna.verdi", "perche\u0301 caffe\u0300 lampone", auth.Da{}); err != nil {
		t.Fatal(err)
	}
}

func FuzzSegreto(f *testing.F) {
	testo, _ := auth.Segreto()
	f.Add(testo)
	f.Add("")
	f.Add(strings.Repeat("A", 42) + "\n")
	f.Add(strings.Repeat("_", 43))
	f.Add(strings.Repeat("A", 42) + "B") // spare bits set
	f.Fuzz(func(t *testing.T, s string) {
		b, ok := auth.LeggiSegreto(s)
		if ok && (len(b) != 32 || len(s) != 43) {
			t.Fatalf("%q gave %d bytes", s, len(b))
		}
		if ok && auth.Scrivi(b) != s {
			t.Fatalf("%q has another spelling", s)
		}
	})
}

func FuzzFattore(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("provvisoria $argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=3,p=1$AA$AA")
	f.Fuzz(func(t *testing.T, s string) {
		if again, err := auth.RileggiFattore(s); err == nil && again != s {
			t.Fatalf("%q reads as %q", s, again)
		}
	})
}

// FuzzPorte gives outside bytes to the two doors that read them.
func FuzzPorte(f *testing.F) {
	f.Add("tut_" + strings.Repeat("A", 43))
	f.Add("tut_tut_")
	f.Add("\x00\xff")
	b := apri(f)
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := b.a.Bearer(b.ctx, ente, s); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("token %q: %v", s, err)
		}
		if _, err := b.a.Session(b.ctx, ente, s); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("cookie %q: %v", s, err)
		}
	})
}

// The list is of fixed digests in order, small enough for a program of one file.
func TestListOfCommonPasswords(t *testing.T) {
	b, err := os.ReadFile("comuni.bin")
	if err != nil {
		t.Fatal(err)
	}
	if len(b)%4 != 0 || len(b) > 400<<10 || len(b) < 200<<10 {
		t.Fatalf("%d bytes", len(b))
	}
	for i := 4; i < len(b); i += 4 {
		if bytes.Compare(b[i-4:i], b[i:i+4]) >= 0 {
			t.Fatalf("out of order at %d", i)
		}
	}
	refused := 0
	for i := range 20_000 { // what chance alone takes
		if auth.Comune(fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))) {
			refused++
		}
	}
	if refused > 5 {
		t.Errorf("%d of 20000 texts that nobody wrote are common", refused)
	}
}
