package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tutela/internal/auth"
)

// cambioSecondi are the statements of a change of a person's second factors.
func cambioSecondi(ente, persona string, c auth.Cambio) (frasi []frase) {
	for _, t := range c.Togli {
		frasi = append(frasi, f(`delete from fattori where ente = $1 and persona = $2 and tipo = $3`, ente, persona, string(t)))
	}
	if c.TogliSecondo != nil {
		frasi = append(frasi, f(`delete from fattori where ente = $1 and persona = $2 and id = $3`, ente, persona, c.TogliSecondo))
	}
	for _, x := range c.Metti {
		frasi = append(frasi, f(`insert into fattori (ente, persona, id, tipo, nome, segreto, ultimo, creato, usato)
values ($1,$2,$3,$4,$5,$6,$7,$8,$9) on conflict do nothing`,
			ente, persona, x.ID, string(x.Tipo), x.Nome, x.Segreto, x.Ultimo, scriviIstante(x.Creato), scriviIstante(x.Usato)))
	}
	if c.Notizia != nil {
		frasi = append(frasi, annota(*c.Notizia))
	}
	return frasi
}

func annota(n auth.Notizia) frase {
	return f(`insert into notizie (ente, id, persona, chi, cosa, nota, il, dire) values ($1,$2,$3,$4,$5,$6,$7,$8)`,
		n.Ente, n.ID, n.Persona, n.Chi, string(n.Cosa), n.Nota, scriviIstante(n.Il), bit(n.Dire))
}

// Secondi are a person's second factors and recovery codes.
func (s *Store) Secondi(ctx context.Context, ente, persona string) ([]auth.Secondo, error) {
	rows, err := s.db.QueryContext(ctx, `select id, tipo, nome, segreto, ultimo, creato, usato from fattori
where ente = $1 and persona = $2 order by id`, ente, persona)
	if err != nil {
		return nil, fmt.Errorf("list factors: %w", err)
	}
	defer rows.Close()
	var out []auth.Secondo
	for rows.Next() {
		x := auth.Secondo{Ente: ente, Persona: persona}
		var tipo, creato, usato string
		if err := rows.Scan(&x.ID, &tipo, &x.Nome, &x.Segreto, &x.Ultimo, &creato, &usato); err != nil {
			return nil, fmt.Errorf("list factors: %w", err)
		}
		x.Tipo, x.Creato, x.Usato = auth.TipoSecondo(tipo), leggiIstante(creato), leggiIstante(usato)
		out = append(out, x)
	}
	return out, rows.Err()
}

// Usa reports whether our mark was the first on the key, and changes the factor.
func (s *Store) Usa(ctx context.Context, u auth.Uso) (bool, error) {
	frasi := []frase{f(`insert into usati (chiave, segno, fino) values ($1,$2,$3) on conflict do nothing`, u.Chiave, u.Segno, scriviIstante(u.Fino))}
	if x := u.Aggiorna; x != nil {
		frasi = append(frasi, f(`update fattori set segreto = $4, ultimo = case when ultimo < $5 then $5 else ultimo end, usato = $6
where ente = $1 and persona = $2 and id = $3`, x.Ente, x.Persona, x.ID, x.Segreto, x.Ultimo, scriviIstante(x.Usato)))
	}
	if x := u.Elimina; x != nil {
		frasi = append(frasi, f(`delete from fattori where ente = $1 and persona = $2 and id = $3`, x.Ente, x.Persona, x.ID))
	}
	if err := s.esegui(ctx, frasi...); err != nil {
		return false, err
	}
	var segno []byte
	if err := s.db.QueryRowContext(ctx, `select segno from usati where chiave = $1`, u.Chiave).Scan(&segno); err != nil {
		return false, fmt.Errorf("read a mark: %w", err)
	}
	return bytes.Equal(segno, u.Segno), nil
}

// CambiaSegreto writes a factor's secret, sealed anew, if it is still the one read.
func (s *Store) CambiaSegreto(ctx context.Context, x auth.Secondo, nuovo []byte) error {
	return s.esegui(ctx, f(`update fattori set segreto = $4 where ente = $1 and persona = $2 and id = $3 and segreto = $5`, x.Ente, x.Persona, x.ID, nuovo, x.Segreto))
}

// Regola of the ente; the zero one when it never said.
func (s *Store) Regola(ctx context.Context, ente string) (r auth.Regola, err error) {
	var libero int64
	var dal string
	err = s.db.QueryRowContext(ctx, `select libero, dal, motivo from regole_accesso where ente = $1`, ente).Scan(&libero, &dal, &r.Motivo)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.Regola{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("read the rule of sign-in: %w", err)
	}
	r.Libero, r.Dal = libero == 1, leggiData(dal)
	return r, nil
}

// SalvaRegola stores it, with the note that it changed.
func (s *Store) SalvaRegola(ctx context.Context, ente string, r auth.Regola, n auth.Notizia) error {
	return s.esegui(ctx, f(`insert into regole_accesso (ente, libero, dal, motivo) values ($1,$2,$3,$4)
on conflict (ente) do update set libero = excluded.libero, dal = excluded.dal, motivo = excluded.motivo`,
		ente, bit(r.Libero), r.Dal.String(), r.Motivo), annota(n))
}

// Notizie lists at most so many: daDire, those not told yet, oldest first; else
// all, newest first.
func (s *Store) Notizie(ctx context.Context, ente, persona string, daDire bool, quante int) ([]auth.Notizia, error) {
	const colonne = `select id, chi, cosa, nota, il, dire from notizie where ente = $1 and persona = $2`
	q := colonne + ` order by il desc, id desc limit $3`
	if daDire {
		q = colonne + ` and dire = 1 order by il, id limit $3`
	}
	rows, err := s.db.QueryContext(ctx, q, ente, persona, quante)
	if err != nil {
		return nil, fmt.Errorf("list news of an access: %w", err)
	}
	defer rows.Close()
	var out []auth.Notizia
	for rows.Next() {
		n := auth.Notizia{Ente: ente, Persona: persona}
		var cosa, il string
		var dire int64
		if err := rows.Scan(&n.ID, &n.Chi, &cosa, &n.Nota, &il, &dire); err != nil {
			return nil, fmt.Errorf("list news of an access: %w", err)
		}
		n.Cosa, n.Il, n.Dire = auth.Cosa(cosa), leggiIstante(il), dire == 1
		out = append(out, n)
	}
	return out, rows.Err()
}

// SegnaDette says that the person was told of what was done up to then.
func (s *Store) SegnaDette(ctx context.Context, ente, persona string, fino time.Time) error {
	return s.esegui(ctx, f(`update notizie set dire = 0 where ente = $1 and persona = $2 and dire = 1 and il <= $3`, ente, persona, scriviIstante(fino)))
}
