package web

import (
	"net/url"
	"strconv"

	"tutela/internal/access"
	"tutela/internal/organigramma"
	"tutela/internal/vault"
)

// richiesta is a way to ask a route: address, body, statuses; da is the first
// stage at which it makes sense.
type richiesta struct {
	via   string
	corpo url.Values
	stati stati
	da    int
}

func valoriDi(coppie ...string) url.Values {
	out := url.Values{}
	for i := 0; i < len(coppie); i += 2 {
		out.Add(coppie[i], coppie[i+1])
	}
	return out
}

// sempre is a status that is everybody's; the doors of staff pages answer first.
func sempre(n int) stati { return stati{"*": n} }

// idStorti are no ids.
var idStorti = []string{"x", "..%2f..%2fentra", "%00", "00000000-0000-0000-0000-00000000000g"}

// matrice is what every route answers.
func matrice(c *camminata) map[string][]richiesta {
	caso := "/pratica/" + c.ric.ID.String()
	m, da := map[string][]richiesta{}, iniziale
	metti := func(nome, via string, x stati, corpi ...url.Values) {
		if len(corpi) == 0 {
			corpi = []url.Values{nil}
		}
		for _, k := range corpi {
			m[nome] = append(m[nome], richiesta{via, k, x, da})
		}
	}
	pubbliche(metti)
	scrivania(metti)
	amministra(c, metti)
	chiavi(metti)
	upt(c, metti)
	sedute(c, metti)

	// The case.
	vede, intero := perVista(access.Elencare, 0), perVista(access.VedereNucleo, 404)
	nascosto := sempre(404)
	metti("GET /pratica/{id}", caso, vede)
	metti("GET /pratica/{id}", caso+"?coda=tutte&fatto=nota", vede)
	for _, x := range sezioni[1:] {
		metti("GET /pratica/{id}/{sezione}", caso+"/"+x.Nome, vede)
	}
	metti("GET /pratica/{id}/{sezione}", caso+"/stampa", vede)
	metti("GET /pratica/{id}/{sezione}", caso+"/boh", nascosto)
	metti("GET /pratica/{id}/file/{file}", caso+"/file/"+c.file["cittadino"].String(), intero)
	metti("GET /pratica/{id}/file/{file}", caso+"/file/"+c.assente.String(), nascosto)
	if b := c.file["B"]; b != (vault.ID{}) {
		metti("GET /pratica/{id}/file/{file}", caso+"/file/"+b.String(), intero)
	}
	copia := caso + "/copia/" + c.file["cittadino"].String()
	metti("GET /pratica/{id}/copia/{file}", copia, stati{"niente": 404, "*": 403}) // here no child opens files
	metti("POST /pratica/{id}/copia/{file}", copia, stati{"niente": 404, "*": 403}, nil, valoriDi("fai", "guardata"))
	metti("GET /pratica/{id}/copia/{file}/pagina/{pagina}", copia+"/pagina/1", stati{"niente": 404, "*": 403})
	metti("GET /pratica/{id}/copia/{file}/pronta", copia+"/pronta", stati{"urp": 404, "niente": 404, "*": 403})
	for _, n := range []string{"1", "0", "-1", "99", "x"} {
		metti("GET /pratica/{id}/foglio/{seq}", caso+"/foglio/"+n, nascosto)
	}
	m["GET /pratica/{id}/foglio/{seq}"] = append(m["GET /pratica/{id}/foglio/{seq}"], // the MOD 04
		richiesta{caso + "/foglio/" + c.informativa(), nil, intero, chiesta})
	metti("POST /pratica/{id}/copia", caso+"/copia", perVista(access.VedereNucleo, 403))
	for _, n := range []string{"1", "0", "99"} {
		metti("GET /pratica/{id}/segnatura/{seq}", caso+"/segnatura/"+n, stati{"niente": 404, "tutto": 404, "*": 403}) // here none is configured
	}
	metti("GET /pratica/{id}/segnatura/{seq}", caso+"/segnatura/x", sempre(404))
	metti("POST /pratica/{id}/fascicolo", caso+"/fascicolo", perVista(access.VedereNucleo, 403))
	metti("GET /firma/{id}", "/firma/"+c.ric.ID.String(), c.di("firma_risposta", 200))

	for _, x := range []string{"presa_in_carico", "valutazione", "inventato"} { // done already, or not one for many
		metti("POST /lavoro/insieme", "/lavoro/insieme", sempre(422), valoriDi("fai", x, "chiave", unaVolta(), "scelta", c.ric.ID.String()+".1", "scelta", "x.y"))
	}

	// Its acts. What comes in pairs must not be answered otherwise with a body than
	// without; a key that somebody else used already opens nothing.
	atto := func(metodo, nome string, x stati, corpi ...url.Values) {
		x["niente"] = 404
		if metodo == "POST" {
			x["chiusa"] = 303 // who has no key yet is sent to make it
			if len(corpi) == 1 && corpi[0] == nil {
				x["chiusa"] = 403
			}
		}
		metti(metodo+" /pratica/{id}/atto/{atto}", caso+"/atto/"+nome, x, corpi...)
	}
	chiave := func(altri ...string) url.Values { return valoriDi(append(altri, "chiave", unaVolta())...) }
	atto("GET", "nota", c.di("nota", 200))
	atto("GET", "presa_in_carico", stati{"*": 403})
	atto("GET", "chiarimenti", c.di("chiarimenti", 200))
	atto("GET", "chiarimenti?per="+strutturaB, stati{"*": 403})
	atto("GET", "firma_risposta", c.di("firma_risposta", 200))
	atto("GET", "inventato", stati{"*": 404})
	atto("POST", "presa_in_carico", stati{"*": 400}, nil)
	atto("POST", "presa_in_carico", c.di("presa_in_carico", 422), chiave(), chiave("per", strutturaA, "versione", "1"))
	atto("POST", "nota", c.di("nota", 422), chiave())
	atto("POST", "nota", c.di("nota", 303), chiave("nota", "Da rileggere."))
	atto("POST", "inventato", stati{"*": 404}, chiave())
	// To look at a form again is for who may do the act, typed or not.
	atto("POST", "richiesta_chiarimenti", c.di("richiesta_chiarimenti", 200), valoriDi("fai", "aggiungi"), valoriDi("fai", "controlla"), valoriDi("fai", "controlla", "quesito", "x"))
	for x, da := range map[string]int{"bozza_risposta": chiesta, "firma_risposta": allaFirma, "invio_risposta": ultimo + 1} { // the stage at which it can be done
		y := stati{"*": 403}
		if c.stadio >= da {
			y = c.di(x, 200)
		}
		atto("POST", x, y, valoriDi("fai", "controlla"), valoriDi("fai", "controlla", "testo", "x"))
		atto("POST", x, stati{"*": 400}, valoriDi("fai", "togli-x", "chiave", "no"))
	}
	da = ultimo
	for _, x := range idStorti {
		metti("GET /pratica/{id}", "/pratica/"+x, nascosto)
		metti("GET /pratica/{id}/{sezione}", "/pratica/"+x+"/cronologia", nascosto)
		metti("GET /pratica/{id}/file/{file}", "/pratica/"+x+"/file/"+c.file["cittadino"].String(), nascosto)
		metti("GET /pratica/{id}/file/{file}", caso+"/file/"+x, nascosto)
		metti("GET /pratica/{id}/copia/{file}", "/pratica/"+x+"/copia/"+c.file["cittadino"].String(), nascosto)
		metti("GET /pratica/{id}/copia/{file}", caso+"/copia/"+x, nascosto)
		metti("GET /pratica/{id}/foglio/{seq}", "/pratica/"+x+"/foglio/1", nascosto)
		metti("GET /pratica/{id}/atto/{atto}", "/pratica/"+x+"/atto/nota", nascosto)
		metti("POST /pratica/{id}/atto/{atto}", "/pratica/"+x+"/atto/nota", nascosto, chiave("nota", "x"))
		metti("GET /firma/{id}", "/firma/"+x, nascosto)
	}
	return m
}

