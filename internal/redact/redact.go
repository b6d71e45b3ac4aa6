// Package redact finds the personal data of private persons in free Italian
// text, and hides them: of who complains, of the patient, of relatives and of
// anybody else who does not work where the facts happened. It keeps the first
// name of who complains, the staff, structures, dates and facts. It knows rules
// and lists of words, no network and no clock: the same text gives the same
// findings. What it proposes is for a person to review.
//
// ref: pga01 4.4.2
package redact

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Persona is what a case knows of somebody; any field may be empty. DataNascita
// is a date as 2006-01-02. Its JSON is what `tutela oscura` reads.
type Persona struct {
	Nome          string `json:"nome"`
	Cognome       string `json:"cognome"`
	CodiceFiscale string `json:"codice_fiscale"`
	DataNascita   string `json:"data_nascita"`
	LuogoNascita  string `json:"luogo_nascita"`
	Indirizzo     string `json:"indirizzo"`
	Comune        string `json:"comune"`
	CAP           string `json:"cap"`
	Telefono      string `json:"telefono"`
	Email         string `json:"email"`
	PEC           string `json:"pec"`
}

// Format prints [riservato] for every verb.
func (Persona) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Known is what a case knows of the people in it. The first name of Segnalante
// alone stays readable.
type Known struct {
	Segnalante, Assistito Persona
	Altri                 []Persona
}

// Kind says what was found. Its text is the word of the mask.
type Kind string

// The kinds of personal data.
const (
	FirstName   Kind = "nome"
	Surname     Kind = "cognome"
	TaxCode     Kind = "codice_fiscale"
	BirthDate   Kind = "data_nascita"
	BirthPlace  Kind = "luogo_nascita"
	Address     Kind = "indirizzo"
	PostCode    Kind = "cap"
	Town        Kind = "comune_residenza"
	Phone       Kind = "telefono"
	Email       Kind = "email"
	IBAN        Kind = "iban"
	HealthCard  Kind = "tessera_sanitaria"
	IDDocument  Kind = "documento"
	Plate       Kind = "targa"
	Social      Kind = "social"
	Record      Kind = "cartella_clinica"
	Booking     Kind = "prenotazione_cup"
	Prescript   Kind = "impegnativa_nre"
	OtherNumber Kind = "altro_identificativo"
	Chosen      Kind = "omissis" // what a person hides, and Find did not see
)

var kinds = []Kind{
	FirstName, Surname, TaxCode, BirthDate, BirthPlace, Address, PostCode, Town, Phone, Email,
	IBAN, HealthCard, IDDocument, Plate, Social, Record, Booking, Prescript, OtherNumber, Chosen,
}

var called = map[Kind]string{
	BirthDate: "data di nascita", BirthPlace: "luogo di nascita", PostCode: "CAP", Town: "comune di residenza", Email: "e-mail", IBAN: "IBAN",
	Social: "profilo social", Record: "numero di cartella", Booking: "prenotazione", Prescript: "ricetta", OtherNumber: "altro numero", Chosen: "scelto da te",
}

// Word is how the operator calls it: "data di nascita".
func (k Kind) Word() string {
	if w := called[k]; w != "" {
		return w
	}
	return strings.ReplaceAll(string(k), "_", " ")
}

// Mask is what stands in the copy instead: "[codice fiscale]".
func (k Kind) Mask() string { return "[" + strings.ReplaceAll(string(k), "_", " ") + "]" }

// Confidence orders findings for who reviews them.
type Confidence int

// Doubtful findings come from context alone; Certain ones from what the case
// knows or from a form that is nothing else.
const (
	Doubtful Confidence = iota + 1
	Likely
	Certain
)

// Finding is a stretch of the text to hide: bytes From to To, To excluded, on
// the boundaries of characters. It holds nothing of the text.
type Finding struct {
	From, To int
	Kind     Kind
	Rule     string // a key of the rules: why it was found
}

// rule is why a finding was made, in words for the operator.
type rule struct {
	why  string
	sure Confidence
}

