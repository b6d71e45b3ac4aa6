package segnatura

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"time"

	"tutela/internal/fault"
)

// The names of what a signature is made of: XML Signature with exclusive
// canonicalisation, XAdES baseline B (ETSI EN 319 132-1).
const (
	dsig      = "http://www.w3.org/2000/09/xmldsig#"
	xades     = "http://uri.etsi.org/01903/v1.3.2#"
	proprieta = "http://uri.etsi.org/01903#SignedProperties"
	excC14N   = "http://www.w3.org/2001/10/xml-exc-c14n#"
	imbustata = dsig + "enveloped-signature"
	sha256XML = "http://www.w3.org/2001/04/xmlenc#sha256"
	rsaXML    = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	ecdsaXML  = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
)

// Firma adds a signature to a segnatura that has none: XAdES baseline B, with the
// certificate in it.
func Firma(segnatura []byte, cert *x509.Certificate, chiave crypto.Signer, ora time.Time) ([]byte, error) {
	r, err := leggiAlbero(segnatura)
	if err != nil {
		return nil, err
	}
	fine := []byte("</prot:SegnaturaInformatica>")
	if _, err := leggi(r); err != nil || r.figlio(dsig, "Signature") != nil || !bytes.HasSuffix(segnatura, fine) {
		return nil, errSegnatura
	}
	metodo := rsaXML
	switch pub := chiave.Public().(type) {
	case *rsa.PublicKey:
		if pub.N.BitLen() < 2048 {
			return nil, errChiave
		}
	case *ecdsa.PublicKey:
		metodo = ecdsaXML
	default:
		return nil, errChiave
	}
	if p, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !p.Equal(chiave.Public()) {
		return nil, fault.New(fault.Bad, "La chiave non è quella del certificato.")
	}
	con := func(info, valore string) ([]byte, *nodo, error) {
		b := append(bytes.TrimSuffix(bytes.Clone(segnatura), fine), firmaXML(cert, ora, info, valore)...)
		b = append(b, fine...)
		x, err := leggiAlbero(b)
		if err != nil {
			return nil, nil, err
		}
		return b, x.figlio(dsig, "Signature"), nil
	}
	_, f, err := con("", "")
	if err != nil {
		return nil, err
	}
	info := infoXML(metodo, r.canonico(nil), firmate(f).canonico(nil))
	if _, f, err = con(info, ""); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(f.figlio(dsig, "SignedInfo").canonico(nil))
	firma, err := chiave.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	if pub, ok := chiave.Public().(*ecdsa.PublicKey); ok {
		if firma, err = daASN1(firma, (pub.Curve.Params().BitSize+7)/8); err != nil {
			return nil, err
		}
	}
	b, _, err := con(info, base64.StdEncoding.EncodeToString(firma))
	return b, err
}

var errChiave = fault.New(fault.Bad, "Per firmare serve una chiave RSA di almeno 2048 bit, o una chiave ECDSA.")

func firmaXML(cert *x509.Certificate, ora time.Time, info, valore string) string {
	sum := sha256.Sum256(cert.Raw)
	return `<ds:Signature xmlns:ds="` + dsig + `" Id="firma"><ds:SignedInfo>` + info + `</ds:SignedInfo><ds:SignatureValue>` + valore + `</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(cert.Raw) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object><xades:QualifyingProperties xmlns:xades="` + xades + `" Target="#firma">` +
		`<xades:SignedProperties Id="proprieta"><xades:SignedSignatureProperties><xades:SigningTime>` + ora.UTC().Format(time.RFC3339) + `</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>` +
		`<ds:DigestMethod Algorithm="` + sha256XML + `"></ds:DigestMethod><ds:DigestValue>` + base64.StdEncoding.EncodeToString(sum[:]) + `</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>` +
		`<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#documento"><xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>` +
		`</xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>`
}

