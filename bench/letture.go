package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/demo"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// lettura is one page as people ask for it.
type lettura struct {
	nome string
	fa   func() error
}

const ripetizioni = 400

// letture measures reading through the commands, lists with their summaries
// opened, and the pages through HTTP.
func (b *banco) letture(ctx context.Context) error {
	i, err := apri(ctx, b.d)
	if err != nil {
		return err
	}
	// What a filled folder is behind with is done first: no office takes in thousands
	// of reports, or sees two years of terms lapse, in the second before it reads.
	if err := i.aggiorna(ctx); err != nil {
		return errors.Join(err, i.chiudi())
	}
	if err := errors.Join(b.perComando(ctx, i), i.chiudi()); err != nil {
		return err
	}
	s, err := servi(ctx, b.programma, b.d)
	if err != nil {
		return err
	}
	return errors.Join(b.pagine(s), s.ferma())
}

func (b *banco) perComando(ctx context.Context, i *impianto) error {
	az, urp := chi(access.URPAziendale, ""), chi(access.URP, "URP-SANTA-CHIARA")
	elenco := func(c access.Chi, f pratica.Filtro) func() error {
		f.Limite = 50
		return func() error {
			p, err := i.servizio.Elenco(ctx, c, f)
			if err == nil && len(p.Righe) == 0 {
				err = errors.New("an empty list measures nothing")
			}
			for k := 0; err == nil && k < len(p.Righe); k++ {
				_, err = i.servizio.Riepilogo(ctx, p.Righe[k])
			}
			return err
		}
	}
	parole := func(t string) func() error {
		return func() error {
			p, err := i.servizio.Cerca(ctx, az, t, 20, "")
			if err == nil && len(p.Righe) == 0 {
				err = errors.New("a search that finds nothing measures nothing")
			}
			for k := 0; err == nil && k < len(p.Righe); k++ {
				_, err = i.servizio.Riepilogo(ctx, p.Righe[k])
			}
			return err
		}
	}
	oggi := i.servizio.Oggi()
	struttura, casi, err := b.campioneCasi(ctx, i, az)
	if err != nil {
		return err
	}
	return b.leggi("commands", consumata, []lettura{
		{"work list, URP", elenco(urp, pratica.Filtro{Mie: true})},
		{"work list, URP aziendale", elenco(az, pratica.Filtro{Mie: true})},
		{"counts beside the views, URP", func() error { // of another day each time: the store remembers what it counted
			_, err := i.servizio.Arch.Conteggi(ctx, urp, oggi.Add(-rand.IntN(10_000)))
			return err
		}},
		{"all cases, newest first", elenco(az, pratica.Filtro{})},
		{"cases of a structure", elenco(az, pratica.Filtro{Struttura: struttura})},
		{"case", func() error { _, err := i.servizio.Apri(ctx, az, casi[rand.IntN(len(casi))]); return err }},
		{"class and dates", elenco(az, pratica.Filtro{Tipo: "elogio", RicevutaDal: oggi.Add(-400), RicevutaAl: oggi.Add(-340)})},
		{"another day each time", func() error { // whose summaries were mostly not opened before
			dal := oggi.Add(-70 - rand.IntN(400))
			return elenco(az, pratica.Filtro{RicevutaDal: dal, RicevutaAl: dal.Add(60)})()
		}},
		{"class and dates, URP", elenco(urp, pratica.Filtro{Tipo: "elogio", RicevutaDal: oggi.Add(-400), RicevutaAl: oggi.Add(-340)})},
		{"a common word", parole(parolaComune)},
		{"a rare word", parole(parolaRara)},
	})
}

// campioneCasi finds a structure with many cases, and some cases of every age.
func (b *banco) campioneCasi(ctx context.Context, i *impianto, az access.Chi) (string, []vault.ID, error) {
	conta := map[string]int{}
	var casi []vault.ID
	for indietro := range 24 {
		fino := i.servizio.Oggi().Add(-30 * indietro)
		p, err := i.servizio.Elenco(ctx, az, pratica.Filtro{RicevutaDal: fino.Add(-30), RicevutaAl: fino, Limite: 100})
		if err != nil {
			return "", nil, err
		}
		for _, r := range p.Righe {
			conta[r.Struttura]++
			casi = append(casi, r.ID)
		}
	}
	if len(casi) == 0 {
		return "", nil, errors.New("no case to read")
	}
	molti := ""
	for s, n := range conta {
		if s != "" && (molti == "" || n > conta[molti]) {
			molti = s
		}
	}
	return molti, casi, nil
}

func (b *banco) pagine(s *servito) error {
	c, err := collega(s.indir)
	if err != nil {
		return err
	}
	defer func() { _ = c.chiudi() }()
	d, err := collega(s.indir)
	if err != nil {
		return err
	}
	defer func() { _ = d.chiudi() }()
	if err := errors.Join(c.entra("urp.aziendale", demo.Password), d.entra("urp.montelago", demo.Password)); err != nil {
		return err
	}
	pagina := func(c *cliente, percorso string) func() error {
		return func() error { _, err := c.pagina(percorso); return err }
	}
	elenco, err := c.pagina("/lavoro?vista=tutte")
	if err != nil {
		return err
	}
	casi := indirizzi(elenco)
	if len(casi) == 0 {
		return errors.New("no case in the list")
	}
	oggi := day.In(time.Now())
	date := url.Values{"vista": {"tutte"}, "tipo": {"elogio"}, "ricevuta": {oggi.Add(-400).String() + ".." + oggi.Add(-340).String()}}
	parola := func(t string) func() error {
		return func() error {
			r, err := c.modulo("/cerca", url.Values{"q": {t}})
			if err == nil && r.stato == 303 {
				_, err = c.pagina(r.location)
			} else if err == nil && r.stato != 200 {
				err = fmt.Errorf("search: status %d", r.stato)
			}
			return err
		}
	}
	return b.leggi("pages", s.consumata, []lettura{
		{"work list, URP", pagina(d, "/lavoro")},
		{"work list, URP aziendale", pagina(c, "/lavoro")},
		{"case", func() error { return pagina(c, casi[rand.IntN(len(casi))])() }},
		{"class and dates", pagina(c, "/lavoro?"+date.Encode())},
		{"another day each time", func() error {
			dal := oggi.Add(-70 - rand.IntN(400))
			return pagina(c, "/lavoro?vista=tutte&ricevuta="+dal.String()+".."+dal.Add(60).String())()
		}},
		{"a common word", parola(parolaComune)},
		{"a rare word", parola(parolaRara)},
	})
}

// leggi measures each reading; cpu is the processor time of who answers.
func (b *banco) leggi(come string, cpu func() time.Duration, ll []lettura) error {
	for _, l := range ll {
		for range 5 { // pages read, statements prepared
			if err := l.fa(); err != nil {
				return fmt.Errorf("%s, %s: %w", come, l.nome, err)
			}
		}
		prima := cpu()
		e, err := ripeti(ripetizioni, 1, func(_, _ int) error { return l.fa() })
		e.cpu = (cpu() - prima) / ripetizioni
		if err != nil {
			return fmt.Errorf("%s, %s: %w", come, l.nome, err)
		}
		b.riga(come+": "+l.nome, fmt.Sprintf("p50 %s  p99 %s  max %s  cpu %d µs", ms(e.p50), ms(e.p99), ms(e.max), e.cpu.Microseconds()), "< 5 ms, 25 ms at p99",
			e.p50 < 5*time.Millisecond && e.p99 < 25*time.Millisecond)
		b.letti[come+": "+l.nome] = e.p50
	}
	return nil
}
