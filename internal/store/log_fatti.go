package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tutela/internal/pratica"
)

// The sorts of what stands in the log and is no act of a case.
const (
	fattoChiavi       = "chiavi"       // an act on the keys of a compartment of members
	fattoRegolamento  = "regolamento"  // what holds for a register, from a day
	fattoOrganigramma = "organigramma" // a chart that holds from a day
	fattoEnte         = "ente"         // what the ente says of itself
	fattoAccessi      = "accessi"      // who read what, up to an instant
	fattoGiornaliero  = "giornaliero"  // the register of a day
)

// annota runs statements in the next group and adds to the ente's log, with them, what
// they did.
func (s *Store) annota(ctx context.Context, ente, kind string, cosa any, frasi ...frase) error {
	testo, err := json.Marshal(cosa)
	if err != nil {
		return fmt.Errorf("encode what is logged: %w", err)
	}
	return s.Update(ctx, pratica.Op{Ente: ente}, func(x pratica.Tx) error {
		t := x.(*tx)
		t.frasi = append(t.frasi, frasi...)
		t.Fatto(kind, testo)
		return nil
	})
}

// letto is what the log says of who read what: the rows of the access log of some
// quarters of an hour, by their hash.
type letto struct {
	Dal   string `json:"dal"` // included
	Al    string `json:"al"`  // excluded
	Righe int    `json:"righe"`
	Hash  []byte `json:"hash"`
}

// ritardo is how long after the end of a quarter of an hour no row of it comes any more.
const ritardo = 5 * time.Minute

// SigillaAccessi adds to the log who read what, of the quarters of an hour that are
// over. Until then a row that is taken away is not missed.
func (s *Store) SigillaAccessi(ctx context.Context, ente string, now time.Time) error {
	dal, err := s.sigillatiFino(ctx, ente)
	if err != nil {
		return err
	}
	al := scriviIstante(now.Add(-ritardo).Truncate(pratica.Window))
	if al <= dal {
		return nil
	}
	l, err := s.leggiLetto(ctx, ente, dal, al)
	if err != nil || l.Righe == 0 {
		return err
	}
	testo, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode accesses: %w", err)
	}
	una := sha256.Sum256([]byte("accessi|" + ente + "|" + dal)) // of several nodes, one does it
	return s.Update(ctx, pratica.Op{Ente: ente, Chiave: una[:16], Background: true}, func(x pratica.Tx) error {
		if _, fatta := x.Richiesta(); fatta {
			return nil
		}
		x.(*tx).Fatto(fattoAccessi, testo)
		x.Ricorda([]byte{1}, 0)
		return nil
	})
}

// sigillatiFino is up to when the log has who read what.
func (s *Store) sigillatiFino(ctx context.Context, ente string) (string, error) {
	var testo []byte
	err := s.db.QueryRowContext(ctx, `select testo from log_fatti where ente = $1 and kind = $2 order by pos desc limit 1`, ente, fattoAccessi).Scan(&testo)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	var l letto
	if err = errors.Join(err, json.Unmarshal(testo, &l)); err != nil {
		return "", fmt.Errorf("read the accesses in the log: %w", err)
	}
	return l.Al, nil
}

// leggiLetto hashes the rows of the access log of an ente, from an instant to another, in
// the order of their bytes: that of a database changes with its collation.
func (s *Store) leggiLetto(ctx context.Context, ente, dal, al string) (letto, error) {
	var righe []string
	if err := s.righe(ctx, `select il, pratica, persona, ufficio, come, parte from accessi where ente = $1 and il >= $2 and il < $3`, []any{ente, dal, al}, func(r *sql.Rows) error {
		var il, persona, ufficio, come, parte string
		var n int64
		err := r.Scan(&il, &n, &persona, &ufficio, &come, &parte)
		righe = append(righe, fmt.Sprintf("%s|%d|%q|%q|%q|%q\n", il, n, persona, ufficio, come, parte))
		return err
	}); err != nil {
		return letto{}, fmt.Errorf("read accesses: %w", err)
	}
	slices.Sort(righe)
	h := sha256.Sum256([]byte(strings.Join(righe, "")))
	return letto{Dal: dal, Al: al, Righe: len(righe), Hash: h[:]}, nil
}
