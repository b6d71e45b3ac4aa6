package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"tutela/internal/custody"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/vault"
)

var (
	_ custody.Registro = (*Store)(nil)
	_ custody.Chiavi   = (*Chiavi)(nil)
)

// AnnotaChiave adds an act on keys under the next number.
func (s *Store) AnnotaChiave(ctx context.Context, a custody.Atto) error {
	var impronta any
	if a.Impronta != ([32]byte{}) {
		impronta = a.Impronta[:]
	}
	return s.annota(ctx, a.Ente, fattoChiavi, attoChiave(a), f(`insert into atti_chiavi (ente, compartimento, n, il, chi, persona, cosa, versione, chiave, nota, impronta, fatto)
select $1, $2, coalesce(max(n), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, 0 from atti_chiavi where ente = $1 and compartimento = $2`,
		a.Ente, a.Compartimento, scriviIstante(a.Il), a.Chi, a.Persona, string(a.Cosa), a.Versione, a.Chiave, a.Nota, impronta))
}

// suChiave is what the log says of an act on keys.
type suChiave struct {
	Compartimento string `json:"compartimento"`
	Il            string `json:"il"`
	Chi           string `json:"chi"`
	Persona       string `json:"persona"`
	Cosa          string `json:"cosa"`
	Versione      int    `json:"versione"`
	Chiave        string `json:"chiave"`
	Nota          string `json:"nota"`
	Impronta      []byte `json:"impronta"`
}

func attoChiave(a custody.Atto) suChiave {
	s := suChiave{a.Compartimento, scriviIstante(a.Il), a.Chi, a.Persona, string(a.Cosa), a.Versione, a.Chiave, a.Nota, nil}
	if a.Impronta != ([32]byte{}) {
		s.Impronta = a.Impronta[:]
	}
	return s
}

// ConfermaChiave says that the key store has what was announced.
func (s *Store) ConfermaChiave(ctx context.Context, ente, comparto string, impronta [32]byte) error {
	return s.esegui(ctx, f(`update atti_chiavi set fatto = 1 where ente = $1 and compartimento = $2 and impronta = $3`, ente, comparto, impronta[:]))
}

// AttiChiave are the last acts on keys, newest first.
func (s *Store) AttiChiave(ctx context.Context, ente, comparto string, quanti int) ([]custody.Atto, error) {
	rows, err := s.db.QueryContext(ctx, `select n, il, chi, persona, cosa, versione, chiave, nota, impronta, fatto from atti_chiavi
where ente = $1 and compartimento = $2 order by n desc limit `+strconv.Itoa(quanti), ente, comparto)
	if err != nil {
		return nil, fmt.Errorf("read acts on keys: %w", err)
	}
	defer rows.Close()
	var out []custody.Atto
	for rows.Next() {
		a := custody.Atto{Ente: ente, Compartimento: comparto}
		var il, cosa string
		var impronta []byte
		var fatto int64
		if err := rows.Scan(&a.N, &il, &a.Chi, &a.Persona, &cosa, &a.Versione, &a.Chiave, &a.Nota, &impronta, &fatto); err != nil {
			return nil, fmt.Errorf("read acts on keys: %w", err)
		}
		a.Il, a.Cosa, a.Fatto = leggiIstante(il), custody.Cosa(cosa), fatto == 1
		copy(a.Impronta[:], impronta)
		out = append(out, a)
	}
	return out, rows.Err()
}

// Impronte are the versions that the key store may have as its newest, as the log has
// them: the last that was confirmed, and those announced since. A record that is not the
// one in the tree makes them none that there can be.
func (s *Store) Impronte(ctx context.Context, ente, comparto string) (confermata [32]byte, annunciate [][32]byte, err error) {
	fatte := map[[32]byte]bool{}
	if err := s.righe(ctx, `select impronta from atti_chiavi where ente = $1 and compartimento = $2 and impronta is not null and fatto = 1`, []any{ente, comparto},
		func(r *sql.Rows) error {
			var b []byte
			err := r.Scan(&b)
			fatte[[32]byte(b)] = true
			return err
		}); err != nil {
		return confermata, nil, fmt.Errorf("read versions of keys: %w", err)
	}
	fatti, err := s.fattiDi(ctx, ente, fattoChiavi)
	if err != nil {
		return confermata, nil, err
	}
	for _, f := range fatti {
		var v suChiave
		if err := json.Unmarshal(f.Text, &v); err != nil || f.Leaf == nil {
			return sha256.Sum256([]byte("not the log's")), nil, nil
		}
		switch {
		case v.Compartimento != comparto || len(v.Impronta) != len(confermata):
		case fatte[[32]byte(v.Impronta)]:
			confermata, annunciate = [32]byte(v.Impronta), nil
		default:
			annunciate = append(annunciate, [32]byte(v.Impronta))
		}
	}
	return confermata, annunciate, nil
}