func infoXML(metodo string, documento, proprietaFirmate []byte) string {
	di := func(b []byte) string {
		sum := sha256.Sum256(b)
		return `<ds:DigestMethod Algorithm="` + sha256XML + `"></ds:DigestMethod><ds:DigestValue>` + base64.StdEncoding.EncodeToString(sum[:]) + `</ds:DigestValue></ds:Reference>`
	}
	const canonica = `<ds:Transform Algorithm="` + excC14N + `"></ds:Transform></ds:Transforms>`
	return `<ds:CanonicalizationMethod Algorithm="` + excC14N + `"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="` + metodo + `"></ds:SignatureMethod>` +
		`<ds:Reference Id="documento" URI=""><ds:Transforms><ds:Transform Algorithm="` + imbustata + `"></ds:Transform>` + canonica + di(documento) +
		`<ds:Reference Type="` + proprieta + `" URI="#proprieta"><ds:Transforms>` + canonica + di(proprietaFirmate)
}

// firmate are the properties that a signature signs of itself.
func firmate(f *nodo) *nodo {
	for _, o := range f.figliDi(dsig, "Object") {
		if p := o.figlio(xades, "QualifyingProperties").figlio(xades, "SignedProperties"); p != nil {
			return p
		}
	}
	return nil
}

// Esito is what a signature says, once it was found to be good. Whether who made it may
// is for the list of trust to say.
type Esito struct {
	Certificato *x509.Certificate
	Ora         time.Time // as who signed says
}

// The ways in which a segnatura is not signed.
var (
	ErrSenzaFirma = fault.New(fault.NotFound, "La segnatura non è firmata.")
	ErrFirma      = fault.New(fault.Invalid, "La firma della segnatura NON è buona: il file è stato cambiato dopo la firma, o la firma non è di quel certificato.")
	ErrForma      = fault.New(fault.Unavailable, "La firma ha una forma che non sappiamo controllare: usa un programma di verifica della firma digitale.")
)

// Verifica checks the signature in a segnatura: over all of it but itself, and over its
// own properties, which name the certificate.
func Verifica(b []byte) (Esito, error) {
	r, err := leggiAlbero(b)
	if err != nil {
		return Esito{}, err
	}
	if _, err := leggi(r); err != nil {
		return Esito{}, err
	}
	ff := r.figliDi(dsig, "Signature")
	if len(ff) == 0 {
		return Esito{}, ErrSenzaFirma
	}
	f, info := ff[0], ff[0].figlio(dsig, "SignedInfo")
	metodo := info.figlio(dsig, "CanonicalizationMethod")
	if len(ff) > 1 || metodo.attributo("Algorithm") != excC14N || len(metodo.figli) > 0 { // in it, prefixes that are to be kept: not read here
		return Esito{}, ErrForma
	}
	p := firmate(f)
	if err := riferimenti(r, f, info, p); err != nil {
		return Esito{}, err
	}
	cert, err := firmatario(f, p)
	if err != nil {
		return Esito{}, err
	}
	firma, err := daBase64(f.figlio(dsig, "SignatureValue").valore())
	if err != nil {
		return Esito{}, ErrFirma
	}
	sum := sha256.Sum256(info.canonico(nil))
	if err := controllaFirma(cert, info.figlio(dsig, "SignatureMethod").attributo("Algorithm"), sum[:], firma); err != nil {
		return Esito{}, err
	}
	ora, err := time.Parse(time.RFC3339, strings.TrimSpace(p.figlio(xades, "SignedSignatureProperties").figlio(xades, "SigningTime").valore()))
	if err != nil {
		return Esito{}, ErrForma
	}
	return Esito{cert, ora}, nil
}

