package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// crescita keeps the medians of the readings, and compares those of a larger
// folder with those of ten thousand cases, if that was measured.
func (b *banco) crescita() error {
	if len(b.letti) == 0 {
		return nil
	}
	nome := func(casi int) string {
		return filepath.Join(b.m.dir, fmt.Sprintf("letture-%s-%d.json", b.d.motore, casi))
	}
	testo, err := json.Marshal(b.letti)
	if err != nil {
		return err
	}
	if err := os.WriteFile(nome(b.d.casi), testo, 0o600); err != nil {
		return err
	}
	if b.d.casi <= 10_000 {
		return nil
	}
	testo, err = os.ReadFile(nome(10_000))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var piccolo map[string]time.Duration
	if err := json.Unmarshal(testo, &piccolo); err != nil {
		return err
	}
	var chiavi []string
	for k := range piccolo {
		if b.letti[k] > 0 {
			chiavi = append(chiavi, k)
		}
	}
	slices.Sort(chiavi)
	for _, k := range chiavi {
		volte, massimo := float64(b.letti[k])/float64(piccolo[k]), 1.3
		if strings.Contains(k, "word") {
			massimo = 2
		}
		b.riga("growth from 10,000, "+k, fmt.Sprintf("%.2f times", volte), fmt.Sprintf("≤ %.1f times", massimo), volte <= massimo)
	}
	return nil
}
