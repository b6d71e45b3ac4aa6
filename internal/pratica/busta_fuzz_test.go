package pratica_test

import (
	"testing"

	"tutela/internal/pratica"
)

// The bytes of an envelope come from a database that others may have written: they
// are read, or refused.
func FuzzDecodeBusta(f *testing.F) {
	f.Add([]byte(`{"v":1,"seq":1,"kind":"registrazione","giorno":"2026-03-02","destinatari":["unita:X"]}`))
	f.Add([]byte(`{"v":1,"seq":-1,"giorno":"9999-99-99","date":{"x":null}}`))
	f.Add([]byte(`{"v":1e3}{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := pratica.DecodeBusta(b); err == nil && a.V != pratica.VersioneBusta {
			t.Fatalf("%q is read as version %d", b, a.V)
		}
	})
}
