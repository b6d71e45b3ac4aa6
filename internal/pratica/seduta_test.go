package pratica_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// conCommissione gives the bench a Commissione of people.
func conCommissione(b *storetest.Banco, nomi ...string) {
	b.Servizio.Holding = func(_ context.Context, ente string, ruoli ...string) ([]access.Chi, error) {
		var out []access.Chi
		for _, n := range nomi {
			c := membro(b, strings.ToLower(strings.Fields(n)[0]))
			c.Nome = n
			if ente == b.Ente && slices.Equal(ruoli, []string{access.Commissione}) {
				out = append(out, c)
			}
		}
		return out, nil
	}
}

// membro is a person of the Commissione.
func membro(b *storetest.Banco, persona string) access.Chi {
	c := b.Chi(access.Commissione, "")
	c.Persona = persona
	return c
}

// convoca is what convenes a session for the week that begins tomorrow.
func convoca(b *storetest.Banco, leggono string, membri ...string) pratica.Dati {
	oggi := b.Servizio.Oggi()
	return pratica.Dati{"seduta_il": oggi.Add(3).String(), "legge_dal": oggi.Add(1).String(), "legge_al": oggi.Add(7).String(),
		"membri": membri, "leggono": leggono, "motivo": "Lo chiede l'associazione dei pazienti."}
}

// partiSeduta are the parts of a case that are wrapped for the Commissione.
func partiSeduta(t *testing.T, b *storetest.Banco, id vault.ID) []string {
	t.Helper()
	h, _, err := b.Store.Leggi(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	ii, err := b.Store.Involucri(context.Background(), []int64{h.N}, pratica.LettoreCommissione, "")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range ii[h.N] {
		out = append(out, i.Nome)
	}
	slices.Sort(out)
	return out
}

// A session reads the case as it was when it was convened: kind, state, dates and the
// structure too, whatever was done since.
func TestSedutaComEra(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		conCommissione(b, "Anna Fiordimonte")
		r, _, _ := casoChiesto(t, b)
		az := b.Chi(access.URPAziendale, "")
		fa := func(atto string, dati pratica.Dati) pratica.Testa {
			t.Helper()
			b.Orologio.Avanza(time.Hour)
			h, err := b.Servizio.Esegui(ctx, az, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati})
			if err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
			return h
		}
		d := convoca(b, "tutto", "anna")
		d["legge_dal"] = b.Servizio.Oggi().String()
		fa("convocazione_seduta", d)
		era, _, err := b.Store.Leggi(ctx, r.ID) // as stored: instants and bytes too
		if err != nil {
			t.Fatal(err)
		}
		fa("conversione", pratica.Dati{"tipo": "suggerimento", "motivo": "È un'idea."})
		az = b.Chi(access.URP, "URP-SANTA-CHIARA")
		ora := fa("ritiro", pratica.Dati{"motivo": "L'ha detto al telefono."})
		if ora.Tipo == era.Tipo || ora.Stato == era.Stato || ora.Scadenza == era.Scadenza || era.Struttura == "" {
			t.Fatalf("nothing changed since: %+v", ora)
		}
		f, err := b.Servizio.ApriSeduta(ctx, membro(b, "anna"), r.ID, pratica.ReadPage)
		if err != nil {
			t.Fatal(err)
		}
		f.Testa.Scatto = f.Testa.Scatto.UTC() // as it is stored
		if !reflect.DeepEqual(f.Testa, era) || f.ComEra != b.Servizio.Oggi() {
			t.Errorf("read on %v\n%+v, it was\n%+v", f.ComEra, f.Testa, era)
		}
		righe, err := b.Servizio.Sedute(ctx, membro(b, "anna"))
		if err != nil || len(righe) != 1 || righe[0].Tipo != era.Tipo || righe[0].Stato != era.Stato {
			t.Errorf("the list: %+v, %v", righe, err)
		}
	})
}

