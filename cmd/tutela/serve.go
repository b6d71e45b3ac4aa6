package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"tutela/internal/api"
	"tutela/internal/day"
	"tutela/internal/demo"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/flat"
	"tutela/internal/pratica"
	"tutela/internal/vault"
	"tutela/internal/web"
)

type serveCmd struct {
	dove
	Addr  string   `help:"Indirizzo su cui ascolta: 127.0.0.1:8080 se non lo dici." default:"127.0.0.1:8080" placeholder:"INDIRIZZO:PORTA"`
	Proxy []string `help:"Indirizzo di un proxy che sta davanti, al cui X-Forwarded-For si crede." placeholder:"IP"`
	Oggi  string   `help:"Che giorno è oggi, quando il programma non crede all'orologio dopo una lunga assenza." placeholder:"AAAA-MM-GG"`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(a *ambito) error {
	fidati, err := indirizzi(c.Proxy)
	if err != nil {
		return err
	}
	l, err := ascolta(a, c.Addr)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	i, err := apri(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	if err := i.orologioGiusto(a, c.Oggi); err != nil {
		return err
	}
	return servi(a, i, l, fidati, nil)
}

type demoCmd struct {
	Data      string `help:"Cartella dei dati di dimostrazione, creata se manca: dati-demo se non la dici." default:"dati-demo" type:"path" placeholder:"CARTELLA"`
	DB        string `help:"Indirizzo di PostgreSQL, al posto del database incluso." placeholder:"postgres://…"`
	Addr      string `help:"Indirizzo su cui ascolta: 127.0.0.1:8080 se non lo dici." default:"127.0.0.1:8080" placeholder:"INDIRIZZO:PORTA"`
	Unfounded bool   `help:"Lascia da creare le chiavi dell'UPT, per vedere come si fa."`
	Today     string `help:"Il giorno da cui parte l'orologio dell'ufficio, con l'ora se conta." placeholder:"AAAA-MM-GG[THH:MM]"`
}

// leggero is the cost of a demo account's password, which everybody may read.
var leggero = vault.Costo{Memoria: 1 << 10, Giri: 1, Fili: 1}

// Run makes the demonstration if it is not there, and serves it.
func (c *demoCmd) Run(a *ambito) error {
	o := &orologio{}
	if c.Today != "" {
		if err := parti(o, c.Today); err != nil {
			return err
		}
	}
	l, err := ascolta(a, c.Addr)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	i, err := fonda(a, dove{Data: c.Data, DB: c.DB}, o, leggero)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	accounts := filepath.Join(c.Data, "demo-accounts.json")
	switch enti := i.ambienti.Enti(); {
	case len(enti) > 0 && !slices.Contains(enti, demo.EnteID):
		return fault.New(fault.Conflict, "Questi non sono i dati di una dimostrazione. Scegli un'altra cartella con --data.")
	case len(enti) > 0 && !esiste(accounts):
		return fault.New(fault.Conflict, "La dimostrazione è rimasta a metà. Scegli un'altra cartella con --data, o elimina "+c.Data+" e riprova.")
	case len(enti) == 0:
		adesso := o.Now()
		if _, err := fmt.Fprintln(a.err, "Preparo i dati della dimostrazione…"); err != nil {
			return err
		}
		elenco, err := demo.Carica(a, demo.Porte{Servizio: i.servizio, Ambienti: i.ambienti, Auth: i.auth, Custody: i.custody, SenzaUPT: c.Unfounded, Metti: o.metti}, adesso)
		if err != nil {
			return err
		}
		b, err := json.MarshalIndent(elenco, "", "  ")
		if err != nil {
			return fmt.Errorf("encode accounts: %w", err)
		}
		if err := os.WriteFile(accounts, append(b, '\n'), 0o600); err != nil {
			return fmt.Errorf("write accounts: %w", err)
		}
	}
	return servi(a, i, l, nil, func(base string) error {
		b, err := os.ReadFile(accounts)
		if err != nil {
			return fmt.Errorf("read accounts: %w", err)
		}
		var elenco []demo.Account
		if err := json.Unmarshal(b, &elenco); err != nil {
			return fmt.Errorf("read accounts: %w", err)
		}
		_, _ = fmt.Fprintf(a.out, "\nDati inventati. Password di tutti: %s\nEntra da %s/entra\n\n", demo.Password, base)
		for _, x := range elenco {
			_, _ = fmt.Fprintf(a.out, "  %-28s %v\n", x.Utente, x.Ruoli)
		}
		return nil
	})
}

// parti moves the clock to a day, at the hour that is said or that it is now.
func parti(o *orologio, quando string) error {
	giorno, ora, conOra := strings.Cut(quando, "T")
	g, err := day.Parse(giorno)
	if err != nil {
		return fault.New(fault.Bad, "--today: "+err.Error()+".")
	}
	t := o.Now().In(day.Rome)
	if conOra {
		if t, err = time.Parse("15:04", ora); err != nil {
			return fault.New(fault.Bad, "--today: scrivi l'ora come 08:30.")
		}
	}
	o.metti(g.Start().Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute))
	if g.Year() < 2026 || day.In(o.Now()) != g { // before what the samples tell, or farther than a clock is moved
		return fault.New(fault.Bad, "--today: scegli un giorno tra il 2026 e il 2299.")
	}
	return nil
}

// servi serves pages and API until the context ends or a signal comes, then lets
// what is under way finish.
func servi(a *ambito, i *impianto, l net.Listener, fidati []netip.Addr, poi func(base string) error) error {
	e, err := i.unico()
	if err != nil {
		return err
	}
	if i.rotto != nil {
		return nonTorna(i.rotto)
	}
	h, err := i.handler(e.ID)
	if err != nil {
		return err
	}
	i.serve = true
	// What is alive is so little that at its default the collector runs all the time.
	debug.SetGCPercent(150)
	ctx, stop := signal.NotifyContext(a, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who insists is obeyed at once
	s := &http.Server{Handler: dietro(fidati, h), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug)}
	finiti := make(chan struct{})
	go func() {
		defer close(finiti)
		var w sync.WaitGroup
		w.Go(func() { i.sfondo(ctx) })
		w.Go(func() { i.spazza(ctx) })
		w.Go(func() { i.copie(ctx) })
		w.Go(func() { i.protocolla(ctx) })
		w.Wait()
	}()
	chiuso := make(chan error, 1)
	go func() {
		<-ctx.Done()
		fine, stop := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer stop()
		chiuso <- s.Shutdown(fine)
	}()
	base := "http://" + l.Addr().String()
	if _, err := fmt.Fprintln(a.out, "pronto "+base); err != nil {
		return err
	}
	if poi != nil {
		if err := poi(base); err != nil {
			return err
		}
	}
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	err = <-chiuso
	<-finiti
	return err
}

// ascolta takes the address before anything else is done: one that is busy costs
// nothing.
func ascolta(ctx context.Context, addr string) (net.Listener, error) {
	_, porta, err := net.SplitHostPort(addr)
	if _, errPorta := strconv.ParseUint(porta, 10, 16); err != nil || errPorta != nil {
		return nil, fault.New(fault.Bad, "--addr: scrivi INDIRIZZO:PORTA, per esempio 127.0.0.1:8080.")
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Unavailable, "Su "+addr+" ascolta già un altro programma. Fermalo, o scegli un'altra porta con --addr.")
	case err != nil:
		return nil, fault.Wrap(err, fault.Unavailable, "Non posso ascoltare su "+addr+".")
	}
	return l, nil
}

