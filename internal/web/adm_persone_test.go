package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/pratica"
	"tutela/internal/registro"
)

var segretoMostratoRe = regexp.MustCompile(`<span class="big" id="segreto">([^<]+)</span>`)

func (b *admBanco) segreto(r rispostaAdm) string {
	b.t.Helper()
	m := segretoMostratoRe.FindStringSubmatch(r.testo)
	if m == nil {
		b.t.Fatalf("no secret in: %s", soloTesto(r.testo))
	}
	return m[1]
}

func (b *admBanco) trova(utente string) auth.Persona {
	b.t.Helper()
	tutte, err := b.auth.People(b.t.Context(), access.Sistema(b.Ente))
	b.ok(err)
	for _, p := range tutte {
		if p.Utente == utente {
			return p
		}
	}
	b.t.Fatalf("nobody is called %s", utente)
	return auth.Persona{}
}

func TestAdmPersonStory(t *testing.T) {
	b := admApri(t).conTutto()
	nuova := b.leggi("/amministrazione/persone/nuova?ruolo=urp")
	b.vuole(nuova, 200, `value="urp" selected`, "URP dell'Ospedale Santa Chiara")
	v := url.Values{"modulo": {b.nascosto(nuova, "modulo")}, "nome": {"Clelia Arrivabosco"}, "utente": {"Clelia.Prova"}, "ruolo": {"urp"}, "unita": {"boh"}, "dal": {b.oggi().String()}}
	b.vuole(b.manda("/amministrazione/persone/nuova", v), 422, "Nell'organigramma non c'è", "Clelia Arrivabosco")
	v.Set("unita", "Qualunque nome (URP-SANTA-CHIARA)")
	r := b.manda("/amministrazione/persone/nuova", v)
	b.vuole(r, 200, "La persona è aggiunta", "Si vede solo ora")
	password := b.segreto(r)
	if b.segreto(b.manda("/amministrazione/persone/nuova", v)) != password { // sent twice
		t.Fatal("the same form gave two passwords")
	}
	v.Set("modulo", "altro")
	b.vuole(b.manda("/amministrazione/persone/nuova", v), 409, "C'è già: scegline un altro")

	p := b.trova("clelia.prova")
	dove := "/amministrazione/persone/" + p.ID
	b.senza(b.leggi(dove), password)
	if c := b.entra("clelia.prova", password); c == "" {
		t.Fatal("no session")
	}
	b.vuole(b.leggi("/amministrazione/persone"), 200, "Clelia Arrivabosco", "2 persone")
	b.vuole(b.leggi("/amministrazione/persone?ruolo=urp"), 200, "1 persona")
	b.vuole(b.leggi("/amministrazione/persone?ruolo=urp&pagina=-7"), 200, "1 persona")
	b.vuole(b.manda("/amministrazione/persone", url.Values{"parole": {"arri"}}), 200, "1 persona", "Clelia")
	b.vuole(b.manda("/amministrazione/persone", url.Values{"parole": {"zzz"}}), 200, "Nessun risultato")

	b.vuole(b.manda(dove+"/nome", url.Values{"nome": {""}}), 422, "Scrivi nome e cognome")
	b.vuole(b.manda(dove+"/nome", url.Values{"nome": {"Clelia Nuova"}}), 303)
	b.vuole(b.leggi(dove+"?fatto=nome"), 200, "Il nome è cambiato", "Clelia Nuova")

	inc := url.Values{"ruolo": {"responsabile"}, "unita": {""}, "dal": {b.oggi().Add(7).String()}}
	b.vuole(b.manda(dove+"/incarico", inc), 422, "Scegli presso quale unità")
	inc.Set("unita", "SC-21501")
	inc.Set("al", b.oggi().String())
	b.vuole(b.manda(dove+"/incarico", inc), 422, "L'ultimo giorno viene prima del primo")
	inc.Set("al", "")
	b.vuole(b.manda(dove+"/incarico", inc), 303)
	b.vuole(b.manda(dove+"/incarico", inc), 303) // sent twice: one role
	if p = b.trova("clelia.prova"); len(p.Incarichi) != 2 {
		t.Fatalf("%d roles", len(p.Incarichi))
	}
	b.vuole(b.leggi(dove), 200, "Futuro", "Pronto")
	inc = url.Values{"ruolo": {"direttore-sanitario"}, "unita": {"SC-21501"}, "dal": {b.oggi().String()}}
	b.vuole(b.manda(dove+"/incarico", inc), 303) // holds for the whole ente, whatever the unit
	for _, i := range b.trova("clelia.prova").Incarichi {
		if i.Ruolo == access.DirettoreSanitario && i.Unita != "" {
			t.Fatal("a role of the whole ente is held at a unit")
		}
	}
	fine := url.Values{"ruolo": {"urp"}, "unita": {"URP-SANTA-CHIARA"}, "dal": {b.oggi().String()}, "ultimo": {""}}
	b.vuole(b.manda(dove+"/termina", fine), 422, "Scrivi l'ultimo giorno")
	fine.Set("ultimo", b.oggi().Add(-1).String())
	b.vuole(b.manda(dove+"/termina", fine), 303)
	b.senza(b.leggi("/amministrazione/persone?ruolo=urp"), "Clelia")

	r = b.manda(dove+"/password", url.Values{"modulo": {"uno"}})
	b.vuole(r, 200, "Quella di prima non vale più")
	if seconda := b.segreto(r); seconda == password || b.segreto(b.manda(dove+"/password", url.Values{"modulo": {"uno"}})) != seconda {
		t.Fatal("the provisional password is not the form's own")
	}
	b.vuole(b.manda(dove+"/disattiva", nil), 303)
	if _, err := b.auth.SignIn(t.Context(), b.Ente, "clelia.prova", password, auth.Da{}); err == nil {
		t.Fatal("a disabled person signs in")
	}
	b.vuole(b.leggi("/amministrazione/persone?stato=disattivate"), 200, "Clelia", "1 persona")
	b.vuole(b.manda(dove+"/riattiva", nil), 303)
	b.vuole(b.leggi("/amministrazione/persone/inesistente"), 404)
	b.vuole(b.manda("/amministrazione/persone/inesistente/disattiva", nil), 404)
}

