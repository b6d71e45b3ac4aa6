// Command demo-ente makes the chart of the invented ASST Montelago from that of a
// real body: the same shape and size, with every real name, code, address and
// remark replaced by the tables in nomi.go. What it writes is committed in
// internal/demo/ente; a test there refuses any real place name.
//
//	go run ./scripts/demo-ente -da internal/organigramma/testdata/asst-cremona -a internal/demo/ente
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	da := flag.String("da", "internal/organigramma/testdata/asst-cremona", "folder with the three source files")
	a := flag.String("a", "internal/demo/ente", "folder to write to")
	flag.Parse()
	if err := genera(*da, *a); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func genera(da, a string) error {
	return errors.Join(
		trasforma(da, a, "organigramma.csv", unita),
		trasforma(da, a, "organigramma-relazioni.csv", relazione),
		trasforma(da, a, "presidi.csv", sede),
	)
}

// record is a line with its fields by column name.
type record map[string]string

func trasforma(da, a, nome string, cambia func(record) error) error {
	f, err := os.Open(filepath.Join(da, nome))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	colonne, righe, err := leggi(f)
	if err != nil {
		return fmt.Errorf("%s: %w", nome, err)
	}
	for i, r := range righe {
		if err := cambia(r); err != nil {
			return fmt.Errorf("%s, line %d: %w", nome, i+2, err)
		}
	}
	if nome == "organigramma.csv" {
		righe = append(righe, aggiunte...)
	}
	w, err := os.Create(filepath.Join(a, nome))
	if err != nil {
		return err
	}
	return errors.Join(scrivi(w, colonne, righe), w.Close())
}

func leggi(r io.Reader) ([]string, []record, error) {
	tutto, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	if len(tutto) == 0 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	var righe []record
	for _, campi := range tutto[1:] {
		rec := record{}
		for i, c := range campi {
			rec[tutto[0][i]] = c
		}
		righe = append(righe, rec)
	}
	return tutto[0], righe, nil
}

func scrivi(w io.Writer, colonne []string, righe []record) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	tutto := [][]string{colonne}
	for _, r := range righe {
		campi := make([]string, len(colonne))
		for i, nome := range colonne {
			campi[i] = r[nome]
		}
		tutto = append(tutto, campi)
	}
	return c.WriteAll(tutto)
}

// unita drops remarks and sources: they cite the real act.
func unita(r record) error {
	for _, campo := range []string{"id", "padre", "presidio"} {
		r[campo] = codici.Replace(r[campo])
	}
	if _, esterno := enti[r["codice"]]; esterno || r["tipo"] == "ente_esterno" {
		r["codice"] = enti[r["codice"]]
	}
	r["ente"] = enti[r["ente"]]
	r["nome"] = rinomina(r["nome"])
	r["note"], r["fonte"] = "", "dimostrazione"
	return nil
}

// relazione keeps the words only where there is no unit to point to.
func relazione(r record) error {
	r["da"], r["a"] = codici.Replace(r["da"]), codici.Replace(r["a"])
	r["testo"] = rinomina(r["testo"])
	if r["a"] != "" {
		r["testo"] = ""
	}
	return nil
}

func sede(r record) error {
	n, ok := sedi[r["codice"]]
	if !ok {
		return fmt.Errorf("the site %q has no invented counterpart in nomi.go", r["codice"])
	}
	r["codice"], r["nome"], r["comune"], r["indirizzo"] = n.codice, n.nome, n.comune, n.indirizzo
	if n.tipo != "" {
		r["tipo"] = n.tipo
	}
	if n.stato != "" {
		r["stato"] = n.stato
	}
	r["note"] = ""
	return nil
}
