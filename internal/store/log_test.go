package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

func segnalazione() pratica.Nuova {
	return pratica.Nuova{Canale: "web", Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Oggetto: "Attesa", Testo: "Nove ore.",
		Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example"}})}
}

// logDi is a log as who signs and proves it has it.
func logDi(b *storetest.Banco) *registro.Log {
	return &registro.Log{Arch: b.Store, Keys: b.Chiavi, Now: b.Orologio.Now}
}

// Every act leaves one leaf, whoever else writes at the same moment: gapless, chained
// by case, rebuilt from what is stored, proved up to the root. A change that fails
// leaves none.
func TestFoglie(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		var insieme sync.WaitGroup
		var mu sync.Mutex
		var quali []pratica.Ricevuta
		for i := range 30 {
			insieme.Go(func() {
				if i%5 == 0 {
					err := b.Store.Update(ctx, pratica.Op{Ente: b.Ente, Registro: "urp"}, func(tx pratica.Tx) error {
						tx.Append(pratica.Registrato{Atto: pratica.Atto{Kind: "x"}, Hash: make([]byte, 32)}, nil)
						return fault.New(fault.Invalid, "no")
					})
					if !fault.Is(err, fault.Invalid) {
						t.Errorf("the change that fails: %v", err)
					}
					return
				}
				r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), segnalazione())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				quali = append(quali, r)
				mu.Unlock()
			})
		}
		insieme.Wait()
		chi := b.Chi(access.URPAziendale, "")
		for _, r := range quali[:5] {
			if _, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: "presa_in_carico"}); err != nil {
				t.Fatal(err)
			}
		}
		epoca, edge, err := b.Store.Log(ctx, b.Ente)
		if err != nil || epoca != 1 || edge.N != 29 {
			t.Fatalf("the log has %d leaves in epoch %d, not 29 (%v)", edge.N, epoca, err)
		}
		hash := b.Store.Hashes(ctx, b.Ente)
		if root, err := tlog.TreeHash(edge.N, hash); err != nil || root != edge.Root() {
			t.Fatalf("the edge is not of the stored tree: %v", err)
		}
		visti := map[int64]bool{}
		for _, r := range quali {
			_, atti, err := b.Store.Leggi(ctx, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			var prima *pratica.Registrato
			for i, x := range atti {
				leaf := x.Leaf(registro.Origin(b.Ente, 1), atti[0].Atto.Apertura, prima)
				h, err := leaf.Hash()
				if err != nil || string(h[:]) != string(x.Foglia) {
					t.Fatalf("the leaf of act %d is not rebuilt: %v", x.A, err)
				}
				p, err := tlog.ProveRecord(edge.N, x.Pos, hash)
				if err != nil || tlog.CheckRecord(p, edge.N, edge.Root(), x.Pos, h) != nil {
					t.Fatalf("act %d is not proved: %v", x.A, err)
				}
				if leaf.Contenuto == nil && i == 0 || (leaf.Precedente == nil) != (i == 0) {
					t.Errorf("act %d: %+v", x.A, leaf)
				}
				visti[x.Pos] = true
				prima = &atti[i]
			}
		}
		if len(visti) != 29 {
			t.Errorf("%d places in the log, not 29", len(visti))
		}
	})
}

// A kind of act that has no place in a leaf is not stored.
func TestFogliaNonValida(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		err := b.Store.Update(context.Background(), pratica.Op{Ente: b.Ente}, func(tx pratica.Tx) error {
			tx.Append(pratica.Registrato{Atto: pratica.Atto{Kind: "due parole"}, Hash: make([]byte, 32)}, nil)
			return nil
		})
		if !errors.Is(err, registro.ErrLeaf) {
			t.Errorf("%v", err)
		}
		if _, edge, err := b.Store.Log(context.Background(), b.Ente); err != nil || edge.N != 0 {
			t.Errorf("%d leaves, %v", edge.N, err)
		}
	})
}

// What is signed is fixed first, only grows, and is refused when the database holds
// something else: an older copy, or another tree of the same size.
func TestCheckpoint(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		registra := func() pratica.Ricevuta {
			t.Helper()
			r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), segnalazione())
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		log := logDi(b)
		r := registra()
		registra()
		uno, err := log.Checkpoint(ctx, b.Ente, 0)
		if err != nil || uno.Size != 2 {
			t.Fatalf("%+v %v", uno, err)
		}
		chiavi, err := b.Chiavi.LogKeys(ctx, b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		pubblica, err := registro.VerifierKey(uno.Origin, registro.Public(chiavi[0]))
		if err != nil {
			t.Fatal(err)
		}
		if c, err := registro.OpenCheckpoint(uno.Note, pubblica); err != nil || c != uno.Checkpoint {
			t.Fatalf("%+v %v", c, err)
		}
		fisso, err := b.Chiavi.Fixed(ctx, b.Ente)
		if err != nil || fisso.Size != 2 || fisso.Root != uno.Root || fisso.Counters["urp/2026"] != 2 {
			t.Errorf("fixed: %+v %v", fisso, err)
		}
		registra()
		due, err := log.Checkpoint(ctx, b.Ente, 3)
		if err != nil || due.Size != 3 {
			t.Fatalf("%+v %v", due, err)
		}
		p, err := log.Growth(ctx, b.Ente, 2, 3)
		if err != nil || registro.CheckGrowth(uno.Checkpoint, due.Checkpoint, p) != nil {
			t.Errorf("growth is not proved: %v", err)
		}
		_, atti, err := b.Store.Leggi(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		testo, err := atti[0].Leaf(uno.Origin, atti[0].Atto.Apertura, nil).Text()
		if err != nil {
			t.Fatal(err)
		}
		ricevuta, err := log.Receipt(ctx, b.Ente, testo, atti[0].Pos)
		if err != nil {
			t.Fatal(err)
		}
		if foglia, _, err := ricevuta.Verify(pubblica); err != nil || foglia.Numero != "2026/0000001" {
			t.Errorf("the receipt: %+v %v", foglia, err)
		}

		// Another process, on a database that lost its last leaf, or has another.
		if err := store.Manometti(ctx, b.Store, `update log_testa set n = 2, bordo = $1 where ente = $2`, uno.Root[:], b.Ente); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{logDi(b).Whole(ctx, b.Ente), second(logDi(b).Checkpoint(ctx, b.Ente, 0))} {
			if !errors.Is(err, registro.ErrRolledBack) {
				t.Errorf("a log that lost a leaf: %v", err)
			}
		}
		falso := append([]byte{}, uno.Root[:]...)
		falso[0] ^= 1
		if err := store.Manometti(ctx, b.Store, `update log_testa set n = 3, bordo = $1 where ente = $2`, append(falso, falso...), b.Ente); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{logDi(b).Whole(ctx, b.Ente), second(logDi(b).Checkpoint(ctx, b.Ente, 0))} {
			if !errors.Is(err, registro.ErrFork) {
				t.Errorf("a log with another leaf: %v", err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }
