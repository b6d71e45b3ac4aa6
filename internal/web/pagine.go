package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"tutela/internal/document"
	"tutela/internal/i18n"
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
	Nuova    bool   // may take in a segnalazione
	Menu     []SezioneMenu
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
		"asset":   indirizzoStatico,
		"ente":    s.presenta,
		"icona":   icona,
		"lungo":   i18n.LongDate,
		"breve":   i18n.ShortDate,
		"numero":  i18n.Number,
		"tipi":    tipiFile,
		"maxfile": func() int { return document.MaxSize },
		"nascita": nascita,
		"vuote":   righeVuote,
	}
	nomi, err := fs.Glob(fileTemplate, "templates/*.html")
	if err != nil {
		return nil, err
	}
	comuni, err := template.New("").Funcs(funzioni).ParseFS(fileTemplate, "templates/base_*.html", "templates/parti*.html")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	out := pagine{}
	for _, n := range nomi {
		n = strings.TrimPrefix(n, "templates/")
		if strings.HasPrefix(n, "base_") || strings.HasPrefix(n, "parti") {
			continue
		}
		t, err := comuni.Clone()
		if err == nil {
			t, err = t.ParseFS(fileTemplate, "templates/"+n)
		}
		if err != nil {
			return nil, fmt.Errorf("parse template %s: %w", n, err)
		}
		out[n] = t
	}
	return out, nil
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
		z := gzip.NewWriter(w)
		_, err := z.Write(b.Bytes())
		if err == nil {
			err = z.Close()
		}
		if err != nil {
			return nil // who asked is gone
		}
		return nil
	}
	w.WriteHeader(stato)
	_, _ = w.Write(b.Bytes())
	return nil
}

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
