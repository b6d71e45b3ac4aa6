package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tutela/internal/fault"
	"tutela/internal/registro"
)

type testimoneCmd struct {
	Chiave    testimoneChiaveCmd    `cmd:"" help:"Crea la chiave di un testimone: un file da custodire, e che cosa pubblicare."`
	Osserva   testimoneOsservaCmd   `cmd:"" help:"Osserva da un'altra macchina il registro di un ente: ne tiene gli stati firmati, e firma quelli che solo aggiungono."`
	Confronta testimoneConfrontaCmd `cmd:"" help:"Dice se due stati firmati di un registro si contraddicono."`
}

type testimoneChiaveCmd struct {
	Nome string `arg:"" help:"Nome del testimone, come un dominio: associazione.example."`
	File string `help:"Dove si tiene la chiave: testimone.key se non lo dici." default:"testimone.key" type:"path" placeholder:"FILE"`
}

// Run makes the key, in a file that nobody else reads, and prints what is published.
func (c *testimoneChiaveCmd) Run(a *ambito) error {
	segreta, pubblica, err := registro.NewWitness(c.Nome)
	if err != nil {
		return fault.New(fault.Bad, "NOME: fino a 64 tra lettere senza accento, cifre, punti e trattini, come associazione.example.")
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fault.New(fault.Conflict, c.File+" c'è già: una chiave non si riscrive. Scrivi un altro nome con --file.")
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "Non posso scrivere "+c.File+".")
	}
	_, err = io.WriteString(f, segreta+"\n")
	if err := errors.Join(err, f.Sync(), f.Close(), sincronizza(filepath.Dir(c.File))); err != nil {
		return fault.Wrap(err, fault.Unavailable, "Non posso scrivere "+c.File+".")
	}
	_, err = fmt.Fprintln(a.out, pubblica)
	return err
}

type testimoneOsservaCmd struct {
	Ente         string        `required:"" help:"Dove sono le pagine dell'ente: https://…" placeholder:"URL"`
	Key          []string      `required:"" help:"Chiave pubblicata del registro dell'ente, o un file che la contiene, avuta da fuori. Ripeti per averne altre." placeholder:"CHIAVE" sep:"none"`
	Chiave       string        `required:"" help:"La chiave del testimone, come l'ha fatta «testimone chiave»." type:"path" placeholder:"FILE"`
	Stato        string        `required:"" help:"File con l'ultimo stato visto: la nota firmata, che si può pubblicare." type:"path" placeholder:"FILE"`
	Ogni         time.Duration `help:"Ogni quanto guarda di nuovo; una volta sola, se non lo dici." placeholder:"1h"`
	AccettaEpoca int           `help:"Accetta che il registro continui in questa epoca: dopo un ripristino dichiarato dall'ente, che una persona ha controllato." placeholder:"N"`
}

// attesePorta are how long to wait before each new try with a server that does not
// answer.
var attesePorta = []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second}

// Run looks once, or until it is stopped. What contradicts what it saw ends it.
func (c *testimoneOsservaCmd) Run(a *ambito) error {
	if c.Ogni < 0 || c.Ogni > 0 && c.Ogni < time.Minute {
		return fault.New(fault.Bad, "--ogni: scrivi almeno 1m, per esempio 1h.")
	}
	o, lascia, err := nuovoOsservatore(a, c)
	if err != nil {
		return err
	}
	defer lascia()
	ctx, stop := signal.NotifyContext(a, os.Interrupt, syscall.SIGTERM)
	defer stop()
	for {
		err := o.insiste(ctx)
		if err != nil && (c.Ogni == 0 || !fault.Is(err, fault.Unavailable)) {
			return err
		}
		if err != nil {
			_, _ = fmt.Fprintln(a.err, "tutela:", frase(err), "Riprovo tra "+c.Ogni.String()+".")
		}
		if c.Ogni == 0 || !aspetta(ctx, c.Ogni) {
			return nil
		}
	}
}

