package web

import (
	"archive/zip"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// Who handles a case takes it away as a package that checks itself, with a proof of who
// he is and a line in the log of readings; nobody else has it.
func TestFascicoloPreso(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		r, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web",
			Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore di attesa.", Oggetto: "Attesa"})})
		if err != nil {
			t.Fatal(err)
		}
		urp, altra, dpo := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("dora", access.Responsabile, "51201"), u.entra("ubaldo", access.DPO, "")
		caso := "/pratica/" + r.ID.String()
		urp.vai(caso).vuole(http.StatusOK, "Scarica il fascicolo")
		urp.vai("/lavoro").vuole(http.StatusOK, `href="/archivio/registro"`) // who keeps files, and ends none, finds where they are kept
		urp.vai("/archivio/registro").vuole(http.StatusOK, "Nessuna pratica archiviata").senza("/archivio\"")
		altra.vai("/lavoro").senza("/archivio")
		altra.manda(caso+"/fascicolo", nil).vuole(http.StatusNotFound)
		richiesta := httptest.NewRequest(http.MethodPost, caso+"/fascicolo", http.NoBody)
		richiesta.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for k, v := range urp.biscotti {
			richiesta.AddCookie(&http.Cookie{Name: k, Value: v})
		}
		w := httptest.NewRecorder()
		u.h.ServeHTTP(w, richiesta)
		if w.Code != http.StatusOK || w.Header().Get("Content-Disposition") != "attachment; filename=fascicolo-"+r.ID.String()+".zip" || w.Header().Get("Cache-Control") != "private, no-store" {
			t.Fatal(w.Code, w.Header())
		}
		siVerifica(t, b, w.Body.String())
		dpo.vai("/accessi").vuole(http.StatusOK, "Ha preso il fascicolo con le prove")
		b.Orologio.Avanza(access.DurataConferma + time.Second)
		urp.manda(caso+"/fascicolo", nil).vuole(http.StatusOK, "Stai per portare fuori dei dati.")
	})
}

// siVerifica checks a package with the keys that the ente publishes.
func siVerifica(t *testing.T, b *storetest.Banco, pacco string) {
	t.Helper()
	chiavi, err := b.Servizio.Log.Published(context.Background(), b.Ente)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(strings.NewReader(pacco), int64(len(pacco)))
	if err != nil {
		t.Fatal(err)
	}
	if x, err := pratica.VerificaFascicolo(z, chiavi...); err != nil || len(x.Atti) == 0 {
		t.Errorf("the package does not verify: %v", err)
	}
}
