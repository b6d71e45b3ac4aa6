package pratica_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/redact"
	"tutela/internal/regolamento"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// What has the shape of a date, a code or an address is held to it; words pass.
func TestControlla(t *testing.T) {
	b := storetest.SQLite(t)
	for _, x := range []struct {
		campo  string
		cambia func(*pratica.Segnalazione)
	}{
		{"", func(s *pratica.Segnalazione) { s.Quando = "a Pasqua, di sera" }},
		{"", func(s *pratica.Segnalazione) { s.Quando = "1/3/2026" }},
		{"quando", func(s *pratica.Segnalazione) { s.Quando = "2026-02-31" }},
		{"quando", func(s *pratica.Segnalazione) { s.Quando = "31/02/2026" }},
		{"quando", func(s *pratica.Segnalazione) { s.Quando = "2027-01-01" }},
		{"quando", func(s *pratica.Segnalazione) { s.Quando = "1800-01-01" }},
		{"testo", func(s *pratica.Segnalazione) { s.Testo = " \u200b\u00a0 " }},
		{"ricapito", func(s *pratica.Segnalazione) { s.Ricapito = "piccione" }},
		{"", func(s *pratica.Segnalazione) { s.Ricapito = "pec" }},
		{"segnalante.email", func(s *pratica.Segnalazione) { s.Segnalante.Email = "ilaria@" }},
		{"segnalante.telefono", func(s *pratica.Segnalazione) { s.Segnalante.Telefono = "chiamami" }},
		{"", func(s *pratica.Segnalazione) { s.Segnalante.CAP = " 00184 " }},
		{"segnalante.cap", func(s *pratica.Segnalazione) { s.Segnalante.CAP = "4610" }},
		{"segnalante.cap", func(s *pratica.Segnalazione) { s.Segnalante.CAP = "ovunque" }},
		{"segnalante.cap", func(s *pratica.Segnalazione) { s.Segnalante.CAP = "46-00" }},
		{"assistito.cap", func(s *pratica.Segnalazione) { s.Assistito = &pratica.Persona{Nome: "Ada", CAP: "461000"} }},
		{"segnalante.codiceFiscale", func(s *pratica.Segnalazione) { s.Segnalante.CodiceFiscale = "RSSMRA" }},
		{"", func(s *pratica.Segnalazione) { s.Segnalante.CodiceFiscale = "brm lri 80a41 h5lmx" }},
		{"", func(s *pratica.Segnalazione) { s.Segnalante.CodiceFiscale = "01234567890" }},
		{"assistito.dataNascita", func(s *pratica.Segnalazione) { s.Assistito = &pratica.Persona{Nome: "Ada", DataNascita: "ieri"} }},
		{"assistito.dataNascita", func(s *pratica.Segnalazione) { s.Assistito = &pratica.Persona{Nome: "Ada", DataNascita: "2026-12-31"} }},
		{"", func(s *pratica.Segnalazione) { s.Assistito = &pratica.Persona{Nome: "Ada", DataNascita: "1940-04-03"} }},
	} {
		nu := reclamo()
		s := nu.Segnalazione.Apri()
		x.cambia(&s)
		nu.Segnalazione = pratica.Chiudi(s)
		_, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), nu)
		var f *fault.Error
		if x.campo == "" && err != nil || x.campo != "" && (!errors.As(err, &f) || len(f.Campi) != 1 || f.Campi[x.campo] == "") {
			t.Errorf("%q, %v: %v", x.campo, s.Quando, err)
		}
	}
}

