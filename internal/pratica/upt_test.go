package pratica_test

import (
	"context"
	"errors"
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

// allUPT is a segnalazione for the UPT.
func allUPT() pratica.Nuova {
	nu := reclamo()
	nu.Registro = pratica.RegistroUPT
	return nu
}

// chiave is the citizen who holds the key of a receipt.
func chiave(b *storetest.Banco, r pratica.Ricevuta) access.Chi {
	c := access.Cittadino(b.Ente, "web")
	c.Segreto = r.Chiave
	return c
}

// The whole story of a case of the UPT: from the citizen's words, sealed with nobody
// there, to the answer that only the chiave opens; and what it leaves in the clear.
//
// ref: lr33-2009 art. 23-bis
func TestStoriaUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		if _, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), allUPT()); !errors.Is(err, pratica.ErrFondazione) {
			t.Fatalf("before the founding: %v", err)
		}
		upt := b.FondaUPT(t)
		registra(t, b, reclamo())
		r := registra(t, b, allUPT())
		if r.Registro != pratica.RegistroUPT || r.Numero != 1 {
			t.Fatalf("receipt: %+v", r)
		}
		capo := upt.Chi(t, "capo")
		chiusa := capo
		chiusa.Aperti = nil
		for _, altro := range []access.Chi{chiusa, b.Chi(access.URPAziendale, ""), b.Chi(access.URP, "URP-SANTA-CHIARA"), b.Chi(access.Amministratore, ""),
			b.Chi(access.DPO, ""), b.Chi(access.DirettoreSanitario, ""), b.Chi(access.Responsabile, "51201")} {
			if _, err := b.Servizio.Apri(ctx, altro, r.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s opens it: %v", altro.Nome, err)
			}
			p, err := b.Servizio.Elenco(ctx, altro, pratica.Filtro{Registro: pratica.RegistroUPT})
			if err != nil || len(p.Righe) > 0 {
				t.Errorf("%s lists it: %v, %v", altro.Nome, p.Righe, err)
			}
			if n, err := b.Store.Conteggi(ctx, altro, b.Servizio.Oggi()); err != nil || altro.Nome == chiusa.Nome && n.DaFare > 0 {
				t.Errorf("%s counts it: %+v, %v", altro.Nome, n, err)
			}
			if _, err := b.Servizio.Esegui(ctx, altro, pratica.Comando{Pratica: r.ID, Atto: "presa_in_carico"}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s acts on it: %v", altro.Nome, err)
			}
		}
		p, err := b.Servizio.Elenco(ctx, capo, pratica.Filtro{Mie: true})
		if err != nil || len(p.Righe) != 1 || p.Righe[0].Cosa != "presa_in_carico" {
			t.Fatalf("work list: %+v, %v", p.Righe, err)
		}
		if s, err := b.Servizio.Riepilogo(ctx, p.Righe[0]); err != nil || s.Apri().Oggetto != "Nove ore di attesa" {
			t.Errorf("summary: %v", err)
		}
		h := p.Righe[0].Testa
		if h.Struttura+h.Presidio+h.Macro+h.URP+h.Natura+h.Canale+h.Incaricato != "" || h.Tipo != "segnalazione" {
			t.Errorf("the columns tell what it is about: %+v", h)
		}
		passo := func(chi access.Chi, atto, per string, dati pratica.Dati) {
			t.Helper()
			b.Orologio.Avanza(time.Hour)
			if _, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: atto, Per: per, Dati: dati}); err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
		}
		unita := b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[5].ID
		resp := b.Chi(access.Responsabile, unita)
		passo(capo, "presa_in_carico", "", nil)
		passo(capo, "classificazione", "", pratica.Dati{"diritto": "accesso", "struttura": unita})
		passo(capo, "richiesta_informazioni", "", pratica.Dati{"quesito": "Perché tanta attesa?",
			"strutture": []map[string]string{{"id": unita, "copia": "Ilaria ha aspettato nove ore."}}})
		f, err := b.Servizio.Apri(ctx, resp, r.ID)
		if err != nil || f.Segnalazione != nil || len(f.Richieste) != 1 || f.Richieste[0].Copia.Apri() != "Ilaria ha aspettato nove ore." {
			t.Fatalf("the structure reads more, or less, than its copy: %v", err)
		}
		if got := f.Richieste[0].Entro.Scadenza; got != b.Servizio.Oggi().Add(30) {
			t.Errorf("it has until %v", got)
		}
		passo(resp, "informazioni", unita, pratica.Dati{"testo": "C'era un infermiere solo."})
		passo(chiave(b, r), "messaggio", "", pratica.Dati{"testo": "Grazie di occuparvene."})
		passo(capo, "risposta", "", pratica.Dati{"testo": "Gentile Ilaria, abbiamo sentito il reparto."})
		passo(capo, "chiusura", "", pratica.Dati{"esito": "risolta"})
		sg, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave)
		if err != nil || sg.Risposta.Apri() != "Gentile Ilaria, abbiamo sentito il reparto." || len(sg.Messaggi) != 1 || sg.Segnalazione == nil {
			t.Fatalf("the citizen reads %+v, %v", sg, err)
		}
		if _, err := b.Servizio.SeguiContatto(ctx, b.Ente, r.Codice, vault.NewRiservato("ilaria@esempio.example")); !fault.Is(err, fault.NotFound) {
			t.Errorf("codice and contact open a case of the UPT: %v", err)
		}
		if f, err = b.Servizio.Apri(ctx, capo, r.ID); err != nil {
			t.Fatal(err)
		}
		if c := f.Cartellino.Apri(); c != (pratica.Cartellino{Tipo: "reclamo", Canale: "web", Presidio: c.Presidio, Struttura: unita, Diritto: "accesso", Esito: "risolta"}) || c.Presidio == "" {
			t.Error("the card does not say what the acts said")
		}
		if f.Richieste[0].Testo.Apri() != "C'era un infermiere solo." {
			t.Error("the UPT does not read the answer")
		}
		_, atti, err := b.Store.Leggi(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range atti {
			for _, no := range []string{"accesso\"", "risolta", "sportello", "reclamo", "nominativo", "SANTA-CHIARA"} {
				if strings.Contains(string(x.Busta), no) {
					t.Errorf("the envelope of %s says %q: %s", x.Atto.Kind, no, x.Busta)
				}
			}
			if strings.Contains(string(x.Busta), unita) && x.Atto.Kind != "richiesta_informazioni" && x.Atto.Kind != "informazioni" {
				t.Errorf("the envelope of %s names a unit that was not addressed by it", x.Atto.Kind)
			}
		}
		o, err := b.Store.Oggetto(ctx, h.N)
		slices.Sort(o.Nucleo)
		if err != nil || !slices.Equal(o.Nucleo, []string{"upt-operatore:", "upt:"}) || !slices.Equal(o.Chiesto, []string{"responsabile:" + unita}) {
			t.Errorf("who may list it: %+v, %v", o, err)
		}
	})
}

