package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tutela/internal/fault"
)

const organigrammaDemo = "../../internal/demo/ente"

func TestOrganigrammaCheckTakesFolderOrFile(t *testing.T) {
	for _, path := range []string{organigrammaDemo, organigrammaDemo + "/organigramma.csv"} {
		var out bytes.Buffer
		if err := runOrganigrammaCheck(path, &out, false); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "183 unità, 841 relazioni, 44 sedi") {
			t.Errorf("%s: %s", path, out.String())
		}
	}
}

func TestOrganigrammaCheckAloneHasNoSiblings(t *testing.T) {
	path := scriviOrganigramma(t, "A,1,SC,Radiologia,,,OSP,,attiva,,,,\n")
	var out bytes.Buffer
	if err := runOrganigrammaCheck(path, &out, false); err != nil || !strings.Contains(out.String(), "1 unità, 0 relazioni, 0 sedi") {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestOrganigrammaCheckSaysWhatIsWrong(t *testing.T) {
	path := scriviOrganigramma(t, "A,1,SC,Radiologia,B,,,,attiva,oggi,,,\n")
	var out bytes.Buffer
	if err := runOrganigrammaCheck(path, &out, false); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v", err)
	}
	if got := out.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "organigramma.csv, riga 2, colonna 5 (padre): ") {
		t.Error(got)
	}
	out.Reset()
	if err := runOrganigrammaCheck(path, &out, true); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v", err)
	}
	var esito esitoJSON
	if err := json.Unmarshal(out.Bytes(), &esito); err != nil || esito.Valido || len(esito.Errori) != 2 || esito.Errori[0].Riga != 2 {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestOrganigrammaCheckWithoutFile(t *testing.T) {
	var out bytes.Buffer
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "x.csv")} {
		if err := runOrganigrammaCheck(path, &out, false); !fault.Is(err, fault.NotFound) {
			t.Errorf("error %v", err)
		}
	}
}

func scriviOrganigramma(t *testing.T, righe string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "organigramma.csv")
	testa := "id,codice,tipo,nome,padre,tipo_afferenza,presidio,ente,stato,valida_dal,valida_al,note,fonte\n"
	if err := os.WriteFile(path, []byte(testa+righe), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
