package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"

	"tutela/internal/document"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

//go:embed templates/*.html
var fileTemplate embed.FS

// Scrivania is what the frame of every page of the staff shows. Pages embed it.
type Scrivania struct {
	Titolo   string
	Io       string // who signed in
	Iniziali string
	Ufficio  string // the office in which
	Cerca    string // what was searched, kept in its field
	UPT      bool   // the search is that of the UPT
	Nuova    bool   // may take in a segnalazione
	Menu     []SezioneMenu

	viste []pratica.Vista // the saved filters of who signed in
}

// SezioneMenu is a part of the menu.
type SezioneMenu struct {
	Titolo string
	Voci   []VoceMenu
}

// VoceMenu is a line of the menu. N is its count, empty for none.
type VoceMenu struct {
	Testo, Icona, Link, N string
	Qui                   bool
}

func (Scrivania) cornice() string { return "base_desk.html" }

// Soglia is the frame of the pages before the desk: sign-in, password.
type Soglia struct{ Titolo string }

func (Soglia) cornice() string { return "base_soglia.html" }

// soglia is that frame with its title.
func (s *Server) soglia(titolo string) Soglia { return Soglia{Titolo: titolo} }

// pagine are the templates, each page with its frame and the shared parts.
type pagine map[string]*template.Template

// caricaPagine parses every template: a mistake in one stops the start.
func (s *Server) caricaPagine() (pagine, error) {
	funzioni := template.FuncMap{
		"asset":        indirizzoStatico,
		"ente":         s.presenta,
		"icona":        icona,
		"lungo":        i18n.LongDate,
		"breve":        i18n.ShortDate,
		"numero":       i18n.Number,
		"tipi":         tipiFile,
		"maxfile":      func() int { return document.MaxSize },
		"nascita":      nascita,
		"vuote":        righeVuote,
		"impronta_upt": s.improntaUPT,
	}
	nomi, err := fs.Glob(fileTemplate, "templates/*.html")
	if err != nil {
		return nil, err
	}
	comuni, out := template.New("").Funcs(funzioni), pagine{}
	comune := func(n string) bool {
		return strings.HasPrefix(n, "templates/base_") || strings.HasPrefix(n, "templates/parti")
	}
	for _, n := range nomi {
		if comune(n) {
			if err := aggiungiTemplate(comuni, n); err != nil {
				return nil, err
			}
		}
	}
	for _, n := range nomi {
		if comune(n) {
			continue
		}
		t, err := comuni.Clone()
		if err == nil {
			err = aggiungiTemplate(t, n)
		}
		if err != nil {
			return nil, err
		}
		out[path.Base(n)] = t
	}
	return out, nil
}

// iconaFissa is an icon whose name the template itself says. It is written in
// once, when the template is read: a list has hundreds.
var iconaFissa = regexp.MustCompile(`\{\{icona "([a-z-]+)"\}\}`)

func aggiungiTemplate(t *template.Template, file string) error {
	b, err := fileTemplate.ReadFile(file)
	if err != nil {
		return err
	}
	testo := iconaFissa.ReplaceAllStringFunc(string(b), func(s string) string { return string(icona(iconaFissa.FindStringSubmatch(s)[1])) })
	if _, err := t.New(path.Base(file)).Parse(testo); err != nil {
		return fmt.Errorf("parse template %s: %w", file, err)
	}
	return nil
}

// icona is an icon of the sprite; words always stand beside it.
func icona(nome string) template.HTML {
	return template.HTML(`<svg class="i" aria-hidden="true"><use href="` + indirizzoStatico("icons.svg") + `#it-` + template.HTMLEscapeString(nome) + `"></use></svg>`) //nolint:gosec // our own names, escaped
}

// rendi writes a page: the template runs whole before the first byte leaves, so
// an error is an error page and never half of one. The frame is the one that the
// page's data embed, the public one if none.
func (s *Server) rendi(w http.ResponseWriter, r *http.Request, stato int, nome string, dati any) error {
	t := s.pagine[nome]
	if t == nil {
		return fmt.Errorf("no template %s", nome)
	}
	cornice := "base_pub.html"
	if c, ok := dati.(interface{ cornice() string }); ok {
		cornice = c.cornice()
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, cornice, dati); err != nil {
		return fmt.Errorf("render %s: %w", nome, err)
	}
	k := w.Header()
	k.Set("Content-Type", "text/html; charset=utf-8")
	k.Set("Cache-Control", "no-store")
	k.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		k.Set("Content-Encoding", "gzip")
		w.WriteHeader(stato)
		z := compressori.Get().(*gzip.Writer)
		z.Reset(w)
		_, _ = z.Write(b.Bytes())
		_ = z.Close() // it fails when who asked is gone
		compressori.Put(z)
		return nil
	}
	w.WriteHeader(stato)
	_, _ = w.Write(b.Bytes())
	return nil
}

// compressori are kept: making one takes hundreds of KB.
var compressori = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// politica is the strict policy of every page: nothing inline, nothing from
// elsewhere.
const politica = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// intestazioni are the headers of every answer.
func intestazioni(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k := w.Header()
		k.Set("Content-Security-Policy", politica)
		k.Set("X-Content-Type-Options", "nosniff")
		k.Set("Referrer-Policy", "no-referrer")
		k.Set("Cross-Origin-Opener-Policy", "same-origin")
		k.Set("Cross-Origin-Resource-Policy", "same-origin")
		k.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		h.ServeHTTP(w, r)
	})
}
