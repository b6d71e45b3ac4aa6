package pratica

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// VersioneFascicolo is the version of the package that one case is handed over in.
const VersioneFascicolo = 1

// The names in a package.
const (
	nomeManifesto = "fascicolo.json"
	nomeIndice    = "indice.html"
)

// Manifesto says what is in a package: the acts in order, each with its proof in the
// ente's log, what was written in it and its documents; and the digest of every file.
type Manifesto struct {
	V        int               `json:"v"`
	Ente     string            `json:"ente"`
	Nome     string            `json:"nome"`
	Registro string            `json:"registro"`
	Numero   string            `json:"numero"`
	Creato   time.Time         `json:"creato"`
	Atti     []AttoProvato     `json:"atti"`
	File     map[string]string `json:"file"` // SHA-256 of each, hex
}

// AttoProvato is an act of a package.
type AttoProvato struct {
	Seq       int                `json:"seq"`
	Busta     string             `json:"busta"`    // file with the envelope's exact bytes
	Ricevuta  string             `json:"ricevuta"` // file with its receipt
	Contenuti []ContenutoProvato `json:"contenuti,omitempty"`
	Documenti []DocumentoProvato `json:"documenti,omitempty"`
}

// ContenutoProvato is what was written in an act: the sealed bytes that the log has the
// hash of, the key of these bytes alone, and the words.
type ContenutoProvato struct {
	N         int    `json:"n"`
	Sigillato []byte `json:"sigillato"`
	K         []byte `json:"k"`
	Testo     string `json:"testo"` // file with the words
}

// DocumentoProvato is a file that came with an act.
type DocumentoProvato struct {
	ID   vault.ID `json:"id"`
	Nome string   `json:"nome"`
	File string   `json:"file"`
	Sale []byte   `json:"sale"` // with its bytes it makes the proof that the envelope has
}

// EsportaFascicolo writes a whole case as a package that checks itself, without the
// server: what the UPT, the Difensore or a judge receives. apri writes the clear bytes of
// a document. It is on record as a copy taken out; chi is who handles the case, or the
// program itself at the terminal.
func (s *Servizio) EsportaFascicolo(ctx context.Context, chi access.Chi, id vault.ID, nome string, w io.Writer, apri func(io.Writer, FileVisto) error) error {
	h, atti, o, err := s.vista(ctx, chi, id)
	if err != nil {
		return err
	}
	if chi.Personale() && !access.Can(chi, access.VedereNucleo, o) {
		return fault.New(fault.Forbidden, "Il fascicolo lo consegna l'ufficio che segue la pratica.")
	}
	if !h.Eliminata.IsZero() {
		return fault.New(fault.NotFound, "Il contenuto di questa pratica è stato eliminato.")
	}
	if !chi.Personale() && DeiMembri(h.Registro) {
		return fault.New(fault.Forbidden, "Il fascicolo di una pratica dell'UPT lo prende solo chi ne ha la chiave.")
	}
	m, err := s.mazzo(ctx, chi, h)
	if err != nil {
		return err
	}
	amb, err := s.ambiente(h.Ente)
	if err != nil {
		return err
	}
	f, err := s.fascicolo(ctx, amb, h, atti, m, nil)
	if err != nil {
		return err
	}
	sigillati, err := s.Arch.Contenuti(ctx, h.N, nil)
	if err != nil {
		return err
	}
	if err := s.annotaUscita(ctx, chi, h.N, operante(chi, o.Nucleo)); err != nil {
		return err
	}
	p := &pacco{z: zip.NewWriter(w), m: Manifesto{V: VersioneFascicolo, Ente: h.Ente, Nome: nome, Registro: h.Registro, Numero: h.NumeroScritto(),
		Creato: s.Now().UTC().Truncate(time.Second), File: map[string]string{}}}
	for i, x := range atti {
		if err := s.mettiAtto(ctx, p, m, h, atti, i, sigillati); err != nil {
			return err
		}
		for _, d := range f.File {
			if d.A == x.A {
				if err := p.documento(d, apri); err != nil {
					return err
				}
			}
		}
	}
	return p.chiudi()
}

// annotaUscita stores that a case was taken out, by whom: at the terminal, whoever has
// the server's own key.
func (s *Servizio) annotaUscita(ctx context.Context, chi access.Chi, n int64, ufficio string) error {
	if chi.Personale() {
		return s.annota(ctx, chi, n, ReadBundle, ParteNucleo, ufficio)
	}
	return s.Arch.Accesso(ctx, Accesso{Ente: chi.Ente, Il: s.Now().UTC().Truncate(Window), N: n, Persona: "terminale", Come: ReadBundle, Parte: ParteNucleo})
}

// pacco is a package in the making.
type pacco struct {
	z    *zip.Writer
	m    Manifesto
	voci []voceIndice
	n    int // documents so far
}

// metti adds a file, with its digest.
func (p *pacco) metti(nome string, scrivi func(io.Writer) error) error {
	w, err := p.z.CreateHeader(&zip.FileHeader{Name: nome, Method: zip.Deflate, Modified: p.m.Creato})
	if err != nil {
		return fmt.Errorf("write the package: %w", err)
	}
	h := sha256.New()
	if err := scrivi(io.MultiWriter(w, h)); err != nil {
		return fmt.Errorf("write the package: %w", err)
	}
	p.m.File[nome] = hex.EncodeToString(h.Sum(nil))
	return nil
}

