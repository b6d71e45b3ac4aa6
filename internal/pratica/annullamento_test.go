package pratica_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/store/storetest"
)

func annulla(numero, causa, motivo string) pratica.Dati {
	return pratica.Dati{"numero": numero, "causa": causa, "motivo": motivo}
}

// A number is annulled by who coordinates the office, who proves who they are and types
// it again: its terms end, nothing brings it back, who reported reads why, and in the
// register it stays where it was, with the annotation.
//
// ref: dpr445-2000 art. 54
func TestAnnullamento(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r, altra := registra(t, b, reclamo()), registra(t, b, reclamo())
		az, urp := b.Chi(access.URPAziendale, ""), b.Chi(access.URP, "URP-SANTA-CHIARA")
		const motivo = "L'hai mandata due volte: ti rispondiamo con la 2026/0000002."
		prova := func(chi access.Chi, d pratica.Dati) error {
			_, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: "annullamento", Dati: d})
			return err
		}
		token := b.Conferma(az)
		token.Mezzo = "api"
		for nome, x := range map[string]struct {
			chi   access.Chi
			d     pratica.Dati
			come  fault.Kind
			campo string
		}{
			"who did not prove who they are": {az, annulla("1", "doppia", motivo), fault.Unauthenticated, ""},
			"a token":                        {token, annulla("1", "doppia", motivo), fault.Unauthenticated, ""},
			"another office":                 {b.Conferma(urp), annulla("1", "doppia", motivo), fault.Forbidden, ""},
			"another number":                 {b.Conferma(az), annulla("2026/2", "doppia", motivo), fault.Invalid, "numero"},
			"another year":                   {b.Conferma(az), annulla("2025/1", "doppia", motivo), fault.Invalid, "numero"},
			"no reason":                      {b.Conferma(az), annulla("1", "doppia", " "), fault.Invalid, "motivo"},
			"no cause":                       {b.Conferma(az), annulla("1", "non mi piace", motivo), fault.Invalid, "causa"},
		} {
			err := prova(x.chi, x.d)
			var e *fault.Error
			_ = errors.As(err, &e)
			if e == nil || x.campo != "" && e.Campi[x.campo] == "" || x.campo != "" && e.Kind != x.come || x.campo == "" && e.Kind == fault.Invalid {
				t.Errorf("%s: %v", nome, err)
			}
		}
		if h, _, err := b.Store.Leggi(ctx, r.ID); err != nil || h.Seq != 1 || !h.Aperta {
			t.Fatal(h, err)
		}
		if err := prova(b.Conferma(az), annulla("2026/0000001", "doppia", motivo)); err != nil {
			t.Fatal(err)
		}
		h, _, err := b.Store.Leggi(ctx, r.ID)
		if err != nil || h.Aperta || h.Fase != "annullata" || !h.Scadenza.IsZero() || h.ChiusaIl.IsZero() || h.Numero != 1 {
			t.Errorf("%+v, %v", h, err)
		}
		if p, err := b.Servizio.Elenco(ctx, urp, pratica.Filtro{Mie: true}); err != nil || len(p.Righe) != 1 || p.Righe[0].ID != altra.ID {
			t.Errorf("somebody waits for it: %v %v", p, err)
		}
		if _, err := b.Servizio.Esegui(ctx, az, pratica.Comando{Pratica: r.ID, Atto: "riapertura", Dati: pratica.Dati{"motivo": "Ci ho ripensato."}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("brought back: %v", err)
		}
		g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave)
		if err != nil || g.Annullata != b.Servizio.Oggi() || g.Perche.Apri() != motivo || g.Stato != "chiusa" || !strings.Contains(g.Eventi[len(g.Eventi)-1].Testo, "annullato") {
			t.Errorf("who reported reads %+v, %v", g, err)
		}
		lui := access.Cittadino(b.Ente, "web")
		lui.Segreto = r.Chiave
		if _, err := b.Servizio.Esegui(ctx, lui, pratica.Comando{Pratica: r.ID, Atto: "messaggio", Dati: pratica.Dati{"testo": "Non sono d'accordo."}}); err != nil {
			t.Errorf("who reported cannot object: %v", err)
		}

		// Beside the other number stands what was registered wrong.
		if _, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: altra.ID, Atto: "annotazione",
			Dati: pratica.Dati{"registrato": "canale", "giusto": "È arrivata per posta.", "motivo": "Timbro sulla busta."}}); err != nil {
			t.Fatal(err)
		}
		p, err := b.Servizio.Registrazioni(ctx, az, pratica.Filtro{Registro: pratica.RegistroURP})
		if err != nil || len(p.Righe) != 2 {
			t.Fatal(p, err)
		}
		x := p.Righe[1]
		if x.Numero != 1 || x.Annullata() != b.Servizio.Oggi() || len(x.Annotazioni) != 1 || x.Annotazioni[0].Persona != az.Persona ||
			!strings.HasPrefix(x.Annotazioni[0].Causa, "Registrata due volte") || x.Annotazioni[0].Testi.Apri()["motivo"] != motivo {
			t.Errorf("%+v", x.Annotazioni)
		}
		if y := p.Righe[0]; !y.Annullata().IsZero() || len(y.Annotazioni) != 1 || y.Annotazioni[0].Cosa != regolamento.AnnotaCorrezione || y.Annotazioni[0].Testi.Apri()["giusto"] != "È arrivata per posta." {
			t.Errorf("%+v", y.Annotazioni)
		}
		if terza := registra(t, b, reclamo()); terza.Numero != 3 {
			t.Errorf("the number was given again: %d", terza.Numero)
		}
	})
}

