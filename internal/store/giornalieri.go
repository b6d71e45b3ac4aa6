package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
)

// giornata is what the log says of the register of a day.
type giornata struct {
	Giorno      string `json:"giorno"`
	Registro    string `json:"registro"`
	Il          string `json:"il"`
	Numeri      int    `json:"numeri"`
	Annotazioni int    `json:"annotazioni"`
	Fino        int64  `json:"fino"`
	Hash        []byte `json:"hash"`
}

// UltimaGiornata is the last act that the register of a day of an ente looked at.
func (s *Store) UltimaGiornata(ctx context.Context, ente string) (int64, error) {
	n, err := s.interi(ctx, `select fino from giornalieri where ente = $1 order by giorno desc, registro desc limit 1`, ente)
	if err != nil || len(n) == 0 {
		return 0, err
	}
	return n[0], nil
}

// Giornata is the first day with acts after one, of any ente, and the last act of it.
func (s *Store) Giornata(ctx context.Context, a int64) (giorno day.Date, ultimo int64, dopo bool, err error) {
	var il string
	err = s.db.QueryRowContext(ctx, `select il from atti where a > $1 order by a limit 1`, a).Scan(&il)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, false, nil
	}
	if err != nil {
		return 0, 0, false, fmt.Errorf("read a day: %w", err)
	}
	giorno = day.In(leggiIstante(il))
	oltre, err := s.interi(ctx, `select a from atti where a > $1 and il >= $2 order by a limit 1`, a, scriviIstante(giorno.Add(1).Start()))
	if err != nil {
		return 0, 0, false, err
	}
	if len(oltre) > 0 {
		n, err := s.interi(ctx, `select max(a) from atti where a > $1 and a < $2`, a, oltre[0])
		if err != nil {
			return 0, 0, false, err
		}
		return giorno, n[0], true, nil
	}
	n, err := s.interi(ctx, `select max(a) from atti where a > $1`, a)
	if err != nil {
		return 0, 0, false, err
	}
	return giorno, n[0], false, nil
}