// A name of a machine is one that the net could have.
func TestHost(t *testing.T) {
	for _, x := range []string{"a.it", "segnalazioni.asst-montelago.example", "localhost", "127.0.0.1", "xn--citt-0na.it", "città.it", "3m.com", strings.Repeat("a", 63) + ".it"} {
		if !pratica.Host(x) {
			t.Errorf("%q is refused", x)
		}
	}
	for _, x := range []string{"", ".", "a..it", "a.it.", ".it", "-.it", "-a.it", "a-.it", "a_b.it", "a b.it", "a.it:80", "1.2.3", "1.2.3.256", "0", strings.Repeat("a", 64) + ".it", strings.Repeat("a.", 127) + "it"} {
		if pratica.Host(x) {
			t.Errorf("%q is taken", x)
		}
	}
	for x, vuole := range map[string]bool{"ilaria@esempio.it": true, "a.b+c@mail.città.it": true, "a@b": false, "a@..it": false, "a@it.": false, "@a.it": false, "a@-a.it": false} {
		if pratica.Mail(x) != vuole {
			t.Errorf("%q: %v", x, !vuole)
		}
	}
}

// informata brings a new case to where a structure may be asked.
func informata(t *testing.T, b *storetest.Banco, id vault.ID) (h pratica.Testa) {
	t.Helper()
	for _, x := range []pratica.Comando{{Atto: "presa_in_carico"}, {Atto: "valutazione", Dati: pratica.Dati{"natura": "sanitaria", "danni": "esclusi"}},
		{Atto: "informativa"}} {
		x.Pratica = id
		var err error
		if h, err = b.Servizio.Esegui(context.Background(), b.Chi(access.URP, "URP-SANTA-CHIARA"), x); err != nil {
			t.Fatal(x.Atto, err)
		}
	}
	return h
}

// A structure that is late is for the URP to chase: the case waits in its work
// list from the day after, and until it has.
func TestSollecito(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := registra(t, b, reclamo())
		urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
		h := informata(t, b, r.ID)
		if _, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: "richiesta_chiarimenti", Dati: pratica.Dati{"quesito": "Perché?",
			"strutture": []map[string]string{{"id": h.Struttura, "copia": "Ha aspettato."}}}}); err != nil {
			t.Fatal(err)
		}
		aspetta := func(quando string, vuole int) {
			t.Helper()
			if _, err := b.Servizio.Scansiona(ctx, b.Store); err != nil {
				t.Fatal(err)
			}
			p, err := b.Servizio.Elenco(ctx, urp, pratica.Filtro{Mie: true, Gruppo: "solleciti"})
			if err != nil || len(p.Righe) != vuole {
				t.Errorf("%s: %d cases to chase, want %d (%v)", quando, len(p.Righe), vuole, err)
			}
			if p, err = b.Servizio.Elenco(ctx, b.Chi(access.Responsabile, h.Struttura), pratica.Filtro{Mie: true}); err != nil || len(p.Righe) != 1 {
				t.Errorf("%s: the structure has %d cases (%v)", quando, len(p.Righe), err)
			}
		}
		aspetta("at once", 0)
		b.Orologio.Avanza(15 * 24 * time.Hour)
		aspetta("on the last day", 0)
		b.Orologio.Avanza(5 * 24 * time.Hour)
		aspetta("after it", 1)
		f, err := b.Servizio.Apri(ctx, urp, r.ID)
		if err != nil || !slices.ContainsFunc(f.Consentiti, func(c pratica.Consentito) bool { return c.Def.Nome == "sollecito" && c.Primo }) {
			t.Errorf("the next step is not to chase: %v", err)
		}
		if _, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: "sollecito"}); err != nil {
			t.Fatal(err)
		}
		aspetta("once chased", 0)
	})
}

