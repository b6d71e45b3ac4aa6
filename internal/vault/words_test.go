package vault

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// found reports whether a question has at least one term, and a text has them all.
func found(terms []string, question string) bool {
	asked := Domanda(question)
	for _, q := range asked {
		if !slices.Contains(terms, q) {
			return false
		}
	}
	return len(asked) > 0
}

func TestInflectionsMeet(t *testing.T) {
	for _, forms := range []string{
		"reclamo reclami reclamare Reclamò", "ospedale ospedali OSPEDALE", "referto referti",
		"infermiera infermiere infermieri", "attesa attese", "ambulatorio ambulatori", "amico amici amiche amica",
		"medico medici medica mediche", "prenotazione prenotazioni prenotare prenotato prenotata prenotavo prenotando prenotano",
		"pagare pagamento pagamenti pagato pagherà", "aspettare aspettato aspetterà aspettavo aspettiamo",
		"città citta citta' CITTÀ", "disponibilità disponibilita", "lungo lunga lunghe lunghi", "bianco bianchi bianche",
		"ufficio uffici", "farmacia farmacie", "visita visite", "cardiologia cardiologo cardiologi",
		"chirurgo chirurghi chirurgia", "maleducato maleducata maleducati maleducate", "specialistica specialistiche specialistico",
		"dimissione dimissioni", "camera camere", "esame esami", "parere pareri", "radiografia radiografie", "perduto perduta perduti",
	} {
		words := strings.Fields(forms)
		for _, a := range words {
			for _, b := range words {
				if !found(Parole("c'è scritto: «"+a+"»."), b) {
					t.Errorf("%s does not find %s: %v %v", b, a, Domanda(b), Parole(a))
				}
			}
		}
	}
}

func TestOtherWordsStayApart(t *testing.T) {
	words := strings.Fields("ospedale ospite referto ambulatorio ambulanza medico medicina reclamo attesa visita pagamento pagina infermiera chirurgia camera parcheggio")
	for i, a := range words {
		for _, b := range words[i+1:] {
			if (a != "medico" || b != "medicina") && found(Parole(a), b) {
				t.Errorf("%s finds %s: %v", b, a, Parole(a))
			}
		}
	}
}

func TestParole(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "di a da in con su per tra fra": "", "a b c 1": "",
		"L'ospedale dell'infermiera":                    "t|infermier t|ospedal",
		"l’ospedale":                                    "t|ospedal",
		"nel 2026, stanza 12":                           "t|12 t|2026 t|stanz",
		"\x00o\u202espe\u00addale\xff":                  "t|ospedal",
		"OSPEDALE":                                      "t|ospedal",
		"Scrivo a <Mario.Rossi+asl@Esempio.IT>, grazie": "mail|mario.rossi+asl@esempio.it t|graz t|scriv",
		"RSSMRA80A01F205X":                              "cf|RSSMRA80A01F205",
		"rssmra80a01f20rw":                              "cf|RSSMRA80A01F205",
		"CF:RSSMRAULALMFNLRZ":                           "t|cf t|rssmraulalmfnlrz",
		"@":                                             "", "a@b": "",
	} {
		got := Parole(text)
		if want == "" && len(got) == 0 {
			continue
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: %s, want %s", text, s, want)
		}
	}
}

func TestPhones(t *testing.T) {
	same := []string{"333 123 45 67", "3331234567", "+39 333-1234567", "0039 3331234567", "+39.333.1234567", "393331234567", "tel. +39333/1234567"}
	for _, a := range same {
		for _, b := range same {
			q := strings.TrimPrefix(b, "tel. ")
			if !found(Parole("chiamare il "+a+" dopo le 18"), q) {
				t.Errorf("%s does not find %s: %v", q, a, Parole(a))
			}
		}
	}
	for text, q := range map[string]string{
		"interno 3 02 1234567": "02 1234567", "dal 03/05/2026 02 1234567": "021234567", "il 03/05/2026 10:30": "03/05/2026",
		"dal 03.05.2026 al 10.05.2026": "10.05.2026", "pratica 2026/0001234": "2026/0001234", "+44 20 7946 0958": "0044 2079460958",
		"numero verde 800 123 456": "800123456",
	} {
		if !found(Parole(text), q) {
			t.Errorf("%q does not find %q: %v %v", q, text, Domanda(q), Parole(text))
		}
	}
	if got := Domanda("02 1234567 ospedale"); strings.Join(got, " ") != "tel|021234567 t|ospedal" {
		t.Error(got)
	}
	for _, no := range []string{"03/05/2026", "12345678", "1234", "333 12", strings.Repeat("3", 40)} {
		if slices.ContainsFunc(Parole(no), func(s string) bool { return strings.HasPrefix(s, fieldPhone) }) {
			t.Errorf("%s is taken for a telephone number", no)
		}
	}
}

