package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/child"
	"tutela/internal/day"
	"tutela/internal/flat"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// figlioDiProva opens files for every test: what it compiles once serves all.
var figlioDiProva = child.New(os.Args[0], "figlio")

// ufficio is the demonstration ente's pages with people who sign in.
type ufficio struct {
	*storetest.Banco
	t    testing.TB
	h    http.Handler
	auth *auth.Auth
}

func apriUfficio(t testing.TB, b *storetest.Banco) *ufficio {
	t.Helper()
	u := &ufficio{Banco: b, t: t}
	u.auth = auth.New(auth.Config{Archivio: b.Store, Chiavi: b.Chiavi, Ring: b.Anello, Now: b.Orologio.Now, Costo: vault.Costo{Memoria: 64, Giri: 1, Fili: 1},
		Uffici: func(_ string, in []access.Incarico, _ day.Date) []string {
			var out []string
			for _, i := range in {
				out = append(out, b.Chi(i.Ruolo, i.Unita).Uffici...)
			}
			return out
		}})
	h, err := New(Config{Servizio: b.Servizio, Auth: u.auth, EnteID: b.Ente, Now: b.Orologio.Now, Bozze: b.Store, Blobs: b.Blobs, Anello: b.Anello,
		Viste: b.Store, Ente: Ente{Nome: "ASST Montelago", Telefono: "800 000 000"}, Copie: &flat.Maker{Child: figlioDiProva}})
	if err == nil {
		err = u.auth.SetRegola(context.Background(), access.Sistema(b.Ente), auth.Regola{Libero: true, Motivo: "prova"})
	}
	if err != nil {
		t.Fatal(err)
	}
	u.h = h
	return u
}

// persona is somebody at a browser: their cookies and the page before them.
type persona struct {
	u        *ufficio
	id, nome string
	biscotti map[string]string
	stato    int
	pagina   string
	dove     string // of the last answer that led elsewhere
	testata  http.Header
	crudo    int // bytes of the page on the wire, compressed
}

// entra makes a person with a role at a unit and signs in through the page.
func (u *ufficio) entra(nome, ruolo, unita string) *persona {
	u.t.Helper()
	ctx, sistema := context.Background(), access.Sistema(u.Ente)
	p, err := u.auth.AddPerson(ctx, sistema, nome, "Prova "+maiuscola(nome), frasePassword)
	if err == nil {
		err = u.auth.Incarica(ctx, sistema, p.ID, access.Incarico{Ruolo: ruolo, Unita: unita, Dal: day.In(u.Orologio.Now())})
	}
	if err != nil {
		u.t.Fatal(err)
	}
	x := &persona{u: u, id: p.ID, nome: nome, biscotti: map[string]string{}}
	x.manda("/entra", url.Values{"utente": {nome}, "password": {frasePassword}})
	if x.stato != http.StatusSeeOther || x.dove != "/lavoro" {
		u.t.Fatalf("%s signs in: %d %s", nome, x.stato, x.dove)
	}
	return x
}

func (p *persona) chiedi(r *http.Request) {
	p.u.t.Helper()
	for k, v := range p.biscotti {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	w := httptest.NewRecorder()
	p.u.h.ServeHTTP(w, r)
	p.stato, p.dove, p.testata = w.Code, w.Header().Get("Location"), w.Header()
	p.pagina = html.UnescapeString(w.Body.String())
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	_, _ = g.Write(w.Body.Bytes())
	_ = g.Close()
	p.crudo = z.Len()
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(p.biscotti, c.Name)
		} else {
			p.biscotti[c.Name] = c.Value
		}
	}
}

func (p *persona) vai(dove string) *persona {
	p.u.t.Helper()
	p.chiedi(httptest.NewRequest(http.MethodGet, dove, nil))
	return p
}

