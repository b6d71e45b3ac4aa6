package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"tutela/bench/grezzo"
)

// giri is how many rounds each figure has; what is shown is their median.
const giri = 3

// intake measures how fast reports come in: the floor, through the commands, and
// through HTTP, one after the other in every round, so that what else the machine
// does weighs on all three alike.
func (b *banco) intake(ctx context.Context) error {
	righe, err := b.campionaRighe(ctx)
	if err != nil {
		return err
	}
	n := 6000
	var piano, servizio, http, uno, unoHTTP []esito
	var rapporti []float64
	for range giri {
		p, err := b.grezzo(ctx, n, 16, righe, true)
		if err != nil {
			return fmt.Errorf("raw: %w", err)
		}
		s, s1, err := b.perServizio(ctx, n)
		if err != nil {
			return fmt.Errorf("commands: %w", err)
		}
		h, h1, err := b.perHTTP(ctx, n)
		if err != nil {
			return fmt.Errorf("http: %w", err)
		}
		piano, servizio, http = append(piano, p), append(servizio, s), append(http, h)
		uno, unoHTTP = append(uno, s1), append(unoHTTP, h1)
		rapporti = append(rapporti, h.alSecondo()/p.alSecondo())
		b.nota("round: raw %.0f/s, commands %.0f/s, HTTP %.0f/s", p.alSecondo(), s.alSecondo(), h.alSecondo())
	}
	h := medio(http)
	b.riga("raw group commit, 16 writers", medio(piano).String(), "", true)
	b.riga("commands, 16 writers", medio(servizio).String(), "", true)
	vuole := map[string]float64{"sqlite": 3400, "postgres": 3000}[b.d.motore]
	if b.d.casi >= 1_000_000 && b.d.motore == "sqlite" {
		vuole = 2800
	}
	b.riga("HTTP, 16 clients", h.String(), fmt.Sprintf("≥ %.0f/s", vuole), h.alSecondo() >= vuole)
	b.riga("HTTP, 16 clients, p99", ms(h.p99), "≤ 25 ms", h.p99 <= 25*time.Millisecond)
	b.riga("HTTP against raw, same round", fmt.Sprintf("%.2f", mediana(rapporti)), "≥ 0.50", mediana(rapporti) >= 0.5)
	b.riga("commands, 1 writer", medio(uno).String(), "", true)
	b.riga("HTTP, 1 client", medio(unoHTTP).String(), "p50 < 2 ms", medio(unoHTTP).p50 < 2*time.Millisecond)
	return nil
}

// campionaRighe takes the rows of some intakes as the program makes them.
func (b *banco) campionaRighe(ctx context.Context) (out []grezzo.Righe, err error) {
	d, err := b.m.copia(ctx, b.d)
	if err != nil {
		return nil, err
	}
	i, err := apri(ctx, d)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	i.servizio.Arch = grezzo.Spia(i.store, func(r grezzo.Righe) {
		mu.Lock()
		defer mu.Unlock()
		out = append(out, r)
	})
	f := nuovaFabbrica(1)
	for k := range 300 {
		c, nu := f.dalWeb(k)
		if _, err := i.servizio.Registra(ctx, c, nu); err != nil {
			return nil, errors.Join(err, i.chiudi())
		}
	}
	return out, i.chiudi()
}

func (b *banco) grezzo(ctx context.Context, n, scrittori int, righe []grezzo.Righe, conLog bool) (esito, error) {
	d, err := b.m.copia(ctx, b.d)
	if err != nil {
		return esito{}, err
	}
	s, err := grezzo.Apri(ctx, filepath.Join(d.dir, "tutela.db"), d.url, conLog)
	if err != nil {
		return esito{}, err
	}
	e, err := ripeti(n, scrittori, func(_, k int) error { return s.Inserisci(righe[k%len(righe)]) })
	return e, errors.Join(err, s.Chiudi())
}

func (b *banco) perServizio(ctx context.Context, n int) (tanti, uno esito, err error) {
	d, err := b.m.copia(ctx, b.d)
	if err == nil {
		err = smaltisci(ctx, d)
	}
	if err != nil {
		return tanti, uno, err
	}
	i, err := apri(ctx, d)
	if err != nil {
		return tanti, uno, err
	}
	registra := func(n, scrittori int) (esito, error) {
		nuove := preparate(n)
		return ripeti(n, scrittori, func(_, k int) error {
			_, err := i.servizio.Registra(ctx, nuove[k].chi, nuove[k].nuova)
			return err
		})
	}
	if _, err = registra(500, 16); err == nil { // words learned, pages read
		tanti, err = registra(n, 16)
	}
	if err == nil {
		uno, err = registra(1000, 1)
	}
	return tanti, uno, errors.Join(err, i.chiudi())
}

func (b *banco) perHTTP(ctx context.Context, n int) (tanti, uno esito, err error) {
	d, err := b.m.copia(ctx, b.d)
	if err != nil {
		return tanti, uno, err
	}
	if err := smaltisci(ctx, d); err != nil {
		return tanti, uno, err
	}
	s, err := servi(ctx, b.programma, d)
	if err != nil {
		return tanti, uno, err
	}
	invia := func(n, clienti int) (esito, error) { return inviate(s, n, clienti) }
	if _, err = invia(500, 16); err == nil {
		tanti, err = invia(n, 16)
	}
	if err == nil {
		uno, err = invia(1000, 1)
	}
	return tanti, uno, errors.Join(err, s.ferma())
}

// smaltisci moves into the index the words that earlier rounds left in its tail, in a
// folder that is used as it is: each round begins with none, as a day does.
func smaltisci(ctx context.Context, d dati) error {
	i, err := apri(ctx, d)
	if err != nil {
		return err
	}
	return errors.Join(i.indicizza(ctx), i.chiudi())
}

// inviate sends n new reports by so many keep-alive clients.
func inviate(s *servito, n, clienti int) (esito, error) {
	cc := make([]*cliente, clienti)
	for k := range cc {
		c, err := collega(s.indir)
		if err != nil {
			return esito{}, err
		}
		defer func() { _ = c.chiudi() }()
		cc[k] = c
	}
	corpi, chiavi := make([][]byte, n), make([][]byte, n)
	for k, x := range preparate(n) {
		var err error
		if corpi[k], err = corpoAPI(x.nuova.Segnalazione.Apri()); err != nil {
			return esito{}, err
		}
		chiavi[k] = x.nuova.Chiave
	}
	cpu := s.consumata()
	e, err := ripeti(n, clienti, func(w, k int) error { return cc[w].segnala(corpi[k], chiavi[k]) })
	if e.n > 0 {
		e.cpu = (s.consumata() - cpu) / time.Duration(e.n) // the server's, not ours
	}
	return e, err
}
