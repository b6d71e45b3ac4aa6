package pratica_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// conFoto is a report with a photograph.
func conFoto(t testing.TB, b *storetest.Banco) pratica.Nuova {
	t.Helper()
	nu := reclamo()
	nu.ID = vault.NewID(b.Orologio.Now())
	slot, err := b.Servizio.Pool.Take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	nu.Slot = slot
	id, sua := vault.NewID(b.Orologio.Now()), vault.NewKey()
	base := pratica.BaseFile(slot.Key, b.Ente, nu.ID, pratica.ParteCittadino)
	x, err := b.Blobs.Put(strings.NewReader("una fotografia"), pratica.ChiaveFile(sua, base), pratica.ContestoFile(b.Ente, nu.ID, id))
	if err != nil {
		t.Fatal(err)
	}
	nu.File = []pratica.File{{ID: id, Nome: vault.NewRiservato("foto.jpg"), Tipo: "image/jpeg", Dimensione: x.Size, Dove: x.Address.String(),
		Impronta: x.PlainSum, Chiave: vault.NewRiservato(string(sua))}}
	return nu
}

// esporta is the package of a case.
func esporta(b *storetest.Banco, chi access.Chi, id vault.ID) ([]byte, error) {
	var out bytes.Buffer
	err := b.Servizio.EsportaFascicolo(context.Background(), chi, id, "ASST di prova", &out, func(w io.Writer, d pratica.FileVisto) error {
		a, err := document.ParseAddress(d.Dove)
		if err == nil {
			_, err = b.Blobs.Read(w, a, d.ChiaveFile(), pratica.ContestoFile(d.Ente, d.Pratica, d.ID))
		}
		return err
	})
	return out.Bytes(), err
}

