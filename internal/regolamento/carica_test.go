package regolamento

import (
	"bytes"
	"testing"
)

func pga01(t testing.TB) *Regolamento {
	t.Helper()
	r, err := Shipped("pga01")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A case keeps the hash of its regolamento: what was stored must give the same
// rules, in the same order, under the same name.
func TestCanonicalReadsBack(t *testing.T) {
	r := pga01(t)
	q, err := Parse(r.Canonical())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(q.Canonical(), r.Canonical()) || q.Hash() != r.Hash() {
		t.Error("the canonical form changes when it is read back")
	}
	for i, a := range r.Atti() {
		if q.Atti()[i].Nome != a.Nome {
			t.Fatalf("act %d is %s, was %s", i, q.Atti()[i].Nome, a.Nome)
		}
	}
}
