package web_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// rispondi brings the only case to its signed answer.
func rispondi(t *testing.T, b *storetest.Banco, testo string) {
	t.Helper()
	az, ds := b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreSanitario, "")
	pag, err := b.Servizio.Elenco(t.Context(), az, pratica.Filtro{Limite: 10})
	if err != nil || len(pag.Righe) != 1 {
		t.Fatal(len(pag.Righe), err)
	}
	urp := b.Chi(access.Ruolo(uffURP(pag.Righe[0].URP)), pag.Righe[0].URP)
	for _, p := range []struct {
		chi  access.Chi
		atto string
		dati pratica.Dati
	}{{urp, "presa_in_carico", nil}, {urp, "valutazione", pratica.Dati{"natura": "sanitaria", "danni": "esclusi"}}, {urp, "informativa", nil},
		{az, "bozza_risposta", pratica.Dati{"testo": testo}}, {ds, "firma_risposta", nil}, {az, "invio_risposta", pratica.Dati{"mezzo": "portale"}}} {
		b.Orologio.Avanza(time.Minute)
		if _, err := b.Servizio.Esegui(t.Context(), p.chi, pratica.Comando{Pratica: pag.Righe[0].ID, Atto: p.atto, Dati: p.dati}); err != nil {
			t.Fatalf("%s: %v", p.atto, err)
		}
	}
}

func uffURP(unita string) string {
	if unita == "" {
		return access.Ufficio(access.URPAziendale, "")
	}
	return access.Ufficio(access.URP, unita)
}

func TestSeguiFinoAllaRisposta(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		h := pagineDi(t, b)
		codice, chiave := codiceChiave(t, apriBrowser(t, h).spedita("reclamo"))
		n := apriBrowser(t, h)
		n.vuole(n.apri("/segui?codice="+strings.ReplaceAll(codice, "-", "")), 200, "", "Segui la tua segnalazione")
		p := n.vuole(n.invia("/segui", campi("codice", strings.ToLower(codice), "chiave", " "+strings.ReplaceAll(chiave, "-", " "))), 200, "/segui/stato",
			"Ricevuta", "Ti rispondiamo entro sabato 2 maggio 2026", "Perché questa data?", "Abbiamo ricevuto e registrato", "Ho aspettato sei ore")
		controllaMarche(t, p)
		n.vuole(n.apri("/segui/risposta"), 404, "", "non è ancora pronta")
		n.vuole(n.apri("/segui/atto/soddisfazione"), 404, "", "ora non si può fare")
		n.vuole(n.apri("/segui/atto/presa_in_carico"), 404, "", "ora non si può fare")
		n.vuole(n.invia("/segui/atto/firma_risposta", campi("chiave", base64.RawURLEncoding.EncodeToString(make([]byte, 16)), "di", strings.ReplaceAll(codice, "-", ""))), 404, "")

		p = n.vuole(n.apri("/segui/atto/messaggio"), 200, "", "Che cosa vuoi scriverci?")
		controllaMarche(t, p)
		k, sg := chiaveNascosta(t, p), codiceNascosto(t, p)
		p = n.vuole(n.inviaFile("/segui/atto/messaggio", campi("chiave", k, "di", sg, "testo", "Con una foto"), fileProva{"file", "x.html", []byte("<html></html>")}, fileProva{"file", "foto.pdf", pdf}),
			422, "", "Non abbiamo ancora mandato niente", "x.html", "li abbiamo già", "foto.pdf")
		presi := regexp.MustCompile(`name="presi" value="([^"]+)"`).FindStringSubmatch(p.Testo)
		if presi == nil {
			t.Fatal("the good file was lost with the bad one")
		}
		if !strings.Contains(p.Testo, "Con una foto</textarea>") || chiaveNascosta(t, p) != k {
			t.Error("text or key lost with a file refused")
		}
		n.vuole(n.inviaFile("/segui/atto/messaggio", campi("chiave", k, "di", sg)), 422, "")
		for range 2 { // the same form twice is one message
			p = n.vuole(n.inviaFile("/segui/atto/messaggio", campi("chiave", k, "di", sg, "testo", "Con una foto", "presi", presi[1])), 200, "/segui/stato?fatto", "Con una foto", "foto.pdf")
		}
		if strings.Count(soloTesto(p.Testo), "Con una foto") != 1 || strings.Count(p.Testo, "foto.pdf") != 1 {
			t.Error("one message, two copies")
		}

		rispondi(t, b, "Gentile Lucia,\nci scusiamo per l'attesa.\n\nFirmato")
		n.vuole(n.apri("/segui/stato"), 200, "", "Risposta pronta", "Ti abbiamo risposto lunedì 2 marzo 2026", "Di' se la risposta ti è servita")
		p = n.vuole(n.apri("/segui/risposta"), 200, "", "ci scusiamo per l'attesa", "Direttore sanitario", "Lettere grandi")
		controllaMarche(t, p)
		n.vuole(n.apri("/segui/risposta?grande"), 200, "", "Lettere normali")
		p = n.vuole(n.apri("/segui/atto/soddisfazione"), 200, "", "La risposta ti è servita?")
		controllaMarche(t, p)
		n.vuole(n.invia("/segui/atto/soddisfazione", campi("chiave", chiaveNascosta(t, p), "di", codiceNascosto(t, p))), 422, "")
		n.vuole(n.invia("/segui/atto/soddisfazione", campi("chiave", chiaveNascosta(t, p), "di", codiceNascosto(t, p), "soddisfatto", "no", "testo", "Volevo le scuse")), 200, "/segui/stato?fatto")

		contatto := apriBrowser(t, h)
		contatto.vuole(contatto.invia("/segui", campi("codice", codice, "contatto", "LUCIA@example.org")), 200, "/segui/stato", "Risposta pronta", "serve la chiave")
		p = contatto.apri("/segui/stato")
		for _, x := range []string{"sei ore", "Con una foto", "foto.pdf", "scusiamo", "/segui/atto/"} {
			if strings.Contains(p.Testo, x) {
				t.Errorf("the contact alone reads %q", x)
			}
		}
		for _, dove := range []string{"/segui/risposta", "/segui/modulo", "/segui/atto/messaggio"} {
			contatto.vuole(contatto.apri(dove), 403, dove, "serve la chiave")
		}
		b.Orologio.Avanza(30*time.Minute + time.Second)
		n.vuole(n.apri("/segui/stato"), 200, "/segui?scaduta", "più di 30 minuti")
	})
}