// Who sits reads what the session was given, between its days and until it is closed;
// everybody else, and everything else, is as what does not exist.
//
// ref: gdpr art. 5
func TestSeduta(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		conCommissione(b, "Anna Fiordimonte", "Bruno Settecasi", "Carla Vallescura")
		r, _, _ := casoChiesto(t, b)
		altra, _, _ := casoChiesto(t, b)
		az, inizio := b.Chi(access.URPAziendale, ""), b.Servizio.Oggi()
		fa := func(id vault.ID, atto string, dati pratica.Dati) error {
			t.Helper()
			b.Orologio.Avanza(time.Minute)
			_, err := b.Servizio.Esegui(ctx, az, pratica.Comando{Pratica: id, Atto: atto, Dati: dati})
			return err
		}
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, assente := b.Servizio.ApriSeduta(ctx, membro(b, "anna"), vault.NewID(b.Orologio.Now()), pratica.ReadPage)
		// prova asks for both cases as everybody: only these people may read only these.
		prova := func(dove string, leggono map[string][]vault.ID) {
			t.Helper()
			for _, chi := range []access.Chi{membro(b, "anna"), membro(b, "bruno"), membro(b, "carla"), b.Chi(access.URP, "URP-SANTA-CHIARA"), az, b.Chi(access.Amministratore, "")} {
				var elenco []vault.ID
				righe, err := b.Servizio.Sedute(ctx, chi)
				ok(err)
				for _, x := range righe {
					elenco = append(elenco, x.ID)
				}
				if !slices.Equal(elenco, leggono[chi.Persona]) {
					t.Errorf("%s: %s lists %v, want %v", dove, chi.Persona, elenco, leggono[chi.Persona])
				}
				for _, id := range []vault.ID{r.ID, altra.ID} {
					f, err := b.Servizio.ApriSeduta(ctx, chi, id, pratica.ReadPage)
					if vuole := slices.Contains(leggono[chi.Persona], id); vuole != (err == nil) || !vuole && err.Error() != assente.Error() {
						t.Errorf("%s: %s opens %s: %v", dove, chi.Persona, id, err)
					}
					if err == nil && (len(f.Richieste) != 1 || f.Richieste[0].Testo.Apri() != "C'era un solo medico." || len(f.Consentiti) > 0) {
						t.Errorf("%s: %s reads %+v", dove, chi.Persona, f.Richieste)
					}
					if access.Ruolo(chi.Uffici[0]) != access.Commissione {
						continue
					}
					if _, err := b.Servizio.Apri(ctx, chi, id); !fault.Is(err, fault.NotFound) {
						t.Errorf("%s: %s opens it by the desk's door: %v", dove, chi.Persona, err)
					}
				}
			}
		}
		prova("before", nil)
		ok(fa(r.ID, "convocazione_seduta", convoca(b, "copia", "anna", "bruno")))
		if p := partiSeduta(t, b, r.ID); !slices.Equal(p, []string{"richiesta-1"}) || partiSeduta(t, b, altra.ID) != nil {
			t.Errorf("given to read: %v", p)
		}
		prova("the day before", nil)
		b.Orologio.Metti(inizio.Add(1))
		prova("open", map[string][]vault.ID{"anna": {r.ID}, "bruno": {r.ID}})
		f, err := b.Servizio.ApriSeduta(ctx, membro(b, "anna"), r.ID, pratica.ReadPage)
		ok(err)
		if f.Segnalazione != nil || !f.SoloRichieste {
			t.Error("the copy shows who reported")
		}
		if err := fa(r.ID, "convocazione_seduta", convoca(b, "copia", "carla")); !fault.Is(err, fault.Invalid) {
			t.Errorf("convened twice: %v", err)
		}
		if err := fa(altra.ID, "fine_seduta", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("closed, and never opened: %v", err)
		}
		if err := fa(r.ID, "ritiro_membro", pratica.Dati{"membri": []string{"carla"}, "motivo": "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("who does not sit is let go: %v", err)
		}
		ok(fa(altra.ID, "convocazione_seduta", convoca(b, "tutto", "carla")))
		b.Orologio.Metti(inizio.Add(2))
		prova("two sessions", map[string][]vault.ID{"anna": {r.ID}, "bruno": {r.ID}, "carla": {altra.ID}})
		ok(fa(r.ID, "ritiro_membro", pratica.Dati{"membri": []string{"anna"}, "motivo": "Conosce la persona."}))
		prova("one less", map[string][]vault.ID{"bruno": {r.ID}, "carla": {altra.ID}})
		senza := membro(b, "bruno")
		senza.Uffici = nil
		if _, err := b.Servizio.ApriSeduta(ctx, senza, r.ID, pratica.ReadPage); err == nil || err.Error() != assente.Error() {
			t.Errorf("out of office: %v", err)
		}
		ok(fa(r.ID, "fine_seduta", nil))
		prova("closed", map[string][]vault.ID{"carla": {altra.ID}})
		if p := partiSeduta(t, b, r.ID); p != nil {
			t.Errorf("keys of a session that is over: %v", p)
		}
		b.Orologio.Metti(inizio.Add(8))
		prova("the last day", map[string][]vault.ID{"carla": {altra.ID}})
		b.Orologio.Metti(inizio.Add(9))
		prova("lapsed, nobody closed it", nil)
		if p := partiSeduta(t, b, altra.ID); len(p) != 3 {
			t.Errorf("before the sweep: %v", p)
		}
		ok(b.Store.SpazzaSedute(ctx, b.Orologio.Now()))
		if p := partiSeduta(t, b, altra.ID); p != nil {
			t.Errorf("after the sweep: %v", p)
		}
		prova("swept", nil)
		ok(fa(altra.ID, "convocazione_seduta", convoca(b, "copia", "anna")))
		b.Orologio.Metti(inizio.Add(10))
		prova("again", map[string][]vault.ID{"anna": {altra.ID}})

		// Who reported, and the DPO, see who read.
		s, err := b.Servizio.Segui(ctx, b.Ente, altra.Codice, altra.Chiave)
		ok(err)
		for _, parte := range []string{pratica.ParteSeduta, pratica.ParteSedutaCopia} {
			if !slices.ContainsFunc(s.Letture, func(l pratica.Lettura) bool { return l.Parte == parte && l.Ufficio == "commissione:" }) {
				t.Errorf("the citizen does not see %s: %v", parte, s.Letture)
			}
		}
		p, err := b.Servizio.Accessi(ctx, b.Chi(access.DPO, ""), pratica.FiltroAccessi{Persona: "carla"})
		ok(err)
		if !slices.ContainsFunc(p.Righe, func(a pratica.Accesso) bool { return a.Numero == altra.Numero && a.Parte == pratica.ParteSeduta }) {
			t.Errorf("the DPO does not see it: %+v", p.Righe)
		}
	})
}