// informativa is the number of the act that sends the MOD 04.
func (c *camminata) informativa() string {
	_, atti, err := c.Store.Leggi(c.t.Context(), c.ric.ID)
	c.ok(err)
	for _, a := range atti {
		if a.Atto.Kind == "informativa" {
			return strconv.Itoa(a.Atto.Seq)
		}
	}
	return "98"
}

// pubbliche are the pages of everybody, asked by a browser that holds no draft and
// follows no report.
func pubbliche(metti func(string, string, stati, ...url.Values)) {
	for _, via := range []string{"/segnala/1", "/modulo", "/modulo/delega", "/privacy", "/accessibilita", "/registro", "/ricevuta/verifica"} {
		metti("GET "+via, via, sempre(200))
	}
	metti("GET /{$}", "/", sempre(200))
	metti("GET /statico/{impronta}/{nome...}", indirizzoStatico("desk.css"), sempre(200))
	metti("GET /statico/{impronta}/{nome...}", "/statico/x/boh", sempre(404))
	metti("GET /segnala", "/segnala", sempre(303))
	metti("GET /segnala/ufficio", "/segnala/ufficio", sempre(200))
	metti("POST /segnala/ufficio", "/segnala/ufficio", sempre(422), nil, valoriDi("ufficio", "boh"))
	metti("POST /segnala/ufficio", "/segnala/ufficio", sempre(303), valoriDi("ufficio", "urp"))
	for _, via := range []string{"/segnala/2", "/segnala/2/luogo", "/segnala/2/ritardo", "/segnala/3", "/segnala/4", "/segnala/5", "/segnala/5/dati", "/segnala/6", "/segnala/modulo"} {
		metti("GET "+via, via, sempre(404))
	}
	metti("POST /segnala/1", "/segnala/1", sempre(422), nil, valoriDi("tipo", "boh"))
	metti("POST /segnala/1", "/segnala/1", sempre(303), valoriDi("tipo", "reclamo"))
	for _, via := range []string{"/segnala/2", "/segnala/2/luogo", "/segnala/3", "/segnala/5", "/segnala/5/dati"} {
		metti("POST "+via, via, sempre(422), nil)
	}
	metti("POST /segnala/3", "/segnala/3", sempre(303), valoriDi("testo", "Prova"))
	metti("POST /segnala/2/ritardo", "/segnala/2/ritardo", sempre(303), nil)
	metti("POST /segnala/4", "/segnala/4", sempre(303), nil)
	metti("POST /segnala/4/togli", "/segnala/4/togli", sempre(404), nil, valoriDi("file", "x"))
	metti("POST /segnala/6", "/segnala/6", sempre(404), nil, valoriDi("chiave", unaVolta()))
	metti("POST /segnala/cancella", "/segnala/cancella", sempre(303), nil)
	metti("POST /segnala/altra", "/segnala/altra", sempre(303), nil)
	metti("GET /ricevuta", "/ricevuta", sempre(404))
	metti("GET /ricevuta/qr.svg", "/ricevuta/qr.svg", sempre(404))
	metti("GET /ricevuta/prova.json", "/ricevuta/prova.json", sempre(404))
	metti("GET /ricevuta/prova.svg", "/ricevuta/prova.svg", sempre(404))
	metti("GET /ricevuta/verifica.html", "/ricevuta/verifica.html", sempre(200))
	metti("POST /ricevuta/verifica", "/ricevuta/verifica", sempre(422), nil, valoriDi("ricevuta", "boh"))
	metti("GET /segui/ricevuta.json", "/segui/ricevuta.json", sempre(303))
	metti("POST /ricevuta/fine", "/ricevuta/fine", sempre(200), nil)
	metti("GET /segui", "/segui", sempre(200))
	metti("POST /segui", "/segui", sempre(422), nil, valoriDi("codice", "ABCD"))
	for _, via := range []string{"/segui/stato", "/segui/risposta", "/segui/modulo"} {
		metti("GET "+via, via, sempre(303))
	}
	metti("GET /segui/copia", "/segui/copia", sempre(303))
	metti("GET /segui/file/{id}", "/segui/file/x", sempre(303))
	metti("GET /segui/atto/{atto}", "/segui/atto/messaggio", sempre(303))
	metti("POST /segui/atto/{atto}", "/segui/atto/messaggio", sempre(401), nil, valoriDi("testo", "x"))
	metti("POST /segui/esci", "/segui/esci", sempre(303), nil)
	metti("GET /verifica", "/verifica", sempre(200))
	metti("POST /verifica", "/verifica", sempre(422), nil, valoriDi("id", "ABCD"))
	metti("POST /verifica", "/verifica", sempre(303), valoriDi("id", "K7QF-29MX-T4RD"))
	metti("GET /verifica/{id}", "/verifica/K7QF29MXT4RD", sempre(404))
	metti("GET /verifica/{id}", "/verifica/x", sempre(404))
	metti("POST /verifica/{id}", "/verifica/K7QF29MXT4RD", sempre(404), nil)
	metti("GET /entra", "/entra?poi=/lavoro", stati{nessunoChi: 200, "*": 303})
	metti("POST /entra", "/entra", stati{nessunoChi: 401, "front-office": 401, "urp altro": 401, "*": 429}, nil) // the same name, again and again
}

