package auth_test

import (
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
	} {
		err := auth.Accettabile(p, "mariorossi")
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", p, err)
		}
		if err != nil && p != "" && strings.Contains(err.Error(), p) {
			t.Errorf("%q stands in the error", p)
		}
	}
	for _, p := range []string{frase, altra, "tre parole così", "Xk3-vu8-Pq1-zz", "ospedale lampone graffetta", "lampone " + strings.Repeat("graffetta ", 24)} {
		if err := auth.Accettabile(p, "mariorossi"); err != nil {
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
	if _, err := b.a.SignIn(b.ctx, ente, "anna.verdi", "perche\u0301 caffe\u0300 lampone", ""); err != nil {
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