func TestNomi(t *testing.T) {
	terms := Nomi("Anna Maria D'Angelo Bianchi")
	for _, q := range []string{"bianchi", "Anna", "bia*", "bian*", "bianc*", "bianchi*", "angelo", "d'angelo", "dangelo", "D’Angelo", "dang*", "maria angelo", "ann* bianchi"} {
		if !found(terms, q) {
			t.Errorf("%s: %v not in %v", q, Domanda(q), terms)
		}
	}
	for _, q := range []string{"rossi", "ros*", "bi*", "*", "", "anna rossi"} {
		if found(terms, q) {
			t.Errorf("%s is found", q)
		}
	}
	if !found(Nomi("Paolo Dei"), "dei") || !found(Nomi("Li Wei"), "li") {
		t.Error("a surname that is a stop word is not found")
	}
	for _, want := range []string{"n|bianchi", "p|bia", "p|bian", "p|bianc", "n|dangelo", "n|angelo", "t|bianc"} {
		if !slices.Contains(terms, want) {
			t.Errorf("%s is missing from %v", want, terms)
		}
	}
}

// Whatever a text holds, each of its words finds it, and so does the text itself.
func TestEveryWordFindsItsText(t *testing.T) {
	word := rapid.OneOf(rapid.StringMatching(`[A-Za-zàèéìòù]{1,18}`), rapid.StringMatching(`(\+39 ?)?[0-9]{1,12}`),
		rapid.StringMatching(`[a-z]{1,8}@[a-z]{1,8}\.it`), rapid.StringMatching(`[A-Z]{6}[0-9]{2}[ABC][0-9]{2}[A-Z][0-9]{3}[A-Z]`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 1, 12).Draw(t, "words")
		terms := Parole(strings.Join(words, ", "))
		for _, w := range words {
			for _, q := range Domanda(strings.ReplaceAll(w, "*", " ")) {
				if !slices.Contains(terms, q) && !strings.HasPrefix(q, fieldName) {
					t.Fatalf("%q asks %s, not in %v", w, q, terms)
				}
			}
		}
		if !slices.IsSorted(terms) || len(slices.Compact(slices.Clone(terms))) != len(terms) {
			t.Fatalf("not sorted or not unique: %v", terms)
		}
	})
}

func FuzzParole(f *testing.F) {
	f.Add("L'ospedale, tel. +39 333 1234567, a.b@c.it RSSMRA80A01F205X")
	f.Fuzz(func(t *testing.T, s string) {
		for _, terms := range [][]string{Parole(s), Nomi(s), Domanda(s)} {
			for _, w := range terms {
				field, word, ok := strings.Cut(w, "|")
				if !ok || field == "" || word == "" || len(w) > 300 {
					t.Fatalf("%q gives %q", s, w)
				}
			}
		}
	})
}

func TestGettoni(t *testing.T) {
	for _, v := range readGolden(t).Tokens {
		got := NewTokenizer(unhex(t, v.Key)).Gettoni([]string{v.Term})
		if len(got) != 1 || hex.EncodeToString(got[0][:]) != v.Token {
			t.Errorf("%s: %x, want %s", v.Term, got, v.Token)
		}
	}
	a, b := NewTokenizer(NewKey()), NewTokenizer(NewKey())
	terms := Parole("Il referto della visita non arriva da tre mesi")
	first := a.Gettoni(append(terms, terms...))
	if len(first) != len(terms) || !slices.IsSortedFunc(first, func(x, y Gettone) int { return slices.Compare(x[:], y[:]) }) {
		t.Errorf("%d tokens of %d terms: %x", len(first), len(terms), first)
	}
	if !slices.Equal(first, a.Gettoni(terms)) {
		t.Error("the same terms give other tokens when known")
	}
	for _, g := range b.Gettoni(terms) {
		if slices.Contains(first, g) {
			t.Error("two keys share a token")
		}
	}
	if len(a.Gettoni(nil)) != 0 {
		t.Error("tokens of nothing")
	}
}

