// Package storetest gives tests a real running Servizio: the demonstration ente,
// on a real SQLite file and on a real PostgreSQL, with a clock that the test sets.
package storetest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/document"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/regolamento"
	"tutela/internal/store"
	"tutela/internal/vault"
)

// Ente is the id of the demonstration ente in the tests.
const Ente = "montelago"

// Inizio is when a test's clock starts: a Monday morning.
var Inizio = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Orologio is a clock that the test sets. Safe for many goroutines.
type Orologio struct{ t atomic.Int64 }

// Now is the instant it shows (UTC).
func (o *Orologio) Now() time.Time { return time.UnixMilli(o.t.Load()).UTC() }

// Avanza moves it.
func (o *Orologio) Avanza(d time.Duration) { o.t.Add(d.Milliseconds()) }

// Metti sets it to nine in the morning, Rome, of a day.
func (o *Orologio) Metti(d day.Date) { o.t.Store(d.Start().Add(9 * time.Hour).UnixMilli()) }

// Banco is a bench on which the whole domain stands.
type Banco struct {
	Servizio *pratica.Servizio
	Store    *store.Store
	Chiavi   *store.Chiavi
	Anello   *vault.KeyRing
	Blobs    *document.Blobs
	Ambiente *pratica.Ambiente
	Orologio *Orologio
	Ente     string
	Dir      string
	URL      string // of PostgreSQL; empty on SQLite
	// Manomesso says that the test writes behind the acts' back: else, at its end,
	// everything is verified.
	Manomesso bool
}

// Ogni runs the test on both databases.
func Ogni(t *testing.T, fn func(t *testing.T, b *Banco)) {
	t.Helper()
	for nome, banco := range map[string]func(testing.TB) *Banco{"sqlite": SQLite, "postgres": Postgres} {
		t.Run(nome, func(t *testing.T) {
			b := banco(t)
			fn(t, b)
			b.intatto(t)
		})
	}
}

// SQLite is a bench on a new SQLite file.
func SQLite(t testing.TB) *Banco { return nuovo(t, "") }

// Postgres is a bench on a new database of the test cluster.
func Postgres(t testing.TB) *Banco { return nuovo(t, postgresURL(t)) }

func nuovo(t testing.TB, url string) *Banco {
	t.Helper()
	ctx := context.Background()
	b := &Banco{Ente: Ente, Dir: t.TempDir(), URL: url, Orologio: &Orologio{}}
	b.Orologio.t.Store(Inizio.UnixMilli())
	b.Ambiente = ambiente(t)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	b.Anello, err = vault.LoadKeyRing(filepath.Join(b.Dir, "chiavi", "server.key"), true)
	ok(err)
	b.Chiavi, err = store.OpenKeys(ctx, filepath.Join(b.Dir, "chiavi"), b.Anello)
	ok(err)
	b.Chiavi.Now = b.Orologio.Now
	b.Store, err = store.Open(ctx, store.Config{Dir: b.Dir, URL: url, Now: b.Orologio.Now})
	ok(err)
	b.Blobs, err = document.OpenBlobs(filepath.Join(b.Dir, "allegati"))
	ok(err)
	pool := vault.NewPool(b.Chiavi)
	b.Servizio = &pratica.Servizio{Arch: b.Store, Anello: b.Anello, Pool: pool, Slots: b.Chiavi, Comparti: b.Chiavi, Chiavi: b.Chiavi,
		Parole: vault.NewTokenizers(b.Chiavi), Now: b.Orologio.Now,
		Log: &registro.Log{Arch: b.Store, Keys: b.Chiavi, Now: b.Orologio.Now},
		Ambiente: func(ente string) *pratica.Ambiente {
			if ente != Ente {
				return nil
			}
			return b.Ambiente
		},
		Ricifra: func(_ context.Context, da, a pratica.Sealed) (string, error) {
			return b.Blobs.Again(da.Dove, da.Chiave, da.Contesto, a.Chiave, a.Contesto)
		}}
	t.Cleanup(func() {
		pool.Close()
		ok(b.Store.Close())
		ok(b.Chiavi.Close())
	})
	return b
}

// Kept keeps the database as it is now, and gives what opens it, any number of times,
// as it was.
func (b *Banco) Kept(t testing.TB) func() *store.Store {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, dir, url := context.Background(), t.TempDir(), ""
	if b.URL != "" {
		url = copiaPostgres(t, b.URL)
	} else {
		for _, f := range []string{"tutela.db", "tutela.db-wal"} {
			x, err := os.ReadFile(filepath.Join(b.Dir, f))
			ok(err)
			ok(os.WriteFile(filepath.Join(dir, f), x, 0o600)) //nolint:gosec // a test's own folder
		}
	}
	return func() *store.Store {
		t.Helper()
		c := store.Config{Dir: t.TempDir(), Now: b.Orologio.Now}
		if url != "" {
			c.URL = comePostgres(t, url)
		} else {
			ok(os.CopyFS(c.Dir, os.DirFS(dir)))
		}
		s, err := store.Open(ctx, c)
		ok(err)
		t.Cleanup(func() { ok(s.Close()) })
		return s
	}
}

// Chi is a member of staff who holds one role at a unit; for a responsabile the
// units below are his too.
func (b *Banco) Chi(ruolo, unita string) access.Chi {
	c := access.Chi{Ente: b.Ente, Persona: "p-" + ruolo, Nome: ruolo, Mezzo: "web", Uffici: []string{access.Ufficio(ruolo, unita)}, Giorno: b.Servizio.Oggi()}
	if ruolo == access.Responsabile {
		c.Uffici = nil
		for _, u := range b.Ambiente.Organigramma.Sotto(unita) {
			c.Uffici = append(c.Uffici, access.Ufficio(ruolo, u))
		}
	}
	return c
}

// Conferma is who asks, having just proved who they are.
func (b *Banco) Conferma(c access.Chi) access.Chi {
	c.Conferma = b.Orologio.Now()
	return c
}

// Cartella is the folder of the demonstration ente's data.
func Cartella() string {
	_, qui, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(qui), "..", "..", "demo", "ente")
}

func ambiente(t testing.TB) *pratica.Ambiente {
	t.Helper()
	leggi := func(nome string) *bytes.Reader {
		x, err := os.ReadFile(filepath.Join(Cartella(), nome))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(x)
	}
	org, errori := organigramma.Import(leggi("organigramma.csv"), leggi("organigramma-relazioni.csv"), leggi("presidi.csv"))
	if len(errori) > 0 {
		t.Fatal(errori[0])
	}
	org, errori = org.ConAlias(leggi("alias.csv"))
	if len(errori) > 0 {
		t.Fatal(errori[0])
	}
	shipped := func(nome string) *regolamento.Regolamento {
		r, err := regolamento.Shipped(nome)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	reg, upt := shipped("pga01"), shipped("upt-lombardia")
	cal := day.Nazionale()
	return &pratica.Ambiente{Ente: Ente, Regolamento: reg, Calendario: cal, Organigramma: org,
		Altri:       map[string]pratica.Norme{pratica.RegistroUPT: {Regolamento: upt, Calendario: cal}},
		Regolamenti: map[string]*regolamento.Regolamento{reg.Hash(): reg, upt.Hash(): upt},
		Calendari:   map[string]*day.Calendario{cal.Hash(): cal},
		Uffici: []organigramma.Ufficio{
			{Unita: "URP-SANTA-CHIARA", Presidi: []string{"03999001", "CDC-MONTELAGO"}},
			{Unita: "URP-SAN-DEFENDENTE", Presidi: []string{"03999002", "CDC-RIVALTA"}},
		}}
}