// Who left reads what could be read then, and nothing that is written after: each part
// begins anew, and the citizen reads on with the same chiave.
func TestChiEsceNonLeggeOltre(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		upt.Ammetti(t, "vera")
		r := registra(t, b, allUPT())
		passo := func(chi access.Chi, atto string, dati pratica.Dati, file ...pratica.File) {
			t.Helper()
			b.Orologio.Avanza(time.Hour)
			if _, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati, File: file}); err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
		}
		vera := upt.Chi(t, "vera")
		unita := b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[5].ID
		resp := b.Chi(access.Responsabile, unita)
		passo(vera, "presa_in_carico", nil)
		passo(vera, "nota", pratica.Dati{"nota": "Prima nota."})
		passo(vera, "richiesta_informazioni", pratica.Dati{"quesito": "?", "strutture": []map[string]string{{"id": unita, "copia": "Una copia."}}})
		cmd := pratica.Comando{Pratica: r.ID, Atto: "messaggio"}
		base, err := b.Servizio.BaseAllegati(ctx, upt.Chi(t, "capo"), cmd)
		if err != nil {
			t.Fatal(err)
		}
		upt.Togli(t, "vera")
		capo := upt.Chi(t, "capo")
		passo(capo, "nota", pratica.Dati{"nota": "Seconda nota."})
		file := pratica.File{ID: vault.NewID(b.Orologio.Now()), Nome: vault.NewRiservato("foglio.pdf"), Tipo: "pdf", Dove: strings.Repeat("ab", 32), Chiave: vault.NewRiservato(string(vault.NewKey()))}
		passo(capo, "messaggio", pratica.Dati{"testo": "Le scrivo io."}, file) // encrypted before she left
		passo(chiave(b, r), "messaggio", pratica.Dati{"testo": "Bene."})
		if _, err := b.Servizio.Esegui(ctx, resp, pratica.Comando{Pratica: r.ID, Atto: "informazioni", Per: unita, Dati: pratica.Dati{"testo": "Ecco."}}); err != nil {
			t.Fatal(err)
		}
		f, err := b.Servizio.Apri(ctx, capo, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		parti := map[string]bool{}
		for _, a := range f.Storia {
			for _, im := range a.Contenuti {
				parti[im.Parte] = true
			}
			if len(a.Contenuti) > 0 && !a.Leggibile {
				t.Errorf("the head does not read %s", a.Kind)
			}
		}
		for _, p := range []string{"nucleo", "nucleo-2", "cittadino", "cittadino-2", "richiesta-1", "richiesta-1-2"} {
			if !parti[p] {
				t.Errorf("nothing was written in %s: %v", p, parti)
			}
		}
		if len(f.File) != 1 || !slices.Equal(f.File[0].ChiaveFile(), pratica.ChiaveFile([]byte(file.Chiave.Valore()), base)) {
			t.Error("a file that was encrypted before she left does not open")
		}
		if s, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave); err != nil || len(s.Messaggi) != 2 || s.Messaggi[0].Testo.Apri() != "Le scrivo io." || len(s.File) != 1 {
			t.Errorf("the citizen: %v", err)
		}
		if f, err := b.Servizio.Apri(ctx, resp, r.ID); err != nil || f.Richieste[0].Testo.Apri() != "Ecco." {
			t.Errorf("the structure reads its own answer: %v", err)
		}
		// She has the disk of today, and every key she had.
		apre, _ := vera.Aperti.Opener(pratica.CompartimentoUPT)
		n := f.Testa.N
		avvolte, err := b.Store.Involucri(ctx, []int64{n}, "compartimento.upt", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range avvolte[n] {
			i.Ente, i.Pratica = b.Ente, r.ID
			_, err := apre.Unwrap(i)
			if nuova := strings.HasSuffix(i.Nome, "-2"); (err == nil) == nuova {
				t.Errorf("%s opens for who left: %v", i.Nome, err)
			}
		}
	})
}

