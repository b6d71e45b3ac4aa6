package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"tutela/internal/fault"
	"tutela/internal/vault"
)

// GiorniCopie is how long a copy of the key store lives: a key that was ended is in no
// copy of ours after so many days.
const GiorniCopie = 14

// fileCopie, beside the keys, says where their copies go.
const fileCopie = "copie.json"

// FileCopie are the files of a folder of keys, besides server.key.
var FileCopie = []string{"chiavi.db", fileCopie}

// Copie is what whoever keeps the keys declared of their copies.
type Copie struct {
	Cartella string `json:"cartella"` // where the program makes them; empty: it makes none
	Altre    int    `json:"altre"`    // how many days other copies live, of disks or of machines; 0: there are none
	Qui      string `json:"qui"`      // the folder of keys that said so
}

// errAltrove says that the folder of keys is a copy of another, whose copies it must not
// mix with its own.
var errAltrove = fault.New(fault.Unavailable, "Questa cartella di chiavi è la copia di un'altra: le copie delle sue chiavi non vanno dove vanno quelle dell'altra. Di' di nuovo dove, con: tutela chiavi copia --in CARTELLA --altre GIORNI.")

// vera is a folder by its one name.
func vera(cartella string) string {
	v, err := filepath.EvalSymlinks(cartella)
	if err == nil {
		v, err = filepath.Abs(v)
	}
	if err != nil {
		return cartella
	}
	return v
}

// DoveCopia is the folder where copies of this key store are made; empty: none is. What
// was said of another folder of keys does not hold for its copy.
func (c *Chiavi) DoveCopia() (string, error) {
	k, err := LeggiCopie(c.dir)
	switch {
	case err != nil || k == nil || k.Cartella == "":
		return "", err
	case k.Qui != vera(c.dir):
		return "", errAltrove
	}
	return k.Cartella, nil
}

// Vive is how many days a key that was ended may live in a copy.
func (c Copie) Vive() int {
	if c.Cartella == "" {
		return c.Altre
	}
	return max(GiorniCopie, c.Altre)
}

// LeggiCopie reads what was declared beside the keys of a folder; nil: nothing.
func LeggiCopie(chiavi string) (*Copie, error) {
	b, err := os.ReadFile(filepath.Join(chiavi, fileCopie))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	c := &Copie{}
	if err == nil {
		err = json.Unmarshal(b, c)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Non leggo dove vanno le copie delle chiavi. Dillo di nuovo con: tutela chiavi copia --in CARTELLA --altre GIORNI.")
	}
	return c, nil
}

