package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// The library that reads the command line speaks English. What it says is put into
// Italian here, and nowhere else.

var paroleAiuto = strings.NewReplacer(
	"Usage: ", "Uso: ", "\nFlags:\n", "\nOpzioni:\n", "\nCommands:\n", "\nComandi:\n", "\nArguments:\n", "\nArgomenti:\n", "[flags]", "[opzioni]", "<command>", "<comando>",
	`Run "tutela <command> --help" for more information on a command.`, "Che cosa prende un comando lo dice: tutela <comando> --help",
)

// aiuto prints what --help says.
func aiuto(o kong.HelpOptions, k *kong.Context) error {
	var b bytes.Buffer
	out := k.Stdout
	k.Stdout = &b
	err := kong.DefaultHelpPrinter(o, k)
	k.Stdout = out
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, paroleAiuto.Replace(b.String()))
	return err
}

// paroleErrore are the refusals of a command line, the narrow ones first.
var paroleErrore = []struct {
	inglese  *regexp.Regexp
	italiano string
}{
	{regexp.MustCompile(`^unknown flag (\S+), did you mean (?:one of )?(.+)\?$`), "l'opzione $1 non esiste: forse $2"},
	{regexp.MustCompile(`^unknown flag (\S+)$`), "l'opzione $1 non esiste"},
	{regexp.MustCompile(`^unexpected argument (.+), did you mean (?:one of )?(.+)\?$`), "non capisco $1: forse $2"},
	{regexp.MustCompile(`^unexpected argument (.+)$`), "non capisco $1: non è un comando, o è di troppo"},
	{regexp.MustCompile(`^unexpected flag argument (.+)$`), "$1 è di troppo: quell'opzione non prende un valore"},
	{regexp.MustCompile(`^expected one of (.+)$`), "manca il comando. Ci sono: $1"},
	{regexp.MustCompile(`^missing flags: (.+)$`), "manca $1"},
	{regexp.MustCompile(`^(?:missing positional arguments|expected) (.+)$`), "manca $1"},
	{regexp.MustCompile(`^(.+?): expected an? .*but got "(.*?)".*$`), "$1: scrivi un numero, non $2"},
	{regexp.MustCompile(`^(.+?): expected .* value but got "EOL".*$`), "$1: manca il valore"},
	{regexp.MustCompile(`^(.+?): expected .* value but got "(.*)" \(.*$`), "$1: manca il valore prima di $2"},
	{regexp.MustCompile(`^(.+?): bool value must be .*$`), "$1: scrivi true o false"},
}

func inItaliano(m string) string {
	for _, p := range paroleErrore {
		if p.inglese.MatchString(m) {
			return p.inglese.ReplaceAllString(m, p.italiano)
		}
	}
	return m // our own, of a value that we read
}
