package main

import (
	"bytes"
	"html"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is a person's browser, before a real server: it keeps cookies, follows
// where it is sent and fills in the forms of its page.
type browser struct {
	t        *testing.T
	s        *server
	biscotti map[string]string
	pagina   string
	dove     string
	stato    int
}

// foglio is a file of a form.
type foglio struct {
	campo, nome string
	dati        []byte
}

var fermoQui = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (s *server) browser(t *testing.T) *browser {
	return &browser{t: t, s: s, biscotti: map[string]string{}}
}

func (n *browser) chiedi(metodo, via, tipo string, corpo []byte) *browser {
	n.t.Helper()
	for range 9 {
		r, err := http.NewRequestWithContext(n.t.Context(), metodo, n.s.base+via, bytes.NewReader(corpo))
		if err != nil {
			n.t.Fatal(err)
		}
		if tipo != "" {
			r.Header.Set("Content-Type", tipo)
		}
		for k, v := range n.biscotti {
			r.AddCookie(&http.Cookie{Name: k, Value: v})
		}
		risp, err := fermoQui.Do(r)
		if err != nil {
			n.t.Fatal(err)
		}
		b, err := io.ReadAll(risp.Body)
		if err != nil {
			n.t.Fatal(err)
		}
		_ = risp.Body.Close()
		for _, c := range risp.Cookies() {
			if n.biscotti[c.Name] = c.Value; c.MaxAge < 0 {
				delete(n.biscotti, c.Name)
			}
		}
		n.pagina, n.dove, n.stato = string(b), via, risp.StatusCode
		if risp.StatusCode != http.StatusSeeOther {
			return n
		}
		via, _, _ = strings.Cut(risp.Header.Get("Location"), "#")
		metodo, tipo, corpo = http.MethodGet, "", nil
	}
	n.t.Fatal("sent on for ever")
	return n
}

func (n *browser) apri(via string) *browser {
	n.t.Helper()
	return n.chiedi(http.MethodGet, via, "", nil).vuole(http.StatusOK)
}

func (n *browser) vuole(stato int, parole ...string) *browser {
	n.t.Helper()
	testo := strings.Join(strings.Fields(html.UnescapeString(marche.ReplaceAllString(n.pagina, " "))), " ")
	if n.stato != stato {
		n.t.Fatalf("%s: %d, want %d: %.1500s", n.dove, n.stato, stato, testo)
	}
	for _, p := range parole {
		if !strings.Contains(testo, p) {
			n.t.Fatalf("%s: no %q in %.1500s", n.dove, p, testo)
		}
	}
	return n
}

var (
	marche    = regexp.MustCompile(`(?s)<(script|style|head|svg)\b.*?</(script|style|head|svg)>|<[^>]*>`)
	campi     = regexp.MustCompile(`<input[^>]*>`)
	aree      = regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`)
	scelte    = regexp.MustCompile(`(?s)<select[^>]*name="([^"]+)".*?<option value="([^"]*)"[^>]* selected`)
	attributo = regexp.MustCompile(`([a-z]+)="([^"]*)"`)
)

// campiDi are the fields of the form that goes to an address, as they are on the page.
func (n *browser) campiDi(azione string) url.Values {
	n.t.Helper()
	_, dopo, ok := strings.Cut(n.pagina, `action="`+html.EscapeString(azione))
	if !ok {
		n.t.Fatalf("%s: no form for %s", n.dove, azione)
	}
	modulo, _, _ := strings.Cut(dopo, "</form>")
	v := url.Values{}
	for _, x := range campi.FindAllString(modulo, -1) {
		a := map[string]string{"type": "text"}
		for _, m := range attributo.FindAllStringSubmatch(x, -1) {
			a[m[1]] = html.UnescapeString(m[2])
		}
		scelto := strings.Contains(x, " checked")
		if t := a["type"]; a["name"] == "" || t == "file" || t == "image" || (t == "checkbox" || t == "radio") && !scelto {
			continue
		}
		v.Add(a["name"], a["value"])
	}
	for _, m := range append(aree.FindAllStringSubmatch(modulo, -1), scelte.FindAllStringSubmatch(modulo, -1)...) {
		v.Set(m[1], html.UnescapeString(m[2]))
	}
	return v
}

// manda sends the form of the page that goes to an address, with what was put in.
func (n *browser) manda(azione string, coppie ...string) *browser {
	n.t.Helper()
	return n.spedisci(azione, n.campiDi(azione), coppie...)
}

// spedisci sends some fields, whatever the page.
func (n *browser) spedisci(via string, v url.Values, coppie ...string) *browser {
	n.t.Helper()
	v = maps.Clone(v)
	for i := 0; i+1 < len(coppie); i += 2 {
		if v == nil {
			v = url.Values{}
		}
		v.Set(coppie[i], coppie[i+1])
	}
	return n.chiedi(http.MethodPost, via, "application/x-www-form-urlencoded", []byte(v.Encode()))
}

// mandaFogli sends fields and files.
func (n *browser) mandaFogli(via string, v url.Values, fogli ...foglio) *browser {
	n.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, vv := range v {
		for _, x := range vv {
			if err := w.WriteField(k, x); err != nil {
				n.t.Fatal(err)
			}
		}
	}
	for _, f := range fogli {
		p, err := w.CreateFormFile(f.campo, f.nome)
		if err == nil {
			_, err = p.Write(f.dati)
		}
		if err != nil {
			n.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		n.t.Fatal(err)
	}
	return n.chiedi(http.MethodPost, via, w.FormDataContentType(), b.Bytes())
}

// trova is what the page has in the place of the first group.
func (n *browser) trova(forma string) []string {
	n.t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(forma).FindAllStringSubmatch(n.pagina, -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		n.vuole(-n.stato) // says what there is
	}
	return out
}

// entra signs in, and unlocks the key of who has a passphrase.
func (n *browser) entra(utente, password, frase string) *browser {
	n.t.Helper()
	n.apri("/entra").manda("/entra", "utente", utente, "password", password).vuole(http.StatusOK)
	if frase != "" {
		n.apri("/chiavi/sblocca").manda("/chiavi/sblocca", "frase", frase).vuole(http.StatusOK)
	}
	return n
}

// fa does an act by the form of its page.
func (n *browser) fa(caso, atto string, coppie ...string) *browser {
	n.t.Helper()
	via := "/pratica/" + caso + "/atto/" + atto
	n.apri(via).manda(via, append(coppie, "fai", "salva")...).vuole(http.StatusOK)
	if strings.Contains(n.dove, "/atto/") {
		n.vuole(-n.stato)
	}
	return n
}
