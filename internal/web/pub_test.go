package web_test

import (
	"bytes"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"tutela/internal/child"
	"tutela/internal/flat"
	"tutela/internal/store/storetest"
	"tutela/internal/web"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "figlio" { // the child that opens files, as the program is
		if err := child.Confine(); err != nil {
			panic(err)
		}
		if err := child.Serve(os.Stdin, os.Stdout, flat.Works); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	storetest.Ferma()
	os.Exit(code)
}

// browser is a person's browser: it keeps cookies and follows where it is sent.
type browser struct {
	t        testing.TB
	h        http.Handler
	biscotti map[string]string
}

// risposta is a page as it came.
type rispostaPagina struct {
	Stato int
	Testo string // the whole body
	Dove  string // address of the page, after being sent on
	Testa http.Header
}

func enteDiProva() web.Ente {
	return web.Ente{Nome: "ASST Montelago", Regione: "Regione di prova", Telefono: "800 123 456", Orari: "dal lunedì al venerdì, dalle 8.30 alle 13",
		Email: "urp@example.org", Indirizzo: "Via dei Tigli 40, Montelago", DPO: "dpo@example.org"}
}

func pagineDi(t testing.TB, b *storetest.Banco) http.Handler {
	t.Helper()
	h, err := web.New(web.Config{Servizio: b.Servizio, Ente: enteDiProva(), EnteID: b.Ente, Now: b.Orologio.Now, Bozze: b.Store, Blobs: b.Blobs,
		Anello: b.Anello, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func apriBrowser(t testing.TB, h http.Handler) *browser {
	return &browser{t, h, map[string]string{}}
}

// manda sends one request and follows 303s.
func (n *browser) manda(r *http.Request) rispostaPagina {
	n.t.Helper()
	for range 10 {
		for k, v := range n.biscotti {
			r.AddCookie(&http.Cookie{Name: k, Value: v})
		}
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		n.h.ServeHTTP(w, r)
		res := w.Result()
		for _, c := range res.Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
				n.t.Errorf("cookie %s: %+v", c.Name, c)
			}
			if c.MaxAge < 0 {
				delete(n.biscotti, c.Name)
			} else {
				n.biscotti[c.Name] = c.Value
			}
		}
		b, err := io.ReadAll(res.Body)
		if err != nil {
			n.t.Fatal(err)
		}
		if res.StatusCode == http.StatusSeeOther {
			dove, _, _ := strings.Cut(res.Header.Get("Location"), "#")
			r = httptest.NewRequest(http.MethodGet, dove, nil)
			continue
		}
		return rispostaPagina{res.StatusCode, string(b), r.URL.RequestURI(), res.Header}
	}
	n.t.Fatal("sent on for ever")
	return rispostaPagina{}
}

func (n *browser) apri(dove string) rispostaPagina {
	n.t.Helper()
	return n.manda(httptest.NewRequest(http.MethodGet, dove, nil))
}

func (n *browser) invia(dove string, v url.Values) rispostaPagina {
	n.t.Helper()
	r := httptest.NewRequest(http.MethodPost, dove, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return n.manda(r)
}

type fileProva struct {
	campo, nome string
	dati        []byte
}

func (n *browser) inviaFile(dove string, v url.Values, file ...fileProva) rispostaPagina {
	n.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range file {
		p, err := w.CreateFormFile(f.campo, f.nome)
		if err == nil {
			_, err = p.Write(f.dati)
		}
		if err != nil {
			n.t.Fatal(err)
		}
	}
	for k, vv := range v {
		for _, x := range vv {
			if err := w.WriteField(k, x); err != nil {
				n.t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		n.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, dove, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return n.manda(r)
}

// vuole checks status, address and words of a page.
func (n *browser) vuole(p rispostaPagina, stato int, dove string, parole ...string) rispostaPagina {
	n.t.Helper()
	if p.Stato != stato || dove != "" && p.Dove != dove {
		n.t.Fatalf("%d %s, wanted %d %s\n%s", p.Stato, p.Dove, stato, dove, soloTesto(p.Testo))
	}
	testo := soloTesto(p.Testo)
	for _, x := range parole {
		if !strings.Contains(testo, x) {
			n.t.Errorf("%s: no %q in\n%s", p.Dove, x, testo)
		}
	}
	return p
}

var (
	marche   = regexp.MustCompile(`(?s)<(script|style|datalist|head|svg)\b.*?</(script|style|datalist|head|svg)>|<[^>]*>`)
	spazi    = regexp.MustCompile(`[ \t\r]+`)
	nascosti = regexp.MustCompile(`name="chiave" value="([^"]+)"`)
)

// soloTesto is what a person reads of a page.
func soloTesto(p string) string {
	return strings.TrimSpace(spazi.ReplaceAllString(html.UnescapeString(marche.ReplaceAllString(p, " ")), " "))
}

// chiaveNascosta is the idempotency key of a page's form.
func chiaveNascosta(t testing.TB, p rispostaPagina) string {
	t.Helper()
	m := nascosti.FindStringSubmatch(p.Testo)
	if m == nil {
		t.Fatalf("no key in %s", p.Dove)
	}
	return m[1]
}

func campi(kv ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(kv); i += 2 {
		v.Add(kv[i], kv[i+1])
	}
	return v
}

// finoA walks the steps, for oneself, and stops before step n.
func (n *browser) finoA(passo int, tipo string) rispostaPagina {
	n.t.Helper()
	passi := []func() rispostaPagina{
		func() rispostaPagina { return n.invia("/segnala/1", campi("tipo", tipo)) },
		func() rispostaPagina {
			return n.invia("/segnala/2", campi("luogo", "Ospedale Santa Chiara – Montelago", "quando-giorno", "27", "quando-mese", "2", "quando-anno", "2026"))
		},
		func() rispostaPagina {
			return n.invia("/segnala/3", campi("testo", "Ho aspettato sei ore con mia madre.", "chiede", "spiegazione"))
		},
		func() rispostaPagina { return n.inviaFile("/segnala/4", campi("vai", "continua")) },
		func() rispostaPagina { return n.invia("/segnala/5", campi("per", "me")) },
	}
	var p rispostaPagina
	for i := 0; i < passo-1; i++ {
		p = n.vuole(passi[i](), http.StatusOK, "")
	}
	if passo == 6 {
		p = n.inviaFile("/segnala/5/dati", campi("nome", "Lucia", "cognome", "Prova", "ricapito", "email", "email", "lucia@example.org"))
		n.vuole(p, http.StatusOK, "/segnala/6")
	}
	return p
}

// spedita sends a whole report and gives its receipt page.
func (n *browser) spedita(tipo string) rispostaPagina {
	n.t.Helper()
	p := n.finoA(6, tipo)
	return n.vuole(n.invia("/segnala/6", campi("chiave", chiaveNascosta(n.t, p))), http.StatusOK, "/ricevuta")
}

var codici = regexp.MustCompile(`<p class="code">([^<]+)</p>`)

// codiceChiave reads them from a receipt.
func codiceChiave(t testing.TB, p rispostaPagina) (string, string) {
	t.Helper()
	m := codici.FindAllStringSubmatch(p.Testo, -1)
	if len(m) != 2 {
		t.Fatalf("codes in the receipt: %v", m)
	}
	return m[0][1], m[1][1]
}
