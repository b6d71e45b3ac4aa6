package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
)

// Accesso stores that a person read something, and returns when it is on disk: the
// page is sent after. With a clock that went back it stands in the quarter of an hour
// that the log is at: those before may be sealed in it.
func (s *Store) Accesso(ctx context.Context, x pratica.Accesso) error {
	return s.Update(ctx, pratica.Op{}, func(u pratica.Tx) error {
		il := u.Now().Truncate(pratica.Window)
		if x.Il.After(il) {
			il = x.Il
		}
		u.(*tx).scrivi(`insert into accessi (ente, il, pratica, persona, ufficio, come, parte) values ($1,$2,$3,$4,$5,$6,$7) on conflict do nothing`,
			x.Ente, scriviIstante(il), x.N, x.Persona, x.Ufficio, x.Come, x.Parte)
		return nil
	})
}

const colonneAccessi = `a.il, a.pratica, a.persona, a.ufficio, a.come, a.parte, coalesce(p.registro, ''), coalesce(p.anno, 0), coalesce(p.numero, 0)`

// Accessi gives a page of what was read in an ente, newest first.
func (s *Store) Accessi(ctx context.Context, ente string, fl pratica.FiltroAccessi) (pratica.PaginaAccessi, error) {
	a := &access.Args{}
	dove := []string{"a.ente = " + a.Add(ente)}
	if fl.Registro != "" {
		dove = append(dove, "p.registro = "+a.Add(fl.Registro))
	}
	if fl.Persona != "" {
		dove = append(dove, "a.persona = "+a.Add(fl.Persona))
	}
	if !fl.Dal.IsZero() {
		dove = append(dove, "a.il >= "+a.Add(scriviIstante(fl.Dal.Start())))
	}
	if !fl.Al.IsZero() {
		dove = append(dove, "a.il < "+a.Add(scriviIstante(fl.Al.Add(1).Start())))
	}
	if fl.Numero > 0 {
		quali := "select n from pratiche where ente = " + a.Add(ente) + " and numero = " + a.Add(fl.Numero)
		if fl.Anno > 0 {
			quali += " and anno = " + a.Add(fl.Anno)
		}
		dove = append(dove, "a.pratica in ("+quali+")")
	}
	if il, n, ok := leggiSegno(fl.Dopo); ok {
		dove = append(dove, "(a.il, a.pratica) < ("+a.Add(il)+","+a.Add(n)+")")
	}
	var out pratica.PaginaAccessi
	righe, err := s.accessi(ctx, ente, `select `+colonneAccessi+` from accessi a left join pratiche p on p.n = a.pratica where `+
		strings.Join(dove, " and ")+` order by a.il desc, a.pratica desc limit `+strconv.Itoa(fl.Limite+maxInsieme), a.Valori...)
	if err != nil {
		return out, err
	}
	out.Righe = righe
	for k := fl.Limite; k < len(righe); k++ { // a page ends between two cases, whoever read them in the same quarter
		if u := righe[k-1]; !u.Il.Equal(righe[k].Il) || u.N != righe[k].N {
			out.Righe, out.Dopo = righe[:k], scriviSegno(u)
			break
		}
	}
	return out, nil
}

// maxInsieme is how many may read one case in a quarter of an hour and still stand
// on one page.
const maxInsieme = 50

func scriviSegno(x pratica.Accesso) string {
	return strconv.FormatInt(x.Il.UnixMilli(), 36) + "." + strconv.FormatInt(x.N, 36)
}

func leggiSegno(t string) (il string, n int64, ok bool) {
	a, b, _ := strings.Cut(t, ".")
	ms, err1 := strconv.ParseInt(a, 36, 64)
	n, err2 := strconv.ParseInt(b, 36, 64)
	return scriviIstante(time.UnixMilli(ms)), n, err1 == nil && err2 == nil
}

// Letture gives who read a case, oldest first.
func (s *Store) Letture(ctx context.Context, n int64) ([]pratica.Accesso, error) {
	return s.accessi(ctx, "", `select `+colonneAccessi+` from accessi a join pratiche p on p.n = a.pratica where a.pratica = $1 order by a.il`, n)
}

func (s *Store) accessi(ctx context.Context, ente, q string, args ...any) (out []pratica.Accesso, err error) {
	err = s.righe(ctx, q, args, func(r *sql.Rows) error {
		x := pratica.Accesso{Ente: ente}
		var il string
		err := r.Scan(&il, &x.N, &x.Persona, &x.Ufficio, &x.Come, &x.Parte, &x.Registro, &x.Anno, &x.Numero)
		x.Il = leggiIstante(il)
		out = append(out, x)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read accesses: %w", err)
	}
	return out, nil
}
