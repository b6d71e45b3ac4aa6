package registro

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/time/rate"
)

// Archive is where the log stands: with the acts, written in their transaction.
type Archive interface {
	// Log is where an ente's log ends; one that is not begun has no leaf, in epoch 1.
	Log(ctx context.Context, ente string) (epoch int, edge Edge, err error)
	// Epoch is the epoch in which the leaf at a place was added.
	Epoch(ctx context.Context, ente string, pos int64) (int, error)
	// Hashes reads its stored hashes; ErrBroken where one is missing.
	Hashes(ctx context.Context, ente string) tlog.HashReader
	// Counters are the last numbers of its registers, by register and year.
	Counters(ctx context.Context, ente string) (map[string]int, error)
	SaveCheckpoint(ctx context.Context, ente string, s Signed) error
	// Cosigned are the lines of witnesses under a checkpoint.
	Cosigned(ctx context.Context, ente string, epoch int, size int64) ([]string, error)
	Witnesses
	// Records are those of a kind that stand in the log, oldest first; Say adds one.
	Records(ctx context.Context, ente, kind string) ([]Record, error)
	Say(ctx context.Context, ente, kind string, record []byte) error
	// Restore adds the declaration that begins an epoch, in which the counters go on from
	// those given, and gives the log after it.
	Restore(ctx context.Context, ente string, r Restore, counters map[string]int) (Edge, error)
}

// Keys is the key store: the keys that sign, and what was signed last, apart from the
// database that could be put back or changed.
type Keys interface {
	// LogKeys are the keys that sign an ente's log, the newest last.
	LogKeys(ctx context.Context, ente string) ([]ed25519.PrivateKey, error)
	// NewLogKey makes the next one.
	NewLogKey(ctx context.Context, ente string) error
	// Fixed is what was signed last; a zero State before the first time.
	Fixed(ctx context.Context, ente string) (State, error)
	// Fix makes a state durable, unless a later one is there already. ErrFork when
	// another one of the same size is.
	Fix(ctx context.Context, ente string, s State) error
}

// State is what the ente has put its signature to.
type State struct {
	Epoch    int            `json:"epoca"`
	Size     int64          `json:"n"`
	Root     Hash           `json:"radice"`
	Counters map[string]int `json:"contatori"` // last number of each register and year
}

// Checkpoint is the state as it is signed.
func (s State) Checkpoint(ente string) Checkpoint {
	return Checkpoint{Origin(ente, s.Epoch), s.Size, s.Root}
}

// Signed is a checkpoint with its note.
type Signed struct {
	Checkpoint
	Epoch int
	At    time.Time
	Note  []byte
}

// ErrRolledBack says that the database holds less than was signed: an older copy was
// put back.
var ErrRolledBack = errors.New("registro: the database is older than what was signed")

// Log signs the logs of the enti and proves what is in them. Safe for many goroutines.
type Log struct {
	Arch Archive
	Keys Keys
	Now  func() time.Time
	// Broken is told when the database no longer holds what was signed: nothing new
	// should be taken. Nil: nobody is.
	Broken func(error)

	mu   sync.Mutex
	enti map[string]*state
}

type state struct {
	mu   sync.Mutex
	pace *rate.Limiter // one signature a second, however many ask
	last Signed
}

func (l *Log) of(ente string) *state {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.enti == nil {
		l.enti = map[string]*state{}
	}
	if l.enti[ente] == nil {
		l.enti[ente] = &state{pace: rate.NewLimiter(1, 2)}
	}
	return l.enti[ente]
}

// Checkpoint is a signed state of an ente's log with at least so many leaves. What
// follows from the last one signed is checked first; then it is made durable in the
// key store; then it is shown. ErrFork and ErrRolledBack when the database no longer
// holds what was signed: then nothing is.
func (l *Log) Checkpoint(ctx context.Context, ente string, atLeast int64) (Signed, error) {
	s := l.of(ente)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.Note != nil && s.last.Size >= atLeast && atLeast > 0 {
		return s.last, nil
	}
	epoch, edge, err := l.Arch.Log(ctx, ente)
	if err != nil {
		return Signed{}, err
	}
	if s.last.Note != nil && s.last.Size == edge.N && s.last.Epoch == epoch {
		return s.last, nil
	}
	if edge.N < atLeast {
		return Signed{}, fmt.Errorf("%w: it has %d leaves, not %d", ErrRolledBack, edge.N, atLeast)
	}
	if err := s.pace.Wait(ctx); err != nil {
		return Signed{}, fmt.Errorf("wait for a checkpoint: %w", err)
	}
	if epoch, edge, err = l.Arch.Log(ctx, ente); err != nil { // what came meanwhile too
		return Signed{}, err
	}
	now := State{Epoch: epoch, Size: edge.N, Root: edge.Root()}
	if err := l.follows(ctx, ente, now); err != nil {
		return Signed{}, l.broken(err)
	}
	if now.Counters, err = l.Arch.Counters(ctx, ente); err != nil {
		return Signed{}, err
	}
	keys, err := l.signing(ctx, ente)
	if err != nil {
		return Signed{}, err
	}
	if err := l.Keys.Fix(ctx, ente, now); err != nil {
		return Signed{}, err
	}
	out := Signed{Checkpoint: now.Checkpoint(ente), Epoch: epoch, At: l.Now().UTC()}
	if out.Note, err = out.Sign(keys...); err != nil {
		return Signed{}, err
	}
	if err := l.Arch.SaveCheckpoint(ctx, ente, out); err != nil {
		return Signed{}, err
	}
	s.last = out
	return out, nil
}