func (p *persona) manda(dove string, v url.Values) *persona {
	p.u.t.Helper()
	r := httptest.NewRequest(http.MethodPost, dove, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	p.chiedi(r)
	return p
}

func (p *persona) vuole(stato int, parole ...string) *persona {
	p.u.t.Helper()
	if p.stato != stato {
		p.u.t.Fatalf("%s: status %d %s, want %d: %.900s", p.nome, p.stato, p.dove, stato, soloTesto(p.pagina))
	}
	for _, x := range parole {
		if !strings.Contains(p.pagina, x) {
			p.u.t.Fatalf("%s: no %q in: %.1500s", p.nome, x, soloTesto(p.pagina))
		}
	}
	return p
}

func (p *persona) senza(parole ...string) *persona {
	p.u.t.Helper()
	for _, x := range parole {
		if strings.Contains(p.pagina, x) {
			p.u.t.Fatalf("%s: there is %q in: %.1500s", p.nome, x, soloTesto(p.pagina))
		}
	}
	return p
}

var nascosto = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// modulo opens the page of a form and gives what it would send, with the fields
// put in.
func (p *persona) modulo(dove, azione string, campi ...string) url.Values {
	p.u.t.Helper()
	p.vai(dove).vuole(http.StatusOK)
	i := strings.Index(p.pagina, `action="`+azione)
	if i < 0 {
		p.u.t.Fatalf("%s: no form %s on %s", p.nome, azione, dove)
	}
	corpo := p.pagina[i:]
	corpo = corpo[:strings.Index(corpo, "</form>")]
	v := url.Values{}
	for _, m := range nascosto.FindAllStringSubmatch(corpo, -1) {
		v.Set(m[1], m[2])
	}
	for k := 0; k+1 < len(campi); k += 2 {
		v.Set(campi[k], campi[k+1])
	}
	return v
}

// fa does an act through its page, twice as by a double click: it is done once.
func (p *persona) fa(id, atto string, campi ...string) {
	p.u.t.Helper()
	dove := "/pratica/" + id + "/atto/" + atto
	v := p.modulo(dove, dove, campi...)
	for range 2 {
		p.manda(dove, v)
		if p.stato != http.StatusSeeOther || !strings.Contains(p.dove, "fatto="+atto) {
			p.u.t.Fatalf("%s by %s: %d %s %.900s", atto, p.nome, p.stato, p.dove, soloTesto(p.pagina))
		}
	}
}

// registra takes in a reclamo at the desk and gives the id of its case.
func (p *persona) registra(campi ...string) string {
	p.u.t.Helper()
	base := []string{"canale", "sportello", "testo", "Ho aspettato nove ore e la signora Brambati, cioè io, non ha avuto notizie.", "oggetto", "Nove ore di attesa",
		"tipo", "reclamo", "nome", "Ilaria", "cognome", "Brambati", "telefono", "0376 555 0142", "email", "ilaria@esempio.example",
		"unita", "Pronto Soccorso", "presidio", "Ospedale Santa Chiara – Montelago"}
	v := p.modulo("/nuova", "/nuova", append(base, campi...)...)
	azione := regexp.MustCompile(`action="(/nuova\?modulo=[^"]+)"`).FindStringSubmatch(p.pagina)
	p.manda(azione[1], v).vuole(http.StatusCreated)
	prima := regexp.MustCompile(`class="code">([^<]+)<`).FindAllString(p.pagina, -1)
	p.manda(azione[1], v).vuole(http.StatusCreated, prima...) // the same receipt
	return regexp.MustCompile(`href="/pratica/([0-9a-f-]{36})"`).FindStringSubmatch(p.pagina)[1]
}

// The whole story through the pages, on both databases: what each one may see and
// do, every form sent twice.
//
// ref: pga01 4.4
func TestStoriaDelleScrivanie(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		urp, az, altro := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("domitilla", access.URPAziendale, ""), u.entra("ermete", access.URP, "URP-SAN-DEFENDENTE")
		id := urp.registra()
		qui := "/pratica/" + id
		unita, macro := u.struttura(id)
		resp, dir := u.entra("evaristo", access.Responsabile, unita), u.entra("saverio", access.DirettoreMacrostruttura, macro)
		ds, da := u.entra("cornelia", access.DirettoreSanitario, ""), u.entra("fiorenzo", access.DirettoreAmministrativo, "")
		for _, p := range []*persona{altro, resp, dir, ds, da} {
			for _, dove := range []string{qui, qui + "/cronologia", qui + "/stampa", qui + "/atto/presa_in_carico", qui + "/foglio/1", "/firma/" + id} {
				p.vai(dove).vuole(http.StatusNotFound).senza("Brambati", "Nove ore")
			}
			p.manda(qui+"/atto/presa_in_carico", url.Values{"chiave": {unaVolta()}}).vuole(http.StatusNotFound)
			p.vai("/lavoro?vista=tutte").vuole(http.StatusOK, "Ancora nessuna segnalazione").senza("Nove ore")
			p.manda("/cerca", url.Values{"q": {"Brambati"}})
			p.vai("/cerca").vuole(http.StatusOK, "Nessun risultato").senza("Nove ore di")
		}
		urp.vai("/lavoro").vuole(http.StatusOK, "Nove ore di attesa", "Prendi in carico", "Ilaria B.")
		urp.fa(id, "presa_in_carico")
		urp.manda(qui+"/atto/valutazione", urp.modulo(qui+"/atto/valutazione", qui+"/atto/valutazione", "natura", "sanitaria")).vuole(http.StatusUnprocessableEntity, `id="errori"`, "Errore: ")
		urp.fa(id, "valutazione", "natura", "sanitaria", "danni", "esclusi")
		urp.vai(qui+"/atto/bozza_risposta").vuole(http.StatusForbidden, "ora non si può fare")
		urp.vai(qui+"/atto/informativa").vuole(http.StatusOK, "Anteprima della lettera", "Gentile Ilaria Brambati", "sabato 2 maggio 2026")
		urp.fa(id, "informativa")
		u.chiede(urp, id, unita)
		resp.vai("/lavoro").vuole(http.StatusOK, "Richieste per me", "Richiesta di chiarimenti").senza("Nove ore di", "Ilaria")
		resp.vai(qui).vuole(http.StatusOK, "Che cosa ti chiediamo", "Ilaria ha aspettato").senza("Brambati", "0376", "ilaria@", "Natura", "Riepilogo")
		for _, s := range []string{"istruttoria", "lettere", "documenti", "cronologia", "stampa"} {
			resp.vai(qui+"/"+s).vuole(http.StatusOK).senza("Brambati", "0376", "ilaria@")
		}
		resp.vai(qui + "/foglio/1").vuole(http.StatusNotFound)
		dir.vai(qui + "/atto/chiarimenti").vuole(http.StatusForbidden)
		resp.fa(id, "chiarimenti", "testo", "Il triage ha seguito le priorità.")
		dir.fa(id, "relazione", "testo", "Relazione della macrostruttura.", "valutazione", "Fondato in parte.")
		dir.fa(id, "provvedimento", "azione", "Avvisare chi attende ogni ora.", "responsabile", "Coordinatore", "entro", "2026-06-30")
		dir.vai(qui).vuole(http.StatusOK, "Avvisare chi attende", "30 giugno 2026").senza("Brambati")
		az.vai(qui+"/atto/bozza_risposta?coda=bozze").vuole(http.StatusOK, "Gentile Ilaria Brambati", "Leggibilità", "apri la prossima")
		az.fa(id, "bozza_risposta", "testo", "Gentile Ilaria Brambati,\nci scusiamo per l'attesa.")
		ds.vai("/lavoro?vista=firma").vuole(http.StatusOK, "Nove ore di attesa", "/firma/"+id)
		az.vai("/firma/" + id).vuole(http.StatusForbidden)
		da.vai("/firma/" + id).vuole(http.StatusNotFound)
		ds.manda(qui+"/atto/rinvio_bozza", ds.modulo("/firma/"+id, qui+"/atto/rinvio_bozza", "nota", "Scrivi che cosa cambia.")).vuole(http.StatusSeeOther)
		az.vai(qui+"/atto/bozza_risposta").vuole(http.StatusOK, "La bozza è tornata indietro", "Scrivi che cosa cambia.", "ci scusiamo")
		az.fa(id, "bozza_risposta", "testo", "Gentile Ilaria Brambati,\nci scusiamo. Da oggi avvisiamo chi attende.")
		ds.manda(qui+"/atto/firma_risposta", ds.modulo("/firma/"+id, qui+"/atto/firma_risposta", "fai", "prossima")).vuole(http.StatusSeeOther)
		if ds.dove != "/lavoro?vista=firma&fatto=firma_risposta" {
			t.Errorf("after the last signature: %s", ds.dove)
		}
		ds.vai("/lavoro?vista=firma").vuole(http.StatusOK, "Niente da fare.")
		az.fa(id, "invio_risposta", "mezzo", "portale")
		az.vai(qui+"/lettere").vuole(http.StatusOK, "Risposta", "MOD 04", "MOD 02", "MOD 05")
		f, err := b.Servizio.Apri(context.Background(), b.Chi(access.URPAziendale, ""), u.idDi(id))
		if err != nil || f.Testa.Seq != 13 {
			t.Fatalf("acts of the story: %d, %v; each form counts once", f.Testa.Seq, err)
		}
		for _, a := range f.Storia {
			if d := f.Regole.Atto(a.Kind); nomeFoglio(d) != "" {
				az.vai(qui+"/foglio/"+itoa(a.Seq)).vuole(http.StatusOK, "ASST Montelago", nomeFoglio(d))
			}
		}
		az.vai(qui+"/stampa").vuole(http.StatusOK, "Stampata da Prova Domitilla", "Impronta del testo")
		for _, dove := range []string{"/lavoro", qui, qui + "/stampa", qui + "/atto/messaggio", "/nuova"} {
			if az.vai(dove).vuole(http.StatusOK); az.crudo > 25<<10 {
				t.Errorf("%s takes %d bytes compressed", dove, az.crudo)
			}
		}
	})
}

