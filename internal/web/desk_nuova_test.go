package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

var azioneNuova = regexp.MustCompile(`action="(/nuova\?modulo=[^"]+)"`)

// What the desk takes in is registered with all that was said, by who received it.
//
// ref: pga01 4.1, 4.2, 4.3.1
func TestNuovaAlloSportello(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("ottavia", access.FrontOffice, "FO-SANTA-CHIARA")
	v := p.modulo("/nuova", "/nuova", "canale", "lettera", "ricevuta-il", "2026-02-20", "testo", "Mio padre è caduto dal letto.", "tipo", "reclamo",
		"nome", "Bruna", "cognome", "Selvaggini", "telefono", "0376 555 0199", "qualita", "familiare", "altra", "1", "altro-nome", "Elio", "altro-cognome", "Selvaggini",
		"altro-nascita", "3/4/1940", "titolo", "familiare", "conosciuto-il", "2026-01-10", "ritardo", "Era ricoverato.", "testimone", "Guido Prova", "riletto", "1", "note", "Parla piano.")
	corpo, tipo := corpoConFile(t, v, "documenti", "delega.pdf", []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"))
	r := httptest.NewRequest(http.MethodPost, azioneNuova.FindStringSubmatch(p.pagina)[1], corpo)
	r.Header.Set("Content-Type", tipo)
	p.chiedi(r)
	p.vuole(http.StatusCreated, "Registrata con il numero 2026/0000001", "venerdì 20 febbraio 2026", "Bruna Selvaggini")
	pag, err := u.Servizio.Elenco(context.Background(), u.Chi(access.URPAziendale, ""), pratica.Filtro{Limite: 10})
	if err != nil || len(pag.Righe) != 1 {
		t.Fatalf("%d cases, %v", len(pag.Righe), err)
	}
	f, err := u.Servizio.Apri(context.Background(), u.Chi(access.URPAziendale, ""), pag.Righe[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	seg := f.Segnalazione.Apri()
	if f.Testa.Giorno != day.Of(2026, 2, 20) || f.Testa.Ricezione != "front-office:FO-SANTA-CHIARA" || f.Testa.Canale != "lettera" ||
		seg.Assistito.DataNascita != "1940-04-03" || seg.ConosciutoIl != day.Of(2026, 1, 10) || seg.Testimone != "Guido Prova" || seg.Delega != "familiare" ||
		!strings.Contains(seg.NoteURP, "riletto") || len(f.File) != 1 || f.File[0].Nome.Valore() != "delega.pdf" {
		t.Errorf("registered: %v %v %v, %+v, %d files", f.Testa.Giorno, f.Testa.Ricezione, f.Testa.Canale, seg.Testimone, len(f.File))
	}
	file := "/pratica/" + f.Testa.ID.String() + "/file/" + f.File[0].ID.String()
	p.vai(file).vuole(http.StatusOK, "%PDF-1.7")
	for k, x := range map[string]string{"Content-Disposition": "attachment; filename=delega.pdf", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"} {
		if p.testata.Get(k) != x {
			t.Errorf("%s: %q", k, p.testata.Get(k))
		}
	}
	u.entra("ermete", access.URP, "URP-SAN-DEFENDENTE").vai(file).vuole(http.StatusNotFound)
}

func TestNuovaErroriEFile(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	v := p.modulo("/nuova", "/nuova", "canale", "telefono", "nome", "Bruna", "email", "senza chiocciola", "ricevuta-il", "2026-12-01")
	corpo, tipo := corpoConFile(t, v, "documenti", "foto.pdf", []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"))
	r := httptest.NewRequest(http.MethodPost, azioneNuova.FindStringSubmatch(p.pagina)[1], corpo)
	r.Header.Set("Content-Type", tipo)
	p.chiedi(r)
	p.vuole(http.StatusUnprocessableEntity, "Errore: ", "Scrivi che cosa è successo.", "Scrivi l'indirizzo così", "fino a oggi", "foto.pdf", `value="Bruna"`)
	v = url.Values{"canale": {"telefono"}, "nome": {"Bruna"}, "testo": {"Grazie, siete stati bravissimi."}}
	for _, m := range nascosto.FindAllStringSubmatch(p.pagina, -1) {
		v.Set(m[1], m[2])
	}
	azione := azioneNuova.FindStringSubmatch(p.pagina)[1]
	v.Set("ricezione", "urp:51201")
	p.manda(azione, v).vuole(http.StatusUnprocessableEntity, "Scegli l'ufficio che la riceve", `value="urp:51201" selected`, `value="Bruna"`)
	azione = azioneNuova.FindStringSubmatch(p.pagina)[1]
	v.Del("ricezione")
	v.Set("fai", "doppioni")
	p.manda(azione, v).vuole(http.StatusOK, "Nessuna segnalazione della stessa persona", "Dalle parole sembra: Elogio", "foto.pdf")
	azione = azioneNuova.FindStringSubmatch(p.pagina)[1]
	v.Del("fai")
	for _, m := range nascosto.FindAllStringSubmatch(p.pagina, -1) {
		v.Set(m[1], m[2])
	}
	p.manda(azione, v).vuole(http.StatusCreated)
	id := regexp.MustCompile(`href="/pratica/([0-9a-f-]{36})"`).FindStringSubmatch(p.pagina)[1]
	p.vai("/pratica/"+id+"/documenti").vuole(http.StatusOK, "foto.pdf")
	v.Set("testo", "Un'altra cosa, dalla stessa pagina.")
	p.manda(azione, v).vuole(http.StatusUnprocessableEntity, "è già registrata")
	p.manda("/nuova?modulo=AAAA", v).vuole(http.StatusBadRequest)
}

// Who does not say the name is registered as a rilievo; who called before is
// recognised, once, and it stops nobody.
//
// ref: pga01 4.3.2
func TestNuovaAnonimaEDoppioni(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	v := p.modulo("/nuova", "/nuova", "canale", "cassetta", "testo", "Bagni sporchi.", "tipo", "reclamo", "anonima", "1", "nome", "Non", "cognome", "Detto")
	p.manda(azioneNuova.FindStringSubmatch(p.pagina)[1], v).vuole(http.StatusCreated, "registrata come Rilievo").senza("Non Detto")
	p.registra()
	v = p.modulo("/nuova", "/nuova", "canale", "telefono", "testo", "Chiamo ancora.", "nome", "I.", "cognome", "B.", "telefono", "03765550142")
	p.manda(azioneNuova.FindStringSubmatch(p.pagina)[1], v).vuole(http.StatusOK, "Forse la conosciamo già", "Nove ore di attesa", `value="03765550142"`)
	for _, m := range nascosto.FindAllStringSubmatch(p.pagina, -1) {
		v.Set(m[1], m[2])
	}
	p.manda(azioneNuova.FindStringSubmatch(p.pagina)[1], v).vuole(http.StatusCreated, "2026/0000003")
	altro := u.entra("ermete", access.URP, "URP-SAN-DEFENDENTE")
	v = altro.modulo("/nuova", "/nuova", "canale", "telefono", "testo", "Chiamo.", "nome", "I.", "telefono", "03765550142")
	altro.manda(azioneNuova.FindStringSubmatch(altro.pagina)[1], v).vuole(http.StatusCreated) // what he may not see does not show through
}

// A codice fiscale that does not hold is said beside its field, once, and stops
// nobody; one that is none is refused there.
func TestNuovaCodiceFiscale(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	v := p.modulo("/nuova", "/nuova", "canale", "telefono", "testo", "Chiamo.", "nome", "I.", "codice-fiscale", "brm lri 80a41 h501x", "altra", "1", "altro-nome", "A.", "altro-codice-fiscale", "BRMLRI80A41")
	manda := func(stato int, parole ...string) {
		t.Helper()
		p.manda(azioneNuova.FindStringSubmatch(p.pagina)[1], v).vuole(stato, parole...)
		for _, m := range nascosto.FindAllStringSubmatch(p.pagina, -1) {
			v.Set(m[1], m[2])
		}
	}
	manda(http.StatusOK, "Controlla il codice fiscale", `id="dubbio-codice-fiscale"`)
	v.Set("cap", "ovunque")
	manda(http.StatusUnprocessableEntity, `href="#altro-codice-fiscale"`, "ha 16 lettere e numeri", `href="#cap"`, "Il CAP ha 5 cifre")
	v.Del("cap")
	v.Set("altro-codice-fiscale", "BRMLRI80A41H501Y")
	manda(http.StatusOK, `id="dubbio-altro-codice-fiscale"`)
	manda(http.StatusCreated, "2026/0000001")

	v = p.modulo("/nuova", "/nuova", "canale", "telefono", "testo", "Chiamo.", "nome", "I.", "codice-fiscale", "RSSMRA85T10A562S")
	manda(http.StatusCreated, "2026/0000002")
}

// Words that were searched are in no address, and only their session finds them
// again; filters without words become an address that can be saved.
func TestRicerca(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	id := p.registra()
	p.manda("/cerca", url.Values{"q": {"Brambati"}}).vuole(http.StatusSeeOther)
	if p.dove != "/cerca" {
		t.Fatalf("the words are in the address: %s", p.dove)
	}
	for k, c := range p.biscotti {
		if strings.Contains(c, "Brambati") || k == biscottoCerca && len(c) < 40 {
			t.Errorf("cookie %s holds the words in clear", k)
		}
	}
	p.vai("/cerca").vuole(http.StatusOK, "1 segnalazione trovata", "Nove ore di attesa", `value="Brambati"`)
	altra := u.entra("domitilla", access.URPAziendale, "")
	altra.biscotti[biscottoCerca] = p.biscotti[biscottoCerca]
	altra.vai("/cerca").vuole(http.StatusOK, "Che cosa cerchi?").senza("Nove ore di")
	p.manda("/cerca", url.Values{"q": {"2026/1"}})
	if p.dove != "/pratica/"+id {
		t.Errorf("a number alone leads to %s", p.dove)
	}
	p.manda("/cerca", url.Values{"q": {"tipo:reclamo scade:<90g stato:ricevuta incarico:io"}})
	if p.dove != "/lavoro?incarico=io&scade=2026-05-31&stato=ricevuta&tipo=reclamo&vista=tutte" {
		t.Errorf("filters lead to %s", p.dove)
	}
	filtri := p.dove
	p.vai(filtri).vuole(http.StatusOK, "Nessun risultato.", "Tipo: Reclamo", "Stato: Ricevuta", "affidate a te")
	p.manda("/cerca", url.Values{"q": {"tipo:inesistente"}}).vuole(http.StatusUnprocessableEntity, "Questo tipo non c'è")
	p.manda("/lavoro/viste", url.Values{"nome": {"I miei reclami"}, "filtro": {strings.TrimPrefix(filtri, "/lavoro?")}}).vuole(http.StatusSeeOther)
	p.vai("/lavoro").vuole(http.StatusOK, "I miei reclami", filtri)
	p.vai(filtri).vuole(http.StatusOK, "Elimina il filtro «I miei reclami»")
	p.manda("/lavoro/viste", url.Values{"nome": {""}, "filtro": {"tipo=reclamo"}}).vuole(http.StatusUnprocessableEntity, "Scrivi un nome")
	p.manda("/lavoro/viste/togli", url.Values{"nome": {"I miei reclami"}}).vuole(http.StatusSeeOther)
	p.vai("/lavoro").vuole(http.StatusOK).senza("I miei reclami")
	p.vai("/lavoro?vista=da_smistare&tipo=reclamo&scade=7&struttura=" + strutturaA + "," + strutturaB + "&ricevuta=2026-01-01..&dopo=2026-03-02.1").vuole(http.StatusOK)
	p.vai("/lavoro?vista=scadenze").vuole(http.StatusOK, "Più avanti", "Nove ore di attesa")
	p.vai("/lavoro?vista=sospese").vuole(http.StatusOK, "Nessuna segnalazione sospesa")
}

// A list never shows more than its address asks without saying so; what is good
// in the address stays.
func TestFiltriNonCapiti(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	p.registra()
	for q, frase := range map[string]string{
		"tipo=boh": "Questo tipo non c'è", "stato=boh": "Questo stato non c'è", "vista=boh": "ecco «Da fare»", "struttura=boh": "Non troviamo questa struttura",
		"struttura=" + strutturaA + "%2Cboh": "Non troviamo questa struttura", "scade=domani": "La scadenza non si legge", "scade=2026-02-30": "La scadenza non si legge",
		"ricevuta=ieri": "Le date di arrivo", "ricevuta=2026-03-02..2026-03-01": "sono al contrario", "ricevuta=2026-01-01..x": "Le date di arrivo",
		"incarico=un-altro": "affidate a te", "numero=uno": "Il numero non si legge", "dopo=x": "ecco la prima", "statoo=chiusa": "un filtro che non esiste",
		"tipo=elogio&tipo=reclamo": "scritto due volte", "vista=%zz": "non si legge", "tipo=%": "non si legge", "tipo=elogio;stato=aperta": "non si legge", "numero=" + strings.Repeat("1", maxFiltro+1): "troppo lungo",
	} {
		vista := "&vista=tutte"
		if strings.HasPrefix(q, "vista=") {
			vista = ""
		}
		p.vai("/lavoro?"+q+vista).vuole(http.StatusUnprocessableEntity, "L’elenco può mostrare più di quello che hai chiesto", frase, "Nove ore di attesa")
		if !strings.HasPrefix(q, "incarico=") { // the good one holds
			p.vai("/lavoro?"+q+vista+"&incarico=io").vuole(http.StatusUnprocessableEntity, "affidate a te", frase).senza("Nove ore di attesa")
		}
	}
	for _, q := range []string{"", "vista=firma", "tipo=reclamo&stato=&scade=", "stato=in_esame", "stato=aperta", "ricevuta=2026-03-01..2026-03-31", "ricevuta=..2026-03-31", "scade=2026-03-31", "fatto=nota"} {
		p.vai("/lavoro?" + q).vuole(http.StatusOK).senza("più di quello che hai chiesto")
	}
	p.manda("/lavoro/viste", url.Values{"nome": {"Storta"}, "filtro": {"vista=tutte&tipo=boh"}}).vuole(http.StatusSeeOther)
	p.vai("/lavoro").vuole(http.StatusOK, `href="/lavoro?vista=tutte"`).senza("tipo=boh")
	p.vai(linkPratica(u.primo(), "", "boh")).vuole(http.StatusOK).senza("Boh", "coda=boh")

	// A name that stands for many structures narrows the list all the same.
	var molte []string
	for _, x := range append(u.Ambiente.Organigramma.Cerca("dipartimento", 50), u.Ambiente.Organigramma.Cerca("san defendente", 50)...) {
		molte = append(molte, x.ID)
	}
	if n := len(strings.Join(molte, ",")); n < 500 {
		t.Errorf("only %d bytes of structures", n)
	}
	p.vai("/lavoro?vista=tutte&struttura="+strings.Join(molte, ",")).vuole(http.StatusOK, "Struttura: ").senza("Nove ore di attesa")
}

// Nothing to search finds nothing.
func TestCercaNiente(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	p.registra()
	for _, q := range []string{`"`, `""`, ` " " `, "?!", "-", "…", "."} {
		p.manda("/cerca", url.Values{"q": {q}})
		if p.stato == http.StatusSeeOther {
			p.vai(p.dove)
		}
		p.vuole(http.StatusUnprocessableEntity).senza("Nove ore di attesa")
	}
	p.manda("/cerca", url.Values{"q": {"attesa"}})
	p.vai(p.dove).vuole(http.StatusOK, "Nove ore di attesa")
	p.manda("/cerca", url.Values{"q": {" "}}).vuole(http.StatusSeeOther)
	p.vai(p.dove).vuole(http.StatusOK, "Che cosa cerchi?").senza("Nove ore di attesa")
}

// primo is the id of the only case.
func (u *ufficio) primo() string {
	u.t.Helper()
	p, err := u.Servizio.Elenco(context.Background(), u.Chi(access.URPAziendale, ""), pratica.Filtro{Limite: 1})
	if err != nil || len(p.Righe) != 1 {
		u.t.Fatal(err)
	}
	return p.Righe[0].ID.String()
}

// Pages part a long list and lose nobody on the way.
func TestPagineDelLavoro(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("domitilla", access.URPAziendale, "")
	for range 60 {
		if _, err := u.Servizio.Registra(context.Background(), access.Cittadino(u.Ente, "web"), pratica.Nuova{Canale: "web",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Attesa.", Segnalante: &pratica.Persona{Nome: "Ada", Telefono: "333 1234567"}})}); err != nil {
			t.Fatal(err)
		}
	}
	viste := map[string]bool{}
	riga := regexp.MustCompile(`class="subj" href="/pratica/([0-9a-f-]{36})`)
	for dove := "/lavoro"; dove != ""; {
		p.vai(dove).vuole(http.StatusOK, "60 segnalazioni aspettano")
		if p.crudo > 25<<10 {
			t.Errorf("%s takes %d bytes compressed", dove, p.crudo)
		}
		for _, m := range riga.FindAllStringSubmatch(p.pagina, -1) {
			viste[m[1]] = true
		}
		dove = ""
		if m := regexp.MustCompile(`href="([^"]+)">Pagina successiva`).FindStringSubmatch(p.pagina); m != nil {
			dove = m[1]
		}
	}
	if len(viste) != 60 {
		t.Errorf("%d of 60 cases on the pages", len(viste))
	}
	id := ""
	for id = range viste {
		break
	}
	p.vai("/pratica/"+id+"?coda=da-fare").vuole(http.StatusOK, " di 60")
	v := p.modulo("/pratica/"+id+"/atto/presa_in_carico?coda=da-fare", "/pratica/"+id+"/atto/presa_in_carico", "fai", "prossima")
	p.manda("/pratica/"+id+"/atto/presa_in_carico", v).vuole(http.StatusSeeOther)
	if !strings.HasPrefix(p.dove, "/pratica/") || strings.Contains(p.dove, id) {
		t.Errorf("the next one is %s", p.dove)
	}
	p.vai("/pratica/"+id+"/atto/assegnazione").vuole(http.StatusOK, "Prova Domitilla")
	p.fa(id, "assegnazione", "persona", p.id)
	p.vai("/lavoro?vista=tutte&incarico=io").vuole(http.StatusOK, "Tu")
}

// A structure's document is read by who asked and by nobody else who was asked.
func TestAllegatoDellaStruttura(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	urp := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	id := urp.registra()
	unita, _ := u.struttura(id)
	altra := "SC-26901-03999002"
	resp, terzo := u.entra("evaristo", access.Responsabile, unita), u.entra("amilcare", access.Responsabile, altra)
	urp.fa(id, "presa_in_carico")
	dove := "/pratica/" + id + "/atto/richiesta_chiarimenti"
	urp.manda(dove, urp.modulo(dove, dove, "quesito", "Che cosa è successo?", "unita-0", unita, "copia-0", "Nove ore.", "unita-1", altra, "copia-1", "Una radiografia.")).vuole(http.StatusSeeOther)
	qui := "/pratica/" + id + "/atto/chiarimenti"
	v := resp.modulo(qui, qui, "testo", "Ecco il registro.")
	azione := regexp.MustCompile(`action="(` + qui + `[^"]*)"`).FindStringSubmatch(resp.pagina)[1]
	manda := func(nome string, contenuto []byte) {
		corpo, tipo := corpoConFile(t, v, "documenti", nome, contenuto)
		r := httptest.NewRequest(http.MethodPost, azione, corpo)
		r.Header.Set("Content-Type", tipo)
		resp.chiedi(r)
	}
	manda("registro.pdf", []byte("MZ programma"))
	resp.vuole(http.StatusUnprocessableEntity, "registro.pdf", "Ecco il registro.")
	manda("registro.pdf", []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"))
	resp.vuole(http.StatusSeeOther)
	urp.vai("/pratica/"+id+"/documenti").vuole(http.StatusOK, "registro.pdf")
	file := regexp.MustCompile(`href="(/pratica/[^"]+/file/[^"]+)"`).FindStringSubmatch(urp.pagina)[1]
	for _, p := range []*persona{urp, resp} {
		p.vai(file).vuole(http.StatusOK, "%PDF-1.7")
	}
	terzo.vai("/pratica/"+id).vuole(http.StatusOK, "Una radiografia.").senza("Nove ore", "registro.pdf", "Ecco il registro")
	terzo.vai(file).vuole(http.StatusNotFound)
	terzo.manda(qui, terzo.modulo(qui, qui, "testo", "Rispondo per altri.", "per", unita)).vuole(http.StatusForbidden, "Rispondo per altri.")
}