// aspetta reports whether so long went by before the context ended.
func aspetta(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// osservatore is a witness of one log.
type osservatore struct {
	ente              *porta
	chiavi            []string // of the log
	segreta, pubblica string   // its own
	stato             string   // path
	accetta           int      // epoch that a person accepted
	out               io.Writer
}

func nuovoOsservatore(a *ambito, c *testimoneOsservaCmd) (*osservatore, func(), error) {
	chiavi, err := leggiChiavi("--key", c.Key, controllaChiave)
	if err != nil {
		return nil, nil, err
	}
	e, err := nuovaPorta(c.Ente)
	if err != nil {
		return nil, nil, err
	}
	b, err := os.ReadFile(c.Chiave)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Bad, "--chiave: non posso leggere "+c.Chiave+". Falla con: tutela testimone chiave NOME.")
	}
	o := &osservatore{ente: e, chiavi: chiavi, segreta: strings.TrimSpace(string(b)), stato: c.Stato, accetta: c.AccettaEpoca, out: a.out}
	if o.pubblica, err = registro.WitnessKey(o.segreta); err != nil {
		return nil, nil, fault.New(fault.Bad, "--chiave: "+c.Chiave+" non è la chiave di un testimone. Falla con: tutela testimone chiave NOME.")
	}
	f, err := os.OpenFile(c.Stato+".serra", os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Bad, "--stato: non posso scrivere in "+filepath.Dir(c.Stato)+".")
	}
	_ = f.Close()
	lascia, err := serra(c.Stato+".serra", true) // two that do not know of each other could co-sign two histories
	if err != nil {
		return nil, nil, fault.New(fault.Conflict, "Un altro testimone sta già usando "+c.Stato+".")
	}
	return o, lascia, nil
}

// insiste looks, and again after a while where nobody answers.
func (o *osservatore) insiste(ctx context.Context) error {
	for i := 0; ; i++ {
		err := o.guarda(ctx)
		if !fault.Is(err, fault.Unavailable) || i == len(attesePorta) || !aspetta(ctx, attesePorta[i]) {
			return err
		}
	}
}

// guarda takes the newest state of the log, demands that it goes on from the one it saw,
// keeps it, and only then puts its name to it.
func (o *osservatore) guarda(ctx context.Context) error {
	vista, prima, err := o.leggiStato()
	if err != nil {
		return err
	}
	nota, err := o.ente.stato(ctx)
	if err != nil {
		return err
	}
	dopo, err := registro.ReadCheckpoint(nota)
	if err != nil { // a proxy's page, a cut connection
		return fault.Wrap(err, fault.Unavailable, "L'indirizzo non ha risposto con lo stato di un registro.")
	}
	if _, err := registro.OpenCheckpoint(nota, o.chiavi...); err != nil {
		return o.rifiuta(ctx, vista, nota, "Lo stato che l'ente mostra non è firmato con la chiave che hai: o non è l'ente, o ha cambiato chiave senza dirlo.")
	}
	if vista != nil {
		if err := o.segue(ctx, vista, nota, prima, dopo); err != nil {
			return err
		}
	}
	if vista != nil && prima == dopo && rigaDi(vista, o.pubblica) != "" {
		return o.dice("Nulla di nuovo: il registro è fermo alla voce n. %d, che hai già cofirmato.", dopo.Size)
	}
	if err := o.scriviStato(nota); err != nil {
		return err
	}
	if rigaDi(nota, o.pubblica) == "" { // else it was delivered already, and the power went
		if err := o.cofirma(ctx, nota); err != nil {
			return err
		}
	}
	if vista == nil {
		return o.dice("Visto per la prima volta: %s fino alla voce n. %d. L'hai cofirmato.", dopo.Origin, dopo.Size)
	}
	return o.dice("Da %d a %d voci il registro è solo cresciuto. L'hai cofirmato.", prima.Size, dopo.Size)
}

