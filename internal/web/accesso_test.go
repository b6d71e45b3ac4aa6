package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/store/storetest"
)

// obbliga makes the second factor compulsory, as it is where nobody says otherwise.
func (u *ufficio) obbliga() {
	u.t.Helper()
	if err := u.auth.SetRegola(context.Background(), access.Sistema(u.Ente), auth.Regola{}); err != nil {
		u.t.Fatal(err)
	}
}

// codiceDi is what an app with that seed shows now.
func (u *ufficio) codiceDi(seme string) string {
	u.t.Helper()
	k, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(seme, " ", ""))
	if err != nil {
		u.t.Fatal(err)
	}
	h := hmac.New(sha1.New, k)
	_ = binary.Write(h, binary.BigEndian, u.Orologio.Now().Unix()/30)
	s := h.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(s[s[19]&15:])&0x7fffffff%1_000_000)
}

var (
	semeInPagina     = regexp.MustCompile(`id="seme">([A-Z2-7 ]+)<`)
	recuperoInPagina = regexp.MustCompile(`<li class="code">([A-Z2-9-]{14})</li>`)
)

// campo is the value of a hidden field of the page before the person.
func (p *persona) campo(nome string) string {
	p.u.t.Helper()
	for _, m := range nascosto.FindAllStringSubmatch(p.pagina, -1) {
		if m[1] == nome {
			return m[2]
		}
	}
	p.u.t.Fatalf("%s: no field %s in: %.900s", p.nome, nome, soloTesto(p.pagina))
	return ""
}

// collega adds an app through its page: what it shows, and the recovery codes.
func (p *persona) collega() (codice func() string, recupero []string) {
	p.u.t.Helper()
	p.vai("/profilo/fattori/app").vuole(http.StatusOK, "<svg ")
	seme := semeInPagina.FindStringSubmatch(p.pagina)[1]
	codice = func() string { return p.u.codiceDi(seme) }
	p.manda("/profilo/fattori/app", url.Values{"sigillo": {p.campo("sigillo")}, "codice": {codice()}, "nome": {"telefono"}})
	for _, m := range recuperoInPagina.FindAllStringSubmatch(p.pagina, -1) {
		recupero = append(recupero, m[1])
	}
	return codice, recupero
}