// What is added after a session was convened is in parts that it was never given: not
// while it lasts, not after, not with the keys of the Commissione.
func TestDopoLaSeduta(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		conCommissione(b, "Anna Fiordimonte")
		upt := b.FondaUPT(t)
		r, _, _ := casoChiesto(t, b)
		u := registra(t, b, allUPT())
		anna, inizio := membro(b, "anna"), b.Servizio.Oggi()
		for _, x := range []struct {
			id  vault.ID
			chi access.Chi
		}{{r.ID, b.Chi(access.URPAziendale, "")}, {u.ID, upt.Chi(t, "capo")}} {
			b.Orologio.Metti(inizio)
			fa := func(atto string, dati pratica.Dati) {
				t.Helper()
				b.Orologio.Avanza(time.Minute)
				if _, err := b.Servizio.Esegui(ctx, x.chi, pratica.Comando{Pratica: x.id, Atto: atto, Dati: dati}); err != nil {
					t.Fatalf("%s: %v", atto, err)
				}
			}
			// note is what anna reads in the notes; nil: she reads nothing.
			note := func() []string {
				t.Helper()
				a := anna
				a.Giorno = b.Servizio.Oggi()
				f, err := b.Servizio.ApriSeduta(ctx, a, x.id, pratica.ReadPage)
				if err != nil {
					return nil
				}
				if f.Segnalazione == nil || f.Segnalazione.Apri().Segnalante.Cognome != "Brambati" {
					t.Error("she does not read all of it")
				}
				out := []string{}
				for _, v := range f.Storia {
					if n := v.Testi.Apri()["nota"]; n != "" {
						out = append(out, n)
					}
				}
				return out
			}
			fa("nota", pratica.Dati{"nota": "prima"})
			fa("convocazione_seduta", convoca(b, "tutto", "anna"))
			prime := partiSeduta(t, b, x.id)
			b.Orologio.Metti(inizio.Add(1))
			fa("nota", pratica.Dati{"nota": "durante"})
			fa("messaggio", pratica.Dati{"testo": "Un messaggio."})
			if got := note(); !slices.Equal(got, []string{"prima"}) {
				t.Errorf("while it lasts: %v", got)
			}
			if got := partiSeduta(t, b, x.id); !slices.Equal(got, prime) {
				t.Errorf("the session has %v, it was given %v", got, prime)
			}
			fa("fine_seduta", nil)
			fa("nota", pratica.Dati{"nota": "dopo"})
			if got := note(); got != nil {
				t.Errorf("after: %v", got)
			}
			_, atti, err := b.Store.Leggi(ctx, x.id)
			if err != nil {
				t.Fatal(err)
			}
			convocata := slices.IndexFunc(atti, func(a pratica.Registrato) bool { return a.Atto.Kind == "convocazione_seduta" })
			for _, a := range atti[convocata+1:] {
				for _, i := range a.Atto.Contenuti {
					suo := i.Parte == pratica.ParteCittadino && x.id == r.ID // the URP's has one for ever
					if slices.Contains(prime, i.Parte) && !suo {
						t.Errorf("%s of act %d is in %s, which the session was given", a.Atto.Kind, a.Atto.Seq, i.Parte)
					}
				}
			}
			fa("convocazione_seduta", convoca(b, "tutto", "anna"))
			b.Orologio.Metti(inizio.Add(2))
			if got := note(); !slices.Equal(got, []string{"prima", "durante", "dopo"}) {
				t.Errorf("convened again: %v", got)
			}
			f, err := b.Servizio.Apri(ctx, x.chi, x.id)
			if err != nil || len(f.Storia) != len(atti)+1 {
				t.Errorf("the office reads its own case: %v", err)
			}
		}
	})
}