// The cache stays bounded and right while many goroutines push words through it.
func TestTokenizerManyGoroutines(t *testing.T) {
	key := NewKey()
	shared := NewTokenizer(key)
	shared.known.max = 50
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 60 {
				terms := make([]string, 20)
				for j := range terms {
					terms[j] = fmt.Sprintf("t|%d", (g*7+i*3+j*11)%300)
				}
				if !slices.Equal(shared.Gettoni(terms), NewTokenizer(key).Gettoni(terms)) {
					t.Error("a wrong token")
				}
			}
		})
	}
	wg.Wait()
	if n := len(shared.known.young) + len(shared.known.old); n > 100 {
		t.Errorf("%d values kept, at most 100 allowed", n)
	}
}

func TestTokenizers(t *testing.T) {
	k := &indexKeys{}
	all := NewTokenizers(k)
	token := func(comparto string, anno int) Gettone {
		tok, err := all.For(comparto, anno)
		if err != nil {
			t.Fatal(err)
		}
		return tok.Gettoni([]string{"t|visit"})[0]
	}
	urp26, urp27, str26 := token("urp", 2026), token("urp", 2027), token("strutture", 2026)
	if urp26 == urp27 || urp26 == str26 || urp26 != token("urp", 2026) || len(k.all) != 3 {
		t.Errorf("one key per compartment and year: %d keys", len(k.all))
	}
	if err := k.NewIndexKey("urp", 2026, 2); err != nil {
		t.Fatal(err)
	}
	if token("urp", 2026) != urp26 {
		t.Error("a new key was taken up before anybody said so")
	}
	all.Forget("urp", 2026)
	if token("urp", 2026) == urp26 || token("urp", 2027) != urp27 {
		t.Error("Forget")
	}
	years, err := all.Years("urp")
	if err != nil || len(years) != 3 || years[0].Gettoni([]string{"t|visit"})[0] != urp26 || years[1].N != 2 || years[2].Anno != 2027 {
		t.Errorf("years: %v %v", years, err)
	}
	if years, err := all.Years("nessuno"); err != nil || len(years) != 0 || len(k.all) != 4 {
		t.Errorf("asking made a key: %v %v", years, err)
	}
	if _, err := all.For("chiuso", 2026); !errors.Is(err, errChiuso) {
		t.Error(err)
	}
}

var errChiuso = errors.New("key store down")

// indexKeys is a store of index keys in memory.
type indexKeys struct {
	all []struct {
		comparto string
		IndexKey
	}
}

func (k *indexKeys) IndexKeys(comparto string) ([]IndexKey, error) {
	if comparto == "chiuso" {
		return nil, errChiuso
	}
	var out []IndexKey
	for _, x := range k.all {
		if x.comparto == comparto {
			out = append(out, x.IndexKey)
		}
	}
	slices.SortFunc(out, func(a, b IndexKey) int { return cmp.Or(cmp.Compare(a.Anno, b.Anno), cmp.Compare(a.N, b.N)) })
	return out, nil
}

func (k *indexKeys) NewIndexKey(comparto string, anno, n int) error {
	k.all = append(k.all, struct {
		comparto string
		IndexKey
	}{comparto, IndexKey{anno, n, fmt.Appendf(nil, "una chiave lunga %s %d %d", comparto, anno, n)}})
	return nil
}

func benchTerms(seed int) []string {
	terms := make([]string, 71)
	for i := range terms {
		terms[i] = fmt.Sprintf("t|parola%d.%d", seed, i)
	}
	return terms
}

func BenchmarkGettoniKnown(b *testing.B) {
	tok, terms := NewTokenizer(NewKey()), benchTerms(0)
	for b.Loop() {
		tok.Gettoni(terms)
	}
}

func BenchmarkGettoniUnknown(b *testing.B) {
	tok, sets := NewTokenizer(NewKey()), [][]string{}
	for i := range 400 { // 28,400 terms: more than the cache keeps
		sets = append(sets, benchTerms(i))
	}
	i := 0
	for b.Loop() {
		tok.Gettoni(sets[i%len(sets)])
		i++
	}
}

func BenchmarkParole(b *testing.B) {
	text := strings.Repeat("Ho prenotato la visita cardiologica a gennaio e l'ospedale l'ha spostata tre volte senza avvisare: chiedo una nuova data. ", 12)
	for b.Loop() {
		Parole(text)
	}
}
