package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"tutela/bench/grezzo"
	"tutela/internal/access"
	"tutela/internal/pratica"
)

var casoInLista = regexp.MustCompile(`href="(/pratica/[0-9A-Za-z-]+)"`)

// indirizzi are the cases that a list leads to.
func indirizzi(pagina []byte) []string {
	var out []string
	for _, m := range casoInLista.FindAllSubmatch(pagina, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// processo measures the served program: how soon it is ready, and its memory at
// rest and while reports come in and lists are read.
func (b *banco) processo(ctx context.Context) error {
	d, err := b.m.copia(ctx, b.d)
	if err != nil {
		return err
	}
	var pronti []time.Duration
	for range giri {
		s, err := servi(ctx, b.programma, d)
		if err != nil {
			return err
		}
		pronti = append(pronti, s.pronto)
		if err := s.ferma(); err != nil {
			return err
		}
	}
	b.riga("start on an existing folder", ms(mediana(pronti)), "≤ 300 ms", mediana(pronti) <= 300*time.Millisecond)
	s, err := servi(ctx, b.programma, d)
	if err != nil {
		return err
	}
	time.Sleep(3 * time.Second)
	tutta, sua := s.memoria()
	b.riga("memory at rest", fmt.Sprintf("%.0f MB (%.0f without pages of files)", tutta, sua), "< 60 MB", tutta < 60)
	fine := make(chan struct{})
	massima := make(chan [2]float64, 1)
	go func() {
		var m [2]float64
		for {
			select {
			case <-fine:
				massima <- m
				return
			case <-time.After(50 * time.Millisecond):
				t, su := s.memoria()
				m[0], m[1] = max(m[0], t), max(m[1], su)
			}
		}
	}()
	_, err = inviate(s, 12_000, 16)
	close(fine)
	m := <-massima
	b.riga("memory under load", fmt.Sprintf("%.0f MB (%.0f without pages of files)", m[0], m[1]), "< 150 MB", m[0] < 150)
	return errors.Join(err, s.ferma())
}

// spazio measures the disk that new cases and worked ones take, keys included, in
// a folder that has some already: what a database frees, it uses again.
func (b *banco) spazio(ctx context.Context) error {
	const nuovi, lavorati = 2000, 500
	vuota, err := b.m.pieno(ctx, b.d.motore, 0)
	if err != nil {
		return err
	}
	d, err := b.m.copia(ctx, vuota)
	if err != nil {
		return err
	}
	var atti int
	var peso [4]int64 // after the first round of new ones, the second, and the same of worked ones
	for k := range peso {
		nate, err := b.nate(ctx, d, nuovi)
		if err == nil && k >= 2 {
			atti, err = b.lavorate(ctx, d, nate[:lavorati])
		}
		if err == nil {
			peso[k], err = b.occupati(ctx, d)
		}
		if err != nil {
			return err
		}
	}
	caso := float64(peso[1]-peso[0]) / nuovi / 1000
	lavorato := caso + (float64(peso[3]-peso[2])/1000-nuovi*caso)/lavorati
	b.riga("disk, a new case", fmt.Sprintf("%.1f KB", caso), "≤ 6 KB", caso <= 6)
	b.riga(fmt.Sprintf("disk, a worked case (%d acts)", atti+1), fmt.Sprintf("%.1f KB", lavorato), "≤ 12 KB", lavorato <= 12)
	return nil
}

func (b *banco) nate(ctx context.Context, d dati, n int) (out []pratica.Ricevuta, err error) {
	i, err := apri(ctx, d)
	if err != nil {
		return nil, err
	}
	nuove := preparate(n)
	out = make([]pratica.Ricevuta, n)
	_, err = ripeti(n, 16, func(_, k int) (err error) {
		s := nuove[k].nuova.Segnalazione.Apri()
		s.Tipo = "reclamo"
		if s.Segnalante == nil {
			s.Segnalante = &pratica.Persona{Nome: "Prova", Cognome: "Rilievi", Email: "prova@esempio.example"}
		}
		s.Presidio, s.Unita = "Ospedale Santa Chiara – Montelago", "Pronto Soccorso"
		nuove[k].nuova.Segnalazione = pratica.Chiudi(s)
		out[k], err = i.servizio.Registra(ctx, nuove[k].chi, nuove[k].nuova)
		return err
	})
	return out, errors.Join(err, i.indicizza(ctx), i.chiudi())
}

// lavorate takes reports from the taking in charge to the draft of the answer.
func (b *banco) lavorate(ctx context.Context, d dati, rr []pratica.Ricevuta) (atti int, err error) {
	i, err := apri(ctx, d)
	if err != nil {
		return 0, err
	}
	_, err = ripeti(len(rr), 16, func(_, k int) error {
		h, _, err := i.servizio.Arch.Leggi(ctx, rr[k].ID)
		if err != nil {
			return err
		}
		urp, az := chi(access.URP, h.URP), chi(access.URPAziendale, "")
		resp, dir := chi(access.Responsabile, h.Struttura), chi(access.DirettoreMacrostruttura, h.Macro)
		testo := "Abbiamo sentito chi era in turno e riletto i registri di quel giorno. I tempi sono stati più lunghi del solito per il numero di accessi."
		passi := []struct {
			chi  access.Chi
			atto string
			dati pratica.Dati
		}{
			{urp, "presa_in_carico", nil},
			{urp, "valutazione", pratica.Dati{"natura": "sanitaria", "danni": "esclusi"}},
			{urp, "informativa", nil},
			{urp, "richiesta_chiarimenti", pratica.Dati{"quesito": "Che cosa è successo, e che cosa si può fare perché non accada più?",
				"strutture": []map[string]string{{"id": h.Struttura, "copia": preparata.Testo}}}},
			{resp, "chiarimenti", pratica.Dati{"testo": testo}},
			{dir, "relazione", pratica.Dati{"testo": testo, "valutazione": "Il disservizio c'è stato. Serve avvisare chi attende."}},
			{az, "bozza_risposta", pratica.Dati{"testo": "Gentile persona,\n\nabbiamo letto con attenzione quello che ci hai scritto.\n\n" + testo + "\n\nCe ne scusiamo."}},
		}
		atti = len(passi)
		for _, p := range passi {
			if _, err := i.servizio.Esegui(ctx, p.chi, pratica.Comando{Pratica: rr[k].ID, Atto: p.atto, Dati: p.dati}); err != nil {
				return fmt.Errorf("%s: %w", p.atto, err)
			}
		}
		return nil
	})
	return atti, errors.Join(err, i.chiudi())
}

// preparata is the sample whose text the structures are asked about.
var preparata = campioni()[0]

// occupati is the bytes that data and keys take on disk, with the log of writes
// folded in.
func (b *banco) occupati(ctx context.Context, d dati) (int64, error) {
	if d.url != "" {
		chiavi, err := peso(filepath.Join(d.dir, "chiavi"))
		if err != nil {
			return 0, err
		}
		if err := grezzo.Riordina(ctx, d.url); err != nil {
			return 0, err
		}
		n, err := grezzo.Uno(ctx, d.url, "select pg_database_size(current_database())")
		return n + chiavi, err
	}
	if _, err := os.Stat(filepath.Join(d.dir, "tutela.db-wal")); err == nil {
		return 0, errors.New("the database is still open")
	}
	return peso(d.dir)
}
