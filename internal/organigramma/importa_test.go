package organigramma

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	cremona = "testdata/asst-cremona"
	demo    = "../demo/ente"
)

func leggiFile(t testing.TB, cartella, nome string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(cartella, nome))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func carica(t testing.TB, cartella string) *Versione {
	t.Helper()
	v, errori := Import(bytes.NewReader(leggiFile(t, cartella, FileUnita)), bytes.NewReader(leggiFile(t, cartella, FileRelazioni)),
		bytes.NewReader(leggiFile(t, cartella, FilePresidi)))
	for _, e := range errori {
		t.Error(e)
	}
	if v == nil {
		t.FailNow()
	}
	return v
}

func importa(unita, relazioni, presidi string) (*Versione, []Errore) {
	apri := func(s string) io.Reader {
		if s == "" {
			return nil
		}
		return strings.NewReader(s)
	}
	return Import(strings.NewReader(unita), apri(relazioni), apri(presidi))
}

func TestCremonaImportsWholeAndExportsAsItWas(t *testing.T) {
	v := carica(t, cremona)
	if u, r, s := len(v.Units()), len(v.Relazioni()), len(v.Sedi()); u != 179 || r != 841 || s != 44 {
		t.Fatalf("%d units, %d links, %d sites; want 179, 841, 44", u, r, s)
	}
	var u, r, s bytes.Buffer
	if err := v.Export(&u, &r, &s); err != nil {
		t.Fatal(err)
	}
	for nome, b := range map[string]*bytes.Buffer{FileUnita: &u, FileRelazioni: &r, FilePresidi: &s} {
		if !bytes.Equal(b.Bytes(), leggiFile(t, cremona, nome)) {
			t.Errorf("%s comes out changed", nome)
		}
	}
}

// What spreadsheets do to a CSV file must not change the chart.
func TestSameChartInEveryDialect(t *testing.T) {
	var file [3]string
	for i, nome := range []string{FileUnita, FileRelazioni, FilePresidi} {
		file[i] = string(leggiFile(t, cremona, nome))
	}
	want := carica(t, cremona).Hash()
	for nome, cambia := range map[string]func(string) string{
		"LF":        func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") },
		"BOM":       func(s string) string { return "\ufeff" + s },
		"semicolon": puntoEVirgola,
		"blanks":    func(s string) string { return s + "\r\n  ,\r\n,\r\n" },
	} {
		v, errori := importa(cambia(file[0]), cambia(file[1]), cambia(file[2]))
		if v == nil {
			t.Errorf("%s: %v", nome, errori[0])
		} else if v.Hash() != want {
			t.Errorf("%s: another chart", nome)
		}
	}
}

// puntoEVirgola parts by semicolons what commas part.
func puntoEVirgola(s string) string {
	righe, err := csv.NewReader(strings.NewReader(s)).ReadAll()
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = ';'
	if err := w.WriteAll(righe); err != nil {
		panic(err)
	}
	return b.String()
}

const (
	testaU = "id,codice,tipo,nome,padre,tipo_afferenza,presidio,ente,stato,valida_dal,valida_al,note,fonte\n"
	testaR = "da,a,tipo,testo\n"
	testaS = "codice,nome,tipo,comune,indirizzo,stato,codice_stampato,note\n"
	dg     = "DG,1,direzione,Direzione,,,,,attiva,,,,\n"
	osp    = "OSP,Ospedale,ospedale,,,attivo,si,\n"
)

