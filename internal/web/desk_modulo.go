package web

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

// campoVista is a field of a form, made from the catalogue of the regolamento.
type campoVista struct {
	ID, Tipo, Etichetta, Aiuto, Valore, Errore string
	Obbligatorio                               bool
	Max, Righe                                 int
	Opzioni                                    []opzioneVista
	Membri                                     []membroVisto
}

// Descritto names what explains the field, for who cannot see it.
func (c campoVista) Descritto() string {
	var out []string
	if c.Aiuto != "" {
		out = append(out, "aiuto-"+c.ID)
	}
	if c.Errore != "" {
		out = append(out, "errore-"+c.ID)
	}
	return strings.Join(out, " ")
}

type opzioneVista struct {
	Valore, Testo string
	Scelta        bool
}

// campiVista are the fields of an act with the values typed so far. The field of
// the structures asked has a page part of its own.
func (s *Server) campiVista(ctx context.Context, se *auth.Sessione, f *pratica.Fascicolo, d *regolamento.DefAtto, v url.Values, errori map[string]string) ([]campoVista, error) {
	var out []campoVista
	for _, c := range d.Campi() {
		if c.Tipo == regolamento.CampoStrutture {
			continue
		}
		x := campoVista{ID: c.ID, Tipo: c.Tipo, Etichetta: c.Etichetta, Aiuto: c.Aiuto, Obbligatorio: c.Obbligatorio, Max: c.Max,
			Valore: v.Get(c.ID), Errore: errori[c.ID], Righe: 6}
		if c.Max >= 10000 {
			x.Righe = 14
		}
		if !v.Has(c.ID) && x.Valore == "" {
			x.Valore = c.Predefinito
		}
		switch c.Tipo {
		case regolamento.CampoScelta:
			for _, o := range c.Valori {
				x.Opzioni = append(x.Opzioni, opzioneVista{o.Nome, o.Etichetta, o.Nome == x.Valore})
			}
		case regolamento.CampoSiNo:
			x.Opzioni = []opzioneVista{{"si", "Sì", x.Valore == "si"}, {"no", "No", x.Valore == "no"}}
		case regolamento.CampoSiedono:
			if d.Seduta == regolamento.SedutaToglie { // it says who may be chosen, not who leaves
				x.Aiuto = ""
			}
			var err error
			if x.Membri, err = s.membriVisti(ctx, f, d, v[c.ID]); err != nil {
				return nil, err
			}
		case regolamento.CampoPersona:
			persone, err := s.Auth.Colleghi(ctx, se.Chi)
			if c.ID == d.Affida {
				persone, err = s.assistenti(ctx, se)
			}
			if err != nil {
				return nil, err
			}
			for _, p := range persone {
				x.Opzioni = append(x.Opzioni, opzioneVista{p.ID, p.Nome, p.ID == x.Valore})
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// datiModulo are the fields of an act as the domain reads them.
func datiModulo(d *regolamento.DefAtto, v url.Values, org *organigramma.Versione) pratica.Dati {
	out := pratica.Dati{}
	for _, c := range d.Campi() {
		t := strings.TrimSpace(v.Get(c.ID))
		if t == "" || c.Tipo == regolamento.CampoStrutture {
			continue
		}
		switch c.Tipo {
		case regolamento.CampoSiedono:
			out[c.ID] = v[c.ID]
			continue
		case regolamento.CampoNumero:
			if n, err := strconv.Atoi(t); err == nil {
				out[c.ID] = n
				continue
			}
		case regolamento.CampoData:
			t = dataModulo(t)
		case regolamento.CampoUnita:
			if id := unitaScelta(org, t); id != "" {
				t = id
			}
		}
		out[c.ID] = t
	}
	return out
}

// dataModulo reads a date as people type it where the browser has no calendar;
// what it cannot read it gives back as it is.
func dataModulo(t string) string {
	for _, forma := range []string{"2/1/2006", "2.1.2006", "2-1-2006"} {
		if x, err := time.Parse(forma, t); err == nil {
			return x.Format(time.DateOnly)
		}
	}
	return t
}

// giornoModulo reads an optional date of a form.
func giornoModulo(t string) (day.Date, bool) {
	if t = dataModulo(strings.TrimSpace(t)); t == "" {
		return 0, true
	}
	d, err := day.Parse(t)
	return d, err == nil
}

var idFinale = regexp.MustCompile(`\[([^\[\]]+)\]$`)

// unitaScelta is the unit that a field with suggestions names: the one in square
// brackets, the one of that id, or the only one the words can mean.
func unitaScelta(org *organigramma.Versione, t string) string {
	t = strings.TrimSpace(t)
	if m := idFinale.FindStringSubmatch(t); m != nil {
		t = m[1]
	}
	if u, ok := org.Unita(t); ok {
		return u.ID
	}
	if t == "" {
		return ""
	}
	trovate := org.Cerca(t, 2)
	if len(trovate) == 1 || len(trovate) == 2 && strings.EqualFold(trovate[0].Nome, t) && !strings.EqualFold(trovate[1].Nome, t) {
		return trovate[0].ID
	}
	return ""
}

// nomeSuggerito is a unit as the suggestions of a field write it.
func nomeSuggerito(org *organigramma.Versione, id string) string {
	u, ok := org.Unita(id)
	if !ok {
		return id
	}
	if sede, ok := org.Sede(u.Presidio); ok {
		return u.Nome + ", " + sede.Nome + " [" + u.ID + "]"
	}
	return u.Nome + " [" + u.ID + "]"
}

// suggerimentiUnita are the units that exist today, as a field suggests them.
func suggerimentiUnita(amb *pratica.Ambiente, oggi day.Date) []string {
	var out []string
	for _, u := range amb.Organigramma.Attive(oggi) {
		out = append(out, nomeSuggerito(amb.Organigramma, u.ID))
	}
	slices.Sort(out)
	return out
}

// serveUnita reports whether a form needs the suggestions.
func serveUnita(d *regolamento.DefAtto) bool {
	return slices.ContainsFunc(d.Campi(), func(c regolamento.Campo) bool {
		return c.Tipo == regolamento.CampoStrutture || c.Tipo == regolamento.CampoUnita
	})
}

// erroriCampi puts the faults of a form in the order of its fields, those of no
// field last.
func erroriCampi(d *regolamento.DefAtto, messaggio string, campi map[string]string, motivi []string) []erroreCampo {
	var out []erroreCampo
	for _, c := range d.Campi() {
		if m := campi[c.ID]; m != "" {
			id := c.ID
			if c.Tipo == regolamento.CampoStrutture {
				id = "unita-0"
			}
			out = append(out, erroreCampo{id, m})
		}
	}
	if len(out) > 0 {
		return out
	}
	if len(motivi) == 0 {
		motivi = []string{messaggio}
	}
	for _, m := range motivi {
		out = append(out, erroreCampo{"", m})
	}
	return out
}
