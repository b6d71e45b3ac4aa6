package web

import (
	"archive/zip"
	"bytes"
	_ "embed" // for the page
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"

	"tutela/internal/document"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// leggimi is a page that leaves with the copy: nobody serves it, so it carries its
// own style.
var leggimi = template.Must(template.New("leggimi").Funcs(template.FuncMap{"inParole": dataInParole, "peso": pesoScritto}).Parse(testoLeggimi))

//go:embed templates/copia/leggimi.html
var testoLeggimi string

// copia is what a person takes away of the data about him: a page to read, the same
// for a program, and the documents.
//
// ref: gdpr art. 15, 20
type copia struct {
	Formato      string               `json:"formato"`
	Ente         string               `json:"titolare"`
	DPO          string               `json:"responsabileProtezioneDati,omitempty"`
	Preparata    string               `json:"preparataIl"` // UTC
	Numero       string               `json:"numero"`
	Codice       string               `json:"codice"`
	Registro     string               `json:"registro"`
	Giorno       string               `json:"ricevutaIl"`
	Canale       string               `json:"canale"`
	Stato        string               `json:"stato"`
	Anni         int                  `json:"anniDiConservazione,omitempty"`
	Segnalazione pratica.Segnalazione `json:"segnalazione"`
	Eventi       []fattoCopia         `json:"storia"`
	Messaggi     []messaggioCopia     `json:"messaggi"`
	Risposta     *rispostaCopia       `json:"risposta,omitempty"`
	Letture      []fattoCopia         `json:"chiHaLetto"`
	Documenti    []documentoCopia     `json:"documenti"`
}

type fattoCopia struct {
	Data  string `json:"data"`
	Testo string `json:"testo"`
}

type messaggioCopia struct {
	Data   string `json:"data"`
	Da     string `json:"da"`
	Titolo string `json:"titolo"`
	Testo  string `json:"testo"`
}

type rispostaCopia struct {
	Data  string `json:"data"`
	Firma string `json:"firma"`
	Testo string `json:"testo"`
}

type documentoCopia struct {
	File     string `json:"file"`
	Byte     int64  `json:"byte"`
	Impronta string `json:"sha256"`
}

func (copia) Format(s fmt.State, _ rune)          { riserva(s) }
func (messaggioCopia) Format(s fmt.State, _ rune) { riserva(s) }
func (rispostaCopia) Format(s fmt.State, _ rune)  { riserva(s) }
func (documentoCopia) Format(s fmt.State, _ rune) { riserva(s) }

// Persone are who is named in it, as the page says them.
func (c copia) Persone() []personaVista {
	var out []personaVista
	if p := c.Segnalazione.Segnalante; p != nil {
		out = append(out, personaVista{"Chi segnala", datiPersona(p)})
	}
	if p := c.Segnalazione.Assistito; p != nil {
		out = append(out, personaVista{"La persona assistita", datiPersona(p)})
	}
	return out
}

// copiaDi gathers what a report holds about who wrote it.
func (s *Server) copiaDi(g *pratica.Seguito) (copia, error) {
	amb, err := s.ambiente()
	if err != nil {
		return copia{}, err
	}
	ente, h := s.presenta(), g.Testa
	c := copia{Formato: "tutela-copia/1", Ente: ente.Nome, DPO: ente.DPO, Preparata: s.Now().UTC().Format("2006-01-02T15:04:05Z"),
		Numero: h.NumeroScritto(), Codice: vault.Gruppi(h.Codice), Registro: h.Registro, Giorno: h.Giorno.String(), Canale: h.Canale,
		Stato: g.Stato, Eventi: []fattoCopia{}, Messaggi: []messaggioCopia{}, Letture: []fattoCopia{}, Documenti: []documentoCopia{}}
	if reg := amb.Regolamenti[h.Regolamento]; reg != nil {
		c.Anni = reg.Conservazione().Anni
	}
	if g.Segnalazione != nil {
		c.Segnalazione = g.Segnalazione.Apri()
	}
	for _, e := range g.Eventi {
		c.Eventi = append(c.Eventi, fattoCopia{e.Data.String(), e.Testo})
	}
	for _, m := range g.Messaggi {
		da := "ufficio"
		if m.Mio {
			da = "tu"
		}
		c.Messaggi = append(c.Messaggi, messaggioCopia{m.Data.String(), da, m.Titolo, m.Testo.Apri()})
	}
	if !g.RispostaIl.IsZero() {
		c.Risposta = &rispostaCopia{g.RispostaIl.String(), g.Firma, g.Risposta.Apri()}
	}
	for i, l := range vediLetture(amb, g.Letture) {
		c.Letture = append(c.Letture, fattoCopia{g.Letture[i].Giorno.String(), l.Testo})
	}
	for i, f := range g.File {
		c.Documenti = append(c.Documenti, documentoCopia{nomeInCopia(i, f), f.Dimensione, hex.EncodeToString(f.Impronta[:])})
	}
	return c, nil
}

// nomeInCopia is the name of a document in the copy: two may have been called alike,
// and none may lead out of its folder.
func nomeInCopia(i int, f pratica.FileVisto) string {
	nome := strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == ':' {
			return '-'
		}
		return r
	}, f.Nome.Valore())
	return fmt.Sprintf("documenti/%02d-%s", i+1, nome)
}