func (p *pacco) byte(nome string, b []byte) error {
	return p.metti(nome, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// mettiAtto adds an act: its envelope, its proof, its words.
func (s *Servizio) mettiAtto(ctx context.Context, p *pacco, m *mazzo, h Testa, atti []Registrato, i int, sigillati map[int64][]byte) error {
	x := atti[i]
	prova, err := s.prova(ctx, h, atti, x.Atto.Seq)
	if err != nil {
		return err
	}
	ricevuta, err := prova.JSON()
	if err != nil {
		return err
	}
	base := fmt.Sprintf("atti/%04d-%s", x.Atto.Seq, x.Atto.Kind)
	voce := voceIndice{atto: x.Atto}
	a := AttoProvato{Seq: x.Atto.Seq, Busta: base + ".json", Ricevuta: base + ".ricevuta.json"}
	for _, im := range x.Atto.Contenuti {
		contesto := contestoContenuto(h.Ente, h.ID, im.Parte, x.Atto.ID, im.N)
		chiave := m.chiave(im.Parte)
		b, ok := sigillati[x.A*16+int64(im.N)]
		if !ok || chiave == nil {
			continue // of a part that who hands it over does not read
		}
		testo, err := vault.OpenText(chiave, contesto, b)
		if err != nil {
			return err
		}
		c := ContenutoProvato{N: im.N, Sigillato: b, K: vault.Reveal(chiave, contesto), Testo: fmt.Sprintf("%s-%d.testo.json", base, im.N)}
		if err := p.byte(c.Testo, []byte(testo)); err != nil {
			return err
		}
		a.Contenuti, voce.scritti = append(a.Contenuti, c), append(voce.scritti, testo)
	}
	p.m.Atti, p.voci = append(p.m.Atti, a), append(p.voci, voce)
	if err := p.byte(a.Busta, x.Busta); err != nil {
		return err
	}
	return p.byte(a.Ricevuta, ricevuta)
}

// documento adds a file of the act that was added last.
func (p *pacco) documento(d FileVisto, apri func(io.Writer, FileVisto) error) error {
	p.n++
	x := DocumentoProvato{ID: d.ID, Nome: d.Nome.Valore(), Sale: d.sale(), File: fmt.Sprintf("documenti/%03d-%s", p.n, strings.NewReplacer("/", "-", "\\", "-").Replace(d.Nome.Valore()))}
	ultimo := &p.m.Atti[len(p.m.Atti)-1]
	ultimo.Documenti = append(ultimo.Documenti, x)
	return p.metti(x.File, func(w io.Writer) error { return apri(w, d) })
}

// chiudi adds the index for people, then the manifest.
func (p *pacco) chiudi() error {
	if err := p.byte(nomeIndice, indice(p.m, p.voci)); err != nil {
		return err
	}
	b, err := json.MarshalIndent(p.m, "", " ")
	if err != nil {
		return fmt.Errorf("encode the manifest: %w", err)
	}
	w, err := p.z.CreateHeader(&zip.FileHeader{Name: nomeManifesto, Method: zip.Deflate, Modified: p.m.Creato})
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	if err == nil {
		err = p.z.Close()
	}
	if err != nil {
		return fmt.Errorf("write the package: %w", err)
	}
	return nil
}

// voceIndice is an act as the index shows it: its envelope, and what was written in it.
type voceIndice struct {
	atto    Atto
	scritti []string // contents, each a JSON text
}

// paroleIndice are the words of an act that people read, in this order.
var paroleIndice = []string{"oggetto", "testo", "nota", "motivo", "quesito", "copia"}

// indice is the package for people: what was done, when, by which office, in which words.
// It says nothing but what the rest of the package proves, and so can be made again by
// who checks it; the name of the ente and the instant of the copy are the words of who
// hands it over.
func indice(m Manifesto, voci []voceIndice) []byte {
	var b bytes.Buffer
	e := html.EscapeString
	fmt.Fprintf(&b, `<!doctype html><html lang="it"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Fascicolo %s</title>
<style>body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}h2{margin-top:2rem;border-top:1px solid #999;padding-top:1rem}pre{white-space:pre-wrap;font:inherit}</style>
<h1>Fascicolo della pratica %s</h1><p>Consegnato da %s, come era il %s.</p>
<p>Ogni atto ha la sua prova: un programma la controlla senza il server, con <code>tutela fascicolo verify</code> e la chiave pubblica dell'ente.</p>
`, e(m.Numero), e(m.Numero), e(m.Nome), m.Creato.In(day.Rome).Format("02/01/2006, ore 15.04"))
	for i, v := range voci {
		cosa := strings.ReplaceAll(v.atto.Kind, "_", " ")
		fmt.Fprintf(&b, "<h2>%d. %s%s</h2><p>%s, ore %s. Chi: %s.</p>\n", v.atto.Seq, e(strings.ToUpper(cosa[:1])), e(cosa[1:]), v.atto.Giorno.String(),
			v.atto.Il.In(day.Rome).Format("15.04 del 02/01/2006"), e(nonVuoto(v.atto.Ufficio, "la persona")))
		for _, t := range v.scritti {
			var campi map[string]any
			_ = json.Unmarshal([]byte(t), &campi) // of a list nothing is shown: its file has it
			for _, k := range paroleIndice {
				if s, _ := campi[k].(string); s != "" {
					fmt.Fprintf(&b, "<pre>%s</pre>\n", e(s))
				}
			}
		}
		for _, d := range m.Atti[i].Documenti {
			fmt.Fprintf(&b, "<p>Documento: <a href=\"%s\">%s</a></p>\n", e(strings.ReplaceAll(d.File, "%", "%25")), e(d.Nome))
		}
		fmt.Fprintf(&b, "<p><small><a href=\"%s\">Atto</a>, <a href=\"%s\">prova</a></small></p>\n", e(m.Atti[i].Busta), e(m.Atti[i].Ricevuta))
	}
	return b.Bytes()
}
