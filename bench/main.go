// Command bench measures the program on SQLite and on PostgreSQL and says which
// of the project's figures it keeps:
//
//	go run ./bench                    # 10,000 cases, both databases
//	go run ./bench --casi 1000000     # a million: filling takes a while, once
//	go run ./bench --db sqlite --what letture
//
// Filled folders stay under the system's temporary folder.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

// banco measures one database at one size.
type banco struct {
	m         *magazzino
	d         dati
	programma string
	letti     map[string]time.Duration // medians of the readings, to tell growth
	mancati   int
}

// misure are what may be asked for, in the order in which they run.
var misure = []struct {
	nome string
	fa   func(*banco, context.Context) error
}{
	{"intake", (*banco).intake},
	{"cifratura", (*banco).cifratura},
	{"registro", (*banco).registro},
	{"letture", (*banco).letture},
	{"processo", (*banco).processo},
	{"spazio", (*banco).spazio},
}

func main() {
	db := flag.String("db", "sqlite,postgres", "databases to measure")
	casi := flag.Int("casi", 10_000, "cases in the folder before measuring")
	what := flag.String("what", "", "only these, with commas: carica, intake, cifratura, registro, letture, processo, spazio")
	profilo := flag.String("profilo", "", "write a profile of the processor here: of the commands, not of the served program")
	flag.Parse()
	if *profilo != "" {
		f, err := os.Create(*profilo)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(2)
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	mancati, err := tutto(ctx, strings.Split(*db, ","), *casi, *what)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return
	}
	if mancati > 0 {
		fmt.Printf("\n%d figures missed: see bench/RESULTS.md\n", mancati)
	}
}

func tutto(ctx context.Context, motori []string, casi int, what string) (mancati int, err error) {
	m, err := nuovoMagazzino(slices.Contains(motori, "postgres"))
	if err != nil {
		return 0, err
	}
	defer m.via()
	programma, err := compila(ctx, m.dir)
	if err != nil {
		return 0, err
	}
	for _, motore := range motori {
		b := &banco{m: m, programma: programma, letti: map[string]time.Duration{}}
		if b.d, err = m.pieno(ctx, motore, casi); err != nil {
			return 0, err
		}
		fmt.Printf("\n== %s, %d cases\n", motore, casi)
		for _, x := range misure {
			if what == "" || slices.Contains(strings.Split(what, ","), x.nome) {
				if err := x.fa(b, ctx); err != nil {
					return 0, fmt.Errorf("%s, %s: %w", motore, x.nome, err)
				}
			}
		}
		if err := b.crescita(); err != nil {
			return 0, err
		}
		mancati += b.mancati
	}
	return mancati, nil
}

// riga prints one figure with its target.
func (b *banco) riga(nome, valore, vuole string, ok bool) {
	esito := ""
	if vuole != "" {
		esito = "ok    " + vuole
		if !ok {
			esito = "MISSED " + vuole
			b.mancati++
		}
	}
	fmt.Printf("%-44s %-66s %s\n", nome, valore, esito)
}

func (b *banco) nota(formato string, v ...any) { fmt.Fprintf(os.Stderr, "  "+formato+"\n", v...) }
