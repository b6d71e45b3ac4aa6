package store

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/pratica"
)

// maxConto is where counts stop: "oltre 1.000" says as much as the true figure.
const maxConto = 1000

// conti remembers the counts until something is written here, or for so long that
// what another node wrote is seen: every page of the desk shows them.
type conti struct {
	mu      sync.Mutex
	scritte uint64 // groups written when they were counted
	di      map[string]contato
}

type contato struct {
	conteggi pratica.Conteggi
	fino     time.Time
}

const durataConto = 5 * time.Second

// Conteggi counts what waits for the offices of who asks.
func (s *Store) Conteggi(ctx context.Context, chi access.Chi, oggi day.Date) (pratica.Conteggi, error) {
	if len(chi.Attivi()) == 0 {
		return pratica.Conteggi{Gruppi: map[string]int{}}, nil
	}
	k, now, scritte := chi.Ente+"\x00"+strings.Join(chi.Attivi(), "\x00")+"\x00"+oggi.String(), s.now(), s.fila.scritte.Load()
	s.conti.mu.Lock()
	c, noto := s.conti.di[k]
	noto = noto && s.conti.scritte == scritte && now.Before(c.fino)
	s.conti.mu.Unlock()
	if !noto {
		conteggi, err := s.conta(ctx, chi, oggi)
		if err != nil {
			return conteggi, err
		}
		c = contato{conteggi, now.Add(durataConto)}
		s.conti.metti(k, scritte, c)
	}
	c.conteggi.Gruppi = maps.Clone(c.conteggi.Gruppi)
	return c.conteggi, nil
}

// metti remembers what was counted when so many groups had been written.
func (x *conti) metti(k string, scritte uint64, c contato) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.di == nil || x.scritte != scritte {
		x.scritte, x.di = scritte, map[string]contato{}
	}
	x.di[k] = c
}

func (s *Store) conta(ctx context.Context, chi access.Chi, oggi day.Date) (pratica.Conteggi, error) {
	out := pratica.Conteggi{Gruppi: map[string]int{}}
	a := &access.Args{}
	ieri, fra3 := a.Add(oggi.Add(-1).String()), a.Add(oggi.Add(3).String())
	var parti []string
	for _, u := range chi.Attivi() {
		parti = append(parti, `select * from (select scadenza, pratica, gruppo from compiti where ente = `+a.Add(chi.Ente)+
			` and ufficio = `+a.Add(u)+` order by scadenza, pratica limit `+strconv.Itoa(maxConto+1)+`) x`)
	}
	casi := "(" + strings.Join(parti, " union all ") + ") c"
	if len(parti) > 1 { // a case may wait for two of the reader's offices
		casi = "(select min(scadenza) as scadenza, max(gruppo) as gruppo from " + casi + " group by pratica) d"
	}
	rows, err := s.db.QueryContext(ctx, `select gruppo, count(*), sum(case when scadenza <= `+ieri+` then 1 else 0 end),
sum(case when scadenza > `+ieri+` and scadenza <= `+fra3+` then 1 else 0 end) from `+casi+` group by gruppo`, a.Valori...)
	if err != nil {
		return out, fmt.Errorf("count work: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var gruppo string
		var tutti, scaduti, entro3 int
		if err := rows.Scan(&gruppo, &tutti, &scaduti, &entro3); err != nil {
			return out, fmt.Errorf("count work: %w", err)
		}
		out.Gruppi[gruppo] = tutti
		out.DaFare += tutti
		out.Scadute += scaduti
		out.Entro3 += entro3
	}
	return out, rows.Err()
}
