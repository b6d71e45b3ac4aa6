package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/flat"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/redact"
	"tutela/internal/vault"
)

// lavoroCopia is what was decided of the copy of an attachment, page by page.
type lavoroCopia struct {
	Pagine []paginaDecisa `json:"pagine"`
	Altre  []string       `json:"altre,omitempty"` // words to hide wherever they are
}

type paginaDecisa struct {
	Guardata bool           `json:"guardata,omitempty"`
	Aree     []flat.Area    `json:"aree,omitempty"`   // drawn by a person
	Lascia   map[int]string `json:"lascia,omitempty"` // by the byte where a passage begins: why it stays; empty: nobody said yet
	Angolo   *angolo        `json:"angolo,omitempty"` // where a person has clicked once
}

type angolo struct{ X, Y int }

// tavolo is an attachment on the desk of who makes its copy.
type tavolo struct {
	f       *pratica.Fascicolo
	file    pratica.FileVisto
	copia   pratica.CopiaFile
	lavoro  lavoroCopia
	noti    redact.Known
	dati    []byte // the original
	pagine  []flat.Page
	quale   int // the page before the person's eyes, from 0
	trovati []redact.Finding
}

// paginaCopia is the page on which the copy of an attachment is made.
type paginaCopia struct {
	Scrivania
	Indietro             voceLink
	Nome, Peso, Azione   string
	Versione, N, Pagine  int
	Figura, Larga, Alta  string // address and size of the picture, in CSS pixels
	Come                 bool   // the picture is that of the copy
	ComeSara, ComePrima  string
	Elenco               []voceNavigazione
	Passaggi             []passaggio
	SenzaTesto, Composta bool // a page without words; a text set by the program
	Aree                 []areaVista
	Motivi               []opzioneVista
	Scritto              string
	Angolo               string // where the first corner is
	Campi                map[string]string
	Mancano              int // pages nobody has looked at
	Guardata             bool
	Pronta               *prontaVista
	Errori               []erroreCampo
	Impossibile          string // why no copy can be made of this file
	Fatto, ErroreAltre   string
	ErroreArea           string
	Misure               []voceMisura
}

// voceMisura is one of the four numbers that tell where an area is.
type voceMisura struct{ Nome, Testo string }

var misureArea = []voceMisura{{"da-sinistra", "Da sinistra"}, {"dall-alto", "Dall'alto"}, {"larga", "Larga"}, {"alta", "Alta"}}

type voceNavigazione struct {
	Testo, Link, Stato string
	Qui                bool
}

type passaggio struct {
	N, Da                    int
	Prima, Testo, Dopo, Nome string
	Perche, Fiducia, Classe  string
	Lasciato, Mio            bool
	Motivo, Errore           string
}

type areaVista struct {
	N, I int
	Dove string
}

type prontaVista struct{ Pagine, Peso, Link string }

// largaFigura is how wide a page is shown, in CSS pixels: a click tells a place
// only if the server knows it.
const largaFigura = 700

func linkCopia(f *pratica.Fascicolo, file vault.ID, pagina int) string {
	l := linkPratica(f.Testa.ID.String(), "copia/"+file.String(), "")
	if pagina > 0 {
		l += "?pagina=" + strconv.Itoa(pagina)
	}
	return l
}

// legaCopie leads from the documents of a case to where their copies are made.
func legaCopie(visti []fileVista, f *pratica.Fascicolo) {
	for _, d := range documentiCopia(f, nil) {
		if i := slices.IndexFunc(f.File, func(x pratica.FileVisto) bool { return x.ID.String() == d.ID }); i >= 0 {
			visti[i].Copia = d.Link
		}
	}
}

// errSenzaFiglio is where copies cannot be made at all.
var errSenzaFiglio = fault.New(fault.Forbidden, "Qui non si possono preparare copie di documenti. Avvisa chi gestisce il sistema.")

// prepara opens an attachment for who may make a copy of it. A file of which none
// can be made comes with the reason.
func (s *Server) prepara(r *http.Request, pagina string) (*tavolo, error) {
	file, err := vault.ParseID(r.PathValue("file"))
	if err != nil {
		return nil, err
	}
	f, err := s.apri(r)
	if err != nil {
		return nil, err
	}
	t := &tavolo{f: f}
	if t.file, t.copia, err = s.Servizio.ApriCopia(r.Context(), sessioneDi(r).Chi, f, file); err != nil {
		return nil, err
	}
	if s.Copie == nil {
		return nil, errSenzaFiglio
	}
	if len(t.copia.Lavoro) > 0 {
		if err := json.Unmarshal(t.copia.Lavoro, &t.lavoro); err != nil {
			return nil, err
		}
	}
	if f.Segnalazione != nil {
		t.noti = f.Segnalazione.Apri().Noti()
	}
	if t.dati, err = s.leggiFile(t.file); err != nil {
		return nil, err
	}
	t.gira(pagina)
	return t, nil
}

