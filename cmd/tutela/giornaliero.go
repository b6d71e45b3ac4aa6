package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

type registroGiornalieroCmd struct {
	dove
	Export   string `required:"" help:"Cartella in cui scrive il pacchetto, creata se manca." type:"path" placeholder:"CARTELLA"`
	Dal      string `required:"" help:"Primo giorno." placeholder:"AAAA-MM-GG"`
	Al       string `required:"" help:"Ultimo giorno, compreso." placeholder:"AAAA-MM-GG"`
	Registro string `help:"Di quale registro: urp o upt; urp se non lo dici." default:"urp" enum:"urp,upt" placeholder:"NOME"`
}

// Run writes the package.
func (c *registroGiornalieroCmd) Run(a *ambito) error {
	dal, err1 := day.Parse(c.Dal)
	al, err2 := day.Parse(c.Al)
	if err1 != nil || err2 != nil || al < dal {
		return fault.New(fault.Bad, "--dal e --al: scrivi due giorni così, il primo non dopo l'altro: 2026-03-01 2026-03-31.")
	}
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error {
		if err := os.MkdirAll(c.Export, 0o700); err != nil {
			return fault.Wrap(err, fault.Bad, "--export: non posso scrivere in "+c.Export+".")
		}
		b, quanti, err := pratica.ImballaGiornalieri(a, i.store, e.ID, c.Registro, dal, al)
		if err != nil {
			return err
		}
		nome := filepath.Join(c.Export, pratica.NomePacchetto(c.Registro, dal, al))
		if err := mettiFile(nome, b); err != nil {
			return fault.Wrap(err, fault.Bad, "--export: non posso scrivere "+nome+".")
		}
		_, err = fmt.Fprintf(a.out, "%s in %s\n", i18n.Plural(quanti, "registro giornaliero", "registri giornalieri"), nome)
		return err
	})
}

// chiudiGiorni makes the registers of the days that are over. Who was quicker, or a
// number that came meanwhile, is left to the next time.
func (i *impianto) chiudiGiorni(ctx context.Context) error {
	var errs []error
	for _, ente := range i.ambienti.Enti() {
		if err := i.servizio.ChiudiGiorni(ctx, ente); !fault.Is(err, fault.Conflict) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