func TestRitiro(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	codice, chiave := codiceChiave(t, n.spedita("reclamo"))
	n.invia("/segui", campi("codice", codice, "chiave", chiave))
	p := n.vuole(n.apri("/segui/atto/ritiro"), 200, "", "Dopo non si può tornare indietro", "Sì, ritira")
	controllaMarche(t, p)
	n.vuole(n.invia("/segui/atto/ritiro", campi("chiave", chiaveNascosta(t, p), "di", codiceNascosto(t, p))), 422, "", "C’è qualcosa da correggere")
	v := campi("chiave", chiaveNascosta(t, p), "di", codiceNascosto(t, p), "motivo", "Ho risolto")
	for range 2 { // by a double click
		n.vuole(n.invia("/segui/atto/ritiro", v), 200, "/segui/stato?fatto", "La segnalazione è stata ritirata")
	}
	v.Set("chiave", base64.RawURLEncoding.EncodeToString(make([]byte, 16)))
	p = n.vuole(n.invia("/segui/atto/ritiro", v), 409, "/segui/atto/ritiro", "Ora non si può più fare", "Non abbiamo mandato niente")
	if controllaMarche(t, p); !strings.Contains(p.Testo, "Ho risolto</textarea>") || strings.Contains(p.Testo, "Sì, ritira") {
		t.Error("what was written is lost, or may be sent again")
	}
	n.vuole(n.invia("/segui/esci", nil), 200, "/segui")
	n.vuole(n.apri("/segui/stato"), 200, "/segui?scaduta")
}

