package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/registro"
)

type registroCmd struct {
	Verify      registroVerifyCmd      `cmd:"" help:"Percorre tutto: numeri, atti, contenuti, file, righe derivate, registro e stati firmati."`
	Chiave      registroChiaveCmd      `cmd:"" help:"Scrive le chiavi pubbliche con cui chiunque controlla le ricevute."`
	Giornaliero registroGiornalieroCmd `cmd:"" help:"Scrive i registri giornalieri tra due giorni in un pacchetto da conservare."`
	Ripristino  registroRipristinoCmd  `cmd:"" help:"Dichiara che è stata rimessa una copia più vecchia, e comincia un'epoca nuova."`
}

type registroVerifyCmd struct {
	dove
	SenzaFile bool   `name:"senza-file" help:"Non rilegge gli allegati."`
	Stato     string `help:"Riprende da quello che questo file dice verificato, e ci scrive fin dove arriva." type:"path" placeholder:"FILE"`
	JSON      bool   `help:"Scrive JSON."`
}

// visto is what a verification leaves to the next one.
type visto struct {
	Ente  string         `json:"ente"`
	Il    time.Time      `json:"il"`
	Stato registro.State `json:"stato"`
	Atto  int64          `json:"atto"` // the last that was checked
}

// Run verifies the register of the ente.
func (c *registroVerifyCmd) Run(a *ambito) error {
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error { return c.verifica(a, i, e) })
}

func (c *registroVerifyCmd) verifica(a *ambito, i *impianto, e *pratica.Ente) error {
	carte, err := i.ambienti.Carte(a, e.ID)
	if err != nil {
		return err
	}
	v := pratica.Verifica{Ente: e.ID, Arch: i.store, Log: i.servizio.Log, Amb: i.ambienti.Di(e.ID), Carte: append([]*organigramma.Versione{organigramma.Vuoto()}, carte...)}
	if !c.SenzaFile {
		v.File = i.blobs.Check
	}
	if !c.JSON {
		v.Passo = barra(a.err, i.orologio.Now)
	}
	prima, err := leggiVisto(c.Stato, e.ID)
	if err != nil {
		return err
	}
	v.Da, v.Prima = prima.Atto, prima.Stato
	esito, err := v.Tutto(a)
	if f := (*registro.Finding)(nil); errors.As(err, &f) {
		if c.JSON {
			_ = json.NewEncoder(a.out).Encode(map[string]any{"intero": false, "trovato": f.Text})
		} else {
			_, _ = fmt.Fprintln(a.out, "\nIl registro NON è intero. La prima cosa che non torna:\n"+f.Text)
		}
		return &detta{err}
	}
	if err != nil {
		return err
	}
	if c.Stato != "" {
		if err := scriviVisto(c.Stato, visto{e.ID, i.orologio.Now().UTC(), esito.State, esito.Ultimo}); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(a.out).Encode(map[string]any{"intero": true, "pratiche": esito.Pratiche, "atti": esito.Atti, "documenti": esito.File,
			"foglie": esito.Size, "radice": esito.Root, "statiFirmati": esito.Checkpoint})
	}
	_, err = fmt.Fprintf(a.out, "\nIl registro è intero: %s.\nRadice: %s\n", esito, esito.Root)
	return err
}

// leggiVisto reads what was verified before: nothing, where there is no file.
func leggiVisto(path, ente string) (visto, error) {
	var v visto
	if path == "" || !esiste(path) {
		return v, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return v, fault.Wrap(err, fault.Bad, "--stato: non riesco a leggere "+path+".")
	}
	if err := json.Unmarshal(b, &v); err != nil || v.Ente != ente {
		return v, fault.New(fault.Bad, "--stato: "+path+" non è lo stato di una verifica di questo ente.")
	}
	return v, nil
}

// scriviVisto writes what was verified: half a state is none.
func scriviVisto(path string, v visto) error {
	b, err := json.Marshal(v)
	if err == nil {
		err = mettiFile(path, append(b, '\n'))
	}
	if err != nil {
		return fault.Wrap(err, fault.Bad, "--stato: non posso scrivere "+path+".")
	}
	return nil
}

// barra shows how far a verification is, a few times a second.
func barra(w io.Writer, now func() time.Time) func(fatte, tutte int64) {
	var ultima time.Time
	return func(fatte, tutte int64) {
		if tutte == 0 || now().Sub(ultima) < 250*time.Millisecond && fatte < tutte {
			return
		}
		ultima = now()
		pieni := int(min(30, 30*fatte/tutte))
		_, _ = fmt.Fprintf(w, "\r[%s%s] %d di %d atti", strings.Repeat("#", pieni), strings.Repeat(".", 30-pieni), fatte, tutte)
	}
}

type registroChiaveCmd struct {
	dove
	Nuova bool `help:"Ne fa una nuova, a programma fermo: per un anno firmano tutte e due."`
	Si    bool `name:"si" help:"Lo fa senza chiedere."`
}

// Run prints the keys, a line each; before, it makes a new one if so told.
func (c *registroChiaveCmd) Run(a *ambito) error {
	if c.Nuova {
		if err := c.rinnova(a); err != nil {
			return err
		}
	}
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error {
		chiavi, err := i.servizio.Log.Published(a, e.ID)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.out, strings.Join(chiavi, "\n"))
		return err
	})
}

