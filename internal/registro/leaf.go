// Package registro is the tamper-evident log of an ente: what an act leaves in it, the
// tree it stands in, the checkpoints that are signed of the tree, and the receipts and
// witnesses that hold the ente to them. It reads no database and no network.
package registro

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a hash of the tree: SHA-256, 32 bytes.
type Hash = tlog.Hash

// Leaf is what one act leaves in the log. It commits to the bytes of the act and says
// nothing of a person: it outlives the content, and its salt keeps what is published
// of it from being guessed.
//
// ref: rfc6962
type Leaf struct {
	Log        string // origin of the tree when it was added
	Registro   string // empty: the record is of no register
	Numero     string // 2026/0001234; empty: none
	Pratica    string // id; empty: the record is of no case
	Seq        int    // of the act in its case; 0 where there is none
	Kind       string
	Istante    time.Time // UTC, milliseconds
	Busta      Hash      // SHA-256 of the envelope's bytes, or of the record's
	Contenuto  *Hash     // Contents of the act; nil: it has none
	Precedente *Hash     // leaf hash of the case's previous act; nil: there is none
	Sale       [16]byte
}

const (
	leafVersion = "tutela/foglia/v1"
	leafInstant = "2006-01-02T15:04:05.000Z"
	none        = "-"
)

// ErrLeaf says that a text is not a leaf as this program writes it.
var ErrLeaf = errors.New("registro: not a leaf")

var leafValue = regexp.MustCompile(`^[A-Za-z0-9._:/-]+$`)

// Valid reports whether a name may stand in a leaf: of a register, an ente, a kind of
// act. "-" stands for none.
func Valid(nome string) bool { return nome != none && leafValue.MatchString(nome) }

// leafFields are the lines of a leaf, in their order.
var leafFields = []string{"log", "registro", "numero", "pratica", "atto", "istante", "busta", "contenuto", "precedente", "sale"}

// Text is the leaf as it is hashed and shown. It fails on a value that has no place in
// the grammar.
func (l Leaf) Text() ([]byte, error) {
	values := []string{l.Log, l.Registro, l.Numero, l.Pratica, l.Kind}
	for i, v := range values {
		if v == "" && i > 0 && i < 4 {
			values[i] = none
		} else if !Valid(v) {
			return nil, fmt.Errorf("%w: %q has no place in it", ErrLeaf, v)
		}
	}
	var b bytes.Buffer
	b.WriteString(leafVersion + "\n")
	for i, v := range []string{values[0], values[1], values[2], values[3], strconv.Itoa(l.Seq) + " " + l.Kind,
		l.Istante.UTC().Format(leafInstant), hex.EncodeToString(l.Busta[:]), hexOrNone(l.Contenuto), hexOrNone(l.Precedente),
		base64.RawURLEncoding.EncodeToString(l.Sale[:])} {
		b.WriteString(leafFields[i] + " " + v + "\n")
	}
	return b.Bytes(), nil
}

// Hash is the leaf's hash in the tree. What is published of a leaf is the SHA-256 of
// its text, and the tree stands over that.
func (l Leaf) Hash() (Hash, error) {
	t, err := l.Text()
	if err != nil {
		return Hash{}, err
	}
	return HashText(t), nil
}

// HashText is the hash in the tree of a leaf's text.
func HashText(text []byte) Hash {
	h := sha256.Sum256(text)
	return tlog.RecordHash(h[:])
}

