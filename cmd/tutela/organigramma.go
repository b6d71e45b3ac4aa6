package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/organigramma"
)

// runOrganigrammaCheck reads the chart at path and says on out what is wrong, an
// error a line, or how large it is. path is a folder with organigramma.csv and, if
// there are any, organigramma-relazioni.csv and presidi.csv; or the first of them,
// which may then bear another name. The error is a fault: NotFound or
// Unavailable for files that cannot be read, Invalid for a chart that is not sound.
func runOrganigrammaCheck(path string, out io.Writer, asJSON bool) error {
	v, errori, err := leggiOrganigramma(path)
	if err != nil {
		return err
	}
	return esitoOrganigramma(out, v, errori, asJSON)
}

// esitoOrganigramma prints what came of reading a chart; fault.Invalid when it is
// not sound.
func esitoOrganigramma(out io.Writer, v *organigramma.Versione, errori []organigramma.Errore, asJSON bool) error {
	var err error
	if asJSON {
		err = scriviEsitoJSON(out, v, errori)
	} else {
		err = scriviEsito(out, v, errori)
	}
	if err == nil && v == nil {
		err = fault.New(fault.Invalid, "L'organigramma non va bene: correggi gli errori elencati.")
	}
	return err
}

// leggiOrganigramma imports the chart at path; errori are those of the files'
// content, err says that a file could not be opened.
func leggiOrganigramma(path string) (*organigramma.Versione, []organigramma.Errore, error) {
	unita := path
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, nonSiApre(err)
	}
	cartella := path
	if info.IsDir() {
		unita = filepath.Join(path, organigramma.FileUnita)
	} else {
		cartella = filepath.Dir(path)
	}
	u, err := os.Open(unita)
	if err != nil {
		return nil, nil, nonSiApre(err)
	}
	defer func() { _ = u.Close() }()
	var altri [2]io.Reader
	for i, nome := range []string{organigramma.FileRelazioni, organigramma.FilePresidi} {
		f, err := os.Open(filepath.Join(cartella, nome))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, nonSiApre(err)
		}
		defer func() { _ = f.Close() }()
		altri[i] = f
	}
	v, errori := organigramma.Import(u, altri[0], altri[1])
	return v, errori, nil
}

func nonSiApre(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, "Non trovo "+organigramma.FileUnita+" in quel percorso.")
	}
	return fault.Wrap(err, fault.Unavailable, "Il file dell'organigramma non si apre: controlla i permessi.")
}

func scriviEsito(out io.Writer, v *organigramma.Versione, errori []organigramma.Errore) error {
	for _, e := range errori {
		if _, err := fmt.Fprintln(out, e); err != nil {
			return err
		}
	}
	if v == nil {
		return nil
	}
	_, err := fmt.Fprintf(out, "L'organigramma va bene: %s, %s, %s.\nImpronta: %s\n", i18n.Plural(len(v.Units()), "unità", "unità"),
		i18n.Plural(len(v.Relazioni()), "relazione", "relazioni"), i18n.Plural(len(v.Sedi()), "sede", "sedi"), v.Hash())
	return err
}

// esitoJSON is what --json prints.
type esitoJSON struct {
	Valido    bool                  `json:"valido"`
	Unita     int                   `json:"unita"`
	Relazioni int                   `json:"relazioni"`
	Sedi      int                   `json:"sedi"`
	Impronta  string                `json:"impronta,omitempty"`
	Errori    []organigramma.Errore `json:"errori"`
}

func scriviEsitoJSON(out io.Writer, v *organigramma.Versione, errori []organigramma.Errore) error {
	esito := esitoJSON{Errori: errori}
	if errori == nil {
		esito.Errori = []organigramma.Errore{}
	}
	if v != nil {
		esito.Valido, esito.Impronta = true, v.Hash()
		esito.Unita, esito.Relazioni, esito.Sedi = len(v.Units()), len(v.Relazioni()), len(v.Sedi())
	}
	w := json.NewEncoder(out)
	w.SetEscapeHTML(false)
	return w.Encode(esito)
}
