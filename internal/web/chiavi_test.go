package web

import (
	"database/sql"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/vault"
)

// uptBanco is the UPT at its browsers: its people's cookies, passphrases and sheets.
type uptBanco struct {
	*admBanco
	frasi map[string]string
	id    map[string]string
	fogli []string
	prima string
}

func uptApri(t *testing.T) *uptBanco {
	t.Helper()
	u := &uptBanco{admBanco: admApri(t).conTutto(), frasi: map[string]string{}, id: map[string]string{}}
	u.id["capo"] = u.aggiungi("capo", access.UPT, "")
	u.id["operatore"] = u.aggiungi("operatore", access.UPTOperatore, "")
	return u
}

func trova(t *testing.T, r rispostaAdm, forma string) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(forma).FindAllStringSubmatch(r.testo, -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatalf("no %s in: %s", forma, soloTesto(r.testo))
	}
	return out
}

// chiave makes somebody's own key, from a session of theirs.
func (u *uptBanco) chiave(chi string) (cookie string) {
	u.t.Helper()
	c := u.entra(chi, frasePassword)
	u.vuole(u.chiedi(c, "GET", "/chiavi", "", nil), 200, "Crea la tua chiave")
	r := u.chiedi(c, "GET", "/chiavi/frase", "", nil)
	u.frasi[chi] = trova(u.t, r, `id="la-frase">([^<]+)<`)[0]
	u.vuole(u.mandaDa(c, "/chiavi/frase", valoriDi("sigillo", u.nascosto(r, "sigillo"), "frase", u.frasi[chi])), 303, "/chiavi?fatto=creata")
	return c
}

// sblocca signs somebody in and unlocks their key.
func (u *uptBanco) sblocca(chi string) (cookie string) {
	u.t.Helper()
	c := u.entra(chi, frasePassword)
	u.vuole(u.chiedi(c, "GET", "/chiavi", "", nil), 303, "/chiavi/sblocca?poi=%2Fchiavi")
	u.vuole(u.mandaDa(c, "/chiavi/sblocca", valoriDi("frase", u.frasi[chi], "poi", "/chiavi")), 303, "/chiavi")
	return c
}

func custodi(altri ...string) url.Values {
	return valoriDi(append([]string{"custode-1", "Notaio Verdi", "custode-2", "Capo Prova", "interno-2", "si", "custode-3", "Presidente Neri", "k", "2"}, altri...)...)
}

// prende keeps the sheets that a page shows.
func (u *uptBanco) prende(r rispostaAdm) {
	u.t.Helper()
	u.vuole(r, 200, "Stampali adesso", "<svg")
	u.fogli = trova(u.t, r, `id="foglio-\d">([^<]+)<`)
	if len(u.fogli) != 3 || len(u.fogli[0]) != 34 {
		u.t.Fatalf("sheets: %d", len(u.fogli))
	}
}