// Who has no second factor enrols one before anything else, and from then on signs
// in in two steps.
func TestSecondoFattore(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
		p.vai("/entra?poi=/lavoro").vuole(http.StatusSeeOther)
		u.obbliga()
		for _, dove := range []string{"/lavoro", "/profilo", "/nuova", "/amministrazione/token"} {
			if p.vai(dove).vuole(http.StatusSeeOther); p.dove != "/profilo/fattori/app" {
				t.Errorf("%s without a second factor leads to %s", dove, p.dove)
			}
		}
		if p.manda("/cerca", url.Values{"q": {"x"}}); p.dove != "/profilo/fattori/app" {
			t.Errorf("a form leads to %s", p.dove)
		}
		p.vai("/profilo/fattori/app").vuole(http.StatusOK, "Prima di cominciare collega il tuo telefono")
		seme := semeInPagina.FindStringSubmatch(p.pagina)[1]
		v := url.Values{"sigillo": {p.campo("sigillo")}, "codice": {"000000"}, "nome": {"telefono"}}
		if v.Get("codice") == u.codiceDi(seme) {
			v.Set("codice", "111111")
		}
		p.manda("/profilo/fattori/app", v).vuole(http.StatusUnprocessableEntity, "Il codice non è quello di adesso", seme)
		_, recupero := p.collega()
		p.vuole(http.StatusOK, "Stampa questi codici adesso")
		if len(recupero) != 10 {
			t.Fatalf("recovery codes: %v", recupero)
		}
		p.vai("/lavoro").vuole(http.StatusOK)
		p.vai("/profilo/fattori").vuole(http.StatusOK, "telefono", "10 codici ancora da usare", "App dei codici").senza(seme, recupero[0])
		p.vai("/profilo/fattori/app").vuole(http.StatusOK).senza("Prima di cominciare", seme)

		// The second step keeps a form that waits.
		id := p.registra()
		dove := "/pratica/" + id + "/atto/messaggio"
		form := p.modulo(dove, dove, "testo", "Parole tra due passi.")
		p.manda("/esci", nil)
		p.manda(dove, form).vuole(http.StatusUnauthorized, "La sessione è finita mentre scrivevi")
		p.rientra("clelia", frasePassword).vuole(http.StatusOK, "Secondo passo", "oppure un codice di recupero").senza("Parole tra due passi")
		if p.vai("/lavoro"); p.stato != http.StatusSeeOther || !strings.HasPrefix(p.dove, "/entra/codice?poi=") {
			t.Errorf("half a session: %d %s", p.stato, p.dove)
		}
		p.manda(dove, form).vuole(http.StatusUnauthorized, "La sessione è finita mentre scrivevi")
		p.rientra("clelia", frasePassword).vuole(http.StatusOK, "Secondo passo")
		v = url.Values{}
		p.ripresi(v)
		v.Set("codice", "99")
		p.manda("/entra/codice", v).vuole(http.StatusUnauthorized, "Il codice non è giusto")
		v = url.Values{"codice": {recupero[0]}}
		p.ripresi(v)
		p.manda("/entra/codice", v).vuole(http.StatusOK, "Quello che avevi scritto è qui.", "Parole tra due passi.")
		p.manda("/esci", nil)

		// What was done meanwhile is told first, once.
		u.Orologio.Avanza(time.Minute)
		p.manda("/entra", url.Values{"utente": {"clelia"}, "password": {frasePassword}, "poi": {"/nuova"}}).vuole(http.StatusSeeOther)
		if p.dove != "/entra/codice?poi=%2Fnuova" {
			t.Errorf("the second step is at %s", p.dove)
		}
		p.vai(p.dove).vuole(http.StatusOK, "Prova Clelia, la password è giusta")
		p.manda("/entra/codice", url.Values{"codice": {u.codiceDi(seme)}, "poi": {"/nuova"}}).vuole(http.StatusUnauthorized) // another app's
		p.manda("/entra/codice", url.Values{"codice": {recupero[1]}, "poi": {"/nuova"}}).vuole(http.StatusSeeOther)
		p.vai(p.dove).vuole(http.StatusOK, "Usato un codice di recupero")
		p.manda("/novita", url.Values{"fino": {p.campo("fino")}, "poi": {p.campo("poi")}}).vuole(http.StatusSeeOther)
		if p.dove != "/nuova" {
			t.Errorf("after what was told: %s", p.dove)
		}
		p.vai("/novita").vuole(http.StatusSeeOther)
		p.vai("/profilo/sessioni").vuole(http.StatusOK, "con codice di recupero", "È questa")
	})
}

