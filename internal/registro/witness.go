package registro

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	cosigned "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Witnesses keeps what others saw of the log: the checkpoints shown to them, and the
// lines they put under.
type Witnesses interface {
	// Newest is the last checkpoint that was kept; a zero Signed before the first.
	Newest(ctx context.Context, ente string) (Signed, error)
	// Kept is the checkpoint of a size; a zero Signed where none was shown.
	Kept(ctx context.Context, ente string, epoch int, size int64) (Signed, error)
	// SaveCosignature keeps the line of a witness; a second one of the same checkpoint
	// is not.
	SaveCosignature(ctx context.Context, ente string, epoch int, size int64, c Cosignature) error
	// Seen is the largest checkpoint of an epoch that each witness co-signed, by its
	// WitnessID.
	Seen(ctx context.Context, ente string, epoch int) (map[string]Seen, error)
}

// Seen is up to where a witness saw the log, and when.
type Seen struct {
	Size int64
	At   time.Time
}

var (
	// ErrWitness says that a line is of no witness that the ente lists.
	ErrWitness = errors.New("registro: not the line of a listed witness")
	// ErrForeign says that a checkpoint is not signed with the log's own keys.
	ErrForeign = errors.New("registro: not a checkpoint of this log")
)

// NewWitness makes the key of a witness: the half that it keeps, and the one that it
// publishes.
func NewWitness(name string) (secret, published string, err error) {
	if !Valid(name) || len(name) > maxWitness {
		return "", "", fmt.Errorf("%w: a witness cannot have that name", ErrWitness)
	}
	return note.GenerateKey(rand.Reader, name)
}

// WitnessKey is the published half of a witness's key.
func WitnessKey(secret string) (string, error) {
	parts := strings.SplitN(secret, "+", 5) // PRIVATE+KEY+name+hash+key
	if _, err := note.NewSigner(secret); err != nil || len(parts) != 5 {
		return "", fmt.Errorf("%w: it is no key of a witness", ErrWitness)
	}
	b, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(b) != 1+ed25519.SeedSize {
		return "", fmt.Errorf("%w: it is no key of a witness", ErrWitness)
	}
	return VerifierKey(parts[2], Public(ed25519.NewKeyFromSeed(b[1:])))
}

const (
	maxWitness   = 64      // bytes of a name
	maxCosigning = 1 << 10 // bytes of a line
)

// CheckWitnessKey reports with ErrWitness that a text is no published key of a witness.
func CheckWitnessKey(published string) error {
	name, _, _ := strings.Cut(published, "+")
	if _, err := cosigned.VKeyToCosignatureV1(published); err != nil || !Valid(name) || len(name) > maxWitness {
		return fmt.Errorf("%w: it is not a key as its witness published it", ErrWitness)
	}
	return nil
}

// WitnessID names a published key: the witness's name and the key's hash.
func WitnessID(published string) string { return published[:strings.LastIndex(published, "+")] }

// CosignerName is who put a line under a note, as the line says; empty where it is none.
func CosignerName(line string) string {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "— ")
	name, sig, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 || !Valid(name) || strings.ContainsAny(sig, " \n") {
		return ""
	}
	return name
}

// fresh is how long a checkpoint is the last: whoever only looks does not make the log
// sign.
const fresh = time.Minute

// Latest is the last signed state of the log: at most a minute old, unless nothing was
// added since.
func (l *Log) Latest(ctx context.Context, ente string) (Signed, error) {
	s, err := l.Arch.Newest(ctx, ente)
	if err != nil || s.Note != nil && l.Now().Sub(s.At).Abs() < fresh {
		return s, err
	}
	return l.Checkpoint(ctx, ente, 0)
}

// Inclusion proves that the log of n leaves has the one at a place.
func (l *Log) Inclusion(ctx context.Context, ente string, pos, n int64) ([]Hash, error) {
	p, err := tlog.ProveRecord(n, pos, l.Arch.Hashes(ctx, ente))
	if err != nil {
		return nil, fmt.Errorf("prove a leaf: %w", err)
	}
	return p, nil
}

// Witnessed keeps the line that one of the listed witnesses put under a checkpoint of
// this log. ErrFork and ErrRolledBack when the checkpoint is signed with our keys and
// the database does not have it: whoever holds it holds the proof.
func (l *Log) Witnessed(ctx context.Context, ente string, signed []byte, line string, listed []string) (Cosignature, error) {
	keys, err := l.Published(ctx, ente)
	if err != nil {
		return Cosignature{}, err
	}
	c, err := OpenCheckpoint(signed, keys...)
	if err != nil {
		return Cosignature{}, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	i := slices.IndexFunc(listed, func(w string) bool { _, err := CheckCosignature(signed, line, w); return err == nil })
	if i < 0 || len(line) > maxCosigning {
		return Cosignature{}, ErrWitness
	}
	x, err := CheckCosignature(signed, line, listed[i])
	if err != nil {
		return x, err
	}
	_, epoch, err := ParseOrigin(c.Origin)
	if err != nil {
		return x, err
	}
	ours, err := l.Arch.Kept(ctx, ente, epoch, c.Size)
	switch {
	case err != nil:
		return x, err
	case ours.Note == nil:
		if now, _, err := l.Arch.Log(ctx, ente); err != nil || epoch < now { // what was lost was declared
			return x, errors.Join(err, fmt.Errorf("%w: epoch %d is over", ErrForeign, epoch))
		}
		return x, l.broken(fmt.Errorf("%w: %d leaves in epoch %d were signed", ErrRolledBack, c.Size, epoch))
	case ours.Root != c.Root:
		return x, l.broken(fmt.Errorf("%w: at %d leaves in epoch %d", ErrFork, c.Size, epoch))
	}
	return x, l.Arch.SaveCosignature(ctx, ente, epoch, c.Size, x)
}

// Agreed is up to where most of the witnesses saw the log, and how many of them saw
// that much; as long as most saw nothing, up to where any did.
func Agreed(seen []Seen, listed int) (n int64, how int) {
	if len(seen) == 0 {
		return 0, 0
	}
	sizes := make([]int64, len(seen))
	for i, s := range seen {
		sizes[i] = s.Size
	}
	slices.SortFunc(sizes, func(a, b int64) int { return int(b - a) })
	if most := listed/2 + 1; most <= len(sizes) {
		n = sizes[most-1]
	} else {
		n = sizes[0]
	}
	for _, s := range sizes {
		if s >= n {
			how++
		}
	}
	return n, how
}
