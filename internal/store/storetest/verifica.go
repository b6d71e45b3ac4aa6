package storetest

import (
	"context"
	"testing"

	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/registro"
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

// intatto fails a test that leaves anything that its acts do not answer for: seen whole,
// and seen from the half of the log on.
func (b *Banco) intatto(t *testing.T) {
	if t.Failed() || b.Manomesso {
		return
	}
	ctx := context.Background()
	e, err := b.Verifica(ctx, false)
	if err == nil {
		v := b.Verificatore()
		if v.Da, v.Prima, err = b.meta(ctx, e); err == nil {
			_, err = v.Tutto(ctx)
		}
	}
	if err != nil {
		t.Errorf("at the end the register is not whole: %v (%v)", err, e)
	}
}

// meta is how far a verification was when the log had half its leaves.
func (b *Banco) meta(ctx context.Context, e pratica.Esito) (da int64, s registro.State, err error) {
	s = registro.State{Epoch: e.Epoch, Size: e.Size / 2, Counters: e.Counters} // no number is asked for again
	edge, err := registro.EdgeAt(s.Size, b.Store.Hashes(ctx, b.Ente))
	s.Root = edge.Root()
	for n := int64(0); err == nil; {
		var cc []pratica.Intera
		if cc, err = b.Store.Intere(ctx, b.Ente, n, 0, 100); err != nil || len(cc) == 0 {
			return da, s, err
		}
		for _, c := range cc {
			for _, x := range c.Atti {
				if x.Pos < s.Size {
					da = max(da, x.A)
				}
			}
			n = c.Testa.N
		}
	}
	return da, s, err
}