// scrivania are the pages of the staff that name no case.
func scrivania(metti func(string, string, stati, ...url.Values)) {
	for _, via := range []string{"/password", "/profilo", "/profilo/sessioni", "/profilo/fattori", "/profilo/fattori/app", "/profilo/fattori/passkey", "/conferma",
		"/aiuto-tasti", "/cerca", "/amministrazione/token"} {
		metti("GET "+via, via, sempre(200))
	}
	lavoro := stati{"amministratore": 303, "dpo": 303, "upt": 303, "upt operatore": 303, "commissione": 303, "commissario": 303, "*": 200}
	for _, via := range []string{"/lavoro", "/lavoro?vista=tutte", "/lavoro?vista=scadenze", "/lavoro?vista=firma", "/lavoro?vista=richieste",
		"/lavoro?vista=tutte&struttura=" + strutturaA, "/lavoro?vista=tutte&numero=2026/1", "/lavoro?stato=istruttoria"} {
		metti("GET /lavoro", via, lavoro)
	}
	for _, via := range []string{"/lavoro?vista=tutte&dopo=x", "/lavoro?tipo=boh", "/lavoro?struttura=" + strutturaA + ",%00", "/lavoro?ricevuta=%ff..&vista=%00"} {
		metti("GET /lavoro", via, stati{"amministratore": 303, "dpo": 303, "upt": 303, "upt operatore": 303, "commissione": 303, "commissario": 303, "*": 422})
	}
	for _, via := range []string{"/accessi", "/accessi?dal=2026-01-01&al=2030-12-31&numero=2026/1"} {
		metti("GET /accessi", via, stati{"dpo": 200, "*": 403})
	}
	metti("GET /accessi", "/accessi?numero=x&persona=%00&dal=ieri&dopo=zz", stati{"dpo": 422, "*": 403})
	registro := func(n int) stati {
		return stati{"urp aziendale": n, "urp": n, "urp altro": n, "front-office": n, "*": 403}
	}
	for _, via := range []string{"/registrazioni", "/registrazioni?anno=2026&numero=1&tipo=reclamo", "/registrazioni?anno=&codice=ABCDEFGH2345"} {
		metti("GET /registrazioni", via, registro(200))
	}
	metti("GET /registrazioni", "/registrazioni?anno=26&numero=x&dal=ieri&al=%00&tipo=boh&codice=0&dopo=zz", registro(422))
	metti("GET /registrazioni/stampa", "/registrazioni/stampa", registro(200))
	metti("GET /registrazioni/stampa", "/registrazioni/stampa?anno=x", registro(422))
	metti("POST /registrazioni/csv", "/registrazioni/csv", registro(422), valoriDi("anno", "x"))
	giornalieri := func(n int) stati { return stati{"urp aziendale": n, "amministratore": n, "*": 403} }
	metti("GET /registrazioni/giornalieri", "/registrazioni/giornalieri", giornalieri(200))
	metti("GET /registrazioni/giornalieri", "/registrazioni/giornalieri?prima=x", giornalieri(404))
	metti("GET /registrazioni/giornalieri/{giorno}", "/registrazioni/giornalieri/2026-01-01", giornalieri(404))
	metti("GET /registrazioni/giornalieri/{giorno}", "/registrazioni/giornalieri/%00", giornalieri(404))
	metti("POST /registrazioni/giornalieri/esporta", "/registrazioni/giornalieri/esporta", giornalieri(422), nil, valoriDi("dal", "ieri"), valoriDi("dal", "2026-01-01", "al", "2026-01-02"))
	metti("GET /archivio", "/archivio", stati{"urp aziendale": 200, "direttore amministrativo": 200, "*": 403})
	for _, via := range []string{"/archivio/registro", "/archivio/registro/stampa"} {
		metti("GET "+via, via, stati{"urp aziendale": 200, "urp": 200, "urp altro": 200, "*": 403})
		metti("GET "+via, via+"?anno=boh", stati{"urp aziendale": 422, "urp": 422, "urp altro": 422, "*": 403})
	}
	metti("POST /archivio/proponi", "/archivio/proponi", stati{"urp aziendale": 422, "*": 403}, nil, valoriDi("nulla_osta", "n. 1"))
	metti("POST /archivio/elenco", "/archivio/elenco", sempre(400), nil, valoriDi("elenco", "x"), valoriDi("elenco", "1"))
	metti("POST /archivio/elenco", "/archivio/elenco", stati{"urp aziendale": 404, "direttore amministrativo": 404, "*": 403}, valoriDi("elenco", "1", "fai", "approva"), valoriDi("elenco", "99", "fai", "ritira"))
	nuova := func(n int) stati {
		return stati{"amministratore": 403, "dpo": 403, "upt": 403, "upt operatore": 403, "commissione": 403, "commissario": 403, "*": n}
	}
	metti("GET /nuova", "/nuova", nuova(200))
	metti("POST /nuova", "/nuova", nuova(400), nil, valoriDi("testo", "Prova", "canale", "sportello"))
	metti("POST /nuova", "/nuova?modulo=AAAA", nuova(400), valoriDi("testo", "Prova"))
	perUPT := func(n int) stati { // the URP's desks; the UPT is not founded
		return stati{"front-office": n, "urp": n, "urp altro": n, "urp aziendale": n, "*": 403}
	}
	metti("GET /nuova/upt", "/nuova/upt", perUPT(200))
	metti("POST /nuova/upt", "/nuova/upt", perUPT(400), nil, valoriDi("testo", "Prova"))
	metti("POST /cerca", "/cerca", sempre(303), nil, valoriDi("q", "stato:istruttoria"))
	metti("POST /cerca", "/cerca", sempre(422), valoriDi("q", "-parola"))
	metti("POST /lavoro/insieme", "/lavoro/insieme", stati{"amministratore": 303, "dpo": 303, "upt": 303, "upt operatore": 303, "commissione": 303, "commissario": 303, "*": 422}, nil, valoriDi("fai", "presa_in_carico", "chiave", unaVolta()), valoriDi("fai", "", "scelta", "x"))
	metti("POST /lavoro/insieme", "/lavoro/insieme", sempre(400), valoriDi("fai", "presa_in_carico", "scelta", "x"))
	metti("POST /lavoro/viste", "/lavoro/viste", stati{"amministratore": 303, "dpo": 303, "upt": 303, "upt operatore": 303, "commissione": 303, "commissario": 303, "*": 422}, nil)
	metti("POST /lavoro/viste", "/lavoro/viste", sempre(303), valoriDi("nome", "Mia", "filtro", "vista=tutte"))
	metti("POST /lavoro/viste/togli", "/lavoro/viste/togli", sempre(303), nil, valoriDi("nome", "Mia"))
	metti("POST /password", "/password", sempre(422), nil, valoriDi("vecchia", "no", "nuova", "abc", "ancora", "abc"))
	metti("POST /profilo/sessioni", "/profilo/sessioni", sempre(303), nil, valoriDi("sessione", "x"))
	metti("POST /esci", "/esci", sempre(303), nil)
	// Nobody stopped half way, and nothing proves who anybody is.
	prova := valoriDi("risposta", "{}", "sigillo", "x")
	for _, via := range []string{"/entra/codice", "/blocco"} {
		metti("GET "+via, via, sempre(303))
		metti("POST "+via, via, sempre(303), nil, prova)
	}
	metti("POST /entra/passkey", "/entra/passkey", sempre(401), nil, prova)
	metti("POST /conferma", "/conferma", sempre(422), prova)
	metti("POST /conferma", "/conferma", sempre(400), valoriDi("modulo", "x"))
	metti("GET /novita", "/novita?poi=/profilo", sempre(303))
	metti("POST /novita", "/novita", sempre(400), nil)
	metti("POST /novita", "/novita", sempre(303), valoriDi("fino", "2026-03-02T09:00:00Z"))
	metti("POST /profilo/fattori/togli", "/profilo/fattori/togli", sempre(303), nil, valoriDi("fattore", "x"))
	for _, via := range []string{"/profilo/fattori/codici", "/profilo/fattori/app", "/profilo/fattori/passkey"} {
		metti("POST "+via, via, sempre(422), nil, prova)
	}
	metti("POST /amministrazione/token", "/amministrazione/token", sempre(422), nil, valoriDi("nome", "x", "scade", "mai"))
	metti("POST /amministrazione/token/togli", "/amministrazione/token/togli", sempre(303), nil, valoriDi("token", "x"))
}

