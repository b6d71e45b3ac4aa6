package vault

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// hexBytes is bytes that a vector writes in hexadecimal.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(b []byte) error {
	*h = make([]byte, hex.DecodedLen(len(b)))
	_, err := hex.Decode(*h, b)
	return err
}

// The vectors were written by another implementation of the same formats, from
// the same fixed keys, nonces and salts. The keys are of anna, of bruno, of version
// 1, of version 2, of recovery.
type goldenKeys struct {
	Keys []struct {
		Private, Public hexBytes
		ID              string
	}
	Case   string
	PK, KC hexBytes
	Wraps  []struct {
		Name, Part  string
		Version     int
		Sealed, Sum hexBytes
	}
	Content struct {
		Context       string
		Plain, Sealed hexBytes
	}
	Server struct {
		Ring                          string
		Key, Sum, Pepper, PepperPlain hexBytes
	}
	Log      hexBytes
	Versions []struct {
		N                            int
		Public, Signature, Roll, Sum hexBytes
		Signed                       string
	}
	Handed []struct {
		N, Number int
		To        string
		Sealed    hexBytes
	}
	Pin   hexBytes
	Slots struct {
		Passphrase                                     string
		Memory, Passes                                 uint32
		Salt, Check, ByPassphrase, PRF, ByPRF, BySheet hexBytes
	}
	Sheets []struct {
		Secret hexBytes
		Code   string
	}
	Recovery []struct {
		Holders string
		Sealed  hexBytes
	}
	Session struct {
		Cookie, Member hexBytes
		ID             string
	}
}

func readKeys(t testing.TB) (g goldenKeys, keys []privateKey) {
	t.Helper()
	b, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		t.Fatal(err)
	}
	for _, v := range g.Keys {
		k, err := parsePrivateKey(v.Private)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return g, keys
}

// compartment is the compartment of the vectors, as the stores have it.
func (g goldenKeys) compartment() (Compartimento, Outside) {
	c := Compartimento{Ente: "demo", Nome: "upt"}
	for _, v := range g.Versions {
		c.Versioni = append(c.Versioni, Versione{"demo", "upt", v.N, TipoMembri, nil, v.Public, v.Signature, v.Roll})
	}
	for _, h := range g.Handed {
		c.Consegne = append(c.Consegne, Consegna{"demo", "upt", h.N, h.To, h.Number, h.Sealed})
	}
	c.Recupero = Recupero{Serie: 1, Pubblica: g.Keys[4].Public}
	for _, r := range g.Recovery {
		c.Recupero.Chiuse = append(c.Recupero.Chiuse, Sottoinsieme{r.Holders, r.Sealed})
	}
	return c, Outside{Ultima: [32]byte(g.Versions[len(g.Versions)-1].Sum), Verify: func(m, s []byte) bool { return ed25519.Verify(ed25519.PublicKey(g.Log), m, s) }}
}

func TestGoldenKeys(t *testing.T) {
	g, keys := readKeys(t)
	for i, v := range g.Keys {
		p := mustPublic(t, v.Public)
		if p.ID() != v.ID || !bytes.Equal(keys[i].public().Bytes(), v.Public) || !bytes.Equal(keys[i].bytes(), v.Private) {
			t.Errorf("key %d: %s, %x", i, p.ID(), p.Bytes())
		}
	}
	for _, v := range g.Sheets {
		if code := foglioCode(v.Secret); code != v.Code {
			t.Errorf("%x: %s, want %s", v.Secret, code, v.Code)
		}
		if got, err := parseFoglio(NewRiservato(Gruppi(v.Code))); err != nil || !bytes.Equal(got, v.Secret) {
			t.Errorf("%s: %x, %v", v.Code, got, err)
		}
	}
}

