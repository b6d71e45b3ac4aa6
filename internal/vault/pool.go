package vault

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"

	"tutela/internal/fault"
)

// Slot is a case key made ahead, and the number under which the key store keeps
// it. A slot serves one case (or draft) and no other. It prints its number only.
type Slot struct {
	ID  int64
	Key []byte `json:"-"` // 32 bytes
}

// Format prints the number, never the key.
func (s Slot) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "slot "+strconv.FormatInt(s.ID, 10))
}

// LogValue logs the number, never the key.
func (s Slot) LogValue() slog.Value { return slog.Int64Value(s.ID) }

// Slots is the key store, kept apart from the database.
type Slots interface {
	// Lease gives n slots never given before, in growing order, durably marked
	// as given before it returns: a crash wastes them.
	Lease(ctx context.Context, n int) ([]Slot, error)
	// Key is the key of one slot, or fault.NotFound once it is eliminated.
	Key(ctx context.Context, id int64) ([]byte, error)
	// Keys are the keys of many slots by number; those eliminated are left out.
	Keys(ctx context.Context, ids []int64) (map[int64][]byte, error)
}

const (
	lot = 256     // slots leased at a time
	low = lot / 2 // with this many left the next lot is fetched
)

// Pool keeps leased slots ready, so that a new case waits for no disk but its
// own commit. Safe for many goroutines.
type Pool struct {
	slots Slots
	ctx   context.Context
	stop  context.CancelFunc

	mu    sync.Mutex
	ready []Slot
	fill  *filling // the lease under way, or nil
}

type filling struct {
	done chan struct{}
	err  error // read after done
}

// NewPool is a pool over the key store. It leases nothing until the first Take.
func NewPool(slots Slots) *Pool {
	ctx, stop := context.WithCancel(context.Background())
	return &Pool{slots: slots, ctx: ctx, stop: stop}
}

// Take gives the next slot. While any is left it does not wait; with none left
// it waits for the lease under way. A lease that fails, or a closed pool, is
// fault.Unavailable; a ctx that ends is its error.
func (p *Pool) Take(ctx context.Context) (Slot, error) {
	for {
		p.mu.Lock()
		if p.ctx.Err() != nil {
			p.mu.Unlock()
			return Slot{}, fault.New(fault.Unavailable, "Il servizio si sta fermando. Riprova tra poco.")
		}
		if len(p.ready) > 0 {
			s := p.ready[0]
			p.ready[0] = Slot{} // the pool forgets the key it gave
			p.ready = p.ready[1:]
			if len(p.ready) <= low {
				p.refill()
			}
			p.mu.Unlock()
			return s, nil
		}
		f := p.refill()
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			return Slot{}, ctx.Err()
		case <-f.done:
			if f.err != nil {
				return Slot{}, fault.Wrap(f.err, fault.Unavailable, "Ora non riusciamo a registrare. Riprova tra poco.")
			}
		}
	}
}

// refill starts a lease unless one is under way; p.mu is held.
func (p *Pool) refill() *filling {
	if p.fill != nil {
		return p.fill
	}
	f := &filling{done: make(chan struct{})}
	p.fill = f
	go func() {
		got, err := p.slots.Lease(p.ctx, lot)
		if err == nil && len(got) == 0 {
			err = fmt.Errorf("vault: the key store leased no slot")
		}
		p.mu.Lock()
		p.ready = append(p.ready, got...)
		p.fill = nil
		p.mu.Unlock()
		f.err = err
		close(f.done)
	}()
	return f
}

// Close ends a lease under way and waits for it. Slots not taken are lost.
func (p *Pool) Close() {
	p.mu.Lock()
	p.stop()
	f := p.fill
	p.ready = nil
	p.mu.Unlock()
	if f != nil {
		<-f.done
	}
}