// A scan finds what a plain look at every text finds, whatever the words; and only in
// a session with the key.
func TestScorri(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		testi := []string{"Lista d'attesa per la risonanza", "Il referto della risonanza non arriva", "Parcheggio pieno", "Il medico non ha spiegato il referto"}
		var quando []string // ids, oldest first
		for i, x := range testi {
			nu := allUPT()
			seg := pratica.Segnalazione{Tipo: []string{"reclamo", "rilievo"}[i%2], Testo: x, Segnalante: &pratica.Persona{Nome: "Ugo", Cognome: []string{"Tarli", "Fasce"}[i/2], Email: "ugo@esempio.example"}}
			nu.Segnalazione = pratica.Chiudi(seg)
			quando = append(quando, registra(t, b, nu).ID.String())
			registra(t, b, reclamo()) // of the URP: never found here
			b.Orologio.Avanza(300 * 24 * time.Hour)
		}
		capo := upt.Chi(t, "capo")
		trova := func(q string, limite int, dopo string) (out []string, p pratica.Pagina) {
			t.Helper()
			p, err := b.Servizio.Scorri(ctx, capo, pratica.RegistroUPT, q, limite, dopo)
			if err != nil {
				t.Fatalf("%q: %v", q, err)
			}
			for _, r := range p.Righe {
				out = append(out, testi[slices.Index(quando, r.ID.String())])
				if s, err := b.Servizio.Riepilogo(ctx, r); err != nil || s.Apri().Oggetto == "" {
					t.Errorf("summary: %v", err)
				}
			}
			return out, p
		}
		for q, vuole := range map[string][]int{"": {3, 2, 1, 0}, "risonanza": {1, 0}, "referti": {3, 1}, "referto medico": {3}, "tarli": {1, 0}, "ugo@esempio.example": {3, 2, 1, 0}, "referto -medico": {1}, "parcheggio OR medico": {3, 2}, `"referto della risonanza"`: {1},
			"tipo:rilievo": {3, 1}, "tipo:reclamo risonanza": {0}, "numero:2026/1": {0}, "inesistente": nil, "stato:chiusa": nil, "ricevuta:2026": {1, 0}, `struttura:"Pronto Soccorso"`: {3, 2, 1, 0}} {
			var w []string
			for _, i := range vuole {
				w = append(w, testi[i])
			}
			got, p := trova(q, 50, "")
			if p.PerMerito { // in what order, TestStessoOrdine says
				slices.Sort(got)
				slices.Sort(w)
			}
			if !slices.Equal(got, w) {
				t.Errorf("%q: %q, want %q", q, got, w)
			}
		}
		var tutte []string // a page at a time
		for dopo := ""; ; {
			got, p := trova("", 1, dopo)
			tutte = append(tutte, got...)
			if dopo = p.Dopo; dopo == "" {
				break
			}
		}
		if len(tutte) != len(testi) || tutte[0] != testi[3] {
			t.Errorf("by pages: %q", tutte)
		}
		chiusa := capo
		chiusa.Aperti = nil
		for _, x := range []access.Chi{chiusa, b.Chi(access.URPAziendale, "")} {
			if _, err := b.Servizio.Scorri(ctx, x, pratica.RegistroUPT, "risonanza", 50, ""); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s scans: %v", x.Nome, err)
			}
		}
		if p, err := b.Servizio.Cerca(ctx, capo, "risonanza", 50, ""); err != nil || len(p.Righe) > 0 {
			t.Errorf("the index has words of the UPT: %v, %v", p.Righe, err)
		}
	})
}

