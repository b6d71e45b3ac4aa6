package redact

import (
	"embed"
	"strings"
	"sync"
)

//go:embed lessico/*.txt
var lists embed.FS

// flags say what a word can be. A word can be many things: context decides.
type flags uint32

const (
	man        flags = 1 << iota // first name
	woman                        // first name
	surname                      // one of the commonest, or also a common word
	function                     // articles, prepositions, pronouns, auxiliaries
	verb                         // a form of a common verb
	common                       // any other common word
	staff                        // who works there: dottoressa, infermiere, addetta
	kin                          // relatives
	private                      // vicino, collega, testimone, cliente
	mister                       // signor, signora, famiglia
	degree                       // avvocato, geometra: people who are no staff
	mine                         // mio, nostra
	article                      // and articulated prepositions
	particle                     // of a surname: De, Lo, Dalla, Van
	closing                      // saluti, in fede
	opening                      // gentile, egregio
	joint                        // may stand between a role and a name
	body                         // ospedale, distretto, ufficio
	ward                         // wards, exams, counters, acronyms
	street                       // via, corso, località
	streetSure                   // street, and hardly anything else
	home                         // abito, residente, domicilio
	place                        // towns and countries
	figure                       // numbers in words
	month
	firstName = man | woman
	ordinary  = function | verb | common
	role      = staff | kin | private | mister | degree
)

var sections = map[string]flags{
	"m": man, "f": woman, "cognome": surname, "funzione": function, "verbo": verb, "parola": common, "personale": staff,
	"parente": kin, "privato": private, "signore": mister, "titolo": degree, "mio": mine, "articolo": article,
	"particella": particle, "chiusura": closing, "apertura": opening, "giuntura": joint, "struttura": body, "reparto": ward,
	"strada": street, "stradacerta": streetSure, "casa": home, "luogo": place, "numero": figure, "mese": month,
}

// endings of regular verbs, each with the conjugations that have it, as bits.
var endings = func() map[string]uint8 {
	m := map[string]uint8{}
	for i, row := range []string{
		"o i a iamo ate ano avo avi ava avamo avano ato ata ati ai are armi arti arlo arla arci ando era eranno erei erebbe ino asse arono ero",
		"o i e iamo ete ono evo evi eva evamo evano uto uta uti ute ere ermi erlo erla endo era eranno erei erebbe a ano esse ette ero",
		"o i e iamo ite ono ivo iva ivamo ivano ito ita iti ire irmi irlo irla endo ira iranno irei irebbe a ano isse isco isce iscono isci iro",
	} {
		for e := range strings.FieldsSeq(row) {
			m[e] |= 1 << i
		}
	}
	return m
}()

// conjugations are those bits, by the ending of the infinitive.
var conjugations = map[string]uint8{"are": 1, "ere": 2, "ire": 4}

// words are the lists: whole words, stems that take any final vowel, verbs by
// conjugation.
type words struct {
	whole, stems map[string]flags
	verbs        map[string]uint8
}

// lexicon reads the lists once; they are part of the program and cannot fail.
var lexicon = sync.OnceValue(readLists)

func readLists() *words {
	w := &words{make(map[string]flags, 1<<13), make(map[string]flags, 1<<12), make(map[string]uint8, 1<<9)}
	for _, file := range []string{"nomi", "cognomi", "ruoli", "parole", "salute"} {
		b, err := lists.ReadFile("lessico/" + file + ".txt")
		if err != nil {
			panic(err)
		}
		var f flags
		for line := range strings.Lines(string(b)) {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(line, "#"):
			case strings.HasPrefix(line, "["):
				f = sections[strings.Trim(line, "[]")]
			default:
				w.add(line, f)
			}
		}
	}
	return w
}

func (w *words) add(line string, f flags) {
	for s := range strings.FieldsSeq(line) {
		s = fold(s)
		if stem, ok := strings.CutSuffix(s, "-"); ok {
			w.stems[stem] |= f
		} else if stem, conj, ok := strings.Cut(s, "/"); ok && conjugations[conj] != 0 {
			w.verbs[stem] |= conjugations[conj]
		} else {
			w.whole[s] |= f
		}
	}
}

// flags gives what a folded word can be.
func (w *words) flags(s string) flags {
	f := w.whole[s]
	if n := len(s) - 1; n > 1 && strings.IndexByte("aeiou", s[n]) >= 0 {
		f |= w.stems[s[:n]]
		if n > 2 && s[n-1] == 'h' { // amiche, colleghi
			f |= w.stems[s[:n-1]]
		}
	}
	if f&function == 0 && len(s) > 3 && (w.conjugated(s) || derived(s)) {
		f |= verb
	}
	if f&staff == 0 && specialist(s) {
		f |= staff
	}
	if f&function != 0 {
		f &^= firstName | common | verb
	}
	return f
}

func (w *words) conjugated(s string) bool {
	for n := len(s) - 1; n > 1 && len(s)-n <= 6; n-- {
		if c := endings[s[n:]]; c != 0 && w.verbs[s[:n]]&c != 0 {
			return true
		}
	}
	return false
}

// derived reports the look of an adverb, of an abstract noun, of a verb's form
// that no surname has.
func derived(s string) bool {
	for _, e := range []string{"mente", "zione", "zioni", "sione", "sioni", "mento", "menti", "avano", "evano", "ivano", "ando", "endo", "eranno", "iranno", "ebbero", "assero", "essero", "abile", "ibile", "abili", "ibili", "issimo", "issima", "issimi", "issime"} {
		if len(s) > len(e)+3 && strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

// specialist reports the look of who practises a branch of medicine.
func specialist(s string) bool {
	for _, e := range []string{"ologo", "ologa", "ologi", "ologhi", "iatra", "iatri", "ologh"} {
		if len(s) > len(e)+2 && strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

// surnameEnds are the endings that most Italian surnames have and few other
// words that are written with a capital; then those of other peoples.
var surnameEnds = strings.Fields(`ini etti elli oni ucci acci uzzi azzi izzi ozzi aldi ardi ieri etto ello otto olo uolo esi isi osi asi ato ati aro ari ara ero
	igo aghi ighi anza ese ano ani ana iano iani onio otti atti utti ulli alli illi olli ella illo ullo allo anti enti inti onti erti ardo aldo itti
	escu eanu enko chuk ovic evic ski ska wicz yan ez aj dze`)

// surnameShape reports whether a folded word looks like a surname.
func surnameShape(s string) bool {
	if len(s) < 5 {
		return false
	}
	for _, e := range surnameEnds {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}