// Who was only asked something is not stopped by what others do, nor learns of it.
func TestInterpellatoNonSuperato(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	r := registra(t, b, reclamo())
	urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
	h := informata(t, b, r.ID)
	h, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: "richiesta_chiarimenti", Dati: pratica.Dati{"quesito": "Perché?",
		"strutture": []map[string]string{{"id": h.Struttura, "copia": "Ha aspettato."}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, niente := range []string{" ", "\u200b", "\n\t", "\u200e\u202e"} {
		if _, err := b.Servizio.Esegui(ctx, b.Chi(access.Responsabile, h.Struttura), pratica.Comando{Pratica: r.ID, Atto: "chiarimenti", Dati: pratica.Dati{"testo": niente}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an answer of %q: %v", niente, err)
		}
	}
	_, err = b.Servizio.Esegui(ctx, b.Chi(access.Responsabile, h.Struttura), pratica.Comando{Pratica: r.ID, Atto: "chiarimenti", Versione: 1, Dati: pratica.Dati{"testo": "Ecco."}})
	if err != nil {
		t.Errorf("the structure is told: %v", err)
	}
}

// What a copy keeps needs a reason, whatever its case, accents and marks.
func TestDaSpiegare(t *testing.T) {
	noti := (pratica.Segnalazione{
		Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "D'Angelò", Telefono: "+39 0376 555 0142", Email: "ilaria@esempio.example", CodiceFiscale: "DNGLRI80A41H501X", Indirizzo: "Via dei Tigli 8"},
		Assistito:  &pratica.Persona{Nome: "Ada", Cognome: "Re", DataNascita: "1940-04-03"}, Testimone: "Vera Galimberti"}).Noti()
	for _, x := range []struct{ copia, lasciato, vuole string }{
		{"Ilaria ha aspettato.", "", ""},
		{"La signora d’ANGELO ha aspettato.", "", "d’ANGELO"},
		{"La signora d’ANGELO ha aspettato.", "D'Angelò", ""},
		{"La signora d’ANGELO ha aspettato.", "signora d'angelo ha", ""},
		{"La signora d’ANGELO ha aspettato.", "Angelo", "d’ANGELO"},
		{"Chiamare lo 0376.5550142", "", "0376.5550142"},
		{"scrivere a ILARIA@esempio.example", "", "ILARIA@esempio.example"},
		{"cf dnglri80a41h501x", "", "dnglri80a41h501x"},
		{"abita in via dei tigli, 8", "", "via dei tigli, 8"},
		{"Con Galimberti c'era Ada", "", "Galimberti|Ada"},
		{"Con Galimberti c'era Ada", "ada", "Galimberti"},
	} {
		var resto []string
		for _, f := range pratica.DaSpiegare(x.copia, redact.Leaks(x.copia, noti), []pratica.Lasciato{{Testo: x.lasciato, Motivo: "serve"}}) {
			resto = append(resto, x.copia[f.From:f.To])
		}
		if got := strings.Join(resto, "|"); got != x.vuole {
			t.Errorf("%q less %q: %q, want %q", x.copia, x.lasciato, got, x.vuole)
		}
	}
}

// A copy holds nothing that is surely personal unless somebody said why, by
// whatever door it comes; the original as it is never is one. The reasons are for
// who handles the case.
func TestCopie(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		nu := reclamo()
		s := nu.Segnalazione.Apri()
		s.Testo = "Sono Ilaria Brambati e ho aspettato nove ore."
		nu.Segnalazione = pratica.Chiudi(s)
		r := registra(t, b, nu)
		urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
		h := informata(t, b, r.ID)
		chiede := func(copia string, lasciati ...pratica.Lasciato) error {
			_, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: "richiesta_chiarimenti", Dati: pratica.Dati{"quesito": "Perché?",
				"strutture": []map[string]any{{"id": h.Struttura, "copia": copia, "lasciati": lasciati}}}})
			return err
		}
		cognome := pratica.Lasciato{Testo: "Brambati", Motivo: "È anche il nome del reparto."}
		for _, x := range []struct {
			copia    string
			lasciati []pratica.Lasciato
			dice     string
		}{
			{s.Testo, nil, "uguale"},
			{s.Originale(), nil, "uguale"},
			{"sono  ILARIA BRAMBATI e ho aspettato nove ore!", []pratica.Lasciato{cognome}, "uguale"},
			{"Ilaria Brambati: nove ore.", nil, "dati personali: cognome"},
			{"Ilaria: nove ore. Tel. 0376 5550142", []pratica.Lasciato{{"nove ore", "perché sì"}}, "dati personali: telefono"},
			{"Ilaria Brambati: nove ore.", []pratica.Lasciato{{"Brambati", " "}}, "motivo"},
			{"Ilaria Brambati: nove ore.", []pratica.Lasciato{{"Brambati", strings.Repeat("a", pratica.MaxRiga+1)}}, "motivo"},
			{"Ilaria: nove ore.", []pratica.Lasciato{cognome}, "non è nella copia"},
			{"Ilaria Brambati: nove ore.", []pratica.Lasciato{{"ambati", "perché"}}, "dati personali: cognome"},
			{"Ilaria: nove ore.", []pratica.Lasciato{{"", "perché"}}, "non è nella copia"},
			{"Nove ore.", slices.Repeat([]pratica.Lasciato{{"ore", "perché"}}, pratica.MaxLasciati+1), "al massimo"},
			{strings.Repeat("a", pratica.MaxCopia+1), nil, "al massimo"},
		} {
			var f *fault.Error
			if err := chiede(x.copia, x.lasciati...); !fault.Is(err, fault.Invalid) || !errors.As(err, &f) || !strings.Contains(f.Campi["strutture"], x.dice) || strings.Contains(f.Campi["strutture"], "Brambati") {
				t.Errorf("%.60q: %v", x.copia, err)
			}
		}
		if err := chiede("Ilaria, del Brambati: nove ore.", cognome); err != nil {
			t.Fatal(err)
		}
		for chi, vuole := range map[string]int{access.URP: 1, access.Responsabile: 0} {
			f, err := b.Servizio.Apri(ctx, b.Chi(chi, map[string]string{access.URP: "URP-SANTA-CHIARA", access.Responsabile: h.Struttura}[chi]), r.ID)
			if err != nil || len(f.Richieste) != 1 || f.Richieste[0].Copia.Apri() != "Ilaria, del Brambati: nove ore." {
				t.Fatalf("%s: %v", chi, err)
			}
			l := f.Richieste[0].Lasciati.Apri()
			if len(l) != vuole || vuole > 0 && l[0] != cognome {
				t.Errorf("%s reads %d reasons", chi, len(l))
			}
			for _, a := range f.Storia {
				if x := fmt.Sprint(a.Dati, a.Pone, a.Testi.Apri()); strings.Contains(x, "reparto") {
					t.Errorf("%s: the reason is among the fields of %s", chi, a.Kind)
				}
			}
		}
	})
}