// chiavi are the pages of the keys of the UPT, of people who have none yet.
func chiavi(metti func(string, string, stati, ...url.Values)) {
	loro := func(n int) stati { return stati{"upt": n, "upt operatore": n, "*": 403} }
	for _, via := range []string{"", "/frase"} {
		metti("GET /chiavi"+via, "/chiavi"+via, loro(200))
	}
	for _, via := range []string{"/sblocca", "/fogli", "/dimenticata", "/passkey", "/furto"} {
		metti("GET /chiavi"+via, "/chiavi"+via, loro(303))
	}
	for _, via := range []string{"/fonda", "/recupera"} {
		metti("GET /chiavi"+via, "/chiavi"+via, stati{"upt": 303, "*": 403})
	}
	metti("GET /chiavi/togli/{id}", "/chiavi/togli/x", loro(303))
	metti("POST /chiavi/frase", "/chiavi/frase", loro(422), nil, valoriDi("frase", "x", "sigillo", "x"))
	metti("POST /chiavi/sblocca", "/chiavi/sblocca", loro(303), nil)
	metti("POST /chiavi/sblocca", "/chiavi/sblocca", loro(404), valoriDi("frase", "babebi babebi babebi babebi"))
	metti("POST /chiavi/dimenticata", "/chiavi/dimenticata", loro(303), nil, valoriDi("foglio", "x"))
	metti("POST /chiavi/blocca", "/chiavi/blocca", loro(303), nil)
	for _, via := range []string{"/foglio", "/passkey", "/slot", "/furto", "/prima", "/fonda", "/ammetti", "/fogli", "/recupera"} {
		metti("POST /chiavi"+via, "/chiavi"+via, sempre(403), nil)
	}
	metti("POST /chiavi/togli/{id}", "/chiavi/togli/x", sempre(403), nil)
}

