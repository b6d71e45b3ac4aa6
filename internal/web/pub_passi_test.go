package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

func TestReclamoPerMe(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		n := apriBrowser(t, pagineDi(t, b))
		n.vuole(n.apri("/"), 200, "/", "Inizia", "60 giorni", "112", "800 123 456")
		n.vuole(n.apri("/segnala"), 200, "/segnala/1", "entro 60 giorni", "Non so quale scegliere")
		if len(n.biscotti) != 0 {
			t.Error("a cookie before anything was written")
		}
		p := n.finoA(6, "reclamo")
		n.vuole(p, 200, "/segnala/6", "Lucia Prova", "Ho aspettato sei ore", "Ospedale Santa Chiara", "venerdì 27 febbraio 2026", "una spiegazione", "lucia@example.org", "Nessuno")
		chiave := chiaveNascosta(t, p)
		r := n.vuole(n.invia("/segnala/6", campi("chiave", chiave)), 200, "/ricevuta",
			"2026/0000001", "lunedì 2 marzo 2026", "Entro sabato 2 maggio 2026", "Perché questa data?", "URP", "Le nostre date", "La data della legge", "Questa data vale sempre")
		codice, k := codiceChiave(t, r)

		due := n.vuole(n.invia("/segnala/6", campi("chiave", chiave)), 200, "/ricevuta")
		if c2, k2 := codiceChiave(t, due); c2 != codice || k2 != k {
			t.Error("the second POST shows another receipt")
		}
		n.vuole(n.apri("/segnala/3"), 200, "/segnala/3", "Hai già inviato questa segnalazione", codice)
		n.vuole(n.invia("/segnala/3", campi("testo", "altro")), 409, "/segnala/3", "Hai già inviato", codice)
		if righe := contaPratiche(t, b); righe != 1 {
			t.Errorf("%d cases", righe)
		}
		qr := n.apri("/ricevuta/qr.svg")
		if qr.Stato != 200 || qr.Testa.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(qr.Testo, "<svg ") || strings.Contains(qr.Testo, k) {
			t.Errorf("QR: %d %.80s", qr.Stato, qr.Testo)
		}
		h, _, err := b.Store.LeggiCodice(t.Context(), b.Ente, strings.ReplaceAll(codice, "-", ""))
		if err == nil {
			_, _, err = b.Servizio.NewKey(t.Context(), b.Conferma(b.Chi(access.URPAziendale, "")), pratica.Comando{Pratica: h.ID, Atto: "nuova_chiave", Dati: pratica.Dati{"richiedente": "Lei."}})
		}
		if err != nil {
			t.Fatal(err)
		}
		if p := n.vuole(n.apri("/ricevuta"), 200, "/ricevuta", "non apre più", codice); strings.Contains(p.Testo, k) {
			t.Error("the receipt goes on showing a chiave that was replaced")
		}
		n.vuole(n.invia("/ricevuta/fine", nil), 200, "/ricevuta/fine", "cancellato tutto")
		n.vuole(n.apri("/ricevuta"), 404, "/ricevuta", "nessuna ricevuta")
		if len(n.biscotti) != 0 {
			t.Errorf("cookies left: %v", len(n.biscotti))
		}
	})
}

// contaPratiche counts the cases in the store.
func contaPratiche(t *testing.T, b *storetest.Banco) int {
	t.Helper()
	c := b.Chi("urp-aziendale", "")
	pag, err := b.Servizio.Elenco(t.Context(), c, filtroTutte())
	if err != nil {
		t.Fatal(err)
	}
	return len(pag.Righe)
}