func indirizzi(testi []string) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, t := range testi {
		a, err := netip.ParseAddr(t)
		if err != nil {
			return nil, fault.New(fault.Bad, "--proxy: scrivi un indirizzo IP, per esempio 127.0.0.1.")
		}
		out = append(out, a)
	}
	return out, nil
}

// dietro gives a request that comes through a trusted proxy the address of who
// asked the proxy: the last one it wrote, which nobody else can forge.
func dietro(fidati []netip.Addr, h http.Handler) http.Handler {
	if len(fidati) == 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		da, err := netip.ParseAddrPort(r.RemoteAddr)
		if detti := r.Header.Values("X-Forwarded-For"); err == nil && len(detti) > 0 && slices.Contains(fidati, da.Addr().Unmap()) {
			ultimi := strings.Split(detti[len(detti)-1], ",")
			if a, err := netip.ParseAddr(strings.TrimSpace(ultimi[len(ultimi)-1])); err == nil {
				r.RemoteAddr = netip.AddrPortFrom(a, 1).String()
			}
		}
		h.ServeHTTP(w, r)
	})
}

// handler wires pages and API of one ente.
func (i *impianto) handler(ente string) (http.Handler, error) {
	e := i.ambienti.Ente(ente)
	var copie *flat.Maker
	if i.figlio != nil {
		copie = &flat.Maker{Child: i.figlio}
	}
	pagine, err := web.New(web.Config{Servizio: i.servizio, Auth: i.auth, Custody: i.custody, EnteID: ente, Now: i.orologio.Now, Bozze: i.store, Viste: i.store,
		Ambienti: i.ambienti, Blobs: i.blobs, Copie: copie, Anello: i.anello, Macchina: i.rilievi,
		Ente: web.Presenta(e)})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	chiamate := api.New(api.Config{Servizio: i.servizio, Auth: i.auth, Ente: ente, Carica: i.carica,
		Telefono: func() string { return i.ambienti.Ente(ente).Telefono }})
	mux.Handle("/api/", http.NewCrossOriginProtection().Handler(chiamate)) // no page elsewhere makes its visitors report
	mux.Handle("/", pagine)
	return mux, nil
}

