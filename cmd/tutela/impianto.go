package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/child"
	"tutela/internal/custody"
	"tutela/internal/day"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/store"
	"tutela/internal/vault"
)

// dove says where an installation's data and keys are.
type dove struct {
	Data string `help:"Cartella dei dati: dati se non la dici." default:"dati" type:"path" placeholder:"CARTELLA"`
	DB   string `help:"Indirizzo di PostgreSQL, al posto del database incluso." placeholder:"postgres://…"`
	Keys string `help:"Cartella delle chiavi; meglio se lontana dai dati." type:"path" placeholder:"CARTELLA"`
}

// impianto is a running installation: every part, wired.
type impianto struct {
	dove     dove
	cartella string // of the keys
	lascia   func() // lets go of it
	serve    bool   // the program serves with these keys: this one, or another
	orologio *orologio
	anello   *vault.KeyRing
	chiavi   *store.Chiavi
	store    *store.Store
	blobs    *document.Blobs
	pool     *vault.Pool
	ambienti *pratica.Ambienti
	servizio *pratica.Servizio
	auth     *auth.Auth
	custody  *custody.Custody
	figlio   *child.Child // opens what came from outside
	rotto    error        // the database no longer holds what was signed
}

// apri opens an installation that is there: a folder mistyped must not become one.
func apri(ctx context.Context, d dove) (*impianto, error) {
	return monta(ctx, d, &orologio{}, vault.Costo{}, modo{})
}

// apriSola is apri while no other program has the keys open.
func apriSola(ctx context.Context, d dove) (*impianto, error) {
	return monta(ctx, d, &orologio{}, vault.Costo{}, modo{sola: true})
}

// fonda opens an installation, and makes it where there is none.
func fonda(ctx context.Context, d dove, o *orologio, costo vault.Costo) (*impianto, error) {
	return monta(ctx, d, o, costo, modo{nuova: true})
}

// modo is how an installation is opened: made where there is none, and with its keys
// for this program alone.
type modo struct{ nuova, sola bool }

// chiavi is the folder of the keys.
func (d dove) chiavi() string {
	if d.Keys != "" {
		return d.Keys
	}
	return filepath.Join(d.Data, "chiavi")
}