// Dates and places without a role are not thrown away in silence.
func TestAdmPersonaSenzaRuolo(t *testing.T) {
	b := admApri(t).conTutto()
	oggi := b.oggi()
	v := url.Values{"modulo": {"uno"}, "nome": {"Anna D'Arco"}, "utente": {"anna.darco"}}
	for _, x := range []struct{ dal, al, unita, dice string }{
		{oggi.String(), oggi.Add(-1).String(), "", "viene prima del primo"}, {"ieri", "", "", "Scrivi una data"}, {oggi.Add(3).String(), "", "", "Scegli un ruolo"},
		{oggi.String(), oggi.Add(9).String(), "", "Scegli un ruolo"}, {oggi.String(), "", "URP-SANTA-CHIARA", "Scegli un ruolo"},
	} {
		v["dal"], v["al"], v["unita"] = []string{x.dal}, []string{x.al}, []string{x.unita}
		b.vuole(b.manda("/amministrazione/persone/nuova", v), 422, x.dice, `value="anna.darco"`)
	}
	v["dal"], v["al"], v["unita"] = []string{oggi.String()}, []string{""}, []string{""} // as the page comes
	b.vuole(b.manda("/amministrazione/persone/nuova", v), 200, "La persona è aggiunta")
}

func TestAdmLastAdministratorStays(t *testing.T) {
	b := admApri(t)
	dove := "/amministrazione/persone/" + b.persona
	b.vuole(b.manda(dove+"/disattiva", nil), 422, "È l'unico amministratore")
	b.vuole(b.manda(dove+"/termina", url.Values{"ruolo": {access.Amministratore}, "unita": {""}, "dal": {b.oggi().String()}, "ultimo": {b.oggi().Add(-1).String()}}), 422, "È l'unico amministratore")
	b.vuole(b.manda(dove+"/password", url.Values{"modulo": {"x"}}), 422)
}

