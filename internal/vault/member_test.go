package vault

import (
	"bytes"
	"errors"
	"testing"

	"tutela/internal/fault"
)

func TestSlots(t *testing.T) {
	ring := &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}
	pepper, err := ring.Pepper("demo", ring.NewPepper("demo"))
	if err != nil {
		t.Fatal(err)
	}
	m := NewMemberKey("demo", "anna", 1)
	frase, prf := NewPassphrase(), NewKey()
	byFrase, err := m.PassphraseSlot("s1", frase, pepper, testCost)
	if err != nil {
		t.Fatal(err)
	}
	byPRF, err := m.PRFSlot("s2", []byte("passkey"), NewKey(), prf)
	if err != nil {
		t.Fatal(err)
	}
	byFoglio, code := m.FoglioSlot("s3")
	ways := map[string]func(MemberSlot) (*MemberKey, error){
		"passphrase": func(s MemberSlot) (*MemberKey, error) { return s.OpenPassphrase(frase, pepper) },
		"passkey":    func(s MemberSlot) (*MemberKey, error) { return s.OpenPRF(prf) },
		"sheet":      func(s MemberSlot) (*MemberKey, error) { return s.OpenFoglio(code) },
	}
	slots := map[string]MemberSlot{"passphrase": byFrase, "passkey": byPRF, "sheet": byFoglio}
	for name, open := range ways {
		for other, s := range slots {
			got, err := open(s)
			if name != other && err == nil || name == other && (err != nil || got.KeyID() != m.KeyID() || !got.equal(m.Membro)) {
				t.Errorf("%s on the slot of %s: %v, %v", name, other, got, err)
			}
		}
		for what, s := range map[string]MemberSlot{"person": {Persona: "bruno"}, "ente": {Ente: "altro"}, "number": {Numero: 2}, "slot": {ID: "s9"}, "name": {Persona: "a|b"}} {
			moved := slots[name]
			switch {
			case s.Persona != "":
				moved.Persona = s.Persona
			case s.Ente != "":
				moved.Ente = s.Ente
			case s.Numero != 0:
				moved.Numero = s.Numero
			default:
				moved.ID = s.ID
			}
			if _, err := open(moved); err == nil {
				t.Errorf("the slot of %s opens for another %s", name, what)
			}
		}
		for i := range slots[name].Chiusa {
			bad := slots[name]
			bad.Chiusa = bytes.Clone(bad.Chiusa)
			bad.Chiusa[i] ^= 1
			if _, err := open(bad); err == nil {
				t.Fatalf("the slot of %s opens with byte %d changed", name, i)
			}
		}
	}
	if err := byFrase.Check(frase); err != nil {
		t.Error(err)
	}
	if err := byFrase.Check(NewPassphrase()); !fault.Is(err, fault.Invalid) {
		t.Errorf("another passphrase: %v", err)
	}
	if _, err := byFrase.OpenPassphrase(frase, NewKey()); !errors.Is(err, ErrSealed) {
		t.Errorf("without the pepper, and so without server.key: %v", err)
	}
	if _, err := byPRF.OpenPRF(nil); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if _, err := m.PRFSlot("s4", nil, nil, nil); err == nil {
		t.Error("a passkey without PRF makes a slot")
	}
	if _, err := m.PassphraseSlot("s4", NewRiservato("la mia parola preferita"), pepper, testCost); !fault.Is(err, fault.Invalid) {
		t.Errorf("an invented passphrase: %v", err)
	}
}

// The check of a sign-in is not the key of the unlock.
func TestCheckIsNotTheKey(t *testing.T) {
	m, pepper, frase := NewMemberKey("demo", "anna", 1), NewKey(), NewPassphrase()
	s, err := m.PassphraseSlot("s1", frase, pepper, testCost)
	if err != nil {
		t.Fatal(err)
	}
	check, half := testCost.stretch(frase.Valore(), s.Sale)
	for _, secret := range [][]byte{s.Verifica, check, half, peppered(check, pepper), peppered(s.Verifica, pepper)} {
		if _, ok := s.open(secret); ok {
			t.Errorf("opens with %d bytes that are not half and pepper", len(secret))
		}
	}
}

