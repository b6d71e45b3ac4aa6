package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/vault"
)

// vistaRegistro is the page of the log: nothing of it is about a person.
type vistaRegistro struct {
	Voci, Quando, Radice string
	Fino, Quanti         string // up to where most witnesses saw it, and how many
	Testimoni            []testimoneVisto
	Chiavi               []string
}

type testimoneVisto struct {
	Nome, Fino, Quando string // Fino empty: nothing yet
}

func (s *Server) registroPubblico(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Servizio.PublicLog(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	v := vistaRegistro{Voci: i18n.Number(int(x.Size)), Quando: i18n.Instant(x.At), Radice: x.Root.String(), Chiavi: x.Keys}
	if x.How > 0 {
		v.Fino, v.Quanti = i18n.Number(int(x.Agreed)), fmt.Sprintf("%d su %d", x.How, len(x.Witnesses))
	}
	for _, t := range x.Witnesses {
		y := testimoneVisto{Nome: t.Name}
		if t.Size > 0 {
			y.Fino, y.Quando = i18n.Number(int(t.Size)), i18n.Instant(t.At)
		}
		v.Testimoni = append(v.Testimoni, y)
	}
	return s.mostra(w, r, http.StatusOK, "pub_registro", vista{Titolo: "Il registro pubblico", Indietro: "/", V: v})
}

// vistaVerifica is what a receipt that was handed in proves; nothing before.
type vistaVerifica struct {
	Frasi []string
	Oggi  string // up to where the log that still has it is signed
	Falsa string // why it proves nothing
	Persa string // what to do: it is true, and the log has it no more

	Breve  string // the text of a QR code, as it was typed
	Chiavi string // published keys, a line each: with them a browser checks by itself
}

func (s *Server) verifica(w http.ResponseWriter, r *http.Request) error {
	return s.vediVerifica(w, r, http.StatusOK, vistaVerifica{}, nil)
}

func (s *Server) vediVerifica(w http.ResponseWriter, r *http.Request, stato int, v vistaVerifica, errori []erroreCampo) error {
	chiavi, err := s.Servizio.Log.Published(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	v.Chiavi = strings.Join(chiavi, "\n")
	return s.mostra(w, r, stato, "pub_verifica", vista{Titolo: "Controlla una ricevuta", Indietro: "/registro", Azione: "/ricevuta/verifica", Errori: errori, V: v})
}

// maxRicevuta bounds the file that is handed in: bytes.
const maxRicevuta = 64 << 10

// verificaRicevuta says what a receipt proves, or which part of it is false. It is not
// kept.
func (s *Server) verificaRicevuta(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 2*maxRicevuta)
	var b []byte
	f, err := leggiModulo(w, r, func(_, _ string, file io.Reader) (err error) {
		b, err = io.ReadAll(file)
		return err
	})
	v := vistaVerifica{Breve: f.Get("breve")}
	if err == nil && len(b) == 0 {
		b = []byte(v.Breve)
	}
	if fault.Is(err, fault.TooLarge) {
		err = fault.New(fault.Invalid, "Questo file è troppo grande per essere una ricevuta. Scegli quello che finisce con .json.")
	} else if err == nil && strings.TrimSpace(string(b)) == "" {
		err = fault.New(fault.Invalid, "Scegli il file della ricevuta, o incolla il testo del codice QR.")
	}
	if fault.Is(err, fault.Invalid) {
		return s.vediVerifica(w, r, http.StatusUnprocessableEntity, v, []erroreCampo{{"ricevuta", fault.Message(err)}})
	}
	if err != nil {
		return err
	}
	x, oggi, err := s.Servizio.CheckReceipt(r.Context(), s.EnteID, b)
	switch {
	case fault.Is(err, fault.Invalid):
		v.Falsa = fault.Message(err)
		return s.vediVerifica(w, r, http.StatusUnprocessableEntity, v, nil)
	case fault.Is(err, fault.Conflict):
		v.Persa = fault.Message(err)
		return s.vediVerifica(w, r, http.StatusConflict, v, nil)
	case err != nil:
		return err
	}
	v.Frasi, v.Oggi = x.Frasi(), i18n.Number(int(oggi))
	return s.vediVerifica(w, r, http.StatusOK, v, nil)
}

// provaSegui is the receipt that proves itself, for who follows a report.
func (s *Server) provaSegui(w http.ResponseWriter, r *http.Request, x sessioneSegui, g *pratica.Seguito) error {
	p, err := s.Servizio.Prova(r.Context(), s.EnteID, x.Codice, vault.NewRiservato(x.Chiave))
	if err != nil {
		return err
	}
	return mandaProva(w, p, g.Testa.NumeroScritto())
}

// provaRicevuta is the same from the browser that sent the report.
func (s *Server) provaRicevuta(w http.ResponseWriter, r *http.Request) error {
	b, err := s.ricevutaDi(r)
	if err != nil {
		return err
	}
	p, err := s.Servizio.Prova(r.Context(), s.EnteID, b.Codice, vault.NewRiservato(b.Chiave))
	if err != nil {
		return err
	}
	return mandaProva(w, p, b.NumeroScritto())
}

// provaQR is the same as a QR code, for paper: it opens the page that checks it, which
// gets the proof behind the # and sends it to nobody.
func (s *Server) provaQR(w http.ResponseWriter, r *http.Request) error {
	b, err := s.ricevutaDi(r)
	if err != nil {
		return err
	}
	link, err := s.linkProva(r, b.Codice, vault.NewRiservato(b.Chiave))
	if err != nil {
		return err
	}
	return mandaQR(w, s.base(r)+link)
}

// linkProva is the address, on this site, that checks a receipt.
func (s *Server) linkProva(r *http.Request, codice string, chiave vault.Riservato) (string, error) {
	p, err := s.Servizio.Prova(r.Context(), s.EnteID, codice, chiave)
	if err != nil {
		return "", err
	}
	breve, err := p.Compact()
	return "/ricevuta/verifica#" + breve, err
}

// ricevutaDi is the receipt that this browser has.
func (s *Server) ricevutaDi(r *http.Request) (*ricevutaBozza, error) {
	_, b, err := s.bozzaDi(r)
	if err == nil && (b == nil || b.Ricevuta == nil) {
		err = fault.New(fault.NotFound, "Qui non c'è nessuna ricevuta.")
	}
	if err != nil {
		return nil, err
	}
	return b.Ricevuta, nil
}

// daSola is a page that checks receipts wherever it is kept and opened, without a
// network: it carries its own style and script.
var daSola = template.Must(template.New("verifica").Parse(testoDaSola))

//go:embed templates/copia/verifica.html
var testoDaSola string

// verificaDaSola gives that page with the ente's keys already in it.
func (s *Server) verificaDaSola(w http.ResponseWriter, r *http.Request) error {
	chiavi, err := s.Servizio.Log.Published(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = daSola.Execute(&b, struct {
		Ente, Chiavi string
		Script       template.JS
	}{s.presenta().Nome, strings.Join(chiavi, "\n"), template.JS(statici.file["ricevuta.js"].chiaro)}) //nolint:gosec // a file of ours
	if err != nil {
		return fmt.Errorf("render the page that checks: %w", err)
	}
	allega(w, "verifica-ricevuta.html", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
	return nil
}

// mandaProva sends a receipt as a file that says nothing but the number.
func mandaProva(w http.ResponseWriter, p registro.Receipt, numero string) error {
	b, err := p.JSON()
	if err != nil {
		return err
	}
	allega(w, "ricevuta-"+numeroInNome(numero)+".json", "application/json")
	_, _ = w.Write(b)
	return nil
}
