package access

import "time"

// DurataConferma is how long a proof of who one is, just given, is enough.
const DurataConferma = 5 * time.Minute

// Gesto is something one does that a session left open must not be enough for:
// who does it proves again who he is.
type Gesto string

// The gestures that ask for a proof.
const (
	Firmare   Gesto = "firmare"   // approve a text that leaves in the ente's name
	Insieme   Gesto = "insieme"   // one act on several cases at once
	Esportare Gesto = "esportare" // take data out in bulk
	Persone   Gesto = "persone"   // people, roles, their passwords and factors
	Regole    Gesto = "regole"    // the ente, its chart, its procedure, who signs in how
	Fattori   Gesto = "fattori"   // one's own second factors and recovery codes
	Token     Gesto = "token"     // make a token
	Chiavi    Gesto = "chiavi"    // one's own key, and who holds an office's
	Eliminare Gesto = "eliminare" // propose or approve the end of files
	Annullare Gesto = "annullare" // annul a number of a register
)

// gesti says of each whether a token carries the proof, given when it was made: it
// does for the acts of a case, never for what opens other doors.
//
// ref: gdpr art. 32
var gesti = map[Gesto]struct{ conToken bool }{
	Firmare:   {true},
	Insieme:   {true},
	Esportare: {},
	Persone:   {},
	Regole:    {},
	Fattori:   {},
	Token:     {},
	Chiavi:    {},
	Eliminare: {},
	Annullare: {},
}

// Provable reports whether a gesture is open at all to who asks, once he proves who he
// is: a token carries its proof or never has one.
func Provable(c Chi, g Gesto) bool {
	return c.Mezzo == "web" || Confermato(c, g, time.Time{})
}

// Confermato reports whether who asks may go on with a gesture: it asks for
// nothing, or the proof was given in the last five minutes on a page, or a token
// carries it. The program itself proves nothing.
func Confermato(c Chi, g Gesto, adesso time.Time) bool {
	regola, serve := gesti[g]
	switch {
	case !serve || c.Persona == Sistema(c.Ente).Persona:
		return true
	case c.Mezzo != "web":
		return regola.conToken
	}
	return adesso.Sub(c.Conferma) < DurataConferma
}