// Who convenes, for how long, whom, and what: the rest is refused by its field, and
// nothing changes.
func TestConvoca(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		conCommissione(b, "Anna Fiordimonte", "Ilaria Brambati", "Bruno Settecasi", "Diego Malva", "Elio Rocca")
		tutti := b.Servizio.Holding
		ps := strutturaPS(t, b)
		b.Servizio.Holding = func(ctx context.Context, ente string, ruoli ...string) ([]access.Chi, error) {
			out, err := tutti(ctx, ente, ruoli...)
			for i := range out {
				if out[i].Persona == "diego" {
					out[i].Uffici = append(out[i].Uffici, access.Ufficio(access.Responsabile, ps))
				}
			}
			return out, err
		}
		az, urp := b.Chi(access.URPAziendale, ""), b.Chi(access.URP, "URP-SANTA-CHIARA")
		nu := reclamo()
		seg := nu.Segnalazione.Apri()
		seg.Testo += " Alla fine la Dott.ssa Settecasi ci ha ricevuti."
		nu.Segnalazione = pratica.Chiudi(seg)
		r := registra(t, b, nu)
		elio := urp
		elio.Persona = "elio"
		if _, err := b.Servizio.Esegui(ctx, elio, pratica.Comando{Pratica: r.ID, Atto: "presa_in_carico"}); err != nil {
			t.Fatal(err)
		}
		oggi := b.Servizio.Oggi()
		prova := func(chi access.Chi, campo string, cambia func(pratica.Dati)) {
			t.Helper()
			d := convoca(b, "tutto", "anna")
			if cambia != nil {
				cambia(d)
			}
			_, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: "convocazione_seduta", Dati: d})
			var e *fault.Error
			if campo == "" && err != nil || campo != "" && (!errors.As(err, &e) || e.Campi[campo] == "") {
				t.Errorf("%q, %v: %+v", campo, d, err)
			}
		}
		if _, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: "convocazione_seduta", Dati: convoca(b, "tutto", "anna")}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an URP of 2nd level convenes: %v", err)
		}
		giorno := func(campo string, n int) func(pratica.Dati) {
			return func(d pratica.Dati) { d[campo] = oggi.Add(n).String() }
		}
		chi := func(x ...string) func(pratica.Dati) { return func(d pratica.Dati) { d["membri"] = x } }
		prova(az, "leggono", func(d pratica.Dati) { d["leggono"] = "copia" }) // nobody was asked yet
		prova(az, "leggono", func(d pratica.Dati) { d["leggono"] = "boh" })
		prova(az, "motivo", func(d pratica.Dati) { delete(d, "motivo") })
		prova(az, "membri", chi())
		prova(az, "membri", chi("anna", "zeno"))
		prova(az, "membri", chi("anna", "ilaria")) // who reported
		prova(az, "membri", chi("bruno"))          // a surname after a title
		prova(az, "membri", chi("diego"))          // answers for the structure
		prova(az, "membri", chi("elio"))           // did something of it
		prova(az, "legge_al", giorno("legge_al", 0))
		prova(az, "legge_al", giorno("legge_al", 1+pratica.MaxLettura))
		prova(az, "legge_dal", giorno("legge_dal", -1))
		prova(az, "seduta_il", giorno("seduta_il", 9))
		prova(az, "legge_al", func(d pratica.Dati) { d["legge_dal"], d["legge_al"] = oggi.Add(-9).String(), oggi.Add(-2).String() })
		if _, atti, err := b.Store.Leggi(ctx, r.ID); err != nil || len(atti) != 2 {
			t.Errorf("something was stored: %d acts, %v", len(atti), err)
		}
		prova(az, "", giorno("legge_al", pratica.MaxLettura))
		zz, err := b.Store.SeduteConvocate(ctx, b.Ente, pratica.RegistroURP, oggi)
		if err != nil || len(zz) != 1 || zz[0].Pratiche != 1 || !slices.Equal(zz[0].Membri, []string{"anna"}) || zz[0].Il != oggi.Add(3) {
			t.Errorf("sessions: %+v, %v", zz, err)
		}
		for _, x := range []struct {
			registro string
			oggi     day.Date
		}{{pratica.RegistroUPT, oggi}, {pratica.RegistroURP, oggi.Add(pratica.MaxLettura + 1)}} {
			if zz, err := b.Store.SeduteConvocate(ctx, b.Ente, x.registro, x.oggi); err != nil || len(zz) > 0 {
				t.Errorf("sessions of others, or past: %+v, %v", zz, err)
			}
		}
	})
}