// fattiDi are the records of a sort in an ente's log, in order. One whose leaf is not
// the one in the tree has none.
func (s *Store) fattiDi(ctx context.Context, ente, kind string) ([]registro.Record, error) {
	tutti, err := s.Fatti(ctx, ente)
	if err != nil {
		return nil, err
	}
	epoche := registro.Epochs(tutti)
	var out []registro.Record
	var idx []int64
	for _, f := range tutti {
		if f.Kind == kind {
			out, idx = append(out, f), append(idx, tlog.StoredHashIndex(0, f.Pos))
		}
	}
	hash, err := s.Hashes(ctx, ente).ReadHashes(idx)
	if err != nil && !errors.Is(err, registro.ErrBroken) {
		return nil, err
	}
	for i, f := range out {
		leaf, e := f.Of(registro.Origin(ente, epoche.At(f.Pos))).Hash()
		if err != nil || e != nil || leaf != hash[i] {
			out[i].Leaf = nil
		}
	}
	return out, nil
}

// Ricordato reports whether a person pinned the founding key under that key of theirs.
func (s *Store) Ricordato(ctx context.Context, ente, comparto, persona, chiave string) (bool, error) {
	n, err := s.interi(ctx, `select count(*) from atti_chiavi where ente = $1 and compartimento = $2 and chi = $3 and cosa = $4 and chiave = $5`,
		ente, comparto, persona, string(custody.Ricordo), chiave)
	return err == nil && n[0] > 0, err
}

// Fuori is the version of a compartment's key that last took somebody out of its roll,
// or out of his place there. What was announced is enough: between that and the key
// store nobody goes on reading.
func (s *Store) Fuori(ctx context.Context, ente, comparto, persona string) (int, error) {
	n, err := s.interi(ctx, `select coalesce(max(versione), 0) from atti_chiavi where ente = $1 and compartimento = $2 and persona = $3 and cosa in ($4, $5)`,
		ente, comparto, persona, string(custody.Uscita), string(custody.Rientro))
	if err != nil {
		return 0, err
	}
	return int(n[0]), nil
}

// quantiRecenti wraps are opened at an unlock.
const quantiRecenti = 20

// Recenti are the newest wraps for a version of the UPT's key.
func (s *Store) Recenti(ctx context.Context, ente, comparto string, versione int) ([]vault.Involucro, error) {
	if comparto != pratica.CompartimentoUPT { // the index is of that one
		return nil, nil
	}
	const destinatario = "compartimento." + pratica.CompartimentoUPT
	rows, err := s.db.QueryContext(ctx, `select p.id, i.parte, i.chiusa from involucri i join pratiche p on p.n = i.pratica
where p.ente = $1 and i.destinatario = '`+destinatario+`' and i.versione = $2 order by i.pratica desc limit `+strconv.Itoa(quantiRecenti), ente, versione)
	if err != nil {
		return nil, fmt.Errorf("read the newest wraps: %w", err)
	}
	defer rows.Close()
	var out []vault.Involucro
	for rows.Next() {
		i := vault.Involucro{Parte: vault.Parte{Ente: ente}, Destinatario: destinatario, Versione: versione}
		var id []byte
		if err := rows.Scan(&id, &i.Nome, &i.Chiusa); err != nil {
			return nil, fmt.Errorf("read the newest wraps: %w", err)
		}
		i.Pratica = vault.ID(id)
		out = append(out, i)
	}
	return out, rows.Err()
}
