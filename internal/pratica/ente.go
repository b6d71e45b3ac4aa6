package pratica

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/organigramma"
	"tutela/internal/regolamento"
)

// Ente is what an ente says of itself: on every page, and for the routing.
type Ente struct {
	ID        string                 `json:"id"`
	Nome      string                 `json:"nome"`
	Regione   string                 `json:"regione"`
	Telefono  string                 `json:"telefono"`
	Orari     string                 `json:"orari"`
	Email     string                 `json:"email"`
	PEC       string                 `json:"pec"`
	Indirizzo string                 `json:"indirizzo"`
	DPO       string                 `json:"dpo"`     // e-mail of the data protection officer
	Sito      string                 `json:"sito"`    // where people reach the pages: https://…
	Cure      bool                   `json:"cure"`    // the ente confirms that a report changes no care and enters no clinical record
	Patrono   string                 `json:"patrono"` // MM-DD; empty: none
	Uffici    []organigramma.Ufficio `json:"uffici"`  // where a 2nd level URP sits, and what it serves
	Alias     string                 `json:"alias"`   // CSV: what people's words for places mean
	UPT       Contatto               `json:"upt,omitzero"`
	Testimoni []string               `json:"testimoni,omitempty"` // published keys of who witnesses the log
	Timbri    string                 `json:"timbri,omitempty"`    // for how many years a stamp may be verified; empty: for ever
	Riservate []string               `json:"riservate,omitempty"` // ids of the units with a compartment of their own, each with all below it
}

// Contatto is how to reach the UPT: its head says it, and no administrator.
type Contatto struct {
	Telefono  string `json:"telefono,omitempty"`
	Orari     string `json:"orari,omitempty"`
	Email     string `json:"email,omitempty"`
	Indirizzo string `json:"indirizzo,omitempty"`
}

// Impianto is where the settings of the enti are kept.
type Impianto interface {
	Enti(ctx context.Context) (map[string][]byte, error)
	SalvaEnte(ctx context.Context, id string, config []byte) error
	Organigramma(ctx context.Context, ente string, giorno day.Date) ([]byte, error) // fault.NotFound: none yet
	Organigrammi(ctx context.Context, ente string) ([][]byte, error)                // every version, oldest first
	SalvaOrganigramma(ctx context.Context, ente string, dal day.Date, hash string, testo []byte) error
	Regolamenti(ctx context.Context) (map[string][]byte, error)
	Calendari(ctx context.Context) (map[string][]byte, error)
	InVigore(ctx context.Context, ente, registro string, giorno day.Date) (reg, cal string, err error) // fault.NotFound: none yet
	Pubblica(ctx context.Context, ente, registro string, dal day.Date, reg, cal Testo) error
	Decorrenze(ctx context.Context, ente string) ([]Decorrenza, error)
	Attese(ctx context.Context, ente string) (map[string]int, error)
}

// Decorrenza is a chart or a regolamento with the day from which it holds.
type Decorrenza struct {
	Registro string // of the regolamento; empty for a chart
	Dal      day.Date
	Hash     string
	Nome     string // of the regolamento
}

// Testo is a document known by its hash.
type Testo struct {
	Nome, Hash string
	Bytes      []byte
}

// The registers. The cases of the UPT are in the compartment of its name.
const (
	RegistroURP = access.RegistroURP
	RegistroUPT = access.RegistroUPT
)

// Ambienti holds what is in force for each ente, read from the store and
// replaced whole when it changes. Safe for many goroutines.
type Ambienti struct {
	imp Impianto
	now func() time.Time

	mu   sync.RWMutex
	enti map[string]*Ente
	amb  map[string]*Ambiente
	org  map[string]carta // by ente, so that an unchanged chart is not made again
	reg  map[string]*regolamento.Regolamento
	cal  map[string]*day.Calendario
}

type carta struct {
	testo string // the chart and the aliases it was made from
	v     *organigramma.Versione
}

