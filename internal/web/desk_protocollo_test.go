package web

import (
	"net/http"
	"net/url"
	"testing"

	"tutela/internal/access"
	"tutela/internal/store/storetest"
)

// The office sees the ente's number on the case, and finds the case by it: typed alone,
// with its filter, in the address of a list. A number that is none is refused in words.
func TestScrivaniaNumeroDellEnte(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		b.ConProtocollo(t, false)
		az := u.entra("azienda", access.URPAziendale, "")
		id := az.registra()
		az.vai("/pratica/"+id).vuole(http.StatusOK, "Protocollo dell’ente", "In arrivo")
		if n, err := b.Servizio.ProtocollaAttese(t.Context(), b.Ente); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		az.vai("/pratica/"+id).vuole(http.StatusOK, "PG n. 0000001/2026", "Numero del protocollo dell'ente").senza("In arrivo")
		az.manda("/cerca", url.Values{"q": {"protocollo:0000001/2026"}})
		if az.dove != "/pratica/"+id {
			t.Errorf("by the ente's number one gets to %q", az.dove)
		}
		az.vai("/lavoro?vista=tutte&protocollo=0000001%2F2026").vuole(http.StatusOK, "/pratica/"+id, "Protocollo dell’ente: 0000001/2026")
		az.vai("/lavoro?vista=tutte&protocollo=0000009%2F2026").vuole(http.StatusOK).senza("/pratica/" + id)
		az.vai("/lavoro?vista=tutte&protocollo=%3Cb%3E").vuole(http.StatusUnprocessableEntity, "non si legge")
		az.manda("/cerca", url.Values{"q": {"protocollo:;"}}).vuole(http.StatusUnprocessableEntity, "protocollo:0012345")
		ps := u.entra("reparto", access.Responsabile, "PS-SC")
		ps.manda("/cerca", url.Values{"q": {"protocollo:0000001/2026"}})
		ps.vai("/cerca").vuole(http.StatusOK, "Nessun risultato")
	})
}