// The copy of the longest segnalazione, all of it masks, can be sent to as many as
// may be asked, each with its reasons.
func TestCopiaLunga(t *testing.T) {
	b := storetest.SQLite(t)
	nu := reclamo()
	s := nu.Segnalazione.Apri()
	s.Testo = strings.Repeat("Brambati, via Po 9. ", pratica.MaxTesto/20)
	s.Oggetto, s.Chiede = strings.Repeat("o", pratica.MaxOggetto), strings.Repeat("c", 1000)
	nu.Segnalazione = pratica.Chiudi(s)
	r := registra(t, b, nu)
	h := informata(t, b, r.ID)
	copia := redact.Apply(s.Originale(), redact.Find(s.Originale(), s.Noti())) + " Nove ore."
	var strutture []map[string]any
	for _, u := range b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[:regolamento.MaxStrutture] {
		strutture = append(strutture, map[string]any{"id": u.ID, "copia": copia, "lasciati": []pratica.Lasciato{{Testo: "Nove ore", Motivo: "Sono i fatti."}}})
	}
	_, err := b.Servizio.Esegui(context.Background(), b.Chi(access.URP, "URP-SANTA-CHIARA"), pratica.Comando{Pratica: r.ID, Atto: "richiesta_chiarimenti", Versione: h.Seq,
		Dati: pratica.Dati{"quesito": "Perché?", "strutture": strutture}})
	if err != nil {
		t.Error(err)
	}
}