// TestAdmAsksForAProof carries a form across the page that asks for it: it is done
// by nobody else, and goes on in another session.
func TestAdmAsksForAProof(t *testing.T) {
	b := admApri(t)
	b.aggiungi("altro.capo", access.Amministratore, "")
	v := url.Values{"modulo": {"uno"}, "nome": {`Anna "<b>" D'Arco`}, "utente": {"anna.darco"}}
	b.Orologio.Avanza(6 * time.Minute)
	r := b.manda("/amministrazione/persone/nuova", v)
	b.vuole(r, 200, "Dimostra che sei tu", "Stai per cambiare una persona")
	b.senza(r, "anna.darco")
	m := url.Values{"modulo": {b.nascosto(r, "modulo")}, "password": {"sbagliata del tutto"}}
	r = b.manda("/conferma", m)
	b.vuole(r, 422, "La password non è giusta", "Stai per cambiare una persona")
	b.senza(r, "sbagliata del tutto")
	m.Set("modulo", b.nascosto(r, "modulo"))
	m.Set("password", frasePassword)
	b.vuole(b.mandaDa(b.entra("altro.capo", frasePassword), "/conferma", m), 400, "non abbiamo fatto niente")
	b.vuole(b.mandaDa(b.cookie, "/conferma", m), 200, "La persona è aggiunta", `Anna "<b>" D'Arco`)
	b.trova("anna.darco")
	b.vuole(b.leggi("/amministrazione"), 303, "/entra?poi=") // the cookie of before opens nothing
	b.cookie = b.entra("prima.persona", frasePassword)
	b.vuole(b.manda("/conferma", url.Values{"password": {frasePassword}, "poi": {"/profilo"}}), 303, "/profilo")
}

// Every change of the administrator's asks for a proof; the rest says why not.
func TestGesturesHaveTheirRoutes(t *testing.T) {
	senza := map[string]string{
		"POST /lavoro/viste": "the person's own filters", "POST /lavoro/viste/togli": "the same", "POST /cerca": "it changes nothing",
		"POST /nuova": "the daily work", "POST /upt/nuova": "the same", "POST /nuova/upt": "the same", "POST /upt/cerca": "it changes nothing", "POST /pratica/{id}/atto/{atto}": "it depends on the act: see gestoDi",
		"POST /pratica/{id}/copia/{file}": "the daily work: nothing leaves until a structure is asked",
		"POST /password":                  "it asks the password itself", "POST /conferma": "it is the proof", "POST /novita": "it only says it was read",
		"POST /chiavi/sblocca": "it asks the passphrase itself", "POST /chiavi/dimenticata": "it asks the printed code itself, and changes nothing", "POST /chiavi/blocca": "to lock must be quick", "POST /chiavi/prima": "what is typed is compared, and changes nobody's key",
		"POST /profilo/sessioni":                     "to end a session must be quick",
		"POST /amministrazione/token/togli":          "to take away must be quick",
		"POST /amministrazione/persone":              "it searches",
		"POST /amministrazione/organigramma/importa": "it only tries", "POST /amministrazione/regolamento/carica": "it only tries", "POST /upt/regolamento/carica": "the same",
	}
	b := admApri(t)
	s := &Server{Config: Config{Servizio: b.Servizio, Auth: b.auth, Viste: b.Store, Ambienti: b.amb, Custody: b.custodia()}}
	rotte := map[string]bool{}
	for _, x := range s.aree() {
		k := x.Metodo + " " + x.Percorso
		rotte[k] = true
		if _, ok := gesti[k]; x.Metodo == http.MethodPost && x.Chi != nil && ok == (senza[k] != "") {
			t.Errorf("%s: a gesture %v, and a reason %q", k, ok, senza[k])
		}
	}
	for k, g := range gesti {
		if !rotte[k] || nomiGesti[g] == "" {
			t.Errorf("%s: a route %v, words %q", k, rotte[k], nomiGesti[g])
		}
	}
	for k := range senza {
		if !rotte[k] {
			t.Errorf("no route %s", k)
		}
	}
}

