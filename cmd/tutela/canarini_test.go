package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tutela/internal/demo"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// canarini are words that stand nowhere but in what people write: of whom, where, and
// what about; in files and their names; in what never became a case.
var canarini = []string{"Zenobiarda", "Quattrolampi", "QTTZNB70A41H501X", "zq.canaria@esempio.example", "0376 555 0199", "Vicolo Canarino", "Borgocanario",
	"raccontocanario", "desideriocanario", "refertocanario", "paginacanaria", "fotocanaria", "titolocanario", "bozzacanaria", "messaggiocanario", "notacanaria",
	"quesitocanario", "copiacanaria", "chiarimentocanario", "rispostacanaria", "mittentecanario", "cercacanaria", "utentecanario", "sbagliocanario", "caricocanario",
	"Ermelindora", "Seicandele", "tutelacanaria", "diariocanario", "classecanaria", "quesitotutelare", "copiatutelare", "motivocanario", "riscontrotutelare"}

// corsa is a demonstration that is run as a program, and what people did there.
type corsa struct {
	t                  *testing.T
	s                  *server
	dati, tmp, pg, url string
	inizio             time.Time
	comando            []string
	segreti            []string // keys, cookies, passphrases: as much canaries as the words
	codice             string   // of a case: this one is on the disk
	bozza              string   // the cookie of a draft
	upt, capo          *browser
}

// In a whole demonstration, with people who report, work, search, err and go away
// half way, killed under load and started again, with a member of the UPT signed in,
// no file of data, keys, logs, temporary folder and database says a word of what
// anybody wrote; and who has them all, the server's key too, opens nothing of the UPT
// but what it sent to a structure.
//
// ref: gdpr art. 32; lr33-2009 art. 23-bis
func TestCanarini(t *testing.T) {
	for _, pg := range []bool{false, true} {
		t.Run(map[bool]string{false: "sqlite", true: "postgres"}[pg], func(t *testing.T) { corri(t, pg) })
	}
}

func corri(t *testing.T, pg bool) {
	c := &corsa{t: t, dati: cartella(t), tmp: cartella(t)}
	t.Setenv("TMPDIR", c.tmp) // of the server, and of the database's log
	if pg {
		c.pg = cartella(t)
		u, ferma, err := storetest.Cluster(c.pg)
		if err != nil {
			t.Fatal(err)
		}
		defer ferma()
		c.url = u.String()
	}
	c.inizio = time.Now().Add(-time.Second)
	c.comando = []string{"demo", "--data", c.dati, "--addr", "127.0.0.1:0"}
	if pg {
		c.comando = append(c.comando, "--db", c.url)
	}
	c.accendi()
	conti := c.conti()
	c.niente("before anybody came")
	urp := c.allURP(conti)
	tutela := c.allUPT(conti)
	c.lasciate()
	if len(c.occhi(c.codice)) == 0 {
		t.Error("the eyes see nothing: not even a codice")
	}
	c.niente("with a member signed in")
	c.intruso(urp, tutela, "with a member signed in")

	c.carico()
	c.niente("killed under load")
	c.accendi()
	c.upt.s, c.capo.s = c.s, c.s
	c.upt.apri("/pratica/"+tutela.String()).vuole(http.StatusOK, "tutelacanaria") // the key is open still
	c.capo.apri("/cerca").manda("/cerca", "q", "raccontocanario")
	c.intruso(urp, tutela, "after the start")
	if err := c.s.cmd.Process.Signal(syscall.SIGABRT); err != nil { // it says on its log what it was doing
		t.Fatal(err)
	}
	_ = c.s.cmd.Wait()
	c.niente("stopped for good")
	dove := []string{"--data", c.dati}
	if pg {
		dove = append(dove, "--db", c.url)
	}
	dice(t, "", 0, "Il registro è intero", append([]string{"registro", "verify"}, dove...)...)
	if resti, _ := filepath.Glob("core*"); len(resti) > 0 {
		t.Errorf("it left %v", resti)
	}
}

// cartella is a folder that a database's own user can reach.
func cartella(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "tutela-canarini-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (c *corsa) accendi() {
	c.t.Helper()
	c.s = accendi(c.t, filepath.Join(c.tmp, "server.log"), c.comando...)
	c.t.Cleanup(c.s.uccidi)
}

