package pratica_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Ferma()
	os.Exit(code)
}

func reclamo() pratica.Nuova {
	return pratica.Nuova{Canale: "web", Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
		Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Oggetto: "Nove ore di attesa",
			Testo:      "Ho aspettato nove ore con mia madre e nessuno ci ha dato notizie.",
			Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example", Telefono: "0376 555 0142"}})}
}

func registra(t *testing.T, b *storetest.Banco, nu pratica.Nuova) pratica.Ricevuta {
	t.Helper()
	r, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), nu)
	if err != nil {
		t.Fatalf("register: %v", err)
	}
	return r
}

// The whole story of a reclamo, from the citizen's words to the signed answer,
// with what each one may see on the way.
//
// ref: pga01 4.4
func TestStoria(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := registra(t, b, reclamo())
		if r.Tipo != "reclamo" || r.Numero != 1 || r.Anno != 2026 || len(r.Codice) != 12 {
			t.Fatalf("receipt: %+v", r)
		}
		urp, az := b.Chi(access.URP, "URP-SANTA-CHIARA"), b.Chi(access.URPAziendale, "")
		altro := b.Chi(access.URP, "URP-SAN-DEFENDENTE")
		ds := b.Chi(access.DirettoreSanitario, "")
		f, err := b.Servizio.Apri(ctx, urp, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		unita, macro := f.Testa.Struttura, f.Testa.Macro
		if unita == "" || macro == "" || f.Testa.URP != "URP-SANTA-CHIARA" {
			t.Fatalf("routing: struttura %q macro %q urp %q", unita, macro, f.Testa.URP)
		}
		resp, dir := b.Chi(access.Responsabile, unita), b.Chi(access.DirettoreMacrostruttura, macro)
		for _, estraneo := range []access.Chi{altro, resp, dir, ds, b.Chi(access.Amministratore, "")} {
			if _, err := b.Servizio.Apri(ctx, estraneo, r.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s opens the case before it is his: %v", estraneo.Nome, err)
			}
		}
		passo := func(chi access.Chi, atto string, dati pratica.Dati) {
			t.Helper()
			b.Orologio.Avanza(time.Hour)
			if _, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati}); err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
		}
		vietato := func(chi access.Chi, atto string, dati pratica.Dati, kind fault.Kind) {
			t.Helper()
			if _, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati}); !fault.Is(err, kind) {
				t.Errorf("%s by %s: %v, want kind %d", atto, chi.Nome, err, kind)
			}
		}
		vietato(urp, "firma_risposta", nil, fault.Invalid)
		passo(urp, "presa_in_carico", nil)
		passo(urp, "valutazione", pratica.Dati{"natura": "sanitaria", "danni": "esclusi"})
		vietato(az, "bozza_risposta", pratica.Dati{"testo": "Gentile signora"}, fault.Invalid) // first the notice
		passo(urp, "informativa", nil)
		vietato(urp, "richiesta_chiarimenti", pratica.Dati{"quesito": "Che cosa è successo?"}, fault.Invalid)
		passo(urp, "richiesta_chiarimenti", pratica.Dati{"quesito": "Che cosa è successo?",
			"strutture": []map[string]string{{"id": unita, "copia": "Ilaria ha aspettato nove ore."}}})
		f, err = b.Servizio.Apri(ctx, resp, r.ID)
		if err != nil {
			t.Fatalf("the structure that was asked cannot open: %v", err)
		}
		if f.Segnalazione != nil || !f.SoloRichieste || len(f.Richieste) != 1 || f.Richieste[0].Copia.Apri() != "Ilaria ha aspettato nove ore." {
			t.Fatalf("the structure reads more, or less, than its copy: %+v", f.Richieste)
		}
		p, err := b.Servizio.Elenco(ctx, resp, pratica.Filtro{Mie: true})
		if err != nil || len(p.Righe) != 1 || !p.Righe[0].Richiesta || p.Righe[0].Scheda != nil {
			t.Fatalf("work list of the structure: %+v, %v", p, err)
		}
		vietato(dir, "chiarimenti", pratica.Dati{"testo": "x"}, fault.Forbidden)
		passo(resp, "chiarimenti", pratica.Dati{"testo": "Il triage ha seguito le priorità."})
		passo(dir, "relazione", pratica.Dati{"testo": "Relazione.", "valutazione": "Fondato in parte."})
		passo(dir, "provvedimento", pratica.Dati{"azione": "Avvisare chi attende ogni ora.", "responsabile": "Coordinatore", "entro": "2026-06-30"})
		passo(az, "bozza_risposta", pratica.Dati{"testo": "Gentile Ilaria, ci scusiamo per l'attesa."})
		vietato(az, "firma_risposta", nil, fault.Forbidden)
		p, err = b.Servizio.Elenco(ctx, ds, pratica.Filtro{Mie: true, Gruppo: "firma"})
		if err != nil || len(p.Righe) != 1 {
			t.Fatalf("to be signed: %+v, %v", p.Righe, err)
		}
		passo(ds, "firma_risposta", nil)
		passo(az, "invio_risposta", pratica.Dati{"mezzo": "portale"})
		sg, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave)
		if err != nil {
			t.Fatal(err)
		}
		if sg.Stato != "risposta_pronta" || sg.Risposta.Apri() != "Gentile Ilaria, ci scusiamo per l'attesa." || sg.Firma != "Direttore sanitario" {
			t.Errorf("the citizen reads %q, %q, signed %q", sg.Stato, sg.Risposta.Apri(), sg.Firma)
		}
		passo(access.Cittadino(b.Ente, "web"), "soddisfazione", pratica.Dati{"soddisfatto": "si"})
		passo(az, "archiviazione", nil)
		if _, err := b.Servizio.Apri(ctx, altro, r.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another URP opens the case at the end: %v", err)
		}
	})
}

