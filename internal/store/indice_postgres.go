package store

import (
	"context"
	"encoding/binary"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// indiceGIN is PostgreSQL's own index, of arrays of numbers.
type indiceGIN struct{ db *pronte }

// finestra is how many of the newest cases PostgreSQL is asked about at first.
const finestra = 600

// trova asks about the newest cases first: the index knows no order and gives all hits
// of a common word. Then it asks about as many as the hits among them say are needed; a
// word that is rare there is rare.
func (x indiceGIN) trova(ctx context.Context, domande []pratica.Domanda, prima int64, quante int) ([]int64, error) {
	massimo, err := x.db.interi(ctx, `select coalesce(max(n), 0) from indice`)
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
		trovate, err := x.db.interi(ctx, `with t as materialized (select n from indice where n >= $1`+coda, a.Valori...)
		if err != nil || len(trovate) == quante {
			return trovate, err
		}
		if len(trovate) == 0 || larga > 100*finestra {
			break
		}
		larga = larga * int64(quante) / int64(len(trovate)) * 3 / 2
	}
	a.Valori[0] = int64(0)
	return x.db.interi(ctx, `with t as materialized (select n from indice where n + 0 >= $1`+coda, a.Valori...)
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

func (x indiceGIN) con(ctx context.Context, g vault.Gettone, casi []int64) ([]int64, error) {
	return x.db.interi(ctx, `select n from indice where gettoni @> $1 and n = any($2)`, interi([]vault.Gettone{g}), casi)
}

func (indiceGIN) aggiungi(n int64, g []vault.Gettone) frase {
	return f(`insert into indice (n, gettoni) values ($1, $2)
on conflict (n) do update set gettoni = array(select distinct unnest(indice.gettoni || excluded.gettoni))`, n, interi(g))
}

func (indiceGIN) metti(n int64, g []vault.Gettone) frase {
	return f(`insert into indice (n, gettoni) select cast($1 as bigint), cast($2 as bigint[]) where true`, n, interi(g))
}

func (indiceGIN) togli(n int64, _, _ []vault.Gettone) []frase {
	return []frase{f(`delete from indice where n = $1`, n)}
}

func (indiceGIN) unisci(int) []frase { return nil }
