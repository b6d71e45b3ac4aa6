package web

import (
	"testing"

	"tutela/internal/access"
	"tutela/internal/vault"
)

// Who forgot the passphrase opens their own key with the sheet they printed, and has
// four new words before anything else; nobody admits them again.
func TestOwnSheet(t *testing.T) {
	u := uptApri(t)
	capo, _ := u.fonda()
	mia := trova(t, u.chiedi(capo, "GET", "/chiavi", "", nil), `id="mia-impronta">([^<]+)<`)[0]
	c := u.entra("capo", frasePassword)
	u.vuole(u.chiedi(c, "GET", "/chiavi/sblocca", "", nil), 200, "/chiavi/dimenticata")
	u.vuole(u.chiedi(c, "GET", "/chiavi/dimenticata", "", nil), 200, "Non hai un foglio personale")
	u.vuole(u.mandaDa(c, "/chiavi/foglio", nil), 403, "ricarica la pagina") // locked, and nothing was typed

	r := u.mandaDa(capo, "/chiavi/foglio", nil)
	u.vuole(r, 200, "Stampalo adesso", mia)
	foglio := trova(t, r, `id="foglio-mio">([^<]+)<`)[0]
	u.vuole(u.chiedi(capo, "GET", "/chiavi", "", nil), 200, "Foglio personale", "Stampa un altro foglio")

	for _, x := range []struct{ scritto, dice string }{
		{"", "sette gruppi"}, {"ABCD", "sette gruppi"}, {"X" + foglio[1:], "ricontrolla"}, {u.fogli[0], "il foglio sia l"},
	} {
		if x.scritto == foglio {
			continue
		}
		u.vuole(u.mandaDa(c, "/chiavi/dimenticata", valoriDi("foglio", x.scritto)), 422, x.dice, x.scritto, `href="#foglio"`)
	}
	r = u.mandaDa(c, "/chiavi/dimenticata", valoriDi("foglio", foglio))
	u.vuole(r, 200, "Il codice del foglio è giusto")
	u.vuole(u.chiedi(c, "GET", "/chiavi", "", nil), 303, "/chiavi/sblocca") // not before the new passphrase is on paper
	frase := trova(t, r, `id="la-frase">([^<]+)<`)[0]
	x := u.mandaDa(c, "/chiavi/frase", valoriDi("sigillo", u.nascosto(r, "sigillo"), "frase", "babebi babebi babebi babebi"))
	u.vuole(x, 422, frase, "Il codice del foglio è giusto")
	u.Orologio.Avanza(access.DurataConferma)
	x = u.mandaDa(c, "/chiavi/frase", valoriDi("sigillo", u.nascosto(r, "sigillo"), "frase", frase))
	u.vuole(x, 200, "Dimostra che sei tu")
	u.vuole(u.mandaDa(c, "/conferma", valoriDi("password", frasePassword, "modulo", u.nascosto(x, "modulo"))), 303, "/chiavi?fatto=frase")
	u.frasi["capo"] = frase
	c = u.sblocca("capo")
	r = u.chiedi(c, "GET", "/chiavi", "", nil)
	u.vuole(r, 200, "Chi può leggere", mia, "Foglio personale")

	// Taken away it opens nothing; the passphrase stays.
	slot := trova(t, r, `name="slot" value="([^"]+)"`)
	if len(slot) != 1 {
		t.Fatal("ways in that may go:", len(slot))
	}
	u.vuole(u.mandaDa(c, "/chiavi/slot", valoriDi("slot", slot[0])), 303, "/chiavi?fatto=slot")
	u.vuole(u.mandaDa(c, "/chiavi/dimenticata", valoriDi("foglio", foglio)), 404, "Non hai un foglio personale")
	u.vuole(u.chiedi(c, "GET", "/profilo/fattori", "", nil), 200, "Stampato un foglio personale", "Tolto il foglio personale")
}

