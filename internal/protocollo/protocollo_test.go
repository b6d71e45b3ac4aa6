package protocollo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/protocollo"
)

var (
	oggi   = day.Of(2026, 3, 2)
	reti   = []string{"127.0.0.0/8", "::1/128"}
	chiede = pratica.DaProtocollare{Chiave: "0123456789abcdef", Registro: "URP", Numero: "2026/0000001", Giorno: oggi, Verso: "ingresso", Tipo: "reclamo", Oggetto: "Segnalazione n. 2026/0000001"}
)

func cliente(t *testing.T, h http.Handler) *protocollo.Cliente {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := protocollo.Nuovo(protocollo.Impostazioni{Indirizzo: s.URL, Token: "tok", Reti: reti})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The reference server keeps its numbers when it is opened again, and one key has one.
func TestProva(t *testing.T) {
	path := filepath.Join(t.TempDir(), "numeri.json")
	for i, chiave := range []string{"0123456789abcdef", "0123456789abcdef", "fedcba9876543210", "0123456789abcdef"} {
		p, err := protocollo.ApriProva(path, "tok", func() day.Date { return oggi })
		if err != nil {
			t.Fatal(err)
		}
		d := chiede
		d.Chiave = chiave
		n, err := cliente(t, p).Protocolla(t.Context(), d)
		vuole := map[string]string{"0123456789abcdef": "0000001/2026", "fedcba9876543210": "0000002/2026"}[chiave]
		if err != nil || n.Numero != vuole || n.Registro != "PG" || n.Data != oggi {
			t.Errorf("%d: %+v, %v", i, n, err)
		}
	}
}

func TestProvaRifiuta(t *testing.T) {
	p, err := protocollo.ApriProva(filepath.Join(t.TempDir(), "n.json"), "tok", func() day.Date { return oggi })
	if err != nil {
		t.Fatal(err)
	}
	const buona = `{"v":1,"registro":"URP","numero":"2026/1","giorno":"2026-03-02","verso":"ingresso","tipo":"reclamo","oggetto":"x","impronta":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`
	for _, c := range []struct {
		metodo, via, token, chiave, corpo string
		stato                             int
	}{
		{"POST", protocollo.Via, "tok", "0123456789abcdef", buona, 200},
		{"GET", protocollo.Via, "tok", "0123456789abcdef", buona, 404},
		{"POST", "/altro", "tok", "0123456789abcdef", buona, 404},
		{"POST", protocollo.Via, "no", "0123456789abcdef", buona, 401},
		{"POST", protocollo.Via, "tok", "", buona, 422},
		{"POST", protocollo.Via, "tok", "0123456789abcdef", "{", 400},
		{"POST", protocollo.Via, "tok", "0123456789abcdef", strings.Replace(buona, "ingresso", "altrove", 1), 422},
		{"POST", protocollo.Via, "tok", "0123456789abcdef", strings.Replace(buona, "2026-03-02", "ieri", 1), 422},
		{"POST", protocollo.Via, "tok", "0123456789abcdef", strings.Replace(buona, "AAAA", "", 1), 422},
		{"POST", protocollo.Via, "tok", "0123456789abcdef", strings.Replace(buona, `"v"`, `"documento":{"nome":"a","tipo":"b","contenuto":"QQ=="},"v"`, 1), 422},
	} {
		r := httptest.NewRequest(c.metodo, c.via, strings.NewReader(c.corpo))
		r.Header.Set("Authorization", "Bearer "+c.token)
		r.Header.Set(protocollo.Chiave, c.chiave)
		w := httptest.NewRecorder()
		if p.ServeHTTP(w, r); w.Code != c.stato {
			t.Errorf("%+v: HTTP %d, want %d", c, w.Code, c.stato)
		}
	}
}

// Whatever the other side answers, a number is taken only if it is one; what it writes
// is repeated to nobody.
func TestRisposteCattive(t *testing.T) {
	for _, c := range []struct {
		stato int
		corpo string
		come  fault.Kind
	}{
		{200, `{"registro":"PG","numero":"1","data":"2026-03-02","aoo":"A"}`, fault.Internal}, // it is good
		{200, `{"registro":"PG","numero":"","data":"2026-03-02","aoo":"A"}`, fault.Invalid},
		{200, `{"registro":"PG","numero":"1","data":"02/03/2026","aoo":"A"}`, fault.Invalid},
		{200, `{"registro":"PG","numero":"<b>","data":"2026-03-02","aoo":"A"}`, fault.Invalid},
		{200, `{"registro":"PG","numero":"1","data":"2026-03-02","aoo":""}`, fault.Invalid},
		{200, `{"registro":"PG","numero":"` + strings.Repeat("1", 70_000) + `"}`, fault.Invalid},
		{200, `Mario Rossi`, fault.Invalid},
		{400, `Mario Rossi`, fault.Invalid},
		{409, `Mario Rossi`, fault.Invalid},
		{401, `Mario Rossi`, fault.Unavailable},
		{302, `Mario Rossi`, fault.Unavailable},
		{429, `Mario Rossi`, fault.Unavailable},
		{500, `Mario Rossi`, fault.Unavailable},
	} {
		x := cliente(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.stato)
			_, _ = fmt.Fprint(w, c.corpo)
		}))
		_, err := x.Protocolla(t.Context(), chiede)
		if c.come == fault.Internal {
			if err != nil {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if !fault.Is(err, c.come) || strings.Contains(err.Error(), "Rossi") {
			t.Errorf("%d %.60s: %v", c.stato, c.corpo, err)
		}
	}
}