// upt are the pages of the cases of the UPT, of people whose key is not open: nothing
// is theirs before.
func upt(c *camminata, metti func(string, string, stati, ...url.Values)) {
	loro := stati{"upt": 303, "upt operatore": 303, "*": 403}
	for _, via := range []string{"", "/cerca", "/nuova", "/archivio", "/archivio/registro", "/archivio/registro/stampa", "/accessi", "/registrazioni", "/registrazioni/stampa", "/registrazioni/giornalieri"} {
		metti("GET /upt"+via, "/upt"+via, loro)
	}
	metti("GET /upt/registrazioni/giornalieri/{giorno}", "/upt/registrazioni/giornalieri/2026-01-01", loro)
	affidata := "/affidate/" + c.assente.String()
	metti("GET /affidate", "/affidate", loro)
	metti("GET /affidate/{id}", affidata, loro)
	metti("GET /affidate/{id}/stampa", affidata+"/stampa", loro)
	metti("GET /affidate/{id}/file/{file}", affidata+"/file/"+c.file["cittadino"].String(), loro)
	capo := stati{"upt": 303, "*": 403}
	metti("GET /upt/contatto", "/upt/contatto", capo)
	for _, via := range []string{"", "/carica", "/prova"} {
		metti("GET /upt/regolamento"+via, "/upt/regolamento"+via, capo)
	}
	for _, via := range []string{"/carica", "/pubblica"} {
		metti("POST /upt/regolamento"+via, "/upt/regolamento"+via, sempre(403), nil)
		metti("POST /upt/regolamento"+via, "/upt/regolamento"+via, capo, valoriDi("pronto", "upt-lombardia", "hash", "x"))
	}
	metti("POST /upt/contatto", "/upt/contatto", sempre(403), nil)
	metti("POST /upt/contatto", "/upt/contatto", capo, valoriDi("telefono", "0372 000 000"))
	caso := "/pratica/" + c.assente.String() + "/urp/" + c.assente.String()
	metti("GET /pratica/{id}/urp/{urp}", caso, loro)
	metti("GET /pratica/{id}/urp/{urp}/file/{file}", caso+"/file/"+c.file["cittadino"].String(), loro)
	for _, via := range []string{"/cerca", "/nuova", "/archivio/proponi", "/archivio/elenco", "/registrazioni/csv", "/registrazioni/giornalieri/esporta"} {
		metti("POST /upt"+via, "/upt"+via, sempre(403), nil)
		metti("POST /upt"+via, "/upt"+via, loro, valoriDi("q", "x"))
	}
}