func TestAdmManyPeople(t *testing.T) {
	b := admApri(t)
	for i := range 60 {
		b.aggiungi("persona."+string(rune('a'+i%26))+string(rune('a'+i/26)), "", "")
	}
	r := b.leggi("/amministrazione/persone")
	b.vuole(r, 200, "61 persone", "Pagina successiva")
	b.vuole(b.leggi("/amministrazione/persone?pagina=2&stato=senza-ruolo"), 200, "60 persone", "Pagina precedente")
	b.vuole(b.leggi("/amministrazione/persone?pagina=99999999999999999999"), 200, "61 persone")
	b.vuole(b.leggi("/amministrazione"), 200, "60 persone possono entrare ma non hanno un ruolo")
}

func TestAdmEnte(t *testing.T) {
	b := admApri(t).conTutto()
	pagina := b.leggi("/amministrazione/ente")
	b.vuole(pagina, 200, "ASST Montelago")
	versione := b.nascosto(pagina, "versione")
	v := url.Values{"versione": {versione}, "nome": {"ASST Montelago"}, "telefono": {"800 111 222"}, "email": {"urp@montelago.example"}, "pec": {"non una pec"}, "patrono_giorno": {"31"}, "patrono_mese": {"02"}}
	b.vuole(b.manda("/amministrazione/ente", v), 422, "Scrivi un indirizzo come", "Scegli giorno e mese", "800 111 222")
	v.Set("pec", "pec@montelago.example")
	v.Set("patrono_giorno", "24")
	v.Set("patrono_mese", "06")
	b.vuole(b.manda("/amministrazione/ente", v), 303)
	e := b.amb.Ente(b.Ente)
	if e.Telefono != "800 111 222" || e.Patrono != "06-24" || len(e.Uffici) != 2 {
		t.Fatalf("%+v", e)
	}
	b.vuole(b.manda("/amministrazione/ente", v), 303) // sent twice
	b.vuole(b.leggi("/amministrazione"), 200, "Il calendario dei giorni festivi è cambiato")

	// another administrator, who still sees what was there before
	w := url.Values{"versione": {versione}, "nome": {"ASST Altra"}, "telefono": {"800 333 444"}}
	r := b.manda("/amministrazione/ente", w)
	b.vuole(r, 409, "un altro amministratore ha salvato", "800 111 222", "800 333 444")
	w.Set("versione", b.nascosto(r, "versione"))
	b.vuole(b.manda("/amministrazione/ente", w), 303)
	for _, x := range []struct{ campo, valore, dice string }{
		{"telefono", "", "Scrivi: telefono"}, {"telefono", "chiamami", "Scrivi un numero"}, {"nome", strings.Repeat("x", 400), "120"},
		{"email", "a@b\r\nBcc: c@d", "Scrivi un indirizzo"}, {"email", "urp@-.it", "Scrivi un indirizzo"}, {"pec", "urp@a..it", "Scrivi un indirizzo"},
		{"sito", "https://a..it", "non può esistere"}, {"sito", "https://-.it", "non può esistere"}, {"sito", "http://", "non può esistere"}, {"sito", "https://1.2.3.400", "non può esistere"},
		{"sito", "https://a.it:0", "da 1 a 65535"}, {"sito", "https://a.it:65536/", "da 1 a 65535"}, {"sito", "https://a.it:", "da 1 a 65535"}, {"sito", "https://a.it?x", "Scrivi solo l'inizio"},
		{"timbri", "0", "da 1 a 99"}, {"timbri", "x2", "da 1 a 99"}, {"timbri", "07", "da 1 a 99"},
	} {
		y := url.Values{"versione": {"x"}, "nome": {"A"}, "telefono": {"800 1"}}
		y.Set(x.campo, x.valore)
		b.vuole(b.manda("/amministrazione/ente", y), 422, x.dice)
		prova := pratica.Ente{Nome: "A", Telefono: "800 1"}
		for _, c := range datiEnte {
			if y.Has(c.Nome) {
				*c.dove(&prova) = y.Get(c.Nome)
			}
		}
		if err := ControllaEnte(prova); err == nil { // the command line asks the same
			t.Errorf("%s: %q is taken", x.campo, x.valore)
		}
	}
}