// riferimenti demands that all of the segnatura is signed, and the properties too, and
// that what is signed is as it was.
func riferimenti(r, f, info, p *nodo) error {
	var tutto, sue bool
	rr := info.figliDi(dsig, "Reference")
	if len(rr) > 8 || p == nil || p.attributo("Id") == "" {
		return ErrForma
	}
	for _, x := range rr {
		var senza, di *nodo
		var trasforma []string
		for _, t := range x.figlio(dsig, "Transforms").figliDi(dsig, "Transform") {
			if len(t.figli) > 0 { // as above
				return ErrForma
			}
			trasforma = append(trasforma, t.attributo("Algorithm"))
		}
		switch uri := x.attributo("URI"); {
		case uri == "" && len(trasforma) == 2 && trasforma[0] == imbustata && trasforma[1] == excC14N:
			di, senza, tutto = r, f, true
		case uri == "#"+p.attributo("Id") && len(trasforma) == 1 && trasforma[0] == excC14N && x.attributo("Type") == proprieta:
			di, sue = p, true
		default:
			return ErrForma
		}
		if x.figlio(dsig, "DigestMethod").attributo("Algorithm") != sha256XML {
			return ErrForma
		}
		detta, err := daBase64(x.figlio(dsig, "DigestValue").valore())
		if sum := sha256.Sum256(di.canonico(senza)); err != nil || !bytes.Equal(sum[:], detta) {
			return ErrFirma
		}
	}
	if !tutto || !sue {
		return ErrForma
	}
	return nil
}

// firmatario is the certificate of who signed, which the signed properties must name.
func firmatario(f, p *nodo) (*x509.Certificate, error) {
	nomi := p.figlio(xades, "SignedSignatureProperties").figlio(xades, "SigningCertificateV2").figliDi(xades, "Cert")
	if len(nomi) == 0 {
		return nil, ErrForma
	}
	d := nomi[0].figlio(xades, "CertDigest")
	if d.figlio(dsig, "DigestMethod").attributo("Algorithm") != sha256XML {
		return nil, ErrForma
	}
	vuole, err := daBase64(d.figlio(dsig, "DigestValue").valore())
	if err != nil {
		return nil, ErrFirma
	}
	for _, k := range f.figlio(dsig, "KeyInfo").figliDi(dsig, "X509Data") {
		for _, c := range k.figliDi(dsig, "X509Certificate") {
			raw, err := daBase64(c.valore())
			if sum := sha256.Sum256(raw); err != nil || !bytes.Equal(sum[:], vuole) {
				continue
			}
			cert, err := x509.ParseCertificate(raw)
			if err != nil {
				return nil, ErrForma
			}
			return cert, nil
		}
	}
	return nil, ErrFirma
}

func controllaFirma(cert *x509.Certificate, metodo string, sum, firma []byte) error {
	switch pub := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if metodo != rsaXML || pub.N.BitLen() < 2048 || pub.N.BitLen() > 8192 {
			return ErrForma
		}
		if rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum, firma) != nil {
			return ErrFirma
		}
		return nil
	case *ecdsa.PublicKey:
		n := (pub.Curve.Params().BitSize + 7) / 8
		if metodo != ecdsaXML {
			return ErrForma
		}
		if len(firma) != 2*n || !ecdsa.Verify(pub, sum, new(big.Int).SetBytes(firma[:n]), new(big.Int).SetBytes(firma[n:])) {
			return ErrFirma
		}
		return nil
	}
	return ErrForma
}

func daBase64(t string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(t), ""))
}

// daASN1 brings an ECDSA signature to the form of XML signatures: two numbers of n bytes.
func daASN1(firma []byte, n int) ([]byte, error) {
	r, s, err := numeri(firma)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 2*n)
	r.FillBytes(out[:n])
	s.FillBytes(out[n:])
	return out, nil
}

var errASN1 = errors.New("not an ECDSA signature")

func numeri(firma []byte) (r, s *big.Int, err error) {
	var x struct{ R, S *big.Int }
	if resto, err := asn1.Unmarshal(firma, &x); err != nil || len(resto) > 0 {
		return nil, nil, errASN1
	}
	return x.R, x.S, nil
}