// An act asks as many structures as its schema says, and not one more.
func TestTanteStrutture(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := registra(t, b, reclamo())
		urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
		fa := func(atto string, dati pratica.Dati) error {
			b.Orologio.Avanza(time.Hour)
			_, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati})
			return err
		}
		for _, atto := range []string{"presa_in_carico", "informativa"} {
			if err := fa(atto, nil); err != nil {
				t.Fatal(err)
			}
		}
		var copie []map[string]string
		for _, u := range b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[:regolamento.MaxStrutture+1] {
			copie = append(copie, map[string]string{"id": u.ID, "copia": "Una copia."})
		}
		var e *fault.Error
		if err := fa("richiesta_chiarimenti", pratica.Dati{"quesito": "?", "strutture": copie}); !errors.As(err, &e) || !strings.Contains(e.Campi["strutture"], strconv.Itoa(regolamento.MaxStrutture)) {
			t.Errorf("one too many: %+v", err)
		}
		if err := fa("richiesta_chiarimenti", pratica.Dati{"quesito": "?", "strutture": copie[1:]}); err != nil {
			t.Errorf("as many as may be: %v", err)
		}
	})
}

// A wrong key, a wrong code and a code that is not there say the same words.
func TestSeguiSbagliato(t *testing.T) {
	b := storetest.SQLite(t)
	r := registra(t, b, reclamo())
	ctx := context.Background()
	_, e1 := b.Servizio.Segui(ctx, b.Ente, r.Codice, vault.NewChiave())
	_, e2 := b.Servizio.Segui(ctx, b.Ente, vault.NewCodice(), r.Chiave)
	if !fault.Is(e1, fault.NotFound) || fault.Message(e1) != fault.Message(e2) {
		t.Errorf("wrong key: %v; wrong code: %v", e1, e2)
	}
	if _, err := b.Servizio.SeguiContatto(ctx, b.Ente, r.Codice, vault.NewRiservato("0142")); err != nil {
		t.Errorf("code and phone: %v", err)
	}
	if s, _ := b.Servizio.SeguiContatto(ctx, b.Ente, r.Codice, vault.NewRiservato("ILARIA@esempio.example")); s == nil || s.Segnalazione != nil {
		t.Error("code and e-mail must show dates, and nothing that was written")
	}
}

// The same idempotent request gives the same answer, also when sent at once; the
// same key with another body is refused.
func TestIdempotenza(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		nu := reclamo()
		nu.Chiave, nu.Corpo = []byte("una-chiave-di-prova"), [32]byte{1}
		var wg sync.WaitGroup
		ric := make([]pratica.Ricevuta, 8)
		for i := range ric {
			wg.Go(func() {
				r, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), nu)
				if err != nil {
					t.Error(err)
				}
				ric[i] = r
			})
		}
		wg.Wait()
		for _, r := range ric {
			if r.Numero != 1 || r.Codice != ric[0].Codice || !r.Chiave.Equal(ric[0].Chiave) {
				t.Errorf("double submission: %d %s", r.Numero, r.Codice)
			}
		}
		nu.Corpo = [32]byte{2}
		if _, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), nu); !fault.Is(err, fault.Invalid) {
			t.Errorf("another body under the same key: %v", err)
		}
	})
}

