// Package fault holds the only errors that callers branch on: a kind, which
// says what sort of thing went wrong, and a message in plain Italian for the
// person in front of the screen. Everything else is an internal error: it is
// logged, and the person is told so with a reference.
//
// A message never carries personal data, nor the value that was refused.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of thing went wrong. It maps to one HTTP status.
type Kind int

// The kinds, each with the HTTP status it becomes at the edge.
const (
	Internal        Kind = iota // 500: ours to mend
	Bad                         // 400: the request cannot be read
	Unauthenticated             // 401: we do not know who is asking
	Forbidden                   // 403: known, and may not
	NotFound                    // 404: absent, or not to be seen by who asks
	Conflict                    // 409: somebody was quicker
	TooLarge                    // 413: over a stated limit
	Invalid                     // 422: readable, and not acceptable
	TooMany                     // 429: slow down
	Unavailable                 // 503: full, busy, disk gone: nothing was stored
)

var status = [...]int{500, 400, 401, 403, 404, 409, 413, 422, 429, 503}

// Status is the HTTP status of the kind.
func (k Kind) Status() int {
	if k < 0 || int(k) >= len(status) {
		return 500
	}
	return status[k]
}

// Error is a fault with what the person should read.
type Error struct {
	Kind    Kind
	Message string            // one or two sentences in Italian: what to do
	Campi   map[string]string // by form field: what to write there
	Motivi  []string          // when a list of reasons says it better
	err     error
}

// Error joins the kind's message with its cause, for the log.
func (e *Error) Error() string {
	if e.err != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.err)
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.err }

// New makes a fault of kind k with a message for the person.
func New(k Kind, message string) *Error { return &Error{Kind: k, Message: message} }

// Wrap is New with the cause kept for the log.
func Wrap(err error, k Kind, message string) *Error {
	return &Error{Kind: k, Message: message, err: err}
}

// Campo adds what is wrong with one field and returns e.
func (e *Error) Campo(field, message string) *Error {
	if e.Campi == nil {
		e.Campi = map[string]string{}
	}
	e.Campi[field] = message
	return e
}

// KindOf is the kind of the first fault in err's chain; Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// Message is what the person may read of err. An error that is no fault says
// nothing of itself.
func Message(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "Qualcosa non ha funzionato. Riprova tra poco."
}