// cofirma gives the ente the witness's line, and keeps it under the state.
func (o *osservatore) cofirma(ctx context.Context, nota []byte) error {
	riga, err := registro.Cosign(nota, o.segreta)
	if err != nil {
		return err
	}
	err = o.ente.consegna(ctx, nota, riga)
	if fault.Is(err, fault.Forbidden) {
		return fault.Wrap(err, fault.Forbidden, "Lo stato è conservato, ma l'ente non ti ha fra i suoi testimoni. Mandagli la tua chiave pubblica: "+o.pubblica)
	}
	if err != nil {
		return err
	}
	return o.scriviStato(append(nota, riga...))
}

// segue demands that a state goes on from the one that was seen.
func (o *osservatore) segue(ctx context.Context, vista, nota []byte, prima, dopo registro.Checkpoint) error {
	_, eraEpoca, _ := registro.ParseOrigin(prima.Origin) // both were opened
	_, epoca, _ := registro.ParseOrigin(dopo.Origin)
	switch {
	case epoca < eraEpoca:
		return o.rifiuta(ctx, vista, nota, fmt.Sprintf("L'ente mostra l'epoca %d, e hai già visto la %d: il registro è tornato indietro.", epoca, eraEpoca))
	case epoca > eraEpoca && epoca != o.accetta:
		return o.rifiuta(ctx, vista, nota, fmt.Sprintf("L'ente ha dichiarato l'epoca %d: ha rimesso una copia più vecchia, e quello che hai visto può mancare. Chiedi perché; se la spiegazione ti basta, ripeti con --accetta-epoca %d.", epoca, epoca))
	case epoca > eraEpoca:
		return o.conserva(vista, nota, fmt.Sprintf("Accettata l'epoca %d: prima avevi visto %d voci.", epoca, prima.Size))
	case dopo.Size < prima.Size:
		err := o.ente.cresce(ctx, dopo, prima)
		if err == nil { // another of its machines, which is behind
			return fault.New(fault.Unavailable, fmt.Sprintf("L'ente mostra uno stato di %d voci, più vecchio di quello che hai, di %d: lo stesso registro, ma non di adesso.", dopo.Size, prima.Size))
		}
		if fault.Is(err, fault.Invalid) {
			return o.rifiuta(ctx, vista, nota, fmt.Sprintf("Il registro è tornato indietro: ne hai visto %d voci, e l'ente ne mostra %d.", prima.Size, dopo.Size))
		}
		return err
	}
	err := o.ente.cresce(ctx, prima, dopo)
	if fault.Is(err, fault.Invalid) {
		return o.rifiuta(ctx, vista, nota, fault.Message(err))
	}
	return err
}

// rifiuta keeps what was seen and what is shown now, and tells the ente.
func (o *osservatore) rifiuta(ctx context.Context, vista, nota []byte, perche string) error {
	if err := o.conserva(vista, nota, "RIFIUTATO. "+perche); err != nil {
		return err
	}
	if riga := rigaDi(vista, o.pubblica); riga != "" {
		_ = o.ente.consegna(ctx, vista, riga) // so that it is noticed there too; it may well refuse
	}
	return &detta{fault.New(fault.Invalid, perche)}
}

// conserva puts two states in files beside the one of the witness, and says why.
func (o *osservatore) conserva(vista, nota []byte, perche string) error {
	var dove []string
	for _, x := range []struct {
		nome  string
		bytes []byte
	}{{"visto", vista}, {"mostrato", nota}} {
		if x.bytes == nil {
			continue
		}
		h := sha256.Sum256(x.bytes)
		p := fmt.Sprintf("%s.%s-%s", o.stato, x.nome, hex.EncodeToString(h[:4]))
		if err := mettiFile(p, x.bytes); err != nil {
			return err
		}
		dove = append(dove, p)
	}
	return o.dice("%s\nI due stati firmati sono qui, conservali: %s", perche, strings.Join(dove, " e "))
}