var rules = map[string]rule{
	"cognome-noto":        {"È il cognome di una persona della pratica.", Certain},
	"cognome-simile":      {"Somiglia al cognome di una persona della pratica: forse è scritto male.", Likely},
	"nome-noto":           {"È il nome della persona assistita o di un'altra persona della pratica.", Certain},
	"iniziale":            {"È l'iniziale del cognome, accanto al nome.", Likely},
	"parente":             {"Viene dopo una parola di parentela.", Likely},
	"privato":             {"Viene dopo una parola come vicino, collega, testimone, avvocato.", Likely},
	"signore":             {"Viene dopo signor o signora, e nulla dice che sia personale.", Likely},
	"apposizione":         {"È detto subito dopo che è un parente o un conoscente.", Likely},
	"nome-cognome":        {"Sembra un nome con il suo cognome.", Doubtful},
	"cognome-solo":        {"Sembra un cognome.", Doubtful},
	"ripreso":             {"È il cognome di un privato nominato altrove nel testo.", Likely},
	"articolo":            {"Sembra un cognome, detto con l'articolo.", Doubtful},
	"coniugata":           {"È il cognome da sposata, da vedova o da nubile.", Likely},
	"firma":               {"È nella firma o nell'intestazione.", Likely},
	"altra-scrittura":     {"È scritto in un altro alfabeto: può essere un nome.", Doubtful},
	"codice-fiscale":      {"Ha la forma di un codice fiscale e il suo carattere di controllo.", Certain},
	"codice-fiscale-dub":  {"Ha la forma di un codice fiscale, ma il carattere di controllo non torna.", Likely},
	"codice-fiscale-noto": {"È il codice fiscale di una persona della pratica, o una sua parte.", Certain},
	"nato":                {"È detto insieme alla nascita.", Likely},
	"nascita-nota":        {"È la data di nascita di una persona della pratica.", Certain},
	"luogo-noto":          {"È il luogo di nascita di una persona della pratica.", Likely},
	"indirizzo":           {"Ha la forma di un indirizzo.", Likely},
	"indirizzo-noto":      {"È l'indirizzo di una persona della pratica.", Certain},
	"comune":              {"È il comune di un indirizzo.", Likely},
	"cap":                 {"È il CAP di un indirizzo.", Likely},
	"telefono":            {"Ha la forma di un numero di telefono.", Likely},
	"telefono-noto":       {"È il telefono di una persona della pratica.", Certain},
	"telefono-lettere":    {"È un numero dettato in lettere.", Doubtful},
	"email":               {"È un indirizzo di posta elettronica.", Certain},
	"email-dettata":       {"È un indirizzo di posta elettronica dettato.", Likely},
	"social":              {"È un profilo su una rete sociale.", Likely},
	"iban":                {"Ha la forma di un IBAN.", Certain},
	"targa":               {"Ha la forma di una targa.", Likely},
	"numero-detto":        {"È un numero, e la parola prima dice di che cosa.", Likely},
	"numero-forma":        {"È un codice lungo: può portare a una persona.", Doubtful},
	"tessera":             {"Ha la forma del numero della tessera sanitaria.", Certain},
	"ricetta":             {"Ha la forma del numero di una ricetta elettronica.", Certain},
	"scelto":              {"L'ha scelto una persona.", Certain},
}

// Why says why in a sentence for the operator.
func (f Finding) Why() string { return rules[f.Rule].why }

// Confidence says how much the rule can be trusted.
func (f Finding) Confidence() Confidence { return rules[f.Rule].sure }

// rounds bounds how often a text is read again with its masks in place: what
// was hidden may leave a sense of its own to what stands beside it.
const rounds = 6

// Find gives what to hide in text, in its order, without overlaps. Bytes that
// are not UTF-8 are read as marks. Masks already in the text are left alone.
func Find(text string, known Known) []Finding {
	people := newPeople(known)
	found := read(text, people)
	for range rounds {
		again := read(Apply(text, found), people)
		if len(again) == 0 {
			break
		}
		found = merge(text, append(found, original(found, again)...))
	}
	return found
}

// original moves findings of a masked text back to where they were before the
// masks of found.
func original(found, again []Finding) []Finding {
	out, i, shift := make([]Finding, 0, len(again)), 0, 0
	for _, f := range again {
		for i < len(found) && found[i].From+shift < f.From {
			shift += len(found[i].Kind.Mask()) - (found[i].To - found[i].From)
			i++
		}
		out = append(out, Finding{f.From - shift, f.To - shift, f.Kind, f.Rule})
	}
	return out
}

// merge sorts findings and makes one of those of the same kind, or of a name, that only a
// blank, a hyphen or an apostrophe parts.
func merge(text string, found []Finding) []Finding {
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.From, b.From) })
	out := found[:0]
	for _, f := range found {
		if n := len(out); n > 0 && (out[n-1].Kind == f.Kind || named[out[n-1].Kind] && named[f.Kind]) && strings.Trim(text[out[n-1].To:f.From], " -'’") == "" {
			out[n-1].To = f.To
			if f.Kind == Surname {
				out[n-1].Kind = Surname
			}
			continue
		}
		out = append(out, f)
	}
	return out
}

var named = map[Kind]bool{FirstName: true, Surname: true}

// Apply gives text with a mask in the place of each finding. The findings are
// those of Find on that text, or fewer.
func Apply(text string, found []Finding) string {
	var b strings.Builder
	at := 0
	for _, f := range found {
		b.WriteString(text[at:f.From])
		b.WriteString(f.Kind.Mask())
		at = f.To
	}
	b.WriteString(text[at:])
	return b.String()
}

// Leaks gives what a copy, reviewed by a person, still holds of what the case
// knows, and of what by its form is personal whatever the words around it.
func Leaks(copied string, known Known) []Finding {
	return slices.DeleteFunc(Find(copied, known), func(f Finding) bool { return f.Confidence() < Certain })
}
