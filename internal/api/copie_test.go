package api

import (
	"slices"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// A program that asks a structure says what its copy leaves readable and why, and
// names the documents whose copies a person made at the desk. Who handles the case
// reads both again; the structure reads the copies, never the reasons nor the
// originals; who was asked beside it reads nothing of either.
//
// ref: pga01 4.4.2
func TestDocumentiELasciati(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		p := monta(t, b)
		v := reclamo()
		v["allegati"] = []oggetto{{"nome": "referto-brambati.txt", "contenuto": "UmVmZXJ0byBkaSBJbGFyaWEK"}}
		p.vuole(201, p.chiama("POST", "/segnalazioni", "", v))
		urp, a, altra := p.token(access.URP, "URP-SANTA-CHIARA"), p.token(access.Responsabile, camminoA), p.token(access.Responsabile, camminoB)
		id := p.vuole(200, p.chiama("GET", "/pratiche", urp, nil)).json["pratiche"].([]any)[0].(map[string]any)["id"].(string)
		fa := func(stato int, atto string, dati oggetto) risposta {
			t.Helper()
			return p.vuole(stato, p.chiama("POST", "/pratiche/"+id+"/atti", urp, oggetto{"atto": atto, "dati": dati}))
		}
		fa(201, "presa_in_carico", nil)
		fa(201, "valutazione", oggetto{"natura": "sanitaria", "danni": "esclusi"})
		fa(201, "informativa", nil)
		originale := p.apri(urp, id).Allegati[0].ID
		chiede := func(lasciati ...oggetto) oggetto {
			return oggetto{"quesito": "Che cosa è successo?", "strutture": []oggetto{{"id": camminoB, "copia": "Nove ore."},
				{"id": camminoA, "copia": "La signora Brambati ha aspettato nove ore.", "lasciati": lasciati, "allegati": []string{originale}}}}
		}
		spiegato := oggetto{"testo": "Brambati", "motivo": "La struttura la conosce."}
		fa(422, "richiesta_chiarimenti", chiede())                                           // nobody said why the name stays
		fa(422, "richiesta_chiarimenti", chiede(oggetto{"testo": "Brambati", "motivo": ""})) // nor here
		if e := fa(422, "richiesta_chiarimenti", chiede(spiegato)).errori(); !strings.Contains(e["dati.strutture"], "non è pronta") {
			t.Errorf("asked with a copy that nobody made: %v", e)
		}
		preparaCopia(t, b, id, originale)
		fa(201, "richiesta_chiarimenti", chiede(spiegato))

		di := func(c caso, unita string) Richiesta {
			t.Helper()
			i := slices.IndexFunc(c.Richieste, func(r Richiesta) bool { return r.Struttura == unita })
			if i < 0 {
				t.Fatalf("no request to %s", unita)
			}
			return c.Richieste[i]
		}
		c := p.apri(urp, id)
		r := di(c, camminoA)
		if !slices.Contains(r.Lasciati, Lasciato{"Brambati", "La struttura la conosce."}) || !slices.Contains(r.Lasciati, Lasciato{"Longhini", "È di chi lavora qui."}) {
			t.Errorf("what the copies leave is not given back: %d passages", len(r.Lasciati))
		}
		if len(r.Documenti) != 1 || r.Documenti[0].ID == originale || r.Documenti[0].Nome != "copia-2026-0000001-1.pdf" || r.Documenti[0].Tipo != "pdf" {
			t.Errorf("%d documents", len(r.Documenti))
		}
		if r := di(c, camminoB); len(r.Documenti) != 0 || len(r.Lasciati) != 0 {
			t.Errorf("the other structure: %d documents, %d passages", len(r.Documenti), len(r.Lasciati))
		}
		c = p.apri(a, id)
		if s := di(c, camminoA); len(s.Documenti) != 1 || s.Documenti[0] != r.Documenti[0] || len(s.Lasciati) != 0 || len(c.Allegati) != 1 {
			t.Errorf("the structure has %d documents, %d passages, %d files", len(s.Documenti), len(s.Lasciati), len(c.Allegati))
		}
		for nome, tok := range map[string]string{"asked": a, "asked beside it": altra} {
			grezzo := string(p.vuole(200, p.chiama("GET", "/pratiche/"+id, tok, nil)).byte)
			for _, segreto := range []string{"La struttura la conosce", "Longhini", "lasciati", originale, "referto"} {
				if strings.Contains(grezzo, segreto) {
					t.Errorf("who was %s reads %q", nome, segreto)
				}
			}
			if nome != "asked" && (strings.Contains(grezzo, r.Documenti[0].ID) || strings.Contains(grezzo, "Brambati")) {
				t.Errorf("who was %s reads what was sent to another", nome)
			}
		}
	})
}

// preparaCopia makes the flat copy of an attachment, as a person does at the desk.
func preparaCopia(t *testing.T, b *storetest.Banco, caso, originale string) {
	t.Helper()
	urp := b.Chi(access.URP, "URP-SANTA-CHIARA")
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	quale, err := vault.ParseID(caso)
	ok(err)
	file, err := vault.ParseID(originale)
	ok(err)
	f, err := b.Servizio.Apri(t.Context(), urp, quale)
	ok(err)
	_, c, err := b.Servizio.ApriCopia(t.Context(), urp, f, file)
	ok(err)
	base, err := b.Servizio.BaseCopie(t.Context(), f)
	ok(err)
	id, sua := vault.NewID(b.Orologio.Now()), vault.NewKey()
	x, err := b.Blobs.Put(strings.NewReader("%PDF-1.4 soltanto immagini"), pratica.ChiaveFile(sua, base), pratica.ContestoFile(b.Ente, quale, id))
	ok(err)
	c.Pronta = &pratica.File{ID: id, Dimensione: x.Size, Dove: x.Address.String(), Impronta: x.PlainSum, Chiave: vault.NewRiservato(string(sua))}
	c.Pagine, c.Lasciati = 1, []pratica.Lasciato{{Testo: "Longhini", Motivo: "È di chi lavora qui."}}
	ok(b.Servizio.SalvaCopia(t.Context(), urp, f, c))
}
