package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"tutela/internal/fault"
)

//go:embed static
var fileStatici embed.FS

func init() { // small machines know no mime.types
	for est, tipo := range map[string]string{".woff2": "font/woff2", ".svg": "image/svg+xml", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"} {
		_ = mime.AddExtensionType(est, tipo)
	}
}

// risorsa is an embedded file, ready to be sent.
type risorsa struct {
	tipo         string
	chiaro, gzip []byte
}

// risorse are the embedded files by name. Their address carries a digest of them
// all, so that browsers may keep them for ever.
type risorse struct {
	impronta string
	file     map[string]risorsa
}

var statici = caricaStatici()

func caricaStatici() risorse {
	out := risorse{file: map[string]risorsa{}}
	h := sha256.New()
	err := fs.WalkDir(fileStatici, "static", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fileStatici.ReadFile(p)
		if err != nil {
			return err
		}
		h.Write([]byte(p))
		h.Write(b)
		r := risorsa{tipo: mime.TypeByExtension(path.Ext(p)), chiaro: b}
		if r.tipo == "" {
			r.tipo = "text/plain; charset=utf-8"
		}
		if !strings.HasSuffix(p, ".woff2") { // already compressed
			var z bytes.Buffer
			w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression)
			_, _ = w.Write(b)
			_ = w.Close()
			r.gzip = z.Bytes()
		}
		out.file[strings.TrimPrefix(p, "static/")] = r
		return nil
	})
	if err != nil {
		panic("web: the embedded files cannot be read: " + err.Error())
	}
	out.impronta = hex.EncodeToString(h.Sum(nil))[:12]
	return out
}

// indirizzoStatico is where an embedded file is served. A file that is not there
// is a mistake of ours, found when the templates are tested.
func indirizzoStatico(nome string) string {
	if _, c := statici.file[nome]; !c {
		panic("web: no embedded file " + nome)
	}
	return "/statico/" + statici.impronta + "/" + nome
}

// statico serves an embedded file, and nothing that is not in the list.
func (s *Server) statico(w http.ResponseWriter, r *http.Request) error {
	x, c := statici.file[r.PathValue("nome")]
	if !c {
		return fault.New(fault.NotFound, "Questa pagina non c'è.")
	}
	k := w.Header()
	k.Set("Content-Type", x.tipo)
	k.Set("Vary", "Accept-Encoding")
	if r.PathValue("impronta") == statici.impronta {
		k.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		k.Set("Cache-Control", "no-cache")
	}
	b := x.chiaro
	if x.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		k.Set("Content-Encoding", "gzip")
		b = x.gzip
	}
	_, err := w.Write(b)
	if err != nil {
		return nil // who asked is gone
	}
	return nil
}