func TestErrors(t *testing.T) {
	casi := []struct {
		nome, unita, relazioni, presidi string
		file                            string
		riga, colonna                   int
		dice, propone                   string
	}{
		{"unknown parent", testaU + dg + "A,2,SC,Radiologia,DH,,,,attiva,,,,\n", "", "", FileUnita, 3, 5, "«DH»", "«DG»"},
		{"cycle", testaU + "A,1,SC,A,B,,,,attiva,,,,\nB,1,SC,B,C,,,,attiva,,,,\nC,1,SC,C,A,,,,attiva,,,,\n", "", "", FileUnita, 2, 5, "A → B → C → A", "Cambia il padre"},
		{"own parent", testaU + "A,1,SC,A,A,,,,attiva,,,,\n", "", "", FileUnita, 2, 5, "A → A", "Cambia"},
		{"duplicate", testaU + dg + dg, "", "", FileUnita, 3, 1, "già alla riga 2", "uno suo"},
		{"bad date", testaU + "A,1,SC,A,,,,,attiva,31/12/2022,,,\n", "", "", FileUnita, 2, 10, "31/12/2022", "AAAA-MM-GG"},
		{"no such day", testaU + "A,1,SC,A,,,,,attiva,,2022-02-30,,\n", "", "", FileUnita, 2, 11, "2022-02-30", "AAAA-MM-GG"},
		{"epoch", testaU + "A,1,SC,A,,,,,attiva,1970-01-01,,,\n", "", "", FileUnita, 2, 10, "1970-01-01", "AAAA"},
		{"unknown kind", testaU + "A,1,SCC,A,,,,,attiva,,,,\n", "", "", FileUnita, 2, 3, "«SCC»", "«SC»"},
		{"ends before", testaU + "A,1,SC,A,,,,,attiva,2023-01-02,2023-01-01,,\n", "", "", FileUnita, 2, 11, "prima di cominciare", "valida_dal"},
		{"unknown site", testaU + "A,1,SC,A,,,OSQ,,attiva,,,,\n", "", testaS + osp, FileUnita, 2, 7, "«OSQ»", "«OSP»"},
		{"link to nobody", testaU + dg, testaR + "DG,DX,funzionale,x\n", "", FileRelazioni, 2, 2, "«DX»", "«DG»"},
		{"link from nobody", testaU + dg, testaR + "DX,DG,funzionale,x\n", "", FileRelazioni, 2, 1, "«DX»", "«DG»"},
		{"link that says nothing", testaU + dg, testaR + "DG,,funzionale,\n", "", FileRelazioni, 2, 4, "non dice verso chi", "testo"},
		{"link to itself", testaU + dg, testaR + "DG,DG,funzionale,\n", "", FileRelazioni, 2, 2, "se stessa", "id"},
		{"unknown link", testaU + dg, testaR + "DG,,funzionali,x\n", "", FileRelazioni, 2, 3, "«funzionali»", "«funzionale»"},
		{"missing column", strings.Replace(testaU, "padre,", "", 1) + dg, "", "", FileUnita, 1, 0, "«padre»", "Aggiungila"},
		{"unknown column", strings.Replace(testaU, "note", "nota", 1) + dg, "", "", FileUnita, 1, 12, "non è prevista", "«note»"},
		{"column twice", strings.Replace(testaU, "fonte", "note", 1) + dg, "", "", FileUnita, 1, 13, "due volte", "una sola"},
		{"no header", "", "", "", FileUnita, 1, 0, "intestazione", "id, codice"},
		{"no units", testaU, "", "", FileUnita, 0, 0, "non ha unità", "una riga"},
		{"NUL", testaU + "A,1,SC,A\x00,,,,,attiva,,,,\n", "", "", FileUnita, 2, 0, "byte nullo", "CSV UTF-8"},
		{"latin-1", testaU + dg + "A,1,SC,Qualit\xe0,,,,,attiva,,,,\n", "", "", FileUnita, 3, 0, "UTF-8", "CSV UTF-8"},
		{"UTF-16", "\xff\xfei\x00d\x00", "", "", FileUnita, 1, 0, "UTF-16", "CSV UTF-8"},
		{"spreadsheet", "PK\x03\x04\x00", "", "", FileUnita, 0, 0, "non un CSV", "Salva con nome"},
		{"only commas", testaU + strings.Repeat(",", maxSeparatori), "", "", FileUnita, 0, 0, "troppi campi", "file giusto"},
		{"long name", testaU + "A,1,SC," + strings.Repeat("è", 201) + ",,,,,attiva,,,,\n", "", "", FileUnita, 2, 4, "200 caratteri", "Accorcialo"},
		{"empty name", testaU + "A,1,SC,,,,,,attiva,,,,\n", "", "", FileUnita, 2, 4, "vuoto", "ogni riga"},
		{"right to left", testaU + "A,1,SC,a\u202eb,,,,,attiva,,,,\n", "", "", FileUnita, 2, 4, "invisibili", "Riscrivilo"},
		{"formula", testaU + "A,1,SC,=HYPERLINK(1),,,,,attiva,,,,\n", "", "", FileUnita, 2, 4, "formula", "segno"},
		{"id with spaces", testaU + "A B,1,SC,A,,,,,attiva,,,,\n", "", "", FileUnita, 2, 1, "non ammessi", "trattino"},
		{"short line", testaU + dg + "A,1,SC,A\n", "", "", FileUnita, 3, 0, "4 campi", "virgolette"},
		{"bare quote", testaU + dg + "A,1,SC,A\"B,,,,,attiva,,,,\n", "", "", FileUnita, 3, 0, "virgoletta", "raddoppia"},
		{"open quote", testaU + dg + "A,1,SC,\"A,,,,,attiva,,,,\n", "", "", FileUnita, 3, 0, "virgolette", "chiusa"},
		{"unknown site state", testaU + dg, "", testaS + "OSP,O,ospedale,,,attivi,si,\n", FilePresidi, 2, 6, "«attivi»", "«attivo»"},
		{"site twice", testaU + dg, "", testaS + osp + osp, FilePresidi, 3, 1, "già alla riga 2", "uno suo"},
	}
	for _, c := range casi {
		v, errori := importa(c.unita, c.relazioni, c.presidi)
		if v != nil || len(errori) != 1 {
			t.Errorf("%s: chart %v, errors %v; want one error", c.nome, v != nil, errori)
			continue
		}
		e := errori[0]
		if e.File != c.file || e.Riga != c.riga || e.Colonna != c.colonna || !strings.Contains(e.Messaggio, c.dice) || !strings.Contains(e.Suggerimento, c.propone) {
			t.Errorf("%s: %v (column %d)", c.nome, e, e.Colonna)
		}
	}
}

func TestDeepChainIsRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString(testaU)
	for i := range 30 {
		padre := ""
		if i > 0 {
			padre = fmt.Sprint("U", i-1)
		}
		fmt.Fprintf(&b, "U%d,1,SC,U,%s,,,,attiva,,,,\n", i, padre)
	}
	v, errori := importa(b.String(), "", "")
	if v != nil || len(errori) != 1 || errori[0].Riga != maxLivelli+2 {
		t.Fatalf("%v", errori)
	}
}

// Many errors are listed in order, up to a limit, and the last line says so.
func TestErrorsAreCollectedAndBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString(testaU)
	for i := range 5000 {
		fmt.Fprintf(&b, "U%d,1,XX,U,NOBODY%d,,,,attiva,,,,\n", i, i)
	}
	_, errori := importa(b.String(), "", "")
	if len(errori) != MaxErrori+1 {
		t.Fatalf("%d errors", len(errori))
	}
	for i := 1; i < MaxErrori; i++ {
		if errori[i].Riga < errori[i-1].Riga {
			t.Fatalf("line %d after line %d", errori[i].Riga, errori[i-1].Riga)
		}
	}
	if !strings.Contains(errori[MaxErrori].Messaggio, "altri errori") {
		t.Error(errori[MaxErrori])
	}
}

func TestTooManyLines(t *testing.T) {
	var b strings.Builder
	b.WriteString(testaU)
	for i := range MaxRighe + 1 {
		fmt.Fprintf(&b, "U%d,1,SC,U,,,,,attiva,,,,\n", i)
	}
	if _, errori := importa(b.String(), "", ""); len(errori) != 1 || errori[0].Riga != MaxRighe+2 {
		t.Fatalf("%v", errori)
	}
}

// Whatever the bytes, Import gives a chart or errors, and a chart survives being
// written and read again.
func FuzzImport(f *testing.F) {
	f.Add([]byte(testaU+dg+"A,2,SC,\"Radio,logia\",DG,staff,OSP,,attiva,2020-01-01,2021-01-01,n,f\n"), []byte(testaR+"A,DG,successione,x\n"), []byte(testaS+osp))
	f.Add([]byte("\ufeff"+strings.ReplaceAll(testaU+dg, ",", ";")), []byte(testaR), []byte(testaS))
	f.Add([]byte(testaU+"A,1,SC,A,B,,,,attiva,,,,\nB,1,SC,B,A,,,,attiva,,,,\n"), []byte(""), []byte("x"))
	f.Add([]byte(testaU+"A,1,SC,\"A\r\n\rB\",,,,,attiva,,,\" x\n\",\n"), []byte(testaR), []byte(testaS))
	f.Fuzz(func(t *testing.T, unita, relazioni, presidi []byte) {
		v, errori := Import(bytes.NewReader(unita), bytes.NewReader(relazioni), bytes.NewReader(presidi))
		if (v == nil) == (len(errori) == 0) {
			t.Fatalf("chart %v with %d errors", v != nil, len(errori))
		}
		for _, e := range errori {
			if e.Messaggio == "" || !utf8.ValidString(e.Error()) {
				t.Fatalf("%#v", e)
			}
		}
		if v == nil {
			return
		}
		var u, r, s bytes.Buffer
		if err := v.Export(&u, &r, &s); err != nil {
			t.Fatal(err)
		}
		di, errori := Import(&u, &r, &s)
		if di == nil || di.Hash() != v.Hash() {
			t.Fatalf("not the same after a round trip: %v", errori)
		}
		if a, err := Apri(v.Canonical()); err != nil || a.Hash() != v.Hash() {
			t.Fatalf("not the same from the canonical bytes: %v", err)
		}
		for _, u := range v.Units() {
			if got := v.Sotto(u.ID); got[0] != u.ID {
				t.Fatalf("Sotto(%q) begins with %q", u.ID, got[0])
			}
			v.Macrostruttura(u.ID, 0)
			v.Route(u.Presidio, u.ID, 20000, []Ufficio{{Unita: u.ID}})
			v.Cerca(u.Nome, 5)
		}
	})
}
