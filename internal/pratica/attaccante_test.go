package pratica_test

import (
	ziparchive "archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// With the whole disk, the server's key and the program, and nobody of the UPT signed
// in, nothing of its cases is read, but what it addressed to a structure. The same
// hands open a case of the URP: they are no straw.
//
// ref: lr33-2009 art. 23-bis
func TestDiscoNonApreUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		intruso := func() *storetest.Intruso {
			return storetest.NewIntruso(t, b.Ente, filepath.Join(b.Dir, "chiavi"), b.Store, cmp.Or(b.URL, b.Dir))
		}
		x := intruso()
		seg := pratica.Segnalazione{Tipo: "reclamo", Oggetto: "Quadrifoglio smarrito", Testo: "Nel reparto di zucconia mi hanno perso la protesi.", Chiede: "Un rimborso lunghissimo",
			Segnalante: &pratica.Persona{Nome: "Ermenegilda", Cognome: "Vattelapesca", CodiceFiscale: "VTTRNG70A41H501X", Email: "gilda@vattelapesca.example"}}
		parole := []string{"Quadrifoglio", "quadrifoglio", "zucconia", "lunghissimo", "Ermenegilda", "Vattelapesca", "vattelapesca", "VTTRNG70A41H501X", "carteprivate", "camminamento"}
		nuova := func(registro string) pratica.Nuova {
			return pratica.Nuova{Registro: registro, Canale: "web", Segnalazione: pratica.Chiudi(seg), File: []pratica.File{{ID: vault.NewID(b.Orologio.Now()),
				Nome: vault.NewRiservato("carteprivate.pdf"), Tipo: "pdf", Dove: strings.Repeat("cd", 32), Chiave: vault.NewRiservato(string(vault.NewKey()))}}}
		}
		prova := registra(t, b, nuova(pratica.RegistroURP))
		if testi, parti := x.Apre(prova.ID); len(testi) < 3 || len(parti) < 2 || !strings.Contains(strings.Join(testi, ""), "zucconia") {
			t.Fatalf("the hands open nothing of the URP either: %d texts, parts %v", len(testi), parti)
		}
		if len(b.Tracce(t, prova.Codice)) == 0 {
			t.Fatal("the eyes find nothing")
		}
		r := registra(t, b, nuova(pratica.RegistroUPT))
		capo := upt.Chi(t, "capo")
		unita := b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[5].ID
		for _, p := range []struct {
			atto string
			dati pratica.Dati
		}{{"presa_in_carico", nil}, {"classificazione", pratica.Dati{"diritto": "rispetto"}}, {"nota", pratica.Dati{"nota": "Il camminamento è rotto."}},
			{"richiesta_informazioni", pratica.Dati{"quesito": "Che cosa è successo?", "strutture": []map[string]string{{"id": unita, "copia": "Una protesi persa."}}}},
			{"accesso_fascicolo", pratica.Dati{"fascicolo": "2026/1", "motivo": "Ermenegilda lo chiede."}},
			{"risposta", pratica.Dati{"testo": "Gentile Ermenegilda Vattelapesca, il camminamento sarà riparato."}}} {
			b.Orologio.Avanza(time.Hour)
			if _, err := b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: r.ID, Atto: p.atto, Dati: p.dati}); err != nil {
				t.Fatalf("%s: %v", p.atto, err)
			}
		}
		x = intruso()
		testi, parti := x.Apre(r.ID)
		if !slices.Equal(parti, []string{"richiesta-1"}) {
			t.Errorf("parts whose key the disk gives: %v", parti)
		}
		for _, s := range testi {
			var q struct{ Copia, Quesito string }
			if err := json.Unmarshal([]byte(s), &q); err != nil || q.Copia != "Una protesi persa." {
				t.Errorf("the disk opens %q", s)
			}
		}
		if len(testi) == 0 {
			t.Error("what was addressed to the structure does not open on its side")
		}
		for _, chi := range []access.Chi{access.Sistema(b.Ente), access.Cittadino(b.Ente, "web"), {Ente: b.Ente, Persona: "x", Uffici: []string{"upt:", "upt-operatore:", "urp-aziendale:"}},
			{Ente: b.Ente, Persona: "x", Uffici: []string{"upt:", "upt-operatore:"}, Aperti: x}} {
			f, err := b.Servizio.Apri(ctx, chi, r.ID)
			if err == nil && f.Segnalazione != nil {
				t.Errorf("the program opens it for %+v", chi.Uffici)
			}
			if chi.Aperti == nil && chi.Personale() && !fault.Is(err, fault.NotFound) {
				t.Errorf("%v: %v", chi.Uffici, err)
			}
		}
		for _, preso := range x.Segreti() {
			t.Errorf("the disk gives %s", preso)
		}
		if trovate := x.Indovina("zucconia"); !slices.Contains(trovate, prova.ID) || slices.Contains(trovate, r.ID) {
			t.Errorf("by a word guessed he finds %v", trovate)
		}
		for _, dove := range b.Tracce(t, parole...) {
			t.Error(dove)
		}
	})
}

// The eyes of TestDiscoNonApreUPT see a word in every shape in which it may lie.
func TestTracce(t *testing.T) {
	b := storetest.SQLite(t)
	const parola = "Quadrifoglio"
	frase := "il " + parola + " smarrito"
	var zip bytes.Buffer
	z := gzip.NewWriter(&zip)
	if _, err := z.Write([]byte(frase)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	var utf16, utf16be []byte
	for _, r := range frase {
		utf16, utf16be = append(utf16, byte(r), 0), append(utf16be, 0, byte(r))
	}
	var sgonfio, archivio bytes.Buffer
	zl := zlib.NewWriter(&sgonfio)
	if _, err := zl.Write([]byte(frase)); err != nil || zl.Close() != nil {
		t.Fatal(err)
	}
	za := ziparchive.NewWriter(&archivio)
	w, err := za.Create("carta.txt")
	if err == nil {
		_, err = w.Write([]byte(frase))
	}
	if err != nil || za.Close() != nil {
		t.Fatal(err)
	}
	forme := [][]byte{[]byte(frase), []byte(strings.ToUpper(frase)), utf16, utf16be, []byte(hex.EncodeToString([]byte(frase))), append([]byte("prima"), zip.Bytes()...),
		append([]byte("prima"), sgonfio.Bytes()...), append([]byte("prima"), archivio.Bytes()...)}
	for i := range 3 {
		forme = append(forme, []byte(base64.StdEncoding.EncodeToString([]byte(frase[i:]))))
	}
	scrivi := func(x []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(b.Dir, "traccia"), x, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, x := range forme {
		if scrivi(x); len(b.Tracce(t, parola)) == 0 {
			t.Errorf("shape %d is not seen", i)
		}
	}
	if scrivi([]byte("niente")); len(b.Tracce(t, parola)) > 0 {
		t.Error("seen where it is not")
	}
}
