package dial_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"tutela/internal/dial"
)

func TestAllowed(t *testing.T) {
	listed := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}
	for a, si := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "10.20.1.1": true, "::ffff:10.20.1.1": true,
		"10.21.1.1": false, "127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "169.254.169.254": false, "fe80::1": false,
		"192.168.1.1": false, "100.64.0.1": false, "fd00::1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false,
	} {
		if dial.Allowed(netip.MustParseAddr(a), listed) != si {
			t.Errorf("%s: %v", a, !si)
		}
	}
}

// What is looked at is the address of the connection, and who answers «elsewhere» is
// not followed.
func TestClient(t *testing.T) {
	altrove := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/altrove" {
			altrove++
		}
		http.Redirect(w, r, "/altrove", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	prova := func(listed []netip.Prefix) (*http.Response, error) {
		return dial.Client(listed, nil, 5*time.Second).Get(s.URL)
	}
	if w, err := prova(nil); !errors.Is(err, dial.ErrAddress) {
		if err == nil {
			_ = w.Body.Close()
		}
		t.Errorf("loopback was reached: %v", err)
	}
	w, err := prova([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Body.Close()
	if w.StatusCode != http.StatusTemporaryRedirect || altrove != 0 {
		t.Errorf("HTTP %d, followed %d times", w.StatusCode, altrove)
	}
}
