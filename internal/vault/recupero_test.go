package vault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tutela/internal/fault"
)

func (w *world) recover(fogli map[int]Riservato, r Renewal) (*Change, error) {
	return w.rows.Recover(fogli, Outside{Ultima: w.last, Verify: w.verify}, r, w.log)
}

func quorumOf(k, n int) *NewQuorum {
	q := &NewQuorum{K: k}
	for i := range n {
		q.Custodi = append(q.Custodi, Custode{Nome: NewRiservato(fmt.Sprintf("Custode %d", i+1)), Interno: i < k-1})
	}
	return q
}

// Every k of n open; k-1 with all that the stores and the server have do not.
func TestEverySubset(t *testing.T) {
	w := newWorld(t)
	for _, q := range [][2]int{{2, 2}, {2, 3}, {3, 5}, {4, 9}, {9, 9}} {
		k, n := q[0], q[1]
		w.renew("anna", Renewal{Quorum: quorumOf(k, n)})
		if len(w.fogli) != n || len(w.rows.Recupero.Chiuse) != len(subsets(k, n)) {
			t.Fatalf("%d of %d: %d sheets, %d rows", k, n, len(w.fogli), len(w.rows.Recupero.Chiuse))
		}
		for _, some := range subsets(k, n) {
			key, _, err := w.rows.openRecovery(w.typed(some...))
			if err != nil {
				t.Fatalf("%v of %d: %v", some, n, err)
			}
			if _, err := w.rows.handed(key, destRecupero, w.rows.Recupero.Serie); err != nil {
				t.Fatal(err)
			}
		}
		for _, some := range subsets(k-1, n) {
			w.tooFew(some)
		}
		if _, err := w.recover(w.typed(subsets(k, n)[0][1:]...), w.readmission("anna")); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d sheets of %d: %v", k-1, k, err)
		}
	}
	if len(subsets(4, 9)) != 126 {
		t.Error("126 rows at most")
	}
}

// tooFew tries every row with what some sheets give, and the rows of these sheets
// with every other secret and public value beside them.
func (w *world) tooFew(some []int) {
	w.t.Helper()
	var shares []byte
	for _, i := range some {
		b, err := parseFoglio(w.fogli[i-1].Codice)
		if err != nil {
			w.t.Fatal(err)
		}
		shares = append(shares, b...)
	}
	extra := [][]byte{nil, make([]byte, 16), w.ring.versions[0].secret, w.log.Seed(), w.rows.Recupero.Pubblica, w.newest().Albo, w.newest().Pubblica}
	for _, g := range w.rows.Consegne {
		extra = append(extra, g.Chiusa)
	}
	for _, s := range w.rows.Recupero.Chiuse {
		at, beside := recoveryContext("demo", "upt", w.rows.Recupero.Serie, s.Custodi), extra
		if !strings.HasPrefix(s.Custodi, subsetName(some)) && len(w.fogli) == maxCustodi {
			beside = extra[:1] // 126 rows: with these sheets alone
		}
		for _, e := range beside {
			for _, key := range [][]byte{slices.Concat(shares, e), slices.Concat(e, shares)} {
				if _, err := Open(key, at, s.Chiusa); err == nil {
					w.t.Fatalf("sheets %v open %s", some, s.Custodi)
				}
			}
		}
	}
}

func TestRecovery(t *testing.T) {
	w := newWorld(t)
	part := w.part(1)
	old, sheets := copied(t, w.rows), w.fogli
	was := w.keys["anna"]
	r := w.readmission("anna")
	r.Tolti = append(r.Tolti, "bruno") // who must go
	newAnna := NewMemberKey("demo", "anna", 2)
	r.Entra = &Admission{Membro: newAnna.Membro, ID: newAnna.KeyID()}
	ch, err := w.recover(w.typed(1, 3), r)
	if err != nil {
		t.Fatal(err)
	}
	if ch.Pin != nil || ch.Recupero.Serie != 2 || len(ch.Fogli) != 3 || ch.Fogli[0].Prima != w.prima || ch.Versione.N != 2 {
		t.Errorf("%+v", ch)
	}
	w.apply("", ch)
	w.keys["anna"] = newAnna
	w.rows.Membri = append(slices.DeleteFunc(w.rows.Membri, func(m Membro) bool { return m.Persona == "anna" }), newAnna.Membro)
	w.pin("anna")
	u := w.unlock("anna")
	if got := names(u.Albo.Lettori); got != "carla/1 anna/2 " || !opens(u.Opener(), part) {
		t.Errorf("readers: %s", got)
	}
	w.unlock("carla")
	if _, err := w.try("bruno"); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
	// The sheets of the set before, and the old recovery key, open nothing new.
	if _, err := w.recover(sheets.typed(1, 3), w.readmission("carla")); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "serie 2") {
		t.Errorf("old sheets: %v", err)
	}
	rec, _, err := old.openRecovery(sheets.typed(1, 2))
	if err != nil {
		t.Fatal(err)
	}
	before, err := old.newestKey(was)
	if err != nil {
		t.Fatal(err)
	}
	opensNothing(t, Compartimento{Consegne: w.rows.Consegne, Versioni: w.rows.Versioni[1:]}, rec, before, was.k)
	// Not even with the help of a member, who seals the newest key to that one.
	w.rows.Recupero = old.Recupero
	w.rows.Consegne = wraps(*w.newest(), u.keys[2], []Membro{{Numero: 1, Pubblica: rec.public().Bytes()}})
	_, err = w.recover(sheets.typed(1, 3), w.readmission("carla"))
	alarm(t, err, motivoRecupero)
	// An old store with old sheets is older than the log.
	_, err = old.Recover(sheets.typed(1, 3), Outside{Ultima: w.last, Verify: w.verify}, w.readmission("anna"), w.log)
	alarm(t, err, motivoRegistro)
}