// chiede prepares the copy as an operator does: what the program proposes is
// decided passage by passage, and what was written by hand is looked at again.
func (u *ufficio) chiede(p *persona, id, unita string) {
	u.t.Helper()
	dove := "/pratica/" + id + "/atto/richiesta_chiarimenti"
	v := p.modulo(dove, dove, "unita-0", nomeSuggerito(u.Ambiente.Organigramma, unita), "quesito", "Che cosa è successo?")
	p.vuole(http.StatusOK, "cognome di chi segnala, sicuro", "la signora [cognome], cioè io")
	copia := regexp.MustCompile(`(?s)<textarea id="copia-0"[^>]*>(.*?)</textarea>`).FindStringSubmatch(p.pagina)[1]
	if strings.Contains(copia, "Brambati") {
		u.t.Errorf("the copy proposed: %q", copia)
	}
	p.manda(dove, v).vuole(http.StatusUnprocessableEntity, "1 passaggio ancora da controllare: 1 «Brambati»", `href="#m-0-`, "Decidi: oscuralo")
	v.Set("fai", "sicure-0")
	p.manda(dove, v).vuole(http.StatusOK, "Tutto controllato").senza("Decidi: oscuralo")
	v.Set("stato-0", regexp.MustCompile(`name="stato-0" value="([^"]+)"`).FindStringSubmatch(p.pagina)[1])
	v.Set("copia-0", "Ilaria ha aspettato nove ore. Tel. 03765550142")
	v.Del("fai")
	p.manda(dove, v).vuole(http.StatusUnprocessableEntity, "Riscritto a mano", "Nella copia:", "telefono di chi segnala", "1 passaggio ancora da controllare")
	v.Set("fai", "aggiungi")
	p.manda(dove, v).vuole(http.StatusOK, `name="unita-1"`, "Togli la struttura 2")
	v.Del("fai")
	v.Set("copia-0", "Ilaria ha aspettato nove ore.")
	v.Set("unita-0", "reparto che non esiste")
	p.manda(dove, v).vuole(http.StatusUnprocessableEntity, "Scegli una struttura dell'elenco")
	v.Set("unita-0", nomeSuggerito(u.Ambiente.Organigramma, unita))
	p.manda(dove, v).vuole(http.StatusSeeOther)
}