// The UPT reads a file of the URP for a case that it handles, by an act of that case:
// the URP's own pages and acts show nothing of it, and the record of readings has it
// under the UPT's case.
//
// ref: lr33-2009 art. 23-bis
func TestFascicoloConcesso(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		prima := registra(t, b, reclamo())
		altra := registra(t, b, reclamo())
		r := registra(t, b, allUPT())
		capo, urp := upt.Chi(t, "capo"), b.Chi(access.URP, "URP-SANTA-CHIARA")
		fa := func(chi access.Chi, id vault.ID, atto string, dati pratica.Dati) error {
			b.Orologio.Avanza(time.Hour)
			_, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: id, Atto: atto, Dati: dati})
			return err
		}
		leggibile := func(vuole bool) {
			t.Helper()
			f, err := b.Servizio.ApriConcesso(ctx, capo, r.ID, prima.ID)
			if vuole && (err != nil || f.Segnalazione == nil || f.Segnalazione.Apri().Oggetto != "Nove ore di attesa" || len(f.Consentiti) > 0) {
				t.Errorf("given to read: %v", err)
			} else if !vuole && !fault.Is(err, fault.NotFound) {
				t.Errorf("not given to read: %v", err)
			}
		}
		come := func() string {
			t.Helper()
			f, err := b.Servizio.Apri(ctx, urp, prima.ID)
			if err != nil {
				t.Fatal(err)
			}
			s, err := b.Servizio.Segui(ctx, b.Ente, prima.Codice, prima.Chiave)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, a := range f.Storia {
				out.WriteString(a.Kind + " ")
			}
			for _, l := range s.Letture {
				out.WriteString(l.Ufficio + " ")
			}
			return out.String()
		}
		_ = come() // so that the URP's own reading is on record
		visto := come()
		if err := fa(capo, r.ID, "presa_in_carico", nil); err != nil {
			t.Fatal(err)
		}
		leggibile(false)
		if err := fa(capo, r.ID, "accesso_fascicolo", pratica.Dati{"fascicolo": "2026/1"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		for _, no := range []string{"2026/99", "1", "abc"} {
			if err := fa(capo, r.ID, "accesso_fascicolo", pratica.Dati{"fascicolo": no, "motivo": "m"}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", no, err)
			}
		}
		if err := fa(capo, r.ID, "accesso_fascicolo", pratica.Dati{"fascicolo": "2026/1", "motivo": "La persona non è d'accordo con l'URP."}); err != nil {
			t.Fatal(err)
		}
		defer func() { // verified from here on: the grant is not read again, the URP's case is
			vista, err := b.Verifica(ctx, false)
			if err != nil {
				t.Error(err)
			}
			if err := fa(b.Chi(access.URPAziendale, ""), prima.ID, "nota", pratica.Dati{"nota": "Di dopo."}); err != nil {
				t.Error(err)
			}
			v := b.Verificatore()
			v.Da, v.Prima = vista.Ultimo, vista.State
			if e, err := v.Tutto(ctx); err != nil || e.Pratiche != 1 {
				t.Errorf("verified from the grant on: %v, %v", e, err)
			}
		}()
		leggibile(true)
		if _, err := b.Servizio.ApriConcesso(ctx, capo, r.ID, altra.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another file: %v", err)
		}
		if _, err := b.Servizio.Apri(ctx, capo, prima.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of its case: %v", err)
		}
		for _, fl := range []pratica.Filtro{{}, {Mie: true}, {PerScadenza: true}, {Registro: pratica.RegistroURP}, {Numero: "2026/1", Registro: pratica.RegistroURP}, {RicevutaDal: b.Servizio.Oggi()}} {
			p, err := b.Servizio.Elenco(ctx, capo, fl)
			if err != nil || slices.ContainsFunc(p.Righe, func(x pratica.Riga) bool { return x.ID == prima.ID }) {
				t.Errorf("a list of the UPT has the file: %v", err)
			}
		}
		chiusa := capo
		chiusa.Aperti = nil
		for _, x := range []access.Chi{chiusa, urp, b.Chi(access.URPAziendale, "")} {
			if _, err := b.Servizio.ApriConcesso(ctx, x, r.ID, prima.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", x.Nome, err)
			}
		}
		if got := come(); got != visto {
			t.Errorf("the URP's pages show it: %q, before %q", got, visto)
		}
		p, err := b.Servizio.Accessi(ctx, b.Chi(access.DPO, ""), pratica.FiltroAccessi{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(p.Righe, func(a pratica.Accesso) bool {
			return a.Registro == pratica.RegistroUPT && a.Numero == r.Numero && a.Parte == pratica.ParteConcessa && a.Persona == capo.Persona
		}) {
			t.Errorf("the DPO does not see it: %+v", p.Righe)
		}
		if slices.ContainsFunc(p.Righe, func(a pratica.Accesso) bool { return a.Persona == capo.Persona && a.Registro == pratica.RegistroURP }) {
			t.Error("the DPO sees which file")
		}
		if err := fa(urp, prima.ID, "presa_in_carico", nil); err != nil {
			t.Errorf("the URP goes on: %v", err)
		}
		if err := fa(capo, r.ID, "accesso_fascicolo", pratica.Dati{"fascicolo": "2026/1", "motivo": "Di nuovo."}); err != nil {
			t.Errorf("given twice: %v", err)
		}
		leggibile(true)
		if err := fa(capo, r.ID, "chiusura", pratica.Dati{"esito": "risolta"}); err != nil {
			t.Fatal(err)
		}
		leggibile(false)
	})
}

// The files of the UPT end by the hands of its own people alone, with nobody's key
// when the program does it; the card that they are counted by stays.
//
// ref: dlgs42-2004
func TestScartoUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		upt.Ammetti(t, "vera")
		r := registra(t, b, allUPT())
		capo, vera, urp := upt.Chi(t, "capo"), upt.Chi(t, "vera"), b.Chi(access.URPAziendale, "")
		for _, x := range []struct {
			atto string
			dati pratica.Dati
		}{{"presa_in_carico", nil}, {"chiusura", pratica.Dati{"esito": "non_risolta"}}} {
			if _, err := b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: r.ID, Atto: x.atto, Dati: x.dati}); err != nil {
				t.Fatal(err)
			}
		}
		b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
		if l, err := b.Servizio.Scartabili(ctx, urp, pratica.RegistroURP); err != nil || len(l) > 0 {
			t.Errorf("the URP's: %v, %v", l, err)
		}
		chiusa := capo
		chiusa.Aperti = nil
		for _, x := range []access.Chi{urp, chiusa, b.Chi(access.DirettoreAmministrativo, "")} {
			if _, err := b.Servizio.Scartabili(ctx, x, pratica.RegistroUPT); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", x.Nome, err)
			}
		}
		if _, err := b.Servizio.ProponiScarto(ctx, b.Conferma(urp), pratica.RegistroURP, "n. 1", []vault.ID{r.ID}); !fault.Is(err, fault.NotFound) {
			t.Errorf("the URP proposes a file of the UPT: %v", err)
		}
		n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroUPT, "n. 1", []vault.ID{r.ID})
		if err != nil {
			t.Fatal(err)
		}
		if l, err := b.Servizio.Scarti(ctx, urp, pratica.RegistroURP); err != nil || len(l) > 0 {
			t.Errorf("the URP sees the list: %v, %v", l, err)
		}
		if err := b.Servizio.ApprovaScarto(ctx, b.Conferma(urp), pratica.RegistroURP, n); !fault.Is(err, fault.NotFound) {
			t.Errorf("the URP approves: %v", err)
		}
		if err := b.Servizio.ApprovaScarto(ctx, b.Conferma(vera), pratica.RegistroUPT, n); err != nil {
			t.Fatal(err)
		}
		if err := b.Servizio.EseguiScarti(ctx, b.Chiavi); err != nil {
			t.Fatal(err)
		}
		f, err := b.Servizio.Apri(ctx, upt.Chi(t, "capo"), r.ID)
		if err != nil || f.Testa.Eliminata.IsZero() || f.Segnalazione != nil || f.Cartellino.Apri().Esito != "non_risolta" {
			t.Errorf("afterwards: %+v, %v", f, err)
		}
		if p, err := b.Servizio.Scorri(ctx, upt.Chi(t, "capo"), pratica.RegistroUPT, "attesa", 50, ""); err != nil || len(p.Righe) > 0 {
			t.Errorf("a scan opens it: %v", err)
		}
	})
}