func TestErroriDeiPassi(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	lungo := strings.Repeat("è", 10_001)
	prove := []struct {
		passo        int
		dove         string
		v            []string
		dice, tenuto string
	}{
		{1, "/segnala/1", nil, "Scegli che cosa vuoi dirci.", ""},
		{1, "/segnala/1", []string{"tipo", "denuncia"}, "Scegli che cosa vuoi dirci.", ""},
		{2, "/segnala/2", nil, "Scrivi dove è successo.", ""},
		{2, "/segnala/2", []string{"luogo", "Qui"}, "Scrivi quando è successo", `value="Qui"`},
		{2, "/segnala/2", []string{"luogo", strings.Repeat("a", 201)}, "Il massimo è 200 caratteri: ora sono 201.", ""},
		{2, "/segnala/2", []string{"luogo", "Qui", "quando-mese", "13", "quando-anno", "2026"}, "Scrivi mese e anno con i numeri", `value="13"`},
		{2, "/segnala/2", []string{"luogo", "Qui", "quando-giorno", "31", "quando-mese", "2", "quando-anno", "2026"}, "non c'è sul calendario", `value="31"`},
		{2, "/segnala/2", []string{"luogo", "Qui", "quando-giorno", "99999999999", "quando-mese", "2", "quando-anno", "2026"}, "non c'è sul calendario", `value="99999999999"`},
		{2, "/segnala/2", []string{"luogo", "Qui", "non-ricordo", "1", "saputo-giorno", "1", "saputo-mese", "2", "saputo-anno", "99999999999999999999"}, "non c'è sul calendario", `value="99999999999999999999"`},
		{2, "/segnala/2", []string{"luogo", "Qui", "quando-mese", "primavera inoltrata", "quando-anno", "2026"}, "Scrivi mese e anno con i numeri", `value="primavera inoltrata"`},
		{2, "/segnala/2", []string{"luogo", "Qui", "quando-giorno", "3", "quando-mese", "3", "quando-anno", "2026"}, "nel futuro", ""},
		{2, "/segnala/2", []string{"luogo", "Qui", "quando-mese", "4", "quando-anno", "2026"}, "nel futuro", ""},
		{2, "/segnala/2", []string{"luogo", "Qui", "non-ricordo", "1", "saputo-giorno", "x"}, "Scrivi giorno, mese e anno", ""},
		{2, "/segnala/2", []string{"luogo", "Qui", "quando-giorno", "20", "quando-mese", "2", "quando-anno", "2026",
			"saputo-giorno", "19", "saputo-mese", "2", "saputo-anno", "2026"}, "viene prima del fatto", ""},
		{3, "/segnala/3", nil, "Scrivi che cosa è successo.", ""},
		{3, "/segnala/3", []string{"testo", " \x00\u202e \n"}, "Scrivi che cosa è successo.", ""},
		{3, "/segnala/3", []string{"testo", lungo}, "Il massimo è 10.000 caratteri: ora sono 10.001.", lungo},
		{5, "/segnala/5", nil, "Scegli per chi scrivi.", ""},
	}
	for _, x := range prove {
		n := apriBrowser(t, h)
		n.finoA(x.passo, "reclamo")
		p := n.vuole(n.invia(x.dove, campi(x.v...)), http.StatusUnprocessableEntity, x.dove, x.dice, "C’è qualcosa da correggere")
		if !strings.Contains(p.Testo, "<title>Errore: ") || !strings.Contains(p.Testo, `role="alert"`) || x.tenuto != "" && !strings.Contains(p.Testo, x.tenuto) {
			t.Errorf("%s %.60q: title, summary or kept value missing", x.dove, x.v)
		}
		controllaMarche(t, p)
	}
	n := apriBrowser(t, h)
	n.finoA(5, "reclamo")
	n.invia("/segnala/5", campi("per", "altra"))
	p := n.inviaFile("/segnala/5/dati", campi("ricapito", "posta", "email", "non va", "telefono", "ciao", "nome", "Ugo", "nome-altro", "", "lingua", "Klingon", "cap", "461 00"))
	n.vuole(p, 422, "/segnala/5/dati", "Scrivi il nome della persona.", "Scrivi il cognome della persona.", "Scegli che cosa sei", "Scrivi il tuo cognome.",
		"nome@esempio.it", "Scrivi il telefono con i numeri", "Scrivi via e numero.", "Scrivi il comune", "Scegli una delle risposte.", "Il CAP ha 5 cifre.")
	if !strings.Contains(p.Testo, `value="Ugo"`) || !strings.Contains(p.Testo, `value="non va"`) {
		t.Error("values lost")
	}
	controllaMarche(t, p)
}

// A field that comes twice is refused, in whatever way it comes; boxes ticked are not.
func TestCampoDueVolte(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	n.finoA(3, "rilievo")
	due := campi("testo", "Uno", "testo", "Due")
	n.vuole(n.invia("/segnala/3", due), 400, "/segnala/3", "arrivato due volte")
	n.vuole(n.inviaFile("/segnala/3", due), 400, "/segnala/3", "arrivato due volte")
	n.vuole(n.invia("/segnala/3", campi("testo", "Uno", "chiede", "scuse", "chiede", "spiegazione")), 200, "/segnala/4")
}

