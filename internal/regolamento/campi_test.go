package regolamento

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The names of `dati` on which other people's scripts rely: none may go.
func TestDatiOfContract(t *testing.T) {
	r := pga01(t)
	for atto, campi := range map[string]string{
		"presa_in_carico": "", "valutazione": "natura danni", "informativa": "", "richiesta_chiarimenti": "strutture quesito",
		"sollecito": "", "chiarimenti": "testo", "relazione": "testo valutazione", "provvedimento": "azione responsabile entro",
		"risoluzione_diretta": "testo soddisfatto", "proroga": "motivo giorni", "sospensione": "motivo", "ripresa": "",
		"bozza_risposta": "testo", "firma_risposta": "", "rinvio_bozza": "nota", "invio_risposta": "mezzo",
		"conversione": "tipo motivo", "avviso_legale": "", "inoltro": "", "presa_atto": "", "ritiro": "motivo",
		"riapertura": "motivo", "trasmissione": "ente motivo", "archiviazione": "",
	} {
		d := r.Atto(atto)
		if d == nil {
			t.Errorf("%s is not there", atto)
			continue
		}
		var got []string
		for _, c := range d.Campi() {
			if c.Obbligatorio {
				got = append(got, c.ID)
			}
		}
		if strings.Join(got, " ") != campi {
			t.Errorf("%s needs %v, the contract says %q", atto, got, campi)
		}
	}
	for termine, giorni := range map[string]int{"richiesta": 7, "chiarimenti": 15, "relazione": 40, "risposta": 60, "risposta_legge": 15,
		"inoltro": 30, "inoltro_elogio": 7, "presa_atto": 30, "legale": 0, "ripresa": 30} {
		if d := r.Termine(termine); d == nil || d.Giorni != giorni {
			t.Errorf("%s: %+v", termine, d)
		}
	}
}

// Every act and every term has its words and its source.
func TestWords(t *testing.T) {
	r := pga01(t)
	for _, d := range r.Atti() {
		for nome, s := range map[string]string{"etichetta": d.Etichetta, "fatto": d.Fatto, "fonte": d.Fonte} {
			if s == "" {
				t.Errorf("%s has no %s", d.Nome, nome)
			}
		}
		for _, s := range []string{d.Cittadino, d.Manca} {
			for frase := range strings.SplitSeq(s, ". ") {
				if len(strings.Fields(frase)) > 20 {
					t.Errorf("%s: more than 20 words: %s", d.Nome, frase)
				}
			}
			if s != "" && !strings.HasSuffix(s, ".") {
				t.Errorf("%s: no full stop: %s", d.Nome, s)
			}
		}
	}
	// Who needs an act done first is told so in a sentence of its own.
	for _, d := range r.Atti() {
		for _, k := range d.Dopo {
			if r.Atto(k).Manca == "" {
				t.Errorf("%s needs %s, which has no `manca`", d.Nome, k)
			}
		}
	}
}

// A sentence for every reason, none with a name of the file in it.
func TestFrasi(t *testing.T) {
	r := daFile(t, "testdata/motivi.yaml")
	d := r.Atto("tutto")
	nomi := map[Causa]string{MotivoSe: "canale", MotivoDopo: "arrivo", MotivoMai: "arrivo", MotivoCorre: "risposta", MotivoEntro: "risposta",
		MotivoScelta: "canale", MotivoServe: "testo", MotivoValore: "canale", MotivoGiorni: "risposta"}
	frasi := map[string]Causa{}
	for _, c := range []Causa{MotivoApre, MotivoFase, MotivoSe, MotivoDopo, MotivoMai, MotivoVolte, MotivoCorre, MotivoEntro,
		MotivoRisponde, MotivoPer, MotivoScelta, MotivoVieta, MotivoServe, MotivoValore, MotivoGiorni} {
		f := r.motivo(c, nomi[c], d).Frase()
		if altra, doppia := frasi[f]; doppia {
			t.Errorf("%s and %s say the same: %s", c, altra, f)
		}
		frasi[f] = c
		if f == "Ora non si può fare." || strings.Contains(f, "_") || len(strings.Fields(f)) > 20 || !strings.HasSuffix(f, ".") {
			t.Errorf("%s: %s", c, f)
		}
	}
	if f := (Motivo{Cosa: MotivoSconosciuto, Nome: "x"}).Frase(); !strings.HasPrefix(f, "Questo passo non esiste") {
		t.Error(f)
	}
}

