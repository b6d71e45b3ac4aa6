package storetest

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"

	"tutela/internal/protocollo"
)

// ConProtocollo gives the bench the reference server as the ente's own protocol, and
// what goes wrong with it: 0 nothing, a status that it answers alone, -1 a connection
// that breaks once the number was given.
func (b *Banco) ConProtocollo(t testing.TB, documento bool) (*protocollo.Prova, *atomic.Int64) {
	t.Helper()
	const token = "segreto-di-prova"
	p, err := protocollo.ApriProva(filepath.Join(t.TempDir(), "numeri.json"), token, b.Servizio.Oggi)
	if err != nil {
		t.Fatal(err)
	}
	var guasto atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch g := guasto.Load(); {
		case g > 0:
			w.WriteHeader(int(g))
			_, _ = w.Write([]byte("Mario Rossi abita qui"))
		case g < 0:
			p.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			p.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	b.Servizio.Protocollo, err = protocollo.Nuovo(protocollo.Impostazioni{Indirizzo: s.URL, Token: token, Documento: documento, Reti: []string{"127.0.0.0/8", "::1/128"}})
	if err != nil {
		t.Fatal(err)
	}
	return p, &guasto
}
