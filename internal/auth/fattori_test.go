package auth_test

import (
	"bytes"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
)

var base32Seme = base32.StdEncoding.WithPadding(base32.NoPadding)

// RFC 6238, appendix B: the last six of its eight figures.
func TestTOTP(t *testing.T) {
	seme := []byte("12345678901234567890")
	for secondi, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471",
		1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := auth.TOTP(seme, secondi/30); got != want {
			t.Errorf("at %d: %s, want %s", secondi, got, want)
		}
	}
	adesso := time.Unix(1111111111, 0)
	ora := adesso.Unix() / 30
	for p := ora - 3; p <= ora+3; p++ {
		got, ok := auth.PassoDi(seme, auth.TOTP(seme, p), adesso, 0)
		if vale := p >= ora-1 && p <= ora+1; ok != vale || ok && got != p {
			t.Errorf("a code of %d steps from now: %v, %d", p-ora, ok, got-ora)
		}
		if _, ok := auth.PassoDi(seme, auth.TOTP(seme, p), adesso, ora); ok && p <= ora {
			t.Errorf("a code of step %d was taken after that of now", p-ora)
		}
	}
}

// obbliga makes a second factor compulsory, as it is where nobody says otherwise.
func (b *banco) obbliga() *banco {
	b.t.Helper()
	b.va(b.a.SetRegola(b.ctx, sistema, auth.Regola{}))
	return b
}

// conApp adds an app to who has signed in, and gives what makes its codes.
func (b *banco) conApp(s *auth.Sessione) (codice func() string, recupero []string) {
	b.t.Helper()
	i := b.a.NewApp(s, "ASST Montelago")
	x := seme(i)
	codice = func() string { return auth.TOTP(x, b.adesso().Unix()/30) }
	recupero, err := b.a.AddApp(b.ctx, s, i.Sigillo, codice(), "telefono")
	b.va(err)
	return codice, recupero
}

// mezza signs in with the password, and gives a cookie that opens nothing yet.
func (b *banco) mezza(utente string) string {
	b.t.Helper()
	c, err := b.a.SignIn(b.ctx, ente, utente, frase, rete)
	b.va(err)
	if _, err := b.a.Session(b.ctx, ente, c); !errors.Is(err, auth.ErrFattore) {
		b.t.Fatalf("half a session: %v", err)
	}
	return c
}

// sbaglia is a code of six figures that is not the one of now, nor near it.
func sbaglia(vero string) string {
	return strings.Map(func(r rune) rune { return '0' + (r-'0'+5)%10 }, vero)
}