// Two people on one case: the second is told who, what and when, loses no word,
// and can go on after reading.
func TestQualcunoPrima(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	una, due := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("domitilla", access.URPAziendale, "")
	id := una.registra()
	dove := "/pratica/" + id + "/atto/nota"
	v := due.modulo(dove, dove, "nota", "Parole che non devono andare perse.")
	presa := due.modulo("/pratica/"+id+"/atto/presa_in_carico", "/pratica/"+id+"/atto/presa_in_carico")
	una.fa(id, "presa_in_carico")
	chi := []string{"Intanto la pratica è cambiata.", "Presa in carico: Prova Clelia, URP dell'Ospedale Santa Chiara, lun 2 mar 2026"}
	due.manda(dove, v).vuole(http.StatusConflict, append(chi, "Parole che non devono andare perse.")...)
	dopo := url.Values{}
	for _, m := range nascosto.FindAllStringSubmatch(due.pagina, -1) {
		dopo.Set(m[1], m[2])
	}
	dopo.Set("nota", v.Get("nota"))
	due.manda(dove, dopo).vuole(http.StatusSeeOther)
	due.vai("/pratica/"+id).vuole(http.StatusOK, "Parole che non devono andare perse.")

	// The same act, done by the other one: nothing to send any more.
	due.manda("/pratica/"+id+"/atto/presa_in_carico", presa).vuole(http.StatusUnprocessableEntity, append(chi, "Ora non puoi farlo")...).senza(`value="salva"`)

	// A form with something else to mend says it too, and does not let the old page pass for new.
	dove = "/pratica/" + id + "/atto/messaggio"
	v = due.modulo(dove, dove, "testo", "")
	una.fa(id, "nota", "nota", "Sentito il reparto.")
	due.manda(dove, v).vuole(http.StatusUnprocessableEntity, "Intanto la pratica è cambiata.", "Nota interna: Prova Clelia", `id="errore-testo"`)
	v.Set("fai", "controlla")
	due.manda(dove, v).vuole(http.StatusOK, "Nota interna: Prova Clelia")
	due.modulo(dove, dove)
	due.senza("Intanto la pratica")
}