// A form of one report does nothing to another that the same browser opened since.
func TestAltraSegnalazione(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	n := apriBrowser(t, h)
	c1, k1 := codiceChiave(t, n.spedita("reclamo"))
	c2, k2 := codiceChiave(t, apriBrowser(t, h).spedita("reclamo"))
	n.invia("/segui", campi("codice", c1, "chiave", k1))
	p := n.apri("/segui/atto/ritiro")
	prima := campi("chiave", chiaveNascosta(t, p), "di", codiceNascosto(t, p), "motivo", "Ho risolto la prima")
	n.invia("/segui", campi("codice", c2, "chiave", k2))
	p = n.vuole(n.invia("/segui/atto/ritiro", prima), 409, "/segui/atto/ritiro", "Intanto hai aperto un'altra segnalazione", "non l’abbiamo ancora mandato")
	if controllaMarche(t, p); strings.Contains(p.Testo, "Ho risolto") {
		t.Error("who follows one report reads what was written on another")
	}
	n.vuole(n.apri("/segui/stato"), 200, "", "Ritira")
	p = n.vuole(n.rientra(p, c1, k1), 200, "/segui", "Quello che avevi scritto è qui", "Sì, ritira")
	if !strings.Contains(p.Testo, "Ho risolto la prima</textarea>") {
		t.Error("what was written is lost")
	}
	n.vuole(n.invia("/segui/atto/ritiro", prima), 200, "/segui/stato?fatto", "La segnalazione è stata ritirata")

	// Nor is it lost where the other one is open, and the act is not.
	n.invia("/segui", campi("codice", c2, "chiave", k2))
	p = n.apri("/segui/atto/ritiro")
	due := campi("chiave", chiaveNascosta(t, p), "di", codiceNascosto(t, p), "motivo", "Ho risolto la seconda")
	n.invia("/segui", campi("codice", c1, "chiave", k1))
	n.vuole(n.apri("/segui/atto/ritiro"), 404, "", "Questo ora non si può fare")
	p = n.vuole(n.invia("/segui/atto/ritiro", due), 409, "/segui/atto/ritiro", "Intanto hai aperto un'altra segnalazione", "non è perso")
	if p = n.vuole(n.rientra(p, c2, k2), 200, "/segui", "Quello che avevi scritto è qui"); !strings.Contains(p.Testo, "Ho risolto la seconda</textarea>") {
		t.Error("what was written is lost")
	}
}

// rientra enters with codice and key from a page behind which a form waits.
func (n *browser) rientra(p rispostaPagina, codice, chiave string) rispostaPagina {
	n.t.Helper()
	return n.invia("/segui", campi("codice", codice, "chiave", chiave, "sospeso", nascostoDi(n.t, p, "sospeso")))
}

// nascostoDi is what a page's form holds under a name.
func nascostoDi(t testing.TB, p rispostaPagina, nome string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + nome + `" value="([^"]+)"`).FindStringSubmatch(p.Testo)
	if m == nil {
		t.Fatalf("no %s in the form of %s\n%s", nome, p.Dove, soloTesto(p.Testo))
	}
	return m[1]
}

