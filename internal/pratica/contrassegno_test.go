package pratica_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// rispondi takes a case to its signed answer.
func rispondi(t *testing.T, b *storetest.Banco, id vault.ID, testo string, atti ...string) {
	t.Helper()
	urp, az, ds := b.Chi(access.URP, "URP-SANTA-CHIARA"), b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreSanitario, "")
	for _, p := range []struct {
		chi  access.Chi
		atto string
		dati pratica.Dati
	}{{urp, "presa_in_carico", nil}, {urp, "valutazione", pratica.Dati{"natura": "sanitaria", "danni": "esclusi"}}, {az, "riapertura", pratica.Dati{"motivo": "Manca un fatto."}},
		{urp, "informativa", nil}, {az, "bozza_risposta", pratica.Dati{"testo": testo}}, {ds, "firma_risposta", nil}, {az, "invio_risposta", pratica.Dati{"mezzo": "portale"}},
		{az, "archiviazione", nil}} {
		if !slices.Contains(atti, p.atto) {
			continue
		}
		b.Orologio.Avanza(time.Hour)
		if _, err := b.Servizio.Esegui(context.Background(), p.chi, pratica.Comando{Pratica: id, Atto: p.atto, Dati: p.dati}); err != nil {
			t.Fatalf("%s: %v", p.atto, err)
		}
	}
}

var (
	primaRisposta = []string{"presa_in_carico", "valutazione", "informativa", "bozza_risposta", "firma_risposta", "invio_risposta"}
	altraRisposta = []string{"riapertura", "informativa", "bozza_risposta", "firma_risposta", "invio_risposta"}
)

// The stamp of an answer: what anybody is told of it, what its password opens, what a
// file is held against; another answer takes its place; of a file that was eliminated
// number, date and state stay, and a hash that only the password compares.
//
// ref: cad art. 23
func TestContrassegno(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		const testo = "Gentile Ilaria,\nci scusiamo: zafferanone."
		r := registra(t, b, reclamo())
		rispondi(t, b, r.ID, testo, primaRisposta...)
		timbro := func() pratica.ContrassegnoVisto {
			t.Helper()
			g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave)
			if err != nil {
				t.Fatal(err)
			}
			return g.Contrassegno.Apri()
		}
		c := timbro()
		sum := sha256.Sum256([]byte(testo))
		if len(c.ID) != 12 || len(c.Password) != 16 || c.Impronta != sum || c.Numero != "2026/0000001" || c.Data != day.Of(2026, time.March, 2) || !c.Scade.IsZero() {
			t.Fatalf("%+v", c)
		}
		f, err := b.Servizio.Apri(ctx, b.Chi(access.URPAziendale, ""), r.ID)
		if err != nil || f.Storia[f.Testa.Seq-1].Contrassegno.Apri() != c || f.Storia[0].Contrassegno.Apri().ID != "" {
			t.Fatalf("the office prints another: %v", err)
		}
		v, err := b.Servizio.VerificaContrassegno(ctx, b.Ente, c.ID)
		if err != nil || v.Stato != pratica.TimbroAutentico || v.Numero != c.Numero || v.Data != c.Data || string(v.Impronta) != string(sum[:]) {
			t.Fatalf("%+v, %v", v, err)
		}
		password := vault.NewRiservato(c.Password)
		doc, err := b.Servizio.ApriContrassegno(ctx, b.Ente, c.ID, password)
		if err != nil || doc.Testo.Apri() != testo || doc.Ufficio != "Direttore sanitario" || doc.Persona != b.Chi(access.DirettoreSanitario, "").Persona {
			t.Fatalf("%+v, %v", doc, err)
		}
		altro, _ := vault.NewContrassegno()
		for nome, prova := range map[string]func() error{
			"another id":                 func() error { _, err := b.Servizio.VerificaContrassegno(ctx, b.Ente, altro); return err },
			"another id, right password": func() error { _, err := b.Servizio.ApriContrassegno(ctx, b.Ente, altro, password); return err },
			"the citizen's chiave":       func() error { _, err := b.Servizio.ApriContrassegno(ctx, b.Ente, c.ID, r.Chiave); return err },
			"another ente":               func() error { _, err := b.Servizio.VerificaContrassegno(ctx, "altrove", c.ID); return err },
		} {
			if err := prova(); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", nome, err)
			}
		}
		confronta := func(p vault.Riservato, testo string) bool {
			t.Helper()
			ok, err := b.Servizio.ConfrontaContrassegno(ctx, b.Ente, c.ID, p, sha256.Sum256([]byte(testo)))
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !confronta(vault.Riservato{}, testo) || confronta(password, testo+" ") {
			t.Error("a file is held against the wrong document")
		}
		if tracce := b.Tracce(t, c.Password, vault.Gruppi(c.Password), "zafferanone"); len(tracce) > 0 {
			t.Errorf("in the clear: %v", tracce)
		}

		b.Orologio.Avanza(48 * time.Hour)
		b.Ambiente.Timbri = 2
		rispondi(t, b, r.ID, "Gentile Ilaria, integriamo.", altraRisposta...)
		nuovo := timbro()
		if nuovo.ID == c.ID || nuovo.Password == c.Password || nuovo.Scade != nuovo.Data.Add(365*2+1) {
			t.Fatalf("%+v", nuovo)
		}
		if v, err = b.Servizio.VerificaContrassegno(ctx, b.Ente, c.ID); err != nil || v.Stato != pratica.TimbroSostituito || v.Sostituito != nuovo.Data {
			t.Errorf("replaced: %+v, %v", v, err)
		}
		if doc, err = b.Servizio.ApriContrassegno(ctx, b.Ente, c.ID, password); err != nil || doc.Testo.Apri() != testo {
			t.Errorf("the one before opens: %v", err)
		}
		stato := func(vuole string) {
			t.Helper()
			if v, err := b.Servizio.VerificaContrassegno(ctx, b.Ente, nuovo.ID); err != nil || v.Stato != vuole {
				t.Errorf("%+v, %v; want %s", v, err, vuole)
			}
		}
		stato(pratica.TimbroAutentico)
		b.Orologio.Metti(nuovo.Scade)
		stato(pratica.TimbroAutentico)
		b.Orologio.Metti(nuovo.Scade.Add(1))
		stato(pratica.TimbroScaduto)

		rispondi(t, b, r.ID, "", "archiviazione")
		b.Orologio.Avanza((5*366 + 2) * 24 * time.Hour)
		capo, da := b.Conferma(b.Chi(access.URPAziendale, "")), b.Conferma(b.Chi(access.DirettoreAmministrativo, ""))
		n, err := b.Servizio.ProponiScarto(ctx, capo, pratica.RegistroURP, "n. 12", []vault.ID{r.ID})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Servizio.ApprovaScarto(ctx, da, pratica.RegistroURP, n); err != nil {
			t.Fatal(err)
		}
		if err := b.Servizio.EseguiScarti(ctx, b.Chiavi); err != nil {
			t.Fatal(err)
		}
		v, err = b.Servizio.VerificaContrassegno(ctx, b.Ente, c.ID)
		if err != nil || v.Stato != pratica.TimbroSostituito || v.Numero != c.Numero || v.Data != c.Data || len(v.Impronta) != 0 || !v.Eliminato {
			t.Errorf("eliminated: %+v, %v", v, err)
		}
		if _, err := b.Servizio.ApriContrassegno(ctx, b.Ente, c.ID, password); !fault.Is(err, fault.NotFound) {
			t.Errorf("what was eliminated opens: %v", err)
		}
		if !confronta(password, testo) || confronta(vault.Riservato{}, testo) || confronta(r.Chiave, testo) || confronta(password, "x") {
			t.Error("eliminated: only the password compares")
		}
		for _, id := range []string{c.ID, nuovo.ID} {
			if x, err := b.Store.Contrassegno(ctx, b.Ente, id); err != nil || len(x.Impronta)+len(x.Sale) > 0 {
				t.Errorf("the hash of what was eliminated is there: %v", err)
			}
		}
	})
}

