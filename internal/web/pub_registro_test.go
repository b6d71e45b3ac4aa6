package web_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"tutela/internal/registro"
	"tutela/internal/store/storetest"
)

// The receipt leaves as a file with the number in its name; the page says what it
// proves, or which part is false; the page of the log who saw it.
func TestRicevutaVerificabile(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		segreta, chiaveTestimone, err := registro.NewWitness("associazione.example")
		if err != nil {
			t.Fatal(err)
		}
		_, altra, err := registro.NewWitness("regione.example")
		if err != nil {
			t.Fatal(err)
		}
		h := pagineDi(t, b)
		n := apriBrowser(t, h)
		n.vuole(n.apri("/registro"), 200, "", "voce n. 0", "Per ora nessuno")
		n.vuole(n.apri("/ricevuta/prova.json"), 404, "")
		n.vuole(n.apri("/segui/ricevuta.json"), 200, "/segui?scaduta")
		codice, chiave := codiceChiave(t, n.spedita("reclamo"))
		carta := n.vuole(n.apri("/ricevuta"), 200, "", "Scarica la ricevuta verificabile", "Controllala adesso")
		breve := regexp.MustCompile(`/ricevuta/verifica#([\w-]{300,})"`).FindStringSubmatch(carta.Testo)
		if x, err := registro.ParseCompact(breve[1]); err != nil || !strings.Contains(x.Leaf, "numero 2026/0000001\n") {
			t.Errorf("the link on the receipt: %v %s", err, x.Leaf)
		}
		if qr := n.apri("/ricevuta/prova.svg"); qr.Stato != 200 || len(carta.Testo)+len(qr.Testo) > 30<<10 {
			t.Errorf("the proof on paper: %d, the page %d bytes and its code %d", qr.Stato, len(carta.Testo), len(qr.Testo))
		}
		daSola := n.apri("/ricevuta/verifica.html")
		if chiavi, err := b.Servizio.Log.Published(t.Context(), b.Ente); err != nil || !strings.Contains(html.UnescapeString(daSola.Testo), chiavi[0]) || strings.Contains(daSola.Testo, "://") {
			t.Errorf("the page to be kept: %v", err)
		}
		subito := n.apri("/ricevuta/prova.json")
		n.vuole(n.invia("/segui", campi("codice", codice, "chiave", chiave)), 200, "/segui/stato", "Scarica la ricevuta verificabile")
		p := n.apri("/segui/ricevuta.json")
		for _, x := range []rispostaPagina{subito, p} {
			if d := x.Testa.Get("Content-Disposition"); x.Stato != 200 || d != `attachment; filename=ricevuta-2026-0000001.json` || x.Testa.Get("Content-Type") != "application/json" {
				t.Fatalf("%d %q: %s", x.Stato, d, x.Testo)
			}
			for _, no := range []string{codice, chiave, strings.ReplaceAll(chiave, "-", ""), "Ho aspettato", "Brambati"} {
				if strings.Contains(x.Testo, no) {
					t.Errorf("the receipt says %q", no)
				}
			}
		}

		verifica := func(testo string) rispostaPagina {
			t.Helper()
			return n.inviaFile("/ricevuta/verifica", nil, fileProva{"ricevuta", "ricevuta.json", []byte(testo)})
		}
		controllaMarche(t, n.vuole(n.apri("/ricevuta/verifica"), 200, "", "Il file della ricevuta"))
		controllaMarche(t, n.vuole(verifica(p.Testo), 200, "", "La ricevuta è vera", "n. 2026/0000001 del registro URP", "il 2 marzo 2026 alle 10:00:00", "la comprende ancora"))
		controllaMarche(t, n.vuole(verifica(strings.Replace(p.Testo, "2026/0000001", "2026/0000002", 1)), 422, "", "Questa ricevuta non prova nulla", "La voce non è quella"))
		controllaMarche(t, n.vuole(n.invia("/ricevuta/verifica", campi("breve", "https://x.example/ricevuta/verifica#"+breve[1])), 200, "", "La ricevuta è vera", "n. 2026/0000001 del registro URP"))
		if storta := n.vuole(n.invia("/ricevuta/verifica", campi("breve", "boh")), 422, "", "non prova nulla"); !strings.Contains(storta.Testo, ">boh</textarea>") {
			t.Error("what was typed is gone")
		}
		n.vuole(verifica("boh"), 422, "", "non è una ricevuta")
		n.vuole(verifica(""), 422, "", "Scegli il file")
		n.vuole(verifica(strings.Repeat("x", 65<<10)), 422, "", "non è una ricevuta")
		n.vuole(verifica(strings.Repeat("x", 200<<10)), 422, "", "troppo grande per essere una ricevuta")
		n.vuole(n.invia("/ricevuta/verifica", nil), 422, "", "Scegli il file")

		// Who watches from outside, and how far they came.
		amb := *b.Ambiente
		amb.Testimoni = []string{chiaveTestimone, altra}
		b.Ambiente = &amb
		nota, err := b.Servizio.Checkpoint(t.Context(), b.Ente, 0)
		if err != nil {
			t.Fatal(err)
		}
		riga, err := registro.Cosign(nota, segreta)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Servizio.Witnessed(t.Context(), b.Ente, nota, riga); err != nil {
			t.Fatal(err)
		}
		controllaMarche(t, n.vuole(n.apri("/registro"), 200, "", "Testimoniato fino alla voce n. 1, 1 su 2", "fino alla voce n. 1, il ", "non ha ancora firmato"))
		n.vuole(verifica(n.apri("/segui/ricevuta.json").Testo), 200, "", "L'ha cofirmato associazione.example")

		// Later, the same receipt is still of the log as it has grown.
		apriBrowser(t, h).spedita("elogio")
		b.Orologio.Avanza(2 * time.Minute)
		n.vuole(verifica(p.Testo), 200, "", "firmato fino alla n. 1 (epoca 1)", "firmato fino alla n. 2, la comprende ancora")

		// True, and lost.
		chiavi, err := b.Chiavi.LogKeys(t.Context(), b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		r, err := registro.ParseReceipt([]byte(p.Testo))
		if err != nil {
			t.Fatal(err)
		}
		e, _ := registro.Edge{}.Append(registro.HashText([]byte(r.Leaf)))
		e, _ = e.Append(registro.Hash{})
		e, _ = e.Append(registro.Hash{1})
		persa, err := registro.Checkpoint{Origin: registro.Origin(b.Ente, 1), Size: 3, Root: e.Root()}.Sign(chiavi...)
		if err != nil {
			t.Fatal(err)
		}
		r = registro.NewReceipt([]byte(r.Leaf), 0, []registro.Hash{{}, {1}}, persa)
		testo, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		n.vuole(verifica(string(testo)), 409, "", "Il registro di oggi non ha questa voce", "La ricevuta è vera, ma il registro di oggi non la comprende più")
	})
}
