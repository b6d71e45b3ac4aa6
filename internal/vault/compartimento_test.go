package vault

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tutela/internal/fault"
)

// Membership against parts: an opening succeeds exactly where there is a wrap.
func TestWhoOpensWhat(t *testing.T) {
	w := newWorld(t)
	w.rows.Membri = append(w.rows.Membri, NewMemberKey("demo", "elena", 1).Membro)
	w.keys["elena"] = NewMemberKey("demo", "elena", 1)
	w.rows.Membri[len(w.rows.Membri)-1] = w.keys["elena"].Membro
	u := w.unlock("bruno")
	ch, err := u.Join(Admission{Membro: w.keys["elena"].Membro, ID: Gruppi(w.keys["elena"].KeyID()), Assistente: true})
	if err != nil || len(ch.Consegne) != 0 {
		t.Fatalf("an assistant gets %d keys of the compartment, %v", len(ch.Consegne), err)
	}
	w.apply("bruno", ch)
	u = w.unlock("anna")
	elena, err := u.Person("elena")
	if err != nil {
		t.Fatal(err)
	}
	urp := w.ring.NewVersione("demo", "urp", 1)
	toURP, err := urp.Recipient(w.ring, nil)
	if err != nil {
		t.Fatal(err)
	}
	ofURP, err := w.ring.Opener([]Versione{urp})
	if err != nil {
		t.Fatal(err)
	}
	toCitizen, ofCitizen := SharedKey("chiave", 1, []byte(NewChiave().Valore()))
	_, ofAnother := SharedKey("chiave", 1, []byte(NewChiave().Valore()))

	recipients := map[string]Recipient{"upt": u.Recipient(), "urp": toURP, "elena": elena, "citizen": toCitizen}
	openers := map[string]Opener{"upt": w.unlock("carla").Opener(), "urp": ofURP, "elena": w.keys["elena"].Opener(), "citizen": ofCitizen}
	none := map[string]Opener{"another citizen": ofAnother, "a member alone": w.keys["anna"].Opener(), "nobody": {}}
	for i, part := range []string{"nucleo", "cittadino", "richiesta-1", "nucleo-2"} {
		p, pk := Parte{"demo", ID{byte(i)}, part}, NewKey()
		for to, r := range recipients {
			inv := p.Wrap(pk, r)
			for of, o := range openers {
				got, err := o.Unwrap(inv)
				if (err == nil) != (to == of) || err == nil && !bytes.Equal(got, pk) {
					t.Errorf("%s, wrapped for %s, opens for %s: %v", part, to, of, err)
				}
			}
			for of, o := range none {
				if _, err := o.Unwrap(inv); !errors.Is(err, ErrSealed) {
					t.Errorf("%s, wrapped for %s, opens for %s: %v", part, to, of, err)
				}
			}
			for what, change := range map[string]func(*Involucro){
				"case": func(i *Involucro) { i.Pratica[3] ^= 1 }, "part": func(i *Involucro) { i.Nome += "x" }, "ente": func(i *Involucro) { i.Ente = "altro" },
				"version": func(i *Involucro) { i.Versione++ }, "strange part": func(i *Involucro) { i.Nome = "a|b" },
				"bytes": func(i *Involucro) { i.Chiusa = slices.Concat(i.Chiusa[:9], []byte{i.Chiusa[9] ^ 1}, i.Chiusa[10:]) },
			} {
				moved := inv
				change(&moved)
				if _, err := openers[to].Unwrap(moved); !errors.Is(err, ErrSealed) {
					t.Errorf("%s, wrapped for %s, opens with another %s", part, to, what)
				}
				if moved.Impronta() == inv.Impronta() {
					t.Errorf("another %s, the same hash in the envelope", what)
				}
			}
		}
	}
	if _, err := w.try("elena"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an assistant unlocks the compartment: %v", err)
	}
	for _, pk := range [][]byte{nil, NewKey()} {
		if ContentKey(pk, nil) != nil || ContentKey(nil, pk) != nil {
			t.Error("a key of contents without the case's key, or the part's")
		}
	}
	v, card := u.Recipient().Seal(Context("scheda", "demo", "p"), []byte("classe"))
	if got, err := openers["upt"].Open(v, Context("scheda", "demo", "p"), card); err != nil || string(got) != "classe" {
		t.Error(err)
	}
}

