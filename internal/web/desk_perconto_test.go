package web

import (
	"strings"
	"testing"

	"tutela/internal/access"
)

// The URP's desk takes in for the UPT: told before and after that it reads no more, it
// finds nothing of it in any list, search, hint, page or record; before the founding it
// is told whom to call, and nothing typed is lost.
//
// ref: lr33-2009 art. 23-bis
func TestSportelloPerUPT(t *testing.T) {
	u := uptApri(t)
	u.aggiungi("clelia", access.URP, "URP-SANTA-CHIARA")
	u.aggiungi("dina", access.URPAziendale, "")
	u.aggiungi("rocco", access.Responsabile, "51201")
	u.aggiungi("garante", access.DPO, "")
	urp := u.entra("clelia", frasePassword)
	scritto := func(altri ...string) []string {
		return append([]string{"canale", "sportello", "testo", "Al banco racconta del bugigattolo allagato.", "oggetto", "Bugigattolo allagato", "nome", "Teodolinda", "cognome", "Quaglia", "email", "teodolinda@quaglia.example"}, altri...)
	}
	azioni := func(p rispostaAdm, via string) string {
		return strings.ReplaceAll(trova(t, p, `action="(`+via+`\?modulo=[^"]+)"`)[0], "&amp;", "&")
	}
	p := u.chiedi(urp, "GET", "/nuova", "", nil)
	u.vuole(p, 200, "L’UPT non riceve ancora", "800 000 000")
	u.senza(p, "Passala all’UPT")
	p = u.chiedi(urp, "GET", viaPerConto, "", nil)
	u.vuole(p, 200, "non riceve ancora", "800 000 000")
	p = u.mandaDa(urp, azioni(p, viaPerConto), valoriDi(scritto("fai", "registra", "di", u.nascosto(p, "di"))...))
	u.vuole(p, 422, "non è stato registrato nulla", "bugigattolo", "Passala all’URP")

	capo, _ := u.fonda()
	u.vuole(u.chiedi(u.entra("rocco", frasePassword), "GET", viaPerConto, "", nil), 403)
	u.vuole(u.chiedi(capo, "GET", viaPerConto, "", nil), 403) // the UPT has its own form

	// Begun for the URP, and then the person says for whom it is.
	p = u.chiedi(urp, "GET", "/nuova", "", nil)
	u.vuole(p, 200, `href="/nuova/upt"`, "Passala all’UPT")
	p = u.mandaDa(urp, strings.ReplaceAll(trova(t, p, `formaction="([^"]+)"`)[0], "&amp;", "&"), valoriDi(scritto("fai", "cambia", "di", u.nascosto(p, "di"))...))
	u.vuole(p, 200, "Dopo «Registra» non la leggi più", "bugigattolo", "Quaglia", `autocomplete="off"`)
	u.senza(p, "Cerca doppioni")
	azione := azioni(p, viaPerConto)
	corpo := valoriDi(scritto("fai", "registra", "di", u.nascosto(p, "di"))...)
	p = u.mandaDa(urp, azione, corpo)
	u.vuole(p, 201, "UPT 2026/0000001", "non la leggi e non la trovi più", "Ufficio di Pubblica Tutela", "chiama l’URP e chiedi dell’UPT: 800 000 000", "solo l’UPT può dartene", `href="/nuova/upt"`)
	u.senza(p, "Apri la pratica", "Se la perdi, chiama")
	caso := trova(t, u.chiedi(capo, "GET", "/upt", "", nil), `href="/pratica/([0-9a-f-]{36})`)[0]
	u.senza(p, caso)
	chiave := trova(t, p, `<h2>Chiave</h2><p class="code">([^<]+)<`)[0]
	u.vuole(u.mandaDa(urp, azione, corpo), 201, chiave) // sent twice, registered once
	p = u.mandaDa(urp, strings.Replace(azione, viaPerConto, "/nuova", 1), corpo)
	u.vuole(p, 422, "già registrata") // and not for the other office
	u.senza(p, chiave, caso)

	parole := []string{"ugigattolo", "Quaglia", "quaglia", caso}
	for _, cookie := range []string{urp, u.entra("dina", frasePassword), u.entra("rocco", frasePassword), u.entra("garante", frasePassword), u.cookie} {
		for _, via := range []string{"", "/cronologia", "/documenti", "/stampa", "/atto/nota", "/foglio/1"} {
			u.vuole(u.chiedi(cookie, "GET", "/pratica/"+caso+via, "", nil), 404)
		}
		for _, via := range []string{"/lavoro", "/lavoro?vista=tutte", "/lavoro?vista=scadenze", "/nuova", viaPerConto, "/accessi", "/archivio", "/profilo"} {
			u.senza(u.chiedi(cookie, "GET", via, "", nil), parole...)
		}
	}
	p = u.chiedi(urp, "GET", "/nuova", "", nil)
	p = u.mandaDa(urp, azioni(p, "/nuova"), valoriDi(scritto("fai", "doppioni", "di", u.nascosto(p, "di"))...))
	u.vuole(p, 200, "Nessuna segnalazione della stessa persona")
	u.vuole(u.chiedi(capo, "GET", "/upt", "", nil), 200, "Bugigattolo allagato", "Teodolinda Q.")
	u.vuole(u.chiedi(capo, "GET", "/pratica/"+caso+"/cronologia", "", nil), 200, "Prova clelia")
	for _, dove := range u.Tracce(t, "ugigattolo", "Quaglia", "quaglia") {
		if !strings.Contains(dove, "packed") || !strings.Contains(dove, "statico") {
			t.Error(dove)
		}
	}
}