// A number is typed as people type it, and is a number.
func TestAttoConUnNumero(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	id := p.registra()
	p.fa(id, "presa_in_carico")
	dove := "/pratica/" + id + "/atto/proroga"
	v := p.modulo(dove, dove, "motivo", "Manca un parere.", "giorni", "cinque")
	p.manda(dove, v).vuole(http.StatusUnprocessableEntity, "Scrivi un numero da 1 a 30.", `value="cinque"`)
	v.Set("giorni", " 5 ")
	p.manda(dove, v).vuole(http.StatusSeeOther)
}

// A version that is none does not stand for any.
func TestAttoVersioneStorta(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	dove := "/pratica/" + p.registra() + "/atto/nota"
	v := p.modulo(dove, dove, "nota", "Sentito il reparto.")
	for _, x := range []string{"x", "", "0", "-1", "1.0", "99999999999999999999"} {
		v.Set("versione", x)
		p.manda(dove, v).vuole(http.StatusBadRequest, "Ricaricala e riprova")
	}
	v.Set("versione", "1")
	p.manda(dove, v).vuole(http.StatusSeeOther)
}

// An act that is not the person's own shows no form, by whatever button it is asked.
func TestAttoDAltri(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	urp, az := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("domitilla", access.URPAziendale, "")
	id := urp.registra()
	urp.fa(id, "presa_in_carico")
	urp.fa(id, "informativa")
	dove := "/pratica/" + id + "/atto/bozza_risposta"
	v := az.modulo(dove, dove, "testo", "Gentile Ilaria, parole da tenere.", "fai", "controlla")
	az.manda(dove, v).vuole(http.StatusOK, "parole da tenere", `value="salva"`)
	urp.manda(dove, url.Values{"fai": {"controlla"}}).vuole(http.StatusForbidden, "non spetta al tuo ufficio").senza("<textarea")
	v.Del("di") // as if the page were the URP's own
	urp.manda(dove, v).vuole(http.StatusForbidden, "non spetta al tuo ufficio", "parole da tenere").senza(`name="fai"`)
	urp.manda("/pratica/"+id+"/atto/presa_in_carico", url.Values{"fai": {"controlla"}}).vuole(http.StatusForbidden)
}

