package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Gettone is what the index keeps of a term: HMAC-SHA256 of it under the key of
// its compartment and year, cut to 8 bytes.
type Gettone [8]byte

// Tokenizer turns terms into tokens under the key of one compartment and one
// year of registration. It remembers common terms, so it is only for
// compartments the server itself can read. Safe for many goroutines.
type Tokenizer struct {
	macs   sync.Pool // of *mac
	known  *cache[uint64]
	fields *cache[[]uint64] // what stands between two spaces, as it was written
}

type mac struct {
	hash.Hash
	term []byte
	sum  []byte
}

// NewTokenizer is a tokenizer under key, of at least 16 bytes.
func NewTokenizer(key []byte) *Tokenizer {
	if len(key) < minKey {
		panic("vault: key too short")
	}
	t := &Tokenizer{known: newCache[uint64](1 << 13), fields: newCache[[]uint64](1 << 13)}
	key = slices.Clone(key)
	t.macs.New = func() any { return &mac{Hash: hmac.New(sha256.New, key)} }
	return t
}

// Gettoni gives the tokens of the terms that Parole, Nomi or Domanda made, in
// growing order, each once.
func (t *Tokenizer) Gettoni(terms []string) []Gettone {
	m := t.macs.Get().(*mac)
	defer t.macs.Put(m)
	numbers := make([]uint64, len(terms))
	t.known.fill(terms, numbers, m.token)
	return sorted(numbers)
}

// Testo gives the tokens of what Parole gives for the text, and of the other
// terms. It is Gettoni for whole texts: most of their words it has met before,
// and those it neither folds nor stems again.
func (t *Tokenizer) Testo(text string, others []string) []Gettone {
	m := t.macs.Get().(*mac)
	defer t.macs.Put(m)
	if mayHoldPhones(text) {
		others = append(phonesIn(fold(text)), others...)
	}
	numbers := make([]uint64, len(others), len(others)+len(text)/4)
	t.known.fill(others, numbers, m.token)
	read := func(field string) []uint64 {
		terms := wordTerms(fold(field))
		out := make([]uint64, len(terms))
		t.known.fill(terms, out, m.token)
		return out
	}
	fields := strings.Fields(text)
	short := fields[:0]
	for _, f := range fields {
		if len(f) > maxWord { // rare, and not to be remembered
			numbers = append(numbers, read(f)...)
		} else {
			short = append(short, f)
		}
	}
	known := make([][]uint64, len(short))
	t.fields.fill(short, known, read)
	for _, n := range known {
		numbers = append(numbers, n...)
	}
	return sorted(numbers)
}

func sorted(numbers []uint64) []Gettone {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	out := make([]Gettone, len(numbers))
	for i, n := range numbers {
		binary.BigEndian.PutUint64(out[i][:], n)
	}
	return out
}

// mayHoldPhones reports whether a text has anything that folds to a digit.
func mayHoldPhones(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return '0' <= r && r <= '9' || r >= utf8.RuneSelf && (unicode.IsNumber(r) || unicode.IsSymbol(r))
	})
}

func (m *mac) token(term string) uint64 {
	m.Reset()
	m.term = append(m.term[:0], term...)
	m.Write(m.term)
	m.sum = m.Sum(m.sum[:0])
	return binary.BigEndian.Uint64(m.sum)
}

// cache remembers at most twice max values in two generations: when the young
// one is full it becomes the old one, and the old one is forgotten.
type cache[V any] struct {
	max        int
	mu         sync.RWMutex
	young, old map[string]V
}

func newCache[V any](max int) *cache[V] { return &cache[V]{max: max, young: map[string]V{}} }

// fill sets out[i] to the value of keys[i], making what it does not know.
func (c *cache[V]) fill(keys []string, out []V, make func(string) V) {
	var unknown, aged []int
	c.mu.RLock()
	for i, k := range keys {
		v, ok := c.young[k]
		if !ok {
			if v, ok = c.old[k]; ok {
				aged = append(aged, i)
			} else {
				unknown = append(unknown, i)
			}
		}
		out[i] = v
	}
	c.mu.RUnlock()
	if len(unknown)+len(aged) == 0 {
		return
	}
	for _, i := range unknown {
		out[i] = make(keys[i])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range append(unknown, aged...) {
		if len(c.young) >= c.max {
			c.old, c.young = c.young, map[string]V{}
		}
		c.young[strings.Clone(keys[i])] = out[i] // a clone: keys are parts of whole texts
	}
}

// IndexKey is a key of the searchable words of one year of registration. A year has
// one, and two while its words are being written again.
type IndexKey struct {
	Anno, N int
	Key     []byte
}

// IndexKeys is the store of the keys of searchable words.
type IndexKeys interface {
	// IndexKeys are those of a compartment, by year, oldest first.
	IndexKeys(comparto string) ([]IndexKey, error)
	// NewIndexKey makes number n of a year, unless it is there.
	NewIndexKey(comparto string, anno, n int) error
}

// Tokenizers holds the tokenizers that were asked for. Safe for many goroutines.
type Tokenizers struct {
	keys   IndexKeys
	mu     sync.Mutex
	known  map[place]*Tokenizer
	newest map[place]int // of a year, with n zero
}

type place struct {
	comparto string
	anno, n  int
}

// NewTokenizers takes the index keys from where they are kept.
func NewTokenizers(keys IndexKeys) *Tokenizers {
	return &Tokenizers{keys: keys, known: map[place]*Tokenizer{}, newest: map[place]int{}}
}

// For is the tokenizer that writes the words of a year: of its newest key, which is
// made if there is none.
func (t *Tokenizers) For(comparto string, anno int) (*Tokenizer, error) {
	t.mu.Lock()
	n := t.newest[place{comparto, anno, 0}]
	known := t.known[place{comparto, anno, n}]
	t.mu.Unlock()
	if known != nil {
		return known, nil
	}
	for range 2 {
		years, err := t.Years(comparto)
		if err != nil {
			return nil, err
		}
		for _, y := range slices.Backward(years) {
			if y.Anno == anno {
				t.mu.Lock()
				t.newest[place{comparto, anno, 0}] = y.N
				t.mu.Unlock()
				return y.Tokenizer, nil
			}
		}
		if err := t.keys.NewIndexKey(comparto, anno, 1); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("vault: a key of searchable words was made and is not there")
}

// Year is a tokenizer with what it is of.
type Year struct {
	Anno, N int
	*Tokenizer
}

// Years are the tokenizers of a compartment, by year, oldest key first: what is
// searched in a year may be under any of its keys.
func (t *Tokenizers) Years(comparto string) ([]Year, error) {
	keys, err := t.keys.IndexKeys(comparto)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Year, len(keys))
	for i, k := range keys {
		at := place{comparto, k.Anno, k.N}
		if t.known[at] == nil {
			t.known[at] = NewTokenizer(k.Key)
		}
		out[i] = Year{k.Anno, k.N, t.known[at]}
	}
	return out, nil
}

// Forget drops the tokenizers of a year and the words they remember: its keys have
// changed.
func (t *Tokenizers) Forget(comparto string, anno int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.newest, place{comparto, anno, 0})
	for at := range t.known {
		if at.comparto == comparto && at.anno == anno {
			delete(t.known, at)
		}
	}
}
