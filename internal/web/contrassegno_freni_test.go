package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// Who guesses at stamps waits, on whichever node he asks and whether there is such a
// stamp or not; who has the right password never does.
func TestContrassegnoFrenato(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), pratica.Nuova{Registro: pratica.RegistroUPT, Canale: "web",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore.", Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example"}})})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []pratica.Comando{{Atto: "presa_in_carico"}, {Atto: "risposta", Dati: pratica.Dati{"testo": "Gentile Ilaria."}}} {
			c.Pratica = r.ID
			if _, err := b.Servizio.Esegui(ctx, upt.Chi(t, "capo"), c); err != nil {
				t.Fatal(err)
			}
		}
		g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave)
		if err != nil {
			t.Fatal(err)
		}
		timbro := g.Contrassegno.Apri()
		nodi := []http.Handler{apriUfficio(t, b).h, apriUfficio(t, b).h}
		chiesta := 0
		chiedi := func(rete, id, password string) int {
			t.Helper()
			chiesta++
			q := httptest.NewRequest(http.MethodGet, "/verifica/"+id, nil)
			if password != "" {
				q = httptest.NewRequest(http.MethodPost, "/verifica/"+id, strings.NewReader(url.Values{"password": {password}}.Encode()))
				q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			q.RemoteAddr = rete + ":4000"
			w := httptest.NewRecorder()
			nodi[chiesta%2].ServeHTTP(w, q)
			return w.Code
		}
		altro, _ := vault.NewContrassegno()
		for id, sbagliata := range map[string]int{timbro.ID: http.StatusUnprocessableEntity, altro: http.StatusNotFound} {
			volte := 0
			for i := range 12 {
				if code := chiedi("10.0."+itoa(i)+".9", id, vault.NewChiave().Valore()); code == http.StatusTooManyRequests {
					break
				} else if code != sbagliata {
					t.Fatalf("wrong password: %d", code)
				}
				volte++
			}
			if volte < 5 || volte > 6 {
				t.Errorf("%d wrong passwords before the wait", volte)
			}
			if code := chiedi("10.1.0.9", id, vault.NewChiave().Valore()); code != http.StatusTooManyRequests {
				t.Errorf("from another network: %d", code)
			}
		}
		if code := chiedi("10.1.1.9", timbro.ID, timbro.Password); code != http.StatusOK {
			t.Errorf("the right password waits: %d", code)
		}
		if code := chiedi("10.1.1.9", timbro.ID, ""); code != http.StatusOK {
			t.Errorf("the id alone waits for what others tried: %d", code)
		}
		b.Orologio.Avanza(time.Minute + time.Second)
		if code := chiedi("10.1.0.9", timbro.ID, vault.NewChiave().Valore()); code != http.StatusUnprocessableEntity {
			t.Errorf("after a minute: %d", code)
		}
		volte := 0
		for range 80 {
			if chiedi("10.2.0.9", timbro.ID, "") == http.StatusTooManyRequests {
				break
			}
			volte++
		}
		if volte < 60 || volte > 62 {
			t.Errorf("%d askings of one network before the wait", volte)
		}
		if code := chiedi("10.2.0.200", timbro.ID, timbro.Password); code != http.StatusOK {
			t.Errorf("the right password waits for its network: %d", code)
		}
		if code := chiedi("10.2.1.9", timbro.ID, ""); code != http.StatusOK {
			t.Errorf("another network waits: %d", code)
		}
	})
}
