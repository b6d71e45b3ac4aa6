package web

import (
	"bytes"
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/flat"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

// arrivaUPT is a case that a citizen sends to the UPT.
func (u *uptBanco) arrivaUPT(registro, oggetto string) pratica.Ricevuta {
	u.t.Helper()
	r, err := u.Servizio.Registra(context.Background(), access.Cittadino(u.Ente, "web"), pratica.Nuova{Registro: registro, Canale: "web", Segnalazione: pratica.Chiudi(
		pratica.Segnalazione{Tipo: "reclamo", Oggetto: oggetto, Testo: "Nel reparto di zucconia hanno perso la protesi.", Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
			Segnalante: &pratica.Persona{Nome: "Ermenegilda", Cognome: "Vattelapesca", Email: "gilda@vattelapesca.example"}})})
	u.ok(err)
	return r
}

// fa does an act by the form of its page.
func (u *uptBanco) fa(cookie, caso, atto string, v url.Values) rispostaAdm {
	u.t.Helper()
	via := "/pratica/" + caso + "/atto/" + atto
	r := u.chiedi(cookie, "GET", via, "", nil)
	u.vuole(r, 200)
	v.Set("chiave", u.nascosto(r, "chiave"))
	v.Set("versione", u.nascosto(r, "versione"))
	v.Set("di", u.nascosto(r, "di"))
	return u.mandaDa(cookie, via, v)
}

// cercaUPT gives what a search finds, in the words of its page.
func (u *uptBanco) cercaUPT(cookie, q string) string {
	u.t.Helper()
	manda := func(r *http.Request, altri ...*http.Cookie) *httptest.ResponseRecorder {
		r.AddCookie(&http.Cookie{Name: biscottoSessione, Value: cookie})
		for _, k := range altri {
			r.AddCookie(k)
		}
		w := httptest.NewRecorder()
		u.h.ServeHTTP(w, r)
		return w
	}
	r := httptest.NewRequest(http.MethodPost, "/upt/cerca", strings.NewReader(valoriDi("q", q).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := manda(r)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/upt/cerca" {
		u.t.Fatalf("search: %d %s", w.Code, w.Header().Get("Location"))
	}
	return soloTesto(html.UnescapeString(manda(httptest.NewRequest(http.MethodGet, "/upt/cerca", nil), w.Result().Cookies()...).Body.String()))
}

// The UPT at its desk: what waits, a case with its acts, a search, a case taken in by
// telephone, the file of the URP that one of them reads; and with the key locked not
// one page, not one count.
//
// ref: lr33-2009 art. 23-bis
func TestScrivaniaUPT(t *testing.T) {
	u := uptApri(t)
	capo, operatore := u.fonda()
	urp := u.arrivaUPT(pratica.RegistroURP, "Pratica della URP")
	r := u.arrivaUPT(pratica.RegistroUPT, "Quadrifoglio smarrito")
	caso := r.ID.String()
	for _, c := range []string{capo, operatore} {
		u.vuole(u.chiedi(c, "GET", "/lavoro", "", nil), 303, "/upt")
		u.vuole(u.chiedi(c, "GET", "/upt", "", nil), 200, "Quadrifoglio smarrito", "UPT 2026/0000001", "Ermenegilda V.", "Santa Chiara", `action="/upt/cerca"><label class="vh"`)
		u.senza(u.chiedi(c, "GET", "/upt?vista=tutte", "", nil), "Pratica della URP")
	}
	u.vuole(u.chiedi(capo, "GET", "/upt?vista=aperte", "", nil), 200, "Quadrifoglio smarrito")
	u.vuole(u.chiedi(capo, "GET", "/upt?vista=boh", "", nil), 404)
	u.vuole(u.chiedi(capo, "GET", "/pratica/"+caso, "", nil), 200, "zucconia", "Vattelapesca", "Prendi in carico", "Come la chiama chi scrive")
	u.vuole(u.fa(capo, caso, "presa_in_carico", valoriDi()), 303)
	u.vuole(u.fa(operatore, caso, "classificazione", valoriDi("diritto", "rispetto")), 303)
	u.vuole(u.chiedi(operatore, "GET", "/pratica/"+caso+"/atto/risposta", "", nil), 403) // the head answers
	u.vuole(u.fa(capo, caso, "accesso_fascicolo", valoriDi("fascicolo", "2026/99", "motivo", "Perché sì.")), 422, "Non troviamo una pratica")
	u.vuole(u.fa(capo, caso, "accesso_fascicolo", valoriDi("fascicolo", "2026/1", "motivo", "Non è d'accordo con l'URP.")), 303)
	p := u.chiedi(capo, "GET", "/pratica/"+caso, "", nil)
	u.vuole(p, 200, "Rispetto della persona", "Pratica dell'URP 2026/1")
	concessa := trova(t, p, `href="(/pratica/[0-9a-f-]+/urp/[0-9a-f-]+)"`)[0]
	p = u.chiedi(capo, "GET", concessa, "", nil)
	u.vuole(p, 200, "Pratica della URP", "Solo lettura")
	u.senza(p, "/atto/", "/foglio/")
	u.vuole(u.chiedi(capo, "GET", "/pratica/"+urp.ID.String(), "", nil), 404)
	u.vuole(u.fa(capo, caso, "risposta", valoriDi("testo", "Gentile Ermenegilda, la protesi sarà rifatta.")), 303)
	u.vuole(u.chiedi(capo, "GET", "/pratica/"+caso+"/lettere", "", nil), 200)

	pacco := u.mandaDa(capo, "/pratica/"+caso+"/fascicolo", nil)
	u.vuole(pacco, 200)
	siVerifica(t, u.Banco, pacco.testo)

	for q, parola := range map[string]string{"vattelapesca": "Quadrifoglio smarrito", "parcheggio": "Nessun risultato", "tipo:boh": "Questo tipo non c"} {
		if testo := u.cercaUPT(capo, q); !strings.Contains(testo, parola) {
			t.Errorf("%s: no %q in %s", q, parola, testo)
		}
	}

	p = u.chiedi(operatore, "GET", "/upt/nuova", "", nil)
	u.vuole(p, 200, "Nuova segnalazione per l’UPT")
	azione := strings.ReplaceAll(trova(t, p, `action="(/upt/nuova[^"]+)"`)[0], "&amp;", "&")
	p = u.mandaDa(operatore, azione, valoriDi("canale", "telefono", "testo", "Al telefono racconta del camminamento rotto.", "cognome", "Telefonata", "fai", "registra", "di", u.nascosto(p, "di")))
	u.vuole(p, 201, "UPT 2026/0000002")
	u.vuole(u.chiedi(capo, "GET", "/upt", "", nil), 200, "camminamento")
	u.vuole(u.chiedi(capo, "GET", "/upt/archivio", "", nil), 200, "Niente da eliminare")
	p = u.chiedi(capo, "GET", "/upt/accessi", "", nil)
	u.vuole(p, 200, "UPT 2026/0000001", "una pratica dell'URP")
	u.senza(p, "Quadrifoglio")

	// With two members signed in, the disk says nothing of it.
	for _, dove := range u.Tracce(t, "Vattelapesca", "vattelapesca", "Quadrifoglio", "camminamento", "Telefonata", "sarà rifatta", "d'accordo con l'URP") {
		if !strings.Contains(dove, "packed") || !strings.Contains(dove, "statico") {
			t.Error(dove)
		}
	}

	u.vuole(u.mandaDa(capo, "/chiavi/blocca", nil), 303)
	pagine := []string{"/upt", "/upt?vista=tutte", "/upt/cerca", "/upt/nuova", "/upt/archivio", "/upt/accessi", "/upt/registrazioni", "/upt/registrazioni/stampa", "/upt/registrazioni/giornalieri", "/upt/registrazioni/giornalieri/2026-03-02", concessa}
	for _, via := range pagine {
		p := u.chiedi(capo, "GET", via, "", nil)
		if p.stato != 303 || !strings.HasPrefix(p.dove, "/chiavi/sblocca") {
			t.Errorf("locked, %s: %d %s", via, p.stato, p.dove)
		}
	}
	for _, via := range []string{"", "/cronologia", "/atto/nota", "/foglio/1"} {
		u.vuole(u.chiedi(capo, "GET", "/pratica/"+caso+via, "", nil), 404, "prima sblocca la tua chiave")
	}
	p = u.mandaDa(capo, "/pratica/"+caso+"/atto/nota", valoriDi("chiave", unaVolta(), "nota", "Una nota che aspetta."))
	u.vuole(p, 200, "Quello che hai scritto non è perso")
	u.vuole(u.mandaDa(capo, "/chiavi/sblocca", valoriDi("modulo", u.nascosto(p, "modulo"), "frase", u.frasi["capo"])), 303, "/pratica/"+caso)
	u.vuole(u.chiedi(capo, "GET", "/pratica/"+caso+"/cronologia", "", nil), 200, "Una nota che aspetta")
	u.vuole(u.mandaDa(capo, "/chiavi/blocca", nil), 303)
	p = u.chiedi(capo, "GET", "/profilo", "", nil)
	u.vuole(p, 200)
	if conto := regexp.MustCompile(`href="/upt"[^>]*>.*?<span class="n">`).FindString(p.testo); conto != "" {
		t.Errorf("locked, the menu counts: %s", conto)
	}
	u.vuole(u.chiedi(operatore, "GET", "/pratica/"+caso, "", nil), 200)
	u.vuole(u.leggi("/upt"), 403) // the administrator
	f, err := u.Servizio.Segui(context.Background(), u.Ente, r.Codice, r.Chiave)
	u.ok(err)
	if !slices.ContainsFunc(f.Letture, func(l pratica.Lettura) bool { return access.Ruolo(l.Ufficio) == access.UPT }) {
		t.Error("who reported does not see that the UPT read it")
	}
}

// A document of a case of the UPT goes to a structure as pictures, made in the session
// of a member: the structure gets the copy, and the disk keeps no word of it.
//
// ref: pga01 4.4.2
func TestCopiaDellUPT(t *testing.T) {
	u := uptApri(t)
	h, err := New(Config{Servizio: u.Servizio, Auth: u.auth, EnteID: u.Ente, Now: u.Orologio.Now, Bozze: u.Store, Blobs: u.Blobs, Anello: u.Anello, Viste: u.Store,
		Ambienti: u.amb, Custody: u.custodia(), Ente: Ente{Nome: "ASST Montelago", Telefono: "800 000 000"}, Copie: &flat.Maker{Child: figlioDiProva}})
	u.ok(err)
	u.h = h
	capo, _ := u.fonda()
	x := &ufficio{Banco: u.Banco, t: t, h: h, auth: u.auth}
	p := &persona{u: x, id: u.id["capo"], nome: "capo", biscotti: map[string]string{biscottoSessione: capo}}
	v := p.modulo("/upt/nuova", "/upt/nuova", "canale", "lettera", "testo", "Ho aspettato nove ore.", "oggetto", "Attesa", "nome", "Ilaria", "cognome", "Pettirosso", "telefono", "0376 555 0142")
	corpo, tipo := corpoConFile(t, v, "documenti", "Lettera Pettirosso.pdf", letteraPDF("Sono Ilaria Pettirosso, telefono 0376 555 0142. Ho visto la zanzariera rotta."))
	r := httptest.NewRequest(http.MethodPost, regexp.MustCompile(`action="(/upt/nuova\?modulo=[^"]+)"`).FindStringSubmatch(p.pagina)[1], corpo)
	r.Header.Set("Content-Type", tipo)
	p.chiedi(r)
	p.vuole(http.StatusCreated)
	b := &banco{persona: p, id: regexp.MustCompile(`/pratica/([0-9a-f-]{36})`).FindStringSubmatch(p.pagina)[1]}
	if strings.Contains(p.vai("/pratica/"+b.id+"/documenti").pagina, "/copia/") {
		t.Error("copies before anybody can be asked")
	}
	p.fa(b.id, "presa_in_carico")
	b.dove = regexp.MustCompile(`/pratica/` + b.id + `/copia/[0-9a-f-]{36}`).FindString(p.vai("/pratica/" + b.id + "/documenti").pagina)
	p.vai(b.dove).vuole(http.StatusOK, "Pagina 1 di 1", "Pettirosso", "telefono, sicuro")
	p.vai(b.dove + "/pagina/1").vuole(http.StatusOK)
	p.vai(b.dove)
	b.premi(http.StatusSeeOther, "altre", "", "altre", "zanzariera")
	b.premi(http.StatusSeeOther, "guardata", "")
	b.premi(http.StatusSeeOther, "finisci", "").vuole(http.StatusOK, "La copia è pronta")
	p.vai(b.dove + "/pronta").vuole(http.StatusOK)

	unita := u.amb.Di(u.Ente).Organigramma.Attive(u.Servizio.Oggi())[5]
	atto, file := "/pratica/"+b.id+"/atto/richiesta_informazioni", b.dove[strings.LastIndex(b.dove, "/")+1:]
	p.vai(atto).vuole(http.StatusOK, "Documenti da mandare", "Lettera Pettirosso.pdf", "copia pronta, 1 pagina")
	s := &scrittoio{persona: p, dove: atto}
	s.leggi()
	s.premi(http.StatusSeeOther, "salva", "unita-0", nomeSuggerito(u.amb.Di(u.Ente).Organigramma, unita.ID), "quesito", "Che cosa è successo?", "copia-0", "Nove ore di attesa.", "file", "0."+file)
	p.vai("/pratica/"+b.id+"/istruttoria").vuole(http.StatusOK, "copia-2026-0000001-1.pdf")

	u.aggiungi("rocco", access.Responsabile, unita.ID)
	resp := &persona{u: x, nome: "rocco", biscotti: map[string]string{biscottoSessione: u.entra("rocco", frasePassword)}}
	resp.vai("/pratica/"+b.id).vuole(http.StatusOK, "copia-2026-0000001-1.pdf", "Sono copie").senza("Pettirosso")
	resp.vai(b.dove).vuole(http.StatusForbidden)
	resp.vai("/pratica/" + b.id + "/file/" + file).vuole(http.StatusNotFound)
	w := resp.prendi(regexp.MustCompile(`/pratica/` + b.id + `/file/[0-9a-f-]{36}`).FindString(resp.vai("/pratica/" + b.id).pagina))
	if !strings.HasPrefix(w.Body.String(), "%PDF") || strings.Contains(w.Body.String(), "Pettirosso") {
		t.Error("the structure does not get the copy")
	}
	u.aggiungi("clelia", access.URPAziendale, "")
	urp := &persona{u: x, nome: "clelia", biscotti: map[string]string{biscottoSessione: u.entra("clelia", frasePassword)}}
	urp.vai(b.dove).vuole(http.StatusNotFound)
	for _, dove := range u.Tracce(t, "Pettirosso", "zanzariera", "0376 555 0142") {
		if !strings.Contains(dove, "packed") || !strings.Contains(dove, "statico") {
			t.Error(dove)
		}
	}
	u.vuole(u.mandaDa(capo, "/chiavi/blocca", nil), 303)
	p.vai(b.dove).vuole(http.StatusNotFound)
	p.vai(b.dove + "/pronta").vuole(http.StatusNotFound)
}

// seguiLink follows every address of a page that begins so: each one is there.
func (u *uptBanco) seguiLink(cookie string, p rispostaAdm, via string) {
	u.t.Helper()
	for _, l := range trova(u.t, p, `href="(`+via+`[^"]*)"`) {
		u.vuole(u.chiedi(cookie, "GET", l, "", nil), 200)
	}
}

// Wherever a case is only read, its page links to what is there for who reads it, and to
// nothing of the desk's: documents, those that went to a structure too, are found.
//
// ref: lr33-2009 art. 23-bis
func TestLinkDiChiLegge(t *testing.T) {
	u := uptApri(t)
	u.Servizio.Holding = u.auth.Holding
	capo, _ := u.fonda()
	u.aggiungi("dina", access.URPAziendale, "")
	dina := u.entra("dina", frasePassword)
	u.id["anna"] = u.aggiungi("anna", access.Commissione, "")
	anna := u.entra("anna", frasePassword)
	u.id["aiuto"] = u.aggiungi("aiuto", access.UPTOperatore, "")
	aiuto := u.chiave("aiuto")
	sua := trova(t, u.chiedi(aiuto, "GET", "/chiavi", "", nil), `id="mia-impronta">([^<]+)<`)[0]
	u.vuole(u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", u.id["aiuto"], "impronta", sua, "posto", "assistente")), 303)
	upt, urp := u.arrivaUPT(pratica.RegistroUPT, "Quadrifoglio smarrito").ID.String(), u.arrivaUPT(pratica.RegistroURP, "Trifoglio trovato").ID.String()
	for chi, caso := range map[string]string{capo: upt, dina: urp} {
		u.vuole(u.fa(chi, caso, "presa_in_carico", valoriDi()), 303)
		u.vuole(u.fa(chi, caso, "convocazione_seduta", valoriDi("seduta_il", u.oggi().String(), "legge_dal", u.oggi().String(), "legge_al", u.oggi().Add(5).String(),
			"leggono", "tutto", "motivo", "Serve.", "membri", u.id["anna"])), 303)
	}
	u.vuole(u.fa(capo, upt, "affidamento", valoriDi("assistente", u.id["aiuto"], "fino", u.oggi().Add(9).String())), 303)
	u.vuole(u.fa(capo, upt, "accesso_fascicolo", valoriDi("fascicolo", "2026/1", "motivo", "Lo chiede chi scrive.")), 303)
	for _, x := range []struct{ cookie, via string }{{aiuto, "/affidate/" + upt}, {anna, "/sedute/" + upt}, {anna, "/sedute/" + urp}, {capo, "/pratica/" + upt + "/urp/" + urp}} {
		p := u.chiedi(x.cookie, "GET", x.via, "", nil)
		u.vuole(p, 200, "Solo lettura")
		if l := regexp.MustCompile(`href="(/(pratica|lavoro|archivio|upt)[^"]*)"`).FindAllString(regexp.MustCompile(`(?s)<main.*</main>`).FindString(p.testo), -1); x.cookie != capo && l != nil {
			t.Errorf("%s leads to the desk: %v", x.via, l)
		}
		if strings.Contains(p.testo, x.via+"/stampa") {
			u.seguiLink(x.cookie, p, x.via)
		}
	}
	f := &pratica.Fascicolo{Richieste: []pratica.RichiestaVista{{File: []pratica.FileVisto{{}}}}}
	if v := richieste(u.Servizio.Ambiente(u.Ente), f, "/affidate/x", "", u.oggi()); !strings.HasPrefix(v[0].File[0].Link, "/affidate/x/file/") {
		t.Errorf("a document that went to a structure is at %s", v[0].File[0].Link)
	}

	// An assistant who works nowhere else begins with what he was given.
	u.vuole(u.chiedi(aiuto, "GET", "/lavoro", "", nil), 303, "/affidate")
	u.vuole(u.mandaDa(aiuto, "/chiavi/blocca", nil), 303)
	u.vuole(u.chiedi(aiuto, "GET", "/lavoro", "", nil), 303, "/upt")
	u.vuole(u.mandaDa(aiuto, "/chiavi/sblocca", valoriDi("frase", u.frasi["aiuto"], "poi", "/upt")), 303, "/affidate")
}

// An assistant reads the one case that a member gave him, through pages of his own, until
// it is taken back; everything else of the UPT is shut to him.
//
// ref: lr33-2009 art. 23-bis
func TestAssistente(t *testing.T) {
	u := uptApri(t)
	capo, _ := u.fonda()
	r, altra := u.arrivaUPT(pratica.RegistroUPT, "Quadrifoglio smarrito"), u.arrivaUPT(pratica.RegistroUPT, "Altra faccenda")
	caso := r.ID.String()
	u.id["aiuto"] = u.aggiungi("aiuto", access.UPTOperatore, "")
	u.ok(u.auth.Incarica(context.Background(), access.Sistema(u.Ente), u.id["aiuto"], access.Incarico{Ruolo: access.URP, Unita: "URP-SANTA-CHIARA", Dal: u.oggi()}))
	aiuto := u.chiave("aiuto")
	p := u.chiedi(aiuto, "GET", "/chiavi", "", nil)
	u.vuole(p, 200, "/affidate")
	sua := trova(t, p, `id="mia-impronta">([^<]+)<`)[0]
	p = u.chiedi(capo, "GET", "/chiavi", "", nil)
	u.vuole(p, 200, "Tutte le pratiche")
	u.senza(p, "checked") // nobody reads everything because nothing was chosen
	u.vuole(u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", u.id["aiuto"], "impronta", sua)), 422, "Scegli che cosa leggerà.", sua)
	u.vuole(u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", u.id["aiuto"], "impronta", sua, "posto", "assistente")), 303)
	u.vuole(u.chiedi(aiuto, "GET", "/affidate", "", nil), 200, "Nessuna.")
	qui := "/affidate/" + caso
	u.vuole(u.chiedi(aiuto, "GET", qui, "", nil), 404)

	u.vuole(u.fa(capo, caso, "presa_in_carico", valoriDi()), 303)
	p = u.chiedi(capo, "GET", "/pratica/"+caso+"/atto/affidamento", "", nil)
	u.vuole(p, 200, "Prova aiuto", "Fino al")
	u.senza(p, "Prova operatore") // reads all cases already
	u.vuole(u.fa(capo, caso, "affidamento", valoriDi("assistente", u.id["aiuto"])), 422)
	u.vuole(u.fa(capo, caso, "affidamento", valoriDi("assistente", u.id["aiuto"], "fino", u.oggi().Add(-2).String())), 422, "da oggi a un anno")
	u.vuole(u.fa(capo, caso, "affidamento", valoriDi("assistente", u.id["operatore"], "fino", u.oggi().Add(9).String())), 303)
	u.vuole(u.fa(capo, caso, "affidamento", valoriDi("assistente", u.id["aiuto"], "fino", u.oggi().Add(9).String())), 303)
	u.vuole(u.chiedi(capo, "GET", "/pratica/"+caso, "", nil), 200, "Affidata a", "Prova aiuto, ultimo giorno ")
	u.vuole(u.chiedi(capo, "GET", "/pratica/"+caso+"/cronologia", "", nil), 200, "Affidata a un assistente", "Prova aiuto")

	p = u.chiedi(aiuto, "GET", "/affidate", "", nil)
	u.vuole(p, 200, "UPT 2026/0000001", qui)
	u.senza(p, "0000002", "Quadrifoglio")
	p = u.chiedi(aiuto, "GET", qui, "", nil)
	u.vuole(p, 200, "Quadrifoglio smarrito", "Vattelapesca", "Solo lettura")
	u.senza(p, "/atto/", "/foglio/", "/pratica/"+caso)
	u.seguiLink(aiuto, p, "/affidate/")
	u.vuole(u.chiedi(aiuto, "GET", qui+"/stampa", "", nil), 200, "Stampata da Prova aiuto")
	u.vuole(u.chiedi(aiuto, "GET", "/affidate/"+altra.ID.String(), "", nil), 404)
	for _, via := range []string{"", "/cronologia", "/documenti", "/atto/nota", "/foglio/1"} {
		u.vuole(u.chiedi(aiuto, "GET", "/pratica/"+caso+via, "", nil), 404)
	}
	for _, via := range []string{"/upt", "/upt/cerca", "/upt/nuova", "/upt/accessi", "/upt/archivio", "/upt/registrazioni"} {
		u.vuole(u.chiedi(aiuto, "GET", via, "", nil), 303, "/chiavi")
	}
	for _, via := range []string{"/lavoro?vista=tutte", "/nuova", "/profilo"} {
		u.senza(u.chiedi(aiuto, "GET", via, "", nil), "Quadrifoglio", "UPT 2026/0000001")
	}
	for _, c := range []string{capo, u.cookie} {
		if p := u.chiedi(c, "GET", qui, "", nil); p.stato != 404 && p.stato != 403 {
			t.Errorf("not his: %d", p.stato)
		}
	}
	u.vuole(u.chiedi(capo, "GET", "/upt/accessi", "", nil), 200, "Prova aiuto")

	u.vuole(u.mandaDa(aiuto, "/chiavi/blocca", nil), 303)
	u.vuole(u.chiedi(aiuto, "GET", qui, "", nil), 303, "/chiavi/sblocca")
	u.vuole(u.mandaDa(aiuto, "/chiavi/sblocca", valoriDi("frase", u.frasi["aiuto"], "poi", qui)), 303, qui)
	u.vuole(u.chiedi(aiuto, "GET", qui, "", nil), 200, "Quadrifoglio smarrito")
	u.vuole(u.fa(capo, caso, "fine_affidamento", valoriDi()), 303)
	u.vuole(u.chiedi(aiuto, "GET", qui, "", nil), 404)
	u.senza(u.chiedi(aiuto, "GET", "/affidate", "", nil), qui)

	// Who leaves the roll reads nothing more, whatever he was given; back in it, neither.
	togli := "/chiavi/togli/" + u.id["aiuto"]
	u.senza(u.chiedi(capo, "GET", togli, "", nil), "gli avete affidato")
	u.vuole(u.fa(capo, caso, "affidamento", valoriDi("assistente", u.id["aiuto"], "fino", u.oggi().Add(9).String())), 303)
	u.vuole(u.chiedi(aiuto, "GET", qui, "", nil), 200, "Quadrifoglio smarrito")
	u.vuole(u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", u.id["aiuto"], "impronta", sua, "posto", "assistente")), 409, "è già assistente", "Non è cambiato niente")
	u.vuole(u.chiedi(aiuto, "GET", qui, "", nil), 200, "Quadrifoglio smarrito")
	u.vuole(u.chiedi(capo, "GET", togli, "", nil), 200, "1 pratica", "gli avete affidato", "non le ritrova")
	u.vuole(u.mandaDa(capo, togli, valoriDi("x", "")), 303, "fatto=tolta")
	u.vuole(u.chiedi(aiuto, "GET", qui, "", nil), 404)
	u.senza(u.chiedi(capo, "GET", "/pratica/"+caso, "", nil), "Prova aiuto, ultimo giorno")
	u.vuole(u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", u.id["aiuto"], "impronta", sua, "posto", "assistente")), 303)
	u.vuole(u.chiedi(aiuto, "GET", qui, "", nil), 404)
}

// The head of the UPT publishes its procedure, checked as the URP's is; the
// administrator neither sees that page nor publishes it from his own.
func TestRegolamentoUPT(t *testing.T) {
	u := uptApri(t)
	capo, operatore := u.fonda()
	u.vuole(u.chiedi(capo, "GET", viaRegUPT, "", nil), 200, "Regolamento dell’UPT", "upt-lombardia", "In vigore dal", "Lo cambi solo tu", "Informazioni della struttura")
	for _, c := range []string{operatore, u.cookie} {
		for _, via := range []string{"", "/carica", "/prova"} {
			u.vuole(u.chiedi(c, "GET", viaRegUPT+via, "", nil), 403)
		}
		u.vuole(u.mandaDa(c, viaRegUPT+"/carica", valoriDi("pronto", "upt-lombardia")), 403)
		u.vuole(u.mandaDa(c, viaRegUPT+"/pubblica", valoriDi("hash", "x", "dal", u.oggi().String())), 403)
	}
	testo, err := regolamento.Testo("upt-lombardia")
	u.ok(err)
	nuovo := bytes.Replace(testo, []byte(`versione: "1"`), []byte(`versione: "1 bis"`), 1)
	u.vuole(u.carica(viaReg+"/carica", map[string][]byte{"file": nuovo}), 422, "registro: urp")
	u.senza(u.leggi(viaReg+"/carica"), "upt-lombardia")
	u.vuole(u.manda(viaReg+"/carica", valoriDi("pronto", "upt-lombardia")), 422)

	loro := u.cookie
	u.cookie = capo // who loads is the head
	u.vuole(u.leggi(viaRegUPT+"/carica"), 200, "upt-lombardia", `action="/upt/regolamento/carica"`)
	u.senza(u.leggi(viaRegUPT+"/carica"), "pga01")
	u.vuole(u.manda(viaRegUPT+"/carica", valoriDi("pronto", "pga01")), 422, "registro: upt")
	u.vuole(u.carica(viaRegUPT+"/carica", map[string][]byte{"file": append(bytes.Clone(nuovo), []byte("\nsorpresa: 1\n")...)}), 422, "sorpresa")
	u.vuole(u.carica(viaRegUPT+"/carica", map[string][]byte{"file": nuovo}), 303, viaRegUPT+"/prova")
	p := u.leggi(viaRegUPT + "/prova")
	for n := 0; strings.Contains(p.testo, "Il controllo è in corso") && n < 600; n++ {
		time.Sleep(100 * time.Millisecond)
		p = u.leggi(viaRegUPT + "/prova")
	}
	u.vuole(p, 200, "Il controllo è passato", "versione 1 bis")
	v := valoriDi("hash", u.nascosto(p, "hash"), "prima", u.nascosto(p, "prima"), "dal", u.oggi().String())
	u.cookie = loro
	u.vuole(u.leggi(viaReg+"/prova"), 303) // what the head loaded is not the administrator's
	u.vuole(u.manda(viaReg+"/pubblica", v), 409)
	urp := u.amb.Di(u.Ente).Regolamento.Hash()
	u.vuole(u.mandaDa(capo, viaRegUPT+"/pubblica", valoriDi("hash", v.Get("hash"), "prima", v.Get("prima"), "dal", "2020-01-01")), 422)
	u.vuole(u.mandaDa(capo, viaRegUPT+"/pubblica", v), 303, viaRegUPT)
	u.vuole(u.mandaDa(capo, viaRegUPT+"/pubblica", v), 303, viaRegUPT) // sent twice
	amb := u.amb.Di(u.Ente)
	if got := amb.Del(pratica.RegistroUPT).Regolamento.Versione(); got != "1 bis" || amb.Regolamento.Hash() != urp {
		t.Errorf("in force for the UPT: %s", got)
	}
	u.vuole(u.chiedi(capo, "GET", viaRegUPT+"?fatto=regolamento", "", nil), 200, "1 bis")
	u.vuole(u.mandaDa(capo, "/chiavi/blocca", nil), 303)
	u.vuole(u.chiedi(capo, "GET", viaRegUPT, "", nil), 303, "/chiavi/sblocca")
}
