// Command tutela receives what citizens report to an Italian public health body,
// takes it through the body's own procedure within its terms, and keeps the proof.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"

	"github.com/alecthomas/kong"

	"tutela/internal/fault"
)

// Exit codes that scripts may count on.
const (
	esitoNo  = 1 // a negative answer, or a failure
	esitoUso = 2 // bad usage
)

type comandi struct {
	Demo         demoCmd         `cmd:"" help:"Serve l'ente di dimostrazione, con dati inventati."`
	Serve        serveCmd        `cmd:"" help:"Serve l'ente vero."`
	Termine      termineCmd      `cmd:"" help:"Conta i termini letti dallo standard input, un oggetto JSON per riga."`
	Oscura       oscuraCmd       `cmd:"" help:"Nasconde i dati personali nei testi letti dallo standard input, come li propone la scrivania."`
	Regolamento  regolamentoCmd  `cmd:"" help:"I regolamenti, scritti come dati."`
	Organigramma organigrammaCmd `cmd:"" help:"Gli organigrammi."`
	Utente       utenteCmd       `cmd:"" help:"Le persone che accedono."`
	Ente         enteCmd         `cmd:"" help:"L'ente che l'installazione serve."`
	Fascicolo    fascicoloCmd    `cmd:"" help:"Una pratica intera, con le prove, come pacco che si verifica da solo."`
	Registro     registroCmd     `cmd:"" help:"Il registro che nessuno può cambiare: verificarlo, dire che cosa è stato rimesso."`
	Chiavi       chiaviCmd       `cmd:"" help:"Le chiavi: spostarle, copiarle, cambiare quella del server."`
	Segnatura    segnaturaCmd    `cmd:"" help:"La segnatura di protocollo, secondo lo schema dell'AgID."`
	Protocollo   protocolloCmd   `cmd:"" help:"Lo scambio con il protocollo dell'ente."`
	Ricevuta     ricevutaCmd     `cmd:"" help:"Le ricevute che provano."`
	Testimone    testimoneCmd    `cmd:"" help:"Fa da testimone al registro di un ente, da un'altra macchina."`
	Migrate      migrateCmd      `cmd:"" help:"Porta lo schema dei dati a questa versione."`
	Check        checkCmd        `cmd:"" help:"Spiega la configurazione, e che cosa non va."`
	Figlio       figlioCmd       `cmd:"" hidden:"" help:"Apre per il server i file che vengono da fuori; lo avvia lui."`
}

// ambito is what every command runs with.
type ambito struct {
	context.Context
	in       io.Reader
	out, err io.Writer
}

func main() {
	os.Exit(esegui(&ambito{context.Background(), os.Stdin, os.Stdout, os.Stderr}, os.Args[1:]))
}

// esegui runs one command line and gives its exit code.
func esegui(a *ambito, args []string) int {
	slog.SetDefault(slog.New(slog.NewTextHandler(a.err, nil)))
	var c comandi
	fine := -1
	p, err := kong.New(&c, kong.Name("tutela"), kong.UsageOnError(), kong.Writers(a.out, a.err),
		kong.Description("Segnalazioni e reclami di un ente sanitario pubblico, entro i termini e con la prova."),
		kong.Exit(func(n int) { fine = n }), kong.Bind(a), kong.Help(aiuto), kong.NamedMapper("path", kong.MapperFunc(percorso)))
	if err != nil {
		_, _ = fmt.Fprintln(a.err, "tutela:", err)
		return esitoNo
	}
	p.Model.HelpFlag.Help = "Mostra queste righe."
	k, err := p.Parse(args)
	if fine >= 0 { // --help
		return fine
	}
	if err != nil {
		_, _ = fmt.Fprintf(a.err, "tutela: %s\nCome si scrive: %s --help\n", inItaliano(err.Error()), comando(err))
		return esitoUso
	}
	err = k.Run(a)
	var detto *detta
	if err != nil && !errors.As(err, &detto) {
		_, _ = fmt.Fprintln(a.err, "tutela:", frase(err))
	}
	switch {
	case err == nil:
		return 0
	case fault.Is(err, fault.Bad):
		return esitoUso
	}
	return esitoNo
}

// percorso reads a path. An empty one, as of a variable that is not set, is not the
// current folder.
func percorso(c *kong.DecodeContext, dove reflect.Value) error {
	var p string
	if err := c.Scan.PopValueInto("string", &p); err != nil {
		return err
	}
	if p == "" {
		return errors.New("scrivi una cartella o un file")
	}
	dove.SetString(kong.ExpandPath(p))
	return nil
}

// comando is the command that a wrong command line was about.
func comando(err error) string {
	var e *kong.ParseError
	if errors.As(err, &e) {
		if n := e.Context.Selected(); n != nil {
			return n.FullPath()
		}
	}
	return "tutela"
}

// detta is a negative answer that was already printed.
type detta struct{ error }

// frase is an error as the person at the terminal reads it: the message, what is
// wrong with each field, and what lies beneath.
func frase(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	s := e.Message
	for _, campo := range slices.Sorted(maps.Keys(e.Campi)) {
		if e.Kind != fault.Conflict { // its message says it already
			s += " " + e.Campi[campo]
		}
	}
	if c := e.Unwrap(); c != nil {
		s += " (" + c.Error() + ")"
	}
	return s
}
