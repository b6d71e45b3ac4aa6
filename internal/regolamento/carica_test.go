package regolamento

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func pga01(t testing.TB) *Regolamento {
	t.Helper()
	r, err := Shipped("pga01")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A case keeps the hash of its regolamento: what was stored must give the same
// rules, in the same order, under the same name.
func TestCanonicalReadsBack(t *testing.T) {
	r := pga01(t)
	q, err := Parse(r.Canonical())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(q.Canonical(), r.Canonical()) || q.Hash() != r.Hash() {
		t.Error("the canonical form changes when it is read back")
	}
	for i, a := range r.Atti() {
		if q.Atti()[i].Nome != a.Nome {
			t.Fatalf("act %d is %s, was %s", i, q.Atti()[i].Nome, a.Nome)
		}
	}
}

// What a person who writes a regolamento is told, with its line. Each case lays
// a few lines over the smallest sound file.
func TestLoadSaysWhatIsWrong(t *testing.T) {
	sopra := func(s string) string {
		return "regolamento: prova\nversione: \"1\"\ntitolo: Prova\nbase: minimo\n" + s
	}
	for _, c := range []struct{ nome, src, vuole string }{
		{"misspelt key", sopra("atti:\n  risposta: {dimentcia: [arrivo]}"), `riga 6: chiave sconosciuta "dimentcia" (forse "dimentica"?)`},
		{"misspelt top key", sopra("termni: {}"), `riga 5: chiave sconosciuta "termni" (forse "termini"?)`},
		{"unknown act", sopra("termini:\n  risposta:\n    ferma: [rispota]"), `riga 7: atto "rispota" non c'è (forse "risposta"?)`},
		{"unknown phase", sopra("atti:\n  risposta: {fase: chusa}"), `riga 6: fase "chusa" non c'è (forse "chiusa"?)`},
		{"unknown actor", sopra("atti:\n  risposta: {chi: [uficio]}"), `riga 6: attore "uficio" non c'è (forse "ufficio"?)`},
		{"unknown field", sopra("atti:\n  risposta: {serve: [testo]}"), `riga 6: campo "testo" non c'è`},
		{"unknown attribute", sopra("atti:\n  risposta: {se: {tippo: segnalazione}}"), `riga 6: attributo "tippo" non c'è (forse "tipo"?)`},
		{"unknown value", sopra("atti:\n  risposta: {se: {tipo: segnalazoine}}"), `riga 6: valore "segnalazoine" non c'è (forse "segnalazione"?)`},
		{"unknown source", sopra("atti:\n  risposta: {fonte: l241 art. 2}"), `riga 6: fonte "l241" non c'è in «fonti»`},
		{"incomplete new act", sopra("atti:\n  nota: {etichetta: Nota, fatto: Nota}"), `riga 6: manca «chi»`},
		{"misspelt override is a new act", sopra("atti:\n  rispsta: {volte: 1}"), `riga 6: manca «etichetta»`},
		{"delete what is not there", sopra("atti:\n  rispota: ~"), `riga 6: la base non ha "rispota" da togliere (forse "risposta"?)`},
		{"delete what is used", sopra("atti:\n  risposta: ~"), `minimo, riga 18: atto "risposta" non c'è`},
		{"number", sopra("termini:\n  risposta: {giorni: trenta}"), `riga 6: qui serve un numero intero`},
		{"number too large", sopra("termini:\n  risposta: {giorni: 40000}"), `riga 6: il numero deve stare tra 0 e 36500`},
		{"both days and hours", sopra("termini:\n  risposta: {ore: 5}"), `riga 6: serve «giorni» oppure «ore»`},
		{"boolean", sopra("atti:\n  risposta: {uscita: si}"), `riga 6: qui serve true o false`},
		{"text", sopra("registro: 5"), `riga 5: qui serve un testo (tra virgolette, se è un numero)`},
		{"list", sopra("atti:\n  risposta: {dopo: {arrivo: 1}}"), `riga 6: qui serve un elenco con almeno una voce`},
		{"map", sopra("atti: [risposta]"), `riga 5: qui servono chiavi e valori`},
		{"repeated key", sopra("registro: a\nregistro: b"), `riga 6: la chiave "registro" c'è due volte`},
		{"reference", sopra("registro: &a x\nfonte: *a"), `riga 5: riferimenti (& e *) non ammessi: scrivi il valore per esteso`},
		{"two documents", sopra("---\nregistro: x"), `riga 5: un file contiene un solo regolamento`},
		{"engine", sopra("motore: 2"), `riga 5: «motore» deve essere 1: è la semantica che questo programma conosce`},
		{"text in clear", sopra("campi:\n  nome: {tipo: riga, etichetta: Nome, chiaro: true}"), `riga 6: un campo di tipo "riga" resta sempre sigillato: togli «chiaro»`},
		{"bad name", sopra("atti:\n  Perché: {}"), `riga 6: nome "Perché" non ammesso: usa lettere minuscole senza accenti, cifre, _ e -, al massimo 40`},
		{"answers no request", sopra("atti:\n  risposta: {risponde: arrivo}"), `riga 6: l'atto "arrivo" non ha «destinatari»`},
		{"per addressee without", sopra("termini:\n  risposta: {per: destinatario}"), `minimo, riga 18: l'atto "arrivo" non ha «destinatari»`},
		{"lapse nobody does", sopra("termini:\n  risposta: {scaduto: {atto: risposta}}"), `riga 6: l'atto "risposta" non ammette «sistema» in «chi»`},
		{"suspends and never resumes", sopra("termini:\n  risposta: {sospende: arrivo}"), `riga 6: «sospende» e «riprende» vanno insieme`},
		{"date field", sopra("termini:\n  risposta: {dal: arrivo.conoscenza}"), `riga 6: "conoscenza" non è un campo di tipo data con «chiaro: true»`},
		{"unknown base", "regolamento: prova\nbase: maximo", `riga 2: la base "maximo" non c'è`},
		{"only a base", "regolamento: prova\nmodello: true", `riga 2: questo file serve solo da base per altri`},
		{"not YAML", "regolamento: [", `riga 1: il file non è YAML corretto: controlla rientri, due punti e parentesi`},
		{"empty", "", `riga 1: il file deve essere una mappa YAML di chiavi e valori`},
		{"list at the top", "- a", `riga 1: il file deve essere una mappa YAML di chiavi e valori`},
	} {
		t.Run(c.nome, func(t *testing.T) {
			_, err := Load([]byte(c.src), func(nome string) ([]byte, error) {
				return os.ReadFile("testdata/difetti/" + nome + ".yaml")
			})
			if err == nil {
				t.Fatal("loaded")
			}
			if !slices.Contains(strings.Split(err.Error(), "\n"), c.vuole) {
				t.Errorf("said:\n%s\nwant:\n%s", err, c.vuole)
			}
		})
	}
}

// At most three files, one on the other: a base that names itself must end.
func TestLoadStopsAtThreeFiles(t *testing.T) {
	_, err := Load([]byte("base: a"), func(string) ([]byte, error) { return []byte("base: a"), nil })
	if err == nil || err.Error() != "a, riga 1: troppe basi una sull'altra: al massimo 3 file" {
		t.Error(err)
	}
}

// What is wrong in a base names the base.
func TestLoadNamesTheBase(t *testing.T) {
	_, err := Load([]byte("base: a"), func(string) ([]byte, error) { return []byte("x: ["), nil })
	if err == nil || !strings.HasPrefix(err.Error(), "a, riga 1: ") {
		t.Error(err)
	}
}

// An override changes what it names and nothing else; the hash follows.
func TestOverride(t *testing.T) {
	r, base := daFile(t, "testdata/difetti/pga01-avviso-legale-una-volta.yaml"), pga01(t)
	if r.Atto("avviso_legale").Volte != 1 || base.Atto("avviso_legale").Volte != 0 {
		t.Error("the override is lost, or reached its base")
	}
	if r.Hash() == base.Hash() {
		t.Error("two regolamenti with one hash")
	}
	if got := r.Atto("proroga").Entro; got != "risposta" {
		t.Errorf("proroga is within %q", got)
	}
}

// Whatever the bytes, Load neither panics nor accepts what it could not read
// again under the same name.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/difetti/*.yaml")
	files = append(files, "testdata/strumenti.yaml", "rules/pga01.yaml", "rules/comune.yaml")
	for _, nome := range files {
		src, err := os.ReadFile(nome)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("atti: {a: {se: {tipo: [?]}}}"))
	f.Add([]byte("termini: {a: {dal: [.]}}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := Load(src, func(nome string) ([]byte, error) {
			if nome == "minimo" {
				return os.ReadFile("testdata/difetti/minimo.yaml")
			}
			return Testo(nome)
		})
		if err != nil {
			return
		}
		q, err := Parse(r.Canonical())
		if err != nil || q.Hash() != r.Hash() {
			t.Fatalf("what was loaded is not read again: %v\n%s", err, r.Canonical())
		}
		if _, err := r.Fold(nil, nil); err != nil {
			t.Fatal(err)
		}
	})
}