// NewAmbienti is empty until Ricarica.
func NewAmbienti(imp Impianto, now func() time.Time) *Ambienti {
	return &Ambienti{imp: imp, now: now, org: map[string]carta{},
		reg: map[string]*regolamento.Regolamento{}, cal: map[string]*day.Calendario{}}
}

// Di is what is in force for an ente; nil when there is no such ente.
func (a *Ambienti) Di(ente string) *Ambiente {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.amb[ente]
}

// Ente is what an ente says of itself; nil when there is no such ente.
func (a *Ambienti) Ente(id string) *Ente {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.enti[id]
}

// Decorrenze are the charts and the regolamenti an ente had, has and will have,
// latest first.
func (a *Ambienti) Decorrenze(ctx context.Context, ente string) ([]Decorrenza, error) {
	return a.imp.Decorrenze(ctx, ente)
}

// Carte are the charts that an ente ever had, oldest first.
func (a *Ambienti) Carte(ctx context.Context, ente string) ([]*organigramma.Versione, error) {
	testi, err := a.imp.Organigrammi(ctx, ente)
	if err != nil {
		return nil, err
	}
	var out []*organigramma.Versione
	for _, b := range testi {
		v, err := organigramma.Apri(b)
		if err != nil {
			return nil, fmt.Errorf("read a chart of %s: %w", ente, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// Attese says how many open cases wait for each office. Those of the UPT are not
// for who runs the program to know.
func (a *Ambienti) Attese(ctx context.Context, ente string) (map[string]int, error) {
	out, err := a.imp.Attese(ctx, ente)
	for _, u := range uptUffici {
		delete(out, u)
	}
	return out, err
}

// Enti are the ids of the enti.
func (a *Ambienti) Enti() []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []string
	for id := range a.enti {
		out = append(out, id)
	}
	return out
}

// Ricarica reads again what is in force today: after a change, and every minute,
// since charts and rules begin on their day.
func (a *Ambienti) Ricarica(ctx context.Context) error {
	configs, err := a.imp.Enti(ctx)
	if err != nil {
		return err
	}
	testi, err := a.imp.Regolamenti(ctx)
	if err != nil {
		return err
	}
	calendari, err := a.imp.Calendari(ctx)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for h, b := range testi {
		if a.reg[h] == nil {
			if a.reg[h], err = regolamento.Parse(b); err != nil {
				return fmt.Errorf("read regolamento %.8s: %w", h, err)
			}
		}
	}
	for h, b := range calendari {
		if a.cal[h] == nil {
			if a.cal[h], err = day.ParseCalendario(b); err != nil {
				return fmt.Errorf("read calendar %.8s: %w", h, err)
			}
		}
	}
	enti, amb := map[string]*Ente{}, map[string]*Ambiente{}
	for id, b := range configs {
		var e Ente
		if err := json.Unmarshal(b, &e); err != nil {
			return fmt.Errorf("read ente %s: %w", id, err)
		}
		enti[id] = &e
		if amb[id], err = a.ambiente(ctx, &e); err != nil {
			return err
		}
	}
	a.enti, a.amb = enti, amb
	return nil
}

func (a *Ambienti) ambiente(ctx context.Context, e *Ente) (*Ambiente, error) {
	oggi := day.In(a.now())
	anni, _ := strconv.Atoi(e.Timbri)
	out := &Ambiente{Ente: e.ID, Uffici: e.Uffici, Testimoni: e.Testimoni, Timbri: anni, Riservate: e.Riservate, Regolamenti: a.reg, Calendari: a.cal, Altri: map[string]Norme{}}
	for _, registro := range []string{RegistroURP, RegistroUPT} {
		h, c, err := a.imp.InVigore(ctx, e.ID, registro, oggi)
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		case registro == RegistroURP:
			out.Regolamento, out.Calendario = a.reg[h], a.cal[c]
		default:
			out.Altri[registro] = Norme{a.reg[h], a.cal[c]}
		}
	}
	b, err := a.imp.Organigramma(ctx, e.ID, oggi)
	if fault.Is(err, fault.NotFound) {
		out.Organigramma = organigramma.Vuoto()
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	testo := string(b) + "\x00" + e.Alias
	if a.org[e.ID].testo != testo {
		v, err := organigramma.Apri(b)
		if err != nil {
			return nil, fmt.Errorf("read chart of %s: %w", e.ID, err)
		}
		if con, errori := v.ConAlias(strings.NewReader(e.Alias)); e.Alias != "" && len(errori) == 0 {
			v = con
		}
		a.org[e.ID] = carta{testo, v}
	}
	out.Organigramma = a.org[e.ID].v
	return out, nil
}

// SalvaEnte stores what an ente says of itself.
func (a *Ambienti) SalvaEnte(ctx context.Context, e Ente) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode ente: %w", err)
	}
	if err := a.imp.SalvaEnte(ctx, e.ID, b); err != nil {
		return err
	}
	return a.Ricarica(ctx)
}

// SalvaContatto stores how to reach the UPT, as its head says with the office's key
// open.
func (a *Ambienti) SalvaContatto(ctx context.Context, chi access.Chi, c Contatto) error {
	if !chi.Ha(access.UPT) || !chi.Apre(RegistroUPT) {
		return fault.New(fault.Forbidden, "Come raggiungere l'UPT lo scrive il suo responsabile.")
	}
	e := a.Ente(chi.Ente)
	if e == nil {
		return fault.New(fault.NotFound, "Questo ente non c'è.")
	}
	nuovo := *e
	nuovo.UPT = c
	return a.SalvaEnte(ctx, nuovo)
}

// Pubblica puts a regolamento in force for an ente from a day on, with the
// national calendar and the ente's patron. Cases keep the one they began under.
func (a *Ambienti) Pubblica(ctx context.Context, ente string, dal day.Date, r *regolamento.Regolamento) error {
	e := a.Ente(ente)
	if e == nil {
		return fault.New(fault.NotFound, "Questo ente non c'è.")
	}
	cal, err := day.Nazionale().Con(e.Patrono)
	if err != nil {
		return err
	}
	if err := a.imp.Pubblica(ctx, ente, r.Registro(), dal, Testo{r.Nome(), r.Hash(), r.Canonical()}, Testo{"", cal.Hash(), cal.Canonical()}); err != nil {
		return err
	}
	return a.Ricarica(ctx)
}

// NuovoOrganigramma puts a chart in force for an ente from a day on.
func (a *Ambienti) NuovoOrganigramma(ctx context.Context, ente string, dal day.Date, v *organigramma.Versione) error {
	if a.Ente(ente) == nil {
		return fault.New(fault.NotFound, "Questo ente non c'è.")
	}
	if err := a.imp.SalvaOrganigramma(ctx, ente, dal, v.Hash(), v.Canonical()); err != nil {
		return err
	}
	return a.Ricarica(ctx)
}

// UfficiDi expands the appointments in force to office keys: a role held for the
// whole ente names no unit, and who answers for a structure answers for those
// below it.
func (a *Ambienti) UfficiDi(ente string, incarichi []access.Incarico, _ day.Date) []string {
	amb := a.Di(ente)
	var out []string
	for _, i := range incarichi {
		unita := []string{""}
		switch {
		case i.Ruolo == access.Responsabile && amb != nil:
			unita = amb.Organigramma.Sotto(i.Unita)
		case perUnita[i.Ruolo]:
			unita = []string{i.Unita}
		}
		for _, u := range unita {
			if k := access.Ufficio(i.Ruolo, u); !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// PerUnita reports whether a role is held at a unit, and not for the whole ente.
func PerUnita(ruolo string) bool { return perUnita[ruolo] }

// perUnita are the roles held at a unit; the others hold for the whole ente.
var perUnita = map[string]bool{access.FrontOffice: true, access.URP: true, access.Responsabile: true, access.DirettoreMacrostruttura: true}
