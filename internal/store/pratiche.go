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
	"tutela/internal/day"
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
	rows, err := s.db.QueryContext(ctx, `select a, busta, hash, sale from atti where pratica = $1 and seq <= $2 order by seq`, h.N, h.Seq)
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
	rows, err := s.db.QueryContext(ctx, `select ente, ufficio, come from vede where n = $1`, n)
	if err != nil {
		return o, fmt.Errorf("read readers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var ufficio, come string
		if err := rows.Scan(&o.Ente, &ufficio, &come); err != nil {
			return o, fmt.Errorf("read readers: %w", err)
		}
		if come == "n" {
			o.Nucleo = append(o.Nucleo, ufficio)
		} else {
			o.Chiesto = append(o.Chiesto, ufficio)
		}
	}
	return o, rows.Err()
}

// Elenco gives a page of the cases that who asks may list, and nothing else: the
// rule of access is part of the query.
func (s *Store) Elenco(ctx context.Context, chi access.Chi, fl pratica.Filtro) (pratica.Pagina, error) {
	if fl.Limite < 1 || fl.Limite > 100 {
		fl.Limite = 50
	}
	switch {
	case len(fl.Parole) > 0:
		return s.cercaParole(ctx, chi, fl)
	case fl.Mie:
		return s.mie(ctx, chi, fl)
	case perUfficio(chi, fl):
		return s.viste(ctx, chi, fl)
	}
	a := &access.Args{}
	dove := append([]string{access.Where(chi, access.Elencare, a)}, condizioni(chi, fl, a)...)
	ordine, oltre := "p.giorno desc, p.n desc", "(p.giorno, p.n) < "
	if fl.PerScadenza {
		ordine, oltre = "p.scadenza, p.n", "(p.scadenza, p.n) > "
		dove = append(dove, "p.aperta = 1", "p.scadenza is not null")
	}
	if c, ok := leggiCursore(fl.Dopo); ok {
		dove = append(dove, oltre+"("+a.Add(c.data)+","+a.Add(c.n)+")")
	}
	return s.pagina(ctx, chi, fl, `select `+colonneTesta+` from pratiche p where `+strings.Join(dove, " and ")+
		` order by `+ordine+` limit `+strconv.Itoa(fl.Limite+1), a)
}

// perUfficio reports whether a list is best read from what each office may see:
// when no filter leads to fewer cases than the offices themselves.
func perUfficio(chi access.Chi, fl pratica.Filtro) bool {
	return !chi.Ha(access.URPAziendale) && len(chi.Attivi()) > 0 && !fl.PerScadenza && fl.Struttura == "" && len(fl.Strutture) == 0 &&
		fl.Codice == "" && fl.Numero == "" && fl.RicevutaDal.IsZero() && fl.RicevutaAl.IsZero()
}

// viste is the list of what the offices of who asks may see, last registered
// first.
func (s *Store) viste(ctx context.Context, chi access.Chi, fl pratica.Filtro) (pratica.Pagina, error) {
	c, seguito := leggiCursore(fl.Dopo)
	a := &access.Args{}
	limite := strconv.Itoa(2 * (fl.Limite + 1)) // an office may stand twice in a case: it handles it, and was asked
	var parti []string
	for _, u := range chi.Attivi() {
		dove := append([]string{"v.ente = " + a.Add(chi.Ente), "v.ufficio = " + a.Add(u)}, condizioni(chi, fl, a)...)
		if seguito {
			dove = append(dove, "v.n < "+a.Add(c.n))
		}
		parti = append(parti, `select * from (select v.n from vede v join pratiche p on p.n = v.n where `+strings.Join(dove, " and ")+
			` order by v.n desc limit `+limite+`) x`)
	}
	return s.pagina(ctx, chi, fl, `select `+colonneTesta+` from (`+strings.Join(parti, " union ")+
		`) c join pratiche p on p.n = c.n where `+access.Where(chi, access.Elencare, a)+` order by p.n desc limit `+strconv.Itoa(fl.Limite+1), a)
}

// condizioni are the filters a person may set.
func condizioni(chi access.Chi, fl pratica.Filtro, a *access.Args) []string {
	var c []string
	uguale := func(colonna, v string) {
		if v != "" {
			c = append(c, colonna+" = "+a.Add(v))
		}
	}
	uguale("p.registro", fl.Registro)
	uguale("p.tipo", fl.Tipo)
	uguale("p.struttura", fl.Struttura)
	uguale("p.codice", fl.Codice)
	uguale("p.incaricato", fl.Incaricato)
	if len(fl.Strutture) > 0 {
		c = append(c, "p.struttura in "+a.In(fl.Strutture))
	}
	if (fl.Struttura != "" || len(fl.Strutture) > 0) && !chi.Ha(access.URPAziendale) { // what a case is about is not for who was only asked
		c = append(c, access.Where(chi, access.VedereNucleo, a))
	}
	if !fl.RicevutaDal.IsZero() {
		c = append(c, "p.giorno >= "+a.Add(fl.RicevutaDal.String()))
	}
	if !fl.RicevutaAl.IsZero() {
		c = append(c, "p.giorno <= "+a.Add(fl.RicevutaAl.String()))
	}
	if fl.Stato != "" {
		v := a.Add(fl.Stato)
		c = append(c, "(p.fase = "+v+" or p.stato = "+v+")")
	}
	if anno, numero, ok := pratica.LeggiNumero(fl.Numero); ok {
		c = append(c, "p.numero = "+a.Add(numero))
		if anno > 0 {
			c = append(c, "p.anno = "+a.Add(anno))
		}
	} else if fl.Numero != "" {
		c = append(c, "1=0")
	}
	if fl.Aperte {
		c = append(c, "p.aperta = 1")
	}
	if fl.Sospese {
		c = append(c, "p.sospesa = 1")
	}
	if !fl.ScadeEntro.IsZero() {
		c = append(c, "p.aperta = 1", "p.scadenza <= "+a.Add(fl.ScadeEntro.String()))
	}
	return c
}

