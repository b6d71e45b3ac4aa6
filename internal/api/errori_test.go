package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// What does not fit is refused field by field, in Italian, without a word of
// what was sent.
func TestCorpoRifiutato(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	segreto := "Gervasia"
	for nome, x := range map[string]struct {
		corpo string
		stato int
		campo string
	}{
		"empty":                  {"", 400, ""},
		"no JSON":                {`{"testo":"` + segreto + `"`, 400, ""},
		"two values":             {`{"testo":"a"} {}`, 400, ""},
		"raw NUL":                {"{\"testo\":\"a\x00b\"}", 400, ""},
		"no UTF-8":               {"{\"testo\":\"\xff" + segreto + "\"}", 400, ""},
		"a list":                 {`["` + segreto + `"]`, 422, ""},
		"null":                   {`null`, 422, ""},
		"unknown":                {`{"testo":"a","colore":"` + segreto + `"}`, 422, "colore"},
		"unknown inside":         {`{"testo":"a","segnalante":{"nome":"A","eta":3}}`, 422, "segnalante.eta"},
		"unknown in a list":      {`{"testo":"a","allegati":[{"contenuto":"","x":1}]}`, 422, "allegati[0].x"},
		"other case":             {`{"Testo":"` + segreto + `"}`, 422, "Testo"},
		"missing":                {`{}`, 422, "testo"},
		"null for a text":        {`{"testo":null}`, 422, "testo"},
		"blank":                  {`{"testo":"  \n"}`, 422, "testo"},
		"number for text":        {`{"testo":12}`, 422, "testo"},
		"object for text":        {`{"testo":{"a":"` + segreto + `"}}`, 422, "testo"},
		"text for object":        {`{"testo":"a","luogo":"` + segreto + `"}`, 422, "luogo"},
		"text for list":          {`{"testo":"a","allegati":"x"}`, 422, "allegati"},
		"list for person":        {`{"testo":"a","segnalante":[]}`, 422, "segnalante"},
		"twice":                  {`{"testo":"a","testo":"` + segreto + `"}`, 422, "testo"},
		"twice, once escaped":    {`{"testo":"a","t\u0065sto":"b"}`, 422, "testo"},
		"NUL":                    {`{"testo":"a\u0000` + segreto + `"}`, 422, "testo"},
		"NUL inside":             {`{"testo":"a","segnalante":{"nome":"\u0000"}}`, 422, "segnalante.nome"},
		"huge text":              {`{"testo":"` + strings.Repeat("a", 10_001) + `"}`, 422, "testo"},
		"long subject":           {`{"testo":"a","oggetto":"` + strings.Repeat("a", 201) + `"}`, 422, "oggetto"},
		"long place":             {`{"testo":"a","luogo":{"unita":"` + strings.Repeat("a", 1001) + `"}}`, 422, "luogo.unita"},
		"kind":                   {`{"testo":"a","tipo":"` + segreto + `"}`, 422, "tipo"},
		"date":                   {`{"testo":"a","conosciutoIl":"31/03/2026"}`, 422, "conosciutoIl"},
		"future":                 {`{"testo":"a","conosciutoIl":"2030-01-01"}`, 422, "conosciutoIl"},
		"e-mail":                 {`{"testo":"a","segnalante":{"email":"` + segreto + `"}}`, 422, "segnalante.email"},
		"eleven files":           {`{"testo":"a","allegati":[` + strings.Repeat(`{"contenuto":"YQ=="},`, 10) + `{"contenuto":"YQ=="}]}`, 422, "allegati"},
		"no base64":              {`{"testo":"a","allegati":[{"nome":"a.txt","contenuto":"` + segreto + `!"}]}`, 422, "allegati[0].contenuto"},
		"half base64":            {`{"testo":"a","allegati":[{"nome":"a.txt","contenuto":"YWJ"}]}`, 422, "allegati[0].contenuto"},
		"empty file":             {`{"testo":"a","allegati":[{"nome":"a.txt","contenuto":""}]}`, 422, "allegati[0].contenuto"},
		"a program":              {`{"testo":"a","allegati":[{"nome":"a.pdf","contenuto":"` + base64.StdEncoding.EncodeToString([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff")) + `"}]}`, 422, "allegati[0].contenuto"},
		"deep":                   {`{"testo":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, 422, "testo"},
		"a made-up name is long": {`{"testo":"a","` + strings.Repeat("é", 500) + `":1}`, 422, strings.Repeat("é", 80) + "…"},
	} {
		r := p.chiama("POST", "/segnalazioni", "", x.corpo, "Content-Type", "application/json")
		if r.StatusCode != x.stato || x.campo != "" && r.errori()[x.campo] == "" {
			t.Errorf("%s: %d %v, want %d %s: %s", nome, r.StatusCode, r.errori(), x.stato, x.campo, r.byte)
		}
		if strings.Contains(string(r.byte), segreto) {
			t.Errorf("%s: the answer repeats what was sent: %s", nome, r.byte)
		}
	}
	if l := p.chiama("GET", "/pratiche", p.token(access.URPAziendale, ""), nil).json["pratiche"].([]any); len(l) != 0 {
		t.Errorf("something was registered: %v", l)
	}
	if strings.Contains(p.log.String(), segreto) {
		t.Error("the log repeats what was sent")
	}
	for _, tipo := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ";", "", "application/json; charset=utf-16", "application/json; charset=", "application/json, text/plain"} {
		p.vuole(415, p.chiama("POST", "/segnalazioni", "", `{"testo":"a"}`, "Content-Type", tipo))
	}
	p.vuole(415, p.chiama("POST", "/segnalazioni", "", `{"testo":"a"}`, "Content-Encoding", "gzip"))
	p.vuole(201, p.chiama("POST", "/segnalazioni", "", `{"testo":"a","oggetto":null,"luogo":null,"segnalante":null}`, "Content-Type", "application/json; charset=utf-8"))
}