func TestWhoHasNoFactorIsLedToOne(t *testing.T) {
	b := apri(t).obbliga()
	b.persona("anna.verdi", access.URP, "1")
	cookie, s := b.entra("anna.verdi")
	if !s.SenzaAltro || len(s.Uffici) > 0 {
		t.Fatalf("without a second factor: %+v", s)
	}
	i := b.a.NewApp(s, "ASST Monte Lago")
	if !strings.HasPrefix(i.Indirizzo, "otpauth://totp/ASST%20Monte%20Lago:anna.verdi?") || !strings.Contains(i.Indirizzo, "issuer=ASST%20Monte%20Lago") {
		t.Errorf("the address of the seed: %s", i.Indirizzo)
	}
	vero := auth.TOTP(seme(i), b.adesso().Unix()/30)
	for _, no := range []string{"", "12345", "abcdef", sbaglia(vero)} {
		_, err := b.a.AddApp(b.ctx, s, i.Sigillo, no, "telefono")
		b.vuole(err, fault.Invalid)
	}
	if again := b.a.SameApp(s, i.Sigillo, "x"); again.Seme != i.Seme {
		t.Error("a mistyped code made another seed")
	}
	_, err := b.a.AddApp(b.ctx, s, i.Sigillo, vero, " ")
	b.vuole(err, fault.Invalid)
	_, err = b.a.AddApp(b.ctx, s, "sigillo", vero, "telefono")
	b.vuole(err, fault.Invalid)
	codici, err := b.a.AddApp(b.ctx, s, i.Sigillo, vero[:3]+" "+vero[3:], "telefono")
	b.va(err)
	if len(codici) != 10 || len(codici[0]) != 14 {
		t.Fatalf("recovery codes: %v", codici)
	}
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if s.SenzaAltro || !s.Ha(access.URP) {
		t.Fatalf("with a second factor: %+v", s)
	}
	righe, n, err := b.a.Factors(b.ctx, s)
	b.va(err)
	if len(righe) != 1 || righe[0].Nome != "telefono" || n != 10 {
		t.Errorf("%+v, %d codes", righe, n)
	}
	b.vuole(b.a.RemoveFactor(b.ctx, s, righe[0].ID), fault.Invalid) // the only one

	// From a day on; and never, with a reason that everybody reads.
	b.persona("bruno.neri", access.URP, "1")
	for _, c := range []struct {
		r     auth.Regola
		senza bool
	}{{auth.Regola{Dal: b.oggi().Add(1)}, false}, {auth.Regola{Dal: b.oggi()}, true}, {auth.Regola{Libero: true, Motivo: "prova"}, false}} {
		b.passa(time.Second)
		b.va(b.a.SetRegola(b.ctx, sistema, c.r))
		if _, s := b.entra("bruno.neri"); s.SenzaAltro != c.senza {
			t.Errorf("%+v: led to one %v", c.r, s.SenzaAltro)
		}
	}
	b.vuole(b.a.SetRegola(b.ctx, sistema, auth.Regola{Libero: true}), fault.Invalid)
	b.vuole(b.a.SetRegola(b.ctx, s.Chi, auth.Regola{}), fault.Forbidden)
	storia, err := b.a.Storia(b.ctx, sistema, "")
	b.va(err)
	if len(storia) != 5 || storia[0].Cosa != auth.RegolaCambiata || storia[0].Nota != "non obbligatorio: prova" {
		t.Errorf("of the rule is recorded %+v", storia)
	}
	b.va(b.a.RemoveFactor(b.ctx, s, righe[0].ID))
	if righe, n, err = b.a.Factors(b.ctx, s); err != nil || len(righe)+n > 0 {
		t.Errorf("after the last one: %v, %d codes, %v", righe, n, err)
	}
}

func TestEachCodeOpensOnce(t *testing.T) {
	b := apri(t).obbliga()
	b.persona("anna.verdi", access.URP, "1")
	_, s := b.entra("anna.verdi")
	codice, _ := b.conApp(s)
	primo := codice()
	_, err := b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), primo, rete) // the one that enrolled it
	b.vuole(err, fault.Unauthenticated)
	b.passa(30 * time.Second)
	uno, due := b.mezza("anna.verdi"), b.mezza("anna.verdi")
	_, err = b.a.WithCode(b.ctx, "altroente", uno, codice(), rete)
	b.vuole(err, fault.Unauthenticated)
	nuovo, err := b.a.WithCode(b.ctx, ente, uno, codice(), rete)
	b.va(err)
	intera, err := b.a.Session(b.ctx, ente, nuovo)
	b.va(err)
	if !intera.Ha(access.URP) || nuovo == uno {
		t.Fatalf("%+v", intera)
	}
	_, err = b.a.Session(b.ctx, ente, uno)
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.WithCode(b.ctx, ente, nuovo, codice(), rete) // nothing waits for it
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.WithCode(b.ctx, ente, due, codice(), rete)
	b.vuole(err, fault.Unauthenticated)
	b.passa(10 * time.Minute) // half a session does not wait longer
	_, err = b.a.WithCode(b.ctx, ente, due, codice(), rete)
	b.vuole(err, fault.Unauthenticated)

	// In the same instant too.
	var mezze []string
	for range 8 {
		mezze = append(mezze, b.mezza("anna.verdi"))
	}
	b.passa(10 * time.Minute)
	for i := range mezze {
		mezze[i] = b.mezza("anna.verdi")
	}
	var gruppo sync.WaitGroup
	entrati := make(chan string, len(mezze))
	for _, m := range mezze {
		gruppo.Go(func() {
			if c, err := b.a.WithCode(b.ctx, ente, m, codice(), auth.Da{}); err == nil {
				entrati <- c
			}
		})
	}
	gruppo.Wait()
	if len(entrati) != 1 {
		t.Errorf("one code let %d in", len(entrati))
	}
}

