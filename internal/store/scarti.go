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

// Scartabili gives the closed files that nothing holds and no open list names.
func (s *Store) Scartabili(ctx context.Context, ente, registro string, entro day.Date, limite int) ([]pratica.Testa, error) {
	return s.teste(ctx, `select `+colonneTesta+` from pratiche p where p.ente = $1 and p.chiusa_il is not null and p.chiusa_il < $2 and p.registro = $3 and p.eliminata is null
and p.vincolo = 0 and not exists (select 1 from scarti_pratiche x join scarti l on l.ente = x.ente and l.n = x.scarto
where x.pratica = p.n and l.stato in ('proposto','approvato')) order by p.chiusa_il, p.n limit `+strconv.Itoa(limite), ente, entro.String(), registro)
}

// DaScartare gives the files of a list that are still to be eliminated.
func (s *Store) DaScartare(ctx context.Context, ente string, n int) ([]pratica.Testa, error) {
	return s.teste(ctx, `select `+colonneTesta+` from scarti_pratiche x join pratiche p on p.n = x.pratica
where x.ente = $1 and x.scarto = $2 and x.fatta < 2 order by p.n`, ente, n)
}

// Approvate says who approved the list by which each of some files ended.
func (s *Store) Approvate(ctx context.Context, ente string, pratiche []int64) (map[int64]string, error) {
	out := map[int64]string{}
	if len(pratiche) == 0 {
		return out, nil
	}
	a := &access.Args{}
	q := `select x.pratica, l.approvato_da from scarti_pratiche x join scarti l on l.ente = x.ente and l.n = x.scarto where x.ente = ` + a.Add(ente) +
		` and l.stato in ('approvato','eseguito') and x.pratica in (` + strings.Join(posti(a, pratiche), ",") + `)`
	err := s.righe(ctx, q, a.Valori, func(r *sql.Rows) error {
		var n int64
		var chi string
		err := r.Scan(&n, &chi)
		out[n] = chi
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read who approved: %w", err)
	}
	return out, nil
}

func (s *Store) teste(ctx context.Context, q string, args ...any) ([]pratica.Testa, error) {
	rows, err := s.db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	defer rows.Close()
	var out []pratica.Testa
	for rows.Next() {
		h, err := leggiTesta(rows)
		if err != nil {
			return nil, fmt.Errorf("read cases: %w", err)
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

const qScarti = `select l.ente, l.n, l.registro, l.proposto_da, l.proposto_il, l.nulla_osta, l.approvato_da, l.approvato_il, l.stato,
(select count(*) from scarti_pratiche x where x.ente = l.ente and x.scarto = l.n),
(select count(*) from scarti_pratiche x join pratiche p on p.n = x.pratica where x.ente = l.ente and x.scarto = l.n and x.fatta = 2 and p.eliminata is not null)
from scarti l where `

// Scarti gives the lists of a register, newest first.
func (s *Store) Scarti(ctx context.Context, ente, registro string) ([]pratica.Scarto, error) {
	return s.scarti(ctx, qScarti+`l.ente = $1 and l.registro = $2 order by l.n desc`, ente, registro)
}

// ScartiAperti gives the lists approved and not done.
func (s *Store) ScartiAperti(ctx context.Context) ([]pratica.Scarto, error) {
	return s.scarti(ctx, qScarti+`l.stato = 'approvato' order by l.ente, l.n`)
}

func (s *Store) scarti(ctx context.Context, q string, args ...any) ([]pratica.Scarto, error) {
	rows, err := s.db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("read lists of files to be eliminated: %w", err)
	}
	defer rows.Close()
	var out []pratica.Scarto
	for rows.Next() {
		var x pratica.Scarto
		var proposto, approvato string
		if err := rows.Scan(&x.Ente, &x.N, &x.Registro, &x.PropostoDa, &proposto, &x.NullaOsta, &x.ApprovatoDa, &approvato, &x.Stato, &x.Pratiche, &x.Fatte); err != nil {
			return nil, fmt.Errorf("read lists of files to be eliminated: %w", err)
		}
		x.PropostoIl, x.ApprovatoIl = leggiIstante(proposto), leggiIstante(approvato)
		out = append(out, x)
	}
	return out, rows.Err()
}

// ProponiScarto makes a list under the next number, if none of its files is on an open
// one: two proposed at once would have the same number.
func (s *Store) ProponiScarto(ctx context.Context, x pratica.Scarto, pratiche []int64) (int, error) {
	n, err := s.interi(ctx, `select coalesce(max(n), 0) from scarti where ente = $1`, x.Ente)
	if err != nil {
		return 0, err
	}
	x.N = int(n[0]) + 1
	a := &access.Args{}
	ente, numero, il := a.Add(x.Ente), a.Add(x.N), scriviIstante(x.PropostoIl)
	lista := `insert into scarti (ente, n, registro, proposto_da, proposto_il, nulla_osta, approvato_da, approvato_il, stato) select ` +
		strings.Join([]string{ente, numero, a.Add(x.Registro), a.Add(x.PropostoDa), a.Add(il), a.Add(x.NullaOsta), `''`, `''`, a.Add(x.Stato)}, `, `) +
		` where not exists (select 1 from scarti_pratiche x join scarti l on l.ente = x.ente and l.n = x.scarto
where x.ente = ` + ente + ` and l.stato in ('proposto','approvato') and x.pratica in (` + strings.Join(posti(a, pratiche), ",") + `))`
	frasi := []frase{f(lista, a.Valori...)}
	for _, p := range pratiche {
		frasi = append(frasi, f(`insert into scarti_pratiche (ente, scarto, pratica, fatta) select ente, n, $4, 0 from scarti where ente = $1 and n = $2 and proposto_il = $3`, x.Ente, x.N, il, p))
	}
	if err := s.esegui(ctx, frasi...); err != nil { // two proposed at once: the number is the other's
		return 0, fault.Wrap(err, fault.Conflict, "Intanto un altro elenco è stato proposto. Ricarica la pagina e riprova.")
	}
	n, err = s.interi(ctx, `select n from scarti where ente = $1 and n = $2 and proposto_il = $3 and proposto_da = $4`, x.Ente, x.N, il, x.PropostoDa)
	if err == nil && len(n) == 0 {
		err = fault.New(fault.Conflict, "Una di queste pratiche è già in un elenco da approvare o in corso. Ricarica la pagina: trovi quelle che restano.")
	}
	return x.N, err
}

// CambiaScarto writes the new state of a list that was in another.
func (s *Store) CambiaScarto(ctx context.Context, x pratica.Scarto, da string) error {
	if err := s.esegui(ctx, f(`update scarti set stato = $1, approvato_da = $2, approvato_il = $3 where ente = $4 and n = $5 and stato = $6`,
		x.Stato, x.ApprovatoDa, scriviIstante(x.ApprovatoIl), x.Ente, x.N, da)); err != nil {
		return err
	}
	tutti, err := s.Scarti(ctx, x.Ente, x.Registro)
	if err != nil {
		return err
	}
	for _, y := range tutti {
		if y.N == x.N && y.Stato == x.Stato && y.ApprovatoDa == x.ApprovatoDa {
			return nil
		}
	}
	return fault.New(fault.Conflict, "Intanto questo elenco è cambiato. Ricarica la pagina.")
}

// Dimentica takes a case's searchable words out of the tail and of the index, and
// notes it on its list in the same transaction: FTS5 must be told words that it was
// given, and must not be told twice.
func (s *Store) Dimentica(ctx context.Context, scarto int, h pratica.Testa, gettoni []byte) error {
	passo, err := s.interi(ctx, `select fatta from scarti_pratiche where ente = $1 and scarto = $2 and pratica = $3`, h.Ente, scarto, h.N)
	if err != nil || len(passo) == 0 || passo[0] > 0 {
		return err
	}
	coda, c, err := s.inCoda(ctx, h.N)
	if err != nil {
		return err
	}
	frasi := []frase{f(`update scarti_pratiche set fatta = 1 where ente = $1 and scarto = $2 and pratica = $3`, h.Ente, scarto, h.N)}
	if c {
		frasi = append(frasi, f(`delete from cerca where n = $1 and gettoni = $2`, h.N, coda))
	}
	return s.sfondo(ctx, append(frasi, s.indice.togli(h.N, leggiGettoni(coda), leggiGettoni(gettoni))...)...)
}

// inCoda gives what the tail has of a case, if it has anything.
func (s *Store) inCoda(ctx context.Context, n int64) (gettoni []byte, c bool, err error) {
	err = s.db.QueryRowContext(ctx, `select gettoni from cerca where n = $1`, n).Scan(&gettoni)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return gettoni, err == nil, err
}

// Riscritture gives the writing again of the years of a list's cases, and begins
// those that were not.
func (s *Store) Riscritture(ctx context.Context, ente string, scarto int, nuova func(anno int) int) ([]pratica.Riscrittura, error) {
	anni, err := s.interi(ctx, `select distinct p.anno from scarti_pratiche x join pratiche p on p.n = x.pratica
where x.ente = $1 and x.scarto = $2 and p.eliminata is not null order by p.anno`, ente, scarto)
	if err != nil {
		return nil, fmt.Errorf("read years: %w", err)
	}
	for _, anno := range anni {
		if err := s.sfondo(ctx, f(`insert into riscritture (ente, scarto, anno, versione, fino) values ($1,$2,$3,$4,0) on conflict do nothing`,
			ente, scarto, anno, nuova(int(anno)))); err != nil {
			return nil, err
		}
	}
	rows, err := s.db.QueryContext(ctx, `select anno, versione, fino from riscritture where ente = $1 and scarto = $2 order by anno`, ente, scarto)
	if err != nil {
		return nil, fmt.Errorf("read years: %w", err)
	}
	defer rows.Close()
	var out []pratica.Riscrittura
	for rows.Next() {
		r := pratica.Riscrittura{Ente: ente, Scarto: scarto}
		if err := rows.Scan(&r.Anno, &r.Versione, &r.Fino); err != nil {
			return nil, fmt.Errorf("read years: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// DelAnno gives cases of a year that have their content, of the register whose words
// are searched in the index.
func (s *Store) DelAnno(ctx context.Context, ente string, anno int, dopo int64, limite int) ([]pratica.Testa, error) {
	return s.teste(ctx, `select `+colonneTesta+` from pratiche p where p.ente = $1 and p.anno = $2 and p.n > $3 and p.registro = $4 and p.eliminata is null order by p.n limit `+
		strconv.Itoa(limite), ente, anno, dopo, pratica.RegistroURP)
}

// Riscrivi replaces the words of cases, in the tail and in the index, with how far it
// is in the same transaction: stopped anywhere, none is replaced twice. When one of the
// cases has gone on since it was read, it does nothing.
func (s *Store) Riscrivi(ctx context.Context, r pratica.Riscrittura, casi []pratica.Riscritto) error {
	a := &access.Args{}
	avanza := `update riscritture set fino = ` + a.Add(r.Fino) + ` where ente = ` + a.Add(r.Ente) + ` and scarto = ` + a.Add(r.Scarto) + ` and anno = ` + a.Add(r.Anno)
	for _, c := range casi {
		avanza += ` and exists (select 1 from pratiche where n = ` + a.Add(c.N) + ` and seq = ` + a.Add(c.Seq) + `)`
	}
	frasi := []frase{f(avanza, a.Valori...)}
	se := func(x frase) { // only if that one did
		a := &access.Args{Valori: x.args}
		frasi = append(frasi, f(x.q+` and exists (select 1 from riscritture where ente = `+a.Add(r.Ente)+` and scarto = `+a.Add(r.Scarto)+` and anno = `+a.Add(r.Anno)+
			` and fino = `+a.Add(r.Fino)+`)`, a.Valori...))
	}
	for _, c := range casi {
		coda, ok, err := s.inCoda(ctx, c.N)
		if err != nil {
			return fmt.Errorf("read tail: %w", err)
		}
		if ok {
			se(f(`delete from cerca where n = $1 and gettoni = $2`, c.N, coda))
		}
		for _, x := range s.indice.togli(c.N, leggiGettoni(coda), leggiGettoni(c.Prima)) {
			se(x)
		}
		se(s.indice.metti(c.N, leggiGettoni(c.Dopo)))
	}
	if err := s.sfondo(ctx, frasi...); err != nil {
		return err
	}
	fino, err := s.interi(ctx, `select fino from riscritture where ente = $1 and scarto = $2 and anno = $3`, r.Ente, r.Scarto, r.Anno)
	if err == nil && (len(fino) == 0 || fino[0] != r.Fino) {
		err = fault.New(fault.Conflict, "Intanto una pratica è cambiata.")
	}
	return err
}

// Svuota deletes what a case's content left here. Act rows stay, with their hashes.
func (s *Store) Svuota(ctx context.Context, scarto int, h pratica.Testa) error {
	fatta := f(`update scarti_pratiche set fatta = 2 where ente = $1 and scarto = $2 and pratica = $3`, h.Ente, scarto, h.N)
	if h.Eliminata.IsZero() {
		return s.sfondo(ctx, fatta)
	}
	return s.sfondo(ctx,
		f(`delete from contenuti where k in (select c.k from atti t join contenuti c on c.k between t.a*16 and t.a*16+15 where t.pratica = $1)`, h.N),
		f(`delete from involucri where pratica = $1`, h.N),
		f(`delete from siede where n = $1`, h.N),
		f(`delete from allegati where pratica = $1`, h.ID[:]),
		f(`delete from copie where ente = $1 and pratica = $2`, h.Ente, h.N),
		f(`update contrassegni set impronta = $1, sale = $1 where pratica = $2`, []byte{}, h.N),
		f(`update pratiche set scheda = $1 where n = $2`, []byte{}, h.N),
		fatta)
}

// Eliminate gives the files of an ente that are eliminated, all done.
func (s *Store) Eliminate(ctx context.Context, ente string) ([]pratica.Eliminata, error) {
	return eliminate(ctx, s.db, `select p.slot, x.scarto from scarti_pratiche x join pratiche p on p.n = x.pratica
where x.ente = $1 and x.fatta = 2 and p.eliminata is not null`, ente)
}

func eliminate(ctx context.Context, db interroga, q, ente string) ([]pratica.Eliminata, error) {
	rows, err := db.QueryContext(ctx, q, ente)
	if err != nil {
		return nil, fmt.Errorf("read what was eliminated: %w", err)
	}
	defer rows.Close()
	var out []pratica.Eliminata
	for rows.Next() {
		var x pratica.Eliminata
		if err := rows.Scan(&x.Slot, &x.Scarto); err != nil {
			return nil, fmt.Errorf("read what was eliminated: %w", err)
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// NonEliminate gives, of some slots, the files that are not eliminated.
func (s *Store) NonEliminate(ctx context.Context, ente string, slot []int64) ([]pratica.Testa, error) {
	var out []pratica.Testa
	for gruppo := range slices.Chunk(slot, 200) {
		a := &access.Args{}
		e := a.Add(ente)
		var in []string
		for _, n := range gruppo {
			in = append(in, a.Add(n))
		}
		hh, err := s.teste(ctx, `select `+colonneTesta+` from pratiche p where p.ente = `+e+` and p.eliminata is null and p.slot in (`+strings.Join(in, ",")+`)`, a.Valori...)
		if err != nil {
			return nil, err
		}
		out = append(out, hh...)
	}
	return out, nil
}

// SenzaAtto gives the files of a list that are eliminated and have no act of a kind.
func (s *Store) SenzaAtto(ctx context.Context, ente string, n int, kind string) ([]pratica.Testa, error) {
	return s.teste(ctx, `select `+colonneTesta+` from scarti_pratiche x join pratiche p on p.n = x.pratica where x.ente = $1 and x.scarto = $2
and p.eliminata is not null and not exists (select 1 from atti t where t.pratica = p.n and t.kind = $3) order by p.n`, ente, n, kind)
}

// tronca empties the journal of the key store into it: what was deleted is then in no
// page of either. A reader that is in the way is waited for.
func (c *Chiavi) tronca(ctx context.Context) error {
	for {
		var occupato, pagine, scritte int
		if err := c.db.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&occupato, &pagine, &scritte); err != nil {
			return fmt.Errorf("end a key: %w", err)
		}
		if occupato == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// leggiGettoni are tokens of 8 bytes each.
func leggiGettoni(b []byte) []vault.Gettone {
	var g []vault.Gettone
	for i := 0; i+8 <= len(b); i += 8 {
		g = append(g, vault.Gettone(b[i:i+8]))
	}
	return g
}
