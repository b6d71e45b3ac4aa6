package organigramma

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tutela/internal/fault"
)

// forma is the canonical document: every field, in the order of the chart.
type forma struct {
	Formato   int         `json:"formato"`
	Sedi      []Sede      `json:"sedi"`
	Unita     []Unita     `json:"unita"`
	Relazioni []Relazione `json:"relazioni"`
}

func canonica(v *Versione) ([]byte, string) {
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	if err := w.Encode(forma{1, v.sedi, v.unita, v.relazioni}); err != nil {
		panic("organigramma: a chart of strings and dates cannot fail to encode: " + err.Error())
	}
	h := sha256.Sum256(b.Bytes())
	return b.Bytes(), hex.EncodeToString(h[:])
}

// Canonical gives the bytes that stand for the chart: JSON, without its aliases.
// Apri reads them back. Callers do not write to them.
func (v *Versione) Canonical() []byte { return v.canonica }

// Hash is the SHA-256 of Canonical, in hexadecimal: the chart's name.
func (v *Versione) Hash() string { return v.hash }

// Apri makes the chart of which b is the Canonical, with the checks of Import. The
// error is a fault of kind Internal: such bytes come from our own store.
func Apri(b []byte) (*Versione, error) {
	rovinato := func(err error) error {
		return fault.Wrap(err, fault.Internal, "L'organigramma conservato è rovinato.")
	}
	var f forma
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, rovinato(err)
	}
	if f.Formato != 1 {
		return nil, rovinato(fmt.Errorf("formato %d", f.Formato))
	}
	var unita, relazioni, sedi bytes.Buffer
	grezza := &Versione{unita: f.Unita, relazioni: f.Relazioni, sedi: f.Sedi}
	if err := grezza.Export(&unita, &relazioni, &sedi); err != nil {
		return nil, rovinato(err)
	}
	var presidi io.Reader = &sedi
	if len(f.Sedi) == 0 {
		presidi = nil
	}
	v, errori := Import(&unita, &relazioni, presidi)
	if v == nil {
		return nil, rovinato(errori[0])
	}
	if !bytes.Equal(v.canonica, b) {
		return nil, rovinato(errors.New("not in canonical form"))
	}
	return v, nil
}

// Export writes the chart as the three files that Import reads: UTF-8 without BOM,
// commas, CRLF. Importing them again gives the same chart.
func (v *Versione) Export(unita, relazioni, presidi io.Writer) error {
	u := [][]string{testata(colonneUnita)}
	for _, x := range v.unita {
		u = append(u, []string{x.ID, x.Codice, string(x.Tipo), x.Nome, x.Padre, x.Afferenza, x.Presidio, x.Ente, x.Stato,
			x.ValidaDal.String(), x.ValidaAl.String(), x.Note, x.Fonte})
	}
	r := [][]string{testata(colonneRelazioni)}
	for _, x := range v.relazioni {
		r = append(r, []string{x.Da, x.A, x.Tipo, x.Testo})
	}
	s := [][]string{testata(colonneSedi)}
	for _, x := range v.sedi {
		s = append(s, []string{x.Codice, x.Nome, x.Tipo, x.Comune, x.Indirizzo, x.Stato, x.Stampato, x.Note})
	}
	return errors.Join(scrivi(unita, u), scrivi(relazioni, r), scrivi(presidi, s))
}

func testata(colonne []colonna) []string {
	var nomi []string
	for _, c := range colonne {
		nomi = append(nomi, c.nome)
	}
	return nomi
}

func scrivi(w io.Writer, righe [][]string) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return c.WriteAll(righe)
}