// Who heads two structures that were asked says for which one he answers, before
// writing; an address of the other one never answers for this.
//
// ref: pga01 4.4.2
func TestPerQualeStruttura(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	urp := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	id := urp.registra()
	resp := u.entra("evaristo", access.Responsabile, strutturaA)
	if err := u.auth.Incarica(context.Background(), access.Sistema(u.Ente), resp.id, access.Incarico{Ruolo: access.Responsabile, Unita: strutturaB, Dal: day.In(u.Orologio.Now())}); err != nil {
		t.Fatal(err)
	}
	urp.fa(id, "presa_in_carico")
	u.chiedeA(id, strutturaA, strutturaB)
	dove := "/pratica/" + id + "/atto/chiarimenti"
	resp.vai(dove).vuole(http.StatusOK, "Per quale struttura rispondi?", "per="+strutturaA, "per="+strutturaB).senza("<textarea")
	resp.manda(dove, url.Values{"chiave": {unaVolta()}, "testo": {"Senza dire per chi."}}).vuole(http.StatusBadRequest)
	v := resp.modulo(dove+"?per="+strutturaB, dove+"?per="+strutturaB, "testo", "Risponde la seconda.")
	resp.manda(dove+"?per="+strutturaB, v).vuole(http.StatusSeeOther)
	resp.vai(dove+"?per="+strutturaB).vuole(http.StatusForbidden, "Questa struttura ha già risposto")
	resp.modulo(dove, dove+"?per="+strutturaA)
	f, err := u.Servizio.Apri(context.Background(), u.Chi(access.URPAziendale, ""), u.idDi(id))
	if err != nil || len(f.Richieste) != 2 || !f.Richieste[0].Risposta.IsZero() || f.Richieste[1].Testo.Apri() != "Risponde la seconda." {
		t.Fatalf("answers: %+v, %v", f.Richieste, err)
	}
}

// Who was only asked learns from no list, tag or filter which structure the case
// is about, nor whose code it has.
//
// ref: pga01 4.4.2
func TestSoloInterpellata(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		urp := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
		id := urp.registra()
		prima, macro := u.struttura(id)
		urp.fa(id, "presa_in_carico")
		u.chiedeA(id, strutturaB)
		resp := u.entra("evaristo", access.Responsabile, strutturaB)
		segreti := []string{nomeUnita(u.Ambiente, prima), nomeUnita(u.Ambiente, macro), "Da indicare", "Manda l'informativa"}
		elenchi := []string{"/lavoro", "/lavoro?vista=tutte", "/lavoro?vista=scadenze", "/lavoro?vista=richieste"}
		for _, dove := range append(elenchi, "/pratica/"+id, "/pratica/"+id+"/istruttoria", "/pratica/"+id+"/cronologia", "/pratica/"+id+"/stampa", "/pratica/"+id+"/atto/chiarimenti") {
			resp.vai(dove).vuole(http.StatusOK, nomeUnita(u.Ambiente, strutturaB))
			resp.senza(segreti...)
		}
		for _, x := range elenchi {
			dove := x + "?struttura=" + prima
			if strings.Contains(x, "?") {
				dove = x + "&struttura=" + prima
			}
			resp.vai(dove).vuole(http.StatusOK, "Nessun risultato.").senza("/pratica/" + id)
		}
		urp.vai("/lavoro?vista=tutte&struttura="+prima).vuole(http.StatusOK, "/pratica/"+id)
		f, err := u.Servizio.Apri(context.Background(), u.Chi(access.URPAziendale, ""), u.idDi(id))
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{"struttura:" + prima, `struttura:"pronto soccorso"`, f.Testa.Codice, "codice:" + f.Testa.Codice} {
			resp.manda("/cerca", url.Values{"q": {q}})
			resp.vai(resp.dove).vuole(http.StatusOK).senza("/pratica/" + id)
		}
	})
}

// An address of results that no page gave is said to be wrong, not taken for another.
func TestIndirizzoDeiRisultati(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	urp := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	for _, q := range []string{"", "attesa"} {
		urp.manda("/cerca", url.Values{"q": {q}}).vuole(http.StatusSeeOther)
		for _, x := range []string{"?dopo=", "?dopo=boh", "?dopo=.1&dopo=.2", "?x=1", "?dopo=.1&x=1"} {
			urp.vai("/cerca"+x).vuole(http.StatusUnprocessableEntity, "non è giusto")
		}
		urp.vai("/cerca").vuole(http.StatusOK)
		urp.vai("/cerca?dopo=.1").vuole(http.StatusOK)
	}
}