// gira turns to a page, as addresses and forms say it: from 1.
func (t *tavolo) gira(pagina string) {
	if n, _ := strconv.Atoi(pagina); n > 0 && n <= flat.MaxPages {
		t.quale = n - 1
	}
}

// leggiFile is the whole of an attachment, in memory.
func (s *Server) leggiFile(x pratica.FileVisto) ([]byte, error) {
	a, err := document.ParseAddress(x.Dove)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = s.Blobs.Read(&b, a, x.ChiaveFile(), pratica.ContestoFile(x.Ente, x.Pratica, x.ID))
	return b.Bytes(), err
}

// apriPagine has the file opened, and finds what is personal on the pages that
// were asked for.
func (s *Server) apriPagine(ctx context.Context, t *tavolo, quale int) (err error) {
	if t.pagine, err = s.Copie.Read(ctx, document.Tipo(t.file.Tipo), t.dati, quale); err != nil {
		return err
	}
	for len(t.lavoro.Pagine) < len(t.pagine) {
		t.lavoro.Pagine = append(t.lavoro.Pagine, paginaDecisa{})
	}
	if t.quale >= len(t.pagine) {
		return fault.New(fault.NotFound, "Questa pagina non c'è.")
	}
	t.trovati = t.trova(t.quale)
	return nil
}

// trova is what there is to hide among the words of a page: what looks personal,
// and the words that a person wants hidden.
func (t *tavolo) trova(pagina int) []redact.Finding {
	testo := t.pagine[pagina].Text
	out := redact.Find(testo, t.noti)
	for _, p := range t.lavoro.Altre {
		for _, x := range redact.Phrase(testo, p) {
			if !slices.ContainsFunc(out, func(y redact.Finding) bool { return x.From < y.To && y.From < x.To }) {
				out = append(out, x)
			}
		}
	}
	inOrdine(out)
	return out
}

// nascosti are the areas of a page to be painted over, with the number of the
// passage or of the drawn area that each belongs to.
func (t *tavolo) nascosti(pagina int, trovati []redact.Finding) (aree []flat.Area, numeri []int) {
	d := t.lavoro.Pagine[pagina]
	for i, x := range trovati {
		if _, resta := d.Lascia[x.From]; resta {
			continue
		}
		for _, a := range t.pagine[pagina].Over(x.From, x.To) {
			aree, numeri = append(aree, a), append(numeri, i+1)
		}
	}
	for i, a := range d.Aree {
		aree, numeri = append(aree, a), append(numeri, len(trovati)+i+1)
	}
	return aree, numeri
}

// tavoloCopia shows the page on which the copy of an attachment is made.
func (s *Server) tavoloCopia(w http.ResponseWriter, r *http.Request) error {
	t, err := s.prepara(r, r.URL.Query().Get("pagina"))
	if err != nil {
		return err
	}
	return s.mostraCopia(w, r, http.StatusOK, t, nil)
}

// mostraCopia makes the page from what is decided so far; cambia adds what is wrong.
func (s *Server) mostraCopia(w http.ResponseWriter, r *http.Request, stato int, t *tavolo, cambia func(*paginaCopia)) error {
	p := &paginaCopia{Nome: t.file.Nome.Valore(), Peso: pesoScritto(t.file.Dimensione), Azione: linkCopia(t.f, t.file.ID, 0), Versione: t.copia.Versione,
		Motivi: motiviLasciare, Misure: misureArea, Campi: map[string]string{}, Fatto: dettoCopia[r.URL.Query().Get("fatto")]}
	h := t.f.Testa
	numero := h.NumeroScritto()
	p.Indietro = voceLink{numero + " " + oggetto(t.f), linkPratica(h.ID.String(), "", "")}
	base, _, err := s.scrivania(r, "Copia di un documento – "+numero, "")
	if err != nil {
		return err
	}
	p.Scrivania = base
	if t.pagine == nil {
		err = s.apriPagine(r.Context(), t, t.quale)
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.TooLarge) {
		p.Impossibile = fault.Message(err)
		return s.rendi(w, r, stato, "desk_copia.html", p)
	}
	if err != nil {
		return err
	}
	p.metti(t, r.URL.Query().Get("come") == "copia")
	if cambia != nil {
		cambia(p)
	}
	return s.rendi(w, r, stato, "desk_copia.html", p)
}

var dettoCopia = map[string]string{"guardata": "Pagina guardata. Questa è la prossima.", "tutte": "Hai guardato tutte le pagine. Ora fai la copia.",
	"pronta": "La copia è pronta e controllata."}

