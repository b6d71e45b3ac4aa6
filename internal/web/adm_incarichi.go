package web

import (
	"net/url"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
)

// ruoliNoti are the roles in the order in which a case meets them.
var ruoliNoti = []string{access.FrontOffice, access.URP, access.URPAziendale, access.Responsabile, access.DirettoreMacrostruttura,
	access.DirettoreSanitario, access.DirettoreAmministrativo, access.Amministratore, access.DPO, access.UPT, access.UPTOperatore, access.Commissione}

// ruoliScelta are the roles one may be given.
func ruoliScelta() []opzione {
	var out []opzione
	for _, r := range ruoliNoti {
		testo := nomeRuolo(r)
		if !pratica.PerUnita(r) {
			testo += " (tutto l'ente)"
		}
		out = append(out, opzione{r, testo})
	}
	return out
}

// moduloIncarico is the form that gives a role.
type moduloIncarico struct {
	Ruolo, Unita, Dal, Al string
	Ruoli                 []opzione
	Elenco                []string // the units of the chart
}

func nuovoModuloIncarico(a admAmbito, ruolo string) moduloIncarico {
	return moduloIncarico{Ruolo: ruolo, Dal: a.oggi.String(), Ruoli: ruoliScelta(), Elenco: elencoUnita(a.amb.Organigramma, a.oggi)}
}

// elencoUnita are the units of a day, as a field proposes them.
func elencoUnita(v *organigramma.Versione, giorno day.Date) []string {
	var out []string
	for _, u := range v.Attive(giorno) {
		out = append(out, u.Nome+" ("+u.ID+")")
	}
	return out
}

// unitaScritta finds the unit that somebody chose or wrote: its id, its whole
// name, or both as elencoUnita writes them. Else it says what to write.
func unitaScritta(v *organigramma.Versione, testo string, giorno day.Date) (id, errore string) {
	testo = strings.TrimSpace(testo)
	if i := strings.LastIndexByte(testo, '('); i >= 0 && strings.HasSuffix(testo, ")") {
		if u, ok := v.Unita(testo[i+1 : len(testo)-1]); ok {
			return u.ID, ""
		}
	}
	if u, ok := v.Unita(testo); ok {
		return u.ID, ""
	}
	trovate := v.Cerca(testo, 4)
	trovate = slices.DeleteFunc(trovate, func(u organigramma.Unita) bool { return !u.Valida(giorno) })
	uguali := slices.DeleteFunc(slices.Clone(trovate), func(u organigramma.Unita) bool { return !strings.EqualFold(u.Nome, testo) })
	switch {
	case len(uguali) == 1:
		return uguali[0].ID, ""
	case len(trovate) == 0:
		return "", "Nell'organigramma non c'è. Scegli un'unità dall'elenco."
	}
	var forse []string
	for _, u := range trovate {
		forse = append(forse, "«"+u.Nome+" ("+u.ID+")»")
	}
	return "", "Scegli quale: " + strings.Join(forse, ", ") + "."
}

// leggiIncarico reads the form that gives a role.
func leggiIncarico(a admAmbito, v url.Values) (access.Incarico, []erroreCampo) {
	l := &lettura{Values: v}
	i := access.Incarico{Ruolo: l.scelta("ruolo", ruoliNoti, "Scegli un ruolo dall'elenco.")}
	i.Dal = dataScritta(l, "dal", "Scrivi da che giorno vale.")
	i.Al = dataScritta(l, "al", "")
	if i.Al != 0 && i.Al < i.Dal {
		l.errore("al", "L'ultimo giorno viene prima del primo: correggi le date.")
	}
	if pratica.PerUnita(i.Ruolo) {
		id, errore := unitaScritta(a.amb.Organigramma, v.Get("unita"), max(a.oggi, i.Dal))
		if strings.TrimSpace(v.Get("unita")) == "" {
			errore = "Scegli presso quale unità."
		}
		if i.Unita = id; errore != "" {
			l.errore("unita", errore)
		}
	}
	return i, l.Errori
}

// dataScritta is a day as a date field sends it.
func dataScritta(l *lettura, campo, serve string) day.Date {
	t := strings.TrimSpace(l.Get(campo))
	if t == "" {
		if serve != "" {
			l.errore(campo, serve)
		}
		return 0
	}
	d, err := day.Parse(t)
	if err != nil {
		l.errore(campo, "Scrivi una data come 2026-03-31.")
	}
	return d
}

// campiIncarico is what the fields of a role need, with what is wrong in them.
type campiIncarico struct {
	M       moduloIncarico
	E       erroriAdm
	Nessuno string // the words of the empty choice
}

// Ruolo gives the fields of the first role.
func (p *paginaPersonaNuova) Ruolo() campiIncarico {
	return campiIncarico{p.Incarico, p.Errori, "Nessuno, per ora"}
}

// Ruolo gives the fields of one more role.
func (p *paginaPersona) Ruolo() campiIncarico { return campiIncarico{p.Incarico, p.Errori, "Scegli"} }
