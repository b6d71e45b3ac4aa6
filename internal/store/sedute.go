package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/pratica"
)

// Sedute gives the cases of the sessions in which who asks sits today: the rule of
// access is part of the query.
func (s *Store) Sedute(ctx context.Context, chi access.Chi) ([]pratica.RigaSeduta, error) {
	a := &access.Args{}
	rows, err := s.db.QueryContext(ctx, `select `+colonneTesta+`, y.giorno, y.al from siede y join pratiche p on p.n = y.n
where y.ente = `+a.Add(chi.Ente)+` and y.persona = `+a.Add(chi.Persona)+` and p.eliminata is null and `+access.Where(chi, access.VedereSeduta, a)+
		` order by y.giorno, p.n`, a.Valori...)
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	defer rows.Close()
	var out []pratica.RigaSeduta
	for rows.Next() {
		var giorno, al string
		h, err := leggiTesta(rows, &giorno, &al)
		if err != nil {
			return nil, fmt.Errorf("read sessions: %w", err)
		}
		out = append(out, pratica.RigaSeduta{Testa: h, Il: leggiData(giorno), Al: leggiData(al)})
	}
	return out, rows.Err()
}

// SpazzaSedute deletes what is left of sessions whose last day is past: who sat in
// them, and the keys they read with. That they were is in the acts.
func (s *Store) SpazzaSedute(ctx context.Context, now time.Time) error {
	oggi := day.In(now).String()
	return s.sfondo(ctx,
		f(`delete from involucri where destinatario = $1 and pratica in (select n from siede where al < $2)`, pratica.LettoreCommissione, oggi),
		f(`delete from siede where al < $1`, oggi))
}

// SeduteConvocate gives the sessions whose last day is not past, by day: one for all
// the cases of a register with the same days.
func (s *Store) SeduteConvocate(ctx context.Context, ente, registro string, oggi day.Date) ([]pratica.SedutaConvocata, error) {
	rows, err := s.db.QueryContext(ctx, `select y.giorno, y.dal, y.al, y.persona, y.n from siede y join pratiche p on p.n = y.n
where y.ente = $1 and p.ente = $1 and p.registro = $2 and y.al >= $3 order by y.giorno, y.dal, y.al, y.n, y.persona`, ente, registro, oggi.String())
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	defer rows.Close()
	var out []pratica.SedutaConvocata
	ultima := int64(0)
	for rows.Next() {
		var giorno, dal, al, persona string
		var n int64
		if err := rows.Scan(&giorno, &dal, &al, &persona, &n); err != nil {
			return nil, fmt.Errorf("read sessions: %w", err)
		}
		z := pratica.Seduta{Il: leggiData(giorno), Dal: leggiData(dal), Al: leggiData(al)}
		if k := len(out) - 1; k < 0 || out[k].Il != z.Il || out[k].Dal != z.Dal || out[k].Al != z.Al {
			out, ultima = append(out, pratica.SedutaConvocata{Seduta: z}), 0
		}
		x := &out[len(out)-1]
		if n != ultima {
			x.Pratiche, ultima = x.Pratiche+1, n
		}
		if !slices.Contains(x.Membri, persona) {
			x.Membri = append(x.Membri, persona)
		}
	}
	return out, rows.Err()
}
