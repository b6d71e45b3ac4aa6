package vault

import (
	"crypto/ed25519"
	"testing"
)

// The key of the log opens in its place only, as the same key each time.
func TestLogKey(t *testing.T) {
	ring := &KeyRing{versions: []*masterKey{{id: "1", secret: NewKey()}}}
	sealed := ring.NewLogKey("demo", 2)
	k, err := ring.LogKey("demo", 2, sealed)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ring.LogKey("demo", 2, sealed)
	if err != nil || !k.Equal(again) || !ed25519.Verify(k.Public().(ed25519.PublicKey), []byte("m"), ed25519.Sign(again, []byte("m"))) {
		t.Error("the key is not itself", err)
	}
	for _, place := range []struct {
		ente string
		n    int
	}{{"altro", 2}, {"demo", 1}} {
		if _, err := ring.LogKey(place.ente, place.n, sealed); err == nil {
			t.Error("it opens as", place)
		}
	}
}
