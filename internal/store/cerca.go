package store

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// A search reads the tail, which the intake fills, and the database's own index,
// into which a job moves the tail in batches. On both the words are HMAC tokens.
const (
	loto        = 128                    // rows moved at a time: about 10 ms of the writer
	pagineUnite = 64                     // of the index, written at a time: the same
	codaLunga   = 8192                   // rows of the tail that a search may have to read
	calma       = 300 * time.Millisecond // without a person's change
	maxTrovate  = 1000                   // hits tried against rights and filters for one page
)

// cercaParole finds the cases that hold every searched word, newest first. Hits are
// taken from the index a few at a time: most pages need no more than the first ones.
func (s *Store) cercaParole(ctx context.Context, chi access.Chi, fl pratica.Filtro) (pratica.Pagina, error) {
	var out pratica.Pagina
	domande, err := s.anniVeri(ctx, chi.Ente, fl.Parole)
	if err != nil || len(domande) == 0 {
		return out, err
	}
	coda, err := s.trovaCoda(ctx, chi.Ente, domande)
	if err != nil {
		return out, err
	}
	cerca := s.trovaFTS
	if s.pg {
		cerca = s.trovaGIN
	}
	prima := int64(math.MaxInt64)
	if c, ok := leggiCursore(fl.Dopo); ok {
		prima = c.n
	}
	limite := fl.Limite
	quante := limite + 1 // for who sees every hit; then more at a time
	for guardate := 0; ; quante = 2 * limite {
		blocco, err := cerca(ctx, domande, prima, quante)
		if err != nil {
			return out, fmt.Errorf("search index: %w", err)
		}
		fine, fino := len(blocco) < quante, int64(0)
		if !fine {
			fino = blocco[len(blocco)-1]
		}
		for _, n := range coda {
			if fino <= n && n < prima {
				blocco = append(blocco, n)
			}
		}
		slices.Sort(blocco)
		blocco = slices.Compact(blocco)
		slices.Reverse(blocco)
		guardate += len(blocco)
		for pezzo := range slices.Chunk(blocco, 2*limite) { // the tail may be long
			manca := limite - len(out.Righe)
			fl.Limite = max(manca, 1)
			p, err := s.traTrovate(ctx, chi, fl, pezzo)
			if err != nil {
				return out, err
			}
			if manca == 0 && len(p.Righe) > 0 { // the page was full: there is another
				u := out.Righe[limite-1]
				out.Dopo = pratica.Cursore(u.Giorno.String(), u.N)
				return out, nil
			}
			out.Righe = append(out.Righe, p.Righe...)
			if out.Dopo = p.Dopo; out.Dopo != "" {
				return out, nil
			}
		}
		switch {
		case fine:
			return out, nil
		case guardate >= maxTrovate: // who may see few of the hits asks for more by himself
			out.Ancora, out.Dopo = true, pratica.Cursore("", fino)
			return out, nil
		}
		prima = fino
	}
}

// traTrovate gives, of the cases found, those that who asks may see and that the
// other filters take.
func (s *Store) traTrovate(ctx context.Context, chi access.Chi, fl pratica.Filtro, trovate []int64) (pratica.Pagina, error) {
	a := &access.Args{}
	var in []string
	for _, n := range trovate {
		in = append(in, a.Add(n))
	}
	// words of the core must not be found by who cannot read it
	dove := append([]string{"p.n in (" + strings.Join(in, ",") + ")", access.Where(chi, access.VedereNucleo, a)}, condizioni(chi, fl, a)...)
	return s.pagina(ctx, chi, fl, `select `+colonneTesta+` from pratiche p where `+strings.Join(dove, " and ")+
		` order by p.n desc limit `+strconv.Itoa(fl.Limite+1), a)
}

// anniVeri keeps the questions of the years in which the ente registered anything,
// and of the year before: words are counted to the year in which they were sent.
func (s *Store) anniVeri(ctx context.Context, ente string, domande []pratica.Domanda) ([]pratica.Domanda, error) {
	anni, err := s.interi(ctx, `select distinct anno from numeri where ente = $1`, ente)
	if err != nil {
		return nil, fmt.Errorf("read years: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(domande), func(d pratica.Domanda) bool {
		return !slices.Contains(anni, int64(d.Anno)) && !slices.Contains(anni, int64(d.Anno+1))
	}), nil
}