// numeroInNome is the number of a case as a file's name can have it.
func numeroInNome(numero string) string {
	return strings.NewReplacer("/", "-", " ", "-").Replace(numero)
}

// mandaCopia sends the copy as one file, while it is made: nothing of it is kept.
func (s *Server) mandaCopia(w http.ResponseWriter, g *pratica.Seguito) error {
	c, err := s.copiaDi(g)
	if err != nil {
		return err
	}
	var pagina bytes.Buffer
	if err := leggimi.Execute(&pagina, c); err != nil {
		return fmt.Errorf("render copy: %w", err)
	}
	dati, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("encode copy: %w", err)
	}
	indirizzi := make([]document.Address, len(g.File))
	for i, f := range g.File { // before the first byte: half a copy would look whole
		if indirizzi[i], err = document.ParseAddress(f.Dove); err != nil {
			return err
		}
		if err := s.Blobs.Verify(indirizzi[i]); err != nil {
			return err
		}
	}
	allega(w, "segnalazione-"+numeroInNome(g.Testa.NumeroScritto())+".zip", "application/zip")
	z := zip.NewWriter(w)
	metti := func(nome string, metodo uint16, scrivi func(io.Writer) error) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: nome, Method: metodo, Modified: s.Now()})
		if err != nil {
			return err
		}
		return scrivi(f)
	}
	intero := func(b []byte) func(io.Writer) error {
		return func(w io.Writer) error { _, err := w.Write(b); return err }
	}
	err = metti("leggimi.html", zip.Deflate, intero(pagina.Bytes()))
	if err == nil {
		err = metti("dati.json", zip.Deflate, intero(dati))
	}
	for i, f := range g.File {
		if err != nil {
			break
		}
		err = metti(c.Documenti[i].File, zip.Store, func(w io.Writer) error {
			_, err := s.Blobs.Read(w, indirizzi[i], f.ChiaveFile(), pratica.ContestoFile(f.Ente, f.Pratica, f.ID))
			return err
		})
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		s.Log.Error("copy cut off", "err", err)
		panic(http.ErrAbortHandler) // so that it does not look whole
	}
	return nil
}

// copiaSegui gives the person who holds the key a copy of what there is about him.
func (s *Server) copiaSegui(w http.ResponseWriter, _ *http.Request, _ sessioneSegui, g *pratica.Seguito) error {
	return s.mandaCopia(w, g)
}

// copiaPersona is the same, made by the office for a person who asks for it and has
// lost the key.
func (s *Server) copiaPersona(w http.ResponseWriter, r *http.Request) error {
	if _, err := leggiModulo(w, r, nil); err != nil {
		return err
	}
	id, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	g, err := s.Servizio.CopiaPersona(r.Context(), sessioneDi(r).Chi, id)
	if err != nil {
		return err
	}
	return s.mandaCopia(w, g)
}