// conti takes the passphrases off the disk, on which only a demonstration has them.
func (c *corsa) conti() map[string]demo.Account {
	c.t.Helper()
	dove := filepath.Join(c.dati, "demo-accounts.json")
	b, err := os.ReadFile(dove)
	var elenco []demo.Account
	if err == nil {
		err = json.Unmarshal(b, &elenco)
	}
	if err == nil {
		err = os.WriteFile(dove, []byte("[]"), 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string]demo.Account{}
	for _, x := range elenco {
		if out[x.Utente] = x; x.Frase != "" {
			c.segreti = append(append(c.segreti, x.Frase), x.Fogli...)
		}
	}
	return out
}

func (c *corsa) entra(conti map[string]demo.Account, utente string) *browser {
	c.t.Helper()
	x := conti[utente]
	n := c.s.browser(c.t).entra(utente, demo.Password, x.Frase)
	for _, v := range n.biscotti {
		if len(v) == 43 {
			c.segreti = append(c.segreti, v)
		}
	}
	return n
}

// letteraCanaria is a PDF with words in its page and in its card.
func letteraCanaria(parole string) []byte {
	s := "BT /F 12 Tf 60 700 Td (" + parole + ") Tj ET"
	return fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[4 0 R]/Count 1>> endobj\n3 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj\n"+
		"4 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents 5 0 R>> endobj\n5 0 obj <</Length %d>> stream\n%s\nendstream endobj\ntrailer <</Root 1 0 R/Info<</Title(titolocanario)>>>>\n%%%%EOF\n", len(s), s)
}

// fotoCanaria is a picture with a remark in it.
func fotoCanaria(t *testing.T) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 200, 150)), nil); err != nil {
		t.Fatal(err)
	}
	nota := "fotocanaria"
	return slices.Concat(b.Bytes()[:2], []byte{0xff, 0xfe, 0, byte(len(nota) + 2)}, []byte(nota), b.Bytes()[2:])
}

// segnala walks the citizen's steps, to the receipt.
func (c *corsa) segnala(ufficio, racconto string, dati url.Values, fogli ...foglio) (n *browser, codice, chiave string) {
	c.t.Helper()
	n = c.s.browser(c.t)
	n.apri("/segnala/ufficio").manda("/segnala/ufficio", "ufficio", ufficio).vuole(http.StatusOK)
	n.manda("/segnala/1", "tipo", "reclamo").vuole(http.StatusOK)
	n.manda("/segnala/2", "luogo", "Ospedale Santa Chiara – Montelago", "non-ricordo", "1").vuole(http.StatusOK)
	n.spedisci("/segnala/3", url.Values{"testo": {racconto}, "chiede": {"spiegazione"}, "oggetto": {racconto[:20]}}).vuole(http.StatusOK)
	n.mandaFogli("/segnala/4", url.Values{"vai": {"continua"}}, fogli...).vuole(http.StatusOK)
	n.spedisci("/segnala/5", url.Values{"per": {"me"}}).vuole(http.StatusOK)
	n.mandaFogli("/segnala/5/dati", dati).vuole(http.StatusOK)
	n.manda("/segnala/6").vuole(http.StatusOK)
	codici := n.trova(`<p class="code">([^<]+)</p>`)
	codice, chiave = strings.ReplaceAll(codici[0], "-", ""), strings.ReplaceAll(codici[1], "-", "")
	c.segreti = append(c.segreti, chiave, codici[1])
	return n, codice, chiave
}