// The schema and the validation come from one description: on these data they
// agree with what is written beside them.
func TestValida(t *testing.T) {
	r := pga01(t)
	copia := func(id, c string) map[string]any { return map[string]any{"id": id, "copia": c} }
	for _, c := range []struct {
		atto, dati string
		male       []string // the fields that are wrong
	}{
		{"proroga", `{"motivo":"Manca un parere","giorni":30}`, nil},
		{"proroga", `{"motivo":"Manca un parere","giorni":31}`, []string{"giorni"}},
		{"proroga", `{"motivo":"Manca un parere","giorni":0}`, []string{"giorni"}},
		{"proroga", `{"motivo":"Manca un parere","giorni":1.5}`, []string{"giorni"}},
		{"proroga", `{"motivo":"Manca un parere","giorni":"10"}`, []string{"giorni"}},
		{"proroga", `{"motivo":"  ","giorni":10}`, []string{"motivo"}},
		{"proroga", `{}`, []string{"giorni", "motivo"}},
		{"proroga", `{"motivo":"a","giorni":1,"altro":true}`, []string{"altro"}},
		{"proroga", `{"motivo":"a\u0000b","giorni":1}`, []string{"motivo"}},
		{"valutazione", `{"natura":"sanitaria","danni":"esclusi"}`, nil},
		{"valutazione", `{"natura":"da_valutare","danni":"no"}`, []string{"danni", "natura"}},
		{"provvedimento", `{"azione":"Nuova agenda\nper il CUP","responsabile":"Capo sala","entro":"2026-03-31"}`, nil},
		{"provvedimento", `{"azione":"a","responsabile":"due\nrighe","entro":"2026-02-30"}`, []string{"entro", "responsabile"}},
		{"risoluzione_diretta", `{"testo":"Fatto","soddisfatto":true}`, nil},
		{"risoluzione_diretta", `{"testo":"Fatto","soddisfatto":false}`, nil},
		{"risoluzione_diretta", `{"testo":"Fatto","soddisfatto":"sì"}`, []string{"soddisfatto"}},
		{"assegnazione", `{"persona":"p-1","nota":null}`, nil},
		{"registrazione", `{"tipo":"reclamo","autore":"nominativo"}`, nil},
		{"registrazione", `{"autore":"nominativo","forma":"altra"}`, []string{"forma", "tipo"}},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[{"id":"U12","copia":"Testo"}]}`, nil},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[{"id":"U12","copia":"Testo","lasciati":[{"testo":"Testo","motivo":"Serve"}]}]}`, nil},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[{"id":"U12","copia":"Testo","lasciati":[{"testo":"Testo","motivo":" "}]}]}`, []string{"strutture"}},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[{"id":"U12","copia":"Testo","lasciati":["Testo"]}]}`, []string{"strutture"}},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[]}`, []string{"strutture"}},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":["U12"]}`, []string{"strutture"}},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[{"id":"U12"}]}`, []string{"strutture"}},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[{"id":"U12","copia":" "}]}`, []string{"strutture"}},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[{"id":"U12","copia":"a","b":1}]}`, []string{"strutture"}},
		{"richiesta_chiarimenti", `{"quesito":"Perché?","strutture":[{"id":"U12","copia":"a"},{"id":"U12","copia":"b"}]}`, []string{"strutture"}},
		{"presa_in_carico", `{}`, nil},
	} {
		var dati map[string]any
		if err := json.Unmarshal([]byte(c.dati), &dati); err != nil {
			t.Fatal(err)
		}
		got := slices.Sorted(maps.Keys(r.Atto(c.atto).Valida(dati)))
		if !slices.Equal(got, c.male) {
			t.Errorf("%s %s: %v, want %v", c.atto, c.dati, got, c.male)
		}
	}
	lungo := r.Atto("messaggio").Valida(map[string]any{"testo": strings.Repeat("è", 20001)})
	if lungo["testo"] != "Accorcia il testo: al massimo 20000 caratteri, ora sono 20001." {
		t.Error(lungo)
	}
	if m := r.Atto("messaggio").Valida(map[string]any{"testo": "\xff"}); len(m) != 1 {
		t.Error(m)
	}
	molte := []any{}
	for i := range MaxStrutture + 1 {
		molte = append(molte, copia(strings.Repeat("U", i+1), "a"))
	}
	if m := r.Atto("richiesta_chiarimenti").Valida(map[string]any{"quesito": "?", "strutture": molte}); len(m) != 1 {
		t.Error(m)
	}
}

func TestSchema(t *testing.T) {
	b, err := json.Marshal(pga01(t).Atto("valutazione").Schema())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"additionalProperties":false,"properties":{` +
		`"danni":{"description":"Se è possibile, l'URP aziendale avvisa subito l'ufficio legale.","enum":["esclusi","possibili"],"title":"Richiesta di danni","type":"string"},` +
		`"natura":{"description":"Decide chi firma: il Direttore sanitario o il Direttore amministrativo.","enum":["sanitaria","altra"],"title":"Natura","type":"string"}},` +
		`"required":["natura","danni"],"title":"Valuta natura e danni","type":"object"}`
	if string(b) != want {
		t.Errorf("%s", b)
	}
	for _, d := range pga01(t).Atti() {
		props := d.Schema()["properties"].(map[string]any)
		for _, c := range d.Campi() {
			if _, ok := props[c.ID]; !ok {
				t.Errorf("%s: the schema has no %s", d.Nome, c.ID)
			}
			if c.Chiaro && c.testo() {
				t.Errorf("%s: %s would be kept in clear", d.Nome, c.ID)
			}
		}
	}
}
