package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"

	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// presi are the files of a form that is not done yet: taken in once, never lost.
// They travel in the form, sealed for who fills it in and for the key that encrypts
// them: a form that would write elsewhere opens none of them.
type presi struct {
	s         *Server
	di        string                 // who fills the form in, as it says
	caso      vault.ID               // that they are for
	chiave    func() ([]byte, error) // of the part in which they are to be; always the same
	attesi    *presi                 // those of the form while it waited, to be taken over
	File      []fileBozza
	Rifiutati []rifiuto
}

func (s *Server) presi(r *http.Request, caso vault.ID, chiave func() ([]byte, error)) *presi {
	return &presi{s: s, di: sessioneDi(r).Persona, caso: caso, chiave: chiave, attesi: attesiDi(r.Context())}
}

// presiCittadino are those of who follows a report with its key.
func (s *Server) presiCittadino(ctx context.Context, g *pratica.Seguito) *presi {
	return &presi{s: s, di: g.Testa.Codice, caso: g.Testa.ID, attesi: attesiDi(ctx), chiave: func() ([]byte, error) {
		caso, err := s.Servizio.Slots.Key(ctx, g.Testa.Slot)
		return pratica.BaseFile(caso, s.EnteID, g.Testa.ID, pratica.ParteCittadino), err
	}}
}

// attendono makes them those of a form that waits.
func (p *presi) attendono(s *Server, so *sospeso) {
	p.s, p.caso, p.chiave = s, so.Caso, func() ([]byte, error) { return so.Chiave, nil }
}

// attesiDi are the files that waited with the form of a request; nil for any other.
func attesiDi(ctx context.Context) *presi {
	p, _ := ctx.Value(chiaveAttesi).(*presi)
	return p
}

// prendi takes in one file while it arrives. One that is refused is noted, and
// stops nothing; other errors end the reading.
func (p *presi) prendi(_, nome string, file io.Reader) error {
	k, err := p.chiave()
	if fault.Is(err, fault.Forbidden) {
		return nil // what the form asks is refused too
	}
	if err == nil && len(p.File) >= document.MaxFiles {
		err = fault.New(fault.TooLarge, msgTroppi)
	}
	var f fileBozza
	if err == nil {
		f, err = p.s.cifra(k, p.caso, nome, file)
	}
	if err == nil {
		p.File = append(p.File, f)
		return nil
	}
	if fault.KindOf(err) == fault.Internal {
		return err
	}
	p.rifiuta(nome, fault.Message(err))
	return nil
}

func (p *presi) rifiuta(nome, frase string) {
	p.Rifiutati = append(p.Rifiutati, rifiuto{nomeMostrato(nome), frase})
}

// errore says which files were not taken; nil when all were.
func (p *presi) errore() *fault.Error {
	if p == nil || len(p.Rifiutati) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "Un documento non è stato preso.")
	for _, x := range p.Rifiutati {
		e.Motivi = append(e.Motivi, x.Nome+": "+x.Frase)
	}
	return e
}

// sposta takes in the files of another form, which had encrypted them for itself.
func (p *presi) sposta(da *presi) {
	if da == nil {
		return
	}
	p.Rifiutati = append(p.Rifiutati, da.Rifiutati...)
	for _, f := range da.File {
		if err := p.prendiDa(da, f); err != nil {
			p.s.Log.Error("attachment not moved", "err", err)
			p.rifiuta(f.Nome, "scegli di nuovo questo documento.")
		}
	}
}

func (p *presi) prendiDa(da *presi, f fileBozza) error {
	a, err := document.ParseAddress(f.Dove)
	if err != nil {
		return err
	}
	k, err := da.chiave()
	if err != nil {
		return err
	}
	r, w := io.Pipe()
	defer func() { _ = r.Close() }() // it ends the other side too
	go func() {
		_, err := p.s.Blobs.Read(w, a, pratica.ChiaveFile(f.Chiave, k), pratica.ContestoFile(p.s.EnteID, da.caso, f.ID))
		_ = w.CloseWithError(err)
	}()
	return p.prendi("", f.Nome, r)
}

// riprendi puts the files that came before ahead of the new ones, without those
// that are not wanted any more. Their ciphertext is left to the sweep: an older
// page may still send it. Some that do not open hide none of the others.
func (p *presi) riprendi(v url.Values) {
	if di := v.Get("di"); di != "" && di != p.di {
		return // somebody else's: they stay sealed
	}
	p.sposta(p.attesi)
	sigilli := slices.DeleteFunc(slices.Clone(v["presi"]), func(t string) bool { return t == "" })
	if len(sigilli) == 0 {
		return
	}
	k, err := p.chiave()
	if fault.Is(err, fault.Forbidden) {
		return
	}
	var tutti []fileBozza
	chiusi := false
	for _, t := range sigilli {
		var prima []fileBozza
		chiusi = !p.s.apriSigillo(p.contesto(k), t, &prima) || chiusi
		tutti = append(tutti, prima...)
	}
	if chiusi {
		p.rifiuta("Documenti già presi", "scegli di nuovo i documenti.")
	}
	visti := map[vault.ID]bool{}
	tutti = slices.DeleteFunc(append(tutti, p.File...), func(f fileBozza) bool {
		prima := visti[f.ID]
		visti[f.ID] = true
		return prima || slices.Contains(v["togli"], f.ID.String())
	})
	p.File = tutti[:min(document.MaxFiles, len(tutti))]
	for _, f := range tutti[len(p.File):] {
		p.rifiuta(f.Nome, msgTroppi)
	}
}

// Sigillo is how they travel; empty when there are none.
func (p *presi) Sigillo() string {
	if len(p.File) == 0 {
		return ""
	}
	k, err := p.chiave()
	if err != nil {
		return "" // they could not be sent either
	}
	return p.s.sigilla(p.contesto(k), p.File)
}

func (p *presi) contesto(chiave []byte) string {
	h := sha256.Sum256(chiave)
	return vault.Context("presi", p.s.EnteID, p.di, p.caso.String(), hex.EncodeToString(h[:]))
}

// perPratica are the files as the case takes them.
func (p *presi) perPratica() (out []pratica.File) {
	if p != nil {
		for _, f := range p.File {
			out = append(out, f.perPratica())
		}
	}
	return out
}

// lasciati gives their place back: a case has them now.
func (p *presi) lasciati() {
	if p != nil {
		for _, f := range p.File {
			p.s.quota.togli(f.Dimensione)
		}
	}
}