// What an ente may leave unsaid leaves no empty words; once said it is where people
// read it, without starting again.
func TestAdmEnteSulSito(t *testing.T) {
	b := admApri(t).conTutto()
	s := &Server{Config: Config{EnteID: b.Ente, Ambienti: b.amb}}
	richiesta := httptest.NewRequest(http.MethodGet, "/", nil)
	b.senza(b.leggi("/privacy"), "Chi controlla", "Siamo in", "mailto:")
	b.senza(b.leggi("/segnala/1"), "non cambia le tue cure")
	if x := s.base(richiesta); x != "http://example.com" {
		t.Errorf("as the request says: %q", x)
	}
	v := url.Values{"versione": {b.nascosto(b.leggi("/amministrazione/ente"), "versione")}, "nome": {"ASST Montelago"}, "telefono": {"800 111 222"},
		"dpo": {"dpo@montelago.example"}, "sito": {"https://segnala.montelago.example/pagina"}, "cure": {"1"}}
	b.vuole(b.manda("/amministrazione/ente", v), 422, "Scrivi solo l'inizio", "dpo@montelago.example", `value="1" aria-describedby="cure-h" checked`)
	v.Set("sito", "https://segnala.montelago.example/")
	v.Set("timbri", "10")
	b.vuole(b.manda("/amministrazione/ente", v), 303)
	if n := b.amb.Di(b.Ente).Timbri; n != 10 {
		t.Errorf("stamps may be verified for %d years", n)
	}
	b.vuole(b.leggi("/amministrazione/ente"), 200, "https://segnala.montelago.example/", `value="1" aria-describedby="cure-h" checked`)
	b.vuole(b.leggi("/privacy"), 200, `href="mailto:dpo@montelago.example"`)
	b.vuole(b.leggi("/segnala/1"), 200, "non cambia le tue cure")
	if x := s.base(richiesta); x != "https://segnala.montelago.example" {
		t.Errorf("as the ente says: %q", x)
	}
}

