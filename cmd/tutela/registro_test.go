package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tutela/internal/store/storetest"
)

// The commands of the register on an installation that has done nothing yet, and with
// what cannot be.
func TestRegistroComandi(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true
		dove := impiantoDi(t, b)
		con := func(args ...string) []string { return append(args, dove...) }
		dice(t, "", 0, "Il registro è intero", con("registro", "verify")...)
		dice(t, "", 0, "tutela/registro/asst/1+", con("registro", "chiave")...)
		dice(t, "no\n", 1, "", con("registro", "chiave", "--nuova")...)
		dice(t, "", 0, "Per un anno firmano tutte e due", con("registro", "chiave", "--nuova", "--si")...)
		if s, _ := prova(t, "", con("registro", "chiave")...); strings.Count(s, "tutela/registro/asst/1+") != 2 {
			t.Errorf("keys after a new one: %s", s)
		}
		stato := filepath.Join(t.TempDir(), "stato.json")
		for range 2 {
			dice(t, "", 0, "Il registro è intero", con("registro", "verify", "--stato", stato)...)
		}
		s, code := prova(t, "", con("registro", "verify", "--json")...)
		var x struct {
			Intero bool
			Foglie int
		}
		if err := json.Unmarshal([]byte(s), &x); err != nil || code != 0 || !x.Intero || x.Foglie == 0 {
			t.Errorf("%s %v", s, err)
		}
		if err := os.WriteFile(stato, []byte(`{"ente":"altro"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		dice(t, "", 2, "non è lo stato di una verifica", con("registro", "verify", "--stato", stato)...)
		dice(t, "", 2, "non posso scrivere", con("registro", "verify", "--stato", filepath.Join(t.TempDir(), "assente", "x"))...)
		dice(t, "", 1, "Il registro è intero", con("registro", "ripristino", "--motivo", "Rimessa una copia di ieri.")...)
		dice(t, "", 2, "--motivo", con("registro", "ripristino", "--motivo", " ")...)
	})
}

// An older copy put back under the program: nothing is served before it is declared;
// declared, it goes on.
func TestRegistroCopiaVecchia(t *testing.T) {
	dir := t.TempDir()
	dove := []string{"--data", dir}
	con := func(args ...string) []string { return append(args, dove...) }
	dice(t, "", 0, "Creato", con("ente", "crea", "--id", "asst", "--nome", "ASST Prova", "--telefono", "0372 000 000")...)
	file := func(nome string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, nome))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return b
	}
	vecchio := file("tutela.db")
	dice(t, "", 0, "Fatto", con("organigramma", "import", organigrammaDemo, "--si")...)
	i, err := apri(t.Context(), doveDi(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := i.firmaRegistro(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := i.chiudi(); err != nil {
		t.Fatal(err)
	}
	for _, nome := range []string{"tutela.db-wal", "tutela.db-shm"} {
		_ = os.Remove(filepath.Join(dir, nome))
	}
	if err := os.WriteFile(filepath.Join(dir, "tutela.db"), vecchio, 0o600); err != nil {
		t.Fatal(err)
	}
	dice(t, "", 1, "registro ripristino --motivo", con("serve", "--addr", "127.0.0.1:0")...)
	dice(t, "", 1, "più vecchio", con("registro", "verify")...)
	dice(t, "", 1, "registro ripristino", con("check")...)
	dice(t, "n\n", 1, "Non è cambiato nulla", con("registro", "ripristino", "--motivo", "Rimessa la copia di ieri.")...)
	dice(t, "s\n", 0, "Comincia l'epoca 2", con("registro", "ripristino", "--motivo", "Rimessa la copia di ieri.")...)
	dice(t, "", 0, "Il registro è intero", con("registro", "verify")...)
	if s, code := prova(t, "", con("registro", "chiave")...); code != 0 || !strings.HasPrefix(s, "tutela/registro/asst/2+") {
		t.Errorf("%d %s", code, s)
	}
}

func doveDi(dir string) dove { return dove{Data: dir} }