// Who sends a form when the four hours are over, or after going out in another
// window, enters again with the key of the same report and finds words and files,
// not sent yet.
func TestFinitaMentreScrive(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		h := pagineDi(t, b)
		n := apriBrowser(t, h)
		c1, k1 := codiceChiave(t, n.spedita("reclamo"))
		c2, k2 := codiceChiave(t, apriBrowser(t, h).spedita("reclamo"))
		const dove = "/segui/atto/messaggio"
		testo := "Parole scritte con calma, èàù «e» <così>.\n\nDue righe."
		entra := func() url.Values {
			t.Helper()
			n.vuole(n.invia("/segui", campi("codice", c1, "chiave", k1)), 200, "/segui/stato")
			p := n.vuole(n.apri(dove), 200, dove)
			return campi("chiave", chiaveNascosta(t, p), "di", codiceNascosto(t, p), "testo", testo)
		}
		segreta := func(p rispostaPagina) rispostaPagina {
			t.Helper()
			controllaMarche(t, p)
			for _, x := range []string{"Parole scritte", "uno.pdf", "due.pdf", strings.ReplaceAll(c1, "-", "")} {
				if strings.Contains(p.Testo, x) {
					t.Errorf("the page says %q", x)
				}
			}
			return p
		}
		v := entra()
		p := n.inviaFile(dove, campi("chiave", v.Get("chiave"), "di", v.Get("di")), fileProva{"file", "uno.pdf", pdf})
		v.Set("presi", nascostoDi(t, n.vuole(p, 422, dove, "uno.pdf"), "presi"))
		b.Orologio.Avanza(31 * time.Minute)
		attende := segreta(n.vuole(n.inviaFile(dove, v, fileProva{"file", "due.pdf", pdf}, fileProva{"file", "x.html", []byte("<html></html>")}), 401, dove,
			"La sessione è finita mentre scrivevi", "non è perso"))

		// It waits whatever is typed, and for nobody else.
		p = segreta(n.vuole(n.rientra(attende, c1, vault.Gruppi(vault.NewChiave().Valore())), 422, "/segui", "non corrispondono", "non è perso"))
		p = segreta(n.vuole(n.rientra(p, c2, k2), 409, "/segui", "non è per questa segnalazione"))
		n.vuole(n.apri("/segui/stato"), 200, "/segui?scaduta") // nor is that one open now
		p = segreta(n.vuole(n.invia("/segui", campi("codice", c1, "contatto", "lucia@example.org", "sospeso", nascostoDi(t, p, "sospeso"))), 422, "/segui", "Scrivi la chiave"))
		p = n.vuole(n.rientra(p, c1, k1), 422, "/segui", "Quello che avevi scritto è qui", "Non è ancora registrato", "x.html", "uno.pdf", "due.pdf")
		controllaMarche(t, p)
		if !strings.Contains(p.Testo, "&lt;così&gt;.\n\nDue righe.</textarea>") || chiaveNascosta(t, p) != v.Get("chiave") || codiceNascosto(t, p) != v.Get("di") {
			t.Error("words, key or report lost")
		}
		v.Set("presi", nascostoDi(t, p, "presi"))
		for range 2 {
			n.vuole(n.inviaFile(dove, v), 200, "/segui/stato?fatto", "Due righe.", "uno.pdf", "due.pdf")
		}
		g, err := b.Servizio.Segui(t.Context(), b.Ente, strings.ReplaceAll(c1, "-", ""), vault.NewRiservato(strings.ReplaceAll(k1, "-", "")))
		if err != nil || len(g.File) != 2 || len(g.Messaggi) != 1 {
			t.Fatal("one message and two files are not there", err)
		}
		for _, f := range g.File {
			if x := n.vuole(n.apri("/segui/file/"+f.ID.String()), 200, ""); x.Testo != string(pdf) {
				t.Error("a file is not what was sent")
			}
		}

		// The same after going out, and with a contact only.
		v = entra()
		n.invia("/segui/esci", nil)
		n.vuole(n.rientra(n.vuole(n.inviaFile(dove, v), 401, dove), c1, k1), 200, "/segui", "Quello che avevi scritto è qui")
		v = entra()
		n.invia("/segui", campi("codice", c1, "contatto", "lucia@example.org"))
		p = segreta(n.vuole(n.inviaFile(dove, v, fileProva{"file", "due.pdf", pdf}), 403, dove, "Per scriverci serve la chiave", "non è perso"))
		n.vuole(n.rientra(p, c1, k1), 200, "/segui", "Quello che avevi scritto è qui", "due.pdf")

		// So do words and files of a report while another one is open.
		v = entra()
		n.invia("/segui", campi("codice", c2, "chiave", k2))
		p = segreta(n.vuole(n.inviaFile(dove, v, fileProva{"file", "due.pdf", pdf}), 409, dove, "Intanto hai aperto un'altra segnalazione"))
		n.vuole(n.rientra(p, c1, k1), 200, "/segui", "Quello che avevi scritto è qui", "due.pdf")

		// What waited too long, or is not ours, is not there; a text too long is sent again by the browser.
		n.invia("/segui/esci", nil)
		b.Orologio.Avanza(12 * time.Hour)
		segreta(n.vuole(n.rientra(attende, c1, k1), 422, "/segui", "ha aspettato troppo"))
		n.vuole(n.invia("/segui", campi("codice", c1, "chiave", k1, "sospeso", n.biscotti["__Host-b"])), 422, "/segui", "ha aspettato troppo")
		tanto := make([]byte, 60<<10)
		_, _ = rand.Read(tanto)
		v.Set("testo", hex.EncodeToString(tanto))
		n.vuole(n.inviaFile(dove, v), 401, dove, "ricarica la pagina")
	})
}

func codiceNascosto(t *testing.T, p rispostaPagina) string { return nascostoDi(t, p, "di") }