// A session that rested is unlocked by the same person, with the form before them;
// a colleague may only leave.
func TestSessioneBloccata(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	u.entra("domitilla", access.URPAziendale, "")
	id := p.registra()
	dove := "/pratica/" + id + "/atto/messaggio"
	v := p.modulo(dove, dove, "testo", "Parole lasciate sullo schermo.")
	u.Orologio.Avanza(20 * time.Minute)
	if p.vai("/lavoro?vista=tutte"); p.dove != "/blocco?poi=%2Flavoro%3Fvista%3Dtutte" {
		t.Fatalf("a locked page: %d %s", p.stato, p.dove)
	}
	p.vai(p.dove).vuole(http.StatusOK, "Sessione bloccata", "Prova Clelia")
	p.allega(dove, v, "uno.txt").vuole(http.StatusUnauthorized, "Per 20 minuti non hai fatto nulla", "Non sei Prova Clelia?").senza("Parole lasciate")
	blocco := p.pagina
	p.manda("/lavoro/viste", url.Values{"nome": {"Mia"}}).vuole(http.StatusUnauthorized, "ricarica la pagina")
	p.pagina = blocco
	sblocca := url.Values{"password": {"sbagliata"}, "poi": {p.campo("poi")}}
	p.ripresi(sblocca)
	p.manda("/blocco", sblocca).vuole(http.StatusUnauthorized, "La password non è giusta").senza("Parole lasciate", "sbagliata")
	sblocca = url.Values{"password": {frasePassword}}
	p.ripresi(sblocca)
	prima := p.biscotti[biscottoSessione]
	p.manda("/blocco", sblocca).vuole(http.StatusOK, "Quello che avevi scritto è qui.", "Parole lasciate sullo schermo.", "uno.txt")
	if p.biscotti[biscottoSessione] == prima {
		t.Error("the session has the cookie it had before the lock")
	}
	p.vai("/blocco?poi=/nuova")
	if p.dove != "/nuova" {
		t.Errorf("a lock that is open leads to %s", p.dove)
	}

	// A colleague leaves the text to who wrote it.
	v = p.modulo(dove, dove, "testo", "Altre parole lasciate.")
	u.Orologio.Avanza(20 * time.Minute)
	p.manda(dove, v).vuole(http.StatusUnauthorized)
	v = url.Values{}
	p.ripresi(v)
	p.manda("/esci", v).vuole(http.StatusOK, "Nome utente").senza("Altre parole")
	p.rientra("domitilla", frasePassword).vuole(http.StatusConflict).senza("Altre parole")
	p.rientra("clelia", frasePassword).vuole(http.StatusOK, "Altre parole lasciate.")

	// Ended elsewhere while it was locked, it is not unlocked.
	altrove := u.entra("ermete", access.URP, "URP-SANTA-CHIARA")
	vecchia := altrove.biscotti[biscottoSessione]
	altrove.biscotti = map[string]string{}
	altrove.manda("/entra", url.Values{"utente": {"ermete"}, "password": {frasePassword}})
	nuova := altrove.biscotti[biscottoSessione]
	u.Orologio.Avanza(19 * time.Minute)
	altrove.vai("/profilo/sessioni").vuole(http.StatusOK, "Chiudi tutte le altre")
	u.Orologio.Avanza(2 * time.Minute)
	altrove.vai("/profilo/sessioni").vuole(http.StatusOK, "Bloccata")
	altrove.manda("/profilo/sessioni", url.Values{"fai": {"altre"}}).vuole(http.StatusSeeOther)
	altrove.vai("/profilo/sessioni").vuole(http.StatusOK).senza("Chiudi tutte le altre")
	altrove.biscotti[biscottoSessione] = vecchia
	altrove.manda("/blocco", url.Values{"password": {frasePassword}})
	if altrove.vai("/lavoro"); !strings.HasPrefix(altrove.dove, "/entra?") {
		t.Errorf("a session that was ended: %d %s", altrove.stato, altrove.dove)
	}
	altrove.biscotti[biscottoSessione] = nuova
	altrove.vai("/lavoro").vuole(http.StatusOK)
}

// To sign, and to act on many cases at once, wants a proof just given; what was
// being sent is done after it, once, and by nobody else.
func TestProvaPrimaDiFirmare(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		urp, az := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("domitilla", access.URPAziendale, "")
		id := urp.registra()
		qui := "/pratica/" + id
		unita, _ := u.struttura(id)
		resp, ds := u.entra("evaristo", access.Responsabile, unita), u.entra("cornelia", access.DirettoreSanitario, "")
		urp.fa(id, "presa_in_carico")
		urp.fa(id, "valutazione", "natura", "sanitaria", "danni", "esclusi")
		urp.fa(id, "informativa")
		u.chiede(urp, id, unita)
		resp.fa(id, "chiarimenti", "testo", "Il triage ha seguito le priorità.")
		az.fa(id, "bozza_risposta", "testo", "Gentile Ilaria Brambati,\nci scusiamo per l'attesa.")
		atti := func() int {
			f, err := u.Servizio.Apri(context.Background(), u.Chi(access.URPAziendale, ""), u.idDi(id))
			if err != nil {
				t.Fatal(err)
			}
			return f.Testa.Seq
		}
		u.Orologio.Avanza(access.DurataConferma)
		urp.fa(id, "nota", "nota", "Le altre azioni non chiedono niente.")
		prima := atti()
		v := ds.modulo("/firma/"+id, qui+"/atto/firma_risposta", "fai", "prossima")
		ds.manda(qui+"/atto/firma_risposta", v).vuole(http.StatusOK, "Dimostra che sei tu", "Stai per firmare.", "Prova Cornelia")
		if atti() != prima {
			t.Fatal("signed without a proof")
		}
		m := url.Values{"modulo": {ds.campo("modulo")}, "password": {"sbagliata"}}
		ds.manda("/conferma", m).vuole(http.StatusUnprocessableEntity, "La password non è giusta")
		m.Set("password", frasePassword)
		az.manda("/conferma", m).vuole(http.StatusBadRequest)
		if ds.manda("/conferma", m).vuole(http.StatusSeeOther); atti() != prima+1 || !strings.Contains(ds.dove, "fatto=firma_risposta") {
			t.Fatalf("after the proof: %d acts, %s", atti()-prima, ds.dove)
		}
		ds.manda("/conferma", m).vuole(http.StatusSeeOther) // the page sent twice
		if atti() != prima+1 {
			t.Errorf("done %d times", atti()-prima)
		}
		u.Orologio.Avanza(access.DurataConferma)
		ds.vai("/conferma?poi=/profilo").vuole(http.StatusOK, "Dimostra che sei tu").senza("Stai per")

		// Many cases at once.
		altra := urp.registra("nome", "Remo", "cognome", "Altrovi", "telefono", "0376 555 0177", "email", "remo@esempio.example")
		urp.vai("/lavoro").vuole(http.StatusOK)
		u.Orologio.Avanza(access.DurataConferma)
		insieme := url.Values{"fai": {"presa_in_carico"}, "chiave": {unaVolta()}, "scelta": {altra + ".1"}, "filtro": {""}}
		urp.manda("/lavoro/insieme", insieme).vuole(http.StatusOK, "Stai per fare un'azione su più segnalazioni insieme.")
		urp.manda("/conferma", url.Values{"modulo": {urp.campo("modulo")}, "password": {frasePassword}}).vuole(http.StatusOK, "1 segnalazione")
		urp.manda("/conferma", url.Values{"modulo": {"x"}, "password": {frasePassword}}).vuole(http.StatusBadRequest, "non abbiamo fatto niente")
	})
}