func TestNienteScelteFatte(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	for passo, dove := range []string{"/segnala/1", "/segnala/2", "/segnala/3", "/segnala/4", "/segnala/5"} {
		n.finoA(passo+1, "reclamo")
		p := n.vuole(n.apri(dove), 200, dove)
		if passo > 0 && strings.Contains(p.Testo, " checked") {
			t.Errorf("%s: something is chosen already", dove)
		}
	}
}

func TestBozzaRestaETornaIndietro(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	n.finoA(5, "rilievo")
	if p := n.apri("/segnala/3"); !strings.Contains(p.Testo, "Ho aspettato sei ore con mia madre.") {
		t.Error("the text is lost on going back")
	}
	if p := n.apri("/segnala/2"); !strings.Contains(p.Testo, `value="27"`) || strings.Contains(p.Testo, "Quando l’hai saputo") {
		t.Error("date lost, or asked of a rilievo when it was known")
	}
	n.vuole(n.apri("/"), 200, "/", "Riprendi da dove eri")
	n.vuole(n.apri("/segnala/6"), 200, "/segnala/5")
	b.Orologio.Avanza(7*24*time.Hour + time.Second)
	n.vuole(n.apri("/segnala/3"), 404, "/segnala/3", "Non troviamo quello che hai scritto", "800 123 456")

	senza := apriBrowser(t, n.h) // a page left open, its draft gone: what was written is taken all the same
	senza.vuole(senza.invia("/segnala/3", campi("testo", "Scritto a lungo su una pagina vecchia")), 200, "/segnala/4")
	if p := senza.apri("/segnala/3"); !strings.Contains(p.Testo, "Scritto a lungo") {
		t.Error("what was written on an old page is lost")
	}
	senza.vuole(senza.apri("/segnala/6"), 200, "/segnala/1")
	n.vuole(n.invia("/segnala/cancella", nil), 200, "/")
}

func TestAltriBiscottiNonAprono(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	n := apriBrowser(t, h)
	n.finoA(4, "reclamo")
	vero := n.biscotti["__Host-b"]
	for _, x := range []string{"", "x", vero[:len(vero)-2] + "AA", strings.Repeat("A", 43), vero + "A"} {
		ladro := apriBrowser(t, h)
		ladro.biscotti["__Host-b"] = x
		ladro.vuole(ladro.apri("/segnala/3"), 404, "/segnala/3")
	}
}

func TestCambiaTornaAlControllo(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	n.finoA(6, "reclamo")
	n.vuole(n.apri("/segnala/3?controlla"), 200, "/segnala/3?controlla")
	n.vuole(n.invia("/segnala/3?controlla", campi("testo", "Un altro racconto")), 200, "/segnala/6", "Un altro racconto")
	n.vuole(n.invia("/segnala/5?controlla", campi("per", "altra")), 200, "/segnala/5/dati?controlla", "La persona per cui scrivi")
	n.vuole(n.apri("/segnala/6"), 200, "/segnala/5/dati", "La persona per cui scrivi")
	n.vuole(n.inviaFile("/segnala/5/dati?controlla", campi("nome", "Lucia", "cognome", "Prova", "ricapito", "sportello", "nome-altro", "Anna", "cognome-altro", "Prova",
		"titolo", "familiare", "nascita-giorno", "1", "nascita-mese", "4", "nascita-anno", "1940")), 200, "/segnala/6", "Anna Prova", "Sono della famiglia", "Vengo io allo sportello")
	n.vuole(n.invia("/segnala/6", campi("chiave", "AAAAAAAAAAAAAAAAAAAAAA")), 409, "/segnala/6", "È cambiato qualcosa")
}

