package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
)

var _ auth.Archivio = (*Store)(nil)

const colonnePersona = `p.ente, p.id, p.utente, p.nome, p.attiva, p.fattore, p.creata,
(select count(*) from fattori f where f.ente = p.ente and f.persona = p.id and f.tipo <> 'codice')`

var errPersona = fault.New(fault.NotFound, "Non troviamo questa persona.")

// Persone lists the people of an ente by name, with their incarichi; with utente,
// only who signs in by that name.
func (s *Store) Persone(ctx context.Context, ente, utente string) ([]auth.Persona, error) {
	if utente != "" {
		return s.persone(ctx, `p.ente = $1 and p.utente = $2`, ente, utente)
	}
	return s.persone(ctx, `p.ente = $1`, ente)
}

// Persona gives one person with all their incarichi, or fault.NotFound.
func (s *Store) Persona(ctx context.Context, ente, id string) (auth.Persona, error) {
	p, err := s.persone(ctx, `p.ente = $1 and p.id = $2`, ente, id)
	if err == nil && len(p) == 0 {
		err = errPersona
	}
	if err != nil {
		return auth.Persona{}, err
	}
	return p[0], nil
}

// persone reads people and incarichi in one statement, so that both are of the
// same moment.
func (s *Store) persone(ctx context.Context, dove string, args ...any) ([]auth.Persona, error) {
	rows, err := s.db.QueryContext(ctx, `select `+colonnePersona+`, i.ruolo, i.unita, i.dal, i.al from persone p
left join incarichi i on i.ente = p.ente and i.persona = p.id where `+dove+` order by p.nome, p.id, i.dal, i.ruolo, i.unita`, args...)
	if err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	defer rows.Close()
	var out []auth.Persona
	for rows.Next() {
		var p auth.Persona
		var attiva int64
		var creata string
		var ruolo, unita, dal, al sql.NullString
		if err := rows.Scan(&p.Ente, &p.ID, &p.Utente, &p.Nome, &attiva, &p.Fattore, &creata, &p.Secondi, &ruolo, &unita, &dal, &al); err != nil {
			return nil, fmt.Errorf("read people: %w", err)
		}
		if n := len(out); n == 0 || out[n-1].ID != p.ID {
			p.Attiva, p.Creata = attiva == 1, leggiIstante(creata)
			out = append(out, p)
		}
		if ruolo.Valid {
			q := &out[len(out)-1]
			q.Incarichi = append(q.Incarichi, access.Incarico{Ruolo: ruolo.String, Unita: unita.String,
				Dal: leggiData(dal.String), Al: leggiData(al.String)})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	return out, nil
}

// AggiungiPersona stores a new person; fault.Conflict when the utente is taken.
func (s *Store) AggiungiPersona(ctx context.Context, p auth.Persona) error {
	err := s.esegui(ctx, f(`insert into persone (ente, id, utente, nome, attiva, fattore, creata) values ($1,$2,$3,$4,$5,$6,$7)
on conflict do nothing`, p.Ente, p.ID, p.Utente, p.Nome, bit(p.Attiva), p.Fattore, scriviIstante(p.Creata)))
	if err != nil {
		return err
	}
	chi, err := s.Persone(ctx, p.Ente, p.Utente)
	if err != nil {
		return err
	}
	if len(chi) != 1 || chi[0].ID != p.ID {
		return fault.New(fault.Conflict, "Questo nome utente c'è già. Scegline un altro.").Campo("utente", "C'è già: scegline un altro.")
	}
	return nil
}

// AggiornaPersona makes the whole change or none of it.
func (s *Store) AggiornaPersona(ctx context.Context, ente, id string, c auth.Cambio) error {
	var frasi []frase
	if c.Nome != nil || c.Attiva != nil || c.Fattore != nil {
		a := &access.Args{}
		var metti []string
		if c.Nome != nil {
			metti = append(metti, "nome = "+a.Add(*c.Nome))
		}
		if c.Attiva != nil {
			metti = append(metti, "attiva = "+a.Add(bit(*c.Attiva)))
		}
		if c.Fattore != nil {
			metti = append(metti, "fattore = "+a.Add(*c.Fattore))
		}
		q := `update persone set ` + strings.Join(metti, ", ") + ` where ente = ` + a.Add(ente) + ` and id = ` + a.Add(id)
		if c.SeFattore != nil {
			q += ` and fattore = ` + a.Add(*c.SeFattore)
		}
		frasi = append(frasi, f(q, a.Valori...))
	}
	if c.FineSessioni {
		a := &access.Args{}
		q := `delete from sessioni where ente = ` + a.Add(ente) + ` and persona = ` + a.Add(id)
		if len(c.TranneQuesta) > 0 {
			q += ` and id <> ` + a.Add(c.TranneQuesta)
		}
		frasi = append(frasi, f(q, a.Valori...))
	}
	if c.FineToken {
		frasi = append(frasi, f(`delete from token where ente = $1 and persona = $2`, ente, id))
	}
	return s.esegui(ctx, append(frasi, cambioSecondi(ente, id, c)...)...)
}

// SalvaIncarico adds an incarico, or moves the end of the one with the same role,
// unit and first day.
func (s *Store) SalvaIncarico(ctx context.Context, ente, persona string, i access.Incarico) error {
	return s.esegui(ctx, f(`insert into incarichi (ente, persona, ruolo, unita, dal, al) values ($1,$2,$3,$4,$5,$6)
on conflict (ente, persona, ruolo, unita, dal) do update set al = excluded.al`,
		ente, persona, i.Ruolo, i.Unita, i.Dal.String(), i.Al.String()))
}

const (
	colonneSessione = `select id, ente, persona, creata, vista, conferma, mezza, con, rete, dispositivo, stato from sessioni where ente = $1 and `
	colonneToken    = `select id, ente, persona, nome, creato, scade from token where ente = $1 and `
)

// Credenziale gives the row of a session or token, or fault.NotFound.
func (s *Store) Credenziale(ctx context.Context, ente string, t auth.Tipo, id []byte) (auth.Credenziale, error) {
	q := colonneSessione
	if t == auth.TipoToken {
		q = colonneToken
	}
	c, err := leggiCredenziale(t, s.db.QueryRowContext(ctx, q+`id = $2`, ente, id))
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.New(fault.NotFound, "Questo accesso non c'è più.")
	}
	if err != nil {
		return c, fmt.Errorf("read credential: %w", err)
	}
	return c, nil
}

// Credenziali lists a person's sessions or tokens, also those that no longer hold.
func (s *Store) Credenziali(ctx context.Context, ente string, t auth.Tipo, persona string) ([]auth.Credenziale, error) {
	q := colonneSessione
	if t == auth.TipoToken {
		q = colonneToken
	}
	rows, err := s.db.QueryContext(ctx, q+`persona = $2 order by id`, ente, persona)
	if err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	defer rows.Close()
	var out []auth.Credenziale
	for rows.Next() {
		c, err := leggiCredenziale(t, rows)
		if err != nil {
			return nil, fmt.Errorf("list credentials: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func leggiCredenziale(t auth.Tipo, r scansiona) (auth.Credenziale, error) {
	c := auth.Credenziale{Tipo: t}
	var uno, due, tre string
	if t == auth.TipoToken {
		err := r.Scan(&c.ID, &c.Ente, &c.Persona, &c.Nome, &uno, &due)
		c.Creata, c.Scade = leggiIstante(uno), leggiIstante(due)
		return c, err
	}
	var mezza int64
	err := r.Scan(&c.ID, &c.Ente, &c.Persona, &uno, &due, &tre, &mezza, &c.Con, &c.Da.Rete, &c.Da.Dispositivo, &c.Stato)
	c.Creata, c.Vista, c.Conferma, c.Mezza = leggiIstante(uno), leggiIstante(due), leggiIstante(tre), mezza == 1
	return c, err
}

// AggiungiCredenziale stores a session or token.
func (s *Store) AggiungiCredenziale(ctx context.Context, c auth.Credenziale) error {
	if c.Tipo == auth.TipoToken {
		return s.esegui(ctx, f(`insert into token (id, ente, persona, nome, creato, scade) values ($1,$2,$3,$4,$5,$6)`,
			c.ID, c.Ente, c.Persona, c.Nome, scriviIstante(c.Creata), scriviIstante(c.Scade)))
	}
	return s.esegui(ctx, f(`insert into sessioni (id, ente, persona, creata, vista, conferma, mezza, con, rete, dispositivo)
values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		c.ID, c.Ente, c.Persona, scriviIstante(c.Creata), scriviIstante(c.Vista), scriviIstante(c.Conferma),
		bit(c.Mezza), c.Con, c.Da.Rete, c.Da.Dispositivo))
}

// RinnovaSessione gives a session another id and makes it whole. fault.NotFound
// when it was ended meanwhile.
func (s *Store) RinnovaSessione(ctx context.Context, ente string, id []byte, nuova auth.Credenziale) error {
	err := s.esegui(ctx, f(`update sessioni set id = $3, mezza = 0, vista = $4, conferma = $5, con = $6, stato = $7 where ente = $1 and id = $2`,
		ente, id, nuova.ID, scriviIstante(nuova.Vista), scriviIstante(nuova.Conferma), nuova.Con, byteNulli(nuova.Stato)))
	if err != nil {
		return err
	}
	_, err = s.Credenziale(ctx, ente, auth.TipoSessione, nuova.ID)
	return err
}

// SegnaVista moves a session's instants forward, if it is still there.
func (s *Store) SegnaVista(ctx context.Context, ente string, id []byte, vista, conferma time.Time) error {
	return s.esegui(ctx, f(`update sessioni set vista = case when vista < $3 then $3 else vista end,
conferma = case when conferma < $4 then $4 else conferma end where ente = $1 and id = $2`,
		ente, id, scriviIstante(vista), scriviIstante(conferma)))
}

// SegnaStato puts an unlocked key into a session's row; nil takes it out.
func (s *Store) SegnaStato(ctx context.Context, ente string, id, stato []byte) error {
	return s.esegui(ctx, f(`update sessioni set stato = $3 where ente = $1 and id = $2`, ente, id, byteNulli(stato)))
}

func byteNulli(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// EliminaCredenziale ends a session or token of that person.
func (s *Store) EliminaCredenziale(ctx context.Context, ente string, t auth.Tipo, persona string, id []byte) error {
	q := `delete from sessioni where ente = $1 and persona = $2 and id = $3`
	if t == auth.TipoToken {
		q = `delete from token where ente = $1 and persona = $2 and id = $3`
	}
	return s.esegui(ctx, f(q, ente, persona, id))
}

// Tentativi gives the brakes of those keys that have one.
func (s *Store) Tentativi(ctx context.Context, chiavi [][]byte) ([]auth.Tentativo, error) {
	var out []auth.Tentativo
	for _, k := range chiavi { // one or two
		t := auth.Tentativo{Chiave: k}
		var fino string
		err := s.db.QueryRowContext(ctx, `select n, fino from tentativi where chiave = $1`, k).Scan(&t.Debito, &fino)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read attempts: %w", err)
		}
		t.Fino = leggiIstante(fino)
		out = append(out, t)
	}
	return out, nil
}

// SalvaTentativi stores brakes, and deletes those without debt.
func (s *Store) SalvaTentativi(ctx context.Context, tutti []auth.Tentativo) error {
	var frasi []frase
	for _, t := range tutti {
		if t.Debito == 0 {
			frasi = append(frasi, f(`delete from tentativi where chiave = $1`, t.Chiave))
			continue
		}
		frasi = append(frasi, f(`insert into tentativi (chiave, n, fino) values ($1,$2,$3)
on conflict (chiave) do update set n = excluded.n, fino = excluded.fino`, t.Chiave, t.Debito, scriviIstante(t.Fino)))
	}
	return s.esegui(ctx, frasi...)
}

// SpazzaAccessi deletes what no longer opens anything: sessions past their end, keys
// left unlocked by who went away, expired tokens, marks of what was used, and brakes of yesterday, whose keys
// nobody asks for again.
func (s *Store) SpazzaAccessi(ctx context.Context, now time.Time) error {
	return s.esegui(ctx,
		f(`delete from sessioni where creata <= $1`, scriviIstante(now.Add(-auth.DurataSessione))),
		f(`delete from sessioni where mezza = 1 and creata <= $1`, scriviIstante(now.Add(-auth.DurataMezza))),
		f(`update sessioni set stato = null where stato is not null and vista <= $1`, scriviIstante(now.Add(-auth.InattivaChiave))),
		f(`delete from token where scade <= $1`, scriviIstante(now)),
		f(`delete from usati where fino <= $1`, scriviIstante(now)),
		f(`delete from tentativi where fino <= $1`, scriviIstante(now.Add(-24*time.Hour))))
}
