package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"

	"tutela/internal/document"
	"tutela/internal/fault"
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
	f, chiave, err := s.Servizio.ApriFile(r.Context(), sessioneDi(r).Chi, id, file)
	if err != nil {
		return err
	}
	return s.mandaFile(w, f, chiave)
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
	valori    url.Values
	file      []pratica.File
	rifiutati []rifiuto
}

// leggiAtto reads the form of an act; its files are encrypted while they arrive,
// under the key of the part in which the act writes.
func (s *Server) leggiAtto(w http.ResponseWriter, r *http.Request, f *pratica.Fascicolo, d *regolamento.DefAtto) (*invioAtto, error) {
	in := &invioAtto{}
	if !prendeFile(d) {
		v, err := leggiModulo(w, r, nil)
		in.valori = v
		return in, err
	}
	var chiave []byte
	v, err := leggiModulo(w, r, func(_, nome string, file io.Reader) error {
		if len(in.file) >= document.MaxFiles {
			return in.rifiuta(nome, fault.New(fault.TooLarge, msgTroppi))
		}
		if chiave == nil {
			var err error
			chiave, err = s.Servizio.ChiaveAllegati(r.Context(), sessioneDi(r).Chi, pratica.Comando{Pratica: f.Testa.ID, Atto: d.Nome, Per: r.URL.Query().Get("per")})
			if err != nil {
				return in.rifiuta(nome, err)
			}
		}
		id := vault.NewID(s.Now())
		blob, err := s.Blobs.PutFile(file, chiave, pratica.ContestoFile(s.EnteID, f.Testa.ID, id))
		if err != nil {
			return in.rifiuta(nome, err)
		}
		in.file = append(in.file, pratica.File{ID: id, Nome: vault.NewRiservato(document.CleanName(nome, blob.Tipo)), Tipo: string(blob.Tipo),
			Dimensione: blob.Size, Dove: blob.Address.String(), Impronta: blob.PlainSum})
		return nil
	})
	in.valori = v
	return in, err
}

func (in *invioAtto) rifiuta(nome string, err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind == fault.Internal {
		return err
	}
	in.rifiutati = append(in.rifiutati, rifiuto{nomeMostrato(nome), e.Message})
	return nil
}