// metti fills in what the page says of the file and of the page before the eyes.
func (p *paginaCopia) metti(t *tavolo, come bool) {
	q := t.pagine[t.quale]
	d := t.lavoro.Pagine[t.quale]
	p.N, p.Pagine, p.Guardata = t.quale+1, len(t.pagine), d.Guardata
	p.SenzaTesto = strings.TrimSpace(q.Text) == ""
	p.Composta = slices.Contains([]document.Tipo{document.DOCX, document.ODT, document.TXT}, document.Tipo(t.file.Tipo))
	p.Larga, p.Alta = strconv.Itoa(largaFigura), strconv.Itoa(altaFigura(q))
	qui := linkCopia(t.f, t.file.ID, p.N)
	p.ComeSara, p.ComePrima, p.Come = qui+"&come=copia#pagina", qui+"#pagina", come
	figura := url.Values{"v": {strconv.Itoa(t.copia.Versione)}}
	if come {
		figura.Set("come", "copia")
	}
	p.Figura = linkPratica(t.f.Testa.ID.String(), "copia/"+t.file.ID.String()+"/pagina/"+strconv.Itoa(p.N), "") + "?" + figura.Encode()
	for i, x := range t.lavoro.Pagine[:len(t.pagine)] {
		v := voceNavigazione{Testo: strconv.Itoa(i + 1), Link: linkCopia(t.f, t.file.ID, i+1), Stato: "da guardare", Qui: i == t.quale}
		if x.Guardata {
			v.Stato = "guardata"
		} else {
			p.Mancano++
		}
		p.Elenco = append(p.Elenco, v)
	}
	for i, x := range t.trovati {
		testo := q.Text[x.From:x.To]
		v := passaggio{N: i + 1, Da: x.From, Testo: testo, Nome: x.Kind.Word(), Perche: x.Why(), Fiducia: fiducie[x.Confidence()],
			Classe: classiFiducia[x.Confidence()], Mio: x.Kind == redact.Chosen}
		v.Prima, v.Dopo = intorno(q.Text, x.From, x.To)
		v.Motivo, v.Lasciato = d.Lascia[x.From]
		p.Passaggi = append(p.Passaggi, v)
	}
	for i, a := range d.Aree {
		p.Aree = append(p.Aree, areaVista{N: len(t.trovati) + i + 1, I: i, Dove: dovEArea(a)})
	}
	if a := d.Angolo; a != nil {
		p.Angolo = "a " + percento(a.X) + " da sinistra e " + percento(a.Y) + " dall'alto"
	}
	if t.copia.Pronta != nil {
		p.Pronta = &prontaVista{i18n.Plural(t.copia.Pagine, "pagina", "pagine"), pesoScritto(t.copia.Pronta.Dimensione),
			linkPratica(t.f.Testa.ID.String(), "copia/"+t.file.ID.String()+"/pronta", "")}
	}
}

func altaFigura(q flat.Page) int { return max(1, largaFigura*q.Height/max(1, q.Width)) }

func dovEArea(a flat.Area) string {
	if a == (flat.Area{W: flat.Scale, H: flat.Scale}) {
		return "tutta la pagina"
	}
	return percento(a.X) + " da sinistra, " + percento(a.Y) + " dall'alto, larga " + percento(a.W) + ", alta " + percento(a.H)
}

func percento(n int) string { return strconv.Itoa((n+50)/100) + "%" }

// figuraCopia is the picture of a page: drawn by the child, kept by nobody.
func (s *Server) figuraCopia(w http.ResponseWriter, r *http.Request) error {
	t, err := s.prepara(r, r.PathValue("pagina"))
	if err != nil {
		return err
	}
	if strconv.Itoa(t.quale+1) != r.PathValue("pagina") {
		return fault.New(fault.NotFound, "Questa pagina non c'è.")
	}
	if err := s.apriPagine(r.Context(), t, t.quale); err != nil {
		return err
	}
	aree, numeri := t.nascosti(t.quale, t.trovati)
	if r.URL.Query().Get("come") == "copia" {
		numeri = nil
	} else if numeri == nil {
		numeri = []int{}
	}
	b, err := s.Copie.Picture(r.Context(), document.Tipo(t.file.Tipo), t.dati, t.quale, aree, numeri)
	if err != nil {
		return err
	}
	k := w.Header()
	k.Set("Content-Type", "image/jpeg")
	k.Set("Content-Length", strconv.Itoa(len(b)))
	k.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	k.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(b) //nolint:gosec // a JPEG made by the child, of a type that no browser runs
	return nil
}

// prontaCopia gives the copy that is ready, as a structure will get it.
func (s *Server) prontaCopia(w http.ResponseWriter, r *http.Request) error {
	file, err := vault.ParseID(r.PathValue("file"))
	if err != nil {
		return err
	}
	f, err := s.apri(r)
	if err != nil {
		return err
	}
	x, c, err := s.Servizio.ApriCopia(r.Context(), sessioneDi(r).Chi, f, file)
	if err != nil {
		return err
	}
	if c.Pronta == nil {
		return fault.New(fault.NotFound, "Questa copia non è ancora pronta.")
	}
	base, err := s.Servizio.BaseCopie(r.Context(), f)
	if err != nil {
		return err
	}
	return s.mandaFile(w, x.Copia(*c.Pronta, "copia-"+numeroInNome(f.Testa.NumeroScritto())+".pdf", base))
}
