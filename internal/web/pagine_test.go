package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func everyTemplate(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	nomi, err := fs.Glob(fileTemplate, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nomi {
		b, err := fileTemplate.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		out[n] = string(b)
	}
	return out
}

func TestEveryTemplateParsesAndHasItsMain(t *testing.T) {
	p, err := (&Server{}).caricaPagine()
	if err != nil {
		t.Fatal(err)
	}
	if len(p) == 0 {
		t.Fatal("no pages")
	}
	for n, tpl := range p {
		if tpl.Lookup("main") == nil {
			t.Errorf("%s defines no main", n)
		}
	}
}

// What the policy refuses, or what would tell another site that somebody is
// reading a page, has no place in a template.
func TestTemplatesHoldNothingThatThePolicyRefuses(t *testing.T) {
	vietati := map[string]*regexp.Regexp{
		"an inline style":          regexp.MustCompile(`(?i)<[^>]*\sstyle\s*=`),
		"an inline handler":        regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=`),
		"a style element":          regexp.MustCompile(`(?i)<style`),
		"a script without a file":  regexp.MustCompile(`(?i)<script(>|\s[^>]*>\s*[^<\s])`),
		"something from elsewhere": regexp.MustCompile(`(?i)<(script|img|link|iframe|use|source|form)[^>]*(src|href|action)="(https?:)?//`),
		"a data: address":          regexp.MustCompile(`(?i)(src|href)="data:`),
	}
	for n, testo := range everyTemplate(t) {
		for cosa, re := range vietati {
			if m := re.FindString(testo); m != "" {
				t.Errorf("%s: %s: %.80s", n, cosa, m)
			}
		}
	}
}

func TestIconsNamedInTemplatesAreInTheSprite(t *testing.T) {
	ci, visti := sprite(), 0
	re := regexp.MustCompile(`icona "([a-z-]+)"`)
	for n, testo := range everyTemplate(t) {
		for _, m := range re.FindAllStringSubmatch(testo, -1) {
			visti++
			if !ci[m[1]] {
				t.Errorf("%s: no icon %q: add it to assets/icons.txt", n, m[1])
			}
		}
	}
	if visti == 0 {
		t.Error("no icon seen: the test does not read the templates")
	}
}

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	w := httptest.NewRecorder()
	intestazioni(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	csp := w.Header().Get("Content-Security-Policy")
	for _, p := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(csp, p) {
			t.Errorf("policy without %s", p)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "data:") || strings.Contains(csp, "*") {
		t.Errorf("a loose policy: %s", csp)
	}
	for k, v := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
		if got := w.Header().Get(k); got != v {
			t.Errorf("%s: %q, want %q", k, got, v)
		}
	}
}
