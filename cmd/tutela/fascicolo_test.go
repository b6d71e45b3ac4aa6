package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// A case leaves as a package and is checked with the ente's key alone; what cannot be is
// said, and half a package is never there.
func TestFascicoloComandi(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true // another installation is in its database
		dove := impiantoDi(t, b)
		con := func(args ...string) []string { return append(args, dove...) }
		dice(t, "", 0, "Fatto", con("organigramma", "import", organigrammaDemo, "--si")...)
		i, err := apri(t.Context(), doveDi(dove[1]).con(dove[3], b.URL))
		if err != nil {
			t.Fatal(err)
		}
		r, err := i.servizio.Registra(t.Context(), access.Cittadino("asst", "web"), pratica.Nuova{Canale: "web", Segnalazione: pratica.Chiudi(pratica.Segnalazione{
			Testo: "Mancano le panchine.", Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example"}})})
		if err != nil {
			t.Fatal(err)
		}
		if err := i.chiudi(); err != nil {
			t.Fatal(err)
		}
		chiave, _ := prova(t, "", con("registro", "chiave")...)
		chiave = strings.TrimSpace(chiave)
		dir := t.TempDir()
		pacco := filepath.Join(dir, "f.zip")
		numero := pratica.NumeroScritto(r.Anno, r.Numero)
		dice(t, "", 0, "Scritto", con("fascicolo", "export", numero, "--out", pacco)...)
		dice(t, "", 2, "c'è già", con("fascicolo", "export", numero, "--out", pacco)...)
		dice(t, "", 0, "Il fascicolo è valido: pratica "+numero, "fascicolo", "verify", pacco, "--key", chiave)
		for nome, args := range map[string][]string{"Non troviamo": {"1999/7"}, "Scrivi il numero": {"x"}} {
			esito := 1
			if nome == "Scrivi il numero" {
				esito = 2
			}
			dice(t, "", esito, nome, con("fascicolo", "export", args[0], "--out", filepath.Join(dir, "no.zip"))...)
		}
		if resti, _ := filepath.Glob(filepath.Join(dir, ".fascicolo*")); len(resti) > 0 || esiste(filepath.Join(dir, "no.zip")) {
			t.Errorf("left: %v", resti)
		}
		dice(t, "", 2, "--key", "fascicolo", "verify", pacco, "--key", "x")
		byte, err := os.ReadFile(pacco)
		if err != nil {
			t.Fatal(err)
		}
		byte[len(byte)/2] ^= 1
		if err := os.WriteFile(pacco, byte, 0o600); err != nil {
			t.Fatal(err)
		}
		dice(t, "", 1, "NON è valido", "fascicolo", "verify", pacco, "--key", chiave)
		dice(t, "", 2, "come pacco ZIP", "fascicolo", "verify", filepath.Join(dir, "assente"), "--key", chiave)
	})
}

func (d dove) con(chiavi, url string) dove {
	d.Keys, d.DB = chiavi, url
	return d
}
