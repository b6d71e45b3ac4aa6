package web

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/custody"
	"tutela/internal/regolamento"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// What the policy says, and so what the walk expects: the rules of reading, which are
// data; the roles and gestures that routes declare; the actors of the regolamenti. Of
// the case that is walked only facts are told here: which office has what to do with
// it. docs/matrice.md is written from the same.

var update = flag.Bool("update", false, "write the golden files again")

// fatti are the offices of the case at a stage: who handles it, and who was asked.
func fatti(stadio int) access.Oggetto {
	o := access.Oggetto{Ente: storetest.Ente, Registro: access.RegistroURP, Nucleo: []string{access.Ufficio(access.URP, "URP-SANTA-CHIARA")}}
	if stadio >= chiesta {
		o.Chiesto = []string{access.Ufficio(access.Responsabile, strutturaA), access.Ufficio(access.Responsabile, strutturaB), access.Ufficio(access.DirettoreMacrostruttura, "DIP-AREA-EMERGENZA-URGENZA")}
	}
	if stadio >= allaFirma {
		o.Nucleo = append(o.Nucleo, access.Ufficio(access.DirettoreSanitario, ""))
	}
	return o
}

// chi is who walks, as the rules of reading know him.
func (p camminante) chi() access.Chi {
	c := access.Chi{Ente: storetest.Ente, Persona: p.nome}
	if p.ruolo != "" {
		c.Uffici = []string{access.Ufficio(p.ruolo, p.unita)}
	}
	return c
}

// vista is how much of the case the person sees at a stage.
func (p camminante) vista(stadio int) string {
	switch o := fatti(stadio); {
	case access.Can(p.chi(), access.VedereNucleo, o):
		return "tutto"
	case access.Can(p.chi(), access.Elencare, o):
		return "copia"
	}
	return "niente"
}

// perVista is what a page of the case answers to who may do an action, and, where that is
// not to list it, to who may only list it.
func perVista(a access.Azione, altrimenti int) stati {
	x := stati{"tutto": http.StatusOK, "copia": http.StatusOK, "niente": http.StatusNotFound}
	if a != access.Elencare {
		x["copia"] = altrimenti
	}
	return x
}

// spetta reports whether an act of the case is the person's, by the actors that the
// regolamento names.
func (p camminante) spetta(def *regolamento.DefAtto, reg *regolamento.Regolamento) bool {
	return slices.ContainsFunc(def.Chi.Tutti(), func(attore string) bool {
		a, ok := reg.Attore(attore)
		if !ok || a.Ruolo == "" {
			return false
		}
		uffici := map[string][]string{
			regolamento.AmbitoEnte:           {""},
			regolamento.AmbitoTerritorio:     {"URP-SANTA-CHIARA"},
			regolamento.AmbitoStruttura:      {strutturaA},
			regolamento.AmbitoDestinatario:   {strutturaA, strutturaB},
			regolamento.AmbitoMacrostruttura: {"DIP-AREA-EMERGENZA-URGENZA"},
		}[a.Ambito]
		return slices.ContainsFunc(uffici, func(u string) bool { return slices.Contains(p.chi().Uffici, access.Ufficio(a.Ruolo, u)) })
	})
}

// di is what an act that can be done now answers: si to whom it belongs, 403 to who
// only sees the case.
func (c *camminata) di(atto string, si int) stati {
	c.t.Helper()
	reg := c.Servizio.Ambiente(c.Ente).Regolamento
	x, def := stati{"niente": http.StatusNotFound, "*": http.StatusForbidden}, reg.Atto(atto)
	if def == nil {
		c.t.Fatalf("no act %s", atto)
	}
	for _, p := range camminanti {
		if p.spetta(def, reg) {
			x[p.nome] = si
		}
	}
	return x
}

