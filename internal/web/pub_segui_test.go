package web_test

import (
	"encoding/base64"
	"maps"
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
		n.vuole(n.invia("/segui/atto/firma_risposta", campi("chiave", base64.RawURLEncoding.EncodeToString(make([]byte, 16)))), 404, "")

		p = n.vuole(n.apri("/segui/atto/messaggio"), 200, "", "Che cosa vuoi scriverci?")
		controllaMarche(t, p)
		k, sg := chiaveNascosta(t, p), codiceNascosto(t, p)
		p = n.vuole(n.inviaFile("/segui/atto/messaggio", campi("chiave", k, "segnalazione", sg, "testo", "Con una foto"), fileProva{"file", "x.html", []byte("<html></html>")}, fileProva{"file", "foto.pdf", pdf}),
			422, "", "Non abbiamo ancora mandato niente", "x.html", "li abbiamo già", "foto.pdf")
		presi := regexp.MustCompile(`name="presi" value="([^"]+)"`).FindStringSubmatch(p.Testo)
		if presi == nil {
			t.Fatal("the good file was lost with the bad one")
		}
		if !strings.Contains(p.Testo, "Con una foto</textarea>") || chiaveNascosta(t, p) != k {
			t.Error("text or key lost with a file refused")
		}
		n.vuole(n.inviaFile("/segui/atto/messaggio", campi("chiave", k, "segnalazione", sg)), 422, "")
		for range 2 { // the same form twice is one message
			p = n.vuole(n.inviaFile("/segui/atto/messaggio", campi("chiave", k, "segnalazione", sg, "testo", "Con una foto", "presi", presi[1])), 200, "/segui/stato?fatto", "Con una foto", "foto.pdf")
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
		n.vuole(n.invia("/segui/atto/soddisfazione", campi("chiave", chiaveNascosta(t, p), "segnalazione", codiceNascosto(t, p))), 422, "")
		n.vuole(n.invia("/segui/atto/soddisfazione", campi("chiave", chiaveNascosta(t, p), "segnalazione", codiceNascosto(t, p), "soddisfatto", "no", "testo", "Volevo le scuse")), 200, "/segui/stato?fatto")

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
	n.vuole(n.invia("/segui/atto/ritiro", campi("chiave", chiaveNascosta(t, p), "segnalazione", codiceNascosto(t, p))), 422, "", "C’è qualcosa da correggere")
	n.vuole(n.invia("/segui/atto/ritiro", campi("chiave", chiaveNascosta(t, p), "segnalazione", codiceNascosto(t, p), "motivo", "Ho risolto")), 200, "/segui/stato?fatto", "La segnalazione è stata ritirata")
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
	prima := campi("chiave", chiaveNascosta(t, p), "segnalazione", codiceNascosto(t, p), "motivo", "Ho risolto la prima")
	n.invia("/segui", campi("codice", c2, "chiave", k2))
	n.vuole(n.invia("/segui/atto/ritiro", prima), 409, "", "di un'altra segnalazione", "Ho risolto la prima")
	n.vuole(n.apri("/segui/stato"), 200, "", "Ritira")
	n.invia("/segui", campi("codice", c1, "chiave", k1))
	n.vuole(n.invia("/segui/atto/ritiro", prima), 200, "/segui/stato?fatto", "La segnalazione è stata ritirata")
}

func codiceNascosto(t *testing.T, p rispostaPagina) string {
	t.Helper()
	m := regexp.MustCompile(`name="segnalazione" value="([^"]+)"`).FindStringSubmatch(p.Testo)
	if m == nil {
		t.Fatal("the form does not say whose it is")
	}
	return m[1]
}

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
	for _, dove := range []string{"/", "/segui", "/segui?scaduta", "/modulo", "/modulo/delega", "/privacy", "/accessibilita", "/segnala/3", "/ricevuta", "/non-c-e"} {
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
	prendi(n.invia("/segnala/6", campi("chiave", chiaveNascosta(t, p))))
	p = n.apri("/ricevuta")
	codice, chiave := codiceChiave(t, p)
	n.invia("/segui", campi("codice", codice, "chiave", chiave))
	prendi(n.apri("/segui/stato"))
	for _, dove := range []string{"/segui/atto/messaggio", "/segui/atto/ritiro", "/segnala/6"} {
		prendi(n.apri(dove))
	}
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
