package vault

import "tutela/internal/fault"

// Allarme says that the keys of a compartment are not those its members know:
// somebody changed them, or a copy of the key store was put back. The page shows
// it whole and takes nothing to write. It is fault.Forbidden.
type Allarme struct {
	Motivo string // one sentence: what does not fit
}

// Error is the reason, for the log.
func (a *Allarme) Error() string { return "vault: alarm: " + a.Motivo }

// Unwrap is what the person reads.
func (a *Allarme) Unwrap() error {
	return fault.New(fault.Forbidden, a.Motivo+" Non scrivere nulla qui. Chiama gli altri membri con un altro mezzo.")
}

func allarme(motivo string) error { return &Allarme{motivo} }

// What does not fit.
const (
	motivoRegistro  = "Le chiavi di questo ufficio non sono le ultime che il registro conosce."
	motivoPubblica  = "La chiave con cui si scrive a questo ufficio non è la sua."
	motivoAlbo      = "L'albo di questo ufficio non si apre, o non è del suo posto."
	motivoPrima     = "La prima chiave di questo ufficio non è quella che conosci."
	motivoPin       = "Manca, o non è tuo, il ricordo della prima chiave di questo ufficio."
	motivoIndietro  = "Le chiavi di questo ufficio sono più vecchie di quelle che hai già visto."
	motivoEstraneo  = "L'albo di questo ufficio non ha la tua chiave."
	motivoMembro    = "La chiave di una persona è stata cambiata senza dirlo."
	motivoRecupero  = "La chiave di recupero non è quella dell'albo."
	motivoInvolucri = "Le ultime pratiche non sono state chiuse con la chiave di questo ufficio."
)