func TestGoldenWraps(t *testing.T) {
	g, keys := readKeys(t)
	id, err := ParseID(g.Case)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := parseKeyRing(g.Server.Ring)
	if err != nil {
		t.Fatal(err)
	}
	urp := Versione{"demo", "urp", 3, TipoServer, g.Server.Key, nil, nil, nil}
	server, err := ring.Opener([]Versione{urp})
	if err != nil || urp.Impronta() != [32]byte(g.Server.Sum) {
		t.Errorf("%v, %x", err, urp.Impronta())
	}
	c, k := g.compartment()
	u, err := c.Unlock(memberKey("demo", "anna", 1, keys[0]), g.Pin, k)
	if err != nil {
		t.Fatal(err)
	}
	_, chiave := SharedKey("chiave", 1, []byte("23456789ABCDEFGH"))
	openers := []Opener{server, u.Opener(), memberKey("demo", "bruno", 1, keys[1]).Opener(), chiave}
	for i, w := range g.Wraps {
		inv := Involucro{Parte{"demo", id, w.Part}, w.Name, w.Version, w.Sealed}
		if inv.Impronta() != [32]byte(w.Sum) {
			t.Errorf("%s: %x", w.Name, inv.Impronta())
		}
		for j, o := range openers {
			pk, err := o.Unwrap(inv)
			if (err == nil) != (i == j) || err == nil && !bytes.Equal(pk, g.PK) {
				t.Errorf("%s to reader %d: %x, %v", w.Name, j, pk, err)
			}
		}
	}
	plain, err := Open(ContentKey(g.PK, g.KC), g.Content.Context, g.Content.Sealed)
	if err != nil || !bytes.Equal(plain, g.Content.Plain) {
		t.Errorf("%q, %v", plain, err)
	}
	if p, err := ring.Pepper("demo", g.Server.Pepper); err != nil || !bytes.Equal(p, g.Server.PepperPlain) {
		t.Errorf("%x, %v", p, err)
	}
}

func TestGoldenCompartment(t *testing.T) {
	g, keys := readKeys(t)
	c, k := g.compartment()
	for i, v := range c.Versioni {
		if v.Impronta() != [32]byte(g.Versions[i].Sum) || string(v.signed()) != g.Versions[i].Signed {
			t.Errorf("version %d: %x, %s", v.N, v.Impronta(), v.signed())
		}
		if _, err := v.Recipient(nil, k.Verify); err != nil {
			t.Error(err)
		}
	}
	u, err := c.Unlock(memberKey("demo", "anna", 1, keys[0]), g.Pin, k)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Albo.Quorum
	if got := names(u.Albo.Lettori) + "| " + names(u.Albo.Assistenti); got != "anna/1 bruno/1 | carla/2 " || u.Albo.Revisione != 3 ||
		q.Serie != 1 || q.K != 2 || len(q.Custodi) != 3 || q.Custodi[2].Nome.Valore() != "Niccolò D’Este" || !q.Custodi[1].Interno || q.Stampata != "anna" {
		t.Errorf("%s, %+v", got, u.Albo)
	}
	if u.Prima() != g.Keys[2].ID || u.Pin == nil {
		t.Errorf("founded by %s, pin %x", u.Prima(), u.Pin)
	}
	for i, sub := range subsets(2, 3) {
		fogli := map[int]Riservato{}
		for _, n := range sub {
			fogli[n] = NewRiservato(g.Sheets[n-1].Code)
		}
		if rec, p, err := c.openRecovery(fogli); err != nil || !bytes.Equal(rec.bytes(), g.Keys[4].Private) || p != (pin{g.Keys[2].ID, g.Keys[2].ID, 1, 1}) {
			t.Errorf("subset %d: %v, %v", i, p, err)
		}
	}
}

func TestGoldenMember(t *testing.T) {
	g, keys := readKeys(t)
	slot := memberKey("demo", "anna", 1, keys[0]).slot
	same := func(how string, m *MemberKey, err error) {
		if err != nil || !bytes.Equal(m.k.bytes(), keys[0].bytes()) || m.KeyID() != g.Keys[0].ID {
			t.Errorf("by %s: %v, %v", how, m, err)
		}
	}
	s := slot("s1", SlotPassphrase)
	s.Costo, s.Sale, s.Verifica, s.Chiusa = Costo{g.Slots.Memory, g.Slots.Passes, 1}, g.Slots.Salt, g.Slots.Check, g.Slots.ByPassphrase
	m, err := s.OpenPassphrase(NewRiservato(g.Slots.Passphrase), g.Server.PepperPlain)
	same("passphrase", m, err)
	s = slot("s1", SlotPRF)
	s.Chiusa = g.Slots.ByPRF
	m, err = s.OpenPRF(g.Slots.PRF)
	same("passkey", m, err)
	s = slot("s1", SlotFoglio)
	s.Chiusa = g.Slots.BySheet
	m, err = s.OpenFoglio(NewRiservato(g.Sheets[0].Code))
	same("sheet", m, err)
	ring, err := parseKeyRing(g.Server.Ring)
	if err != nil {
		t.Fatal(err)
	}
	session := ring.Session("demo", [32]byte(g.Session.Cookie))
	if session.ID() != g.Session.ID {
		t.Error(session.ID())
	}
	m, err = session.OpenMember("anna", 1, g.Session.Member)
	same("session", m, err)
}
