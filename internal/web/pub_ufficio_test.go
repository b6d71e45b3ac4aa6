package web_test

import (
	"archive/zip"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/web"
)

// The form of the UPT is shut until its people have founded it, and says where to call.
func TestUPTNonAncoraAperta(t *testing.T) {
	b := storetest.SQLite(t)
	n := apriBrowser(t, pagineDi(t, b))
	n.vuole(n.apri("/"), http.StatusOK, "", "Preferisci un ufficio indipendente?")
	p := n.vuole(n.apri("/segnala/ufficio"), http.StatusOK, "", "non è ancora aperto", "800 123 456")
	if !strings.Contains(p.Testo, `value="upt" disabled`) {
		t.Error("the choice is not shut")
	}
	n.vuole(n.invia("/segnala/ufficio", campi("ufficio", "upt")), http.StatusUnprocessableEntity, "", "non è ancora aperto")
	n.vuole(n.invia("/segnala/ufficio", campi("ufficio", "boh")), http.StatusUnprocessableEntity, "", "Scegli a chi scrivere")
	n.vuole(n.invia("/segnala/ufficio", campi("ufficio", "urp")), http.StatusOK, "/segnala/1", "Scegli a chi scrivere")
	delete(b.Ambiente.Altri, pratica.RegistroUPT)
	n.vuole(n.apri("/segnala/ufficio"), http.StatusOK, "", "non è ancora aperto")
	if p := n.apri("/"); strings.Contains(p.Testo, "indipendente") {
		t.Error("an ente without a UPT offers it")
	}
}

// A citizen writes to the UPT with documents, follows it by the key, writes again and
// reads the answer; codice and contact open nothing.
//
// ref: lr33-2009 art. 23-bis
func TestScriveAllUPT(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	upt := b.FondaUPT(t)
	n := apriBrowser(t, pagineDi(t, b))
	n.vuole(n.invia("/segnala/ufficio", campi("ufficio", "upt")), http.StatusOK, "/segnala/1", "lo leggono solo le persone di quell’ufficio", "Ti rispondiamo per iscritto entro 60 giorni")
	n.finoA(4, "reclamo")
	n.vuole(n.inviaFile("/segnala/4", campi("vai", "continua"), fileProva{"documenti", "diariosegreto.txt", []byte("parole del diario")}), http.StatusOK, "")
	n.vuole(n.invia("/segnala/5", campi("per", "me")), http.StatusOK, "/segnala/5/dati", "passa dal server di posta")
	p := n.inviaFile("/segnala/5/dati", campi("nome", "Lucia", "cognome", "Sottovoce", "ricapito", "email", "email", "sottovoce@example.org"))
	p = n.vuole(p, http.StatusOK, "/segnala/6", "UPT, Ufficio di Pubblica Tutela", "Lo leggono solo le persone dell’UPT", "diariosegreto.txt")
	p = n.vuole(n.invia("/segnala/6", campi("chiave", chiaveNascosta(t, p))), http.StatusOK, "/ricevuta", "UPT 2026/0000001", "solo l’UPT può dartene")
	codice, chiave := codiceChiave(t, p)

	altro := apriBrowser(t, n.h)
	altro.vuole(altro.invia("/segui", campi("codice", codice, "contatto", "sottovoce@example.org")), http.StatusUnprocessableEntity, "", "non corrispondono")
	altro.vuole(altro.invia("/segui", campi("codice", codice, "chiave", chiave)), http.StatusOK, "/segui/stato", "UPT 2026/0000001", "diariosegreto.txt", "Ho aspettato sei ore")
	copia := altro.apri("/segui/copia")
	if d := copia.Testa.Get("Content-Disposition"); d != "attachment; filename=segnalazione-UPT-2026-0000001.zip" {
		t.Errorf("the copy is called %s", d)
	}
	if z, err := zip.NewReader(strings.NewReader(copia.Testo), int64(len(copia.Testo))); err != nil {
		t.Error(err)
	} else if dati, err := fs.ReadFile(z, "dati.json"); err != nil || !strings.Contains(string(dati), `"numero": "UPT 2026/0000001"`) {
		t.Errorf("the copy: %s %v", dati, err)
	}
	p = altro.vuole(altro.apri("/segui/atto/messaggio"), http.StatusOK, "")
	altro.vuole(altro.inviaFile("/segui/atto/messaggio", campi("chiave", chiaveNascosta(t, p), "di", strings.ReplaceAll(codice, "-", ""), "testo", "Mi sono ricordata un'altra cosa."),
		fileProva{"documenti", "altrofoglio.txt", []byte("altre parole")}), http.StatusOK, "", "Mi sono ricordata", "altrofoglio.txt")

	capo := upt.Chi(t, "capo")
	pag, err := b.Servizio.Elenco(ctx, capo, pratica.Filtro{Mie: true})
	if err != nil || len(pag.Righe) != 1 {
		t.Fatalf("%v, %v", pag.Righe, err)
	}
	id := pag.Righe[0].ID
	for _, x := range []pratica.Comando{{Atto: "presa_in_carico"}, {Atto: "risposta", Dati: pratica.Dati{"testo": "Gentile Lucia, abbiamo controllato noi."}}} {
		x.Pratica = id
		if _, err := b.Servizio.Esegui(ctx, capo, x); err != nil {
			t.Fatal(err)
		}
	}
	altro.vuole(altro.apri("/segui/risposta"), http.StatusOK, "", "abbiamo controllato noi")
	f, err := b.Servizio.Apri(ctx, capo, id)
	if err != nil || len(f.File) != 2 {
		t.Fatalf("%v", err)
	}
	for _, dove := range b.Tracce(t, "Sottovoce", "sottovoce", "diariosegreto", "parole del diario", "altre parole", "ricordata", "aspettato sei ore", "controllato noi") {
		t.Error(dove)
	}
	if p, err := b.Servizio.Elenco(ctx, b.Chi(access.URPAziendale, ""), pratica.Filtro{}); err != nil || len(p.Righe) > 0 {
		t.Errorf("the URP lists it: %v, %v", p.Righe, err)
	}
}

