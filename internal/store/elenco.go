package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/pratica"
)

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
	case fl.DelRegistro:
		return s.delRegistro(ctx, chi, fl)
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
		fl.Codice == "" && fl.Numero == "" && fl.Protocollo == "" && fl.RicevutaDal.IsZero() && fl.RicevutaAl.IsZero()
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
	if fl.DelRegistro || fl.Struttura != "" || len(fl.Strutture) > 0 || fl.Codice != "" { // what a case is about, or whose it is, is not for who was only asked
		c = append(c, access.Where(chi, access.VedereNucleo, a))
	}
	if fl.Archiviate {
		c = append(c, "p.chiusa_il is not null")
	}
	if !fl.RicevutaDal.IsZero() {
		c = append(c, "p.giorno >= "+a.Add(fl.RicevutaDal.String()))
	}
	if !fl.RicevutaAl.IsZero() {
		c = append(c, "p.giorno <= "+a.Add(fl.RicevutaAl.String()))
	}
	if !fl.RegistrataDal.IsZero() {
		c = append(c, "p.ricevuta_il >= "+a.Add(scriviIstante(fl.RegistrataDal.Start())))
	}
	if !fl.RegistrataAl.IsZero() {
		c = append(c, "p.ricevuta_il < "+a.Add(scriviIstante(fl.RegistrataAl.Add(1).Start())))
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
	if fl.Protocollo != "" { // the ente's number opens nothing to who was only asked
		c = append(c, "exists (select 1 from protocolli e where e.ente = "+a.Add(chi.Ente)+" and e.numero = "+a.Add(fl.Protocollo)+" and e.pratica = p.n)", access.Where(chi, access.VedereNucleo, a))
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
		dove := []string{"k.ente = " + a.Add(chi.Ente), "k.ufficio = " + a.Add(u)}
		da := "compiti k"
		if c := condizioni(chi, altri, a); len(c) > 0 { // what is asked of a case
			dove, da = append(dove, c...), "compiti k join pratiche p on p.n = k.pratica"
		}
		if fl.Gruppo != "" {
			dove = append(dove, "k.gruppo = "+a.Add(fl.Gruppo))
		}
		if !fl.ScadeEntro.IsZero() { // the office's own date, as Conteggi counts it
			dove = append(dove, "k.scadenza <= "+a.Add(fl.ScadeEntro.String()))
		}
		if seguito {
			dove = append(dove, "(k.scadenza, k.pratica) > ("+a.Add(c.data)+","+a.Add(c.n)+")")
		}
		parti = append(parti, `select * from (select k.scadenza, k.pratica, k.cosa, k.gruppo from `+da+` where `+
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
