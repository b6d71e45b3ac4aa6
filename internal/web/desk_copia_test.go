package web

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/child"
	"tutela/internal/document"
	"tutela/internal/flat"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// letteraPDF is a letter with a page for each text.
func letteraPDF(testi ...string) []byte {
	var b, kids strings.Builder
	b.WriteString("%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n3 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj\n")
	for i, t := range testi {
		n := 4 + 2*i
		s := "BT /F 12 Tf 60 700 Td (" + t + ") Tj ET"
		fmt.Fprintf(&kids, "%d 0 R ", n)
		fmt.Fprintf(&b, "%d 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>> endobj\n%d 0 obj <</Length %d>> stream\n%s\nendstream endobj\n", n, n+1, n+1, len(s), s)
	}
	fmt.Fprintf(&b, "2 0 obj <</Type/Pages/Kids[%s]/Count %d>> endobj\ntrailer <</Root 1 0 R/Info<</Title(Brambati)>>>>\n%%%%EOF\n", kids.String(), len(testi))
	return []byte(b.String())
}

// banco is the page where the copy of a document is made.
type banco struct {
	*persona
	id, dove string
}

// banco registers a reclamo with a document, and brings it to where structures
// are asked.
func (u *ufficio) banco(t *testing.T, nome string, dati []byte) *banco {
	t.Helper()
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	v := p.modulo("/nuova", "/nuova", "canale", "lettera", "testo", "Ho aspettato nove ore.", "oggetto", "Attesa", "tipo", "reclamo", "nome", "Ilaria", "cognome", "Brambati",
		"telefono", "0376 555 0142", "unita", "Pronto Soccorso", "presidio", "Ospedale Santa Chiara – Montelago", "riletto", "1")
	corpo, tipo := corpoConFile(t, v, "documenti", nome, dati)
	r := httptest.NewRequest(http.MethodPost, azioneNuova.FindStringSubmatch(p.pagina)[1], corpo)
	r.Header.Set("Content-Type", tipo)
	p.chiedi(r)
	p.vuole(http.StatusCreated)
	b := &banco{persona: p}
	b.id = regexp.MustCompile(`/pratica/([0-9a-f-]{36})`).FindStringSubmatch(p.pagina)[1]
	for _, a := range [][]string{{"presa_in_carico"}, {"valutazione", "natura", "sanitaria", "danni", "esclusi"}, {"informativa"}} {
		p.fa(b.id, a[0], a[1:]...)
	}
	b.dove = regexp.MustCompile(`/pratica/` + b.id + `/copia/[0-9a-f-]{36}`).FindString(p.vai("/pratica/" + b.id + "/documenti").pagina)
	if b.dove == "" {
		t.Fatal("the documents lead to no copy")
	}
	return b
}

var (
	campoNascosto = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	campoSpuntato = regexp.MustCompile(`<input type="checkbox" name="oscura" id="[^"]*" value="([0-9]+)" checked`)
)

// premi sends the form of the page as it is, with a button and what was put in; a
// passage named in senza loses its tick.
func (b *banco) premi(stato int, fai string, senza string, campi ...string) *banco {
	b.u.t.Helper()
	v := url.Values{}
	i := strings.Index(b.pagina, `id="copia"`)
	for _, m := range campoNascosto.FindAllStringSubmatch(b.pagina[max(i, 0):], -1) {
		v.Add(m[1], m[2])
	}
	for _, m := range campoSpuntato.FindAllStringSubmatch(b.pagina, -1) {
		if m[1] != senza {
			v.Add("oscura", m[1])
		}
	}
	if fai != "" {
		v.Set("fai", fai)
	}
	for k := 0; k+1 < len(campi); k += 2 {
		v.Set(campi[k], campi[k+1])
	}
	b.manda(b.dove, v).vuole(stato)
	if stato == http.StatusSeeOther {
		dove, _, _ := strings.Cut(b.persona.dove, "#") // what follows stays with the browser
		b.vai(dove).vuole(http.StatusOK)
	}
	return b
}