// Who writes to the UPT is sent for help to the UPT, on every page of the way: the URP
// is another office, and where only its telephone is known the page says so.
func TestAiutoDellUPT(t *testing.T) {
	for nome, contatto := range map[string]pratica.Contatto{"its own": {Telefono: "0372 111 222", Orari: "il martedì", Email: "upt@example.org", Indirizzo: "Via dei Mille 3"}, "none": {}} {
		t.Run(nome, func(t *testing.T) {
			b := storetest.SQLite(t)
			b.FondaUPT(t)
			ente := enteDiProva()
			ente.UPT = contatto
			h, err := web.New(web.Config{Servizio: b.Servizio, Ente: ente, EnteID: b.Ente, Now: b.Orologio.Now, Bozze: b.Store, Blobs: b.Blobs, Anello: b.Anello, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			n := apriBrowser(t, h)
			suo := func(p rispostaPagina) {
				t.Helper()
				vuole := "L’UPT non ha ancora un suo telefono qui"
				if contatto.Telefono != "" {
					vuole = `href="tel:0372111222"`
					if strings.Contains(p.Testo, "800123456") {
						t.Errorf("%s offers the URP's telephone", p.Dove)
					}
				}
				if p.Stato != http.StatusOK || !strings.Contains(p.Testo, vuole) || strings.Contains(p.Testo, "una persona dell’URP") {
					t.Errorf("%s: %d, no %q", p.Dove, p.Stato, vuole)
				}
			}
			suo(n.invia("/segnala/ufficio", campi("ufficio", "upt")))
			n.finoA(4, "reclamo")
			for _, via := range []string{"/segnala/1", "/segnala/2", "/segnala/3", "/segnala/4", "/segnala/5"} {
				suo(n.apri(via))
			}
			n.inviaFile("/segnala/4", campi("vai", "continua"))
			suo(n.invia("/segnala/5", campi("per", "me")))
			suo(n.apri("/segnala/modulo"))
			p := n.inviaFile("/segnala/5/dati", campi("nome", "Lucia", "cognome", "Sottovoce", "ricapito", "email", "email", "sottovoce@example.org"))
			suo(p)
			p = n.invia("/segnala/6", campi("chiave", chiaveNascosta(t, p)))
			suo(p)
			codice, chiave := codiceChiave(t, p)
			suo(n.invia("/segui", campi("codice", codice, "chiave", chiave)))
			suo(n.apri("/segui/atto/messaggio"))
			suo(n.apri("/segui/modulo"))
		})
	}
}
