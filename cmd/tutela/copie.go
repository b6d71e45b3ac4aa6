package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/store"
	"tutela/internal/vault"
	"tutela/internal/web"
)

type chiaviCopiaCmd struct {
	dove
	In    string `help:"Cartella su un altro disco dove il programma fa le copie d'ora in poi." type:"path" placeholder:"CARTELLA"`
	Altre *int   `help:"Per quanti giorni vivono altre copie delle chiavi, di dischi o di macchine; 0 se non ce ne sono." placeholder:"GIORNI"`
}

// Run makes a copy of the key store; with flags it also says where and how long copies
// live from now on, once that has worked.
func (c *chiaviCopiaCmd) Run(a *ambito) error {
	if c.Altre != nil && (*c.Altre < 0 || *c.Altre > 3650) {
		return fault.New(fault.Bad, "--altre: scrivi un numero di giorni da 0 a 3650.")
	}
	i, err := apri(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	prima, err := store.LeggiCopie(i.cartella)
	if err != nil && c.In == "" {
		return err
	}
	k, err := c.dichiara(prima)
	if err == nil && c.In == "" {
		_, err = i.chiavi.DoveCopia() // where nothing else is said, what was said must be of these keys
	}
	if err != nil {
		return err
	}
	if k.Cartella != "" {
		x, err := i.chiavi.Copia(a, k.Cartella)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(a.out, "Copia fatta: %s (%s).\n", x.File, kb(x.Byte))
	}
	if c.In == "" && c.Altre == nil {
		return nil
	}
	if err := k.Salva(i.cartella); err != nil {
		return fault.Wrap(err, fault.Unavailable, "Non posso scrivere in "+i.cartella+" dove vanno le copie. Controlla permessi e spazio.")
	}
	if k.Cartella == "" {
		_, err = fmt.Fprintf(a.out, "Le altre copie delle chiavi vivono al massimo %s. Il programma non ne fa: digli dove con --in CARTELLA.\n", i18n.Plural(k.Altre, "giorno", "giorni"))
		return err
	}
	if prima != nil && prima.Cartella != "" && prima.Cartella != k.Cartella {
		_, _ = fmt.Fprintf(a.out, "Le copie in %s non invecchiano più: eliminale.\n", prima.Cartella)
	}
	_, err = fmt.Fprintf(a.out, "D'ora in poi il programma ne fa una ogni ora mentre serve, e a ogni cambio delle chiavi. Ognuna vive al massimo %s.\n"+
		"Dentro non c'è server.key: tienine una copia sigillata altrove.\n", i18n.Plural(store.GiorniCopie, "giorno", "giorni"))
	return err
}

// dichiara is what is declared of copies, with what the command line adds.
func (c *chiaviCopiaCmd) dichiara(prima *store.Copie) (store.Copie, error) {
	var k store.Copie
	if prima != nil {
		k = *prima
	}
	switch {
	case prima == nil && c.In == "" && c.Altre == nil:
		return k, fault.New(fault.NotFound, "Non è detto dove vanno le copie delle chiavi. Dillo con: tutela chiavi copia --in CARTELLA --altre GIORNI.")
	case prima == nil && c.Altre == nil:
		return k, fault.New(fault.Bad, "Scrivi anche --altre GIORNI: per quanto si conservano altre copie delle chiavi, come le istantanee della macchina. 0 se non ce ne sono.")
	}
	if c.Altre != nil {
		k.Altre = *c.Altre
	}
	if c.In == "" {
		return k, nil
	}
	if err := nonFile("--in", c.In); err != nil {
		return k, err
	}
	cartella, err := filepath.EvalSymlinks(c.In)
	if s, errStat := os.Stat(cartella); err != nil || errStat != nil || !s.IsDir() {
		return k, fault.New(fault.Bad, "--in: la cartella "+c.In+" non c'è. Creala sul disco delle copie.")
	}
	for _, x := range []struct{ dove, nome string }{{c.Data, "dei dati"}, {c.chiavi(), "delle chiavi"}} {
		if dove, err := filepath.EvalSymlinks(x.dove); err == nil && dentro(dove, cartella) {
			return k, fault.New(fault.Bad, "--in: le copie delle chiavi stanno fuori dalla cartella "+x.nome+", su un altro disco.")
		}
	}
	k.Cartella = cartella
	return k, nil
}

// dentro reports whether a path is a folder or lies in it.
func dentro(cartella, path string) bool {
	r, err := filepath.Rel(cartella, path)
	return err == nil && r != ".." && !strings.HasPrefix(r, "../")
}

type chiaviCopieCmd struct {
	dove
	JSON bool `help:"Scrive JSON."`
}

// copiaVista is a copy as a script reads it.
type copiaVista struct {
	File string    `json:"file"`
	Del  time.Time `json:"del"`
	Byte int64     `json:"byte"`
}

// Run lists the copies of the key store, newest first.
func (c *chiaviCopieCmd) Run(a *ambito) error {
	i, err := apri(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	k, cc, err := i.chiavi.Copie()
	if err != nil {
		return err
	}
	if k == nil {
		_, err := (&chiaviCopiaCmd{}).dichiara(nil)
		return err
	}
	if c.JSON {
		viste := []copiaVista{}
		for _, x := range cc {
			viste = append(viste, copiaVista{x.File, x.Del, x.Byte})
		}
		return json.NewEncoder(a.out).Encode(map[string]any{"cartella": k.Cartella, "altre": k.Altre, "vive": k.Vive(), "copie": viste})
	}
	for _, x := range cc {
		_, _ = fmt.Fprintf(a.out, "%s  %10s  %s\n", x.Del.In(day.Rome).Format("02/01/2006 15:04"), kb(x.Byte), x.File)
	}
	_, err = fmt.Fprintf(a.out, "%s. Una chiave eliminata vive nelle copie al massimo %s.\n", i18n.Plural(len(cc), "copia", "copie"), i18n.Plural(k.Vive(), "giorno", "giorni"))
	return err
}

// copiaDetta makes a copy of the key store, where it was said that copies are made.
func (i *impianto) copiaDetta(ctx context.Context) error {
	dove, err := i.chiavi.DoveCopia()
	if err != nil || dove == "" {
		return err
	}
	_, err = i.chiavi.Copia(ctx, dove)
	return err
}

// nessunaVecchia demands that no copy needs an older server's key.
func (i *impianto) nessunaVecchia(ctx context.Context) error {
	_, cc, err := i.chiavi.Copie()
	if err != nil {
		return err
	}
	n := 0
	for _, x := range cc {
		if store.Intera(ctx, x.File, i.anello.Alone()) != nil {
			n++
		}
	}
	if n > 0 {
		return fault.New(fault.Conflict, i18n.Plural(n, "copia delle chiavi si apre", "copie delle chiavi si aprono")+" solo con la chiave vecchia, che resta. Tra "+
			i18n.Plural(store.GiorniCopie, "giorno", "giorni")+" al massimo il programma le avrà eliminate: allora ripeti.")
	}
	return nil
}

// copie makes copies of the key store as long as the program serves.
func (i *impianto) copie(ctx context.Context) {
	minuto := time.NewTicker(time.Minute)
	defer minuto.Stop()
	for {
		if err := i.chiavi.CopiaSeServe(ctx); err != nil && ctx.Err() == nil {
			slog.Error("background work failed", "work", "copies of the keys", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-minuto.C:
		}
	}
}

// rilieviCopie says what is wrong with the copies of the keys.
func (i *impianto) rilieviCopie(ctx context.Context) ([]web.Rilievo, error) {
	grave := func(s string) web.Rilievo { return web.Rilievo{Grave: true, Cosa: s} }
	k, cc, err := i.chiavi.Copie()
	switch {
	case err != nil:
		return []web.Rilievo{grave(fault.Message(err))}, nil
	case k == nil:
		return []web.Rilievo{grave("Delle chiavi il programma non fa copie, e nessuno ha detto chi le fa: se il disco si rompe tutto è perduto, e un'eliminazione non si può dimostrare. Digli dove con: tutela chiavi copia --in CARTELLA --altre GIORNI.")}, nil
	case k.Cartella == "":
		return []web.Rilievo{{Cosa: "Delle chiavi il programma non fa copie: le fa chi cura il server. Digli dove farle con: tutela chiavi copia --in CARTELLA."}}, nil
	}
	var out []web.Rilievo
	suo, _ := disco(k.Cartella)
	for _, x := range []struct {
		dove, nome string
		grave      bool
	}{{i.cartella, "delle chiavi", true}, {i.dove.Data, "dei dati", false}} {
		if d, err := disco(x.dove); err == nil && d == suo {
			out = append(out, web.Rilievo{Grave: x.grave, Cosa: "Le copie delle chiavi stanno sullo stesso disco " + x.nome + ". Mettile su un altro con: tutela chiavi copia --in CARTELLA."})
			break // one remedy for both
		}
	}
	ora := i.orologio.Now()
	for len(cc) > 0 && cc[0].Del.After(ora) { // a clock was wrong
		cc = cc[1:]
	}
	if len(cc) == 0 {
		return append(out, grave("Nella cartella delle copie delle chiavi non ce n'è nessuna. Fanne una con: tutela chiavi copia.")), nil
	}
	if ora.Sub(cc[0].Del) > 2*time.Hour && i.serve {
		out = append(out, grave("L'ultima copia delle chiavi è "+del(cc[0].Del)+": le altre non riescono. Controlla spazio e permessi di "+k.Cartella+"."))
	}
	ultimo, err := cc[0].Ultimo(ctx)
	if err != nil {
		return append(out, grave("L'ultima copia delle chiavi non si apre: "+cc[0].File+". Fanne un'altra con: tutela chiavi copia.")), nil
	}
	prossimo, err := i.chiavi.Prossimo(ctx)
	if err == nil && prossimo > ultimo+1 {
		out = append(out, grave("Le chiavi delle pratiche nuove non sono in nessuna copia. Le pratiche si registrano lo stesso, ma se il disco si rompe non si aprono più."))
	}
	return out, err
}

func kb(n int64) string { return i18n.Number(int((n+1023)/1024)) + " KB" }

func del(t time.Time) string { return t.In(day.Rome).Format("del 02/01/2006 alle 15.04") }

type chiaviRiprendiCmd struct {
	dove
	Da string `help:"Cartella delle copie, se il programma non la sa, o una copia sola." type:"path" placeholder:"PERCORSO"`
}

// Run puts the newest copy that opens in the place of a key store that is lost or
// broken, which is kept aside. What was eliminated since is eliminated again.
func (c *chiaviRiprendiCmd) Run(a *ambito) error {
	if err := errors.Join(nonFile("--data", c.Data), nonFile("--keys", c.Keys)); err != nil {
		return err
	}
	if !esiste(c.Data) {
		return c.nonCe()
	}
	cartella := c.chiavi()
	anello, err := vault.LoadKeyRing(filepath.Join(cartella, "server.key"), false)
	if err != nil {
		return err
	}
	lascia, err := serra(cartella, true)
	if err != nil {
		return err
	}
	file, err := riprendi(a, anello, cartella, c.Da)
	lascia()
	if err != nil {
		return err
	}
	i, err := apriSola(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	_, mancano, err := i.chiavi.Ready(a)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.out, "Il deposito delle chiavi è di nuovo quello di %s. Le eliminazioni fatte dopo sono state rifatte.\n", filepath.Base(file))
	if mancano > 0 {
		_, _ = fmt.Fprintf(a.out, "%s: le pratiche nate con quelle non si aprono. Se hai una copia più nuova, riprendila.\n", i18n.Plural(int(mancano), "chiave non c'era", "chiavi non c'erano"))
	}
	_, err = fmt.Fprintln(a.out, "Di' all'UPT che cosa è successo. Quello che c'era prima, se c'era, ha un nome che finisce in .messa-da-parte: quando non serve più, eliminalo.")
	return err
}

// riprendi puts a copy in the place of the key store, and gives which.
func riprendi(ctx context.Context, anello *vault.KeyRing, cartella, da string) (string, error) {
	attuale := filepath.Join(cartella, "chiavi.db")
	if esiste(attuale) && store.Intera(ctx, attuale, anello) == nil {
		return "", fault.New(fault.Conflict, "Il deposito delle chiavi si apre: non c'è niente da riprendere. Per rimettere lo stesso una copia più vecchia, sposta prima "+attuale+" altrove.")
	}
	copie, err := daRiprendere(cartella, da)
	if err != nil {
		return "", err
	}
	arriva := attuale + "." + inArrivo
	altrui := false // one of them is whole, and of another key
	for _, file := range copie {
		err = errors.Join(copiaFile(file, arriva), store.Intera(ctx, arriva, anello))
		if err == nil {
			err = store.DaCopia(ctx, arriva)
		}
		if err != nil {
			slog.Warn("a copy of the keys does not open", "file", file, "err", err)
			altrui = altrui || errors.Is(err, store.ErrServerKey)
			continue
		}
		adesso := "." + time.Now().UTC().Format("20060102T150405.000Z") + ".messa-da-parte"
		for _, f := range []string{attuale, attuale + "-wal", attuale + "-shm"} { // the old journal must not go into the new file
			if err := os.Rename(f, f+adesso); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", fault.Wrap(err, fault.Unavailable, "Non posso mettere da parte "+f+". Controlla i permessi.")
			}
		}
		return file, errors.Join(os.Rename(arriva, attuale), sincronizza(cartella))
	}
	perche := "Nessuna delle copie si apre con questa server.key: non ho cambiato nulla. Di solito server.key non è quella di questa installazione."
	if !altrui {
		perche = da + " non è una copia delle chiavi, o è rotta: non ho cambiato nulla. Con --da scrivi la cartella delle copie, o un'altra copia."
		if len(copie) > 1 {
			perche = "Nessuna delle copie è intera: non ho cambiato nulla. Con --da scrivi un'altra cartella di copie, o una copia tenuta altrove."
		}
	}
	return "", errors.Join(fault.Wrap(err, fault.Unavailable, perche), togli(arriva))
}

// daRiprendere are the copies to be tried, newest first.
func daRiprendere(cartella, da string) ([]string, error) {
	if s, err := os.Stat(da); da != "" && err == nil && s.Mode().IsRegular() {
		return []string{da}, nil
	}
	if da == "" {
		k, err := store.LeggiCopie(cartella)
		if err != nil || k == nil || k.Cartella == "" {
			return nil, fault.New(fault.Bad, "Non so dove sono le copie delle chiavi. Scrivilo con --da CARTELLA.")
		}
		da = k.Cartella
	}
	cc, err := store.CopieIn(da)
	if err != nil {
		return nil, err
	}
	if len(cc) == 0 {
		return nil, fault.New(fault.NotFound, "In "+da+" non ci sono copie delle chiavi.")
	}
	var out []string
	for _, x := range cc {
		out = append(out, x.File)
	}
	return out, nil
}