// Published are the keys with which an ente's checkpoints are checked, as they are
// written for whoever checks.
func (l *Log) Published(ctx context.Context, ente string) ([]string, error) {
	epoch, _, err := l.Arch.Log(ctx, ente)
	if err != nil {
		return nil, err
	}
	keys, err := l.Keys.LogKeys(ctx, ente)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, k := range keys {
		p, err := VerifierKey(Origin(ente, epoch), Public(k))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// broken tells of an error that says so.
func (l *Log) broken(err error) error {
	if l.Broken != nil && (errors.Is(err, ErrFork) || errors.Is(err, ErrRolledBack)) {
		l.Broken(err)
	}
	return err
}

// follows checks that a state only adds to the one that was signed last.
func (l *Log) follows(ctx context.Context, ente string, now State) error {
	fixed, err := l.Keys.Fixed(ctx, ente)
	if err != nil || fixed.Size == 0 {
		return err
	}
	if now.Epoch > fixed.Epoch {
		return fmt.Errorf("%w: epoch %d was not opened here", ErrFork, now.Epoch)
	}
	if now.Size < fixed.Size || now.Epoch < fixed.Epoch {
		return fmt.Errorf("%w: %d leaves in epoch %d, and %d in epoch %d were signed", ErrRolledBack, now.Size, now.Epoch, fixed.Size, fixed.Epoch)
	}
	proof, err := l.Growth(ctx, ente, fixed.Size, now.Size)
	if err != nil {
		return err
	}
	return CheckGrowth(fixed.Checkpoint(ente), now.Checkpoint(ente), proof)
}

// Whole reports whether the database still holds what was signed: asked at the start,
// before anything new is taken.
func (l *Log) Whole(ctx context.Context, ente string) error {
	epoch, edge, err := l.Arch.Log(ctx, ente)
	if err != nil {
		return err
	}
	return l.follows(ctx, ente, State{Epoch: epoch, Size: edge.N, Root: edge.Root()})
}

// Restore declares that an older state was put back: an epoch begins, the numbers that
// had been signed and are lost are annulled and not given again. Whether there is
// something to declare, who asks knows.
func (l *Log) Restore(ctx context.Context, ente, reason string) (Restore, error) {
	if err := l.Whole(ctx, ente); err != nil && !errors.Is(err, ErrRolledBack) && !errors.Is(err, ErrFork) {
		return Restore{}, err
	}
	fixed, err := l.Keys.Fixed(ctx, ente)
	if err != nil {
		return Restore{}, err
	}
	epoch, edge, err := l.Arch.Log(ctx, ente)
	if err != nil {
		return Restore{}, err
	}
	have, err := l.Arch.Counters(ctx, ente)
	if err != nil {
		return Restore{}, err
	}
	r := Restore{Epoch: max(epoch, fixed.Epoch) + 1, Signed: fixed.Size, Root: fixed.Root, From: edge.N, Reason: reason, Annulled: map[string][]int{}}
	for k, n := range fixed.Counters {
		if n > have[k] {
			r.Annulled[k] = []int{have[k] + 1, n}
			have[k] = n
		}
	}
	if edge, err = l.Arch.Restore(ctx, ente, r, have); err != nil {
		return r, err
	}
	s := l.of(ente)
	s.mu.Lock()
	s.last = Signed{} // of an epoch that is over
	s.mu.Unlock()
	return r, l.Keys.Fix(ctx, ente, State{Epoch: r.Epoch, Size: edge.N, Root: edge.Root(), Counters: have})
}

// Growth proves that the log of m leaves is the beginning of that of n.
func (l *Log) Growth(ctx context.Context, ente string, m, n int64) ([]Hash, error) {
	if m == 0 || m == n {
		return nil, nil
	}
	p, err := tlog.ProveTree(n, m, l.Arch.Hashes(ctx, ente))
	if err != nil {
		return nil, fmt.Errorf("prove growth: %w", err)
	}
	return p, nil
}

// Receipt proves that the leaf with that text is at that place of the log.
func (l *Log) Receipt(ctx context.Context, ente string, text []byte, pos int64) (Receipt, error) {
	signed, err := l.Checkpoint(ctx, ente, pos+1)
	if err != nil {
		return Receipt{}, err
	}
	proof, err := tlog.ProveRecord(signed.Size, pos, l.Arch.Hashes(ctx, ente))
	if err != nil {
		return Receipt{}, fmt.Errorf("prove a leaf: %w", err)
	}
	if err := tlog.CheckRecord(proof, signed.Size, signed.Root, pos, HashText(text)); err != nil {
		return Receipt{}, fmt.Errorf("%w: leaf %d: %w", ErrBroken, pos, err)
	}
	lines, err := l.Arch.Cosigned(ctx, ente, signed.Epoch, signed.Size)
	if err != nil {
		return Receipt{}, err
	}
	return NewReceipt(text, pos, proof, signed.Note, lines...), nil
}