// Who joins reads the whole past; who leaves reads nothing that comes after.
func TestJoinAndLeave(t *testing.T) {
	w := newWorld(t)
	before := w.part(1)
	w.renew("anna", Renewal{}) // a rotation
	between := w.part(2)
	w.join("dario")
	dario := w.unlock("dario")
	w.renew("bruno", Renewal{Tolti: []string{"dario"}})
	after := w.part(3)
	for i, inv := range []Involucro{before, between, after} {
		if _, err := w.unlock("carla").Opener().Unwrap(inv); err != nil {
			t.Errorf("a member, part %d: %v", i, err)
		}
		if _, err := dario.Opener().Unwrap(inv); (err == nil) != (i < 2) {
			t.Errorf("who left, part %d: %v", i, err)
		}
	}
	if _, err := w.try("dario"); !fault.Is(err, fault.Forbidden) || errors.As(err, new(*Allarme)) {
		t.Errorf("who left: %v", err)
	}
	for _, k := range []privateKey{w.keys["dario"].k, dario.keys[1], dario.keys[2]} {
		opensNothing(t, Compartimento{Consegne: w.rows.Consegne, Versioni: w.rows.Versioni[2:]}, k)
	}
	if w.newest().N != 3 || len(w.rows.Consegne) != 4 {
		t.Errorf("version %d, %d wraps", w.newest().N, len(w.rows.Consegne))
	}
	if ch, err := w.unlock("anna").Join(Admission{Membro: w.keys["bruno"].Membro, ID: w.keys["bruno"].KeyID()}); !fault.Is(err, fault.Conflict) {
		t.Errorf("joined twice: %v, %v", ch, err)
	}
	if _, err := w.unlock("anna").Renew(Renewal{Tolti: []string{"anna"}, Quorum: twoOfThree()}, w.log); !fault.Is(err, fault.Invalid) {
		t.Errorf("took herself away: %v", err)
	}
}

// A newcomer who was told another founding key, or none, is not let in.
func TestNewcomerPins(t *testing.T) {
	w := newWorld(t)
	w.join("dario")
	delete(w.pins, "dario")
	_, err := w.try("dario")
	alarm(t, err, motivoPin)
	if _, err := w.keys["dario"].Pin("upt", "ABCD"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	w.prima = w.keys["dario"].KeyID()
	w.pin("dario")
	_, err = w.try("dario")
	alarm(t, err, motivoPrima)
}

// After a theft, or a reset, a person comes back with another key.
func TestNewMemberKey(t *testing.T) {
	w := newWorld(t)
	old := w.keys["carla"]
	m := w.person("carla", 2)
	w.renew("anna", Renewal{Tolti: []string{"carla"}, Entra: &Admission{Membro: m, ID: w.keys["carla"].KeyID()}})
	w.pin("carla")
	w.unlock("carla")
	opensNothing(t, Compartimento{Consegne: w.rows.Consegne}, old.k)

	// Her own, in her own session: the sheets she printed stay good, for she stays.
	u := w.unlock("anna")
	m = w.person("anna", 2)
	ch, err := u.Renew(Renewal{Tolti: []string{"anna"}, Entra: &Admission{Membro: m, ID: w.keys["anna"].KeyID()}}, w.log)
	if err != nil || ch.Pin != nil || ch.Recupero != nil {
		t.Fatalf("%v, %v", ch, err)
	}
	w.apply("anna", ch)
	if w.pins["anna"], err = w.keys["anna"].Pin("upt", u.Prima()); err != nil {
		t.Fatal(err)
	}
	w.unlock("anna")
}

// A compartment that was the server's becomes its members': the past stays where
// it was.
func TestFromServerToMembers(t *testing.T) {
	w := &world{t: t, log: newWorld(t).log, keys: map[string]*MemberKey{}, pins: map[string][]byte{}, rows: Compartimento{Ente: "demo", Nome: "urp"},
		ring: &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}}
	for n := range 2 {
		w.rows.Versioni = append(w.rows.Versioni, w.ring.NewVersione("demo", "urp", n+1))
	}
	r, err := w.newest().Recipient(w.ring, w.verify)
	if err != nil {
		t.Fatal(err)
	}
	old := Parte{"demo", ID{1}, "nucleo"}.Wrap(NewKey(), r)
	w.person("anna", 1)
	ch, err := Found("demo", "urp", *w.newest(), w.keys["anna"], *twoOfThree(), w.log)
	if err != nil || ch.Versione.N != 3 {
		t.Fatalf("%+v, %v", ch, err)
	}
	w.apply("anna", ch)
	if r, err = w.newest().Recipient(nil, w.verify); err != nil {
		t.Fatal(err)
	}
	recent := Parte{"demo", ID{2}, "nucleo"}.Wrap(NewKey(), r)
	u := w.unlock("anna")
	server, err := w.ring.Opener(w.rows.Versioni)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range []bool{opens(u.Opener(), old), opens(server, old), opens(u.Opener(), recent), opens(server, recent)} {
		if want := i == 1 || i == 2; got != want {
			t.Errorf("%d: %v", i, got)
		}
	}
	w.renew("anna", Renewal{})
	w.unlock("anna")
}

func opens(o Opener, i Involucro) bool {
	_, err := o.Unwrap(i)
	return err == nil
}