// A stamp of the UPT opens with its password alone, and to nobody else but its members
// and the citizen.
func TestContrassegnoUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		r := registra(t, b, allUPT())
		for _, c := range []pratica.Comando{{Atto: "presa_in_carico"}, {Atto: "risposta", Dati: pratica.Dati{"testo": "Gentile Ilaria, zafferanone."}}} {
			c.Pratica = r.ID
			if _, err := b.Servizio.Esegui(ctx, upt.Chi(t, "capo"), c); err != nil {
				t.Fatal(err)
			}
		}
		g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave)
		if err != nil {
			t.Fatal(err)
		}
		c := g.Contrassegno.Apri()
		if v, err := b.Servizio.VerificaContrassegno(ctx, b.Ente, c.ID); err != nil || v.Stato != pratica.TimbroAutentico || v.Numero != "UPT 2026/0000001" || v.Registro != pratica.RegistroUPT {
			t.Errorf("%+v, %v", v, err)
		}
		if doc, err := b.Servizio.ApriContrassegno(ctx, b.Ente, c.ID, vault.NewRiservato(c.Password)); err != nil || doc.Testo.Apri() != "Gentile Ilaria, zafferanone." || doc.Ufficio == "" {
			t.Errorf("%+v, %v", doc, err)
		}
		f, err := b.Servizio.Apri(ctx, upt.Chi(t, "capo"), r.ID)
		if err != nil || f.Storia[2].Contrassegno.Apri() != c {
			t.Errorf("the office prints another: %v", err)
		}
		if tracce := b.Tracce(t, c.Password, "zafferanone"); len(tracce) > 0 {
			t.Errorf("in the clear: %v", tracce)
		}
	})
}