// Who gives no name cannot complain or praise: it becomes a rilievo, and keeps
// its code.
//
// ref: pga01 3.2
func TestAnonima(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	for tipo, vuole := range map[string]string{"reclamo": "rilievo", "elogio": "rilievo", "suggerimento": "suggerimento", "": "rilievo"} {
		v := oggetto{"testo": "Il parcheggio è buio.", "luogo": oggetto{"presidio": "03999001"}, "segnalante": nil}
		if tipo != "" {
			v["tipo"] = tipo
		}
		r := p.vuole(201, p.chiama("POST", "/segnalazioni", "", v))
		if r.testo("tipo") != vuole {
			t.Errorf("%q without a name becomes %q", tipo, r.testo("tipo"))
		}
		if s := p.vuole(200, p.chiama("GET", "/segnalazioni/"+r.testo("codice"), r.testo("chiave"), nil)); s.testo("stato") != "ricevuta" {
			t.Errorf("state: %s", s.byte)
		}
	}
}

// The same key gives the same answer, also at once; with another body it is
// refused; somebody else's key is his own.
func TestIdempotenza(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		p := monta(t, b)
		corpi := make([][]byte, 6)
		var wg sync.WaitGroup
		for i := range corpi {
			wg.Go(func() {
				r := p.chiama("POST", "/segnalazioni", "", reclamo(), "Idempotency-Key", "0b6c2f9e-una-volta-sola")
				if r.StatusCode != 201 {
					t.Errorf("%d: %s", r.StatusCode, r.byte)
				}
				corpi[i] = r.byte
			})
		}
		wg.Wait()
		for _, c := range corpi {
			if !bytes.Equal(c, corpi[0]) {
				t.Errorf("the same request, another answer:\n%s%s", corpi[0], c)
			}
		}
		urp := p.token(access.URP, "URP-SANTA-CHIARA")
		id := p.chiama("GET", "/pratiche", urp, nil).json["pratiche"].([]any)[0].(map[string]any)["id"].(string)
		p.vuole(201, p.chiama("POST", "/pratiche/"+id+"/atti", urp, oggetto{"atto": "conversione", "dati": oggetto{"tipo": "rilievo", "motivo": "È un rilievo."}}))
		if r := p.chiama("POST", "/segnalazioni", "", reclamo(), "Idempotency-Key", "0b6c2f9e-una-volta-sola"); !bytes.Equal(r.byte, corpi[0]) {
			t.Errorf("after another act the answer changes:\n%s%s", corpi[0], r.byte)
		}
		v := reclamo()
		v["oggetto"] = "Un altro"
		p.vuole(422, p.chiama("POST", "/segnalazioni", "", v, "Idempotency-Key", "0b6c2f9e-una-volta-sola"))
		fo := p.token(access.FrontOffice, "FO-SANTA-CHIARA")
		if r := p.vuole(201, p.chiama("POST", "/segnalazioni", fo, v, "Idempotency-Key", "0b6c2f9e-una-volta-sola")); r.testo("numero") != "2026/0000002" {
			t.Errorf("the office's own key: %s", r.byte)
		}
		for _, k := range []string{strings.Repeat("a", 256), "", "a b", "è"} {
			if r := p.vuole(422, p.chiama("POST", "/segnalazioni", "", v, "Idempotency-Key", k)); r.errori()["Idempotency-Key"] == "" {
				t.Errorf("%q: %s", k, r.byte)
			}
		}
	})
}

