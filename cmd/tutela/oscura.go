package main

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"tutela/internal/fault"
	"tutela/internal/redact"
)

// oscuraCmd hides personal data in texts, as the desk proposes it.
type oscuraCmd struct {
	Batch bool `help:"Un oggetto JSON per riga, e una riga per ognuno; altrimenti un oggetto solo."`
}

func (c *oscuraCmd) Run(a *ambito) error {
	if c.Batch {
		return oscuraRighe(a.in, a.out)
	}
	b, err := io.ReadAll(io.LimitReader(a.in, maxRiga+1))
	if err != nil {
		return fmt.Errorf("oscura: read: %w", err)
	}
	out, err := oscurato(b)
	if err != nil {
		return err
	}
	_, err = a.out.Write(append(out, '\n'))
	return err
}

// oscuraRighe answers line by line, in order; one that cannot be read with "errore".
func oscuraRighe(in io.Reader, out io.Writer) error {
	return perRiga("oscura", in, out, func(riga []byte, err error) ([]byte, error) {
		var b []byte
		if err == nil {
			b, err = oscurato(riga)
		}
		if err != nil {
			b, _ = json.Marshal(map[string]string{"errore": fault.Message(err)})
		}
		return append(b, '\n'), err
	})
}

type nascosto struct {
	Da   int         `json:"da"` // characters of the original
	A    int         `json:"a"`
	Tipo redact.Kind `json:"tipo"`
}

// oscurato answers one object: the text with masks, and what was hidden.
func oscurato(b []byte) ([]byte, error) {
	var x struct {
		Reclamante redact.Persona `json:"reclamante"`
		Assistito  redact.Persona `json:"assistito"`
		Testo      string         `json:"testo"`
	}
	switch {
	case len(b) > maxRiga:
		return nil, errRigaLunga
	case !utf8.Valid(b):
		return nil, fault.New(fault.Invalid, "Il testo non è in UTF-8.")
	}
	if err := json.Unmarshal(b, &x); err != nil { // its words may quote the text
		return nil, fault.New(fault.Invalid, `Scrivi un oggetto JSON: {"reclamante":{…},"assistito":null,"testo":"…"}.`)
	}
	trovati := redact.Find(x.Testo, redact.Known{Segnalante: x.Reclamante, Assistito: x.Assistito})
	out := struct {
		Testo    string     `json:"testo"`
		Oscurati []nascosto `json:"oscurati"`
	}{redact.Apply(x.Testo, trovati), []nascosto{}}
	carattere, da := 0, 0
	fino := func(byte int) int {
		carattere, da = carattere+utf8.RuneCountInString(x.Testo[da:byte]), byte
		return carattere
	}
	for _, f := range trovati {
		out.Oscurati = append(out.Oscurati, nascosto{fino(f.From), fino(f.To), f.Kind})
	}
	return json.Marshal(out)
}