// decide are the routes that are open to every role and answer them differently, with
// who decides: the policy, or the page, and then why. The walk's rows of such a page
// are written by hand.
var decide = map[string]string{
	"GET /pratica/{id}": "to list", "GET /pratica/{id}/{sezione}": "to list",
	"GET /pratica/{id}/file/{file}":                  "to read the whole; of what was addressed, its copies",
	"GET /pratica/{id}/foglio/{seq}":                 "to read the whole; of what was addressed, its sheets",
	"GET /pratica/{id}/atto/{atto}":                  "the actors of the act",
	"POST /pratica/{id}/atto/{atto}":                 "the actors of the act",
	"GET /firma/{id}":                                "the actors of the act",
	"POST /pratica/{id}/copia":                       "to read the whole",
	"POST /pratica/{id}/fascicolo":                   "to read the whole",
	"GET /pratica/{id}/segnatura/{seq}":              "to read the whole",
	"GET /pratica/{id}/copia/{file}":                 "to read the whole, while a structure may be asked",
	"POST /pratica/{id}/copia/{file}":                "to read the whole, while a structure may be asked",
	"GET /pratica/{id}/copia/{file}/pagina/{pagina}": "to read the whole, while a structure may be asked",
	"GET /pratica/{id}/copia/{file}/pronta":          "to read the whole, while a structure may be asked",
	"GET /lavoro":                                    "the page: who handles no case of the URP is led to his own page",
	"POST /lavoro/insieme":                           "the page: as /lavoro; then the actors of the act, case by case",
	"POST /lavoro/viste":                             "the page: as /lavoro",
	"GET /nuova":                                     "the actors of the opening act",
	"POST /nuova":                                    "the actors of the opening act",
	"GET /nuova/upt":                                 "the page: the desks of the URP, which take in for the UPT", "POST /nuova/upt": "the page: the desks of the URP, which take in for the UPT",
	"GET /accessi":           "the page: the DPO's own record of who read what",
	"GET /archivio":          "pratica.MayScarto: who proposes or approves the end of files",
	"POST /archivio/proponi": "pratica.MayProposeScarto: who proposes the end of files",
	"POST /archivio/elenco":  "pratica.MayScarto: who proposes or approves the end of files",
	"GET /entra":             "the page: who has signed in is led on",
	"POST /entra":            "the page: a person tried too often waits",
	"GET /chiavi/fonda":      "the page: the head alone", "GET /chiavi/recupera": "the page: the head alone",
}

// varia reports whether rows of a route expect something of some and not of others.
func varia(righe []richiesta) bool {
	return slices.ContainsFunc(righe, func(r richiesta) bool { return len(r.stati) > 1 })
}

// The stored rows say of each who walks what the facts say: else the walk would expect
// what the story is not.
func (c *camminata) comeIFatti(stadio int) {
	c.t.Helper()
	h, _, err := c.Store.Leggi(c.t.Context(), c.ric.ID)
	c.ok(err)
	o, err := c.Store.Oggetto(c.t.Context(), h.N)
	c.ok(err)
	o.Ente, o.Registro = h.Ente, h.Registro
	for _, p := range camminanti[1:] {
		for _, a := range []access.Azione{access.Elencare, access.VedereNucleo} {
			if si := access.Can(c.Chi(p.ruolo, p.unita), a, o); si != access.Can(p.chi(), a, fatti(stadio)) {
				c.t.Errorf("stage %d: %s, %s: %v by the stored rows", stadio, p.nome, a, si)
			}
		}
	}
}

// apertaFinta is a session that has the key of the UPT open, and opens nothing with it.
type apertaFinta struct{}

func (apertaFinta) Opener(string) (vault.Opener, bool)       { return vault.Opener{}, true }
func (apertaFinta) Recipient(string) (vault.Recipient, bool) { return vault.Recipient{}, false }
func (apertaFinta) Own() (vault.Opener, bool)                { return vault.Opener{}, false }
func (apertaFinta) Person(string, string) (vault.Recipient, error) {
	return vault.Recipient{}, vault.ErrSealed
}

// TestMatrice writes docs/matrice.md, and demands that it was.
func TestMatrice(t *testing.T) {
	c := cammina(t)
	m := matrice(c)
	for _, x := range c.s.rotte {
		k := x.Metodo + " " + x.Percorso
		if v := varia(m[k]) && (slices.Equal(x.Chi, tutti) || x.Chi == nil || decide[k] != ""); v != (decide[k] != "") {
			t.Errorf("%s answers people differently: %v, and who decides is %q", k, v, decide[k])
		}
	}
	var b bytes.Buffer
	c.scrivi(&b)
	const dove = "../../docs/matrice.md"
	if *update {
		c.ok(os.WriteFile(dove, b.Bytes(), 0o600))
	}
	if scritta, err := os.ReadFile(dove); err != nil || !bytes.Equal(scritta, b.Bytes()) {
		t.Errorf("docs/matrice.md is not what the policy says: make golden (%v)", err)
	}
}