// How to reach the UPT is for its head to say: who writes to it reads that, and the
// URP's telephone, in honest words, while nothing is said.
func TestContattoUPT(t *testing.T) {
	u := uptApri(t)
	capo, operatore := u.fonda()
	u.aggiungi("clelia", access.URP, "URP-SANTA-CHIARA")
	vuole := func(parole ...string) {
		t.Helper()
		sportello := u.entra("clelia", frasePassword)
		p := u.chiedi(sportello, "GET", viaPerConto, "", nil)
		p = u.mandaDa(sportello, strings.ReplaceAll(trova(t, p, `action="(/nuova/upt\?modulo=[^"]+)"`)[0], "&amp;", "&"), valoriDi("canale", "telefono", "testo", "Prova.", "cognome", "Prova", "fai", "registra", "di", u.nascosto(p, "di")))
		u.vuole(p, 201, parole...)
	}
	vuole("chiedi dell’UPT: 800 000 000")
	for _, c := range []string{operatore, u.cookie} {
		u.vuole(u.chiedi(c, "GET", "/upt/contatto", "", nil), 403)
		u.vuole(u.mandaDa(c, "/upt/contatto", valoriDi("telefono", "0372 111 222")), 403)
	}
	u.vuole(u.mandaDa(capo, "/upt/contatto", valoriDi("telefono", "chiamami", "email", "no", "orari", "il martedì")), 422, "Scrivi un numero", "Scrivi un indirizzo", "il martedì")
	u.vuole(u.mandaDa(capo, "/upt/contatto", valoriDi("telefono", "0372 111 222", "orari", "il martedì", "email", "upt@montelago.example", "indirizzo", "via dei Mille 3")), 303)
	u.vuole(u.chiedi(capo, "GET", "/upt/contatto?fatto=si", "", nil), 200, "Salvato", "0372 111 222", "via dei Mille 3")
	vuole("Tel. 0372 111 222", "il martedì", "via dei Mille 3")
	e := *u.amb.Ente(u.Ente) // what the administrator saves leaves it as it is
	p := u.leggi("/amministrazione/ente")
	u.vuole(u.manda("/amministrazione/ente", valoriDi("versione", u.nascosto(p, "versione"), "nome", e.Nome, "telefono", "800 111 333", "upt", "x")), 303)
	vuole("Tel. 0372 111 222")
	u.vuole(u.mandaDa(capo, "/chiavi/blocca", nil), 303)
	u.vuole(u.mandaDa(capo, "/upt/contatto", valoriDi("telefono", "0372 999 999")), 200, "Quello che hai scritto non è perso")
	if got := u.amb.Ente(u.Ente).UPT.Telefono; got != "0372 111 222" {
		t.Errorf("with the key locked: %s", got)
	}
}