// Whose passphrase was seen changes their key alone, also where they are the only
// member; what comes afterwards the old key does not open.
func TestOwnKeyIsChanged(t *testing.T) {
	u := uptApri(t)
	capo := u.chiave("capo")
	u.prende(u.mandaDa(capo, "/chiavi/fonda", custodi()))
	mia := trova(t, u.chiedi(capo, "GET", "/chiavi", "", nil), `id="mia-impronta">([^<]+)<`)[0]
	u.mandaDa(capo, "/chiavi/foglio", nil)
	ladro := u.sblocca("capo")
	r := u.chiedi(capo, "GET", "/chiavi/furto", "", nil)
	u.vuole(r, 200, "qualcuno può aver visto la tua frase", "può essere già stato copiato")
	frase := trova(t, r, `id="la-frase">([^<]+)<`)[0]
	u.vuole(u.mandaDa(capo, "/chiavi/furto", valoriDi("sigillo", u.nascosto(r, "sigillo"), "frase", vault.NewPassphrase().Valore())), 422, frase, `href="#frase"`)
	u.vuole(u.mandaDa(capo, "/chiavi/furto", valoriDi("sigillo", u.nascosto(r, "sigillo"), "frase", frase)), 303, "/chiavi?fatto=furto")
	u.vuole(u.chiedi(ladro, "GET", "/chiavi", "", nil), 303, "/entra")
	r = u.chiedi(capo, "GET", "/chiavi", "", nil)
	u.vuole(r, 200, "Chi può leggere", "Versione 2", "Cambiata la propria chiave")
	u.senza(r, "Foglio personale <", "Ha una chiave nuova")
	if altra := trova(t, r, `id="mia-impronta">([^<]+)<`)[0]; altra == mia {
		t.Error("the same key")
	}
	ladro = u.entra("capo", frasePassword)
	u.vuole(u.mandaDa(ladro, "/chiavi/sblocca", valoriDi("frase", u.frasi["capo"])), 422, "Controlla ogni parola")
	u.frasi["capo"] = frase
	u.vuole(u.chiedi(u.sblocca("capo"), "GET", "/chiavi", "", nil), 200, "Chi può leggere")
	// The sheets are the same: they recover what the new version holds.
	u.vuole(u.mandaDa(capo, "/chiavi/recupera", custodi("foglio-1", u.fogli[0], "foglio-2", u.fogli[1])), 200, "Stampali adesso")

	// Who is in no office yet changes theirs too, and is admitted afterwards.
	o := u.chiave("operatore")
	r = u.chiedi(o, "GET", "/chiavi/furto", "", nil)
	u.vuole(r, 200, "un membro ti ammette con la chiave nuova")
	u.vuole(u.mandaDa(o, "/chiavi/furto", valoriDi("sigillo", u.nascosto(r, "sigillo"), "frase", trova(t, r, `id="la-frase">([^<]+)<`)[0])), 303)
	u.vuole(u.chiedi(o, "GET", "/chiavi", "", nil), 200, "Fatti ammettere")
}

// Where no passkey can open the key the pages say so and do without.
func TestOwnKeyWithoutPasskey(t *testing.T) {
	u := uptApri(t)
	capo := u.chiave("capo")
	u.vuole(u.chiedi(capo, "GET", "/chiavi/passkey", "", nil), 200, "Non hai una passkey")
	u.vuole(u.mandaDa(capo, "/chiavi/passkey", valoriDi("sigillo", "x", "risposta", "{}")), 422, "non è stata riconosciuta")
	u.vuole(u.mandaDa(capo, "/chiavi/slot", valoriDi("slot", "x")), 422, "già tolto")
	c := u.entra("capo", frasePassword)
	u.vuole(u.mandaDa(c, "/chiavi/sblocca", valoriDi("sigillo", "x", "risposta", "{}")), 401, "non è stata riconosciuta", `name="frase"`)
}

// The public page asks the key store once, and knows of the founding at once.
func TestPublicKeyID(t *testing.T) {
	u := uptApri(t)
	u.senza(u.chiedi("", "GET", "/", "", nil), "impronta-upt")
	capo := u.chiave("capo")
	u.prende(u.mandaDa(capo, "/chiavi/fonda", custodi()))
	prima := trova(t, u.chiedi(capo, "GET", "/chiavi", "", nil), `id="prima-chiave">([^<]+)<`)[0]
	u.vuole(u.chiedi("", "GET", "/", "", nil), 200, prima)
	u.ok(u.Chiavi.Close())
	u.vuole(u.chiedi("", "GET", "/", "", nil), 200, prima)
}

// Another node may have founded it: half a minute later it shows.
func TestPublicKeyIDOfAnotherNode(t *testing.T) {
	u := uptApri(t)
	capo := u.chiave("capo")
	u.senza(u.chiedi("", "GET", "/", "", nil), "impronta-upt")
	se, err := u.auth.Session(t.Context(), u.Ente, capo)
	u.ok(err)
	fogli, err := u.custodia().Found(t.Context(), se, comparto, vault.NewQuorum{K: 2, Custodi: []vault.Custode{{Nome: vault.NewRiservato("Uno")}, {Nome: vault.NewRiservato("Due")}}})
	u.ok(err)
	u.senza(u.chiedi("", "GET", "/", "", nil), "impronta-upt")
	u.Orologio.Avanza(attesaImpronta)
	u.vuole(u.chiedi("", "GET", "/", "", nil), 200, vault.Gruppi(fogli[0].Prima))
}
