package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/segnatura"
	"tutela/internal/store/storetest"
)

// Where the operator configured a certificate, who handles a case takes the signed
// segnatura of what came in from its page; nobody else, and it names no person.
func TestSegnaturaDallaPagina(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		r, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web",
			Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore di attesa.", Oggetto: "Attesa",
				Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Telefono: "0376 555 0142"}})})
		if err != nil {
			t.Fatal(err)
		}
		urp, altra := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("dora", access.Responsabile, "51201")
		caso := "/pratica/" + r.ID.String()
		urp.vai(caso + "/lettere").vuole(http.StatusOK).senza("Segnatura (XML)")
		urp.vai(caso + "/segnatura/1").vuole(http.StatusNotFound)

		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ASST Prova"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		b.Servizio.Segnante = &pratica.Segnante{Amministrazione: "asst_p", AOO: "A123", Classifica: segnatura.Classifica{Codice: "1.6.02", Denominazione: "Reclami"}, Cert: cert, Chiave: k}
		urp.vai(caso+"/lettere").vuole(http.StatusOK, "Segnatura (XML)", caso+"/segnatura/1")
		urp.vai(caso+"/segnatura/1").vuole(http.StatusOK, "0000001")
		if _, err := segnatura.Verifica([]byte(urp.pagina)); err != nil || strings.Contains(urp.pagina, "Brambati") {
			t.Errorf("what came in: %v", err)
		}
		for _, via := range []string{"/segnatura/2", "/segnatura/0", "/segnatura/x"} {
			urp.vai(caso + via).vuole(http.StatusNotFound)
		}
		altra.vai(caso + "/segnatura/1").vuole(http.StatusNotFound)
	})
}
