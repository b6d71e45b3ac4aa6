package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
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

// Tokenizers holds the tokenizer of each compartment and year of registration
// that was asked for. Safe for many goroutines.
type Tokenizers struct {
	key    func(comparto string, anno int) ([]byte, error)
	mu     sync.Mutex
	places map[place]*Tokenizer
}

type place struct {
	comparto string
	anno     int
}

// NewTokenizers takes from where the index keys come. key is called once per
// compartment and year, until Forget.
func NewTokenizers(key func(comparto string, anno int) ([]byte, error)) *Tokenizers {
	return &Tokenizers{key: key, places: map[place]*Tokenizer{}}
}

// For is the tokenizer of a compartment and year, or the error of its key.
func (t *Tokenizers) For(comparto string, anno int) (*Tokenizer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := place{comparto, anno}
	if known := t.places[at]; known != nil {
		return known, nil
	}
	key, err := t.key(comparto, anno)
	if err != nil {
		return nil, err
	}
	t.places[at] = NewTokenizer(key)
	return t.places[at], nil
}

// Forget drops a tokenizer and the words it remembers: after its key was
// replaced, the next For asks for the new one.
func (t *Tokenizers) Forget(comparto string, anno int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.places, place{comparto, anno})
}
