package vault

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tutela/internal/fault"
)

// Here somebody holds every store, server.key and the log's key, and nothing of
// any member. What he forges raises an alarm, or a refusal, and whatever the
// members do afterwards his keys open nothing.

// forger is who holds them.
type forger struct {
	w    *world
	key  privateKey // his own
	next privateKey // another one, for versions of his making
}

func newForger(w *world) forger { return forger{w, newPrivateKey(), newPrivateKey()} }

// pin is what he would have the sheets believe.
func (f forger) pin() pin { return pin{prima: f.key.public().ID(), ultima: f.key.public().ID()} }

// signs puts his public key into a version, signed by the server.
func (f forger) signs(v *Versione) {
	v.Pubblica = f.key.public().Bytes()
	f.w.sign(v)
}

// version is one of his own making on top of n, which says that the one before
// had the key before: sealed to everybody, like a true one.
func (f forger) version(n int, own, before privateKey, a Albo) (Versione, []Consegna) {
	v := Versione{Ente: "demo", Compartimento: "upt", N: n, Tipo: TipoMembri, Pubblica: own.public().Bytes()}
	v.Albo = sealAlbo(own, v, a, before)
	f.w.sign(&v)
	to := append(slices.Clone(f.w.rows.Membri), f.roll().Quorum.membro())
	to = slices.DeleteFunc(to, func(m Membro) bool { _, err := ParsePublicKey(m.Pubblica); return err != nil })
	return v, wraps(v, own, to)
}

// readmission is how a recovery ends: the person gets in with a next key.
func (w *world) readmission(name string) Renewal {
	m := NewMemberKey("demo", name, w.keys[name].Numero+1).Membro
	return Renewal{Tolti: []string{name}, Entra: &Admission{Membro: m, ID: mustPublic(w.t, m.Pubblica).ID()}, Quorum: twoOfThree()}
}

// roll is the roll as he guesses it, with himself in it.
func (f forger) roll() Albo {
	q := f.w.rows.Recupero
	return Albo{Revisione: 99, Lettori: append(slices.Clone(f.w.rows.Membri), Membro{"ombra", 1, f.key.public().Bytes()}),
		Quorum: Quorum{Serie: q.Serie, K: 2, Pubblica: q.Pubblica, Custodi: twoOfThree().Custodi, Stampata: "anna"}}
}

func (w *world) newest() *Versione { return &w.rows.Versioni[len(w.rows.Versioni)-1] }

func TestForgedPublicKey(t *testing.T) {
	w := newWorld(t)
	f := newForger(w)
	before := w.part(1)
	v := w.newest()
	v.Pubblica = f.key.public().Bytes()
	if _, err := v.Recipient(nil, w.verify); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without server.key intake seals to a swapped key: %v", err)
	}
	_, err := w.try("anna")
	alarm(t, err, "")

	f.signs(v)
	stolen := w.part(2) // what arrives until the next unlock is exposed: promised to nobody
	if _, err := f.key.open(stolen.context(), stolen.Chiusa); err != nil {
		t.Fatal("the attack does not work: the test shows nothing")
	}
	_, err = w.try("anna")
	alarm(t, err, motivoRegistro)
	w.last = v.Impronta() // the log's tail forged too
	_, err = w.try("anna")
	alarm(t, err, motivoPubblica)
	if _, err := f.key.open(before.context(), before.Chiusa); err == nil {
		t.Error("what was written before opens")
	}
}

// The key was swapped for a while and put back before anybody unlocked: the
// newest wraps do not open.
func TestKeySwappedAndPutBack(t *testing.T) {
	w := newWorld(t)
	good := copied(t, w.rows)
	newForger(w).signs(w.newest())
	inv := w.part(1)
	w.rows = good
	_, err := w.try("bruno", w.part(2), inv)
	alarm(t, err, motivoInvolucri)
	if _, err := w.try("bruno", w.part(2)); err != nil {
		t.Error(err)
	}
}

