package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

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
		b.Manomesso = true
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

// An older copy put back is noticed before anything new is taken. Declared, it begins an
// epoch: what had been signed and is lost is annulled in sight, its numbers are not given
// again, and the receipts of before hold.
func TestRipristino(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		registra := func() (pratica.Ricevuta, error) {
			return b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), segnalazione())
		}
		var tutte []pratica.Ricevuta
		for range 5 {
			r, err := registra()
			if err != nil {
				t.Fatal(err)
			}
			tutte = append(tutte, r)
		}
		log := logDi(b)
		b.Servizio.Log = log
		persa, err := b.Servizio.Prova(ctx, b.Ente, tutte[4].Codice, tutte[4].Chiave)
		if err != nil {
			t.Fatal(err)
		}
		tre, err := registro.EdgeAt(3, b.Store.Hashes(ctx, b.Ente))
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{`delete from contenuti where k in (select c.k from atti t join contenuti c on c.k between t.a*16 and t.a*16+15 where t.pos > 2)`,
			`delete from compiti where pratica > 3`, `delete from vede where n > 3`, `delete from involucri where pratica > 3`, `delete from atti where pos > 2`,
			`delete from pratiche where n > 3`, `delete from log_hash where idx > 3`, `delete from log_checkpoint`,
			`update numeri set ultimo = 3 where registro = 'urp'`} {
			if err := store.Manometti(ctx, b.Store, q); err != nil {
				t.Fatal(err)
			}
		}
		if err := store.Manometti(ctx, b.Store, `update log_testa set n = 3, bordo = $1`, tre.Bytes()); err != nil {
			t.Fatal(err)
		}

		log = logDi(b) // the program starts again
		b.Servizio.Log = log
		if err := log.Whole(ctx, b.Ente); !errors.Is(err, registro.ErrRolledBack) {
			t.Fatalf("an older copy: %v", err)
		}
		if _, err := b.Verifica(ctx, false); !errors.Is(err, registro.ErrBroken) {
			t.Errorf("verified: %v", err)
		}
		b.Store.Ferma(fault.New(fault.Unavailable, "Il registro non torna."))
		if _, err := registra(); !fault.Is(err, fault.Unavailable) {
			t.Errorf("taken in while it is not declared: %v", err)
		}
		r, err := log.Restore(ctx, b.Ente, "Disco rotto: rimessa la copia di ieri.")
		if err != nil || r.Epoch != 2 || r.From != 3 || r.Signed != 5 || len(r.Annulled["urp/2026"]) != 2 || r.Annulled["urp/2026"][0] != 4 || r.Annulled["urp/2026"][1] != 5 {
			t.Fatalf("%+v %v", r, err)
		}
		b.Store.Ferma(nil)
		nuova, err := registra()
		if err != nil || nuova.Numero != 6 {
			t.Fatalf("the next number is %d: %v", nuova.Numero, err)
		}
		chiavi, err := log.Published(ctx, b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		if f, c, err := persa.Verify(chiavi...); err != nil || f.Numero != "2026/0000005" || c.Origin != registro.Origin(b.Ente, 1) {
			t.Errorf("the receipt of what was lost: %+v %v", f, err)
		}
		for _, x := range []struct {
			pratica.Ricevuta
			nato int
		}{{tutte[0], 1}, {nuova, 2}} {
			p, err := b.Servizio.Prova(ctx, b.Ente, x.Codice, x.Chiave)
			if err != nil {
				t.Fatal(err)
			}
			if f, c, err := p.Verify(chiavi...); err != nil || c.Origin != registro.Origin(b.Ente, 2) || f.Log != registro.Origin(b.Ente, x.nato) {
				t.Errorf("receipt %d: %+v %+v %v", x.Numero, f, c, err)
			}
		}
		if err := log.Whole(ctx, b.Ente); err != nil {
			t.Error(err)
		}
		// An epoch that was not opened here is not believed.
		if err := store.Manometti(ctx, b.Store, `update log_testa set epoca = 3`); err != nil {
			t.Fatal(err)
		}
		if err := logDi(b).Whole(ctx, b.Ente); !errors.Is(err, registro.ErrFork) {
			t.Errorf("an epoch written in the database: %v", err)
		}
		if err := store.Manometti(ctx, b.Store, `update log_testa set epoca = 2`); err != nil {
			t.Fatal(err)
		}
	})
}

// Who read what is in the log once its quarter of an hour is over, once, and only where
// somebody read.
func TestSigillaAccessi(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), segnalazione())
		if err != nil {
			t.Fatal(err)
		}
		sigilla := func(vuole int) {
			t.Helper()
			if err := b.Store.SigillaAccessi(ctx, b.Ente, b.Orologio.Now()); err != nil {
				t.Fatal(err)
			}
			if ff, err := b.Store.Fatti(ctx, b.Ente); err != nil || len(ff) != vuole {
				t.Errorf("%d records, not %d: %v", len(ff), vuole, err)
			}
		}
		sigilla(0)
		if _, err := b.Servizio.Apri(ctx, b.Chi(access.URPAziendale, ""), r.ID); err != nil {
			t.Fatal(err)
		}
		sigilla(0)
		b.Orologio.Avanza(21 * time.Minute)
		sigilla(1)
		sigilla(1)
		b.Orologio.Avanza(time.Hour)
		sigilla(1)
		if _, err := b.Servizio.Apri(ctx, b.Chi(access.URPAziendale, ""), r.ID); err != nil {
			t.Fatal(err)
		}
		b.Orologio.Avanza(time.Hour)
		sigilla(2)
		b.Orologio.Avanza(-90 * time.Minute) // what is read now is in no quarter that is sealed
		altra := b.Chi(access.URPAziendale, "")
		altra.Persona = "un'altra"
		if _, err := b.Servizio.Apri(ctx, altra, r.ID); err != nil {
			t.Fatal(err)
		}
	})
}
