package registro

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	compactVersion = 1
	signatureSize  = 4 + 64 // hash of the key, Ed25519
	maxSignatures  = 4
	maxProof       = 64
)

// Compact is the receipt in as few symbols as a QR code wants: base64url of its values in
// their order. The root is left out, since the proof gives it, and so are the lines of
// witnesses.
func (r Receipt) Compact() (string, error) {
	leaf, err := ParseLeaf([]byte(r.Leaf))
	if err != nil {
		return "", err
	}
	c, err := ReadCheckpoint([]byte(r.Checkpoint))
	if err != nil {
		return "", err
	}
	_, signed, _ := strings.Cut(r.Checkpoint, "\n\n")
	origin := c.Origin
	if origin == leaf.Log {
		origin = ""
	}
	b := []byte{compactVersion}
	for _, s := range []string{leaf.Log, leaf.Registro, leaf.Numero, leaf.Pratica, leaf.Kind} {
		b = appendText(b, s)
	}
	b = binary.AppendUvarint(b, uint64(leaf.Seq))
	b = binary.AppendUvarint(b, uint64(leaf.Istante.UnixMilli()))
	b = append(b, leaf.Busta[:]...)
	for _, h := range []*Hash{leaf.Contenuto, leaf.Precedente} {
		if h == nil {
			b = append(b, 0)
		} else {
			b = append(append(b, 1), h[:]...)
		}
	}
	b = append(b, leaf.Sale[:]...)
	b = binary.AppendUvarint(b, uint64(r.Index))
	b = binary.AppendUvarint(b, uint64(c.Size))
	b = appendText(b, origin)
	var sigs [][]byte
	for line := range strings.Lines(signed) {
		name, sig, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "— "), " ")
		if x, err := base64.StdEncoding.DecodeString(sig); name == c.Origin && err == nil && len(x) == signatureSize {
			sigs = append(sigs, x)
		}
	}
	sigs = sigs[max(0, len(sigs)-maxSignatures):] // of the newest keys: more of them have no room
	b = append(b, byte(len(sigs)))
	b = append(b, slices.Concat(sigs...)...)
	for _, h := range r.Proof {
		b = append(b, h[:]...)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// ParseCompact reads what Compact wrote, alone or behind the # of an address. It proves
// nothing yet: see Verify.
func ParseCompact(s string) (Receipt, error) {
	if i := strings.LastIndexByte(s, '#'); i >= 0 {
		s = s[i+1:]
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimSpace(s))
	if err != nil || len(b) > maxReceipt || len(b) == 0 || b[0] != compactVersion {
		return Receipt{}, errors.Join(ErrReceipt, err)
	}
	x := &compact{b: b[1:]}
	leaf := Leaf{Log: x.text(), Registro: x.text(), Numero: x.text(), Pratica: x.text(), Kind: x.text(), Seq: int(x.number()),
		Istante: time.UnixMilli(x.number()).UTC(), Busta: x.hash(), Contenuto: x.maybe(), Precedente: x.maybe(), Sale: [16]byte(x.take(16))}
	r := Receipt{V: receiptVersion, Index: x.number()}
	c := Checkpoint{Size: x.number(), Origin: x.text()}
	if c.Origin == "" {
		c.Origin = leaf.Log
	}
	n := int(x.take(1)[0])
	if n > maxSignatures {
		return Receipt{}, ErrReceipt
	}
	signed := "\n"
	for range n {
		signed += "— " + c.Origin + " " + base64.StdEncoding.EncodeToString(x.take(signatureSize)) + "\n"
	}
	for len(x.b) > 0 && len(r.Proof) < maxProof {
		r.Proof = append(r.Proof, x.hash())
	}
	text, err := leaf.Text()
	if err == nil {
		_, err = ParseLeaf(text)
	}
	if err != nil || x.short || len(x.b) > 0 {
		return Receipt{}, errors.Join(ErrReceipt, err)
	}
	if c.Root, err = rootOf(r.Proof, c.Size, r.Index, HashText(text)); err != nil {
		return Receipt{}, err
	}
	r.Leaf, r.Checkpoint = string(text), c.Text()+signed
	return r, nil
}

// compact is a receipt that is being read; short: it ended before its values did.
type compact struct {
	b     []byte
	short bool
}

func (x *compact) take(n int) []byte {
	if n > len(x.b) {
		x.short = true
		return make([]byte, min(n, maxReceipt))
	}
	out := x.b[:n]
	x.b = x.b[n:]
	return out
}

func (x *compact) number() int64 {
	n, size := binary.Uvarint(x.b)
	if size <= 0 || n > 1<<53 || size > 1 && x.b[size-1] == 0 { // a page reads it too; one spelling only
		x.short = true
		return 0
	}
	x.b = x.b[size:]
	return int64(n)
}

func (x *compact) text() string {
	n := x.number()
	if n > int64(len(x.b)) {
		x.short = true
		return ""
	}
	return string(x.take(int(n)))
}

func (x *compact) hash() Hash { return Hash(x.take(len(Hash{}))) }

func (x *compact) maybe() *Hash {
	switch x.take(1)[0] {
	case 0:
		return nil
	case 1:
		h := x.hash()
		return &h
	}
	x.short = true
	return nil
}

// rootOf is the root of the tree of that size in which the proof puts a leaf.
//
// ref: rfc6962
func rootOf(proof []Hash, size, index int64, leaf Hash) (Hash, error) {
	if index < 0 || index >= size {
		return Hash{}, fmt.Errorf("%w: the leaf is not in that checkpoint", ErrReceipt)
	}
	inner := bits.Len64(uint64(index) ^ uint64(size-1)) // levels at which a sibling may stand on either side
	if len(proof) != inner+bits.OnesCount64(uint64(index)>>inner) {
		return Hash{}, fmt.Errorf("%w: the proof has not its length", ErrReceipt)
	}
	h := leaf
	for i, p := range proof {
		if i >= inner || index>>i&1 == 1 {
			h = tlog.NodeHash(p, h)
		} else {
			h = tlog.NodeHash(h, p)
		}
	}
	return h, nil
}
