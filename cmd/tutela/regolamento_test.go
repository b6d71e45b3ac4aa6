package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tutela/internal/fault"
	"tutela/internal/regolamento"
)

func TestRegolamentoList(t *testing.T) {
	var testo, dati bytes.Buffer
	if err := runRegolamentoList(&testo, false); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(testo.String(), "pga01\tversione 2\t") || strings.Contains(testo.String(), "comune") {
		t.Errorf("%s", testo.String())
	}
	if err := runRegolamentoList(&dati, true); err != nil {
		t.Fatal(err)
	}
	var voci []struct{ Nome, Impronta string }
	if err := json.Unmarshal(dati.Bytes(), &voci); err != nil || voci[0].Nome != "pga01" || len(voci[0].Impronta) != 64 {
		t.Errorf("%v: %s", err, dati.String())
	}
}

func TestRegolamentoShow(t *testing.T) {
	var out bytes.Buffer
	if err := runRegolamentoShow("pga01", &out, false); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"  Prendi in carico (presa_in_carico). Fonte: PGA01 rev. 02, § 4.2\n    chi: URP di 2° livello, URP aziendale\n",
		"  Risposta al cittadino (risposta): 60 giorni. Fonte: PGA01 rev. 02, § 4.4.2\n    tocca a: URP aziendale\n",
		"    proroga: «Risposta prorogata», fino a 30 giorni in più, 90 in tutto\n",
		"  Risposta secondo la legge (risposta_legge): 15 giorni, termine di legge. Fonte: D.Lgs. 502/1992, art. 14 c. 5\n",
		"    chi: se natura è «Sanitaria» Direttore sanitario; se natura è «Tecnica o amministrativa» Direttore amministrativo\n",
	} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("not there: %s", s)
		}
	}
	// What is shown as JSON is what is named by the hash.
	out.Reset()
	if err := runRegolamentoShow("pga01", &out, true); err != nil {
		t.Fatal(err)
	}
	var v struct {
		Impronta    string
		Regolamento json.RawMessage
	}
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	if r, err := regolamento.Parse(v.Regolamento); err != nil || r.Hash() != v.Impronta {
		t.Errorf("%v", err)
	}
}

func TestRegolamentoCheck(t *testing.T) {
	var out bytes.Buffer
	if err := runRegolamentoCheck("pga01", &out, false); err != nil || !strings.HasPrefix(out.String(), "pga01: va bene. ") {
		t.Errorf("%v: %s", err, out.String())
	}
	file := filepath.Join(t.TempDir(), "mio.yaml")
	scrivi := func(s string) {
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scrivi("regolamento: mio\nversione: \"1\"\ntitolo: Mio\nbase: pga01\ntermini:\n  presa_atto: {dal: inoltro}\n")
	out.Reset()
	err := runRegolamentoCheck(file, &out, false)
	vuole := "mio: regola 2: stato aperto senza un termine in corso\n  registrazione {rilievo, nominativo, scritta} > ritiro > riapertura\n"
	if !fault.Is(err, fault.Invalid) || out.String() != vuole {
		t.Errorf("%v:\n%s", err, out.String())
	}
	scrivi("regolamento: mio\nversione: \"1\"\ntitolo: Mio\nbase: pga01\natti:\n  proroga: {volta: 2}\n")
	if err = runRegolamentoCheck(file, &out, false); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), `riga 6: chiave sconosciuta "volta" (forse "volte"?)`) {
		t.Errorf("%v", err)
	}
	if err = runRegolamentoShow("pga02", &out, false); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}
