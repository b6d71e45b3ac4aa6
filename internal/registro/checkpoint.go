package registro

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	cosigned "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is the state of a log at one size, as the ente signs it and witnesses
// co-sign it: a C2SP signed note of three lines.
//
// ref: c2sp-checkpoint
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// originPrefix begins the name of every log of this program.
const originPrefix = "tutela/registro/"

// Origin names an ente's log in one epoch: a new one begins when an older state was
// put back.
func Origin(ente string, epoch int) string { return originPrefix + ente + "/" + strconv.Itoa(epoch) }

// ParseOrigin reads what Origin wrote.
func ParseOrigin(origin string) (ente string, epoch int, err error) {
	rest, ok := strings.CutPrefix(origin, originPrefix)
	ente, n, ok2 := strings.Cut(rest, "/")
	epoch, err = strconv.Atoi(n)
	if !ok || !ok2 || err != nil || epoch < 1 || Origin(ente, epoch) != origin || !Valid(ente) {
		return "", 0, fmt.Errorf("%w: %q is no log of this program", ErrCheckpoint, origin)
	}
	return ente, epoch, nil
}

var (
	// ErrCheckpoint says that a text is no checkpoint, or that none of the keys it was
	// read with signed it.
	ErrCheckpoint = errors.New("registro: not a checkpoint signed by that key")
	// ErrFork says that two checkpoints of one log cannot both be true.
	ErrFork = errors.New("registro: two checkpoints of one log contradict each other")
)

// Text is what is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Sign makes the signed note, with each of the keys: of a change of key, both.
func (c Checkpoint) Sign(keys ...ed25519.PrivateKey) ([]byte, error) {
	var signers []note.Signer
	for _, k := range keys {
		s, err := newSigner(c.Origin, k)
		if err != nil {
			return nil, err
		}
		signers = append(signers, s)
	}
	return note.Sign(&note.Note{Text: c.Text()}, signers...)
}

// signer signs notes with a key that its holder keeps as it is.
type signer struct {
	note.Verifier
	key ed25519.PrivateKey
}

func newSigner(name string, key ed25519.PrivateKey) (note.Signer, error) {
	v, err := newVerifier(name, Public(key))
	return signer{v, key}, err
}

func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

func newVerifier(name string, public ed25519.PublicKey) (note.Verifier, error) {
	k, err := note.NewEd25519VerifierKey(name, public)
	if err != nil {
		return nil, fmt.Errorf("make a verifier key: %w", err)
	}
	return note.NewVerifier(k)
}

// VerifierKey is a log's public key as it is published: name, hash, key. Whoever
// checks has it from outside: from a poster, from an association's site.
func VerifierKey(name string, public ed25519.PublicKey) (string, error) {
	return note.NewEd25519VerifierKey(name, public)
}

// KeyOf gives the verifier of an epoch of the log from a published key of any epoch of
// it: the key is the same, its name has the epoch's number.
func KeyOf(published, origin string) (note.Verifier, error) {
	name, rest, ok := strings.Cut(published, "+")
	_, data, ok2 := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(data)
	if _, e := note.NewVerifier(published); e != nil || err != nil || !ok || !ok2 || len(raw) != 1+ed25519.PublicKeySize {
		return nil, errors.Join(fmt.Errorf("%w: the key is not written as it was published", ErrCheckpoint), e)
	}
	ente, _, err := ParseOrigin(name)
	if err != nil {
		return nil, err
	}
	other, _, err := ParseOrigin(origin)
	if err != nil {
		return nil, err
	}
	if ente != other {
		return nil, fmt.Errorf("%w: the key is of %q, the log of %q", ErrCheckpoint, ente, other)
	}
	return newVerifier(origin, raw[1:])
}

// maxNote bounds a note that comes from outside: bytes.
const maxNote = 16 << 10

// OpenCheckpoint reads a signed note, if one of the published keys signed it.
func OpenCheckpoint(signed []byte, published ...string) (Checkpoint, error) {
	c, err := ReadCheckpoint(signed)
	if err != nil {
		return c, err
	}
	var vv []note.Verifier
	for _, p := range published {
		v, err := KeyOf(p, c.Origin)
		if err != nil {
			return c, err
		}
		vv = append(vv, v)
	}
	if _, err := note.Open(signed, note.VerifierList(vv...)); err != nil {
		return c, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return c, nil
}

// ReadCheckpoint reads the text of a note, whoever signed it: it proves nothing.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, ok := strings.Cut(string(signed), "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(signed) > maxNote || len(lines) != 3 {
		return Checkpoint{}, ErrCheckpoint
	}
	c := Checkpoint{Origin: lines[0]}
	var err1, err2 error
	c.Size, err1 = strconv.ParseInt(lines[1], 10, 64)
	c.Root, err2 = tlog.ParseHash(lines[2])
	if err1 != nil || err2 != nil || c.Size < 0 || c.Text() != text+"\n" {
		return Checkpoint{}, ErrCheckpoint
	}
	if _, _, err := ParseOrigin(c.Origin); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// Cosignature is what a witness says of a checkpoint: that it saw it, when, and that
// it goes on from the one it saw before.
//
// ref: c2sp-cosignature
type Cosignature struct {
	Witness string // its published key
	Name    string
	At      time.Time // UTC, seconds
	Line    string    // as it stands under the note
}

// Cosign adds a witness's signature to a note and gives its line. The key is as
// NewWitness made it.
func Cosign(signed []byte, key string) (line string, err error) {
	s, err := cosigned.NewSignerForCosignatureV1(key)
	if err != nil {
		return "", fmt.Errorf("read the witness's key: %w", err)
	}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	out, err := note.Sign(&note.Note{Text: text + "\n"}, s)
	if err != nil {
		return "", fmt.Errorf("co-sign: %w", err)
	}
	_, line, _ = strings.Cut(string(out), "\n\n")
	return line, nil
}

// CheckCosignature reads the line that a witness put under a note.
func CheckCosignature(signed []byte, line, published string) (Cosignature, error) {
	k, err := cosigned.VKeyToCosignatureV1(published)
	if err != nil {
		return Cosignature{}, fmt.Errorf("%w: the witness's key is not written as it was published", ErrCheckpoint)
	}
	v, err := cosigned.NewVerifierForCosignatureV1(k)
	if err != nil {
		return Cosignature{}, fmt.Errorf("%w: the witness's key is not written as it was published", ErrCheckpoint)
	}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	n, err := note.Open([]byte(text+"\n\n"+line), note.VerifierList(v))
	if err != nil || len(n.Sigs) != 1 || len(n.UnverifiedSigs) > 0 {
		return Cosignature{}, fmt.Errorf("%w: the witness did not sign it", ErrCheckpoint)
	}
	at, err := cosigned.CoSigV1Timestamp(n.Sigs[0])
	if err != nil {
		return Cosignature{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return Cosignature{Witness: published, Name: v.Name(), At: at.UTC(), Line: line}, nil
}

// CheckGrowth reports with ErrFork that a log did not only grow from one checkpoint to
// the other, as the proof should say.
func CheckGrowth(before, after Checkpoint, proof []Hash) error {
	if before.Size == after.Size && before.Root == after.Root || before.Size == 0 {
		return nil
	}
	if before.Size >= after.Size {
		return ErrFork
	}
	if err := tlog.CheckTree(proof, after.Size, after.Root, before.Size, before.Root); err != nil {
		return fmt.Errorf("%w: %w", ErrFork, err)
	}
	return nil
}

// Public is the public half of a key that signs.
func Public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }
