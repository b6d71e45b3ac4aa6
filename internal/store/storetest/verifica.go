package storetest

import (
	"context"
	"testing"

	"tutela/internal/organigramma"
	"tutela/internal/pratica"
)

// Verificatore verifies all that the log answers for, but the stored files.
func (b *Banco) Verificatore() pratica.Verifica {
	return pratica.Verifica{Ente: b.Ente, Arch: b.Store, Log: b.Servizio.Log, Amb: b.Ambiente, Carte: []*organigramma.Versione{b.Ambiente.Organigramma}}
}

// Verifica does so now, with the stored files or not.
func (b *Banco) Verifica(ctx context.Context, file bool) (pratica.Esito, error) {
	v := b.Verificatore()
	if file {
		v.File = b.Blobs.Check
	}
	return v.Tutto(ctx)
}

// intatto fails a test that leaves anything that its acts do not answer for.
func (b *Banco) intatto(t *testing.T) {
	if t.Failed() || b.Manomesso {
		return
	}
	if e, err := b.Verifica(context.Background(), false); err != nil {
		t.Errorf("at the end the register is not whole: %v (%v)", err, e)
	}
}
