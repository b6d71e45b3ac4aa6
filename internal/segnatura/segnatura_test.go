package segnatura_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tutela/internal/segnatura"
)

var adesso = time.Date(2026, 3, 2, 10, 11, 12, 0, time.UTC)

func esempio() segnatura.Segnatura {
	sum := func(t string) []byte { s := sha256.Sum256([]byte(t)); return s[:] }
	return segnatura.Segnatura{
		Identificatore: segnatura.Identificatore{Amministrazione: "asst_cr", AOO: "A1B2C3D", Registro: "URP", Numero: "0000123", Data: "2026-03-02", Ora: "11:11:12"},
		Oggetto:        `Risposta alla segnalazione n. 2026/0000123 <"&'> è`,
		Classifica:     segnatura.Classifica{Denominazione: "Reclami", Codice: "1.6.02"},
		Riservato:      true,
		Mittente:       segnatura.Soggetto{IPA: "asst_cr", Denominazione: "ASST Montelago"},
		Destinatari:    []segnatura.Soggetto{{Nome: "Segnalante", Cognome: "2026/0000123"}, {Denominazione: "Associazione Tutela"}},
		Primario:       segnatura.Documento{Nome: "documento.txt", Tipo: "text/plain; charset=utf-8", Impronta: sum("a")},
		Allegati:       []segnatura.Documento{{Nome: "allegato-1", Tipo: "application/pdf", Impronta: sum("b")}},
	}
}

func certificato(t testing.TB, chiave crypto.Signer) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Ente di prova"}, NotBefore: adesso.Add(-time.Hour), NotAfter: adesso.AddDate(20, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, chiave.Public(), chiave)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	return c
}

func chiavi(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"rsa": r, "ecdsa": e}
}

func firmata(t testing.TB, chiave crypto.Signer) ([]byte, *x509.Certificate) {
	t.Helper()
	b, err := esempio().Scrivi()
	if err != nil {
		t.Fatal(err)
	}
	cert := certificato(t, chiave)
	if b, err = segnatura.Firma(b, cert, chiave, adesso); err != nil {
		t.Fatal(err)
	}
	return b, cert
}

// What is written is valid by the schema, its signature by a program that is not ours,
// and read again it is what it was.
func TestSchemaEFirma(t *testing.T) {
	for nome, chiave := range chiavi(t) {
		b, cert := firmata(t, chiave)
		letta, err := segnatura.Leggi(b)
		if err != nil || cmp.Diff(esempio(), letta) != "" {
			t.Error(nome, err, cmp.Diff(esempio(), letta))
		}
		e, err := segnatura.Verifica(b)
		if err != nil || !e.Certificato.Equal(cert) || !e.Ora.Equal(adesso) {
			t.Errorf("%s: %+v, %v", nome, e, err)
		}
		dir := t.TempDir()
		file, pemFile := filepath.Join(dir, "segnatura.xml"), filepath.Join(dir, "cert.pem")
		scrivi(t, file, b)
		scrivi(t, pemFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
		if out, err := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", "testdata/segnatura_protocollo.xsd", file).CombinedOutput(); err != nil {
			t.Errorf("%s: not valid by AgID's schema: %v\n%s", nome, err, out)
		}
		xmlsec := func() ([]byte, error) {
			return exec.CommandContext(t.Context(), "xmlsec1", "--verify", "--enabled-key-data", "x509", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
				"--trusted-pem", pemFile, "--verification-time", "2026-03-02 12:00:00", file).CombinedOutput()
		}
		if out, err := xmlsec(); err != nil {
			t.Errorf("%s: xmlsec1 does not verify the signature: %v\n%s", nome, err, out)
		}
		scrivi(t, file, bytes.Replace(b, []byte("0000123"), []byte("0000124"), 1))
		if out, err := xmlsec(); err == nil {
			t.Errorf("%s: xmlsec1 verifies what was changed\n%s", nome, out)
		}
	}
}

