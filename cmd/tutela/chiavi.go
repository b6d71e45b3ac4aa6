package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/store"
	"tutela/internal/vault"
)

type chiaviCmd struct {
	Sposta   chiaviSpostaCmd   `cmd:"" help:"Sposta le chiavi in un'altra cartella; il programma deve essere fermo."`
	Ruota    chiaviRuotaCmd    `cmd:"" help:"Crea una chiave del server nuova e richiude tutto con quella; il programma deve essere fermo."`
	Copia    chiaviCopiaCmd    `cmd:"" help:"Copia ora il deposito delle chiavi; di' dove copiarlo da solo, e per quanto vivono le altre copie."`
	Copie    chiaviCopieCmd    `cmd:"" help:"Le copie del deposito delle chiavi, dalla più nuova."`
	Riprendi chiaviRiprendiCmd `cmd:"" help:"Mette la copia più nuova al posto di un deposito delle chiavi perso o rotto; il programma deve essere fermo."`
}

// Names that tell where a move was stopped.
const (
	inArrivo = "in-arrivo" // in the new folder, until it is the one that counts
	vecchie  = ".vecchie"  // after the name of the old one, once it counts no more
)

// fermate is where a test ends a command, as kill -9 would.
type fermate func(passo string) error

func (f fermate) qui(passo string) error {
	if f == nil {
		return nil
	}
	return f(passo)
}

type chiaviSpostaCmd struct {
	dove
	Dove    string  `arg:"" name:"cartella" help:"Cartella da creare, fuori dai dati." type:"path"`
	fermate fermate `kong:"-"`
}

// Run moves the keys: copied, tried, and only then taken away from where they were.
// Stopped at any moment, no key is lost, and the same command goes on.
func (c *chiaviSpostaCmd) Run(a *ambito) error {
	nuova, err := c.controlla()
	if err != nil {
		return err
	}
	segno := filepath.Join(nuova, inArrivo)
	vecchia := c.vecchia(segno)
	if x, err := os.Lstat(vecchia); err == nil && x.IsDir() { // it is still the one that counts
		if err := c.copia(a, vecchia, nuova); err != nil {
			return err
		}
	}
	if c.Keys == "" {
		if err := collega(nuova, c.chiavi()); err != nil {
			return fault.Wrap(err, fault.Unavailable, "Le chiavi sono in "+nuova+", ma nei dati non si scrive dove. Controlla i permessi, e ripeti.")
		}
	}
	if err := c.fermate.qui("collegata"); err != nil {
		return err
	}
	if err := os.RemoveAll(vecchia + vecchie); err != nil {
		return fault.Wrap(err, fault.Unavailable, "Le chiavi sono in "+nuova+", ma le vecchie in "+vecchia+vecchie+" non si tolgono. Controlla i permessi, e ripeti.")
	}
	if err := c.fermate.qui("tolta la vecchia"); err != nil {
		return err
	}
	if err := errors.Join(togli(segno), sincronizza(nuova)); err != nil {
		return err
	}
	poi := "D'ora in poi scrivi --keys " + nuova
	if c.Keys == "" {
		poi = "Il programma le trova da sé, e --keys non serve"
	}
	_, err = fmt.Fprintf(a.out, "Le chiavi sono in %s. %s. Le copie già fatte, con chiavi e dati insieme, si aprono ancora: eliminale.\n", nuova, poi)
	return err
}

// vecchia is the folder that keys are moved from: what a move that was stopped wrote
// down, else where they are.
func (c *chiaviSpostaCmd) vecchia(segno string) string {
	if b, err := os.ReadFile(segno); err == nil && len(b) > 0 {
		return string(b)
	}
	if v, err := filepath.EvalSymlinks(c.chiavi()); err == nil {
		return v
	}
	return c.chiavi() // opening it will say what is wrong
}