func TestDispositivo(t *testing.T) {
	for ua, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0":                                                 "Firefox su Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0":        "Edge su Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile Safari/604.1": "Safari su iPhone",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                     "Chrome su Android",
		"<script>": "Un browser su un altro sistema",
		"":         "Un browser su un altro sistema",
	} {
		if got := dispositivo(ua); got != want {
			t.Errorf("%q: %s", ua, got)
		}
	}
	for rete, want := range map[string]string{"192.0.2.0/24": "192.0.2.x", "127.0.0.0/24": "questo computer", "2001:db8::/56": "2001:db8::", "": "non si sa"} {
		if got := reteMostrata(rete); got != want {
			t.Errorf("%q: %s", rete, got)
		}
	}
}

// The administrator says who must have a second factor, and helps who lost it.
func TestAdmAccesso(t *testing.T) {
	b := admApri(t)
	b.vuole(b.leggi("/amministrazione/accesso"), 200, "Il secondo fattore non è obbligatorio: prova.", `value="libera" checked`)
	manda := func(stato int, dice string, coppie ...string) {
		t.Helper()
		b.vuole(b.manda("/amministrazione/accesso", valoriDi(coppie...)), stato, dice)
	}
	manda(422, "Scrivi perché", "regola", "libera")
	manda(422, "Scrivi un giorno da domani", "regola", "dal", "dal", b.oggi().String())
	manda(422, "Scegli una delle tre", "regola", "boh")
	manda(303, "fatto=accesso", "regola", "dal", "dal", b.oggi().Add(7).String())
	b.vuole(b.leggi("/amministrazione/accesso"), 200, "è obbligatorio dal 9 marzo 2026", "Prova prima.persona")
	b.vuole(b.leggi("/amministrazione"), 200, "è obbligatorio dal 9 marzo 2026")
	manda(303, "fatto=accesso", "regola", "libera", "motivo", "fino all'arrivo dei telefoni")
	b.vuole(b.chiedi("", "GET", "/entra", "", nil), 200, "Qui basta la password: fino all'arrivo dei telefoni.")

	altra := b.aggiungi("anna.darco", access.FrontOffice, "FO-RIVALTA")
	cookie := b.entra("anna.darco", frasePassword)
	b.vuole(b.leggi("/amministrazione/persone?stato=senza-fattore"), 200, "anna.darco")
	dove := "/amministrazione/persone/" + altra
	b.vuole(b.manda("/amministrazione/persone/"+b.persona+"/fattori", nil), 422, "Come accedi")
	b.vuole(b.manda(dove+"/fattori", nil), 303, "fatto=fattori")
	b.vuole(b.leggi(dove), 200, "Tolti tutti i fattori", "Prova prima.persona", "Non ha un secondo fattore")
	b.vuole(b.chiedi(cookie, "GET", "/lavoro", "", nil), 303, "/entra?")
	r := b.mandaDa("", "/entra", valoriDi("utente", "anna.darco", "password", frasePassword))
	b.vuole(r, 303, "/novita?poi=")
}