// rinnova makes a new key, with a copy of the key store before and after where copies
// are made: a key that dies with the disk would leave a log that says more than its keys.
func (c *registroChiaveCmd) rinnova(a *ambito) error {
	i, err := apriSola(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	e, err := i.unico()
	if err != nil {
		return err
	}
	if i.rotto != nil {
		return i.rotto
	}
	if !c.Si {
		if err := conferma(a, "La chiave nuova va pubblicata dove sta quella di adesso, e data ai testimoni. Ne faccio una nuova?"); err != nil {
			return err
		}
	}
	if err := i.copiaDetta(a); err != nil {
		return err
	}
	if err := i.servizio.Log.Renew(a, e.ID); err != nil {
		return err
	}
	if _, err := i.servizio.Log.Checkpoint(a, e.ID, 0); err != nil {
		return err
	}
	if err := i.copiaDetta(a); err != nil {
		return fault.Wrap(err, fault.Unavailable, "La chiave nuova c'è, ma la copia del deposito delle chiavi non riesce: falla appena puoi con tutela chiavi copia.")
	}
	_, err = fmt.Fprintln(a.out, "La chiave nuova è l'ultima qui sotto: pubblicala accanto all'altra e avvisa i testimoni. Per un anno firmano tutte e due; tieni pubblicate anche le vecchie, che provano le ricevute di prima.")
	return err
}

type registroRipristinoCmd struct {
	dove
	Motivo string `required:"" help:"Che cosa è successo, in una riga; nessun dato personale." placeholder:"TESTO"`
	Si     bool   `name:"si" help:"Lo fa senza chiedere."`
}

// Run declares what was put back, and does again what was eliminated since.
func (c *registroRipristinoCmd) Run(a *ambito) error {
	motivo := pratica.Pulisci(c.Motivo)
	if n := len([]rune(motivo)); n < 10 || n > 300 {
		return fault.New(fault.Bad, "--motivo: scrivi che cosa è successo, da 10 a 300 caratteri, senza nomi di persone.")
	}
	i, err := apriSola(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	e, err := i.unico()
	if err != nil {
		return err
	}
	if i.rotto == nil {
		return fault.New(fault.Conflict, "Il registro è intero: non c'è niente da ripristinare.")
	}
	_, _ = fmt.Fprintln(a.out, frase(nonTorna(i.rotto)))
	if !c.Si {
		if err := conferma(a, "I numeri persi saranno annullati in vista e mai più usati. Comincia una nuova epoca?"); err != nil {
			return err
		}
	}
	r, err := i.servizio.Log.Restore(a, e.ID, motivo)
	if err != nil {
		return err
	}
	i.store.Ferma(nil)
	if err := i.chiavi.LearnEnded(a); err != nil {
		return fmt.Errorf("learn what was eliminated: %w", err)
	}
	if err := i.servizio.Rielimina(a, e.ID, i.chiavi); err != nil {
		return fmt.Errorf("eliminate again: %w", err)
	}
	_, _ = fmt.Fprintf(a.out, "Comincia l'epoca %d: restano %d registrazioni di %d firmate.\n", r.Epoch, r.From, r.Signed)
	for _, k := range slices.Sorted(maps.Keys(r.Annulled)) {
		n := r.Annulled[k]
		_, _ = fmt.Fprintf(a.out, "Annullati nel registro %s: %s, dal %d al %d.\n", k, i18n.Plural(n[1]-n[0]+1, "numero", "numeri"), n[0], n[1])
	}
	_, err = fmt.Fprintln(a.out, "Chi ha una ricevuta di quei numeri ha ragione: la sua segnalazione va registrata di nuovo. Avvisa i testimoni.")
	return err
}

// piuNuova says that a copy of the keys knows of eliminations that are not known here.
type piuNuova struct{ n int }

func (p *piuNuova) Error() string {
	return fmt.Sprintf("a copy of the keys knows of %d more ended", p.n)
}

// nonTorna is why the program takes nothing new.
func nonTorna(err error) error {
	if p := (*piuNuova)(nil); errors.As(err, &p) {
		return fault.Wrap(err, fault.Unavailable, "Una copia delle chiavi sa di "+i18n.Plural(p.n, "pratica eliminata", "pratiche eliminate")+
			", e qui non risulta. Se hai rimesso copie vecchie, dichiaralo: tutela registro ripristino --motivo …: saranno eliminate di nuovo. Se un'altra installazione, per esempio una prova, scrive nella stessa cartella di copie, togli di lì le sue copie.")
	}
	m := "Il registro nel database non è quello che era stato firmato"
	if errors.Is(err, registro.ErrRolledBack) {
		m = "Il database è più vecchio di quello che era stato firmato: forse è una copia rimessa al suo posto"
	}
	return fault.Wrap(err, fault.Unavailable, m+". Se ne hai una più nuova, rimetti quella. Altrimenti dichiara che cosa è successo: tutela registro ripristino --motivo …")
}

// firmaRegistro adds to the log who read what, and signs its state when it is time.
func (i *impianto) firmaRegistro(ctx context.Context, firma bool) error {
	var errs []error
	for _, ente := range i.ambienti.Enti() {
		errs = append(errs, i.store.SigillaAccessi(ctx, ente, i.orologio.Now()))
		if !firma {
			continue
		}
		_, err := i.servizio.Log.Checkpoint(ctx, ente, 0)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