// Codes are guessed neither in one session nor in many, and a right password does
// not loosen the brake.
func TestCodesAreNotGuessed(t *testing.T) {
	b := apri(t).obbliga()
	b.persona("anna.verdi", access.URP, "1")
	_, s := b.entra("anna.verdi")
	codice, recupero := b.conApp(s)
	b.passa(time.Minute)
	for n := range 5 {
		m := b.mezza("anna.verdi")
		if n == 2 {
			_, err := b.a.WithCode(b.ctx, ente, m, "2222-2222-2222", rete)
			b.vuole(err, fault.Unauthenticated)
			continue
		}
		_, err := b.a.WithCode(b.ctx, ente, m, sbaglia(codice()), auth.Da{Rete: "198.51.100.0/24"})
		b.vuole(err, fault.Unauthenticated)
	}
	m := b.mezza("anna.verdi")
	for _, c := range []string{codice(), recupero[0]} {
		_, err := b.a.WithCode(b.ctx, ente, m, c, rete)
		b.vuole(err, fault.TooMany)
	}
	attesa, n := time.Duration(0), 0
	for range 10 { // whoever goes on waits longer and longer, ten minutes in the end
		b.passa(time.Second)
		attesa += time.Second
		for {
			_, err := b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), sbaglia(codice()), rete)
			if fault.Is(err, fault.Unauthenticated) {
				break
			}
			b.vuole(err, fault.TooMany)
			b.passa(10 * time.Second)
			attesa += 10 * time.Second
		}
		n++
	}
	if attesa < 12*time.Minute {
		t.Errorf("%d more codes in %v", n, attesa)
	}
	b.passa(10 * time.Minute)
	cookie, err := b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), codice(), rete)
	b.va(err)
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	dette, err := b.a.DaDire(b.ctx, s)
	b.va(err)
	if len(dette) != 1 || dette[0].Cosa != auth.CodiciSbagliati {
		t.Fatalf("told: %+v", dette)
	}
	b.va(b.a.Dette(b.ctx, s, dette[0].Il))
	if dette, err = b.a.DaDire(b.ctx, s); err != nil || len(dette) > 0 {
		t.Errorf("told twice: %+v, %v", dette, err)
	}
}

func TestRecoveryCodes(t *testing.T) {
	b := apri(t).obbliga()
	b.persona("anna.verdi", access.URP, "1")
	b.persona("bruno.neri", access.URP, "1")
	_, s := b.entra("anna.verdi")
	_, codici := b.conApp(s)
	_, sb := b.entra("bruno.neri")
	_, altrui := b.conApp(sb)
	b.passa(time.Minute)
	_, err := b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), altrui[0], rete)
	b.vuole(err, fault.Unauthenticated)
	cookie, err := b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), " "+strings.ToLower(codici[3])+" ", rete)
	b.va(err)
	_, err = b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), codici[3], rete)
	b.vuole(err, fault.Unauthenticated)
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	_, n, err := b.a.Factors(b.ctx, s)
	b.va(err)
	dette, err := b.a.DaDire(b.ctx, s)
	b.va(err)
	if n != 9 || len(dette) != 1 || dette[0].Cosa != auth.CodiceUsato {
		t.Errorf("%d codes are left; told %+v", n, dette)
	}
	nuovi, err := b.a.NewCodes(b.ctx, s)
	b.va(err)
	if slices.ContainsFunc(nuovi, func(c string) bool { return slices.Contains(codici, c) }) {
		t.Error("a code of before is among the new ones")
	}
	_, err = b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), codici[4], rete)
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), nuovi[9], rete)
	b.va(err)
	b.passa(access.DurataConferma)
	if _, err := b.a.NewCodes(b.ctx, s); !errors.Is(err, auth.ErrConferma) {
		t.Errorf("without a proof: %v", err)
	}
}

