package registro

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Receipt proves that an act stands in an ente's log: its leaf, where, and the
// checkpoint of which it is part. There is no name in it and no key.
type Receipt struct {
	V          int      `json:"v"`
	Leaf       string   `json:"foglia"`
	Index      int64    `json:"indice"`
	Proof      []Hash   `json:"prova"`
	Checkpoint string   `json:"checkpoint"`
	Cosigned   []string `json:"cofirme,omitempty"` // lines of witnesses, to be added to the note
}

// ErrReceipt says that a file is no receipt, or that it does not prove what it says.
var ErrReceipt = errors.New("registro: the receipt does not prove what it says")

const (
	receiptVersion = 1
	maxReceipt     = 64 << 10 // bytes
)

// ParseReceipt reads a receipt strictly: its file, or what its QR code says. It proves
// nothing yet: see Verify.
func ParseReceipt(b []byte) (Receipt, error) {
	var r Receipt
	if t := bytes.TrimSpace(b); len(t) > 0 && t[0] != '{' {
		return ParseCompact(string(t))
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if len(b) > maxReceipt {
		return r, fmt.Errorf("%w: it is too big to be one", ErrReceipt)
	}
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if r.V != receiptVersion || d.More() {
		return r, fmt.Errorf("%w: unknown version", ErrReceipt)
	}
	return r, nil
}

// Verify checks a receipt with nothing but the published key of the log, and gives
// what it proves: the act as it was recorded, in the log as it was signed.
func (r Receipt) Verify(published ...string) (Leaf, Checkpoint, error) {
	leaf, err := ParseLeaf([]byte(r.Leaf))
	if err != nil {
		return leaf, Checkpoint{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	c, err := OpenCheckpoint([]byte(r.Checkpoint), published...)
	if err != nil {
		return leaf, c, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	ente, epoch, err := ParseOrigin(leaf.Log)
	inLog, now, err2 := ParseOrigin(c.Origin)
	if err != nil || err2 != nil || ente != inLog || epoch > now {
		return leaf, c, fmt.Errorf("%w: the leaf is of another log", ErrReceipt)
	}
	if r.Index < 0 || r.Index >= c.Size {
		return leaf, c, fmt.Errorf("%w: the leaf is not in that checkpoint", ErrReceipt)
	}
	if err := tlog.CheckRecord(r.Proof, c.Size, c.Root, r.Index, HashText([]byte(r.Leaf))); err != nil {
		return leaf, c, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	return leaf, c, nil
}

// NewReceipt is the receipt of a leaf in a signed checkpoint.
func NewReceipt(leaf []byte, index int64, proof []Hash, signed []byte, cosigned ...string) Receipt {
	return Receipt{V: receiptVersion, Leaf: string(leaf), Index: index, Proof: proof, Checkpoint: string(signed), Cosigned: cosigned}
}

// JSON is the receipt as a file.
func (r Receipt) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", " ")
	return append(b, '\n'), err
}