// What is sent is what was read: a page of before a change in another window
// shows the change, and sends nothing.
func TestCambiataAltrove(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		n := apriBrowser(t, pagineDi(t, b))
		letta := n.finoA(6, "reclamo")
		v := campi("chiave", chiaveNascosta(t, letta))
		torna := func(dove string, kv ...string) {
			t.Helper()
			n.vuole(n.invia(dove+"?controlla", campi(kv...)), 200, "/segnala/6")
		}
		torna("/segnala/3", "testo", "Ho aspettato sei ore con mia madre.", "chiede", "spiegazione") // the same words
		if p := n.apri("/segnala/6"); chiaveNascosta(t, p) != v.Get("chiave") {
			t.Error("a page that shows the same is another")
		}
		torna("/segnala/3", "testo", "Un altro racconto.", "chiede", "spiegazione")
		p := n.vuole(n.invia("/segnala/6", v), 409, "/segnala/6", "È cambiato qualcosa", "Non abbiamo inviato niente", "Un altro racconto.")
		controllaMarche(t, p)
		n.inviaFile("/segnala/4?controlla", campi("vai", "continua"), fileProva{"file", "a.pdf", pdf})
		v = campi("chiave", chiaveNascosta(t, p))
		n.vuole(n.invia("/segnala/6", v), 409, "/segnala/6", "a.pdf")
		n.invia("/segnala/5?controlla", campi("per", "altra"))
		p = n.vuole(n.invia("/segnala/6", v), 409, "/segnala/6", "Manca ancora una risposta", "Continua")
		if controllaMarche(t, p); strings.Contains(p.Testo, "Invia la segnalazione") {
			t.Error("half a report may be sent")
		}
		if contaPratiche(t, b) != 0 {
			t.Fatal("something that nobody read was sent")
		}
		torna("/segnala/5", "per", "anonimo")
		v = campi("chiave", chiaveNascosta(t, n.apri("/segnala/6")))
		codice, _ := codiceChiave(t, n.vuole(n.invia("/segnala/6", v), 200, "/ricevuta"))
		for _, x := range []string{v.Get("chiave"), chiaveNascosta(t, letta), ""} { // again, and from an older page
			if c, _ := codiceChiave(t, n.vuole(n.invia("/segnala/6", campi("chiave", x)), 200, "/ricevuta")); c != codice {
				t.Error("another receipt")
			}
		}
	})
}

func TestLuogoDaScegliere(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	n.finoA(2, "rilievo")
	p := n.vuole(n.invia("/segnala/2", campi("luogo", "santa chiara", "non-ricordo", "1")), 200, "/segnala/2/luogo", "Ospedale Santa Chiara", "Nessuno di questi")
	controllaMarche(t, p)
	n.vuole(n.invia("/segnala/2/luogo", campi("posto", "u:INVENTATO")), 422, "/segnala/2/luogo", "Scegli un posto")
	n.vuole(n.invia("/segnala/2/luogo", campi("posto", "s:03999001")), 200, "/segnala/3")
	n.vuole(n.invia("/segnala/2", campi("luogo", "santa chiara", "non-ricordo", "1")), 200, "/segnala/3")
	n.vuole(n.invia("/segnala/2", campi("luogo", "chiara", "non-ricordo", "1")), 200, "/segnala/2/luogo")
	n.vuole(n.invia("/segnala/2/luogo", campi("posto", "nessuno")), 200, "/segnala/3")
	n.vuole(n.invia("/segnala/2", campi("luogo", "un posto che non c'è qwerty", "non-ricordo", "1")), 200, "/segnala/3")
}

func TestTardiSiChiedePerche(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	n.finoA(2, "reclamo")
	vecchio := campi("luogo", "Ospedale Santa Chiara – Montelago", "quando-giorno", "14", "quando-mese", "2", "quando-anno", "2026")
	n.vuole(n.invia("/segnala/2", vecchio), 200, "/segnala/2/ritardo", "Puoi scriverci lo stesso")
	n.vuole(n.invia("/segnala/2/ritardo", nil), 200, "/segnala/3")
	n.vuole(n.invia("/segnala/2", vecchio), 200, "/segnala/3") // asked once
	quindici := apriBrowser(t, n.h)
	quindici.finoA(2, "reclamo")
	vecchio.Set("quando-giorno", "15") // 15 days: in time
	quindici.vuole(quindici.invia("/segnala/2", vecchio), 200, "/segnala/3")
	dopo := apriBrowser(t, n.h)
	dopo.finoA(2, "reclamo")
	saputo := campi("luogo", "Qui qwerty", "quando-mese", "1", "quando-anno", "2025", "saputo-giorno", "1", "saputo-mese", "3", "saputo-anno", "2026")
	dopo.vuole(dopo.invia("/segnala/2", saputo), 200, "/segnala/3")
	rilievo := apriBrowser(t, n.h)
	rilievo.finoA(2, "rilievo")
	vecchio.Set("quando-giorno", "1")
	rilievo.vuole(rilievo.invia("/segnala/2", vecchio), 200, "/segnala/3")
}