func TestAdministratorResetsFactors(t *testing.T) {
	b := apri(t).obbliga()
	p := b.persona("anna.verdi", access.URP, "1")
	b.persona("capo.capi", access.Amministratore, "")
	cookie, s := b.entra("anna.verdi")
	_, codici := b.conApp(s)
	cc, capo := b.entra("capo.capi")
	b.conApp(capo)
	capo, err := b.a.Session(b.ctx, ente, cc)
	b.va(err)
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	b.vuole(b.a.ResetFactors(b.ctx, s.Chi, capo.Persona), fault.Forbidden)
	b.va(b.a.ResetFactors(b.ctx, capo.Chi, p.ID))
	_, err = b.a.Session(b.ctx, ente, cookie)
	b.vuole(err, fault.Unauthenticated)
	_, s = b.entra("anna.verdi") // the password is enough again, and leads to a new factor
	if !s.SenzaAltro {
		t.Error("not led to a new factor")
	}
	dette, err := b.a.DaDire(b.ctx, s)
	b.va(err)
	storia, err := b.a.Storia(b.ctx, capo.Chi, p.ID)
	b.va(err)
	if len(dette) != 1 || dette[0].Cosa != auth.FattoriAzzerati || dette[0].Chi != capo.Persona || len(storia) != 2 {
		t.Errorf("told %+v, recorded %+v", dette, storia)
	}
	_, err = b.a.Storia(b.ctx, s.Chi, capo.Persona)
	b.vuole(err, fault.Forbidden)
	b.conApp(s)
	b.passa(time.Minute)
	_, err = b.a.WithCode(b.ctx, ente, b.mezza("anna.verdi"), codici[0], rete)
	b.vuole(err, fault.Unauthenticated)
	b.va(b.a.ResetFactors(b.ctx, sistema, p.ID)) // from the terminal
	b.passa(access.DurataConferma)
	if err := b.a.ResetFactors(b.ctx, capo.Chi, p.ID); !errors.Is(err, auth.ErrConferma) {
		t.Errorf("without a proof: %v", err)
	}
}

func TestLock(t *testing.T) {
	b := apri(t)
	b.persona("anna.verdi", access.URP, "1")
	b.persona("bruno.neri", access.URP, "1")
	_, err := b.a.Waiting(b.ctx, ente, "")
	b.vuole(err, fault.Unauthenticated)
	cookie, s := b.entra("anna.verdi")
	_, err = b.a.Waiting(b.ctx, ente, cookie) // nothing waits
	b.vuole(err, fault.Unauthenticated)
	altra, _ := b.entra("anna.verdi")
	b.passa(20 * time.Minute)
	w, err := b.a.Waiting(b.ctx, ente, cookie)
	b.va(err)
	if !w.Bloccata || w.Nome != s.Nome || w.HaApp || w.HaPasskey {
		t.Fatalf("%+v", w)
	}
	_, err = b.a.Unlock(b.ctx, ente, cookie, "sbagliata", rete)
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.WithCode(b.ctx, ente, cookie, "123456", rete)
	if !errors.Is(err, auth.ErrBloccata) {
		t.Errorf("a code at the lock: %v", err)
	}
	nuovo, err := b.a.Unlock(b.ctx, ente, cookie, frase, rete)
	b.va(err)
	_, err = b.a.Session(b.ctx, ente, cookie)
	b.vuole(err, fault.Unauthenticated)
	s, err = b.a.Session(b.ctx, ente, nuovo)
	b.va(err)
	b.fresca(s)
	elenco, err := b.a.Sessions(b.ctx, s)
	b.va(err)
	if len(elenco) != 2 || elenco[0].Bloccata == elenco[1].Bloccata || elenco[0].Da != rete {
		t.Errorf("%+v", elenco)
	}
	b.va(b.a.EndOthers(b.ctx, s)) // ended while locked: nothing unlocks it
	_, err = b.a.Unlock(b.ctx, ente, altra, frase, rete)
	b.vuole(err, fault.Unauthenticated)

	// However often it is unlocked, it ends twelve hours after the sign-in.
	for range 11*3 + 1 {
		b.passa(20 * time.Minute)
		nuovo, err = b.a.Unlock(b.ctx, ente, nuovo, frase, rete)
		b.va(err)
	}
	b.passa(20 * time.Minute)
	_, err = b.a.Unlock(b.ctx, ente, nuovo, frase, rete)
	b.vuole(err, fault.Unauthenticated)
}