// sedute are the pages of who sits in the Commissione: the copy of the walked case is
// given to one of its two members, when two structures were asked.
func sedute(c *camminata, metti func(string, string, stati, ...url.Values)) {
	suo := stati{"commissione": 404}
	if suo["commissario"] = 200; c.stadio < chiesta {
		suo["commissario"] = 404
	}
	nessuno := stati{"commissione": 404, "commissario": 404}
	metti("GET /sedute", "/sedute", sempre(200))
	caso := "/sedute/" + c.ric.ID.String()
	metti("GET /sedute/{id}", caso, suo)
	metti("GET /sedute/{id}/stampa", caso+"/stampa", suo)
	metti("GET /sedute/{id}/file/{file}", caso+"/file/"+c.file["cittadino"].String(), nessuno)
	metti("GET /sedute/{id}/file/{file}", caso+"/file/"+c.assente.String(), nessuno)
	if b := c.file["B"]; b != (vault.ID{}) {
		metti("GET /sedute/{id}/file/{file}", caso+"/file/"+b.String(), suo)
	}
	for _, x := range idStorti {
		metti("GET /sedute/{id}", "/sedute/"+x, nessuno)
		metti("GET /sedute/{id}/stampa", "/sedute/"+x+"/stampa", nessuno)
		metti("GET /sedute/{id}/file/{file}", caso+"/file/"+x, nessuno)
	}
}