// Files arrive encrypted in their case, named and typed by content, and who may
// read the case reads them.
func TestAllegati(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		p := monta(t, b)
		pdf := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), 3<<20)...)
		v := reclamo()
		v["allegati"] = []oggetto{{"nome": "../referto.exe", "contenuto": base64.StdEncoding.EncodeToString(pdf)},
			{"nome": "nota.txt", "contenuto": base64.StdEncoding.EncodeToString([]byte("Due righe in più."))}}
		grezzo, _ := json.Marshal(v)
		p.vuole(201, p.chiama("POST", "/segnalazioni", "", strings.ReplaceAll(string(grezzo), "/", `\/`), "Content-Type", "application/json"))
		urp := p.token(access.URP, "URP-SANTA-CHIARA")
		id := p.chiama("GET", "/pratiche", urp, nil).json["pratiche"].([]any)[0].(map[string]any)["id"].(string)
		c := p.apri(urp, id)
		visti := map[string]Allegato{}
		for _, x := range c.Allegati { // the clock stands still: their ids have no order
			visti[x.Nome] = x
		}
		if x := visti["referto.exe.pdf"]; len(c.Allegati) != 2 || x.Tipo != "pdf" || x.Dimensione != int64(len(pdf)) || visti["nota.txt"].Tipo != "txt" {
			t.Errorf("files: %+v", c.Allegati)
		}
		if len(p.s.grandi) != 0 {
			t.Error("the place of a large body was not given back")
		}
	})
}

func TestTroppoGrande(t *testing.T) {
	b := storetest.SQLite(t)
	p := monta(t, b)
	az := p.token(access.URPAziendale, "")
	grande := `{"testo":"` + strings.Repeat("a", maxGrande) + `"}`
	if r := p.vuole(413, p.chiama("POST", "/segnalazioni", "", grande)); !strings.Contains(r.testo("detail"), "30 MB") {
		t.Errorf("%s", r.byte)
	}
	p.vuole(413, p.chiama("POST", "/pratiche/ricerca", az, `{"q":"`+strings.Repeat("a", maxCorpo)+`"}`))
	v := reclamo()
	v["allegati"] = []oggetto{{"nome": "a.pdf", "contenuto": base64.StdEncoding.EncodeToString(append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), 20<<20)...))}}
	if r := p.vuole(413, p.chiama("POST", "/segnalazioni", "", v)); r.errori()["allegati[0].contenuto"] == "" {
		t.Errorf("a file over 20 MB: %s", r.byte)
	}
	// Said without a length, it is cut off all the same.
	r := httptest.NewRequest("POST", Prefisso+"/segnalazioni", io.MultiReader(strings.NewReader(grande)))
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = -1
	w := httptest.NewRecorder()
	p.h.ServeHTTP(w, r)
	if w.Code != 413 {
		t.Errorf("without a length: %d", w.Code)
	}
	if len(p.s.grandi) != 0 {
		t.Error("the place of a large body was not given back")
	}
}