// rifatto is a package whose files were changed: by a nil they are left out, new ones
// are added. The manifest's digests are made again, as whoever forges would.
func rifatto(t *testing.T, pacco []byte, cambia func(nome string, b []byte) []byte, altri map[string]string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(pacco), int64(len(pacco)))
	if err != nil {
		t.Fatal(err)
	}
	file := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if b = cambia(f.Name, b); b != nil {
			file[f.Name] = b
		}
	}
	for k, v := range altri {
		file[k] = []byte(v)
	}
	var m pratica.Manifesto
	if err := json.Unmarshal(file["fascicolo.json"], &m); err != nil {
		t.Fatal(err)
	}
	m.File = map[string]string{}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for k, v := range file {
		if k != "fascicolo.json" {
			m.File[k] = pratica.Digest(v)
			metti(t, w, k, v)
		}
	}
	j, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	metti(t, w, "fascicolo.json", j)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func metti(t *testing.T, z *zip.Writer, nome string, b []byte) {
	t.Helper()
	w, err := z.Create(nome)
	if err == nil {
		_, err = w.Write(b)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func verifica(pacco []byte, chiavi ...string) (pratica.Manifesto, error) {
	z, err := zip.NewReader(bytes.NewReader(pacco), int64(len(pacco)))
	if err != nil {
		return pratica.Manifesto{}, err
	}
	m, err := pratica.VerificaFascicolo(z, chiavi...)
	return m.Manifesto, err
}

// A case handed over checks itself: whoever changes a word, a date, a document, takes an
// act away or puts in that of another case is found out, though he makes the digests anew.
func TestFascicolo(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), conFoto(t, b))
		if err != nil {
			t.Fatal(err)
		}
		altra := registra(t, b, reclamo())
		az := b.Chi(access.URPAziendale, "")
		for _, c := range []pratica.Comando{{Pratica: r.ID, Atto: "presa_in_carico"}, {Pratica: r.ID, Atto: "nota", Dati: pratica.Dati{"nota": "Sentito il reparto <oggi>."}},
			{Pratica: altra.ID, Atto: "presa_in_carico"}} {
			b.Orologio.Avanza(time.Hour)
			if _, err := b.Servizio.Esegui(ctx, az, c); err != nil {
				t.Fatal(err)
			}
		}
		chiavi, err := b.Servizio.Log.Published(ctx, b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		pacco, err := esporta(b, az, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		m, err := verifica(pacco, chiavi...)
		if err != nil || len(m.Atti) != 3 || m.Numero != "2026/0000001" || len(m.Atti[0].Documenti) != 1 || len(m.Atti[2].Contenuti) != 1 {
			t.Fatalf("%+v %v", m, err)
		}
		suo, err := esporta(b, access.Sistema(b.Ente), altra.ID)
		if err != nil {
			t.Fatal(err)
		}
		var attoAltrui, provaAltrui string
		rifatto(t, suo, func(nome string, x []byte) []byte {
			switch nome {
			case "atti/0002-presa_in_carico.json":
				attoAltrui = string(x)
			case "atti/0002-presa_in_carico.ricevuta.json":
				provaAltrui = string(x)
			}
			return x
		}, nil)
		uguale := func(_ string, x []byte) []byte { return x }
		if _, err := verifica(rifatto(t, pacco, uguale, nil), chiavi...); err != nil {
			t.Fatalf("the same package, made again: %v", err)
		}
		dice := func(cosa string, pacco []byte, chiavi ...string) {
			t.Helper()
			if _, err := verifica(pacco, chiavi...); !errors.Is(err, registro.ErrBroken) {
				t.Errorf("%s: %v", cosa, err)
			}
		}
		for f := range m.File {
			dice(f+" with another byte", rifatto(t, pacco, func(nome string, x []byte) []byte {
				if nome == f {
					x[len(x)/2] ^= 1
				}
				return x
			}, nil), chiavi...)
			dice(f+" taken away", rifatto(t, pacco, func(nome string, x []byte) []byte {
				if nome == f {
					return nil
				}
				return x
			}, nil), chiavi...)
		}
		dice("the act of another case", rifatto(t, pacco, uguale, map[string]string{"atti/0002-presa_in_carico.json": attoAltrui,
			"atti/0002-presa_in_carico.ricevuta.json": provaAltrui}), chiavi...)
		dice("a file of nobody's", rifatto(t, pacco, uguale, map[string]string{"documenti/002-confessione.txt": "È tutto vero."}), chiavi...)
		dice("another number on the front", rifatto(t, pacco, func(nome string, x []byte) []byte {
			if nome == "fascicolo.json" {
				x = bytes.Replace(x, []byte("2026/0000001"), []byte("2026/0000002"), 1)
			}
			return x
		}, nil), chiavi...)
		dice("another ente's key", pacco, "tutela/registro/altrove/1+00000000+AAAA")
		dice("no key", pacco)
		if _, err := verifica(append(slices.Clone(pacco[:len(pacco)/2]), pacco[len(pacco)/2+1:]...), chiavi...); err == nil {
			t.Error("a cut package passes")
		}

		if aa, err := b.Store.Letture(ctx, 1); err != nil || !slices.ContainsFunc(aa, func(a pratica.Accesso) bool { return a.Come == pratica.ReadBundle && a.Persona == az.Persona }) {
			t.Errorf("taken out and not on record: %v %v", aa, err)
		}
		if _, err := esporta(b, b.Chi(access.URP, "URP-SAN-DEFENDENTE"), r.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("by another office: %v", err)
		}
	})
}

// The program itself does not open a case of the UPT; a member does.
func TestFascicoloUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		upt := b.FondaUPT(t)
		r := registra(t, b, allUPT())
		if _, err := esporta(b, access.Sistema(b.Ente), r.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("at the terminal: %v", err)
		}
		pacco, err := esporta(b, upt.Chi(t, "capo"), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		chiavi, err := b.Servizio.Log.Published(context.Background(), b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := verifica(pacco, chiavi...); err != nil || m.Numero != "UPT 2026/0000001" {
			t.Errorf("%+v %v", m, err)
		}
	})
}

func FuzzFascicolo(f *testing.F) {
	b := storetest.SQLite(f)
	r, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), reclamo())
	if err != nil {
		f.Fatal(err)
	}
	pacco, err := esporta(b, access.Sistema(b.Ente), r.ID)
	if err != nil {
		f.Fatal(err)
	}
	chiavi, err := b.Servizio.Log.Published(context.Background(), b.Ente)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pacco)
	f.Fuzz(func(t *testing.T, x []byte) {
		if m, err := verifica(x, chiavi...); err == nil && m.Numero != "2026/0000001" {
			t.Errorf("a package that was never made passes: %+v", m)
		}
	})
}
