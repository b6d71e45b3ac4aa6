package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// mancanza is something the ente has not set up yet, and where to do it; of the
// machine, without a where.
type mancanza struct {
	Grave      bool // without it segnalazioni stop or go astray
	Frase      string
	Link, Voce string
	Elenco     []string // what exactly, when it is more than one thing
}

// paginaInizio is the administrator's first page.
type paginaInizio struct {
	Scrivania
	Gravi, Altre []mancanza
	Schede       []schedaAdm
	Prossime     []string // what comes into force later
}

// schedaAdm is one part of the settings, with what it holds today.
type schedaAdm struct {
	Titolo, Link string
	Righe        []string
}

func (s *Server) admInizio(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, true)
	if err != nil {
		return err
	}
	d, err := s.Ambienti.Decorrenze(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	regola, err := s.Auth.Regola(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	p := &paginaInizio{Schede: schede(a, regola), Prossime: prossime(d, a.oggi)}
	if s.Custody != nil {
		x, err := s.Custody.Look(r.Context(), s.EnteID, comparto)
		if err != nil {
			return err
		}
		riga := "L'UPT non ha ancora creato le sue."
		if x.Fondata {
			riga = "L'UPT tiene le sue: " + vault.Gruppi(x.Prima)
		}
		p.Schede = append(p.Schede, schedaAdm{"Chiavi degli uffici", "/amministrazione/chiavi", []string{riga}})
	}
	if x, c, err := s.schedaProtocollo(r.Context()); err != nil {
		return err
	} else if c {
		p.Schede = append(p.Schede, x)
	}
	if p.Scrivania, err = s.admTesta(r, "Amministrazione", "amministrazione"); err != nil {
		return err
	}
	macchina, err := s.macchina(r.Context())
	if err != nil {
		return err
	}
	for _, m := range append(mancanze(a), macchina...) {
		if m.Grave {
			p.Gravi = append(p.Gravi, m)
		} else {
			p.Altre = append(p.Altre, m)
		}
	}
	return s.rendi(w, r, http.StatusOK, "adm_inizio.html", p)
}

// macchina is what there is to say of the machine; no page of the settings mends it.
func (s *Server) macchina(ctx context.Context) ([]mancanza, error) {
	if s.Macchina == nil {
		return nil, nil
	}
	rr, err := s.Macchina(ctx)
	var out []mancanza
	for _, x := range rr {
		if !x.Nota {
			out = append(out, mancanza{Grave: x.Grave, Frase: x.Cosa})
		}
	}
	return out, err
}

func schede(a admAmbito, regola auth.Regola) []schedaAdm {
	attive := 0
	for _, p := range a.persone {
		if p.Attiva {
			attive++
		}
	}
	persone := schedaAdm{"Persone e ruoli", "/amministrazione/persone", []string{i18n.Plural(attive, "persona può entrare", "persone possono entrare")}}
	if n := len(a.persone) - attive; n > 0 {
		persone.Righe = append(persone.Righe, i18n.Plural(n, "persona disattivata", "persone disattivate"))
	}
	org := schedaAdm{"Organigramma", "/amministrazione/organigramma", []string{"Non è ancora stato importato."}}
	if v := a.amb.Organigramma; len(v.Units()) > 0 {
		org.Righe = []string{i18n.Plural(len(v.Attive(a.oggi)), "unità attiva", "unità attive"), i18n.Plural(len(v.Sedi()), "sede", "sedi")}
	}
	uffici := schedaAdm{"Uffici URP", "/amministrazione/uffici", []string{i18n.Plural(len(a.ente.Uffici), "URP di 2° livello", "URP di 2° livello")}}
	ente := schedaAdm{"Dati dell'ente", "/amministrazione/ente", []string{a.ente.Nome, a.ente.Telefono}}
	reg := schedaAdm{"Regolamento", "/amministrazione/regolamento", []string{"Non è ancora stato scelto."}}
	if x := a.amb.Regolamento; x != nil {
		reg.Righe = []string{x.Titolo(), "Versione " + x.Versione()}
	}
	accesso := schedaAdm{"Come si accede", "/amministrazione/accesso", []string{regolaInParole(regola, a.oggi)}}
	token := schedaAdm{"I miei token", "/amministrazione/token", []string{"Per i programmi che lavorano a tuo nome."}}
	return []schedaAdm{persone, accesso, org, uffici, ente, reg, token}
}

func prossime(d []pratica.Decorrenza, oggi day.Date) []string {
	var out []string
	for _, x := range slices.Backward(d) {
		if x.Dal <= oggi {
			continue
		}
		cosa := "un nuovo organigramma"
		if x.Registro != "" {
			cosa = "il regolamento «" + x.Nome + "»"
		}
		out = append(out, "Dal "+i18n.LongDate(x.Dal)+" vale "+cosa+".")
	}
	return out
}

// mancanze says what is not set up, what stops the work first.
func mancanze(a admAmbito) []mancanza {
	var out []mancanza
	metti := func(m mancanza) { out = append(out, m) }
	if a.amb.Regolamento == nil {
		metti(mancanza{Grave: true, Frase: "Manca il regolamento: nessuna segnalazione può essere registrata.", Link: "/amministrazione/regolamento/carica", Voce: "Scegli il regolamento"})
	} else if cal, err := day.Nazionale().Con(a.ente.Patrono); err == nil && a.amb.Calendario != nil && cal.Hash() != a.amb.Calendario.Hash() {
		metti(mancanza{Frase: "Il calendario dei giorni festivi è cambiato. Pubblica di nuovo il regolamento per usarlo nelle pratiche nuove.", Link: "/amministrazione/regolamento/carica", Voce: "Pubblica di nuovo"})
	}
	if len(a.amb.Organigramma.Units()) == 0 {
		metti(mancanza{Grave: true, Frase: "Manca l'organigramma: tutte le segnalazioni vanno all'URP aziendale.", Link: "/amministrazione/organigramma/importa", Voce: "Importa l'organigramma"})
	}
	out = append(out, ruoliScoperti(a)...)
	if v := ufficiSbagliati(a.amb.Organigramma, a.ente.Uffici, a.oggi); len(v) > 0 {
		metti(mancanza{Grave: true, Frase: "Gli uffici nominano unità o sedi che non ci sono.", Link: "/amministrazione/uffici", Voce: "Correggi gli uffici", Elenco: v})
	}
	if v := incarichiSbagliati(a.amb.Organigramma, a.persone, a.oggi); len(v) > 0 {
		metti(mancanza{Frase: "Alcuni ruoli sono presso unità che non ci sono più.", Link: "/amministrazione/persone", Voce: "Vai alle persone", Elenco: v})
	}
	if v := datiVuoti(a.ente); len(v) > 0 {
		metti(mancanza{Frase: "Mancano dati dell'ente: " + strings.Join(v, ", ") + ".", Link: "/amministrazione/ente", Voce: "Completa i dati"})
	}
	if n := senzaRuolo(a.persone, a.oggi); n > 0 {
		metti(mancanza{Frase: i18n.Plural(n, "persona può entrare ma non ha un ruolo.", "persone possono entrare ma non hanno un ruolo."), Link: "/amministrazione/persone?stato=senza-ruolo", Voce: "Dai un ruolo"})
	}
	return out
}

func datiVuoti(e pratica.Ente) []string {
	var out []string
	for _, c := range []struct{ valore, nome string }{{e.Telefono, "telefono"}, {e.Orari, "orari"}, {e.Email, "e-mail"}, {e.PEC, "PEC"}, {e.Indirizzo, "indirizzo"}, {e.DPO, "e-mail del responsabile della protezione dei dati"}, {e.Patrono, "patrono"}} {
		if c.valore == "" {
			out = append(out, c.nome)
		}
	}
	return out
}

func senzaRuolo(persone []auth.Persona, oggi day.Date) int {
	n := 0
	for _, p := range persone {
		if p.Attiva && !slices.ContainsFunc(p.Incarichi, func(i access.Incarico) bool { return i.Vale(oggi) || i.Dal > oggi }) {
			n++
		}
	}
	return n
}

// tiene reports whether somebody who can sign in holds the role today, at a unit
// that vale accepts.
func tiene(persone []auth.Persona, oggi day.Date, ruolo string, vale func(unita string) bool) bool {
	return slices.ContainsFunc(persone, func(p auth.Persona) bool {
		return p.Attiva && slices.ContainsFunc(p.Incarichi, func(i access.Incarico) bool { return i.Ruolo == ruolo && i.Vale(oggi) && vale(i.Unita) })
	})
}

// ruoliScoperti says which actors of the procedure nobody is: what waits for them
// waits for no one.
func ruoliScoperti(a admAmbito) []mancanza {
	if a.amb.Regolamento == nil {
		return nil
	}
	var out []mancanza
	visti := map[string]bool{}
	for _, att := range a.amb.Regolamento.Attori() {
		if k := att.Ruolo + att.Ambito; att.Ruolo == "" || visti[k] || att.Ambito == regolamento.AmbitoDestinatario && visti[att.Ruolo+regolamento.AmbitoStruttura] {
			continue
		} else {
			visti[k] = true
		}
		if !pratica.PerUnita(att.Ruolo) {
			if !tiene(a.persone, a.oggi, att.Ruolo, func(string) bool { return true }) {
				out = append(out, mancanza{Grave: true, Frase: "Nessuno ha il ruolo «" + nomeRuolo(att.Ruolo) + "».", Link: "/amministrazione/persone/nuova?ruolo=" + att.Ruolo, Voce: "Aggiungi una persona"})
			}
			continue
		}
		nomi := scoperte(a, att)
		if len(nomi) == 0 {
			continue
		}
		out = append(out, mancanza{Grave: att.Ambito == regolamento.AmbitoTerritorio,
			Frase:  fmt.Sprintf("Il ruolo «%s» non ha una persona in %s.", nomeRuolo(att.Ruolo), i18n.Plural(len(nomi), "unità", "unità")),
			Link:   "/amministrazione/persone?ruolo=" + att.Ruolo,
			Voce:   "Vedi chi ha questo ruolo",
			Elenco: nomi})
	}
	return out
}

// scoperte are the units where a role is wanted and nobody holds it.
func scoperte(a admAmbito, att regolamento.DefAttore) []string {
	org := a.amb.Organigramma
	var dove []string
	switch att.Ambito {
	case regolamento.AmbitoTerritorio:
		for _, u := range a.ente.Uffici {
			dove = append(dove, u.Unita)
		}
	case regolamento.AmbitoMacrostruttura:
		for _, u := range org.Attive(a.oggi) {
			if m := org.Macrostruttura(u.ID, a.oggi); m != "" && !slices.Contains(dove, m) {
				dove = append(dove, m)
			}
		}
	case regolamento.AmbitoStruttura, regolamento.AmbitoDestinatario:
		for _, u := range org.Attive(a.oggi) {
			if rispondono[u.Tipo] && u.Ente == "" {
				dove = append(dove, u.ID)
			}
		}
	}
	var out []string
	for _, id := range dove {
		if !tiene(a.persone, a.oggi, att.Ruolo, func(unita string) bool {
			return unita == id || att.Ruolo == access.Responsabile && org.Contiene(unita, id)
		}) {
			out = append(out, conID(org, id))
		}
	}
	return out
}

// rispondono are the kinds of unit that a segnalazione is usually about.
var rispondono = map[organigramma.Tipo]bool{organigramma.StrutturaComplessa: true, organigramma.StrutturaDipartimentale: true,
	organigramma.StrutturaSemplice: true, organigramma.StrutturaDistrettuale: true}

// ufficiSbagliati are the units and sites that the offices name and the chart has
// not on that day.
func ufficiSbagliati(v *organigramma.Versione, uffici []organigramma.Ufficio, giorno day.Date) []string {
	if len(v.Units()) == 0 {
		return nil
	}
	var out []string
	for _, u := range uffici {
		if x, ok := v.Unita(u.Unita); !ok || !x.Valida(giorno) {
			out = append(out, "L'URP sta presso "+conID(v, u.Unita)+", che non è attiva.")
		}
		for _, id := range u.Strutture {
			if x, ok := v.Unita(id); !ok || !x.Valida(giorno) {
				out = append(out, "L'URP presso "+conID(v, u.Unita)+" segue "+conID(v, id)+", che non è attiva.")
			}
		}
		for _, c := range u.Presidi {
			if _, ok := v.Sede(c); !ok {
				out = append(out, "L'URP presso "+conID(v, u.Unita)+" segue la sede "+c+", che non c'è.")
			}
		}
	}
	return out
}

// incarichiSbagliati are the roles held, on that day or later, at a unit that the
// chart has not.
func incarichiSbagliati(v *organigramma.Versione, persone []auth.Persona, giorno day.Date) []string {
	if len(v.Units()) == 0 {
		return nil
	}
	var out []string
	for _, p := range persone {
		for _, i := range p.Incarichi {
			if i.Unita == "" || !p.Attiva || !i.Al.IsZero() && i.Al < giorno {
				continue
			}
			if x, ok := v.Unita(i.Unita); !ok || !x.Valida(max(giorno, i.Dal)) {
				out = append(out, p.Nome+": "+nomeRuolo(i.Ruolo)+" presso "+conID(v, i.Unita))
			}
		}
	}
	return out
}

// conID is a unit as an administrator tells it from those of the same name.
func conID(v *organigramma.Versione, id string) string {
	if u, ok := v.Unita(id); ok {
		return u.Nome + " (" + id + ")"
	}
	return id
}

// nomeRuolo is a role as an administrator tells it from the others.
func nomeRuolo(ruolo string) string {
	switch ruolo {
	case access.Responsabile:
		return "Responsabile di struttura"
	case access.DirettoreMacrostruttura:
		return "Direttore di macrostruttura"
	case access.URP:
		return "URP di 2° livello"
	}
	return nomeUfficio(nil, access.Ufficio(ruolo, ""))
}
