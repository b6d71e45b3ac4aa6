package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// onWire is how many bytes of an embedded file travel to a browser that reads gzip.
func onWire(t *testing.T, nome string) int {
	t.Helper()
	x, c := statici.file[nome]
	if !c {
		t.Fatalf("no embedded file %s", nome)
	}
	if x.gzip != nil {
		return len(x.gzip)
	}
	return len(x.chiaro)
}

func TestStaticFilesStayWithinBudget(t *testing.T) {
	const kb = 1024
	for _, c := range []struct {
		cosa string
		max  int
		nomi []string
	}{
		{"public styles", 18 * kb, []string{"public.css"}},
		{"desk styles", 16 * kb, []string{"desk.css"}},
		{"public script", 3 * kb, []string{"public.js"}},
		{"desk script", 6 * kb, []string{"desk.js"}},
		{"passkey script", 1 * kb, []string{"passkey.js"}},
		{"icons", 8 * kb, []string{"icons.svg"}},
		{"fonts", 56 * kb, caratteri()},
	} {
		n := 0
		for _, nome := range c.nomi {
			n += onWire(t, nome)
		}
		if n > c.max {
			t.Errorf("%s: %d bytes, %d allowed", c.cosa, n, c.max)
		}
		t.Logf("%s: %d of %d bytes", c.cosa, n, c.max)
	}
	if n := len(caratteri()); n != 3 {
		t.Errorf("%d fonts, want the three weights", n)
	}
}

func caratteri() (out []string) {
	for nome := range statici.file {
		if strings.HasSuffix(nome, ".woff2") {
			out = append(out, nome)
		}
	}
	return out
}

var indirizzoInCSS = regexp.MustCompile(`url\(\s*["']?([^"')]+)`)

// What the policy of the pages would refuse must not be in what they load.
func TestStylesAskOnlyForWhatIsEmbedded(t *testing.T) {
	visti := 0
	for nome, x := range statici.file {
		if !strings.HasSuffix(nome, ".css") {
			continue
		}
		if bytes.Contains(x.chiaro, []byte("@import")) {
			t.Errorf("%s: an @import", nome)
		}
		for _, m := range indirizzoInCSS.FindAllSubmatch(x.chiaro, -1) {
			visti++
			if _, c := statici.file[string(m[1])]; !c {
				t.Errorf("%s asks for %.60q", nome, m[1])
			}
		}
	}
	if visti < 6 {
		t.Errorf("%d addresses seen in two style sheets: the test does not read them", visti)
	}
}

// sprite are the names of the icons that are there.
func sprite() map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`<symbol id="it-([a-z-]+)"`).FindAllSubmatch(statici.file["icons.svg"].chiaro, -1) {
		out[string(m[1])] = true
	}
	return out
}

func get(t *testing.T, s *Server, impronta, nome, codifica string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.SetPathValue("impronta", impronta)
	r.SetPathValue("nome", nome)
	r.Header.Set("Accept-Encoding", codifica)
	w := httptest.NewRecorder()
	return w, s.statico(w, r)
}

func TestStaticFileIsKeptForEverUnderItsDigest(t *testing.T) {
	s := &Server{}
	w, err := get(t, s, statici.impronta, "public.css", "br, gzip")
	if err != nil {
		t.Fatal(err)
	}
	if c := w.Header().Get("Cache-Control"); !strings.Contains(c, "immutable") {
		t.Errorf("Cache-Control %q", c)
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(b, statici.file["public.css"].chiaro) {
		t.Errorf("compressed answer differs from the file (%v)", err)
	}
	if w, err = get(t, s, statici.impronta, "public.css", ""); err != nil {
		t.Fatal(err)
	}
	if w.Header().Get("Content-Encoding") != "" || !bytes.Equal(w.Body.Bytes(), statici.file["public.css"].chiaro) {
		t.Error("who reads no gzip does not get the plain file")
	}
	if w, err = get(t, s, "000000000000", "public.css", ""); err != nil {
		t.Fatal(err)
	}
	if c := w.Header().Get("Cache-Control"); strings.Contains(c, "immutable") {
		t.Errorf("under another version's digest: %q", c)
	}
}

func TestNothingButTheListIsServed(t *testing.T) {
	for _, nome := range []string{"", "fonts", "fonts/", "../templates/base_pub.html", "manca.css", "public.css/"} {
		if w, err := get(t, &Server{}, statici.impronta, nome, ""); err == nil {
			t.Errorf("%q was served: %d bytes", nome, w.Body.Len())
		}
	}
}