// A page speaks only of what its reader may do, and of his own dates.
func TestParoleDiChiLegge(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	urp := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	id := urp.registra()
	urp.fa(id, "presa_in_carico")
	urp.fa(id, "valutazione", "natura", "sanitaria", "danni", "esclusi")
	urp.fa(id, "informativa")
	u.chiedeA(id, strutturaA)
	u.Orologio.Avanza(5 * 24 * time.Hour)
	u.chiedeA(id, strutturaB)
	for unita, giorno := range map[string]string{strutturaA: "martedì 17 marzo 2026", strutturaB: "lunedì 23 marzo 2026"} {
		p := u.entra("resp."+strings.ToLower(unita), access.Responsabile, unita)
		p.vai("/pratica/"+id).vuole(http.StatusOK, "Entro "+giorno+": ")
	}
	vuoto := "/pratica/" + id + "/documenti"
	urp = u.entra("clelia.due", access.URP, "URP-SANTA-CHIARA")
	urp.vai(vuoto).vuole(http.StatusOK, "Nessun documento.", `<a href="/pratica/`+id+`/atto/integrazione">Aggiungi informazioni</a>`)
	u.entra("domitilla", access.URPAziendale, "").fa(id, "bozza_risposta", "testo", "Gentile Ilaria, ci scusiamo.")
	u.entra("cornelia", access.DirettoreSanitario, "").vai(vuoto).vuole(http.StatusOK, "Nessun documento.").senza("Aggiungi informazioni")
}

// Nobody comes in without a session, by any route; and a form whose session has
// ended says how not to lose what was typed.
func TestSenzaAccesso(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	estraneo := &persona{u: u, nome: "nessuno", biscotti: map[string]string{biscottoSessione: strings.Repeat("A", 43)}}
	s := &Server{Config: Config{Auth: u.auth, Viste: u.Store}}
	for _, x := range s.rotteScrivania() {
		dove := regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(x.Percorso, "x")
		switch {
		case x.Chi == nil:
		case x.Metodo == http.MethodGet:
			if estraneo.vai(dove); estraneo.stato != http.StatusSeeOther || estraneo.dove != "/entra?poi="+url.QueryEscape(dove) {
				t.Errorf("GET %s: %d %s", dove, estraneo.stato, estraneo.dove)
			}
		default:
			if estraneo.manda(dove, url.Values{}); estraneo.stato != http.StatusUnauthorized {
				t.Errorf("POST %s: %d", dove, estraneo.stato)
			}
		}
	}
}