func TestInventedVersion(t *testing.T) {
	w := newWorld(t)
	f := newForger(w)
	good := copied(t, w.rows)
	for name, forge := range map[string]func(){
		"with no version before": func() {
			v, g := f.version(2, f.key, privateKey{}, f.roll())
			w.rows.Versioni, w.rows.Consegne = append(w.rows.Versioni, v), g
		},
		"with another key before": func() {
			v, g := f.version(2, f.key, f.next, f.roll())
			w.rows.Versioni, w.rows.Consegne = append(w.rows.Versioni, v), g
		},
		"with all before it": func() {
			v1, _ := f.version(1, f.next, privateKey{}, f.roll())
			v2, g := f.version(2, f.key, f.next, f.roll())
			w.rows.Versioni, w.rows.Consegne = []Versione{v1, v2}, g
		},
		"in the place of the first": func() {
			v, g := f.version(1, f.key, privateKey{}, f.roll())
			w.rows.Versioni, w.rows.Consegne = []Versione{v}, g
		},
		"server-held": func() {
			w.rows.Versioni = append(w.rows.Versioni, w.ring.NewVersione("demo", "upt", 2))
		},
		"server-held before it": func() {
			v, g := f.version(2, f.key, privateKey{}, f.roll())
			w.rows.Versioni, w.rows.Consegne = []Versione{w.ring.NewVersione("demo", "upt", 1), v}, g
		},
		"with the true roll": func() {
			v, g := f.version(2, f.key, f.next, f.roll())
			v.Albo = w.newest().Albo
			w.sign(&v)
			w.rows.Versioni, w.rows.Consegne = append(w.rows.Versioni, v), g
		},
	} {
		w.rows = copied(t, good)
		forge()
		for _, who := range []string{"anna", "bruno", "carla"} {
			_, err := w.try(who)
			alarm(t, err, motivoRegistro)
			true1 := w.last
			w.last = w.newest().Impronta()
			_, err = w.try(who)
			alarm(t, err, "")
			w.last = true1
		}
		_, err := w.rows.Recover(w.typed(1, 3), Outside{Ultima: w.newest().Impronta(), Verify: w.verify}, w.readmission("anna"), w.log)
		alarm(t, err, "")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// Who left holds the key of a version before, and forges its successor beside
// the true one: who unlocked since knows the true one's key.
func TestFormerMemberForgesTheSuccessor(t *testing.T) {
	w := newWorld(t)
	f := newForger(w)
	old := copied(t, w.rows)
	w.unlock("carla")
	carla, err := w.rows.newestKey(w.keys["carla"])
	if err != nil {
		t.Fatal(err)
	}
	w.renew("anna", Renewal{Tolti: []string{"carla"}})
	w.unlock("bruno")
	v, g := f.version(2, f.key, carla, f.roll())
	w.rows.Versioni, w.rows.Consegne, w.last = append(old.Versioni, v), g, v.Impronta()
	for _, who := range []string{"anna", "bruno"} {
		_, err := w.try(who)
		alarm(t, err, motivoIndietro)
	}
	// Or goes back to the version that carla has, with its roll written anew.
	w.rows = old
	w.newest().Albo = sealAlbo(carla, *w.newest(), f.roll(), privateKey{})
	w.last = w.newest().Impronta()
	for _, who := range []string{"anna", "bruno"} {
		_, err := w.try(who)
		alarm(t, err, motivoIndietro)
	}
}

// At the unlock too: signed by somebody else, or said to be the server's, which
// intake would believe.
func TestForgedSignatureOrKind(t *testing.T) {
	w := newWorld(t)
	good := copied(t, w.rows)
	for _, change := range []func(v *Versione){
		func(v *Versione) { v.Firma[3] ^= 1 },
		func(v *Versione) { v.Firma = newWorld(t).newest().Firma },
		func(v *Versione) {
			key := w.ring.NewVersione("demo", "upt", 1)
			v.Tipo, v.Chiave = TipoServer, key.Chiave
		},
	} {
		w.rows = copied(t, good)
		change(w.newest())
		w.last = w.newest().Impronta()
		_, err := w.try("anna")
		alarm(t, err, motivoPubblica)
	}
}

func TestMissingOrForeignPin(t *testing.T) {
	w := newWorld(t)
	other := newWorld(t)
	for name, pin := range map[string][]byte{
		"none":                 nil,
		"of another member":    w.pins["bruno"],
		"of another founding":  other.pins["anna"],
		"made with server.key": w.ring.Seal(w.keys["anna"].pinContext("upt"), make([]byte, 40)),
		"sealed to the member": mustPublic(t, w.keys["anna"].Pubblica).Seal(w.keys["anna"].pinContext("upt"), make([]byte, 40)),
	} {
		good := w.pins["anna"]
		w.pins["anna"] = pin
		_, err := w.try("anna")
		alarm(t, err, motivoPin)
		if t.Failed() {
			t.Fatal(name)
		}
		w.pins["anna"] = good
	}
	pin, err := w.keys["anna"].Pin("upt", other.prima)
	if err != nil {
		t.Fatal(err)
	}
	w.pins["anna"] = pin
	_, err = w.try("anna")
	alarm(t, err, motivoPrima)
}

func TestOlderRoll(t *testing.T) {
	w := newWorld(t)
	first := copied(t, w.rows) // with its roll of three
	w.join("dario")
	w.unlock("bruno")
	full := copied(t, w.rows)

	w.newest().Albo = first.Versioni[0].Albo
	_, err := w.try("bruno")
	alarm(t, err, motivoRegistro)
	true1 := w.last
	w.last = w.newest().Impronta()
	_, err = w.try("bruno")
	alarm(t, err, motivoIndietro)
	_, err = w.try("dario")
	alarm(t, err, motivoEstraneo)

	w.rows, w.last = full, true1
	w.renew("anna", Renewal{Tolti: []string{"dario"}})
	w.unlock("bruno")
	w.newest().Albo = full.Versioni[0].Albo
	w.last = w.newest().Impronta()
	_, err = w.try("bruno")
	alarm(t, err, motivoAlbo)

	w.rows, w.last = full, true1 // rolled back to before dario left
	_, err = w.try("bruno")
	alarm(t, err, motivoIndietro)
	_, err = w.rows.Unlock(w.keys["bruno"], w.pins["bruno"], Outside{Ultima: [32]byte{}, Verify: w.verify})
	alarm(t, err, motivoRegistro)
}

func TestForgedMemberKey(t *testing.T) {
	w := newWorld(t)
	f := newForger(w)
	i := slices.IndexFunc(w.rows.Membri, func(m Membro) bool { return m.Persona == "bruno" })
	w.rows.Membri[i].Pubblica = f.key.public().Bytes()
	for _, who := range []string{"anna", "bruno"} {
		_, err := w.try(who)
		alarm(t, err, motivoMembro)
	}
	// As after an administrator's reset: told, and sealed to nobody.
	w.rows.Membri[i].Numero = 2
	u, err := w.try("anna")
	if err != nil || !slices.Equal(u.Nuove, []string{"bruno"}) {
		t.Fatalf("a new key that nobody admitted: %v, %v", u, err)
	}
	if _, err := w.try("bruno"); err == nil {
		t.Error("whose key was replaced unlocks with the old one and is told nothing")
	}
	seen := mustPublic(t, w.keys["bruno"].Pubblica).ID() // what the true bruno reads out
	for _, a := range []Admission{{Membro: w.rows.Membri[i], ID: seen}, {Membro: w.rows.Membri[i], ID: ""},
		{Membro: Membro{"ombra", 1, f.key.public().Bytes()}, ID: seen}} {
		if ch, err := u.Join(a); !fault.Is(err, fault.Conflict) {
			t.Errorf("admitted without comparing: %v, %v", ch, err)
		}
		if ch, err := u.Renew(Renewal{Tolti: []string{"bruno"}, Entra: &a}, w.log); !fault.Is(err, fault.Conflict) {
			t.Errorf("renewed without comparing: %v, %v", ch, err)
		}
	}
	ch, err := u.Renew(Renewal{Tolti: []string{"carla"}}, w.log)
	if err != nil {
		t.Fatal(err)
	}
	opensNothing(t, ch.asRows(), f.key, f.next)
	p, err := u.Person("bruno")
	if err != nil {
		t.Fatal(err)
	}
	inv := Parte{"demo", ID{1}, "nucleo"}.Wrap(NewKey(), p)
	if _, err := f.key.open(inv.context(), inv.Chiusa); err == nil {
		t.Error("a part was sealed to the key in the table of people")
	}
	if _, err := u.Person("ombra"); err == nil {
		t.Error("who is not in the roll has a key")
	}
}

func TestForgedRecoveryKey(t *testing.T) {
	w := newWorld(t)
	f := newForger(w)
	good := copied(t, w.rows)
	shares := [][]byte{make([]byte, 16), make([]byte, 16), make([]byte, 16)}
	for name, forge := range map[string]func(){
		"another key":    func() { w.rows.Recupero.Pubblica = f.key.public().Bytes() },
		"another set":    func() { w.rows.Recupero = recoveryRows("demo", "upt", 1, f.key, f.pin(), 2, shares) },
		"a later set":    func() { w.rows.Recupero = recoveryRows("demo", "upt", 2, f.key, f.pin(), 2, shares) },
		"another number": func() { w.rows.Recupero.Serie = 2 },
		"one is lost":    func() { w.rows.Recupero.Chiuse = w.rows.Recupero.Chiuse[1:] },
		"one is twice":   func() { w.rows.Recupero.Chiuse[0] = w.rows.Recupero.Chiuse[1] },
		"none":           func() { w.rows.Recupero = Recupero{} },
		"no key for it": func() {
			w.rows.Consegne = slices.DeleteFunc(w.rows.Consegne, func(g Consegna) bool { return g.Destinatario == "recupero" })
		},
	} {
		w.rows = copied(t, good)
		forge()
		_, err := w.try("carla")
		alarm(t, err, motivoRecupero)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	// Whatever lies in the store, the next version goes to the roll's own key.
	w.rows = copied(t, good)
	u := w.unlock("anna")
	w.rows.Recupero.Pubblica = f.key.public().Bytes()
	ch, err := u.Renew(Renewal{Tolti: []string{"carla"}}, w.log)
	if err != nil {
		t.Fatal(err)
	}
	opensNothing(t, ch.asRows(), f.key)
}

// Sheets of his own making, for a recovery key of his own, recover nothing.
func TestForgedSheets(t *testing.T) {
	w := newWorld(t)
	f := newForger(w)
	var codes fogli
	var shares [][]byte
	for i := range 3 {
		code, share := newFoglio()
		codes, shares = append(codes, Foglio{Custode: i + 1, Codice: code}), append(shares, share)
	}
	w.rows.Recupero = recoveryRows("demo", "upt", 1, f.key, f.pin(), 2, shares)
	_, err := w.rows.Recover(codes.typed(1, 2), Outside{Ultima: w.last, Verify: w.verify}, w.readmission("anna"), w.log)
	alarm(t, err, motivoRecupero)
	if _, err := f.key.open(w.rows.Consegne[0].context(), w.rows.Consegne[0].Chiusa); !errors.Is(err, ErrSealed) {
		t.Error("opened")
	}
}

// Whatever is changed in the stores, by who can sign and seal with all that the
// server has: after every unlock that is not refused, a new version goes to
// those whom the members admitted and to nobody else.
func TestAnyForgery(t *testing.T) {
	w := newWorld(t)
	older := copied(t, w.rows)
	w.renew("anna", Renewal{Tolti: []string{"carla"}, Quorum: twoOfThree()})
	w.unlock("bruno")
	good, last := copied(t, w.rows), w.last
	f := newForger(w)
	carla := w.keys["carla"].k
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		w.rows, w.last = copied(w.t, good), last
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			f.changes(t, &w.rows, older)
		}
		if len(w.rows.Versioni) > 0 && rapid.Bool().Draw(t, "log forged too") {
			w.last = w.newest().Impronta()
		}
		for _, who := range []string{"anna", "bruno"} {
			u, err := w.try(who)
			if err != nil {
				continue
			}
			passed++
			ch, err := u.Renew(Renewal{}, w.log)
			if err != nil {
				t.Fatal(err)
			}
			opensNothing(w.t, ch.asRows(), f.key, f.next, carla)
			if got := names(u.Albo.Lettori); got != "anna/1 bruno/1 " {
				t.Fatalf("readers: %s", got)
			}
			if len(ch.Consegne) != 3 {
				t.Fatalf("sealed to %d", len(ch.Consegne))
			}
		}
	})
	if passed == 0 {
		t.Error("no forgery was harmless: the test tries nothing after an unlock")
	}
}

