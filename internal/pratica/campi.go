package pratica

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// campiLetti are the fields of an act, each where it belongs: attributes and
// clear values in the envelope, texts to be sealed.
type campiLetti struct {
	presenti  map[string]bool
	pone      regolamento.Attr
	testi     map[string]string
	chiari    map[string]string
	date      map[string]day.Date
	giorni    int
	strutture []richiestaStruttura
	persona   string // to whom the case is given
	siedono   []string
	leggono   string
	seduta    Seduta // its days
}

// leggiCampi reads the fields of an act as its catalogue describes them. What is
// wrong is said field by field; what is missing is for the rules to say.
func leggiCampi(def *regolamento.DefAtto, dati Dati, amb *Ambiente) (campiLetti, error) {
	c := campiLetti{presenti: map[string]bool{}, pone: regolamento.Attr{}, testi: map[string]string{},
		chiari: map[string]string{}, date: map[string]day.Date{}}
	e := fault.New(fault.Invalid, "Controlla i campi indicati.")
	noti := def.Campi()
	for k := range dati {
		if !slices.ContainsFunc(noti, func(x regolamento.Campo) bool { return x.ID == k }) {
			e.Campo(Pulisci(primeParole(k, 40)), "Questo campo non serve a questa azione.")
		}
	}
	for _, campo := range noti {
		v, ok := dati[campo.ID]
		if t, testo := v.(string); testo && strings.TrimSpace(Pulisci(t)) == "" {
			v = nil // nothing that could be read: as if it were not there
		}
		if !ok || v == nil {
			continue
		}
		if err := c.leggi(campo, def, v, amb); err != nil {
			e.Campo(campo.ID, err.Error())
			continue
		}
		c.presenti[campo.ID] = true
	}
	if q := c.testi["quesito"]; len(c.strutture) > 0 {
		for i := range c.strutture {
			c.strutture[i].Quesito = q
		}
	}
	c.seduta = Seduta{Il: c.date[regolamento.CampoSedutaIl], Dal: c.date[regolamento.CampoLeggeDal], Al: c.date[regolamento.CampoLeggeAl]}
	if len(e.Campi) > 0 {
		return c, e
	}
	return c, nil
}

// leggi reads one field. Its errors are sentences for the person.
func (c *campiLetti) leggi(campo regolamento.Campo, def *regolamento.DefAtto, v any, amb *Ambiente) error {
	if campo.Tipo == regolamento.CampoStrutture {
		return c.leggiStrutture(v, amb)
	}
	if campo.Tipo == regolamento.CampoSiedono {
		return c.leggiSiedono(v)
	}
	if campo.Tipo == regolamento.CampoNumero {
		n, err := intero(v)
		if err != nil || n < campo.Min || n > campo.Max {
			return fmt.Errorf("Scrivi un numero da %d a %d.", campo.Min, campo.Max)
		}
		if campo.ID == "giorni" {
			c.giorni = n
		} else {
			c.chiari[campo.ID] = strconv.Itoa(n)
		}
		return nil
	}
	if campo.Tipo == regolamento.CampoSiNo {
		t, err := siNo(v)
		if err == nil {
			c.metti(campo, t)
		}
		return err
	}
	t, ok := v.(string)
	if !ok {
		return fmt.Errorf("Qui va scritto un testo.")
	}
	t = Pulisci(t)
	switch campo.Tipo {
	case regolamento.CampoScelta:
		if !slices.ContainsFunc(campo.Valori, func(x regolamento.Valore) bool { return x.Nome == t }) {
			return fmt.Errorf("Scegli una delle voci.")
		}
		if slices.ContainsFunc(def.Pone, func(p regolamento.Pone) bool { return p.Attributo == campo.ID }) {
			c.pone[campo.ID] = t
			return nil
		}
		c.metti(campo, t)
		if def.Seduta != "" && campo.ID == regolamento.CampoLeggono {
			c.leggono = t
		}
	case regolamento.CampoData:
		d, err := day.Parse(t)
		if err != nil {
			return fmt.Errorf("Scrivi la data, per esempio 31/03/2026.")
		}
		c.date[campo.ID] = d
	case regolamento.CampoPersona:
		if t == "" || len(t) > MaxRiga {
			return fmt.Errorf("Scegli una persona dell'elenco.")
		}
		c.chiari[campo.ID], c.persona = t, t
	case regolamento.CampoUnita:
		u, ok := amb.Organigramma.Unita(t)
		if !ok {
			return fmt.Errorf("Scegli una struttura dell'elenco.")
		}
		c.chiari[campo.ID] = u.ID
	default:
		n := utf8.RuneCountInString(t)
		if n < campo.Min {
			return fmt.Errorf("Scrivi almeno %d caratteri.", campo.Min)
		}
		if n > campo.Max {
			return fmt.Errorf("Il massimo è %d caratteri: ora sono %d.", campo.Max, n)
		}
		c.testi[campo.ID] = t
	}
	return nil
}

