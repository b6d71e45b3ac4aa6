package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tutela/internal/fault"
	"tutela/internal/pratica"
)

const (
	maxBozza = 256 << 10 // bytes, sealed
	maxViste = 50        // of one person
	maxVista = 1000      // bytes of a filter
	maxTitol = 60        // bytes of a name
)

// SalvaBozza stores a citizen's draft, sealed under a key that only the cookie
// holds, or replaces the one of the same id. It fails with fault.TooLarge past
// 256 KiB.
func (s *Store) SalvaBozza(ctx context.Context, ente string, id, sigillo []byte, scade time.Time) error {
	if len(sigillo) > maxBozza {
		return fault.New(fault.TooLarge, "Il testo è troppo lungo per salvarlo. Accorcialo e riprova.")
	}
	return s.esegui(ctx, f(`insert into bozze (id, ente, sigillo, scade) values ($1,$2,$3,$4)
on conflict (id) do update set sigillo = excluded.sigillo, scade = excluded.scade where bozze.ente = excluded.ente`,
		id, ente, sigillo, scriviIstante(scade)))
}

// LeggiBozza gives the sealed draft; fault.NotFound when there is none, or it has
// expired at now.
func (s *Store) LeggiBozza(ctx context.Context, ente string, id []byte, now time.Time) ([]byte, error) {
	var b []byte
	err := s.db.QueryRowContext(ctx, `select sigillo from bozze where id = $1 and ente = $2 and scade > $3`,
		id, ente, scriviIstante(now)).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "Non c'è nessuna bozza: forse è scaduta. Ricomincia da capo.")
	}
	if err != nil {
		return nil, fmt.Errorf("read draft: %w", err)
	}
	return b, nil
}

// EliminaBozza deletes a draft, once it became a case or its owner gave it up.
func (s *Store) EliminaBozza(ctx context.Context, ente string, id []byte) error {
	return s.esegui(ctx, f(`delete from bozze where id = $1 and ente = $2`, id, ente))
}

// ScaduteBozze deletes the drafts that have expired at now, of every ente.
func (s *Store) ScaduteBozze(ctx context.Context, now time.Time) error {
	return s.esegui(ctx, f(`delete from bozze where scade <= $1`, scriviIstante(now)))
}

// Vista is a saved filter of a person.
type Vista = pratica.Vista

// Viste lists a person's saved filters by name.
func (s *Store) Viste(ctx context.Context, ente, persona string) ([]Vista, error) {
	rows, err := s.db.QueryContext(ctx, `select nome, filtro from viste where ente = $1 and persona = $2 order by nome`, ente, persona)
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	defer rows.Close()
	var out []Vista
	for rows.Next() {
		var v Vista
		if err := rows.Scan(&v.Nome, &v.Filtro); err != nil {
			return nil, fmt.Errorf("list views: %w", err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// SalvaVista stores a filter under a name, in place of the one that had it. It
// fails with fault.Invalid past 50 filters, or when name or filter are too long.
func (s *Store) SalvaVista(ctx context.Context, ente, persona string, v Vista) error {
	no := fault.New(fault.Invalid, "Il filtro non è stato salvato.")
	switch {
	case v.Nome == "" || len(v.Nome) > maxTitol:
		return no.Campo("nome", "Scrivi un nome di 60 lettere al massimo.")
	case len(v.Filtro) > maxVista:
		return no.Campo("filtro", "È troppo lungo: togli qualcosa.")
	}
	altre, err := s.Viste(ctx, ente, persona)
	if err != nil {
		return err
	}
	n := 0
	for _, a := range altre {
		if a.Nome != v.Nome {
			n++
		}
	}
	if n >= maxViste {
		return no.Campo("nome", "I filtri salvati sono già 50. Eliminane uno e riprova.")
	}
	return s.esegui(ctx, f(`insert into viste (ente, persona, nome, filtro) values ($1,$2,$3,$4)
on conflict (ente, persona, nome) do update set filtro = excluded.filtro`, ente, persona, v.Nome, v.Filtro))
}

// EliminaVista deletes a saved filter.
func (s *Store) EliminaVista(ctx context.Context, ente, persona, nome string) error {
	return s.esegui(ctx, f(`delete from viste where ente = $1 and persona = $2 and nome = $3`, ente, persona, nome))
}
