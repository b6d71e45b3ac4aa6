package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tutela/internal/day"
	"tutela/internal/fault"
)

// How far the machine's clock may leap ahead and be believed: while the program runs,
// and since the last thing that was registered when it starts. Whatever comes after a
// false leap would bear a false date for ever.
const (
	maxSalto   = 24 * time.Hour
	maxAssenza = 31 * 24 * time.Hour
	maxRitorno = time.Minute // behind the last instant: what follows is held at that
)

// orologio is the office's clock: the machine's, moved by a fixed stretch in a
// demonstration. Safe for many goroutines.
type orologio struct {
	spostamento atomic.Int64

	inizia sync.Once
	inizio time.Time    // when it was first read, on both clocks of the machine
	salto  atomic.Int64 // how far the machine's clock leapt; 0: it did not
}

// Now is the office's instant.
func (o *orologio) Now() time.Time {
	t := time.Now()
	o.inizia.Do(func() { o.inizio = t })
	return o.crede(t.Round(0), t.Sub(o.inizio)).Add(time.Duration(o.spostamento.Load()))
}

// crede is what is believed of the machine's clock, against the stretch that its
// monotonic one counted: that, where the clock leapt ahead.
func (o *orologio) crede(parete time.Time, passato time.Duration) time.Time {
	seguito := o.inizio.Round(0).Add(passato)
	salto := parete.Sub(seguito)
	if salto <= maxSalto {
		return parete
	}
	if o.salto.Swap(int64(salto)) == 0 {
		slog.Error("the clock of this machine leapt ahead and is not believed: the program goes on counting by itself", "by", salto.Round(time.Minute))
	}
	return seguito
}

// metti moves the clock to t; it goes on from there.
func (o *orologio) metti(t time.Time) { o.spostamento.Store(int64(time.Until(t))) }

// rilievo is what check and the administrator's page say of a leap.
func (o *orologio) rilievo() string {
	if o.salto.Load() == 0 {
		return ""
	}
	return "L'orologio di questa macchina è saltato avanti e il programma non gli crede: va avanti a contare da solo. Rimetti l'ora giusta; se invece è giusta adesso, riavvia il programma."
}

// orologioGiusto checks the clock against the last thing that was registered, at the
// start; detto is the day that a person says it is.
func (i *impianto) orologioGiusto(ctx context.Context, detto string) error {
	ora := i.orologio.Now()
	oggi := day.In(ora)
	if detto != "" {
		d, err := day.Parse(detto)
		if err != nil {
			return fault.New(fault.Bad, "--oggi: "+err.Error()+".")
		}
		if d != oggi {
			return fault.New(fault.Bad, fmt.Sprintf("--oggi: hai scritto %s, ma l'orologio di questa macchina dice %s.", d, oggi))
		}
		return nil
	}
	ultimo, err := i.store.UltimoIstante(ctx)
	if err != nil || ultimo.IsZero() {
		return err
	}
	switch {
	case ora.Sub(ultimo) > maxAssenza:
		return fault.New(fault.Unavailable, fmt.Sprintf("L'orologio di questa macchina dice %s, ma l'ultima registrazione è del %s. Se la data è giusta, avvia con --oggi %s; se no, regola l'orologio.",
			oggi, day.In(ultimo), oggi))
	case ultimo.Sub(ora) > maxRitorno:
		slog.Error("the clock of this machine is behind the last thing registered: what comes is dated as that until it catches up",
			"last", ultimo.Format(time.RFC3339), "now", ora.Format(time.RFC3339))
	}
	return nil
}