// controlla says where the keys go, if they may.
func (c *chiaviSpostaCmd) controlla() (nuova string, err error) {
	if err := errors.Join(nonFile("--data", c.Data), nonFile("cartella", c.Dove)); err != nil {
		return "", err
	}
	dati, err := filepath.EvalSymlinks(c.Data)
	if err != nil {
		return "", c.nonCe()
	}
	if err := os.MkdirAll(c.Dove, 0o700); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "Non posso creare "+c.Dove+". Controlla i permessi.")
	}
	if nuova, err = filepath.EvalSymlinks(c.Dove); err != nil {
		return "", err
	}
	if dentro, err := filepath.Rel(dati, nuova); err == nil && dentro != ".." && !strings.HasPrefix(dentro, "../") {
		return "", fault.New(fault.Bad, "La cartella delle chiavi deve stare fuori da quella dei dati.")
	}
	altri, err := os.ReadDir(nuova)
	if err == nil && len(altri) > 0 && !esiste(filepath.Join(nuova, inArrivo)) {
		return "", fault.New(fault.Conflict, nuova+" non è vuota. Scegli una cartella vuota, o nuova.")
	}
	return nuova, err
}

// copia makes a copy of the keys that is on disk and opens everything; then it is the
// one that counts.
func (c *chiaviSpostaCmd) copia(a *ambito, vecchia, nuova string) error {
	i, err := apriSola(a, c.dove) // it is an installation, whole, and nobody else's
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	i.pool.Close()
	err = i.chiavi.Close() // its journal goes into the file
	if i.pool, i.chiavi = nil, nil; err != nil {
		return err
	}
	if err := scrivi(filepath.Join(nuova, inArrivo), strings.NewReader(vecchia)); err != nil {
		svuota(nuova)
		return fault.Wrap(err, fault.Unavailable, "Non posso scrivere in "+nuova+". Controlla permessi e spazio.")
	}
	if err := errors.Join(sincronizza(nuova), c.fermate.qui("annunciata")); err != nil {
		return err
	}
	for _, nome := range append(slices.Clone(store.FileCopie), "server.key") {
		if nome != "chiavi.db" && !esiste(filepath.Join(vecchia, nome)) { // nothing was declared of copies
			continue
		}
		if err := copiaFile(filepath.Join(vecchia, nome), filepath.Join(nuova, nome)); err != nil {
			svuota(nuova)
			return fault.Wrap(err, fault.Unavailable, "La copia delle chiavi non è riuscita: quelle di prima sono al loro posto. Controlla permessi e spazio.")
		}
		if err := c.fermate.qui("copiata " + nome); err != nil {
			return err
		}
	}
	if k, err := store.LeggiCopie(nuova); err == nil && k != nil { // its copies go on where they went
		if err := k.Salva(nuova); err != nil {
			svuota(nuova)
			return fault.Wrap(err, fault.Unavailable, "Non posso scrivere in "+nuova+". Controlla permessi e spazio.")
		}
	}
	if err := errors.Join(sincronizza(nuova), apreTutto(a, nuova)); err != nil {
		svuota(nuova)
		return fault.Wrap(err, fault.Unavailable, "La copia delle chiavi non si apre: quelle di prima sono al loro posto.")
	}
	if err := c.fermate.qui("provata"); err != nil {
		return err
	}
	if err := os.Rename(vecchia, vecchia+vecchie); err != nil { // while nobody else has them open
		return fault.Wrap(err, fault.Unavailable, "Le chiavi sono copiate, ma quelle vecchie non si spostano. Controlla i permessi, e ripeti.")
	}
	if err := sincronizza(filepath.Dir(vecchia)); err != nil {
		return err
	}
	return c.fermate.qui("conta la nuova")
}

// svuota takes a move that cannot go on out of its new folder: no half of a key stays.
func svuota(nuova string) {
	for _, nome := range append(slices.Clone(store.FileCopie), "chiavi.db-wal", "chiavi.db-shm", "server.key", inArrivo) { // what says it is a move goes last
		if err := togli(filepath.Join(nuova, nome)); err != nil {
			slog.Warn("a file of a move that failed stays", "file", nome, "err", err)
		}
	}
}

// apreTutto opens the keys in a folder, all of them.
func apreTutto(ctx context.Context, cartella string) error {
	anello, err := vault.LoadKeyRing(filepath.Join(cartella, "server.key"), false)
	if err != nil {
		return err
	}
	k, err := store.OpenKeys(ctx, cartella, anello)
	if err != nil {
		return err
	}
	rotte, err := k.Unopened(ctx, anello)
	if err == nil && rotte > 0 {
		err = fmt.Errorf("%d keys do not open", rotte)
	}
	return errors.Join(err, k.Close())
}

func copiaFile(da, a string) error {
	f, err := os.Open(da)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return scrivi(a, f)
}