// metti puts a value in the clear or among the texts, as the catalogue says.
func (c *campiLetti) metti(campo regolamento.Campo, t string) {
	if campo.Chiaro {
		c.chiari[campo.ID] = t
	} else {
		c.testi[campo.ID] = t
	}
}

// copri takes what would be clear in the envelope among the texts: of a case of
// members it says the kind of act and to whom it is addressed, and nothing else.
func (c *campiLetti) copri() {
	maps.Copy(c.testi, c.chiari)
	for k, d := range c.date {
		c.testi[k] = d.String()
	}
	c.chiari, c.date, c.pone = nil, nil, nil
}

func (c *campiLetti) leggiStrutture(v any, amb *Ambiente) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("Indica le strutture e la copia che leggeranno.")
	}
	var in []struct {
		ID, Copia string
		Lasciati  []Lasciato
		Allegati  []vault.ID
	}
	if err := json.Unmarshal(b, &in); err != nil || len(in) == 0 {
		return fmt.Errorf("Indica le strutture e la copia che leggeranno.")
	}
	if len(in) > regolamento.MaxStrutture {
		return fmt.Errorf("Puoi chiedere al massimo a %d strutture per volta.", regolamento.MaxStrutture)
	}
	for _, x := range in {
		u, ok := amb.Organigramma.Unita(x.ID)
		if !ok {
			return fmt.Errorf("Una delle strutture non è nell'elenco.")
		}
		copia := Pulisci(x.Copia)
		if copia == "" {
			return fmt.Errorf("Scrivi la copia oscurata che leggerà la struttura.")
		}
		if utf8.RuneCountInString(copia) > MaxCopia {
			return fmt.Errorf("La copia può avere al massimo %d caratteri.", MaxCopia)
		}
		if slices.ContainsFunc(c.strutture, func(r richiestaStruttura) bool { return r.Unita == u.ID }) {
			return fmt.Errorf("La stessa struttura c'è due volte.")
		}
		lasciati, err := leggiLasciati(copia, x.Lasciati)
		if err != nil {
			return err
		}
		if len(x.Allegati) > MaxFile {
			return fmt.Errorf("A una struttura puoi mandare al massimo %d documenti per volta.", MaxFile)
		}
		c.strutture = append(c.strutture, richiestaStruttura{Unita: u.ID, Copia: copia, Lasciati: lasciati, File: x.Allegati})
	}
	return nil
}

// leggiSiedono reads the people who sit in a session, or leave it.
func (c *campiLetti) leggiSiedono(v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &c.siedono)
	}
	slices.Sort(c.siedono)
	c.siedono = slices.Compact(c.siedono)
	if err != nil || len(c.siedono) == 0 || len(c.siedono) > regolamento.MaxSiedono {
		return fmt.Errorf("Scegli da 1 a %d persone.", regolamento.MaxSiedono)
	}
	return nil
}

// siNo reads an answer: a form has its words, a program true and false.
func siNo(v any) (string, error) {
	switch v {
	case true, "true", "si", "sì":
		return "si", nil
	case false, "false", "no":
		return "no", nil
	}
	return "", fmt.Errorf("Scegli sì o no.")
}

func intero(v any) (int, error) {
	switch x := v.(type) {
	case int:
		return x, nil
	case float64:
		if x != math.Trunc(x) || math.Abs(x) > 1e9 {
			return 0, strconv.ErrRange
		}
		return int(x), nil
	}
	return 0, strconv.ErrSyntax
}
