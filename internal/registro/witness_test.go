package registro

import (
	"errors"
	"testing"
)

// Most of the witnesses is more than half of those listed, whoever has not come yet.
func TestAgreed(t *testing.T) {
	for _, x := range []struct {
		sizes  []int64
		listed int
		n      int64
		how    int
	}{
		{nil, 0, 0, 0}, {nil, 3, 0, 0}, {[]int64{7}, 1, 7, 1}, {[]int64{7}, 3, 7, 1}, {[]int64{3, 7}, 3, 3, 2}, {[]int64{7, 3, 5}, 3, 5, 2},
		{[]int64{7, 7, 7}, 3, 7, 3}, {[]int64{7, 3}, 2, 3, 2}, {[]int64{9, 5, 5, 1}, 4, 5, 3},
	} {
		var seen []Seen
		for _, s := range x.sizes {
			seen = append(seen, Seen{Size: s})
		}
		if n, how := Agreed(seen, x.listed); n != x.n || how != x.how {
			t.Errorf("%v of %d: up to %d by %d", x.sizes, x.listed, n, how)
		}
	}
}

func TestNewWitness(t *testing.T) {
	secret, published, err := NewWitness("associazione.example")
	if err != nil || CheckWitnessKey(published) != nil || CheckWitnessKey(secret) == nil {
		t.Fatalf("%q %v", published, err)
	}
	if again, err := WitnessKey(secret); err != nil || again != published {
		t.Errorf("%q %v", again, err)
	}
	if _, err := WitnessKey(published); !errors.Is(err, ErrWitness) {
		t.Errorf("the published half as the other: %v", err)
	}
	line, err := Cosign(newWorld(t, 3).checkpoint(t, 3), secret)
	if err != nil || CosignerName(line) != "associazione.example" {
		t.Errorf("%q %v", line, err)
	}
	for _, bad := range []string{"", "due parole", "a+b", "-", "perché", string(make([]byte, 65))} {
		if _, _, err := NewWitness(bad); !errors.Is(err, ErrWitness) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "boh", published + "x", "x" + published, newWorld(t, 1).public + "A"} {
		if err := CheckWitnessKey(bad); !errors.Is(err, ErrWitness) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "\n", "— ", "— a", "- a b", line + line, "— due parole x"} {
		if n := CosignerName(bad); n != "" {
			t.Errorf("%q: %q", bad, n)
		}
	}
}