func TestPasskeys(t *testing.T) {
	b := apri(t).obbliga()
	p := b.persona("anna.verdi", access.URP, "1")
	b.persona("bruno.neri", access.URP, "1")
	_, s := b.entra("anna.verdi")
	_, err := b.a.ChallengeAdd(b.ctx, s, auth.Sito{Host: "127.0.0.1", Origine: "http://127.0.0.1:8080"})
	b.vuole(err, fault.Invalid)
	k := b.conPasskey(s)
	x, err := b.a.ChallengeAdd(b.ctx, s, sito)
	b.va(err)
	no := nuovaChiavetta(t)
	no.origine = "https://segnalazioni.esempio.com"
	_, err = b.a.AddPasskey(b.ctx, s, sito, x.Sigillo, no.crea(x), "altrove")
	b.vuole(err, fault.Invalid)
	_, err = b.a.AddPasskey(b.ctx, s, sito, x.Sigillo, "{}", "niente")
	b.vuole(err, fault.Invalid)

	// Instead of name and password.
	senza := func(k *chiavetta) (string, error) {
		x, err := b.a.ChallengeEnter(ente, sito)
		b.va(err)
		return b.a.WithPasskey(b.ctx, ente, "", sito, x.Sigillo, k.firma(x), rete)
	}
	cookie, err := senza(k)
	b.va(err)
	if s, err = b.a.Session(b.ctx, ente, cookie); err != nil || s.Persona != p.ID || s.SenzaAltro || !s.Ha(access.URP) {
		t.Fatalf("%+v, %v", s, err)
	}
	if x, err = b.a.ChallengeEnter(ente, sito); err != nil || len(k.leggi(x).PublicKey.AllowCredentials) > 0 || k.leggi(x).PublicKey.UserVerification != "required" {
		t.Errorf("the challenge of who said nothing: %s, %v", x.Opzioni, err)
	}
	risposta := k.firma(x)
	_, err = b.a.WithPasskey(b.ctx, ente, "", sito, x.Sigillo, risposta, rete)
	b.va(err)
	_, err = b.a.WithPasskey(b.ctx, ente, "", sito, x.Sigillo, risposta, rete) // the same answer
	b.vuole(err, fault.Unauthenticated)
	k.verifica = false // it does not know its person
	_, err = senza(k)
	b.vuole(err, fault.Unauthenticated)
	k.origine = "https://altro.esempio.it"
	_, err = senza(k)
	b.vuole(err, fault.Unauthenticated)
	k.origine = sito.Origine

	// After the password it is enough that it is there; of the same person.
	m := b.mezza("anna.verdi")
	w, err := b.a.Waiting(b.ctx, ente, m)
	b.va(err)
	x, err = b.a.ChallengeWaiting(b.ctx, w, sito)
	b.va(err)
	_, sb := b.entra("bruno.neri")
	kb := b.conPasskey(sb)
	_, err = b.a.WithPasskey(b.ctx, ente, m, sito, x.Sigillo, kb.firma(x), rete)
	b.vuole(err, fault.Unauthenticated)
	_, err = b.a.WithPasskey(b.ctx, ente, "", sito, x.Sigillo, k.firma(x), rete) // made for something else
	b.vuole(err, fault.Unauthenticated)
	cookie, err = b.a.WithPasskey(b.ctx, ente, m, sito, x.Sigillo, k.firma(x), rete)
	b.va(err)

	// Once more, and at a lock.
	k.verifica = true
	b.passa(access.DurataConferma)
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	x, err = b.a.ChallengeConfirm(b.ctx, s, sito)
	b.va(err)
	b.passa(5 * time.Minute)
	_, err = b.a.ConfirmPasskey(b.ctx, s, sito, x.Sigillo, k.firma(x)) // too late
	b.vuole(err, fault.Unauthenticated)
	x, err = b.a.ChallengeConfirm(b.ctx, s, sito)
	b.va(err)
	cookie, err = b.a.ConfirmPasskey(b.ctx, s, sito, x.Sigillo, k.firma(x))
	b.va(err)
	b.fresca(s)
	b.passa(20 * time.Minute)
	w, err = b.a.Waiting(b.ctx, ente, cookie)
	b.va(err)
	x, err = b.a.ChallengeWaiting(b.ctx, w, sito)
	b.va(err)
	if !w.Bloccata || !w.HaPasskey || k.leggi(x).PublicKey.UserVerification != "required" {
		t.Errorf("%+v %s", w, x.Opzioni)
	}
	cookie, err = b.a.WithPasskey(b.ctx, ente, cookie, sito, x.Sigillo, k.firma(x), rete)
	b.va(err)

	// A copy, whose counter is behind, opens nothing and is told.
	k.conta = 1
	_, err = senza(k)
	b.vuole(err, fault.Unauthenticated)
	s, err = b.a.Session(b.ctx, ente, cookie)
	b.va(err)
	if dette, err := b.a.DaDire(b.ctx, s); err != nil || len(dette) != 1 || dette[0].Cosa != auth.PasskeyCopiata {
		t.Errorf("told: %+v, %v", dette, err)
	}
	k.conta = 100
	b.va(b.a.Disable(b.ctx, sistema, p.ID))
	_, err = senza(k)
	b.vuole(err, fault.Unauthenticated)
}