// A document whose number was annulled says so to whoever verifies it, whatever came
// after it.
func TestContrassegnoAnnullato(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := registra(t, b, reclamo())
		rispondi(t, b, r.ID, "Gentile Ilaria, ci scusiamo.", primaRisposta...)
		g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave)
		if err != nil {
			t.Fatal(err)
		}
		id := g.Contrassegno.Apri().ID
		rispondi(t, b, r.ID, "Gentile Ilaria, abbiamo rivisto.", altraRisposta...)
		stato := func() pratica.TimbroVerificato {
			t.Helper()
			v, err := b.Servizio.VerificaContrassegno(ctx, b.Ente, id)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if v := stato(); v.Stato != pratica.TimbroSostituito {
			t.Error(v)
		}
		if _, err := b.Servizio.Esegui(ctx, b.Conferma(b.Chi(access.URPAziendale, "")), pratica.Comando{Pratica: r.ID, Atto: "annullamento", Dati: annulla("1", "errore", "Non era per noi.")}); err != nil {
			t.Fatal(err)
		}
		if v := stato(); v.Stato != pratica.TimbroAnnullato || v.Annullato != b.Servizio.Oggi() || v.Numero != "2026/0000001" {
			t.Error(v)
		}
	})
}

// Of a number of the UPT the envelope says that it was annulled and by whom, and nothing
// of why: that is for its members and for who reported.
//
// ref: lr33-2009 art. 23-bis
func TestAnnullamentoUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		capo := b.FondaUPT(t).Chi(t, "capo")
		r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), allUPT())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Servizio.Esegui(ctx, b.Conferma(capo), pratica.Comando{Pratica: r.ID, Atto: "annullamento", Dati: annulla("UPT 2026/0000001", "prova", "Era una prova.")}); err != nil {
			t.Fatal(err)
		}
		_, atti, err := b.Store.Leggi(ctx, r.ID)
		if err != nil || len(atti) != 2 || atti[1].Atto.Dati != nil || atti[1].Atto.Persona == "" {
			t.Errorf("%+v, %v", atti[len(atti)-1].Atto, err)
		}
		p, err := b.Servizio.Registrazioni(ctx, capo, pratica.Filtro{Registro: pratica.RegistroUPT})
		if err != nil || len(p.Righe) != 1 || p.Righe[0].Annotazioni[0].Causa != "Era una prova" || p.Righe[0].Annotazioni[0].Testi.Apri()["motivo"] != "Era una prova." {
			t.Errorf("%+v, %v", p, err)
		}
		if g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave); err != nil || g.Perche.Apri() != "Era una prova." {
			t.Error(g, err)
		}
	})
}
