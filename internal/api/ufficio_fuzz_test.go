package api

import (
	"net/http"
	"net/url"
	"testing"

	"tutela/internal/access"
	"tutela/internal/store/storetest"
)

// Whatever who works here sends, each call does it or says what is wrong, and
// nothing goes wrong on our side.
func FuzzUfficio(f *testing.F) {
	p := monta(f, storetest.SQLite(f), func(c *Config) { c.Limite.Raffica = -1 })
	tok := p.token(access.URPAziendale, "")
	p.vuole(201, p.chiama(http.MethodPost, "/segnalazioni", "", reclamo()))
	id := p.chiama(http.MethodGet, "/pratiche", tok, nil).json["pratiche"].([]any)[0].(map[string]any)["id"].(string)
	for _, s := range []string{`{"atto":"presa_in_carico","dati":{},"versione":1}`, `{"atto":"valutazione","dati":{"natura":"sanitaria","danni":"esclusi"},"versione":2}`,
		`{"atto":"richiesta_chiarimenti","dati":{"strutture":[{"id":"x","copia":1}],"quesito":null},"versione":-1}`, `{"q":"attesa tipo:reclamo","limite":50,"dopo":"."}`,
		`{"atto":"provvedimento","dati":{"azione":"a","entro":"2026-02-30"},"versione":1e99}`, `[`, `{"atto":"\u0000"}`} {
		f.Add([]byte(s), "stato=aperta&scadeEntro=7&dopo=2026-03-02.a1&limite=0")
	}
	f.Fuzz(func(t *testing.T, b []byte, q string) {
		p.t = t
		v, _ := url.ParseQuery(q)
		for _, r := range []risposta{
			p.chiama(http.MethodPost, "/pratiche/"+id+"/atti", tok, string(b), "Content-Type", "application/json"),
			p.chiama(http.MethodPost, "/pratiche/ricerca", tok, string(b), "Content-Type", "application/json"),
			p.chiama(http.MethodGet, "/pratiche?"+v.Encode(), tok, nil),
		} {
			if r.StatusCode >= 500 {
				t.Errorf("%d for %q, %q", r.StatusCode, b, q)
			}
		}
	})
}