// passaggioDi is where a passage with those words begins.
func (b *banco) passaggioDi(parole string) string {
	b.u.t.Helper()
	m := regexp.MustCompile(`id="t-([0-9]+)"><strong>[0-9]+</strong> <span class="sub-in">[^<]*</span><mark>` + parole).FindStringSubmatch(b.pagina)
	if m == nil {
		b.u.t.Fatalf("no passage %q: %.1500s", parole, soloTesto(b.pagina))
	}
	return m[1]
}

// A document goes to a structure as pictures of its pages, once a person has looked
// at each of them and the copy is proved.
//
// ref: pga01 4.4.2
func TestCopiaDiUnDocumento(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	b := u.banco(t, "Lettera Brambati.pdf", letteraPDF("Sono Ilaria Brambati, telefono 0376 555 0142. Il dott. Longhini era gentile. Ho visto la Galimberti.", "Firma: Ilaria Brambati."))
	b.vai(b.dove).vuole(http.StatusOK, "Pagina 1 di 2", "Brambati", "telefono, sicuro", "Mancano 2 pagine da guardare").senza("Fai la copia e controllala")

	// The picture is of ours, and of nobody else's.
	figura := b.dove + "/pagina/1"
	b.vai(figura).vuole(http.StatusOK)
	if b.testata.Get("Content-Type") != "image/jpeg" || b.testata.Get("Cache-Control") != "private, no-store" || !strings.Contains(b.testata.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the picture comes with %v", b.testata)
	}
	b.vai(b.dove + "/pagina/3").vuole(http.StatusNotFound)
	b.vai(b.dove + "/pronta").vuole(http.StatusNotFound)

	b.vai(b.dove)
	telefono := b.passaggioDi("0376 555 0142")
	b.premi(http.StatusUnprocessableEntity, "guardata", telefono).vuole(http.StatusUnprocessableEntity, "di' perché resta leggibile")
	b.premi(http.StatusSeeOther, "segna", telefono, "perche", telefono+".serve").vuole(http.StatusOK, "Resta: Serve alla struttura per rispondere.")
	b.premi(http.StatusUnprocessableEntity, "altre", "", "altre", "Sconosciuto").vuole(http.StatusUnprocessableEntity, "Non troviamo queste parole")
	b.premi(http.StatusSeeOther, "altre", "", "altre", "gentile").vuole(http.StatusOK, "scelto da te")
	b.premi(http.StatusUnprocessableEntity, "area", "", "da-sinistra", "10", "dall-alto", "x").vuole(http.StatusUnprocessableEntity, "Scrivi quattro numeri", `value="10"`)
	b.premi(http.StatusSeeOther, "area", "", "da-sinistra", "10", "dall-alto", "50,5", "larga", "20%", "alta", "60").vuole(http.StatusOK, "10% da sinistra, 51% dall'alto, larga 20%, alta 50%")
	b.premi(http.StatusUnprocessableEntity, "", "", "punto.x", "0", "punto.y", "0").vuole(http.StatusUnprocessableEntity, "Con la tastiera usa i quattro campi")
	b.premi(http.StatusSeeOther, "", "", "punto.x", "175", "punto.y", "94", "mostrata", "350").vuole(http.StatusOK, "Primo angolo a 50% da sinistra e 19% dall'alto") // on a telephone
	b.premi(http.StatusSeeOther, "annulla", "").vuole(http.StatusOK, "clicca due angoli opposti")
	b.premi(http.StatusSeeOther, "", "", "punto.x", "350", "punto.y", "188").vuole(http.StatusOK, "Primo angolo a 50% da sinistra e 19% dall'alto")
	b.premi(http.StatusSeeOther, "", "", "punto.x", "273", "punto.y", "89").vuole(http.StatusOK, "39% da sinistra, 9% dall'alto, larga 11%, alta 10%")
	b.premi(http.StatusSeeOther, "togli-1", "").vuole(http.StatusOK).senza("39% da sinistra")
	b.premi(http.StatusSeeOther, "guardata", "").vuole(http.StatusOK, "Pagina 2 di 2", "Manca 1 pagina da guardare")
	b.premi(http.StatusUnprocessableEntity, "finisci", "").vuole(http.StatusUnprocessableEntity, "Prima guarda tutta la pagina 2.")

	// Others work on it meanwhile.
	vecchia := b.pagina
	b.premi(http.StatusSeeOther, "tutta", "").vuole(http.StatusOK, "tutta la pagina")
	nuova := b.pagina
	b.pagina = vecchia
	b.premi(http.StatusConflict, "guardata", "").vuole(http.StatusConflict, "Intanto questa copia è cambiata")
	b.pagina = nuova
	b.premi(http.StatusSeeOther, "togli-0", "")
	b.premi(http.StatusSeeOther, "guardata", "").vuole(http.StatusOK, "Hai guardato tutte le pagine", "Fai la copia e controllala")
	b.premi(http.StatusSeeOther, "finisci", "").vuole(http.StatusOK, "La copia è pronta", "2 pagine")

	// It goes with the request, and the original does not.
	atto := "/pratica/" + b.id + "/atto/richiesta_chiarimenti"
	file := b.dove[strings.LastIndex(b.dove, "/")+1:]
	b.vai(atto).vuole(http.StatusOK, "Documenti da mandare", "Lettera Brambati.pdf", "copia pronta, 2 pagine")
	s := &scrittoio{persona: b.persona, dove: atto}
	s.leggi()
	s.premi(http.StatusSeeOther, "salva", "copia-0", "Nove ore di attesa.", "file", "0."+file)
	b.vai("/pratica/"+b.id+"/istruttoria").vuole(http.StatusOK, "copia-2026-0000001-1.pdf", "Serve alla struttura per rispondere.")
	caso, err := vault.ParseID(b.id)
	if err != nil {
		t.Fatal(err)
	}
	f, err := u.Servizio.Apri(context.Background(), u.Chi(access.URPAziendale, ""), caso)
	if err != nil {
		t.Fatal(err)
	}
	resp := u.entra("rosa", access.Responsabile, f.Testa.Struttura)
	resp.vai("/pratica/"+b.id).vuole(http.StatusOK, "copia-2026-0000001-1.pdf", "Sono copie").senza("Lettera Brambati.pdf")
	resp.vai(b.dove).vuole(http.StatusForbidden)
	resp.vai(b.dove + "/pronta").vuole(http.StatusForbidden)
	resp.vai("/pratica/" + b.id + "/file/" + file).vuole(http.StatusNotFound)
	link := regexp.MustCompile(`/pratica/` + b.id + `/file/[0-9a-f-]{36}`).FindString(resp.vai("/pratica/" + b.id).pagina)
	w := resp.prendi(link)
	if d := w.Header().Get("Content-Disposition"); d != "attachment; filename=copia-2026-0000001-1.pdf" {
		t.Errorf("it comes as %s", d)
	}
	mandata := w.Body.Bytes()
	for _, parola := range []string{"Brambati", "Ilaria", "Title", "Font"} {
		if bytes.Contains(mandata, []byte(parola)) {
			t.Errorf("the copy holds %s", parola)
		}
	}
	pagine, err := flat.Maker{Child: figlioDiProva}.Read(t.Context(), document.PDF, mandata, flat.All)
	if err != nil || len(pagine) != 2 || pagine[0].Text+pagine[1].Text != "" {
		t.Errorf("the copy reads as %v, %v", pagine, err)
	}

	// Changed afterwards, it has to be made again.
	b.vai(b.dove + "?pagina=2").vuole(http.StatusOK)
	u.entra("ermete", access.URP, "URP-SAN-DEFENDENTE").vai(b.dove).vuole(http.StatusNotFound)
}

