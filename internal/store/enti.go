package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
)

var _ pratica.Impianto = (*Store)(nil)

// coppie reads two columns into a map.
func (s *Store) coppie(ctx context.Context, q string) (map[string][]byte, error) {
	rows, err := s.db.QueryContext(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	defer rows.Close()
	out := map[string][]byte{}
	for rows.Next() {
		var k string
		var b []byte
		if err := rows.Scan(&k, &b); err != nil {
			return nil, fmt.Errorf("read settings: %w", err)
		}
		out[k] = b
	}
	return out, rows.Err()
}

// Enti gives the settings of every ente, by id.
func (s *Store) Enti(ctx context.Context) (map[string][]byte, error) {
	return s.coppie(ctx, `select ente, config from enti`)
}

// SalvaEnte stores an ente's settings.
func (s *Store) SalvaEnte(ctx context.Context, id string, config []byte) error {
	return s.annota(ctx, id, fattoEnte, suEnte{impronta(config)}, f(`insert into enti (ente, config) values ($1,$2) on conflict (ente) do update set config = excluded.config`, id, config))
}

// Regolamenti gives every regolamento ever in force, by hash.
func (s *Store) Regolamenti(ctx context.Context) (map[string][]byte, error) {
	return s.coppie(ctx, `select hash, testo from regolamenti`)
}

// Calendari gives every calendar ever in force, by hash.
func (s *Store) Calendari(ctx context.Context) (map[string][]byte, error) {
	return s.coppie(ctx, `select hash, testo from calendari`)
}

// InVigore gives the hashes of the regolamento and the calendar that hold on a day.
func (s *Store) InVigore(ctx context.Context, ente, registro string, giorno day.Date) (reg, cal string, err error) {
	err = s.db.QueryRowContext(ctx, `select regolamento, calendario from in_vigore where ente = $1 and registro = $2 and dal <= $3 order by dal desc limit 1`,
		ente, registro, giorno.String()).Scan(&reg, &cal)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", fault.New(fault.NotFound, "Nessun regolamento è in vigore.")
	}
	return reg, cal, err
}

// Pubblica puts a regolamento and a calendar in force from a day on.
func (s *Store) Pubblica(ctx context.Context, ente, registro string, dal day.Date, reg, cal pratica.Testo) error {
	return s.annota(ctx, ente, fattoRegolamento, inVigore{registro, dal.String(), reg.Hash, cal.Hash},
		f(`insert into regolamenti (hash, nome, testo) values ($1,$2,$3) on conflict do nothing`, reg.Hash, reg.Nome, reg.Bytes),
		f(`insert into calendari (hash, testo) values ($1,$2) on conflict do nothing`, cal.Hash, cal.Bytes),
		f(`insert into in_vigore (ente, registro, dal, regolamento, calendario) values ($1,$2,$3,$4,$5)
on conflict (ente, registro, dal) do update set regolamento = excluded.regolamento, calendario = excluded.calendario`,
			ente, registro, dal.String(), reg.Hash, cal.Hash))
}

// inVigore is what the log says of rules in force from a day, and carta of a chart.
type inVigore struct {
	Registro    string `json:"registro"`
	Dal         string `json:"dal"`
	Regolamento string `json:"regolamento"`
	Calendario  string `json:"calendario"`
}

// suEnte is what the log says of the settings of an ente.
type suEnte struct {
	Hash string `json:"hash"`
}

type carta struct {
	Dal  string `json:"dal"`
	Hash string `json:"hash"`
}

// Organigramma gives the chart that holds on a day.
func (s *Store) Organigramma(ctx context.Context, ente string, giorno day.Date) ([]byte, error) {
	var b []byte
	err := s.db.QueryRowContext(ctx, `select testo from organigrammi where ente = $1 and dal <= $2 order by dal desc, versione desc limit 1`,
		ente, giorno.String()).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "Nessun organigramma è stato importato.")
	}
	return b, err
}

// Organigrammi gives every chart an ente ever had, oldest first.
func (s *Store) Organigrammi(ctx context.Context, ente string) (out [][]byte, err error) {
	err = s.righe(ctx, `select testo from organigrammi where ente = $1 order by versione`, []any{ente}, func(r *sql.Rows) error {
		var b []byte
		err := r.Scan(&b)
		out = append(out, b)
		return err
	})
	return out, err
}

// SalvaOrganigramma stores a chart that holds from a day on.
func (s *Store) SalvaOrganigramma(ctx context.Context, ente string, dal day.Date, hash string, testo []byte) error {
	return s.annota(ctx, ente, fattoOrganigramma, carta{dal.String(), hash}, f(`insert into organigrammi (ente, versione, dal, hash, testo)
values ($1, (select coalesce(max(versione),0)+1 from organigrammi where ente = $1), $2, $3, $4)`, ente, dal.String(), hash, testo))
}

// Decorrenze gives the charts and the regolamenti of an ente, latest first.
func (s *Store) Decorrenze(ctx context.Context, ente string) ([]pratica.Decorrenza, error) {
	rows, err := s.db.QueryContext(ctx, `select '', dal, hash, '', versione from organigrammi where ente = $1 union all
select v.registro, v.dal, v.regolamento, r.nome, 0 from in_vigore v join regolamenti r on r.hash = v.regolamento where v.ente = $1 order by 2 desc, 5 desc`, ente)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	defer rows.Close()
	var out []pratica.Decorrenza
	for rows.Next() {
		var d pratica.Decorrenza
		var dal string
		var versione int64
		if err := rows.Scan(&d.Registro, &dal, &d.Hash, &d.Nome, &versione); err != nil {
			return nil, fmt.Errorf("read settings: %w", err)
		}
		d.Dal = leggiData(dal)
		out = append(out, d)
	}
	return out, rows.Err()
}

// Attese counts the open cases that wait for each office of an ente.
func (s *Store) Attese(ctx context.Context, ente string) (map[string]int, error) {
	rows, err := s.db.QueryContext(ctx, `select ufficio, count(*) from compiti where ente = $1 group by ufficio`, ente)
	if err != nil {
		return nil, fmt.Errorf("count what waits: %w", err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var ufficio string
		var n int
		if err := rows.Scan(&ufficio, &n); err != nil {
			return nil, fmt.Errorf("count what waits: %w", err)
		}
		out[ufficio] = n
	}
	return out, rows.Err()
}