func TestImpostazioni(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "protocollo.json")
	if c, err := protocollo.Leggi(path); c != nil || err != nil {
		t.Fatal("a file that is not there", c, err)
	}
	for testo, detto := range map[string]string{
		`{"indirizzo":"https://p.esempio.it/x","token":"t"}`:                                  "",
		`{"indirizzo":"http://10.1.2.3:80","token":"t","reti":["10.1.0.0/16"]}`:               "",
		`{"indirizzo":"http://10.2.2.3:80","token":"t","reti":["10.1.0.0/16"]}`:               "con http solo",
		`{"indirizzo":"http://p.esempio.it","token":"t"}`:                                     "comincia con https",
		`{"indirizzo":"ftp://p.esempio.it","token":"t"}`:                                      "comincia con https",
		`{"indirizzo":"https://u:p@p.esempio.it","token":"t"}`:                                "indirizzo intero",
		`{"indirizzo":"p.esempio.it","token":"t"}`:                                            "indirizzo intero",
		`{"indirizzo":"https://p.esempio.it","token":""}`:                                     "«token»",
		`{"indirizzo":"https://p.esempio.it","token":"a b"}`:                                  "«token»",
		`{"indirizzo":"https://p.esempio.it","token":"t","reti":["10.1"]}`:                    "«reti»",
		`{"indirizzo":"https://p.esempio.it","token":"t","autorita":"` + dir + `/manca.pem"}`: "«autorita»",
		`{"indirizzo":"https://p.esempio.it","token":"segretissimo","altro":1}`:               "non si legge",
		`{"indirizzo":"https://p.esempio.it","token":"segretissimo"`:                          "non si legge",
	} {
		if err := os.WriteFile(path, []byte(testo), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := protocollo.Leggi(path)
		if detto == "" != (err == nil) || err != nil && (!strings.Contains(fault.Message(err), detto) || strings.Contains(err.Error(), "segretissimo")) {
			t.Errorf("%s: %v", testo, err)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := protocollo.Leggi(path); err == nil || !strings.Contains(fault.Message(err), "600") {
		t.Errorf("a token that others read: %v", err)
	}
	c, err := protocollo.Nuovo(protocollo.Impostazioni{Indirizzo: "https://127.0.0.1:1", Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Protocolla(t.Context(), chiede); !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Message(err), "«reti»") {
		t.Errorf("a private address that is not listed: %v", err)
	}
}
