// Package protocollo is the door to the ente's own protocol system: a contract over
// HTTP (docs/protocollo.md), its client, and a reference server that keeps it.
package protocollo

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"tutela/internal/day"
	"tutela/internal/dial"
	"tutela/internal/fault"
	"tutela/internal/pratica"
)

const (
	// Via is where a registration is asked for, under the address of the ente's system.
	Via = "/registrazioni"
	// Chiave is the header with the key of the request: the same key never takes two
	// numbers.
	Chiave = "Idempotency-Key"

	versione = 1
	tempo    = 20 * time.Second
	maximum  = 64 << 10 // bytes of an answer
	maxToken = 4096
)

// Domanda asks for a number. Its words are those of the contract.
type Domanda struct {
	V         int        `json:"v"`
	Registro  string     `json:"registro"`
	Numero    string     `json:"numero"`
	Giorno    string     `json:"giorno"`
	Verso     string     `json:"verso"`
	Tipo      string     `json:"tipo"`
	Oggetto   string     `json:"oggetto"`
	Impronta  []byte     `json:"impronta"` // SHA-256, base64
	Documento *Documento `json:"documento,omitempty"`
}

// Documento is the document itself, which goes only where the ente wants it.
type Documento struct {
	Nome      string `json:"nome"`
	Tipo      string `json:"tipo"`
	Contenuto []byte `json:"contenuto"`
}

// Risposta is the number.
type Risposta struct {
	Registro string `json:"registro"`
	Numero   string `json:"numero"`
	Data     string `json:"data"`
	AOO      string `json:"aoo"`
}