// prendi is an answer as it came, for who has signed in.
func (p *persona) prendi(dove string) *httptest.ResponseRecorder {
	p.u.t.Helper()
	r := httptest.NewRequest(http.MethodGet, dove, nil)
	for k, v := range p.biscotti {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	w := httptest.NewRecorder()
	p.u.h.ServeHTTP(w, r)
	return w
}

// What cannot be copied says why, and what to do instead; what the child dies of is
// said, and nothing is kept.
func TestCopiaImpossibile(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	b := u.banco(t, "lungo.pdf", letteraPDF(slices.Repeat([]string{"Pagina."}, 101)...))
	b.vai(b.dove).vuole(http.StatusOK, "Di questo documento non possiamo fare una copia.", "Il file ha 101 pagine", "copia su carta")
	b.vai(b.dove + "/pagina/1").vuole(http.StatusRequestEntityTooLarge)
	b.manda(b.dove, url.Values{"versione": {"0"}, "pagina": {"1"}, "fai": {"guardata"}}).vuole(http.StatusUnprocessableEntity, "non possiamo fare una copia")
	if cc, err := u.Store.Copie(context.Background(), u.Ente, 1); err != nil || len(cc) > 0 {
		t.Errorf("kept: %d, %v", len(cc), err)
	}
}

// A scan has no words: a person looks at it, and covers by hand.
func TestCopiaDiUnaFoto(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	var foto bytes.Buffer
	if err := jpeg.Encode(&foto, image.NewGray(image.Rect(0, 0, 400, 300)), nil); err != nil {
		t.Fatal(err)
	}
	b := u.banco(t, "IMG_0001.jpg", foto.Bytes())
	b.vai(b.dove).vuole(http.StatusOK, "il programma non sa leggerla", "Pagina 1 di 1").senza("Altre parole da coprire")
	b.premi(http.StatusSeeOther, "guardata", "").premi(http.StatusSeeOther, "finisci", "").vuole(http.StatusOK, "La copia è pronta")
	w := b.prendi(b.dove + "/pronta")
	if d := w.Header().Get("Content-Disposition"); w.Code != http.StatusOK || d != "attachment; filename=copia-2026-0000001.pdf" {
		t.Errorf("the ready copy: %d %s", w.Code, d)
	}
	if x, err := io.ReadAll(w.Body); err != nil || !bytes.HasPrefix(x, []byte("%PDF-1.4")) {
		t.Errorf("it is %.10s, %v", x, err)
	}
	b.vai(b.dove)
	b.premi(http.StatusSeeOther, "tutta", "").vuole(http.StatusOK, "Ho guardato tutta la pagina").senza("La copia è pronta")
}

// Where the child does not start, the page says so and the rest works.
func TestCopiaSenzaFiglio(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	b := u.banco(t, "lettera.pdf", letteraPDF("Buongiorno."))
	h, err := New(Config{Servizio: u.Servizio, Auth: u.auth, EnteID: u.Ente, Now: u.Orologio.Now, Bozze: u.Store, Blobs: u.Blobs, Anello: u.Anello,
		Viste: u.Store, Ente: Ente{Nome: "ASST Montelago", Telefono: "800 000 000"}, Copie: &flat.Maker{Child: child.New("/non/esiste")}})
	if err != nil {
		t.Fatal(err)
	}
	u.h = h
	b.vai(b.dove).vuole(http.StatusServiceUnavailable, "Il programma che apre gli allegati non parte")
	b.vai("/pratica/" + b.id).vuole(http.StatusOK)
	if _, err := os.Stat("/non/esiste"); err == nil {
		t.Error("it is there")
	}
}

// Of a photograph of a phone that nobody here can open safely no copy is made: the page
// says why, and what to do instead.
func TestCopiaDiUnHEIC(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	b := u.banco(t, "IMG_0412.HEIC", append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 100)...))
	b.vai(b.dove).vuole(http.StatusOK, "È una foto HEIC", "Salvala in JPG e allegala di nuovo", "copia su carta").senza("Fai la copia", "Ho guardato")
	b.vai(b.dove + "/pagina/1").vuole(http.StatusUnprocessableEntity)
	b.manda(b.dove, url.Values{"versione": {"0"}, "fai": {"finisci"}}).vuole(http.StatusUnprocessableEntity, "È una foto HEIC")
	b.vai(b.dove + "/pronta").vuole(http.StatusNotFound)
}