func TestServerHeld(t *testing.T) {
	w := newWorld(t)
	v := w.ring.NewVersione("demo", "urp", 1)
	other := &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}
	for what, bad := range map[string]Versione{
		"place": {"demo", "upt", 1, TipoServer, v.Chiave, nil, nil, nil}, "number": {"demo", "urp", 2, TipoServer, v.Chiave, nil, nil, nil},
		"kind": {"demo", "urp", 1, "altro", v.Chiave, nil, nil, nil}, "empty": {},
	} {
		if _, err := bad.Recipient(w.ring, w.verify); !fault.Is(err, fault.Unavailable) {
			t.Errorf("another %s: %v", what, err)
		}
	}
	if _, err := v.Recipient(other, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("another server.key: %v", err)
	}
	if _, err := other.Opener([]Versione{v}); !errors.Is(err, ErrSealed) {
		t.Error(err)
	}
	if o, err := w.ring.Opener(nil); err != nil || opens(o, w.part(1)) {
		t.Error("no versions open something")
	}
}

func TestWalkOfTwentyVersions(t *testing.T) {
	w := newWorld(t)
	parts := []Involucro{w.part(0)}
	for i := range 19 {
		w.renew("anna", Renewal{})
		parts = append(parts, w.part(i+1))
	}
	u := w.unlock("carla") // who last saw the first
	for i, p := range parts {
		if !opens(u.Opener(), p) {
			t.Errorf("a part of version %d", i+1)
		}
	}
	for i := range w.rows.Versioni[:19] {
		rows := copied(t, w.rows)
		rows.Versioni = slices.Delete(rows.Versioni, i, i+1)
		_, err := rows.Unlock(w.keys["bruno"], w.pins["bruno"], Outside{Ultima: w.last, Verify: w.verify})
		alarm(t, err, "")
	}
}

func TestParseAlboRefuses(t *testing.T) {
	g, keys := readKeys(t)
	c, _ := g.compartment()
	text, err := OpenText(keys[3].secret(), c.Versioni[1].context("albo"), c.Versioni[1].Albo)
	if err != nil {
		t.Fatal(err)
	}
	if a, _, err := parseAlbo(text); err != nil || !a.valid() {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		`"v":1`: `"v":2`, `"revisione":3`: `"revisione":0`, `"lettori":[`: `"altro":[`, `"persona":"bruno"`: `"persona":"anna"`,
		`"persona":"carla"`: `"persona":"anna"`, `"numero":2`: `"numero":0`, `"pubblica":"A`: `"pubblica":"B`, `"serie":1`: `"serie":0`, `"k":2`: `"k":1`,
		`"nome":"Notaio Verdi"`: `"nome":"a\nb"`, `"nome":"Anna`: `"nome":"","x":"`, `"interno":false`: `"interno":true`, `"stampata":"anna"`: `"stampata":""`,
		`"precedente":"A`: `"precedente":"B`, `}]}`: `}]}{}`, `"persona":"anna","numero"`: `"persona":"a|b","numero"`,
	} {
		bad := strings.Replace(text, from, to, 1)
		if bad == text {
			t.Fatalf("the roll has no %s", from)
		}
		if from == `"interno":false` {
			bad = strings.ReplaceAll(text, from, to)
		}
		if a, _, err := parseAlbo(bad); err == nil && a.valid() {
			t.Errorf("%s is taken", to)
		}
	}
}

// FuzzAlbo: whatever a roll says, nothing panics; what is taken can be written
// again, and no sealed one opens after a flipped bit.
func FuzzAlbo(f *testing.F) {
	g, keys := readKeys(f)
	c, _ := g.compartment()
	v, key := c.Versioni[1], keys[3]
	text, err := OpenText(key.secret(), v.context("albo"), v.Albo)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, uint16(0))
	f.Add(strings.Replace(text, `"assistenti"`, `"assistenti":null,"x"`, 1), uint16(5000))
	f.Fuzz(func(t *testing.T, text string, bit uint16) {
		if a, before, err := parseAlbo(text); err == nil && a.valid() {
			again := v
			again.Albo = sealAlbo(key, v, a, before)
			b, before2, err := openAlbo(key, again)
			if err != nil || fmt.Sprint(b.Lettori, b.Assistenti, b.Revisione, b.Quorum.Custodi) != fmt.Sprint(a.Lettori, a.Assistenti, a.Revisione, a.Quorum.Custodi) ||
				before.isZero() != before2.isZero() {
				t.Fatalf("%v written again is %v, %v", a, b, err)
			}
		}
		flipped := v
		flipped.Albo = bytes.Clone(v.Albo)
		flipped.Albo[int(bit/8)%len(flipped.Albo)] ^= 1 << (bit % 8)
		if _, _, err := openAlbo(key, flipped); err == nil {
			t.Fatal("opens after a flipped bit")
		}
	})
}
