package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/vault"
)

// dove says where an installation's data and keys are.
type dove struct {
	Data string `help:"Folder of the data." default:"dati" type:"path" placeholder:"DIR"`
	DB   string `help:"PostgreSQL address instead of the embedded database." placeholder:"postgres://…"`
	Keys string `help:"Folder of the keys; apart from the data is better." type:"path" placeholder:"DIR"`
}

// orologio is the office's clock: the machine's, moved by a fixed stretch in a
// demonstration. Safe for many goroutines.
type orologio struct{ spostamento atomic.Int64 }

// Now is the office's instant.
func (o *orologio) Now() time.Time { return time.Now().Add(time.Duration(o.spostamento.Load())) }

// metti moves the clock to t; it goes on from there.
func (o *orologio) metti(t time.Time) { o.spostamento.Store(int64(time.Until(t))) }

// impianto is a running installation: every part, wired.
type impianto struct {
	orologio *orologio
	anello   *vault.KeyRing
	chiavi   *store.Chiavi
	store    *store.Store
	blobs    *document.Blobs
	pool     *vault.Pool
	ambienti *pratica.Ambienti
	servizio *pratica.Servizio
	auth     *auth.Auth
}

// apri opens an installation, and makes it when crea is set. Where data are and
// keys are not it stops: a new key would open none of them.
func apri(ctx context.Context, d dove, o *orologio, costo auth.Costo) (_ *impianto, err error) {
	cartella := d.Keys
	if cartella == "" {
		cartella = filepath.Join(d.Data, "chiavi")
	}
	server := filepath.Join(cartella, "server.key")
	_, errDati := os.Stat(filepath.Join(d.Data, "tutela.db"))
	_, errChiave := os.Stat(server)
	if errDati == nil && errors.Is(errChiave, fs.ErrNotExist) {
		return nil, fault.New(fault.Unavailable, "Ci sono i dati ma non la chiave "+server+". Rimettila al suo posto: senza, nulla si apre.")
	}
	i := &impianto{orologio: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, i.chiudi())
		}
	}()
	if i.anello, err = vault.LoadKeyRing(server, true); err != nil {
		return nil, err
	}
	if i.chiavi, err = store.OpenKeys(ctx, cartella, i.anello); err != nil {
		return nil, err
	}
	if i.store, err = store.Open(ctx, store.Config{Dir: d.Data, URL: d.DB, Now: o.Now}); err != nil {
		return nil, err
	}
	massimo, err := i.store.UltimoSlot(ctx)
	if err != nil {
		return nil, err
	}
	if err = i.chiavi.Oltre(ctx, massimo); err != nil {
		return nil, fmt.Errorf("advance key store: %w", err)
	}
	if i.blobs, err = document.OpenBlobs(filepath.Join(d.Data, "allegati")); err != nil {
		return nil, err
	}
	i.pool = vault.NewPool(i.chiavi)
	i.ambienti = pratica.NewAmbienti(i.store, o.Now)
	if err = i.ambienti.Ricarica(ctx); err != nil {
		return nil, err
	}
	i.servizio = &pratica.Servizio{Arch: i.store, Anello: i.anello, Pool: i.pool, Slots: i.chiavi,
		Parole: vault.NewTokenizers(pratica.ChiaveIndice(i.anello)), Ambiente: i.ambienti.Di, Now: o.Now}
	i.auth = auth.New(auth.Config{Archivio: i.store, Ring: i.anello, Now: o.Now, Costo: costo,
		Uffici: func(ente string, inc []access.Incarico, oggi day.Date) []string {
			return i.ambienti.UfficiDi(ente, inc, oggi)
		}})
	i.servizio.Persona = func(ctx context.Context, ente, id string) error {
		_, err := i.auth.Nome(ctx, ente, id)
		return err
	}
	return i, nil
}

func (i *impianto) chiudi() error {
	var errs []error
	if i.pool != nil {
		i.pool.Close()
	}
	if i.store != nil {
		errs = append(errs, i.store.Close())
	}
	if i.chiavi != nil {
		errs = append(errs, i.chiavi.Close())
	}
	return errors.Join(errs...)
}

// unico is the one ente of the installation.
func (i *impianto) unico() (*pratica.Ente, error) {
	enti := i.ambienti.Enti()
	if len(enti) == 0 {
		return nil, fault.New(fault.NotFound, "Manca l'ente. Crealo con: tutela ente crea --nome … --telefono …")
	}
	return i.ambienti.Ente(enti[0]), nil
}