// leggiStato is what was seen last; nothing before the first time.
func (o *osservatore) leggiStato() ([]byte, registro.Checkpoint, error) {
	b, err := os.ReadFile(o.stato)
	if errors.Is(err, os.ErrNotExist) {
		return nil, registro.Checkpoint{}, nil
	}
	if err != nil {
		return nil, registro.Checkpoint{}, fault.Wrap(err, fault.Bad, "--stato: non posso leggere "+o.stato+".")
	}
	c, err := registro.OpenCheckpoint(b, o.chiavi...)
	if err != nil {
		return nil, c, fault.Wrap(err, fault.Invalid, o.stato+" non è uno stato firmato con la chiave che hai dato: non lo tocco. Se è rovinato rimettine una copia; se la chiave è nuova, scrivi con --key anche quella di prima.")
	}
	return b, c, nil
}

func (o *osservatore) scriviStato(nota []byte) error { return mettiFile(o.stato, nota) }

// mettiFile puts a file in its place whole, on disk before it returns.
func mettiFile(path string, b []byte) error {
	err := scrivi(path+".nuovo", strings.NewReader(string(b)))
	if err == nil {
		err = os.Rename(path+".nuovo", path)
	}
	if err == nil {
		err = sincronizza(filepath.Dir(path))
	}
	if err != nil {
		return fault.Wrap(err, fault.Internal, "Non posso scrivere "+path+".")
	}
	return nil
}

func (o *osservatore) dice(formato string, valori ...any) error {
	_, err := fmt.Fprintf(o.out, formato+"\n", valori...)
	return err
}

type testimoneConfrontaCmd struct {
	Nota1 string   `arg:"" help:"Uno stato firmato."`
	Nota2 string   `arg:"" help:"Un altro."`
	Key   []string `required:"" help:"Chiave pubblicata del registro, o un file che la contiene. Ripeti per averne altre." placeholder:"CHIAVE" sep:"none"`
	Ente  string   `help:"Dove sta l'ente: deve provare che il più lungo continua il più corto." placeholder:"URL"`
}

// Run says whether two states of a log can both be true: exit code 1 when not.
func (c *testimoneConfrontaCmd) Run(a *ambito) error {
	chiavi, err := leggiChiavi("--key", c.Key, controllaChiave)
	if err != nil {
		return err
	}
	var x [2]registro.Checkpoint
	for i, nome := range []string{c.Nota1, c.Nota2} {
		b, err := leggiEntrata(a, nome)
		if err != nil {
			return err
		}
		if x[i], err = registro.OpenCheckpoint(b, chiavi...); err != nil {
			return fault.Wrap(err, fault.Bad, nome+" non è uno stato firmato con la chiave che hai dato: non prova nulla contro l'ente.")
		}
	}
	if x[0].Size > x[1].Size {
		x[0], x[1] = x[1], x[0]
	}
	prima, dopo := x[0], x[1]
	dice := func(t string) error { _, err := fmt.Fprintln(a.out, t); return err }
	switch {
	case prima == dopo:
		return dice("È lo stesso stato: nessuna contraddizione.")
	case prima.Origin != dopo.Origin:
		return dice("I due stati sono di epoche diverse: l'ente ha dichiarato di avere rimesso una copia più vecchia. Non è una contraddizione, ma chiedi perché.")
	case prima.Size == dopo.Size:
		_ = dice(fmt.Sprintf("PROVATO: l'ente ha firmato due registri diversi di %d voci. Con la sua chiave chiunque lo verifica.", prima.Size))
		return &detta{registro.ErrFork}
	case c.Ente == "":
		return dice(fmt.Sprintf("Da soli non bastano: uno è di %d voci, l'altro di %d. Con --ente l'ente deve provare che il secondo continua il primo.", prima.Size, dopo.Size))
	}
	e, err := nuovaPorta(c.Ente)
	if err != nil {
		return err
	}
	err = e.cresce(a, prima, dopo)
	if fault.Is(err, fault.Invalid) {
		_ = dice("CONTRADDIZIONE. " + fault.Message(err))
		return &detta{err}
	}
	if err != nil {
		return err
	}
	return dice(fmt.Sprintf("Nessuna contraddizione: da %d a %d voci il registro è solo cresciuto.", prima.Size, dopo.Size))
}