// allURP is a case from the citizen's steps to the answer, through every office.
func (c *corsa) allURP(conti map[string]demo.Account) vault.ID {
	c.t.Helper()
	_, codice, chiave := c.segnala("urp", "Il raccontocanario di Zenobiarda Quattrolampi, in barella.", url.Values{"nome": {"Zenobiarda"}, "cognome": {"Quattrolampi"}, "ricapito": {"email"},
		"email": {"zq.canaria@esempio.example"}, "telefono": {"0376 555 0199"}, "codice-fiscale": {"QTTZNB70A41H501X"}, "indirizzo": {"Vicolo Canarino 3"}, "comune": {"Borgocanario"}, "cap": {"46100"}},
		foglio{"file", "refertocanario.pdf", letteraCanaria("paginacanaria")}, foglio{"file", "fotocanaria.jpg", fotoCanaria(c.t)})
	c.codice = codice
	u, az := c.entra(conti, "urp.montelago"), c.entra(conti, "urp.aziendale")
	c.capo = az
	u.apri("/cerca").manda("/cerca", "q", codice).vuole(http.StatusOK)
	caso := u.trova(`/pratica/([0-9a-f-]{36})`)[0]
	u.apri("/amministrazione/token").manda("/amministrazione/token", "nome", "prova").vuole(http.StatusOK)
	token := u.trova(`id="segreto">(tut_[^<]+)<`)[0]
	c.segreti = append(c.segreti, token)
	u.fa(caso, "presa_in_carico").fa(caso, "valutazione", "natura", "sanitaria", "danni", "esclusi").fa(caso, "informativa").fa(caso, "nota", "nota", "La notacanaria.")
	u.apri("/pratica/" + caso + "/documenti")
	for _, copia := range u.trova(`"(/pratica/` + caso + `/copia/[0-9a-f-]{36})`) {
		if u.apri(copia); strings.Contains(u.pagina, "fotocanaria") {
			u.manda(copia, "fai", "guardata").vuole(http.StatusOK)
			u.manda(copia, "fai", "finisci").vuole(http.StatusOK, "La copia è pronta")
		}
	}
	var pronti []string
	var p struct {
		Struttura string
		Allegati  []struct{ ID, Nome string }
	}
	if n := c.s.chiedi(c.t.Context(), "GET", "/pratiche/"+caso, token, nil, "", &p); n != http.StatusOK {
		c.t.Fatalf("the API opens the case: %d", n)
	}
	for _, f := range p.Allegati {
		if f.Nome == "fotocanaria.jpg" {
			pronti = append(pronti, f.ID)
		}
	}
	corpo, err := json.Marshal(map[string]any{"atto": "richiesta_chiarimenti", "dati": map[string]any{"quesito": "Un quesitocanario?", "strutture": []map[string]any{{"id": "SC-21501",
		"copia": "La copiacanaria: nove ore.", "allegati": pronti}}}})
	if err != nil {
		c.t.Fatal(err)
	}
	if n := c.s.chiedi(c.t.Context(), "POST", "/pratiche/"+caso+"/atti", token, nil, string(corpo), nil); n != http.StatusCreated || len(pronti) != 1 {
		c.t.Fatalf("a structure is asked, with %d documents: %d", len(pronti), n)
	}
	c.entra(conti, "resp.pronto-soccorso").fa(caso, "chiarimenti", "testo", "Il chiarimentocanario.")
	az.fa(caso, "bozza_risposta", "testo", "La rispostacanaria alla signora Quattrolampi.")
	ds := c.entra(conti, "direttore.sanitario").apri("/firma/" + caso)
	ds.manda("/pratica/" + caso + "/atto/firma_risposta").vuole(http.StatusOK)
	az.fa(caso, "invio_risposta", "mezzo", "portale")
	az.apri("/cerca").manda("/cerca", "q", "quattrolampi cercacanaria").vuole(http.StatusOK)
	az.apri("/pratica/" + caso).manda("/pratica/" + caso + "/copia").vuole(http.StatusOK)

	n := c.s.browser(c.t)
	n.apri("/segui").manda("/segui", "codice", codice, "chiave", chiave).vuole(http.StatusOK)
	n.apri("/segui/copia")
	n.apri("/segui/risposta").vuole(http.StatusOK, "rispostacanaria")
	id, err := vault.ParseID(caso)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// allUPT is a case of the UPT, whose head stays signed in with the key open.
func (c *corsa) allUPT(conti map[string]demo.Account) vault.ID {
	c.t.Helper()
	_, codice, chiave := c.segnala("upt", "La tutelacanaria di Ermelindora Seicandele contro il reparto.", url.Values{"nome": {"Ermelindora"}, "cognome": {"Seicandele"}, "ricapito": {"sportello"}},
		foglio{"file", "diariocanario.pdf", letteraCanaria("paginacanaria")})
	n := c.s.browser(c.t)
	n.apri("/segui").manda("/segui", "codice", codice, "chiave", chiave).vuole(http.StatusOK)
	n.apri("/segui/atto/messaggio")
	n.mandaFogli("/segui/atto/messaggio", n.campiDi("/segui/atto/messaggio"), foglio{"documenti", "refertocanario.jpg", fotoCanaria(c.t)}).vuole(http.StatusUnprocessableEntity) // no text yet
	v := n.campiDi("/segui/atto/messaggio")
	v.Set("testo", "Il messaggiocanario.")
	n.mandaFogli("/segui/atto/messaggio", v).vuole(http.StatusOK, "messaggiocanario")

	c.upt = c.entra(conti, "upt.responsabile")
	c.upt.apri("/upt").manda("/upt/cerca", "q", "tutelacanaria").vuole(http.StatusOK, "Seicandele")
	caso := c.upt.trova(`/pratica/([0-9a-f-]{36})`)[0]
	c.upt.fa(caso, "presa_in_carico").fa(caso, "nota", "nota", "La classecanaria.").fa(caso, "accesso_fascicolo", "fascicolo", "2026/1", "motivo", "Un motivocanario.")
	c.upt.fa(caso, "richiesta_informazioni", "quesito", "Il quesitotutelare?", "unita-0", "SC-21501", "copia-0", "Solo la copiatutelare.")
	c.upt.fa(caso, "risposta", "testo", "Gentile Ermelindora Seicandele, ecco la riscontrotutelare.")
	id, err := vault.ParseID(caso)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// lasciate is what never becomes a case: drafts, mistakes, words typed where they do
// not belong.
func (c *corsa) lasciate() {
	c.t.Helper()
	n := c.s.browser(c.t)
	n.apri("/segnala/1").manda("/segnala/1", "tipo", "reclamo").vuole(http.StatusOK)
	n.spedisci("/segnala/3", url.Values{"testo": {"Una bozzacanaria mai mandata."}}).vuole(http.StatusOK)
	n.mandaFogli("/segnala/4", url.Values{"vai": {"continua"}}, foglio{"file", "bozzacanaria.pdf", letteraCanaria("paginacanaria")}).vuole(http.StatusOK)
	c.bozza = n.biscotti["__Host-b"]
	c.segreti = append(c.segreti, c.bozza)
	n = c.s.browser(c.t)
	n.apri("/entra").manda("/entra", "utente", "utentecanario", "password", "sbagliocanario").vuole(http.StatusUnauthorized)
	n.chiedi("GET", "/sbagliocanario?q=cercacanaria", "", nil).vuole(http.StatusNotFound)
	n.spedisci("/segui", url.Values{"codice": {"SBAGLIOCANARIO"}, "contatto": {"mittentecanario@esempio.example"}}).vuole(http.StatusUnprocessableEntity)
	n.mandaFogli("/segnala/4", url.Values{"vai": {"aggiungi"}}, foglio{"file", "sbagliocanario.exe", []byte("MZ\x90\x00 sbagliocanario")})
	for _, x := range [][2]string{{"", `{"testo":"raccontocanario","segnalante":{"nome":"Zenobiarda","email":12}}`}, {"canarino-1", `{"testo":"Il raccontocanario."}`}, {"canarino-1", `{"testo":"Un altro sbagliocanario."}`}} {
		testate := map[string]string{}
		if x[0] != "" {
			testate["Idempotency-Key"] = x[0]
		}
		var r ricevutaAPI
		if c.s.chiedi(c.t.Context(), "POST", "/segnalazioni", "", testate, x[1], &r) == http.StatusCreated {
			c.segreti = append(c.segreti, r.Chiave)
		}
	}
}

// carico kills the program while it takes in reports, drafts and files.
func (c *corsa) carico() {
	c.t.Helper()
	ctx, stop := context.WithCancel(c.t.Context())
	pdf := base64.StdEncoding.EncodeToString(letteraCanaria("paginacanaria"))
	var wg sync.WaitGroup
	for k := range 6 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if k == 0 && i < 8 { // each leaves a draft
					r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.s.base+"/segnala/3", strings.NewReader(url.Values{"testo": {"Un caricocanario senza fine."}}.Encode()))
					if err != nil {
						return
					}
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					if risp, err := fermoQui.Do(r); err == nil {
						_ = risp.Body.Close()
					}
					continue
				}
				testate := map[string]string{}
				if i < 4 { // each leaves an answer
					testate["Idempotency-Key"] = fmt.Sprintf("carico-%d-%d", k, i)
				}
				c.s.chiedi(ctx, "POST", "/segnalazioni", "", testate,
					`{"testo":"Il caricocanario di Zenobiarda Quattrolampi.","segnalante":{"nome":"Zenobiarda","cognome":"Quattrolampi","email":"zq.canaria@esempio.example"},"allegati":[{"nome":"refertocanario.pdf","contenuto":"`+pdf+`"}]}`, nil)
			}
		})
	}
	time.Sleep(700 * time.Millisecond)
	c.s.uccidi()
	stop()
	wg.Wait()
}