// carica encrypts an attachment that came through the API for its case.
func (i *impianto) carica(_ context.Context, ente string, caso vault.ID, slot vault.Slot, nome string, r io.Reader) (pratica.File, error) {
	id, sua := vault.NewID(i.orologio.Now()), vault.NewKey()
	b, err := i.blobs.PutFile(r, pratica.ChiaveFile(sua, pratica.BaseFile(slot.Key, ente, caso, pratica.ParteCittadino)), pratica.ContestoFile(ente, caso, id))
	if err != nil {
		return pratica.File{}, err
	}
	return pratica.File{ID: id, Nome: vault.NewRiservato(document.CleanName(nome, b.Tipo)), Tipo: string(b.Tipo), Dimensione: b.Size,
		Dove: b.Address.String(), Impronta: b.PlainSum, Chiave: vault.NewRiservato(string(sua))}, nil
}

// vitaFile is how long a file waits for its case: a draft lasts seven days after it
// was saved, and its files were touched then.
const vitaFile = 8 * 24 * time.Hour

// spazza deletes at the start and every day the files that never came into a case.
func (i *impianto) spazza(ctx context.Context) {
	giorno := time.NewTicker(24 * time.Hour)
	defer giorno.Stop()
	for {
		if err := i.spazzaFile(ctx); err != nil && ctx.Err() == nil {
			slog.Error("background work failed", "work", "files", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-giorno.C:
		}
	}
}

// spazzaFile deletes the files older than vitaFile that no case has. A database in
// which no case has any is not believed: it may be the wrong one for this folder.
func (i *impianto) spazzaFile(ctx context.Context) error {
	prima := i.orologio.Now().Add(-vitaFile) // before asking: what comes into a case meanwhile is younger
	inizi := map[[8]byte]bool{}              // of the addresses: another that begins so is kept too
	if err := i.store.Attached(ctx, func(dove string) {
		if a, err := document.ParseAddress(dove); err == nil {
			inizi[[8]byte(a[:8])] = true
		}
	}); err != nil || len(inizi) == 0 {
		return err
	}
	n, err := i.blobs.Sweep(ctx, prima, func(a document.Address) bool { return inizi[[8]byte(a[:8])] })
	if n > 0 {
		slog.Info("files that no case has were deleted", "files", n)
	}
	return err
}

// sfondo is what goes on by itself: words into the index, terms that lapse, what
// has had its day. Errors are logged and tried again.
func (i *impianto) sfondo(ctx context.Context) {
	secondo := time.NewTicker(time.Second)
	defer secondo.Stop()
	prova := func(cosa string, fn func() error) {
		if err := fn(); err != nil && ctx.Err() == nil {
			slog.Error("background work failed", "work", cosa, "err", err)
		}
	}
	for n := 0; ; n++ {
		prova("index", func() error {
			for {
				if due, err := i.store.IndexDue(ctx); err != nil || !due {
					return err
				}
				if k, err := i.store.Indicizza(ctx); err != nil || k == 0 {
					return err
				}
			}
		})
		if n%3600 == 0 {
			prova("final eliminations", func() error {
				var errs []error
				for _, ente := range i.ambienti.Enti() {
					errs = append(errs, i.servizio.Definitive(ctx, ente, i.chiavi))
				}
				return errors.Join(errs...)
			})
		}
		if n%60 == 0 {
			prova("log", func() error { return i.firmaRegistro(ctx, n%600 == 0) })
			prova("settings", func() error { return i.ambienti.Ricarica(ctx) })
			prova("terms", func() error { _, err := i.servizio.Scansiona(ctx, i.store); return err })
			prova("end of files", func() error { return i.servizio.EseguiScarti(ctx, i.chiavi) })
			prova("daily registers", func() error { return i.chiudiGiorni(ctx) })
			prova("sweep", func() error {
				now := i.orologio.Now()
				return errors.Join(i.store.Spazza(ctx, now), i.store.ScaduteBozze(ctx, now), i.store.SpazzaAccessi(ctx, now), i.store.SpazzaSedute(ctx, now))
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-secondo.C:
		}
	}
}