// Terms warn and lapse without anybody's key.
func TestTerminiUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		r := registra(t, b, allUPT())
		b.Orologio.Avanza(10 * 24 * time.Hour)
		if n, err := b.Servizio.Scansiona(ctx, b.Store); err != nil || n != 1 {
			t.Fatalf("%d cases, %v", n, err)
		}
		capo := upt.Chi(t, "capo")
		p, err := b.Servizio.Elenco(ctx, capo, pratica.Filtro{Mie: true})
		if err != nil || len(p.Righe) != 1 || p.Righe[0].ID != r.ID || p.Righe[0].Entro >= b.Servizio.Oggi() {
			t.Errorf("late: %+v, %v", p.Righe, err)
		}
		if n, err := b.Store.Conteggi(ctx, capo, b.Servizio.Oggi()); err != nil || n.Scadute != 1 {
			t.Errorf("counts: %+v, %v", n, err)
		}
	})
}

// The URP's desk takes in for the UPT: sealed to the UPT's key, so that who typed it
// neither opens nor lists nor finds it a moment later.
//
// ref: lr33-2009 art. 23-bis
func TestSportelloPerUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		nu := func() pratica.Nuova {
			x := allUPT()
			x.Canale, x.RicevutaIl = "sportello", b.Servizio.Oggi().Add(-3)
			return x
		}
		sportelli := []access.Chi{b.Chi(access.FrontOffice, "FO-SANTA-CHIARA"), b.Chi(access.URP, "URP-SANTA-CHIARA"), b.Chi(access.URPAziendale, "")}
		if _, err := b.Servizio.Registra(ctx, sportelli[1], nu()); !errors.Is(err, pratica.ErrFondazione) {
			t.Fatalf("before the founding: %v", err)
		}
		upt := b.FondaUPT(t)
		for _, altro := range []access.Chi{b.Chi(access.Amministratore, ""), b.Chi(access.DPO, ""), b.Chi(access.Responsabile, "51201"), b.Chi(access.DirettoreSanitario, "")} {
			if _, err := b.Servizio.Registra(ctx, altro, nu()); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s takes in: %v", altro.Nome, err)
			}
		}
		capo := upt.Chi(t, "capo")
		for i, chi := range sportelli {
			r, err := b.Servizio.Registra(ctx, chi, nu())
			if err != nil || r.Registro != pratica.RegistroUPT || r.Numero != i+1 || r.Giorno != b.Servizio.Oggi().Add(-3) {
				t.Fatalf("%s: %+v, %v", chi.Nome, r, err)
			}
			for _, altro := range sportelli {
				if _, err := b.Servizio.Apri(ctx, altro, r.ID); !fault.Is(err, fault.NotFound) {
					t.Errorf("%s opens it: %v", altro.Nome, err)
				}
				for _, f := range []pratica.Filtro{{}, {Registro: pratica.RegistroUPT}, {Mie: true}} {
					if p, err := b.Servizio.Elenco(ctx, altro, f); err != nil || len(p.Righe) > 0 {
						t.Errorf("%s lists it: %v, %v", altro.Nome, p.Righe, err)
					}
				}
				if p, err := b.Servizio.Cerca(ctx, altro, "attesa", 50, ""); err != nil || len(p.Righe) > 0 {
					t.Errorf("%s finds it: %v, %v", altro.Nome, p.Righe, err)
				}
				if n, err := b.Store.Conteggi(ctx, altro, b.Servizio.Oggi()); err != nil || n.DaFare > 0 {
					t.Errorf("%s counts it: %+v, %v", altro.Nome, n, err)
				}
				for _, atto := range []string{"nota", "messaggio", "integrazione"} {
					if _, err := b.Servizio.Esegui(ctx, altro, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: pratica.Dati{"testo": "x", "nota": "x"}}); !fault.Is(err, fault.NotFound) {
						t.Errorf("%s does %s: %v", altro.Nome, atto, err)
					}
				}
			}
			f, err := b.Servizio.Apri(ctx, capo, r.ID)
			if err != nil || f.Segnalazione.Apri().Oggetto != "Nove ore di attesa" || f.Storia[0].Persona != chi.Persona || f.Storia[0].Ufficio != chi.Uffici[0] {
				t.Errorf("the UPT reads it, and who took it in: %v", err)
			}
			o, err := b.Store.Oggetto(ctx, f.Testa.N)
			slices.Sort(o.Nucleo)
			if err != nil || !slices.Equal(o.Nucleo, []string{"upt-operatore:", "upt:"}) || len(o.Chiesto) > 0 {
				t.Errorf("who may list it: %+v, %v", o, err)
			}
			if s, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave); err != nil || s.Segnalazione == nil {
				t.Errorf("who reported, with the key of the receipt: %v", err)
			}
		}
	})
}
