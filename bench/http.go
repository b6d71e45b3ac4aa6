package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"

	"tutela/internal/pratica"
)

// cliente is one keep-alive connection. It speaks just enough HTTP, so that what
// is measured is the server: a whole client would cost as much as its answer.
type cliente struct {
	indir  string
	conn   net.Conn
	r      *bufio.Reader
	cookie []string
}

func collega(indir string) (*cliente, error) {
	c, err := net.Dial("tcp", indir) //nolint:noctx // on this machine
	if err != nil {
		return nil, err
	}
	return &cliente{indir: indir, conn: c, r: bufio.NewReaderSize(c, 64<<10)}, nil
}

func (c *cliente) chiudi() error { return c.conn.Close() }

// risposta is what came back.
type risposta struct {
	stato    int
	location string
	corpo    []byte
}

// chiedi sends one request and reads the whole answer.
func (c *cliente) chiedi(metodo, percorso, tipo string, corpo []byte, altro ...string) (risposta, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", metodo, percorso, c.indir)
	if len(c.cookie) > 0 {
		fmt.Fprintf(&b, "Cookie: %s\r\n", strings.Join(c.cookie, "; "))
	}
	if corpo != nil {
		fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n", tipo, len(corpo))
	}
	for _, h := range altro {
		b.WriteString(h + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(corpo)
	if _, err := c.conn.Write(b.Bytes()); err != nil {
		return risposta{}, err
	}
	return c.leggi()
}

func (c *cliente) leggi() (risposta, error) {
	var out risposta
	riga, err := c.r.ReadSlice('\n')
	if err != nil {
		return out, err
	}
	if len(riga) < 12 {
		return out, fmt.Errorf("status line %q", riga)
	}
	if out.stato, err = strconv.Atoi(string(riga[9:12])); err != nil {
		return out, err
	}
	lungo := -1
	for {
		if riga, err = c.r.ReadSlice('\n'); err != nil {
			return out, err
		}
		if len(riga) <= 2 {
			break
		}
		k, v, _ := strings.Cut(strings.TrimSpace(string(riga)), ": ")
		switch strings.ToLower(k) {
		case "content-length":
			lungo, err = strconv.Atoi(v)
		case "transfer-encoding":
			lungo = -2
		case "location":
			out.location = v
		case "set-cookie":
			v, _, _ = strings.Cut(v, ";")
			nome, _, _ := strings.Cut(v, "=")
			c.cookie = append(senza(c.cookie, nome+"="), v)
		}
		if err != nil {
			return out, err
		}
	}
	if lungo == -2 {
		return out, c.pezzi(&out)
	}
	out.corpo = make([]byte, max(0, lungo))
	_, err = io.ReadFull(c.r, out.corpo)
	return out, err
}

// pezzi reads a chunked body.
func (c *cliente) pezzi(out *risposta) error {
	for {
		riga, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(riga)), 16, 32)
		if err != nil {
			return err
		}
		p := make([]byte, n+2)
		if _, err := io.ReadFull(c.r, p); err != nil || n == 0 {
			return err
		}
		out.corpo = append(out.corpo, p[:n]...)
	}
}

func senza(v []string, prefisso string) []string {
	var out []string
	for _, s := range v {
		if !strings.HasPrefix(s, prefisso) {
			out = append(out, s)
		}
	}
	return out
}

// entra signs in as a member of staff of the demonstration.
func (c *cliente) entra(utente, password string) error {
	r, err := c.modulo("/entra", url.Values{"utente": {utente}, "password": {password}, "poi": {"/lavoro"}})
	if err == nil && r.stato != 303 {
		err = fmt.Errorf("sign-in of %s: status %d", utente, r.stato)
	}
	return err
}

func (c *cliente) modulo(percorso string, v url.Values) (risposta, error) {
	return c.chiedi("POST", percorso, "application/x-www-form-urlencoded", []byte(v.Encode()), "Sec-Fetch-Site: same-origin")
}

// pagina reads a page, and fails if it is not the page.
func (c *cliente) pagina(percorso string) ([]byte, error) {
	r, err := c.chiedi("GET", percorso, "", nil)
	if err == nil && r.stato != 200 {
		err = fmt.Errorf("page: status %d", r.stato)
	}
	return r.corpo, err
}

// corpoAPI is a report as a program sends it.
func corpoAPI(s pratica.Segnalazione) ([]byte, error) {
	return json.Marshal(map[string]any{"tipo": s.Tipo, "oggetto": s.Oggetto, "testo": s.Testo, "quando": s.Quando,
		"luogo": map[string]string{"presidio": s.Presidio, "unita": s.Unita}, "segnalante": s.Segnalante})
}

// segnala sends one report and waits for its receipt.
func (c *cliente) segnala(corpo, chiave []byte) error {
	r, err := c.chiedi("POST", "/api/v1/segnalazioni", "application/json", corpo, "Idempotency-Key: "+hex.EncodeToString(chiave))
	if err == nil && r.stato != 201 {
		err = fmt.Errorf("report: status %d: %.300s", r.stato, r.corpo)
	}
	return err
}