// Who follows a report is let in for four hours at most, and a copy of the
// cookie opens nothing once the person has gone out.
func TestSeguiFinisce(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	codice, chiave := codiceChiave(t, n.spedita("reclamo"))
	n.invia("/segui", campi("codice", codice, "chiave", chiave))
	copia := maps.Clone(n.biscotti)
	n.vuole(n.invia("/segui/esci", nil), 200, "/segui")
	n.biscotti = copia
	n.vuole(n.apri("/segui/stato"), 200, "/segui?scaduta")

	n.invia("/segui", campi("codice", codice, "chiave", chiave))
	for range 9 { // a page every 25 minutes
		b.Orologio.Avanza(25 * time.Minute)
		n.vuole(n.apri("/segui/stato"), 200, "")
	}
	b.Orologio.Avanza(25 * time.Minute)
	n.vuole(n.apri("/segui/stato"), 200, "/segui?scaduta")
}

// A wrong code and a wrong key read the same and take as long.
func TestCodiceOChiaveSbagliati(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	codice, chiave := codiceChiave(t, apriBrowser(t, h).spedita("reclamo"))
	assente, falsa := vault.Gruppi(vault.NewCodice()), vault.Gruppi(vault.NewChiave().Valore())
	pulita := func(p rispostaPagina, via ...string) string {
		t := p.Testo
		for _, x := range via {
			t = strings.ReplaceAll(t, x, "")
		}
		return t
	}
	n := apriBrowser(t, h)
	da := time.Now()
	a := n.vuole(n.invia("/segui", campi("codice", codice, "chiave", falsa)), 422, "/segui", "non corrispondono")
	primo := time.Since(da)
	da = time.Now()
	c := n.vuole(n.invia("/segui", campi("codice", assente, "chiave", chiave)), 422, "/segui")
	secondo := time.Since(da)
	if pulita(a, codice) != pulita(c, assente) {
		t.Error("the two pages differ")
	}
	if primo < 400*time.Millisecond || secondo < 400*time.Millisecond {
		t.Errorf("a refusal took %v and %v", primo, secondo)
	}
	d := n.vuole(n.invia("/segui", campi("codice", codice, "contatto", "altra@example.org")), 422, "/segui", "non corrispondono")
	e := n.vuole(n.invia("/segui", campi("codice", assente, "contatto", "altra@example.org")), 422, "/segui")
	if pulita(d, codice) != pulita(e, assente) {
		t.Error("with a contact, the two pages differ")
	}
	for _, v := range [][]string{nil, {"codice", "corto"}, {"codice", codice}, {"codice", codice, "chiave", "boh"}, {"codice", "0OIL-0OIL-0OIL", "chiave", chiave}} {
		p := n.vuole(n.invia("/segui", campi(v...)), 422, "/segui")
		controllaMarche(t, p)
		if strings.Contains(p.Testo, chiave) {
			t.Error("the key is written back in the page")
		}
	}
}

func TestTroppiTentativi(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	n := apriBrowser(t, h)
	codice, chiave := codiceChiave(t, n.spedita("reclamo"))
	for range 5 {
		n.vuole(n.invia("/segui", campi("codice", codice, "contatto", "1234")), 422, "/segui")
	}
	p := n.vuole(n.invia("/segui", campi("codice", codice, "contatto", "lucia@example.org")), 429, "/segui", "Troppi tentativi. Riprova tra 60 minuti")
	if p.Testa.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	n.vuole(n.invia("/segui", campi("codice", codice, "chiave", chiave)), 200, "/segui/stato") // the key is never held
	b.Orologio.Avanza(time.Hour + time.Second)
	n.vuole(n.invia("/segui", campi("codice", codice, "contatto", "lucia@example.org")), 200, "/segui/stato")
}

func TestBiscottoSeguiFalso(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	n := apriBrowser(t, h)
	codice, chiave := codiceChiave(t, n.spedita("reclamo"))
	n.invia("/segui", campi("codice", codice, "chiave", chiave))
	vero := n.biscotti["__Host-f"]
	if vero == "" || strings.Contains(vero, chiave[:4]) {
		t.Fatal("no sealed cookie")
	}
	for _, x := range []string{"", "a", vero[1:], vero[:20], strings.Repeat("A", len(vero))} {
		ladro := apriBrowser(t, h)
		ladro.biscotti["__Host-f"] = x
		ladro.vuole(ladro.apri("/segui/stato"), 200, "/segui?scaduta")
	}
}

