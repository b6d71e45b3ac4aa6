package web_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tutela/internal/document"
	"tutela/internal/store/storetest"
)

var pdf = []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

func bombaZip(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for nome, testo := range map[string]string{"[Content_Types].xml": `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
		"word/document.xml": strings.Repeat("\x00", 120<<20)} {
		w, err := z.Create(nome)
		if err == nil {
			_, err = io.WriteString(w, testo)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fileSuDisco lists what lies in the folder of the attachments.
func fileSuDisco(t *testing.T, b *storetest.Banco) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(b.Dir, "allegati"), func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDocumenti(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	n.finoA(4, "reclamo")
	p := n.vuole(n.inviaFile("/segnala/4", campi("vai", "aggiungi"), fileProva{"file", "../../referto\u202e.pdf", pdf},
		fileProva{"file", "foto.jpg", []byte("MZ\x90\x00" + strings.Repeat("\x00", 300))},
		fileProva{"file", "=cmd|' /C calc'!A0.pdf", pdf},
		fileProva{"file", "", nil}, fileProva{"file", "vuoto.pdf", nil},
		fileProva{"file", "bomba.docx", bombaZip(t)},
		fileProva{"file", `<img src=x onerror=alert(1)>.html`, []byte("<html><script>alert(1)</script>")}),
		422, "/segnala/4", "referto", "foto.jpg", "programma", "vuoto.pdf", "bomba.docx", "non sono stati aggiunti")
	controllaMarche(t, p)
	if strings.Contains(p.Testo, "\u202e") || strings.Contains(p.Testo, "..") || strings.Contains(p.Testo, "<img src=x") {
		t.Error("a name is shown as it came")
	}
	if f := fileSuDisco(t, b); len(f) != 2 {
		t.Errorf("%d files on disk, wanted the two that were taken", len(f))
	}
	for _, x := range fileSuDisco(t, b) {
		c, err := os.ReadFile(x)
		if err != nil || bytes.Contains(c, []byte("endobj")) {
			t.Errorf("in clear on disk: %v", err)
		}
	}
	id := primoID.FindStringSubmatch(p.Testo)
	if id == nil {
		t.Fatal("no way to remove a file")
	}
	n.vuole(n.invia("/segnala/4/togli", campi("file", id[1])), 200, "/segnala/4")
	n.vuole(n.invia("/segnala/4/togli", campi("file", id[1])), 200, "/segnala/4") // twice is once
	n.vuole(n.invia("/segnala/4/togli", campi("file", "boh")), 404, "/segnala/4/togli")
	if f := fileSuDisco(t, b); len(f) != 1 {
		t.Errorf("%d files on disk after one was removed", len(f))
	}
	for i := range 9 {
		n.vuole(n.inviaFile("/segnala/4", campi("vai", "aggiungi"), fileProva{"file", fmt.Sprintf("pagina %d.pdf", i), pdf}), 200, "/segnala/4")
	}
	n.vuole(n.apri("/segnala/4"), 200, "/segnala/4", "I file sono 10")
	n.vuole(n.inviaFile("/segnala/4", campi("vai", "continua"), fileProva{"file", "undici.pdf", pdf}), 422, "/segnala/4", "undici.pdf", "già 10")
	n.vuole(n.inviaFile("/segnala/4", campi("vai", "continua")), 200, "/segnala/5")

	n.invia("/segnala/5", campi("per", "me"))
	p = n.vuole(n.inviaFile("/segnala/5/dati", campi("nome", "Lucia", "cognome", "Prova", "ricapito", "sportello")), 200, "/segnala/6", "pagina 8.pdf")
	r := n.vuole(n.invia("/segnala/6", campi("chiave", chiaveNascosta(t, p))), 200, "/ricevuta")
	codice, chiave := codiceChiave(t, r)
	p = n.vuole(n.invia("/segui", campi("codice", codice, "chiave", chiave)), 200, "/segui/stato", "pagina 0.pdf")
	link := linkFile.FindStringSubmatch(p.Testo)
	f := n.apri(link[1])
	if f.Stato != 200 || f.Testo != string(pdf) || !strings.HasPrefix(f.Testa.Get("Content-Disposition"), "attachment") ||
		f.Testa.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(f.Testa.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("download: %d %q %v", f.Stato, f.Testo, f.Testa)
	}
	estraneo := apriBrowser(t, n.h)
	estraneo.vuole(estraneo.apri(link[1]), 200, "/segui?scaduta")
}

func TestAbbandonata(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	n.finoA(4, "reclamo")
	n.inviaFile("/segnala/4", campi("vai", "continua"), fileProva{"file", "a.pdf", pdf})
	n.vuole(n.invia("/segnala/cancella", nil), 200, "/")
	if f := fileSuDisco(t, b); len(f) != 0 || len(n.biscotti) != 0 {
		t.Errorf("left behind: %v, %d cookies", f, len(n.biscotti))
	}
}

// The files of a draft last as long as the draft, which every page saves anew.
func TestFileDurano(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	n.finoA(4, "reclamo")
	n.inviaFile("/segnala/4", campi("vai", "continua"), fileProva{"file", "a.pdf", pdf})
	restano := func() int {
		t.Helper()
		if _, err := b.Blobs.Sweep(t.Context(), b.Orologio.Now().Add(-8*24*time.Hour), func(document.Address) bool { return false }); err != nil {
			t.Fatal(err)
		}
		return len(fileSuDisco(t, b))
	}
	for range 3 {
		b.Orologio.Avanza(6 * 24 * time.Hour)
		n.vuole(n.invia("/segnala/5", campi("per", "me")), 200, "/segnala/5/dati")
		if restano() != 1 {
			t.Fatal("the file of a living draft is gone")
		}
	}
	b.Orologio.Avanza(8*24*time.Hour + time.Second)
	if restano() != 0 {
		t.Error("the file outlives its draft")
	}
}

func TestFileSenzaBozza(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	n.vuole(n.inviaFile("/segnala/4", campi("vai", "aggiungi"), fileProva{"file", "referto.pdf", pdf}), 200, "/segnala/4", "referto.pdf")
}

type zeri struct{}

func (zeri) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// nonSiLegge is a body that nobody should begin to read.
type nonSiLegge struct{ t *testing.T }

func (x nonSiLegge) Read([]byte) (int, error) {
	x.t.Error("the body is read")
	return 0, io.EOF
}

func TestInviiEnormi(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	n.finoA(4, "reclamo")
	var testa bytes.Buffer
	w := multipart.NewWriter(&testa)
	if _, err := w.CreateFormFile("file", "film.pdf"); err != nil {
		t.Fatal(err)
	}
	testa.WriteString("%PDF-1.7\n")
	grande := func(dice int64) rispostaPagina {
		r := httptest.NewRequest(http.MethodPost, "/segnala/4", io.MultiReader(bytes.NewReader(testa.Bytes()), zeri{}))
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.ContentLength = dice
		return n.manda(r)
	}
	n.vuole(grande(2<<30), 413, "", "10 file di 20 MB")
	n.vuole(grande(-1), 413, "", "10 file di 20 MB")
	r := httptest.NewRequest(http.MethodPost, "/segnala/3", nonSiLegge{t}) // refused by what it says of itself
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.ContentLength = 2 << 30
	n.vuole(n.manda(r), 413, "", "10.000 caratteri")
	n.vuole(n.invia("/segnala/3", campi("testo", strings.Repeat("a", 10<<20))), 413, "", "10.000 caratteri", "800 123 456")
	n.vuole(n.inviaFile("/segnala/5/dati", campi("nome", strings.Repeat("a", 1<<20))), 413, "")
	if f := fileSuDisco(t, b); len(f) != 0 {
		t.Errorf("left behind: %v", f)
	}
	if p := n.apri("/segnala/3"); !strings.Contains(p.Testo, "Ho aspettato sei ore") {
		t.Error("the draft is lost")
	}
}

func TestModuliRotti(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	for tipo, corpo := range map[string]string{
		"application/json":                  `{"tipo":"reclamo"}`,
		"":                                  "tipo=reclamo",
		"application/x-www-form-urlencoded": "tipo=%zz",
		"multipart/form-data; boundary=x":   "--x\r\nContent-Disposition: form-data; name=\"tipo\"\r\n\r\nrecl",
		"multipart/form-data":               "x",
		"multipart/form-data; boundary=y":   "nothing that begins\r\n",
		"multipart/form-data; boundary=z":   "",
		"text/plain":                        strings.Repeat("a=1&", 300),
	} {
		r := httptest.NewRequest(http.MethodPost, "/segnala/1", strings.NewReader(corpo))
		r.Header.Set("Content-Type", tipo)
		n.vuole(n.manda(r), 400, "/segnala/1", "Torna indietro e riprova")
	}
	r := httptest.NewRequest(http.MethodPost, "/segnala/1", strings.NewReader(strings.Repeat("a=1&", 300)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	n.vuole(n.manda(r), 400, "")
	if len(n.biscotti) != 0 {
		t.Error("a draft made from nothing")
	}
}

func TestAltroSito(t *testing.T) {
	h := pagineDi(t, storetest.SQLite(t))
	r := httptest.NewRequest(http.MethodPost, "/segnala/1", strings.NewReader("tipo=reclamo"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 403 || !strings.Contains(w.Body.String(), "da un altro sito") || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("%d %s", w.Code, soloTesto(w.Body.String()))
	}
}

// What people type comes back as they typed it, and never as markup.
func TestParoleOstili(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	testo := "=SOMMA(A1)\n<script>alert(1)</script> {{.V}} \"' & 🙏🏽 \u202eoirartnoc\u202c fine\x00!\n\t-ultima"
	n.finoA(3, "reclamo")
	n.vuole(n.invia("/segnala/3", campi("testo", testo)), 200, "/segnala/4")
	p := n.apri("/segnala/3")
	if !strings.Contains(p.Testo, "=SOMMA(A1)\n&lt;script&gt;alert(1)&lt;/script&gt; {{.V}} &#34;&#39; &amp; 🙏🏽 oirartnoc fine!") || strings.Contains(p.Testo, "<script>alert") {
		t.Errorf("%.300s", p.Testo[strings.Index(p.Testo, "<textarea"):])
	}
}

var (
	primoID  = regexp.MustCompile(`name="file" value="([0-9a-f-]{36})"`)
	linkFile = regexp.MustCompile(`href="(/segui/file/[0-9a-f-]{36})"`)
)