// A forged row asks for no memory that the machine has not.
func TestForgedCost(t *testing.T) {
	m, pepper, frase := NewMemberKey("demo", "anna", 1), NewKey(), NewPassphrase()
	s, err := m.PassphraseSlot("s1", frase, pepper, testCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Costo{{}, {1 << 31, 1, 1}, {64, 0, 1}, {64, 1 << 20, 1}, {64, 1, 0}, {64, 1, 200}, {7, 1, 1}} {
		s.Costo = c
		if err := s.Check(frase); !errors.Is(err, ErrSealed) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestSession(t *testing.T) {
	ring := &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}
	cookie := [32]byte(NewKey())
	s, m := ring.Session("demo", cookie), NewMemberKey("demo", "anna", 1)
	sealed := s.SealMember(m)
	got, err := ring.Session("demo", cookie).OpenMember("anna", 1, sealed)
	if err != nil || got.KeyID() != m.KeyID() {
		t.Fatal(err)
	}
	other := &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}
	for what, s := range map[string]Session{"cookie": ring.Session("demo", [32]byte{}), "server": other.Session("demo", cookie), "ente": ring.Session("altro", cookie)} {
		if _, err := s.OpenMember("anna", 1, sealed); !errors.Is(err, ErrSealed) {
			t.Errorf("opens with another %s", what)
		}
	}
	if _, err := s.OpenMember("bruno", 1, sealed); !errors.Is(err, ErrSealed) {
		t.Error("opens as another person's")
	}
	if _, err := s.OpenMember("anna", 2, sealed); !errors.Is(err, ErrSealed) {
		t.Error("opens as a newer key")
	}
	if len(s.ID()) != 26 || s.ID() == ring.Session("altro", cookie).ID() || s.ID() != other.Session("demo", cookie).ID() {
		t.Error("the id of a session is its cookie's and its ente's")
	}
	if got, err := s.Open("parole", s.Seal("parole", []byte("pronto soccorso"))); err != nil || string(got) != "pronto soccorso" {
		t.Error(err)
	}
	if _, err := s.Open("membro.anna.1", s.Seal("parole", m.k.bytes())); err == nil {
		t.Error("one value of a session opens as another")
	}
}

// FuzzRows: whatever lies in the rows of a member, nothing panics and nothing but
// the true rows opens.
func FuzzRows(f *testing.F) {
	g, keys := readKeys(f)
	m, ring := memberKey("demo", "anna", 1, keys[0]), &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}
	_, k := g.compartment()
	f.Add([]byte(g.Slots.BySheet), "anna", 1, "s1", uint16(0))
	f.Add([]byte(g.Pin), "a|b", -1, "", uint16(9))
	f.Fuzz(func(t *testing.T, b []byte, persona string, numero int, id string, bit uint16) {
		row := MemberSlot{Ente: "demo", Persona: persona, Numero: numero, ID: id, Tipo: SlotFoglio, Chiusa: b}
		got, err := row.OpenFoglio(NewRiservato(g.Sheets[0].Code))
		if err == nil && (!bytes.Equal(b, g.Slots.BySheet) || persona != "anna" || numero != 1 || id != "s1" || got.KeyID() != m.KeyID()) {
			t.Fatalf("%+v opened", row)
		}
		row.Tipo, row.Costo, row.Sale = SlotPassphrase, Costo{uint32(bit), uint32(bit % 3), uint8(bit % 2)}, b
		if err := row.Check(NewRiservato("badilo badilo badilo badilo")); err == nil {
			t.Fatal("a passphrase of nobody's")
		}
		if _, err := m.openPin("upt", b); err == nil && !bytes.Equal(b, g.Pin) {
			t.Fatalf("a pin that nobody sealed: %x", b)
		}
		if p, err := parsePin(b); err == nil && !bytes.Equal(p.bytes(), b) {
			t.Fatalf("%x read as %v", b, p)
		}
		flipped := bytes.Clone(g.Pin)
		flipped[int(bit/8)%len(flipped)] ^= 1 << (bit % 8)
		if _, err := m.openPin("upt", flipped); err == nil {
			t.Fatal("a pin opens after a flipped bit")
		}
		v := Versione{persona, id, numero, Tipo(persona), b, b, b, b}
		v.Impronta()
		if _, err := v.Recipient(ring, k.Verify); err == nil {
			t.Fatalf("a version that nobody made: %+v", v)
		}
		Involucro{Parte{persona, ID{}, id}, id, numero, b}.Impronta()
	})
}
