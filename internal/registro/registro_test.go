package registro

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func leafOf(n int) Leaf {
	l := Leaf{Log: Origin("montelago", 1), Registro: "urp", Numero: fmt.Sprintf("2026/%07d", n), Pratica: "0190-aa", Seq: 1, Kind: "presa_in_carico",
		Istante: time.Date(2026, 3, 2, 9, 0, n, 123e6, time.UTC), Busta: sha256.Sum256([]byte{byte(n)})}
	l.Sale[0] = byte(n)
	return l
}

func text(t testing.TB, l Leaf) []byte {
	t.Helper()
	b, err := l.Text()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// world is a log as a store keeps it.
type world struct {
	leaves [][]byte
	stored []Hash
	edges  []Edge // by size
	key    ed25519.PrivateKey
	public string
}

func (w *world) ReadHashes(idx []int64) ([]Hash, error) {
	var out []Hash
	for _, i := range idx {
		out = append(out, w.stored[i])
	}
	return out, nil
}

func newWorld(t testing.TB, n int) *world {
	t.Helper()
	w := &world{edges: []Edge{{}}, key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))}
	for i := range n {
		w.leaves = append(w.leaves, text(t, leafOf(i)))
		e := w.edges[i]
		if int64(len(w.stored)) != e.First() {
			t.Fatalf("hashes of leaf %d begin at %d, not at %d", i, e.First(), len(w.stored))
		}
		after, stored := e.Append(HashText(w.leaves[i]))
		w.stored, w.edges = append(w.stored, stored...), append(w.edges, after)
	}
	var err error
	w.public, err = VerifierKey(Origin("montelago", 1), w.key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) checkpoint(t testing.TB, n int) []byte {
	t.Helper()
	b, err := Checkpoint{Origin("montelago", 1), int64(n), w.edges[n].Root()}.Sign(w.key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w *world) receipt(t testing.TB, i, n int) Receipt {
	t.Helper()
	p, err := tlog.ProveRecord(int64(n), int64(i), w)
	if err != nil {
		t.Fatal(err)
	}
	return NewReceipt(w.leaves[i], int64(i), p, w.checkpoint(t, n))
}

// The edge is tlog's own tree: same hashes stored, same root, at every size.
func TestEdge(t *testing.T) {
	w := newWorld(t, 300)
	var theirs []Hash
	read := tlog.HashReaderFunc(func(idx []int64) (out []Hash, _ error) {
		for _, i := range idx {
			out = append(out, theirs[i])
		}
		return out, nil
	})
	for n, e := range w.edges {
		root, err := tlog.TreeHash(int64(n), read)
		if err != nil || root != e.Root() {
			t.Fatalf("root of %d leaves: %v, want %v (%v)", n, e.Root(), root, err)
		}
		again, err := ParseEdge(e.N, e.Bytes())
		if err != nil || again.Root() != root {
			t.Fatalf("edge of %d leaves does not come back: %v", n, err)
		}
		if at, err := EdgeAt(e.N, w); err != nil || at.Root() != root || string(at.Bytes()) != string(e.Bytes()) {
			t.Fatalf("edge of %d leaves from what is stored: %v", n, err)
		}
		if _, err := ParseEdge(e.N, append(e.Bytes(), 0)); !errors.Is(err, ErrEdge) {
			t.Fatalf("an edge of %d leaves with a byte more: %v", n, err)
		}
		if n == len(w.leaves) {
			break
		}
		h, err := tlog.StoredHashesForRecordHash(int64(n), HashText(w.leaves[n]), read)
		if err != nil {
			t.Fatal(err)
		}
		theirs = append(theirs, h...)
	}
	if !slices.Equal(theirs, w.stored) {
		t.Error("the hashes stored are not tlog's")
	}
}

func TestLeaf(t *testing.T) {
	full := leafOf(3)
	h := Hash{1}
	full.Contenuto, full.Precedente = &h, &h
	for _, l := range []Leaf{leafOf(1), full, {Log: Origin("x", 2), Kind: "accessi", Istante: time.Unix(0, 0).UTC()}} {
		b := text(t, l)
		got, err := ParseLeaf(b)
		if err != nil || string(text(t, got)) != string(b) {
			t.Errorf("does not come back: %v\n%s", err, b)
		}
	}
	good := string(text(t, full))
	for name, bad := range map[string]string{
		"capital hex":   strings.Replace(good, "busta "+good[strings.Index(good, "busta ")+6:][:64], "busta "+strings.ToUpper(good[strings.Index(good, "busta ")+6:][:64]), 1),
		"line twice":    good + "registro urp\n",
		"no last line":  strings.TrimSuffix(good, "\n"),
		"two spaces":    strings.Replace(good, "registro ", "registro  ", 1),
		"order":         strings.Replace(strings.Replace(good, "registro urp\n", "", 1), "numero ", "registro urp\nnumero ", 1)[1:],
		"instant":       strings.Replace(good, ".123Z", ".1230Z", 1),
		"version":       strings.Replace(good, "/v1", "/v2", 1),
		"plus in seq":   strings.Replace(good, "atto 1", "atto +1", 1),
		"salt padded":   strings.TrimSuffix(good, "\n") + "=\n",
		"carriage":      strings.ReplaceAll(good, "\n", "\r\n"),
		"empty":         "",
		"another space": strings.Replace(good, "atto 1 presa", "atto 1 di presa", 1),
	} {
		if _, err := ParseLeaf([]byte(bad)); !errors.Is(err, ErrLeaf) {
			t.Errorf("%s: taken for a leaf", name)
		}
	}
	for _, l := range []Leaf{{Log: "a b", Kind: "x"}, {Log: "a", Kind: "é"}, {Log: "a", Kind: ""}, {Log: "a", Kind: "x", Registro: "-"}, {Log: "", Kind: "x"}} {
		if _, err := l.Text(); !errors.Is(err, ErrLeaf) {
			t.Errorf("%+v: written", l)
		}
	}
}

func TestReceipt(t *testing.T) {
	w := newWorld(t, 20)
	for i := range 20 {
		r := w.receipt(t, i, 20)
		b, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		r, err = ParseReceipt(b)
		if err != nil {
			t.Fatal(err)
		}
		leaf, c, err := r.Verify(w.public)
		if err != nil || leaf.Numero != fmt.Sprintf("2026/%07d", i) || c.Size != 20 {
			t.Fatalf("receipt %d: %v %+v %v", i, leaf, c, err)
		}
	}
	other, err := VerifierKey(Origin("montelago", 1), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32)).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := VerifierKey(Origin("altrove", 1), w.key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{other, elsewhere, "", "montelago+1+xx"} {
		if _, _, err := w.receipt(t, 3, 20).Verify(k); !errors.Is(err, ErrReceipt) {
			t.Errorf("a receipt holds with the key %q", k)
		}
	}
	for name, change := range map[string]func(*Receipt){
		"number":      func(r *Receipt) { r.Leaf = strings.Replace(r.Leaf, "0000003", "0000004", 1) },
		"date":        func(r *Receipt) { r.Leaf = strings.Replace(r.Leaf, "2026-03-02", "2026-03-01", 1) },
		"index":       func(r *Receipt) { r.Index = 4 },
		"past":        func(r *Receipt) { r.Index = 20 },
		"negative":    func(r *Receipt) { r.Index = -1 },
		"proof":       func(r *Receipt) { r.Proof[1][0] ^= 1 },
		"short proof": func(r *Receipt) { r.Proof = r.Proof[1:] },
		"long proof":  func(r *Receipt) { r.Proof = append(r.Proof, Hash{}) },
		"checkpoint":  func(r *Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "\n20\n", "\n21\n", 1) },
		"unsigned":    func(r *Receipt) { r.Checkpoint, _, _ = strings.Cut(r.Checkpoint, "\n\n") },
	} {
		r := w.receipt(t, 3, 20)
		change(&r)
		if _, _, err := r.Verify(w.public); !errors.Is(err, ErrReceipt) {
			t.Errorf("%s changed and the receipt holds", name)
		}
	}
}

