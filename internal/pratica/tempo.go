package pratica

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Scatto is a warning or a lapse that fell due.
type Scatto struct {
	Regola, Per, Quale string
	Giro               int
	Scadenza           day.Date
	Saltato            bool // a later one of the same term had fallen due too
}

// Timer is what the scan of terms needs of the store besides Archivio.
type Timer interface {
	Scattati(ctx context.Context, entro time.Time, limite int) ([]Riferimento, error)
}

// Riferimento names a case.
type Riferimento struct {
	Ente string
	ID   vault.ID
}

// Scansiona lets fall what is due: warnings are recorded, and where a term's
// lapse has an act of its own, the program performs it under the same guards. It
// goes on until nothing is due, and says how many cases it touched. Its cost is
// what is due, and nothing when nothing is.
func (s *Servizio) Scansiona(ctx context.Context, t Timer) (int, error) {
	fatte := 0
	for {
		rif, err := t.Scattati(ctx, s.Now(), 500)
		if err != nil {
			return fatte, err
		}
		if err := s.scattano(ctx, rif); err != nil {
			return fatte, err
		}
		fatte += len(rif)
		if len(rif) < 500 {
			return fatte, nil
		}
	}
}

// scattano does cases side by side, so that one commit takes several.
func (s *Servizio) scattano(ctx context.Context, rif []Riferimento) error {
	var errori [16]error
	var wg sync.WaitGroup
	for k := range errori {
		wg.Go(func() {
			for i := k; i < len(rif) && errori[k] == nil; i += len(errori) {
				if err := s.scatta(ctx, rif[i]); !fault.Is(err, fault.NotFound) {
					errori[k] = err
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errori[:]...)
}

func (s *Servizio) scatta(ctx context.Context, r Riferimento) error {
	amb, err := s.ambiente(r.Ente)
	if err != nil {
		return err
	}
	atto := ""
	err = s.Arch.Update(ctx, Op{Ente: r.Ente, Pratica: r.ID, Background: true}, func(tx Tx) error {
		h, ok := tx.Testa()
		if !ok {
			return errAssente
		}
		reg, cal, st, err := amb.piega(h, tx.Atti())
		if err != nil {
			return err
		}
		oggi := day.In(tx.Now())
		for _, t := range st.Termini {
			if t.Dovuto() && t.Fine == regolamento.Corre {
				tx.Scatti(h.N, scattati(t, cal, oggi))
				if t.Def.Scaduto.Atto != "" && t.Giorno(cal) < oggi {
					atto = t.Def.Scaduto.Atto
				}
			}
		}
		atti := tx.Atti()
		ultimo := atti[len(atti)-1].Atto
		ultimo.Il = tx.Now() // the next firing is after now
		tx.Project(proietta(amb, reg, cal, h, st, ultimo))
		return nil
	})
	if err != nil || atto == "" {
		return err
	}
	if _, err := s.Esegui(ctx, access.Sistema(r.Ente), Comando{Pratica: r.ID, Atto: atto}); err != nil && !fault.Is(err, fault.Invalid) {
		return fmt.Errorf("act %s of a lapsed term: %w", atto, err)
	}
	return nil
}

// scattati are the warnings of a term that fell due by a day; only the latest
// counts, the others are passed over.
func scattati(t regolamento.Termine, cal *day.Calendario, oggi day.Date) []Scatto {
	var out []Scatto
	fine := t.Giorno(cal)
	for _, a := range t.Avvisi(cal) {
		if a.Giorno > oggi {
			continue
		}
		quale := fmt.Sprintf("%+d", a.Scarto)
		if a.Scaduto {
			quale = "scaduto"
		}
		for i := range out {
			out[i].Saltato = true
		}
		out = append(out, Scatto{Regola: t.Regola, Per: t.Per, Giro: t.Giro, Quale: quale, Scadenza: fine})
	}
	return out
}

// giornoDichiarato checks an earlier day on which the act should count.
func giornoDichiarato(reg *regolamento.Regolamento, g, oggi day.Date) error {
	switch {
	case g.IsZero() || g == oggi:
		return nil
	case g > oggi:
		return fault.New(fault.Invalid, "Il giorno non può essere nel futuro.").Campo("giorno", "Scegli un giorno fino a oggi.")
	case int(oggi-g) > reg.Retroattivo():
		return fault.New(fault.Invalid, fmt.Sprintf("Il giorno può essere al massimo %d giorni fa.", reg.Retroattivo())).Campo("giorno", "È troppo indietro.")
	}
	return nil
}
