package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"tutela/bench/grezzo"
	"tutela/internal/access"
	"tutela/internal/demo"
	"tutela/internal/pratica"
)

// dati is where an installation's data are.
type dati struct {
	motore string // sqlite or postgres
	casi   int
	dir    string
	url    string // of PostgreSQL; empty: SQLite in dir
}

// magazzino keeps filled folders between runs, under the system's temporary
// folder: filling is slow, and the same schema gives the same rows.
type magazzino struct {
	dir  string
	base *url.URL // of the cluster, when one was needed
	via  func()
}

func nuovoMagazzino(postgres bool) (*magazzino, error) {
	schema, err := impronta("internal/store/migrations")
	if err != nil {
		return nil, fmt.Errorf("run from the project's folder: %w", err)
	}
	m := &magazzino{dir: filepath.Join(os.TempDir(), "tutela-bench", schema), via: func() {}}
	if err := os.MkdirAll(m.dir, 0o755); err != nil { //nolint:gosec // the database server runs as another user
		return nil, err
	}
	if !postgres {
		return m, nil
	}
	pg := filepath.Join(m.dir, "pg")
	if err := os.MkdirAll(pg, 0o700); err != nil {
		return nil, err
	}
	m.base, m.via, err = cluster(pg)
	return m, err
}

// impronta names the schema: the migrations' own bytes.
func impronta(dir string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p) //nolint:gosec // our own files
		h.Write(b)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:8], err
}

func (m *magazzino) db(nome string) string {
	if m.base == nil {
		return ""
	}
	u := *m.base
	u.Path = "/" + nome
	return u.String()
}

// pieno gives the folder with so many cases, and fills it the first time.
func (m *magazzino) pieno(ctx context.Context, motore string, casi int) (dati, error) {
	nome := fmt.Sprintf("%s_%d", motore, casi)
	d := dati{motore: motore, casi: casi, dir: filepath.Join(m.dir, nome)}
	if motore == "postgres" {
		d.url = m.db(nome)
	}
	if _, err := os.Stat(filepath.Join(d.dir, "pieno")); err == nil {
		return d, nil
	}
	if err := os.RemoveAll(d.dir); err != nil {
		return d, err
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return d, err
	}
	if d.url != "" {
		if err := grezzo.Crea(ctx, m.db("postgres"), nome, ""); err != nil {
			return d, err
		}
	}
	fmt.Fprintf(os.Stderr, "filling %s with %d cases…\n", motore, casi)
	inizio := time.Now()
	err := riempi(ctx, d)
	fmt.Fprintf(os.Stderr, "filled in %s\n", time.Since(inizio).Round(time.Second))
	return d, err
}

// copia gives a folder of its own with the same cases, for measures that write.
// A large one is used as it is: what a run adds is little against it.
func (m *magazzino) copia(ctx context.Context, d dati) (dati, error) {
	if d.casi > 100_000 {
		return d, nil
	}
	c := d
	c.dir = filepath.Join(m.dir, "copia")
	if err := os.RemoveAll(c.dir); err != nil {
		return c, err
	}
	if err := exec.CommandContext(ctx, "cp", "-r", d.dir, c.dir).Run(); err != nil { //nolint:gosec // our own folders
		return c, fmt.Errorf("copy data: %w", err)
	}
	if d.url == "" {
		return c, nil
	}
	c.url = m.db("copia")
	return c, grezzo.Crea(ctx, m.db("postgres"), "copia", filepath.Base(d.dir))
}

// periodo is over which the cases of a filled folder are spread, up to yesterday.
const periodo = 480 * 24 * time.Hour

// riempi makes the demonstration ente, and lets so many reports come in by the
// same commands as anybody's; some are then worked.
func riempi(ctx context.Context, d dati) error {
	if d.url != "" { // nothing is lost if a filling stops: it begins again
		d.url += "&synchronous_commit=off"
	}
	i, err := apri(ctx, d)
	if err != nil {
		return err
	}
	adesso := time.Now()
	_, err = demo.Carica(ctx, demo.Porte{Servizio: i.servizio, Ambienti: i.ambienti, Auth: i.auth, Metti: i.orologio.metti, SenzaUPT: true}, adesso.Add(-24*time.Hour-periodo))
	if err == nil {
		err = i.riempi(ctx, adesso)
	}
	if err == nil {
		err = i.aggiorna(ctx)
	}
	if err == nil && d.url != "" {
		err = grezzo.Riordina(ctx, d.url)
	}
	if err := errors.Join(err, i.chiudi()); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, "pieno"), nil, 0o600)
}

func (i *impianto) riempi(ctx context.Context, adesso time.Time) error {
	const lotto = 1000
	for da := 0; da < i.dati.casi; da += lotto {
		i.orologio.metti(adesso.Add(-24*time.Hour - periodo + time.Duration(float64(periodo)*float64(da)/float64(i.dati.casi))))
		if err := i.lotto(ctx, da, min(lotto, i.dati.casi-da)); err != nil {
			return err
		}
		if da/lotto%8 == 7 {
			if err := i.indicizza(ctx); err != nil {
				return err
			}
		}
		if da%100_000 == 0 && da > 0 {
			fmt.Fprintf(os.Stderr, "  %s: %d\n", i.dati.motore, da)
		}
	}
	return nil
}

// lotto brings in n reports at once and works some of them.
func (i *impianto) lotto(ctx context.Context, da, n int) error {
	const insieme = 64
	errori := make([]error, insieme)
	var wg sync.WaitGroup
	for w := range insieme {
		wg.Go(func() {
			f := nuovaFabbrica(uint64(da + w))
			for k := da + w; errori[w] == nil && k < da+n; k += insieme {
				c, nu := f.nuova(k)
				r, err := i.servizio.Registra(ctx, c, nu)
				if err == nil {
					err = i.lavora(ctx, k/60, r)
				}
				errori[w] = err
			}
		})
	}
	wg.Wait()
	return errors.Join(errori...)
}

// lavora takes four cases in ten through some of the procedure, so that phases,
// terms and work lists differ: two are taken in charge, two are closed at once.
func (i *impianto) lavora(ctx context.Context, k int, r pratica.Ricevuta) error {
	if k%10 > 3 {
		return nil
	}
	h, _, err := i.servizio.Arch.Leggi(ctx, r.ID)
	if err != nil {
		return err
	}
	urp := chi(access.URP, h.URP)
	if h.URP == "" {
		urp = chi(access.URPAziendale, "")
	}
	fai := func(atto string, dati pratica.Dati) {
		if err == nil {
			_, err = i.servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati})
		}
	}
	switch k % 10 {
	case 0:
		fai("presa_in_carico", nil)
	case 1:
		fai("presa_in_carico", nil)
		fai("valutazione", pratica.Dati{"natura": "sanitaria", "danni": "esclusi"})
	default:
		fai("ritiro", pratica.Dati{"motivo": "La persona ha risolto e non chiede altro."})
	}
	return err
}