// Who a case names in any of the ways in which people name each other cannot sit for
// it; a word that is a surname too names nobody.
func TestCandidatiNominati(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	conCommissione(b, "Renato Della Porta", "Ornella Costa", "Ugo De Luca")
	for testo, nominati := range map[string]string{
		"Mi ha visto Ornella Costa, di mattina.":        "Ornella Costa",
		"Firmato COSTA ORNELLA":                         "Ornella Costa",
		"Ho parlato con la dott.ssa Costa.":             "Ornella Costa",
		"Ho parlato con il dott. De Luca.":              "Ugo De Luca",
		"Mi ha visto R. Della Porta.":                   "Renato Della Porta",
		"Mi ha visto O.Costa, poi più nessuno.":         "Ornella Costa",
		"La firma è di Costa O. e di un altro.":         "Ornella Costa",
		"La Costa mi ha detto di aspettare.":            "Ornella Costa",
		"Era il turno del De Luca.":                     "Ugo De Luca",
		"Ho aspettato davanti alla porta, e mi costa.":  "",
		"L'ambulanza veniva dalla costa ligure.":        "",
		"P. Costa e M. Costa aspettavano con me.":       "",
		"Abito in via Costa 3. O meglio, ci abitavo.":   "",
		"La porta era chiusa, la luca non è una parola": "",
	} {
		in := reclamo()
		in.Segnalazione = pratica.Chiudi(pratica.Segnalazione{Tipo: "rilievo", Testo: testo})
		r := registra(t, b, in)
		f, err := b.Servizio.Apri(ctx, b.Chi(access.URPAziendale, ""), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		candidati, err := b.Servizio.Candidati(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		var trovati []string
		for _, c := range candidati {
			if c.Motivo == "è nominato nella pratica" {
				trovati = append(trovati, c.Nome)
			}
		}
		if strings.Join(trovati, ", ") != nominati {
			t.Errorf("%q names %q, found %q", testo, nominati, trovati)
		}
	}
}
