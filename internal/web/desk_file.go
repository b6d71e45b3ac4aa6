package web

import (
	"net/http"
	"net/url"
	"slices"
	"sync"

	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// scarica gives an attachment to who may read it, never to be shown by a browser.
func (s *Server) scarica(w http.ResponseWriter, r *http.Request) error {
	id, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := vault.ParseID(r.PathValue("file"))
	if err != nil {
		return err
	}
	f, err := s.Servizio.ApriFile(r.Context(), sessioneDi(r).Chi, id, file)
	if err != nil {
		return err
	}
	return s.mandaFile(w, f)
}

// prendeFile reports whether an act takes files: those in which something is
// written do, but the one that prepares copies.
func prendeFile(d *regolamento.DefAtto) bool {
	return d.Destinatari == "" && slices.ContainsFunc(d.Campi(), func(c regolamento.Campo) bool {
		return c.Tipo == regolamento.CampoTesto && c.ID == "testo"
	})
}

// invioAtto is what came with the form of an act.
type invioAtto struct {
	valori url.Values
	presi  *presi // nil: the act takes no files
}

// leggiAtto reads the form of an act; its files are encrypted while they arrive,
// under the key of the part in which the act writes.
func (s *Server) leggiAtto(w http.ResponseWriter, r *http.Request, f *pratica.Fascicolo, d *regolamento.DefAtto) (*invioAtto, error) {
	in := &invioAtto{}
	var err error
	if !prendeFile(d) {
		in.valori, err = leggiModulo(w, r, nil)
		return in, err
	}
	in.presi = s.presi(r, f.Testa.ID, sync.OnceValues(func() ([]byte, error) {
		return s.Servizio.BaseAllegati(r.Context(), sessioneDi(r).Chi, pratica.Comando{Pratica: f.Testa.ID, Atto: d.Nome, Per: r.URL.Query().Get("per")})
	}))
	if in.valori, err = leggiModulo(w, r, in.presi.prendi); err != nil {
		return in, err
	}
	in.presi.riprendi(in.valori)
	in.presi.File = slices.DeleteFunc(in.presi.File, func(x fileBozza) bool { // an old page: it is in the case by now
		return slices.ContainsFunc(f.File, func(y pratica.FileVisto) bool { return y.ID == x.ID })
	})
	return in, nil
}
