package pratica_test

import (
	"context"
	"testing"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// The register of the archive: where each closed file lies, as last written, until when
// it must be kept or that it is kept for longer, and who ended it; of an eliminated file
// the place is gone with the rest.
//
// ref: pga01 4.4.4
func TestRegistroArchivio(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		via, resta := archiviata(t, b, "Una che finisce."), archiviata(t, b, "Una che resta.")
		registra(t, b, reclamo()) // open: not in the archive
		capo, altra := b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreAmministrativo, "")
		fai := func(id vault.ID, atto string, dati pratica.Dati) {
			t.Helper()
			if _, err := b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: id, Atto: atto, Dati: dati}); err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
		}
		fai(via.ID, "collocazione", pratica.Dati{"luogo": "Stanza 2"})
		fai(resta.ID, "collocazione", pratica.Dati{"luogo": "Stanza 1"})
		fai(resta.ID, "collocazione", pratica.Dati{"luogo": "Schedario 7"})
		fai(resta.ID, "vincolo", pratica.Dati{"motivo": "Causa in corso."})
		leggi := func(chi access.Chi) map[vault.ID]pratica.VoceArchivio {
			t.Helper()
			out := map[vault.ID]pratica.VoceArchivio{}
			for f := (pratica.Filtro{Registro: pratica.RegistroURP, Limite: 1}); ; { // page by page
				p, err := b.Servizio.Archivio(ctx, chi, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range p.Righe {
					out[v.ID] = v
				}
				if f.Dopo = p.Dopo; f.Dopo == "" {
					return out
				}
			}
		}
		prima := leggi(capo)
		h := prima[via.ID]
		y, m, d := h.ChiusaIl.Date()
		if len(prima) != 2 || h.Luogo.Apri() != "Stanza 2" || prima[resta.ID].Luogo.Apri() != "Schedario 7" || !prima[resta.ID].Trattenuta || h.Trattenuta {
			t.Fatalf("%d in the archive: %q, %q", len(prima), h.Luogo.Apri(), prima[resta.ID].Luogo.Apri())
		}
		if y1, m1, d1 := h.Fino.Date(); y1 != y+5 || m1 != m || d1 != d {
			t.Errorf("closed on %v, kept until %v", h.ChiusaIl, h.Fino)
		}
		if n := len(leggi(b.Chi(access.URP, "URP-SAN-DEFENDENTE"))); n != 0 {
			t.Errorf("another URP sees %d files", n)
		}
		for _, chi := range []access.Chi{altra, b.Chi(access.FrontOffice, "FO-RIVALTA"), b.Chi(access.Responsabile, "51201")} {
			if _, err := b.Servizio.Archivio(ctx, chi, pratica.Filtro{Registro: pratica.RegistroURP, Limite: 10}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%v: %v", chi.Uffici, err)
			}
		}

		b.Orologio.Metti(h.ChiusaIl.Add(5*366 + 2))
		n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroURP, "n. 12 del 3 marzo 2031", []vault.ID{via.ID})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Servizio.ApprovaScarto(ctx, b.Conferma(altra), pratica.RegistroURP, n); err != nil {
			t.Fatal(err)
		}
		if err := b.Servizio.EseguiScarti(ctx, b.Chiavi); err != nil {
			t.Fatal(err)
		}
		dopo := leggi(capo)
		if v := dopo[via.ID]; v.Eliminata != b.Servizio.Oggi() || v.Approvata != altra.Persona || v.Luogo.Apri() != "" {
			t.Errorf("eliminated on %v, approved by %q, kept in %q", v.Eliminata, v.Approvata, v.Luogo.Apri())
		}
		if v := dopo[resta.ID]; !v.Eliminata.IsZero() || v.Approvata != "" || v.Luogo.Apri() != "Schedario 7" {
			t.Errorf("the other one: %v %q %q", v.Eliminata, v.Approvata, v.Luogo.Apri())
		}
	})
}
