package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/protocollo"
	"tutela/internal/web"
)

// fileProtocollo is where the operator says, in the folder of the data, how to reach the
// ente's own protocol system. No page shows it and none changes it.
const fileProtocollo = "protocollo.json"

// protocolloEnte is the ente's own protocol; nil where the operator configured none.
func (d dove) protocolloEnte() (pratica.Protocollo, error) {
	c, err := protocollo.Leggi(filepath.Join(d.Data, fileProtocollo))
	if c == nil || err != nil {
		return nil, err
	}
	return c, nil
}

// protocolla asks for the numbers that documents wait for, until the program ends.
func (i *impianto) protocolla(ctx context.Context) {
	if i.servizio.Protocollo == nil {
		return
	}
	secondo := time.NewTicker(time.Second)
	defer secondo.Stop()
	for {
		for _, ente := range i.ambienti.Enti() {
			if _, err := i.servizio.ProtocollaAttese(ctx, ente); err != nil && ctx.Err() == nil {
				slog.Error("background work failed", "work", "protocol", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-secondo.C:
		}
	}
}

// rilieviProtocollo is what check and the administrator's page say of the exchange.
func (i *impianto) rilieviProtocollo(ctx context.Context) ([]web.Rilievo, error) {
	var out []web.Rilievo
	for _, ente := range i.ambienti.Enti() {
		x, err := i.store.SaluteProtocollo(ctx, ente)
		if err != nil {
			return nil, err
		}
		if r, ok := web.RilievoProtocollo(x, i.servizio.Protocollo != nil, i.orologio.Now()); ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// rilievi is what check and the administrator's page say beside the settings.
func (i *impianto) rilievi(ctx context.Context) ([]web.Rilievo, error) {
	out, err := i.rilieviMacchina(ctx)
	if err != nil {
		return nil, err
	}
	protocollo, err := i.rilieviProtocollo(ctx)
	return append(out, protocollo...), err
}

type protocolloCmd struct {
	Prova protocolloProvaCmd `cmd:"" help:"Fa da protocollo di prova: dà numeri secondo il contratto di docs/protocollo.md e li tiene in un file."`
}

type protocolloProvaCmd struct {
	Addr  string `help:"Indirizzo su cui ascolta: 127.0.0.1:8090 se non lo dici." default:"127.0.0.1:8090" placeholder:"INDIRIZZO:PORTA"`
	File  string `help:"File dei numeri dati, creato se manca." default:"protocollo-prova.json" type:"path" placeholder:"FILE"`
	Token string `help:"Il token che deve portare chi chiede." required:"" placeholder:"TOKEN"`
}

// Run numbers what it is asked until it is told to stop.
func (c *protocolloProvaCmd) Run(a *ambito) error {
	l, err := ascolta(a, c.Addr)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	o := &orologio{}
	p, err := protocollo.ApriProva(c.File, c.Token, func() day.Date { return day.In(o.Now()) })
	if err != nil {
		return fault.Wrap(err, fault.Bad, "--file: non si legge.")
	}
	ctx, stop := signal.NotifyContext(a, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	s := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, MaxHeaderBytes: 32 << 10}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	if _, err := fmt.Fprintln(a.out, "pronto http://"+l.Addr().String()); err != nil {
		return err
	}
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
