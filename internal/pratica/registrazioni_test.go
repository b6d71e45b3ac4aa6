package pratica_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/store/storetest"
)

// prendiNota registers a report of somebody and lets an hour pass.
func prendiNota(t *testing.T, b *storetest.Banco, cognome, tipo string) pratica.Ricevuta {
	t.Helper()
	r, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web", Unita: "Pronto Soccorso",
		Presidio: "Ospedale Santa Chiara – Montelago", Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: tipo, Testo: "Nove ore di attesa.",
			Segnalante: &pratica.Persona{Nome: "Ada", Cognome: cognome}})})
	if err != nil {
		t.Fatal(err)
	}
	b.Orologio.Avanza(time.Hour)
	return r
}

// A register has every number, the last first, with what was registered as the log
// commits to it; who may not read a case does not see its number.
//
// ref: dpr445-2000 art. 53
func TestRegistrazioni(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		az, urp := b.Chi(access.URPAziendale, ""), b.Chi(access.URP, "URP-SANTA-CHIARA")
		var rr []pratica.Ricevuta
		for i := range 5 {
			rr = append(rr, prendiNota(t, b, fmt.Sprintf("Tizio%d", i), []string{"reclamo", "rilievo"}[i%2]))
		}
		b.Orologio.Avanza(24 * time.Hour)
		rr = append(rr, prendiNota(t, b, "Domani", "reclamo"))
		numeri := func(chi access.Chi, f pratica.Filtro) (out []int) {
			t.Helper()
			f.Registro = pratica.RegistroURP
			for f.Limite = 2; ; {
				p, err := b.Servizio.Registrazioni(ctx, chi, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range p.Righe {
					out = append(out, x.Numero)
				}
				if f.Dopo = p.Dopo; f.Dopo == "" {
					return out
				}
			}
		}
		oggi := day.In(rr[0].Ricevuta)
		for _, x := range []struct {
			chi   access.Chi
			f     pratica.Filtro
			vuole []int
		}{
			{az, pratica.Filtro{}, []int{6, 5, 4, 3, 2, 1}},
			{urp, pratica.Filtro{}, []int{6, 5, 4, 3, 2, 1}},
			{az, pratica.Filtro{RegistrataDal: oggi.Add(1)}, []int{6}},
			{urp, pratica.Filtro{RegistrataDal: oggi.Add(1)}, []int{6}},
			{az, pratica.Filtro{RegistrataAl: oggi}, []int{5, 4, 3, 2, 1}},
			{urp, pratica.Filtro{RegistrataDal: oggi, RegistrataAl: oggi}, []int{5, 4, 3, 2, 1}},
			{az, pratica.Filtro{Tipo: "rilievo"}, []int{4, 2}},
			{az, pratica.Filtro{Numero: "3"}, []int{3}},
			{urp, pratica.Filtro{Numero: "2026/3"}, []int{3}},
			{az, pratica.Filtro{Codice: rr[4].Codice}, []int{5}},
			{az, pratica.Filtro{Registro: "altro", RegistrataDal: oggi.Add(9)}, nil},
			{b.Chi(access.URP, "URP-MONTELAGO"), pratica.Filtro{}, nil},
		} {
			if ha := numeri(x.chi, x.f); !slices.Equal(ha, x.vuole) {
				t.Errorf("%v, %+v: %v, not %v", x.chi.Uffici, x.f, ha, x.vuole)
			}
		}
		for _, chi := range []access.Chi{b.Chi(access.Amministratore, ""), b.Chi(access.DPO, ""), b.Chi(access.Responsabile, "SC-PRONTO-SOCCORSO"), access.Cittadino(b.Ente, "web")} {
			if _, err := b.Servizio.Registrazioni(ctx, chi, pratica.Filtro{Registro: pratica.RegistroURP}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%v reads the register: %v", chi.Uffici, err)
			}
			if err := b.Servizio.EsportaRegistro(ctx, chi, pratica.Filtro{Registro: pratica.RegistroURP}, nil); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%v takes the register out: %v", chi.Uffici, err)
			}
		}

		// A correction stands beside the number: who, when, what.
		if _, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: rr[2].ID, Atto: "correzione", Dati: pratica.Dati{"dato": "il telefono", "giusto": "0372 555 0101"}}); err != nil {
			t.Fatal(err)
		}
		p, err := b.Servizio.Registrazioni(ctx, az, pratica.Filtro{Registro: pratica.RegistroURP, Numero: "3"})
		if err != nil || len(p.Righe) != 1 {
			t.Fatal(p, err)
		}
		x := p.Righe[0]
		if len(x.Annotazioni) != 1 || x.Annotazioni[0].Persona != urp.Persona || x.Annotazioni[0].Etichetta != "Correzione" || x.Annotazioni[0].Testi.Apri()["giusto"] != "0372 555 0101" || !x.Annullata().IsZero() {
			t.Errorf("%+v", x.Annotazioni)
		}
		if rp, err := b.Servizio.Riepilogo(ctx, x.Riga); err != nil || !strings.Contains(rp.Apri().Chi, "Tizio2") && !strings.Contains(rp.Apri().Chi, "Ada") {
			t.Error(rp.Apri(), err)
		}
		_, atti, err := b.Store.Leggi(ctx, rr[2].ID)
		if err != nil {
			t.Fatal(err)
		}
		if h := registro.Contents([][]byte{atti[0].Atto.Contenuti[0].Hash}); !bytes.Equal(h[:], x.Impronta) {
			t.Errorf("%x is not what the leaf commits to", x.Impronta)
		}

		// What is taken out has no name and no word that somebody wrote.
		righe := 0
		if err := b.Servizio.EsportaRegistro(ctx, az, pratica.Filtro{Registro: pratica.RegistroURP}, func(rr []pratica.Registrazione) error {
			for _, r := range rr {
				righe++
				for _, a := range r.Annotazioni {
					if a.Testi.Apri() != nil {
						t.Error("an annotation is open")
					}
				}
			}
			return nil
		}); err != nil || righe != 6 {
			t.Error(righe, err)
		}
	})
}

// The register of the UPT is for its members, and only with its key open.
//
// ref: lr33-2009 art. 23-bis
func TestRegistrazioniUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		capo := b.FondaUPT(t).Chi(t, "capo")
		r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), pratica.Nuova{Registro: pratica.RegistroUPT, Canale: "web",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "segnalazione", Testo: "Vorrei capire.", Oggetto: "Quadrifoglio"})})
		if err != nil {
			t.Fatal(err)
		}
		f := pratica.Filtro{Registro: pratica.RegistroUPT}
		p, err := b.Servizio.Registrazioni(ctx, capo, f)
		if err != nil || len(p.Righe) != 1 || p.Righe[0].ID != r.ID || len(p.Righe[0].Impronta) != 32 {
			t.Fatal(p, err)
		}
		if rp, err := b.Servizio.Riepilogo(ctx, p.Righe[0].Riga); err != nil || rp.Apri().Oggetto != "Quadrifoglio" {
			t.Error(rp.Apri(), err)
		}
		chiuso := capo
		chiuso.Aperti = nil
		for _, chi := range []access.Chi{chiuso, b.Chi(access.URPAziendale, "")} {
			if _, err := b.Servizio.Registrazioni(ctx, chi, f); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%v: %v", chi.Uffici, err)
			}
		}
	})
}