// occhi look for words wherever there is something to read.
func (c *corsa) occhi(parole ...string) []string {
	c.t.Helper()
	o := storetest.NewOcchi(parole...)
	var out []string
	guarda := func(visti []string, err error) {
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, visti...)
	}
	guarda(o.Cartella(c.dati, time.Time{}))
	guarda(o.Cartella(c.tmp, time.Time{}))
	if c.pg != "" {
		guarda(o.Cartella(c.pg, c.inizio))
		guarda(o.Postgres(c.url))
	}
	return out
}

// niente demands that nothing says any of the canaries.
func (c *corsa) niente(quando string) {
	c.t.Helper()
	visti := c.occhi(slices.Concat(canarini, c.segreti)...)
	for _, v := range visti[:min(len(visti), 30)] {
		c.t.Errorf("%s: %s", quando, v)
	}
}

// intruso has the disk, both databases, the server's key and the program.
func (c *corsa) intruso(urp, upt vault.ID, quando string) {
	c.t.Helper()
	db, err := store.Open(c.t.Context(), store.Config{Dir: c.dati, URL: c.url, Now: time.Now, Existing: true})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	nuovo := func() *storetest.Intruso {
		x := storetest.NewIntruso(c.t, demo.EnteID, filepath.Join(c.dati, "chiavi"), db, cmp.Or(c.url, c.dati))
		x.Parole = []string{demo.Password, "babebi babebi babebi babebi", "canarino-1", "carico-1-0", "upt.responsabile", c.codice}
		return x
	}
	x := nuovo()
	if testi, parti := x.Apre(urp); len(parti) < 2 || !strings.Contains(strings.Join(testi, ""), "raccontocanario") {
		c.t.Errorf("%s: the hands open nothing of the URP either: %d texts, parts %v", quando, len(testi), parti)
	}
	for _, caso := range x.Casi(pratica.RegistroUPT) {
		testi, parti := x.Apre(caso)
		for _, s := range testi {
			var q struct{ Copia string }
			if err := json.Unmarshal([]byte(s), &q); err != nil || q.Copia == "" || caso == upt && q.Copia != "Solo la copiatutelare." {
				c.t.Errorf("%s: of a case of the UPT opens %.80q", quando, s)
			}
		}
		if i := slices.IndexFunc(parti, func(p string) bool { return !strings.HasPrefix(p, "richiesta-") }); i >= 0 {
			c.t.Errorf("%s: the key of part %s opens", quando, parti[i])
		}
		if caso == upt && (len(testi) != 1 || len(parti) != 1) {
			c.t.Errorf("%s: what was addressed to the structure: %d texts, parts %v", quando, len(testi), parti)
		}
	}
	for _, parola := range []string{"tutelacanaria", "Seicandele", "classecanaria", "reparto", "diariocanario"} {
		if slices.Contains(x.Indovina(parola), upt) {
			c.t.Errorf("%s: %q is found in the index", quando, parola)
		}
	}
	if !slices.Contains(x.Indovina("raccontocanario"), urp) {
		c.t.Errorf("%s: not even a case of the URP is found by guessing", quando)
	}
	for _, preso := range x.Segreti() {
		c.t.Errorf("%s: the disk gives %s", quando, preso)
	}
	for _, tabella := range []string{"sessioni", "bozze", "richieste"} {
		if x.Quante(tabella) == 0 {
			c.t.Errorf("%s: no row in %s to try", quando, tabella)
		}
	}
	for _, cookie := range []string{c.upt.biscotti["__Host-s"], c.bozza} { // with what people have he would
		if x = nuovo(); len(cookie) != 43 {
			c.t.Fatalf("%s: no cookie", quando)
		}
		if x.Impara(cookie); len(x.Segreti()) != 1 {
			c.t.Errorf("%s: the cookie of a key or a draft opens %v", quando, x.Segreti())
		}
	}
}