// amministra are the pages of the administrator; the door has refused the others.
func amministra(c *camminata, metti func(string, string, stati, ...url.Values)) {
	const adm = "/amministrazione"
	for _, via := range []string{"", "/persone", "/persone/nuova", "/organigramma", "/organigramma/importa", "/uffici", "/uffici/nuovo", "/accesso", "/chiavi", "/ente", "/regolamento", "/regolamento/carica"} {
		metti("GET "+adm+via, adm+via, sempre(200))
	}
	metti("GET "+adm+"/organigramma/prova", adm+"/organigramma/prova", sempre(303))
	metti("GET "+adm+"/regolamento/prova", adm+"/regolamento/prova", sempre(303))
	metti("GET "+adm+"/persone/{id}", adm+"/persone/"+c.altra, sempre(200))
	metti("GET "+adm+"/organigramma/file/{nome}", adm+"/organigramma/file/"+organigramma.FileUnita, sempre(200))
	metti("GET "+adm+"/organigramma/file/{nome}", adm+"/organigramma/file/server.key", sempre(404))
	metti("GET "+adm+"/uffici/{unita}", adm+"/uffici/URP-SANTA-CHIARA", sempre(200))
	metti("POST "+adm+"/persone", adm+"/persone", sempre(200), nil, valoriDi("parole", "zzz"))
	metti("POST "+adm+"/persone/nuova", adm+"/persone/nuova", sempre(422), nil)
	uno := adm + "/persone/" + c.altra
	metti("POST "+adm+"/persone/{id}/nome", uno+"/nome", sempre(422), nil)
	metti("POST "+adm+"/persone/{id}/nome", uno+"/nome", sempre(303), valoriDi("nome", "Prova Altra"))
	metti("POST "+adm+"/persone/{id}/password", uno+"/password", sempre(200), nil)
	metti("POST "+adm+"/persone/{id}/fattori", uno+"/fattori", sempre(303), nil)
	metti("POST "+adm+"/persone/{id}/chiave", uno+"/chiave", sempre(404), nil) // has none
	metti("POST "+adm+"/persone/{id}/disattiva", uno+"/disattiva", sempre(303), nil)
	metti("POST "+adm+"/persone/{id}/riattiva", uno+"/riattiva", sempre(303), nil)
	metti("POST "+adm+"/persone/{id}/incarico", uno+"/incarico", sempre(422), nil)
	metti("POST "+adm+"/persone/{id}/termina", uno+"/termina", sempre(400), nil)
	for _, x := range []string{"%00", c.assente.String()} {
		metti("GET "+adm+"/persone/{id}", adm+"/persone/"+x, sempre(404))
		metti("GET "+adm+"/uffici/{unita}", adm+"/uffici/"+x, sempre(404))
		metti("GET "+adm+"/organigramma/file/{nome}", adm+"/organigramma/file/"+x, sempre(404))
		metti("POST "+adm+"/persone/{id}/termina", adm+"/persone/"+x+"/termina", sempre(400), nil)
		for _, k := range []string{"nome", "password", "fattori", "chiave", "disattiva", "riattiva", "incarico"} {
			metti("POST "+adm+"/persone/{id}/"+k, adm+"/persone/"+x+"/"+k, sempre(404), nil)
		}
	}
	metti("POST "+adm+"/organigramma/importa", adm+"/organigramma/importa", sempre(422), nil)
	metti("POST "+adm+"/organigramma/pubblica", adm+"/organigramma/pubblica", sempre(409), nil)
	metti("POST "+adm+"/uffici", adm+"/uffici", sempre(422), nil, valoriDi("unita", "boh"))
	metti("POST "+adm+"/uffici/togli", adm+"/uffici/togli", sempre(303), nil, valoriDi("unita", "boh"))
	metti("POST "+adm+"/riservate", adm+"/riservate", sempre(422), nil, valoriDi("unita", "boh"))
	metti("POST "+adm+"/riservate/togli", adm+"/riservate/togli", sempre(303), nil, valoriDi("unita", "boh"))
	metti("POST "+adm+"/accesso", adm+"/accesso", sempre(422), nil, valoriDi("regola", "libera"))
	metti("POST "+adm+"/ente", adm+"/ente", sempre(422), nil)
	metti("POST "+adm+"/regolamento/carica", adm+"/regolamento/carica", sempre(422), nil)
	metti("POST "+adm+"/regolamento/pubblica", adm+"/regolamento/pubblica", sempre(409), nil)
}