func TestAnonima(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	n.finoA(5, "reclamo")
	p := n.vuole(n.invia("/segnala/5", campi("per", "anonimo")), 200, "/segnala/6", "Scrivi senza nome", "vale come rilievo")
	r := n.vuole(n.invia("/segnala/6", campi("chiave", chiaveNascosta(t, p))), 200, "/ricevuta", "rilievo", "Non sappiamo chi sei", "non possiamo dartene un’altra")
	if strings.Contains(soloTesto(r.Testo), "ti rispondiamo per iscritto") {
		t.Error("an answer promised to nobody")
	}
	codice, chiave := codiceChiave(t, r)
	altro := apriBrowser(t, n.h)
	altro.vuole(altro.invia("/segui", campi("codice", codice, "contatto", "lucia@example.org")), 422, "/segui", "non corrispondono")
	altro.vuole(altro.invia("/segui", campi("codice", codice, "chiave", chiave)), 200, "/segui/stato", "Ricevuta")
}

// The same form from many windows at once is one case and one receipt.
func TestInviiInsieme(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		h := pagineDi(t, b)
		n := apriBrowser(t, h)
		v := campi("chiave", chiaveNascosta(t, n.finoA(6, "reclamo")))
		ricevute := make([]rispostaPagina, 6)
		var wg sync.WaitGroup
		for i := range ricevute {
			finestra := apriBrowser(t, h)
			finestra.biscotti["__Host-b"] = n.biscotti["__Host-b"]
			wg.Go(func() { ricevute[i] = finestra.invia("/segnala/6", v) })
		}
		wg.Wait()
		codice, chiave := codiceChiave(t, ricevute[0])
		for _, r := range ricevute {
			if c, k := codiceChiave(t, r); c != codice || k != chiave {
				t.Error("two receipts of one form")
			}
		}
		if n := contaPratiche(t, b); n != 1 {
			t.Errorf("%d cases", n)
		}
	})
}

func TestUnAltraDopo(t *testing.T) {
	n := apriBrowser(t, pagineDi(t, storetest.SQLite(t)))
	n.spedita("elogio")
	n.vuole(n.invia("/segnala/altra", nil), 200, "/segnala/1")
	p := n.finoA(6, "suggerimento")
	n.vuole(n.invia("/segnala/6", campi("chiave", chiaveNascosta(t, p))), 200, "/ricevuta", "2026/0000002")
}

func filtroTutte() pratica.Filtro { return pratica.Filtro{Limite: 100} }

// controllaMarche holds a page to the rules of its markup: one h1, no inline style
// or script, ids once, every field with its label.
func controllaMarche(t *testing.T, p rispostaPagina) {
	t.Helper()
	if n := strings.Count(p.Testo, "<h1"); n != 1 {
		t.Errorf("%s: %d h1", p.Dove, n)
	}
	if m := inLinea.FindString(p.Testo); m != "" {
		t.Errorf("%s: inline %q", p.Dove, m)
	}
	visti := map[string]bool{}
	for _, m := range conIdentita.FindAllStringSubmatch(p.Testo, -1) {
		if visti[m[1]] {
			t.Errorf("%s: id %s twice", p.Dove, m[1])
		}
		visti[m[1]] = true
	}
	for _, m := range campiPagina.FindAllStringSubmatch(p.Testo, -1) {
		if strings.Contains(m[0], `type="hidden"`) {
			continue
		}
		id := conIdentita.FindStringSubmatch(m[0])
		if id == nil || !strings.Contains(p.Testo, `for="`+id[1]+`"`) {
			t.Errorf("%s: no label for %s", p.Dove, m[0])
		}
	}
	for _, m := range descritti.FindAllStringSubmatch(p.Testo, -1) {
		for _, id := range strings.Fields(m[1]) {
			if !visti[id] {
				t.Errorf("%s: describedby %s, which is not there", p.Dove, id)
			}
		}
	}
	for _, m := range rimandi.FindAllStringSubmatch(p.Testo, -1) {
		if m[1] != "main" && !visti[m[1]] {
			t.Errorf("%s: link to #%s, which is not there", p.Dove, m[1])
		}
	}
}

var (
	inLinea     = regexp.MustCompile(`(?i)<[^>]* (style|on[a-z]+)=|<style|<script>|(href|src)="(https?:)?//|data:`)
	conIdentita = regexp.MustCompile(` id="([^"]+)"`)
	campiPagina = regexp.MustCompile(`<(input|textarea|select)[^>]*>`)
	descritti   = regexp.MustCompile(`aria-describedby="([^"]*)"`)
	rimandi     = regexp.MustCompile(`href="#([^"]+)"`)
)
