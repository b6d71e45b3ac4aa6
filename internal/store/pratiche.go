package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

var errAssente = fault.New(fault.NotFound, "Non troviamo questa pratica, o non puoi vederla.")

// Leggi gives a case's head row and its acts, in order.
func (s *Store) Leggi(ctx context.Context, id vault.ID) (pratica.Testa, []pratica.Registrato, error) {
	return s.leggi(ctx, qTesta, id[:])
}

// LeggiCodice is Leggi by the citizen's code.
func (s *Store) LeggiCodice(ctx context.Context, ente, codice string) (pratica.Testa, []pratica.Registrato, error) {
	return s.leggi(ctx, `select `+colonneTesta+` from pratiche p where p.ente = $1 and p.codice = $2`, ente, codice)
}

// PerNumero gives the head row of the case with a number in a register.
func (s *Store) PerNumero(ctx context.Context, ente, registro string, anno, numero int) (pratica.Testa, error) {
	h, err := leggiTesta(s.db.QueryRowContext(ctx, `select `+colonneTesta+` from pratiche p where p.ente = $1 and p.numero = $2 and p.anno = $3 and p.registro = $4`,
		ente, numero, anno, registro))
	if errors.Is(err, sql.ErrNoRows) {
		return h, errAssente
	}
	return h, err
}