// Who left before the sheets were printed cannot have them open a version of his:
// they know the one they were printed at.
func TestFormerMemberForgesForTheSheets(t *testing.T) {
	w := newWorld(t)
	f := newForger(w)
	old := copied(t, w.rows)
	carla, err := w.rows.newestKey(w.keys["carla"])
	if err != nil {
		t.Fatal(err)
	}
	w.renew("anna", Renewal{Tolti: []string{"carla"}, Quorum: twoOfThree()})
	v, g := f.version(2, f.key, carla, f.roll())
	w.rows.Versioni, w.rows.Consegne, w.last = append(old.Versioni, v), g, v.Impronta()
	_, err = w.recover(w.typed(1, 2), w.readmission("anna"))
	alarm(t, err, motivoIndietro)
}

func TestWrongSheets(t *testing.T) {
	w := newWorld(t)
	typed := w.typed(1, 3)
	c := typed[3].Valore()
	wrong := alphabet[(strings.IndexByte(alphabet, c[9])+1)%31]
	typed[3] = NewRiservato(c[:9] + string(wrong) + c[10:])
	_, err := w.recover(typed, w.readmission("anna"))
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid || len(e.Campi) != 1 || !strings.Contains(e.Campi["3"], "gruppo 3.") {
		t.Errorf("one wrong symbol: %v, %v", err, e)
	}
	swapped := map[int]Riservato{1: w.fogli[2].Codice, 3: w.fogli[0].Codice}
	for what, fogli := range map[string]map[int]Riservato{"none": {}, "one": w.typed(1), "three": w.typed(1, 2, 3), "swapped": swapped,
		"a number of nobody": {1: w.fogli[0].Codice, 7: w.fogli[1].Codice}} {
		if _, err := w.recover(fogli, w.readmission("anna")); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r := w.readmission("anna")
	for what, change := range map[string]func(*Renewal){"nobody": func(r *Renewal) { r.Entra = nil }, "no new sheets": func(r *Renewal) { r.Quorum = nil },
		"an assistant": func(r *Renewal) { a := *r.Entra; a.Assistente = true; r.Entra = &a }} {
		bad := r
		change(&bad)
		if _, err := w.recover(w.typed(1, 2), bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("a recovery with %s: %v", what, err)
		}
	}
}

func TestQuorumRules(t *testing.T) {
	m := NewMemberKey("demo", "anna", 1)
	found := func(q NewQuorum) error {
		_, err := Found("demo", "upt", Versione{}, m, q, newWorld(t).log)
		return err
	}
	for what, q := range map[string]*NewQuorum{"one opens": quorumOf(1, 3), "more than there are": quorumOf(4, 3), "ten": quorumOf(2, 10), "nobody": {K: 2}} {
		if err := found(*q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	q := quorumOf(2, 3)
	q.Custodi[1].Interno = true
	if err := found(*q); !fault.Is(err, fault.Invalid) {
		t.Errorf("two of the ente's staff open with 2: %v", err)
	}
	for _, name := range []string{"", "a\nb", strings.Repeat("a", 201), "\xff"} {
		q := quorumOf(2, 3)
		q.Custodi[2].Nome = NewRiservato(name)
		if err := found(*q); !fault.Is(err, fault.Invalid) {
			t.Errorf("a holder called %q: %v", name, err)
		}
	}
}

// Who holds a sheet or has printed them does not leave with them.
func TestLeaverWithSheets(t *testing.T) {
	w := newWorld(t)
	w.renew("anna", Renewal{Quorum: &NewQuorum{K: 2, Custodi: []Custode{{Nome: NewRiservato("Carla"), Persona: "carla"}, {Nome: NewRiservato("Verdi")}, {Nome: NewRiservato("Neri")}}}})
	u := w.unlock("bruno")
	for _, who := range []string{"anna", "carla"} {
		if _, err := u.Renew(Renewal{Tolti: []string{who}}, w.log); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "fogli nuovi") {
			t.Errorf("%s: %v", who, err)
		}
		ch, err := u.Renew(Renewal{Tolti: []string{who}, Quorum: twoOfThree()}, w.log)
		if err != nil || ch.Recupero.Serie != 3 {
			t.Errorf("%s, with new sheets: %v", who, err)
		}
	}
}

// Sheets outlive versions made without new ones.
func TestSheetsOutliveVersions(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.renew("anna", Renewal{})
	}
	if _, err := w.recover(w.typed(2, 3), w.readmission("anna")); err != nil {
		t.Error(err)
	}
}

// FuzzRecovery: whatever is typed and whatever lies in the rows, nothing panics
// and nothing but the true sheets opens.
func FuzzRecovery(f *testing.F) {
	g, _ := readKeys(f)
	c, _ := g.compartment()
	f.Add(g.Sheets[0].Code, g.Sheets[1].Code, 1, 2, "1-2", c.Recupero.Chiuse[0].Chiusa)
	f.Add("", "", 0, -1, "0--1", []byte{1})
	f.Fuzz(func(t *testing.T, a, b string, i, j int, name string, sealed []byte) {
		c := c
		c.Recupero.Chiuse = append(slices.Clone(c.Recupero.Chiuse[1:]), Sottoinsieme{name, sealed})
		typed := map[int]Riservato{i: NewRiservato(a), j: NewRiservato(b)}
		if _, _, err := c.openRecovery(typed); err == nil {
			for n, code := range typed {
				if share, err := parseFoglio(code); n < 1 || n > 3 || err != nil || foglioCode(share) != g.Sheets[n-1].Code {
					t.Fatalf("%q and %q open as %d and %d", a, b, i, j)
				}
			}
		}
	})
}