// Numbers have no gap and follow time, also when changes fail, when the year
// turns and when the clock goes back.
func TestNumeri(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		fine := day.Of(2026, time.December, 31)
		b.Orologio.Metti(fine)
		b.Orologio.Avanza(14*time.Hour + 59*time.Minute + 59*time.Second) // 23.59.59 in Rome
		ctx := context.Background()
		for range 3 {
			registra(t, b, reclamo())
		}
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if i%3 == 0 { // a change that takes a number and fails
					_ = b.Store.Update(ctx, pratica.Op{Ente: b.Ente, Registro: "urp"}, func(tx pratica.Tx) error {
						tx.Numero()
						return fault.New(fault.Invalid, "no")
					})
					return
				}
				if _, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), reclamo()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		b.Orologio.Avanza(2 * time.Second)
		nuovo := registra(t, b, reclamo())
		b.Orologio.Avanza(-time.Hour)
		dopo := registra(t, b, reclamo())
		if nuovo.Anno != 2027 || nuovo.Numero != 1 || dopo.Anno != 2027 || dopo.Numero != 2 {
			t.Errorf("at midnight: %d/%d, then with the clock back %d/%d", nuovo.Anno, nuovo.Numero, dopo.Anno, dopo.Numero)
		}
		p, err := b.Servizio.Elenco(ctx, b.Chi(access.URPAziendale, ""), pratica.Filtro{Limite: 100})
		if err != nil {
			t.Fatal(err)
		}
		visti := map[int]bool{}
		for _, r := range p.Righe {
			if r.Anno == 2026 {
				visti[r.Numero] = true
			}
		}
		if len(visti) != 3+26 || !visti[1] || !visti[29] {
			t.Errorf("numbers of 2026: %v", visti)
		}
	})
}

// Of two operators at once one is told who was quicker, with what.
func TestDueInsieme(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		r := registra(t, b, reclamo())
		urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
		esiti := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := b.Servizio.Esegui(context.Background(), urp, pratica.Comando{Pratica: r.ID, Atto: "presa_in_carico", Versione: 1})
				esiti <- err
			}()
		}
		e1, e2 := <-esiti, <-esiti
		if (e1 == nil) == (e2 == nil) {
			t.Fatalf("%v, %v", e1, e2)
		}
		if e1 == nil {
			e1 = e2
		}
		if !fault.Is(e1, fault.Conflict) || !strings.Contains(fault.Message(e1), "Presa in carico") {
			t.Errorf("the slower one is told: %v", e1)
		}
	})
}

// What is searched is found in any inflection, and only by who may read it.
func TestRicerca(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := registra(t, b, reclamo())
		for _, indicizzata := range []bool{false, true} {
			if indicizzata {
				if n, err := b.Store.Indicizza(ctx); err != nil || n != 1 {
					t.Fatalf("index: %d, %v", n, err)
				}
			}
			for parole, vuole := range map[string]int{"attese madri": 1, "BRAMBATI": 1, "ilaria@esempio.example": 1, "parcheggio": 0} {
				d, err := b.Servizio.Domande(b.Ente, pratica.Parole(parole), 2025)
				if err != nil {
					t.Fatal(err)
				}
				for chi, n := range map[string]int{access.URPAziendale: vuole, access.DirettoreSanitario: 0} {
					p, err := b.Servizio.Elenco(ctx, b.Chi(chi, ""), pratica.Filtro{Parole: d})
					if err != nil || len(p.Righe) != n || n == 1 && p.Righe[0].ID != r.ID {
						t.Errorf("%q by %s (indexed %v): %d rows, %v", parole, chi, indicizzata, len(p.Righe), err)
					}
				}
			}
		}
	})
}

// An act sent twice with the same key is done once, and says yes both times, also
// when it could no longer be done.
func TestAttoDueVolte(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		r := registra(t, b, reclamo())
		urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
		cmd := pratica.Comando{Pratica: r.ID, Atto: "presa_in_carico", Versione: 1, Chiave: []byte("una-chiave")}
		for range 2 {
			h, err := b.Servizio.Esegui(context.Background(), urp, cmd)
			if err != nil || h.Seq != 2 {
				t.Fatalf("seq %d, %v", h.Seq, err)
			}
		}
		cmd.Chiave = []byte("un'altra")
		if _, err := b.Servizio.Esegui(context.Background(), urp, cmd); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
			t.Errorf("another request for an act already done: %v", err)
		}
	})
}

// A form sent again with other words under the same key is not done, and says so.
func TestStessaChiaveAltroTesto(t *testing.T) {
	b := storetest.SQLite(t)
	r := registra(t, b, reclamo())
	urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
	nota := func(testo string) error {
		_, err := b.Servizio.Esegui(context.Background(), urp, pratica.Comando{Pratica: r.ID, Atto: "nota", Dati: pratica.Dati{"nota": testo}, Chiave: []byte("la-stessa-chiave")})
		return err
	}
	if e1, e2 := nota("uno"), nota("uno"); e1 != nil || e2 != nil {
		t.Fatalf("sent twice: %v, %v", e1, e2)
	}
	if err := nota("due"); !fault.Is(err, fault.Conflict) {
		t.Errorf("other words under the same key: %v", err)
	}
	if _, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web",
		Segnalazione: pratica.Chiudi(pratica.Segnalazione{Testo: "\u200b\u200b\u202e"})}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a text of which nothing is seen: %v", err)
	}
}