// What an act is told is of the type that its schema says.
func TestDatiDiAltroTipo(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamo()))
	urp := p.token(access.URP, "URP-SANTA-CHIARA")
	dove := "/pratiche/" + p.chiama("GET", "/pratiche", urp, nil).json["pratiche"].([]any)[0].(map[string]any)["id"].(string) + "/atti"
	p.vuole(201, p.chiama("POST", dove, urp, oggetto{"atto": "presa_in_carico"}))
	for _, x := range []struct {
		atto, campo string
		dati        oggetto
	}{
		{"proroga", "giorni", oggetto{"motivo": "Manca un parere.", "giorni": "5"}},
		{"proroga", "giorni", oggetto{"motivo": "Manca un parere.", "giorni": 5.5}},
		{"proroga", "giorni", oggetto{"motivo": "Manca un parere.", "giorni": true}},
		{"proroga", "motivo", oggetto{"motivo": 7, "giorni": 5}},
		{"proroga", "motivo", oggetto{"motivo": oggetto{"a": 1}, "giorni": 5}},
		{"risoluzione_diretta", "soddisfatto", oggetto{"testo": "Fatto.", "soddisfatto": "banana"}},
		{"risoluzione_diretta", "soddisfatto", oggetto{"testo": "Fatto.", "soddisfatto": []int{1}}},
	} {
		if r := p.vuole(422, p.chiama("POST", dove, urp, oggetto{"atto": x.atto, "dati": x.dati})); r.errori()["dati."+x.campo] == "" {
			t.Errorf("%v: %s", x.dati, r.byte)
		}
	}
	p.vuole(201, p.chiama("POST", dove, urp, oggetto{"atto": "proroga", "dati": oggetto{"motivo": "Manca un parere.", "giorni": 5}}))
}

// An address that asks the same thing twice, or that does not read, is not guessed.
func TestDomandaStorta(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	az := p.token(access.URPAziendale, "")
	if r := p.vuole(422, p.chiama("GET", "/pratiche?limite=5&limite=7", az, nil)); r.errori()["limite"] != "Questo parametro c'è due volte." {
		t.Errorf("%s", r.byte)
	}
	p.vuole(422, p.chiama("GET", "/pratiche?tipo=reclamo&tipo=reclamo", az, nil))
	p.vuole(400, p.chiama("GET", "/pratiche?tipo=%zz", az, nil))
	p.vuole(400, p.chiama("GET", "/pratiche?tipo=reclamo;limite=3", az, nil))
	p.vuole(200, p.chiama("GET", "/pratiche?limite=5&tipo=reclamo", az, nil))
}

// Tokens: only Bearer, only ours; cookies are not looked at.
func TestToken(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	az := p.token(access.URPAziendale, "")
	for _, x := range []string{"", "Bearer", "Bearer ", "Bearer x", "Basic " + az, "Bearer " + az + "x", "Bearer tut_", az} {
		r := p.vuole(401, p.chiama("GET", "/pratiche", "", nil, "Authorization", x, "Cookie", "__Host-s="+az))
		if r.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: no WWW-Authenticate", x)
		}
	}
	p.vuole(200, p.chiama("GET", "/pratiche", "", nil, "Authorization", "bearer  "+az))
	p.vuole(401, p.chiama("POST", "/segnalazioni", "tut_sbagliato", reclamo())) // not taken for anonymous
	p.b.Orologio.Avanza(200 * 24 * time.Hour)
	p.vuole(401, p.chiama("GET", "/pratiche", az, nil))
	senza := monta(t, p.b, func(c *Config) { c.Auth = nil })
	senza.vuole(401, senza.chiama("GET", "/pratiche", az, nil))
}

// A wrong key, a wrong code, one that is not there, one badly written: the same
// words.
func TestChiave(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	r := p.chiama("POST", "/segnalazioni", "", reclamo())
	codice, chiave := r.testo("codice"), r.testo("chiave")
	parole := ""
	for _, x := range [][2]string{{codice, vault.NewChiave().Valore()}, {vault.NewCodice(), chiave}, {"x", chiave}, {codice, "x"}, {codice, p.token(access.URPAziendale, "")}} {
		for _, coda := range []string{"", "/ricevuta"} {
			r := p.vuole(404, p.chiama("GET", "/segnalazioni/"+x[0]+coda, x[1], nil))
			if parole == "" {
				parole = r.testo("detail")
			}
			if r.testo("detail") != parole {
				t.Errorf("%v: %q", x, r.testo("detail"))
			}
		}
	}
	p.vuole(401, p.chiama("GET", "/segnalazioni/"+codice, "", nil))
}