// changes does one thing to the rows.
func (f forger) changes(t *rapid.T, c *Compartimento, older Compartimento) {
	flip := func(b []byte) []byte {
		b = slices.Clone(b)
		if len(b) > 0 {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		return b
	}
	own := func(b []byte) []byte { // a value of his, for what was there
		return rapid.SampledFrom([][]byte{nil, flip(b), f.key.public().Bytes(), older.Versioni[0].Albo, older.Versioni[0].Pubblica,
			f.key.public().Seal("x", f.next.bytes())}).Draw(t, "value")
	}
	version := func() *Versione {
		if len(c.Versioni) == 0 {
			c.Versioni = append(c.Versioni, older.Versioni[0])
		}
		return &c.Versioni[rapid.IntRange(0, len(c.Versioni)-1).Draw(t, "version")]
	}
	switch rapid.IntRange(0, 11).Draw(t, "change") {
	case 0:
		v := version()
		v.Pubblica = own(v.Pubblica)
		if len(v.Pubblica) > 0 && rapid.Bool().Draw(t, "signed") {
			f.w.sign(v)
		}
	case 1:
		v := version()
		v.Albo = own(v.Albo)
	case 2:
		v := version()
		v.Firma = flip(v.Firma)
	case 3:
		v := version()
		v.N = rapid.IntRange(0, 4).Draw(t, "n")
		if len(v.Pubblica) > 0 {
			f.w.sign(v)
		}
	case 4:
		v := version()
		v.Tipo = rapid.SampledFrom([]Tipo{TipoServer, TipoMembri, ""}).Draw(t, "kind")
	case 5:
		v, g := f.version(len(c.Versioni)+1, f.key, rapid.SampledFrom([]privateKey{{}, f.next}).Draw(t, "before"), f.roll())
		c.Versioni, c.Consegne = append(c.Versioni, v), append(c.Consegne, g...)
	case 6:
		c.Versioni = c.Versioni[:max(0, len(c.Versioni)-1)]
		c.Consegne = append(c.Consegne, older.Consegne...)
	case 7:
		if len(c.Consegne) > 0 {
			g := &c.Consegne[rapid.IntRange(0, len(c.Consegne)-1).Draw(t, "wrap")]
			g.Chiusa = rapid.SampledFrom([][]byte{own(g.Chiusa), f.forMember(*g)}).Draw(t, "wrapped")
		}
	case 8:
		if len(c.Consegne) > 0 {
			c.Consegne = append(c.Consegne, c.Consegne[rapid.IntRange(0, len(c.Consegne)-1).Draw(t, "again")])
		}
	case 9:
		m := &c.Membri[rapid.IntRange(0, len(c.Membri)-1).Draw(t, "member")]
		m.Pubblica = own(m.Pubblica)
		m.Numero += rapid.IntRange(-1, 1).Draw(t, "number")
	case 10:
		c.Membri = append(c.Membri, Membro{"ombra", 1, f.key.public().Bytes()})
	case 11:
		c.Recupero = recoveryRows("demo", "upt", rapid.IntRange(1, 3).Draw(t, "set"), f.key, f.pin(), 2, [][]byte{make([]byte, 16), make([]byte, 16), make([]byte, 16)})
	}
}

// forMember is a version key of his, sealed as that wrap should be.
func (f forger) forMember(g Consegna) []byte {
	for _, m := range f.w.rows.Membri {
		if p, err := ParsePublicKey(m.Pubblica); err == nil && m.destinatario() == g.Destinatario {
			return p.Seal(g.context(), f.key.bytes())
		}
	}
	return nil
}