// scrivi makes a file, on disk before it returns, that nobody else reads.
func scrivi(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// collega makes path lead to a folder, at once: what was there must be such a way too.
func collega(cartella, path string) error {
	if err := togli(path + ".nuovo"); err != nil {
		return err
	}
	if err := os.Symlink(cartella, path+".nuovo"); err != nil {
		return err
	}
	if err := os.Rename(path+".nuovo", path); err != nil {
		return err
	}
	return sincronizza(filepath.Dir(path))
}

func togli(path string) error {
	if err := os.Remove(path); esiste(path) {
		return err
	}
	return nil
}

func sincronizza(cartella string) error {
	d, err := os.Open(cartella)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

type chiaviRuotaCmd struct {
	dove
	Togli   bool    `help:"Toglie la chiave del server vecchia: le copie delle chiavi fatte prima non si aprono più."`
	fermate fermate `kong:"-"`
}

// Run seals everything under a new version of the server's key. Stopped at any
// moment, everything opens, and the same command goes on.
func (c *chiaviRuotaCmd) Run(a *ambito) error {
	i, err := apriSola(a, c.dove)
	if err != nil {
		return err
	}
	versioni := i.anello.Versions()
	err = i.copiaDetta(a) // where copies are made and this one fails, nothing is changed
	if err == nil && c.Togli {
		err = i.nessunaVecchia(a)
	}
	if err := errors.Join(err, i.chiudi()); err != nil {
		return err
	}
	server := filepath.Join(c.chiavi(), "server.key")
	switch {
	case c.Togli && versioni == 1:
		return fault.New(fault.Bad, "C'è una chiave del server sola: nessuna è da togliere.")
	case !c.Togli:
		if err := errors.Join(vault.AddKeyVersion(server), c.fermate.qui("riga nuova")); err != nil {
			return err
		}
	}
	if i, err = apriSola(a, c.dove); err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	fatte, rotte, err := i.risigilla(a, c.fermate)
	if err != nil {
		return err
	}
	if rotte > 0 {
		return fault.New(fault.Unavailable, "La chiave nuova è in uso, ma "+i18n.Plural(rotte, "segreto non si apre", "segreti non si aprono")+
			" con nessuna: era così anche prima. La chiave vecchia resta.")
	}
	if err := i.copiaDetta(a); err != nil {
		return fault.Wrap(err, fault.Unavailable, "La chiave nuova è in uso, ma la copia del deposito delle chiavi non riesce: falla appena puoi con tutela chiavi copia.")
	}
	if !c.Togli && versioni > 1 && fatte == 0 { // the rotation before was done: who fears for its key too must know
		return fault.New(fault.Conflict, "Non ho fatto una chiave nuova: c'è già quella dell'ultima volta, e sigilla tutto. "+
			"Per farne un'altra elimina le copie di prima e togli la vecchia con: tutela chiavi ruota --togli.")
	}
	if !c.Togli {
		_, err = fmt.Fprintf(a.out, "La chiave del server è nuova: %s di nuovo. Fai subito una copia di server.key e di chiavi.db.\n"+
			"La chiave vecchia resta in server.key, per le copie di chiavi.db fatte prima. Quando le avrai eliminate tutte: tutela chiavi ruota --togli\n",
			i18n.Plural(fatte, "segreto sigillato", "segreti sigillati"))
		return err
	}
	if err := vault.DropKeyVersions(server); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, "La chiave vecchia è tolta. Fai subito una copia di server.key, ed elimina le copie di prima.")
	return err
}

// risigilla seals all that is under an older version of the server's key, and counts
// what the current one alone does not open.
func (i *impianto) risigilla(ctx context.Context, f fermate) (fatte, rotte int, err error) {
	if fatte, err = i.chiavi.Reseal(ctx); err != nil {
		return fatte, 0, err
	}
	if err := f.qui("deposito"); err != nil {
		return fatte, 0, err
	}
	if rotte, err = i.chiavi.Unopened(ctx, i.anello.Alone()); err != nil {
		return fatte, rotte, err
	}
	for _, ente := range i.ambienti.Enti() {
		n, no, err := i.auth.Reseal(ctx, ente)
		if err != nil {
			return fatte, rotte, err
		}
		fatte, rotte = fatte+n, rotte+no
	}
	return fatte, rotte, f.qui("fattori")
}