// What is stored opens only in its place, and not without the server's key.
func TestFactorsAtRest(t *testing.T) {
	b := apri(t).obbliga()
	p, q := b.persona("anna.verdi", access.URP, "1"), b.persona("bruno.neri", access.URP, "1")
	_, s := b.entra("anna.verdi")
	i := b.a.NewApp(s, "x")
	codici, err := b.a.AddApp(b.ctx, s, i.Sigillo, auth.TOTP(seme(i), b.adesso().Unix()/30), "telefono")
	b.va(err)
	k := b.conPasskey(s)
	righe, err := b.st.Secondi(b.ctx, ente, p.ID)
	b.va(err)
	if len(righe) != 12 {
		t.Fatalf("%d rows", len(righe))
	}
	for _, r := range righe {
		for _, chiaro := range [][]byte{seme(i), []byte(i.Seme), []byte(codici[0]), k.id} {
			if bytes.Contains(r.Segreto, chiaro) {
				t.Errorf("a %s in clear", r.Tipo)
			}
		}
	}
	// Rows written into another person's place are none of theirs.
	b.va(b.st.AggiornaPersona(b.ctx, ente, q.ID, auth.Cambio{Metti: righe}))
	b.passa(time.Minute)
	m := b.mezza("bruno.neri")
	for _, c := range []string{auth.TOTP(seme(i), b.adesso().Unix()/30), codici[0]} {
		if _, err := b.a.WithCode(b.ctx, ente, m, c, rete); err == nil {
			t.Error("a factor opens for who has the same row")
		}
	}
}

// Whatever a browser answers, to the challenge it was given or to another, nobody
// enters and no passkey is added: both challenges are of nobody's key.
func FuzzPasskey(f *testing.F) {
	b := apri(f)
	b.persona("anna.verdi", "", "")
	_, s := b.entra("anna.verdi")
	k := b.conPasskey(s)
	sfide := func() (entra, aggiunge auth.Sfida) {
		entra, err := b.a.ChallengeEnter(ente, sito)
		b.va(err)
		aggiunge, err = b.a.ChallengeAdd(b.ctx, s, sito)
		b.va(err)
		return entra, aggiunge
	}
	x, y := sfide()
	f.Add(k.firma(x), x.Sigillo)
	f.Add(nuovaChiavetta(f).crea(y), y.Sigillo)
	f.Add(`{"id":"","response":{}}`, "AAAA")
	altra, nuova := sfide()
	f.Fuzz(func(t *testing.T, risposta, sigillo string) {
		for _, sfida := range []string{altra.Sigillo, sigillo + "."} {
			if _, err := b.a.WithPasskey(b.ctx, ente, "", sito, sfida, risposta, auth.Da{}); !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("%q: %v", risposta, err)
			}
		}
		for _, sfida := range []string{nuova.Sigillo, sigillo + "."} {
			if _, err := b.a.AddPasskey(b.ctx, s, sito, sfida, risposta, "x"); !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", risposta, err)
			}
		}
	})
}