func scrivi(t testing.TB, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A signature that another program made, over a file with other prefixes, comments and
// spaces, is verified too.
func TestFirmaDiAltri(t *testing.T) {
	chiave := chiavi(t)["rsa"]
	b, cert := firmata(t, chiave)
	b = bytes.ReplaceAll(b, []byte("prot:"), []byte("p:"))
	b = bytes.Replace(b, []byte("<p:SegnaturaInformatica xmlns:prot="), []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- fuori -->\n<p:SegnaturaInformatica\n  xmlns:zz='urn:altro' xmlns:p="), 1)
	b = bytes.Replace(b, []byte("<p:Oggetto>"), []byte("<p:Oggetto><!-- dentro -->"), 1)
	b = bytes.Replace(b, []byte("<p:Descrizione>"), []byte("\r\n\t<p:Descrizione>"), 1)
	b = bytes.Replace(b, []byte("<ds:SignatureValue>"), []byte("<ds:SignatureValue>\n"), 1)
	if _, err := segnatura.Verifica(b); !errors.Is(err, segnatura.ErrFirma) {
		t.Fatalf("another file under the signature of the first: %v", err)
	}
	dir := t.TempDir()
	file, firmato, k, c := filepath.Join(dir, "a.xml"), filepath.Join(dir, "b.xml"), filepath.Join(dir, "k.pem"), filepath.Join(dir, "c.pem")
	der, err := x509.MarshalPKCS8PrivateKey(chiave)
	if err != nil {
		t.Fatal(err)
	}
	scrivi(t, file, vuota(t, b))
	scrivi(t, k, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	scrivi(t, c, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	if out, err := exec.CommandContext(t.Context(), "xmlsec1", "--sign", "--privkey-pem", k, "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties", "--output", firmato, file).CombinedOutput(); err != nil {
		t.Fatalf("xmlsec1 does not sign: %v\n%s", err, out)
	}
	b, err = os.ReadFile(firmato)
	if err != nil {
		t.Fatal(err)
	}
	e, err := segnatura.Verifica(b)
	if err != nil || !e.Certificato.Equal(cert) {
		t.Errorf("what xmlsec1 signed: %v\n%s", err, b)
	}
	if s, err := segnatura.Leggi(b); err != nil || cmp.Diff(esempio(), s) != "" {
		t.Error(err, cmp.Diff(esempio(), s))
	}
}

// vuota takes digests and value out of a signature, to be made again.
func vuota(t *testing.T, b []byte) []byte {
	t.Helper()
	s := string(b)
	i, j := strings.Index(s, "<ds:SignedInfo>"), strings.Index(s, "</ds:SignedInfo>")
	info := s[i:j]
	for {
		a := strings.Index(info, "<ds:DigestValue>")
		if a < 0 {
			break
		}
		z := a + strings.Index(info[a:], "</ds:DigestValue>")
		info = info[:a] + "<ds:DigestValue/>" + info[z+len("</ds:DigestValue>"):]
	}
	s = s[:i] + info + s[j:]
	i, j = strings.Index(s, "<ds:SignatureValue>"), strings.Index(s, "</ds:SignatureValue>")
	return []byte(s[:i] + "<ds:SignatureValue>" + s[j:])
}

// Whatever is changed in a signed segnatura, the signature is not good any more, or the
// file is none.
func TestOgniByte(t *testing.T) {
	b, _ := firmata(t, chiavi(t)["ecdsa"])
	buoni := 0
	for i := range b {
		x := bytes.Clone(b)
		x[i] ^= 1
		if _, err := segnatura.Verifica(x); err == nil {
			buoni++
			// The certificate and the value stand in base64, whose last letter has bits
			// that say nothing; the signature's own name is nobody's.
			if riga := string(b[max(0, i-40):min(len(b), i+20)]); !strings.Contains(riga, "=</ds:") && !strings.Contains(riga, `Id="firma"`) && !strings.Contains(riga, `Target="#firma"`) {
				t.Errorf("byte %d changed and nobody says so: %q", i, riga)
			}
		}
	}
	if buoni > 60 {
		t.Errorf("%d bytes may be changed", buoni)
	}
}

func TestRifiuta(t *testing.T) {
	k := chiavi(t)
	b, _ := firmata(t, k["rsa"])
	senza, err := esempio().Scrivi()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := segnatura.Verifica(senza); !errors.Is(err, segnatura.ErrSenzaFirma) {
		t.Errorf("not signed: %v", err)
	}
	if _, err := segnatura.Firma(b, certificato(t, k["rsa"]), k["rsa"], adesso); err == nil {
		t.Error("signed twice")
	}
	if _, err := segnatura.Firma(senza, certificato(t, k["rsa"]), k["ecdsa"], adesso); err == nil {
		t.Error("with the key of another certificate")
	}
	piccola, err := rsa.GenerateKey(rand.Reader, 1024)
	if err == nil {
		if _, err = segnatura.Firma(senza, certificato(t, k["rsa"]), piccola, adesso); err == nil {
			t.Error("with a short key")
		}
	}
	for nome, x := range map[string][]byte{
		"empty": nil, "words": []byte("ciao"), "too large": bytes.Repeat([]byte(" "), segnatura.MaxFile+1), "not UTF-8": append([]byte{0xff}, senza...),
		"document type": append([]byte(`<!DOCTYPE a [<!ENTITY x "y">]>`), senza...), "entity": bytes.Replace(senza, []byte("Reclami"), []byte("&x;"), 1),
		"instruction": append([]byte("<?php ?>"), senza...), "two roots": append(bytes.Clone(senza), senza...), "deep": bytes.Repeat([]byte("<a>"), 1000),
		"other schema": bytes.Replace(senza, []byte(segnatura.Spazio), []byte("urn:x"), 1), "other version": bytes.Replace(senza, []byte("3.0.0"), []byte("2.0.0"), 1),
		"other digest": bytes.Replace(senza, []byte("SHA-256"), []byte("MD5"), 1), "no number": bytes.Replace(senza, []byte("0000123</prot:Num"), []byte("12</prot:Num"), 1),
		"undeclared prefix": bytes.Replace(senza, []byte("<prot:Oggetto>"), []byte("<q:Oggetto>"), 1), "attribute twice": bytes.Replace(senza, []byte(`prot:lang="it"`), []byte(`prot:lang="it" prot:lang="it"`), 1),
	} {
		if s, err := segnatura.Leggi(x); err == nil {
			t.Errorf("%s: %+v", nome, s)
		}
	}
	s := esempio()
	s.Identificatore.AOO = ""
	if _, err := s.Scrivi(); err == nil {
		t.Error("without its AOO")
	}
}

// FuzzSegnatura: no file makes the readers fail otherwise than with an error, and what
// is read can be written and read again, the same.
func FuzzSegnatura(f *testing.F) {
	b, err := esempio().Scrivi()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	firmato, _ := firmata(f, chiavi(f)["ecdsa"])
	f.Add(firmato)
	f.Add([]byte(`<a xmlns="b" xmlns:c="d" c:e="f"><!-- g --><c:h/></a>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, errV := segnatura.Verifica(b)
		s, err := segnatura.Leggi(b)
		if err != nil {
			if errV == nil {
				t.Fatal("verified, and not read")
			}
			return
		}
		w, err := s.Scrivi()
		if err != nil {
			t.Fatal(err)
		}
		if z, err := segnatura.Leggi(w); err != nil || cmp.Diff(s, z) != "" {
			t.Fatal(err, cmp.Diff(s, z))
		}
	})
}