// monta wires an installation. Where data are and keys are not it stops: a new key
// would open none of them.
func monta(ctx context.Context, d dove, o *orologio, costo vault.Costo, m modo) (_ *impianto, err error) {
	if d.Data == "" {
		return nil, fault.New(fault.Bad, "--data: scrivi una cartella.")
	}
	cartella, nuova := d.chiavi(), m.nuova
	if err := errors.Join(nonFile("--data", d.Data), nonFile("--keys", d.Keys)); err != nil {
		return nil, err
	}
	if !nuova && !esiste(d.Data) {
		return nil, d.nonCe()
	}
	if err := difendi(); err != nil { // before any key is in memory
		slog.Warn("this process could not be kept from leaving its memory on a disk", "err", err)
	}
	i := &impianto{dove: d, cartella: cartella, orologio: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, i.chiudi())
		}
	}()
	if esiste(cartella) { // a new one is nobody's yet
		if i.lascia, err = serra(cartella, m.sola); err != nil {
			return nil, err
		}
		if esiste(filepath.Join(cartella, inArrivo)) {
			return nil, fault.New(fault.Unavailable, "In "+cartella+" le chiavi stanno arrivando: lo spostamento si è fermato. Ripeti lo stesso comando: tutela chiavi sposta.")
		}
	}
	i.store, err = store.Open(ctx, store.Config{Dir: d.Data, URL: d.DB, Now: o.Now, Existing: !nuova})
	if fault.Is(err, fault.NotFound) {
		return nil, d.nonCe()
	}
	if err != nil {
		return nil, err
	}
	massimo, err := i.store.UltimoSlot(ctx)
	if err != nil {
		return nil, err
	}
	enti, err := i.store.Enti(ctx)
	if err != nil {
		return nil, err
	}
	server, chiavi := filepath.Join(cartella, "server.key"), filepath.Join(cartella, "chiavi.db")
	nuova = nuova && len(enti) == 0 && !esiste(chiavi)
	for _, f := range []string{server, chiavi} {
		if v := veraCartella(cartella) + vecchie; !nuova && !esiste(f) && esiste(v) {
			return nil, fault.New(fault.Unavailable, "Le chiavi sono in "+v+": lo spostamento si è fermato. Ripeti lo stesso comando: tutela chiavi sposta.")
		}
		if !nuova && !esiste(f) {
			return nil, fault.New(fault.Unavailable, "Ci sono i dati ma non la chiave "+f+". Rimettila al suo posto, o scrivi dov'è con --keys: senza, nulla si apre.")
		}
	}
	if i.anello, err = vault.LoadKeyRing(server, nuova); err != nil {
		return nil, err
	}
	if i.lascia == nil {
		if i.lascia, err = serra(cartella, false); err != nil {
			return nil, err
		}
	}
	if i.chiavi, err = store.OpenKeys(ctx, cartella, i.anello); err != nil {
		return nil, err
	}
	i.chiavi.Now = o.Now
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
	i.servizio = &pratica.Servizio{Arch: i.store, Anello: i.anello, Pool: i.pool, Slots: i.chiavi, Comparti: i.chiavi, Chiavi: i.chiavi,
		Parole: vault.NewTokenizers(i.chiavi), Ambiente: i.ambienti.Di, Now: o.Now,
		Log: &registro.Log{Arch: i.store, Keys: i.chiavi, Now: o.Now}}
	if i.servizio.Protocollo, err = d.protocolloEnte(); err != nil {
		return nil, err
	}
	if i.servizio.Segnante, err = d.segnante(); err != nil {
		return nil, err
	}
	i.servizio.Log.Broken = func(err error) { i.store.Ferma(nonTorna(err)) }
	i.auth = auth.New(auth.Config{Archivio: i.store, Chiavi: i.chiavi, Ring: i.anello, Now: o.Now, Costo: costo,
		Uffici: func(ente string, inc []access.Incarico, oggi day.Date) []string {
			return i.ambienti.UfficiDi(ente, inc, oggi)
		}})
	i.custody = &custody.Custody{Chiavi: i.chiavi, Registro: i.store, Auth: i.auth, Now: o.Now}
	if programma, err := os.Executable(); err == nil { // else no copies of files are made, and the page says so
		i.figlio = child.New(programma, "figlio")
	}
	i.servizio.Ricifra = func(_ context.Context, da, a pratica.Sealed) (string, error) {
		return i.blobs.Again(da.Dove, da.Chiave, da.Contesto, a.Chiave, a.Contesto)
	}
	i.servizio.Holding = i.auth.Holding
	i.servizio.Persona = func(ctx context.Context, ente, id string) error {
		_, err := i.auth.Nome(ctx, ente, id)
		return err
	}
	altrove, err := i.chiavi.EndedElsewhere(ctx)
	if err != nil {
		slog.Warn("what was eliminated could not be read in the copies of the keys", "err", err)
	}
	if len(altrove) > 0 {
		i.rotto = &piuNuova{len(altrove)}
	}
	for _, ente := range i.ambienti.Enti() {
		if i.rotto == nil {
			i.rotto = i.servizio.Log.Whole(ctx, ente)
		}
	}
	if i.rotto != nil {
		i.store.Ferma(nonTorna(i.rotto))
		return i, nil // nothing is done in it before a person says what happened
	}
	for _, ente := range i.ambienti.Enti() { // before anybody reads
		if err = i.servizio.Rielimina(ctx, ente, i.chiavi); err != nil {
			return nil, fmt.Errorf("eliminate again: %w", err)
		}
	}
	return i, nil
}

// veraCartella is where a folder of keys that was moved is: there may be nothing there.
func veraCartella(cartella string) string {
	if v, err := os.Readlink(cartella); err == nil {
		return v
	}
	return cartella
}

// esiste reports whether there is something at path, even if it cannot be read.
func esiste(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// nonFile refuses what should be a folder and is a file, or leads through one.
func nonFile(opzione, path string) error {
	s, err := os.Stat(path)
	if path != "" && (err == nil && !s.IsDir() || errors.Is(err, syscall.ENOTDIR)) {
		return fault.New(fault.Bad, opzione+": "+path+" è un file, o passa per un file. Scrivi una cartella.")
	}
	return nil
}

// nonCe says that an installation is not where it was looked for.
func (d dove) nonCe() error {
	qui := "In " + d.Data
	if d.DB != "" && esiste(d.Data) {
		qui = "In quel database"
	}
	return fault.New(fault.NotFound, qui+" non c'è un'installazione. Controlla --data, --db e --keys. Una nuova si fa con: tutela ente crea.")
}

func (i *impianto) chiudi() error {
	var errs []error
	if i.figlio != nil {
		i.figlio.Close()
	}
	if i.pool != nil {
		i.pool.Close()
	}
	if i.store != nil {
		errs = append(errs, i.store.Close())
	}
	if i.chiavi != nil {
		errs = append(errs, i.chiavi.Close())
	}
	if i.lascia != nil {
		i.lascia()
	}
	return errors.Join(errs...)
}

// unico is the one ente of the installation.
func (i *impianto) unico() (*pratica.Ente, error) {
	enti := i.ambienti.Enti()
	if len(enti) == 0 {
		return nil, fault.New(fault.NotFound, "Manca l'ente. Crealo con: tutela ente crea --id … --nome … --telefono …")
	}
	return i.ambienti.Ente(enti[0]), nil
}