var codice = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,16}$`)

// numero checks what the ente's system answered.
func (r Risposta) numero() (pratica.NumeroEsterno, error) {
	data, err := day.Parse(r.Data)
	if err != nil || data.Year() < 2000 || data.Year() > 2999 || !codice.MatchString(r.Registro) || !codice.MatchString(r.AOO) || !pratica.NumeroProtocollo.MatchString(r.Numero) {
		return pratica.NumeroEsterno{}, errRisposta
	}
	return pratica.NumeroEsterno{Registro: r.Registro, Numero: r.Numero, Data: data, AOO: r.AOO}, nil
}

var errRisposta = fault.New(fault.Invalid, "Il protocollo dell'ente ha dato una risposta che non segue il contratto.")

// Impostazioni are in the operator's file: where the ente's system is and how to enter.
type Impostazioni struct {
	Indirizzo string   `json:"indirizzo"`           // https://…
	Token     string   `json:"token"`               // of the ente's system
	Documento bool     `json:"documento,omitempty"` // send the document too, not its hash alone
	Reti      []string `json:"reti,omitempty"`      // private networks where it may be
	Autorita  string   `json:"autorita,omitempty"`  // file of the certificates that sign its own
}

// Cliente asks the ente's protocol system for numbers. Its zero value is of no use.
type Cliente struct {
	via, token string
	documento  bool
	http       *http.Client
}

// Leggi reads the operator's file; nil when there is none. The file has a token in it:
// it must be its owner's alone.
func Leggi(path string) (*Cliente, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	no := func(frase string) (*Cliente, error) {
		return nil, fault.New(fault.Bad, path+": "+frase)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Non riesco a leggere "+path+".")
	}
	if s, err := os.Stat(path); err != nil || s.Mode().Perm()&0o077 != 0 {
		return no("contiene un token: dai i permessi 600.")
	}
	var im Impostazioni
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&im); err != nil || d.More() {
		return no("non si legge come JSON, o ha una voce che non c'è in docs/protocollo.md.")
	}
	c, err := Nuovo(im)
	if err != nil {
		return no(fault.Message(err))
	}
	return c, nil
}

// Nuovo is the client that some settings describe.
func Nuovo(im Impostazioni) (*Cliente, error) {
	no := func(frase string) (*Cliente, error) { return nil, fault.New(fault.Bad, frase) }
	var reti []netip.Prefix
	for _, t := range im.Reti {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return no("«reti» vuole reti come 10.20.0.0/16.")
		}
		reti = append(reti, p)
	}
	u, err := url.Parse(im.Indirizzo)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return no("«indirizzo» vuole un indirizzo intero, come https://protocollo.esempio.it/tutela.")
	}
	switch u.Scheme {
	case "https":
	case "http": // in the clear only where nobody is in between, or on a listed network
		a, err := netip.ParseAddr(u.Hostname())
		if err != nil || !slices.ContainsFunc(reti, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) }) {
			return no("«indirizzo» comincia con https; con http solo un indirizzo IP che sta in «reti».")
		}
	default:
		return no("«indirizzo» comincia con https.")
	}
	if im.Token == "" || len(im.Token) > maxToken || strings.ContainsFunc(im.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return no("«token» manca, o ha caratteri che non vanno.")
	}
	var roots *x509.CertPool
	if im.Autorita != "" {
		b, err := os.ReadFile(im.Autorita)
		if roots = x509.NewCertPool(); err != nil || !roots.AppendCertsFromPEM(b) {
			return no("in «autorita» non si leggono certificati.")
		}
	}
	return &Cliente{strings.TrimSuffix(u.String(), "/") + Via, im.Token, im.Documento, dial.Client(reti, roots, tempo)}, nil
}

// Documento reports whether the document itself is sent.
func (c *Cliente) Documento() bool { return c.documento }

// Protocolla asks for the number of a document.
func (c *Cliente) Protocolla(ctx context.Context, d pratica.DaProtocollare) (pratica.NumeroEsterno, error) {
	var no pratica.NumeroEsterno
	q := Domanda{V: versione, Registro: d.Registro, Numero: d.Numero, Giorno: d.Giorno.String(), Verso: d.Verso, Tipo: d.Tipo, Oggetto: d.Oggetto, Impronta: d.Impronta[:]}
	if c.documento {
		q.Documento = &Documento{"documento.txt", "text/plain; charset=utf-8", d.Documento.Apri()}
	}
	b, err := json.Marshal(q)
	if err != nil {
		return no, fmt.Errorf("encode request to the protocol: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.via, bytes.NewReader(b))
	if err != nil {
		return no, fmt.Errorf("request to the protocol: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set(Chiave, d.Chiave)
	w, err := c.http.Do(r)
	if err != nil {
		return no, nonRisponde(err)
	}
	defer func() { _ = w.Body.Close() }()
	corpo, err := io.ReadAll(io.LimitReader(w.Body, maximum+1))
	if err != nil {
		return no, nonRisponde(err)
	}
	if w.StatusCode != http.StatusOK && w.StatusCode != http.StatusCreated {
		return no, rifiuto(w.StatusCode)
	}
	var out Risposta
	if len(corpo) > maximum || json.Unmarshal(corpo, &out) != nil {
		return no, errRisposta
	}
	return out.numero()
}

// nonRisponde says why there was no answer: its own words may hold addresses, and are
// for the log alone.
func nonRisponde(err error) error {
	m := "Il protocollo dell'ente non risponde."
	var certificato x509.UnknownAuthorityError
	var nome x509.HostnameError
	var scaduto x509.CertificateInvalidError
	var dns *net.DNSError
	switch {
	case errors.Is(err, dial.ErrAddress):
		m = "Il protocollo dell'ente ha un indirizzo privato che non sta in «reti»."
	case errors.As(err, &certificato), errors.As(err, &nome), errors.As(err, &scaduto):
		m = "Il certificato del protocollo dell'ente non va bene."
	case errors.As(err, &dns):
		m = "Il nome del protocollo dell'ente non si trova."
	}
	return fault.Wrap(err, fault.Unavailable, m)
}

// rifiuto says what an answer that is no yes means. What concerns one document alone
// does not hold up the others.
func rifiuto(stato int) error {
	switch {
	case stato == http.StatusUnauthorized || stato == http.StatusForbidden:
		return fault.New(fault.Unavailable, fmt.Sprintf("Il protocollo dell'ente rifiuta il token (%d).", stato))
	case stato >= 300 && stato < 400:
		return fault.New(fault.Unavailable, fmt.Sprintf("Il protocollo dell'ente manda altrove (%d): scrivi l'indirizzo giusto.", stato))
	case stato == http.StatusNotFound || stato == http.StatusTooManyRequests || stato >= http.StatusInternalServerError:
		return fault.New(fault.Unavailable, fmt.Sprintf("Il protocollo dell'ente risponde con un errore (%d).", stato))
	}
	return fault.New(fault.Invalid, fmt.Sprintf("Il protocollo dell'ente rifiuta questo documento (%d).", stato))
}