// ParseLeaf reads a leaf's text: every line once, in its order, and no other spelling
// of the same leaf.
func ParseLeaf(text []byte) (Leaf, error) {
	lines := strings.Split(string(text), "\n")
	if len(lines) != len(leafFields)+2 || lines[0] != leafVersion || lines[len(lines)-1] != "" {
		return Leaf{}, ErrLeaf
	}
	v := map[string]string{}
	for i, f := range leafFields {
		value, ok := strings.CutPrefix(lines[i+1], f+" ")
		if !ok {
			return Leaf{}, fmt.Errorf("%w: line %d is not %q", ErrLeaf, i+2, f)
		}
		v[f] = value
	}
	seq, kind, _ := strings.Cut(v["atto"], " ")
	n, err1 := strconv.Atoi(seq)
	il, err2 := time.Parse(leafInstant, v["istante"])
	sale, err3 := base64.RawURLEncoding.DecodeString(v["sale"])
	l := Leaf{Log: v["log"], Registro: unlessNone(v["registro"]), Numero: unlessNone(v["numero"]), Pratica: unlessNone(v["pratica"]),
		Seq: n, Kind: kind, Istante: il}
	var err4 error
	for name, dest := range map[string]**Hash{"contenuto": &l.Contenuto, "precedente": &l.Precedente} {
		if v[name] != none {
			*dest = new(Hash)
			err4 = errors.Join(err4, unhex(v[name], *dest))
		}
	}
	if err := errors.Join(err1, err2, err3, err4, unhex(v["busta"], &l.Busta)); err != nil || len(sale) != len(l.Sale) {
		return Leaf{}, fmt.Errorf("%w: %w", ErrLeaf, err)
	}
	copy(l.Sale[:], sale)
	again, err := l.Text()
	if err != nil || !bytes.Equal(again, text) {
		return Leaf{}, fmt.Errorf("%w: not in the one spelling there is", ErrLeaf)
	}
	return l, nil
}

// NewRecord is the leaf of what is no act of a case, by the bytes that say it.
func NewRecord(log, kind string, il time.Time, record []byte) Leaf {
	l := Leaf{Log: log, Kind: kind, Istante: il, Busta: sha256.Sum256(record)}
	_, _ = rand.Read(l.Sale[:])
	return l
}

// Record is what stands in the log and is no act of a case, as it is stored.
type Record struct {
	Pos  int64
	Kind string
	At   time.Time
	Text []byte
	Sale [16]byte
	Leaf []byte // hash
}

// Of is the leaf that a stored record should have.
func (r Record) Of(log string) Leaf {
	return Leaf{Log: log, Kind: r.Kind, Istante: r.At, Busta: sha256.Sum256(r.Text), Sale: r.Sale}
}

// Contents is the hash of all the sealed contents of an act, from the hash of each in
// the order of their places; nil for an act that has none. The hashes outlive the
// contents, and so does the proof.
func Contents(each [][]byte) *Hash {
	if len(each) == 0 {
		return nil
	}
	h := sha256.New()
	for _, x := range each {
		h.Write(x)
	}
	return (*Hash)(h.Sum(nil))
}

func hexOrNone(h *Hash) string {
	if h == nil {
		return none
	}
	return hex.EncodeToString(h[:])
}

func unlessNone(v string) string {
	if v == none {
		return ""
	}
	return v
}

func unhex(s string, h *Hash) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return fmt.Errorf("%q is no hash", s)
	}
	copy(h[:], b)
	return nil
}

// KindRestore is the record that declares that an older state was put back: with it an
// epoch begins.
const KindRestore = "ripristino"

// Restore is what that record says.
type Restore struct {
	Epoch    int              `json:"epoca"`   // that begins
	Signed   int64            `json:"firmate"` // leaves that had been signed
	Root     Hash             `json:"radice"`  // of what had been signed
	From     int64            `json:"da"`      // leaves that are left
	Reason   string           `json:"motivo"`  // no personal data
	Annulled map[string][]int `json:"annulla"` // by register and year: first and last number lost
}

// EpochList are the places at which epochs begin.
type EpochList []int64

// Epochs are the epochs that the records of a log begin, after the first.
func Epochs(records []Record) EpochList {
	var out EpochList
	for _, r := range records {
		if r.Kind == KindRestore {
			out = append(out, r.Pos)
		}
	}
	return out
}

// At is the epoch of the leaf at a place.
func (e EpochList) At(pos int64) int {
	n := 1
	for _, p := range e {
		if p <= pos {
			n++
		}
	}
	return n
}

// Annulled are the numbers that records declared lost, by register and year.
func Annulled(records []Record) map[string]map[int]bool {
	out := map[string]map[int]bool{}
	for _, r := range records {
		var x Restore
		if r.Kind != KindRestore || json.Unmarshal(r.Text, &x) != nil {
			continue
		}
		for k, n := range x.Annulled {
			if out[k] == nil {
				out[k] = map[int]bool{}
			}
			for i := 0; i+1 < len(n); i += 2 {
				for x := n[i]; x <= n[i+1]; x++ {
					out[k][x] = true
				}
			}
		}
	}
	return out
}