func (u *uptBanco) fonda() (capo, operatore string) {
	u.t.Helper()
	capo = u.chiave("capo")
	u.vuole(u.chiedi(capo, "GET", "/chiavi", "", nil), 200, "non ha ancora le sue chiavi", "/chiavi/fonda")
	r := u.mandaDa(capo, "/chiavi/fonda", custodi())
	u.prende(r)
	u.prima = trova(u.t, r, `id="prima">([^<]+)<`)[0]
	operatore = u.chiave("operatore")
	sua := trova(u.t, u.chiedi(operatore, "GET", "/chiavi", "", nil), `id="mia-impronta">([^<]+)<`)[0]
	u.vuole(u.chiedi(capo, "GET", "/chiavi", "", nil), 200, "Prova operatore", u.prima)
	u.vuole(u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", u.id["operatore"], "impronta", strings.ToLower(sua), "posto", "membro")), 303)
	u.vuole(u.mandaDa(operatore, "/chiavi/prima", valoriDi("prima", u.prima)), 303, "/chiavi?fatto=prima")
	return capo, operatore
}

func TestChiaviLife(t *testing.T) {
	u := uptApri(t)
	capo, operatore := u.fonda()
	u.vuole(u.chiedi(operatore, "GET", "/chiavi", "", nil), 200, "Chi può leggere", "Prova capo", "Create le chiavi dell'ufficio", "2. Capo Prova (lavora per l'ente)")
	u.vuole(u.mandaDa(capo, "/chiavi/fonda", custodi()), 409, "ha già le sue chiavi")
	mia := trova(t, u.chiedi(operatore, "GET", "/chiavi", "", nil), `id="mia-impronta">([^<]+)<`)[0]
	u.vuole(u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", u.id["operatore"], "impronta", mia, "posto", "assistente")), 409, "è già nell", "«Togli»")
	u.vuole(u.chiedi(operatore, "GET", "/chiavi", "", nil), 200, "Chi può leggere")

	// New sheets, sent with a key that meanwhile locked: the form waits and is done.
	u.vuole(u.mandaDa(capo, "/chiavi/blocca", nil), 303)
	r := u.mandaDa(capo, "/chiavi/fogli", custodi())
	u.vuole(r, 200, "Quello che hai scritto non è perso")
	u.vuole(u.mandaDa(capo, "/chiavi/sblocca", valoriDi("modulo", u.nascosto(r, "modulo"), "frase", "babebi babebi babebi babebi")), 422, "Controlla ogni parola", `name="modulo"`)
	vecchi := u.fogli
	u.prende(u.mandaDa(capo, "/chiavi/sblocca", valoriDi("modulo", u.nascosto(r, "modulo"), "frase", u.frasi["capo"])))

	// The operator leaves.
	u.vuole(u.chiedi(capo, "GET", "/chiavi/togli/"+u.id["operatore"], "", nil), 200, "Togli Prova operatore")
	u.vuole(u.mandaDa(capo, "/chiavi/togli/"+u.id["operatore"], valoriDi("x", "")), 303, "fatto=tolta")
	u.vuole(u.chiedi(operatore, "GET", "/chiavi", "", nil), 200, "Fatti ammettere")

	// The head lost the passphrase: the administrator resets, two sheets open.
	u.vuole(u.manda("/amministrazione/persone/"+u.id["capo"]+"/chiave", valoriDi("x", "")), 303)
	u.vuole(u.chiedi(capo, "GET", "/chiavi", "", nil), 303, "/entra")
	capo = u.chiave("capo")
	u.vuole(u.chiedi(capo, "GET", "/chiavi", "", nil), 200, "Fatti ammettere", "/chiavi/recupera")
	u.vuole(u.chiedi(capo, "GET", "/chiavi/recupera", "", nil), 200, "Foglio 3", "Ne servono 2")
	u.vuole(u.mandaDa(capo, "/chiavi/recupera", custodi("foglio-1", vecchi[0], "foglio-3", vecchi[2])), 422, "Questi fogli non aprono")
	u.vuole(u.mandaDa(capo, "/chiavi/recupera", custodi("foglio-1", u.fogli[0])), 422, "Non sono i fogli che servono")
	u.vuole(u.mandaDa(capo, "/chiavi/recupera", custodi("foglio-1", u.fogli[0], "foglio-3", "X"+u.fogli[2][1:])), 422, `href="#foglio-3"`, u.fogli[0])
	u.prende(u.mandaDa(capo, "/chiavi/recupera", custodi("foglio-1", u.fogli[0], "foglio-3", u.fogli[2])))
	u.vuole(u.chiedi("", "GET", "/", "", nil), 200, u.prima)
	u.vuole(u.leggi("/amministrazione"), 200, u.prima)
	r = u.leggi("/amministrazione/chiavi")
	u.vuole(r, 200, "I suoi membri", u.prima, "Recupero con i fogli")
	u.senza(r, "/chiavi/", `type="password"`)
	u.vuole(u.leggi("/chiavi"), 403)
	r = u.chiedi(capo, "GET", "/chiavi", "", nil)
	u.vuole(r, 200, "Chi può leggere", "Recupero con i fogli", "Versione 4")
	u.senza(r, "Prova operatore</th>")
}

// What is wrong is said by its field, what was typed stays, and nothing has changed.
func TestChiaviMistakes(t *testing.T) {
	u := uptApri(t)
	capo := u.entra("capo", frasePassword)
	r := u.chiedi(capo, "GET", "/chiavi/frase", "", nil)
	mia := trova(t, r, `id="la-frase">([^<]+)<`)[0]
	for _, scritta := range []string{"", "due parole", vault.NewPassphrase().Valore()} {
		x := u.mandaDa(capo, "/chiavi/frase", valoriDi("sigillo", u.nascosto(r, "sigillo"), "frase", scritta))
		u.vuole(x, 422, mia, `href="#frase"`)
	}
	u.vuole(u.chiedi(capo, "GET", "/chiavi", "", nil), 200, "Crea la tua chiave")
	capo = u.chiave("capo")
	for _, x := range []struct {
		v    url.Values
		dice string
	}{
		{valoriDi("k", "2"), "almeno due persone"},
		{custodi("custode-4", strings.Repeat("a", 121)), "più corto"},
		{valoriDi("custode-1", "Uno", "custode-2", "Due", "k", "3"), "non più dei custodi"},
		{custodi("interno-1", "si"), "meno dei fogli che servono"},
	} {
		u.vuole(u.mandaDa(capo, "/chiavi/fonda", x.v), 422, x.dice, "Errore: crea le chiavi", x.v.Get("custode-1"))
	}
	u.vuole(u.chiedi(capo, "GET", "/chiavi/recupera", "", nil), 404)
	u.prende(u.mandaDa(capo, "/chiavi/fonda", custodi()))
	u.chiave("operatore")
	for _, x := range []struct{ persona, impronta, dice string }{
		{"", "AAAA-AAAA-AAAA-AAAA", "Scegli chi entra"},
		{u.id["operatore"], "boh", `href="#impronta"`},
		{u.id["operatore"], "AAAA-AAAA-AAAA-AAAA", "Confrontatela di nuovo, a voce"},
	} {
		r := u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", x.persona, "impronta", x.impronta, "posto", "membro"))
		if r.stato != 422 && r.stato != 409 {
			t.Errorf("%+v: %d", x, r.stato)
		}
		u.vuole(r, r.stato, x.dice, x.impronta)
	}
	for _, posto := range []string{"", "re"} {
		u.vuole(u.mandaDa(capo, "/chiavi/ammetti", valoriDi("persona", u.id["operatore"], "impronta", "AAAA-AAAA-AAAA-AAAA", "posto", posto)), 422, "Scegli che cosa leggerà")
	}
	u.vuole(u.chiedi(capo, "GET", "/chiavi/togli/nessuno", "", nil), 404)
	for _, chi := range []string{"nessuno", u.id["operatore"]} {
		u.vuole(u.mandaDa(capo, "/chiavi/togli/"+chi, valoriDi("x", "")), 404, "non è nell'albo")
	}
	u.vuole(u.mandaDa(capo, "/chiavi/slot", valoriDi("slot", "zzz")), 422, "non c'è")
	u.vuole(u.mandaDa(capo, "/chiavi/togli/"+u.id["capo"], valoriDi("x", "")), 422, "Servono fogli nuovi")
	u.vuole(u.mandaDa(capo, "/chiavi/togli/"+u.id["capo"], custodi()), 422, "Deve restare almeno un membro")
}

// A proof is asked for what changes keys, and what was typed is done after it.
func TestChiaviAskAProof(t *testing.T) {
	u := uptApri(t)
	capo := u.chiave("capo")
	u.Orologio.Avanza(access.DurataConferma)
	r := u.mandaDa(capo, "/chiavi/fonda", custodi())
	u.vuole(r, 200, "Stai per cambiare delle chiavi", "Dimostra che sei tu")
	u.prende(u.mandaDa(capo, "/conferma", valoriDi("password", frasePassword, "modulo", u.nascosto(r, "modulo"))))
}

// Where the stores were changed the page is the alarm, whole: no menu, no field.
func TestChiaviAlarm(t *testing.T) {
	u := uptApri(t)
	capo, operatore := u.fonda()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(u.Dir, "chiavi", "chiavi.db")+"?_pragma=busy_timeout(5000)")
	u.ok(err)
	defer func() { u.ok(db.Close()) }()
	_, err = db.ExecContext(t.Context(), `update recuperi set pubblica = $1`, vault.NewMemberKey(u.Ente, "ombra", 1).Pubblica)
	u.ok(err)
	for _, c := range []string{capo, operatore} {
		for _, r := range []rispostaAdm{u.chiedi(c, "GET", "/chiavi", "", nil), u.chiedi(c, "GET", "/chiavi/fogli", "", nil), u.mandaDa(c, "/chiavi/fogli", custodi())} {
			u.vuole(r, 403, "Allarme: fermati qui", "La chiave di recupero non è quella dell'albo.")
			u.senza(r, "<nav", "<input", "<textarea", "<select")
		}
	}
	c := u.entra("capo", frasePassword)
	u.vuole(u.mandaDa(c, "/chiavi/sblocca", valoriDi("frase", u.frasi["capo"])), 403, "Allarme: fermati qui")
	_, err = db.ExecContext(t.Context(), `delete from ricordi`)
	u.ok(err)
}

// Signing in shows nothing of the office; ten minutes of nothing lock it again.
func TestChiaviLock(t *testing.T) {
	u := uptApri(t)
	capo, _ := u.fonda()
	u.Orologio.Avanza(auth.InattivaChiave)
	u.vuole(u.chiedi(capo, "GET", "/chiavi", "", nil), 303, "/chiavi/sblocca")
	c := u.entra("operatore", frasePassword)
	for _, via := range []string{"/chiavi", "/chiavi/fogli", "/chiavi/togli/" + u.id["capo"]} {
		r := u.chiedi(c, "GET", via, "", nil)
		u.vuole(r, 303, "/chiavi/sblocca?poi=")
		u.senza(r, "Prova capo", u.prima)
	}
	u.vuole(u.chiedi(c, "GET", "/chiavi/fonda", "", nil), 403)
	u.vuole(u.chiedi(u.sblocca("operatore"), "GET", "/chiavi/sblocca?poi=/chiavi", "", nil), 303, "/chiavi")
	for range 7 {
		u.mandaDa(c, "/chiavi/sblocca", valoriDi("frase", vault.NewPassphrase().Valore()))
	}
	u.vuole(u.mandaDa(c, "/chiavi/sblocca", valoriDi("frase", u.frasi["operatore"])), http.StatusTooManyRequests, "Troppi tentativi")
}
