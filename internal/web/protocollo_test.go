package web_test

import (
	"net/http"
	"strings"
	"testing"

	"tutela/internal/store/storetest"
)

// Who reported sees the ente's number beside ours, on the receipt and where the report
// is followed; before it comes, that it is awaited.
func TestNumeroDellEnte(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		h := pagineDi(t, b)
		_, guasto := b.ConProtocollo(t, false)
		n := apriBrowser(t, h)
		codice, chiave := codiceChiave(t, n.spedita("reclamo"))
		const arriva, numero = "Il numero del protocollo dell’ente arriva tra poco", "PG n. 0000001/2026 del lunedì 2 marzo 2026"
		segui := func() rispostaPagina {
			x := apriBrowser(t, h)
			x.apri("/segui?codice=" + strings.ReplaceAll(codice, "-", ""))
			return x.invia("/segui", campi("codice", codice, "chiave", chiave))
		}
		guasto.Store(http.StatusServiceUnavailable)
		_, _ = b.Servizio.ProtocollaAttese(t.Context(), b.Ente)
		n.vuole(n.apri("/ricevuta"), 200, "", arriva)
		n.vuole(segui(), 200, "/segui/stato", arriva)
		guasto.Store(0)
		b.Orologio.Avanza(3600e9)
		if k, err := b.Servizio.ProtocollaAttese(t.Context(), b.Ente); k != 1 || err != nil {
			t.Fatal(k, err)
		}
		controllaMarche(t, n.vuole(n.apri("/ricevuta"), 200, "", numero))
		controllaMarche(t, n.vuole(segui(), 200, "/segui/stato", numero))
		rispondi(t, b, "Gentile signora, ci scusiamo.")
		if k, err := b.Servizio.ProtocollaAttese(t.Context(), b.Ente); k != 1 || err != nil {
			t.Fatal(k, err)
		}
		x := apriBrowser(t, h)
		x.apri("/segui")
		x.invia("/segui", campi("codice", codice, "chiave", chiave))
		x.vuole(x.apri("/segui/risposta"), 200, "", "PG n. 0000002/2026")
	})
}
