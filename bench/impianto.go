package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/demo"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/store"
	"tutela/internal/vault"
)

// orologio is the office's clock: the machine's, moved back while a folder is
// filled with past cases. Safe for many goroutines.
type orologio struct{ indietro atomic.Int64 }

func (o *orologio) Now() time.Time    { return time.Now().Add(-time.Duration(o.indietro.Load())) }
func (o *orologio) metti(t time.Time) { o.indietro.Store(int64(time.Since(t))) }

// impianto is the domain on an installation's folder, without pages.
type impianto struct {
	dati     dati
	orologio *orologio
	anello   *vault.KeyRing
	chiavi   *store.Chiavi
	store    *store.Store
	pool     *vault.Pool
	ambienti *pratica.Ambienti
	servizio *pratica.Servizio
	auth     *auth.Auth
}

// apri opens a folder of data, as the program does.
func apri(ctx context.Context, d dati) (*impianto, error) {
	i := &impianto{dati: d, orologio: &orologio{}}
	chiavi := filepath.Join(d.dir, "chiavi")
	var err error
	if i.anello, err = vault.LoadKeyRing(filepath.Join(chiavi, "server.key"), true); err != nil {
		return nil, err
	}
	if i.chiavi, err = store.OpenKeys(ctx, chiavi, i.anello); err != nil {
		return nil, err
	}
	if i.store, err = store.Open(ctx, store.Config{Dir: d.dir, URL: d.url, Now: i.orologio.Now}); err != nil {
		return nil, errors.Join(err, i.chiavi.Close())
	}
	i.pool = vault.NewPool(i.chiavi)
	i.ambienti = pratica.NewAmbienti(i.store, i.orologio.Now)
	i.servizio = &pratica.Servizio{Arch: i.store, Anello: i.anello, Pool: i.pool, Slots: i.chiavi, Comparti: i.chiavi,
		Parole: vault.NewTokenizers(i.chiavi), Ambiente: i.ambienti.Di, Now: i.orologio.Now,
		Log: &registro.Log{Arch: i.store, Keys: i.chiavi, Now: i.orologio.Now}}
	i.auth = auth.New(auth.Config{Archivio: i.store, Chiavi: i.chiavi, Ring: i.anello, Now: i.orologio.Now, Uffici: i.ambienti.UfficiDi,
		Costo: vault.Costo{Memoria: 1 << 10, Giri: 1, Fili: 1}})
	if err := i.ambienti.Ricarica(ctx); err != nil {
		return nil, errors.Join(err, i.chiudi())
	}
	return i, nil
}

func (i *impianto) chiudi() error {
	i.pool.Close()
	return errors.Join(i.store.Close(), i.chiavi.Close())
}

// indicizza moves every searchable word into the database's index.
func (i *impianto) indicizza(ctx context.Context) error {
	for {
		if n, err := i.store.Indicizza(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// aggiorna does the background work that is due: words into the index, terms that
// warn or lapse.
func (i *impianto) aggiorna(ctx context.Context) error {
	if err := i.indicizza(ctx); err != nil {
		return err
	}
	_, err := i.servizio.Scansiona(ctx, i.store)
	return err
}

// chi is a member of staff who holds one role at a unit.
func chi(ruolo, unita string) access.Chi {
	return access.Chi{Ente: demo.EnteID, Persona: "p-" + ruolo, Nome: ruolo, Mezzo: "web", Uffici: []string{access.Ufficio(ruolo, unita)}}
}
