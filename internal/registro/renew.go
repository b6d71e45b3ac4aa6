package registro

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"time"
)

// KindKey is the record that says that the log has a new key. Until it stands in the log
// the key signs nothing; from then on, the one before signs beside it for Overlap, so
// that who checks with either has the time to get the other.
const (
	KindKey = "chiave"
	Overlap = 365 * 24 * time.Hour
)

// newKey is what that record says.
type newKey struct {
	N      int    `json:"n"`
	Public []byte `json:"pubblica"`
}

// Renew gives an ente's log a new key, and says so in the log. Stopped in between, it is
// to be called again: a key that was made and not said is said.
func (l *Log) Renew(ctx context.Context, ente string) error {
	keys, said, err := l.keys(ctx, ente)
	if err != nil {
		return err
	}
	if len(keys) == len(said)+1 {
		if err := l.Keys.NewLogKey(ctx, ente); err != nil {
			return err
		}
		if keys, err = l.Keys.LogKeys(ctx, ente); err != nil {
			return err
		}
	}
	n := len(said) + 2
	if len(keys) < n {
		return fmt.Errorf("%w: the key store has %d keys, the log says %d", ErrRolledBack, len(keys), len(said)+1)
	}
	text, err := json.Marshal(newKey{n, Public(keys[n-1])})
	if err != nil {
		return fmt.Errorf("encode the key: %w", err)
	}
	return l.Arch.Say(ctx, ente, KindKey, text)
}

// keys are those of the key store, and what the log says of all but the first.
func (l *Log) keys(ctx context.Context, ente string) (keys []ed25519.PrivateKey, said []Record, err error) {
	if keys, err = l.Keys.LogKeys(ctx, ente); err != nil {
		return nil, nil, err
	}
	said, err = l.Arch.Records(ctx, ente, KindKey)
	return keys, said, err
}

// signing are the keys that sign now: the newest that the log speaks of, and those whose
// place was taken less than Overlap ago.
func (l *Log) signing(ctx context.Context, ente string) ([]ed25519.PrivateKey, error) {
	keys, err := l.Keys.LogKeys(ctx, ente)
	if err != nil || len(keys) == 1 {
		return keys, err
	}
	said, err := l.Arch.Records(ctx, ente, KindKey)
	if err != nil {
		return nil, err
	}
	newest := min(len(keys), len(said)+1)
	first := newest - 1
	for first > 0 && l.Now().Sub(said[first-1].At) < Overlap {
		first--
	}
	return keys[first:newest], nil
}

// CheckKeys checks that the keys that sign are those that the log speaks of.
func (l *Log) CheckKeys(ctx context.Context, ente string) error {
	keys, said, err := l.keys(ctx, ente)
	if err != nil {
		return err
	}
	for i, r := range said {
		var k newKey
		switch err := json.Unmarshal(r.Text, &k); {
		case err != nil || k.N != i+2:
			return Wrong("Quello che il registro dice della sua chiave n. %d non si legge.", i+2)
		case len(keys) < k.N:
			return Wrong("Il registro parla della sua chiave n. %d, e nel deposito delle chiavi non c'è: il deposito è più vecchio del registro.", k.N)
		case !Public(keys[k.N-1]).Equal(ed25519.PublicKey(k.Public)):
			return Wrong("La chiave n. %d del registro non è quella di cui il registro parla: è stata cambiata.", k.N)
		}
	}
	if len(keys) > len(said)+2 {
		return Wrong("Nel deposito ci sono %d chiavi del registro, e il registro parla di %d.", len(keys), len(said)+1)
	}
	return nil
}
