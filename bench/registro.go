package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"tutela/internal/demo"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/registro"
)

// registro measures the log: what a leaf costs an intake, a proof among all there are,
// the receipt as a file, and how many acts a second are verified.
func (b *banco) registro(ctx context.Context) error {
	righe, err := b.campionaRighe(ctx)
	if err != nil {
		return err
	}
	const n = 6000
	var costi []float64
	for range giri {
		senza, err := b.grezzo(ctx, n, 16, righe, false)
		if err != nil {
			return fmt.Errorf("without the log: %w", err)
		}
		con, err := b.grezzo(ctx, n, 16, righe, true)
		if err != nil {
			return fmt.Errorf("with the log: %w", err)
		}
		s, _, err := b.perServizio(ctx, n)
		if err != nil {
			return fmt.Errorf("commands: %w", err)
		}
		di := func(e esito) float64 { return 1 / e.alSecondo() }
		costi = append(costi, (di(con)-di(senza))/(di(s)-(di(con)-di(senza))))
		b.nota("round: raw without %.0f/s, with %.0f/s, commands %.0f/s", senza.alSecondo(), con.alSecondo(), s.alSecondo())
	}
	costo := mediana(costi)
	b.riga("the log, of an intake by the commands", fmt.Sprintf("%.1f %%", 100*costo), "< 10 %", costo < 0.1)
	d, err := b.m.copia(ctx, b.d)
	if err != nil {
		return err
	}
	i, err := apri(ctx, d)
	if err != nil {
		return err
	}
	return errors.Join(b.prove(ctx, i), i.chiudi())
}

func (b *banco) prove(ctx context.Context, i *impianto) error {
	log := i.servizio.Log
	firmato, err := log.Checkpoint(ctx, demo.EnteID, 0)
	if err != nil {
		return err
	}
	p, err := ripeti(2000, 1, func(_, _ int) error {
		_, err := log.Inclusion(ctx, demo.EnteID, rand.Int64N(firmato.Size), firmato.Size)
		return err
	})
	if err != nil {
		return err
	}
	b.riga(fmt.Sprintf("a proof among %d leaves", firmato.Size), p.String(), "p50 < 1 ms", p.p50 < time.Millisecond)
	casi, err := i.store.Intere(ctx, demo.EnteID, 0, 0, 1)
	if err != nil || len(casi) == 0 {
		return errors.Join(err, errors.New("no case"))
	}
	primo := casi[0].Atti[0]
	testo, err := primo.Leaf(registro.Origin(demo.EnteID, 1), primo.Atto.Apertura, nil).Text()
	if err != nil {
		return err
	}
	f, err := log.Receipt(ctx, demo.EnteID, testo, primo.Pos)
	if err != nil {
		return err
	}
	j, err := f.JSON()
	if err != nil {
		return err
	}
	b.riga("a receipt as a file", fmt.Sprintf("%.1f KB", float64(len(j))/1024), "< 30 KB", len(j) < 30<<10)
	inizio := time.Now()
	v := pratica.Verifica{Ente: demo.EnteID, Arch: i.store, Log: log, Amb: i.servizio.Ambiente(demo.EnteID),
		Carte: []*organigramma.Versione{organigramma.Vuoto(), i.servizio.Ambiente(demo.EnteID).Organigramma}}
	e, err := v.Tutto(ctx)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	quanto := time.Since(inizio)
	b.riga("registro verify, without the files", fmt.Sprintf("%s in %s: %.0f acts/s", e, quanto.Round(time.Millisecond), float64(e.Atti)/quanto.Seconds()), "", true)
	return nil
}
