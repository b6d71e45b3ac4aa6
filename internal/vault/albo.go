package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Albo is who may read in a member-held compartment, and by which keys. It is
// sealed under the private key of its version, so only who holds that can write
// it: every seal to a person or to the quorum takes its key from here, never from
// a table that the server could forge.
type Albo struct {
	Revisione  int // grows at each rewriting, versions included
	Lettori    []Membro
	Assistenti []Membro // of single parts
	Quorum     Quorum
}

// Membro is the public key of a person: in the roll, or as a row of the key store.
type Membro struct {
	Persona  string `json:"persona"`
	Numero   int    `json:"numero"` // of the key: a reset or a theft makes the next one
	Pubblica []byte `json:"pubblica"`
}

// destRecupero is who the recovery key is, where persons are persona.<id>.
const destRecupero = "recupero"

func (m Membro) destinatario() string {
	if m.Persona == "" {
		return destRecupero
	}
	return "persona." + m.Persona
}

// membro is the recovery key as one to seal to: of nobody, numbered by its sheets.
func (q Quorum) membro() Membro { return Membro{Numero: q.Serie, Pubblica: q.Pubblica} }

func (m Membro) equal(o Membro) bool {
	return m.Persona == o.Persona && m.Numero == o.Numero && bytes.Equal(m.Pubblica, o.Pubblica)
}

// Quorum is the key of recovery, and who has its sheets.
type Quorum struct {
	Serie    int // of the sheets
	K        int // how many open
	Custodi  []Custode
	Pubblica []byte
	Stampata string // the person in whose session they were printed
}

// Custode holds one sheet.
type Custode struct {
	Nome    Riservato
	Interno bool   // of the ente's staff
	Persona string // if it is somebody who signs in here
}

// Di is the entry of a person, whether reader or assistant.
func (a Albo) Di(persona string) (Membro, bool) {
	return trova(slices.Concat(a.Lettori, a.Assistenti), persona)
}

// trova is the entry of a person in a list.
func trova(ms []Membro, persona string) (Membro, bool) {
	i := slices.IndexFunc(ms, func(m Membro) bool { return m.Persona == persona })
	if i < 0 {
		return Membro{}, false
	}
	return ms[i], true
}

// alboJSON is what is sealed, padded as a text, under the private key of the
// version for the place albo|ente|compartimento|n.
type alboJSON struct {
	V          int           `json:"v"`
	Revisione  int           `json:"revisione"`
	Precedente []byte        `json:"precedente,omitempty"` // private key of version n-1; none at the founding
	Lettori    []Membro      `json:"lettori"`
	Assistenti []Membro      `json:"assistenti,omitempty"`
	Serie      int           `json:"serie"`
	K          int           `json:"k"`
	Recupero   []byte        `json:"recupero"`
	Stampata   string        `json:"stampata"`
	Custodi    []custodeJSON `json:"custodi"`
}

type custodeJSON struct {
	Nome    string `json:"nome"`
	Interno bool   `json:"interno"`
	Persona string `json:"persona,omitempty"`
}

// sealAlbo seals the roll of a version under its key, with the key of the version
// before, or none.
func sealAlbo(key privateKey, v Versione, a Albo, before privateKey) []byte {
	q := a.Quorum
	j := alboJSON{V: 1, Revisione: a.Revisione, Lettori: a.Lettori, Assistenti: a.Assistenti,
		Serie: q.Serie, K: q.K, Recupero: q.Pubblica, Stampata: q.Stampata}
	for _, c := range q.Custodi {
		j.Custodi = append(j.Custodi, custodeJSON{c.Nome.Valore(), c.Interno, c.Persona})
	}
	if !before.isZero() {
		j.Precedente = before.bytes()
	}
	text, err := json.Marshal(j)
	if err != nil {
		panic(err) // only texts, numbers and bytes
	}
	return SealText(key.secret(), v.context("albo"), string(text))
}

// openAlbo opens and reads the roll of a version, and the key of the version
// before: none at the founding.
func openAlbo(key privateKey, v Versione) (Albo, privateKey, error) {
	text, err := OpenText(key.secret(), v.context("albo"), v.Albo)
	if err != nil {
		return Albo{}, privateKey{}, err
	}
	return parseAlbo(text)
}

var errAlbo = errors.New("vault: the roll of a compartment cannot be read")

// parseAlbo reads a roll. Of the newest alone somebody asks who is in it, and so
// whether it is valid.
func parseAlbo(text string) (Albo, privateKey, error) {
	var j alboJSON
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil || j.V != 1 || j.Revisione < 1 {
		return Albo{}, privateKey{}, errAlbo
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Albo{}, privateKey{}, errAlbo
	}
	a := Albo{Revisione: j.Revisione, Lettori: j.Lettori, Assistenti: j.Assistenti,
		Quorum: Quorum{Serie: j.Serie, K: j.K, Pubblica: j.Recupero, Stampata: j.Stampata}}
	for _, c := range j.Custodi {
		a.Quorum.Custodi = append(a.Quorum.Custodi, Custode{NewRiservato(c.Nome), c.Interno, c.Persona})
	}
	var before privateKey
	if j.Precedente != nil {
		var err error
		if before, err = parsePrivateKey(j.Precedente); err != nil {
			return Albo{}, privateKey{}, errAlbo
		}
	}
	return a, before, nil
}

// valid reports whether keys are keys, names can stand in a context, nobody is
// twice in the roll, and the quorum is one.
func (a Albo) valid() bool {
	seen := map[string]bool{}
	for _, m := range slices.Concat(a.Lettori, a.Assistenti) {
		if !m.valid() || seen[m.Persona] {
			return false
		}
		seen[m.Persona] = true
	}
	q := a.Quorum
	_, err := ParsePublicKey(q.Pubblica)
	return len(a.Lettori) > 0 && err == nil && q.Serie > 0 && plainField(q.Stampata) && quorumFault(q.K, q.Custodi) == nil
}

func (m Membro) valid() bool {
	_, err := ParsePublicKey(m.Pubblica)
	return err == nil && plainField(m.Persona) && m.Numero > 0
}

// written reports whether a holder's name can stand on a sheet.
func (c Custode) written() bool {
	n := c.Nome.Valore()
	return n != "" && len(n) <= 200 && utf8.ValidString(n) && !strings.ContainsFunc(n, unicode.IsControl) && (c.Persona == "" || plainField(c.Persona))
}