func TestAccesso(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	c := p.testata.Values("Set-Cookie")[0]
	for _, x := range []string{"__Host-s=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(c, x) {
			t.Errorf("the session's cookie has no %s: %s", x, c)
		}
	}
	if strings.Contains(c, "Max-Age") || strings.Contains(c, "Expires") {
		t.Errorf("the session's cookie outlives the browser: %s", c)
	}
	p.vai("/entra?poi=/nuova")
	if p.stato != http.StatusSeeOther || p.dove != "/nuova" {
		t.Errorf("who is in already: %d %s", p.stato, p.dove)
	}
	p.vai("/profilo").vuole(http.StatusOK, "URP dell'Ospedale Santa Chiara", "1 sessione aperta")
	p.manda("/password", url.Values{"vecchia": {frasePassword}, "nuova": {"corta"}, "ancora": {"corta"}}).vuole(http.StatusUnprocessableEntity, "È troppo corta")
	p.manda("/password", url.Values{"vecchia": {frasePassword}, "nuova": {"uno due tre quattro lupi"}, "ancora": {"altro"}}).vuole(http.StatusUnprocessableEntity, "non sono uguali")
	p.manda("/password", url.Values{"vecchia": {frasePassword}, "nuova": {"uno due tre quattro lupi"}, "ancora": {"uno due tre quattro lupi"}}).vuole(http.StatusSeeOther)
	vecchio := p.biscotti[biscottoSessione]
	p.manda("/esci", nil).vuole(http.StatusSeeOther)
	p.biscotti[biscottoSessione] = vecchio
	if p.vai("/lavoro"); p.stato != http.StatusSeeOther {
		t.Errorf("a session that was ended still opens: %d", p.stato)
	}
	p.biscotti = map[string]string{}
	p.manda("/entra", url.Values{"utente": {"clelia"}, "password": {frasePassword}}).vuole(http.StatusUnauthorized, "Nome utente o password non sono giusti")
	p.manda("/entra", url.Values{"utente": {"clelia"}, "password": {"uno due tre quattro lupi"}, "poi": {"//altrove.example/x"}})
	if p.dove != "/lavoro" {
		t.Errorf("sign-in leads to %s", p.dove)
	}
	for poi, dove := range map[string]string{"/pratica/1?coda=firma": "/pratica/1?coda=firma", "https://altrove.example": "/lavoro", "//altrove": "/lavoro",
		`/\altrove`: "/lavoro", "": "/lavoro", "/entra": "/lavoro", "lavoro": "/lavoro", "javascript:alert(1)": "/lavoro"} {
		if got := localeSolo(poi); got != dove {
			t.Errorf("after sign-in, %q leads to %q", poi, got)
		}
	}
}

// Who has a password that somebody else chose opens nothing before changing it.
func TestPrimaPassword(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	capo := u.entra("leandra", access.Amministratore, "")
	chi, err := u.auth.Session(context.Background(), u.Ente, capo.biscotti[biscottoSessione])
	if err != nil {
		t.Fatal(err)
	}
	x, err := u.auth.AddPerson(context.Background(), chi.Chi, "nuova.persona", "Nuova Persona", frasePassword)
	if err != nil {
		t.Fatal(err)
	}
	p := &persona{u: u, id: x.ID, nome: "nuova", biscotti: map[string]string{}}
	p.manda("/entra", url.Values{"utente": {"nuova.persona"}, "password": {frasePassword}})
	for _, dove := range []string{"/lavoro", "/nuova", "/profilo"} {
		if p.vai(dove); p.dove != "/password" {
			t.Errorf("%s leads to %q", dove, p.dove)
		}
	}
	p.vai("/password").vuole(http.StatusOK, "Prima di cominciare")
	p.manda("/password", url.Values{"vecchia": {frasePassword}, "nuova": {"uno due tre quattro lupi"}, "ancora": {"uno due tre quattro lupi"}}).vuole(http.StatusSeeOther)
	p.vai("/lavoro").vuole(http.StatusOK)
}

func (u *ufficio) idDi(id string) (out [16]byte) {
	p, err := u.Servizio.Elenco(context.Background(), u.Chi(access.URPAziendale, ""), pratica.Filtro{Limite: 100})
	if err != nil {
		u.t.Fatal(err)
	}
	for _, r := range p.Righe {
		if r.ID.String() == id {
			return r.ID
		}
	}
	u.t.Fatalf("no case %s", id)
	return
}

func (u *ufficio) struttura(id string) (unita, macro string) {
	u.t.Helper()
	f, err := u.Servizio.Apri(context.Background(), u.Chi(access.URPAziendale, ""), u.idDi(id))
	if err != nil || f.Testa.Struttura == "" || f.Testa.Macro == "" {
		u.t.Fatalf("routing: %+v, %v", f, err)
	}
	return f.Testa.Struttura, f.Testa.Macro
}

func itoa(n int) string { return strconv.Itoa(n) }

func corpoConFile(t *testing.T, v url.Values, campo, nome string, contenuto []byte) (*bytes.Buffer, string) {
	t.Helper()
	var c bytes.Buffer
	m := multipart.NewWriter(&c)
	for k := range v {
		if err := m.WriteField(k, v.Get(k)); err != nil {
			t.Fatal(err)
		}
	}
	if nome != "" {
		p, err := m.CreateFormFile(campo, nome)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = p.Write(contenuto)
	}
	_ = m.Close()
	return &c, m.FormDataContentType()
}