// Iscritti gives the acts of an ente after one and up to another that open a case or are
// of some kinds, each with the opening of its case.
func (s *Store) Iscritti(ctx context.Context, ente string, da, fino int64, kinds []string) ([]pratica.Iscritto, error) {
	q, a := qIscritti(ente, da, fino, kinds)
	var out []pratica.Iscritto
	err := s.righe(ctx, q, a.Valori, func(r *sql.Rows) error {
		var busta []byte
		x, err := leggiAtto(r, &busta)
		if err != nil {
			return err
		}
		apertura, err := pratica.DecodeBusta(busta)
		if err == nil && apertura.Apertura == nil {
			err = fmt.Errorf("act %d: its case was not opened", x.A)
		}
		out = append(out, pratica.Iscritto{Atto: x, Apertura: apertura})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the acts of a day: %w", err)
	}
	return out, nil
}

// qIscritti reads the acts in their order, and then their cases: the joins are crossed
// because SQLite takes the tables of those as they are written, and would else begin with
// every case of the ente.
func qIscritti(ente string, da, fino int64, kinds []string) (string, *access.Args) {
	a := &access.Args{}
	return `select t.a, t.busta, t.hash, t.sale, t.pos, t.foglia, o.busta from atti t cross join pratiche p cross join atti o
where p.n = t.pratica and p.ente = ` + a.Add(ente) + ` and o.pratica = t.pratica and o.seq = 1 and t.a > ` + a.Add(da) + ` and t.a <= ` + a.Add(fino) +
		` and (t.seq = 1 or t.kind in ` + a.In(kinds) + `) order by t.a`, a
}

const colonneGiornaliero = `giorno, registro, il, numeri, annotazioni, fino, hash`

func (s *Store) giornalieri(ctx context.Context, ente, q string, args ...any) ([]pratica.Giornaliero, error) {
	var out []pratica.Giornaliero
	err := s.righe(ctx, q, args, func(r *sql.Rows) error {
		g := pratica.Giornaliero{Ente: ente}
		var giorno, il string
		campi := []any{&giorno, &g.Registro, &il, &g.Numeri, &g.Annotazioni, &g.Fino, &g.Hash}
		if c, err := r.Columns(); err == nil && len(c) > len(campi) {
			campi = append(campi, &g.Testo)
		}
		err := r.Scan(campi...)
		g.Giorno, g.Il = leggiData(giorno), leggiIstante(il)
		out = append(out, g)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read registers of days: %w", err)
	}
	return out, nil
}

// Giornalieri gives the registers of days of a register, the last first, without texts:
// those before a day, or from the last.
func (s *Store) Giornalieri(ctx context.Context, ente, registro string, prima day.Date, limite int) ([]pratica.Giornaliero, error) {
	q, args := `select `+colonneGiornaliero+` from giornalieri where ente = $1 and registro = $2`, []any{ente, registro}
	if !prima.IsZero() {
		q, args = q+` and giorno < $3`, append(args, prima.String())
	}
	return s.giornalieri(ctx, ente, q+` order by giorno desc limit `+strconv.Itoa(limite), args...)
}

// TuttiGiornalieri gives all those of an ente, by day, without texts.
func (s *Store) TuttiGiornalieri(ctx context.Context, ente string) ([]pratica.Giornaliero, error) {
	return s.giornalieri(ctx, ente, `select `+colonneGiornaliero+` from giornalieri where ente = $1 order by giorno, registro`, ente)
}

// Giornaliero gives the register of a day, with its text.
func (s *Store) Giornaliero(ctx context.Context, ente, registro string, giorno day.Date) (pratica.Giornaliero, error) {
	gg, err := s.giornalieri(ctx, ente, `select `+colonneGiornaliero+`, testo from giornalieri where ente = $1 and registro = $2 and giorno = $3`, ente, registro, giorno.String())
	if err == nil && len(gg) == 0 {
		err = fault.New(fault.NotFound, "Di quel giorno non c'è un registro giornaliero: non è stato registrato nulla, o il giorno non è finito.")
	}
	if err != nil {
		return pratica.Giornaliero{}, err
	}
	return gg[0], nil
}

// SalvaGiornalieri stores the registers of one day, with a leaf each: of several nodes,
// one does it. Nothing of that day may still come: the clock is past it, and ultimo, if
// it is said, is still the last act there is.
func (s *Store) SalvaGiornalieri(ctx context.Context, ente string, giorno day.Date, gg []pratica.Giornaliero, ultimo int64) error {
	una := sha256.Sum256([]byte("giornaliero|" + ente + "|" + giorno.String()))
	return s.Update(ctx, pratica.Op{Ente: ente, Chiave: una[:16], Background: true}, func(x pratica.Tx) error {
		t := x.(*tx)
		if _, fatti := t.Richiesta(); fatti {
			return nil
		}
		if t.g.now.Before(giorno.Add(1).Start()) || ultimo > 0 && t.a != ultimo {
			return fault.New(fault.Conflict, "Intanto è arrivato qualcosa: il registro del giorno si rifà.")
		}
		il := scriviIstante(t.g.now)
		for _, g := range gg {
			testo, err := json.Marshal(giornata{giorno.String(), g.Registro, il, g.Numeri, g.Annotazioni, g.Fino, g.Hash})
			if err != nil {
				return fmt.Errorf("encode the register of a day: %w", err)
			}
			t.aggiungi(`insert into giornalieri (ente, giorno, registro, il, numeri, annotazioni, fino, hash, testo) values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
				ente, giorno.String(), g.Registro, il, g.Numeri, g.Annotazioni, g.Fino, g.Hash, g.Testo)
			t.Fatto(fattoGiornaliero, testo)
		}
		t.Ricorda([]byte{1}, 0)
		return nil
	})
}
