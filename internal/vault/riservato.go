package vault

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const riservato = "[riservato]"

// Riservato is a text about a person that never prints: fmt, slog, JSON and any
// text encoder get "[riservato]". It is held through a pointer, because fmt and
// slog print the string of an unexported field whatever its methods. It cannot
// be compared with ==, nor read back from what was written: to store it, open
// it with Valore and seal it. The zero Riservato is the empty text.
type Riservato struct {
	_ [0]func() // == would compare pointers and mislead
	p *string
}

// NewRiservato holds s.
func NewRiservato(s string) Riservato { return Riservato{p: &s} }

// Valore is the text itself. Who calls it answers for where it goes.
func (r Riservato) Valore() string {
	if r.p == nil {
		return ""
	}
	return *r.p
}

// Equal reports whether two hold the same text, in constant time for one length.
func (r Riservato) Equal(o Riservato) bool {
	return subtle.ConstantTimeCompare([]byte(r.Valore()), []byte(o.Valore())) == 1
}

// String prints [riservato].
func (r Riservato) String() string { return riservato }

// GoString prints [riservato].
func (r Riservato) GoString() string { return riservato }

// Format prints [riservato] for every verb.
func (r Riservato) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, riservato) }

// LogValue logs [riservato].
func (r Riservato) LogValue() slog.Value { return slog.StringValue(riservato) }

// MarshalText writes [riservato].
func (r Riservato) MarshalText() ([]byte, error) { return []byte(riservato), nil }

// MarshalJSON writes "[riservato]".
func (r Riservato) MarshalJSON() ([]byte, error) { return []byte(`"` + riservato + `"`), nil }
