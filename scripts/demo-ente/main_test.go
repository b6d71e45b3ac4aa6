package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What is committed is what the command makes, so that nobody mends it by hand.
func TestCommittedIsGenerated(t *testing.T) {
	dir := t.TempDir()
	if err := genera("../../internal/organigramma/testdata/asst-cremona", dir); err != nil {
		t.Fatal(err)
	}
	for _, nome := range []string{"organigramma.csv", "organigramma-relazioni.csv", "presidi.csv"} {
		fatto, err := os.ReadFile(filepath.Join(dir, nome))
		if err != nil {
			t.Fatal(err)
		}
		messo, err := os.ReadFile(filepath.Join("../../internal/demo/ente", nome))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(fatto, messo) {
			t.Errorf("internal/demo/ente/%s is not what the command writes", nome)
		}
	}
}

func TestSourceWithoutCounterpartIsRefused(t *testing.T) {
	if err := sede(record{"codice": "UNKNOWN"}); err == nil {
		t.Fatal("a site without an invented counterpart passed")
	}
}
