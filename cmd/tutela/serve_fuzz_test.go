package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// Whatever a proxy passes on, who asked has an address, and only a trusted proxy
// changes it.
func FuzzDietro(f *testing.F) {
	f.Add("10.0.0.1:4", "203.0.113.9, 198.51.100.7")
	f.Add("[::ffff:10.0.0.1]:4", "::1%eth0")
	f.Add("192.0.2.1:4", "1.2.3.4")
	f.Add("", ",,\x00")
	fidato := netip.MustParseAddr("10.0.0.1")
	f.Fuzz(func(t *testing.T, da, detto string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = da
		r.Header["X-Forwarded-For"] = []string{detto}
		dietro([]netip.Addr{fidato}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.RemoteAddr == da {
				return
			}
			if p, err := netip.ParseAddrPort(da); err != nil || p.Addr().Unmap() != fidato {
				t.Errorf("from %q, %q is believed", da, detto)
			}
			if _, err := netip.ParseAddrPort(r.RemoteAddr); err != nil {
				t.Errorf("%q gives %q", detto, r.RemoteAddr)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
}
