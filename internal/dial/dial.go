// Package dial is the one door by which the program connects to others: it looks at
// the address it really connects to, follows nobody elsewhere, and waits for a time.
package dial

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrAddress is of an address that is not on the public network and not on the list.
var ErrAddress = errors.New("an address of a private network that is not listed")

// Allowed reports whether the program may connect to an address: a public one, or one
// of the listed networks.
func Allowed(a netip.Addr, listed []netip.Prefix) bool {
	a = a.Unmap().WithZone("")
	if slices.ContainsFunc(listed, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return true
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(nonPubblici, func(p netip.Prefix) bool { return p.Contains(a) })
}

// nonPubblici are what the standard library calls global and is no public address: the
// networks of providers, of tests, of documents, and those that carry IPv4 inside.
var nonPubblici = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// Client calls others over HTTP, at public addresses and at those of the listed
// networks. It believes the certificates of roots; nil: those of the system. It uses
// no proxy and takes an answer that sends elsewhere for the answer.
func Client(listed []netip.Prefix, roots *x509.CertPool, wait time.Duration) *http.Client {
	d := &net.Dialer{Timeout: wait, Control: func(_, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !Allowed(a.Addr(), listed) {
			return fmt.Errorf("%s: %w", a.Addr(), ErrAddress)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       wait,
		Transport:     &http.Transport{DialContext: d.DialContext, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConns: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