// One network that calls too often waits; others, and the office, do not.
func TestFreno(t *testing.T) {
	b := storetest.SQLite(t)
	p := monta(t, b, func(c *Config) { c.Limite = Limite{AlSecondo: 0.5, Raffica: 3} })
	fo := p.token(access.FrontOffice, "FO-SANTA-CHIARA")
	for range 3 {
		p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamo()))
	}
	r := p.vuole(429, p.chiama("POST", "/segnalazioni", "", reclamo()))
	if s, _ := strconv.Atoi(r.Header.Get("Retry-After")); s != 2 {
		t.Errorf("Retry-After: %q", r.Header.Get("Retry-After"))
	}
	p.vuole(429, p.chiama("GET", "/segnalazioni/ABCD2345WXYZ", "x", nil))
	p.vuole(201, p.chiama("POST", "/segnalazioni", fo, reclamo()))
	if d := p.s.freno.attesa("198.51.100.0/24", b.Orologio.Now()); d != 0 {
		t.Errorf("another network waits %s", d)
	}
	b.Orologio.Avanza(2 * time.Second)
	p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamo()))
	for i := range maxReti + 5 {
		p.s.freno.attesa(strconv.Itoa(i), b.Orologio.Now())
	}
	if n := len(p.s.freno.reti); n > maxReti {
		t.Errorf("%d networks remembered", n)
	}
}

// When we cannot, the answer says whom to call and when to try again; the log
// says which request, and nothing of it.
func TestNonDisponibile(t *testing.T) {
	b := storetest.SQLite(t)
	for nome, x := range map[string]struct {
		err   error
		stato int
	}{"full": {fault.New(fault.Unavailable, "Ora non riusciamo a salvare gli allegati."), 503}, "broken": {errors.New("disk on fire"), 500}} {
		p := monta(t, b, func(c *Config) {
			c.Carica = func(context.Context, string, vault.ID, vault.Slot, string, io.Reader) (pratica.File, error) {
				return pratica.File{}, x.err
			}
		})
		v := reclamo()
		v["allegati"] = []oggetto{{"nome": "Brambati.txt", "contenuto": "YQ=="}}
		r := p.vuole(x.stato, p.chiama("POST", "/segnalazioni", "", v))
		if !strings.Contains(r.testo("detail"), telefono) || strings.Contains(r.testo("detail"), "fire") || x.stato == 503 && r.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %v %s", nome, r.Header, r.byte)
		}
		if l := p.log.String(); !strings.Contains(l, r.testo("richiesta")) || !strings.Contains(l, "POST /api/v1/segnalazioni") || strings.Contains(l, "Brambati") {
			t.Errorf("%s: log %q", nome, l)
		}
	}
	guasto := monta(t, b, func(c *Config) {
		c.Carica = func(context.Context, string, vault.ID, vault.Slot, string, io.Reader) (pratica.File, error) {
			panic("x")
		}
	})
	v := reclamo()
	v["allegati"] = []oggetto{{"contenuto": "YQ=="}}
	guasto.vuole(500, guasto.chiama("POST", "/segnalazioni", "", v))
	altro := monta(t, b, func(c *Config) { c.Ente = "altrove" })
	altro.vuole(503, altro.chiama("POST", "/segnalazioni", "", reclamo()))
}

// Whatever the bytes, a body is registered or refused as its description says,
// and nothing goes wrong on our side.
func FuzzSegnalazione(f *testing.F) {
	p := monta(f, storetest.SQLite(f), func(c *Config) { c.Limite.Raffica = -1 })
	buono, _ := json.Marshal(reclamo())
	for _, s := range []string{string(buono), `{}`, `{"testo":"a"}`, `{"testo":"\ud800","segnalante":{"nome":"\u0000"}}`, `[`, `{"a":{"b":[1,{"c":null}]}}`,
		`{"testo":1e999}`, "{\"testo\":\"\xed\xa0\x80\"}", `{"testo":"a","allegati":[{"contenuto":"YQ=="}]}`, `{"":""}`, ` {"testo" : "a" , "luogo" : { } } `,
		`{"testo":"a","canale":"web","conosciutoIl":"2026-02-30"}`, `{"te\u0073to":"a"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p.t = t
		r := p.chiama(http.MethodPost, "/segnalazioni", "", string(b), "Content-Type", "application/json")
		switch r.StatusCode {
		case 201:
			var v map[string]any
			if json.Unmarshal(b, &v) != nil || v["testo"] == nil {
				t.Errorf("registered: %q", b)
			}
		case 400, 413, 422:
		default:
			t.Errorf("%d for %q", r.StatusCode, b)
		}
	})
}
