package store

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// indiceFTS is SQLite's own index, which sees tokens as words of hex.
type indiceFTS struct{ db *pronte }

func (x indiceFTS) trova(ctx context.Context, domande []pratica.Domanda, prima int64, quante int) ([]int64, error) {
	var or []string
	for _, d := range domande {
		or = append(or, "("+inFTS(d)+")")
	}
	return x.db.interi(ctx, `select rowid from indice where indice match $1 and rowid < $2 order by rowid desc limit `+strconv.Itoa(quante), strings.Join(or, " OR "), prima)
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

// pochi is how many cases it is asked about one by one: of more it gives all that have
// the token between the first and the last.
const pochi = 32

func (x indiceFTS) con(ctx context.Context, g vault.Gettone, casi []int64) ([]int64, error) {
	a := &access.Args{}
	parola := a.Add(hex.EncodeToString(g[:]))
	if len(casi) > pochi {
		return x.db.interi(ctx, `select rowid from indice where indice match `+parola+` and rowid >= `+a.Add(slices.Min(casi))+` and rowid <= `+a.Add(slices.Max(casi)), a.Valori...)
	}
	var uno []string
	for _, n := range casi {
		uno = append(uno, `select rowid from indice where indice match `+parola+` and rowid = `+a.Add(n))
	}
	return x.db.interi(ctx, strings.Join(uno, " union all "), a.Valori...)
}

// aggiungi gives it a row that it has once more: it takes it for more words of it.
func (x indiceFTS) aggiungi(n int64, g []vault.Gettone) frase { return x.metti(n, g) }

func (indiceFTS) metti(n int64, g []vault.Gettone) frase {
	return f(`insert into indice (rowid, gettoni) select $1, $2 where true`, n, parolaPerParola(g))
}

// togli brings in first what was in the tail: it must be told words that it was given.
func (x indiceFTS) togli(n int64, coda, tutte []vault.Gettone) []frase {
	return []frase{x.metti(n, coda), f(`insert into indice (indice, rowid, gettoni) select 'delete', $1, $2 where true`, n, parolaPerParola(tutte))}
}

func (indiceFTS) unisci(pagine int) []frase {
	return []frase{f(`insert into indice (indice, rank) values ('merge', $1)`, pagine)}
}

func parolaPerParola(g []vault.Gettone) string {
	var b strings.Builder
	for _, x := range g {
		b.WriteString(hex.EncodeToString(x[:]))
		b.WriteByte(' ')
	}
	return b.String()
}
