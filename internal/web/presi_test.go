package web

import (
	"bytes"
	"context"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// allega sends a form with files, each a text that says its own name.
func (p *persona) allega(dove string, v url.Values, nomi ...string) *persona {
	p.u.t.Helper()
	var c bytes.Buffer
	m := multipart.NewWriter(&c)
	for k, vv := range v {
		for _, x := range vv {
			_ = m.WriteField(k, x)
		}
	}
	for _, n := range nomi {
		x, _ := m.CreateFormFile("documenti", n)
		_, _ = x.Write([]byte("Sono " + n + ".\n"))
	}
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, dove, &c)
	r.Header.Set("Content-Type", m.FormDataContentType())
	p.chiedi(r)
	return p
}

var filePreso = regexp.MustCompile(`name="togli" value="([^"]+)"`)

// ripresi puts into a form the files that the page before the person holds, and
// gives their ids.
func (p *persona) ripresi(v url.Values) []string {
	p.u.t.Helper()
	for _, m := range nascosto.FindAllStringSubmatch(p.pagina, -1) {
		v.Set(m[1], m[2])
	}
	var out []string
	for _, m := range filePreso.FindAllStringSubmatch(p.pagina, -1) {
		out = append(out, m[1])
	}
	return out
}

// leggibili holds a case to having those files, each one whole.
func (u *ufficio) leggibili(p *persona, id string, nomi ...string) {
	u.t.Helper()
	f, err := u.Servizio.Apri(context.Background(), u.Chi(access.URPAziendale, ""), u.idDi(id))
	if err != nil || len(f.File) != len(nomi) {
		u.t.Fatalf("%d files, want %v: %v", len(f.File), nomi, err)
	}
	for _, x := range f.File {
		if n := x.Nome.Valore(); !slices.Contains(nomi, n) {
			u.t.Errorf("there is %q, want %q", n, nomi)
		}
		p.vai("/pratica/"+id+"/file/"+x.ID.String()).vuole(http.StatusOK, "Sono "+x.Nome.Valore())
	}
}

// The files of an act are chosen once: they come back with the form, whatever was
// wrong with it, and one may be taken away.
func TestDocumentiDiUnAtto(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		p, altro := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("domitilla", access.URPAziendale, "")
		id := p.registra()
		dove := "/pratica/" + id + "/atto/messaggio"
		v := p.modulo(dove, dove)
		p.allega(dove, v, "uno.txt", "due.txt").vuole(http.StatusUnprocessableEntity, "uno.txt", "due.txt", "già preso")
		f := p.ripresi(v)
		if len(f) != 2 {
			t.Fatalf("files that came back: %v", f)
		}
		v["togli"] = f[1:]
		v.Set("fai", "controlla")
		p.allega(dove, v, "tre.txt").vuole(http.StatusOK, "uno.txt", "tre.txt").senza("due.txt")
		preso := v.Get("presi")
		v.Del("togli")
		p.ripresi(v)
		v.Set("testo", "Ecco i documenti.")
		v.Set("fai", "salva")

		// Somebody was quicker: text and files stay.
		altro.fa(id, "nota", "nota", "Intanto.")
		p.manda(dove, v).vuole(http.StatusConflict, "Ecco i documenti.", "uno.txt", "tre.txt")
		v.Del("togli")
		p.ripresi(v)

		// What one person sealed opens for nobody else.
		w := altro.modulo(dove, dove, "testo", "Di un altro.", "presi", v.Get("presi"))
		altro.manda(dove, w).vuole(http.StatusUnprocessableEntity, "scegli di nuovo i documenti", "Di un altro.")

		// What opens for nobody is said, and hides nothing of the rest.
		buoni := v.Get("presi")
		w = maps.Clone(v)
		w["presi"] = []string{"", "zzz", buoni, buoni}
		p.manda(dove, w).vuole(http.StatusUnprocessableEntity, "scegli di nuovo i documenti", "Ecco i documenti.", "uno.txt", "tre.txt")
		if n := len(p.ripresi(v)); n != 2 {
			t.Errorf("%d files", n)
		}

		for range 2 { // by a double click
			p.manda(dove, v).vuole(http.StatusSeeOther)
		}
		u.leggibili(altro, id, "uno.txt", "tre.txt")

		// An older page sends again a file that the case has: it is there once.
		w = p.modulo(dove, dove, "testo", "Ancora.", "presi", preso)
		p.manda(dove, w).vuole(http.StatusSeeOther)
		u.leggibili(altro, id, "uno.txt", "due.txt", "tre.txt")
	})
}

// The file of an answer is in the part of its request, also when it came before
// the text.
//
// ref: pga01 4.4.2
func TestDocumentiDiUnaRisposta(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	urp := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	id := urp.registra()
	urp.fa(id, "presa_in_carico")
	u.chiedeA(id, strutturaB, strutturaA)
	resp, altro := u.entra("evaristo", access.Responsabile, strutturaA), u.entra("ercole", access.Responsabile, strutturaB)
	dove := "/pratica/" + id + "/atto/chiarimenti?per=" + strutturaA
	v := resp.modulo(dove, dove)
	resp.allega(dove, v, "turni.txt").vuole(http.StatusUnprocessableEntity, "turni.txt")
	resp.ripresi(v)
	v.Set("testo", "Il triage ha seguito le priorità.")
	resp.manda(dove, v).vuole(http.StatusSeeOther)
	u.leggibili(urp, id, "turni.txt")
	u.leggibili(resp, id, "turni.txt")
	altro.vai("/pratica/" + id).vuole(http.StatusOK).senza("turni.txt")
}

// chiedeA asks several structures, as the rules want it.
func (u *ufficio) chiedeA(id string, unita ...string) {
	u.t.Helper()
	var chieste []map[string]string
	for _, x := range unita {
		chieste = append(chieste, map[string]string{"id": x, "copia": "Copia per " + x + "."})
	}
	if _, err := u.Servizio.Esegui(context.Background(), u.Chi(access.URP, "URP-SANTA-CHIARA"), pratica.Comando{Pratica: u.idDi(id), Atto: "richiesta_chiarimenti",
		Dati: pratica.Dati{"quesito": "Che cosa è successo?", "strutture": chieste}}); err != nil {
		u.t.Fatal(err)
	}
}

// What the desk takes in has all its files, each one whole, those of a form that
// came back too.
func TestDocumentiDellaNuova(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("ottavia", access.URP, "URP-SANTA-CHIARA")
	v := p.modulo("/nuova", "/nuova", "canale", "sportello", "nome", "Bruna", "cognome", "Selvaggini")
	p.allega(azioneNuova.FindStringSubmatch(p.pagina)[1], v, "uno.txt", "due.txt", "tre.txt").vuole(http.StatusUnprocessableEntity, "uno.txt", "tre.txt")
	v["togli"] = p.ripresi(v)[1:2]
	v.Set("testo", "Mio padre è caduto dal letto.")
	p.allega(azioneNuova.FindStringSubmatch(p.pagina)[1], v, "quattro.txt").vuole(http.StatusCreated)
	u.leggibili(p, regexp.MustCompile(`href="/pratica/([0-9a-f-]{36})"`).FindStringSubmatch(p.pagina)[1], "uno.txt", "tre.txt", "quattro.txt")
}
