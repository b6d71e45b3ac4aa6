package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"tutela/internal/pratica"
)

// Protocollare stores that the document of an act waits for the number of the ente's
// protocol.
func (t *tx) Protocollare(n int64, r pratica.RigaProtocollo) {
	ora := scriviIstante(t.g.now)
	t.aggiungi(`insert into protocolli (ente, pratica, seq, verso, numero, il, chiesto, riprova, tentativi, provato, errore) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		t.r.op.Ente, n, r.Seq, r.Verso, "", "", ora, ora, 0, "", "")
}

// Protocollata stores the number that came.
func (t *tx) Protocollata(n int64, p pratica.NumeroEsterno, il time.Time) {
	t.scrivi(`update protocolli set numero = $1, il = $2, errore = '' where ente = $3 and pratica = $4 and seq = $5`,
		p.Numero, scriviIstante(il), t.r.op.Ente, n, p.Seq)
}

// Attendono gives the documents that wait and are due, the first asked first.
func (s *Store) Attendono(ctx context.Context, ente string, ora time.Time, limite int) ([]pratica.AttesaProtocollo, error) {
	var out []pratica.AttesaProtocollo
	err := s.righe(ctx, `select p.id, x.pratica, x.seq, x.tentativi from protocolli x join pratiche p on p.n = x.pratica
where x.ente = $1 and x.numero = '' and x.riprova <= $2 and p.eliminata is null order by x.chiesto, x.pratica, x.seq limit `+strconv.Itoa(limite),
		[]any{ente, scriviIstante(ora)}, func(r *sql.Rows) error {
			var a pratica.AttesaProtocollo
			var id []byte
			err := r.Scan(&id, &a.N, &a.Seq, &a.Tentativi)
			copy(a.Pratica[:], id)
			out = append(out, a)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read what waits for the protocol: %w", err)
	}
	return out, nil
}

// Rinvia writes why a try failed and when to try again; tutte: all that are due wait as
// long.
func (s *Store) Rinvia(ctx context.Context, ente string, a pratica.AttesaProtocollo, quando time.Time, motivo string, tutte bool) error {
	poi, ora := scriviIstante(quando), scriviIstante(s.now())
	ff := []frase{f(`update protocolli set tentativi = tentativi + 1, riprova = $1, provato = $2, errore = $3 where ente = $4 and pratica = $5 and seq = $6 and numero = ''`,
		poi, ora, motivo, ente, a.N, a.Seq)}
	if tutte {
		ff = append(ff, f(`update protocolli set riprova = $1 where ente = $2 and numero = '' and riprova <= $3`, poi, ente, ora))
	}
	return s.esegui(ctx, ff...)
}

// SaluteProtocollo says how many wait, when the last number came, and what the last try
// met.
func (s *Store) SaluteProtocollo(ctx context.Context, ente string) (pratica.SaluteProtocollo, error) {
	var x pratica.SaluteProtocollo
	var dal, ultimo, provato string
	err := s.db.QueryRowContext(ctx, `select coalesce(max(il), '') from protocolli where ente = $1 and numero <> ''`, ente).Scan(&ultimo)
	if err == nil {
		err = s.db.QueryRowContext(ctx, `select count(*), coalesce(min(x.chiesto), '') from protocolli x join pratiche p on p.n = x.pratica
where x.ente = $1 and x.numero = '' and p.eliminata is null`, ente).Scan(&x.Attendono, &dal)
	}
	if err == nil && x.Attendono > 0 {
		err = s.righe(ctx, `select x.errore, x.provato from protocolli x join pratiche p on p.n = x.pratica
where x.ente = $1 and x.numero = '' and x.errore <> '' and p.eliminata is null order by x.provato desc limit 1`, []any{ente}, func(r *sql.Rows) error {
			return r.Scan(&x.Errore, &provato)
		})
	}
	if err != nil {
		return x, fmt.Errorf("read how the protocol goes: %w", err)
	}
	x.Dal, x.Ultimo, x.Provato = leggiIstante(dal), leggiIstante(ultimo), leggiIstante(provato)
	return x, nil
}
