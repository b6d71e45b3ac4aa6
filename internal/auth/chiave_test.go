package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tutela/internal/auth"
)

// chiavetta is an authenticator in software: one key, with a counter.
type chiavetta struct {
	t        testing.TB
	id       []byte
	k        *ecdsa.PrivateKey
	chi      []byte // the user handle it was given
	conta    uint32
	verifica bool   // it knows its person
	prf      []byte // nil: it gives no secret
	origine  string
}

func nuovaChiavetta(t testing.TB) *chiavetta {
	t.Helper()
	c := &chiavetta{t: t, id: make([]byte, 32), verifica: true, origine: sito.Origine}
	rand.Read(c.id)
	var err error
	if c.k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	sito = auth.Sito{Host: "segnalazioni.esempio.it", Origine: "https://segnalazioni.esempio.it"}
	b64  = base64.RawURLEncoding
)

// opzioni is what the browser is told.
type opzioni struct {
	PublicKey struct {
		Challenge        string
		RPID             string `json:"rpId"`
		RP               struct{ ID string }
		User             struct{ ID string }
		UserVerification string
		AllowCredentials []struct{ ID string }
		Extensions       struct {
			PRF struct{ Eval struct{ First string } }
		}
	}
}

func (c *chiavetta) leggi(s auth.Sfida) opzioni {
	c.t.Helper()
	var o opzioni
	if err := json.Unmarshal(s.Opzioni, &o); err != nil {
		c.t.Fatal(err)
	}
	return o
}

func (c *chiavetta) dati(host string, con []byte) []byte {
	h := sha256.Sum256([]byte(host))
	segni := byte(1) // present
	if c.verifica {
		segni |= 4
	}
	if con != nil {
		segni |= 64
	}
	c.conta++
	return append(binary.BigEndian.AppendUint32(append(h[:], segni), c.conta), con...)
}

func (c *chiavetta) cliente(tipo, sfida string) []byte {
	return fmt.Appendf(nil, `{"type":"webauthn.%s","challenge":"%s","origin":"%s","crossOrigin":false}`, tipo, sfida, c.origine)
}

// crea answers a challenge for a new passkey.
func (c *chiavetta) crea(s auth.Sfida) string {
	c.t.Helper()
	o := c.leggi(s).PublicKey
	c.chi, _ = b64.DecodeString(o.User.ID)
	xy, err := c.k.PublicKey.Bytes()
	if err != nil {
		c.t.Fatal(err)
	}
	// COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
	cose := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, xy[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 32), xy[33:]...)
	con := append(make([]byte, 16), 0, byte(len(c.id)))
	con = append(append(con, c.id...), cose...)
	dati := c.dati(o.RP.ID, con)
	// CBOR: {"fmt": "none", "attStmt": {}, "authData": bytes}
	ogg := append([]byte{0xa3, 0x63}, "fmt"...)
	ogg = append(append(ogg, 0x64), "none"...)
	ogg = append(append(append(ogg, 0x67), "attStmt"...), 0xa0)
	ogg = append(append(append(ogg, 0x68), "authData"...), 0x58, byte(len(dati)))
	ogg = append(ogg, dati...)
	return fmt.Sprintf(`{"id":"%[1]s","rawId":"%[1]s","type":"public-key","response":{"clientDataJSON":"%s","attestationObject":"%s","transports":["internal"]}}`,
		b64.EncodeToString(c.id), b64.EncodeToString(c.cliente("create", o.Challenge)), b64.EncodeToString(ogg))
}

// firma answers a challenge.
func (c *chiavetta) firma(s auth.Sfida) string {
	c.t.Helper()
	o := c.leggi(s).PublicKey
	dati, cliente := c.dati(o.RPID, nil), c.cliente("get", o.Challenge)
	h := sha256.Sum256(cliente)
	d := sha256.Sum256(append(append([]byte{}, dati...), h[:]...))
	firma, err := ecdsa.SignASN1(rand.Reader, c.k, d[:])
	if err != nil {
		c.t.Fatal(err)
	}
	return fmt.Sprintf(`{"id":"%[1]s","rawId":"%[1]s","type":"public-key","response":{"clientDataJSON":"%s","authenticatorData":"%s","signature":"%s","userHandle":"%s"},"clientExtensionResults":%s}`,
		b64.EncodeToString(c.id), b64.EncodeToString(cliente), b64.EncodeToString(dati), b64.EncodeToString(firma), b64.EncodeToString(c.chi), c.segreto(o.Extensions.PRF.Eval.First))
}

// segreto is what the browser says of the secret it was asked for.
func (c *chiavetta) segreto(sale string) string {
	switch {
	case sale == "":
		return `{}`
	case c.prf == nil:
		return `{"prf":{}}`
	}
	x, err := b64.DecodeString(sale)
	if err != nil || len(x) != 32 {
		c.t.Fatalf("asked for the secret of %q", sale)
	}
	h := hmac.New(sha256.New, c.prf)
	h.Write(x)
	return fmt.Sprintf(`{"prf":{"results":{"first":"%s"}}}`, b64.EncodeToString(h.Sum(nil)))
}

// conPasskey adds one to who has signed in.
func (b *banco) conPasskey(s *auth.Sessione) *chiavetta {
	b.t.Helper()
	c := nuovaChiavetta(b.t)
	x, err := b.a.ChallengeAdd(b.ctx, s, sito)
	b.va(err)
	_, err = b.a.AddPasskey(b.ctx, s, sito, x.Sigillo, c.crea(x), "chiavetta")
	b.va(err)
	return c
}

// seme is the seed of a page, from what people copy.
func seme(i auth.Iscrizione) []byte {
	b, err := base32Seme.DecodeString(strings.ReplaceAll(i.Seme, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}
