package store

import (
	"context"
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

// indice is what differs between the databases' own indexes of tokens.
type indice interface {
	// trova gives so many cases before n that answer, newest first.
	trova(ctx context.Context, domande []pratica.Domanda, prima int64, quante int) ([]int64, error)
	// con gives the cases, of these, that have a token. It may give others too.
	con(ctx context.Context, g vault.Gettone, casi []int64) ([]int64, error)
	// aggiungi adds words to those of a case, some of which it may have.
	aggiungi(n int64, g []vault.Gettone) frase
	// togli takes out all the words of a case, those that came from the tail in the same
	// transaction too, and metti gives them to a case that has none. To what they ask a
	// condition may be added.
	togli(n int64, coda, tutte []vault.Gettone) []frase
	metti(n int64, g []vault.Gettone) frase
	// unisci joins so many pages of the pieces that it is in; none: it is in one.
	unisci(pagine int) []frase
}

// cercaParole finds the cases that hold every searched word, newest first. Hits are
// taken from the index a few at a time: most pages need no more than the first ones.
// The index holds all that the URP reads: who is asked about the cases of others gets
// all of his own beside the hits, to be opened, whatever the index says of them.
func (s *Store) cercaParole(ctx context.Context, chi access.Chi, fl pratica.Filtro) (pratica.Pagina, error) {
	var out pratica.Pagina
	domande, err := s.domandeDi(ctx, chi, fl.Parole)
	if err != nil {
		return out, err
	}
	coda, err := s.trovaCoda(ctx, chi.Ente, domande)
	if err != nil {
		return out, err
	}
	prima := int64(math.MaxInt64)
	if c, ok := leggiCursore(fl.Dopo); ok {
		prima = c.n
	}
	limite := fl.Limite
	quante := limite + 1 // for who sees every hit; then more at a time
	for guardate := 0; ; quante = 2 * limite {
		b, err := s.blocco(ctx, chi, fl, domande, coda, prima, quante)
		if err != nil {
			return out, fmt.Errorf("search index: %w", err)
		}
		guardate += len(b.casi)
		for pezzo := range slices.Chunk(b.casi, 2*limite) { // the tail may be long
			manca := limite - len(out.Righe)
			fl.Limite = max(manca, 1)
			p, err := s.traTrovate(ctx, chi, fl, pezzo, b.daAprire)
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
		case b.fino == 0:
			return out, nil
		case guardate >= maxTrovate: // who may see few of the hits asks for more by himself
			out.Ancora, out.Dopo = true, pratica.Cursore("", b.fino)
			return out, nil
		}
		prima = b.fino
	}
}

// blocco is some cases that may answer, newest first: all there are down to fino.
type blocco struct {
	casi     []int64
	daAprire map[int64]bool
	fino     int64 // 0: all there are
}

func (s *Store) blocco(ctx context.Context, chi access.Chi, fl pratica.Filtro, domande []pratica.Domanda, coda coda, prima int64, quante int) (blocco, error) {
	out := blocco{daAprire: map[int64]bool{}}
	if len(domande) > 0 {
		trovate, err := s.indice.trova(ctx, domande, prima, quante)
		if err != nil {
			return out, err
		}
		if len(trovate) == quante {
			out.fino = trovate[quante-1]
		}
		out.casi = coda.insieme(trovate, out.fino, prima)
	}
	var sue []int64
	if fl.Candidate {
		var err error
		if sue, err = s.interpellate(ctx, chi, prima, quante); err != nil {
			return out, err
		}
	}
	if len(sue) == quante {
		out.fino = max(out.fino, sue[quante-1])
	}
	for _, n := range sue {
		out.daAprire[n] = true
	}
	out.casi = slices.DeleteFunc(append(out.casi, sue...), func(n int64) bool { return n < out.fino })
	slices.Sort(out.casi)
	out.casi = slices.Compact(out.casi)
	slices.Reverse(out.casi)
	return out, nil
}

// interpellate are the cases before n of the offices of who asks that are asked about
// those of others, newest first.
func (s *Store) interpellate(ctx context.Context, chi access.Chi, prima int64, quante int) ([]int64, error) {
	a := &access.Args{}
	var parti []string
	for _, u := range chi.Attivi() {
		if access.Interpellato(u) {
			parti = append(parti, `select * from (select v.n from vede v where v.ente = `+a.Add(chi.Ente)+` and v.ufficio = `+a.Add(u)+
				` and v.n < `+a.Add(prima)+` order by v.n desc limit `+strconv.Itoa(2*quante)+`) x`) // an office may stand twice in a case
		}
	}
	if len(parti) == 0 {
		return nil, nil
	}
	return s.interi(ctx, `select n from (`+strings.Join(parti, " union ")+`) y order by n desc limit `+strconv.Itoa(quante), a.Valori...)
}

// traTrovate gives, of the cases found, those that who asks may see and that the
// other filters take.
func (s *Store) traTrovate(ctx context.Context, chi access.Chi, fl pratica.Filtro, trovate []int64, daAprire map[int64]bool) (pratica.Pagina, error) {
	a := &access.Args{}
	var sue []int64
	for _, n := range trovate {
		if daAprire[n] {
			sue = append(sue, n)
		}
	}
	in := strings.Join(posti(a, trovate), ",")
	puo := access.Where(chi, access.VedereNucleo, a) // words of the core must not be found by who cannot read it
	if len(sue) > 0 {
		puo = "(" + puo + " or p.n in (" + strings.Join(posti(a, sue), ",") + ") and " + access.Where(chi, access.Elencare, a) + ")"
	}
	dove := append([]string{"p.n in (" + in + ")", puo}, condizioni(chi, fl, a)...)
	p, err := s.pagina(ctx, chi, fl, `select `+colonneTesta+` from pratiche p where `+strings.Join(dove, " and ")+
		` order by p.n desc limit `+strconv.Itoa(fl.Limite+1), a)
	for i := range p.Righe {
		p.Righe[i].Candidata = daAprire[p.Righe[i].N]
	}
	return p, err
}

// domandeDi are the questions that the index is asked: of the years in which the ente
// registered anything, and of the year before, since words are counted to the year in
// which they were sent. None for who works only in offices that are asked: how long
// the index takes says something of what it holds.
func (s *Store) domandeDi(ctx context.Context, chi access.Chi, domande []pratica.Domanda) ([]pratica.Domanda, error) {
	if !slices.ContainsFunc(chi.Attivi(), func(u string) bool { return !access.Interpellato(u) }) {
		return nil, nil
	}
	anni, err := s.interi(ctx, `select distinct anno from numeri where ente = $1`, chi.Ente)
	if err != nil {
		return nil, fmt.Errorf("read years: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(domande), func(d pratica.Domanda) bool {
		return !slices.Contains(anni, int64(d.Anno)) && !slices.Contains(anni, int64(d.Anno+1))
	}), nil
}

// interi reads whole numbers, a row each.
func (s *Store) interi(ctx context.Context, q string, args ...any) ([]int64, error) {
	return s.db.interi(ctx, q, args...)
}

// coda is what the tail says to a question: which cases answer it, of those that have
// any of its words there. Their other words are in the index.
type coda struct {
	toccate    map[int64]bool
	rispondono []int64
}

// insieme puts what the tail says beside what the index alone says, of the cases from
// fino to before prima.
func (c coda) insieme(trovate []int64, fino, prima int64) []int64 {
	trovate = slices.DeleteFunc(trovate, func(n int64) bool { return c.toccate[n] })
	for _, n := range c.rispondono {
		if fino <= n && n < prima {
			trovate = append(trovate, n)
		}
	}
	return trovate
}

// trovaCoda asks the tail. A case may have some of the words there and the others in
// the index: of such cases the index is asked word by word.
func (s *Store) trovaCoda(ctx context.Context, ente string, domande []pratica.Domanda) (coda, error) {
	out := coda{toccate: map[int64]bool{}}
	rows, err := s.db.QueryContext(ctx, `select n, anno, gettoni from cerca where ente = $1`, ente)
	if err != nil {
		return out, fmt.Errorf("search tail: %w", err)
	}
	defer rows.Close()
	cercati := gettoniDi(domande)
	anni := map[int]trovati{}
	for rows.Next() {
		var n int64
		var anno int
		var b []byte
		if err := rows.Scan(&n, &anno, &b); err != nil {
			return out, fmt.Errorf("search tail: %w", err)
		}
		for ; len(b) >= 8; b = b[8:] {
			if g := vault.Gettone(b[:8]); slices.Contains(cercati[anno], g) {
				if anni[anno] == nil {
					anni[anno] = trovati{}
				}
				anni[anno].metti(n, g)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return out, fmt.Errorf("search tail: %w", err)
	}
	for anno, casi := range anni {
		if err := s.completa(ctx, casi, cercati[anno]); err != nil {
			return out, fmt.Errorf("search index: %w", err)
		}
		for n, ha := range casi {
			out.toccate[n] = true
			if slices.ContainsFunc(domande, func(d pratica.Domanda) bool { return d.Anno == anno && risponde(ha, d) }) {
				out.rispondono = append(out.rispondono, n)
			}
		}
	}
	return out, nil
}

// trovati are the searched tokens that cases have.
type trovati map[int64]map[vault.Gettone]bool

func (t trovati) metti(n int64, g vault.Gettone) {
	if t[n] == nil {
		t[n] = map[vault.Gettone]bool{}
	}
	t[n][g] = true
}

// completa adds what the index has, token by token.
func (s *Store) completa(ctx context.Context, casi trovati, cercati []vault.Gettone) error {
	for _, g := range cercati {
		var altri []int64
		for n, ha := range casi {
			if !ha[g] {
				altri = append(altri, n)
			}
		}
		if len(altri) == 0 {
			continue
		}
		nell, err := s.indice.con(ctx, g, altri)
		if err != nil {
			return err
		}
		for _, n := range nell {
			if casi[n] != nil {
				casi[n][g] = true
			}
		}
	}
	return nil
}

// gettoniDi are the tokens of the questions of each year.
func gettoniDi(domande []pratica.Domanda) map[int][]vault.Gettone {
	out := map[int][]vault.Gettone{}
	for _, d := range domande {
		for _, g := range d.Gruppi {
			for _, v := range g.Voci {
				for _, x := range v {
					if !slices.Contains(out[d.Anno], x) {
						out[d.Anno] = append(out[d.Anno], x)
					}
				}
			}
		}
	}
	return out
}

// risponde reports whether a case that has these tokens answers a question.
func risponde(ha map[vault.Gettone]bool, d pratica.Domanda) bool {
	manca := func(g vault.Gettone) bool { return !ha[g] }
	for _, g := range d.Gruppi {
		if slices.ContainsFunc(g.Voci, func(v []vault.Gettone) bool { return !slices.ContainsFunc(v, manca) }) == g.Senza {
			return false
		}
	}
	return true
}

// IndexDue reports whether it is time to move the tail: people have written
// nothing for a while, or so much that searches would feel the tail. In a burst
// the words wait, for the writer has people to serve; they are found all the same.
func (s *Store) IndexDue(ctx context.Context) (bool, error) {
	if s.now().Sub(time.Unix(0, s.fila.ultima.Load())) > calma {
		return true, nil
	}
	var lunga int64
	err := s.db.QueryRowContext(ctx, `select count(*) from (select 1 from cerca limit `+strconv.Itoa(codaLunga+1)+`) x`).Scan(&lunga)
	return lunga > codaLunga, err
}

// Indicizza moves one lot of the tail into the index; when there is none, it joins some
// of the pieces that lots leave there, for a search reads them all. It says how many rows
// it moved or pieces it wrote: called again until that is none. A row that grows
// meanwhile stays, and is moved again: the index may be told a word twice.
func (s *Store) Indicizza(ctx context.Context) (int, error) {
	rows, err := s.db.QueryContext(ctx, `select n, gettoni from cerca order by n limit `+strconv.Itoa(loto))
	if err != nil {
		return 0, fmt.Errorf("read tail: %w", err)
	}
	defer rows.Close()
	var frasi []frase
	n := 0
	for rows.Next() {
		var id int64
		var b []byte
		if err := rows.Scan(&id, &b); err != nil {
			return 0, fmt.Errorf("read tail: %w", err)
		}
		frasi = append(frasi, s.indice.aggiungi(id, leggiGettoni(b)), f(`delete from cerca where n = $1 and gettoni = $2`, id, b))
		n++
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if n > 0 {
		s.daUnire.Add(1)
		return n, s.sfondo(ctx, frasi...)
	}
	return s.unisci(ctx)
}

// unisci joins pieces of the index, where it has any, once for each lot moved before: a
// lot fills some 18 pages, each of them written again two or three times.
func (s *Store) unisci(ctx context.Context) (int, error) {
	frasi := s.indice.unisci(pagineUnite)
	if len(frasi) == 0 || s.daUnire.Load() == 0 {
		return 0, nil
	}
	s.daUnire.Add(-1)
	return pagineUnite, s.sfondo(ctx, frasi...)
}