// The disk or the key store fails: the person is told the truth, what was written
// stays, and the same form works once it is mended.
func TestNonRegistrata(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	p := n.finoA(6, "reclamo")
	pool := b.Servizio.Pool
	chiuso := vault.NewPool(b.Chiavi)
	chiuso.Close()
	b.Servizio.Pool = chiuso
	k := chiaveNascosta(t, p)
	giu := n.vuole(n.invia("/segnala/6", campi("chiave", k)), 503, "/segnala/6", "non è ancora arrivata", "800 123 456", "resta salvato")
	if giu.Testa.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	controllaMarche(t, giu)
	if contaPratiche(t, b) != 0 {
		t.Error("half registered")
	}
	f := n.inviaFile("/segnala/4", campi("vai", "continua"), fileProva{"file", "a.pdf", pdf})
	n.vuole(f, 422, "/segnala/4", "Puoi andare avanti senza")
	b.Servizio.Pool = pool
	n.vuole(n.apri("/segnala/6"), 200, "/segnala/6", "Ho aspettato sei ore")
	n.vuole(n.invia("/segnala/6", campi("chiave", k)), 200, "/ricevuta", "2026/0000001")
}

// Every public page is easy to read: what is hard is only the names of the place.
func TestFacileDaLeggere(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	n := apriBrowser(t, h)
	pagine := map[string]rispostaPagina{}
	prendi := func(p rispostaPagina) { pagine[p.Dove] = p }
	for _, dove := range []string{"/", "/segui", "/segui?scaduta", "/modulo", "/modulo/delega", "/privacy", "/accessibilita", "/registro", "/ricevuta/verifica", "/verifica", "/segnala/3", "/ricevuta", "/non-c-e"} {
		prendi(n.apri(dove))
	}
	for i, dove := range []string{"/segnala/1", "/segnala/2", "/segnala/3", "/segnala/4", "/segnala/5"} {
		n.finoA(i+1, "reclamo")
		prendi(n.apri(dove))
	}
	n.invia("/segnala/5", campi("per", "altra"))
	prendi(n.apri("/segnala/5/dati"))
	n.invia("/segnala/5", campi("per", "me"))
	prendi(n.finoA(6, "reclamo"))
	n.invia("/segnala/2", campi("luogo", "santa chiara", "quando-giorno", "1", "quando-mese", "1", "quando-anno", "2026"))
	prendi(n.apri("/segnala/2/ritardo"))
	p := n.apri("/segnala/6")
	pagine["cambiata"] = n.invia("/segnala/6", nil)
	prendi(n.invia("/segnala/6", campi("chiave", chiaveNascosta(t, p))))
	p = n.apri("/ricevuta")
	codice, chiave := codiceChiave(t, p)
	n.invia("/segui", campi("codice", codice, "chiave", chiave))
	prendi(n.apri("/segui/stato"))
	for _, dove := range []string{"/segui/atto/messaggio", "/segui/atto/ritiro", "/segnala/6"} {
		prendi(n.apri(dove))
	}
	p = n.apri("/segui/atto/messaggio")
	v := campi("chiave", chiaveNascosta(t, p), "di", codiceNascosto(t, p), "testo", "Ricordo il nome.")
	n.invia("/segui/esci", nil)
	pagine["attende"] = n.invia("/segui/atto/messaggio", v)
	altro := apriBrowser(t, h)
	c2, k2 := codiceChiave(t, altro.spedita("elogio"))
	pagine["d'altri"] = n.rientra(pagine["attende"], c2, k2)
	pagine["ripresa"] = n.rientra(pagine["attende"], codice, chiave)
	for dove, p := range pagine {
		controllaMarche(t, p)
		testo := frasiDi(p.Testo)
		if g := gulpease(testo); g < 80 {
			t.Errorf("%s: Gulpease %d\n%s", dove, g, testo)
		}
		for _, x := range vietate.FindAllString(testo, -1) {
			t.Errorf("%s: %q", dove, x)
		}
		for _, f := range lunghe(testo) {
			t.Errorf("%s: more than 20 words: %s", dove, f)
		}
	}
}
