package pratica

import (
	"context"
	"errors"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
)

// Eliminata is a file that was eliminated, by its slot, and the list it was on. Both
// stores know it: the one that is put back from an older copy learns it from the other.
type Eliminata struct {
	Slot   int64
	Scarto int
}

// Rielimina does again, in a store that is an older copy, what was eliminated since:
// at each start, before anybody reads.
func (s *Servizio) Rielimina(ctx context.Context, ente string, chiavi CaseKeys) error {
	qui, err := s.Arch.Eliminate(ctx, ente)
	if err != nil {
		return err
	}
	la, err := chiavi.Ended(ctx, ente)
	if err != nil {
		return err
	}
	if err := chiavi.Elimina(ctx, ente, s.Now(), senza(qui, la)...); err != nil {
		return err
	}
	if err := s.riconcludi(ctx, ente, chiavi); err != nil {
		return err
	}
	return s.rielimina(ctx, ente, senza(la, qui))
}

// senza are those of a that are not in b.
func senza(a, b []Eliminata) []Eliminata {
	in := make(map[int64]bool, len(b))
	for _, x := range b {
		in[x.Slot] = true
	}
	var out []Eliminata
	for _, x := range a {
		if !in[x.Slot] {
			out = append(out, x)
		}
	}
	return out
}

// riconcludi says of the lists that were done, and of which the key store does not
// know, that they are done now: their keys may have been in it until a moment ago.
func (s *Servizio) riconcludi(ctx context.Context, ente string, chiavi CaseKeys) error {
	sa, err := chiavi.Concluse(ctx, ente)
	if err != nil {
		return err
	}
	for _, registro := range []string{RegistroURP, RegistroUPT} {
		ll, err := s.Arch.Scarti(ctx, ente, registro)
		if err != nil {
			return err
		}
		for _, x := range ll {
			if x.Stato == ScartoEseguito && sa[x.N].IsZero() {
				if err := chiavi.Concludi(ctx, ente, x.N, s.Now()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// rielimina does the act again on files whose key is gone. One that was not closed
// yet in that copy has no such act: it does not open all the same.
func (s *Servizio) rielimina(ctx context.Context, ente string, quali []Eliminata) error {
	slot, scarto := make([]int64, len(quali)), map[int64]int{}
	for i, x := range quali {
		slot[i], scarto[x.Slot] = x.Slot, x.Scarto
	}
	teste, err := s.Arch.NonEliminate(ctx, ente, slot)
	if err != nil || len(teste) == 0 {
		return err
	}
	amb, err := s.ambiente(ente)
	if err != nil {
		return err
	}
	for _, h := range teste {
		reg := amb.Regolamenti[h.Regolamento]
		if reg == nil || reg.Conservazione().Elimina == "" {
			continue
		}
		n := scarto[h.Slot]
		h, err := s.Esegui(ctx, access.Sistema(ente), Comando{Pratica: h.ID, Atto: reg.Conservazione().Elimina, Dati: Dati{"scarto": n}})
		if fault.Is(err, fault.Invalid) {
			continue
		}
		if err == nil {
			err = s.Arch.Svuota(ctx, n, h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Irreversibile is what can be said of the end of a list that was done.
type Irreversibile struct {
	Dal   day.Date // from this day no copy of the keys opens its files; zero: it cannot be shown
	Fatta bool     // and the program has seen that it is so
}

// Irreversibile says it of a list. A key that was ended is in no copy as many days
// later as copies live, and one more, for the day on which it was ended.
func (s *Servizio) Irreversibile(ctx context.Context, x Scarto) (i Irreversibile, err error) {
	if s.Chiavi == nil || x.Stato != ScartoEseguito {
		return i, nil
	}
	i, _, err = s.irreversibile(ctx, x, s.Chiavi)
	if i.Dal.IsZero() { // else, if copies cannot be seen now, the day is the same
		return i, err
	}
	senza, err := s.senzaDefinitiva(ctx, x)
	i.Fatta = len(senza) == 0
	return i, err
}

// irreversibile also says whether it is so by now: the day has come, and the oldest
// copy is younger than the end of the keys.
func (s *Servizio) irreversibile(ctx context.Context, x Scarto, chiavi CaseKeys) (i Irreversibile, ora bool, err error) {
	concluse, err := chiavi.Concluse(ctx, x.Ente)
	il := concluse[x.N]
	if err != nil || il.IsZero() {
		return i, false, err
	}
	giorni, prima, detto, err := chiavi.Vive(ctx)
	if !detto { // err: what was said cannot be read
		return i, false, err
	}
	i.Dal = day.In(il) + day.Date(giorni) + 1
	return i, err == nil && s.Oggi() >= i.Dal && (prima.IsZero() || prima.After(il)), err
}

// senzaDefinitiva are the files of a list of which it was not said that their end is
// final.
func (s *Servizio) senzaDefinitiva(ctx context.Context, x Scarto) ([]Testa, error) {
	amb, err := s.ambiente(x.Ente)
	if err != nil {
		return nil, err
	}
	if amb = amb.Del(x.Registro); amb == nil || amb.Regolamento.Conservazione().Definitiva == "" {
		return nil, nil
	}
	return s.Arch.SenzaAtto(ctx, x.Ente, x.N, amb.Regolamento.Conservazione().Definitiva)
}

// Definitive says in each file of the lists that were done, when the day has come,
// that no copy opens it any more. A copy that is too old, or cannot be seen, is waited
// for.
func (s *Servizio) Definitive(ctx context.Context, ente string, chiavi CaseKeys) error {
	var errs []error
	for _, registro := range []string{RegistroURP, RegistroUPT} {
		ll, err := s.Arch.Scarti(ctx, ente, registro)
		if err != nil {
			return err
		}
		for _, x := range ll {
			if x.Stato == ScartoEseguito {
				errs = append(errs, s.definitiva(ctx, x, chiavi))
			}
		}
	}
	return errors.Join(errs...)
}

func (s *Servizio) definitiva(ctx context.Context, x Scarto, chiavi CaseKeys) error {
	_, ora, err := s.irreversibile(ctx, x, chiavi)
	if err != nil || !ora {
		return err
	}
	teste, err := s.senzaDefinitiva(ctx, x)
	if err != nil {
		return err
	}
	amb, err := s.ambiente(x.Ente)
	if err != nil {
		return err
	}
	for _, h := range teste {
		reg := amb.Regolamenti[h.Regolamento]
		if reg == nil || reg.Conservazione().Definitiva == "" { // it began under rules without this act
			continue
		}
		if _, err := s.Esegui(ctx, access.Sistema(x.Ente), Comando{Pratica: h.ID, Atto: reg.Conservazione().Definitiva, Versione: h.Seq}); err != nil {
			return err
		}
	}
	return nil
}
