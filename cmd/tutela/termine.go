package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
)

// runTermine counts terms: a JSON object a line in, a line each out, in order.
//
//	{"dal":"2026-08-05","giorni":60,"computo":"solari","sabato":"feriale","patrono":"06-24"}
//
// The answer is the same object, its keys in their order, plus "scadenza" and
// "perche"; where the term cannot be counted, plus "errore" instead. Empty lines
// are passed over. A line with an error does not stop the others: the error
// returned at the end is then fault.Invalid. Any other error is of in or out.
func runTermine(in io.Reader, out io.Writer) error {
	cal := calendari{}
	return perRiga("termine", in, out, func(riga []byte, err error) ([]byte, error) {
		var o oggetto
		if err == nil {
			o, err = cal.rispondi(riga)
		}
		if err != nil {
			o = o.con("errore", fault.Message(err))
		}
		return o.riga(), err
	})
}

// calendari keeps a calendario for each patron's day met so far: at most 366.
type calendari map[string]*day.Calendario

func (c calendari) di(patrono string) (*day.Calendario, error) {
	if cal, ok := c[patrono]; ok {
		return cal, nil
	}
	cal, err := day.Nazionale().Con(patrono)
	if err == nil {
		c[patrono] = cal
	}
	return cal, err
}

// rispondi counts the term of a line. With an error it gives back what it could
// read of the object.
func (c calendari) rispondi(riga []byte) (oggetto, error) {
	o, err := leggiOggetto(riga)
	if err != nil {
		return nil, err
	}
	risposta := slices.DeleteFunc(slices.Clone(o), func(c campo) bool {
		return c.nome == "scadenza" || c.nome == "perche" || c.nome == "errore"
	})
	k, patrono, err := o.conto()
	if err != nil {
		return risposta, err
	}
	cal, err := c.di(patrono)
	if err != nil {
		return risposta, err
	}
	scadenza, passi, err := cal.Count(k)
	if err != nil {
		return risposta, err
	}
	return risposta.con("scadenza", scadenza.String()).con("perche", i18n.Perche(passi)), nil
}

// An oggetto is a JSON object whose keys keep their order and whose values keep
// their spelling.
type oggetto []campo

type campo struct {
	nome   string
	valore json.RawMessage
}

// leggiOggetto reads one JSON object, and nothing after it.
func leggiOggetto(riga []byte) (oggetto, error) {
	invalida := fault.New(fault.Bad, "La riga non è un oggetto JSON.")
	riga = bytes.TrimPrefix(riga, []byte("\ufeff"))
	if !utf8.Valid(riga) {
		return nil, fault.New(fault.Bad, "La riga non è scritta in UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(riga))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, invalida
	}
	o := oggetto{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, invalida
		}
		nome, ok := t.(string)
		if !ok {
			return nil, invalida
		}
		var valore json.RawMessage
		if err := d.Decode(&valore); err != nil {
			return nil, invalida
		}
		o = append(o, campo{nome, valore})
	}
	if _, err := d.Token(); err != nil {
		return nil, invalida
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, invalida
	}
	return o, nil
}

// con is o with one more key.
func (o oggetto) con(nome string, valore any) oggetto {
	return append(o, campo{nome, codifica(valore)})
}

// riga writes the object on a line of its own.
func (o oggetto) riga() []byte {
	b := []byte{'{'}
	for i, c := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, codifica(c.nome)...), ':'), c.valore...)
	}
	return append(b, '}', '\n')
}

// codifica writes strings and lists of strings as JSON, without the escapes
// that only HTML needs.
func codifica(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("termine: strings always encode: " + err.Error())
	}
	return bytes.TrimSpace(b.Bytes())
}

// conto reads the fields that `termine` knows; the others are not looked at.
func (o oggetto) conto() (k day.Conto, patrono string, err error) {
	noti := map[string]json.RawMessage{"dal": nil, "giorni": nil, "computo": nil, "sabato": nil, "patrono": nil}
	for _, c := range o {
		v, noto := noti[c.nome]
		switch {
		case !noto:
		case v != nil:
			return k, "", fault.New(fault.Invalid, "«"+c.nome+"» compare due volte.")
		default:
			noti[c.nome] = c.valore
		}
	}
	if k.Dal, err = leggiDal(noti["dal"]); err != nil {
		return k, "", err
	}
	if k.Giorni, err = leggiGiorni(noti["giorni"]); err != nil {
		return k, "", err
	}
	computo, err := leggiScelta("computo", noti["computo"], string(day.Solari), string(day.Lavorativi))
	if err != nil {
		return k, "", err
	}
	sabato, err := leggiScelta("sabato", noti["sabato"], "feriale", "festivo")
	if err != nil {
		return k, "", err
	}
	k.Computo, k.SabatoFestivo = day.Computo(computo), sabato == "festivo"
	patrono, ok := testo(noti["patrono"])
	if !ok {
		return k, "", fault.New(fault.Invalid, "Scrivi «patrono» come testo MM-GG, per esempio \"06-24\".")
	}
	return k, patrono, nil
}

func leggiDal(v json.RawMessage) (day.Date, error) {
	s, ok := testo(v)
	if !ok || s == "" {
		return 0, fault.New(fault.Invalid, "Scrivi «dal» come testo AAAA-MM-GG, per esempio \"2026-03-31\".")
	}
	d, err := day.Parse(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "«dal» non va bene: "+err.Error()+".")
	}
	return d, nil
}

func leggiGiorni(v json.RawMessage) (int, error) {
	n, err := strconv.Atoi(string(v))
	if err != nil || n < 1 || n > day.MaxGiorni {
		return 0, fault.New(fault.Invalid, fmt.Sprintf("Scrivi «giorni» come numero intero da 1 a %d.", day.MaxGiorni))
	}
	return n, nil
}

// leggiScelta reads one of two words; the first if the field is absent.
func leggiScelta(nome string, v json.RawMessage, prima, seconda string) (string, error) {
	if assente(v) {
		return prima, nil
	}
	if s, ok := testo(v); ok && (s == prima || s == seconda) {
		return s, nil
	}
	return "", fault.New(fault.Invalid, fmt.Sprintf("«%s» può essere solo \"%s\" o \"%s\".", nome, prima, seconda))
}

// testo reads a JSON string; empty if the field is absent.
func testo(v json.RawMessage) (s string, ok bool) {
	if assente(v) {
		return "", true
	}
	return s, json.Unmarshal(v, &s) == nil
}

// assente reports whether a field is not there, or is null.
func assente(v json.RawMessage) bool { return v == nil || string(v) == "null" }