// The witnesses that the ente lists are those whose keys are whole, each once; the
// form keeps what was typed.
func TestAdmTestimoni(t *testing.T) {
	b := admApri(t).conTutto()
	chiave := func(nome string) string {
		_, k, err := registro.NewWitness(nome)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	uno, due := chiave("associazione.example"), chiave("regione.example")
	v := url.Values{"versione": {b.nascosto(b.leggi("/amministrazione/ente"), "versione")}, "nome": {"ASST Montelago"}, "telefono": {"800 111 222"}}
	for scritte, dice := range map[string]string{
		uno + "\nboh<b>": "La chiave n. 2 non è come",
		uno + " " + chiave("associazione.example"):           "Il testimone della chiave n. 2 c'è già",
		strings.Repeat(uno[:len(uno)-2]+"\n", 2):             "La chiave n. 1 non è come",
		strings.Join(slices.Repeat([]string{due}, 10), "\n"): "c'è già",
	} {
		v.Set("testimoni", scritte)
		b.vuole(b.manda("/amministrazione/ente", v), 422, dice, html.EscapeString(strings.Fields(scritte)[0]))
		if ControllaEnte(pratica.Ente{Nome: "A", Telefono: "800 1", Testimoni: strings.Fields(scritte)}) == nil {
			t.Errorf("%q is taken from the command line", scritte)
		}
	}
	v.Set("testimoni", uno+"\r\n\r\n"+due)
	b.vuole(b.manda("/amministrazione/ente", v), 303)
	if e := b.amb.Ente(b.Ente); !slices.Equal(e.Testimoni, []string{uno, due}) || !slices.Equal(b.amb.Di(b.Ente).Testimoni, e.Testimoni) {
		t.Errorf("listed: %q", e.Testimoni)
	}
	v.Del("testimoni")
	b.vuole(b.manda("/amministrazione/ente", v), 409, html.EscapeString(uno))
}

func TestAdmUffici(t *testing.T) {
	b := admApri(t).conTutto()
	b.vuole(b.leggi("/amministrazione/uffici"), 200, "Ospedale Santa Chiara", "Nessuno ha questo ruolo", "Sedi senza un URP")
	pagina := b.leggi("/amministrazione/uffici/URP-SANTA-CHIARA")
	b.vuole(pagina, 200, `value="03999001" checked`)
	versione := b.nascosto(pagina, "versione")
	v := url.Values{"prima": {"URP-SANTA-CHIARA"}, "versione": {versione}, "unita": {"URP-SANTA-CHIARA"}, "sede": {"03999001", "non-c-e"}, "struttura": {"DIP-AREA-MEDICA"}, "altra": {"zzz"}}
	b.vuole(b.manda("/amministrazione/uffici", v), 422, "Nell'organigramma non c'è")
	v.Set("altra", "SC-21501")
	b.vuole(b.manda("/amministrazione/uffici", v), 303)
	u, ok := trovaUfficio(b.amb.Ente(b.Ente).Uffici, "URP-SANTA-CHIARA")
	if !ok || strings.Join(u.Presidi, " ") != "03999001" || strings.Join(u.Strutture, " ") != "DIP-AREA-MEDICA SC-21501" {
		t.Fatalf("%+v", u)
	}
	b.vuole(b.manda("/amministrazione/uffici", v), 303) // sent twice
	v.Set("altra", "")
	b.vuole(b.manda("/amministrazione/uffici", v), 409, "un altro amministratore ha cambiato questo ufficio")

	nuovo := url.Values{"prima": {""}, "versione": {""}, "unita": {"URP-SANTA-CHIARA"}}
	b.vuole(b.manda("/amministrazione/uffici", nuovo), 422, "Qui c'è già un ufficio")
	nuovo.Set("unita", "FO-RIVALTA")
	b.vuole(b.manda("/amministrazione/uffici", nuovo), 303)
	b.vuole(b.manda("/amministrazione/uffici", nuovo), 303)
	if n := len(b.amb.Ente(b.Ente).Uffici); n != 3 {
		t.Fatalf("%d offices", n)
	}
	b.vuole(b.manda("/amministrazione/uffici/togli", url.Values{"unita": {"FO-RIVALTA"}}), 303)
	b.vuole(b.manda("/amministrazione/uffici/togli", url.Values{"unita": {"FO-RIVALTA"}}), 303)
	b.vuole(b.leggi("/amministrazione/uffici/FO-RIVALTA"), 404)
	b.vuole(b.chiedi(b.cookie, http.MethodPost, "/amministrazione/uffici", "application/x-www-form-urlencoded", strings.NewReader("x="+strings.Repeat("a", 10<<20))), 413)
}

// A unit gets a compartment of its own, once however often the form is sent, and gives it
// back; what was typed stays.
func TestAdmComparto(t *testing.T) {
	b := admApri(t).conTutto()
	b.vuole(b.leggi("/amministrazione/chiavi"), 200, "Nessuna: tutte hanno la stessa chiave")
	b.vuole(b.manda("/amministrazione/riservate", url.Values{"unita": {"  "}}), 422, "Scegli una struttura")
	b.vuole(b.manda("/amministrazione/riservate", url.Values{"unita": {"zzz zzz"}}), 422, "Nell'organigramma non c'è", `value="zzz zzz"`)
	for range 2 {
		b.vuole(b.manda("/amministrazione/riservate", url.Values{"unita": {"Pronto Soccorso (SC-21501)"}}), 303)
	}
	b.vuole(b.leggi("/amministrazione/chiavi?fatto=riservata"), 200, "(SC-21501)", "ancora nessuna richiesta", "ha una chiave sua")
	if r := b.amb.Di(b.Ente).Riservate; len(r) != 1 || r[0] != "SC-21501" {
		t.Fatalf("apart: %v", r)
	}
	for range 2 {
		b.vuole(b.manda("/amministrazione/riservate/togli", url.Values{"unita": {"SC-21501"}}), 303)
	}
	if r := b.amb.Di(b.Ente).Riservate; len(r) != 0 {
		t.Fatalf("still apart: %v", r)
	}
}

// TestAdmOfficesAtOnce: of many who add offices at the same time none is lost.
func TestAdmOfficesAtOnce(t *testing.T) {
	b := admApri(t).conTutto()
	unita := []string{"FO-RIVALTA", "FO-SANTA-CHIARA", "53101", "50501", "SC-21501", "SC-12601-03999002"}
	var attesa sync.WaitGroup
	stati := make([]int, len(unita))
	for i, u := range unita {
		attesa.Go(func() {
			stati[i] = b.manda("/amministrazione/uffici", url.Values{"prima": {""}, "versione": {""}, "unita": {u}}).stato
		})
	}
	attesa.Wait()
	for i, s := range stati {
		if s != 303 {
			t.Errorf("%s: %d", unita[i], s)
		}
	}
	if n := len(b.amb.Ente(b.Ente).Uffici); n != 2+len(unita) {
		t.Fatalf("%d offices", n)
	}
}

func TestAdmToken(t *testing.T) {
	b := admApri(t)
	b.aggiungi("chi.lavora", access.URPAziendale, "")
	c := b.entra("chi.lavora", frasePassword)
	pagina := b.chiedi(c, http.MethodGet, "/amministrazione/token", "", nil)
	b.vuole(pagina, 200, "Non hai token")
	v := url.Values{"modulo": {b.nascosto(pagina, "modulo")}, "nome": {""}, "scade": {b.oggi().Add(30).String()}}
	b.vuole(b.mandaDa(c, "/amministrazione/token", v), 422, "Scrivi a che cosa serve")
	v.Set("nome", "Protocollo")
	v.Set("scade", b.oggi().Add(3000).String())
	b.vuole(b.mandaDa(c, "/amministrazione/token", v), 422, "Scegli un giorno")
	v.Set("scade", "mai")
	b.vuole(b.mandaDa(c, "/amministrazione/token", v), 422, "Scrivi una data")
	v.Set("scade", b.oggi().Add(30).String())
	r := b.mandaDa(c, "/amministrazione/token", v)
	b.vuole(r, 200, "si vede solo questa volta", "Protocollo")
	token := b.segreto(r)
	if b.segreto(b.mandaDa(c, "/amministrazione/token", v)) != token {
		t.Fatal("the same form made two tokens")
	}
	if chi, err := b.auth.Bearer(t.Context(), b.Ente, token); err != nil || !chi.Ha(access.URPAziendale) {
		t.Fatalf("the token does not open: %v", err)
	}
	pagina = b.chiedi(c, http.MethodGet, "/amministrazione/token", "", nil)
	b.senza(pagina, token)
	// somebody else's token cannot be taken away
	b.vuole(b.manda("/amministrazione/token/togli", url.Values{"token": {b.nascosto(pagina, "token")}}), 303)
	if _, err := b.auth.Bearer(t.Context(), b.Ente, token); err != nil {
		t.Fatal("another person ended the token")
	}
	b.vuole(b.mandaDa(c, "/amministrazione/token/togli", url.Values{"token": {b.nascosto(pagina, "token")}}), 303)
	if _, err := b.auth.Bearer(t.Context(), b.Ente, token); err == nil {
		t.Fatal("a token taken away still opens")
	}
}

func TestPasswordNuova(t *testing.T) {
	viste := map[string]bool{}
	for range 200 {
		p := passwordNuova()
		if !regexp.MustCompile(`^[a-hjkmnp-z2-9]{6}-[a-hjkmnp-z2-9]{6}-[a-hjkmnp-z2-9]{6}$`).MatchString(p) || viste[p] {
			t.Fatal(p)
		}
		viste[p] = true
	}
}

func TestUnitaScritta(t *testing.T) {
	b := admApri(t).conTutto()
	v := b.amb.Di(b.Ente).Organigramma
	for scritto, vuole := range map[string]string{"SC-21501": "SC-21501", " SC-21501 ": "SC-21501", "Un altro nome (SC-21501)": "SC-21501", "Direzione Sanitaria": "DIR-SAN",
		"": "", "(": "", "()": "", "direzione": "", strings.Repeat("(", 5000): ""} {
		id, errore := unitaScritta(v, scritto, b.oggi())
		if id != vuole || (id == "") != (errore != "") {
			t.Errorf("%.20q: %q, %q", scritto, id, errore)
		}
	}
	if !pratica.PerUnita(access.URP) || pratica.PerUnita(access.URPAziendale) {
		t.Error("roles at a unit")
	}
}