func (c *camminata) scrivi(b *bytes.Buffer) {
	p := func(formato string, args ...any) { _, _ = fmt.Fprintf(b, formato+"\n", args...) }
	p(`# Who may do what

Written by %s from the policy itself: do not edit it, run %s.
The walk (%s) asks every route as every role and expects what stands here. Three things it does not take
from the policy, and has rows of its own for: what a form answers to what is missing or cannot be done now (400, 409, 422: the state of the case,
which %s explores); who besides his role must have his key open (the UPT's people are sent to unlock it); and the
pages that decide for themselves, named below with the reason.`, "`TestMatrice` (internal/web)", "`make golden`", "`internal/web/cammino_*_test.go`", "`tutela regolamento check`")
	p("\n## To read a case\n\nBy what the role's office has to do with it. ● reads the whole, ○ lists it and reads what was addressed to the office, · nothing. A file of the URP that was given to a\ncase of the UPT is read in that case alone, and stands in no list.\n")
	colonne := func(prima ...string) {
		p("| %s | %s |", strings.Join(prima, " | "), strings.Join(access.Roles, " | "))
		p("|%s", strings.Repeat("---|", len(prima)+len(access.Roles)))
	}
	colonne("register", "the office")
	for _, r := range []struct {
		nome, registro string
		aperta         bool
	}{{"URP", access.RegistroURP, false}, {"UPT, key locked", access.RegistroUPT, false}, {"UPT, key open", access.RegistroUPT, true}} {
		for _, rel := range []string{"has nothing to do with it", "was asked", "handles it"} {
			riga := []string{r.nome, rel}
			for _, ruolo := range access.Roles {
				u := access.Ufficio(ruolo, "x")
				o := access.Oggetto{Ente: "x", Registro: r.registro}
				switch rel {
				case "was asked":
					o.Chiesto = []string{u}
				case "handles it":
					o.Nucleo = []string{u}
				}
				chi := access.Chi{Ente: "x", Persona: "x", Uffici: []string{u}}
				if r.aperta && slices.Contains(custody.Ruoli(), ruolo) {
					chi.Aperti = apertaFinta{}
				}
				switch {
				case access.Can(chi, access.VedereNucleo, o):
					riga = append(riga, "●")
				case access.Can(chi, access.Elencare, o):
					riga = append(riga, "○")
				default:
					riga = append(riga, "·")
				}
			}
			p("| %s |", strings.Join(riga, " | "))
		}
	}
	for _, nome := range []string{"pga01", "upt-lombardia"} {
		reg, err := regolamento.Shipped(nome)
		c.ok(err)
		p("\n## Acts of %s\n\nWho does each, and at which office of the case. Whether it can be done now is the state's to say.\n", reg.Nome())
		colonne("act", "proof", "citizen", "program")
		for _, d := range reg.Atti() {
			p("| %s |", strings.Join(attori(reg, d), " | "))
		}
	}
	p("\n## Pages\n\n● enters, · is refused at the door; of the proof the gesture, see `access.Confermato`. No token is taken on a page, and none carries the proof but for the acts of a case.\n")
	colonne("route", "proof", "without signing in", "who decides within")
	for _, x := range c.s.rotte {
		k := x.Metodo + " " + x.Percorso
		riga := []string{"`" + strings.ReplaceAll(k, "|", `\|`) + "`", string(gesti[k]), "·", decide[k]}
		if x.Chi == nil {
			riga[2] = "●"
		}
		for _, ruolo := range access.Roles {
			if x.Chi == nil || slices.Equal(x.Chi, tutti) || slices.Contains(x.Chi, ruolo) {
				riga = append(riga, "●")
			} else {
				riga = append(riga, "·")
			}
		}
		p("| %s |", strings.Join(riga, " | "))
	}
}

// attori is the row of an act.
func attori(reg *regolamento.Regolamento, d *regolamento.DefAtto) []string {
	riga := []string{d.Nome, string(gestoDi(d)), "·", "·"}
	di := map[string][]string{}
	for _, nome := range d.Chi.Tutti() {
		switch a, _ := reg.Attore(nome); {
		case nome == regolamento.AttoreCittadino:
			riga[2] = "●"
		case nome == regolamento.AttoreSistema:
			riga[3] = "●"
		default:
			di[a.Ruolo] = append(di[a.Ruolo], a.Ambito)
		}
	}
	for _, ruolo := range access.Roles {
		if len(di[ruolo]) == 0 {
			riga = append(riga, "·")
		} else {
			riga = append(riga, strings.Join(di[ruolo], ", "))
		}
	}
	return riga
}