func (s *Store) leggi(ctx context.Context, q string, args ...any) (pratica.Testa, []pratica.Registrato, error) {
	h, err := leggiTesta(s.db.QueryRowContext(ctx, q, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return h, nil, errAssente
	}
	if err != nil {
		return h, nil, fmt.Errorf("read case: %w", err)
	}
	// Acts newer than the head row just read belong to the next reading.
	rows, err := s.db.QueryContext(ctx, `select a, busta, hash, sale, pos, foglia from atti where pratica = $1 and seq <= $2 order by seq`, h.N, h.Seq)
	if err != nil {
		return h, nil, fmt.Errorf("read acts: %w", err)
	}
	defer rows.Close()
	var atti []pratica.Registrato
	for rows.Next() {
		x, err := leggiAtto(rows)
		if err != nil {
			return h, nil, fmt.Errorf("read acts: %w", err)
		}
		atti = append(atti, x)
	}
	return h, atti, rows.Err()
}

// Contenuti gives the sealed contents of the acts a, by a*16+part; parti, when
// given, are the only parts that are read at all.
func (s *Store) Contenuti(ctx context.Context, n int64, parti []string) (map[int64][]byte, error) {
	a := &access.Args{}
	q := `select c.k, c.bytes from atti t join contenuti c on c.k between t.a*16 and t.a*16+15 where t.pratica = ` + a.Add(n)
	if parti != nil {
		q += ` and c.parte in ` + a.In(parti)
	}
	rows, err := s.db.QueryContext(ctx, q, a.Valori...)
	if err != nil {
		return nil, fmt.Errorf("read contents: %w", err)
	}
	defer rows.Close()
	out := map[int64][]byte{}
	for rows.Next() {
		var k int64
		var b []byte
		if err := rows.Scan(&k, &b); err != nil {
			return nil, fmt.Errorf("read contents: %w", err)
		}
		out[k] = b
	}
	return out, rows.Err()
}

// Aperture gives the opening of each case, as it is sealed.
func (s *Store) Aperture(ctx context.Context, pratiche []int64) (map[int64]pratica.Aperta, error) {
	out := make(map[int64]pratica.Aperta, len(pratiche))
	if len(pratiche) == 0 {
		return out, nil
	}
	a := &access.Args{}
	rows, err := s.db.QueryContext(ctx, `select t.pratica, t.busta, c.k - t.a*16, c.parte, c.bytes from atti t
join contenuti c on c.k = t.a*16+1 where t.seq = 1 and t.pratica in (`+strings.Join(posti(a, pratiche), ",")+`)`, a.Valori...)
	if err != nil {
		return nil, fmt.Errorf("read openings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var x pratica.Aperta
		if err := rows.Scan(&n, &x.Busta, &x.N, &x.Parte, &x.Bytes); err != nil {
			return nil, fmt.Errorf("read openings: %w", err)
		}
		out[n] = x
	}
	return out, rows.Err()
}

// Scritti gives all that is stored of what was written in each case.
func (s *Store) Scritti(ctx context.Context, pratiche []int64) (map[int64]pratica.Scritto, error) {
	out := make(map[int64]pratica.Scritto, len(pratiche))
	if len(pratiche) == 0 {
		return out, nil
	}
	a := &access.Args{}
	in := ` in (` + strings.Join(posti(a, pratiche), ",") + `)`
	leggi := func(q string, riga func(*sql.Rows) error) error { return s.righe(ctx, q, a.Valori, riga) }
	if err := errors.Join(leggi(`select a, busta, hash, sale, pos, foglia, pratica from atti where pratica`+in+` order by pratica, seq`, func(r *sql.Rows) error {
		var n int64
		x, err := leggiAtto(r, &n)
		sc := out[n]
		sc.Atti = append(sc.Atti, x)
		out[n] = sc
		return err
	}), leggi(`select t.pratica, c.k, c.bytes from atti t join contenuti c on c.k between t.a*16 and t.a*16+15 where t.pratica`+in, func(r *sql.Rows) error {
		var n, k int64
		var b []byte
		err := r.Scan(&n, &k, &b)
		sc := out[n]
		if sc.Contenuti == nil {
			sc.Contenuti = map[int64][]byte{}
		}
		sc.Contenuti[k] = b
		out[n] = sc
		return err
	}), leggi(`select p.n, x.id, x.atto, x.parte, x.scheda from pratiche p join allegati x on x.pratica = p.id where p.n`+in+` order by x.id`, func(r *sql.Rows) error {
		var n int64
		var id []byte
		var x pratica.Allegato
		err := r.Scan(&n, &id, &x.A, &x.Parte, &x.Scheda)
		copy(x.ID[:], id)
		sc := out[n]
		sc.File = append(sc.File, x)
		out[n] = sc
		return err
	})); err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	return out, nil
}

// posti are the places of the numbers of cases, the last one repeated: of few lengths,
// so that few statements are prepared.
func posti(a *access.Args, pratiche []int64) []string {
	n := 1
	if len(pratiche) > 1 {
		n = (len(pratiche) + 49) / 50 * 50
	}
	in := make([]string, n)
	for i := range in {
		in[i] = a.Add(pratiche[min(i, len(pratiche)-1)])
	}
	return in
}

// Involucri gives the keys of parts that are wrapped for a reader, by case: of one
// part, or of all when it is empty.
func (s *Store) Involucri(ctx context.Context, pratiche []int64, destinatario, parte string) (map[int64][]vault.Involucro, error) {
	out := make(map[int64][]vault.Involucro, len(pratiche))
	if len(pratiche) == 0 {
		return out, nil
	}
	a := &access.Args{}
	q := `select pratica, parte, versione, chiusa from involucri where destinatario = ` + a.Add(destinatario)
	if parte != "" {
		q += ` and parte = ` + a.Add(parte)
	}
	rows, err := s.db.QueryContext(ctx, q+` and pratica in (`+strings.Join(posti(a, pratiche), ",")+`)`, a.Valori...)
	if err != nil {
		return nil, fmt.Errorf("read wraps: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		i := vault.Involucro{Destinatario: destinatario}
		if err := rows.Scan(&n, &i.Nome, &i.Versione, &i.Chiusa); err != nil {
			return nil, fmt.Errorf("read wraps: %w", err)
		}
		out[n] = append(out[n], i)
	}
	return out, rows.Err()
}

// Cartellini gives the newest card of each case.
func (s *Store) Cartellini(ctx context.Context, pratiche []int64) (map[int64]pratica.CartellinoChiuso, error) {
	out := make(map[int64]pratica.CartellinoChiuso, len(pratiche))
	for gruppo := range slices.Chunk(pratiche, 100) {
		a := &access.Args{}
		in := make([]string, len(gruppo))
		for i, n := range gruppo {
			in[i] = a.Add(n)
		}
		rows, err := s.db.QueryContext(ctx, `select pratica, seq, versione, chiuso from cartellini where pratica in (`+strings.Join(in, ",")+`) order by seq`, a.Valori...)
		if err != nil {
			return nil, fmt.Errorf("read cards: %w", err)
		}
		if err := leggiCartellini(rows, out); err != nil {
			return nil, fmt.Errorf("read cards: %w", err)
		}
	}
	return out, nil
}

func leggiCartellini(rows *sql.Rows, out map[int64]pratica.CartellinoChiuso) error {
	defer rows.Close()
	for rows.Next() {
		var n int64
		var c pratica.CartellinoChiuso
		if err := rows.Scan(&n, &c.Seq, &c.Versione, &c.Bytes); err != nil {
			return err
		}
		out[n] = c // in their order: the newest stays
	}
	return rows.Err()
}

// Allegati gives the files of a case.
func (s *Store) Allegati(ctx context.Context, id vault.ID) ([]pratica.Allegato, error) {
	rows, err := s.db.QueryContext(ctx, `select id, ente, atto, parte, dove, dimensione, scheda, creato from allegati where pratica = $1 order by id`, id[:])
	if err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	defer rows.Close()
	var out []pratica.Allegato
	for rows.Next() {
		x := pratica.Allegato{Pratica: id}
		var xid []byte
		var creato string
		if err := rows.Scan(&xid, &x.Ente, &x.A, &x.Parte, &x.Dove, &x.Dimensione, &x.Scheda, &creato); err != nil {
			return nil, fmt.Errorf("read files: %w", err)
		}
		copy(x.ID[:], xid)
		x.Creato = leggiIstante(creato)
		out = append(out, x)
	}
	return out, rows.Err()
}

// Attached calls fn with the address of every file that a case of any ente has, and
// of every copy that is ready for one.
func (s *Store) Attached(ctx context.Context, fn func(dove string)) error {
	rows, err := s.db.QueryContext(ctx, `select dove from allegati union all select dove from copie where dove <> ''`)
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var dove string
		if err := rows.Scan(&dove); err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		fn(dove)
	}
	return rows.Err()
}

// Oggetto gives what the access rules need to know of a case.
func (s *Store) Oggetto(ctx context.Context, n int64) (access.Oggetto, error) {
	var o access.Oggetto
	rows, err := s.db.QueryContext(ctx, `select ente, ufficio, come, '', '' from vede where n = $1
union all select ente, persona, 's', dal, al from siede where n = $1`, n)
	if err != nil {
		return o, fmt.Errorf("read readers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var chi, come, dal, al string
		if err := rows.Scan(&o.Ente, &chi, &come, &dal, &al); err != nil {
			return o, fmt.Errorf("read readers: %w", err)
		}
		switch come {
		case "n":
			o.Nucleo = append(o.Nucleo, chi)
		case "r":
			o.Chiesto = append(o.Chiesto, chi)
		default:
			o.Posti = append(o.Posti, access.Posto{Persona: chi, Dal: leggiData(dal), Al: leggiData(al)})
		}
	}
	return o, rows.Err()
}

// Scattati names the cases of which a term warns or lapses by that instant.
func (s *Store) Scattati(ctx context.Context, entro time.Time, limite int) ([]pratica.Riferimento, error) {
	rows, err := s.db.QueryContext(ctx, `select ente, id from pratiche where scatto <= $1 order by scatto limit `+strconv.Itoa(limite), scriviIstante(entro))
	if err != nil {
		return nil, fmt.Errorf("read due terms: %w", err)
	}
	defer rows.Close()
	var out []pratica.Riferimento
	for rows.Next() {
		var r pratica.Riferimento
		var id []byte
		if err := rows.Scan(&r.Ente, &id); err != nil {
			return nil, fmt.Errorf("read due terms: %w", err)
		}
		copy(r.ID[:], id)
		out = append(out, r)
	}
	return out, rows.Err()
}

// Spazza deletes what has had its day: idempotent answers after 24 hours.
func (s *Store) Spazza(ctx context.Context, now time.Time) error {
	return s.sfondo(ctx, f(`delete from richieste where il < $1`, scriviIstante(now.Add(-24*time.Hour))))
}
