package web

import (
	"io"
	"net/http"

	"tutela/internal/document"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// prendiFascicolo hands over a whole case as a package that checks itself, to who handles
// it: what the UPT, the Difensore or a judge receives. Nothing of it is kept here.
func (s *Server) prendiFascicolo(w http.ResponseWriter, r *http.Request) error {
	if _, err := leggiModulo(w, r, nil); err != nil {
		return err
	}
	id, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	z := &pacchetto{w: w, nome: "fascicolo-" + id.String() + ".zip"}
	err = s.Servizio.EsportaFascicolo(r.Context(), sessioneDi(r).Chi, id, s.presenta().Nome, z, func(w io.Writer, d pratica.FileVisto) error {
		dove, err := document.ParseAddress(d.Dove)
		if err == nil {
			_, err = s.Blobs.Read(w, dove, d.ChiaveFile(), pratica.ContestoFile(d.Ente, d.Pratica, d.ID))
		}
		return err
	})
	if err != nil && z.iniziato {
		s.Log.Error("fascicolo cut off", "err", err)
		panic(http.ErrAbortHandler) // so that it does not look whole
	}
	return err
}

// pacchetto is an answer that becomes a file at its first byte: until then it may still
// be a page that says what went wrong.
type pacchetto struct {
	w        http.ResponseWriter
	nome     string
	iniziato bool
}

func (p *pacchetto) Write(b []byte) (int, error) {
	if !p.iniziato {
		p.iniziato = true
		allega(p.w, p.nome, "application/zip")
	}
	return p.w.Write(b)
}