// Salva writes it beside the keys of a folder, whole or not at all.
func (c Copie) Salva(chiavi string) error {
	c.Qui = vera(chiavi)
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(chiavi, "."+fileCopie+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(append(b, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return rinomina(f.Name(), filepath.Join(chiavi, fileCopie))
}

// Copia is one copy of the key store.
type Copia struct {
	File     string
	Del      time.Time // as of this instant: what was ended later may be in it
	Byte     int64
	deposito string // whose it is
}

// oraCopia is how the name of a copy says its instant.
const oraCopia = "20060102T150405.000Z"

// nomeCopia is the name of a copy: of which key store, and its instant.
var nomeCopia = regexp.MustCompile(`^chiavi-([0-9a-f]{8})-(\d{8}T\d{6}\.\d{3}Z)\.db$`)

// deposito tells the copies of this key store from those of another in the same folder.
func (c *Chiavi) deposito() string { return hex.EncodeToString(c.ring.Derive("copie")[:4]) }

// CopieIn are the copies of key stores in a folder, newest first; what has another
// name is not ours.
func CopieIn(cartella string) ([]Copia, error) {
	ee, err := os.ReadDir(cartella)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "La cartella delle copie delle chiavi non si apre: "+cartella+". Controlla che il disco ci sia, e i permessi.")
	}
	var out []Copia
	for _, e := range ee {
		m := nomeCopia.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		del, err := time.Parse(oraCopia, m[2])
		i, errInfo := e.Info()
		if err == nil && errInfo == nil { // else it has just been deleted
			out = append(out, Copia{filepath.Join(cartella, e.Name()), del, i.Size(), m[1]})
		}
	}
	slices.SortFunc(out, func(a, b Copia) int { return b.Del.Compare(a.Del) })
	return out, nil
}

// sue are the copies of this key store in a folder.
func (c *Chiavi) sue(cartella string) ([]Copia, error) {
	cc, err := CopieIn(cartella)
	mio := c.deposito()
	return slices.DeleteFunc(cc, func(x Copia) bool { return x.deposito != mio }), err
}

// Copie are the copies of this key store, newest first, and what was declared of
// them: nil if nothing was.
func (c *Chiavi) Copie() (*Copie, []Copia, error) {
	k, err := LeggiCopie(c.dir)
	if err != nil || k == nil || k.Cartella == "" {
		return k, nil, err
	}
	cc, err := c.sue(k.Cartella)
	return k, cc, err
}

// Copia makes a copy now in a folder, and lets go of those whose time has passed.
func (c *Chiavi) Copia(ctx context.Context, cartella string) (Copia, error) {
	nuove := c.nuove.Swap(false)
	x, err := c.copia(ctx, cartella, nil)
	if err != nil && nuove {
		c.nuove.Store(true)
	}
	if err != nil {
		err = fault.Wrap(err, fault.Unavailable, "La copia delle chiavi in "+cartella+" non riesce. Controlla che il disco ci sia, lo spazio e i permessi.")
	}
	return x, errors.Join(err, c.sfoltisci(cartella)) // what is too old goes, whether or not a new one is there
}

// CopiaSeServe makes a copy if the newest is an hour old, if keys were made since, or
// if it has none of the slots to be given.
func (c *Chiavi) CopiaSeServe(ctx context.Context) error {
	cartella, err := c.DoveCopia()
	if err != nil || cartella == "" {
		return err
	}
	cc, err := c.sue(cartella)
	if err != nil {
		return err
	}
	ora := c.Now()
	cc = slices.DeleteFunc(cc, func(x Copia) bool { return x.Del.After(ora) }) // a clock was wrong
	if len(cc) > 0 && ora.Sub(cc[0].Del) < time.Hour && !c.nuove.Load() {
		ultimo, err := cc[0].Ultimo(ctx)
		prossimo, no := c.Prossimo(ctx)
		if no != nil || err == nil && prossimo <= ultimo+1 {
			return no
		}
	}
	_, err = c.Copia(ctx, cartella)
	return err
}

// copia makes a copy that is on disk, whole, before it returns: of the key store as it
// is, with a change if there is one.
func (c *Chiavi) copia(ctx context.Context, cartella string, fa func(*sql.Tx) error) (Copia, error) {
	x := Copia{Del: c.Now().UTC().Truncate(time.Millisecond), deposito: c.deposito()}
	nome := "chiavi-" + x.deposito + "-" + x.Del.Format(oraCopia) + ".db"
	x.File = filepath.Join(cartella, nome)
	f, err := os.CreateTemp(cartella, "."+nome+"-*") // mode 0600
	if err != nil {
		return x, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if err := f.Close(); err != nil {
		return x, err
	}
	if _, err := c.db.ExecContext(ctx, `vacuum into $1`, f.Name()); err != nil {
		return x, err
	}
	if err := cambia(ctx, f.Name(), fa); err != nil {
		return x, err
	}
	if err := sincronizza(f.Name()); err != nil {
		return x, err
	}
	if err := Intera(ctx, f.Name(), c.ring); err != nil {
		return x, err
	}
	if i, err := os.Stat(f.Name()); err == nil {
		x.Byte = i.Size()
	}
	return x, rinomina(f.Name(), x.File)
}

// cambia does a change in a copy.
func cambia(ctx context.Context, file string, fa func(*sql.Tx) error) error {
	if fa == nil {
		return nil
	}
	db, err := sql.Open("sqlite", fileURI(file)+"?_pragma=journal_mode(DELETE)&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)")
	if err != nil {
		return err
	}
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err = fa(t); err == nil {
		err = t.Commit()
	}
	_ = t.Rollback()
	return errors.Join(err, db.Close())
}

// ErrServerKey says that a copy is whole, and that this server's key does not open it.
var ErrServerKey = errors.New("the server's key does not open it")

// Intera tries a copy: no page of it is broken, and the server's key opens it, else
// ErrServerKey.
func Intera(ctx context.Context, file string, ring *vault.KeyRing) error {
	db, err := sql.Open("sqlite", fileURI(file)+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	var esito string
	var radice []byte
	if err = db.QueryRowContext(ctx, `pragma quick_check(1)`).Scan(&esito); err == nil && esito != "ok" {
		err = errors.New("the file is broken: " + esito)
	}
	if err == nil {
		err = db.QueryRowContext(ctx, `select chiusa from radice`).Scan(&radice)
	}
	if err == nil && !ring.OpensRoot(radice) {
		err = ErrServerKey
	}
	return errors.Join(err, db.Close())
}

// sfoltisci deletes the copies that the ring lets go, and what a copy that was stopped
// left behind.
func (c *Chiavi) sfoltisci(cartella string) error {
	cc, err := c.sue(cartella)
	if err != nil {
		return err
	}
	ora := c.Now()
	for _, x := range diTroppo(cc, ora) {
		err = errors.Join(err, os.Remove(x.File))
	}
	ee, _ := os.ReadDir(cartella)
	for _, e := range ee {
		i, errInfo := e.Info()
		if strings.HasPrefix(e.Name(), ".chiavi-"+c.deposito()+"-") && errInfo == nil && ora.Sub(i.ModTime()) > time.Hour {
			err = errors.Join(err, os.Remove(filepath.Join(cartella, e.Name())))
		}
	}
	return err
}

// diTroppo are the copies that the ring lets go: of a day the newest of each hour
// stays, of fourteen the newest of each day, and the newest of all whatever its age.
// One from the future, of a clock that was wrong, stays.
func diTroppo(cc []Copia, ora time.Time) []Copia {
	var out []Copia
	visti := map[string]bool{}
	for _, x := range cc {
		eta := ora.Sub(x.Del)
		posto := x.Del.Format("20060102")
		if eta < 24*time.Hour {
			posto = x.Del.Format("20060102T15")
		}
		switch {
		case eta < 0:
		case len(visti) > 0 && (eta >= GiorniCopie*24*time.Hour || visti[posto]):
			out = append(out, x)
		default:
			visti[posto] = true
		}
	}
	return out
}

// custodisce does a change that must not be on one disk alone. Where copies are made
// it is first in one of them: if that fails nothing has changed.
func (c *Chiavi) custodisce(ctx context.Context, cosa string, fa func(*sql.Tx) error) error {
	cartella, err := c.DoveCopia()
	if err != nil {
		return err
	}
	if cartella == "" || c.Now == nil {
		return c.scrive(ctx, cosa, fa)
	}
	var no error // why the change itself was refused
	x, err := c.copia(ctx, cartella, func(t *sql.Tx) error { no = fa(t); return no })
	switch {
	case no != nil:
		return fmt.Errorf("%s: %w", cosa, no)
	case err != nil:
		return fault.Wrap(err, fault.Unavailable, "Non è cambiato nulla: la copia delle chiavi non riesce, e senza copia le chiavi nuove si perderebbero con il disco. Chiama chi cura il server, poi riprova.")
	}
	if err := c.scrive(ctx, cosa, fa); err != nil {
		return errors.Join(err, os.Remove(x.File))
	}
	return nil
}

// DaCopia makes a copy ready to be the key store: what was given since it was made is
// not known here, and none of it may be given again.
func DaCopia(ctx context.Context, file string) error {
	return cambia(ctx, file, func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, `update prossimo set slot = max(slot, (select coalesce(max(id), 0) + 1 from slot))`)
		return err
	})
}

// Ultimo is the last slot of a copy.
func (x Copia) Ultimo(ctx context.Context) (n int64, err error) {
	db, err := sql.Open("sqlite", fileURI(x.File)+"?mode=ro&immutable=1")
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, `select coalesce(max(id), 0) from slot`).Scan(&n)
	return n, errors.Join(err, db.Close())
}

func rinomina(da, a string) error {
	if err := os.Rename(da, a); err != nil {
		return err
	}
	return sincronizza(filepath.Dir(a))
}

// sincronizza brings a file, or the names of a folder, onto the disk.
func sincronizza(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