// interi reads whole numbers, a row each.
func (s *Store) interi(ctx context.Context, q string, args ...any) ([]int64, error) {
	rows, err := s.db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

func (s *Store) trovaCoda(ctx context.Context, ente string, domande []pratica.Domanda) ([]int64, error) {
	rows, err := s.db.QueryContext(ctx, `select n, anno, gettoni from cerca where ente = $1`, ente)
	if err != nil {
		return nil, fmt.Errorf("search tail: %w", err)
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var n int64
		var anno int
		var b []byte
		if err := rows.Scan(&n, &anno, &b); err != nil {
			return nil, fmt.Errorf("search tail: %w", err)
		}
		for _, d := range domande {
			if d.Anno == anno && risponde(b, d) {
				out = append(out, n)
			}
		}
	}
	return out, rows.Err()
}

// risponde reports whether the sorted tokens b answer a question.
func risponde(b []byte, d pratica.Domanda) bool {
	for _, g := range d.Gruppi {
		if slices.ContainsFunc(g.Voci, func(v []vault.Gettone) bool { return contiene(b, v) }) == g.Senza {
			return false
		}
	}
	return true
}

// contiene reports whether the sorted tokens b, 8 bytes each, hold all of g.
func contiene(b []byte, g []vault.Gettone) bool {
	for _, x := range g {
		lo, hi := 0, len(b)/8
		for lo < hi {
			m := (lo + hi) / 2
			if string(b[m*8:m*8+8]) < string(x[:]) {
				lo = m + 1
			} else {
				hi = m
			}
		}
		if lo*8+8 > len(b) || string(b[lo*8:lo*8+8]) != string(x[:]) {
			return false
		}
	}
	return true
}

// trovaFTS asks SQLite's own index for so many cases before n, newest first.
func (s *Store) trovaFTS(ctx context.Context, domande []pratica.Domanda, prima int64, quante int) ([]int64, error) {
	var or []string
	for _, d := range domande {
		or = append(or, "("+inFTS(d)+")")
	}
	return s.interi(ctx, `select rowid from indice where indice match $1 and rowid < $2 order by rowid desc limit `+strconv.Itoa(quante), strings.Join(or, " OR "), prima)
}

// inFTS is a question in the language of FTS5.
func inFTS(d pratica.Domanda) string {
	var b strings.Builder
	for _, g := range d.Gruppi {
		var or []string
		for _, v := range g.Voci {
			var and []string
			for _, t := range v {
				and = append(and, hex.EncodeToString(t[:]))
			}
			or = append(or, "("+strings.Join(and, " AND ")+")")
		}
		if b.Len() > 0 {
			b.WriteString(map[bool]string{false: " AND ", true: " NOT "}[g.Senza])
		}
		b.WriteString("(" + strings.Join(or, " OR ") + ")")
	}
	return b.String()
}

// finestra is how many of the newest cases PostgreSQL is asked about at first.
const finestra = 600

// trovaGIN asks PostgreSQL's own index. It knows no order and gives all hits of a
// common word, so it is asked about the newest cases only, and then about as many as
// the hits among them say are needed; a word that is rare there is rare.
func (s *Store) trovaGIN(ctx context.Context, domande []pratica.Domanda, prima int64, quante int) ([]int64, error) {
	massimo, err := s.interi(ctx, `select coalesce(max(n), 0) from indice`)
	if err != nil {
		return nil, err
	}
	a := &access.Args{}
	a.Add(int64(0))
	a.Add(prima)
	var or []string
	for _, d := range domande {
		or = append(or, "("+inGIN(d, a)+")")
	}
	// The bounds stand outside of what is found, so that the planner does not walk n
	// backwards for a rare word.
	coda := ` and (` + strings.Join(or, " or ") + `)) select n from t where n < $2 order by n desc limit ` + strconv.Itoa(quante)
	alto := min(prima, massimo[0]+1)
	for larga := int64(finestra); larga < alto; {
		a.Valori[0] = alto - larga
		trovate, err := s.interi(ctx, `with t as materialized (select n from indice where n >= $1`+coda, a.Valori...)
		if err != nil || len(trovate) == quante {
			return trovate, err
		}
		if len(trovate) == 0 || larga > 100*finestra {
			break
		}
		larga = larga * int64(quante) / int64(len(trovate)) * 3 / 2
	}
	a.Valori[0] = int64(0)
	return s.interi(ctx, `with t as materialized (select n from indice where n + 0 >= $1`+coda, a.Valori...)
}

// inGIN is a question as a condition on the arrays of PostgreSQL.
func inGIN(d pratica.Domanda, a *access.Args) string {
	var and []string
	for _, g := range d.Gruppi {
		var or []string
		for _, v := range g.Voci {
			or = append(or, "gettoni @> "+a.Add(interi(v)))
		}
		and = append(and, map[bool]string{false: "(", true: "not ("}[g.Senza]+strings.Join(or, " or ")+")")
	}
	return strings.Join(and, " and ")
}

func interi(g []vault.Gettone) []int64 {
	out := make([]int64, len(g))
	for i, x := range g {
		out[i] = int64(binary.BigEndian.Uint64(x[:])) // the bits are kept, their sign means nothing
	}
	return out
}

// IndexDue reports whether it is time to move the tail: people have written
// nothing for a while, or so much that searches would feel the tail. In a burst
// the words wait, for the writer has people to serve; they are found all the same.
func (s *Store) IndexDue(ctx context.Context) (bool, error) {
	if s.now().Sub(time.Unix(0, s.fila.ultima.Load())) > calma {
		return true, nil
	}
	var lunga int64
	err := s.db.QueryRowContext(ctx, `select coalesce(max(n) - min(n), 0) from cerca`).Scan(&lunga)
	return lunga > codaLunga, err
}

// Indicizza moves one lot of the tail into the index; when there is none, it joins some
// of the pieces that lots leave there, for a search reads them all. It says how many rows
// it moved or pieces it wrote: called again until that is none.
func (s *Store) Indicizza(ctx context.Context) (int, error) {
	rows, err := s.db.QueryContext(ctx, `select n, gettoni from cerca order by n limit `+strconv.Itoa(loto))
	if err != nil {
		return 0, fmt.Errorf("read tail: %w", err)
	}
	defer rows.Close()
	var frasi []frase
	n, pezzi := 0, int64(0)
	for rows.Next() {
		var id int64
		var b []byte
		if err := rows.Scan(&id, &b); err != nil {
			return 0, fmt.Errorf("read tail: %w", err)
		}
		g := leggiGettoni(b)
		if s.pg {
			frasi = append(frasi, f(`insert into indice (n, gettoni) values ($1, $2) on conflict (n) do update set gettoni = excluded.gettoni`, id, interi(g)))
		} else {
			frasi = append(frasi, f(`insert into indice (rowid, gettoni) values ($1, $2)`, id, parolaPerParola(g)))
			pezzi = 1
		}
		frasi = append(frasi, f(`delete from cerca where n = $1`, id))
		n++
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if n > 0 {
		s.daUnire.Add(pezzi)
		return n, s.sfondo(ctx, frasi...)
	}
	return s.unisci(ctx)
}

// unisci joins pieces of the index of SQLite, once for each lot moved before: a lot
// fills some 18 pages, each of them written again two or three times. PostgreSQL's has
// no pieces.
func (s *Store) unisci(ctx context.Context) (int, error) {
	if s.daUnire.Load() == 0 {
		return 0, nil
	}
	s.daUnire.Add(-1)
	return pagineUnite, s.sfondo(ctx, f(`insert into indice (indice, rank) values ('merge', $1)`, pagineUnite))
}

func parolaPerParola(g []vault.Gettone) string {
	var b strings.Builder
	for _, x := range g {
		b.WriteString(hex.EncodeToString(x[:]))
		b.WriteByte(' ')
	}
	return b.String()
}
