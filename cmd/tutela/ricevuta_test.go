package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/api"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/store/storetest"
)

// enteVivo is an ente that answers over HTTP, as its own program does.
type enteVivo struct {
	t      *testing.T
	b      *storetest.Banco
	srv    *httptest.Server
	chiave string // of its log, as published
	dir    string // of who checks it
}

func nuovoEnte(t *testing.T, b *storetest.Banco) *enteVivo {
	t.Helper()
	e := &enteVivo{t: t, b: b, dir: t.TempDir()}
	e.srv = httptest.NewServer(api.New(api.Config{Servizio: b.Servizio, Ente: b.Ente}))
	t.Cleanup(e.srv.Close)
	kk, err := b.Servizio.Log.Published(t.Context(), b.Ente)
	if err != nil {
		t.Fatal(err)
	}
	e.chiave = kk[0]
	return e
}

// registra adds so many cases, and a while goes by.
func (e *enteVivo) registra(n int) (r pratica.Ricevuta) {
	e.t.Helper()
	for range n {
		var err error
		if r, err = e.b.Servizio.Registra(e.t.Context(), access.Cittadino(e.b.Ente, "web"), pratica.Nuova{Canale: "web",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore."})}); err != nil {
			e.t.Fatal(err)
		}
	}
	e.b.Orologio.Avanza(2 * time.Minute)
	return r
}

func (e *enteVivo) ricevuta(r pratica.Ricevuta) string {
	e.t.Helper()
	x, err := e.b.Servizio.Prova(e.t.Context(), e.b.Ente, r.Codice, r.Chiave)
	if err != nil {
		e.t.Fatal(err)
	}
	b, err := x.JSON()
	if err != nil {
		e.t.Fatal(err)
	}
	return string(b)
}

func (e *enteVivo) file(nome, testo string) string {
	e.t.Helper()
	p := filepath.Join(e.dir, nome)
	if err := os.WriteFile(p, []byte(testo), 0o600); err != nil {
		e.t.Fatal(err)
	}
	return p
}

// Who has the receipt and the ente's published key needs nobody: what is true is said
// in words, and what is false by its part.
func TestRicevutaVerify(t *testing.T) {
	e := nuovoEnte(t, storetest.SQLite(t))
	segreta, testimone, err := registro.NewWitness("associazione.example")
	if err != nil {
		t.Fatal(err)
	}
	amb := *e.b.Ambiente
	amb.Testimoni = []string{testimone}
	e.b.Ambiente = &amb
	e.registra(2)
	r := e.registra(1)
	semplice := e.ricevuta(r)
	nota, err := e.b.Servizio.Checkpoint(t.Context(), e.b.Ente, 0)
	if err != nil {
		t.Fatal(err)
	}
	riga, err := registro.Cosign(nota, segreta)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.b.Servizio.Witnessed(t.Context(), e.b.Ente, nota, riga); err != nil {
		t.Fatal(err)
	}
	cofirmata := e.ricevuta(r)

	// Offline.
	buona := e.file("ricevuta.json", semplice)
	chiavi := e.file("chiave.txt", e.chiave+"\n")
	altra, err := registro.VerifierKey(registro.Origin(e.b.Ente, 1), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, parole := range []string{"PROVATO", "n. 2026/0000003 del registro URP", "il 2 marzo 2026 alle 10:02:00", "voce n. 3", "firmato fino alla n. 3 (epoca 1)", "Nessun testimone"} {
		dice(t, "", 0, parole, "ricevuta", "verify", buona, "--key", e.chiave)
	}
	dice(t, semplice, 0, "PROVATO", "ricevuta", "verify", "-", "--key", chiavi)
	dice(t, "", 0, `"numero":"2026/0000003"`, "ricevuta", "verify", buona, "--json", "--key", altra, "--key", e.chiave)
	dice(t, cofirmata, 0, "L'ha cofirmato associazione.example", "ricevuta", "verify", "-", "--key", chiavi, "--chiave-testimone", testimone)
	dice(t, cofirmata, 0, "associazione.example, non controllata", "ricevuta", "verify", "-", "--key", chiavi)
	for nome, x := range map[string][2]string{
		"another number": {strings.Replace(semplice, "2026/0000003", "2026/0000004", 1), "La voce non è quella"},
		"another day":    {strings.Replace(semplice, "istante 2026-03-02", "istante 2026-03-01", 1), "La voce non è quella"},
		"another place":  {strings.Replace(semplice, `"indice": 2`, `"indice": 1`, 1), "La voce non è quella"},
		"a line more":    {strings.Replace(semplice, "tutela/foglia/v1", "tutela/foglia/v1\\nnumero 1", 1), "La voce non è scritta"},
		"another state":  {strings.Replace(semplice, `\n3\n`, `\n4\n`, 1), "Lo stato del registro non è firmato con la chiave"},
		"no receipt":     {"boh", "Questa non è una ricevuta"},
	} {
		if x[0] == semplice {
			t.Fatalf("%s: nothing was changed", nome)
		}
		dice(t, x[0], 1, "NON PROVATO. "+x[1], "ricevuta", "verify", "-", "--key", e.chiave)
		dice(t, x[0], 1, `"provata":false`, "ricevuta", "verify", "-", "--json", "--key", e.chiave)
	}
	_, firma, _ := strings.Cut(cofirmata, "associazione.example ")
	falsa := strings.Replace(cofirmata, firma[:20], firma[:19]+map[bool]string{true: "B", false: "A"}[firma[19] == 'A'], 1)
	if falsa == cofirmata {
		t.Fatal("the line is as it was")
	}
	dice(t, falsa, 1, "La cofirma di «associazione.example»", "ricevuta", "verify", "-", "--key", chiavi, "--chiave-testimone", testimone)
	dice(t, semplice, 1, "non è firmato con la chiave", "ricevuta", "verify", "-", "--key", altra)
	dice(t, semplice, 2, "--key: non è una chiave", "ricevuta", "verify", "-", "--key", "boh")
	dice(t, semplice, 2, "Non posso leggere", "ricevuta", "verify", e.dir+"/assente", "--key", e.chiave)
	dice(t, semplice, 2, "key", "ricevuta", "verify", "-")

	// With what a witness keeps, published anywhere: before the receipt, and after.
	vista := func(nome string) string {
		nota, err := e.b.Servizio.Checkpoint(t.Context(), e.b.Ente, 0)
		if err != nil {
			t.Fatal(err)
		}
		if riga, err = registro.Cosign(nota, segreta); err != nil {
			t.Fatal(err)
		}
		return e.pubblica(nome, string(nota)+riga)
	}
	prima := vista("prima")
	dopo := e.ricevuta(e.registra(4))
	e.registra(1)
	dice(t, semplice, 0, "di 3 voci, e quello pubblicato in "+e.srv.URL+", di 8, sono lo stesso", "ricevuta", "verify", "-", "--key", e.chiave, "--testimone", e.srv.URL)
	dice(t, dopo, 0, "sono lo stesso", "ricevuta", "verify", "-", "--key", e.chiave, "--chiave-testimone", testimone, "--testimone", prima, "--ente", e.srv.URL)
	dice(t, dopo, 1, "non è cofirmato dal testimone", "ricevuta", "verify", "-", "--key", e.chiave, "--chiave-testimone", testimone, "--testimone", e.srv.URL)
	dice(t, dopo, 2, "indirizzo intero", "ricevuta", "verify", "-", "--key", e.chiave, "--testimone", "boh")

	// An ente that showed the receipt one tree and the witness another.
	forca := nuovoEnte(t, storetest.SQLite(t))
	chiave, err := e.b.Chiavi.LogKeys(t.Context(), e.b.Ente)
	if err != nil {
		t.Fatal(err)
	}
	bugia := registro.Checkpoint{Origin: registro.Origin(e.b.Ente, 1), Size: 9}
	falso, err := bugia.Sign(chiave...)
	if err != nil {
		t.Fatal(err)
	}
	via := forca.pubblica("altrove", string(falso))
	e.registra(1)
	dice(t, dopo, 1, "si contraddicono", "ricevuta", "verify", "-", "--key", e.chiave, "--testimone", via, "--ente", e.srv.URL)
	bugia.Size = 90
	if falso, err = bugia.Sign(chiave...); err != nil {
		t.Fatal(err)
	}
	via = forca.pubblica("altrove", string(falso))
	dice(t, dopo, 1, "L'ente non sa provare", "ricevuta", "verify", "-", "--key", e.chiave, "--testimone", via, "--ente", e.srv.URL)
	e.srv.Close()
	dice(t, dopo, 1, "Non risponde", "ricevuta", "verify", "-", "--key", e.chiave, "--testimone", e.srv.URL)
}

// pubblica puts a file where anybody reads it, and gives its address.
func (e *enteVivo) pubblica(nome, testo string) string {
	e.t.Helper()
	e.file(nome, testo)
	srv := httptest.NewServer(http.FileServer(http.Dir(e.dir)))
	e.t.Cleanup(srv.Close)
	return srv.URL + "/" + nome
}
