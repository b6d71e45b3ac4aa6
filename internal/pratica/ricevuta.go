package pratica

import (
	"errors"
	"fmt"
	"strings"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/registro"
)

// CheckedReceipt is what a receipt proves: an act as it was recorded, its place in the
// log, the state of it that the ente signed.
type CheckedReceipt struct {
	Leaf       registro.Leaf
	Place      int64 // from 1
	Checkpoint registro.Checkpoint
	Cosigned   []registro.Cosignature // by witnesses whose key is at hand
	Others     []string               // names under it that no key was there to check
}

// CheckReceipt checks a receipt's file with the published keys of the log, and of the
// witnesses. What does not prove itself is fault.Invalid, with the part that is false.
func CheckReceipt(b []byte, keys, witnesses []string) (CheckedReceipt, error) {
	r, err := registro.ParseReceipt(b)
	if err != nil {
		return CheckedReceipt{}, fault.Wrap(err, fault.Invalid, "Questa non è una ricevuta di Tutela, o è stata toccata: non si legge.")
	}
	leaf, c, err := r.Verify(keys...)
	if err != nil {
		return CheckedReceipt{}, fault.Wrap(err, fault.Invalid, falsa(err))
	}
	out := CheckedReceipt{Leaf: leaf, Place: r.Index + 1, Checkpoint: c}
	for _, line := range r.Cosigned {
		x, err := cofirma([]byte(r.Checkpoint), line, witnesses)
		switch {
		case err != nil:
			return CheckedReceipt{}, err
		case x.Line == "":
			out.Others = append(out.Others, x.Name)
		default:
			out.Cosigned = append(out.Cosigned, x)
		}
	}
	return out, nil
}

// falsa says which part of a receipt is false.
func falsa(err error) string {
	switch {
	case errors.Is(err, registro.ErrLeaf):
		return "La voce non è scritta come la scrive il registro: numero, data o impronte sono stati toccati."
	case errors.Is(err, registro.ErrCheckpoint):
		return "Lo stato del registro non è firmato con la chiave che hai dato: è stato toccato, o la chiave è di un altro."
	}
	return "La voce non è quella che sta nel registro a quel posto: numero, data, posto o prova sono stati toccati, o sono di un altro registro."
}

// cofirma reads the line of one of the witnesses under a note. Of a witness that is not
// among them it gives the name alone.
func cofirma(note []byte, line string, witnesses []string) (registro.Cosignature, error) {
	name := registro.CosignerName(line)
	for _, w := range witnesses {
		if x, err := registro.CheckCosignature(note, line, w); err == nil {
			return x, nil
		} else if n, _, _ := strings.Cut(w, "+"); n == name {
			return x, fault.Wrap(err, fault.Invalid, "La cofirma di «"+name+"» non è fatta con la sua chiave, o è di un altro stato del registro.")
		}
	}
	if name == "" {
		return registro.Cosignature{}, fault.New(fault.Invalid, "Sotto lo stato del registro c'è una riga che non è la cofirma di nessuno.")
	}
	return registro.Cosignature{Name: name}, nil
}

// Frasi says what a receipt proves, in words.
func (r CheckedReceipt) Frasi() []string {
	ente, epoca, _ := registro.ParseOrigin(r.Checkpoint.Origin) // read already
	cosa := "L'atto «" + strings.ReplaceAll(r.Leaf.Kind, "_", " ") + "»"
	if r.Leaf.Numero != "" {
		cosa += fmt.Sprintf(" della segnalazione n. %s del registro %s", r.Leaf.Numero, strings.ToUpper(r.Leaf.Registro))
	}
	out := []string{
		fmt.Sprintf("%s è stato registrato %s.", cosa, i18n.Instant(r.Leaf.Istante)),
		fmt.Sprintf("È la voce n. %s del registro di «%s», che l'ente ha firmato fino alla n. %s (epoca %d).",
			i18n.Number(int(r.Place)), ente, i18n.Number(int(r.Checkpoint.Size)), epoca),
	}
	for _, c := range r.Cosigned {
		out = append(out, fmt.Sprintf("L'ha cofirmato %s, %s.", c.Name, i18n.Instant(c.At)))
	}
	for _, n := range r.Others {
		out = append(out, fmt.Sprintf("Sotto c'è anche la riga di %s, non controllata: manca la sua chiave.", n))
	}
	if len(r.Cosigned)+len(r.Others) == 0 {
		out = append(out, "Nessun testimone ha cofirmato questo stato del registro.")
	}
	return out
}
