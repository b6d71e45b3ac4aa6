package api

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tutela/internal/access"
	"tutela/internal/store/storetest"
)

var esempio = regexp.MustCompile("(?s)<!-- golden: ([a-z]+) -->\n```json\n(.*?)```")

// The examples of docs/api.md are what the API really says, codes and ids apart.
func TestEsempi(t *testing.T) {
	b, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	esempi := map[string]map[string]any{}
	for _, m := range esempio.FindAllStringSubmatch(string(b), -1) {
		var v map[string]any
		if err := json.Unmarshal([]byte(m[2]), &v); err != nil {
			t.Fatalf("%s: %v", m[1], err)
		}
		esempi[m[1]] = v
	}
	p := monta(t, storetest.SQLite(t))
	uguale := func(nome string, r risposta) {
		t.Helper()
		if d := cmp.Diff(maschera(esempi[nome]), maschera(r.json)); d != "" {
			t.Errorf("%s: docs (-) and API (+):\n%s", nome, d)
		}
	}
	r := p.vuole(201, p.chiama("POST", "/segnalazioni", "", esempi["segnalazione"]))
	uguale("stato", p.chiama("GET", "/segnalazioni/"+r.testo("codice"), r.testo("chiave"), nil))
	uguale("registrata", r) // last of the two: it masks the codes
	uguale("elenco", p.chiama("GET", "/pratiche?ordina=scadenza&limite=50", p.token(access.URP, "URP-SANTA-CHIARA"), nil))
	uguale("problema", p.chiama("POST", "/segnalazioni", "", `{"testo": "a", "colore": "blu", "segnalante": {"email": 12}}`))
	if len(esempi) != 5 {
		t.Errorf("%d examples in the page, 5 are run", len(esempi))
	}
}

var casuale = regexp.MustCompile(`^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[2-9A-HJKMNP-Z]{12}|[2-9A-HJKMNP-Z]{16}|[0-9a-f]{16})$`)

// maschera leaves of a random value its length only.
func maschera(v any) any {
	switch x := v.(type) {
	case string:
		if casuale.MatchString(x) {
			return len(x)
		}
	case []any:
		for i := range x {
			x[i] = maschera(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = maschera(x[k])
		}
	}
	return v
}