// mie is the work list: what waits for the offices of who asks, a row per case,
// first term first. Each office is read by its own index and the pages merged.
func (s *Store) mie(ctx context.Context, chi access.Chi, fl pratica.Filtro) (pratica.Pagina, error) {
	if len(chi.Attivi()) == 0 {
		return pratica.Pagina{}, nil
	}
	c, seguito := leggiCursore(fl.Dopo)
	a := &access.Args{}
	altri := fl
	altri.ScadeEntro = 0
	limite := strconv.Itoa(fl.Limite + 1)
	var parti []string
	for _, u := range chi.Attivi() {
		dove := append([]string{"k.ente = " + a.Add(chi.Ente), "k.ufficio = " + a.Add(u)}, condizioni(chi, altri, a)...)
		if fl.Gruppo != "" {
			dove = append(dove, "k.gruppo = "+a.Add(fl.Gruppo))
		}
		if !fl.ScadeEntro.IsZero() { // the office's own date, as Conteggi counts it
			dove = append(dove, "k.scadenza <= "+a.Add(fl.ScadeEntro.String()))
		}
		if seguito {
			dove = append(dove, "(k.scadenza, k.pratica) > ("+a.Add(c.data)+","+a.Add(c.n)+")")
		}
		parti = append(parti, `select * from (select k.scadenza, k.pratica, k.cosa, k.gruppo from compiti k join pratiche p on p.n = k.pratica where `+
			strings.Join(dove, " and ")+` order by k.scadenza, k.pratica limit `+limite+`) x`)
	}
	return s.pagina(ctx, chi, fl, `select `+colonneTesta+`, c.cosa, c.gruppo, c.scadenza from (`+strings.Join(parti, " union all ")+
		`) c join pratiche p on p.n = c.pratica where `+access.Where(chi, access.Elencare, a)+` order by c.scadenza, c.pratica`, a)
}

// pagina runs a list and hides the summary of cases of which the reader was only
// asked something.
func (s *Store) pagina(ctx context.Context, chi access.Chi, fl pratica.Filtro, q string, a *access.Args) (pratica.Pagina, error) {
	rows, err := s.db.QueryContext(ctx, q, a.Valori...)
	if err != nil {
		return pratica.Pagina{}, fmt.Errorf("list cases: %w", err)
	}
	defer rows.Close()
	var p pratica.Pagina
	visti := map[int64]bool{}
	for rows.Next() {
		var r pratica.Riga
		var entro string
		var altro []any
		if fl.Mie {
			altro = []any{&r.Cosa, &r.Gruppo, &entro}
		}
		if r.Testa, err = leggiTesta(rows, altro...); err != nil {
			return p, fmt.Errorf("list cases: %w", err)
		}
		r.Entro = r.Scadenza
		if fl.Mie {
			r.Entro = leggiData(entro)
		}
		if visti[r.N] { // two of the reader's offices wait for it
			continue
		}
		visti[r.N] = true
		if len(p.Righe) == fl.Limite {
			u := p.Righe[len(p.Righe)-1]
			data := u.Giorno
			if fl.Mie || fl.PerScadenza {
				data = u.Entro
			}
			p.Dopo = pratica.Cursore(data.String(), u.N)
			break
		}
		p.Righe = append(p.Righe, r)
	}
	if err := rows.Err(); err != nil {
		return p, fmt.Errorf("list cases: %w", err)
	}
	return p, s.nascondi(ctx, chi, p.Righe)
}

// nascondi drops the sealed summary where the reader may not read the core.
func (s *Store) nascondi(ctx context.Context, chi access.Chi, righe []pratica.Riga) error {
	altrui := func(r pratica.Riga) bool { return r.Registro != access.RegistroURP }
	if len(righe) == 0 || chi.Ha(access.URPAziendale) && !slices.ContainsFunc(righe, altrui) {
		return nil
	}
	a := &access.Args{}
	var n []string
	for _, r := range righe {
		n = append(n, a.Add(r.N))
	}
	rows, err := s.db.QueryContext(ctx, `select p.n from pratiche p where p.n in (`+strings.Join(n, ",")+`) and `+access.Where(chi, access.VedereNucleo, a), a.Valori...)
	if err != nil {
		return fmt.Errorf("list readable cases: %w", err)
	}
	defer rows.Close()
	leggibili := map[int64]bool{}
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return fmt.Errorf("list readable cases: %w", err)
		}
		leggibili[n] = true
	}
	for i := range righe {
		if !leggibili[righe[i].N] {
			righe[i].Richiesta, righe[i].Scheda = true, nil
		}
	}
	return rows.Err()
}

// cursore is the place of a list's last row: the date it is ordered by, and n.
type cursore struct {
	data string
	n    int64
}

func leggiCursore(t string) (cursore, bool) {
	sc, resto, ok := strings.Cut(t, ".")
	n, err := strconv.ParseInt(resto, 36, 64)
	if sc != "" {
		if _, e := day.Parse(sc); e != nil {
			return cursore{}, false
		}
	}
	return cursore{sc, n}, ok && err == nil
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
