package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// certificatoDiProva writes a certificate and its key.
func certificatoDiProva(t *testing.T, dir string) (cert, chiave string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ASST Prova"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, chiave = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "chiave.pem")
	for nome, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: raw}, chiave: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(nome, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, chiave
}

// The segnatura of a case is written, signed and checked at the terminal; it names no
// person, and is of the very document that is written beside it.
func TestSegnaturaComandi(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true // another installation is in its database
		dove := impiantoDi(t, b)
		con := func(args ...string) []string { return append(args, dove...) }
		i, err := apri(t.Context(), doveDi(dove[1]).con(dove[3], b.URL))
		if err != nil {
			t.Fatal(err)
		}
		r, err := i.servizio.Registra(t.Context(), access.Cittadino("asst", "web"), pratica.Nuova{Canale: "web", Segnalazione: pratica.Chiudi(pratica.Segnalazione{
			Testo: "Mancano le panchine.", Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example"}})})
		if err != nil {
			t.Fatal(err)
		}
		if err := i.chiudi(); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		cert, chiave := certificatoDiProva(t, dir)
		numero, out, doc := pratica.NumeroScritto(r.Anno, r.Numero), filepath.Join(dir, "s.xml"), filepath.Join(dir, "d.txt")
		scrivi := func(numero string, altro ...string) []string {
			return con(append([]string{"segnatura", "scrivi", numero, "--amministrazione", "asst_p", "--aoo", "A123", "--classifica", "1.6.02 Reclami", "--cert", cert, "--chiave", chiave}, altro...)...)
		}
		dice(t, "", 1, "non ha ancora una risposta", scrivi(numero, "--out", out, "--verso", "uscita")...)
		dice(t, "", 1, "Non troviamo", scrivi("1999/7", "--out", out)...)
		dice(t, "", 2, "con l'anno", scrivi("7", "--out", out)...)
		dice(t, "", 2, "non vanno insieme", scrivi(numero, "--out", out, "--chiave", cert)...)
		dice(t, "", 0, "Scritta", scrivi(numero, "--out", out, "--documento", doc)...)
		dice(t, "", 2, "c'è già", scrivi(numero, "--out", out)...)
		dice(t, "", 0, "La firma è buona: CN=ASST Prova", "segnatura", "verify", out, "--documento", doc)
		dice(t, "", 0, "È il documento «documento.txt»", "segnatura", "verify", out, "--documento", doc)
		dice(t, "", 1, "NON è tra i documenti", "segnatura", "verify", out, "--documento", cert)
		dice(t, "", 2, "Non riesco a leggere", "segnatura", "verify", filepath.Join(dir, "manca.xml"))
		x, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(x, []byte("Brambati")) || !bytes.Contains(x, []byte("<prot:NumeroRegistrazione>0000001</prot:NumeroRegistrazione>")) {
			t.Errorf("%s", x)
		}
		if err := os.WriteFile(out, bytes.Replace(x, []byte("0000001<"), []byte("0000002<"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		dice(t, "", 1, "NON è buona", "segnatura", "verify", out)
		if d, err := os.ReadFile(doc); err != nil || !bytes.Contains(d, []byte("Mancano le panchine.")) {
			t.Errorf("%s, %v", d, err)
		}
		dice(t, "", 0, "Il registro è intero", con("registro", "verify")...)
		dati := con()[slices.Index(con(), "--data")+1]
		for testo, dice2 := range map[string]string{`{"x":1}`: "non si legge come JSON", `{"classifica":"1.6.02 Reclami"}`: "codici IPA",
			`{"amministrazione":"a","aoo":"b","classifica":"1 R","cert":"manca.pem","chiave":"manca.key"}`: "non vanno insieme"} {
			if err := os.WriteFile(filepath.Join(dati, fileSegnatura), []byte(testo), 0o600); err != nil {
				t.Fatal(err)
			}
			dice(t, "", 2, dice2, con("registro", "chiave")...)
		}
		buona := fmt.Sprintf(`{"amministrazione":"asst_p","aoo":"A123","classifica":"1.6.02 Reclami","cert":%q,"chiave":%q}`, cert, chiave)
		if err := os.WriteFile(filepath.Join(dati, fileSegnatura), []byte(buona), 0o600); err != nil {
			t.Fatal(err)
		}
		dice(t, "", 0, "tutela/registro/", con("registro", "chiave")...)
	})
}
