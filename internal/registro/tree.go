package registro

import (
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Edge is the right edge of a tree of N leaves: the roots of its whole subtrees, the
// largest first. It is all that one more leaf needs, so that appending reads nothing.
type Edge struct {
	N      int64
	Hashes []Hash
}

// ErrEdge says that bytes are not the edge of a tree of that size.
var ErrEdge = errors.New("registro: not the edge of the tree")

// ParseEdge reads what Bytes wrote, for a tree of n leaves.
func ParseEdge(n int64, b []byte) (Edge, error) {
	e := Edge{N: n}
	if n < 0 || len(b) != bits.OnesCount64(uint64(n))*tlog.HashSize {
		return e, ErrEdge
	}
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		e.Hashes = append(e.Hashes, Hash(b[:tlog.HashSize]))
	}
	return e, nil
}

// EdgeAt is the right edge that the tree had at n leaves, from the stored hashes.
func EdgeAt(n int64, r tlog.HashReader) (Edge, error) {
	e := Edge{N: n}
	var idx []int64
	for level := 62; level >= 0; level-- { // of each whole subtree, the largest first
		if n&(1<<level) != 0 {
			idx = append(idx, tlog.StoredHashIndex(level, (n>>level)-1))
		}
	}
	if len(idx) == 0 {
		return e, nil
	}
	var err error
	e.Hashes, err = r.ReadHashes(idx)
	return e, err
}

// Bytes are the hashes of the edge, one after the other.
func (e Edge) Bytes() []byte {
	out := make([]byte, 0, len(e.Hashes)*tlog.HashSize)
	for _, h := range e.Hashes {
		out = append(out, h[:]...)
	}
	return out
}

// Append adds a leaf and gives the tree after it, with the hashes to be stored: of the
// leaf and of the subtrees it completes, in tlog's order from First on. The edge it is
// called on stays as it is.
func (e Edge) Append(leaf Hash) (after Edge, stored []Hash) {
	after = Edge{N: e.N + 1, Hashes: append(make([]Hash, 0, len(e.Hashes)+1), e.Hashes...)}
	stored = append(stored, leaf)
	for n := e.N; n&1 == 1; n >>= 1 {
		last := len(after.Hashes) - 1
		leaf = tlog.NodeHash(after.Hashes[last], leaf)
		after.Hashes = after.Hashes[:last]
		stored = append(stored, leaf)
	}
	after.Hashes = append(after.Hashes, leaf)
	return after, stored
}

// First is where the hashes of the next leaf are stored.
func (e Edge) First() int64 { return tlog.StoredHashCount(e.N) }

// Root is the tree's own hash.
func (e Edge) Root() Hash {
	if len(e.Hashes) == 0 {
		h, err := tlog.TreeHash(0, nil)
		if err != nil {
			panic(err) // of nothing: it reads nothing
		}
		return h
	}
	last := len(e.Hashes) - 1
	root := e.Hashes[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(e.Hashes[i], root)
	}
	return root
}

// ErrBroken says that what is stored of a log is not what was stored.
var ErrBroken = errors.New("registro: the stored log is broken")

// Finding is what a verification found wrong, in words for who reads it. It is
// ErrBroken.
type Finding struct{ Text string }

func (f *Finding) Error() string { return f.Text }

// Is makes every finding ErrBroken.
func (f *Finding) Is(target error) bool { return target == ErrBroken }

// Wrong is a Finding.
func Wrong(format string, args ...any) error { return &Finding{fmt.Sprintf(format, args...)} }