// A key published for one epoch checks the next one's checkpoints too.
func TestEpochs(t *testing.T) {
	w := newWorld(t, 3)
	b, err := Checkpoint{Origin("montelago", 2), 3, w.edges[3].Root()}.Sign(w.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCheckpoint(b, w.public)
	if err != nil || c.Origin != Origin("montelago", 2) {
		t.Errorf("%+v %v", c, err)
	}
}

func TestGrowth(t *testing.T) {
	w := newWorld(t, 40)
	at := func(n int) Checkpoint { return Checkpoint{Origin("montelago", 1), int64(n), w.edges[n].Root()} }
	for m := range 41 {
		for n := m; n <= 40; n++ {
			var p []Hash
			if m > 0 {
				var err error
				if p, err = tlog.ProveTree(int64(n), int64(m), w); err != nil {
					t.Fatal(err)
				}
			}
			if err := CheckGrowth(at(m), at(n), p); err != nil {
				t.Fatalf("%d to %d: %v", m, n, err)
			}
			if m < 1 || n == m {
				continue
			}
			false1, false2 := at(m), at(n)
			false1.Root[0] ^= 1
			false2.Root[0] ^= 1
			for _, err := range []error{CheckGrowth(false1, at(n), p), CheckGrowth(at(m), false2, p), CheckGrowth(at(n), at(m), p)} {
				if !errors.Is(err, ErrFork) {
					t.Fatalf("%d to %d: a fork passes", m, n)
				}
			}
		}
	}
}

func TestCosign(t *testing.T) {
	w := newWorld(t, 5)
	secret, public, err := note.GenerateKey(zeros{}, "associazione.example")
	if err != nil {
		t.Fatal(err)
	}
	n := w.checkpoint(t, 5)
	line, err := Cosign(n, secret)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CheckCosignature(n, line, public)
	if err != nil || c.Name != "associazione.example" || c.At.IsZero() {
		t.Errorf("%+v %v", c, err)
	}
	// With the line under it the note is still the ente's.
	if _, err := OpenCheckpoint(append(slices.Clone(n), line...), w.public); err != nil {
		t.Error(err)
	}
	for _, bad := range []struct {
		note      []byte
		line, key string
	}{{w.checkpoint(t, 4), line, public}, {n, strings.Replace(line, "A", "B", 1), public}, {n, line + line, w.public}, {n, "", public}, {n, line, ""}} {
		if _, err := CheckCosignature(bad.note, bad.line, bad.key); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("taken: %q", bad.line)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func FuzzParseLeaf(f *testing.F) {
	l := leafOf(1)
	f.Add(text(f, l))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ParseLeaf(b)
		if err != nil {
			return
		}
		if again, err := l.Text(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("another spelling of a leaf was taken: %v", err)
		}
	})
}

// A receipt in which one byte is another proves nothing, unless it is the same receipt
// in other white space.
func FuzzReceipt(f *testing.F) {
	w := newWorld(f, 9)
	r := w.receipt(f, 4, 9)
	b, err := r.JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ParseReceipt(b)
		if err != nil {
			return
		}
		leaf, _, err := x.Verify(w.public)
		if err == nil && !slices.ContainsFunc(w.leaves, func(l []byte) bool { return string(text(t, leaf)) == string(l) }) {
			t.Errorf("a leaf that was never added is proved: %s", x.Leaf)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	w := newWorld(f, 9)
	f.Add(w.checkpoint(f, 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := OpenCheckpoint(b, w.public)
		if err == nil && (c.Size > 9 || c.Root != w.edges[c.Size].Root()) {
			t.Errorf("never signed, and taken: %s", b)
		}
	})
}
