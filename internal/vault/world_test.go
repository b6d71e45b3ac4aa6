package vault

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
)

var testCost = Costo{Memoria: 64, Giri: 1, Fili: 1}

// world is a compartment with all that stores keep of it, and what its people
// hold in their heads, on paper and outside: their keys, the log.
type world struct {
	t    testing.TB
	ring *KeyRing
	log  ed25519.PrivateKey
	keys map[string]*MemberKey
	pins map[string][]byte
	rows Compartimento
	last [32]byte // of the newest version, as the log has it
	fogli
	prima string // the first key's id, as the founding sheet has it
}

// fogli are the sheets in their holders' drawers.
type fogli []Foglio

func (f fogli) typed(custodi ...int) map[int]Riservato {
	out := map[int]Riservato{}
	for _, c := range custodi {
		out[c] = f[c-1].Codice
	}
	return out
}

func twoOfThree() *NewQuorum {
	return &NewQuorum{K: 2, Custodi: []Custode{{Nome: NewRiservato("Notaio Verdi"), Interno: false},
		{Nome: NewRiservato("Anna Bianchi"), Interno: true, Persona: "anna"}, {Nome: NewRiservato("Presidente Neri"), Interno: false}}}
}

// newWorld is founded by anna; bruno and carla have joined.
func newWorld(t testing.TB) *world {
	t.Helper()
	_, log, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, log: log, keys: map[string]*MemberKey{}, pins: map[string][]byte{},
		ring: &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}, rows: Compartimento{Ente: "demo", Nome: "upt"}}
	w.person("anna", 1)
	ch, err := Found("demo", "upt", Versione{}, w.keys["anna"], *twoOfThree(), w.log)
	if err != nil {
		t.Fatal(err)
	}
	w.apply("anna", ch)
	w.prima = mustPublic(t, ch.Versione.Pubblica).ID()
	w.join("bruno")
	w.join("carla")
	return w
}

func mustPublic(t testing.TB, b []byte) PublicKey {
	t.Helper()
	p, err := ParsePublicKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// person makes a member key, with its row in the table of people.
func (w *world) person(name string, number int) Membro {
	k := NewMemberKey("demo", name, number)
	w.keys[name] = k
	w.rows.Membri = append(slices.DeleteFunc(w.rows.Membri, func(m Membro) bool { return m.Persona == name }), k.Membro)
	return k.Membro
}

func (w *world) join(name string) {
	w.t.Helper()
	m := w.person(name, 1)
	ch, err := w.unlock("anna").Join(Admission{Membro: m, ID: mustPublic(w.t, m.Pubblica).ID()})
	if err != nil {
		w.t.Fatal(err)
	}
	w.apply("anna", ch)
	w.pin(name)
}

func (w *world) pin(name string) {
	w.t.Helper()
	pin, err := w.keys[name].Pin("upt", Gruppi(w.prima))
	if err != nil {
		w.t.Fatal(err)
	}
	w.pins[name] = pin
}

// apply does what a store does with a change.
func (w *world) apply(who string, ch *Change) {
	w.t.Helper()
	vs := w.rows.Versioni
	switch n := len(vs); {
	case n == 0:
		w.rows.Versioni = append(vs, ch.Versione)
	case ch.Su != vs[n-1].Impronta():
		w.t.Fatal("the change rests on another version")
	case ch.Versione.N == vs[n-1].N:
		vs[n-1] = ch.Versione
	default:
		w.rows.Versioni, w.rows.Consegne = append(vs, ch.Versione), nil
	}
	w.rows.Consegne = append(w.rows.Consegne, ch.Consegne...)
	if ch.Recupero != nil {
		w.rows.Recupero, w.fogli = *ch.Recupero, ch.Fogli
	}
	if who != "" {
		w.pins[who] = ch.Pin
	}
	w.last = ch.Versione.Impronta()
}

func (w *world) sign(v *Versione) {
	w.t.Helper()
	if err := v.sign(w.log); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) verify(message, signature []byte) bool {
	return ed25519.Verify(w.log.Public().(ed25519.PublicKey), message, signature)
}

func (w *world) try(name string, recent ...Involucro) (*Unlocked, error) {
	return w.rows.Unlock(w.keys[name], w.pins[name], Outside{Ultima: w.last, Verify: w.verify, Recenti: recent})
}

func (w *world) unlock(name string) *Unlocked {
	w.t.Helper()
	u, err := w.try(name)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	if u.Pin != nil {
		w.pins[name] = u.Pin
	}
	return u
}

// renew makes a new version, by who.
func (w *world) renew(who string, r Renewal) {
	w.t.Helper()
	ch, err := w.unlock(who).Renew(r, w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	w.apply(who, ch)
}

// copied is the store as a copy of it has it.
func copied(t testing.TB, c Compartimento) Compartimento {
	t.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var out Compartimento
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// part seals a part for the compartment as intake does, with the public key only.
func (w *world) part(n int) Involucro {
	w.t.Helper()
	r, err := w.rows.Versioni[len(w.rows.Versioni)-1].Recipient(nil, w.verify)
	if err != nil {
		w.t.Fatal(err)
	}
	return Parte{Ente: "demo", Pratica: ID{15: byte(n)}, Nome: "nucleo"}.Wrap(NewKey(), r)
}

// alarm demands an alarm, for this reason if it is named.
func alarm(t testing.TB, err error, reason string) {
	t.Helper()
	var a *Allarme
	if !errors.As(err, &a) || reason != "" && a.Motivo != reason {
		t.Errorf("got %v, want the alarm %q", err, reason)
	}
}

// opensNothing tries keys on all that a change or a store holds.
func opensNothing(t testing.TB, c Compartimento, keys ...privateKey) {
	t.Helper()
	for _, k := range keys {
		for _, g := range c.Consegne {
			if _, err := k.open(g.context(), g.Chiusa); err == nil {
				t.Errorf("version %d opens to a key it was not meant for, as %s", g.N, g.Destinatario)
			}
		}
		for _, v := range c.Versioni {
			if _, _, err := openAlbo(k, v); err == nil {
				t.Errorf("the roll of version %d opens", v.N)
			}
		}
	}
}

func (ch *Change) asRows() Compartimento {
	return Compartimento{Versioni: []Versione{ch.Versione}, Consegne: ch.Consegne}
}

func names(ms []Membro) string {
	s := ""
	for _, m := range ms {
		s += fmt.Sprintf("%s/%d ", m.Persona, m.Numero)
	}
	return s
}
