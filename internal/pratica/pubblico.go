package pratica

import (
	"context"
	"errors"
	"strings"

	"tutela/internal/fault"
	"tutela/internal/registro"
)

// PublicLog is what everybody may know of an ente's log: nothing of it is about a
// person.
type PublicLog struct {
	registro.Signed
	Keys      []string // published, the newest last
	Witnesses []Witness
	Agreed    int64 // up to where most of the witnesses saw it
	How       int   // how many of them saw that much
}

// Witness is one whom the ente lists, with what it saw.
type Witness struct {
	Name, Key string
	registro.Seen
}

var (
	errLog = fault.New(fault.Unavailable, "Il registro non è disponibile.")
	// What is shown of a log that is not what was signed: whoever looks must know.
	nonFirma = "Il registro non corrisponde più a quello che l'ente ha firmato: non ne firmiamo un altro stato finché l'ente non dichiara che cosa è successo."
)

// PublicLog is the log of an ente as it is signed now, and who saw it.
func (s *Servizio) PublicLog(ctx context.Context, ente string) (PublicLog, error) {
	var out PublicLog
	if s.Log == nil {
		return out, errLog
	}
	var err error
	if out.Signed, err = s.Log.Latest(ctx, ente); err != nil {
		return out, diverso(err)
	}
	if out.Keys, err = s.Log.Published(ctx, ente); err != nil {
		return out, err
	}
	seen, err := s.Log.Arch.Seen(ctx, ente, out.Epoch)
	if err != nil {
		return out, err
	}
	var all []registro.Seen
	for _, k := range s.testimoni(ente) {
		name, _, _ := strings.Cut(k, "+")
		x, ok := seen[registro.WitnessID(k)]
		if ok {
			all = append(all, x)
		}
		out.Witnesses = append(out.Witnesses, Witness{name, k, x})
	}
	out.Agreed, out.How = registro.Agreed(all, len(out.Witnesses))
	return out, nil
}

// testimoni are the published keys of the witnesses that an ente lists.
func (s *Servizio) testimoni(ente string) []string {
	if a := s.Ambiente(ente); a != nil {
		return a.Testimoni
	}
	return nil
}

// diverso says to the public that the log is not what was signed.
func diverso(err error) error {
	if errors.Is(err, registro.ErrFork) || errors.Is(err, registro.ErrRolledBack) {
		return fault.Wrap(err, fault.Unavailable, nonFirma)
	}
	return err
}

// Checkpoint is the note of a signed state of an ente's log, with the lines of its
// witnesses; of no size, of the last.
func (s *Servizio) Checkpoint(ctx context.Context, ente string, size int64) ([]byte, error) {
	if s.Log == nil {
		return nil, errLog
	}
	x, err := s.Log.Latest(ctx, ente)
	if err != nil {
		return nil, diverso(err)
	}
	if size > 0 && size != x.Size {
		if x, err = s.Log.Arch.Kept(ctx, ente, x.Epoch, size); err != nil {
			return nil, err
		}
		if x.Note == nil {
			return nil, fault.New(fault.NotFound, "A quel numero di voci il registro non è stato firmato.")
		}
	}
	lines, err := s.Log.Arch.Cosigned(ctx, ente, x.Epoch, x.Size)
	if err != nil {
		return nil, err
	}
	return []byte(string(x.Note) + strings.Join(lines, "")), nil
}

// Growth proves that the log with so many leaves is the beginning of the later one.
func (s *Servizio) Growth(ctx context.Context, ente string, from, to int64) ([]registro.Hash, error) {
	if err := s.within(ctx, ente, to); err != nil {
		return nil, err
	}
	if from < 1 || from > to {
		return nil, fault.New(fault.Invalid, "Controlla i campi indicati.").Campo("da", "Scrivi un numero da 1 a quello di «a».")
	}
	return s.Log.Growth(ctx, ente, from, to)
}

// Inclusion proves that the log of so many leaves has the one at a place, from 0.
func (s *Servizio) Inclusion(ctx context.Context, ente string, pos, size int64) ([]registro.Hash, error) {
	if err := s.within(ctx, ente, size); err != nil {
		return nil, err
	}
	if pos < 0 || pos >= size {
		return nil, fault.New(fault.Invalid, "Controlla i campi indicati.").Campo("indice", "Scrivi un numero da 0 fino a prima di «a».")
	}
	return s.Log.Inclusion(ctx, ente, pos, size)
}

// within refuses what is beyond the last state that was signed.
func (s *Servizio) within(ctx context.Context, ente string, size int64) error {
	if s.Log == nil {
		return errLog
	}
	x, err := s.Log.Latest(ctx, ente)
	switch {
	case err != nil:
		return diverso(err)
	case size < 1 || size > x.Size:
		return fault.New(fault.Invalid, "Controlla i campi indicati.").Campo("a", "Scrivi un numero da 1 a quello dell'ultimo stato firmato.")
	}
	return nil
}

// Witnessed keeps the line that a witness put under a checkpoint of ours.
func (s *Servizio) Witnessed(ctx context.Context, ente string, note []byte, line string) (registro.Cosignature, error) {
	if s.Log == nil {
		return registro.Cosignature{}, errLog
	}
	x, err := s.Log.Witnessed(ctx, ente, note, line, s.testimoni(ente))
	switch {
	case errors.Is(err, registro.ErrForeign):
		err = fault.Wrap(err, fault.Invalid, "Controlla i campi indicati.").Campo("checkpoint", "Questo stato del registro non è firmato da noi.")
	case errors.Is(err, registro.ErrWitness):
		err = fault.Wrap(err, fault.Forbidden, "La riga non è di un testimone che questo ente ha in elenco, o non è di questo stato del registro.")
	case errors.Is(err, registro.ErrFork), errors.Is(err, registro.ErrRolledBack):
		err = fault.Wrap(err, fault.Unavailable, nonFirma)
	}
	return x, err
}

// CheckReceipt says what a receipt proves with the keys of this very ente, and up to
// where the log that still has it is signed now. fault.Invalid when it proves nothing,
// fault.Conflict when it is true and the log has it no more.
func (s *Servizio) CheckReceipt(ctx context.Context, ente string, b []byte) (CheckedReceipt, int64, error) {
	now, err := s.PublicLog(ctx, ente)
	if err != nil {
		return CheckedReceipt{}, 0, err
	}
	r, err := CheckReceipt(b, now.Keys, s.testimoni(ente))
	if err != nil {
		return r, 0, err
	}
	if r.Checkpoint.Size > now.Size { // signed in this minute, or lost
		if now.Signed, err = s.Log.Checkpoint(ctx, ente, 0); err != nil {
			return r, 0, diverso(err)
		}
	}
	err = registro.ErrFork
	var proof []registro.Hash
	if r.Checkpoint.Size <= now.Size {
		if proof, err = s.Log.Growth(ctx, ente, r.Checkpoint.Size, now.Size); err != nil {
			return r, 0, err
		}
		err = registro.CheckGrowth(r.Checkpoint, now.Checkpoint, proof)
	}
	if err != nil {
		err = fault.Wrap(err, fault.Conflict, "La ricevuta è vera, ma il registro di oggi non la comprende più: l'ente ha rimesso una copia più vecchia. Portala all'ufficio: la segnalazione va registrata di nuovo.")
	}
	return r, now.Size, err
}
